"""One finished run: what was put in, what was recorded, how it ended. Opens without any kernel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

PLACE_SERIES = (
    "marching",
    "striking",
    "occupying",
    "turnout",
    "detained",
    "in_custody",
    "wounded",
    "killed",
    "detained_expected",
    "wounded_expected",
    "killed_expected",
    "former",
    "control",
    "sites_lost",
    "force",
    "loyal",
)
"""Recorded per tick and place. People are counted one for one (thinned counts times people per agent); `turnout` is the
number committed to any tactic, `detained`, `wounded` and `killed` are running totals, `control` is 0, 1 or 2,
`force` is loyal staff present, `loyal` the loyal share of its units in 1/10,000. `..._expected` are the same running
totals as they were to be expected given who was in the street, in 1/1,000 people: the probabilities that were drawn
against, added up. They have no noise of thinning of their own, which at 1:1,000 is all that a few hundred dead have."""
EXPECTED = 1000
"""What the series of expected people are in: so many parts of one."""
NATIONAL_SERIES = (
    "survival",
    "believed_force",
    "believed_against",
    "elite_strength",
    "troops",
    "defected",
    "injured_forces",
    "demand",
    "organisation",
    "requested",
    "consents",
    "lethal",
)
"""Recorded per tick, for the home state. `survival` (believed survival s), `elite_strength`, `defected` (share of staff
not loyal), `demand` (political share of demands) and `organisation` (both means over people) in 1/1,000,000;
`believed_force`, `believed_against` and `troops` in people; `injured_forces` a running total; `requested` 0 or 1;
`consents`: states that have agreed to send troops; `lethal`: places under lethal rules of engagement."""
ABROAD_SERIES = ("turnout", "detained", "killed", "end", "survival", "deployed")
"""Recorded per tick and state, home first. People as in PLACE_SERIES; `end` the code of M19; `survival` in 1/1,000,000;
`deployed` troops of the state in the home state. States that are no societies have zeros but for `deployed`."""
OUTCOMES = ("survives", "concessions", "ruler leaves, regime stays", "regime falls", "civil war", "undecided")
"""The end states of M19."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended. day: days after the start (the horizon for the undecided and for survival: the day of order).

    path: "street", "units", "elites" or "" ; fallen: the regime fell or the ruler left.
    summary: headline numbers by name (people, days, shares).
    """

    kind: str
    day: float
    path: str
    fallen: bool
    summary: Mapping[str, float]


@dataclass(frozen=True)
class Run:
    """A read-only run.

    places [P], series[name] int64[T, P], national[name] int64[T], state_digests uint64[T]; states [N], home first,
    abroad[name] int64[T, N].
    """

    key: str
    scenario_hash: str
    scenario_name: str
    variant: str
    model_digest: str
    seed: int
    draw: int
    parameters: Mapping[str, float]
    places: tuple[str, ...]
    start: str
    tick_hours: float
    series: Mapping[str, Ints]
    national: Mapping[str, Ints]
    state_digests: NDArray[np.uint64]
    outcome: Outcome
    versions: Mapping[str, str]
    seconds: float
    states: tuple[str, ...] = ()
    abroad: Mapping[str, Ints] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 over the record arrays in canonical order; equal digests mean equal results."""
        h = hashlib.sha256()
        for name in sorted(self.series):
            h.update(name.encode())
            h.update(np.ascontiguousarray(self.series[name], dtype="<i8").tobytes())
        for name in sorted(self.national):
            h.update(name.encode())
            h.update(np.ascontiguousarray(self.national[name], dtype="<i8").tobytes())
        for name in sorted(self.abroad):
            h.update(name.encode())
            h.update(np.ascontiguousarray(self.abroad[name], dtype="<i8").tobytes())
        return h.hexdigest()

    @property
    def days(self) -> NDArray[np.float64]:
        """Days after the start at the end of each tick, float[T]."""
        n = len(self.state_digests)
        return np.asarray((np.arange(n) + 1) * (self.tick_hours / 24.0), dtype=np.float64)

    def total(self, name: str) -> Ints:
        """A place series summed over places, int64[T]."""
        return np.asarray(self.series[name].sum(axis=1))

    def head(self) -> dict[str, Any]:
        """Everything but the arrays, as plain values for JSON."""
        return {
            "key": self.key,
            "scenario_hash": self.scenario_hash,
            "scenario": self.scenario_name,
            "variant": self.variant,
            "model_digest": self.model_digest,
            "seed": self.seed,
            "draw": self.draw,
            "parameters": dict(self.parameters),
            "places": list(self.places),
            "states": list(self.states),
            "start": self.start,
            "tick_hours": self.tick_hours,
            "digest": self.digest,
            "outcome": {
                "kind": self.outcome.kind,
                "day": self.outcome.day,
                "path": self.outcome.path,
                "fallen": self.outcome.fallen,
                "summary": dict(self.outcome.summary),
            },
            "versions": dict(self.versions),
            "seconds": self.seconds,
        }
