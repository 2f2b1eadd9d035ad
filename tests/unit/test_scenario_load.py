"""Scenarios from name or file to the complete, hashed form, and back to text."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from tocsin.errors import ScenarioError, TocsinError
from tocsin.scenario import observation
from tocsin.scenario.load import load, names, warnings
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.vary import variant_of, vary
from tocsin.scenario.write import to_toml

BASE = Path(__file__).parent.parent / "golden" / "base.toml"


@pytest.fixture(scope="module")
def kazakhstan() -> Scenario:
    """The founding case."""
    return load("kazakhstan-2022")


def _again(scenario: Scenario, folder: Path) -> Scenario:
    path = folder / "again.toml"
    path.write_text(to_toml(scenario), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("name", ["kazakhstan-2022", str(BASE)])
def test_resolved_text_is_the_same_scenario(name: str, tmp_path: Path) -> None:
    """The file that `tocsin resolve` prints would run to another result."""
    scenario = load(name)
    again = _again(scenario, tmp_path)
    assert again.hash == scenario.hash
    assert again.targets == scenario.targets
    assert again.events == scenario.events
    assert to_toml(again) == to_toml(scenario)
    assert (again.name, again.variant) == (scenario.name, scenario.variant)


@pytest.mark.parametrize(
    "changes",
    [
        {"risk.slope": 2.0, "law.reconsideration": "lognormal(3, 0.2)"}, {"days": 15, "tick": "3 hours"},
        {"fatigue": False, "intervention.guarantee": False}, {"drop": "mission"}, {"people_per_agent": 100},
        {"place.Almaty city.population": 1_000_000, "circle_size": 5},
    ],
)  # fmt: skip
def test_resolved_variants(changes: dict[str, object], kazakhstan: Scenario, tmp_path: Path) -> None:
    """A stored variant could not be run again from its own text."""
    changed = vary(kazakhstan, changes)
    assert changed.hash != kazakhstan.hash
    assert _again(changed, tmp_path).hash == changed.hash


def test_the_founding_case_adds_up(kazakhstan: Scenario) -> None:
    """People, seats, staff or troops of the shipped scenario would not add up to what is reported."""
    assert len(kazakhstan.places) == 17
    assert abs(kazakhstan.population - 19_503_159) < 1000
    assert math.isclose(sum(p.seat for p in kazakhstan.places), 1.0)
    assert sum(p.garrison for p in kazakhstan.places) == 73_000 + 31_500
    landed = {p.name: 0.0 for p in kazakhstan.places}
    for event in kazakhstan.events:
        sign = {"arrival": 1, "withdrawal": -1}.get(event.kind, 0)
        for place in event.places:
            landed[place] += sign * event.value
        assert all(n >= 0 for n in landed.values()), "more troops leave than landed"
    assert sum(e.value for e in kazakhstan.events if e.kind == "arrival") == 2030
    assert not any(landed.values())


def test_everything_has_a_source(kazakhstan: Scenario) -> None:
    """A reader could not find out where a number comes from."""
    said = [e.source for e in kazakhstan.events] + [t.source for t in kazakhstan.targets]
    said += [s.source for s in kazakhstan.parameters.values()] + list(kazakhstan.sources.values())
    assert all(len(text) > 5 for text in said)
    for place in kazakhstan.places:
        for field in ("population", "lat", "lon", "seat", "garrison", "household"):
            assert f"places.{place.name}.{field}" in kazakhstan.sources


def test_boundaries_are_there(kazakhstan: Scenario) -> None:
    """The map of the report would miss a place."""
    text = resources.files("tocsin.library").joinpath("data/kazakhstan-boundaries.geojson").read_text(encoding="utf-8")
    codes = {feature["properties"]["code"] for feature in json.loads(text)["features"]}
    assert {p.boundary for p in kazakhstan.places} == codes


def test_no_request_drops_the_mission_only(kazakhstan: Scenario) -> None:
    """The counterfactual would change more than the mission, or leave part of it in."""
    without = variant_of(kazakhstan, "no-request")
    gone = set(kazakhstan.events) - set(without.events)
    assert {e.kind for e in gone} >= {"request", "decision", "arrival", "withdrawal", "withdrawal-announced"}
    assert {e.part for e in gone} == {"mission"}
    assert replace(without, events=kazakhstan.events, variant="") == kazakhstan


def test_order_of_places_and_titles_do_not_matter(kazakhstan: Scenario) -> None:
    """A run would be repeated because a title or the order of places changed."""
    turned = replace(kazakhstan, places=kazakhstan.places[::-1], title="x", targets=(), sources={})
    assert turned.hash == kazakhstan.hash


def test_a_shorter_run_says_what_it_leaves_out(kazakhstan: Scenario) -> None:
    """A short run would silently be another story, or its counterfactuals could not be made."""
    short = vary(kazakhstan, {"days": 5})
    assert any("does not reach" in w for w in warnings(short))
    assert all(e.hours < 120 for e in short.events)
    for name in short.variants:
        variant_of(vary(kazakhstan, {"days": 2}), name)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"risk.slop": 2}, "risk.slope"), ({"risk.slope": 4000}, "out of range"), ({"risk.slope": "2 km"}, "length"),
        ({"fatigue": 3}, "True nor False"), ({"law": False}, "cannot be off"), ({"drop": "misson"}, "mission"),
        ({"place.Almaty.population": 5}, "Almaty city"), ({"place.Almaty city.populace": 5}, "population"),
        ({"place.Almaty city.population": 0}, "out of range"), ({"tick": 5}, "divide"), ({"days": -1}, "out of range"),
        ({"people_per_agent": 10**7}, "out of range"), ({"place.Almaty city.seat": 0.5}, "add up to 1.1"),
        ({"people_per_agent": 2.5}, "whole"), ({"risk.slope": "lognormal(2)"}, "two numbers"),
        ({"people_per_agent": 0, "tick": 5}, "out of range"), ({"drop_kinds": ["landing"]}, "landing"),
    ],
)  # fmt: skip
def test_bad_changes(changes: dict[str, object], words: str, kazakhstan: Scenario) -> None:
    """A mistyped change would run as if nothing had been changed."""
    with pytest.raises(TocsinError) as caught:
        vary(kazakhstan, changes)
    assert words in str(caught.value)


def test_unknown_names(kazakhstan: Scenario) -> None:
    """A mistyped scenario or variant would run another one."""
    with pytest.raises(ScenarioError, match="did you mean 'kazakhstan-2022'"):
        load("kazakstan-2022")
    with pytest.raises(ScenarioError, match="did you mean 'no-request'"):
        variant_of(kazakhstan, "no-reqest")
    assert "kazakhstan-2022" in names()


def test_extends_by_name_and_by_path(tmp_path: Path) -> None:
    """A scenario on top of another would lose its places, or double them."""
    top = tmp_path / "top.toml"
    top.write_text(
        '[scenario]\nextends = "library:kazakhstan-2022"\ntitle = "More police"\n\n[[place]]\nname = "Mangystau"\n'
        'garrison = { value = 9000, source = "assumed" }\n\n[parameters.risk]\nslope = { value = 2, source = "x" }\n',
        encoding="utf-8",
    )
    scenario = load(top)
    below = load("kazakhstan-2022")
    assert [p.name for p in scenario.places] == [p.name for p in below.places]
    assert next(p for p in scenario.places if p.name == "Mangystau").garrison == 9000
    assert scenario.parameters["risk.slope"].prior.a == 2
    assert len(scenario.events) == len(below.events)


@pytest.mark.parametrize(
    ("model", "low", "high", "expected"),
    [
        ("crowd", 38_000, 38_000, (38_000 * math.exp(-1.96 * 0.5831), 38_000 * math.exp(1.96 * 0.5831))),
        ("deaths", 238, 238, (238 * 1.1 * math.exp(-1.96 * 0.15), 238 * 1.1 * math.exp(1.96 * 0.15))),
        ("count", 11, 11, (11, 11)), ("regions", 11, 11, (8, 14)),
    ],
)  # fmt: skip
def test_observation_intervals(model: str, low: float, high: float, expected: tuple[float, float]) -> None:
    """A run would be called near to or far from a report by another rule than the one that is stated."""
    assert observation.interval(model, low, high) == pytest.approx(expected, rel=2e-3)


def test_detained_counted_twice_and_late() -> None:
    """The reported detained would be taken for the true ones, though some were counted twice and some not yet."""
    still = observation.interval("detained", 9900, 9900)
    rising = observation.interval("detained", 9900, 9900, lambda share: 1.4**share)
    middle = math.sqrt(still[0] * still[1])
    assert 0.8 * 9900 < middle < 0.9 * 9900
    assert rising[1] > still[1]
    wide = observation.interval("crowd", 1000, 20_000)
    assert wide[0] < 1000 < 20_000 < wide[1]


def test_check_is_quick_and_light() -> None:
    """Help and check would wait for the compiler or the plotting library."""
    heavy = "numba", "matplotlib", "pyarrow", "scipy"
    code = (
        "import sys; from tocsin.cli.main import main; main(['check', 'kazakhstan-2022']); main(['--help']);"
        f"sys.exit(', '.join(m for m in {heavy} if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
