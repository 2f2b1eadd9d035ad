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
    seed: int = 1,
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
        Another number gives other chance.
    to
        The page to write (default: tocsin-play-NAME.html in this folder).
    """
    from tocsin.classics import ladder  # imported here, so that help is quick

    console = Console(highlight=False)
    if not name:
        _list(console, [c for c in ladder.classics() if c.film])
        return
    if not 0 <= seed < SEEDS:
        raise UsageError(f"--seed {seed}", expected="0 to 2**64 - 1", do="for example --seed 1")
    classic = ladder.find(name)
    knobs = _knobs(classic, set_)
    film = _film(classic, knobs, seed)
    from tocsin.report.film import Showing, write

    path = to or Path(f"tocsin-play-{name}.html")
    written = write(Showing(classic, film, knobs, seed), path, command="tocsin " + " ".join(sys.argv[1:]))
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


def _knobs(classic: Classic, given: Sequence[str]) -> dict[str, float]:
    """Every knob with its default or the number that was given."""
    from tocsin.scenario.draft import nearest

    values = {name: knob.default for name, knob in classic.knobs.items()}
    expected = f"knob=value with {', '.join(values)}" if values else f"no --set: {classic.name} has no knobs"
    for text in given:
        knob, sign, number = (part.strip() for part in text.partition("="))
        if not sign or knob not in values:
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
    if classic.film is None:
        raise UsageError(
            f"{classic.name} has nothing to animate",
            expected="a model with an animation",
            do=f"see `tocsin play`; its figures: tocsin replicate {classic.name}",
        )
    try:
        return classic.film(knobs, seed)
    except ValueError as fault:
        shown = ", ".join(f"{k}={v:g}" for k, v in knobs.items())
        raise UsageError(
            f"{classic.name} cannot be run with {shown}: {fault}",
            expected="numbers that go together",
            do="see `tocsin play` for knobs and meanings",
        ) from None
