"""A picture as a page of a sweep shows it: title, drawing, legend and caption."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from tocsin.classics.declare import Picture
from tocsin.report import curves

FIGURE = "figure"


def shown_as(picture: Picture, *, zero: bool = False) -> dict[str, Any]:
    """What the template asks of a figure. zero: the axis upwards starts at 0."""
    drawn = zip(picture.lines, curves.styles(picture), strict=True)
    legend = {line.label: (style, line.points, line.low is not None) for line, style in drawn}
    return {
        "title": picture.title, FIGURE: Markup(curves.draw(picture, zero=zero)), "note": picture.note,
        "legend": [(label, *rest) for label, rest in legend.items()],
    }  # fmt: skip
