"""Who holds each place, drawn on the country: an equal-area map with one shape or dot a place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any

from tocsin.report import svg
from tocsin.report.gather import World
from tocsin.scenario.parts import Place
from tocsin.scenario.scenario import Scenario

WIDTH = 320.0
SMALL = 30.0  # square pixels; a smaller shape is drawn as a dot
DAYS = 11
Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Conic:
    """The Albers equal-area conic projection on a sphere (Snyder 1987, USGS Professional Paper 1395, p. 100)."""

    n: float
    c: float
    middle: float

    @classmethod
    def around(cls, lats: Sequence[float], lons: Sequence[float]) -> Conic:
        """Standard parallels one sixth inside the southern and northern edge."""
        south, north = min(lats), max(lats) + 1e-6
        one, two = (math.radians(south + (north - south) * f) for f in (1 / 6, 5 / 6))
        n = (math.sin(one) + math.sin(two)) / 2 or 1e-9
        return cls(n, math.cos(one) ** 2 + 2 * n * math.sin(one), (min(lons) + max(lons)) / 2)

    def __call__(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies, in units of the sphere's radius, y to the south."""
        rho = math.sqrt(max(self.c - 2 * self.n * math.sin(math.radians(lat)), 0.0)) / self.n
        turn = self.n * math.radians(lon - self.middle)
        return rho * math.sin(turn), rho * math.cos(turn)


@dataclass(frozen=True)
class Outline:
    """The map as drawn: paths by boundary code, which shape and which dot belongs to which place, in pixels."""

    paths: Mapping[str, str]
    shapes: Mapping[str, str]
    dots: Mapping[str, tuple[float, float]]
    labels: Mapping[str, tuple[float, float]]
    height: float


def boundaries(scenario: Scenario) -> dict[str, list[Ring]]:
    """Rings of longitude and latitude by boundary code; empty if the library has no boundary file."""
    name = re.sub(r"-\d{4}$", "", scenario.name)
    file = resources.files("tocsin") / "library" / "data" / f"{name}-boundaries.geojson"
    if not file.is_file():
        return {}
    wanted = {p.boundary for p in scenario.places if p.boundary}
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    return {f["properties"]["code"]: _rings(f["geometry"]) for f in features if f["properties"]["code"] in wanted}


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(float(x), float(y)) for x, y, *_ in ring] for polygon in parts for ring in polygon]


def layout(scenario: Scenario, rings: Mapping[str, list[Ring]]) -> Outline:
    """Project everything into a drawing 320 pixels wide."""
    corners = [p for shape in rings.values() for ring in shape for p in ring]
    corners += [(p.lon, p.lat) for p in scenario.places]
    project = Conic.around([lat for _, lat in corners], [lon for lon, _ in corners])
    flat = [project(*c) for c in corners]
    left, top = min(x for x, _ in flat), min(y for _, y in flat)
    wide, high = max(x for x, _ in flat) - left, max(y for _, y in flat) - top
    scale = (WIDTH - 16.0) / max(wide, high * 0.8, 1e-9)

    def place(lon: float, lat: float) -> tuple[float, float]:
        x, y = project(lon, lat)
        return 8.0 + (x - left) * scale, 8.0 + (y - top) * scale

    drawn = {code: [[place(*p) for p in ring] for ring in shape] for code, shape in rings.items()}
    shapes, towns = _owners(scenario.places, drawn), {p.name: place(p.lon, p.lat) for p in scenario.places}
    dots = {name: town for name, town in towns.items() if name not in shapes}
    labels = {name: _middle(drawn[code]) for name, code in shapes.items()} | dots
    return Outline({c: _path(r) for c, r in drawn.items()}, shapes, dots, labels, 16.0 + high * scale)


def _owners(places: Sequence[Place], drawn: Mapping[str, list[Ring]]) -> dict[str, str]:
    """Which place owns a shape: of two inside one shape the larger; nobody owns a shape too small to see."""
    owners: dict[str, str] = {}
    for place in sorted(places, key=lambda p: p.population):
        if place.boundary in drawn and _area(drawn[place.boundary]) >= SMALL:
            owners[place.boundary] = place.name
    return {name: code for code, name in owners.items()}


def _area(rings: list[Ring]) -> float:
    """Square pixels of the largest ring (shoelace formula)."""
    twice = [sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(r, r[1:] + r[:1], strict=True)) for r in rings]
    return max((abs(t) / 2 for t in twice), default=0.0)


