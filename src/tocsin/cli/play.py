"""`tocsin play`: a published model as a page that moves."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from tocsin.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.classics.declare import Classic, Film, Knob


SEEDS = 2**64
"""How many seeds the draws tell apart."""


def play(
    name: Annotated[str, Parameter(show_default=False)] = "",
    /,
    *,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative="", show_default=False)] = (),
    seed: Annotated[str, Parameter(show_default=True)] = "1",
    to: Path | None = None,
) -> None:
    """Write a page that animates a published model; without a name, say which models can be watched.

    Parameters
    ----------
    name
        A model, such as epstein-2.
    set_
        A number of the model, as knob=value; may be given several times.
    seed
        A whole number; another one gives other chance.
    to
        The page to write (default: tocsin-play-NAME.html in this folder, with the numbers that were set in its name).
    """
    from tocsin.classics import ladder  # imported here, so that help is quick

    console = Console(highlight=False)
    if not name:
        _list(console, [c for c in ladder.classics() if c.film])
        return
    key = _seed(seed)
    classic = _watchable(name)
    knobs = _knobs(classic, set_)
    film = _film(classic, knobs, key)
    from tocsin.report.film import Showing, write

    path = to or Path(_page(classic, knobs, key))
    written = write(Showing(classic, film, knobs, key), path, command="tocsin " + " ".join(sys.argv[1:]))
    frames, height, width = film.frames.shape
    console.print(f"Page: {written} ({frames} frames of {height} x {width}); open it in a browser.", soft_wrap=True)


def _list(console: Console, classics: Sequence[Classic]) -> None:
    """The models that can be watched, with their knobs."""
    from rich.table import Table

    for classic in classics:
        console.print(f"[bold]{classic.name}[/]  {classic.title}")
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
        for name, knob in classic.knobs.items():
            table.add_row(f"--set {name}={knob.default:g}", f"{knob.meaning} ({knob.span}; {knob.unit})")
        if classic.knobs:
            console.print(table)


def _watchable(name: str) -> Classic:
    """The model of this name, which must have an animation; who mistypes it is told only of those that have one."""
    from tocsin.classics import ladder
    from tocsin.scenario.draft import nearest

    try:
        classic = ladder.find(name)
    except UsageError:
        films = [c.name for c in ladder.classics() if c.film]
        raise UsageError(
            f"no published model that can be watched is called {name!r}",
            expected=f"one of {', '.join(films)}",
            do=nearest(name, films, "see `tocsin play`"),
        ) from None
    if classic.film is None:
        raise UsageError(
            f"{name} has nothing to animate",
            expected="a model with an animation",
            do=f"see `tocsin play`; its figures: tocsin replicate {name}",
        )
    return classic


def _seed(text: str) -> int:
    """A seed, or a refusal: a fraction would be another seed than the one that was asked for."""
    if not text.isascii() or not text.isdigit() or not int(text) < SEEDS:
        raise UsageError(f"--seed {text}", expected="a whole number from 0 to 2**64 - 1", do="for example --seed 1")
    return int(text)


def _page(classic: Classic, knobs: Mapping[str, float], seed: int) -> str:
    """The page's file: what was changed is in its name, so that no page takes the place of another society's."""
    changed = [f"{name}-{knobs[name]:g}" for name, knob in classic.knobs.items() if knobs[name] != knob.default]
    changed += [f"seed-{seed}"] if seed != 1 else []
    return "-".join(["tocsin-play", classic.name, *changed]) + ".html"


def _knobs(classic: Classic, given: Sequence[str]) -> dict[str, float]:
    """Every knob with its default or the number that was given."""
    from tocsin.scenario.draft import nearest

    values = {name: knob.default for name, knob in classic.knobs.items()}
    expected = f"knob=value with {', '.join(values)}" if values else f"no --set: {classic.name} has no knobs"
    seen: set[str] = set()
    for text in given:
        knob, sign, number = (part.strip() for part in text.partition("="))
        if knob in values and not sign:
            example = f"--set {knob}={values[knob]:g}"
            raise UsageError(f"--set {text}: no number", expected=expected, do=f"for example {example}")
        if knob in seen:
            raise UsageError(
                f"--set {text}: {knob} is set twice", expected="each number once", do="leave out one of the two"
            )
        seen.add(knob)
        if knob not in values:
            raise UsageError(
                f"--set {text}", expected=expected, do=nearest(knob, list(values), "see `tocsin play` for all knobs")
            )
        values[knob] = _number(text, number, knob, classic.knobs[knob])
    return values


def _number(text: str, number: str, name: str, knob: Knob) -> float:
    """A number in the range of its knob, or a refusal."""
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    example = f"for example --set {name}={knob.default:g}"
    if not math.isfinite(value):
        raise UsageError(f"--set {text}", expected="a number after the =", do=example)
    if not knob.fits(value):
        raise UsageError(f"--set {text}", expected=f"{knob.span} ({knob.unit})", do=f"{knob.meaning}; {example}")
    return value


def _film(classic: Classic, knobs: Mapping[str, float], seed: int) -> Film:
    """The film of these numbers, each in its range; what they cannot be together is refused by the model."""
    assert classic.film is not None
    try:
        return classic.film(knobs, seed)
    except ValueError as fault:
        shown = ", ".join(f"{k}={v:g}" for k, v in knobs.items())
        raise UsageError(
            f"{classic.name} cannot be run with {shown}: {fault}",
            expected="numbers that go together",
            do="see `tocsin play` for knobs and meanings",
        ) from None
