"""From contributions to integer coefficients."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.engine.compose import LIMIT, by_place, compose, fate_cuts, fate_rates, out_of_range, to_integers
from tocsin.mechanisms import MECHANISMS
from tocsin.state import Effect


def param(name: str):
    """A declared parameter by full name."""
    mechanism, short = name.split(".")
    return next(p for m in MECHANISMS if m.name == mechanism for p in m.params if p.name == short)


def test_contributions_add_and_multiply_as_declared():
    """Else one mechanism would overwrite another's pull on people."""
    effects = [
        Effect(add={"gamma": 1.0}, times={"rho": 2.0, "rate": np.full((1, 2, 1, 5), 0.5)}),
        Effect(add={"gamma": np.array([[[[[0.0, -1000.0, 3.0]]]]])}, times={"rho": 3.0}),
    ]
    numbers = compose(effects)
    full = {n: np.broadcast_to(v, (1, 2, 1, 5, 3)[: v.ndim])[0] for n, v in numbers.items()}
    assert full["gamma"][1, 0, 4].tolist() == [1.0, -999.0, 4.0]
    assert full["rho"][0, 0, 0].tolist() == [6.0] * 3
    assert full["rate"][0, 0].tolist() == [0.5] * 5
    assert numbers["alpha"].sum() == 0.0


def test_what_is_left_out_holds_for_all():
    """Else a number by world and place would be read as one by action or tactic, and strikers stand for towns."""
    by_town = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    worldwide = Effect(add={"gamma": np.array([[10.0], [20.0]])})
    numbers = compose([Effect(add={"gamma": by_town, "sigma_h": by_town}), worldwide])
    wide = np.broadcast_to(numbers["gamma"], (2, 3, 4, 5, 3))
    for world, town in np.ndindex(2, 3):
        assert (wide[world, town] == by_town[world, town] + 10.0 * (world + 1)).all()
        assert (numbers["sigma_h"][world, town] == by_town[world, town]).all()
    rates = fate_rates([Effect(fate={"kill": by_town}), Effect(fate={"wound": np.ones((2, 3, 1, 8))})])
    assert (np.broadcast_to(rates, (2, 3, 4, 8, 6))[1, 2, :, :, 2] == 6.0).all()
    assert (rates[..., 1] == 1.0).all()


def test_every_draw_of_the_priors_fits_the_integers():
    """Else one draw in a thousand would end an ensemble: the largest risk is full severity over the least noise."""
    largest = param("risk.severity").high / param("law.noise").low * param("tactics.occupy_exposure").high
    assert largest < LIMIT
    numbers = compose([Effect(times={"rho": largest})])
    assert out_of_range(numbers, 1) == {}
    assert to_integers(numbers, 1, 1, np.array([True]), 0.25).rho.max() == round(largest * 2**20)


def test_a_coefficient_beyond_the_integers_is_refused():
    """Else sums would wrap around and the most frightened would act first."""
    assert out_of_range(compose([Effect(times={"rho": 2 * LIMIT})]), 1) == {0: "rho"}


@pytest.mark.parametrize("name", ["alpha", "gamma", "sigma_w"])
@pytest.mark.parametrize("bad", [LIMIT, -LIMIT, np.inf, np.nan])
def test_only_the_world_that_left_its_range_is_refused(name, bad):
    """Else one extreme draw would end all worlds that are stepped with it, or go on with numbers that mean nothing."""
    numbers = np.zeros((4, 3))
    numbers[2, 1] = bad
    assert out_of_range(compose([Effect(add={name: numbers})]), 4) == {2: name}
    assert out_of_range(compose([Effect(add={name: bad})]), 3) == dict.fromkeys(range(3), name)


def test_people_who_cannot_act_never_reconsider():
    """Else children would be counted among the protesters."""
    c = to_integers(compose([]), 1, 1, np.array([False, True]), 0.25)
    assert c.nu[0, 0].max() == 0
    assert c.nu[0, 1].min() > 0


def test_places_of_all_worlds_lie_one_after_another():
    """Else a town would be moved by what is felt in the same town of another world."""
    by_town = np.arange(6.0).reshape(2, 3)
    c = to_integers(compose([Effect(add={"gamma": by_town})]), 2, 3, np.array([True]), 0.25)
    assert c.gamma[:, 0, 0, 0].tolist() == (by_town.ravel() * 2**20).tolist()
    by_world = by_place(np.array([[[7]], [[9]]]), 2, 3)
    assert by_world.ravel().tolist() == [7, 7, 7, 9, 9, 9]


def test_competing_fates_share_one_chance():
    """Else a person could be both detained and killed in one tick, or too often either."""
    rates = np.zeros((1, 1, 1, 8, 6))
    rates[0, 0, 0, 1, :3] = 0.4, 0.2, 0.4
    cuts = fate_cuts(rates, 0.5)[0, 0, 0, 1] / 2**32
    assert cuts[2] == pytest.approx(1 - np.exp(-0.5))
    assert np.diff(np.concatenate([[0.0], cuts[:3]])) == pytest.approx((1 - np.exp(-0.5)) * np.array([0.4, 0.2, 0.4]))
