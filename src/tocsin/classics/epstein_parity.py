"""The same society in the installed Mesa example and in ours, to see whether they are the same model.

Mesa is needed only here (a test dependency, imported on use). The example's departures from the paper are the reading
MESA of classics/epstein_world.py: C/A rounded with halves to even; sight a diamond of 112 sites; every site draws what
it holds; decide, then move; jailed citizens block their site; terms 0 .. J_max that run down when their holder is
woken. Its `citizen_vision` is used by some releases only; both visions are set alike here. In Moore, the square of 224
sites, the example is the same but for the class of its grid.

Two releases have two ways to say the same: keyword arguments (up to 3.3, the last for Python 3.11) and a scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from unittest.mock import patch

import numpy as np

from tocsin.classics.declare import Effort, Part
from tocsin.classics.epstein_outbursts import RUN_2
from tocsin.classics.epstein_world import MESA, MESA_MOORE, Reading, Society, build
from tocsin.exact import Floats

_MODULE = "mesa.examples.advanced.epstein_civil_violence.model"
_GRID = "OrthogonalVonNeumannGrid"
SEEDS, TOGETHER = 30, 5
"""Runs of each program in a case, and how many of them are one piece of work."""
DEFAULTS = Society(legitimacy=0.8, longest=1000, cops=0.074)
"""The example as it is shipped."""


def mesa_version() -> str:
    """The installed release, "" if there is none."""
    try:
        return version("mesa")
    except PackageNotFoundError:
        return ""


def mesa_model(society: Society, seed: int, reading: Reading = MESA) -> Any:
    """The bundled example with the numbers of a society; its collector of agent rows, which only watches, is off."""
    module: Any = import_module(_MODULE)
    space: Any = import_module("mesa.discrete_space")
    with ExitStack() as patches:
        if reading.shape == "square":  # releases name the class in one place or in the other
            for owner in (o for o in (space, module) if _GRID in vars(o)):
                patches.enter_context(patch.object(owner, _GRID, space.OrthogonalMooreGrid))
        model = _built(module, society, seed)
    model.datacollector.collect = lambda *_: None
    return model


def _built(module: Any, society: Society, seed: int) -> Any:
    """The example before its first step, as its release wants to be told."""
    given: dict[str, Any] = {
        "citizen_density": society.people, "cop_density": society.cops,
        "citizen_vision": int(society.vision), "cop_vision": int(society.vision),
        "legitimacy": society.legitimacy, "max_jail_term": society.longest,
        "active_threshold": society.threshold, "arrest_prob_constant": society.steepness,
        "movement": society.moving, "max_iters": 10**9,
    }  # fmt: skip
    scenario = getattr(module, "EpsteinScenario", None)
    if scenario is None:
        return module.EpsteinCivilViolence(width=society.side, height=society.side, seed=seed, **given)
    scenario = scenario(rng=seed, **given)
    return module.EpsteinCivilViolence(width=society.side, height=society.side, scenario=scenario)


def mesa_means(society: Society, seed: int, periods: int, reading: Reading = MESA) -> tuple[float, float]:
    """Mean numbers of active and of jailed citizens over the periods of one run of Mesa's example."""
    model, active, jailed = mesa_model(society, seed, reading), 0, 0
    for _ in range(periods):
        model.step()
        active, jailed = active + int(model.ACTIVE), jailed + int(model.ARRESTED)
    return active / periods, jailed / periods


def our_means(society: Society, seed: int, periods: int, reading: Reading = MESA) -> tuple[float, float]:
    """The same of one run of ours."""
    past = build(society, reading, seed).advance(periods)
    return float(past.active.mean()), float(past.jailed.mean())


def both(society: Society, seeds: Sequence[int], periods: int, reading: Reading = MESA) -> dict[str, list[float]]:
    """The four samples, one number a seed; seeds are not shared, the two draw differently."""
    theirs = [mesa_means(society, s, periods, reading) for s in seeds]
    ours = [our_means(society, s, periods, reading) for s in seeds]
    return {
        "their_active": [a for a, _ in theirs],
        "their_jailed": [j for _, j in theirs],
        "our_active": [a for a, _ in ours],
        "our_jailed": [j for _, j in ours],
    }


@dataclass(frozen=True)
class Case:
    """A society that both programs play, in one geometry, for some periods."""

    label: str
    society: Society
    reading: Reading
    periods: int

    def block(self, effort: Effort, first: int) -> dict[str, list[float]]:
        """The samples of TOGETHER seeds from `first` on."""
        seeds, side = range(first, first + TOGETHER), self.society.side
        run = f"{self.label}, {side} x {side}, seeds {first}-{seeds[-1]}, {self.periods} periods"
        make = partial(both, self.society, seeds, self.periods, self.reading)
        return effort.keep(f"Mesa {mesa_version()}, {run}", make)

    def samples(self, effort: Effort) -> dict[str, list[float]]:
        """The samples of all seeds."""
        blocks = [self.block(effort, first) for first in range(1, SEEDS + 1, TOGETHER)]
        return {what: [x for b in blocks for x in b[what]] for what in blocks[0]}


def cases(effort: Effort) -> tuple[Case, ...]:
    """Run 2 and the example as shipped in both geometries on 40 x 40; in the quick form Run 2 in one, on 20 x 20."""
    if not effort.full:
        return (Case("Run 2, Von Neumann", replace(RUN_2, side=20), MESA, 30),)
    named = (("Run 2", RUN_2), ("the example's defaults", DEFAULTS))
    shapes = (("Moore", MESA_MOORE), ("Von Neumann", MESA))
    return tuple(Case(f"{what}, {shape}", society, r, 120) for shape, r in shapes for what, society in named)


def parts(effort: Effort) -> list[Part]:
    """The blocks of all cases, the longest first; none where Mesa is not installed."""
    firsts = range(1, SEEDS + 1, TOGETHER) if mesa_version() else ()
    return [partial(case.block, effort, first) for case in cases(effort) for first in firsts]


def same(samples: Mapping[str, Sequence[float]], what: str) -> float:
    """p of the two-sample Kolmogorov-Smirnov test that both draw `what` ("active", "jailed") from one distribution."""
    from scipy.stats import ks_2samp

    return float(ks_2samp(samples[f"their_{what}"], samples[f"our_{what}"]).pvalue)


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error."""
    x: Floats = np.asarray(values, dtype=np.float64)
    return float(x.mean()), float(x.std(ddof=1) / np.sqrt(x.size))
