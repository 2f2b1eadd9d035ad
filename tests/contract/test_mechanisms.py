"""Promises that every mechanism keeps, whatever it is about."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from math import isqrt
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from tests.contract.small import (
    BY_NAME,
    CASES,
    DECLARED,
    NOON,
    ROLES,
    Scene,
    act,
    country,
    keyed,
    middle,
    owners,
    quantiles,
    row,
    see,
    see_all,
    shape,
    state,
)
from tocsin.declare import Mechanism
from tocsin.engine.compose import AXES
from tocsin.engine.course import owners as keys
from tocsin.engine.plan import BULLETIN
from tocsin.errors import PlanError
from tocsin.mechanisms import MECHANISMS
from tocsin.state import ADDED, FATES, MULTIPLIED, Clock, Effect, Floats, Setting, View, aligned

# Parameters that the rule itself does not read, and who does.
READ_ELSEWHERE = {
    "law.gain": "world/identify.py", "law.gain_awareness": "world/identify.py", "law.gain_ties": "world/identify.py",
    "law.gain_risk": "world/identify.py", "law.gain_belief": "world/identify.py",
    "grievance.trigger_share": "world/identify.py", "grievance.spread": "world/build.py",
    "ties.memory": "engine/run.py",
}  # fmt: skip
NIGHT = Clock(0, 0.0, 3.0)
EACH = pytest.mark.parametrize("m", MECHANISMS, ids=lambda m: m.name)
SCENES = [(case, role) for role in ROLES for case in CASES]
PARTS = ("columns", "add", "times", "fate")


def results(m: Mechanism, view: View) -> Effect:
    """One rule, checked for shapes and finite numbers; what it is in the first world."""
    effect, setting = m.rule(view), view.setting
    worlds = len(setting.population)
    assert set(effect.columns) <= {c.name for c in m.columns}, "writes what it does not own"
    full = {name: shape(name, setting) for name in effect.columns}
    full |= dict.fromkeys(FATES, (*setting.segment_share.shape[1:], 8))
    full |= {n: (*setting.segment_share.shape[1:], 5, 3)[: axes - 1] for n, axes in AXES.items()}
    for part in PARTS:
        for name, value in getattr(effect, part).items():
            fit(name, np.asarray(value, np.float64), worlds, full[name], part)
            assert np.isfinite(value).all()
            assert part in ("columns", "add") or np.all(np.asarray(value) >= 0)
    return row(effect)


def fit(name: str, value: Floats, worlds: int, full: tuple[int, ...], part: str = "columns") -> None:
    """A number for all, or with an axis of worlds first and then those declared; of the law, axes may be left out."""
    if value.ndim:
        assert value.ndim >= 2, f"{name} lacks an axis"
        assert len(value) in (1, worlds), f"{name} begins with another axis than worlds"
        here = value if part == "columns" else aligned(value, 1 + len(full))
        assert np.broadcast_shapes(here.shape, (worlds, *full)) == (worlds, *full), name


@EACH
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("case", CASES)
def test_survives_the_ends_of_every_range(m: Mechanism, case: str, role: str) -> None:
    """If it failed, a wide prior would now and then end a run with a number that means nothing."""
    setting, columns = state(case, role)
    full = {f"{o.name}.{p.name}": p for o in MECHANISMS for p in o.params}
    mine = [*(f"{m.name}.{p.name}" for p in m.params), *(n for n in m.uses if n in full)]
    ends = [{n: value} for n in mine for value in (full[n].low, full[n].high)]
    ends += [{n: full[n].low for n in mine}, {n: full[n].high for n in mine}, {}]
    for changes in ends:
        view = see(m.name, columns, setting=setting, changes=changes).view
        results(m, view)
        start = m.start(view)
        assert all(np.isfinite(v).all() for v in start.values())
        assert set(start) <= {c.name for c in m.columns}
        for name, value in start.items():
            fit(name, np.asarray(value, np.float64), 1, shape(name, setting))


@EACH
def test_reads_draws_and_sets_what_it_declares(m: Mechanism) -> None:
    """If it failed, the printed plan would lie: a mechanism would see, draw or change more, or less, than it says."""
    reads, parameters, switches, draws, sets = (set[str]() for _ in range(5))
    for case, role in SCENES:
        setting, columns = state(case, role)
        for clock, draw in ((NOON, None), (NIGHT, None), (NOON, lucky)):
            watch = see(m.name, columns, setting=setting, clock=clock, draw=draw)
            m.start(watch.view)
            effect = results(m, watch.view)
            reads |= watch.columns.read
            parameters |= watch.parameters.read
            switches |= watch.switches.read
            draws |= set(watch.draws)
            sets |= {*effect.add, *effect.times, *effect.fate}
            assert set(effect.add) <= set(ADDED)
            assert set(effect.times) <= set(MULTIPLIED)
            assert set(effect.fate) <= set(FATES)
    elsewhere = {n.split(".")[1] for n in READ_ELSEWHERE if n.split(".")[0] == m.name}
    assert reads == set(m.reads)
    assert parameters == ({p.name for p in m.params} - elsewhere) | set(m.uses)
    assert switches == set(m.switches)
    assert draws == set(m.draws)
    assert sets == set(m.sets)


@EACH
@pytest.mark.parametrize("role", ROLES)
def test_every_owner_gets_one_draw(m: Mechanism, role: str) -> None:
    """If it failed, one city's luck would be another's: a draw must have one owner of the declared kind a number."""
    setting, columns = state("crisis", role)
    who = {by: len(names) for by, names in owners(setting).items()}
    for draw in (None, lucky, unlucky):
        watch = see(m.name, columns, setting=setting, draw=draw)
        m.start(watch.view)
        m.rule(watch.view)
        assert watch.draws == {name: who[m.draws[name]] for name in watch.draws}
    for by in m.draws.values():
        assert len(set(zip(*(half.tolist() for half in keys(setting)[by]), strict=True))) == who[by]


def lucky(_: str, n: int) -> Floats:
    """Draws with which everything happens that can."""
    return np.full(n, 1e-6)


def unlucky(_: str, n: int) -> Floats:
    """Draws with which nothing happens that need not."""
    return np.full(n, 1.0 - 1e-6)


@EACH
def test_every_own_column_has_a_writer(m: Mechanism) -> None:
    """If it failed, a column would stand in the plan that neither the script nor a rule ever moves."""
    written = {e.column for e in m.events}
    for case, role in SCENES:
        setting, columns = state(case, role)
        view = see(m.name, columns, setting=setting).view
        written |= set(m.start(view)) | set(m.rule(view).columns)
    assert written == {c.name for c in m.columns}


@EACH
def test_every_event_sets_an_own_column(m: Mechanism) -> None:
    """If it failed, a line of a script would do nothing, or would reach into another mechanism."""
    own = {c.name: c for c in m.columns}
    for event in m.events:
        assert event.column in own
        assert event.by in {"", *BY_NAME}
        assert all(event.low <= value <= event.high for value in event.choices.values())


@EACH
def test_every_switch_moves_something(m: Mechanism) -> None:
    """If it failed, a channel could be switched off in a variant and the two worlds would be the same for ever."""
    still = set(m.switches)
    for case, role in SCENES:
        setting, columns = state(case, role)
        numbers = {n: v for n, v in quantiles(0.7).items() if not n.startswith("derived.")}
        whole = act(m.name, columns, setting=setting, changes=numbers)
        for switch in sorted(still):
            part = act(m.name, columns, setting=setting, changes=numbers, on={switch: False})
            if not same(whole, part):
                still.remove(switch)
    assert not still


def same(a: Effect, b: Effect) -> bool:
    """Whether two effects hold the same numbers."""
    return all(
        getattr(a, part).keys() == getattr(b, part).keys()
        and all(np.array_equal(v, getattr(b, part)[n]) for n, v in getattr(a, part).items())
        for part in PARTS
    )


@EACH
def test_is_refused_what_it_did_not_declare(m: Mechanism) -> None:
    """If it failed, a mechanism could quietly see what its people cannot know."""
    view = see(m.name, {}).view
    for name in set(DECLARED) - set(m.reads):
        with pytest.raises(PlanError):
            view[name]


@EACH
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("case", CASES)
def test_does_not_depend_on_the_order_of_places(m: Mechanism, case: str, role: str) -> None:
    """If it failed, renaming a city could topple a government: the order within sums may move the last bits only."""
    order = (2, 0, 1)
    plain_setting, plain = state(case, role)
    other_setting, other = state(case, role, order)
    a = results(m, see(m.name, plain, setting=plain_setting).view)
    b = results(m, see(m.name, other, setting=other_setting).view)
    for part in PARTS:
        for name, value in getattr(a, part).items():
            moved = permuted(name, np.asarray(value), plain_setting, order)
            np.testing.assert_allclose(moved, np.asarray(getattr(b, part)[name]), rtol=1e-12, atol=1e-12, err_msg=name)


def permuted(name: str, value: Any, setting: Setting, order: tuple[int, ...]) -> Any:
    """The same value for the places in another order."""
    dims = DECLARED[name].dims if name in DECLARED else "cell"
    rows = np.array(order)
    if dims == "unit":
        return np.concatenate([value[setting.unit_place == p] for p in order])
    if dims == "place_place":
        return value[np.ix_(rows, rows)]
    by_place = dims in ("place", "place_state", "cell")
    return value[rows] if by_place and value.ndim > 0 and value.shape[0] == len(order) else value


@EACH
@pytest.mark.parametrize("role", ROLES)
def test_gives_the_same_twice_and_changes_nothing_it_sees(m: Mechanism, role: str) -> None:
    """If it failed, the order in which mechanisms look would decide what they see."""
    setting, columns = state("crisis", role)
    watch = see(m.name, columns, setting=setting)
    before = {n: v.copy() for n, v in watch.columns.held.items()}
    first, second = row(m.rule(watch.view)), row(m.rule(watch.view))
    for name, value in before.items():
        assert np.array_equal(value, watch.columns.held[name])
    assert same(first, second)


FREED = (0.0, 2.4, np.inf)  # days: long free, free from this tick on (noon of day 2.5), by the script for ever


def three(m: Mechanism, role: str) -> list[Scene]:
    """Three worlds of one layout that differ in everything else: columns, numbers, switches, policy and luck."""
    scenes = []
    for i, case in enumerate(CASES):
        setting, columns = state(case, role)
        off = [switch for k, switch in enumerate(m.switches) if (i + k) % 3 == 1]
        changes = {n: v * (1.0 + 0.1 * i) if n.startswith("derived.") else v for n, v in quantiles(0.3 + i / 5).items()}
        draw = keyed(setting, f"world {i}", m.draws)
        scenes.append(Scene(columns, otherwise(setting, i), changes, draw, dict.fromkeys(off, False)))
    return scenes


def otherwise(setting: Setting, i: int) -> Setting:
    """The same places, states and groups with other numbers."""
    more, states, groups = 1.0 + 0.3 * i, setting.states, setting.factions
    return replace(
        setting, population=setting.population * more, km=setting.km / more, seat=np.roll(setting.seat, i),
        garrison=setting.garrison / more, sites=setting.sites + i, unit_staff=setting.unit_staff / more,
        segment_share=np.roll(setting.segment_share, i, axis=0),
        states=replace(
            states, side=np.roll(states.side, 2 * i), consent=np.roll(states.consent, i), lift=states.lift * more,
            contingent=states.contingent * more, ready=states.ready * more, similarity=states.similarity / more,
            alignment=states.alignment / more, population=states.population * more, rule=np.array(i),
            quorum=np.array(1 + i),
        ),
        factions=replace(
            groups, aim=np.roll(groups.aim, i), size=groups.size * more, day=groups.day * more,
            armed=np.roll(groups.armed, i),
        ),
        free={"government": np.array(FREED[i]), "alliance": np.array(FREED[i - 1])},
    )  # fmt: skip


@EACH
@pytest.mark.parametrize("role", ROLES)
def test_a_rule_never_sees_another_world(m: Mechanism, role: str) -> None:
    """If it failed, a world would end otherwise in company than alone, and nobody could make a single run again."""
    scenes = three(m, role)
    view = see_all(m.name, scenes).view
    results(m, view)
    begun, effect = Effect(columns=m.start(view)), m.rule(view)
    for world, scene in enumerate(scenes):
        alone = see_all(m.name, [scene]).view
        assert bits(row(begun, world)) == bits(row(Effect(columns=m.start(alone))))
        assert bits(row(effect, world)) == bits(row(m.rule(alone)))


def bits(effect: Effect) -> dict[tuple[str, str], tuple[tuple[int, ...], bytes]]:
    """Shape and bytes of everything in an effect of one world."""
    return {(part, n): (v.shape, v.tobytes()) for part in PARTS for n, v in getattr(effect, part).items()}


@EACH
def test_the_worlds_compared_differ(m: Mechanism) -> None:
    """If it failed, the test above would compare a world with itself, and a rule that mixes worlds would pass."""
    found = [[row(m.rule(see_all(m.name, [scene]).view)) for scene in three(m, role)] for role in ROLES]
    assert any(not (same(a, b) or same(b, c) or same(a, c)) for a, b, c in found)


# Numbers of one tick, held still here: what another mechanism hands over each tick is not an instant's to repeat.
OF_ONE_TICK = ("hurt",)


@EACH
@pytest.mark.parametrize(("case", "role"), SCENES)
def test_nothing_changes_by_looking_again_at_the_same_moment(m: Mechanism, case: str, role: str) -> None:
    """If it failed, something would grow, fade or be decided per tick instead of per day.

    A second tick of no length moves nothing, and in a tick of no length no luck makes a difference.
    """
    setting, columns = state(case, role)
    setting = replace(setting, days=0.0)
    columns.update({name: np.zeros(shape(name, setting)) for name in OF_ONE_TICK})
    first = results(m, see(m.name, columns, setting=setting).view)
    once = {**columns, **first.columns}
    second = results(m, see(m.name, once, setting=setting).view)
    for name, value in second.columns.items():
        here = np.broadcast_to(np.asarray(once[name], np.float64), shape(name, setting))
        np.testing.assert_allclose(np.broadcast_to(value, here.shape), here, rtol=1e-12, atol=1e-12, err_msg=name)
    with_luck, without = (act(m.name, columns, setting=setting, draw=d) for d in (lucky, unlucky))
    assert same(with_luck, without)


SHORT = 1 / 64  # days: short enough that the fastest rates of the priors' middle are close to straight lines
SAMPLES = 256


@EACH
@pytest.mark.parametrize(("case", "role"), [scene for scene in SCENES if scene[1] != "alone"])
def test_twice_the_time_brings_twice_the_change(m: Mechanism, case: str, role: str) -> None:
    """If it failed, the length of a tick would decide how fast the world moves.

    Expected changes since a tick of no length, over evenly spread draws, in short ticks of one and of two lengths; 15 %
    for the curvature of rates up to ten a day, and six samples' worth of the widest swing for chance.
    """
    none, one, two = (samples(m, case, role, n * SHORT) for n in range(3))
    for name, start in none.items():
        still, once, twice = (np.mean(x, axis=0) for x in (start, one[name], two[name]))
        change, swing = twice - still, np.ptp([*start, *one[name], *two[name]], axis=0)
        slack = 6.0 / SAMPLES * swing * bool(m.draws) + 1e-9 * (1.0 + np.abs(still))
        gap = np.abs(change - 2.0 * (once - still))
        np.testing.assert_array_less(gap, 0.15 * np.abs(change) + slack, err_msg=name)


def samples(m: Mechanism, case: str, role: str, days: float) -> dict[str, list[Floats]]:
    """Columns and contributions after one tick of this length, by name, for evenly spread draws."""
    setting, columns = state(case, role)
    chances = Spread()
    view = see(m.name, columns, setting=replace(setting, days=days), draw=chances).view
    found: dict[str, list[Floats]] = {}
    for chances.number in range(SAMPLES if m.draws else 1):
        effect = row(m.rule(view))
        for part in PARTS:
            values: Mapping[str, Any] = getattr(effect, part)
            for name, value in values.items():
                found.setdefault(f"{part} {name}", []).append(np.asarray(value, np.float64))
    return found


class Spread:
    """Evenly spread draws: by number, multiples of a root that belongs to the name."""

    number = 0

    def __call__(self, name: str, n: int) -> Floats:
        """The draw of the current number, the same for all."""
        key = 2 + crc32(name.encode()) % 10_000
        step = (key + (isqrt(key) ** 2 == key)) ** 0.5
        return np.full(n, ((self.number + 0.5) * step) % 1.0)


@EACH
def test_numbers_have_sources_and_units(m: Mechanism) -> None:
    """If it failed, the report would show a number that nobody can judge: a source is a reference or "assumed"."""
    for p in m.params:
        assert p.unit
        assert "assumed" in p.source or any(c.isdigit() for c in p.source), f"{m.name}.{p.name}: {p.source}"
    assert all(c.unit and c.doc.endswith(".") for c in m.columns)
    assert all(e.unit and e.doc.endswith(".") for e in m.events)


@EACH
def test_imports_no_other_mechanism_and_no_kernel(m: Mechanism) -> None:
    """If it failed, one mechanism could not be read, or replaced, alone."""
    tree = ast.parse(inspect.getsource(sys.modules[type(m).__module__]))
    names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert set(names) <= {"__future__", "typing", "numpy", "tocsin.declare", "tocsin.exact", "tocsin.state"}


def test_importing_mechanisms_loads_no_kernel() -> None:
    """If it failed, `tocsin check` and `--help` would wait for a compiler."""
    code = (
        "import sys, tocsin.mechanisms; print(*[m for m in sys.modules if m in ('numba', 'scipy', 'tocsin.kernels')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# Columns that somebody must not know: who may read them, and why nobody else (science.md 2, "who sees what").
SECRETS: dict[str, tuple[tuple[str, ...], str]] = {
    "survival": ((), "units' belief in survival is recorded; fed back, defection would count twice"),
    "strength": ((), "what elites make of the regime is theirs; the public sees only a removal"),
    "defected": ((), "defections of the country are censored; each place shows its own"),
    "resisting": (("outcome",), "a national count that only the definition of civil war needs"),
    "stance": (("loyalty",), "a unit's stance acts through the loyal share of its place"),
    "signal": (("loyalty",), "private by definition"),
    "overlap": (("loyalty",), "a trait of units"),
    "unit_backlash": (("loyalty",), "units' own anger at foreign troops"),
    "believed": (("loyalty", "elites"), "persons answer belief as hope, where it is made; units and elites read it"),
    "believed_against": (("loyalty", "elites"), "as above, for a force on the other side"),
    "support": (
        ("risk", "encounter", "control", "loyalty", "elites"),
        "force on the ground is seen where it stands; elites count it all",
    ),
    "opposing": (
        ("encounter", "control", "loyalty", "elites"),
        "force that stands with the crowd is met where it stands; elites count it all",
    ),
    "force": (
        ("risk", "encounter", "control", "loyalty", "government", "forces"),
        "deployed staff; elites count all staff",
    ),
    "withheld": (("government", "forces"), "the government's own staff"),
    "recovering": (("government", "forces"), "the government's own losses"),
    "hurt": (("forces",), "as above"),
    "loyal": (
        ("risk", "encounter", "control", "loyalty", "elites", "outcome"),
        "force that can be relied on in a place",
    ),
    "reported": (("government", "forces", "alliance"), "what the government is told, late and biased, and passes on"),
    "hearsay": (("alliance",), "the patron's own error"),
    "frank": (("alliance",), "the patron's own way"),
    "requested": (("government", "alliance"), "a request moves nobody but the one who is asked"),
    "former": (("encounter", "factions"), "who took part is a secret until homes are searched; groups know their own"),
    "in_custody": (("factions",), "groups miss their own; others learn of arrests along ties"),
    "killed": (("information", "loyalty", "factions"), "persons learn of deaths by news and ties, others on the spot"),
    "known_deaths": (("information", "grievance"), "news acts through the law, and on what is demanded"),
    "removed": (("elites", "outcome"), "acts by ending the ruler's time, not by fear or hope"),
    "appeasement": (("grievance",), "legitimacy is nobody's to read"),
    "demand": (("grievance",), "what the movement wants is in its own heads"),
    "belief": (("belief",), "as above"),
    "exposure": (("grievance",), "a trigger is felt as grievance only"),
    "organisation": (("factions",), "acts through the law only"),
    "members": ((), "groups show as people and arms"),
    "armed": (("encounter", "control", "government"), "arms are met where they are"),
    "provokers": (("government",), "a provocation is aimed at those who answer it"),
    "arrived": (("intervention", "alliance"), "troops act through support, belief and backlash, each with its switch"),
    "landed": (("intervention", "alliance"), "as above"),
    "announced": (("intervention", "alliance"), "as above"),
    "planned": (("intervention", "alliance"), "as above"),
    "troops": ((), "as above; other states hear of them by the bulletin"),
    "contingents": ((), "as above"),
    "deployed": (("sending",), "who sends soldiers feels it as a society; states count them as contingents"),
    "consented": (("alliance",), "what parliaments say moves troops only"),
    "abroad_turnout": (("diffusion", "alliance"), "people hear of unrest abroad, rulers of their own"),
    "abroad_killed": (("diffusion",), "people hear of it"),
    "abroad_end": (("diffusion", "alliance"), "people hear of it; whose regime is gone has no vote in an alliance"),
    "abroad_conceded": (("diffusion",), "people hear of it"),
    "abroad_troops": (("diffusion",), "people hear of it"),
    "end": (("outcome",), "nobody knows that the end has come until the run stops"),
}
PERSONS = (
    "law", "grievance", "belief", "risk", "ties", "information", "contagion", "tactics", "fatigue", "sending",
    "diffusion", "factions",
)  # fmt: skip


@pytest.mark.parametrize("column", SECRETS)
def test_nobody_sees_what_he_cannot_know(column: str) -> None:
    """If it failed, people would act on the censored, or one cause would count several times."""
    allowed, why = SECRETS[column]
    readers = {m.name for m in MECHANISMS if column in m.reads}
    assert readers == set(allowed), why


def test_persons_see_crowds_force_and_news_only() -> None:
    """If it failed, people in the street would know what units, elites and the government think in private."""
    seen = {r for name in PERSONS for r in BY_NAME[name].reads}
    public = {"turnout", "force", "loyal", "support", "rules", "reach", "local", "shutdown", "killed", "control"}
    public |= {"conceded", "shutdown_ordered", "deployed", *(c.name for c in BULLETIN)}
    groups = {"former", "in_custody"}  # of their own
    own = {c.name for name in PERSONS for c in BY_NAME[name].columns}
    assert seen <= public | own | groups | {"appeasement"}


def test_nobody_reads_legitimacy() -> None:
    """If it failed, somebody other than the persons who hold it would know how legitimate the regime is."""
    assert [m.name for m in MECHANISMS if "grievance.legitimacy" in m.uses] == []


def test_draws_of_the_small_country_follow_their_owner() -> None:
    """If it failed, the tests of place order above would compare different luck."""
    by = {"d": "place", "e": "polity", "f": "unit"}
    a, b = keyed(country(), "x", by), keyed(country((2, 0, 1)), "x", by)
    assert np.array_equal(a("d", 3)[[2, 0, 1]], b("d", 3))
    assert a("e", 1) == b("e", 1)
    assert np.array_equal(a("f", 32)[30:], b("f", 32)[:2])
    assert middle()["derived.offset"] < 0
