"""M16: the people of a state that has soldiers in the home state learn of it, and answer.

x      = ln(1 + 10^6 D/N)                        D soldiers of this state in home, N its people
seen_p = reach_p + f (1 - openness)              independent news, and state media once they show the mission
dm_p/dt = (x seen_p - m_p)/T                     T = `learning` while it rises, `fading` while it falls
gamma_p += m_p (backlash + framing f)

f in [0, 1] is how strongly the state shows its soldiers in its own light (event mission-frame). The equations are ours;
that media carry backlash is in Sutton, Butcher & Svensson 2014 (J. Peace Research 51:5). Both signs are free: a mission
may anger or rally. In the home state nothing happens. Repression in the sending state acts through the law (M2, M8) and
can keep people quiet who have taken the mission in. What unrest there is reaches home's alliance by the bulletin.
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, lognormal, normal
from tocsin.exact import chance, log, whole
from tocsin.state import HOME, Effect, View, one

_MILLION = 1e6


class Sending(Mechanism):
    """What a society makes of its own soldiers abroad."""

    number = "M16"
    name = "sending"
    summary = "people of a sending state learn of its soldiers abroad, and answer"
    phase = "coefficients"
    switches = {
        "mission": "the mission itself angers, or rallies, the people who sent it",
        "frame": "state messaging shows the mission and colours it",
    }
    params = (
        Param("backlash", normal(0.0, 0.1), "log-odds per ln unit", -2.0, 2.0, "assumed, sign free (science.md 1, C7)",
              "Change of everybody's log-odds to act per unit of the known size ln(1 + soldiers per million people)."),
        Param("framing", normal(0.0, 0.1), "log-odds per ln unit", -2.0, 2.0, "assumed, sign free (science.md 1, C11)",
              "Change of that effect when state messaging shows the mission in full."),
        Param("learning", lognormal(2.0, 0.5), "days", 0.1, 60.0, "assumed",
              "Time over which people take in that soldiers were sent."),
        Param("fading", lognormal(14.0, 0.5), "days", 0.5, 365.0, "assumed",
              "Time over which the mission is forgotten once it is over or out of sight."),
    )
    columns = (
        Column("frame", "polity", "share", "How strongly state messaging shows the own mission."),
        Column("mission", "place", "ln unit", "Size of the own mission as people have taken it in."),
    )
    events = (
        EventKind("mission-frame", "frame", "share", 0.0, 1.0,
                  "State messaging shows the own soldiers abroad in its light; 1 is all of it."),
    )
    reads = ("deployed", "reach", "frame", "mission")
    sets = ("gamma",)
    uses = ("information.openness",)

    def rule(self, see: View) -> Effect:
        """Move what is known towards what is shown, and answer it."""
        setting, p, known = see.setting, see.p, see["mission"]
        own = setting.states.own
        if own == HOME:
            return Effect(columns={"mission": known}, add={"gamma": 0.0})
        frame = see["frame"] * see.on["frame"]
        size = log(1.0 + _MILLION * one(see["deployed"], own) / whole(setting.population))
        shown = size * (see["reach"] + frame * (1.0 - p["information.openness"]))
        days = np.where(shown > known, p["learning"], p["fading"])
        mission = known + (shown - known) * chance(1.0 / days, setting.days)
        answer = p["backlash"] * see.on["mission"] + p["framing"] * frame
        return Effect(columns={"mission": mission}, add={"gamma": answer * mission})
