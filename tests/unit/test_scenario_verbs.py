"""The verbs that need no simulation, as a person calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.cli.main import main
from tocsin.scenario import declared
from tocsin.scenario.load import load


def test_resolve_prints_what_can_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The printed scenario of a variant would not be the variant."""
    assert main(["resolve", "kazakhstan-2022", "--variant", "no-request"]) == 0
    path = tmp_path / "printed.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load(path).variant == "no-request"
    assert not any(e.part == "mission" for e in load(path).events)


def test_everything_declared_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that the documents mention would be unknown to `tocsin explain`."""
    known = declared.mechanisms(), declared.parameters(), declared.switches(), declared.event_kinds()
    for name in (name for names in known for name in names):
        assert main(["explain", name]) == 0
        assert name in capsys.readouterr().out


@pytest.mark.parametrize("topic", ["mechanisms", "parameters", "events", "switches", "priors", "M2"])
def test_topics(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A list that messages point to would not exist."""
    assert main(["explain", topic]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 3


def test_lists_and_plan(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer could not find the shipped scenario or the order of a tick."""
    assert main(["scenarios"]) == 0
    assert "kazakhstan-2022" in capsys.readouterr().out
    assert main(["plan"]) == 0
    shown = capsys.readouterr().out
    assert shown.index("choose") < shown.index("encounter") < shown.index("record")


def test_check_warns_of_thin_targets(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody would read meaning into the scatter of two simulated deaths."""
    assert main(["check", "kazakhstan-2022"]) == 0
    assert "killed in Kyzylorda, final" in capsys.readouterr().out
