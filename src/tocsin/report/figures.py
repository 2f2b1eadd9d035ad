"""The still figures: crowds, running totals and the day of the end, as SVG coloured by the page's style.

Classes used: world `a` (the base) and `b` (the variant); `wide` and `half` bands (90 % and 50 % of runs), `mid` the
median.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from tocsin.report import svg
from tocsin.report.gather import Ending, Floats, World, bands, by_day, dropped
from tocsin.scenario.parts import Target

LETTERS = ("a", "b")
LEANS = {"start": 0.0, "middle": 0.5, "end": 1.0}
GLYPH = 8.3  # pixels: a digit of a wide face at the 13 pixels that a narrow page gives to labels


def wide(text: str) -> float:
    """How many pixels a label takes at most, a space counting half."""
    return GLYPH * (len(text) - text.count(" ") / 2)


@dataclass(frozen=True)
class Frame:
    """Where a drawing puts its axes: pixels of the whole and of the four margins, and the two scales."""

    width: float
    height: float
    x: svg.Scale
    y: svg.Scale
    start: datetime

    @classmethod
    def of(cls, size: tuple[float, float], days: float, top: float, knee: float, start: datetime) -> Frame:
        """A frame of this size, its horizontal axis in days since `start`."""
        width, height = size
        across, up = svg.Scale(0.0, days, 36.0, width - 8.0), svg.Scale(0.0, top, height - 22.0, 10.0, knee)
        return cls(width, height, across, up, start)

    def axes(self, number: Callable[[float], str] = svg.short) -> list[str]:
        """Grid lines with their values and the dates below."""
        parts = []
        for value in self.y.ticks():
            y = self.y(value)
            parts.append(svg.tag("line", x1=self.x.start, x2=self.x.end, y1=y, y2=y, class_="grid"))
            parts.append(svg.words(self.x.start - 5, y + 3.5, number(value), "t", "end"))
        return parts + self._dates()

    def _dates(self) -> list[str]:
        parts, last, month, free = [], int(self.x.high), "", 0.0
        step = next(s for s in (1, 2, 3, 5, 7, 10, 14, 30, 60, 90, 365, 10**6) if last / s * 28 <= self.width - 60)
        for day in range(0, last + 1, step):
            x, date = self.x(float(day)), self.start + timedelta(days=day)
            parts.append(svg.tag("line", x1=x, x2=x, y1=self.y.start, y2=self.y.start + 3, class_="axis"))
            name = f"{date.day}" if f"{date:%b}" == month else f"{date.day} {date:%b}"
            anchor = "start" if day == 0 else "middle" if x < self.x.end - 12 else "end"
            left = x - LEANS[anchor] * wide(name)
            if left >= free:  # a label that would touch the one before it is left out
                parts.append(svg.words(x, self.height - 6, name, "t", anchor))
                month, free = f"{date:%b}", left + wide(name) + 3.0
        line = svg.tag("line", x1=self.x.start, x2=self.x.end, y1=self.y.start, y2=self.y.start, class_="axis")
        return [line, *parts]

    def parting(self, worlds: Sequence[World]) -> list[str]:
        """A line where the script of the second world first leaves out an event; nothing where it never does."""
        gone = dropped(worlds)
        if not gone:
            return []
        x, when = self.x(gone[0].hours / 24.0), worlds[0].scenario.start + timedelta(hours=gone[0].hours)
        line = svg.tag("line", x1=x, x2=x, y1=self.y.start, y2=self.y.end - 2, class_="part")
        return [line, svg.words(x + 4, self.y.end + 5, f"worlds part, {when.day} {when:%b}", "t")]


def ceiling(tables: Sequence[Floats], targets: Sequence[Target], floor: float) -> float:
    """The top of an axis: above every 95 % line and every reported interval."""
    highest = [float(b[-1].max(initial=0.0)) for b in tables] + [t.interval[1] for t in targets] + [floor]
    return max(highest) * 1.15


def fan(frame: Frame, days: Floats, table: Floats, letter: str) -> list[str]:
    """Bands of 90 % and 50 % of runs and the median. table float[5, T]."""
    keep = days <= frame.x.high + 1e-9
    xs = [frame.x(0.0), *(frame.x(float(d)) for d in days[keep])]
    rows = [[frame.y(0.0), *(frame.y(float(v)) for v in row[keep])] for row in table]
    return [
        svg.band(xs, rows[0], rows[4], f"wide {letter}"),
        svg.band(xs, rows[1], rows[3], f"half {letter}"),
        svg.line(xs, rows[2], f"mid {letter}"),
    ]


def outline(frame: Frame, days: Floats, table: Floats, letter: str) -> list[str]:
    """The median and the edge of the 90 % band as broken lines, to lie over another world's fan."""
    keep = days <= frame.x.high + 1e-9
    xs = [frame.x(0.0), *(frame.x(float(d)) for d in days[keep])]
    lines = [(row, kind) for row, kind in ((table[4], "edge"), (table[2], "mid dash"))]
    return [svg.line(xs, [frame.y(0.0), *(frame.y(float(v)) for v in r[keep])], f"{k} {letter}") for r, k in lines]


