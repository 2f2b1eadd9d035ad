"""Pairs and squares of worlds: what pairing is worth, what two changes do together, and when a cause may show."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.invented_runs import MACHINE, key, run, scenario, text, warm
from tocsin.errors import UsageError
from tocsin.experiments import ledger
from tocsin.experiments.causes import Difference, cause_tick, first_difference
from tocsin.experiments.contrast import contrast_with, open_store
from tocsin.experiments.design import Design
from tocsin.experiments.interaction import interaction_with, open_interaction, square
from tocsin.experiments.labour import Labour
from tocsin.experiments.pairing import pairing_gain
from tocsin.experiments.rounds import Each
from tocsin.experiments.statistics import picks
from tocsin.experiments.tasks import Machine, Task
from tocsin.kernels.warmup import warm as compile_all
from tocsin.results.record import Run
from tocsin.scenario.load import load

HERE = Labour(1, machine=MACHINE)


def chance(count: int, seeds: int, *streams: int) -> list[np.ndarray]:
    """Tables of uniform numbers, the same on every machine."""
    return [picks(100 + s, 0, (count, seeds), 2**31) / 2.0**31 for s in streams]


def test_gain_by_hand() -> None:
    """If it failed, the printed number of runs saved would not be the ratio of variances that it claims to be."""
    shared, one, other = chance(4000, 1, 1, 2, 3)
    found = pairing_gain(3 * shared + one, 3 * shared + other)
    assert found.ratio == pytest.approx(10.0, rel=0.05)  # (9 + 1 + 9 + 1) / (1 + 1)
    assert found.interval[0] < 10.0 < found.interval[1]
    assert found.saved == pytest.approx((found.ratio - 1) * 4000)
    assert math.isnan(found.seeds_ratio)
    against = pairing_gain(shared, -shared)
    assert against.ratio == pytest.approx(0.5)
    assert against.saved == pytest.approx(-2000)


def test_gain_of_seeds() -> None:
    """If it failed, what the same draws save would be put down to the same seeds."""
    count, seeds = 500, 4
    (draw,) = chance(count, 1, 1)
    shared, a, b = chance(count, seeds, 2, 3, 4)
    same_chance = pairing_gain(draw + shared + a, draw + shared + b)
    own_chance = pairing_gain(draw + a, draw + b)
    assert own_chance.seeds_ratio == pytest.approx(1.0, abs=0.1)
    assert same_chance.seeds_ratio == pytest.approx(2.0, abs=0.2)  # (1 + 1 + 1 + 1) / (1 + 1)
    assert same_chance.ratio > same_chance.seeds_ratio


def test_gain_that_cannot_be_told() -> None:
    """If it failed, worlds that always end alike would be said to save a number of runs."""
    fallen = np.array([[1.0], [0.0], [1.0], [0.0]])
    assert pairing_gain(fallen, fallen).ratio == math.inf
    assert math.isnan(pairing_gain(np.zeros((4, 1)), np.zeros((4, 1))).ratio)
    assert math.isnan(pairing_gain([[1.0]], [[0.0]]).ratio)
    gaps = pairing_gain([[1.0], [np.nan], [0.0], [1.0]], [[0.0], [1.0], [0.0], [1.0]])
    assert gaps.pairs == 3


def answer(task: Task) -> Run:
    """A run that falls by the size of its units and circles: with both changes alone, or in a third of the draws."""
    one, other = task.scenario.unit_size > 100, task.scenario.circle_size > 8
    plain = run(task.scenario, task.slot.draw, task.slot.seed)
    fallen = (one and other) or task.slot.draw % 3 == 0
    summary = {**plain.outcome.summary, "killed": 10.0 + 2 * one + 4 * other + 5 * (one and other) + task.slot.draw}
    return replace(plain, outcome=replace(plain.outcome, fallen=fallen, summary=summary))


SQUARE = Labour(1, machine=Machine(key, Each(answer), warm, text))
BASE = scenario()
WORLDS = tuple(
    replace(BASE, unit_size=u, circle_size=c, variant=name)
    for u, c, name in ((100.0, 8, ""), (200.0, 8, "units"), (100.0, 10, "circles"), (200.0, 10, "both"))
)


def test_interaction_by_hand() -> None:
    """If it failed, what two changes do only together would be credited to one of them."""
    found = interaction_with(WORLDS, Design(30), None, SQUARE)
    assert found.effect("killed")[0] == pytest.approx(5.0)
    assert found.effect_of_first("killed")[0] == pytest.approx(2.0 + 2.5)
    assert found.effect_of_second("killed")[0] == pytest.approx(4.0 + 2.5)
    assert np.isnan(found.effect("killed")[1:]).all()
    value, low, high = found.effect()
    assert value == pytest.approx(2 / 3)
    assert 0.4 < low < value < high < 0.9
    assert [title for title, _, _ in found.worlds] == ["as written", "units", "circles", "both"]
    assert len(found) == 30
    assert not found.paired or all(len(e) == 30 for e in found.ensembles)


def test_interaction_of_two_levels() -> None:
    """If it failed, twenty seeds of one draw would pass for twenty draws in an interaction."""
    narrow = interaction_with(WORLDS, Design(60), None, SQUARE).effect()
    wide = interaction_with(WORLDS, Design(60, seeds_per_draw=20), None, SQUARE).effect()
    assert wide[2] - wide[1] > 2 * (narrow[2] - narrow[1])


def test_interaction_is_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, an interaction could not be opened again, or would stand in the way of the newest contrast."""
    texts = {w.hash: w for w in WORLDS}
    monkeypatch.setattr(ledger, "reread", lambda path: texts[path.read_text().split()[1]])
    contrast_with(WORLDS[0], WORLDS[1], Design(4), tmp_path, SQUARE)
    made = interaction_with(WORLDS, Design(4), tmp_path, SQUARE)
    assert len(open_store(tmp_path)) == 4
    assert open_interaction(tmp_path).effect("killed")[0] == made.effect("killed")[0]


