"""Ensembles and contrasts: nothing twice, nothing lost, nothing said that the runs cannot tell."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import invented_runs
from tests.invented_runs import MACHINE, NAMES, machine, scenario
from tocsin.errors import Interrupted, RunError, StoreError, UsageError
from tocsin.experiments import ledger
from tocsin.experiments.contrast import Contrast, contrast_with, open_store
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import Ensemble
from tocsin.experiments.labour import Labour, Silent
from tocsin.experiments.perform import paired, perform
from tocsin.experiments.targets import distance, fit, measure
from tocsin.results.record import Outcome
from tocsin.results.store import Store
from tocsin.scenario.parts import Target

BASE, BARE = scenario(), scenario(mission=False)
HERE = Labour(workers=1, machine=MACHINE)


class Log(Silent):
    """A watch that remembers."""

    def __init__(self) -> None:
        self.kept, self.steps = 0, 0
        self.said: list[str] = []

    def say(self, text: str) -> None:
        """Keep."""
        self.said.append(text)

    def begin(self, total: int, kept: int) -> None:
        """Note what is there."""
        self.kept, self.steps = kept, 0

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """Count."""
        self.steps += 1


def made(runs: int = 12, store: Path | None = None, labour: Labour = HERE, seeds: int = 1) -> Contrast:
    return contrast_with(BASE, BARE, Design(runs, seeds_per_draw=seeds), store, labour)


def test_design() -> None:
    """If it failed, a larger ensemble would not contain the smaller one, or two seeds would share runs."""
    small, large = Design(5, 2, 2).slots(), Design(9, 2, 2).slots()
    assert large[:5] == small
    assert [s.draw for s in small] == [1_000_000, 1_000_000, 1_000_001, 1_000_001, 1_000_002]
    assert not {s.seed for s in large} & {s.seed for s in Design(9, 1).slots()}
    assert all(s.draw < 2**32 and s.seed < 2**32 + 2**31 for s in Design(2, 4000).slots())
    for wrong in ((0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 5000, 1)):
        with pytest.raises(UsageError):
            Design(*wrong)


def test_workers_change_nothing(tmp_path: Path) -> None:
    """If it failed, results would depend on how many processes made them."""
    alone = made()
    many = made(store=tmp_path, labour=Labour(workers=2, machine=MACHINE))
    for mine, yours in zip(alone.base.runs(), many.base.runs(), strict=True):
        assert (mine.key, mine.digest) == (yours.key, yours.digest)
    assert alone.shares == many.shares
    assert alone.effect == many.effect


def test_second_start_computes_only_the_rest(tmp_path: Path) -> None:
    """If it failed, an interrupted or enlarged ensemble would begin again."""
    made(5, tmp_path)
    log = Log()
    contrast_with(BASE, BARE, Design(8), tmp_path, HERE, log)
    assert (log.kept, log.steps) == (5, 3)
    perform([BASE], Design(8), tmp_path, HERE, log)
    assert (log.kept, log.steps) == (8, 0)
    assert len(Store(tmp_path).keys()) == 16


def test_half_a_pair_is_completed(tmp_path: Path) -> None:
    """If it failed, adding the second world to a stored ensemble would lose or repeat the first."""
    perform([BASE], Design(4), tmp_path, HERE)
    log = Log()
    done = contrast_with(BASE, BARE, Design(4), tmp_path, HERE, log)
    assert (log.kept, log.steps) == (0, 4)
    assert len(Store(tmp_path).keys()) == 8
    assert [r.variant for r in done.variant.runs()] == ["no-request"] * 4


def test_ctrl_c_keeps_what_is_finished(tmp_path: Path) -> None:
    """If it failed, Ctrl-C would throw away hours of work or show a traceback."""

    class Impatient(Log):
        def step(self, endings: Sequence[Outcome | None]) -> None:
            """Ctrl-C after three."""
            super().step(endings)
            if self.steps == 3:
                raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="3 of 9 runs are kept") as caught:
        contrast_with(BASE, BARE, Design(9), tmp_path, HERE, Impatient())
    assert caught.value.exit_code == 130
    log = Log()
    contrast_with(BASE, BARE, Design(9), tmp_path, HERE, log)
    assert (log.kept, log.steps) == (3, 6)


def test_failed_run_does_not_end_the_rest(tmp_path: Path) -> None:
    """If it failed, one bad draw of ten thousand would end a night's work, or drop out unseen."""
    log = Log()
    labour = Labour(1, machine=machine(fault=True))
    result = contrast_with(BASE, BARE, Design(9), tmp_path, labour, log)
    assert [r.draw for r in result.base.runs()] == [0, 1, 2, 4, 5, 6, 7, 8]
    assert len(result) == len(result.variant) == 8
    assert [(f.draw, f.seed, f.world) for f in result.failed] == [
        (3, 1000006, "as written"), (3, 1000006, "no-request"),
    ]  # fmt: skip
    assert "draw 3, seed 1000006 failed: ZeroDivisionError" in result.failed[0].message
    assert "ZeroDivisionError" in log.said[0]
    assert log.steps == 9


