"""What the declarations and a scenario say of themselves: `odd`, `explain`, `check`, `scenarios`."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tocsin.cli.check import outside
from tocsin.cli.main import main
from tocsin.engine.plan import BULLETIN, PEOPLE_COLUMNS
from tocsin.mechanisms import MECHANISMS
from tocsin.report.odd import describe
from tocsin.report.vocabulary import AIMS as AIM_WORDS
from tocsin.report.vocabulary import CONSENT as CONSENT_WORDS
from tocsin.report.vocabulary import ENDS, ROLES, RULES
from tocsin.results.record import OUTCOMES
from tocsin.scenario.load import load, names
from tocsin.state import AIMS, CONSENT, RULES_OF_CONSENT, STATE_ROLES

PLACE = """
[[place]]
name = "{name}"
{state}
population = 100000
lat = 50.0
lon = 60.0
seat = 1.0
garrison = 800
household = 3.0
source = "made up"
"""
SCENARIO = f"""
[scenario]
title = "A | B"
home = "Home"
start = "2030-05-01 00:00"
length = "4 days"
source = "made up"
[policy]
alliance = "free from 2030-05-02 12:00"
{PLACE.format(name="Town", state="")}
{PLACE.format(name="Port", state='state = "Away"')}
[[state]]
name = "Away"
role = "patron"
contingent = 900
source = "made up"
[[faction]]
name = "band"
place = "Town"
size = 50
from = "1 day"
armed = true
aim = "provoke"
source = "made up"
[[event]]
at = "2030-05-01 06:00"
kind = "trigger"
place = "Town"
value = 1.0
note = "the <price> of gas"
source = "made up"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario with another state, a group and a policy."""
    path = tmp_path / "small.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def test_description_has_everything_that_runs(file: Path) -> None:
    """If it failed, a paper would describe a model without one of its mechanisms, parameters or inputs."""
    text = describe(load(file))
    for m in MECHANISMS:
        assert f"#### {m.name if m.number == m.name else f'{m.number} {m.name}'}\n" in text
        assert all(f"| {m.name}.{p.name} |" in text for p in m.params)
        assert all(f"| {c.name} |" in text for c in m.columns)
    for part in (
        "| Away | patron |",
        "| band | Town | 50 |",
        "2030-05-01 06:00 | trigger",
        "decides for itself from 2030",
    ):
        assert part in text
    levels = [len(m) for m in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_description_is_the_same_every_time(file: Path) -> None:
    """If it failed, nobody could tell whether a description changed because the model did."""
    assert describe(load(file)) == describe(load(file))


def test_description_tells_what_the_scenario_takes(tmp_path: Path) -> None:
    """If it failed, a prior that the scenario replaces, or a mechanism that is off, would be described as in use."""
    path = tmp_path / "other.toml"
    own = '[parameters]\n"risk.slope" = { value = 1.75, source = "made up here" }\n[off]\nmechanisms = ["fatigue"]\n'
    path.write_text(SCENARIO + own, encoding="utf-8")
    text = describe(load(path))
    (row,) = (line for line in text.splitlines() if line.startswith("| risk.slope |"))
    assert "fixed at 1.75" in row
    assert "made up here" in row
    assert "#### M10 fatigue" not in text
    assert "Switched off in this scenario: fatigue." in text


def test_marks_in_a_scenario_do_not_break_the_text(file: Path) -> None:
    """If it failed, a bar in a title or a source would tear a table apart."""
    text = describe(load(file))
    assert text.startswith("# A \\| B: ")
    assert "the \\<price\\> of gas" in text


def test_verb_writes_and_prints_the_same(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, the file would not be what was on the screen."""
    assert main(["odd", str(file)]) == 0
    shown = capsys.readouterr().out
    assert main(["odd", str(file), "--to", str(tmp_path / "odd.md")]) == 0
    assert (tmp_path / "odd.md").read_text(encoding="utf-8") == shown
    assert main(["odd", str(file), "--to", str(tmp_path / "no" / "odd.md")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(names()))
def test_every_shipped_scenario_is_described(name: str) -> None:
    """If it failed, one of the shipped cases could not be described."""
    scenario = load(name)
    text = describe(scenario)
    assert scenario.hash[:16] in text
    assert all(f"| {place.name} |" in text for place in scenario.places)


def test_words_are_those_of_the_model() -> None:
    """If it failed, an end, a role or an aim would be explained that does not exist, or not be explained."""
    assert tuple(ENDS) == OUTCOMES
    assert tuple(ROLES) == STATE_ROLES
    assert tuple(AIM_WORDS) == AIMS
    assert tuple(CONSENT_WORDS) == CONSENT
    assert tuple(RULES) == RULES_OF_CONSENT


@pytest.mark.parametrize("name", [*OUTCOMES, *STATE_ROLES, *AIMS, "free", "script", "ruler-leaves,-regime-stays"])
def test_words_are_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, somebody who reads a result could not look up what it means."""
    assert main(["explain", name]) == 0
    assert "meaning" in capsys.readouterr().out


def test_columns_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, nobody could find out who writes a column and who reads it."""
    for column in (*PEOPLE_COLUMNS, *BULLETIN, *(c for m in MECHANISMS for c in m.columns)):
        assert main(["explain", column.name]) == 0
        assert "written by" in capsys.readouterr().out


def test_unknown_name_is_helped(capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, a slip would end in silence."""
    assert main(["explain", "regime fals"]) == 2
    assert "did you mean 'regime falls'?" in capsys.readouterr().err


def test_check_tells_states_groups_and_policy(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, a misread patron, group or policy would be found only in the results."""
    assert main(["check", str(file)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for part in (
        "state Away: patron, up to 900 troops, 100,000 people in 1 place (1:10)",
        "faction band: 50 people in Town, armed, provoke, from 2030-05-02 00:00",
        "the alliance decides for itself from 2030-05-02 12:00", "alliance: each",
    ):  # fmt: skip
        assert part in shown


def test_nothing_is_told_where_there_is_nothing(tmp_path: Path) -> None:
    """If it failed, a plain scenario would be said to have an alliance."""
    path = tmp_path / "plain.toml"
    head = SCENARIO[: SCENARIO.index("[policy]")]
    path.write_text(head + PLACE.format(name="Town", state=""), encoding="utf-8")
    assert list(outside(load(path))) == []


def test_every_shipped_scenario_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, a shipped case would be there and nobody would find it."""
    assert main(["scenarios"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in names())
