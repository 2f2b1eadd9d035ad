"""The scenario's events as changes of columns, tick by tick."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism
from tocsin.exact import Floats
from tocsin.scenario.scenario import Scenario

Change = tuple[EventKind, tuple[int, ...], float]


def kinds(mechanisms: tuple[Mechanism, ...]) -> dict[str, EventKind]:
    """All declared kinds of events by name."""
    return {kind.name: kind for m in mechanisms for kind in m.events}


def schedule(scenario: Scenario, mechanisms: tuple[Mechanism, ...]) -> dict[int, list[Change]]:
    """The changes due at each tick: an event acts from the tick that contains its hour."""
    known = kinds(mechanisms)
    names = sorted(p.name for p in scenario.places)
    due: dict[int, list[Change]] = {}
    for event in sorted(scenario.events, key=lambda e: (e.hours, e.kind, e.places, e.value)):
        tick = int(event.hours // scenario.tick_hours)
        rows = tuple(i for i, name in enumerate(names) if name in event.places)
        due.setdefault(tick, []).append((known[event.kind], rows, event.value))
    return due


def apply(changes: list[Change], columns: MutableMapping[str, Floats], declared: Mapping[str, Column]) -> None:
    """Set or add; columns of the polity have one entry and need no place."""
    for kind, rows, value in changes:
        column = columns[kind.column].copy()
        where = np.array([0] if declared[kind.column].dims == "polity" else rows, dtype=np.int64)
        column[where] = column[where] + value if kind.mode == "add" else value
        columns[kind.column] = column
