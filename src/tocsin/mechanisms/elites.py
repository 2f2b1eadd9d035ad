"""M12: elites who would drop the ruler coordinate on public signals of weakness: a one-sided global game.

The regime falls iff its strength theta lies below theta*(F) = 1 - c - F, whatever the noise of the private signals: an
elite who sees x = theta + noise attacks below x* = theta* - sigma PhiInv(c), and at theta* the attack is just large
enough (Morris & Shin; Angeletos, Hellwig & Pavan 2006, doi 10.1086/504901; Casper & Tyson 2014, doi
10.1017/S0022381613001485, for protest as the public signal). theta is the survival that elites believe in without
outside force, counting the loyal staff of places not lost; a force against the regime, there or believed in, stands
beside the crowd. F is the outside force, there or believed in, against the domestic one and enters here only.
`fixed_point` plays the game out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, lognormal, normal
from tocsin.exact import LOGISTIC_SD, chance, log, logistic, whole
from tocsin.state import Effect, View


def threshold(cost: Any, outside: Any) -> Any:
    """theta*(F) = 1 - c - F: the strength below which a regime falls when attacking costs `cost` in (0, 1)."""
    return 1.0 - cost - outside


def fixed_point(cost: float, outside: float, noise: float) -> float:
    """theta* found by playing the game: cutoff and attack by bisection, without the closed form.

    Signals x = theta + noise eps, eps logistic with unit variance, a flat prior on theta. Where everybody expects the
    regime to fall below theta', one attacks if P(theta < theta' | x) >= cost, and the regime falls where the share who
    attack exceeds theta + outside. theta* is the theta' that confirms itself.
    """
    scale = noise / LOGISTIC_SD

    def crossing(low: float, high: float, above: Any) -> float:
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if above(middle) else (low, middle)
        return 0.5 * (low + high)

    def fall(expected: float) -> float:
        reach = 40.0 * scale + 1.0
        cutoff = crossing(expected - reach, expected + reach, lambda x: logistic((expected - x) / scale) >= cost)
        return crossing(-1.0 - outside, 2.0, lambda theta: logistic((cutoff - theta) / scale) > theta + outside)

    return crossing(-1.0 - outside, 2.0, lambda expected: fall(expected) > expected)


class Elites(Mechanism):
    """Insiders who remove the ruler when everybody can see that he is weak."""

    number = "M12"
    name = "elites"
    summary = "insiders coordinate on public weakness and remove the ruler"
    phase = "elites"
    params = (
        Param("cost", beta(6, 6), "share", 0.01, 0.99, "domain.md 12: 0.5 (0.3 to 0.7)",
              "Cost c of moving against the ruler and failing, against the prize."),
        Param("reshuffle", normal(0.05, 0.1), "share", -0.5, 0.5, "assumed, sign free",
              "Change of the cost once the ruler has replaced rivals at the top."),
        Param("speed", lognormal(1.0, 0.5), "1/day", 0.05, 24.0, "assumed",
              "Rate at which a removal happens while strength is below the threshold."),
    )
    columns = (
        Column("reshuffled", "polity", "flag", "1 once rivals at the top were replaced."),
        Column("strength", "polity", "share", "Public signal theta of the regime's strength.", 1.0),
        Column("removed", "polity", "flag", "1 once the ruler was removed by insiders."),
    )
    events = (
        EventKind("reshuffle", "reshuffled", "flag", 0.0, 1.0, "Rivals at the top are replaced.",
                  choices={"off": 0.0, "on": 1.0}, by="government"),
    )
    reads = ("turnout", "loyal", "control", "support", "believed", "opposing", "believed_against", "reshuffled",
             "reshuffle_ordered", "removed")
    draws = {"removal": "polity"}
    uses = ("loyalty.belief_level", "loyalty.belief_slope")

    def rule(self, see: View) -> Effect:
        """The ruler is removed at the rate `speed` while theta < theta*(F)."""
        force = whole(see.setting.garrison * see["loyal"] * (see["control"] < 2))
        crowd = whole(see["turnout"] + see["opposing"]) + see["believed_against"]
        ratio = log((force + 1.0) / (crowd + 1.0))
        strength = logistic(see.p["loyalty.belief_level"] + see.p["loyalty.belief_slope"] * ratio)
        aid = see["believed"] + whole(see["support"])
        outside = aid / (aid + whole(see.setting.garrison) + 1.0)
        replaced = np.maximum(see["reshuffled"], see["reshuffle_ordered"])
        cost = np.clip(see.p["cost"] + see.p["reshuffle"] * replaced, 0.01, 0.99)
        weak = strength < threshold(cost, outside)
        falls = weak & (see.draw("removal") < chance(see.p["speed"], see.setting.days))
        return Effect(columns={"strength": strength, "removed": np.maximum(see["removed"], falls)})
