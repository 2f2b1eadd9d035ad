"""How often verdicts are wrong, in two senses, and how often they should be by what they say themselves.

Of a record of known truth a definite verdict can be wrong about the event, which in this one world went the other way;
or about the claim, whose true probability lies on the other side of the boundary. A verdict that says 0.6 and is right
about the claim is wrong about the event four times in ten, whatever the software does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from tocsin.claims.claim import Rule
from tocsin.experiments.statistics import share, wilson
from tocsin.experiments.targets import by_draw

DEFINITE = ("supported", "refuted")


@dataclass(frozen=True)
class Trial:
    """One judged record of known truth.

    happened: the event, in the record's own counterfactual; p: the number that the verdict shows first; effective:
    effective sample size; chance: true probability of the event, given the truth's own parameters (NaN: not known),
    from `fresh` runs (infinite: exact), or of an effect whether the claim holds, 0 or 1; rule: the boundaries that were
    judged by; clear: whether the error of the true effect leaves no doubt of that.
    """

    draw: int
    kind: str
    happened: bool
    p: float
    effective: float
    chance: float = math.nan
    fresh: float = math.inf
    rule: Rule = field(default_factory=Rule)
    clear: bool = True

    @property
    def definite(self) -> bool:
        """Whether the verdict says anything."""
        return self.kind in DEFINITE

    @property
    def wrong_event(self) -> bool:
        """A definite verdict that the record's own counterfactual contradicts."""
        return self.kind == ("refuted" if self.happened else "supported")

    @property
    def expected(self) -> float:
        """The probability of `wrong_event` by what the verdict itself says; 0 if it says nothing."""
        return {"supported": 1.0 - self.p, "refuted": self.p}.get(self.kind, 0.0)

    @property
    def wrong_claim(self) -> bool:
        """A definite verdict whose true probability is on the other side of its boundary, or on it."""
        return self._beyond(self.chance, self.chance)

    @property
    def clearly_wrong_claim(self) -> bool:
        """The same where chance in the fresh runs does not explain it: all of Wilson's interval is beyond."""
        if math.isinf(self.fresh) or math.isnan(self.chance):
            return self.wrong_claim and self.clear
        return self._beyond(*wilson(self.chance * self.fresh, self.fresh))

    def _beyond(self, low: float, high: float) -> bool:
        if self.kind == "supported":
            return high <= self.rule.above
        return self.kind == "refuted" and low >= self.rule.below


Share = tuple[float, float, float]
"""A share with its 95 % interval; NaN, 0 and 1 where there is nothing to count."""


@dataclass(frozen=True)
class Rates:
    """Counts and shares of definite verdicts.

    stated: share that should be wrong about the event, by what the verdicts say themselves; known: definite verdicts
    whose true probability is known; effective: median effective sample size of all trials.
    """

    trials: int
    definite: int
    wrong_event: int
    event: Share
    stated: float
    known: int
    wrong_claim: int
    clearly_wrong_claim: int
    claim: Share
    effective: float

    @property
    def calibrated(self) -> bool:
        """Whether what the verdicts say of themselves is within the interval of what was found."""
        return not self.definite or self.event[1] <= self.stated <= self.event[2]


def rates(found: Sequence[Trial]) -> Rates:
    """How often a verdict is definite, and wrong in either sense; verdicts on one record are not independent."""
    definite = [t for t in found if t.definite]
    known = [t for t in definite if not math.isnan(t.chance)]
    return Rates(
        len(found), len(definite), sum(t.wrong_event for t in definite),
        _share(definite, [t.wrong_event for t in definite]),
        sum(t.expected for t in definite) / len(definite) if definite else math.nan,
        len(known), sum(t.wrong_claim for t in known), sum(t.clearly_wrong_claim for t in known),
        _share(known, [t.wrong_claim for t in known]), median(t.effective for t in found) if found else math.nan,
    )  # fmt: skip


def _share(of: Sequence[Trial], wrong: Sequence[bool]) -> Share:
    """Wilson's interval with the effective number of trials, a row for each record."""
    if not of:
        return math.nan, 0.0, 1.0
    return share(by_draw(np.array(wrong, np.float64), np.array([t.draw for t in of])))
