"""`tocsin new`: the first file of somebody who has never written a scenario."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tocsin.cli.main import main
from tocsin.scenario.load import load
from tocsin.scenario.scaffold import GENERIC, READY, countries, scaffold
from tocsin.scenario.scenario import Scenario


def written(text: str, folder: Path) -> Scenario:
    """The scenario of a scaffold's text."""
    path = folder / "made.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("country", [*countries(), "Ruritania", "Côte d'Ivoire", 'A "quoted" \\ country'])
def test_what_is_written_can_be_run(country: str, tmp_path: Path) -> None:
    """If it failed, the first thing that a newcomer does would end in a message about a file that he did not write."""
    scenario = written(scaffold(country).text, tmp_path)
    assert scenario.home == country
    assert {e.kind for e in scenario.events} == {"trigger", "emergency"}
    assert math.fsum(p.seat for p in scenario.places) == 1.0
    assert all(p.garrison > 0 for p in scenario.places)
    assert "no-emergency" in scenario.variants
    assert len(scenario.world("no-emergency").events) == 1


@pytest.mark.parametrize("country", ["Armenia", "Ruritania"])
def test_lines_that_wait_are_complete(country: str, tmp_path: Path) -> None:
    """If it failed, somebody who takes the marks away, as the file says, would get faults instead of a patron."""
    text = "\n".join(line.removeprefix(READY) for line in scaffold(country).text.splitlines())
    scenario = written(text, tmp_path)
    assert [e.kind for e in scenario.events].count("concession") == 1
    assert [s.role for s in scenario.states] == ["patron"]
    assert set(scenario.policy) == {"government", "alliance"}
    assert [t.metric for t in scenario.targets] == ["turnout"]


@pytest.mark.parametrize(
    ("country", "people"), [("Kazakhstan", 19_503_300), ("BY", 9_410_259), ("russia", 146_171_015)]
)
def test_known_countries_have_their_people(country: str, people: int, tmp_path: Path) -> None:
    """If it failed, a scenario would be peopled by another country, or by a part of it."""
    assert written(scaffold(country).text, tmp_path).population == people


def test_every_number_says_who_says_so(tmp_path: Path) -> None:
    """If it failed, an invented number would pass for a known one."""
    scenario = written(scaffold("Ruritania").text, tmp_path)
    assert all(scenario.sources.values())
    assert len(scenario.places) == len(GENERIC)
    assert all("assumed" in scenario.sources[f"places.{name}.population"] for name, *_ in GENERIC)


def test_unknown_country_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """If it failed, a slip in a country's name would silently give three invented places."""
    assert main(["new", "Kazakstan", "--to", str(tmp_path / "a.toml")]) == 0
    shown = capsys.readouterr().out
    assert "invented" in shown
    assert "Did you mean 'Kazakhstan'?" in shown
    assert main(["new", "Atlantis", "--to", str(tmp_path / "b.toml")]) == 0
    assert "Did you mean" not in capsys.readouterr().out


def test_no_file_is_written_over(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """If it failed, a day's work on a scenario would be lost to one command."""
    path = tmp_path / "mine.toml"
    path.write_text("a day's work", encoding="utf-8")
    assert main(["new", "Armenia", "--to", str(path)]) == 2
    assert "already" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "a day's work"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["new", "  "], "no name"),
        (["new", "Armenia", "--year", "99999"], "a year from"),
        (["new", "Armenia", "--to", "no/such/folder/a.toml"], "cannot be written"),
    ],
)
def test_refusals(
    words: list[str], part: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it failed, a slip would end in a traceback or in a file that nobody finds."""
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    errors = capsys.readouterr().err
    assert part in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.iterdir())


def test_name_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """If it failed, the next command that is shown would name another file than the one written."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "Côte d'Ivoire", "--year", "2031"]) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["côte-d-ivoire-2031.toml"]
    assert "tocsin check" in capsys.readouterr().out
    assert load(tmp_path / "côte-d-ivoire-2031.toml").start.year == 2031
