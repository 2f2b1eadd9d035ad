"""A classic as one self-contained page that moves: frames on a canvas, series below, all of it inside the file.

Frames travel as differences: each site of each frame minus the same site of the frame before, modulo the number of
colours, two to a byte where sixteen colours suffice, deflated, in base 64. The page undoes this when it is opened.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from tocsin.classics.declare import Classic, Film, Knob, Line, Picture
from tocsin.report import curves, svg
from tocsin.report.template import fill, save

PAIRED = 16  # colours that fit into half a byte
STRIP, SMALL = (620.0, 300.0), (620.0, 170.0)  # pixels of the curves, and of those with a scale of their own


@dataclass(frozen=True)
class Showing:
    """A film with what it was made of. knobs: every knob and its value."""

    classic: Classic
    film: Film
    knobs: Mapping[str, float]
    seed: int


def write(showing: Showing, path: Path, *, command: str) -> Path:
    """Write the page and return its path."""
    return save(render(showing, command=command), path)


def render(showing: Showing, *, command: str) -> str:
    """The page as text."""
    film, classic = showing.film, showing.classic
    shades = dict(film.colours)
    charts = [[name for name in film.series if name not in film.apart], *([name] for name in film.apart)]
    content = {
        "film": film,
        "classic": classic,
        "last": film.frames.shape[0] - 1,
        "sites": "x".join(str(n) for n in film.frames.shape[1:]),
        "colours": film.colours,
        "knobs": [_knob(name, knob, showing.knobs[name]) for name, knob in classic.knobs.items()],
        "changed": changed(showing),
        "seed": showing.seed,
        "series": [(name, shades.get(name, "var(--ink)")) for name in film.series],
        "charts": [_chart(film, names) for names in charts if names],
        "data": Markup(_script(_data(film))),
        "command": command,
    }
    return fill("film.html.jinja", content)


def changed(showing: Showing) -> str:
    """The numbers that are not the usual ones, in words; "" if all are."""
    knobs = showing.classic.knobs
    differ = [(name, showing.knobs[name], knob) for name, knob in knobs.items() if showing.knobs[name] != knob.default]
    return ", ".join(f"{name} {value:g} (usually {knob.default:g})" for name, value, knob in differ)


def _knob(name: str, knob: Knob, value: float) -> tuple[str, str, str, bool]:
    """A number of the film: its name, value and meaning with range, unit and source, and whether it was changed."""
    meaning = f"{knob.meaning} ({knob.span}; {knob.unit}; usually {knob.default:g}; {knob.source})"
    return name, f"{value:g}", meaning, value != knob.default


def pack(frames: NDArray[np.uint8], colours: int) -> str:
    """Frames as differences modulo the number of colours, halved, deflated and in base 64. frames uint8[T, H, W]."""
    steps = frames.astype(np.int16)
    steps[1:] -= frames[:-1].astype(np.int16)
    flat = (steps % max(colours, 1)).astype(np.uint8).ravel()
    if colours <= PAIRED:
        flat = np.append(flat, np.zeros(flat.size % 2, np.uint8))
        return _deflated((flat[::2] | (flat[1::2] << 4)).tobytes())
    return _deflated(flat.tobytes())


def _deflated(raw: bytes) -> str:
    """Bytes as text that a page can carry."""
    return base64.b64encode(zlib.compress(raw, 9)).decode("ascii")


def _data(film: Film) -> dict[str, Any]:
    """What the page's script reads."""
    frames, height, width = film.frames.shape
    return {
        "frames": frames,
        "width": width,
        "height": height,
        "colours": [colour for _, colour in film.colours],
        "series": [[float(f"{v:.4g}") for v in values] for values in film.series.values()],
        "packed": pack(film.frames, len(film.colours)),
        "paired": len(film.colours) <= PAIRED,
    }


def _script(data: dict[str, Any]) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(data, separators=(",", ":")).replace("</", "<\\/")


def _chart(film: Film, names: Sequence[str]) -> tuple[list[tuple[int, str]], Markup]:
    """Series that share a scale: number and name of each, and the drawing with a cursor that the page moves."""
    numbers = {name: i for i, name in enumerate(film.series)}
    lines = [Line(n, np.arange(len(film.series[n]), dtype=float), np.asarray(film.series[n], float)) for n in names]
    picture = Picture(", ".join(names), film.unit, "", tuple(lines))
    size = SMALL if names[0] in film.apart else STRIP
    across, up = curves.axes(picture, size)
    left, right = (float(v) for v in across(lines[0].x[[0, -1]]))
    cursor = svg.tag(
        "line", x1=left, x2=left, y1=up.end, y2=up.start, class_="cursor", data_left=left, data_right=right
    )
    drawn = curves.draw(picture, size, styled=numbers)
    return [(numbers[name], name) for name in names], Markup(drawn.removesuffix("</svg>") + cursor + "</svg>")
