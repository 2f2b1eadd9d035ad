"""A made-up country of three places in which any mechanism can be run alone, calm, in a crisis or collapsing.

It stands by itself, or in a league of five states with three factions, as home or as one of the others. Numbers here
are those of one world, without the axis of worlds: `see` and `see_all` add it, `act`, `begin` and `row` take it off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np

from tocsin.declare import Mechanism
from tocsin.engine.compose import AXES
from tocsin.engine.course import shape as shape_of
from tocsin.engine.plan import BULLETIN, PEOPLE_COLUMNS
from tocsin.mechanisms import MECHANISMS
from tocsin.state import (
    AIMS,
    HOME,
    MEMBER,
    NEIGHBOUR,
    PATRON,
    RIVAL,
    Clock,
    Effect,
    Factions,
    Floats,
    Setting,
    States,
    View,
    aligned,
)
from tocsin.world.setting import BY_WORLD, FACTIONS_BY_WORLD, STATES_BY_WORLD, together

Luck = Callable[[str, int], Any]
"""luck(name, n): the draw of this name for its n owners in one world."""
NOTHING: Mapping[str, Any] = MappingProxyType({})

BY_NAME = MappingProxyType({m.name: m for m in MECHANISMS})
DECLARED = MappingProxyType(
    {c.name: c for c in (*PEOPLE_COLUMNS, *BULLETIN, *(c for m in MECHANISMS for c in m.columns))}
)
NOON = Clock(10, 2.5, 15.0)
DERIVED = MappingProxyType(
    {"offset": -9.0, "trigger": 4.0, "awareness": 20.0, "ties": 5.0, "risk": 0.4, "belief": 0.5, "gain_attained": 1.5}
)
CRISIS = MappingProxyType(
    {
        "turnout": (40_000, 5_000, 10), "present": (24_000, 3_500, 8), "former": (9_000, 50, 0),
        "killed": (30, 0, 1), "in_custody": (800, 40, 0), "exposure": (1, 0.5, 0),
        "felt": (0.5, 0, 0), "shock": (0.4, 0.1, 0), "leaning": (0.2, -0.3, 0.1), "appeasement": (0.02, 0.02, 0),
        "demand": (0.6, 0.2, 0), "expected": (0.01, 0.001, 0), "belief": (0.8, -0.2, 0), "blame": (0.7,),
        "shutdown": (1, 0.5, 0), "shutdown_ordered": (0, 0.7, 0.2), "reach": (0.1, 0.3, 0.4), "local": (1.2, 1.1, 1),
        "known_deaths": (20, 5, 2), "aware": (0.8, 0.3, 0), "control": (2, 1, 0), "firmness": (1.1, 0.9, 1),
        "sites_lost": (4, 1, 0), "emergency": (1, 0, 1), "rules": (2, 1, 0), "conceded": (1, 1, 0),
        "force": (1_500, 270, 120), "aside": (0.3, 0, 0.1), "withheld": (200, 0, 10), "recovering": (30, 5, 0),
        "reported": (30_000, 2_000, 0), "hurt": (10, 2, 0),
        "loyal": (0.6, 0.9, 1), "support": (300, 0, 50), "opposing": (0, 40, 0), "presence": (0.7, 0, 1),
        "believed": (4_000,), "believed_against": (500,), "unit_backlash": (0.1,), "injured_forces": (40,),
        "strength": (0.4,), "reshuffled": (1,), "reshuffle_ordered": (0,), "defected": (0.2,), "resisting": (0.1,),
        "survival": (0.6,), "requested": (1,), "seat_lost": (1,), "seat_empty": (0.5,), "at_war": (0.25,),
        "announced": (0, 2_500, 400, 300, 0), "leaving": (0, 1, 0, 0, 0), "left": (0, 2, 0, 0, 0),
        "consented": (0, 1, 0, 0, 0), "planned": (0, 2_500, 400, 0, 0), "contingents": (0, 400, 90, 10, 0),
        "cleared": (0, 2, 1, 0.5, 0), "disorder": (6,), "quiet": (0.5,), "hearsay": (-0.4,), "guaranteed": (1,),
        "troops": (400, 90, 10), "arrived": ((0, 500, 90, 0, 0), (0, 100, 0, 10, 0), (0, 0, 0, 0, 0)),
        "withdrawn": ((0, 200, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
        "landed": ((0, 200, 0, 0, 0), (0, 0, 0, 0, 0), (0, 20, 0, 0, 0)),
        "recalled": ((0, 50, 0, 0, 0), (0, 0, 0, 0, 0), (0, 10, 0, 0, 0)),
        "members": (290, 60, 20), "armed": (0, 60, 0), "provokers": (0, 0, 20), "organisation": (0.4, 0.1, 0),
        "frame": (0.6,), "mission": (0.5, 0.2, 0),
        "elsewhere": (0, 0, 0, -1, 1), "example": (0, 0, 0, 0, 0.7), "warning": (0.1, 0, 0.2, 0.3, 0),
        "example_counted": (0, 0, 0, 0, 1), "warning_counted": (0.1, 0, 0.1, 0.5, 0),
        "abroad_turnout": (0.036, 2e-4, 1e-3, 0, 0), "abroad_killed": (31, 0, 20, 0, 0), "abroad_end": (0, 0, 3, 0, 0),
        "abroad_conceded": (1, 0, 0, 0, 0), "abroad_troops": (500, 0, 0, 0, 0), "deployed": (0, 400, 90, 10, 0),
    }
)  # fmt: skip
COLLAPSE = MappingProxyType(
    {
        **CRISIS, "turnout": (400_000, 90_000, 30_000), "present": (300_000, 80_000, 20_000), "control": (2, 2, 2),
        "loyal": (0.05, 0, 0), "rules": (2, 2, 2), "believed": (0,), "resisting": (0.6,),
        "abroad_end": (1, 0, 4, 0, 0), "elsewhere": (0, 0, 0, 4, 3), "organisation": (1, 1, 1),
        "announced": (0,) * 5, "planned": (0,) * 5, "consented": (0,) * 5, "refused": (1,),
    }
)  # fmt: skip
CASES = ("calm", "crisis", "collapse")
ROLES = ("alone", "home", "free", "abroad")
"""By itself; home of a league by the script, or deciding for itself; the patron of a league as a society."""


class Watched(Mapping[str, Any]):
    """A mapping that remembers what was read from it."""

    def __init__(self, held: Mapping[str, Any]) -> None:
        self.held, self.read = held, set[str]()

    def __getitem__(self, name: str) -> Any:
        value = self.held[name]
        self.read.add(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


@dataclass
class Watch:
    """A view with everything that was read or drawn through it."""

    view: View
    columns: Watched
    parameters: Watched
    switches: Watched
    draws: dict[str, int] = field(default_factory=dict)
    """How many of each draw were asked for at once."""


def country(order: Sequence[int] = (0, 1, 2), units: Sequence[int] = (25, 5, 2)) -> Setting:
    """Three places in this order, with so many units each; children, workers who may strike, and others."""
    rows = np.array(order)
    names, count = ("Aral", "Bora", "Cedar"), np.array(units)[rows]
    garrison = np.array([5_000.0, 900.0, 400.0])[rows]
    km = np.array([[0.0, 100.0, 400.0], [100.0, 0.0, 350.0], [400.0, 350.0, 0.0]])
    where = np.repeat(np.arange(3), count)
    return Setting(
        places=tuple(names[i] for i in order), population=np.array([1e6, 2e5, 5e4])[rows], km=km[np.ix_(rows, rows)],
        seat=np.array([0.7, 0.3, 0.0])[rows], garrison=garrison, sites=np.array([4.0, 2.0, 1.0])[rows],
        segments=("minors", "workers", "others"),
        segment_share=np.array([[0.3, 0.1, 0.6], [0.25, 0.0, 0.75], [0.2, 0.3, 0.5]])[rows],
        can_act=np.array([False, True, True]), may_strike=np.array([False, True, False]),
        unit_place=where, unit_number=np.concatenate([np.arange(n) for n in count]),
        unit_staff=(garrison / count)[where], days=0.25, person_weight=10.0,
    )  # fmt: skip


def league(order: Sequence[int] = (0, 1, 2), *, own: int = HOME, free: bool = False) -> Setting:
    """The same country in a league of five; at home it has a faction of every aim, the last one not yet acting."""
    alone = country(order)
    people = np.array([float(alone.population.sum()), 8e6, 3e6, 0.0, 0.0])
    states = States(
        names=("Here", "Patron", "Member", "Rival", "Neighbour"), own=own,
        role=np.array([HOME, PATRON, MEMBER, RIVAL, NEIGHBOUR]), side=np.array([1.0, 1.0, 1.0, -1.0, 0.0]),
        consent=np.array([0, 0, 1, 0, 0]), contingent=np.array([0.0, 3_000.0, 400.0, 500.0, 0.0]),
        lift=np.array([0.0, 600.0, 200.0, 100.0, 0.0]), ready=np.array([0.0, 0.5, 1.0, 1.0, 0.0]),
        similarity=np.array([1.0, 0.8, 0.9, 0.2, 0.6]), alignment=np.array([1.0, 0.7, 0.5, 0.1, 0.3]),
        population=people, rule=np.array(2), quorum=np.array(1),
    )  # fmt: skip
    if own != HOME:
        return replace(alone, states=states, free={"government": np.array(0.0)})
    size = np.array([300.0, 60.0, 20.0])
    place = np.array([list(order).index(i) for i in range(3)])
    share = np.hstack([alone.segment_share, np.zeros((3, 3))])
    share[place, [3, 4, 5]] = size / alone.population[place]
    share[place, 2] -= size / alone.population[place]
    groups = Factions(
        names=AIMS, place=place, segment=np.array([3, 4, 5]), aim=np.arange(3), size=size,
        day=np.array([0.0, 1.0, 2.5]), armed=np.array([False, True, False]),
    )  # fmt: skip
    return replace(
        alone, states=states, factions=groups, segments=(*alone.segments, *AIMS), segment_share=share,
        can_act=np.array([False, *(True,) * 5]), may_strike=np.array([False, True, *(False,) * 4]),
        free={name: np.array(0.0 if free else np.inf) for name in ("government", "alliance")},
    )  # fmt: skip


def batch(*settings: Setting) -> Setting:
    """The setting of a batch of worlds, each given without the axis of worlds; nobody can write to its arrays."""
    both = together([_with_axis(setting) for setting in settings])
    for part in (vars(both), vars(both.states), vars(both.factions), both.free):
        for value in part.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
    return both


def _with_axis(setting: Setting) -> Setting:
    def axis(part: Any, names: Sequence[str]) -> dict[str, Any]:
        wide = ("km", "segment_share")
        return {name: np.array(getattr(part, name), ndmin=3 if name in wide else 2) for name in names}

    states = replace(setting.states, **axis(setting.states, STATES_BY_WORLD))
    factions = replace(setting.factions, **axis(setting.factions, FACTIONS_BY_WORLD))
    free = {name: np.array(day, np.float64, ndmin=2) for name, day in setting.free.items()}
    return replace(setting, states=states, factions=factions, free=free, **axis(setting, BY_WORLD))


def middle() -> dict[str, float]:
    """Every parameter at the median of its prior, and plausible solved ones, by full name."""
    return dict(quantiles(0.5))


@cache
def quantiles(u: float) -> Mapping[str, float]:
    """Every parameter at this quantile of its prior, within its range."""
    values = {f"derived.{name}": value for name, value in DERIVED.items()}
    for m in MECHANISMS:
        shares = sum(p.prior.kind == "simplex" for p in m.params)
        for p in m.params:
            value = 1 / shares if p.prior.kind == "simplex" else p.prior.quantile(u)
            values[f"{m.name}.{p.name}"] = min(max(value, p.low), p.high)
    return MappingProxyType(values)


def shape(name: str, setting: Setting) -> tuple[int, ...]:
    """The declared shape of a column in one world."""
    return shape_of(DECLARED[name].dims, setting)


def owners(setting: Setting) -> dict[str, list[str]]:
    """Whom a draw can belong to, by what it is keyed by."""
    units = [f"{setting.places[p]} {n}" for p, n in zip(setting.unit_place, setting.unit_number, strict=True)]
    return {"unit": units, "state": list(setting.states.names), "place": list(setting.places), "polity": ["polity"]}


def keyed(setting: Setting, salt: str, by: Mapping[str, str]) -> Luck:
    """Draws that belong to their owner, whatever the order of places. by: what each is keyed by."""

    def draw(name: str, _: int) -> Floats:
        return np.array([(crc32(f"{salt} {name} {w}".encode()) + 0.5) / 2.0**32 for w in owners(setting)[by[name]]])

    return draw


def own(m: Mechanism, values: Mapping[str, float]) -> dict[str, float]:
    """A mechanism's own parameters by short name and those that it declares to use by full name."""
    return {**{p.name: values[f"{m.name}.{p.name}"] for p in m.params}, **{name: values[name] for name in m.uses}}


