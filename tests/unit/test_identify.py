"""The solved coefficients give what the priors speak of: by brute force over people, not by the solver's formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import special

from tests.contract.small import act, batch, begin, country, middle
from tocsin.engine.run import simulate, simulate_all
from tocsin.scenario.load import load
from tocsin.state import Setting
from tocsin.world.build import World, _vectors, parameters_of, solved_from
from tocsin.world.identify import BELIEF_CAP, TIE_CAP, hardship, identify, identify_abroad, log_share, solve
from tocsin.world.parameters import draw_parameters

HOUSEHOLD, CIRCLE = np.array([3.4, 4.0, 2.5]), 9
EXPOSURE = np.array([1.0, 0.5, 0.0])
DRAWS = range(12)


@cache
def vector(draw: int) -> Mapping[str, float]:
    """Parameters as a run would draw them."""
    return draw_parameters(load("kazakhstan-2022"), draw)


@cache
def drawn(draw: int) -> Mapping[str, float]:
    """The same with what was solved for it."""
    return solved(vector(draw))


def solved(p: Mapping[str, float], exposure: Any = EXPOSURE, setting: Setting | None = None) -> dict[str, float]:
    found = identify(p, batch(setting or country()), exposure, HOUSEHOLD, CIRCLE)
    return {**p, **found}


@cache
def people(spread: float) -> tuple[Any, Any]:
    """Hardship [3000, 1] and risk aversion [1, 1500] of a made-up people, on fine grids."""
    h = special.expit(spread * special.ndtri((np.arange(3_000) + 0.5) / 3_000))
    return h[:, None], ((np.arange(1_500) + 0.5) / 1_500)[None, :]


def acting(p: Mapping[str, float], gamma: float, fear: float, able: float = 0.7) -> float:
    """Share of all people who act on reconsidering: the logistic law, averaged over people; first place if not said."""
    h, r = people(p["grievance.spread"])
    utility = (1 - p["grievance.legitimacy"]) / p["law.noise"] * h + gamma - fear * r
    return able * float(special.expit(utility).mean())


@pytest.mark.parametrize("draw", DRAWS)
def test_background_and_trigger_turnout_are_the_wanted_ones(draw: int) -> None:
    """Else the country would stir before the trigger, or answer it with another crowd than the prior says."""
    p = drawn(draw)
    fear = 1 / p["law.noise"]
    before = acting(p, p["derived.offset"], fear) * p["law.reconsideration"] * p["contagion.idle"]
    at_once = acting(p, p["derived.offset"] + p["derived.trigger"], fear)
    assert before == pytest.approx(p["grievance.background"], rel=0.03)
    assert at_once == pytest.approx(p["grievance.trigger_share"], rel=0.03)


@pytest.mark.parametrize("draw", DRAWS)
def test_awareness_gains_its_share(draw: int) -> None:
    """Else news would bring more, or fewer, people next day, all over the country, than its share of the gain."""
    p = drawn(draw)
    shock = act("grievance", {"exposure": EXPOSURE}, changes=p).columns["shock"]
    kernel = begin("contagion", changes=p)["kernel"]
    reach, day = p["information.openness"], replace(country(), days=1e-4)

    def aware(crowd: float) -> Any:
        columns = {"kernel": kernel, "turnout": [crowd, 0, 0], "local": 1.0, "reach": reach}
        return act("contagion", columns, changes=p, setting=day).columns["aware"] / day.days

    fear, woken = 1 / p["law.noise"], (aware(1.0) - aware(0.0)) * country().population
    chance = [
        acting(p, p["derived.offset"] + p["derived.trigger"] * s, fear, able)
        for s, able in zip(shock, (0.7, 0.75, 0.8), strict=True)
    ]
    more = p["law.reconsideration"] * (1 - p["contagion.idle"]) * float(np.dot(chance, woken))
    assert more == pytest.approx(p["law.gain"] * p["law.gain_awareness"], rel=0.05)


def test_only_people_who_can_act_are_woken() -> None:
    """Else children elsewhere would count as marchers: the fewer can act there, the stronger each one must be woken."""
    p = {**middle(), "contagion.long_range": 0.8, "information.openness": 0.9}

    def strength(able: float) -> float:
        share = np.array([[0.3, 0.1, 0.6], [1 - able, 0, able], [1 - able, 0, able]])
        return solved(p, setting=replace(country(), segment_share=share))["derived.awareness"]

    needed = [1 / strength(able) for able in (0.0, 0.3, 0.6)]
    assert needed[1] > 1.001 * needed[0]
    assert needed[2] - needed[0] == pytest.approx(2 * (needed[1] - needed[0]), rel=1e-6)


@pytest.mark.parametrize("draw", DRAWS)
def test_ties_gain_their_share_or_their_cap(draw: int) -> None:
    """Else family and colleagues would pull harder, or less, than their share of the gain."""
    p = drawn(draw)
    base, fear, sigma = p["derived.offset"] + p["derived.trigger"], 1 / p["law.noise"], p["derived.ties"]
    alone = acting(p, base, fear)
    at_work = 8 * (acting(p, base + sigma / 8, fear) - alone)
    at_home = 2.4 * (acting(p, base + sigma * p["ties.household"] / 2.4, fear) - alone)
    gained = p["law.reconsideration"] * (at_work + at_home)
    wanted = p["law.gain"] * p["law.gain_ties"]
    assert gained == pytest.approx(wanted, rel=0.03) if sigma < TIE_CAP else gained < wanted


@pytest.mark.parametrize("draw", DRAWS)
def test_safety_in_numbers_gains_its_share_or_is_in_full(draw: int) -> None:
    """Else one more person in the street would embolden more, or fewer, than the risk's share of the gain."""
    p = drawn(draw)
    crowd, force = p["grievance.trigger_share"] * 1e6, 5_000 * p["government.deployable"]

    def answer(turnout: float) -> float:
        columns = {"turnout": [turnout, 0, 0], "force": [force, 0, 0], "loyal": 1.0, "support": 0.0, "rules": 1.0}
        columns["reach"] = 0.0 if p["risk.media"] == 0 else p["information.openness"]
        columns["force"] = [force, 900 * p["government.deployable"], 400 * p["government.deployable"]]
        rho = act("risk", columns, changes=p).times["rho"].ravel()[0]
        return acting(p, p["derived.offset"] + p["derived.trigger"], float(rho) / p["law.noise"])

    gained = p["law.reconsideration"] * (answer(1.01 * crowd) - answer(crowd)) / (0.01 * crowd) * 1e6
    wanted = p["law.gain"] * p["law.gain_risk"]
    assert gained == pytest.approx(wanted, rel=0.05) if p["derived.risk"] < 1 else gained < 1.05 * wanted


