"""A laboratory for uprisings: whole societies, one person at a time, to test claims about what would have happened."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.claims.ledger import judge
    from tocsin.claims.load import load as claims
    from tocsin.engine.run import run
    from tocsin.errors import TocsinError
    from tocsin.experiments.contrast import Contrast, contrast, open_store
    from tocsin.experiments.ensemble import Ensemble, ensemble
    from tocsin.experiments.interaction import interaction
    from tocsin.experiments.sweep import sweep
    from tocsin.report.page import write as report
    from tocsin.results.record import Run
    from tocsin.scenario.load import load
    from tocsin.scenario.load import names as scenarios
    from tocsin.scenario.scenario import Scenario

__version__ = "0.1.0"

_HOMES = {
    "load": "scenario.load:load",
    "scenarios": "scenario.load:names",
    "Scenario": "scenario.scenario:Scenario",
    "run": "engine.run:run",
    "Run": "results.record:Run",
    "ensemble": "experiments.ensemble:ensemble",
    "Ensemble": "experiments.ensemble:Ensemble",
    "contrast": "experiments.contrast:contrast",
    "Contrast": "experiments.contrast:Contrast",
    "interaction": "experiments.interaction:interaction",
    "sweep": "experiments.sweep:sweep",
    "claims": "claims.load:load",
    "judge": "claims.ledger:judge",
    "open_store": "experiments.contrast:open_store",
    "report": "report.page:write",
    "TocsinError": "errors:TocsinError",
}

__all__ = [  # noqa: RUF022 - in the order in which one meets them
    "load", "scenarios", "Scenario", "run", "Run", "ensemble", "Ensemble", "contrast", "Contrast", "interaction",
    "sweep", "claims", "judge", "open_store", "report", "TocsinError", "__version__",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import tocsin` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tocsin' has no attribute {name!r}")
    module, attribute = _HOMES[name].split(":")
    return getattr(import_module(f"tocsin.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
