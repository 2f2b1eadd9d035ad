"""Reading what happens: the events of a file, their times, states and places."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin import quantities
from tocsin.declare import EventKind
from tocsin.errors import QuantityError
from tocsin.scenario import declared
from tocsin.scenario.draft import Reader, members, nearest, shortlist
from tocsin.scenario.parts import Event
from tocsin.scenario.schema import Number
from tocsin.scenario.text import Node


@dataclass(frozen=True)
class Frame:
    """What the script must fit into.

    start, days: the run; home: name of the home state; belongs: place -> its state, of all societies; patron: name of
    the patron ("" if there is none); states: names of all states, home first; cover: sources that cover a section.
    """

    start: datetime
    days: float
    home: str
    belongs: Mapping[str, str]
    patron: str
    states: tuple[str, ...]
    cover: Mapping[str, str]

    def places(self, state: str) -> tuple[str, ...]:
        """The places of one state, in the order of the file."""
        return tuple(place for place, where in self.belongs.items() if where == state)


@dataclass(frozen=True)
class Script:
    """The events of a file: those that happen, those that only a variant adds, and where each of them stands."""

    events: tuple[Event, ...]
    optional: tuple[Event, ...]
    spots: Mapping[Event, Node]


def read_events(reader: Reader, nodes: list[Node], frame: Frame) -> Script:
    """The script in order of time; events of the same moment keep the order of the file."""
    happen, optional = list[Event](), list[Event]()
    spots: dict[Event, Node] = {}
    for node in nodes:
        entries = reader.table(node, "event", ("at", "kind", "value"))
        if not {"at", "kind", "value"} <= entries.keys():
            continue
        apart = read_optional(reader, entries, "event")
        event = _event(reader, node, entries, frame)
        if event is not None:
            (optional if apart else happen).append(event)
            spots.setdefault(event, node)
    return Script(in_order(happen), in_order(optional), spots)


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Events by time; those of the same moment stay as they are."""
    return tuple(sorted(events, key=lambda e: e.hours))


def read_optional(reader: Reader, entries: Mapping[str, Node], what: str) -> bool:
    """Whether only variants add this; then it needs a part by which they name it."""
    optional = reader.truth(entries.get("optional"), False)
    if optional and "part" not in entries:
        found, expected = f"an optional {what} without a part", 'part = "..."'
        reader.refuse(entries["optional"], found, expected, "name the part by which variants add it")
    return optional


def _event(reader: Reader, node: Node, entries: Mapping[str, Node], frame: Frame) -> Event | None:
    kinds = declared.event_kinds(reader.extensions)
    hours = read_hours(reader, entries["at"], frame, "the event")
    name = reader.word(entries["kind"], kinds, "event kind")
    source = reader.source(node, frame.cover.get("event", ""))
    if not source:
        reader.refuse(node, "an event without a source", 'source = "..."', "say who reports it, or why it is assumed")
    if not name:
        return None
    state, places = _where(reader, node, entries, kinds[name], frame)
    return Event(
        hours=hours, kind=name, places=places, value=_event_value(reader, entries["value"], kinds[name]),
        part=reader.text(entries.get("part")), note=reader.text(entries.get("note")), source=source, state=state,
    )  # fmt: skip


def read_hours(reader: Reader, node: Node, frame: Frame, what: str) -> float:
    """Hours after the start, of a moment ("2022-01-05 16:45") or a time after it ("3 days")."""
    hours = moment_or_time(reader, node, frame.start)
    if hours < 0:
        reader.refuse(
            node,
            f"{node.value} is before the start",
            f"{quantities.write_moment(frame.start)} or later",
            f"move {what}, or start earlier",
        )
    elif hours >= frame.days * 24:
        end = frame.start + timedelta(days=frame.days)
        reader.refuse(
            node,
            f"{node.value} is not before the end",
            f"a moment before {quantities.write_moment(end)}",
            f"move {what} or lengthen the run; for a shorter look leave the length and run with --days",
        )
    return hours


