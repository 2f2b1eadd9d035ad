"""The sweep as a person meets it: what is read from the command line, the page, the CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.unit.test_sweep_tipping import swept
from tocsin.cli import sweep as verb
from tocsin.cli.main import main
from tocsin.cli.swept import show
from tocsin.errors import UsageError
from tocsin.experiments.resolve import Resolve, resolve
from tocsin.experiments.sensitivity import Indices, Screening
from tocsin.report import curves, tipping
from tocsin.report.sweep import Findings, render, write
from tocsin.results.failures import Failed


def printed(found: Findings) -> str:
    """What the command prints in 80 columns."""
    text = io.StringIO()
    show(Console(file=text, width=80, force_terminal=False, color_system=None), found)
    return text.getvalue()


def test_reading() -> None:
    """If it failed, a range, a list, a word or a prior would be taken for something else."""
    found = verb.read((
        "risk.slope=1..9", "intervention.believed=1000..70000:log", "law.noise=prior", "law.gain=lognormal(2, 0.4),3",
        "policy.alliance=script,free from 2022-01-05 23:00", "intervention.signal=true,false", "alliance.quorum=3,4",
    ))  # fmt: skip
    assert found == {
        "risk.slope": (1.0, 9.0), "intervention.believed": (1000.0, 70000.0, "log"), "law.noise": "prior",
        "law.gain": ["lognormal(2, 0.4)", 3], "policy.alliance": ["script", "free from 2022-01-05 23:00"],
        "intervention.signal": [True, False], "alliance.quorum": [3, 4],
    }  # fmt: skip
    for wrong in (("risk.slope",), ("=3",), ("risk.slope=",), ("a=1", "a=2"), ("risk.slope=low..high",)):
        with pytest.raises(UsageError):
            verb.read(wrong)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--over", "risk.slope"], "NAME=low..high"),
        ([], "a sweep over nothing"),
        (["--over", "risk.slope=2..1"], "the lower one first"),
        (["--over", "risk.slpoe=1..2"], "risk.slope"),
        (["--over", "risk.slope=1..2", "--design", "steepest"], "steepest"),
        (["--over", "risk.slope=1..2", "--what", "killed>many"], "for example killed>100"),
        (["--over", "risk.slope=1..2", "--workers", "0"], "--workers 0"),
        (["--over", "risk.slope=1..2", "--resolve"], "escalate or give up"),
        (["--over", "risk.slope=1..2", "--seeds", "0"], "runs: 0"),
    ],
)
def test_one_clear_message(words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """If it failed, a mistake would end in a traceback, or in hours of the wrong runs."""
    code = main(["sweep", "kazakhstan-2022", "--store", str(tmp_path / "runs"), *words])
    heard = capsys.readouterr().err
    assert code == 2
    assert said in heard
    assert "Traceback" not in heard
    assert not (tmp_path / "runs").exists()


def test_map_page(tmp_path: Path) -> None:
    """If it failed, the page would lack the map, its line, the deaths beside it or the warning, or ask a network."""
    found = Findings(swept({"risk.slope": (2.0, 8.0), "risk.severity": (2.0, 6.0)}, points=4, seeds=40), "fallen")
    page, table = write(found, tmp_path / "page.html", command="tocsin sweep")
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg viewBox") >= 3
    assert 'class="half"' in text
    assert "People killed, median" in text
    assert "People wounded, median" in text
    assert "assumed, not observed" in text
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert len(rows) == 16
    assert set(rows[0]) == {"risk.slope", "risk.severity", "fallen", "low", "high", "runs", "killed", "wounded"}
    assert all(float(r["low"]) <= float(r["fallen"]) <= float(r["high"]) for r in rows)
    assert {r["runs"] for r in rows} == {"40"}
    assert render(found, command="tocsin sweep") == text
    said = printed(found)
    assert "The share is one half on a line" in said
    assert "uncalibrated" in said
    assert max(len(line.rstrip()) for line in said.splitlines()) <= 80


def test_failed_runs_are_told() -> None:
    """If it failed, a point would rest on fewer runs than others, perhaps on the harmless ones, without a word."""
    made = swept({"risk.slope": (1.0, 9.0)}, points=3, seeds=20)
    assert "could not be finished" not in render(Findings(made, "fallen"), command="")
    gone = Failed("gone", 0, 1, "as written", "ran out of <memory>")
    lost = replace(made, keys=(("gone", *made.keys[0][1:]), *made.keys[1:]), failed=(gone,))
    text = render(Findings(lost, "fallen"), command="")
    assert "1 run could not be finished" in text
    assert "ran out of &lt;memory&gt;" in text
    assert "off by 5 points at the most" in text


def test_curve_page_says_where_it_tips() -> None:
    """If it failed, a reader would have to guess from a drawing where the answer turns."""
    found = Findings(swept({"policy.alliance": ["script", "free"], "risk.slope": (1.0, 9.0)}, seeds=60), "fallen")
    text = render(found, command="")
    assert text.count("one half is crossed at") == 2
    assert "Killed and wounded" in text
    assert printed(found).count("one half is crossed at") == 2


def test_other_designs_have_a_page() -> None:
    """If it failed, a sweep that is no grid, a ranking or a resolve curve could not be looked at."""
    spread = swept(
        {"risk.slope": (1.0, 9.0), "policy.alliance": ["script", "free"]}, design="latin", points=12, seeds=8
    )
    assert render(Findings(spread, "peak_turnout", resolve=resolve(spread)), command="").count("<svg viewBox") >= 2
    share = {"risk.slope": (0.5, 0.4, 0.6), "risk.severity": (0.1, float("nan"), float("nan"))}
    ranks = Indices("fallen", spread, share, share, 0.25)
    text = render(Findings(spread, "fallen", indices=ranks), command="")
    assert "25 % is of draws and chance" in text
    assert text.index(">risk.slope<") < text.index(">risk.severity<")
    effects = Screening("fallen", spread, share, share, share)
    assert "Spread:" in render(Findings(spread, "fallen", screening=effects), command="")
    assert "risk.slope" in printed(Findings(spread, "fallen", screening=effects))
    assert "Over all runs" in printed(Findings(spread, "fallen", indices=ranks))


def test_resolve_curve_has_its_numbers_and_its_warning(tmp_path: Path) -> None:
    """If it failed, days until a fall would stand on a page as if they were a rule, without interval or count."""
    shares, nan = np.array([0.001, 0.01, 0.1]), float("nan")
    one = Resolve(
        "", shares, np.array([20.0, 14.0, nan]), np.array([16.0, 12.0, 15.0]), np.array([np.inf, 18.0, np.inf]),
        np.array([40, 30, 9]), np.zeros(3), np.array([0.1, 0.0, 0.7]),
    )  # fmt: skip
    found = Findings(swept({"risk.slope": (1.0, 9.0)}, points=3, seeds=8), "fallen", resolve=(one,))
    page, points, table = write(found, tmp_path / "page.html", command="")
    text = page.read_text(encoding="utf-8")
    assert "A property of the model, not a rule for anybody" in text
    assert "<td>20 (16 to never)</td><td>40</td>" in text
    assert "not by the end (15 to never)" in text
    assert (points.name, table.name) == ("page.csv", "page-resolve.csv")
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert [r["high"] for r in rows] == ["inf", "18", "inf"]
    assert [r["never"] for r in rows] == ["0.1", "0", "0.7"]
    days, killed = tipping.resolve_pictures(found.resolve, 30.0)
    assert days.lines[0].high is not None
    assert list(days.lines[0].high) == [30.0, 18.0, 30.0], "a band that is never left reaches the top"
    for picture in (days, killed):
        assert curves.axes(picture, zero=True)[1].low == 0.0
    said = printed(found)
    assert "A property of the model" in said
    assert "never" in said


def test_a_name_that_no_run_has_ends_at_the_first_run() -> None:
    """If it failed, a mistyped --what would be found only when all runs are made."""
    made = swept({"risk.slope": [2.0]}, seeds=1)
    ended = next(made.runs(0)).outcome
    from tocsin.cli.progress import Meter
    from tocsin.experiments.sweep import Measure

    watch = verb._Watch(Meter(Console(file=io.StringIO())), Measure.of("kiled>3"))
    with pytest.raises(UsageError, match="no headline number 'kiled'"):
        watch.step([ended])
