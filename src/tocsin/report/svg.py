"""Plain SVG from plain numbers: scales, paths and elements.

Hand-built rather than plotted: colours are CSS classes, so one drawing serves the light page, the dark page and print;
no element has an id, so drawings never clash; the same numbers give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NARROW = "\u202f"  # a thin space that does not break
TO = "\u2013"  # between the ends of a range; alone where there is no value


@dataclass(frozen=True)
class Scale:
    """From data to pixels, clamped to the frame. knee: 0 for linear, else log10(1 + value / knee).

    The stretched form shows nought and hundreds of thousands on one axis; it is linear below the knee.
    """

    low: float
    high: float
    start: float
    end: float
    knee: float = 0.0

    def warp(self, value: float) -> float:
        """The value before it is placed on the axis."""
        return math.log10(1.0 + max(value, 0.0) / self.knee) if self.knee else value

    def __call__(self, value: float) -> float:
        """Where a value lies, in pixels."""
        low, high = self.warp(self.low), self.warp(self.high)
        share = (self.warp(min(max(value, self.low), self.high)) - low) / ((high - low) or 1.0)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Nought and the powers of ten of a stretched axis; four to six round steps of a linear one."""
        if self.knee:
            first = math.ceil(math.log10(self.knee * 1.5))
            return [0.0, *(10.0**k for k in range(first, math.floor(math.log10(max(self.high, 1.0)) + 1e-9) + 1))]
        step = round_step((self.high - self.low) / 5.0)
        return [self.low + i * step for i in range(int((self.high - self.low) / step + 1e-9) + 1)]


def round_step(rough: float) -> float:
    """The nearest step of 1, 2 or 5 times a power of ten that is not below `rough`."""
    power = 10.0 ** math.floor(math.log10(max(rough, 1e-12)))
    return next(power * m for m in (1.0, 2.0, 5.0, 10.0) if power * m >= rough - 1e-12)


def px(value: float) -> str:
    """A pixel to one decimal, without a trailing nought."""
    return f"{value:.1f}".removesuffix(".0")


def short(value: float) -> str:
    """A count as an axis label: 0, 100, 10k, 1M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def half_up(value: float) -> int:
    """The nearest whole number, a half upwards: the one rule of the page, its script included."""
    return math.floor(value + 0.5 + 1e-9)


def count(value: float) -> str:
    """A count with thousands separated, rounded to a whole."""
    return f"{half_up(value):,}"


def hundredths(share: float) -> str:
    """A share in whole hundredths without the sign; shares that would round to 0 or 100 say so."""
    whole = half_up(100.0 * share)
    if whole == 0 and share > 0.0:
        return "<1"
    return ">99" if whole == 100 and share < 1.0 else str(whole)


def percent(share: float) -> str:
    """A share as a whole percentage."""
    return f"{hundredths(share)}{NARROW}%"


def tag(name: str, body: str = "", **attributes: object) -> str:
    """One element; `class_` stands for class and an underscore for a hyphen."""
    pairs = "".join(f' {k.rstrip("_").replace("_", "-")}="{escape(_text(v))}"' for k, v in attributes.items())
    return f"<{name}{pairs}>{body}</{name}>" if body else f"<{name}{pairs}/>"


def _text(value: object) -> str:
    return px(value) if isinstance(value, float) else str(value)


def words(x: float, y: float, text: str, class_: str = "t", anchor: str = "start") -> str:
    """A line of text."""
    return tag("text", escape(text), x=x, y=y, class_=class_, text_anchor=anchor)


def points(xs: Sequence[float] | Floats, ys: Sequence[float] | Floats) -> str:
    """The path through the points, leaving out those that lie on a straight level stretch."""
    pairs = [(px(float(x)), px(float(y))) for x, y in zip(xs, ys, strict=True)]
    inner = range(1, len(pairs) - 1)
    level = {i for i in inner if pairs[i - 1][1] == pairs[i][1] == pairs[i + 1][1]}
    return "L".join(f"{x} {y}" for i, (x, y) in enumerate(pairs) if i not in level)


def line(xs: Sequence[float], ys: Sequence[float], class_: str) -> str:
    """An open line."""
    return tag("path", d="M" + points(xs, ys), class_=class_)


def band(xs: Sequence[float], low: Sequence[float], high: Sequence[float], class_: str) -> str:
    """The area between two lines."""
    there, back = points(xs, low), points(list(xs)[::-1], list(high)[::-1])
    return tag("path", d=f"M{there}L{back}Z", class_=class_)


def drawing(width: float, height: float, label: str, parts: Sequence[str], class_: str = "figure") -> str:
    """A whole drawing; `label` is read aloud in place of it."""
    body = "".join(parts)
    return tag("svg", body, viewBox=f"0 0 {px(width)} {px(height)}", role="img", aria_label=label, class_=class_)
