"""The types that mechanisms meet: the setting, what they may see, and what they hand back.

The engine steps many worlds at once, so every number has a leading axis of worlds, W of them: a column is float[W, P]
over places, [W, U] over units, [W, N] over states, [W, F] over factions, [W, 3] over tactics, [W, P, N] over places and
states, and [W, 1] for the country; a parameter is float[W, 1] and a switch bool[W, 1]. A rule is written for one world
and reads as its equation: arrays broadcast, `tocsin.exact.whole` sums over the last axis, whichever that is, and a
choice on values is `np.where`. A rule never learns how many worlds there are, nor which row is its own: rows do not see
each other.

Contributions to the law have more axes: worlds, places, segments, actions, tactics. NumPy lines shapes up from the
right, a contribution is lined up from the left; so multiply one that has all its axes only by `aligned(x, axes)`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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


def _no_codes() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class States:
    """The states of a run, N of them: home first, the others by name.

    The same in all worlds: own, the position of the state whose society this is; role int64[N] position in STATE_ROLES.
    By world: side float[W, N] +1 with the regime, -1 with its opponents, 0 with neither; consent int64[W, N] position
    in CONSENT; contingent float[W, N] people; lift float[W, N] people/day; ready float[W, N] days; similarity,
    alignment float[W, N] shares; population float[W, N] people (0 where a state is no society); rule int64[W, 1]
    position in RULES_OF_CONSENT; quorum int64[W, 1] members.
    """

    names: tuple[str, ...] = ("home",)
    own: int = 0
    role: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    side: Floats = field(default_factory=lambda: np.zeros((1, 1)))
    consent: NDArray[np.int64] = field(default_factory=lambda: np.zeros((1, 1), np.int64))
    contingent: Floats = field(default_factory=lambda: np.zeros((1, 1)))
    lift: Floats = field(default_factory=lambda: np.zeros((1, 1)))
    ready: Floats = field(default_factory=lambda: np.zeros((1, 1)))
    similarity: Floats = field(default_factory=lambda: np.ones((1, 1)))
    alignment: Floats = field(default_factory=lambda: np.zeros((1, 1)))
    population: Floats = field(default_factory=lambda: np.zeros((1, 1)))
    rule: NDArray[np.int64] = field(default_factory=lambda: np.zeros((1, 1), np.int64))
    quorum: NDArray[np.int64] = field(default_factory=lambda: np.zeros((1, 1), np.int64))

    @property
    def patron(self) -> int:
        """Position of the patron, or of home where there is none (it stands in for a power without a name)."""
        found = np.flatnonzero(self.role == PATRON)
        return int(found[0]) if len(found) else 0


@dataclass(frozen=True)
class Factions:
    """Organised groups, F of them, each a segment of its place.

    The same in all worlds: place, segment int64[F]. By world: aim int64[W, F] position in AIMS; size float[W, F]
    people; day float[W, F] day from which it acts; armed bool[W, F].
    """

    names: tuple[str, ...] = ()
    place: NDArray[np.int64] = field(default_factory=_no_codes)
    segment: NDArray[np.int64] = field(default_factory=_no_codes)
    aim: NDArray[np.int64] = field(default_factory=lambda: np.zeros((1, 0), np.int64))
    size: Floats = field(default_factory=lambda: np.zeros((1, 0)))
    day: Floats = field(default_factory=lambda: np.zeros((1, 0)))
    armed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((1, 0), np.bool_))


_NEVER = np.full((1, 1), np.inf)


@dataclass(frozen=True)
class Setting:
    """What does not change during a run; W worlds, P places, S segments, U units.

    The same in all worlds: places, segments; can_act, may_strike bool[S]; unit_place int64[U] place of each unit,
    unit_number int64[U] its number there; days: length of a tick in days; person_weight: people per agent. By world:
    population float[W, P] people; km float[W, P, P]; seat float[W, P] weight in the seat of power, adds up to 1;
    garrison float[W, P] staff stationed; sites float[W, P] key sites; segment_share float[W, P, S] share of the people;
    unit_staff float[W, U] people; free: mechanism -> day from which it decides for itself, float[W, 1]. states: this
    state and the others; factions: organised groups.
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
    free: Mapping[str, Floats] = field(default_factory=dict)

    def decides(self, mechanism: str, day: float) -> NDArray[np.bool_]:
        """Whether a mechanism decides for itself by now, bool[W, 1]; until then it follows the script."""
        return day >= self.free.get(mechanism, _NEVER)


