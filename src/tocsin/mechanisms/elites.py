"""M12: elites who would drop the ruler coordinate on public signals of weakness: a one-sided global game.

The regime falls iff its strength theta lies below theta*(F) = 1 - c - F, whatever the noise of the private signals: an
elite who sees x = theta + noise attacks below x* = theta* - sigma PhiInv(c), and at theta* the attack is just large
enough (Morris & Shin; Angeletos, Hellwig & Pavan 2006, doi 10.1086/504901; Casper & Tyson 2014, doi
10.1017/S0022381613001485, for protest as the public signal). theta is the survival that elites believe in without
outside force, counting the loyal staff of places not lost; F is the believed outside force against the domestic one and
enters here only.
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, lognormal, normal
from tocsin.exact import chance, log, logistic, total
from tocsin.state import Effect, View


def threshold(cost: float, outside: float) -> float:
    """theta*(F) = 1 - c - F: the strength below which a regime falls when attacking costs `cost` in (0, 1)."""
    return 1.0 - cost - outside


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
                  choices={"off": 0.0, "on": 1.0}),
    )
    reads = ("turnout", "loyal", "control", "believed", "reshuffled", "removed")
    draws = ("removal",)
    uses = ("loyalty.belief_level", "loyalty.belief_slope")

    def rule(self, see: View) -> Effect:
        """The ruler is removed at the rate `speed` while theta < theta*(F)."""
        force = float(total(see.setting.garrison * see["loyal"] * (see["control"] < 2)))
        ratio = log((force + 1.0) / (float(total(see["turnout"])) + 1.0))
        strength = float(logistic(see.p["loyalty.belief_level"] + see.p["loyalty.belief_slope"] * ratio))
        believed = float(see["believed"][0])
        outside = believed / (believed + float(total(see.setting.garrison)) + 1.0)
        cost = float(np.clip(see.p["cost"] + see.p["reshuffle"] * see["reshuffled"][0], 0.01, 0.99))
        weak = strength < threshold(cost, outside)
        falls = weak and see.draw("removal", 1)[0] < chance(see.p["speed"], see.setting.days)
        return Effect(columns={"strength": strength, "removed": max(float(see["removed"][0]), float(falls))})
