"""Promises that every mechanism keeps, whatever it is about."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from tests.contract.small import BY_NAME, CASES, DECLARED, NOON, country, keyed, middle, see, shape, state
from tocsin.declare import Mechanism
from tocsin.errors import PlanError
from tocsin.mechanisms import MECHANISMS
from tocsin.state import ADDED, FATES, MULTIPLIED, Clock, Effect, Setting, View

# Parameters that the rule itself does not read, and who does.
READ_ELSEWHERE = {
    "law.gain": "world/identify.py", "law.gain_awareness": "world/identify.py", "law.gain_ties": "world/identify.py",
    "law.gain_risk": "world/identify.py", "grievance.background": "world/identify.py",
    "grievance.trigger_share": "world/identify.py", "grievance.spread": "world/build.py",
    "ties.memory": "engine/run.py",
}  # fmt: skip
NIGHT = Clock(0, 0.0, 3.0)
EACH = pytest.mark.parametrize("m", MECHANISMS, ids=lambda m: m.name)


def results(m: Mechanism, view: View, setting: Setting) -> Effect:
    """One rule, checked for shapes and finite numbers."""
    effect = m.rule(view)
    own = {c.name for c in m.columns}
    assert set(effect.columns) <= own, "writes what it does not own"
    for name, value in effect.columns.items():
        np.broadcast_to(np.asarray(value, np.float64), shape(DECLARED[name], setting))
    cells = setting.segment_share.shape
    wide, slim = (*cells, 5, 3), (*cells, 5)
    for name, value in {**effect.add, **effect.times}.items():
        np.broadcast_to(np.asarray(value, np.float64), wide if name in ("alpha", "beta", "gamma", "rho") else slim)
    for value in effect.fate.values():
        np.broadcast_to(np.asarray(value, np.float64), (*cells, 8))
    for part in (effect.columns, effect.add, effect.times, effect.fate):
        assert all(np.isfinite(np.asarray(v, np.float64)).all() for v in part.values())
    assert all((np.asarray(v) >= 0).all() for v in (*effect.times.values(), *effect.fate.values()))
    return effect


@EACH
@pytest.mark.parametrize("case", CASES)
def test_survives_the_ends_of_every_range(m: Mechanism, case: str) -> None:
    """Else a wide prior would now and then end a run with a number that means nothing."""
    setting, columns = state(case)
    full = {f"{o.name}.{p.name}": p for o in MECHANISMS for p in o.params}
    mine = [*(f"{m.name}.{p.name}" for p in m.params), *(n for n in m.uses if n in full)]
    ends = [{n: value} for n in mine for value in (full[n].low, full[n].high)]
    ends += [{n: full[n].low for n in mine}, {n: full[n].high for n in mine}, {}]
    for changes in ends:
        results(m, see(m.name, columns, setting=setting, changes=changes).view, setting)
        start = m.start(see(m.name, columns, setting=setting, changes=changes).view)
        assert all(np.isfinite(v).all() for v in start.values())
        assert set(start) <= {c.name for c in m.columns}


@EACH
def test_reads_draws_and_sets_what_it_declares(m: Mechanism) -> None:
    """Else the printed plan would lie: a mechanism would see, draw or change more, or less, than people are told."""
    reads, parameters, switches, draws, sets = (set[str]() for _ in range(5))
    for case in CASES:
        setting, columns = state(case)
        for clock in (NOON, NIGHT):
            watch = see(m.name, columns, setting=setting, clock=clock)
            m.start(watch.view)
            effect = results(m, watch.view, setting)
            reads |= watch.columns.read
            parameters |= watch.parameters.read
            switches |= watch.switches.read
            draws |= watch.draws
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
def test_every_own_column_has_a_writer(m: Mechanism) -> None:
    """Else a column would stand in the plan that neither the script nor a rule ever moves."""
    written = {e.column for e in m.events}
    for case in CASES:
        setting, columns = state(case)
        view = see(m.name, columns, setting=setting).view
        written |= set(m.start(view)) | set(m.rule(view).columns)
    assert written == {c.name for c in m.columns}


@EACH
def test_is_refused_what_it_did_not_declare(m: Mechanism) -> None:
    """Else a mechanism could quietly see what its people cannot know."""
    view = see(m.name, {}).view
    for name in set(DECLARED) - set(m.reads):
        with pytest.raises(PlanError):
            view[name]


@EACH
@pytest.mark.parametrize("case", CASES)
def test_does_not_depend_on_the_order_of_places(m: Mechanism, case: str) -> None:
    """Else renaming a city could topple a government: the order within sums may move the last bits only."""
    order = (2, 0, 1)
    plain_setting, plain = state(case)
    other_setting, other = state(case, order)
    a = results(m, see(m.name, plain, setting=plain_setting).view, plain_setting)
    b = results(m, see(m.name, other, setting=other_setting).view, other_setting)
    for part in ("columns", "add", "times", "fate"):
        for name, value in getattr(a, part).items():
            moved = permuted(name, np.asarray(value), plain_setting, order)
            np.testing.assert_allclose(moved, np.asarray(getattr(b, part)[name]), rtol=1e-12, atol=1e-12)


def permuted(name: str, value: Any, setting: Setting, order: tuple[int, ...]) -> Any:
    """The same value for the places in another order."""
    dims = DECLARED[name].dims if name in DECLARED else "cell"
    rows = np.array(order)
    if dims == "unit":
        return np.concatenate([value[setting.unit_place == p] for p in order])
    if dims == "place_place":
        return value[np.ix_(rows, rows)]
    has_places = value.ndim > 0 and value.shape[0] == len(order) and dims in ("place", "cell")
    return value[rows] if has_places else value


@EACH
def test_gives_the_same_twice_and_changes_nothing_it_sees(m: Mechanism) -> None:
    """Else the order in which mechanisms look would decide what they see."""
    setting, columns = state("crisis")
    watch = see(m.name, columns, setting=setting)
    before = {n: v.copy() for n, v in watch.columns.held.items()}
    first, second = m.rule(watch.view), m.rule(watch.view)
    for name, value in before.items():
        assert np.array_equal(value, watch.columns.held[name])
    for part in ("columns", "add", "times", "fate"):
        a, b = getattr(first, part), getattr(second, part)
        assert a.keys() == b.keys()
        assert all(np.array_equal(a[n], b[n]) for n in a)


@EACH
def test_numbers_have_sources_and_units(m: Mechanism) -> None:
    """Else the report would show a number that nobody can judge: a source is a reference, or says "assumed"."""
    for p in m.params:
        assert p.unit
        assert "assumed" in p.source or any(c.isdigit() for c in p.source), f"{m.name}.{p.name}: {p.source}"
    assert all(c.unit and c.doc.endswith(".") for c in m.columns)
    assert all(e.unit and e.doc.endswith(".") for e in m.events)


@EACH
def test_imports_no_other_mechanism_and_no_kernel(m: Mechanism) -> None:
    """Else one mechanism could not be read, or replaced, alone."""
    tree = ast.parse(inspect.getsource(sys.modules[type(m).__module__]))
    names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert set(names) <= {"__future__", "typing", "numpy", "tocsin.declare", "tocsin.exact", "tocsin.state"}


def test_importing_mechanisms_loads_no_kernel() -> None:
    """Else `tocsin check` and `--help` would wait for a compiler."""
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
    "support": (("risk", "encounter", "control", "loyalty"), "force on the ground is seen where it stands"),
    "force": (("risk", "encounter", "control", "loyalty", "government"), "deployed staff; elites count all staff"),
    "loyal": (
        ("risk", "encounter", "control", "loyalty", "elites", "outcome"),
        "force that can be relied on in a place",
    ),
    "reported": (("government",), "what the government is told, late and with a bias"),
    "former": (("encounter",), "who took part is a secret of persons until homes are searched"),
    "hurt": (("government",), "the government's own losses"),
    "removed": (("elites", "outcome"), "acts by ending the ruler's time, not by fear or hope"),
    "killed": (("information", "loyalty"), "persons learn of deaths through news and ties, units where they stand"),
    "known_deaths": (("information",), "news acts through the law only"),
    "appeasement": (("grievance",), "legitimacy is nobody's to read"),
    "exposure": (("grievance",), "a trigger is felt as grievance only"),
    "arrived": (("intervention",), "troops act through support, belief and backlash, each with its switch"),
    "troops": ((), "as above; recorded"),
    "announced": (("intervention",), "as above"),
    "requested": ((), "the request itself moves nothing yet; patrons are scripted"),
    "end": (("outcome",), "nobody knows that the end has come until the run stops"),
}
PERSONS = ("law", "grievance", "risk", "ties", "information", "contagion", "tactics", "fatigue")


@pytest.mark.parametrize("column", SECRETS)
def test_nobody_sees_what_he_cannot_know(column: str) -> None:
    """Else people would act on the censored, or one cause would count several times."""
    allowed, why = SECRETS[column]
    readers = {m.name for m in MECHANISMS if column in m.reads}
    assert readers == set(allowed), why


def test_persons_see_crowds_force_and_news_only() -> None:
    """Else people in the street would know what units, elites and the government think in private."""
    seen = {r for name in PERSONS for r in BY_NAME[name].reads}
    public = {"turnout", "force", "loyal", "support", "rules", "reach", "local", "shutdown", "killed", "control"}
    own = {c.name for name in PERSONS for c in BY_NAME[name].columns}
    assert seen <= public | own | {"appeasement"}


def test_nobody_reads_legitimacy() -> None:
    """Else somebody other than the persons who hold it would know how legitimate the regime is."""
    assert [m.name for m in MECHANISMS if "grievance.legitimacy" in m.uses] == []


def test_draws_of_the_small_country_follow_their_owner() -> None:
    """Else the tests of place order above would compare different luck."""
    a, b = keyed(country(), "x"), keyed(country((2, 0, 1)), "x")
    assert np.array_equal(a("d", 3)[[2, 0, 1]], b("d", 3))
    assert a("d", 1) == b("d", 1)
    assert middle()["derived.offset"] < 0