@pytest.mark.parametrize("draw", DRAWS)
def test_belief_gains_its_share_or_its_cap(draw: int) -> None:
    """Else a crowd that surprises would bring more, or fewer, people within a day than its share of the gain."""
    p = drawn(draw)
    crowd, day = p["grievance.trigger_share"] * 1e6, replace(country(), days=1.0)
    shock = act("grievance", {"exposure": EXPOSURE}, changes=p).columns["shock"]

    def told(turnout: float, **known: Any) -> Any:
        columns = {"turnout": [turnout, 0, 0], "reach": p["information.openness"], **known}
        return act("belief", columns, changes=p, setting=day)

    m, mean = p["risk.media"] * p["information.openness"], 1.25e6 / 3
    expected = np.array([(1 - m) * crowd / 1e6, 0, 0]) + m * crowd / mean
    rise = told(1.001 * crowd, expected=expected).add["gamma"].ravel()
    fear, able = 1 / p["law.noise"], (0.7, 0.75, 0.8)
    more = 0.0
    for place, people_there in enumerate(country().population):
        base = p["derived.offset"] + p["derived.trigger"] * shock[place]
        gained = acting(p, base + rise[place], fear, able[place]) - acting(p, base, fear, able[place])
        more += p["law.reconsideration"] * people_there * gained / (0.001 * crowd)
    wanted = p["law.gain"] * p["law.gain_belief"]
    assert more == pytest.approx(wanted, rel=0.05) if p["derived.belief"] < BELIEF_CAP else more < 1.05 * wanted


