"""Tipping lines and resolve curves on runs whose answer is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.invented_runs import chance, key, run, scenario, text, warm
from tocsin.errors import UsageError
from tocsin.experiments.design import Design
from tocsin.experiments.filling import fill
from tocsin.experiments.labour import Labour
from tocsin.experiments.points import axes_of, changes_at, places_of, world_at
from tocsin.experiments.resolve import Endured, curve, endured, median_endured, refuse_scripted, resolve
from tocsin.experiments.rounds import Each
from tocsin.experiments.sweep import Sweep
from tocsin.experiments.tasks import Machine, Task
from tocsin.experiments.tipping import contours, curves, first_crossing, maps, panels
from tocsin.results.record import Run

BASE = scenario(mission=False)


def tip(task: Task) -> Run:
    """Falls with a chance that grows with the slope and falls with the severity; alike in all points of a slot."""
    one = run(task.scenario, task.slot.draw, task.slot.seed)
    slope, severity = (task.scenario.parameters[n].prior.a for n in ("risk.slope", "risk.severity"))
    falls = chance("tip", task.slot.seed) < slope / 10 - (severity - 4) / 10
    summary = {**one.outcome.summary, "killed": 10.0 * severity, "wounded": 20.0 * severity}
    return replace(one, outcome=replace(one.outcome, fallen=falls, summary=summary))


TIPPING = Labour(1, machine=Machine(key, Each(tip), warm, text))


def swept(over: dict[str, Any], points: int = 9, seeds: int = 200, design: str = "grid") -> Sweep:
    """A sweep over these runs."""
    start = BASE.vary({"risk.slope": 5.0, "risk.severity": 4.0})
    axes = axes_of(start, over)
    places = places_of(design, axes, points, 1)
    changes, slots = changes_at(axes, places), Design(seeds).slots()
    done = fill([world_at(start, c) for c in changes], slots, None, TIPPING)
    return Sweep(start, axes, design, places, changes, slots, done.keys, done.shelf)


def test_where_a_curve_tips() -> None:
    """If it failed, the value at which a verdict flips would be wrong (200 slots: within 1.2, four standard errors)."""
    (found,) = curves(swept({"risk.slope": (1.0, 9.0)}))
    value, low, high = found.crossing
    assert value == pytest.approx(5.0, abs=1.2)
    assert low < value < high
    assert found.crosses == 1.0
    assert (np.diff(found.value) >= 0).all()
    assert (found.beside["killed"] == 40.0).all()
    (never,) = curves(swept({"risk.slope": (0.5, 2.0)}, seeds=50))
    assert math.isnan(never.crossing[0])


def test_map() -> None:
    """If it failed, a map would be mirrored, or its line would run elsewhere than where the share is one half."""
    (found,) = maps(swept({"risk.slope": (2.0, 8.0), "risk.severity": (2.0, 6.0)}, points=5, seeds=100))
    assert found.value.shape == (5, 5)
    assert found.value[0, -1] > 0.9
    assert found.value[-1, 0] < 0.1
    (line,) = found.contours
    for slope, severity in line:
        assert slope - severity == pytest.approx(1.0, abs=1.2)
    assert found.beside["killed"][:, 0].tolist() == pytest.approx([20, 30, 40, 50, 60])


def test_panels() -> None:
    """If it failed, worlds that differ in words would be averaged on one map."""
    made = swept({"policy.alliance": ["script", "free"], "risk.slope": (1.0, 9.0)}, seeds=4)
    assert [(p.name, len(p.points)) for p in panels(made)] == [
        ("policy.alliance=script", 9), ("policy.alliance=free", 9)
    ]  # fmt: skip
    assert [c.panel for c in curves(made)] == ["policy.alliance=script", "policy.alliance=free"]
    with pytest.raises(UsageError, match="a grid with 2"):
        maps(made)
    with pytest.raises(UsageError, match="a latin sweep"):
        curves(swept({"risk.slope": (1.0, 9.0)}, seeds=2, design="latin"))


def test_contours() -> None:
    """If it failed, lines would end inside the map or join what is apart."""
    x = np.linspace(-1, 1, 21)
    r = np.hypot(*np.meshgrid(x, x))
    (ring,) = contours(x, x, 1.0 - r)
    assert ring[0] == ring[-1]
    assert [math.hypot(a, b) for a, b in ring] == pytest.approx([0.5] * len(ring), abs=0.01)
    assert contours(x, x, r * 0) == ()
    saddle = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert len(contours(np.array([0.0, 1.0]), np.array([0.0, 1.0]), saddle)) == 2
    assert first_crossing(np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.25, 0.75])) == pytest.approx(1.5)


def test_median_endured_is_the_product_limit() -> None:
    """If it failed, movements that fizzled would count as if they had never tried, or as if they had won."""
    days = np.array([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])
    fallen = np.array([True, True, False, False, True, True])
    one = np.ones((1, 6))
    assert median_endured(days, fallen, one).tolist() == [4.0]  # 5/6 x 4/5 = 2/3 after two days, 1/3 after four
    assert math.isnan(median_endured(days, np.zeros(6, bool), one)[0])
    assert median_endured(days, fallen, np.array([[4.0, 1, 0, 0, 0, 0]])).tolist() == [1.0]


@dataclass
class Simple:
    """A run with a crowd of one place."""

    crowd: tuple[int, ...]
    end: float
    fell: bool

    tick_hours = 12.0

    @property
    def state_digests(self) -> tuple[int, ...]:
        """As many as ticks."""
        return self.crowd

    @property
    def outcome(self) -> Any:
        """How it ended."""
        return SimpleNamespace(fallen=self.fell, summary={"fall_day": self.end, "killed": 7.0})

    def total(self, _: str) -> np.ndarray:
        """The crowd."""
        return np.array(self.crowd)


def test_endured_counts_days_before_the_end() -> None:
    """If it failed, crowds that are only repeated in the record after a fall would count as resolve."""
    runs: Iterator[Any] = iter([Simple((10, 50, 50, 50), 1.0, True), Simple((50, 0, 50, 50), -1.0, False)])
    found = endured(runs, 1000, (0.04, 0.01))
    assert found.shares.tolist() == [0.01, 0.04]
    assert found.days.tolist() == [[1.0, 0.5], [1.5, 1.5]]
    assert found.fallen.tolist() == [True, False]


def test_resolve_curve() -> None:
    """If it failed, the days of a resolve curve would not be those after which half the runs have fallen."""
    days = np.repeat(np.arange(1.0, 11.0), 10)[:, None]
    found = curve(Endured(np.array([0.01]), days, np.ones(100, bool), np.full(100, 3.0), np.arange(100)))
    assert found.days.tolist() == [5.0]
    assert 4.0 <= found.low[0] <= 5.0 <= found.high[0] <= 7.0
    assert (found.runs[0], found.killed[0], found.never[0]) == (100, 3.0, 0.0)
    few = curve(Endured(np.array([0.01]), days[:3], np.ones(3, bool), np.ones(3), np.arange(3)))
    assert math.isnan(few.days[0])


def test_resolve_needs_a_patron_that_decides() -> None:
    """If it failed, a patron bound to a script would be shown as one that resolve could not move."""
    with pytest.raises(UsageError, match="follows its script"):
        refuse_scripted(scenario())
    refuse_scripted(replace(scenario(), policy={"alliance": 0.0}))
    found = resolve(swept({"policy.alliance": ["script", "free"], "risk.slope": [5.0]}, seeds=20))
    assert [f.panel for f in found] == [
        "policy.alliance=script, risk.slope=5.0",
        "policy.alliance=free, risk.slope=5.0",
    ]
