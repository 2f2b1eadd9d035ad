"""`tocsin new`: a scenario for a country, to fill in."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from rich.console import Console

from tocsin.errors import UsageError
from tocsin.quantities import YEARS
from tocsin.scenario.scaffold import YEAR, scaffold


def new(country: str, /, *, year: int = YEAR, to: Path | None = None) -> None:
    """Write a scenario that runs at once and says what to fill in. No existing file is changed.

    Parameters
    ----------
    country
        A country. Places are known of Kazakhstan, Belarus, Kyrgyzstan, Armenia, Tajikistan and Russia.
    year
        When it plays.
    to
        The file (default: COUNTRY-YEAR.toml in this folder).
    """
    if not country.split():
        raise UsageError("the country has no name", expected="a name such as Armenia", do="give one")
    if year not in YEARS:
        span = f"{YEARS.start} to {YEARS.stop - 1}"
        raise UsageError(f"--year {year}", expected=f"a year from {span}", do="choose another year")
    name = re.sub(r"\W+", "-", country.lower()).strip("-") or "country"
    path, made = to or Path(f"{name}-{year}.toml"), scaffold(country, year)
    _write(path, made.text)
    console = Console(soft_wrap=True, highlight=False)
    if made.note:
        console.print(f"[yellow]note:[/] {made.note}")
    console.print(f"Written: {path}")
    file = shlex.quote(str(path))
    console.print(f"Next:    tocsin check {file}")
    console.print(f"         tocsin run {file} --runs 4 --variant no-emergency")


def _write(path: Path, text: str) -> None:
    """Write a file that is not there yet."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            "there is a file of this name already",
            where=str(path),
            expected="a new name",
            do="give another with --to, or move that file away",
        ) from None
    except OSError as fault:
        raise UsageError(
            f"the file cannot be written: {fault.strerror or fault}",
            where=str(path),
            expected="a folder in which files can be written",
            do="give another place with --to",
        ) from None
