"""Records of invented worlds whose truth is known, and the ledger on runs that no engine made."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest

from tests.invented_runs import MACHINE, run, scenario
from tests.unit.test_claims_judge import claim, part, table
from tests.unit.test_claims_weights import steady, target
from tocsin.claims import ledger, planning, synthetic, weights
from tocsin.claims.claim import Claim, Estimand, Part, Rule
from tocsin.claims.registered import Structure
from tocsin.claims.synthetic import Trial, judge_one, observed, rates, trials, uniforms
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
    seen = {t.name: t for t in observed(made, world, 1)}
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
        record = observed(mine, world, 5)
        ln = [weights.ln_likelihood(r, record, 1.0) for r in (mine, other)]
        assert ln[0] > ln[1]


def test_a_telling_record_is_judged_and_a_silent_one_is_not():
    """If it failed, the ledger would be definite where nothing was learned, or mute where everything was."""
    answers = table(0.4)
    telling = np.where(answers > 0, 0.0, -6.0)
    assert judge_one(claim(part()), part(), telling, answers)[0] == "supported"
    assert judge_one(claim(part()), part(), np.zeros_like(answers), answers)[0] == "undetermined"
    assert judge_one(claim(part()), part(), telling, answers, fewest=1e6)[0] == "undetermined"


def test_rates_count_wrong_definite_verdicts():
    """If it failed, the published error rate would flatter the ledger."""
    kinds = (("supported", True), ("supported", False), ("refuted", False), ("undetermined", True))
    found = rates([Trial(0, 0, kind, truth, 0.5, 50.0) for kind, truth in kinds])
    assert (found.trials, found.definite, found.wrong) == (4, 3, 1)
    assert found.wrong_of_definite == pytest.approx(1 / 3)
    assert math.isnan(rates([]).wrong_of_definite)


def test_trials_leave_the_own_draw_out():
    """If it failed, a record would be judged by the very run that made it."""
    world = scenario(targets=FIGURES)
    pairs = [(run(world, d, 2 * d + s), float(d % 2)) for d in range(20) for s in range(2)]
    found = trials(claim(part()), part(), world, pairs, most=3)
    assert 0 < len(found) <= 3
    assert all(t.effective <= 38.0 for t in found)


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
