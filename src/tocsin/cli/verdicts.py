"""Verdicts on the screen: the table, the list of claims, and progress while runs are made."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.progress import LINE_SECONDS, Bar, length, pace

if TYPE_CHECKING:
    from tocsin.claims.claim import Claim, Part, Verdict
    from tocsin.claims.ledger import Ledger
    from tocsin.results.record import Outcome

QUIET_SECONDS = 2.0
"""Nothing is shown of work that takes less."""
WIDE = 110
"""Characters from which a verdict and its reason stand side by side."""
COLOURS = (("supported", "green"), ("refuted", "magenta"), ("undetermined", "yellow"))


class Progress:
    """Watches the worlds of a ledger: slots done of all, rate and time left; all worlds of a slot are made together."""

    def __init__(self, console: Console) -> None:
        self._console, self._bar = console, Bar(console, "groups of runs")
        self._total = self._done = self._kept = 0
        self._begun = self._said = time.monotonic()

    def say(self, text: str) -> None:
        """One line of news."""
        self._console.print(text, markup=False)

    def begin(self, total: int, kept: int) -> None:
        """How much there is to do."""
        self._total, self._done, self._kept = total, kept, kept
        self._begun = self._said = time.monotonic()

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """One more slot, of one group of worlds."""
        self._done += 1
        if all(ending is None for ending in endings):
            self._kept += 1
        now = time.monotonic()
        if now - self._begun < QUIET_SECONDS:
            return
        if self._console.is_terminal:
            self._bar.show(self._total, self._done, self._pace(now))
        elif now - self._said >= LINE_SECONDS or self._done == self._total:
            self._said = now
            self.say(f"{self._done} of {self._total} groups of runs, {self._pace(now)}")

    def end(self) -> None:
        """Take the bar away."""
        self._bar.end()

    def _pace(self, now: float) -> str:
        """Rate and time left; groups that were in the store do not count."""
        made = self._done - self._kept
        return pace(made / max(now - self._begun, 1e-9), self._total - self._done) if made else "found in the store"


def table(console: Console, ledger: Ledger) -> None:
    """One row for each part of a claim, with the reason beside or below it."""
    from tocsin.report.cards import by_claim

    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("claim", "part", "verdict", "number (interval)", "prior", "runs", "ESS"):
        shown.add_column(heading, overflow="fold", justify="right" if heading in ("runs", "ESS") else "left")
    wide = console.width >= WIDE
    if wide:
        shown.add_column("why", overflow="fold", ratio=1)
    for claim, parts in by_claim(ledger.claims, ledger.verdicts):
        for part, verdict in parts:
            shown.add_row(*_cells(claim, part, verdict), *([verdict.why] if wide else []))
    console.print(shown)
    if not wide:
        for v in ledger.verdicts:
            console.print(f"\n{v.part or v.claim}: {v.why}", markup=False)
    console.print(_counts(ledger.verdicts))


def _cells(claim: Claim, part: Part, v: Verdict) -> list[str | Text]:
    """A row: names, verdict, the number that decides with its interval, the prior, runs and effective runs."""
    from tocsin.report.cards import interval, prior_of, refused, told, unit_of

    kind = Text(v.kind + (" (exploratory)" if v.exploratory else ""), style=dict(COLOURS).get(v.kind, "dim"))
    unit, prior, number = unit_of(part), prior_of(v), ""
    before = "" if prior is None else told(prior.value, unit)
    if prior is not None and refused(v):
        before += _bracketed(interval(prior, unit))
    elif v.figures:
        number = told(v.figures[0].value, unit) + _bracketed(interval(v.figures[0], unit))
    effective = f"{v.effective:.1f}" if v.effective else ""
    return [claim.name, part.name, kind, number, before, f"{v.runs:,}" if v.runs else "", effective]


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""


def _counts(verdicts: Sequence[Verdict]) -> str:
    count = Counter(v.kind for v in verdicts)
    return "\n" + ", ".join(f"{n} {kind}" for kind, n in count.most_common()) + "."


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
    console.print(f"\n{len(claims)} claims, {parts} parts.")


def effort(console: Console, ledger: Ledger, begun: float, store: Path) -> None:
    """What it took."""
    seconds = time.monotonic() - begun
    console.print(f"Runs:   {ledger.runs_made:,} made, {ledger.runs_reused:,} found in {store}; "
                  f"{len(ledger.worlds)} worlds", soft_wrap=True)  # fmt: skip
    console.print(f"Time:   {length(seconds)}")
