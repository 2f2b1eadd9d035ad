"""Who holds each place, drawn on the country: an equal-area map with one shape or dot a place."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from html import escape

import numpy as np

from tocsin.report import svg
from tocsin.report.gather import Floats, World
from tocsin.report.outlines import WIDTH, Outline

DAYS = 11
DOT = 8.0  # pixels: the radius of a dot on a small map
SETTLED = 0.9
LETTER = 5.0  # pixels: a letter of a name on a map, at most
LINE = 10.0  # pixels: the height of a name
EARTH = 6371.0  # km: the radius of the sphere


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
        _lot(outline, name, (float(held[index[name]]), float(contested[index[name]])), 6.5 if names else DOT)
        for name in (*outline.shapes, *outline.dots)
    ]
    if outline.bare:
        parts = [*_frame(outline, names), *parts]
    if names:
        parts += _names(outline)
    label = f"Map for {date(world, day)}, {world.title}: {leaders(world, day)}"
    return svg.drawing(WIDTH, outline.height, label, parts, "map")


def _lot(outline: Outline, name: str, shares: tuple[float, float], radius: float) -> str:
    """One place: its shape, or a dot of this radius. shares: of runs in which it is held, and contested."""
    held, contested = shares
    shade = f"h{step(held)} k{step(held + contested)}"
    note = svg.tag(
        "title",
        escape(f"{name}: protesters hold it in {svg.percent(held)} of runs, contested in {svg.percent(contested)}"),
    )
    if name in outline.shapes:
        return svg.tag("use", note, href=f"#shape-{outline.shapes[name]}", class_=shade, data_place=name)
    x, y = outline.dots[name]
    return svg.tag("circle", note, cx=x, cy=y, r=radius, class_=f"dot {shade}", data_place=name)


def _names(outline: Outline) -> list[str]:
    """A shape's name over its middle, a dot's beside it where there is room; a name without room is left out."""
    over = [n for n in outline.labels if n in outline.shapes]
    parts = []
    for name in over:
        x, y = outline.labels[name]
        parts.append(svg.words(min(max(x, 30.0), WIDTH - 30.0), y + 3.0, plain(name), "name", "middle"))
    return [*parts, *(svg.words(x, y, plain(n), "name", anchor) for n, (x, y, anchor) in beside(outline).items())]


def plain(place: str) -> str:
    """A place as it is called on a map."""
    return place.removesuffix(" city")


def beside(outline: Outline) -> dict[str, tuple[float, float, str]]:
    """Where the name of each dot begins, and how it is anchored: right, left, below or above, the first that is free.

    Where there are outlines, names stand at the right and may lie over each other's shapes.
    """
    if not outline.bare:
        return {n: (x + 9.0, y + 3.0, "start") for n, (x, y) in outline.dots.items()}
    taken = [(x - 7.0, y - 7.0, x + 7.0, y + 7.0) for x, y in outline.dots.values()]
    found: dict[str, tuple[float, float, str]] = {}
    for name, (x, y) in outline.dots.items():
        wide = LETTER * len(plain(name))
        spots = (
            ((x + 9.0, y + 3.0, "start"), x + 9.0),
            ((x - 9.0, y + 3.0, "end"), x - 9.0 - wide),
            ((x, y + 16.0, "middle"), x - wide / 2),
            ((x, y - 9.0, "middle"), x - wide / 2),
        )
        for spot, left in spots:
            box = (left, spot[1] - LINE + 2.0, left + wide, spot[1] + 2.0)
            if left >= 0.0 and left + wide <= WIDTH and not any(_touch(box, other) for other in taken):
                found[name] = spot
                taken.append(box)
                break
    return found


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two boxes (left, top, right, bottom) overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _frame(outline: Outline, bar: bool) -> list[str]:
    """The sheet on which dots stand where there is no outline; bar: with a bar of a round length in km."""
    km = svg.round_step(50.0 / outline.scale * EARTH)
    right, y = WIDTH - 8.0, outline.height - 6.0
    left = right - km / EARTH * outline.scale
    sheet = svg.tag("rect", x=0.5, y=0.5, width=WIDTH - 1.0, height=outline.height - 1.0, rx=4.0, class_="sheet")
    if not bar:
        return [sheet]
    line = svg.tag(
        "path", d=f"M{svg.px(left)} {svg.px(y - 3)}V{svg.px(y)}H{svg.px(right)}V{svg.px(y - 3)}", class_="km"
    )
    return [sheet, line, svg.words(left - 4.0, y, f"{km:g} km", "t", "end")]


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


def days_shown(worlds: Sequence[World]) -> range:
    """Days drawn as small maps: at most eleven, evenly spread up to where nine tenths of all change has happened."""
    days, done = len(worlds[0].held), np.cumsum(_moved(worlds))
    last = int(np.searchsorted(done, SETTLED * done[-1])) + 1 if done[-1] > 0 else DAYS
    last = min(max(last, DAYS), days)
    return range(0, last, math.ceil(last / DAYS))


def _moved(worlds: Sequence[World]) -> Floats:
    """How much control changes on each day, float[D]: shares of runs, added over places and worlds."""
    moved = np.zeros(len(worlds[0].held))
    for table in (t for w in worlds for t in (w.held, w.contested)):
        moved[1:] += np.abs(np.diff(table, axis=0)).sum(axis=1)
    return moved


def slider_data(worlds: Sequence[World]) -> str:
    """Counts of runs for the page's script: [world][day][place][held, contested], runs a world, days and places.

    begin: the day that is shown first, on which most is held or contested.

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
        "begin": int(np.argmax(sum((w.held + w.contested).sum(axis=1) for w in worlds))),
        "places": [p.name for p in worlds[0].scenario.places],
        "runs": [w.count for w in worlds],
        "counts": counts,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
