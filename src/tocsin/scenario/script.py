"""Reading what happens and what is compared: events, targets, parameters, switches and variants of a file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin import quantities
from tocsin.declare import EventKind, Param, Prior, fixed
from tocsin.errors import QuantityError
from tocsin.scenario import declared, observation
from tocsin.scenario.draft import Reader, nearest, shortlist
from tocsin.scenario.parts import METRICS, ROLES, Event, Setpoint, Target, Variant
from tocsin.scenario.schema import Number
from tocsin.scenario.text import Node


@dataclass(frozen=True)
class Frame:
    """What events and targets must fit into: the start, the days of a run, the places, and covering sources."""

    start: datetime
    days: float
    places: tuple[str, ...]
    cover: Mapping[str, str]


def read_events(reader: Reader, nodes: list[Node], frame: Frame) -> tuple[Event, ...]:
    """The script in order of time; events of the same moment keep the order of the file."""
    events = [event for node in nodes if (event := _event(reader, node, frame)) is not None]
    return tuple(sorted(events, key=lambda e: e.hours))


def _event(reader: Reader, node: Node, frame: Frame) -> Event | None:
    entries = reader.table(node, "event", ("at", "kind", "value"))
    if not {"at", "kind", "value"} <= entries.keys():
        return None
    kinds = declared.event_kinds()
    hours = _hours(reader, entries["at"], frame)
    name = reader.word(entries["kind"], kinds, "event kind")
    source = reader.source(node, frame.cover.get("event", ""))
    if not source:
        reader.refuse(node, "an event without a source", 'source = "..."', "say who reports it, or why it is assumed")
    if not name:
        return None
    return Event(
        hours=hours, kind=name, places=_event_places(reader, node, entries, kinds[name], frame),
        value=_event_value(reader, entries["value"], kinds[name]), part=reader.text(entries.get("part")),
        note=reader.text(entries.get("note")), source=source,
    )  # fmt: skip


def _hours(reader: Reader, node: Node, frame: Frame) -> float:
    """Hours after the start, of a moment ("2022-01-05 16:45") or a time after it ("3 days")."""
    hours = _moment_or_time(reader, node, frame.start)
    if hours < 0:
        reader.refuse(
            node,
            f"{node.value} is before the start",
            f"{quantities.write_moment(frame.start)} or later",
            "move the event, or start earlier",
        )
    elif hours >= frame.days * 24:
        end = frame.start + timedelta(days=frame.days)
        reader.refuse(
            node,
            f"{node.value} is not before the end",
            f"a moment before {quantities.write_moment(end)}",
            "move the event or lengthen the run; for a shorter look leave the length and run with --days",
        )
    return hours


def _moment_or_time(reader: Reader, node: Node, start: datetime) -> float:
    try:
        if isinstance(node.value, str) and node.value.strip()[:4].isdigit() and "-" in node.value:
            return (quantities.parse_moment(node.value) - start).total_seconds() / 3600
        if isinstance(node.value, str):
            return quantities.parse(node.value, "hours")
        return (quantities.parse_moment(node.value) - start).total_seconds() / 3600
    except QuantityError as fault:
        reader.refuse(node, fault.found, fault.expected, fault.do)
        return math.nan


def _event_places(
    reader: Reader, node: Node, entries: Mapping[str, Node], kind: EventKind, frame: Frame
) -> tuple[str, ...]:
    where = entries.get("places", entries.get("place"))
    if not declared.needs_place(kind):
        if where is not None:
            reader.refuse(where, f"{kind.name!r} happens to the whole country", "no place", "leave the place out")
        return ()
    if where is None:
        reader.refuse(node, f"{kind.name!r} needs a place", 'place = "..." or places = "all"', "say where it happens")
        return ()
    without = {reader.word(n, frame.places, "place") for n in _members(entries.get("except"))}
    if where.value == "all":
        return tuple(p for p in frame.places if p not in without)
    names = tuple(reader.word(n, frame.places, "place") for n in _members(where))
    for name in sorted({n for n in names if n and names.count(n) > 1}):
        reader.refuse(where, f"place {name!r} stands here twice", "each place once", "remove one of them")
    return tuple(n for n in names if n not in without)


def _members(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return list(node.value) if isinstance(node.value, list) else [node]


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


def read_targets(reader: Reader, nodes: list[Node], frame: Frame) -> tuple[Target, ...]:
    """The reported figures, each with the interval of the truth that its model gives."""
    targets = [target for node in nodes if (target := _target(reader, node, frame)) is not None]
    names = [t.name for t in targets]
    for name in sorted({n for n in names if names.count(n) > 1}):
        reader.refuse(nodes[names.index(name)], f"target {name!r} stands twice", "names that differ", "rename one")
    return tuple(_observed(target, targets) for target in targets)


def _target(reader: Reader, node: Node, frame: Frame) -> Target | None:
    keys = ("name", "metric", "at", "low", "model", "role")
    entries = reader.table(node, "target", keys)
    source = reader.source(node, frame.cover.get("target", ""))
    if not source:
        reader.refuse(node, "a target without a source", 'source = "..."', "say who reports it")
    if not set(keys) <= entries.keys():
        return None
    metric = reader.word(entries["metric"], METRICS, "metric")
    number = Number("" if metric == "control" else "people", 0, 2e9, "as reported")
    low = reader.number(entries["low"], number)
    high = reader.number(entries["high"], number) if "high" in entries else low
    if high < low:
        reader.refuse(entries["high"], f"high {high:g} is below low {low:g}", "low, then high", "exchange them")
    return Target(
        name=reader.text(entries["name"]), metric=metric,
        place=reader.word(entries.get("place"), frame.places, "place"),
        day=_target_day(reader, entries["at"], frame), low=low, high=high, interval=(low, high),
        role=reader.word(entries["role"], ROLES, "role"),
        model=reader.word(entries["model"], observation.MODELS, "model"), source=source,
    )  # fmt: skip


def _target_day(reader: Reader, node: Node, frame: Frame) -> float:
    """Days after the start; a date means the end of that day, "end" the end of the run."""
    if node.value == "end":
        return frame.days
    try:
        date = quantities.parse_date(node.value)
    except QuantityError as fault:
        reader.refuse(node, fault.found, fault.expected, fault.do)
        return math.nan
    if date is not None:
        moment = datetime(date.year, date.month, date.day) + timedelta(days=1)  # noqa: DTZ001 (local time)
        day = (moment - frame.start).total_seconds() / 86400
    else:
        day = _moment_or_time(reader, node, frame.start) / 24
    if day <= 0 or day > frame.days:
        reader.refuse(node, f"{node.value} is outside the run", f"within {frame.days:g} days of the start", "move it")
    return day


def _observed(target: Target, targets: list[Target]) -> Target:
    same = sorted(
        (t.day, math.sqrt(t.low * t.high)) for t in targets if (t.metric, t.place) == (target.metric, target.place)
         and t.model == "detained" and t.low > 0
    )  # fmt: skip
    days, reported = [d for d, _ in same], [r for _, r in same]
    later = observation.growth(days, reported, target.day) if target.model == "detained" and days else None
    return replace(target, interval=observation.interval(target.model, target.low, target.high, later))


def read_setpoints(reader: Reader, node: Node | None, *, complete: bool) -> dict[str, Setpoint]:
    """The parameters that a table sets; with `complete`, all of them, the others as declared."""
    known = declared.parameters()
    found: dict[str, Setpoint] = {}
    for name, entry in _flat(reader, node):
        if name not in known:
            do = nearest(name, known, "see `tocsin explain parameters`")
            reader.refuse(entry, f"unknown parameter {name!r}", "a parameter of a mechanism, by its full name", do)
            continue
        setpoint = _setpoint(reader, entry, known[name])
        if setpoint is not None:
            found[name] = setpoint
    if not complete:
        return found
    return {name: found.get(name, Setpoint(p.prior, p.source)) for name, p in known.items()}


def _flat(reader: Reader, node: Node | None, prefix: str = "") -> Iterator[tuple[str, Node]]:
    """Parameters by full name, whether written "risk.slope" = ... or under [parameters.risk]."""
    for key, child in reader.entries(node):
        name = f"{prefix}{key}"
        if isinstance(child.value, dict) and child.value and not {"value", "prior", "source"} & child.value.keys():
            yield from _flat(reader, child, f"{name}.")
        else:
            yield name, child


def _setpoint(reader: Reader, node: Node, param: Param) -> Setpoint | None:
    number = Number(param.unit, param.low, param.high, param.doc)
    if not isinstance(node.value, dict) or "prior" not in node.value:
        figure = reader.figure(node, number, "")
        return None if math.isnan(figure.value) else Setpoint(fixed(figure.value), figure.source)
    entries = reader.table(node, "setpoint", ("prior",))
    source = reader.text(entries.get("source"))
    if not source:
        reader.refuse(node, "a prior without a source", 'source = "..."', '"assumed: why" is a source')
    if "value" in entries:
        reader.refuse(entries["value"], "a value and a prior at once", "one of them", "remove one")
    text = reader.text(entries["prior"])
    try:
        prior = quantities.parse_prior(text, param.unit) if text else param.prior
    except QuantityError as fault:
        reader.refuse(entries["prior"], fault.found, fault.expected, fault.do)
        return None
    if wrong := outside(prior, param):
        reader.refuse(
            entries["prior"],
            f"{text!r} {wrong}",
            quantities.span(param.low, param.high, param.unit),
            "narrow the prior",
        )
    return Setpoint(prior, source)


def outside(prior: Prior, param: Param) -> str:
    """What is wrong with a prior for this parameter's range; "" if nothing. Tails are clipped to the range."""
    if prior.kind == "uniform" and not param.low <= prior.a <= prior.b <= param.high:
        return "reaches out of range"
    if prior.kind in ("fixed", "normal", "lognormal") and not param.low <= prior.a <= param.high:
        return "has its middle out of range"
    if prior.kind == "beta" and not param.low <= prior.a / (prior.a + prior.b) <= param.high:
        return "has its middle out of range"
    return ""