def moment_or_time(reader: Reader, node: Node, start: datetime) -> float:
    """Hours from the start to what a node says; nan after a fault."""
    try:
        return hours_after(node.value, start)
    except QuantityError as fault:
        reader.refuse(node, fault.found, fault.expected, fault.do)
        return math.nan


def hours_after(value: object, start: datetime) -> float:
    """Hours from the start to a moment, or those of a time after the start ("3 days")."""
    if isinstance(value, str) and not (value.strip()[:4].isdigit() and "-" in value):
        return quantities.parse(value, "hours")
    return (quantities.parse_moment(value) - start).total_seconds() / 3600


def _where(
    reader: Reader, node: Node, entries: Mapping[str, Node], kind: EventKind, frame: Frame
) -> tuple[str, tuple[str, ...]]:
    """The state that acts or to which an event happens ("" is home), and its places."""
    said = reader.word(entries.get("state"), frame.states, "state")
    where = entries.get("places", entries.get("place"))
    acts = declared.has_actor(kind, reader.extensions)
    if not declared.needs_place(kind, reader.extensions):
        if where is not None:
            do = 'leave the place out; `state = "..."` names another state'
            reader.refuse(where, f"{kind.name!r} happens to a whole country", "no place", do)
        return (said or frame.patron, ()) if acts else (_of_society(reader, entries, said, frame), ())
    if where is None:
        reader.refuse(node, f"{kind.name!r} needs a place", 'place = "..." or places = "all"', "say where it happens")
        return "", ()
    places = _event_places(reader, where, entries, frame, frame.home if acts else said or frame.home)
    if acts:
        return said or frame.patron, places
    found = frame.belongs[places[0]] if places else said or frame.home
    if said and places and found != said:
        reader.refuse(entries["state"], f"{places[0]!r} is in {found!r}, not in {said!r}", f"{found!r}", "correct one")
    return "" if found == frame.home else found, places


def _of_society(reader: Reader, entries: Mapping[str, Node], said: str, frame: Frame) -> str:
    """The state to whose people something happens; it must have people here."""
    if said and not frame.places(said):
        expected, do = f"a state with places, such as {frame.home!r}", f"add a [[place]] of {said!r}, or leave this out"
        reader.refuse(entries["state"], f"{said!r} has no places, so nothing can happen to it", expected, do)
    return "" if said == frame.home else said


def _event_places(
    reader: Reader, where: Node, entries: Mapping[str, Node], frame: Frame, state: str
) -> tuple[str, ...]:
    """The places of one society; state: the one that "all" means."""
    without = {reader.word(n, frame.belongs, "place") for n in members(entries.get("except"))}
    if where.value == "all":
        places = tuple(p for p in frame.places(state) if p not in without)
        if not frame.places(state):
            reader.refuse(where, f"{state!r} has no places", "a state with places", "say where it happens")
        return places
    names = tuple(name for n in members(where) if (name := reader.word(n, frame.belongs, "place")))
    for name in sorted({n for n in names if names.count(n) > 1}):
        reader.refuse(where, f"place {name!r} stands here twice", "each place once", "remove one of them")
    states = sorted({frame.belongs[n] for n in names})
    if len(states) > 1:
        reader.refuse(where, f"places of {' and of '.join(states)}", "places of one state", "write one event for each")
    return tuple(n for n in names if n not in without)


def _event_value(reader: Reader, node: Node, kind: EventKind) -> float:
    if kind.choices:
        words = {True: "on", False: "off"}
        word = words[node.value] if isinstance(node.value, bool) else node.value
        if isinstance(word, str) and word in kind.choices:
            return float(kind.choices[word])
        if isinstance(word, str):
            do = nearest(word, kind.choices, "use one of these words")
            reader.refuse(node, f"{kind.name!r} cannot be {word!r}", shortlist(kind.choices), do)
            return math.nan
    return reader.number(node, Number(kind.unit, kind.low, kind.high, kind.doc))
