"""Scenarios with several states: reading, merging, varying and writing them, and who decides what from when."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.engine.script import schedule
from tocsin.errors import TocsinError
from tocsin.mechanisms import MECHANISMS
from tocsin.scenario.load import load, warnings
from tocsin.scenario.parts import Alliance, Event, State
from tocsin.scenario.powers import lapses
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.write import to_toml
from tocsin.world.setting import setting_of

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.fixture(scope="module")
def small() -> Scenario:
    """A small country with a patron that has people of its own, a member, a rival, a neighbour and two factions."""
    return load(GOLDEN / "states.toml")


def _again(scenario: Scenario, folder: Path) -> Scenario:
    path = folder / "again.toml"
    path.write_text(to_toml(scenario), encoding="utf-8")
    return load(path)


def _above(text: str, folder: Path) -> Scenario:
    path = folder / "above.toml"
    path.write_text(f'[scenario]\nextends = "{GOLDEN / "states.toml"}"\n{text}', encoding="utf-8")
    return load(path)


def _state(scenario: Scenario, name: str) -> State:
    return next(s for s in scenario.states if s.name == name)


def _named(scenario: Scenario, kind: str) -> list[Event]:
    return [e for e in scenario.events if e.kind == kind]


def test_what_is_read(small: Scenario) -> None:
    """If it failed, states, factions or the alliance would be others than the file says."""
    patron = _state(small, "Patronia")
    assert small.state_names == ("Smallland", "Allia", "Farland", "Patronia", "Rivalia")
    assert small.societies == (0, 3)
    assert (patron.contingent, patron.lift, patron.ready, patron.similarity) == (1500, 600, 12, 0.8)
    assert patron.parameters["information.openness"].prior.kind == "beta"
    assert [p.name for p in small.places_of(3)] == ["Patron City"]
    assert small.thinning(3) == 100
    assert small.thinning(0) == _state(small, "Allia").people_per_agent == 10
    assert {s.name: s.side for s in small.states} == {"Allia": 1, "Farland": 0, "Patronia": 1, "Rivalia": -1}
    assert (_state(small, "Allia").consent, patron.consent) == ("parliament", "leader")
    assert small.alliance == Alliance("quorum", 2)
    assert [(f.name, f.hours, f.armed, f.aim) for f in small.factions] == [("the guild", 36, False, "join")]
    assert [(f.name, f.hours, f.armed, f.aim) for f in small.optional_factions] == [("the band", 84, True, "hijack")]
    assert (small.population, small.people) == (70_000, 150_000)


def test_whose_event_it_is(small: Scenario) -> None:
    """If it failed, troops would be nobody's, or an event would happen to the people of another state."""
    assert {e.state for e in small.events if e.kind in ("decision", "arrival", "withdrawal")} == {"Patronia"}
    assert [(e.state, e.places) for e in _named(small, "trigger")] == [
        ("Patronia", ("Patron City",)), ("", ("Capital",)),
    ]  # fmt: skip
    assert _named(small, "request")[0].state == ""
    assert _named(small, "arrival")[0].places == ("Capital", "Port")


def test_place_tells_the_state(tmp_path: Path) -> None:
    """If it failed, an event in a foreign city would be taken for one at home."""
    event = '[[event]]\nat = "1 day"\nkind = "trigger"\nplace = "Patron City"\nvalue = 1\nsource = "x"\n'
    scenario = _above(event, tmp_path)
    assert all(e.state == "Patronia" for e in scenario.events if "Patron City" in e.places)
    named = _above(event.replace("place =", 'state = "Patronia"\nplace ='), tmp_path)
    assert named.hash == scenario.hash


def test_home_by_name_is_home(tmp_path: Path, small: Scenario) -> None:
    """If it failed, naming the home state would make another state of it, and the same story another hash."""
    event = '[[event]]\nat = "1 day"\nkind = "trigger"\nplaces = "all"\nvalue = 1\nsource = "x"\nstate = "Smallland"\n'
    added = next(e for e in _above(event, tmp_path).events if e not in small.events)
    assert (added.state, added.places) == ("", ("Capital", "Port"))


@pytest.mark.parametrize("variant", ["", "with-band", "without-guild", "free"])
def test_resolved_text_is_the_same_scenario(variant: str, small: Scenario, tmp_path: Path) -> None:
    """If it failed, a stored run with several states could not be repeated from its own text."""
    scenario = small.world(variant)
    again = _again(scenario, tmp_path)
    assert again.hash == scenario.hash
    assert to_toml(again) == to_toml(scenario)
    for field in ("states", "factions", "alliance", "policy", "events", "optional_events", "optional_factions", "home"):
        assert getattr(again, field) == getattr(scenario, field), field


