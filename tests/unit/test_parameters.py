"""The vectors of the priors: the same numbers for ever, drawn by name, rounded to twelve digits, solved for once."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from tocsin.declare import fixed
from tocsin.exact import exp, log, logistic, total
from tocsin.kernels.draw import name_hash, uniforms
from tocsin.kernels.shares import answering, leaning
from tocsin.scenario.declared import parameters
from tocsin.scenario.load import load, names
from tocsin.scenario.parts import Setpoint
from tocsin.world import build
from tocsin.world.build import parameters_of
from tocsin.world.layout import distances
from tocsin.world.parameters import draw_parameters, rounded, rounded_all
from tocsin.world.setting import setting_of

KEPT = {
    "armenia-2018": "c0256e6be5c130fe",
    "bahrain-2011": "3fe3a23212ffa0f8",
    "belarus-2020": "d76f8020b429787c",
    "czechoslovakia-1968": "bb7435262c16590e",
    "gdr-1989": "d4631ab6e5df1acb",
    "hungary-1956": "ecd36bce2a603ef0",
    "kazakhstan-2022": "6a13f4067e15cfed",
    "kazakhstan-2022-alliance": "16ddb66068bee25a",
    "kyrgyzstan-2020": "d545d79ed5097979",
}
"""Digests of all parameters of all societies over fifty draws; new ones only where results change on purpose."""


@pytest.mark.parametrize("name", names())
def test_parameters_keep_their_bits(name: str) -> None:
    """Else a run could not be made again: another last digit of one coefficient gives other people in the street."""
    scenario, digest = load(name), hashlib.sha256()
    for draw in range(50):
        for state, vector in sorted(parameters_of(scenario, draw).items()):
            for key, value in vector.items():
                digest.update(f"{draw} {state} {key} {value.hex()}\n".encode())
    assert digest.hexdigest()[:16] == KEPT[name]


def test_each_parameter_has_a_draw_of_its_own() -> None:
    """Else a parameter that somebody adds, or fixes, would move all the others."""
    scenario, zero = load("kazakhstan-2022"), np.zeros(1, np.int64)
    vector = draw_parameters(scenario, 7)
    for name, param in parameters().items():
        prior, value = scenario.parameters[name].prior, vector[name]
        u = float(uniforms(7, name_hash(f"prior {name}"), 0, zero, zero)[0])
        if prior.kind != "simplex":
            assert value == rounded(min(max(prior.quantile(u), param.low), param.high))
    changed = scenario.vary({"law.gain": 1.5})
    assert {n for n, v in draw_parameters(changed, 7).items() if v != vector[n]} == {"law.gain"}


def test_shares_add_up_to_one_beside_a_fixed_one() -> None:
    """Else a channel whose share is known would leave the others more, or less, than the rest of the gain."""
    base = load("kazakhstan-2022")
    shares = [n for n, p in parameters().items() if p.prior.kind == "simplex"]
    known = {**base.parameters, shares[0]: Setpoint(fixed(0.6), "assumed")}
    for scenario in (base, replace(base, parameters=known)):
        assert sum(draw_parameters(scenario, 3)[n] for n in shares) == pytest.approx(1.0, abs=1e-11)
    free, bound = draw_parameters(base, 3), draw_parameters(replace(base, parameters=known), 3)
    assert bound[shares[0]] == 0.6
    assert bound[shares[1]] / bound[shares[2]] == pytest.approx(free[shares[1]] / free[shares[2]], rel=1e-9)


def test_rounding_many_is_rounding_each() -> None:
    """Else a parameter would depend, in its last digit, on how many were rounded with it."""
    rng = np.random.default_rng(4)
    wide = 10.0 ** rng.uniform(-30, 30, 20_000) * rng.choice([-1.0, 1.0], 20_000)
    digits = rng.integers(10**11, 10**12, 20_000).astype(np.float64)
    halves = (digits + 0.5) * 10.0 ** rng.integers(-14, 5, 20_000)
    near = np.nextafter(10.0 ** np.arange(-20.0, 20.0), np.repeat([0.0, np.inf], 20))
    kept = [0.0, -0.0, 1.0, 0.001, 999999999999.5, 99999999999.95, 1e11, 1e12, 1e-300, 5e-324, 1e300]
    values = np.concatenate([wide, digits, halves, np.nextafter(halves, 0.0), near, 1.0 / near, kept])
    assert [v.hex() for v in rounded_all(values).tolist()] == [rounded(v).hex() for v in values.tolist()]


def test_compiled_shares_have_the_bits_of_exact() -> None:
    """Else the solver would take another path on another processor, and end at another coefficient."""
    rng = np.random.default_rng(5)
    pull, weight, buffer = rng.normal(0, 5, 96), rng.uniform(0, 1, 96), np.empty(96)
    for push, fear in zip(rng.normal(0, 9, 500).tolist(), rng.uniform(0.01, 20, 500).tolist(), strict=True):
        lifted = pull + push
        soft = [np.maximum(v, 0.0) + log(1.0 + exp(-np.abs(v))) for v in (lifted, lifted - fear)]
        steep = [logistic(v) for v in (lifted, lifted - fear)]
        for kernel, (high, low) in ((answering, soft), (leaning, steep)):
            wanted = 0.7 * float(total((high - low) * weight)) / fear
            assert kernel(0.7, pull, weight, push, fear, buffer) == wanted


def test_a_family_of_worlds_is_solved_for_once() -> None:
    """Else an ensemble would spend its time on solving the same equations for each of its worlds."""
    base = load("kazakhstan-2022")
    parameters_of(base, 123)
    before = build._vectors.cache_info()
    for world in (base, base.world("no-request"), base.world("never-lands")):
        parameters_of(world, 123)
    assert build._vectors.cache_info().hits == before.hits + 3
    assert build._vectors.cache_info().misses == before.misses


def test_what_worlds_share_cannot_be_changed_in_one() -> None:
    """Else one run could change the country, or the coefficients, of the runs after it."""
    base = load("kazakhstan-2022")
    vector = parameters_of(base, 5)[0]
    kept = vector["law.gain"]
    vector["law.gain"] = 99.0
    assert parameters_of(base, 5)[0]["law.gain"] == kept
    setting = setting_of(base)
    assert setting is setting_of(base)
    for array in (setting.population, setting.km, setting.states.side, distances(base.places_of(0))):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    other = base.vary({"place.Mangystau.garrison": 17})
    assert setting_of(other).garrison.tolist() != setting.garrison.tolist()