@pytest.mark.parametrize("draw", [0, 5, 9])
def test_a_movement_without_belief_is_as_it_was_in_all_else(draw: int) -> None:
    """Else giving belief no share would change fear, ties or news: each share is solved for by itself."""
    with_it, p = drawn(draw), vector(draw)
    without = solved({**p, "law.gain_belief": 0.0})
    assert without["derived.belief"] == 0.0
    for name in ("offset", "trigger", "awareness", "ties", "risk"):
        assert without[f"derived.{name}"] == with_it[f"derived.{name}"]
    lost = with_it["derived.gain_attained"] - without["derived.gain_attained"]
    capped = with_it["derived.belief"] >= BELIEF_CAP
    assert capped or lost == pytest.approx(p["law.gain"] * p["law.gain_belief"], rel=1e-9)


@pytest.mark.parametrize("draw", DRAWS)
def test_what_is_attained_is_said(draw: int) -> None:
    """Else the report would show a gain that a cap had cut. Below the cap of every channel it is the wanted gain."""
    p = drawn(draw)
    capped = p["derived.risk"] >= 1 or p["derived.ties"] >= TIE_CAP or p["derived.belief"] >= BELIEF_CAP
    assert p["derived.gain_attained"] <= p["law.gain"] * (1 + 1e-6)
    assert capped or p["derived.gain_attained"] == pytest.approx(p["law.gain"], rel=1e-6)
    assert 0 <= p["derived.risk"] <= 1
    assert 0 <= p["derived.ties"] <= TIE_CAP
    assert 0 <= p["derived.belief"] <= BELIEF_CAP


def test_caps_hold_where_the_wanted_is_impossible() -> None:
    """Else a coefficient would run to infinity for a gain that ties, safety in numbers or belief cannot give."""
    p = solved({**middle(), "law.gain": 20.0, "law.gain_ties": 0.98, "law.gain_awareness": 0.01, "law.gain_risk": 0.01,
                "law.reconsideration": 0.05})  # fmt: skip
    assert p["derived.ties"] == TIE_CAP
    assert p["derived.gain_attained"] < 20.0
    p = solved({**middle(), "law.gain": 20.0, "law.gain_ties": 0.01, "law.gain_awareness": 0.01, "law.gain_risk": 0.98})
    assert p["derived.risk"] == 1.0
    p = solved({**middle(), "law.gain": 20.0, "law.gain_belief": 0.98, "law.reconsideration": 0.05})
    assert p["derived.belief"] == BELIEF_CAP
    assert p["derived.gain_attained"] < 20.0
    everybody = solved({**middle(), "grievance.background": 1e-2, "law.reconsideration": 0.05, "contagion.idle": 0.0})
    assert all(math.isfinite(v) for v in everybody.values())


def test_repression_abroad_keeps_people_silent_instead_of_being_solved_away() -> None:
    """Else the constant of a harsher state would make up for its harshness, and risk.repression would do nothing."""
    home, fear = drawn(3), 1 / drawn(3)["law.noise"]
    found = {r: identify_abroad({**vector(3), "risk.repression": r}, batch(country()), HOUSEHOLD, CIRCLE, home)
             for r in (0.4, 1.0, 3.0)}  # fmt: skip
    assert found[0.4] == found[1.0] == found[3.0]
    assert {n: v for n, v in found[1.0].items() if n != "derived.offset"} == {
        n: v for n, v in home.items() if n != "derived.offset"
    }
    calm = {"turnout": 0.0, "force": 500.0, "loyal": 1.0, "support": 0.0, "rules": 1.0, "reach": 0.0}
    acts = []
    for r in found:
        changes = {**home, **found[r], "risk.repression": r}
        rho = float(act("risk", calm, changes=changes).times["rho"].ravel()[0])
        acts.append(acting(home, found[r]["derived.offset"], fear * rho))
    pace = home["law.reconsideration"] * home["contagion.idle"]
    assert acts[1] * pace == pytest.approx(home["grievance.background"], rel=0.03)
    assert acts[0] > 1.2 * acts[1]
    assert acts[2] < 0.8 * acts[1]


