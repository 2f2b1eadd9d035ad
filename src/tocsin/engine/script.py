"""The scenario's events as changes of columns, tick by tick."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import numpy as np

from tocsin.declare import EventKind, Mechanism
from tocsin.exact import Floats
from tocsin.scenario.parts import Event
from tocsin.scenario.powers import lapses
from tocsin.scenario.scenario import Scenario
from tocsin.state import HOME, Setting

Change = tuple[EventKind, tuple[Any, ...], float]
"""What is set, where in its column (an index of the array), and to what."""


def schedule(scenario: Scenario, mechanisms: tuple[Mechanism, ...], setting: Setting) -> dict[int, list[Change]]:
    """The changes due at each tick in one society: an event acts from the tick that contains its hour."""
    known = {kind.name: kind for m in mechanisms for kind in m.events}
    dims = {column.name: column.dims for m in mechanisms for column in m.columns}
    due: dict[int, list[Change]] = {}
    for event in sorted(scenario.events, key=lambda e: (e.hours, e.kind, e.places, e.value, e.state)):
        kind = known[event.kind]
        at = where(event, kind, dims[kind.column], setting)
        if at is not None and not lapses(event, scenario):
            due.setdefault(int(event.hours // scenario.tick_hours), []).append((kind, at, event.value))
    return due


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


def apply(changes: list[Change], columns: MutableMapping[str, Floats]) -> None:
    """Set or add."""
    for kind, at, value in changes:
        column = columns[kind.column].copy()
        column[at] = column[at] + value if kind.mode == "add" else value
        columns[kind.column] = column