def test_failed_run_is_not_made_again_unless_asked(tmp_path: Path) -> None:
    """If it failed, every restart would run into the same fault again, or a mended fault would never be tried."""
    made(9, tmp_path, Labour(1, machine=machine(fault=True)))
    log = Log()
    again = contrast_with(BASE, BARE, Design(9), tmp_path, HERE, log)
    assert (log.kept, log.steps, len(again), len(again.failed)) == (9, 0, 8, 2)
    mended = contrast_with(BASE, BARE, Design(9), tmp_path, replace(HERE, retry=True), log)
    assert (log.kept, log.steps, len(mended), mended.failed) == (8, 1, 9, ())
    assert Store(tmp_path).failed == {}


@pytest.mark.parametrize("workers", [1, 2])
def test_one_world_fails(tmp_path: Path, workers: int) -> None:
    """If it failed, a world that cannot be run would take the sound run of the other world with it."""
    result = made(9, tmp_path, Labour(workers, machine=machine(fault="no-request")))
    assert [f.world for f in result.failed] == ["no-request"]
    assert len(Store(tmp_path).keys()) == 17
    assert len(result) == 8


def test_too_many_failures_end_it(tmp_path: Path) -> None:
    """If it failed, a broken model would be run ten thousand times, and what is left would be shown as a result."""
    with pytest.raises(RunError, match="2 of 30 runs failed; the first: draw 0") as caught:
        made(30, tmp_path, Labour(1, machine=machine(fault="always")))
    assert caught.value.expected == "at most 1"
    assert len(Store(tmp_path).failed) == 3, "both worlds of the first slot, and the one that is too many"
    with pytest.raises(RunError, match="2 of 30"):
        made(30, tmp_path)
    with pytest.raises(RunError, match="1 of 1 runs failed"):
        perform([BASE], Design(1), None, Labour(1, machine=machine(fault="always")))
    assert len(made(30, tmp_path, replace(HERE, most_failing=0.1))) == 28


def test_changed_model_is_noticed(tmp_path: Path) -> None:
    """If it failed, runs of an edited model would be filed under the digest of the one before the edit."""
    other = replace(MACHINE, key=lambda *_: "0" * 64)
    with pytest.raises(RunError, match="not the one that was asked for"):
        made(2, tmp_path, Labour(1, machine=other))
    assert Store(tmp_path).keys() == []


def test_dead_worker_costs_nothing(tmp_path: Path) -> None:
    """If it failed, one worker that runs out of memory would end the ensemble, lose other runs, or pass unseen."""
    log = Log()
    labour = Labour(2, machine=machine(deadly=str(tmp_path / "flag")))
    result = contrast_with(BASE, BARE, Design(9), tmp_path / "runs", labour, log)
    assert (tmp_path / "flag").exists()
    assert [r.draw for r in result.base.runs()] == list(range(9))
    assert "a worker died" in log.said[0]
    assert result.failed == ()


