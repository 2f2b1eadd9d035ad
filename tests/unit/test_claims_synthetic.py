"""Records of invented worlds whose truth is known, and the ledger on runs that no engine made."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from tests.invented_runs import MACHINE, run, scenario
from tests.unit.test_claims_judge import claim, part, table
from tests.unit.test_claims_weights import steady, target
from tocsin.claims import estimates, laws, ledger, numbers, planning, synthetic, weights
from tocsin.claims.claim import Claim, Estimand, Part, Rule
from tocsin.claims.error_rates import Trial, rates
from tocsin.claims.estimands import Asked
from tocsin.claims.registered import Structure
from tocsin.claims.synthetic import (
    FEWEST_FRESH,
    Pool,
    judge_one,
    observed,
    trial_of_effect,
    trials,
    truths_of,
    uniforms,
)
from tocsin.claims.toy import Toy, ToyPair
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
from tocsin.experiments.targets import measure

FIGURES = (
    target("turnout", "crowd", 100.0), target("detained", "detained", 50.0, day=8.0),
    target("detained", "detained", 90.0, day=12.0), target("killed", "deaths", 10.0, day=20.0),
    target("injured_forces", "injured", 10.0), target("places_affected", "regions", 3.0),
    target("control", "count", 1.0),
)  # fmt: skip


def test_uniforms_repeat_and_stay_inside():
    """If it failed, published error rates could not be made again."""
    assert list(islice(uniforms(3), 5)) == list(islice(uniforms(3), 5))
    values = np.array(list(islice(uniforms(3), 500)))
    assert 0 < values.min() < values.max() < 1
    assert values.mean() == pytest.approx(0.5, abs=0.05)


def test_records_are_about_the_run():
    """If it failed, the ledger would be tested on reports about another world."""
    world = scenario(targets=FIGURES)
    made = run(world, 1, 1)
    seen = {t.name: t for t in observed(made, world)}
    assert seen.keys() == {t.name for t in FIGURES}
    for name in ("turnout  10.0", "killed  20.0", "injured_forces  10.0", "detained  12.0"):
        figure = seen[name]
        assert 0.1 < figure.low / measure(made, figure) < 10
    assert seen["control  10.0"].low == measure(made, seen["control  10.0"])


def test_a_run_fits_its_own_record_better_than_others_do():
    """If it failed, weighting by the record would not lead towards the world that the record is about."""
    world = scenario(targets=FIGURES)
    small, large = (steady(turnout=[k, k, k], killed=[k, 0, 0], wounded=[k, k, k]) for k in (50, 5000))
    for mine, other in ((small, large), (large, small)):
        record = observed(mine, world)
        ln = [weights.ln_likelihood(r, record, 1.0) for r in (mine, other)]
        assert ln[0] > ln[1]


def test_records_scatter_as_the_weights_hold_they_do():
    """If it failed, the ledger would be too sure or too shy of every record in the benchmark, and its rates be idle."""
    world = replace(scenario(targets=(target("killed", "deaths", 10.0, day=20.0),)), people_per_agent=100)
    runs = [replace(steady(killed=[500, 0, 0]), seed=seed) for seed in range(400)]
    said = np.log([observed(r, world)[0].low * laws.DEATHS_MEDIAN for r in runs])
    centre, thin = laws.thinned(500.0, 100.0)
    wide = math.sqrt(laws.DEATHS_SD**2 + laws.DISCREPANCY**2 + thin)
    assert said.mean() == pytest.approx(centre, abs=4 * wide / 20)
    assert said.std() == pytest.approx(wide, rel=0.15)
    plain = np.log([observed(r, replace(world, people_per_agent=1), discrepancy=0.0)[0].low for r in runs[:50]])
    assert plain.std() < 0.25


def test_a_telling_record_is_judged_and_a_silent_one_is_not():
    """If it failed, the ledger would be definite where nothing was learned, or mute where everything was."""
    answers = table(0.4)
    telling = np.where(answers > 0, 0.0, -6.0)
    assert judge_one(claim(part()), part(), [telling], [answers])[0] == "supported"
    assert judge_one(claim(part()), part(), [np.zeros_like(answers)], [answers])[0] == "undetermined"
    assert judge_one(claim(part()), part(), [telling], [answers], fewest=1e6)[0] == "undetermined"
    assert judge_one(claim(part()), part(), [telling, telling], [answers, 1 - answers])[0] == "undetermined"


def test_rates_count_both_senses_of_wrong():
    """If it failed, the published error rates would flatter the ledger, or blame it for chance."""
    cases = (
        ("supported", True, 0.9), ("supported", False, 0.7), ("supported", False, 0.3), ("refuted", False, 0.5),
        ("refuted", True, math.nan), ("undetermined", True, 0.1),
    )  # fmt: skip
    found = rates(
        [Trial(i, kind, happened, 0.6, 50.0, chance, 9.0) for i, (kind, happened, chance) in enumerate(cases)]
    )
    assert (found.trials, found.definite, found.wrong_event) == (6, 5, 3)
    assert (found.known, found.wrong_claim, found.clearly_wrong_claim) == (4, 2, 0)
    assert found.stated == pytest.approx((3 * 0.4 + 2 * 0.6) / 5)
    assert found.event[1] < 3 / 5 < found.event[2]
    assert math.isnan(rates([]).event[0])
    assert rates([Trial(0, "refuted", True, 0.2, 50.0)] * 40).event[1] < 0.3
    exact = Trial(0, "supported", False, 0.6, 50.0, 0.3)
    assert exact.wrong_claim
    assert exact.clearly_wrong_claim


def test_truths_are_first_runs_that_stood_and_their_fresh_ones():
    """If it failed, the true probability would be that of worlds in which the ruler was gone, or the record's own."""
    world = scenario()
    runs = [run(world, d, 8 * d + s) for d in range(12) for s in range(8)]
    answers = {"a": np.arange(96.0) % 8}
    found = truths_of(runs, answers, 8)
    assert [t.run for t in found] == [r for i, r in enumerate(runs) if i % 8 < 2 and not r.outcome.fallen]
    for truth in found:
        mine = runs[8 * truth.run.draw : 8 * truth.run.draw + 8]
        stood = [s for s, r in enumerate(mine) if not r.outcome.fallen and r is not truth.run]
        assert (truth.happened["a"], truth.fresh) == (mine.index(truth.run), len(stood))
        if len(stood) >= FEWEST_FRESH:
            assert truth.chances["a"] == pytest.approx(np.mean(stood))
        else:
            assert math.isnan(truth.chances["a"])


