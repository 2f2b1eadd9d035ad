"""What the reader sees while runs are made: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tocsin.results.record import Outcome

LINE_SECONDS = 10.0
"""Shortest time between two plain lines."""


class Meter:
    """Watches an ensemble: runs done, rate, time left, and how many fell so far in each world."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._total = self._kept = self._done = 0
        self._fallen: list[list[bool]] = []
        self._begun = self._said = time.monotonic()

    def say(self, text: str) -> None:
        """One line of news."""
        self._console.print(text, highlight=False, markup=False)

    def begin(self, total: int, kept: int) -> None:
        """Show where the ensemble stands."""
        self._total, self._kept, self._done = total, kept, kept
        self._begun = self._said = time.monotonic()
        if kept:
            rest = "nothing is left to compute" if kept == total else f"computing the other {total - kept}"
            self.say(f"{kept} of {total} runs are in the store already; {rest}.")
        if kept < total and self._console.is_terminal:
            columns = (
                TextColumn("runs"),
                BarColumn(bar_width=20),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(compact=True),
                TextColumn("left  {task.fields[fallen]}"),
            )
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task("", total=total, completed=kept, rate="", fallen="")
            self._bar.start()

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """One more."""
        self._fallen = self._fallen or [[] for _ in endings]
        for seen, ended in zip(self._fallen, endings, strict=True):
            if ended is not None:
                seen.append(ended.fallen)
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, rate=self._rate(), fallen=self._shares())
        elif self._done == self._total or time.monotonic() - self._said >= LINE_SECONDS:
            self._said = time.monotonic()
            left = (self._total - self._done) * (self._said - self._begun) / max(self._done - self._kept, 1)
            self.say(f"{self._done} of {self._total} runs, {self._rate()}, {length(left)} left, {self._shares()}")

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _rate(self) -> str:
        rate = (self._done - self._kept) / max(time.monotonic() - self._begun, 1e-9)
        return f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"

    def _shares(self) -> str:
        shares = [f"{sum(seen) / len(seen):.0%}".replace("%", " %") if seen else "-" for seen in self._fallen]
        return "fallen " + " | ".join(shares) + (" of the new runs" if self._kept else "")


def length(seconds: float) -> str:
    """A length of time in words short enough for a line."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"