def test_square_of_worlds() -> None:
    """If it failed, the fourth world would lack one of the changes, or a square would have two equal corners."""
    base = load("kazakhstan-2022")
    plain, first, second, both = square(base, "no-request", {"unit_size": "150 people"})
    assert first.hash == base.world("no-request").hash
    assert both.hash == first.vary({"unit_size": "150 people"}).hash
    assert plain is base
    assert both.variant == f"{first.variant} and {second.variant}"
    with pytest.raises(UsageError, match="is the same world as"):
        square(base, "no-request", "no-request")


def test_first_difference_by_hand() -> None:
    """If it failed, a leak of a cause into the past would be looked for at the wrong tick or in the wrong record."""
    one = run(BASE, 1, 1)
    assert first_difference(one, one) is None
    crowd = one.series["turnout"].copy()
    crowd[7, 2] += 1
    other = replace(one, series={**one.series, "turnout": crowd})
    assert first_difference(one, other) == Difference(7, 1.75, ("turnout",))
    digests = one.state_digests.copy()
    digests[5] += np.uint64(1)
    found = first_difference(one, replace(other, state_digests=digests))
    assert found == Difference(5, 1.25, ("state_digests",))
    assert first_difference(one, run(BASE, 1, 2)).tick == 0  # type: ignore[union-attr]


def test_cause_by_hand() -> None:
    """If it failed, two worlds would be allowed to differ before anything differs between them."""
    bare = scenario(mission=False)
    assert cause_tick(BASE, bare) == cause_tick(bare, BASE) == 96 // 6
    assert cause_tick(BASE, BASE) == math.inf
    assert cause_tick(BASE, replace(BASE, unit_size=50.0)) == 0
    assert cause_tick(BASE, replace(BASE, policy={"government": 30.0})) == 5
    assert cause_tick(BASE, replace(BASE, events=(*BASE.events, replace(BASE.events[0], hours=13.0)))) == 2


def variants() -> list[Any]:
    """Every variant of the founding case."""
    return list(load("kazakhstan-2022").variants)


@pytest.mark.parametrize("name", variants())
def test_no_difference_before_the_cause(name: str) -> None:
    """If it failed, a world would feel what has not happened in it yet, and no contrast could be read as an effect."""
    from tocsin.engine.run import simulate

    compile_all(lambda _: None)
    base = load("kazakhstan-2022").vary({"people_per_agent": 1000, "days": 10})
    other = base.world(name)
    found = [first_difference(simulate(base, seed, seed), simulate(other, seed, seed)) for seed in (1, 2)]
    assert all(one is None or one.tick >= cause_tick(base, other) for one in found)
    assert name != "no-request" or any(found)