def test_trials_judge_every_part_of_every_truth():
    """If it failed, rates would be of some of the records alone."""
    world = scenario(targets=FIGURES)
    runs = [run(world, d, 2 * d + s) for d in range(20) for s in range(2)]
    pool = Pool("as written", runs, {"C1a": np.repeat(np.arange(20) % 2, 2).reshape(20, 2).astype(float)})
    history = truths_of([run(world, 100 + d, 500 + d) for d in range(4)], {"C1a": np.ones(4)}, 1)
    found = trials(claim(part()), history, [pool, pool], world)["C1a"]
    assert [t.draw for t in found] == [t.run.draw for t in history]
    assert found
    assert all(0 < t.effective <= 40.0 and t.happened and math.isnan(t.chance) for t in found)


def test_trials_of_effects_know_the_mean_of_fresh_pairs():
    """If it failed, an effect would be held against one pair of runs, which chance alone may have parted."""
    world, changed = scenario(targets=FIGURES), {"C1a": np.tile([1.0, 0.0, 0.0, -1.0, 1.0, 1.0, 1.0, 1.0], 3)}
    runs = [run(world, d, 8 * d + s) for d in range(3) for s in range(8)]
    history = truths_of(runs, changed, 8)
    pool = Pool("as written", runs, {"C1a": changed["C1a"].reshape(3, 8)})
    of = part("effect", Rule(margin=0.05))
    for truth, trial in zip(history, trials(claim(of), history, [pool], world)["C1a"], strict=True):
        assert truth.fresh < FEWEST_FRESH or truth.errors["C1a"] > 0.1
        assert math.isnan(trial.chance) or trial.chance == float(truth.chances["C1a"] > 0.05)


