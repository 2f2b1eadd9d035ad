"""The rules of judging: what makes a verdict definite, and what forbids it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit import ledgers
from tocsin.claims import estimates
from tocsin.claims.claim import Claim, Estimand, Part, Rule
from tocsin.claims.estimands import Asked
from tocsin.claims.judge import learning, verdict
from tocsin.claims.movers import SIGNAL, moved_by, with_signal
from tocsin.claims.numbers import Evidence, number
from tocsin.claims.register import UNKNOWN, Register, entered
from tocsin.errors import StoreError
from tocsin.report.cards import card
from tocsin.report.tables import plain

EFFECT = Rule(margin=0.05, certainty=0.9)


def part(kind="event", rule=None, **options):
    return Part("C1a", "a title", Estimand(kind, ("",), 30.0, options), rule or Rule())


def claim(of):
    return Claim("C1", "text", "somebody", "2026-01-01", "derived", "causal", "x", "against", (of,))


def table(share, draws=200, seeds=2):
    """Exactly this share of ones, by draw."""
    rows = np.arange(draws) < round(share * draws)
    return np.repeat(rows[:, None].astype(float), seeds, axis=1)


def evidence(values, weights=None, name="as written", *, difference=False, parameters=None):
    given = estimates.even(values) if weights is None else weights / weights.sum()
    return Evidence(name, Asked(("",), (values,), difference=difference), given, parameters or {}, runs=values.size)


def judged(of, *found, conditioned=False):
    return verdict(claim(of), of, found, conditioned=conditioned)


def test_supported_only_if_every_structure_agrees():
    """If it failed, one way of seeing the case would be enough to support a claim that another refutes."""
    high, low = evidence(table(0.9)), evidence(table(0.2), name="other")
    assert judged(part(), high, high).kind == "supported"
    assert judged(part(), high, low).kind == "undetermined"
    assert judged(part(), low, low).kind == "refuted"


def test_monte_carlo_error_keeps_a_verdict_open_and_says_how_many_runs_help():
    """If it failed, ten runs could decide what a thousand would decide the other way."""
    few = judged(part(), evidence(table(0.6, draws=10)))
    assert few.kind == "undetermined"
    assert "Monte Carlo" in few.why
    assert few.more_runs > few.runs
    many = judged(part(), evidence(table(0.6, draws=2000)))
    assert many.kind == "supported"
    assert many.more_runs == 0


def test_too_few_effective_runs_refuse_conditioning_and_show_the_prior():
    """If it failed, three lucky runs would carry a verdict on history."""
    weights = np.full((200, 2), 1e-6)
    weights[0] = 1.0
    found = judged(part(), evidence(table(0.9), weights), conditioned=True)
    assert found.kind == "undetermined"
    assert "refused" in found.why
    assert found.effective < 3
    assert found.figures[0].value == pytest.approx(0.9)
    assert "prior" in found.figures[0].name
    assert found.more_runs == 0  # one lucky draw tells no rate
    some = np.full((200, 2), 1e-6)
    some[:10] = 1.0
    assert judged(part(), evidence(table(0.9), some), conditioned=True).more_runs > 500


def test_learning_gate_closes_where_the_record_taught_nothing():
    """If it failed, a verdict would repeat what was put into the priors and call it evidence."""
    found = judged(part(), evidence(table(0.9)), conditioned=True)
    assert found.kind == "undetermined"
    assert "prior-driven" in found.why


def test_learning_gate_opens_where_the_record_decides():
    """If it failed, nothing could ever be learned from a record."""
    weights = np.where(table(0.4) > 0, 1.0, 0.01)
    found = judged(part(), evidence(table(0.4), weights), conditioned=True)
    assert found.kind == "supported"
    assert found.figures[1].name == "prior"
    assert found.figures[1].value == pytest.approx(0.4)


def test_learning_compares_the_same_draws():
    """If it failed, the gate would measure the noise of two samples instead of what the record taught."""
    values = table(0.5)
    before = [number(Asked(("",), (values,)), estimates.even(values), 0.0)]
    gain, common = learning(before, before)
    assert gain == pytest.approx(0.0)
    assert common == pytest.approx(1.0)


def test_effects_need_the_margin_with_certainty():
    """If it failed, an effect too small to matter would be called one, or noise would."""
    strong, nothing = np.full((100, 4), 0.3), np.zeros((100, 4))
    assert judged(part("effect", EFFECT), evidence(strong, difference=True)).kind == "supported"
    assert judged(part("effect", EFFECT), evidence(nothing, difference=True)).kind == "refuted"
    assert judged(part("effect", EFFECT), evidence(-strong, difference=True)).kind == "refuted"
    assert judged(part("effect", EFFECT, direction="any"), evidence(-strong, difference=True)).kind == "supported"
    noisy = np.where(np.arange(400).reshape(100, 4) % 7 == 0, 1.0, -0.1)
    assert judged(part("effect", EFFECT), evidence(noisy, difference=True)).kind == "undetermined"


def test_equivalence_needs_the_effect_within_the_margin():
    """If it failed, "the troops changed nothing" would be supported for want of runs."""
    nothing, strong = np.zeros((100, 4)), np.full((100, 4), 0.3)
    assert judged(part("equivalence", EFFECT), evidence(nothing, difference=True)).kind == "supported"
    assert judged(part("equivalence", EFFECT), evidence(strong, difference=True)).kind == "refuted"


def test_a_few_pairs_that_agree_prove_nothing():
    """If it failed, four runs without a difference would support "the troops changed nothing"."""
    found = judged(part("equivalence", EFFECT), evidence(np.zeros((2, 2)), difference=True))
    assert found.kind == "undetermined"
    assert found.figures[0].low < 0 < found.figures[0].high


def test_undefined_numbers_are_undetermined():
    """If it failed, a condition that no run meets would yield a verdict."""
    found = judged(part("necessity"), evidence(np.full((20, 2), np.nan)))
    assert found.kind == "undetermined"
    assert "not defined" in found.why


def factorial(*shares, draws=200):
    """A factorial with one combination for each share."""
    tables = tuple(table(share, draws) for share in shares)
    names = tuple(f"with {i}" for i in range(len(shares)))
    asked = Asked(names, tables, "least", settings=names)
    return Evidence("as written", asked, estimates.even(tables[0]), runs=tables[0].size)


FACTORIAL = part("factorial", given=["b"])


def test_combinations_count_on_both_sides():
    """If it failed, necessity below a half with troops alone would refute a claim about worlds with and without."""
    assert judged(FACTORIAL, factorial(0.9, 0.8)).kind == "supported"
    assert judged(FACTORIAL, factorial(0.1, 0.2)).kind == "refuted"
    assert judged(FACTORIAL, factorial(0.1, 0.9)).kind == "undetermined"
    assert judged(FACTORIAL, factorial(0.1, 0.2), factorial(0.1, 0.9)).kind == "undetermined"
    assert "every structure and combination" in judged(FACTORIAL, factorial(0.9, 0.8)).why


@pytest.mark.parametrize(("shares", "shown"), [((0.9, 0.7), 1), ((0.1, 0.3), 1), ((0.1, 0.9, 0.4), 2)])
def test_the_number_shown_is_the_one_nearest_to_flipping(shares, shown):
    """If it failed, a card would show a number that stands far from the boundary while another is about to cross it."""
    found = judged(FACTORIAL, factorial(*shares))
    assert found.figures[0].value == pytest.approx(shares[shown])
    assert found.figures[0].name == f"a title: with {shown}, nearest to flipping"
    others = {f.name: f.value for f in found.figures if f.name.startswith("structure: ")}
    rest = [i for i in range(len(shares)) if i != shown]
    assert others == {f"structure: as written, with {i}": pytest.approx(shares[i]) for i in rest}
    assert found.runs == 400
    assert found.spread["structures"] == 0.0


def test_no_number_of_runs_brings_combinations_together_that_surely_differ():
    """If it failed, an analyst would be told to buy runs for a verdict that they cannot bring."""
    apart = judged(FACTORIAL, factorial(0.05, 0.95, 0.52))
    assert apart.kind == "undetermined"
    assert apart.more_runs == 0
    assert judged(FACTORIAL, factorial(0.6, 0.95, draws=10)).more_runs > 0


def test_every_combination_has_to_learn_from_the_record():
    """If it failed, a combination that the record says nothing about would pass for tested beside one that it does."""
    weights = np.where(table(0.4) > 0, 1.0, 0.01)
    tables = (table(0.4), np.tile(np.array([[1.0, 1.0], [1.0, 1.0]]), (100, 1)))
    asked = Asked(("a", "b"), tables, "least", settings=("learned", "untouched"))
    found = judged(FACTORIAL, Evidence("as written", asked, weights / weights.sum(), runs=400), conditioned=True)
    assert found.kind == "undetermined"
    assert "prior-driven" in found.why
    assert "untouched" in found.why
    alone = replace(asked, names=("a",), tables=tables[:1], settings=())
    assert judged(part(), Evidence("as written", alone, weights / weights.sum()), conditioned=True).kind == "supported"


def likelihoods(ratio, draws=100):
    """A Bayes factor of this size in every run."""
    ln = np.full((draws, 2), -3.0)
    found, weights = estimates.posterior(ln, ln + np.log(ratio))
    return Evidence("as written", Asked(("",), (found,), weights=weights), weights, runs=4 * draws)


def test_a_bayes_factor_of_three_is_needed_either_way():
    """If it failed, evidence that is barely worth a mention would be called a finding."""
    of = part("bayes-factor", Rule(0.75, 0.25))
    assert [judged(of, likelihoods(r)).kind for r in (9.0, 1.0, 1 / 9)] == ["supported", "undetermined", "refuted"]
    assert "between 0.25 and 0.75" in judged(of, likelihoods(1.0)).why
    few = judged(of, likelihoods(20.0, draws=2))
    assert few.kind == "undetermined"
    assert few.more_runs > 0
    assert few.breakdown is None


def test_a_difference_of_effects_needs_the_margin_with_certainty():
    """If it failed, two effects that are the same would be called different, or few runs would show that they are."""
    of = part("effect-difference", EFFECT)

    def given(values):
        asked = Asked(("",), (values,), difference=True, contrasts=2)
        return Evidence("as written", asked, estimates.even(values), runs=values.size)

    assert judged(of, given(np.full((100, 4), 2.0))).kind == "supported"
    assert judged(of, given(np.zeros((400, 4)))).kind == "refuted"
    few = judged(of, given(np.zeros((2, 2))))
    assert few.kind == "undetermined"
    assert few.figures[0].low < -0.05 < 0.05 < few.figures[0].high
    assert judged(of, given(np.full((2, 2), 2.0))).figures[0].low < 1.5
    assert judged(of, given(np.full((2, 2), np.nan))).figures[0].high == 2.0


def test_new_kinds_go_all_the_way_from_runs_to_verdicts():
    """If it failed, a claim could be registered and checked, and the ledger would stop at its runs."""
    apart = {"event": "killed", "thresholds": (1.0, 100.0)}
    factors = {"no-trigger": {"drop_kinds": ["trigger"]}, "no-blame": {"drop": ["blame"]}}
    combined = {"factors": factors, "of": "no-trigger", "given": ("no-blame",), "event": "stands"}
    figures = {"targets": ("killed, final", "order in Almaty, 10 January")}
    parts = (
        Part("d", "effects", Estimand("effect-difference", ("", "no-request", "", "never-lands"), 0.0, apart), EFFECT),
        Part("f", "necessity", Estimand("factorial", ("",), 30.0, combined), Rule()),
        Part("b", "odds", Estimand("bayes-factor", ("", "armed-bands"), 0.0, figures), Rule(0.75, 0.25)),
    )
    one = Claim("C1", "text", "us", "2026-01-01", "derived", "causal", "kazakhstan-2022", "against", parts)
    found = {v.part: v for v in ledgers.judged((one,), runs=8).verdicts}
    named = {name: {f.name: f for f in v.figures} for name, v in found.items()}
    assert {"world: as written", "effect of no-request", "effect of never-lands"} <= named["d"].keys()
    assert any(name.endswith("nearest to flipping") for name in named["f"])
    assert "effect: no-trigger x no-blame" in named["f"]
    odds, p = named["b"]["Bayes factor of the second world"], named["b"]["odds"].value
    assert odds.value == pytest.approx(p / (1 - p))
    assert odds.unit == "ratio"
    assert found["b"].effective == 0.0
    shown = {part.name: {line.label: line.told for line in card(part, found[part.name], {}).beside} for part in parts}
    assert shown["b"]["Bayes factor of the second world"] == plain(odds.value)
    assert shown["d"]["effect of no-request"].endswith("points")
    assert shown["d"]["world: as written"].endswith("%")


def test_spread_tells_structures_from_the_rest():
    """If it failed, nobody could see that a verdict hangs on how the case is seen."""
    found = judged(part(), evidence(np.ones((20, 2))), evidence(np.zeros((20, 2)), name="other"))
    assert found.spread["structures"] == pytest.approx(0.25)
    assert found.spread["parameters"] == pytest.approx(0.0)
    assert next(m for m in found.movers if "other" in m.name).effect == pytest.approx(-1.0)


def test_movers_name_the_parameter_and_where_it_flips():
    """If it failed, the assumption on which a verdict hangs would not be named."""
    u = (np.arange(100) + 0.5) / 100
    other = np.sin(np.arange(100.0) * 2.4)
    found = moved_by((u > 0.3).astype(float), np.ones(100), {"moves": 10 * u, "idle": other}, 0.5)
    assert [m.name for m in found] == ["moves"]
    assert found[0].effect > 0.5
    assert found[0].flips_at == pytest.approx(3.0, abs=0.5)


def test_believed_force_is_made_of_its_two_parts():
    """If it failed, the breakdown frontier would be about the size of a force and not about the belief in it."""
    known = {"intervention.commit": np.array([0.5]), "intervention.believed": np.array([2000.0])}
    assert with_signal(known)[SIGNAL][0] == 1000.0
    assert SIGNAL not in with_signal({"intervention.commit": np.array([0.5])})


def test_a_claim_written_after_its_runs_is_exploratory(tmp_path):
    """If it failed, a claim could be fitted to results and pass for a prediction."""
    first = entered(tmp_path, ["old"], [], ["world"])
    assert not first.exploratory("old", ["world"])
    second = entered(tmp_path, ["old", "new"], ["world"], [])
    assert not second.exploratory("old", ["world"])
    assert second.exploratory("new", ["world"])
    assert not second.exploratory("new", ["unseen"])


def test_runs_of_unknown_age_are_older_than_every_claim(tmp_path):
    """If it failed, runs made before by another command would hide that a claim came after them."""
    found = entered(tmp_path, ["new"], ["world"], [])
    assert found.worlds["world"] == UNKNOWN
    assert found.exploratory("new", ["world"])


def test_without_a_store_nothing_is_exploratory():
    """If it failed, every claim judged in memory would be called exploratory."""
    assert not entered(None, ["c"], [], ["w"]).exploratory("c", ["w"])


def test_a_damaged_register_is_refused(tmp_path):
    """If it failed, a lost register would turn every old run into a new one in silence."""
    (tmp_path / "claims.json").write_text('{"claims": 3}', encoding="utf-8")
    with pytest.raises(StoreError, match="register of claims"):
        entered(tmp_path, [], [], [])
    assert isinstance(Register({}, {}), Register)
