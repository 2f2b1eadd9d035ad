"""What the mechanisms declare, by full name: the vocabulary of every scenario.

Shipped mechanisms first, then those of the extensions, in their order.
"""

from __future__ import annotations

from tocsin.declare import EventKind, Param
from tocsin.mechanisms import MECHANISMS
from tocsin.scenario.own import Declared, Extensions

ALWAYS = ("law", "outcome")
"""Mechanisms without which there is nothing to run; they cannot be switched off."""


def everything(extensions: Extensions = ()) -> tuple[Declared, ...]:
    """All declarations, in the order of the plan."""
    return (*MECHANISMS, *(m for e in extensions for m in e.mechanisms))


def mechanisms(extensions: Extensions = ()) -> dict[str, Declared]:
    """Name -> mechanism."""
    return {m.name: m for m in everything(extensions)}


def parameters(extensions: Extensions = ()) -> dict[str, Param]:
    """Full name ("risk.slope") -> declaration."""
    return {f"{m.name}.{p.name}": p for m in everything(extensions) for p in m.params}


def switches(extensions: Extensions = ()) -> dict[str, str]:
    """Full name ("intervention.signal") -> meaning."""
    return {f"{m.name}.{name}": doc for m in everything(extensions) for name, doc in m.switches.items()}


def event_kinds(extensions: Extensions = ()) -> dict[str, EventKind]:
    """Name ("arrival") -> declaration."""
    return {e.name: e for m in everything(extensions) for e in m.events}


def dims(kind: EventKind, extensions: Extensions = ()) -> str:
    """The axes of the column that an event of this kind changes."""
    found = (c.dims for m in everything(extensions) for c in m.columns if c.name == kind.column)
    return next(found, "place")


def needs_place(kind: EventKind, extensions: Extensions = ()) -> bool:
    """Whether an event of this kind happens in places, rather than to a whole polity or state."""
    return dims(kind, extensions) in ("place", "place_state")


def has_actor(kind: EventKind, extensions: Extensions = ()) -> bool:
    """Whether an event of this kind is the act or the fate of one state among all: the patron unless it names one."""
    return dims(kind, extensions) in ("state", "place_state")
