"""Batches of the real engine: workers and memory cut them, and a world that cannot go on takes none along."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tocsin.experiments.contrast import contrast_with
from tocsin.experiments.design import Design
from tocsin.experiments.filling import fill
from tocsin.experiments.labour import Labour
from tocsin.results.store import Store
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario

RUNS = 7
PUSH = '''
from tocsin.declare import Mechanism, Param, fixed
from tocsin.state import Effect, View


class Push(Mechanism):
    """Adds to the worth of taking part; sums that no country has are refused by the engine, or end in a fault."""

    number, name, phase = "push", "push", "coefficients"
    summary = "a push to everybody"
    params = (Param("size", fixed(0.0), "utility", 0.0, 1e9, "made up", "What is added to the worth of taking part."),)
    sets = ("gamma",)

    def rule(self, see: View) -> Effect:
        """gamma + size."""
        if (see.p["size"] > 1e8).any():
            raise ZeroDivisionError("a push without end")
        return Effect(add={"gamma": see.p["size"]})
'''


def small(days: int = 6, mechanisms: tuple[Path, ...] = ()) -> Scenario:
    """The founding case with few people."""
    return load("kazakhstan-2022", mechanisms).vary({"people_per_agent": 5000, "days": days}, variant="")


def digests(labour: Labour) -> list[tuple[str, str]]:
    """Key and digest of all runs of two contrasts."""
    base = small()
    pairs = [contrast_with(base, base.world(v), Design(RUNS), None, labour) for v in ("no-request", "patron-absent")]
    return [(r.key, r.digest) for pair in pairs for side in (pair.base, pair.variant) for r in side.runs()]


@cache
def expected() -> list[tuple[str, str]]:
    """What one worker makes."""
    return digests(Labour(1))


@pytest.mark.parametrize("memory", [1, 5_000_000, None])
def test_workers_and_memory_change_no_bit(memory: int | None) -> None:
    """If it failed, results would depend on how much memory a machine has, or on how runs fall to its processes.

    Two workers, who step one run at a time, a few, and as many as there are.
    """
    assert digests(Labour(2, memory=memory)) == expected()
    assert len(set(expected())) == 3 * RUNS, "runs of the base are the same in both contrasts, all others differ"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_world_that_cannot_go_on_takes_no_other_along(workers: int, tmp_path: Path) -> None:
    """If it failed, one absurd draw would end or change the runs beside it, or would be missing without a word.

    One world leaves the range of the law and is lost alone; one raises, so that the whole batch is tried again singly.
    """
    (tmp_path / "push.py").write_text(PUSH, encoding="utf-8")
    base = small(3, (tmp_path / "push.py",))
    worlds = [base, base.vary({"push.size": 1e6}), base.vary({"push.size": 1.0}), base.vary({"push.size": 9e8})]
    slots = Design(2).slots()
    made = fill(worlds, slots, tmp_path / "runs", Labour(workers, most_failing=1.0))
    sound = fill([worlds[0], worlds[2]], slots, None, Labour(1))
    store = Store(tmp_path / "runs")
    assert [[key in store for key in row] for row in made.keys] == [[True] * 2, [False] * 2, [True] * 2, [False] * 2]
    for mine, yours in zip((made.keys[0], made.keys[2]), sound.keys, strict=True):
        assert [r.digest for r in store.runs(mine)] == [r.digest for r in sound.shelf.runs(yours)]
    told = {(failed.draw, failed.world): failed.message for failed in made.failed}
    assert len(told) == 4
    for slot in slots:
        assert "the coefficient gamma left its range" in told[slot.draw, worlds[1].variant]
        assert "ZeroDivisionError: a push without end" in told[slot.draw, worlds[3].variant]
