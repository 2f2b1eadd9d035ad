"""What a person sees while runs are made and after some have failed."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from tests.invented_runs import MACHINE, machine, run, scenario
from tocsin.cli import progress, summary
from tocsin.cli.progress import Meter
from tocsin.cli.run import Work, labour_of, tell_failed
from tocsin.errors import UsageError
from tocsin.experiments.contrast import contrast_with
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
from tocsin.results.record import Outcome

BASE, BARE = scenario(), scenario(mission=False)


def page(terminal: bool = False) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=90, force_terminal=terminal, color_system=None), text


def ended(fallen: bool) -> Outcome:
    return replace(run(BASE, 1, 1).outcome, fallen=fallen)


def test_line_has_rate_time_left_and_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a person would not know how long it takes, or would take the first ten runs for the answer."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    console, text = page()
    meter = Meter(console)
    meter.begin(50, 10)
    for i in range(20):
        now[0] += 0.6
        meter.step([ended(i % 4 == 0), None])
    meter.end()
    last = text.getvalue().splitlines()[-1]
    assert last == "27 of 50 runs, 1.7 a second, 14 s left, fallen 29 % (13 to 53) | - of the new runs"


def test_estimate_counts_draws() -> None:
    """If it failed, twenty seeds of one draw would pass for twenty runs while one waits."""
    lines = []
    for together in (1, 10):
        console, text = page()
        meter = Meter(console, together)
        meter.begin(20, 0)
        for i in range(20):
            meter.step([ended(i < 10)])
        lines.append(text.getvalue().splitlines()[-1].partition("fallen ")[2])
    assert lines == ["50 % (30 to 70)", "50 % (9 to 91)"]


def test_rate_forgets_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a minute of compiling would be in the time left for an hour."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    console, text = page()
    meter = Meter(console)
    meter.begin(1000, 0)
    now[0] = 60.0
    for _ in range(200):
        now[0] += 1.0
        meter.step([None])
    assert "1.0 a second" in text.getvalue().splitlines()[-1]


def test_bar() -> None:
    """If it failed, a terminal would show nothing while runs are made, or the bar would stay."""
    console, text = page(terminal=True)
    meter = Meter(console)
    meter.begin(3, 0)
    assert "0/3" in text.getvalue(), "before the first run is done"
    for _ in range(3):
        meter.step([ended(True), ended(False)])
    meter.end()
    assert "fallen 100 % (44 to 100) | 0 % (0 to 56)" in text.getvalue()


def test_failed_runs_are_shown() -> None:
    """If it failed, runs that are in no table would be missed by nobody."""
    console, text = page()
    result = contrast_with(BASE, BARE, Design(9), None, Labour(1, machine=machine(fault=True)), Meter(console))
    tell_failed(console, result.failed)
    words = " ".join(text.getvalue().split())
    assert "This run is listed as failed; the others go on." in words
    assert "2 run(s) failed and are in no table" in words
    assert "draw 3, seed 1000006, no-request: draw 3, seed 1000006 failed: ZeroDivisionError" in words
    assert "--retry" in words
    before = text.getvalue()
    tell_failed(console, ())
    assert text.getvalue() == before


def test_gain_is_shown() -> None:
    """If it failed, nobody would see whether pairing is worth its trouble, or a loss would be sold as a gain."""
    result = contrast_with(BASE, BARE, Design(40), None, Labour(1, machine=MACHINE))
    found = result.gain
    assert found.ratio > 1
    assert f"{found.saved:,.0f} runs saved in each world" in summary.effect(result)
    assert summary.gain(replace(result, paired=False)) == ""
    alike = replace(result, variant=result.base)
    assert summary.gain(alike) == ""


def test_options_of_work() -> None:
    """If it failed, what is asked for on the command line would not be what is done."""
    asked = labour_of(Work(workers=3, threads=2, cluster="tcp://here:1", retry=True, most_failing=0.2))
    assert (asked.workers, asked.threads, asked.cluster, asked.retry, asked.most_failing) == (
        3, 2, "tcp://here:1", True, 0.2,
    )  # fmt: skip
    with pytest.raises(UsageError, match="may fail"):
        labour_of(Work(most_failing=5))
