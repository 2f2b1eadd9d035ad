"""Sweeps: the points that were asked for, the same chance at each of them, nothing computed twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.invented_runs import MACHINE, key, machine, run, scenario, text, warm
from tocsin.errors import Interrupted, RunError, TocsinError, UsageError
from tocsin.experiments.design import Design
from tocsin.experiments.filling import fill
from tocsin.experiments.labour import AGENT_BYTES, SLOT_BYTES, WORLD_BYTES, Labour, Silent
from tocsin.experiments.points import Axis, axes_of, changes_at, latin, places_of, sobol, world_at
from tocsin.experiments.rounds import Each
from tocsin.experiments.sweep import Measure, Sweep, sweep_at
from tocsin.experiments.tasks import Machine, Task
from tocsin.results.record import Outcome, Run
from tocsin.results.store import Store
from tocsin.scenario.parts import Variant
from tocsin.scenario.scenario import Scenario

BASE = scenario(mission=False)


class Count(Silent):
    """A watch that counts."""

    def __init__(self, stop: int = 0) -> None:
        self.kept, self.steps, self.stop = 0, 0, stop

    def begin(self, total: int, kept: int) -> None:
        """Note."""
        self.total, self.kept = total, kept

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """Count; Ctrl-C when told."""
        self.steps += 1
        if self.steps == self.stop:
            raise KeyboardInterrupt


def made(
    over: dict[str, Any], labour: Labour | None = None, store: Path | None = None, watch: Any = None, **how: Any
) -> Sweep:
    """A sweep over invented runs; how: design, points, seeds, seed."""
    from tocsin.experiments import sweep as module

    axes = axes_of(BASE, over)
    places = places_of(how.get("design", "grid"), axes, how.get("points", 5), how.get("seed", 1))
    worlds = [world_at(BASE, c) for c in changes_at(axes, places)]
    slots = Design(how.get("seeds", 3), how.get("seed", 1)).slots()
    done = fill(worlds, slots, store, labour or Labour(1, machine=MACHINE), watch)
    return module.Sweep(
        BASE, axes, how.get("design", "grid"), places, changes_at(axes, places), slots, done.keys, done.shelf,
        done.failed,
    )  # fmt: skip


def test_grid_has_every_combination() -> None:
    """If it failed, a corner of what is assumed would never be looked at."""
    axes = axes_of(BASE, {"risk.slope": [1.0, 3.0], "risk.severity": (2.0, 8.0)})
    found = changes_at(axes, places_of("grid", axes, 3, 1))
    assert [tuple(c.values()) for c in found] == [(a, b) for a in (1.0, 3.0) for b in (2.0, 5.0, 8.0)]


@pytest.mark.parametrize("seed", [1, 2])
def test_designs_fill_evenly(seed: int) -> None:
    """If it failed, an axis would be looked at mostly in one part, and its effect would be that part's."""
    for places in (latin(64, 3, seed), sobol(64, 3, seed)):
        assert places.shape == (64, 3)
        assert ((places >= 0) & (places < 1)).all()
        for column in places.T:
            assert (np.bincount((column * 64).astype(int), minlength=64) == 1).all()
        quarters = (places[:, :2] * 2).astype(int) @ [2, 1]
        assert np.bincount(quarters, minlength=4).min() >= 8
    assert (latin(64, 3, 1) != latin(64, 3, 2)).any()
    assert np.array_equal(latin(64, 3, seed), latin(64, 3, seed))


def test_axes() -> None:
    """If it failed, values would lie elsewhere than a range, a logarithm, a prior or a list says."""
    (log,) = axes_of(BASE, {"risk.severity": (1.0, 100.0, "log")})
    assert log.at(0.5) == pytest.approx(10.0)
    prior = replace(axes_of(BASE, {"risk.severity": (1.0, 100.0)})[0])
    assert prior.at(0.5) == pytest.approx(50.5)
    (words,) = axes_of(BASE, {"policy.alliance": ["script", "free"]})
    assert [words.at(u) for u in (0.0, 0.49, 0.5, 1.0)] == ["script", "script", "free", "free"]
    assert not words.numeric
    import tocsin

    (drawn,) = axes_of(tocsin.load("kazakhstan-2022"), {"risk.severity": "prior"})
    assert drawn.at(0.5) == pytest.approx(4.0)
    assert drawn.at(0.0) == drawn.at(0.004) < drawn.at(0.1)


