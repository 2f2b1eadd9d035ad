"""Sensitivity indices against functions whose indices are known, and against SciPy's estimators."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.invented_runs import MACHINE, scenario
from tocsin.errors import UsageError
from tocsin.experiments import sensitivity
from tocsin.experiments.design import Design
from tocsin.experiments.ensemble import ensemble_with
from tocsin.experiments.labour import Labour
from tocsin.experiments.points import Axis, changes_at
from tocsin.experiments.sensitivity import morris, morris_effects, saltelli, sobol_indices
from tocsin.experiments.sweep import Sweep

Floats = NDArray[np.float64]
BASE = scenario(mission=False)


class Told(Sweep):
    """A sweep whose numbers are told, not simulated."""

    values: Floats

    def column(self, what: str = "fallen") -> Floats:
        """The numbers."""
        return self.values


def told(design: str, places: Floats, of: Callable[[Floats], Floats], chance: float = 0.0, slots: int = 4) -> Sweep:
    """A sweep with of(places) in every slot, and the same disturbance of a slot at all points, or another at each."""
    axes = tuple(Axis(f"x{i}", low=0.0, high=1.0) for i in range(places.shape[1]))
    shelf = ensemble_with(BASE, Design(1), None, Labour(1, machine=MACHINE)).shelf
    made = Told(BASE, axes, design, places, changes_at(axes, places), Design(slots).slots(), (), shelf)
    noise = np.random.default_rng(5).normal(size=(len(places), slots)) * chance
    object.__setattr__(made, "values", of(places)[:, None] + noise)
    return made


def ishigami(x: Floats) -> Floats:
    """Ishigami and Homma (1990): a = 7, b = 0.1 on (-pi, pi)^3."""
    z = math.pi * (2 * x - 1)
    return np.sin(z[:, 0]) + 7 * np.sin(z[:, 1]) ** 2 + 0.1 * z[:, 2] ** 4 * np.sin(z[:, 0])


def known() -> tuple[list[float], list[float]]:
    """First-order and total indices of the Ishigami function, in closed form."""
    v1 = 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2
    v2, v13 = 49 / 8, 0.01 * math.pi**8 * (1 / 18 - 1 / 50)
    whole = v1 + v2 + v13
    return [v1 / whole, v2 / whole, 0.0], [(v1 + v13) / whole, v2 / whole, v13 / whole]


def test_known_indices() -> None:
    """If it failed, a parameter that decides would be shown as one that does not (4,096 points: within 0.03)."""
    found = sobol_indices(told(sensitivity.SALTELLI, saltelli(4096, 3, 1), ishigami, slots=1))
    first, total = known()
    assert [v for v, _, _ in found.first.values()] == pytest.approx(first, abs=0.03)
    assert [v for v, _, _ in found.total.values()] == pytest.approx(total, abs=0.03)
    assert all(low <= v <= high for v, low, high in (*found.first.values(), *found.total.values()))
    assert found.rest == 0.0


def test_the_same_as_scipy() -> None:
    """If it failed, our indices would not be those that the literature and others' tools mean."""
    from scipy.stats import sobol_indices as reference

    places = saltelli(256, 3, 1)
    ours = sobol_indices(told(sensitivity.SALTELLI, places, ishigami, slots=1))
    f = ishigami(places).reshape(5, 1, 256)
    theirs = reference(func={"f_A": f[0], "f_B": f[1], "f_AB": f[2:].reshape(3, 1, 256)}, n=256)
    assert [v for v, _, _ in ours.first.values()] == pytest.approx(theirs.first_order.ravel().tolist(), abs=1e-12)
    assert [v for v, _, _ in ours.total.values()] == pytest.approx(theirs.total_order.ravel().tolist(), abs=1e-12)


def test_chance_is_shown_apart() -> None:
    """If it failed, luck would be counted as the working of a parameter, or hidden."""
    found = sobol_indices(told(sensitivity.SALTELLI, saltelli(256, 2, 1), lambda x: x[:, 0], chance=1.0, slots=50))
    assert found.rest == pytest.approx(12 / 13, abs=0.03)
    value, low, high = found.total["x1"]
    assert low <= value <= high
    assert value == pytest.approx(0.0, abs=0.06)  # 0.19 if chance were left in
    assert found.total["x0"][0] == pytest.approx(1.0, abs=0.1)


