"""`tocsin run` as a person meets it: what it prints, what it refuses, what it leaves behind."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from tests.invented_runs import MACHINE, scenario
from tocsin.cli import summary
from tocsin.cli.main import main
from tocsin.cli.progress import Meter, length
from tocsin.experiments.contrast import Contrast, contrast_with
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import ensemble_with
from tocsin.experiments.labour import Labour
from tocsin.scenario.parts import Target

CROWD = Target("crowds", "turnout", "", 3.0, 900.0, 1000.0, (500.0, 2000.0), "train", "crowd", "invented")
BASE, BARE = scenario(targets=(CROWD,)), scenario(mission=False, targets=(CROWD,))
HERE = Labour(1, machine=MACHINE)


def page() -> tuple[Console, io.StringIO]:
    """A console of 80 columns that is no terminal."""
    text = io.StringIO()
    return Console(file=text, width=80, force_terminal=False, color_system=None), text


def shown(seeds: int = 1) -> tuple[Contrast, str]:
    console, text = page()
    result = contrast_with(BASE, BARE, Design(40, seeds_per_draw=seeds), None, HERE, Meter(console))
    summary.announce(console, (BASE, BARE), ("with the mission", "without the mission"), Design(40), "tocsin-runs")
    summary.show(console, result)
    return result, text.getvalue()


def test_what_is_printed() -> None:
    """If it failed, a person would not see what was run, what came out, how sure it is, or that it is uncalibrated."""
    result, text = shown()
    words = " ".join(text.split())
    for part in (
        "40 of 40 runs", "300,000 in 3 places", "one simulated for 10", "with the mission without the mission",
        "900 to 1,000", "500 to 2,000", "uncalibrated", "no verdict", "cannot tell", "with one seed per draw",
        "wanted 0.10", "Inside every observation interval", "same draws, people and chance",
        summary.share(result.base.fallen), summary.share(result.variant.fallen),
    ):  # fmt: skip
        assert part in words, part
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80


def test_alone() -> None:
    """If it failed, a scenario without a counterfactual could not be run or shown."""
    console, text = page()
    summary.show(console, ensemble_with(BASE, Design(5), None, HERE))
    assert "needs the world without foreign troops" in " ".join(text.getvalue().split())


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["kazakhstan-2022", "--full", "--people-per-agent", "5"], "--full and --people-per-agent"),
        (["kazakhstan-2022", "--alone", "--variant", "no-request"], "--alone and --variant"),
        (["kazakhstan-2022", "--runs", "0"], "a whole number from 1"),
        (["kazakhstan-2022", "--workers", "0"], "--workers 0"),
        (["kazakhstan-2022", "--variant", "no-reqest"], "no-request"),
        (["kazakhstan-2022", "--people-per-agent", "0"], "people_per_agent"),
        (["kazakhstan-2023"], "did you mean"),
        (["kazakhstan-2022", "--runs", "many"], "many"),
    ],
)
def test_refusals(words: list[str], part: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """If it failed, a slip of the pen would start a long run of something else, or end in a traceback."""
    assert main(["run", *words, "--store", str(tmp_path / "runs")]) == 2
    errors = capsys.readouterr().err
    assert part in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "runs").exists()


def test_unwritable_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """If it failed, a store that is a file would give a traceback."""
    (tmp_path / "runs").write_text("x")
    assert main(["run", "kazakhstan-2022", "--runs", "1", "--store", str(tmp_path / "runs")]) == 3
    assert "a file, not a folder" in capsys.readouterr().err


def test_lengths() -> None:
    """If it failed, the time left would be told in the wrong unit."""
    assert [length(s) for s in (0.4, 42.0, 61.0, 3600 + 120)] == ["0.4 s", "42 s", "1 min 01 s", "1 h 02 min"]


def test_run_as_a_module() -> None:
    """If it failed, `python -m tocsin` would not be the command that `tocsin` is."""
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "explain", "no-such-name"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no-such-name" in done.stderr