def reported(frame: Frame, target: Target, width: float) -> str:
    """A reported figure: its 95 % observation interval as a frame `width` days wide, the figure itself as a bar."""
    low, high = (frame.y(v) for v in target.interval)
    left, right = frame.x(max(0.0, target.day - width)), frame.x(target.day)
    if right - left < 8:
        left, right = (left + right) / 2 - 4, (left + right) / 2 + 4
    top, bottom = frame.y(target.high), frame.y(target.low)
    told, true = span(target.low, target.high), span(*target.interval)
    note = f"{target.name}: reported {told}, 95 % interval of the true figure {true}"
    inset = (right - left) * (0.3 if bottom - top > 3 else 0.0)
    seen = box(left, high, right - left, max(low - high, 1.0), "seen")
    told = box(left + inset, top - 1.2, right - left - 2 * inset, max(bottom - top, 0.0) + 2.4, "told")
    return svg.tag("g", svg.tag("title", escape(note)) + seen + told)


def box(x: float, y: float, width: float, height: float, class_: str) -> str:
    """A rectangle."""
    return svg.tag("rect", x=x, y=y, width=width, height=height, class_=class_)


def span(low: float, high: float) -> str:
    """A range of counts, or the one count."""
    ends = svg.count(low), svg.count(high)
    return ends[0] if ends[0] == ends[1] else svg.TO.join(ends)


def of_metric(world: World, metric: str, place: str = "") -> list[Target]:
    """The reported figures of one metric at one place ("" for the whole country)."""
    return [t for t in world.scenario.targets if t.metric == metric and t.place == place]


def crowd(worlds: Sequence[World]) -> list[tuple[str, str]]:
    """One fan of national turnout for each world on a common axis: (title, drawing)."""
    targets = of_metric(worlds[0], "turnout")
    tables = [bands(w.totals["turnout"]) for w in worlds]
    top = ceiling(tables, targets, 1000.0)
    drawings = []
    for letter, world, table in zip(LETTERS, worlds, tables, strict=False):
        frame = Frame.of((440, 270), world.scenario.days, top, 50.0, world.scenario.start)
        parts = [*frame.axes(), *frame.parting(worlds), *fan(frame, world.days, table, letter)]
        parts += [reported(frame, t, 1.0) for t in targets]
        label = f"People taking part in the whole country by day, {world.title}. {in_words(world, table)}"
        drawings.append((world.title, svg.drawing(frame.width, frame.height, label, parts)))
    return drawings


def in_words(world: World, table: Floats) -> str:
    """What a fan shows, for somebody who cannot see it."""
    at = int(table[2].argmax())
    when = world.scenario.time(at)
    low, high = svg.count(float(table[0, at])), svg.count(float(table[4, at]))
    median = svg.count(float(table[2, at]))
    return f"The median peaks at {median} on {when.day} {when:%B}; 90 % of runs lie from {low} to {high} then."