def test_what_chance_hides() -> None:
    """If it failed, a table of pure luck would be read as the working of parameters."""
    made = told(sensitivity.SALTELLI, saltelli(64, 2, 1), lambda x: 0.001 * x[:, 0], chance=1.0, slots=10)
    assert all(math.isnan(v) for v, _, _ in sobol_indices(made).total.values())


@pytest.mark.parametrize("slots", [2, 5, 10])
def test_pure_chance_is_all_of_it(slots: int) -> None:
    """If it failed, a table of pure luck with few seeds would be said to be explained in half by what was swept."""
    places = saltelli(512, 2, 1)
    alone = told(sensitivity.SALTELLI, places, lambda x: 0 * x[:, 0], chance=1.0, slots=slots)
    assert sobol_indices(alone).rest == pytest.approx(1.0, abs=0.05)  # (S - 1) / S with S degrees of freedom
    half = told(sensitivity.SALTELLI, places, lambda x: math.sqrt(12.0) * x[:, 0], chance=1.0, slots=slots)
    assert sobol_indices(half).rest == pytest.approx(0.5, abs=0.05)
    shared = np.repeat(np.random.default_rng(3).normal(size=(1, slots)), len(places), axis=0)
    object.__setattr__(alone, "values", shared)
    assert sobol_indices(alone).rest == pytest.approx(1.0)


def test_nothing_varies() -> None:
    """If it failed, a number that nothing moves would get indices out of rounding."""
    found = sobol_indices(told(sensitivity.SALTELLI, saltelli(16, 2, 1), lambda x: np.ones(len(x))))
    assert all(math.isnan(v) for v, _, _ in (*found.first.values(), *found.total.values()))


def test_morris_design() -> None:
    """If it failed, an elementary effect would mix two axes, or leave the space."""
    places = morris(20, 4, 1).reshape(20, 5, 4)
    assert places.min() >= -1e-12
    assert places.max() <= 1 + 1e-12
    steps = np.diff(places, axis=1)
    assert ((np.abs(steps) > 1e-12).sum(axis=2) == 1).all()
    assert np.abs(steps).sum(axis=2) == pytest.approx(2 / 3)
    assert ((np.abs(steps) > 1e-12).sum(axis=1) == 1).all()
    assert len({tuple(np.abs(s).argmax(axis=1)) for s in steps}) > 5


def test_known_effects() -> None:
    """If it failed, screening would rank parameters wrongly or lose the sign of an effect."""
    made = told(sensitivity.MORRIS, morris(20, 4, 1), lambda x: 3 * x[:, 0] - 2 * x[:, 1] + 4 * (x[:, 2] - 0.5) ** 2)
    found = morris_effects(made)
    assert found.mean["x0"] == pytest.approx((3.0, 3.0, 3.0))
    assert found.mean["x1"] == pytest.approx((-2.0, -2.0, -2.0))
    assert found.size["x1"][0] == pytest.approx(2.0)
    assert found.spread["x0"][0] == pytest.approx(0.0, abs=1e-9)
    assert found.spread["x2"][0] > 0.5
    assert found.size["x3"] == pytest.approx((0.0, 0.0, 0.0))


def test_refusals() -> None:
    """If it failed, indices would be read from a design that cannot give them."""
    made = told("latin", saltelli(4, 2, 1), lambda x: x[:, 0])
    with pytest.raises(UsageError, match="of the design 'saltelli'"):
        sobol_indices(made)
    with pytest.raises(UsageError, match="has one level"):
        sensitivity.indices(BASE, {"risk.slope": [1.0]}, workers=1)
    with pytest.raises(UsageError, match="trajectories"):
        sensitivity.screening(BASE, {"risk.slope": (1.0, 2.0)}, points=1, workers=1)
