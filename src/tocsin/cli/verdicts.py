"""Verdicts on the screen: the tables, the list of claims, and progress while runs are made."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tocsin.cli.progress import LINE_SECONDS, Bar, length, pace

if TYPE_CHECKING:
    from tocsin.claims.claim import Claim, Part, Verdict
    from tocsin.claims.ledger import Ledger
    from tocsin.report.effort import Made
    from tocsin.results.record import Outcome

QUIET_SECONDS = 2.0
"""No line is printed of work that takes less."""
HEADINGS = ("part", "verdict", "number (interval)", "prior", "runs", "ESS")
MOST = (12, 13, 19, 13, 5, 4)
"""Characters of a column on a narrow screen."""
COLOURS = (("supported", "green"), ("refuted", "magenta"), ("undetermined", "yellow"))


class Progress:
    """Watches the worlds of a ledger: runs done of all, rate and time left."""

    def __init__(self, console: Console) -> None:
        self._console, self._bar = console, Bar(console, "runs")
        self._total = self._done = self._kept = 0
        self._begun = self._said = time.monotonic()

    def say(self, text: str) -> None:
        """One line of news."""
        self._console.print(text, markup=False)

    def begin(self, total: int, kept: int) -> None:
        """How much there is to do; in a terminal the bar stands from now on."""
        self._total, self._done, self._kept = total, kept, kept
        self._begun = self._said = time.monotonic()
        if kept < total and self._console.is_terminal:
            self._bar.show(total, kept)

    @property
    def stands(self) -> str:
        """How far it has come, in the words of its lines."""
        return f"{self._done} of {counted(self._total, 'run')} done"

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """One more run; one that failed counts as done, not as made."""
        self._done += 1
        if all(ending is None for ending in endings):
            self._kept += 1
        now = time.monotonic()
        if self._console.is_terminal:
            self._bar.show(self._total, self._done, self._pace(now))
        elif now - self._said >= LINE_SECONDS or (self._done == self._total and now - self._begun >= QUIET_SECONDS):
            self._said = now
            self.say(f"{self._done} of {self._total} runs, {self._pace(now)}")

    def end(self) -> None:
        """Take the bar away."""
        self._bar.end()

    def _pace(self, now: float) -> str:
        """Rate and time left; runs that failed or were in the store do not count."""
        return pace((self._done - self._kept) / max(now - self._begun, 1e-9), self._total - self._done)


def table(console: Console, ledger: Ledger) -> None:
    """For each claim its text, a row for each part, and why; equal reasons once."""
    from tocsin.report.cards import by_claim
    from tocsin.report.effort import Made
    from tocsin.report.ledger_page import earned

    grouped = [(claim, parts) for claim, parts in by_claim(ledger.claims, ledger.verdicts) if parts]
    rows = [[_cells(part, verdict) for part, verdict in parts] for _, parts in grouped]
    wide = [max(map(len, column)) for column in zip(HEADINGS, *(r for group in rows for r in group), strict=True)]
    if sum(wide) + 2 * len(wide) + 2 > console.width:
        wide = [min(both) for both in zip(wide, MOST, strict=True)]
    made, told = Made.of(ledger), dict[str, str]()
    for (claim, parts), cells in zip(grouped, rows, strict=True):
        console.print(Text(f"\n{claim.name}  {claim.text}", style="bold"))
        if any(v.kind != "listed" for _, v in parts):
            console.print(Padding(_rows(cells, wide), (0, 0, 0, 2)))
        for line in reasons(claim, parts, made, told):
            console.print(Padding(Text(line), (0, 0, 0, 2)))
    console.print(_counts(ledger.verdicts))
    for line in earned(ledger):
        console.print(line, markup=False)


def _rows(cells: Sequence[Sequence[Text]], wide: Sequence[int]) -> Table:
    """The rows of a claim, in columns that are the same for all claims."""
    shown = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading, width in zip(HEADINGS, wide, strict=True):
        right = heading in ("runs", "ESS")
        shown.add_column(heading, overflow="fold", justify="right" if right else "left", width=width)
    for row in cells:
        shown.add_row(*row)
    return shown


def reasons(claim: Claim, parts: Sequence[tuple[Part, Verdict]], made: Made, told: dict[str, str]) -> list[str]:
    """Why, with what more runs would do: equal reasons in one line; told: reason -> where it was given before."""
    from tocsin.report.effort import more
    from tocsin.report.numbers import undefined

    found: dict[str, list[str]] = {}
    for part, v in parts:
        said = "; ".join(filter(None, ("listed: " * (v.kind == "listed") + v.why, undefined(part, v), more(v, made))))
        found.setdefault(said, []).append(part.name)
    lines = []
    for said, names in found.items():
        head = ", ".join(filter(None, names))
        lines.append(f"{head}{': ' * bool(head)}{f'as for {told[said]}' if said in told else said}")
        told.setdefault(said, f"{claim.name} {names[0]}".rstrip())
    return lines


def _cells(part: Part, v: Verdict) -> list[Text]:
    """A row: name, verdict, the number that decides with its interval, the prior, runs and effective draws."""
    from tocsin.report.numbers import interval, prior_of, refused, told, unit_of

    kind = Text(v.kind + (" (exploratory)" if v.exploratory else ""), style=dict(COLOURS).get(v.kind, "dim"))
    unit, prior, number = unit_of(part), prior_of(v), ""
    before = "" if prior is None else told(prior.value, unit)
    if prior is not None and refused(v.figures):
        before += _bracketed(interval(prior, unit))
    elif v.figures:
        number = told(v.figures[0].value, unit) + _bracketed(interval(v.figures[0], unit))
    effective = f"{v.effective:.1f}" if v.effective else ""
    return [Text(part.name), kind, *map(Text, (number, before, f"{v.runs:,}" if v.runs else "", effective))]


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""


def _counts(verdicts: Sequence[Verdict]) -> str:
    count = Counter(v.kind for v in verdicts)
    return f"\n{counted(len(verdicts), 'part')}: {', '.join(f'{n} {kind}' for kind, n in count.most_common())}."


def counted(number: int, word: str) -> str:
    """So many of a thing, in the singular if it is one."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def listed(console: Console, claims: Sequence[Claim]) -> None:
    """The claims as they are written, with what decides each part."""
    for claim in claims:
        console.print(Text(f"{claim.name}  {claim.text}", style="bold"))
        console.print(f"    {claim.type}, {claim.tag}; {claim.says}, {claim.written}; scenario {claim.scenario}",
                      markup=False)  # fmt: skip
        if claim.against:
            console.print(f"    against it: {claim.against}", markup=False)
        for part in claim.parts:
            horizon = f", within {part.estimand.horizon:g} days" if part.estimand.horizon else ""
            console.print(f"    {part.name or '-'}: {part.title} [{part.estimand.kind}{horizon}]", markup=False)
    parts = sum(len(claim.parts) for claim in claims)
    console.print(f"\n{counted(len(claims), 'claim')}, {counted(parts, 'part')}.")


def effort(console: Console, ledger: Ledger, begun: float, store: Path) -> None:
    """What it took."""
    seconds = time.monotonic() - begun
    console.print(f"Runs:   {ledger.runs_made:,} made, {ledger.runs_reused:,} found in {store}; "
                  f"{counted(len(ledger.worlds), 'world')}", soft_wrap=True)  # fmt: skip
    console.print(f"Time:   {length(seconds)}")
