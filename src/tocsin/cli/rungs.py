"""What the reader sees while the ladder is climbed: a heading a model, a row a published number, how far it is."""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from tocsin.classics.declare import Classic, Finding
from tocsin.classics.kept import finished_since
from tocsin.classics.ladder import Portion, Replication
from tocsin.cli.progress import length
from tocsin.report.ladder import gaps, summary

STYLES = {True: "green", False: "bold yellow", None: "dim"}
NOTHING = "\u2013"
"""Where there is no number."""
SILENCE = 2.0
"""Seconds after which something that is still being made says so."""
LINE_SECONDS = 10.0
"""Seconds between two plain lines where there is no terminal."""


def heading(console: Console, classic: Classic) -> None:
    """The model that is taken up."""
    console.print()
    console.print(Text.assemble((f"{classic.rung}  {classic.title}", "bold"), f"  ({classic.name})"))
    console.print(Text(classic.source, style="dim"))


def tally(console: Console, classic: Classic, findings: Sequence[Finding]) -> None:
    """How a model comes out, in a paragraph."""
    console.print(Text.assemble((f"{classic.name}: ", "bold"), summary(findings)))


def unmet(console: Console, rungs: Sequence[tuple[Classic, Sequence[Finding]]]) -> None:
    """Everything that is not met, at the end, where it is read."""
    found = gaps([(c, findings, ()) for c, findings in rungs])
    if found:
        console.print("\nWhat is not met", style="bold")
    for classic, f in found:
        what = f"{classic.name}: {f.name}: {f.origin} {f.published}, ours {f.ours}"
        more = "; ".join(n for n in ("a variant" if f.variant else "", f.note) if n)
        console.print(Text.assemble("- ", what, (f" ({more})" if more else "", "dim")))


def row(console: Console, finding: Finding) -> None:
    """One number beside ours, with its origin."""
    wide = max(console.width - 12, 40)
    shares = (0.34, 0.22, 0.24, 0.20)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(width=11)
    for share in shares:
        table.add_column(width=max(int(wide * share) - 2, 8), overflow="fold")
    tolerance = finding.tolerance and Text(f"tolerance {finding.tolerance}", style="dim")
    verdict = Text(finding.verdict, style=STYLES[finding.met])
    published = Text.assemble((f"{finding.origin} ", "dim"), finding.published or NOTHING)
    ours = Text.assemble(("ours ", "dim"), finding.ours or NOTHING)
    table.add_row(verdict, Text(finding.name), published, ours, tolerance)
    console.print(table)
    if finding.note:
        for line in Text(finding.note, style="dim").wrap(console, console.width - 13):
            console.print(Text(" " * 13).append_text(line))


def in_words(piece: str) -> str:
    """The name of a piece without the code in it: a reading by its name, what else is code left out."""
    named = re.sub(r"\w+\(name='([^']*)'[^()]*\)", r"\1", piece)
    return re.sub(r",?\s*\w+\([^()]*=[^()]*\)", "", named).strip(" ,")


class Pace:
    """Tells how long the full form will still take: what models declare, corrected by how long the finished ones took.

    What had been kept from before took no time and corrects nothing.
    """

    def __init__(self, asked: Sequence[Classic], workers: int) -> None:
        self._declared = {classic.name: classic.seconds for classic in asked}
        self._workers = workers
        self._spent = self._fresh = self._as_declared = 0.0

    def done(self, name: str, seconds: float, declared: float, *, fresh: bool) -> None:
        """Work is finished. declared: how much of what its model declares it was."""
        declared = min(declared, self._declared[name])
        self._declared[name] -= declared
        self._spent += seconds
        if fresh:
            self._fresh += seconds
            self._as_declared += declared

    def left(self, elapsed: float) -> float:
        """Seconds until all is done, none if that has been overrun."""
        slower = self._fresh / self._as_declared if self._as_declared else 1.0
        whole = (self._spent + slower * sum(self._declared.values())) / self._workers
        return max(whole - elapsed, 0.0)


class Progress:
    """Says what is being made and how far the ladder is, once that takes longer than two seconds."""

    def __init__(self, console: Console, total: int, folder: Path, pace: Pace | None = None) -> None:
        self._console, self._total, self._folder, self._pace = console, total, folder, pace
        self._begun, self._moment = time.monotonic(), time.time()
        self._finished, self._what = 0, ""
        self._status: Status | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: object, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        if self._status is not None:
            self._status.stop()

    def begin(self, name: str, *, alone: bool) -> None:
        """A model is taken up; alone: in this process."""
        self._what = name if alone else ""

    def piece(self, name: str) -> None:
        """A piece of work of the model is taken up."""
        self._what = f"{self._what.split(':')[0]}: {in_words(name)}"

    def portion(self, portion: Portion) -> None:
        """A part of a model is finished."""
        if self._pace is not None:
            self._pace.done(portion.name, portion.seconds, portion.declared, fresh=bool(portion.made))

    def done(self, whole: Replication) -> None:
        """A model is finished."""
        self._finished += 1
        if self._pace is not None:
            self._pace.done(whole.name, whole.rest, math.inf, fresh=not whole.found and whole.rest == whole.seconds)

    def _watch(self) -> None:
        """In a thread: a line that changes in a terminal, a line now and then elsewhere."""
        terminal = self._console.is_terminal
        while not self._stop.wait(SILENCE if terminal and self._status is None else 0.5 if terminal else LINE_SECONDS):
            if not terminal:
                self._console.print(self._text())
            elif self._status is None:
                self._status = self._console.status(self._text())
                self._status.start()
            else:
                self._status.update(self._text())

    def _text(self) -> Text:
        """Where the ladder stands."""
        parts = [f"{self._finished} of {self._total} models", length(time.monotonic() - self._begun)]
        pieces = finished_since(self._folder, self._moment)
        parts += [f"{pieces} pieces finished"] if pieces else []
        left = self._pace.left(time.monotonic() - self._begun) if self._pace is not None else 0.0
        parts += [f"about {length(left)} left"] if left else []
        return Text(", ".join(parts) + (f"; now {self._what}" if self._what else ""), style="dim")