def test_a_true_effect_decides_whether_a_claim_about_it_was_wrong():
    """If it failed, error rates of effects would count a right verdict as wrong, or the other way round."""
    rule, said = Rule(margin=0.05), ("supported", 0.2, 50.0)
    up, either, same = (
        Part("a", "a", Estimand(kind, ("", "b"), 20.0, options), rule)
        for kind, options in (("effect", {}), ("effect", {"direction": "any"}), ("equivalence", {}))
    )
    for of, effects in ((up, (0.05, -0.4)), (either, (0.05, -0.02)), (same, (0.06, -0.4))):
        assert all(trial_of_effect(0, of, said, effect, 0.0).wrong_claim for effect in effects)
        assert not any(trial_of_effect(0, of, ("refuted", *said[1:]), effect, 0.0).wrong_claim for effect in effects)
    for of, effect in ((up, 0.4), (either, -0.4), (same, 0.05)):
        assert trial_of_effect(0, of, ("refuted", *said[1:]), effect, 0.0).clearly_wrong_claim
        assert not trial_of_effect(0, of, ("refuted", *said[1:]), effect, 0.3).clearly_wrong_claim
    assert rates([trial_of_effect(0, up, said, math.nan, 0.1)]).known == 0


def test_the_true_effect_of_a_pair_is_that_of_its_runs():
    """If it failed, effects would be held against a truth that no run of theirs has."""
    for pair in (ToyPair(), ToyPair(gain=1.5, other=0.0, share=0.3, chance=1.0), ToyPair(slope=0.5, common=0.5)):
        toy = replace(pair, draws=300, seeds=60)
        known = np.array([toy.effect(t, p) for t, p in zip(toy.theta, toy.phi, strict=True)])
        off = (toy.effects.mean(axis=1) - known) / (toy.effects.std(axis=1) / math.sqrt(60) + 0.02)
        assert abs(off.mean()) < 0.25
        assert off.std() < 1.3
    nil = ToyPair(gain=0.0, other=0.0)
    assert nil.effect(0.3, -1.0) == 0.0
    assert not nil.effects.any()
    assert (ToyPair(told=True, draws=9).ln_pair(0.2, 0.4) < ToyPair(draws=9).ln_pair(0.2, 0.4)).all()


def toy_trials(toy, records, said):
    """Judge records of a toy world. said: what reaches the judge in place of a record."""
    found, worlds = [], zip(*toy.truths(records), strict=True)
    for i, (theta, record, happened) in enumerate(worlds):
        judged = judge_one(claim(part()), part(), [toy.ln_likelihood(said(record))], [toy.answers])
        found.append(Trial(i, judged[0], bool(happened), *judged[1:], toy.probability(theta)))
    return rates(found)


def test_a_confidently_wrong_ledger_would_be_seen():
    """If it failed, verdicts could be definite and wrong more often than one in ten, and nobody would know."""
    toy = Toy(chance=0.25, draws=200)
    found = toy_trials(toy, 40, lambda record: record)
    assert found.definite >= 20
    assert found.claim[0] <= 0.1
    misled = toy_trials(toy, 40, lambda record: 0.8 - record)
    assert misled.definite >= 15
    assert misled.claim[1] > 0.1


def stated(toy, records, sure):
    """What the number says of each record, and what happened. sure: factor on what is made of the record."""
    found = []
    for i, (record, happened) in enumerate(zip(*toy.truths(records)[1:], strict=True)):
        w = weights.normalised(sure * toy.ln_likelihood(record))
        p = estimates.mean(toy.answers, w)
        found.append(Trial(i, "supported" if p > 0.5 else "refuted", bool(happened), p, weights.effective(w)))
    return rates(found)