def test_deadly_task_is_named(tmp_path: Path) -> None:
    """If it failed, a run that always kills its worker would be tried for ever, or an innocent one blamed."""
    result = made(9, tmp_path, Labour(2, machine=machine(deadly="always")))
    assert [r.draw for r in result.base.runs()] == [0, 1, 2, 4, 5, 6, 7, 8]
    assert {f.draw for f in result.failed} == {3}
    assert "a worker process died 3 times over draw 3, seed 1000006" in result.failed[0].message


def test_same_worlds_are_refused() -> None:
    """If it failed, a change that changes nothing would be reported as having no effect."""
    with pytest.raises(UsageError, match="the two worlds are the same"):
        contrast_with(BASE, replace(BASE, title="another title"), Design(2), None, HERE)


def test_pairing_is_known() -> None:
    """If it failed, worlds with other people would be compared run by run as if chance were shared."""
    assert paired(BASE, BARE)
    assert BASE.layout == BARE.layout
    thinner = replace(BARE, people_per_agent=100)
    assert not paired(BASE, thinner)
    assert BASE.layout != thinner.layout


def test_statistics_of_a_contrast() -> None:
    """If it failed, the printed table would not be the arithmetic of the runs."""
    result = made(30)
    fallen = [r.outcome.fallen for r in result.base.runs()]
    assert result.base.fallen[0] == pytest.approx(sum(fallen) / 30)
    assert sum(s for s, _, _ in result.shares["with the mission"].values()) == pytest.approx(1.0)
    bare = [r.outcome.fallen for r in result.variant.runs()]
    value, low, high = result.effect
    assert value == pytest.approx((sum(bare) - sum(fallen)) / 30)
    assert low <= value <= high
    assert result.differ == sum(a != b for a, b in zip(fallen, bare, strict=True))
    assert result.base.column("parameter:risk.slope").shape == (30, 1)
    assert np.isnan(result.base.column("no such number")).all()
    assert [w[0] for w in result.worlds] == ["with the mission", "without the mission"]
    assert len(list(result.worlds[1][2]())) == 30


def test_gate_says_what_it_cannot_tell() -> None:
    """If it failed, an effect would be claimed from one seed per draw, or a fall rate from the world with troops."""
    rows = {r.criterion: r for r in made(30).gate}
    assert len(rows) == 7
    effects = [r for name, r in rows.items() if "effect" in name]
    assert [(r.value, r.met) for r in effects] == [(None, None)] * 3
    assert effects[0].note == "not measurable with one seed per draw"
    alone = Ensemble(BASE, "x", made(3).base.slots, made(3).base.keys, made(3).base.shelf)
    assert alone.gate[0].met is None
    assert "without foreign troops" in alone.gate[0].note


def test_gate_by_hand() -> None:
    """If it failed, the gate would be judged by other numbers than those of science.md 3."""
    result = made(60, seeds=20)
    day = result.variant.column("fall_day").ravel()
    alive = day[(day < 0) | (day >= 4)]
    first = result.gate[0]
    assert first.value == pytest.approx(((alive >= 0) & (alive <= 30)).mean())
    assert first.met == (0.10 <= first.value <= 0.40)
    effect = (result.variant.column("fallen") - result.base.column("fallen")).mean(axis=1)
    above, within, below = result.gate[4:]
    assert above.value == pytest.approx((effect > 0.05 + 1e-9).mean())
    assert above.value + within.value + below.value == pytest.approx(1.0)
    assert above.met == (above.value >= 0.15)
    few = made(60, seeds=3).gate[4]
    assert few.met is None
    assert "20 are needed" in few.note


def test_gate_of_a_short_run() -> None:
    """If it failed, a run of three days would pass for one of thirty."""
    base, bare = scenario(days=6.0), scenario(mission=False, days=6.0)
    row = contrast_with(base, bare, Design(20), None, HERE).gate[0]
    assert "day 6" in row.note
    assert row.met is not True


def target(metric: str, place: str, day: float, interval: tuple[float, float]) -> Target:
    return Target(f"{metric} {place}", metric, place, day, *interval, interval, "train", "as reported", "invented")


