"""The types that mechanisms meet: the setting, what they may see, and what they hand back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import PlanError

Floats = NDArray[np.float64]

ACTIONS = ("quiet", "marching", "striking", "occupying", "detained", "wounded", "dead", "former")
"""What a person does; `former` is a quiet person who took part earlier. The position is the stored code."""
QUIET, MARCHING, STRIKING, OCCUPYING, DETAINED, WOUNDED, DEAD, FORMER = range(8)
TACTICS = ("march", "strike", "occupy")
"""The tactics a person can choose; tactic k is action k + 1."""
CONTROL = ("government", "contested", "protesters")
"""Who holds a place; the position is the stored code."""
RULES = {"none": 0.0, "non-lethal": 1.0, "lethal": 2.0}
"""Rules of engagement as a scenario writes them and as the column `rules` holds them."""
STATE_ROLES = ("home", "patron", "member", "rival", "neighbour")
"""What a state is to the state where the uprising happens; the position is the code in `States.role`."""
HOME, PATRON, MEMBER, RIVAL, NEIGHBOUR = range(5)
CONSENT = ("leader", "parliament")
"""Who must agree before a member's troops leave; the position is the code in `States.consent`."""
RULES_OF_CONSENT = ("each", "unanimity", "quorum")
"""Each member decides about its own troops; nobody goes unless all agree; nobody goes unless enough agree."""
AIMS = ("join", "hijack", "provoke")
"""What a faction wants with a protest; the position is the code in `Factions.aim`."""
ADDED = ("alpha", "beta", "gamma", "sigma_h", "sigma_w")
"""Coefficients to which mechanisms add."""
MULTIPLIED = ("rho", "rate")
"""Coefficients that mechanisms multiply."""
FATES = ("detain", "wound", "kill", "release", "recover", "sweep")
"""What can befall a person, as rates (1/day) per place, segment and action."""


def _none() -> Floats:
    return np.zeros(0)


def _no_codes() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class States:
    """The states of a run, N of them: home first, the others by name.

    own: position of the state whose society this is; role int64[N] position in STATE_ROLES; side float[N] +1 with the
    regime, -1 with its opponents, 0 with neither; consent int64[N] position in CONSENT; contingent float[N] people;
    lift float[N] people/day; ready float[N] days; similarity, alignment float[N] shares; population float[N] people
    (0 where a state is no society); rule: position in RULES_OF_CONSENT; quorum: members.
    """

    names: tuple[str, ...] = ("home",)
    own: int = 0
    role: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    side: Floats = field(default_factory=lambda: np.zeros(1))
    consent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    contingent: Floats = field(default_factory=lambda: np.zeros(1))
    lift: Floats = field(default_factory=lambda: np.zeros(1))
    ready: Floats = field(default_factory=lambda: np.zeros(1))
    similarity: Floats = field(default_factory=lambda: np.ones(1))
    alignment: Floats = field(default_factory=lambda: np.zeros(1))
    population: Floats = field(default_factory=lambda: np.zeros(1))
    rule: int = 0
    quorum: int = 0

    @property
    def patron(self) -> int:
        """Position of the patron, or of home where there is none (it stands in for a power without a name)."""
        found = np.flatnonzero(self.role == PATRON)
        return int(found[0]) if len(found) else 0


@dataclass(frozen=True)
class Factions:
    """Organised groups, F of them, each a segment of its place.

    place, segment, aim int64[F] (aim: position in AIMS); size float[F] people; day float[F] day from which it acts;
    armed bool[F].
    """

    names: tuple[str, ...] = ()
    place: NDArray[np.int64] = field(default_factory=_no_codes)
    segment: NDArray[np.int64] = field(default_factory=_no_codes)
    aim: NDArray[np.int64] = field(default_factory=_no_codes)
    size: Floats = field(default_factory=_none)
    day: Floats = field(default_factory=_none)
    armed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


@dataclass(frozen=True)
class Setting:
    """What does not change during a run; P places, S segments.

    population float[P] people; km float[P, P]; seat float[P] weight in the seat of power, adds up to 1;
    garrison float[P] staff stationed; sites int[P] key sites; segment_share float[P, S] share of the people;
    can_act bool[S]; may_strike bool[S]; unit_place int64[U] place of each unit, unit_number int64[U] its number there,
    unit_staff float[U] people; days: length of a tick in days; person_weight: people per agent. states: this state
    and the others; factions: organised groups; free: mechanism -> day from which it decides for itself.
    """

    places: tuple[str, ...]
    population: Floats
    km: Floats
    seat: Floats
    garrison: Floats
    sites: Floats
    segments: tuple[str, ...]
    segment_share: Floats
    can_act: NDArray[np.bool_]
    may_strike: NDArray[np.bool_]
    unit_place: NDArray[np.int64]
    unit_number: NDArray[np.int64]
    unit_staff: Floats
    days: float
    person_weight: float
    states: States = field(default_factory=States)
    factions: Factions = field(default_factory=Factions)
    free: Mapping[str, float] = field(default_factory=dict)

    def decides(self, mechanism: str, day: float) -> bool:
        """Whether a mechanism decides for itself by now; until then it follows the script."""
        return day >= self.free.get(mechanism, np.inf)


@dataclass(frozen=True)
class Clock:
    """When a tick begins: its number, days since the start, and the local hour at its middle."""

    tick: int
    day: float
    hour: float


Draw = Callable[[str, int], Floats]
"""draw(name, n): n uniforms in (0, 1) of this mechanism's named draw at this tick."""


class View:
    """What one mechanism sees in one tick: the setting, the clock, its parameters and the columns it declared.

    `see["column"]` is a read-only array; a column that was not declared in `reads` is refused.
    `see.p["short"]` is an own parameter or one named in `uses`; `see.on["channel"]` is a switch.
    """

    __slots__ = ("_columns", "clock", "draw", "on", "p", "setting")

    def __init__(
        self,
        setting: Setting,
        clock: Clock,
        p: Mapping[str, float],
        columns: Mapping[str, Floats],
        draw: Draw,
        on: Mapping[str, bool] = MappingProxyType({}),
    ) -> None:
        self.setting, self.clock, self.p, self.draw, self.on = setting, clock, p, draw, on
        self._columns = columns

    def __getitem__(self, name: str) -> Floats:
        try:
            return self._columns[name]
        except KeyError:
            raise PlanError(
                f"column {name!r} read without being declared",
                expected=f"one of {sorted(self._columns)}",
                do="add it to `reads` of the mechanism",
            ) from None


@dataclass(frozen=True)
class Effect:
    """What one rule hands back: new values of own columns, and contributions to the law and to fate.

    add, times: arrays that broadcast to [P, S, A, K] (alpha, beta, gamma, rho) or [P, S, A] (sigma_h, sigma_w, rate),
    where A runs over the actions a person can be in before choosing (quiet, the three tactics, former).
    fate: rates per day that broadcast to [P, S, 8].
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    times: Mapping[str, Any] = field(default_factory=dict)
    fate: Mapping[str, Any] = field(default_factory=dict)
