"""The verbs `claims` and `judge`: what they print, what they write, and what they refuse."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from tests.unit import ledgers
from tests.unit.reported import make_scenario
from tocsin.claims import ledger
from tocsin.claims.load import load, names
from tocsin.cli import judge, own, verdicts
from tocsin.cli.main import main
from tocsin.cli.progress import pace
from tocsin.errors import Interrupted, ScenarioError, UsageError
from tocsin.experiments.labour import Labour
from tocsin.report.effort import UNTOLD, Made
from tocsin.report.vocabulary import CLAIMED


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
    page = (here / "out" / "mine.html").read_text(encoding="utf-8")
    assert "My own claim." in page
    assert "<h1>Mine</h1>" in page, "the title of the register"


MINE = """
[register]
title = "Mine"
date = "2021-11-01"
scenario = "kazakhstan-2022"
source = "made up here"

[[claim]]
name = "M1"
text = "My own claim."
says = "me"
written = "2021-11-01"
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


def test_reasons_stand_below() -> None:
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
    assert lines[0] == "21 of 100 runs, 2.0 a second, 40 s left"
    assert watch.stands == "61 of 100 runs done"


def test_a_terminal_shows_a_bar_before_the_first_run_is_done() -> None:
    """If it failed, a person who waits for a first batch of long runs would think that the program hangs."""
    out = io.StringIO()
    watch = verdicts.Progress(Console(file=out, width=100, force_terminal=True))
    watch.begin(100, 0)
    assert "0/100" in out.getvalue()
    watch.end()


def test_nothing_is_left_at_the_end() -> None:
    """If it failed, a finished bar would say that no second is left, as if that were news."""
    assert "left" not in pace(2.0, 0)
    assert pace(2.0, 4) == "2.0 a second, 2.0 s left"


def test_a_stop_counts_what_progress_counted(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, 310 of 2,640 runs would turn into other numbers at the stop, as if the rest were lost."""
    monkeypatch.setattr("tocsin.cli.judge.warn_of", lambda *_: None)
    real = ledger.Size
    monkeypatch.setattr("tocsin.claims.ledger.Size", lambda *given: real(*given, Labour(1, machine=ledgers.MACHINE)))
    steps = [0]

    def impatient(watch: verdicts.Progress, _: object) -> None:
        watch._done += 1
        steps[0] += 1
        if steps[0] == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(verdicts.Progress, "step", impatient)
        with pytest.raises(Interrupted, match=r"5 of \d+ runs done, \d+ runs kept in all") as stopped:
            judge._judged(Console(file=io.StringIO()), ledgers.CLAIMS, judge.Effort(store=here / "runs"))
    held = judge.kept(here / "runs")
    assert f"{held} runs kept" in stopped.value.found
    out = io.StringIO()
    found = judge._judged(Console(file=out, width=160), ledgers.CLAIMS, judge.Effort(store=here / "runs"))
    assert out.getvalue().startswith(f"{held} runs found in ")
    assert found.runs_reused == held


@pytest.mark.parametrize("width", [80, 160])
def test_a_claim_stands_above_its_rows_and_equal_reasons_stand_once(width: int) -> None:
    """If it failed, a reader would meet V1 without its claim, and one sentence thirteen times."""
    shown = printed(width)
    assert shown.index("C1  Without the mission") < shown.index("V1") < shown.index("R1  More anger")
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= width
    claim, part = ledgers.CAUSAL, ledgers.CAUSAL.parts[0]
    same = [(replace(part, name=name), replace(ledgers.by_hand(), part=name)) for name in ("V1", "V2")]
    told: dict[str, str] = {}
    (line,) = verdicts.reasons(claim, same, UNTOLD, told)
    assert line.startswith("V1, V2: 0.61 to 0.72")
    assert verdicts.reasons(replace(claim, name="C9"), same, UNTOLD, told) == ["V1, V2: as for C1 V1"]


def test_what_more_runs_would_do_is_printed() -> None:
    """If it failed, the documents would promise a number that only the page has."""
    part = ledgers.CAUSAL.parts[0]
    open_ = replace(ledgers.by_hand(), kind="undetermined", more_runs=1280)
    (line,) = verdicts.reasons(ledgers.CAUSAL, [(part, open_)], Made(16, 8), {})
    assert line.endswith("--runs 32 would help (these are 16 of every world)")


def test_names_of_what_a_claim_asks_are_explained_and_documented(capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, nobody could write a claim without reading our code."""
    page = Path(__file__).parents[2].joinpath("docs/how-to/write-a-claim.md").read_text(encoding="utf-8")
    for topic, (_, words) in CLAIMED.items():
        assert main(["explain", topic]) == 0
        listed = capsys.readouterr().out
        for name, meaning in words.items():
            assert name in listed
            assert f"| `{name}` | {meaning} |" in page
            assert main(["explain", name]) == 0
            assert f'event = "{name}"' in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_a_file_that_is_not_there_and_one_from_tomorrow_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, a slip in a name would speak of scenarios, and claims could be dated after their verdicts."""
    assert main(["judge", "nothing.toml"]) == 2
    assert capsys.readouterr().err == (
        "nothing.toml: there is no such file\n"
        f"  expected: a file of claims, or one of {', '.join(names())}\n"
        "  do:       check the name; docs/how-to/write-a-claim.md has one\n"
    )
    Path("late.toml").write_text(MINE, encoding="utf-8")
    with pytest.raises(ScenarioError) as late:
        own.refuse_undated("late.toml", date(2021, 10, 1))
    assert late.value.message() == (
        "late.toml:4:1: the register is dated 2021-11-01, after today\n"
        "  expected: a day not after 2021-10-01\n"
        "  do:       write the day on which the claims were fixed: it is before they are judged"
    )
    own.refuse_undated("late.toml", date(2021, 11, 1))
    own.refuse_undated("kazakhstan-2022", date(2000, 1, 1))


@pytest.mark.usefixtures("here")
def test_a_list_of_broken_claims_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, a file would pass --list and be refused when it is judged."""
    asks = 'kind = "event", worlds = ["no-such"], rule = {}'
    broken = MINE.replace('kind = "none", reason = "the model has no such thing"', asks)
    Path("mine.toml").write_text(broken, encoding="utf-8")
    assert main(["judge", "mine.toml", "--list"]) == 2
    assert "no-such" in capsys.readouterr().err
    Path("mine.toml").write_text(MINE, encoding="utf-8")
    assert main(["judge", "mine.toml", "--list"]) == 0
    assert "1 claim, 1 part." in capsys.readouterr().out


def test_coarse_people_are_warned_of() -> None:
    """If it failed, claims about deaths could not be answered and nothing would say why."""
    out = io.StringIO()
    judge.warn_of(Console(file=out, width=100), load("kazakhstan-2022"), 5000)
    assert "simulated people at 1:5000" in " ".join(out.getvalue().split())
