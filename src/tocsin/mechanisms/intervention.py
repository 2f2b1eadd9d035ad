"""M15: outside troops, through separate channels that can each be switched off alone.

capacity    a part `engaged` of the troops faces crowds
guarding    the rest guards sites and frees `freed` domestic staff each
signal      after the announcement, everybody believes in a force of P(commit) x `believed` men
guarantee   before it, in a part `standing` of that force, since the patron is known to be there
backlash    the arrival moves citizens and units, sign free
withdrawal  once troops leave, the believed force fades

F_bel is what is believed beyond the troops on the ground, which count as force. It enters the survival that units and
elites believe in (M11, M12) and lowers citizens' hope, gamma -= hope s1 ln(1 + F_bel/C); nowhere else (science.md 2).
With all channels off the run is bit-identical to one without a patron.
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, halfnormal, lognormal, normal
from tocsin.exact import exp, log, total
from tocsin.state import Effect, View

_FLAG = {"off": 0.0, "on": 1.0}


class Intervention(Mechanism):
    """What outside troops change, channel by channel."""

    number = "M15"
    name = "intervention"
    summary = "outside troops: capacity, guarding, signal, guarantee, backlash, withdrawal"
    phase = "intervention"
    switches = {
        "capacity": "troops that face crowds add to the force",
        "guarding": "troops that guard sites free domestic staff",
        "signal": "the announced force is believed in",
        "guarantee": "the patron is believed in before any announcement",
        "backlash": "the arrival angers, or calms, citizens and units",
        "withdrawal": "the believed force fades when troops leave",
    }
    params = (
        Param("commit", beta(2, 2), "probability", 0.0, 1.0, "assumed (science.md 3)",
              "P(commit): belief that the patron would fight, once it has announced."),
        Param("believed", lognormal(15_000.0, 0.8), "people", 0.0, 70_000.0, "assumed, capped at 70,000 (science.md 3)",
              "Force that the patron is believed to commit if it must."),
        Param("standing", beta(1, 9), "share", 0.0, 1.0, "assumed",
              "Part of that belief that holds before any announcement."),
        Param("hope", halfnormal(1.0), "log-odds per logit", 0.0, 10.0, "assumed",
              "Fall of everybody's log-odds to act per logit of survival that the believed force adds."),
        Param("engaged", beta(1, 4), "share", 0.0, 1.0,
              "assumed; reported as guarding 14 sites and not facing crowds (kz081)",
              "Share of the troops that faces crowds."),
        Param("freed", lognormal(0.8, 0.5), "ratio", 0.0, 5.0,
              "1,600 staff freed by 2,030 troops, the patron's figure (kz080)",
              "Domestic staff freed per guarding soldier."),
        Param("citizen_backlash", normal(0.05, 0.2), "log-odds", -3.0, 3.0, "assumed, sign free (science.md 3)",
              "Change of everybody's log-odds to act while foreign troops are in the country."),
        Param("unit_backlash", normal(0.05, 0.2), "utility", -3.0, 3.0, "assumed, sign free (science.md 3)",
              "Fall of a unit's gain from loyalty while foreign troops are in the country."),
        Param("fade", lognormal(7.0, 0.5), "days", 0.5, 365.0, "assumed",
              "Time over which the believed force fades once troops leave."),
    )
    columns = (
        Column("announced", "polity", "people", "Force announced by the patron."),
        Column("leaving", "polity", "flag", "1 once the withdrawal was announced."),
        Column("left", "polity", "days", "Time since that announcement."),
        Column("arrived", "place", "people", "Troops that have landed, running total."),
        Column("withdrawn", "place", "people", "Troops that have left, running total."),
        Column("troops", "place", "people", "Foreign troops in the place."),
        Column("support", "place", "people", "Force that the troops add or free in the place."),
        Column("believed", "polity", "people", "Believed outside force F_bel."),
        Column("unit_backlash", "polity", "utility", "Fall of units' gain from loyalty."),
    )
    events = (
        EventKind("decision", "announced", "people", 0.0, 1e6, "The patron announces a force of this size."),
        EventKind("arrival", "arrived", "people", 0.0, 1e6, "Foreign troops land in a place.", mode="add"),
        EventKind("withdrawal-announced", "leaving", "flag", 0.0, 1.0, "The end of the mission is announced.",
                  choices=_FLAG),
        EventKind("withdrawal", "withdrawn", "people", 0.0, 1e6, "Foreign troops leave a place.", mode="add"),
    )
    reads = ("announced", "leaving", "left", "arrived", "withdrawn")
    sets = ("gamma",)
    uses = ("loyalty.belief_slope",)

    def rule(self, see: View) -> Effect:
        """Troops by place, the force they add, the belief in more, and the backlash."""
        p, on = see.p, see.on
        troops = np.maximum(see["arrived"] - see["withdrawn"], 0.0)
        here = float(total(troops)) > 0
        support = (p["engaged"] * on["capacity"] + (1.0 - p["engaged"]) * p["freed"] * on["guarding"]) * troops
        left = float(see["left"][0]) + see.setting.days * float(see["leaving"][0])
        force = p["commit"] * p["believed"]
        believed = force * p["standing"] * on["guarantee"]
        if on["signal"] and see["announced"][0] > 0:
            believed = max(believed, force)
        if on["withdrawal"]:
            believed = believed * float(exp(-left / p["fade"]))
        believed = max(believed - float(total(troops)), 0.0)
        added = float(log(1.0 + believed / (float(total(see.setting.garrison)) + 1.0)))
        despair = p["hope"] * p["loyalty.belief_slope"] * added
        felt = float(on["backlash"] and here)
        return Effect(
            columns={"troops": troops, "support": support, "left": left, "believed": believed,
                     "unit_backlash": p["unit_backlash"] * felt},
            add={"gamma": p["citizen_backlash"] * felt - despair},
        )