@pytest.mark.parametrize(
    ("over", "how", "words"),
    [
        ({}, {}, "a sweep over nothing"),
        ({"risk.slope": (3.0, 1.0)}, {}, "the lower one first"),
        ({"risk.slope": (0.0, 1.0, "log")}, {}, "above 0"),
        ({"risk.slope": (1.0, 2.0, "square")}, {}, "log"),
        ({"risk.slope": ("a", "b")}, {}, "two numbers"),
        ({"risk.slope": [1.0, 1.0]}, {}, "each level once"),
        ({"risk.slope": "prior"}, {}, "give a range"),
        ({"risk.slopes": "prior"}, {}, "has no prior"),
        ({"risk.slope": (1.0, 2.0)}, {"design": "steepest"}, "none of them searches"),
        ({"risk.slope": (1.0, 2.0)}, {"design": "sobol", "points": 24}, "take 16 or 32"),
        ({"risk.slope": (1.0, 2.0)}, {"points": 0}, "1 or more"),
        ({"risk.slope": (1.0, 2.0), "risk.severity": (1.0, 2.0)}, {"points": 1000}, "at most 100,000"),
        ({"risk.slpoe": (1.0, 2.0)}, {}, "nothing is called"),
        ({"variant": ["no-such"]}, {}, "no variant"),
    ],
)
def test_refusals(over: dict[str, Any], how: dict[str, Any], words: str) -> None:
    """If it failed, a mistyped sweep would compute something else for hours, or one would search for an extreme."""
    with pytest.raises(TocsinError) as caught:
        made(over, **how)
    assert words in caught.value.message()


def test_every_point_has_the_same_chance() -> None:
    """If it failed, points would differ by luck as well as by what was changed."""
    found = made({"risk.slope": [1.0, 2.0], "days": [20.0, 30.0]})
    assert len(found) == 4
    for point in range(4):
        runs = list(found.runs(point))
        assert [(r.draw, r.seed) for r in runs] == [(s.draw, s.seed) for s in found.slots]
        assert [r.key for r in runs] == [key(found.world(point), s.draw, s.seed) for s in found.slots]
    assert found.column("peak_turnout").shape == (4, 3)
    assert (found.column("peak_turnout") == found.column("peak_turnout")[:1]).all()


def test_variant_axis() -> None:
    """If it failed, a sweep could not set two worlds side by side."""
    kept = {"quiet": Variant("Quiet", "", {"drop_kinds": ("trigger",)})}
    base = replace(BASE, variants=kept)
    worlds = [world_at(base, {"variant": v, "risk.slope": 2.0}) for v in ("as-written", "quiet")]
    assert [len(w.events) for w in worlds] == [1, 0]
    assert all(w.parameters["risk.slope"].prior.a == 2.0 for w in worlds)


def test_nothing_twice(tmp_path: Path) -> None:
    """If it failed, a stopped or widened sweep would begin again."""
    watch = Count(stop=4)
    with pytest.raises(Interrupted, match="kept"):
        made({"risk.slope": [1.0, 2.0]}, store=tmp_path, watch=watch)
    here = len(Store(tmp_path).keys())
    assert 3 <= here <= 4
    watch = Count()
    made({"risk.slope": [1.0, 2.0, 3.0]}, store=tmp_path, watch=watch)
    assert (watch.total, watch.kept, watch.steps) == (9, here, 9 - here)
    watch = Count()
    made({"risk.slope": [3.0, 2.0, 1.0]}, store=tmp_path, watch=watch)
    assert (watch.kept, watch.steps) == (9, 0)


def test_the_store_says_which_runs_are_whose(tmp_path: Path) -> None:
    """If it failed, nobody could tell later at which point a stored run was made."""
    axes = axes_of(BASE, {"risk.slope": [1.0, 2.0]})
    labour = Labour(1, machine=MACHINE)
    worlds = [world_at(BASE, c) for c in changes_at(axes, places_of("grid", axes, 5, 1))]
    fill(worlds, Design(3).slots(), tmp_path, labour)
    from tocsin.experiments import sweep as module

    done = fill(worlds, Design(3).slots(), tmp_path, labour)
    found = module.Sweep(
        BASE, axes, "grid", places_of("grid", axes, 5, 1), changes_at(axes, places_of("grid", axes, 5, 1)),
        Design(3).slots(), done.keys, done.shelf,
    )  # fmt: skip
    module._note(found, tmp_path, [w.hash for w in worlds])
    (file,) = (tmp_path / "sweeps").iterdir()
    noted = json.loads(file.read_text())
    assert noted["points"] == [{"risk.slope": 1.0}, {"risk.slope": 2.0}]
    assert set(Store(tmp_path).keys()) == {k for row in noted["keys"] for k in row}


def test_same_world_is_computed_once() -> None:
    """If it failed, points that fall together would cost twice."""
    watch = Count()
    found = made({"risk.slope": ["2", "2.0"]}, watch=watch)
    assert (watch.total, watch.steps) == (3, 3)
    assert found.keys[0] == found.keys[1]


