"""`tocsin odd`: a description of the model of a scenario, after the ODD+D protocol."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from tocsin.cli.given import Mechanisms
from tocsin.errors import UsageError
from tocsin.report.odd import describe
from tocsin.scenario.load import load
from tocsin.scenario.vary import variant_of


def odd(file: str, /, *, variant: str = "", to: Path | None = None, mechanism: Mechanisms = ()) -> None:
    """Describe the model as a scenario runs it: purpose, entities, a tick, concepts, input data, every submodel.

    The text is Markdown, made from the declarations; the same scenario gives the same text.

    Parameters
    ----------
    file
        A scenario file, or the name of a shipped one.
    variant
        A variant of it, by name.
    to
        The file to write (default: the screen).
    """
    text = describe(variant_of(load(file, mechanism), variant))
    if to is None:
        sys.stdout.write(text)
        return
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise UsageError(
            f"the description cannot be written: {fault.strerror or fault}",
            where=str(to),
            expected="a folder in which files can be written",
            do="give another place with --to",
        ) from None
    Console(soft_wrap=True, highlight=False).print(f"Written: {to}")
