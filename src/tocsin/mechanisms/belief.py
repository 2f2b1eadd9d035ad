"""M4: crowds larger than expected tell people that others hide the same discontent; smaller ones tell the contrary.

v_p = (1 - m reach_p) A_p/N_p + m reach_p A/Nbar         turnout seen: own place, and the whole crowd as media show it
s_p = ln[(v_p + o/Nbar) / (e_p + o/Nbar)]                surprise; e_p: expected turnout, o: an ordinary crowd
d ln(e_p + o/Nbar)/dt = s_p/expectation;   d b_p/dt = (s_p - b_p)/memory;   gamma_p += w b_p

Discontent (hardship, M1) is private and public action is not, so people learn of each other's discontent from turnout
alone (Kuran 1991, World Politics 44:1, doi 10.2307/2010422). What informs is the difference from the expected, and a
movement of constant size ends by telling nothing (Lohmann 1994, World Politics 47:1, doi 10.2307/2950679). Media weigh
as in M2 and show the crowd against a place of mean size Nbar as in M6. The weight w is solved from the gain
(world/identify.py). The ordinary crowd keeps the logarithm finite and makes no crowd no surprise; where an agent stands
for more people than that, one agent is a surprise. At the start everybody expects the background.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, Mechanism, Param, lognormal
from tocsin.exact import chance, exp, log, whole
from tocsin.state import Effect, View


class Belief(Mechanism):
    """What people make of each other from turnout that they did not expect."""

    number = "M4"
    name = "belief"
    summary = "private discontent against public action: belief moves on turnout that surprises"
    phase = "coefficients"
    params = (
        Param("ordinary", lognormal(300.0, 1.0), "people", 1.0, 1e5,
              "events of 2016 to 2020 had tens to 4,000 people (science.md 3); assumed to be ordinary",
              "Crowd o in a place of mean size that is nothing unusual."),
        Param("expectation", lognormal(7.0, 0.7), "days", 0.5, 365.0,
              "assumed; Lohmann 1994: Leipzig compared one Monday with the last",
              "Time over which the turnout that people expect follows what they see."),
        Param("memory", lognormal(2.0, 0.5), "days", 0.1, 100.0, "assumed",
              "Time over which belief follows surprise, and fades without any."),
    )
    columns = (
        Column("expected", "place", "share", "Turnout that people of the place expect to see."),
        Column("belief", "place", "log-odds", "Belief that others are as discontented, against what was expected."),
    )
    reads = ("expected", "belief", "turnout", "reach")
    sets = ("gamma",)
    uses = ("derived.belief", "risk.media", "information.openness", "grievance.background", "fatigue.rest")

    def start(self, see: View) -> dict[str, Any]:
        """Everybody expects the ordinary background: what begins in a day, for as long as people stay."""
        media, places = see.p["risk.media"] * see.p["information.openness"], len(see.setting.places)
        background = see.p["grievance.background"] / see.p["fatigue.rest"]
        return {"expected": background * (1.0 - media + media * places)}

    def rule(self, see: View) -> Effect:
        """Compare what is seen with what was expected; both expectation and belief follow."""
        population, turnout, days = see.setting.population, see["turnout"], see.setting.days
        mean = whole(population) / len(see.setting.places)
        weight = see.p["risk.media"] * see["reach"]
        seen = (1.0 - weight) * turnout / population + weight * whole(turnout) / mean
        ordinary = see.p["ordinary"] / mean
        surprise = log((seen + ordinary) / (see["expected"] + ordinary))
        followed = chance(1.0 / see.p["expectation"], days)
        expected = np.maximum((see["expected"] + ordinary) * exp(followed * surprise) - ordinary, 0.0)
        belief = see["belief"] + (surprise - see["belief"]) * chance(1.0 / see.p["memory"], days)
        return Effect(
            columns={"expected": expected, "belief": belief},
            add={"gamma": see.p["derived.belief"] * belief},
        )