def test_targets_by_hand() -> None:
    """If it failed, runs would be held against the wrong day, the wrong place or the wrong number."""
    one = invented_runs.run(BASE, 1, 1)
    third_day = slice(8, 12)
    crowd = one.series["turnout"]
    assert measure(one, target("turnout", "", 2.8, (0, 1))) == crowd.sum(axis=1)[third_day].max()
    assert measure(one, target("turnout", NAMES[1], 3.0, (0, 1))) == crowd[third_day, 1].max()
    assert measure(one, target("turnout", "", 0.5, (0, 1))) == crowd.sum(axis=1)[:4].max()
    assert measure(one, target("killed", "", 2.5, (0, 1))) == one.series["killed"][11].sum()
    assert measure(one, target("detained", NAMES[2], 30.0, (0, 1))) == one.series["detained"][-1, 2]
    assert measure(one, target("control", NAMES[0], 0.6, (0, 1))) == one.series["control"][2, 0]
    assert measure(one, target("injured_forces", "", 1.0, (0, 1))) == one.national["injured_forces"][3]
    assert measure(one, target("places_affected", "", 0.1, (0, 1))) == (crowd[:4].max(axis=0) >= 100).sum()


def test_fit() -> None:
    """If it failed, the share of runs that meet all targets, or the nearest run, would be wrong."""
    runs = [invented_runs.run(BASE, i, i) for i in range(6)]
    values = [measure(r, target("turnout", "", 1.0, (0, 1))) for r in runs]
    middle = sorted(values)[2]
    targets = (
        target("turnout", "", 1.0, (0.0, middle)),
        target("killed", "", 1.0, (0.0, 1e12)),
        target("turnout", "Elsewhere", 1.0, (0.0, 1.0)),
        target("turnout", NAMES[0], 99.0, (0.0, 1.0)),
    )
    found = fit(replace(BASE, targets=targets), runs)
    assert [r.share_inside for r in found.rows] == pytest.approx([0.5, 1.0])
    assert (found.runs, found.share_all, found.distance) == (6, pytest.approx(0.5), 0.0)
    assert [why.split()[0] for _, why in found.left_out] == ["there", "lies"]
    assert found.nearest is not None
    far = target("killed", "", 1.0, (99.0, 399.0))
    assert distance(99.0, far) == distance(399.0, far) == 0.0
    assert distance(1599.0, far) == pytest.approx(math.log(4) / (math.log(4) / 2))
    assert distance(2.0, target("control", "", 1.0, (1.0, 1.0))) == 1.0


def test_reopened_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a stored contrast would not give the same report again, or runs would be paired wrongly."""
    result = made(6, tmp_path)
    texts = {w.hash: w for w in (BASE, BARE)}
    monkeypatch.setattr(ledger, "reread", lambda path: texts[path.read_text().split()[1]])
    again = open_store(tmp_path)
    assert isinstance(again, Contrast)
    assert (again.base.keys, again.variant.keys, again.shares) == (result.base.keys, result.variant.keys, result.shares)
    perform([BASE], Design(3), tmp_path, HERE, titles=("alone",))
    alone = open_store(tmp_path)
    assert isinstance(alone, Ensemble)
    assert (alone.title, len(alone)) == ("alone", 3)
    assert open_store(tmp_path, 1).shares == result.shares
    with pytest.raises(StoreError, match="no ensemble 2 before the newest"):
        open_store(tmp_path, 2)


def test_store_that_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, an empty, edited or foreign store would end in a traceback."""
    with pytest.raises(StoreError, match="no run store here"):
        open_store(tmp_path / "none")
    with pytest.raises(StoreError, match="no ensemble is noted"):
        open_store(tmp_path)
    made(2, tmp_path)
    monkeypatch.setattr(ledger, "reread", lambda _: scenario(days=9.0))
    with pytest.raises(StoreError, match="was changed"):
        open_store(tmp_path)
    for file in (tmp_path / "scenarios").iterdir():
        os.unlink(file)
    with pytest.raises(StoreError, match="is missing"):
        open_store(tmp_path)
    for file in (tmp_path / "experiments").iterdir():
        file.write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        open_store(tmp_path)