@dataclass(frozen=True)
class Clock:
    """When a tick begins: its number, days since the start, and the local hour at its middle."""

    tick: int
    day: float
    hour: float


Draw = Callable[[str], Floats]
"""draw(name): uniforms in (0, 1) of this mechanism's named draw at this tick, float[W, n] by what it is keyed by."""


class View:
    """What one mechanism sees in one tick: the setting, the clock, its parameters and the columns it declared.

    `see["column"]` is a read-only array with a leading axis of worlds; a column that was not declared in `reads` is
    refused. `see.p["short"]`, float[W, 1], is an own parameter or one named in `uses`; `see.on["channel"]`, bool[W, 1],
    is a switch.
    """

    __slots__ = ("_columns", "clock", "draw", "on", "p", "setting")

    def __init__(
        self,
        setting: Setting,
        clock: Clock,
        p: Mapping[str, Floats],
        columns: Mapping[str, Floats],
        draw: Draw,
        on: Mapping[str, NDArray[np.bool_]] = MappingProxyType({}),
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

    add, times: numbers by world, place, segment, action and tactic, [W, P, S, A, K] (alpha, beta, gamma, rho), or
    without the last axis (sigma_h, sigma_w, rate); A runs over the actions a person can be in before choosing (quiet,
    the three tactics, former). fate: rates per day by world, place, segment and action, [W, P, S, 8]. Axes at the end
    may be left out, and any axis may have length one: then the number holds for all. So float[W, P] is by place.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    times: Mapping[str, Any] = field(default_factory=dict)
    fate: Mapping[str, Any] = field(default_factory=dict)


BEFORE = (QUIET, MARCHING, STRIKING, OCCUPYING, FORMER)
"""The actions that a person can be in before choosing, in the order of the axis A of contributions."""
AT_EASE, ENGAGED = (QUIET, FORMER), (MARCHING, STRIKING, OCCUPYING)
"""Who is not in action now, and who is."""


def one(values: Any, position: int) -> Any:
    """The column of one state or tactic, [W, N] -> [W, 1], in the shape of a parameter."""
    return values[:, position : position + 1]


def only(action: int, rate: Any) -> Floats:
    """A rate of fate for people who now do one of the eight ACTIONS, float[W, P, S, 8].

    rate: by world, place and segment; axes at the end may be left out.
    """
    return np.asarray(aligned(rate, 3)[..., None] * (np.arange(len(ACTIONS)) == action))


def by_action(actions: Collection[int], value: Any, others: float = 1.0) -> Floats:
    """A contribution for people who now do one of these actions, of the five in BEFORE, `others` for the rest.

    float[W, P, S, 5].

    value: by world, place and segment; axes at the end may be left out.
    """
    ours = np.array([action in actions for action in BEFORE])
    return np.where(ours, aligned(value, 3)[..., None], others)


def by_tactic(march: Any, strike: Any, occupy: Any) -> Floats:
    """A contribution to the three tactics: float[W, P, S, A, 3].

    Each by world, place, segment and action; axes at the end may be left out.
    """
    return np.stack(np.broadcast_arrays(*(aligned(value, 4) for value in (march, strike, occupy))), axis=-1)


def aligned(value: Any, axes: int) -> Floats:
    """The same numbers with axes of length one added at the end, so that there are so many."""
    numbers: Floats = np.asarray(value, np.float64)
    return numbers.reshape(numbers.shape + (1,) * (axes - numbers.ndim))
