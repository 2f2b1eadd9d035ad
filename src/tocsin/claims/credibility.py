"""Whether the model earned a say: what it forecasts of the held-out figures, against persistence (science.md 4).

Runs weighted by the training figures alone give each held-out figure a probability; so does persistence, for which the
last training figure of the same kind and place stays what it was, or nothing happens where there is none. Both speak
through the same laws of report. The score is the sum of ln probabilities (Good 1952, J. R. Stat. Soc. B 14). Where the
model's is lower, verdicts that rest on all figures are barred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.evidence import Ask
from tocsin.claims.laws import FLOOR, ln_counts, ln_crowds, ln_detained
from tocsin.claims.weights import effective, normalised
from tocsin.scenario.parts import Target
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Credibility:
    """Log scores of the held-out figures, in nats. figures: how many; effective: draws that the training figures leave.

    by_figure: name -> (score of the model, score of persistence).
    """

    model: float
    persistence: float
    figures: int
    effective: float
    by_figure: Mapping[str, tuple[float, float]]

    @property
    def barred(self) -> bool:
        """Whether the model forecasts worse than persistence."""
        return self.model < self.persistence

    def __str__(self) -> str:
        """Both scores in a sentence."""
        than = "worse" if self.barred else "no worse"
        return (
            f"the model, given the training figures, forecasts the {self.figures} held-out ones {than} than "
            f"persistence: log score {self.model:.1f} against {self.persistence:.1f}, with {self.effective:.1f} "
            "effective draws"
        )


def held_out(scenario: Scenario) -> tuple[Target, ...]:
    """The figures that are kept back from the fit."""
    return tuple(t for t in scenario.targets if t.role == "held-out")


def training(scenario: Scenario) -> tuple[Target, ...]:
    """The figures that may be fitted."""
    return tuple(t for t in scenario.targets if t.role == "train")


def asks(scenario: Scenario) -> tuple[Ask, ...]:
    """What has to be asked of each run of the world as written: the training figures together, each other one alone."""
    together = tuple(t.name for t in training(scenario))
    return tuple(Ask(targets=names, until=math.inf) for names in (together, *((t.name,) for t in held_out(scenario))))


def credibility(scenario: Scenario, tables: Mapping[Ask, Floats]) -> Credibility | None:
    """The scores of both; None for a scenario without training or held-out figures.

    tables: ln likelihoods [D, S] of all that is asked, NaN for a missing run.
    """
    kept, known = held_out(scenario), training(scenario)
    train, *rest = (tables[ask] for ask in asks(scenario))
    if not kept or not known or np.isnan(train).all():
        return None
    weights = normalised(train)
    found = {t.name: (_forecast(ln, weights), persists(t, known)) for t, ln in zip(kept, rest, strict=True)}
    model, still = (math.fsum(scores[i] for scores in found.values()) for i in (0, 1))
    return Credibility(model, still, len(kept), effective(weights), found)


def _forecast(ln: Floats, weights: Floats) -> float:
    """ln of the weighted mean likelihood."""
    known = ~np.isnan(ln) & (weights > 0)
    return float(np.logaddexp.reduce(ln[known] + np.log(weights[known] / weights[known].sum())))


def persists(target: Target, known: Sequence[Target]) -> float:
    """ln probability of a figure, if the last one of its kind and place in `known` before it were still true."""
    same = [t for t in known if (t.metric, t.place) == (target.metric, target.place) and t.day < target.day]
    last = max(same, key=lambda t: t.day, default=None)
    value = 0.0 if last is None else 0.5 * (last.low + last.high)
    return _LAWS.get(target.model, _within)(value, target)


def _within(value: float, target: Target) -> float:
    low, high = (target.low, target.high) if target.metric == "control" else target.interval
    return 0.0 if low - 1e-9 <= value <= high + 1e-9 else math.log(FLOOR)


_LAWS: Mapping[str, Callable[[float, Target], float]] = {
    "crowd": lambda value, target: ln_crowds([value], [target], 1.0),
    "deaths": lambda value, target: ln_counts(value, target, 1.0),
    "injured": lambda value, target: ln_counts(value, target, 1.0),
    "detained": lambda value, target: ln_detained(lambda _: value, [target], 1.0),
}