def test_extending_changes_by_name(tmp_path: Path, small: Scenario) -> None:
    """If it failed, an extended scenario would have its patron or its factions twice, or lose what it did not name."""
    text = (
        '[[state]]\nname = "Patronia"\ncontingent = { value = 1300, source = "x" }\n'
        'parameters."risk.slope" = { value = 2, source = "x" }\n[[state]]\nname = "Newland"\nrole = "neighbour"\n'
        '[[faction]]\nname = "the guild"\nsize = "50 people"\n[policy]\ngovernment = "free"\n'
    )
    scenario = _above(text, tmp_path)
    patron = _state(scenario, "Patronia")
    assert (patron.contingent, patron.lift) == (1300, 600)
    assert set(patron.parameters) == {"information.openness", "risk.slope"}
    assert set(scenario.state_names) == {*small.state_names, "Newland"}
    assert [f.size for f in scenario.factions] == [50]
    assert scenario.policy == {"government": 0.0}
    assert scenario.sources["states.Patronia.contingent"] == "x"


def test_numbers_of_states_have_sources(small: Scenario) -> None:
    """If it failed, a reader could not find out who says how many troops a state can send."""
    assert small.sources["states.Patronia.alignment"] == "assumed: close"
    assert small.sources["states.Patronia.contingent"] == "assumed: for tests"
    assert small.sources["states.Farland.contingent"].startswith("default")
    assert small.sources["factions.the guild.size"] == "assumed: for tests"


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"state.Patronia.lift": "300 people per day"}, "lift", 300.0), ({"state.*.alignment": 0.1}, "alignment", 0.1),
        ({"state.Patronia.ready": "2 days"}, "ready", 48.0),
        ({"state.Patronia.people_per_agent": 7}, "people_per_agent", 7),
    ],
)  # fmt: skip
def test_vary_states(changes: dict[str, object], field: str, expected: float, small: Scenario, tmp_path: Path) -> None:
    """If it failed, a sweep over what a patron can do would sweep nothing, or another state."""
    changed = small.vary(changes)
    assert getattr(_state(changed, "Patronia"), field) == expected
    others = (_state(changed, "Allia"), _state(small, "Allia"))
    assert (getattr(others[0], field) == getattr(others[1], field)) is ("*" not in next(iter(changes)))
    assert changed.hash != small.hash
    assert _again(changed, tmp_path).hash == changed.hash


def test_vary_the_rest(small: Scenario, tmp_path: Path) -> None:
    """If it failed, counterfactuals about factions, policies or the alliance would leave the scenario as it was."""
    changes: dict[str, object] = {
        "faction.the guild.size": 20, "faction.the guild.from": "2 days", "faction.the guild.armed": True,
        "faction.the guild.aim": "provoke", "policy.government": "free from 2022-01-05 00:00",
        "policy.alliance": "free", "alliance.rule": "each", "alliance.quorum": 1,
        "state.Patronia.risk.slope": "lognormal(2, 0.1)", "place.Patron City.garrison": 50,
    }  # fmt: skip
    changed = small.vary(changes)
    guild = changed.factions[0]
    assert (guild.size, guild.hours, guild.armed, guild.aim) == (20, 48, True, "provoke")
    assert changed.policy == {"government": 72.0, "alliance": 0.0}
    assert changed.alliance == Alliance("each", 1)
    assert _state(changed, "Patronia").parameters["risk.slope"].prior.a == 2
    assert changed.places_of(3)[0].garrison == 50
    assert _again(changed, tmp_path).hash == changed.hash
    assert changed.vary({"policy.government": "script"}).policy == {"alliance": 0.0}


def test_full_means_everybody(small: Scenario) -> None:
    """If it failed, a run of the full country would still thin the other societies, or a small one would blow up."""
    full = small.vary({"people_per_agent": 1})
    assert [full.thinning(i) for i in full.societies] == [1, 1]
    finer = small.vary({"people_per_agent": 5})
    assert (finer.people_per_agent, _state(finer, "Allia").people_per_agent) == (5, 5)
    assert _state(finer, "Patronia").people_per_agent == 100
    assert _state(small.vary({"state.*.people_per_agent": 20}), "Patronia").people_per_agent == 20


def test_optional_parts_come_in(small: Scenario) -> None:
    """If it failed, a rival account would run without the groups or the acts that make it another account."""
    rival = small.world("with-band")
    assert [f.name for f in rival.factions] == ["the band", "the guild"]
    assert [e.kind for e in rival.events if e not in small.events] == ["concession"]
    assert [e.hours for e in rival.events] == sorted(e.hours for e in rival.events)
    assert small.vary({"add": "band"}).vary({"drop": "band"}).hash == small.hash
    assert replace(small, optional_events=(), optional_factions=()).hash == small.hash