def test_a_miscalibrated_number_would_be_seen():
    """If it failed, "probability 0.9" could come true as often as not, and nobody would know."""
    for toy in (Toy(chance=0.5, noise=1.0), Toy(chance=1.0, noise=0.3), Toy(chance=2.0, noise=0.5)):
        assert stated(toy, 400, 1.0).calibrated
    assert not stated(Toy(chance=0.5, noise=1.0), 400, 6.0).calibrated
    assert not stated(Toy(chance=0.5, noise=0.5), 400, 0.05).calibrated


def test_the_number_is_the_probability_given_the_record():
    """If it failed, the probability on a verdict would be another number than the one that the record implies."""
    for toy in (Toy(chance=0.25), Toy(chance=1.0)):
        off, inside = [], []
        for record in np.linspace(-1.5, 1.5, 13):
            w = weights.normalised(toy.ln_likelihood(record))
            p = estimates.mean(toy.answers, w)
            known = numbers.number(Asked(("",), (toy.answers,)), w, 0.0)
            off.append(p - toy.posterior(record))
            inside.append(known.low <= toy.posterior(record) <= known.high)
        assert np.abs(off).mean() < 0.04
        assert all(inside)


def built(monkeypatch, tmp_path, *parts, kind="causal", store=True, runs=20):
    """A ledger of one claim about the invented country."""
    base = scenario(mission=False, targets=FIGURES)
    monkeypatch.setattr(planning, "load", lambda _: base)
    monkeypatch.setattr(planning, "structures", lambda _: (Structure("as written", "so"),))
    asked = Claim("C1", "text", "somebody", "2026-01-01", "derived", kind, "invented", "against", parts)
    size = ledger.Size(None, 2, Labour(1, machine=MACHINE))
    return ledger.judge((asked,), runs=runs, store=tmp_path if store else None, size=size)


def asked_part(name="a", kind="event", worlds=("",), **options):
    return Part(name, name, Estimand(kind, worlds, 20.0, options), Rule())


def test_the_ledger_makes_every_world_once_and_reuses_runs(monkeypatch, tmp_path):
    """If it failed, a ledger of forty parts would take forty times as long as it needs."""
    parts = (asked_part("a"), asked_part("b", event="stands"), asked_part("c", condition="none"))
    first = built(monkeypatch, tmp_path, *parts)
    assert (first.runs_made, first.runs_reused) == (20, 0)
    assert [v.part for v in first.verdicts] == ["a", "b", "c"]
    assert len(first.worlds) == 1
    again = built(monkeypatch, tmp_path, *parts)
    assert (again.runs_made, again.runs_reused) == (0, 20)
    assert [v.figures for v in again.verdicts] == [v.figures for v in first.verdicts]
    assert not any(v.exploratory for v in again.verdicts)


def test_a_changed_claim_on_old_runs_is_exploratory(monkeypatch, tmp_path):
    """If it failed, a claim could be rewritten until it fits the runs."""
    built(monkeypatch, tmp_path, asked_part("a"))
    changed = built(monkeypatch, tmp_path, asked_part("a", event="stands"))
    assert changed.verdicts[0].exploratory
    assert not built(monkeypatch, tmp_path, asked_part("z"), store=False).verdicts[0].exploratory


def test_what_needs_no_run_makes_none(monkeypatch, tmp_path):
    """If it failed, wishes would be judged, or a claim that cannot run would cost runs."""
    listed = built(monkeypatch, tmp_path, asked_part("a"), kind="normative")
    assert (listed.verdicts[0].kind, listed.runs_made) == ("listed", 0)
    nothing = built(monkeypatch, tmp_path, asked_part("a", "none", (), reason="no data"))
    assert (nothing.verdicts[0].kind, nothing.verdicts[0].why) == ("not applicable", "no data")


def test_the_design_is_two_seeds_to_a_draw():
    """If it failed, chance could not be told from parameters at the default size."""
    slots = Design(ledger.RUNS, 1, ledger.SEEDS_PER_DRAW).slots()
    assert [s.draw for s in slots[:4]] == [0, 0, 1, 1]
    assert synthetic.FEWEST == weights.FEWEST
