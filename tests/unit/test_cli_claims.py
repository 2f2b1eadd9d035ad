"""The verbs `claims` and `judge`: what they print, what they write, and what they refuse."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.unit import ledgers
from tests.unit.reported import make_scenario
from tocsin.claims.load import load, names
from tocsin.cli import judge, verdicts
from tocsin.cli.main import main
from tocsin.errors import UsageError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(width: int) -> str:
    """The table of a ledger on a screen so wide."""
    out = io.StringIO()
    verdicts.table(Console(file=out, width=width, highlight=False), ledgers.with_hand())
    return out.getvalue()


@pytest.mark.usefixtures("here")
def test_registers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, somebody would have to guess the name of a register."""
    assert main(["claims"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in names())


@pytest.mark.parametrize("verb", ["claims", "judge"])
def test_list_prints_all_claims_and_runs_nothing(verb: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, reading what would be judged would cost the runs, or claims would be hidden."""
    assert main([verb, "kazakhstan-2022", "--list"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    claims = load("kazakhstan-2022")
    assert all(f"{claim.name} {claim.text}" in shown for claim in claims)
    assert f"{len(claims)} claims" in shown
    assert list(here.iterdir()) == []


def test_only_takes_some_and_helps_with_a_slip() -> None:
    """If it failed, a misspelt claim would be left out in silence."""
    found = judge.chosen(ledgers.CLAIMS, "r1, C1")
    assert [c.name for c in found] == ["C1", "R1"]
    assert judge.chosen(ledgers.CLAIMS, "") == ledgers.CLAIMS
    with pytest.raises(UsageError, match="C99"):
        judge.chosen(ledgers.CLAIMS, "C99")


@pytest.mark.parametrize(
    ("form", "ending"), [("html", "html"), ("md", "md"), ("csv", "csv"), ("parquet", "parquet"), ("netcdf", "nc")]
)
def test_documentary_claims_are_judged_and_written(
    form: str, ending: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If it failed, a claim that needs no run would need one, or a format would write nothing."""
    assert main(["claims", "kazakhstan-2022", "--only", "C2", "--format", form]) == 0
    shown = capsys.readouterr().out
    assert "refuted" in shown
    assert "0 made" in shown
    assert (here / f"tocsin-ledger-kazakhstan-2022.{ending}").stat().st_size > 1000


def test_a_file_of_ones_own_is_judged(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, only our own claims could be tested."""
    assert main(["judge", "mine.toml"]) == 2
    assert "mine.toml" in capsys.readouterr().err
    (here / "mine.toml").write_text(MINE, encoding="utf-8")
    assert main(["judge", "mine.toml", "--to", "out/mine.html"]) == 0
    assert "not applicable" in capsys.readouterr().out
    assert "My own claim." in (here / "out" / "mine.html").read_text(encoding="utf-8")


MINE = """
[register]
title = "Mine"
date = "2026-11-01"
scenario = "kazakhstan-2022"
source = "made up here"

[[claim]]
name = "M1"
text = "My own claim."
says = "me"
written = "2026-11-01"
tag = "derived"
type = "causal"
against = "nothing that could be computed"
part = [{ name = "a", title = "a part", kind = "none", reason = "the model has no such thing" }]
"""


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("option", ["--runs", "--seeds", "--workers", "--people-per-agent"])
def test_numbers_below_one_are_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, no run at all could be taken for a verdict."""
    assert main(["claims", "kazakhstan-2022", option, "0"]) == 2
    assert f"{option} 0" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_unknown_register_is_helped(capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, a slip in a name would end in a traceback."""
    assert main(["claims", "kazakhstan-2021"]) == 2
    assert "kazakhstan-2022" in capsys.readouterr().err


@pytest.mark.parametrize("width", [80, 160])
def test_table_has_the_number_the_prior_and_the_reason(width: int) -> None:
    """If it failed, a verdict would stand on the screen without what it rests on."""
    shown = " ".join(printed(width).split())
    for words in ("supported", "exploratory", "62", "55", "35", "1,280", "61.3", "listed"):
        assert words in shown
    assert "1 supported" in shown


def test_reasons_stand_beside_or_below() -> None:
    """If it failed, the reason would be lost on a narrow screen."""
    narrow = " ".join(printed(80).split())
    assert "V1: 0.61 to 0.72 over the registered set, above 0.5 in every structure" in narrow


def test_progress_is_quiet_at_first_then_has_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a wait of minutes would look like a program that hangs, or a short one would be all bars."""
    now = [0.0]
    monkeypatch.setattr("tocsin.cli.verdicts.time.monotonic", lambda: now[0])
    ended = ledgers.run(make_scenario(), 0, 1).outcome
    out = io.StringIO()
    watch = verdicts.Progress(Console(file=out, width=100))
    watch.begin(100, 0)
    watch.step([None, None, None])
    assert out.getvalue() == ""
    for _ in range(60):
        now[0] += 0.5
        watch.step([ended])
    watch.end()
    lines = out.getvalue().splitlines()
    assert 2 <= len(lines) <= 4
    assert "2.0 a second" in lines[0]
    assert "left" in lines[0]
