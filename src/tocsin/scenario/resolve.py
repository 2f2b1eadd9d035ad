"""From the nodes of a file to the complete scenario; what stands in it is read by the modules next door."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin import quantities
from tocsin.errors import QuantityError, ScenarioErrors, TocsinError
from tocsin.scenario.draft import Reader
from tocsin.scenario.own import Extensions
from tocsin.scenario.parts import Event, Place, Segment, State
from tocsin.scenario.places import Sources, read_places, read_segments
from tocsin.scenario.reference import read_reference
from tocsin.scenario.rules import Key, faults_of
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.schema import SETTINGS
from tocsin.scenario.script import Frame, Script, read_events
from tocsin.scenario.setpoints import read_off, read_setpoints
from tocsin.scenario.society import Factions, read_alliance, read_factions, read_policy, read_states, settled
from tocsin.scenario.targets import read_targets
from tocsin.scenario.text import Node
from tocsin.scenario.variants import Known, read_variants

HOME = "home"
"""Name of the home state where the file gives none."""


@dataclass(frozen=True)
class _Cast:
    """Who lives and acts in a scenario, and the frame that its script must fit into."""

    home: str
    segments: tuple[Segment, ...]
    places: tuple[Place, ...]
    states: tuple[State, ...]
    frame: Frame


def resolve(root: Node, name: str, origin: str, extensions: Extensions = ()) -> Scenario:
    """The scenario that a tree of nodes describes; raises all its faults together."""
    reader = Reader(extensions)
    sections = reader.table(root, "", ("scenario", "place"))
    cover = {k: reader.text(v) for k, v in reader.entries(sections.get("sources"))}
    sources = Sources(cover, {}, sections.get("segment"))
    head = reader.table(sections.get("scenario"), "scenario", ("title", "start", "length"))
    settings = _settings(reader, head, sources)
    cast = _cast(reader, sections, head, settings, sources)
    script = read_events(reader, reader.tables(sections.get("event")), cast.frame)
    homes = tuple(p.name for p in cast.places)
    reference = read_reference(reader, sections.get("reference"), homes, script.events, sources)
    factions = read_factions(reader, reader.tables(sections.get("faction")), cast.frame, sources)
    targets = read_targets(reader, reader.tables(sections.get("target")), cast.frame)
    parameters = read_setpoints(reader, sections.get("parameters"), complete=True)
    mechanisms, switches = read_off(reader, sections.get("off"))
    alliance = read_alliance(reader, sections.get("alliance"), sources)
    policy = read_policy(reader, sections.get("policy"), cast.frame)
    variants = read_variants(reader, sections.get("variants"), _known(script, factions, cast.frame))
    reader.finish()
    scenario = Scenario(
        name=reader.text(head.get("name"), name), title=reader.text(head["title"]),
        variant=reader.text(head.get("variant")), start=cast.frame.start, days=settings["length"],
        tick_hours=settings["tick"], people_per_agent=int(settings["people_per_agent"]),
        unit_size=settings["unit_size"], circle_size=int(settings["circle_size"]), places=cast.places,
        segments=cast.segments, events=script.events, parameters=parameters, mechanisms=mechanisms, switches=switches,
        targets=targets, sources=sources.noted, origin=origin, variants=variants, home=cast.home, states=cast.states,
        alliance=alliance, factions=factions.acting, policy=policy, optional_events=script.optional,
        optional_factions=factions.optional, reference=reference, extensions=extensions,
    )  # fmt: skip
    _judge(reader, scenario, root, script.spots)
    return scenario


def _cast(
    reader: Reader, sections: Mapping[str, Node], head: Mapping[str, Node], settings: Mapping[str, float],
    sources: Sources,
) -> _Cast:  # fmt: skip
    home = reader.text(head.get("home"), HOME)
    nodes = reader.tables(sections.get("state"))
    states = read_states(reader, nodes, sources, home, settings["people_per_agent"])
    segments, shares = read_segments(reader, reader.tables(sections.get("segment")), sources)
    places, belongs = read_places(reader, sections, shares, sources, (home, *states))
    said = _start(reader, head)
    start = said or datetime(1, 1, 1)  # noqa: DTZ001 (local; a missing start is a fault that is raised)
    patron = next((s.name for s in states.values() if s.role == "patron"), "")
    days = settings["length"] if said else math.nan
    frame = Frame(start, days, home, belongs, patron, (home, *states), sources.cover)
    own = tuple(p for p in places.values() if belongs[p.name] == home)
    return _Cast(home, segments, own, settled(states, places, belongs), frame)


def _known(script: Script, factions: Factions, frame: Frame) -> Known:
    """The parts that variants may drop and add."""
    acting = {e.part for e in script.events} | {f.part for f in factions.acting}
    optional = {e.part for e in script.optional} | {f.part for f in factions.optional}
    return Known(tuple(sorted(acting - {""})), tuple(sorted(optional - {""})), frame.start, frame.days)


def _judge(reader: Reader, scenario: Scenario, root: Node, spots: Mapping[Event, Node]) -> None:
    """Faults between numbers that are each in range, put where the number stands; then those of the variants."""
    for path, found, expected, do in faults_of(scenario):
        reader.refuse(_spot(root, path, spots), found, expected, do)
    reader.finish()
    for name in scenario.variants:
        node = _spot(root, ("variants", name), spots)
        try:
            scenario.world(name)
        except TocsinError as fault:
            for one in fault.faults if isinstance(fault, ScenarioErrors) else (fault,):
                reader.refuse(node, one.found, one.expected, one.do)
    reader.finish()


def _spot(root: Node, path: tuple[Key, ...], spots: Mapping[Event, Node]) -> Node:
    """The node at a path, or the last one on the way to it that the file has."""
    node = root
    for key in path:
        child = spots.get(key) if isinstance(key, Event) else _child(node, key)
        if child is None:
            break
        node = child
    return node


def _child(node: Node, key: str | int) -> Node | None:
    """An entry of a table, or a member of a list by its place or by its name."""
    if isinstance(node.value, dict):
        return node.value.get(key)
    if isinstance(node.value, list) and isinstance(key, int):
        return node.value[key] if key < len(node.value) else None
    if isinstance(node.value, list):
        return next((n for n in node.value if _named(n) == key), None)
    return None


def _named(node: Node) -> str:
    entry = node.value.get("name") if isinstance(node.value, dict) else None
    return str(entry.value).strip() if entry is not None else ""


def _start(reader: Reader, head: Mapping[str, Node]) -> datetime | None:
    if (node := head.get("start")) is not None:
        try:
            return quantities.parse_moment(node.value)
        except QuantityError as fault:
            reader.refuse(node, fault.found, fault.expected, fault.do)
    return None


def _settings(reader: Reader, head: Mapping[str, Node], sources: Sources) -> dict[str, float]:
    own = reader.text(head.get("source"))
    values = {}
    for key, number in SETTINGS.items():
        if key in head:
            figure = reader.figure(head[key], number, sources.fallback(f"scenario.{key}", own))
            values[key] = figure.value
            sources.noted[f"scenario.{key}"] = figure.source
        elif number.default is not None:
            values[key] = float(number.default)
            sources.noted[f"scenario.{key}"] = f"default: {number.source}"
        else:
            values[key] = math.nan
    return values
