"""A made-up country of three places in which any mechanism can be run alone, calm, in a crisis or collapsing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np

from tocsin.declare import Column, Mechanism
from tocsin.engine.plan import PEOPLE_COLUMNS
from tocsin.mechanisms import MECHANISMS
from tocsin.state import Clock, Draw, Floats, Setting, View

BY_NAME = MappingProxyType({m.name: m for m in MECHANISMS})
OWNER = MappingProxyType({c.name: m for m in MECHANISMS for c in m.columns})
DECLARED = MappingProxyType({c.name: c for c in (*PEOPLE_COLUMNS, *(c for m in MECHANISMS for c in m.columns))})
NOON = Clock(10, 2.5, 15.0)
DERIVED = MappingProxyType(
    {"offset": -9.0, "trigger": 4.0, "awareness": 20.0, "ties": 5.0, "risk": 0.4, "gain_attained": 1.5}
)
CRISIS = MappingProxyType(
    {
        "turnout": (40_000, 5_000, 10), "present": (24_000, 3_500, 8), "former": (9_000, 50, 0),
        "killed": (30, 0, 1), "exposure": (1, 0.5, 0),
        "felt": (0.5, 0, 0), "shock": (0.4, 0.1, 0), "leaning": (0.2, -0.3, 0.1), "appeasement": (0.02, 0.02, 0),
        "shutdown": (1, 0.5, 0), "reach": (0.1, 0.3, 0.4), "local": (1.2, 1.1, 1), "known_deaths": (20, 5, 2),
        "aware": (0.8, 0.3, 0), "control": (2, 1, 0), "firmness": (1.1, 0.9, 1), "sites_lost": (4, 1, 0),
        "emergency": (1, 0, 1), "rules": (2, 1, 0), "conceded": (1, 1, 0), "force": (1_500, 270, 120),
        "reported": (30_000, 2_000, 0), "hurt": (10, 2, 0), "loyal": (0.6, 0.9, 1), "support": (300, 0, 50),
        "arrived": (500, 100, 0), "withdrawn": (100, 0, 0), "troops": (400, 100, 0), "presence": (0.7, 0, 1),
        "announced": (2_500,), "leaving": (1,), "left": (2,), "believed": (4_000,), "unit_backlash": (0.1,),
        "injured_forces": (40,), "strength": (0.4,), "reshuffled": (1,), "defected": (0.2,), "resisting": (0.1,),
        "survival": (0.6,), "requested": (1,), "seat_lost": (1,), "seat_empty": (0.5,), "at_war": (0.25,),
    }
)  # fmt: skip
COLLAPSE = MappingProxyType(
    {
        **CRISIS, "turnout": (400_000, 90_000, 30_000), "present": (300_000, 80_000, 20_000), "control": (2, 2, 2),
        "loyal": (0.05, 0, 0), "rules": (2, 2, 2), "believed": (0,), "resisting": (0.6,), "removed": (1,),
    }
)  # fmt: skip


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
    draws: set[str] = field(default_factory=set)


def country(order: Sequence[int] = (0, 1, 2), units: Sequence[int] = (25, 5, 2)) -> Setting:
    """Three places in this order, with so many units each; children, workers who may strike, and others."""
    rows = np.array(order)
    names, count = ("Aral", "Bora", "Cedar"), np.array(units)[rows]
    garrison = np.array([5_000.0, 900.0, 400.0])[rows]
    km = np.array([[0.0, 100.0, 400.0], [100.0, 0.0, 350.0], [400.0, 350.0, 0.0]])
    where = np.repeat(np.arange(3), count)
    setting = Setting(
        places=tuple(names[i] for i in order), population=np.array([1e6, 2e5, 5e4])[rows], km=km[np.ix_(rows, rows)],
        seat=np.array([0.7, 0.3, 0.0])[rows], garrison=garrison, sites=np.array([4.0, 2.0, 1.0])[rows],
        segments=("minors", "workers", "others"),
        segment_share=np.array([[0.3, 0.1, 0.6], [0.25, 0.0, 0.75], [0.2, 0.3, 0.5]])[rows],
        can_act=np.array([False, True, True]), may_strike=np.array([False, True, False]),
        unit_place=where, unit_number=np.concatenate([np.arange(n) for n in count]),
        unit_staff=(garrison / count)[where], days=0.25, person_weight=10.0,
    )  # fmt: skip
    for value in vars(setting).values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return setting


def middle() -> dict[str, float]:
    """Every parameter at the median of its prior, and plausible solved ones, by full name."""
    values = {f"derived.{name}": value for name, value in DERIVED.items()}
    for m in MECHANISMS:
        for p in m.params:
            value = 1 / 3 if p.prior.kind == "simplex" else p.prior.quantile(0.5)
            values[f"{m.name}.{p.name}"] = min(max(value, p.low), p.high)
    return values


def shape(column: Column, setting: Setting) -> tuple[int, ...]:
    """The declared shape of a column."""
    p = len(setting.places)
    return {"place": (p,), "unit": (len(setting.unit_place),), "polity": (1,), "tactic": (3,), "place_place": (p, p)}[
        column.dims
    ]


def keyed(setting: Setting, salt: str) -> Draw:
    """Draws that belong to a place, to a unit of a place or to the polity, whatever the order of places."""
    units = [f"{setting.places[p]} {n}" for p, n in zip(setting.unit_place, setting.unit_number, strict=True)]

    def draw(name: str, n: int) -> Floats:
        who = {1: ["polity"], len(setting.places): list(setting.places)}.get(n, units)
        assert len(who) == n
        return np.array([(crc32(f"{salt} {name} {w}".encode()) + 0.5) / 2.0**32 for w in who])

    return draw


def own(m: Mechanism, values: Mapping[str, float]) -> dict[str, float]:
    """A mechanism's own parameters by short name and those that it declares to use by full name."""
    return {**{p.name: values[f"{m.name}.{p.name}"] for p in m.params}, **{name: values[name] for name in m.uses}}


