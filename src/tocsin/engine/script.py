"""The scenario's events as changes of columns, tick by tick."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.declare import EventKind, Mechanism
from tocsin.exact import Floats
from tocsin.scenario.parts import Event
from tocsin.scenario.powers import lapses
from tocsin.scenario.scenario import Scenario
from tocsin.state import HOME, Setting


class Change(NamedTuple):
    """What one event does: to which column, where in it (an index of its own axes), and to what value."""

    kind: EventKind
    at: tuple[Any, ...]
    value: float


Schedule = Mapping[int, list[Change]]
"""Tick -> the changes that are due then, in their order."""


def schedule(scenario: Scenario, mechanisms: tuple[Mechanism, ...], setting: Setting) -> Schedule:
    """The changes due at each tick in one society: an event acts from the tick that contains its hour."""
    known = {kind.name: kind for m in mechanisms for kind in m.events}
    dims = {column.name: column.dims for m in mechanisms for column in m.columns}
    due: dict[int, list[Change]] = {}
    for event in sorted(scenario.events, key=lambda e: (e.hours, e.kind, e.places, e.value, e.state)):
        kind = known[event.kind]
        at = where(event, kind, dims[kind.column], setting)
        if at is not None and not lapses(event, scenario):
            due.setdefault(int(event.hours // scenario.tick_hours), []).append(Change(kind, at, event.value))
    return due


def schedules(
    scenarios: Sequence[Scenario], mechanisms: tuple[Mechanism, ...], setting: Setting
) -> list[tuple[NDArray[np.int64], Schedule]]:
    """The script of each world of a batch: rows of worlds that follow the same one, and what is due."""
    rows: dict[Any, list[int]] = {}
    for row, scenario in enumerate(scenarios):
        rows.setdefault((scenario.events, tuple(scenario.policy.items())), []).append(row)
    return [(np.array(r), schedule(scenarios[r[0]], mechanisms, setting)) for r in rows.values()]


def where(event: Event, kind: EventKind, dims: str, setting: Setting) -> tuple[Any, ...] | None:
    """The index at which an event changes a column of these dims; None: it is about another society.

    What states do to home (columns over states, and whatever the alliance decides) is home's script, whichever state
    does it.
    """
    states = setting.states
    actor = states.names.index(event.state) if event.state else states.patron
    rows = np.array([i for i, name in enumerate(setting.places) if name in event.places], np.int64)
    if dims == "state":
        return (np.array([actor]),) if states.own == HOME or kind.known else None
    if dims == "place_state":
        return (rows, actor) if len(rows) else None
    if dims == "polity":
        there = HOME if kind.by == "alliance" or not event.state else actor
        return (np.array([0]),) if states.own == there else None
    return (rows,) if len(rows) else None


def apply(changes: Sequence[Change], rows: NDArray[np.int64], columns: MutableMapping[str, Floats]) -> None:
    """Set or add, in the worlds of these rows."""
    for kind, at, value in changes:
        column = columns[kind.column].copy()
        here = (rows[:, None], *at)
        column[here] = column[here] + value if kind.mode == "add" else value
        columns[kind.column] = column
