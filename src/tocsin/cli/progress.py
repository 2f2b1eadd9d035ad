"""What the reader sees while runs are made: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from tocsin.results.record import Outcome

LINE_SECONDS = 10.0
"""Shortest time between two plain lines."""
RECENT = 60
"""Marks, a second or more apart, over which the rate is taken: compiling and a slow start are forgotten."""


class Bar:
    """A bar with news at its end, made when it is first shown."""

    def __init__(self, console: Console, unit: str) -> None:
        columns = (TextColumn(unit), BarColumn(bar_width=10), MofNCompleteColumn(), TextColumn("{task.fields[news]}"))
        self._bar, self._task = Progress(*columns, console=console, transient=True), TaskID(0)

    def show(self, total: int, done: int, news: str = "") -> None:
        """Bring it up to date."""
        if not self._bar.task_ids:
            self._task = self._bar.add_task("", total=total, news="")
            self._bar.start()
        self._bar.update(self._task, total=total, completed=done, news=news)

    def end(self) -> None:
        """Take it away."""
        if self._bar.task_ids:
            self._bar.stop()
            self._bar.remove_task(self._task)


class Meter:
    """Watches an ensemble: runs done, rate, time left, and the share that fell so far in each world.

    seeds_per_draw: that many runs count as one in the intervals, since seeds of one draw may all agree.
    """

    def __init__(self, console: Console, seeds_per_draw: int = 1) -> None:
        self._console, self._together, self._bar = console, seeds_per_draw, Bar(console, "runs")
        self._total = self._kept = self._done = 0
        self._fallen: list[int] = []
        self._seen: list[int] = []
        self._said = time.monotonic()
        self._marks: deque[tuple[float, int]] = deque(maxlen=RECENT)

    def say(self, text: str) -> None:
        """One line of news."""
        self._console.print(text, highlight=False, markup=False)

    def begin(self, total: int, kept: int) -> None:
        """Show where the ensemble stands."""
        self._total, self._kept, self._done = total, kept, kept
        self._said = time.monotonic()
        self._marks.append((self._said, kept))
        if kept:
            rest = "nothing is left to compute" if kept == total else f"computing the other {total - kept}"
            self.say(f"{kept} of {total} runs are in the store already; {rest}.")
        if kept < total and self._console.is_terminal:
            self._bar.show(total, kept)

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """One more."""
        self._fallen, self._seen = self._fallen or [0] * len(endings), self._seen or [0] * len(endings)
        for i, ended in enumerate(endings):
            if ended is not None:
                self._fallen[i] += ended.fallen
                self._seen[i] += 1
        self._done += 1
        now = time.monotonic()
        if now - self._marks[-1][0] >= 1.0:
            self._marks.append((now, self._done))
        if self._console.is_terminal:
            self._bar.show(self._total, self._done, f"{self._pace(now)}, {self._shares()}")
        elif self._done == self._total or now - self._said >= LINE_SECONDS:
            self._said = now
            self.say(f"{self._done} of {self._total} runs, {self._pace(now)}, {self._shares()}")

    def end(self) -> None:
        """Take the bar away."""
        self._bar.end()

    def _pace(self, now: float) -> str:
        """Rate and time left, from the last marks."""
        since, done = self._marks[0]
        return pace((self._done - done) / max(now - since, 1e-9), self._total - self._done)

    def _shares(self) -> str:
        shares = [self._share(*both) for both in zip(self._fallen, self._seen, strict=True)]
        return "fallen " + " | ".join(shares) + (" of the new runs" if self._kept else "")

    def _share(self, fallen: int, seen: int) -> str:
        """A share of the runs so far with its 95 % interval."""
        from tocsin.experiments.statistics import wilson

        if not seen:
            return "-"
        low, high = wilson(fallen / self._together, seen / self._together)
        return f"{100 * fallen / seen:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def pace(rate: float, left: int) -> str:
    """So many a second, and how long the rest will take. rate: per second."""
    text = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
    return f"{text}, {length(left / rate)} left" if rate > 0 and left > 0 else text


def length(seconds: float) -> str:
    """A length of time in words short enough for a line."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"
