"""Reading who lives where: the segments of the people, the places of every society, and their sites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.scenario.draft import Reader, shortlist
from tocsin.scenario.parts import Place, Segment, Site
from tocsin.scenario.schema import PLACE, SITE_KINDS, Number
from tocsin.scenario.text import Node

SHARE = Number("share", 0, 1, "share of the people of a place")


@dataclass
class Sources:
    """What covers a number that has no source of its own, and what has been noted so far."""

    cover: Mapping[str, str]
    noted: dict[str, str]
    segments: Node | None = None

    def fallback(self, key: str, own: str) -> str:
        """The source of a number that has none: that of its table, else that of its kind, else that of its section."""
        return own or self.cover.get(key, "") or self.cover.get(key.split(".", maxsplit=1)[0], "")


def read_segments(
    reader: Reader, nodes: list[Node], sources: Sources
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


def read_places(
    reader: Reader, sections: Mapping[str, Node], shares: dict[str, float | None], sources: Sources,
    states: tuple[str, ...],
) -> tuple[dict[str, Place], dict[str, str]]:  # fmt: skip
    """The places of all societies by name, and the state of each; states: their names, home first."""
    every = reader.table(sections.get("every_place"), "every_place")
    every_source = reader.source(sections.get("every_place"), "")
    places, belongs = dict[str, Place](), dict[str, str]()
    nodes = reader.tables(sections.get("place"))
    for node in nodes:
        entries = reader.table(node, "place", ("name",))
        name = reader.text(entries.get("name"))
        if name and name in places:
            reader.refuse(entries["name"], f"place {name!r} stands here twice", "each place once", "remove one of them")
        numbers = _place_numbers(reader, node, entries, every, sources, (name, every_source))
        belongs[name] = reader.word(entries.get("state"), states, "state", states[0])
        places[name] = Place(
            name=name, population=int(numbers["population"]), lat=numbers["lat"], lon=numbers["lon"],
            boundary=reader.text(entries.get("boundary")), seat=numbers["seat"], garrison=numbers["garrison"],
            household=numbers["household"], segments=_shares(reader, node, (every, entries), shares, (name, sources)),
            sites=tuple(_sites(reader, entries.get("sites"), name, sources)),
        )  # fmt: skip
    said = sections.get("place")
    if said is not None and isinstance(said.value, list) and states[0] not in (*belongs.values(), ""):
        reader.refuse(said, "there is no place", "at least one [[place]] of home", "add a place")
    return places, belongs


def _place_numbers(
    reader: Reader, node: Node, entries: Mapping[str, Node], every: Mapping[str, Node], sources: Sources,
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
    shares: dict[str, float | None], of: tuple[str, Sources],
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


def _sites(reader: Reader, node: Node | None, place: str, sources: Sources) -> list[Site]:
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