def test_trigger_below_the_background_has_no_effect() -> None:
    """Else a price rise that moves fewer people than an ordinary day would calm the country."""
    p = solved({**middle(), "grievance.background": 5e-3, "grievance.trigger_share": 1e-5})
    assert p["derived.trigger"] == pytest.approx(0.0, abs=1e-9)


def test_the_reference_is_where_the_trigger_is_felt_in_full() -> None:
    """Else the crowd of one region would be fitted to another one's people and police."""
    p = middle()
    last = solved(p, np.array([0.2, 0.1, 1.0]))
    first = solved(p, np.array([1.0, 0.1, 0.2]))
    assert last["derived.awareness"] != first["derived.awareness"]
    assert solved(p, np.zeros(3)) == solved(p, np.ones(3)), "without a trigger: as if it were felt in full everywhere"
    assert solved(p, np.zeros(3)) != first


def test_hardship_is_logit_normal_with_mean_one_half() -> None:
    """Else the scale of the law, fixed at mean hardship 0.5, would be another one in every draw."""
    q = (np.arange(20_000) + 0.5) / 20_000
    for spread in (0.3, 1.0, 3.0):
        h = hardship(spread, q)
        assert h.mean() == pytest.approx(0.5, abs=1e-6)
        assert np.std(special.logit(h)) == pytest.approx(spread, rel=2e-3)


def test_solve_finds_the_point_or_an_end() -> None:
    """Else a solver that fails silently would put arbitrary numbers into every run."""
    assert solve(lambda x: x**3, 8.0, 0.0, 10.0) == pytest.approx(2.0)
    assert solve(lambda x: x, 11.0, 0.0, 10.0) == 10.0
    assert solve(lambda x: x, -1.0, 0.0, 10.0) == 0.0
    assert log_share(0.0) == pytest.approx(math.log(1e-300))


SOLVED_ANEW: tuple[dict[str, object], ...] = (
    {"law.gain": 1.5}, {"place.Almaty city.population": 1_900_000}, {"place.Almaty city.garrison": 900},
    {"place.Mangystau.household": 5.5}, {"circle_size": 14},
)  # fmt: skip


@pytest.mark.parametrize("changes", SOLVED_ANEW, ids=lambda c: next(iter(c)))
def test_parameters_are_shared_only_where_they_are_the_same(changes: dict[str, object]) -> None:
    """Else the second world of a pair would live under coefficients that were solved for the first."""
    base = load("kazakhstan-2022").vary({"people_per_agent": 5000, "days": 3})
    worlds = [World(base, 11, 7), World(base.vary(changes), 11, 7), World(base, 12, 7)]
    kept = [parameters_of(scenario, draw) for scenario, draw, _ in worlds]
    for (scenario, draw, _), vector in zip(worlds, kept, strict=True):
        _vectors.cache_clear()
        assert parameters_of(scenario, draw) == vector
    assert solved_from(*worlds[1][:2]) != solved_from(base, 11) != solved_from(base, 12)
    assert kept[1] != kept[0]
    together = [w for w in worlds if w.scenario.layout == worlds[1].scenario.layout]
    made = simulate_all(together)[together.index(worlds[1])]
    assert made.digest == simulate(*worlds[1]).digest


@pytest.mark.parametrize("name", ["no-request", "never-lands", "armed-bands"])
def test_parameters_are_shared_between_the_worlds_of_a_pair(name: str) -> None:
    """Else every run of a pair would be solved for anew, and thousands of small runs would take far longer."""
    base = load("kazakhstan-2022")
    assert solved_from(base.world(name), 3) == solved_from(base, 3)
    _vectors.cache_clear()
    assert parameters_of(base, 3) == parameters_of(base.world(name), 3)
    assert _vectors.cache_info().misses == 1
