"""One society of many worlds in the course of a run: its columns, its people, a tick's steps in order (engine.md 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tocsin.engine.script as script
from tocsin.declare import Column, Mechanism
from tocsin.engine.compose import compose, fate_rates, out_of_range, refuse_misfits
from tocsin.engine.crowd import Populace
from tocsin.engine.plan import ORDER, Plan
from tocsin.errors import PlanError
from tocsin.exact import Floats, snap, total, whole
from tocsin.kernels.draw import name_hash, rows_of_uniforms
from tocsin.results.record import EXPECTED, Ints
from tocsin.scenario.scenario import Scenario
from tocsin.state import ACTIONS, DETAINED, FORMER, Clock, Effect, Setting, View
from tocsin.world.setting import taken

START_TICK = 1 << 31
"""The tick under which lasting draws are made."""
AFTER_FATE = ORDER[ORDER.index("ties") + 1 : ORDER.index("bulletin")]
"""Phases once everybody has met their fate."""


class Course:
    """The plan, the columns and the people of one society in W worlds, a row each.

    rows int64[W]: the worlds of the batch that are still stepped here. lost: worlds that cannot go on -> why.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        parameters: Sequence[Mapping[str, float]],
        keys: NDArray[np.int64],
        setting: Setting,
        crowd: Populace,
    ) -> None:
        """`keys` int64[W, 2]: the halves of each world's seed; `setting`: of all worlds together."""
        self.keys, self.setting, self.crowd = keys, setting, crowd
        self.rows = np.arange(len(scenarios))
        self.lost: dict[int, str] = {}
        self.plan = Plan(scenarios[0])
        self.begun = scenarios[0].start.hour + scenarios[0].start.minute / 60.0
        self.scripts = script.schedules(scenarios, self.plan.all, setting)
        self.effects: dict[str, Effect] = {}
        self.flows = np.zeros((len(scenarios), len(setting.places), 6))
        self.expected = np.zeros_like(self.flows)
        self.owners = owners(setting)
        names = {n for m in self.plan.all for n in m.sees.values()}
        self.parameters = {n: np.array([[vector[n]] for vector in parameters]) for n in names}
        on = {f"{m.name}.{s}" for m in self.plan.all for s in m.switches}
        self.switches = {n: np.array([[scenario.switches.get(n, True)] for scenario in scenarios]) for n in on}
        self.columns = {name: self.blank(column) for name, column in self.plan.columns.items()}
        self.see()
        for m in self.plan.all:
            begun = Effect(m.start(self.view(m, Clock(START_TICK, 0.0, 0.0))))
            refuse_misfits(m.name, begun, self.cells)
            self.store(m, begun.columns)

    @property
    def cells(self) -> tuple[int, int, int]:
        """How many worlds, places and segments there are."""
        return len(self.rows), len(self.setting.places), len(self.setting.segments)

    def see(self) -> None:
        """What each mechanism may see of parameters and switches."""
        every = self.plan.all
        self.views = {m.name: {short: self.parameters[n] for short, n in m.sees.items()} for m in every}
        self.on = {m.name: {s: self.switches[f"{m.name}.{s}"] for s in m.switches} for m in every}

    def step(self, tick: int) -> None:
        """One tick, in the order of the plan, up to the bulletin."""
        setting = self.setting
        clock = Clock(tick, tick * setting.days, ((tick + 0.5) * setting.days * 24.0 + self.begun) % 24.0)
        for rows, due in self.scripts:
            script.apply(due.get(tick, ()), rows, self.columns)
        self.phase("information", clock)
        self.phase("coefficients", clock)
        self.crowd.choose(self.sound(compose(self.effects.values())), tick)
        self.tally()
        self.phase("encounter", clock)
        flows, expected = self.crowd.befall(fate_rates(self.effects.values()), tick)
        self.flows += flows.reshape(self.flows.shape)
        self.expected += expected.reshape(self.flows.shape)
        self.crowd.push(tick)
        self.tally()
        for name in AFTER_FATE:
            self.phase(name, clock)

    def phase(self, name: str, clock: Clock) -> None:
        """All mechanisms of one phase see the same columns, then their new values are written."""
        results = [(m, m.rule(self.view(m, clock))) for m in self.plan.phase(name)]
        for m, effect in results:
            if m.name not in self.effects:
                refuse_misfits(m.name, effect, self.cells)
            self.effects[m.name] = effect
            self.store(m, effect.columns)

    def sound(self, numbers: dict[str, Floats]) -> dict[str, Floats]:
        """The coefficients, with nothing in them of a world that cannot go on, which is noted as lost."""
        bad = out_of_range(numbers, len(self.rows))
        for row, name in bad.items():
            self.lost[int(self.rows[row])] = name
        if bad:
            fine = np.ones(len(self.rows), bool)
            fine[list(bad)] = False
            numbers = {n: np.where(fine.reshape(-1, *(1,) * (v.ndim - 1)), v, 0.0) for n, v in numbers.items()}
        return numbers

    def view(self, m: Mechanism, clock: Clock) -> View:
        """What this mechanism may see now."""
        seen = {name: self.columns[name] for name in m.reads}
        draw = partial(self.draw, m, clock.tick)
        return View(self.setting, clock, self.views[m.name], seen, draw, self.on[m.name])

    def draw(self, mechanism: Mechanism, tick: int, name: str) -> Floats:
        """Uniforms float[W, n], keyed by place, by unit within its place, by state, or by the polity."""
        number, key = self.owners[mechanism.draws[name]]
        return rows_of_uniforms(self.keys, name_hash(f"{mechanism.name}.{name}"), tick, number, key)

    def store(self, m: Mechanism, values: Mapping[str, Any]) -> None:
        """Write a mechanism's own columns, rounded to the grid."""
        owned = {c.name for c in m.columns}
        for name, value in values.items():
            if name not in owned:
                raise PlanError(f"{m.name} writes {name!r}, which it does not own", do="declare the column in it")
            snapped, shape = snap(value), self.columns[name].shape
            self.columns[name] = snapped if snapped.shape == shape else np.broadcast_to(snapped, shape).copy()

    def blank(self, column: Column) -> Floats:
        """A column at its starting value."""
        return np.full((len(self.rows), *shape(column.dims, self.setting)), column.start)

    def leave(self, staying: NDArray[np.bool_]) -> None:
        """Worlds whose story is over leave: bool[W], who stays."""
        where = np.cumsum(staying) - 1
        self.scripts = [(where[rows[staying[rows]]], due) for rows, due in self.scripts]
        self.rows, self.keys, self.setting = self.rows[staying], self.keys[staying], taken(self.setting, staying)
        self.flows, self.expected = self.flows[staying], self.expected[staying]
        self.columns = {name: column[staying] for name, column in self.columns.items()}
        self.parameters = {name: values[staying] for name, values in self.parameters.items()}
        self.switches = {name: values[staying] for name, values in self.switches.items()}
        self.effects = {name: rows_of(effect, staying) for name, effect in self.effects.items()}
        self.see()
        self.crowd.leave(staying)

    def tally(self) -> None:
        """People in the street and committed, in detention, and the dead, in people of the country."""
        k, counts = self.setting.person_weight, self.counts()
        active = counts[..., 1:4] * k
        self.columns["turnout"] = total(active)
        self.columns["present"] = total(active * self.columns["presence"][:, None, :])
        self.columns["former"] = np.asarray(counts[..., FORMER] * k, dtype=np.float64)
        self.columns["in_custody"] = np.asarray(counts[..., DETAINED] * k, dtype=np.float64)
        self.columns["killed"] = self.flows[..., 2] * k

    def counts(self) -> NDArray[Any]:
        """Simulated people by world, place and action, [W, P, 9]."""
        counts = self.crowd.counts
        return counts.reshape(len(self.rows), len(self.setting.places), counts.shape[-1])

    def people(self) -> dict[str, Ints]:
        """Counts for the records, int64[W, P] each, in people of the country."""
        k, counts = self.setting.person_weight, self.counts()
        flows, expected = np.rint(self.flows * k).astype(np.int64), self.expected * (k * EXPECTED)
        now = {name: np.rint(counts[..., i] * k).astype(np.int64) for i, name in enumerate(ACTIONS)}
        return {
            **{name: now[name] for name in ("marching", "striking", "occupying", "former")},
            "in_custody": now["detained"],
            "detained": flows[..., 0] + flows[..., 5],
            "wounded": flows[..., 1],
            "killed": flows[..., 2],
            "detained_expected": np.rint(expected[..., 0] + expected[..., 5]).astype(np.int64),
            "wounded_expected": np.rint(expected[..., 1]).astype(np.int64),
            "killed_expected": np.rint(expected[..., 2]).astype(np.int64),
        }

    def news(self) -> dict[str, Floats]:
        """What the bulletin says of this state, float[W, 1] each."""
        c, people = self.columns, whole(self.setting.population)
        return {
            "abroad_turnout": whole(c["turnout"]) / people,
            "abroad_killed": whole(c["killed"]),
            "abroad_end": c["end"],
            "abroad_conceded": whole(c["conceded"] * self.setting.population) / people,
            "abroad_troops": whole(c["troops"]),
        }


