"""A country on paper: its outlines and places by an equal-area projection, in pixels."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from tocsin.report import svg
from tocsin.scenario.parts import Place
from tocsin.scenario.scenario import Scenario

WIDTH = 320.0
SMALL = 30.0  # square pixels; a smaller shape is drawn as a dot
NARROWEST = 0.004  # radians: a country is drawn at least so wide, which is 25 km
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
    """The map as drawn: paths by boundary code, which shape and which dot belongs to which place, in pixels.

    scale: pixels for one radian on the sphere.
    """

    paths: Mapping[str, str]
    shapes: Mapping[str, str]
    dots: Mapping[str, tuple[float, float]]
    labels: Mapping[str, tuple[float, float]]
    height: float
    scale: float = 0.0

    @property
    def bare(self) -> bool:
        """Whether there is no outline at all, only dots."""
        return not self.paths


def boundaries(scenario: Scenario) -> dict[str, list[Ring]]:
    """Rings of longitude and latitude by boundary code, from whichever boundary file has the code; empty if none has.

    Files are read until every code is found.
    """
    wanted = {p.boundary for p in scenario.places if p.boundary}
    found: dict[str, list[Ring]] = {}
    folder = resources.files("tocsin") / "library" / "data"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if wanted <= found.keys():
            break
        if file.name.endswith("-boundaries.geojson"):
            features = json.loads(file.read_text(encoding="utf-8"))["features"]
            named = {f["properties"]["code"]: f["geometry"] for f in features}
            found |= {code: _rings(named[code]) for code in named if code in wanted}
    return found


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
    wide, high = max(wide, NARROWEST), max(high, NARROWEST / 2)
    margin = 8.0 if rings else 30.0  # names of dots need room at the edge
    scale = (WIDTH - 2 * margin) / max(wide, high * 0.8)

    def place(lon: float, lat: float) -> tuple[float, float]:
        x, y = project(lon, lat)
        return margin + (x - left) * scale, margin + (y - top) * scale

    drawn = {code: [[place(*p) for p in ring] for ring in shape] for code, shape in rings.items()}
    shapes, towns = _owners(scenario.places, drawn), {p.name: place(p.lon, p.lat) for p in scenario.places}
    dots = {name: town for name, town in towns.items() if name not in shapes}
    labels = {name: _middle(drawn[code]) for name, code in shapes.items()} | dots
    return Outline({c: _path(r) for c, r in drawn.items()}, shapes, dots, labels, 2 * margin + high * scale, scale)


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
