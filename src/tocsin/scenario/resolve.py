"""From the nodes of a file to the complete scenario: settings, places, segments; the script is read next door."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin import quantities
from tocsin.errors import QuantityError
from tocsin.scenario.draft import Reader, shortlist
from tocsin.scenario.parts import Place, Segment, Site
from tocsin.scenario.rules import faults_of
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.schema import PLACE, SETTINGS, SITE_KINDS, Number
from tocsin.scenario.script import Frame, read_events, read_off, read_setpoints, read_targets, read_variants
from tocsin.scenario.text import Node

SHARE = Number("share", 0, 1, "share of the people of a place")


@dataclass
class _Sources:
    """What covers a number that has no source of its own, and what has been noted so far."""

    cover: Mapping[str, str]
    noted: dict[str, str]
    segments: Node | None = None

    def fallback(self, key: str, own: str) -> str:
        return own or self.cover.get(key, "") or self.cover.get(key.split(".", maxsplit=1)[0], "")


def resolve(root: Node, name: str, origin: str) -> Scenario:
    """The scenario that a tree of nodes describes; raises all its faults together."""
    reader = Reader()
    sections = reader.table(root, "", ("scenario", "place"))
    cover = {k: reader.text(v) for k, v in reader.entries(sections.get("sources"))}
    sources = _Sources(cover, {}, sections.get("segment"))
    head = reader.table(sections.get("scenario"), "scenario", ("title", "start", "length"))
    settings = _settings(reader, head, sources)
    segments, shares = _segments(reader, reader.tables(sections.get("segment")), sources)
    places = _places(reader, sections, shares, sources)
    said = _start(reader, head)
    start = said or datetime(1, 1, 1)  # noqa: DTZ001 (local; a missing start is a fault that is raised below)
    frame = Frame(start, settings["length"] if said else math.nan, tuple(places), sources.cover)
    events = read_events(reader, reader.tables(sections.get("event")), frame)
    targets = read_targets(reader, reader.tables(sections.get("target")), frame)
    parameters = read_setpoints(reader, sections.get("parameters"), complete=True)
    mechanisms, switches = read_off(reader, sections.get("off"))
    variants = read_variants(reader, sections.get("variants"), {e.part for e in events if e.part})
    reader.finish()
    scenario = Scenario(
        name=reader.text(head.get("name"), name), title=reader.text(head["title"]),
        variant=reader.text(head.get("variant")), start=start, days=settings["length"],
        tick_hours=settings["tick"], people_per_agent=int(settings["people_per_agent"]),
        unit_size=settings["unit_size"], circle_size=int(settings["circle_size"]), places=tuple(places.values()),
        segments=segments, events=events, parameters=parameters, mechanisms=mechanisms, switches=switches,
        targets=targets, sources=sources.noted, origin=origin, variants=variants,
    )  # fmt: skip
    _judge(reader, scenario, root)
    return scenario


def _judge(reader: Reader, scenario: Scenario, root: Node) -> None:
    """Faults between numbers that are each in range, put where the number stands."""
    for path, found, expected, do in faults_of(scenario):
        node = root
        for key in path:
            child = _child(node, key)
            if child is None:
                break
            node = child
        reader.refuse(node, found, expected, do)
    reader.finish()


def _child(node: Node, key: str | int) -> Node | None:
    if isinstance(node.value, dict):
        return node.value.get(key)
    if isinstance(node.value, list) and isinstance(key, int) and key < len(node.value):
        entry = node.value[key]
        return entry if isinstance(entry, Node) else None
    return None


def _start(reader: Reader, head: Mapping[str, Node]) -> datetime | None:
    if (node := head.get("start")) is not None:
        try:
            return quantities.parse_moment(node.value)
        except QuantityError as fault:
            reader.refuse(node, fault.found, fault.expected, fault.do)
    return None


def _settings(reader: Reader, head: Mapping[str, Node], sources: _Sources) -> dict[str, float]:
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


def _segments(
    reader: Reader, nodes: list[Node], sources: _Sources
) -> tuple[tuple[Segment, ...], dict[str, float | None]]:
    """The segments, and the share of each where a place says nothing; None: what is left over, or as places say."""
    segments: list[Segment] = []
    shares: dict[str, float | None] = {}
    for node in nodes:
        entries = reader.table(node, "segment", ("name",))
        name = reader.text(entries.get("name"))
        if name and name in shares:
            reader.refuse(entries["name"], f"segment {name!r} stands here twice", "each segment once", "remove one")
        segments.append(
            Segment(name, reader.truth(entries.get("can_act"), True), reader.truth(entries.get("may_strike"), False))
        )
        share = entries.get("share")
        if share is None or share.value == "rest":
            shares[name] = None
            continue
        figure = reader.figure(share, SHARE, sources.fallback("segment.share", reader.source(node, "")))
        sources.noted[f"segments.{name}.share"] = figure.source
        shares[name] = figure.value
    if not nodes:
        return (Segment("everybody", True, True),), {"everybody": None}
    return tuple(segments), shares


def _places(
    reader: Reader, sections: Mapping[str, Node], shares: dict[str, float | None], sources: _Sources
) -> dict[str, Place]:
    every = reader.table(sections.get("every_place"), "every_place")
    every_source = reader.source(sections.get("every_place"), "")
    places: dict[str, Place] = {}
    nodes = reader.tables(sections.get("place"))
    if "place" in sections and isinstance(sections["place"].value, list) and not nodes:
        reader.refuse(sections["place"], "there is no place", "at least one [[place]]", "add a place")
    for node in nodes:
        entries = reader.table(node, "place", ("name",))
        name = reader.text(entries.get("name"))
        if name and name in places:
            reader.refuse(entries["name"], f"place {name!r} stands here twice", "each place once", "remove one of them")
        numbers = _place_numbers(reader, node, entries, every, sources, (name, every_source))
        places[name] = Place(
            name=name, population=int(numbers["population"]), lat=numbers["lat"], lon=numbers["lon"],
            boundary=reader.text(entries.get("boundary")), seat=numbers["seat"], garrison=numbers["garrison"],
            household=numbers["household"], segments=_shares(reader, node, (every, entries), shares, (name, sources)),
            sites=tuple(_sites(reader, entries.get("sites"), name, sources)),
        )  # fmt: skip
    return places


def _place_numbers(
    reader: Reader, node: Node, entries: Mapping[str, Node], every: Mapping[str, Node], sources: _Sources,
    names: tuple[str, str],
) -> dict[str, float]:  # fmt: skip
    name, every_source = names
    own = reader.source(node, "")
    numbers = {}
    for key, number in PLACE.items():
        found = entries.get(key, every.get(key))
        if found is None:
            reader.refuse(node, f"{key!r} is missing", f"{key} = ... ({number.doc})", "add it here or to [every_place]")
            numbers[key] = 0.0
            continue
        cover = own if key in entries else every_source
        figure = reader.figure(found, number, sources.fallback(f"place.{key}", cover))
        sources.noted[f"places.{name}.{key}"] = figure.source
        numbers[key] = 0.0 if math.isnan(figure.value) else figure.value
    return numbers


def _shares(
    reader: Reader, node: Node, tables: tuple[Mapping[str, Node], Mapping[str, Node]],
    shares: dict[str, float | None], of: tuple[str, _Sources],
) -> tuple[float, ...]:  # fmt: skip
    """The share of each segment in one place: its own, else that of every place, else that of the segment."""
    place, sources = of
    values: dict[str, float | None] = dict(shares)
    for table in tables:
        for name, share in reader.entries(table.get("shares")):
            reader.word(Node(name, share.where, share.name), shares, "segment")
            figure = reader.figure(share, SHARE, sources.fallback("place.shares", reader.source(node, "")))
            values[name] = figure.value
            sources.noted[f"places.{place}.shares.{name}"] = figure.source
    own = any("shares" in table for table in tables)
    where = (
        node if own else Node(None, sources.segments.where if sources.segments is not None else node.where, "segment")
    )
    return _filled(reader, where, values, list(shares))


def _filled(reader: Reader, where: Node, values: Mapping[str, float | None], names: list[str]) -> tuple[float, ...]:
    """The shares in order, the one that is left open taking the rest."""
    known = math.fsum(v for k in names if (v := values[k]) is not None)
    rest = [k for k in names if values[k] is None]
    if len(rest) > 1:
        reader.refuse(
            where, f"nothing says the shares of {shortlist(rest)}", "at most one segment that takes the rest",
            "give each of the others its share",
        )  # fmt: skip
    if known > 1 + 1e-9 or (not rest and not math.isnan(known) and abs(known - 1) > 1e-9):
        reader.refuse(
            where, f"the shares of the segments add up to {known:.6g}", "shares that add up to 1",
            'correct them, or give one segment share = "rest"',
        )  # fmt: skip
    return tuple(max(0.0, round(1.0 - known, 12)) if (v := values[k]) is None else v for k in names)


def _sites(reader: Reader, node: Node | None, place: str, sources: _Sources) -> list[Site]:
    sites = []
    for item in reader.tables(node):
        entries = reader.table(item, "site", ("name", "kind"))
        site = Site(reader.text(entries.get("name")), reader.word(entries.get("kind"), SITE_KINDS, "kind of site"))
        source = reader.source(item, sources.fallback("place.sites", ""))
        if not source:
            reader.refuse(item, "a site without a source", 'source = "..."', "say who names it")
        sources.noted[f"places.{place}.sites.{site.name}"] = source
        sites.append(site)
    return sites
