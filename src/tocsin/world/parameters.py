"""One parameter vector from the priors, keyed by parameter name, so that adding a parameter moves no other."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.draw import name_hash, uniforms
from tocsin.scenario import declared
from tocsin.scenario.scenario import Scenario


def draw_parameters(scenario: Scenario, draw: int, state: int = 0) -> dict[str, float]:
    """The parameters of draw number `draw` in one state, by full name, clipped to their declared ranges.

    A state with a prior of its own takes the same quantile of it as the others take of theirs. The shares of one
    mechanism's simplex add up to one, whether all are drawn or some are fixed. Values are rounded to twelve digits, so
    that library quantile functions may differ in the last bits between machines without moving a result.
    """
    one = np.zeros(1, np.int64)
    special = scenario.states[state - 1].parameters if state else {}
    values: dict[str, float] = {}
    for mechanism in declared.everything(scenario.extensions):
        drawn, left = [], 1.0
        for param in mechanism.params:
            name = f"{mechanism.name}.{param.name}"
            prior = special.get(name, scenario.parameters[name]).prior
            value = prior.quantile(float(uniforms(draw, name_hash(f"prior {name}"), 0, one, one)[0]))
            values[name] = value if prior.kind == "simplex" else min(max(value, param.low), param.high)
            if prior.kind == "simplex":
                drawn.append(name)
            elif param.prior.kind == "simplex":
                left -= values[name]
        whole = sum(values[n] for n in drawn)
        values |= {n: values[n] / whole * max(left, 0.0) for n in drawn}
    return {name: float(f"{value:.12g}") for name, value in values.items()}