def _middle(rings: list[Ring]) -> tuple[float, float]:
    """The centre of gravity of the largest ring."""
    ring = max(rings, key=lambda r: _area([r]))
    corners = list(zip(ring, ring[1:] + ring[:1], strict=True))
    cross = [a[0] * b[1] - b[0] * a[1] for a, b in corners]
    six = 3.0 * sum(cross) or 1e-9
    x = sum((a[0] + b[0]) * c for (a, b), c in zip(corners, cross, strict=True)) / six
    return x, sum((a[1] + b[1]) * c for (a, b), c in zip(corners, cross, strict=True)) / six


def _path(rings: list[Ring]) -> str:
    """The rings as one path, points nearer than a third of a pixel left out."""
    parts = []
    for ring in rings:
        kept = ring[:1]
        for point in ring[1:]:
            if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) > 0.6:
                kept.append(point)
        if len(kept) > 2:
            parts.append("M" + "L".join(f"{svg.px(x)} {svg.px(y)}" for x, y in kept) + "Z")
    return "".join(parts)


def step(share: float) -> int:
    """The shade of a share of runs: 0 for none, 1 to 10 for each tenth begun."""
    return 0 if share <= 0 else min(10, math.ceil(share * 10 - 1e-9))


def shapes_once(outline: Outline) -> str:
    """The definitions that every map uses."""
    paths = [svg.tag("path", id=f"shape-{code}", d=d) for code, d in sorted(outline.paths.items())]
    return svg.tag("svg", svg.tag("defs", "".join(paths) or "<!-- none -->"), class_="defs", aria_hidden="true")


def chart(outline: Outline, world: World, day: int, names: bool = False) -> str:
    """One map: shade = share of runs in which protesters hold a place (class h), or hold or contest it (class k)."""
    held, contested = world.held[day], world.contested[day]
    index = {p.name: i for i, p in enumerate(world.scenario.places)}
    parts = [
        _lot(outline, name, float(held[index[name]]), float(contested[index[name]]))
        for name in (*outline.shapes, *outline.dots)
    ]
    if names:
        parts += [_name(outline, n) for n in outline.labels]
    label = f"Map for {date(world, day)}, {world.title}: {leaders(world, day)}"
    return svg.drawing(WIDTH, outline.height, label, parts, "map")


def _lot(outline: Outline, name: str, held: float, contested: float) -> str:
    shade = f"h{step(held)} k{step(held + contested)}"
    note = svg.tag(
        "title",
        escape(f"{name}: protesters hold it in {svg.percent(held)} of runs, contested in {svg.percent(contested)}"),
    )
    if name in outline.shapes:
        return svg.tag("use", note, href=f"#shape-{outline.shapes[name]}", class_=shade, data_place=name)
    x, y = outline.dots[name]
    return svg.tag("circle", note, cx=x, cy=y, r=6.5, class_=f"dot {shade}", data_place=name)


def _name(outline: Outline, place: str) -> str:
    """A shape's name over its middle, a dot's to its right."""
    x, y = outline.labels[place]
    text = place.removesuffix(" city")
    if place in outline.dots:
        return svg.words(x + 9.0, y + 3.0, text, "name")
    return svg.words(min(max(x, 30.0), WIDTH - 30.0), y + 3.0, text, "name", "middle")


def date(world: World, day: int) -> str:
    """The date of a day of the run, as in "5 January"."""
    per_day = max(1, round(24.0 / world.scenario.tick_hours))
    when = world.scenario.time(day * per_day)
    return f"{when.day} {when:%B}"


def leaders(world: World, day: int, most: int = 2) -> str:
    """The places most often held by protesters on a day, in words."""
    ranked = sorted(zip(world.held[day], world.scenario.places, strict=True), key=lambda r: (-r[0], r[1].name))
    named = [f"{place.name} {svg.percent(float(share))}" for share, place in ranked[:most] if share > 0]
    return ", ".join(named) or "held nowhere in any run"


def number_of_days(world: World) -> int:
    """Days shown as small maps."""
    return min(DAYS, len(world.held))


def slider_data(worlds: Sequence[World]) -> str:
    """Counts of runs for the page's script: [world][day][place][held, contested], runs a world, days and places.

    Counts and not rounded shares, so that the script rounds once, as the page does.
    """
    days = range(len(worlds[0].held))
    counts = [
        [
            [[round(w.count * float(x)) for x in pair] for pair in zip(w.held[d], w.contested[d], strict=True)]
            for d in days
        ]
        for w in worlds
    ]
    content = {
        "days": [date(worlds[0], d) for d in days],
        "places": [p.name for p in worlds[0].scenario.places],
        "runs": [w.count for w in worlds],
        "counts": counts,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