def batches(worlds: Sequence[Scenario], seeds: int, memory: int | None = None) -> list[list[tuple[int, int]]]:
    """The runs of these worlds as they are stepped together: world and seed of each."""
    found: list[list[tuple[int, int]]] = []

    def noting(tasks: Sequence[Task]) -> Sequence[Run | RunError]:
        found.append([(worlds.index(task.scenario), task.slot.seed % 1_000_003) for task in tasks])
        return MACHINE.work(tasks)

    fill(worlds, Design(seeds).slots(), None, Labour(1, machine=replace(MACHINE, work=noting), memory=memory))
    return found


def test_worlds_of_one_layout_are_stepped_together() -> None:
    """If it failed, every variant would be stepped alone, worlds of other people would be mixed, or memory run out."""
    worlds = [world_at(BASE, {"risk.slope": s, "people_per_agent": n}) for s in (1.0, 2.0) for n in (10, 20)]
    assert batches(worlds, 2) == [[(0, 0), (0, 1), (2, 0), (2, 1)], [(1, 0), (1, 1), (3, 0), (3, 1)]]
    each = WORLD_BYTES + AGENT_BYTES * 30_000 + SLOT_BYTES * BASE.ticks * 3
    assert [len(b) for b in batches([BASE], 20, 8 * each)] == [8, 8, 4]


def faulty(task: Task) -> Run:
    """Fails in the second slot of the world with slope 2."""
    if task.scenario.parameters["risk.slope"].prior.a == 2.0 and task.slot.seed % 1_000_003 == 1:
        raise ZeroDivisionError("a fault of the engine")
    return run(task.scenario, task.slot.draw, task.slot.seed)


def test_a_run_that_fails_is_left_out() -> None:
    """If it failed, one bad run would end a night's sweep, or would count as survival."""
    labour = Labour(1, machine=Machine(key, Each(faulty), warm, text))
    found = made({"risk.slope": [1.0, 2.0]}, labour)
    assert np.argwhere(np.isnan(found.column())).tolist() == [[1, 1]]
    assert len(found.failed) == 1
    assert len(list(found.runs(1))) == 2
    value, low, high = found.estimates()[1]
    assert low <= value <= high
    with pytest.raises(RunError, match="2 of 3 runs failed"):
        made({"risk.slope": [1.0]}, Labour(1, machine=machine(fault="always")))


def test_workers_change_nothing(tmp_path: Path) -> None:
    """If it failed, results would depend on how many processes made them."""
    alone = made({"risk.slope": (1.0, 2.0)})
    many = made({"risk.slope": (1.0, 2.0)}, Labour(2, machine=MACHINE), tmp_path)
    assert alone.keys == many.keys
    for name, values in alone.headlines.items():
        assert np.array_equal(values, many.headlines[name], equal_nan=True)


def test_measures() -> None:
    """If it failed, a threshold would be read the wrong way round, or a mistyped name would be silent."""
    values = np.array([1.0, 5.0, np.nan])
    assert np.array_equal(Measure.of("killed > 3")(values), [0.0, 1.0, np.nan], equal_nan=True)
    assert np.array_equal(Measure.of("killed<3")(values), [1.0, 0.0, np.nan], equal_nan=True)
    assert [Measure.of(t).event for t in ("fallen", "killed", "killed>3")] == [True, False, True]
    with pytest.raises(UsageError, match="for example killed>100"):
        Measure.of("killed>many")
    with pytest.raises(UsageError, match="no headline number 'kiled'"):
        made({"risk.slope": [1.0]}).column("kiled")


def test_the_engine_itself(tmp_path: Path) -> None:
    """If it failed, `tocsin.sweep` would not run a real scenario, or would not find its runs again."""
    import tocsin

    small = tocsin.load("kazakhstan-2022").vary({"people_per_agent": 2000, "days": 5})
    axes = (Axis("variant", ("as-written", "no-request")), Axis("risk.severity", (2.0, 6.0)))
    watch = Count()
    places = places_of("grid", axes, 2, 1)
    found = sweep_at(small, axes, places, Design(2), "grid", tmp_path, workers=1, progress=watch)
    again = sweep_at(small, axes, places, Design(2), "grid", tmp_path, workers=1, progress=(second := Count()))
    assert (watch.steps, second.steps) == (8, 0)
    assert np.array_equal(found.column("killed"), again.column("killed"))
    direct = tocsin.run(found.world(3), draw=found.slots[1].draw, seed=found.slots[1].seed)
    assert direct.digest == list(found.runs(3))[1].digest
    assert isinstance(found.world(0), Scenario)
