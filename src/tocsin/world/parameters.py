"""One parameter vector from the priors, keyed by parameter name, so that adding a parameter moves no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from tocsin.kernels.draw import name_hash, uniforms
from tocsin.mechanisms import MECHANISMS
from tocsin.scenario.scenario import Scenario


def draw_parameters(scenario: Scenario, draw: int) -> dict[str, float]:
    """The parameters of draw number `draw`, by full name, clipped to their declared ranges.

    The shares of one mechanism's simplex are normalised together. Values are rounded to twelve digits, so that library
    quantile functions may differ in the last bits between machines without moving a result.
    """
    one = np.zeros(1, np.int64)
    values: dict[str, float] = {}
    for mechanism in MECHANISMS:
        for param in mechanism.params:
            name = f"{mechanism.name}.{param.name}"
            prior = scenario.parameters[name].prior
            u = float(uniforms(draw, name_hash(f"prior {name}"), 0, one, one)[0])
            value = prior.quantile(u)
            values[name] = value if prior.kind == "simplex" else min(max(value, param.low), param.high)
        _normalise(scenario, values, (f"{mechanism.name}.{p.name}" for p in mechanism.params))
    return {name: float(f"{value:.12g}") for name, value in values.items()}


def _normalise(scenario: Scenario, values: dict[str, float], names: Iterable[str]) -> None:
    group = [n for n in names if scenario.parameters[n].prior.kind == "simplex"]
    whole = sum(values[n] for n in group)
    for name in group:
        values[name] /= whole


def own(mechanism: str, uses: Iterable[str], values: Mapping[str, float]) -> dict[str, float]:
    """What one mechanism sees of a vector: its own parameters by short name, foreign ones by full name."""
    prefix = f"{mechanism}."
    mine = {n[len(prefix) :]: v for n, v in values.items() if n.startswith(prefix)}
    return {**mine, **{n: values[n] for n in uses}}
