"""The tick as a table: which steps run, in which order, what each reads, writes and draws."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.declare import BULLETIN, ENGINE_STEPS, ORDER, PEOPLE_COLUMNS, Column, Mechanism
from tocsin.errors import PlanError
from tocsin.mechanisms import MECHANISMS
from tocsin.scenario.own_code import own_mechanisms
from tocsin.scenario.scenario import Scenario

__all__ = ["BULLETIN", "ENGINE_STEPS", "ORDER", "PEOPLE_COLUMNS", "Plan", "Step"]


@dataclass(frozen=True)
class Step:
    """One row of the plan; `mechanism` is None for the engine's own steps."""

    phase: str
    mechanism: Mechanism | None


class Plan:
    """The ordered steps of a tick for one scenario: the shipped mechanisms, and after them the scenario's own.

    Loads the code of own mechanisms. Refuses mechanisms that do not fit together.
    """

    def __init__(self, scenario: Scenario, mechanisms: tuple[Mechanism, ...] | None = None) -> None:
        mechanisms = (*MECHANISMS, *own_mechanisms(scenario.extensions)) if mechanisms is None else mechanisms
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