def see(
    name: str,
    columns: Mapping[str, Any],
    *,
    setting: Setting | None = None,
    changes: Mapping[str, float] = MappingProxyType({}),
    clock: Clock = NOON,
    draw: Draw | None = None,
    on: Mapping[str, bool] | None = None,
) -> Watch:
    """What a mechanism sees: only the declared columns, frozen. `changes`: parameters by full name."""
    m, setting = BY_NAME[name], setting or country()
    shown = {}
    for read in m.reads:
        value = columns.get(read, DECLARED[read].start)
        array = np.array(np.broadcast_to(np.asarray(value, np.float64), shape(DECLARED[read], setting)))
        array.flags.writeable = False
        shown[read] = array
    watched = (
        Watched(shown),
        Watched(own(m, {**middle(), **changes})),
        Watched({s: (on or {}).get(s, True) for s in m.switches}),
    )
    draws, source = set[str](), draw or keyed(setting, f"{name} {clock.tick}")

    def drawn(key: str, n: int) -> Floats:
        draws.add(key)
        return source(key, n)

    return Watch(View(setting, clock, watched[1], watched[0], drawn, watched[2]), *watched, draws)


def starting(setting: Setting, values: Mapping[str, float]) -> dict[str, Floats]:
    """All columns before the first tick."""
    columns = {c.name: np.full(shape(c, setting), c.start) for c in DECLARED.values()}
    for m in MECHANISMS:
        found = m.start(see(m.name, columns, setting=setting, changes=values).view)
        for name, value in found.items():
            columns[name] = np.broadcast_to(np.asarray(value, np.float64), columns[name].shape).copy()
    return columns


def state(case: str, order: Sequence[int] = (0, 1, 2)) -> tuple[Setting, dict[str, Floats]]:
    """The country and its columns: `calm` at the start, in a `crisis`, or in `collapse`."""
    setting = country(order)
    columns = starting(setting, middle())
    for name, value in {"calm": {}, "crisis": CRISIS, "collapse": COLLAPSE}[case].items():
        array = np.array(value, np.float64)
        columns[name] = array[np.array(order)] if DECLARED[name].dims == "place" else array
    if case != "calm":
        columns["stance"] = (setting.unit_number % 5 == 2) * 1.0 + (setting.unit_number % 7 == 4) * 2.0
    return setting, columns


CASES = ("calm", "crisis", "collapse")
