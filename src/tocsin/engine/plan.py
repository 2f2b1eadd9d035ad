"""The tick as a table: which steps run, in which order, what each reads, writes and draws."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.declare import Column, Mechanism
from tocsin.errors import PlanError
from tocsin.mechanisms import MECHANISMS
from tocsin.scenario.scenario import Scenario

PEOPLE_COLUMNS = (
    Column("turnout", "place", "people", "People committed to any tactic."),
    Column("present", "place", "people", "People in the street, by tactic and hour."),
    Column("former", "place", "people", "People who took part earlier and are free."),
    Column("killed", "place", "people", "People killed since the start."),
    Column("in_custody", "place", "people", "People in detention."),
)
"""Columns that the engine counts from people; mechanisms only read them."""
BULLETIN = (
    Column("abroad_turnout", "state", "share", "Share of the people of each state who are active."),
    Column("abroad_killed", "state", "people", "People killed in each state since the start."),
    Column("abroad_end", "state", "code", "End of each state (M19): 0 standing, 1 to 3 fallen or ruler gone, 4 war."),
    Column("abroad_conceded", "state", "concessions", "Concessions made in each state, mean over its people."),
    Column("abroad_troops", "state", "people", "Foreign troops in each state."),
    Column("deployed", "state", "people", "Troops of each state that are in the home state."),
)
"""What every state knows of all states, as of the last tick; the engine writes it, mechanisms only read it."""
ENGINE_STEPS = {
    "events": "script events that are due set their columns",
    "compose": "contributions are added and multiplied into the coefficients of the law",
    "choose": "every person by the law, on what was seen at the last tick",
    "tally": "people by place and action; who is in the street at this hour",
    "fate": "detained, wounded, killed, released, found at home",
    "ties": "changed activity and harm are pushed along ties",
    "bulletin": "what every state knows of the others from the next tick on",
    "record": "one slot of every series; nothing is drawn or changed",
}
ORDER = (
    "events", "information", "coefficients", "compose", "choose", "tally", "encounter", "fate", "ties", "control",
    "loyalty", "elites", "government", "alliance", "intervention", "outcome", "bulletin", "record",
)  # fmt: skip
"""Order within a tick (engine.md 3). Contributions of steps after `compose` act from the next tick."""


@dataclass(frozen=True)
class Step:
    """One row of the plan; `mechanism` is None for the engine's own steps."""

    phase: str
    mechanism: Mechanism | None


class Plan:
    """The ordered steps of a tick for one scenario. Refuses mechanisms that do not fit together."""

    def __init__(self, scenario: Scenario, mechanisms: tuple[Mechanism, ...] = MECHANISMS) -> None:
        self.all = mechanisms
        self.running = tuple(m for m in mechanisms if scenario.mechanisms.get(m.name, True))
        self.columns = _collect(mechanisms)
        self.steps = tuple(_ordered(self.running))
        _check(self.running, self.columns)

    def phase(self, name: str) -> tuple[Mechanism, ...]:
        """The mechanisms of one phase, in order."""
        return tuple(s.mechanism for s in self.steps if s.phase == name and s.mechanism is not None)

    def table(self) -> list[tuple[str, ...]]:
        """Rows (step, number, name, reads, sets, draws) for people to read."""
        rows: list[tuple[str, ...]] = []
        for number, step in enumerate(self.steps, 1):
            m = step.mechanism
            if m is None:
                rows.append((str(number), "", step.phase, "", ENGINE_STEPS[step.phase], ""))
            else:
                owns = [c.name for c in m.columns]
                sets = ", ".join([*m.sets, *owns])
                rows.append((str(number), m.number, m.name, ", ".join(m.reads), sets, ", ".join(m.draws)))
        return rows


def _collect(mechanisms: tuple[Mechanism, ...]) -> dict[str, Column]:
    columns = {c.name: c for c in (*PEOPLE_COLUMNS, *BULLETIN)}
    for mechanism in mechanisms:
        for column in mechanism.columns:
            if column.name in columns:
                raise PlanError(
                    f"two owners of the column {column.name!r}",
                    expected="one mechanism owns a column",
                    do=f"rename it in {mechanism.name}",
                )
            columns[column.name] = column
    return columns


def _ordered(running: tuple[Mechanism, ...]) -> list[Step]:
    steps = []
    for phase in ORDER:
        if phase in ENGINE_STEPS:
            steps.append(Step(phase, None))
        steps.extend(Step(phase, m) for m in running if m.phase == phase)
    return steps


def _check(running: tuple[Mechanism, ...], columns: dict[str, Column]) -> None:
    for mechanism in running:
        if mechanism.phase not in ORDER or mechanism.phase in ENGINE_STEPS:
            raise PlanError(f"{mechanism.name} has the unknown phase {mechanism.phase!r}", expected=", ".join(ORDER))
        for name in mechanism.reads:
            if name not in columns:
                raise PlanError(f"{mechanism.name} reads {name!r}, which nobody owns", do="declare the column")