@dataclass(frozen=True)
class Scene:
    """What one world shows to a mechanism. changes: parameters by full name; on: switches that are not on."""

    columns: Mapping[str, Any]
    setting: Setting = field(default_factory=country)
    changes: Mapping[str, float] = field(default_factory=dict)
    draw: Luck | None = None
    on: Mapping[str, bool] = field(default_factory=dict)


def see_all(name: str, scenes: Sequence[Scene], clock: Clock = NOON) -> Watch:
    """What a mechanism sees of these worlds: only the declared columns, frozen."""
    m, setting = BY_NAME[name], batch(*(s.setting for s in scenes))
    columns = {read: np.stack([_filled(read, s) for s in scenes]) for read in m.reads}
    vectors = [own(m, {**middle(), **s.changes}) for s in scenes]
    parameters = {short: np.array([[vector[short]] for vector in vectors]) for short in vectors[0]}
    switches = {switch: np.array([[s.on.get(switch, True)] for s in scenes]) for switch in m.switches}
    for array in (*columns.values(), *parameters.values(), *switches.values()):
        array.flags.writeable = False
    watched = Watched(columns), Watched(parameters), Watched(switches)
    draws = dict[str, int]()
    luck = [s.draw or keyed(s.setting, f"{name} {clock.tick}", m.draws) for s in scenes]

    def drawn(key: str) -> Floats:
        (draws[key],) = shape_of(m.draws[key], setting)
        return np.stack([np.broadcast_to(draw(key, draws[key]), draws[key]) for draw in luck])

    return Watch(View(setting, clock, watched[1], watched[0], drawn, watched[2]), *watched, draws)