def read_off(reader: Reader, node: Node | None) -> tuple[dict[str, bool], dict[str, bool]]:
    """Every mechanism and switch: on, unless the table names it."""
    names, switches = _off_names(reader, node)
    return (
        {name: name not in names for name in declared.mechanisms()},
        {name: name not in switches for name in declared.switches()},
    )


def _off_names(reader: Reader, node: Node | None) -> tuple[list[str], list[str]]:
    entries = reader.table(node, "off")
    names = [reader.word(n, declared.mechanisms(), "mechanism") for n in _members(entries.get("mechanisms"))]
    switches = [reader.word(n, declared.switches(), "switch") for n in _members(entries.get("switches"))]
    for name in names:
        if name in declared.ALWAYS:
            reader.refuse(entries["mechanisms"], f"{name!r} cannot be off", "another mechanism", "leave it on")
    return names, switches


def read_variants(reader: Reader, node: Node | None, parts: set[str]) -> dict[str, Variant]:
    """The named variants, as changes that `vary` takes."""
    variants: dict[str, Variant] = {}
    for name, entry in reader.entries(node):
        entries = reader.table(entry, "variant", ("title", "why"))
        changes: dict[str, object] = {}
        if drop := [reader.word(n, sorted(parts), "part") for n in _members(entries.get("drop"))]:
            changes["drop"] = tuple(drop)
        kinds = [reader.word(n, declared.event_kinds(), "event kind") for n in _members(entries.get("drop_kinds"))]
        if kinds:
            changes["drop_kinds"] = tuple(kinds)
        changes.update(read_setpoints(reader, entries.get("parameters"), complete=False))
        for group in _off_names(reader, entries.get("off")):
            changes.update(dict.fromkeys(group, False))
        variants[name] = Variant(reader.text(entries.get("title")), reader.text(entries.get("why")), changes)
    return variants
