"""What the mechanisms declare, by full name: the vocabulary of every scenario."""

from __future__ import annotations

from tocsin.declare import EventKind, Mechanism, Param
from tocsin.mechanisms import MECHANISMS

ALWAYS = ("law", "outcome")
"""Mechanisms without which there is nothing to run; they cannot be switched off."""


def mechanisms() -> dict[str, Mechanism]:
    """Name -> mechanism, in the order of the plan."""
    return {m.name: m for m in MECHANISMS}


def parameters() -> dict[str, Param]:
    """Full name ("risk.slope") -> declaration."""
    return {f"{m.name}.{p.name}": p for m in MECHANISMS for p in m.params}


def switches() -> dict[str, str]:
    """Full name ("intervention.signal") -> meaning."""
    return {f"{m.name}.{name}": doc for m in MECHANISMS for name, doc in m.switches.items()}


def event_kinds() -> dict[str, EventKind]:
    """Name ("arrival") -> declaration."""
    return {e.name: e for m in MECHANISMS for e in m.events}


def dims(kind: EventKind) -> str:
    """The axes of the column that an event of this kind changes."""
    found = (c.dims for m in MECHANISMS for c in m.columns if c.name == kind.column)
    return next(found, "place")


def needs_place(kind: EventKind) -> bool:
    """Whether an event of this kind happens in places, rather than to a whole polity or state."""
    return dims(kind) in ("place", "place_state")


def has_actor(kind: EventKind) -> bool:
    """Whether an event of this kind is the act or the fate of one state among all: the patron unless it names one."""
    return dims(kind) in ("state", "place_state")