def _filled(name: str, scene: Scene) -> Floats:
    """A column of one world, at its starting value where the scene does not name it."""
    value = np.asarray(scene.columns.get(name, DECLARED[name].start), np.float64)
    return np.broadcast_to(value, shape(name, scene.setting))


def see(
    name: str,
    columns: Mapping[str, Any] = NOTHING,
    *,
    setting: Setting | None = None,
    changes: Mapping[str, float] = NOTHING,
    clock: Clock = NOON,
    draw: Luck | None = None,
    on: Mapping[str, bool] | None = None,
) -> Watch:
    """What a mechanism sees of one world: a batch of one."""
    return see_all(name, [Scene(columns, setting or country(), changes, draw, on or NOTHING)], clock)


def act(name: str, columns: Mapping[str, Any] = NOTHING, **how: Any) -> Effect:
    """The effect of one rule in one world that is seen so (`see`), as `row` gives it."""
    return row(BY_NAME[name].rule(see(name, columns, **how).view))


def begin(name: str, **how: Any) -> dict[str, Any]:
    """The columns with which a mechanism begins in one world that is seen so."""
    return row(Effect(columns=BY_NAME[name].start(see(name, **how).view))).columns


def row(effect: Effect, world: int = 0) -> Effect:
    """What an effect is in one world of its batch, without the axis of worlds.

    Columns as they came; contributions with all axes (place, segment, action, tactic), of length one where none came.
    """

    def mine(value: Any) -> Any:
        array = np.asarray(value, np.float64)
        return array[min(world, len(array) - 1)] if array.ndim else array

    def law(values: Mapping[str, Any]) -> dict[str, Any]:
        return {n: mine(aligned(v, AXES[n])) for n, v in values.items()}

    fate = {n: mine(aligned(v, 4)) for n, v in effect.fate.items()}
    return Effect({n: mine(v) for n, v in effect.columns.items()}, law(effect.add), law(effect.times), fate)


