"""What must hold at every tick of every society, whatever the states, policies, factions, parameters and switches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.property import cases_tried
from tests.property.test_invariants import STRONG, country
from tocsin.engine.course import START_TICK, Course
from tocsin.engine.plan import Plan
from tocsin.engine.run import Loop
from tocsin.scenario.declared import ALWAYS, parameters, switches
from tocsin.scenario.load import load
from tocsin.scenario.parts import Event, Faction, State
from tocsin.scenario.rules import faults_of
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.script import in_order
from tocsin.state import AIMS, DEAD, HOME, RULES_OF_CONSENT, Setting
from tocsin.world.build import World, parameters_of

FILE = Path(__file__).parents[1] / "alliance.toml"
RUNS = settings(max_examples=cases_tried(8))
SOME = settings(max_examples=cases_tried(6))
ROUNDING = 1.0
"""People by which sums over places may miss: columns are rounded to a grid each tick."""
CALM = 5e-3
"""Share of a people in action below which a society is calm."""
FEW = 10
"""Simulated people who may happen to be in action in a calm society: one in a hundred runs has four, of 400."""
VARIANTS = ("", "no-mission", "with-band", "free")
POLICIES = ("script", "free", "free from 1 day", "free from 90 hours")
PLACES = ("Capital", "Port", "Valley", "Patron City", "Allia Town", "Allia Coast")
SOCIETIES = ("Home", "Allia", "Patronia")
HASTY: dict[str, object] = {
    "alliance.stake": 10.0, "alliance.deciding": 1.0, "alliance.parliament": 2.0, "alliance.patience": 0.5,
    "alliance.reassess": 4.0, "alliance.stay": 0.5, "alliance.leave": 1.0, "alliance.counter": 2.0,
    "government.pace": 20.0, "grievance.background": 2e-3,
}  # fmt: skip
"""Parameters under which states decide, land, raise, leave and answer each other within days."""
SIGNED = ("appeasement",)
"""Columns in shares that are changes, so that they may be negative."""
RISING = ("killed", "injured_forces", "arrived", "landed", "withdrawn", "recalled", "conceded", "removed", "requested")
"""Running totals, and flags that no event here takes back."""


@dataclass(frozen=True)
class Frame:
    """One society of one world after one tick: its columns, its simulated people by place and action, and all of them.

    seen: what each mechanism sees of parameters.
    """

    tick: int
    columns: dict[str, np.ndarray]
    counts: np.ndarray
    size: np.ndarray
    setting: Setting
    seen: dict[str, dict[str, np.ndarray]]


class Watched(Loop):
    """A batch of one that keeps how each society stands after a tick, before a story that is over leaves."""

    frames: list[Frame]

    def let_go(self, tick: int) -> None:
        """Look first; a society that has left stands still."""
        last = [None] * len(self.courses) if tick == 0 else self.frames
        self.frames = [frame_of(c, tick) if len(c.rows) else f for c, f in zip(self.courses, last, strict=True)]
        super().let_go(tick)


def frame_of(course: Course, tick: int) -> Frame:
    """A society as it is now."""
    columns = {name: values[0] for name, values in course.columns.items()}
    society = course.crowd.society
    return Frame(tick, columns, society.counts.copy(), society.layout.size, course.setting, course.views)


def begun(scenario: Scenario, draw: int, seed: int) -> Watched:
    """A run before its first tick."""
    return Watched.of([World(scenario, draw, seed)])


def steps(scenario: Scenario, draw: int, seed: int) -> Iterator[list[Frame]]:
    """All societies after each tick, home first; home stands still from its end on."""
    loop = begun(scenario, draw, seed)
    for tick in range(scenario.ticks):
        loop.step(tick)
        yield loop.frames


@cache
def alliance(variant: str = "") -> Scenario:
    """The made-up alliance or one of its variants."""
    return load(FILE).world(variant)


@cache
def numbers() -> dict[str, tuple[float, float]]:
    """Every parameter that stands alone, with its declared range."""
    return {n: (p.low, p.high) for n, p in parameters().items() if p.prior.kind != "simplex"}


def event(kind: str, hours: float, value: float, places: tuple[str, ...] = (), state: str = "") -> Event:
    """One line of a script."""
    return Event(float(hours), kind, places, value, "", "", "made up", state)


HOURS = st.integers(0, 190)
DEEDS = st.one_of(
    st.builds(event, st.just("abroad"), HOURS, st.sampled_from([-1.0, 1.0, 3.0, 4.0]), state=st.just("Distantia")),
    st.builds(event, st.sampled_from(["guarantee", "refusal", "withdrawal-announced"]), HOURS, st.sampled_from([0, 1])),
    st.builds(event, st.just("consent"), HOURS, st.sampled_from([-2.0, -1.0, 1.0]), state=st.just("Distantia")),
    st.builds(event, st.just("mission-frame"), HOURS, st.just(1.0), state=st.sampled_from(["Allia", "Patronia"])),
    st.builds(event, st.sampled_from(["blame", "reshuffle"]), HOURS, st.just(1.0)),
    st.builds(
        event, st.sampled_from(["shutdown", "trigger", "stand-aside", "emergency", "concession"]), HOURS, st.just(1.0),
        st.sampled_from(PLACES).map(lambda p: (p,)),
    ),
    st.builds(event, st.just("rules"), HOURS, st.sampled_from([0, 2]), st.sampled_from(PLACES).map(lambda p: (p,))),
)  # fmt: skip
"""Events of home, of societies abroad and of states."""


@st.composite
def groups(draw: st.DrawFn) -> tuple[Faction, ...]:
    """Up to two organised groups, at home or abroad."""
    names = draw(st.sets(st.sampled_from(["one", "two"])))
    return tuple(
        Faction(
            n, draw(st.sampled_from(PLACES)), draw(st.integers(20, 3000)), draw(HOURS), draw(st.booleans()),
            draw(st.sampled_from(AIMS)),
        )
        for n in sorted(names)
    )  # fmt: skip


def other(states: tuple[State, ...], side: float, role: str) -> tuple[State, ...]:
    """The states with a patron on this side, and a third that plays this role."""
    sides = {"member": 1.0, "rival": -1.0, "neighbour": 0.0}
    changed = {"Patronia": {"side": side}, "Distantia": {"role": role, "side": sides[role]}}
    return tuple(replace(s, **changed.get(s.name, {})) for s in states)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Scenario, int, int]:
    """A variant of the alliance with other powers, rules, policies, groups, deeds and numbers; a draw and a seed."""
    changes: dict[str, object] = {"tick": draw(st.sampled_from([3, 6, 12]))}
    changes["people_per_agent"] = draw(st.sampled_from([50, 200, 1000]))
    for name in ("government", "alliance"):
        changes[f"policy.{name}"] = draw(st.sampled_from(POLICIES))
    changes["alliance.quorum"] = draw(st.integers(1, 2))
    changes["alliance.rule"] = draw(st.sampled_from(RULES_OF_CONSENT))
    optional = sorted({m.name for m in Plan(alliance()).all} - set(ALWAYS))
    changes |= dict.fromkeys(draw(st.sets(st.sampled_from(sorted(switches())), max_size=3)), False)
    changes |= dict.fromkeys(draw(st.sets(st.sampled_from(optional), max_size=2)), False)
    changes |= draw(st.sampled_from([{}, STRONG, HASTY, {**STRONG, **HASTY}]))
    for name in draw(st.sets(st.sampled_from(sorted(numbers())), max_size=3)):
        changes[name] = draw(st.sampled_from(numbers()[name]))
    scenario = alliance(draw(st.sampled_from(VARIANTS))).vary(changes)
    states = other(
        scenario.states, draw(st.sampled_from([1.0, 1.0, 1.0, -1.0, 0.0])),
        draw(st.sampled_from(["member", "rival", "neighbour"])),
    )  # fmt: skip
    events = in_order((*scenario.events, *draw(st.lists(DEEDS, max_size=4))))
    factions = tuple(sorted((*scenario.factions, *draw(groups())), key=lambda f: f.name))
    scenario = replace(scenario, states=states, events=events, factions=factions)
    assume(not list(faults_of(scenario)))
    return scenario, draw(st.integers(0, 10_000)), draw(st.integers(0, 2**31))


def rising(name: str, before: Frame, after: Frame) -> bool:
    """Whether a running total has not fallen, anywhere."""
    return bool((after.columns[name] >= before.columns[name] - 1e-6).all())


@RUNS
@given(cases())
def test_people_are_conserved_in_every_society(case: tuple[Scenario, int, int]) -> None:
    """If it failed, people would be invented or lost, cross a border, or come back from the dead."""
    last: list[Frame] = []
    for frames in steps(*case):
        for i, now in enumerate(frames):
            assert (now.counts >= 0).all()
            assert np.array_equal(now.counts[:, :8].sum(axis=1), now.size)
            dead = now.counts[:, DEAD] * now.setting.person_weight
            assert np.array_equal(dead, now.columns["killed"]), "the dead are those who were killed"
            for name in RISING if last else ():
                assert rising(name, last[i], now), name
        last = frames


@RUNS
@given(cases())
def test_staff_are_conserved_in_every_society(case: tuple[Scenario, int, int]) -> None:
    """If it failed, police would be invented or lost as they move, stand aside, are injured and come back."""
    for frames in steps(*case):
        for now in frames:
            c = now.columns
            everyone = float(now.seen["government"]["deployable"][0, 0]) * now.setting.garrison.sum()
            parts = [c[name] for name in ("force", "withheld", "recovering")]
            assert all((part >= 0).all() for part in parts)
            assert abs(sum(float(part.sum()) for part in parts) - everyone) < ROUNDING


@RUNS
@given(cases())
def test_troops_come_from_somewhere(case: tuple[Scenario, int, int]) -> None:
    """If it failed, soldiers would appear who nobody sent, or leave who never came."""
    scenario, own = case[0], range(1, len(case[0].states) + 1)
    scripted = dict.fromkeys(scenario.state_names, 0.0)
    for e in scenario.events:
        scripted[e.state or "Patronia"] += e.value * len(e.places) * (e.kind == "arrival")
    ended: np.ndarray | None = None
    for home, *abroad in steps(*case):
        c, states = home.columns, home.setting.states
        most = (states.contingent * np.where(states.role == 1, home.seen["alliance"]["escalation"], 1.0))[0]
        came, gone = c["arrived"] + c["landed"], c["withdrawn"] + c["recalled"]
        here = np.maximum(came - gone, 0.0)
        for i in own:
            assert came[:, i].sum() <= max(most[i], scripted[states.names[i]]) + ROUNDING
            assert c["planned"][i] <= most[i] + ROUNDING
        assert (c["recalled"] <= came + 1e-6).all()
        assert not came[:, HOME].any()
        if scenario.mechanisms["intervention"]:
            assert c["contingents"] == pytest.approx(here.sum(axis=0), abs=ROUNDING)
            assert c["troops"].sum() == pytest.approx(here[:, states.side[0] >= 0].sum(), abs=ROUNDING)
        assert ended is None or np.array_equal(c["landed"], ended), "nobody lands once the mission ends"
        ended = c["landed"] if c["ending"][0] else None
        assert not any(frame.columns["troops"].any() or frame.columns["landed"].any() for frame in abroad)


@RUNS
@given(cases())
def test_columns_stay_within_their_meaning(case: tuple[Scenario, int, int]) -> None:
    """If it failed, shares above one, negative crowds or numbers that are none would enter the law of a society."""
    declared = Plan(case[0]).columns.values()
    shares = [c.name for c in declared if c.unit in ("share", "flag") and c.name not in SIGNED]
    counted = [c.name for c in declared if c.unit in ("people", "sites", "concessions")]
    flags = [c.name for c in declared if c.unit == "flag"]
    for frames in steps(*case):
        for now in frames:
            c = now.columns
            assert not [name for name, a in c.items() if not np.isfinite(a).all()]
            assert not [name for name in shares if c[name].min(initial=0) < 0 or c[name].max(initial=0) > 1]
            assert not [name for name in counted if c[name].min(initial=0) < 0]
            assert not [name for name in flags if not np.isin(c[name], (0.0, 1.0)).all()]
            for name, codes in {"control": 3, "rules": 3, "stance": 3, "end": 5}.items():
                assert np.isin(c[name], np.arange(codes)).all(), name
            assert (c["turnout"] + c["former"] + c["in_custody"] <= _people(now) + 1e-6).all()


def _people(frame: Frame) -> np.ndarray:
    """Simulated people of each place, in people."""
    return np.asarray(frame.size * frame.setting.person_weight)


@RUNS
@given(cases())
def test_history_has_no_jumps(case: tuple[Scenario, int, int]) -> None:
    """If it failed, a place would change hands in no time, or a finished history would finish in another way."""
    last: list[Frame] = []
    for frames in steps(*case):
        for before, now in zip(last, frames, strict=False):
            assert (np.abs(now.columns["control"] - before.columns["control"]) <= 1).all()
            end = before.columns["end"][0]
            assert end in (0, now.columns["end"][0])
            assert end == 0 or now.columns["end_day"][0] == before.columns["end_day"][0]
        last = frames


@RUNS
@given(cases())
def test_all_states_read_the_same_true_bulletin(case: tuple[Scenario, int, int]) -> None:
    """If it failed, two states would hear different news, or news that are not true."""
    for frames in steps(*case):
        home, read = frames[0].columns, frames[-1].columns
        for now in frames:
            setting, c = now.setting, now.columns
            own = setting.states.own
            assert now.tick == frames[-1].tick or (own == HOME and home["end"][0]), "only home's story may be over"
            if now.tick == frames[-1].tick:
                for name in ("abroad_turnout", "abroad_killed", "abroad_end", "abroad_conceded", "abroad_troops"):
                    assert np.array_equal(c[name], read[name])
                assert np.array_equal(c["deployed"], home["contingents"])
            assert read["abroad_turnout"][own] == pytest.approx(c["turnout"].sum() / setting.population.sum(), abs=1e-9)
            assert read["abroad_killed"][own] == pytest.approx(c["killed"].sum(), abs=1e-2)
            assert read["abroad_end"][own] == c["end"][0]


def first_difference(a: tuple[Scenario, int, int], b: tuple[Scenario, int, int], ticks: int) -> list[str]:
    """What differs first within so many ticks: "people", or columns of both worlds; empty if nothing does."""
    pairs = zip(steps(*a), steps(*b), strict=False)
    for tick, (left, right) in enumerate(islice(pairs, ticks)):
        for x, y in zip(left, right, strict=True):
            shared = [n for n, v in x.columns.items() if v.shape == y.columns[n].shape]
            found = [] if np.array_equal(x.counts, y.counts) else ["people"]
            if found := [*found, *(n for n in shared if not np.array_equal(x.columns[n], y.columns[n]))]:
                return [f"tick {tick}", *found]
    return []


FOUNDING = country().vary({"people_per_agent": 1000, "days": 9})
SECOND_BLOW = event("trigger", 199, 1.0, ("Nur-Sultan city",))


@SOME
@given(cases(), DEEDS)
@example((FOUNDING, 2, 2), SECOND_BLOW)  # gains were once defined by every trigger of the script
def test_an_event_changes_nothing_before_its_hour(case: tuple[Scenario, int, int], deed: Event) -> None:
    """If it failed, people would know what a state is about to do, and paired worlds would part too early."""
    scenario, *numbers_ = case
    later = replace(scenario, events=in_order((*scenario.events, deed)))
    assume(not list(faults_of(later)))
    assert parameters_of(later, case[1]) == parameters_of(scenario, case[1])
    assert not first_difference(case, (later, *numbers_), int(deed.hours // scenario.tick_hours))


@SOME
@given(cases(), st.sampled_from(PLACES), HOURS, st.sampled_from(AIMS))
def test_a_group_changes_nothing_before_its_day(
    case: tuple[Scenario, int, int], place: str, hours: int, aim: str
) -> None:
    """If it failed, a group that nobody has met yet would act, or would take the members of other groups."""
    scenario, *numbers_ = case
    later = replace(scenario, factions=(*scenario.factions, Faction("zealots", place, 500.0, hours, True, aim)))
    assume(not list(faults_of(later)))
    assert parameters_of(later, case[1]) == parameters_of(scenario, case[1])
    assert not first_difference(case, (later, *numbers_), int(hours // scenario.tick_hours))


def test_a_later_group_leaves_the_members_of_another() -> None:
    """If it failed, a group would be made of other people because of one that nobody has met yet."""
    for first, second in (("guild", "zealots"), ("zealots", "guild")):
        group = Faction(first, "Capital", 500.0, 0.0, False, "join")
        early = replace(alliance(), factions=(group,))
        both = sorted((group, replace(group, name=second, hours=24.0)), key=lambda f: f.name)
        later = replace(alliance(), factions=tuple(both))
        assert not first_difference((early, 0, 0), (later, 0, 0), int(24 // early.tick_hours))


def thin(**changes: object) -> Scenario:
    """The alliance with few simulated people and long ticks."""
    return alliance().vary({"people_per_agent": 1000, "tick": 6, **changes})


def lots(course: Course, tick: int) -> dict[tuple[str, ...], float]:
    """Every draw that a mechanism declares, by mechanism, name and owner."""
    setting, found = course.setting, dict[tuple[str, ...], float]()
    units = zip(setting.unit_place, setting.unit_number, strict=True)
    owners: dict[str, list[tuple[str, ...]]] = {
        "place": [("place", p) for p in setting.places], "state": [("state", s) for s in setting.states.names],
        "unit": [("unit", setting.places[p], str(n)) for p, n in units],
        "polity": [("polity", setting.states.names[setting.states.own])],
    }  # fmt: skip
    for m in course.plan.all:
        for name, by in m.draws.items():
            (values,) = course.draw(m, tick, name)
            found |= {(m.name, name, *who): float(u) for who, u in zip(owners[by], values, strict=True)}
    return found


@pytest.mark.parametrize("into", ["Home", "Patronia", "Allia"])
def test_a_village_more_changes_nobody_else_s_luck(into: str) -> None:
    """If it failed, a state of one place would have another history once a hamlet is added to it, or to a neighbour.

    Every declared draw of every place, unit, state and polity that both worlds have, lasting ones and those of a tick;
    and no two of them are one.
    """
    base = thin()
    village = replace(base.places[0], name="Village", population=30_000, seat=0.0, garrison=100.0, sites=())
    grown = replace(
        base, places=(*base.places, village) if into == "Home" else base.places,
        states=tuple(replace(s, places=(*s.places, village)) if s.name == into else s for s in base.states),
    )  # fmt: skip
    for a, b in zip(begun(base, 0, 7).courses, begun(grown, 0, 7).courses, strict=True):
        added = a.setting.states.names[a.setting.states.own] == into
        for tick in (START_TICK, 3):
            before, after = lots(a, tick), lots(b, tick)
            assert set(before) <= set(after)
            assert {k: u for k, u in after.items() if k in before} == before
            assert any("Village" in key for key in after) == added
            assert len(set(after.values())) == len(after)
        for name in ("leaning", "firmness"):
            rows = [b.setting.places.index(p) for p in a.setting.places]
            assert np.array_equal(a.columns[name], b.columns[name][:, rows]), name
        for name in ("hearsay", "frank"):
            assert np.array_equal(a.columns[name], b.columns[name]), name


def test_societies_abroad_go_on_after_the_end_at_home() -> None:
    """If it failed, a fall at home could never teach anybody: it would be the last thing that happens anywhere."""
    scenario = thin(days=4, people_per_agent=100, **{"grievance.background": 5e-3})
    loop = begun(scenario, 1, 1)
    loop.step(0)
    people, (home, *abroad) = loop.home.crowd.society, loop.frames
    loop.home.columns["end"] = np.array([[1.0]])
    loop.publish(loop.courses)
    loop.record(0)
    loop.let_go(0)
    for tick in range(1, scenario.ticks):
        loop.step(tick)
    assert np.array_equal(people.counts, home.counts)
    kept = loop.records.series | loop.records.national
    assert not [n for n, v in kept.items() if not (v == v[0]).all()]
    for course, before in zip(loop.courses[1:], abroad, strict=True):
        passed = scenario.ticks * course.setting.days
        (example,), memory = course.columns["example"], float(course.views["diffusion"]["memory"][0, 0])
        assert example[HOME] > 0.5 > before.columns["example"][HOME]
        assert example[HOME] == pytest.approx(np.exp(-(passed - course.setting.days) / memory), abs=0.02)
        assert not np.array_equal(course.crowd.counts, before.counts)
    assert (loop.records.abroad["end"][1:, 0, HOME] == 1).all(), "every tick is on record"
    assert len(set(loop.records.digests[:, 0].tolist())) == scenario.ticks


def told(column: str, *events: Event) -> dict[str, list[float]]:
    """A column of each society after a day of these events alone."""
    frames = list(islice(steps(replace(thin(), events=in_order(events)), 0, 0), 4))[-1]
    states = frames[0].setting.states
    return {states.names[f.setting.states.own]: f.columns[column].tolist() for f in frames}


def test_what_becomes_of_a_state_is_known_to_all_societies() -> None:
    """If it failed, a revolution in a third country would be news at home only."""
    crushed = event("abroad", 12, -1.0, state="Distantia")
    there = [float(name == "Distantia") for name in alliance().state_names]
    nobody = [0.0] * len(there)
    assert told("elsewhere", crushed) == {name: [-x for x in there] for name in SOCIETIES}
    for warning in told("warning", crushed).values():
        assert warning == pytest.approx(there, abs=0.05)
    agreed = told("consented", event("consent", 12, 1.0, state="Distantia"))
    assert agreed == {"Home": there, "Allia": nobody, "Patronia": nobody}, "consent is to home's mission"


@pytest.mark.parametrize("state", ["", "Patronia", "Allia", "Distantia"])
def test_a_refusal_is_about_home_whoever_is_named(state: str) -> None:
    """If it failed, a patron that refuses, with its name in the script, would refuse itself, and home never hear it."""
    refused = told("refused", event("refusal", 12, 1.0, state=state))
    assert refused == {"Home": [1.0], "Allia": [0.0], "Patronia": [0.0]}
    given = {"Home": [1.0], "Allia": [1.0], "Patronia": [0.0]}
    assert told("guaranteed") == given
    left = {name: [0.0] if name == (state or "Home") else flag for name, flag in given.items()}
    assert told("guaranteed", event("guarantee", 12, 0.0, state=state)) == left, "a guarantee is a society's own"


@SOME
@given(st.integers(0, 2**31), st.sampled_from([50, 200, 1000]), st.sampled_from(["script", "free"]))
def test_nothing_comes_of_nothing(seed: int, thinning: int, policy: str) -> None:
    """If it failed, societies at the medians of the priors would rise without a trigger and without an example."""
    medians = {n: p.prior.quantile(0.5) for n, p in parameters().items() if n in numbers()}
    changes = {"people_per_agent": thinning, "policy.government": policy, "policy.alliance": policy, "days": 10}
    scenario = replace(alliance().vary({**medians, **changes, "tick": 6}), events=())
    for frames in steps(scenario, 1, seed):
        for now in frames:
            calm, states = max(CALM * now.setting.population.sum(), FEW * thinning), now.setting.states
            assert now.columns["turnout"].sum() < calm, states.names[states.own]