def shape(dims: str, setting: Setting) -> tuple[int, ...]:
    """The shape of a column of these dims in one world."""
    lengths = {
        "place": len(setting.places), "unit": len(setting.unit_place), "polity": 1, "tactic": 3,
        "state": len(setting.states.names), "faction": len(setting.factions.names),
    }  # fmt: skip
    return tuple(lengths[axis] for axis in dims.split("_"))


def owners(setting: Setting) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """What a draw can be keyed by -> number and key of each owner, int64[n]."""
    places = np.array([name_hash(p) for p in setting.places], np.int64)
    states = np.array([0, *(name_hash(f"state {n}") for n in setting.states.names[1:])], np.int64)
    polity = states[[setting.states.own]]
    return {
        "unit": (setting.unit_number.astype(np.int64), places[setting.unit_place]),
        **{by: (keys * 0, keys) for by, keys in (("place", places), ("state", states), ("polity", polity))},
    }


def rows_of(effect: Effect, rows: NDArray[np.bool_]) -> Effect:
    """The part of an effect that concerns some worlds."""

    def part(values: Mapping[str, Any]) -> dict[str, Any]:
        return {n: v[rows] if np.ndim(v) and len(v) == len(rows) else v for n, v in values.items()}

    return Effect(add=part(effect.add), times=part(effect.times), fate=part(effect.fate))
