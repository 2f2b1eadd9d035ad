"""The same society in the installed Mesa example and in ours, to see whether they are the same model.

Mesa is needed only here (a test dependency, imported on use). The example's departures from the paper are the reading
MESA of classics/epstein_world.py: C/A rounded with halves to even; sight a diamond of 112 sites; every site draws what
it holds; decide, then move; jailed citizens block their site; terms 0 .. J_max that run down when their holder is
woken. Its `citizen_vision` is used by some releases only; both visions are set alike here.

Two releases have two ways to say the same: keyword arguments (up to 3.3, the last for Python 3.11) and a scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from tocsin.classics.epstein_world import MESA, Society, build
from tocsin.exact import Floats

_MODULE = "mesa.examples.advanced.epstein_civil_violence.model"


def mesa_version() -> str:
    """The installed release, "" if there is none."""
    try:
        return version("mesa")
    except PackageNotFoundError:
        return ""


def mesa_model(society: Society, seed: int) -> Any:
    """The bundled example with the numbers of a society; its collector of agent rows, which only watches, is off."""
    module: Any = import_module(_MODULE)
    given: dict[str, Any] = {
        "citizen_density": society.people, "cop_density": society.cops,
        "citizen_vision": int(society.vision), "cop_vision": int(society.vision),
        "legitimacy": society.legitimacy, "max_jail_term": society.longest,
        "active_threshold": society.threshold, "arrest_prob_constant": society.steepness,
        "movement": society.moving, "max_iters": 10**9,
    }  # fmt: skip
    scenario = getattr(module, "EpsteinScenario", None)
    if scenario is None:
        model = module.EpsteinCivilViolence(width=society.side, height=society.side, seed=seed, **given)
    else:
        scenario = scenario(rng=seed, **given)
        model = module.EpsteinCivilViolence(width=society.side, height=society.side, scenario=scenario)
    model.datacollector.collect = lambda *_: None
    return model


def mesa_means(society: Society, seed: int, periods: int) -> tuple[float, float]:
    """Mean numbers of active and of jailed citizens over the periods of one run of Mesa's example."""
    model, active, jailed = mesa_model(society, seed), 0, 0
    for _ in range(periods):
        model.step()
        active, jailed = active + int(model.ACTIVE), jailed + int(model.ARRESTED)
    return active / periods, jailed / periods


def our_means(society: Society, seed: int, periods: int) -> tuple[float, float]:
    """The same of one run of ours."""
    past = build(society, MESA, seed).advance(periods)
    return float(past.active.mean()), float(past.jailed.mean())


def both(society: Society, seeds: Sequence[int], periods: int) -> dict[str, list[float]]:
    """The four samples, one number a seed; seeds are not shared, the two draw differently."""
    theirs = [mesa_means(society, s, periods) for s in seeds]
    ours = [our_means(society, s, periods) for s in seeds]
    return {
        "their_active": [a for a, _ in theirs],
        "their_jailed": [j for _, j in theirs],
        "our_active": [a for a, _ in ours],
        "our_jailed": [j for _, j in ours],
    }


def same(samples: Mapping[str, Sequence[float]], what: str) -> float:
    """p of the two-sample Kolmogorov-Smirnov test that both draw `what` ("active", "jailed") from one distribution."""
    from scipy.stats import ks_2samp

    return float(ks_2samp(samples[f"their_{what}"], samples[f"our_{what}"]).pvalue)


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error."""
    x: Floats = np.asarray(values, dtype=np.float64)
    return float(x.mean()), float(x.std(ddof=1) / np.sqrt(x.size))