def crowd_by_place(worlds: Sequence[World], days: float) -> list[tuple[str, bool, str]]:
    """A small fan of turnout for every place on a common axis: (place, has reported figures, drawing)."""
    base = worlds[0]
    tables = [[bands(w.turnout[:, :, p]) for w in worlds] for p in range(len(base.scenario.places))]
    every = [t for t in base.scenario.targets if t.metric == "turnout" and t.place]
    top = ceiling([t for row in tables for t in row], every, 1000.0)
    drawings = []
    for place, rows in zip(base.scenario.places, tables, strict=True):
        targets = of_metric(base, "turnout", place.name)
        frame = Frame.of((210, 140), days, top, 50.0, base.scenario.start)
        parts = [*frame.axes(), *fan(frame, base.days, rows[0], "a")]
        parts += outline(frame, base.days, rows[1], "b") if len(rows) > 1 else []
        parts += [reported(frame, t, 1.0) for t in targets]
        label = f"People taking part in {place.name} by day. {in_words(base, rows[0])}"
        drawings.append((place.name, bool(targets), svg.drawing(frame.width, frame.height, label, parts)))
    order = sorted(range(len(drawings)), key=lambda i: (not drawings[i][1], -tables[i][0][2].max(), drawings[i][0]))
    return [drawings[i] for i in order]


def running_total(worlds: Sequence[World], metric: str) -> str:
    """Detained or killed up to each day, the variant laid over the base."""
    base = worlds[0]
    targets = of_metric(base, metric)
    tables = [bands(w.totals[metric]) for w in worlds]
    frame = Frame.of(
        (440, 250),
        base.scenario.days,
        ceiling(tables, targets, 50.0),
        50.0 if metric == "detained" else 5.0,
        base.scenario.start,
    )
    parts = [*frame.axes(), *frame.parting(worlds), *fan(frame, base.days, tables[0], "a")]
    parts += outline(frame, base.days, tables[1], "b") if len(tables) > 1 else []
    parts += [reported(frame, t, 0.0) for t in targets]
    ends = [f"{w.title}: median {svg.count(float(t[2, -1]))} at the end" for w, t in zip(worlds, tables, strict=True)]
    return svg.drawing(frame.width, frame.height, f"People {metric} up to each day. {'; '.join(ends)}.", parts)


def reached(
    worlds: Sequence[World],
    day_of: Callable[[Ending], float | None],
    label: str,
    counts: Callable[[Ending], bool] = lambda _: True,
) -> str:
    """The share of the runs that count in which something has happened by each day, one step line a world."""
    base = worlds[0].scenario
    frame = Frame.of((440, 210), base.days, 1.0, 0.0, base.start)
    parts, said = [*frame.axes(svg.percent), *frame.parting(worlds)], []
    for letter, world in zip(LETTERS, worlds, strict=False):
        asked = [e for e in world.endings if counts(e)]
        days = [d for d in map(day_of, asked) if d is not None]
        corners = by_day(days, len(asked), base.days) if asked else []
        xs, ys = [frame.x(d) for d, _ in corners], [frame.y(s) for _, s in corners]
        parts += [svg.line(xs, ys, f"mid {letter}" + (" dash" if letter == "b" else ""))] if corners else []
        said.append(f"{world.title}: {len(days)} of {len(asked)} by the end")
    return svg.drawing(frame.width, frame.height, f"{label}. {'; '.join(said)}.", parts)


def day_fallen(ending: Ending) -> float | None:
    """The day of the fall, if it fell."""
    return ending.day if ending.fallen else None


def day_of_order(ending: Ending) -> float | None:
    """The day on which order was restored, if it was lost and came back."""
    return ending.order if ending.lost_order and ending.order >= 0 else None


def lost_order(ending: Ending) -> bool:
    """Whether there was order to restore."""
    return ending.lost_order