def test_a_shorter_run_reaches_less(small: Scenario, tmp_path: Path) -> None:
    """If it failed, a short look at a scenario with factions and policies would be refused, or could not be stored."""
    short = small.vary({"policy.government": "free from 3 days"}).vary({"days": 1})
    assert (short.factions, short.policy, short.optional_factions) == ((), {}, ())
    assert any("1 factions and 1 policies" in note for note in short.notes)
    assert _again(short, tmp_path).hash == short.hash
    for name in short.variants:
        assert short.world(name).policy.keys() <= {"alliance"}


def test_events_lapse_once_somebody_decides(small: Scenario) -> None:
    """If it failed, nobody would learn that a script is not followed, or the script abroad would lapse with home's."""
    free = small.world("free")
    gone = [e for e in free.events if lapses(e, free)]
    assert {e.kind for e in gone} == {"decision", "arrival", "withdrawal"}
    assert any("3 of the events lapse, since the alliance decides" in line for line in warnings(free))
    assert not any("lapse" in line for line in warnings(small))
    late = small.vary({"policy.alliance": "free from 2022-01-06 00:00"})
    assert {e.kind for e in late.events if lapses(e, late)} == {"withdrawal"}


def test_what_the_alliance_decides_is_home_s_whoever_does_it(small: Scenario) -> None:
    """If it failed, a run would play a refusal that its check says has lapsed, or the other way round.

    A refusal changes a column of a whole polity: it is home's whichever state is named, while a shutdown in the
    patron's city is the patron's own.
    """
    refusals = [Event(hours, "refusal", (), 1.0, "", "", "assumed", "Patronia") for hours in (48.0, 96.0)]
    shutdown = Event(96.0, "shutdown", ("Patron City",), 1.0, "", "", "assumed", "Patronia")
    changes = {"policy.alliance": "free from 3 days", "policy.government": "free from 3 days"}
    free = replace(small.vary(changes), events=(*refusals, shutdown))
    assert [(e.kind, e.hours) for e in free.events if lapses(e, free)] == [("refusal", 96.0)]
    for state, expected in ((0, {"refusal": [8]}), (3, {"shutdown": [16]})):
        due = schedule(free, MECHANISMS, setting_of(free, state))
        played: dict[str, list[int]] = {}
        for tick, changed in due.items():
            for kind, _, _ in changed:
                played.setdefault(kind.name, []).append(tick)
        assert played == expected


def test_what_lapses_is_not_judged(small: Scenario) -> None:
    """If it failed, a script that is not followed any further could still be refused for what it would have said."""
    with pytest.raises(TocsinError, match="are there by then"):
        small.vary({"drop_kinds": "arrival"})
    small.vary({"policy.alliance": "free from 2022-01-06 00:00", "drop_kinds": "arrival"})


def test_parameters_without_people_are_noted(small: Scenario) -> None:
    """If it failed, somebody would wait for an effect of parameters that nobody lives under."""
    changed = small.vary({"state.Allia.risk.slope": 2})
    assert any("'Allia' has parameters but no places" in line for line in warnings(changed))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state.Patronja.lift": 3}, "Patronia"), ({"state.Patronia.lifts": 3}, "lift"), ({"add": "bande"}, "band"),
        ({"faction.the gild.size": 3}, "the guild"), ({"faction.the guild.siz": 3}, "size"),
        ({"faction.the guild.size": 99_999}, "15,000 of them"), ({"faction.the guild.from": "11 days"}, "outside"),
        ({"faction.the guild.armed": 1}, "True nor False"), ({"faction.the guild.aim": "loot"}, "hijack"),
        ({"policy.government": "fre"}, "did you mean 'free'"), ({"policy.goverment": "free"}, "government"),
        ({"policy.alliance": "free from 11 days"}, "not before the end"), ({"alliance.rule": "all"}, "unanimity"),
        ({"alliance.quorum": 3}, "a quorum of 3"), ({"state.Patronia.contingent": 700}, "can send 700"),
        ({"state.Patronia.people_per_agent": 90_000}, "Patron City"), ({"place.Patron City.seat": 0.5}, "'Patronia'"),
        ({"drop_kinds": "decision"}, "before anybody decides"), ({"state.Patronia.similarity": 2}, "out of range"),
    ],
)  # fmt: skip
def test_bad_changes(changes: dict[str, object], words: str, small: Scenario) -> None:
    """If it failed, a mistyped or impossible change would run as if nothing had been changed."""
    with pytest.raises(TocsinError) as caught:
        small.vary(changes)
    assert words in str(caught.value)
