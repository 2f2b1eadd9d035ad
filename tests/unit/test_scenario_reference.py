"""The reference of a scenario: where the trigger is felt when gains are defined, whatever happens in the story."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.cli.main import main
from tocsin.scenario.load import load
from tocsin.scenario.reference import FIRST_TRIGGER, in_words
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.write import to_toml
from tocsin.world.build import parameters_of, solved_from

GOLDEN = Path(__file__).parent.parent / "golden"
LATER = """
[[event]]
at = "5 days"
kind = "trigger"
places = "all"
value = 1.0
part = "later"
{more}source = "assumed"
"""
EARLIER = LATER.replace("5 days", "2022-01-02 12:00").replace("later", "earlier")
DECLARED = '[reference]\nPort = { value = "60 %", source = "assumed: the port" }\nCapital = 0\nsource = "assumed"\n'


def above(text: str, folder: Path, base: str = "base.toml") -> Scenario:
    """A scenario of tests/golden with more text on top."""
    path = folder / "top.toml"
    path.write_text(f'[scenario]\nextends = "{GOLDEN / base}"\n\n{text}', encoding="utf-8")
    return load(path)


def again(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario from its own text."""
    path = folder / "again.toml"
    path.write_text(to_toml(scenario), encoding="utf-8")
    return load(path)


def test_the_first_trigger_is_the_reference(tmp_path: Path) -> None:
    """Else a file without the table would be solved at a trigger that comes later, or happens abroad, or never does."""
    assert load(GOLDEN / "base.toml").reference == {"Capital": 0.5}
    assert above(LATER.format(more=""), tmp_path).reference == {"Capital": 0.5}
    assert above(EARLIER.format(more="optional = true\n"), tmp_path).reference == {"Capital": 0.5}
    assert above(EARLIER.format(more=""), tmp_path).reference == {"Capital": 1.0, "Port": 1.0}
    assert load(GOLDEN / "states.toml").reference == {"Capital": 0.5}, "the trigger in Patronia is none of home's"
    scenario = load("bahrain-2011")
    assert scenario.reference["Southern"] == 0.1
    assert (
        scenario.reference["Capital"]
        == 0.5
        < max(e.value for e in scenario.events if e.kind == "trigger" and "Capital" in e.places)
    )
    assert scenario.sources["reference.Capital"] == FIRST_TRIGGER


def test_triggers_at_one_hour_are_one(tmp_path: Path) -> None:
    """Else of two triggers at the first hour one would be forgotten, or the weaker one would count."""
    same = LATER.replace("5 days", "2022-01-03 06:00").replace("1.0", "0.2").format(more="")
    assert above(same, tmp_path).reference == {"Capital": 0.5, "Port": 0.2}


def test_the_table_says_it(tmp_path: Path) -> None:
    """Else what the author writes about the reference would be passed over, or would change nothing."""
    base, scenario = load(GOLDEN / "base.toml"), above(DECLARED, tmp_path)
    assert scenario.felt == {"Capital": 0.0, "Port": 0.6}
    assert scenario.sources["reference.Port"] == "assumed: the port"
    assert scenario.sources["reference.Capital"] == "assumed"
    assert above('[reference]\nPort = 1\n[sources]\nreference = "who says so"\n', tmp_path).felt["Port"] == 1
    assert scenario.hash != base.hash
    assert parameters_of(scenario, 3) != parameters_of(base, 3)
    assert above('[reference]\nCapital = { value = 0.5, source = "x" }\n', tmp_path).hash == base.hash


@pytest.mark.parametrize(
    "changes",
    [
        {"drop": "spark"}, {"drop_kinds": "trigger"}, {"add": "earlier"}, {"drop": "spark", "add": "earlier"},
        {"days": 1}, {"people_per_agent": 5}, {"tick": 3},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("declared", ["", DECLARED])
def test_no_change_of_the_story_moves_it(changes: dict[str, object], declared: str, tmp_path: Path) -> None:
    """Else a world without the trigger would be another country from the first tick, and a reopened one a third."""
    base = above(EARLIER.format(more="optional = true\n") + declared, tmp_path)
    other = base.vary(changes)
    assert other.hash != base.hash
    assert other.felt == base.felt
    assert parameters_of(other, 3) == parameters_of(base, 3)
    assert again(other, tmp_path).hash == other.hash
    assert to_toml(again(other, tmp_path)) == to_toml(other)


def test_worlds_of_other_triggers_travel_together(tmp_path: Path) -> None:
    """Else worlds that share their coefficients would be solved or stepped apart, and a sweep would take longer."""
    base = above(LATER.format(more=""), tmp_path)
    later, none, short = base.vary({"drop": "later"}), base.vary({"drop_kinds": "trigger"}), base.vary({"days": 3})
    assert {solved_from(w, 1) == solved_from(base, 1) for w in (later, none, short)} == {True}
    assert base.layout == later.layout == none.layout != short.layout
    other = replace(base, reference={"Port": 1.0})
    assert solved_from(other, 1) != solved_from(base, 1)
    assert other.layout == base.layout


def test_without_a_trigger_all_feel_it(tmp_path: Path) -> None:
    """Else a file that only a variant gives a trigger would be solved at that trigger, or could not be solved."""
    text = (
        (GOLDEN / "base.toml").read_text(encoding="utf-8").replace('part = "spark"', 'part = "spark"\noptional = true')
    )
    path = tmp_path / "none.toml"
    path.write_text(text, encoding="utf-8")
    scenario = load(path)
    assert scenario.felt == {"Capital": 1.0, "Port": 1.0}
    other = scenario.vary({"add": "spark"})
    assert [e.kind for e in other.events] == ["trigger"]
    assert again(other, tmp_path).hash == other.hash
    assert parameters_of(other, 3) == parameters_of(scenario, 3) == parameters_of(again(other, tmp_path), 3)


def test_a_place_may_go(tmp_path: Path) -> None:
    """Else a scenario with a place less would be solved at a place that is no longer there."""
    base = above('[reference]\nCapital = 1\nPort = 0.25\nsource = "assumed"\n', tmp_path)
    capital, port = base.places
    left = replace(base, places=(replace(port, seat=1.0),), events=())
    assert left.felt == {"Port": 0.25}
    assert again(left, tmp_path).hash == left.hash
    gone = replace(base, places=(capital,), events=(), reference={"Port": 0.25})
    assert gone.felt == {"Capital": 1.0}
    assert again(gone, tmp_path).hash == gone.hash
    assert parameters_of(left, 1)[0]["derived.awareness"] > 0


def test_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Else nobody could see at which trigger the gains of a scenario are defined."""
    assert in_words({"a": 0.3, "b": 1.0, "c": 0.3, "d": 0.0, "e": 0.3}) == "1 in b, 0.3 in 3 places, 0 in d"
    assert main(["check", "kazakhstan-2022"]) == 0
    assert "reference: a trigger felt as 1 in Mangystau, 0.3 in 16 places" in capsys.readouterr().out
    assert main(["explain", "reference"]) == 0
    assert "first trigger" in capsys.readouterr().out