def full(coefficients: Mapping[str, Floats]) -> dict[str, Floats]:
    """Composed coefficients of one world of the country, written out: each float[3, 3, 5(, 3)]."""
    return {n: np.broadcast_to(v, (1, 3, 3, 5, 3)[: v.ndim])[0].copy() for n, v in coefficients.items()}


def starting(setting: Setting, values: Mapping[str, float]) -> dict[str, Floats]:
    """All columns before the first tick."""
    columns = {name: np.full(shape(name, setting), c.start) for name, c in DECLARED.items()}
    for m in MECHANISMS:
        for name, value in begin(m.name, columns=columns, setting=setting, changes=values).items():
            columns[name] = np.broadcast_to(value, columns[name].shape).copy()
    return columns


def state(case: str, role: str = "home", order: Sequence[int] = (0, 1, 2)) -> tuple[Setting, dict[str, Floats]]:
    """The country in one of its roles and its columns: `calm` at the start, in a `crisis`, or in `collapse`."""
    settings: Mapping[str, Callable[[Sequence[int]], Setting]] = {
        "alone": country, "home": league, "free": partial(league, free=True), "abroad": partial(league, own=1),
    }  # fmt: skip
    setting = settings[role](order)
    columns = starting(setting, middle())
    for name, value in {"calm": {}, "crisis": CRISIS, "collapse": COLLAPSE}[case].items():
        wanted = columns[name].shape
        array = np.array(value, np.float64)
        if DECLARED[name].dims.startswith("place"):
            array = array[np.array(order)]
        columns[name] = array[tuple(slice(n) for n in wanted)].copy()
        assert columns[name].shape == wanted, name
    if case != "calm":
        columns["stance"] = (setting.unit_number % 5 == 2) * 1.0 + (setting.unit_number % 7 == 4) * 2.0
    return setting, columns
