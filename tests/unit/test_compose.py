"""From contributions to integer coefficients."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.engine.compose import LIMIT, compose, fate_cuts, to_integers
from tocsin.errors import RunError
from tocsin.mechanisms import MECHANISMS
from tocsin.state import Effect


def param(name: str):
    """A declared parameter by full name."""
    mechanism, short = name.split(".")
    return next(p for m in MECHANISMS if m.name == mechanism for p in m.params if p.name == short)


def test_contributions_add_and_multiply_as_declared():
    """Else one mechanism would overwrite another's pull on people."""
    effects = {
        "a": Effect(add={"gamma": 1.0}, times={"rho": 2.0, "rate": np.full((2, 1, 5), 0.5)}),
        "b": Effect(add={"gamma": np.array([[[[0.0, -1000.0, 3.0]]]])}, times={"rho": 3.0}),
    }
    numbers = compose(effects, 2, 1)
    assert numbers["gamma"][1, 0, 4].tolist() == [1.0, -999.0, 4.0]
    assert numbers["rho"][0, 0, 0].tolist() == [6.0] * 3
    assert numbers["rate"][0, 0].tolist() == [0.5] * 5
    assert numbers["alpha"].sum() == 0.0


def test_every_draw_of_the_priors_fits_the_integers():
    """Else one draw in a thousand would end an ensemble: the largest risk is full severity over the least noise."""
    largest = param("risk.severity").high / param("law.noise").low * param("tactics.occupy_exposure").high
    assert largest < LIMIT
    numbers = compose({"law": Effect(times={"rho": largest})}, 1, 1)
    assert to_integers(numbers, np.array([True]), 0.25).rho.max() == round(largest * 2**20)


def test_a_coefficient_beyond_the_integers_is_refused():
    """Else sums would wrap around and the most frightened would act first."""
    numbers = compose({"law": Effect(times={"rho": 2 * LIMIT})}, 1, 1)
    with pytest.raises(RunError, match="rho"):
        to_integers(numbers, np.array([True]), 0.25)


def test_people_who_cannot_act_never_reconsider():
    """Else children would be counted among the protesters."""
    c = to_integers(compose({}, 1, 2), np.array([False, True]), 0.25)
    assert c.nu[0, 0].max() == 0
    assert c.nu[0, 1].min() > 0


def test_competing_fates_share_one_chance():
    """Else a person could be both detained and killed in one tick, or too often either."""
    rates = np.zeros((1, 1, 8, 6))
    rates[0, 0, 1, :3] = 0.4, 0.2, 0.4
    cuts = fate_cuts(rates, 0.5)[0, 0, 1] / 2**32
    assert cuts[2] == pytest.approx(1 - np.exp(-0.5))
    assert np.diff(np.concatenate([[0.0], cuts[:3]])) == pytest.approx((1 - np.exp(-0.5)) * np.array([0.4, 0.2, 0.4]))
