"""M5: who hears of what. Connectivity, its shutdown, and the public memory of deaths.

reach = openness (1 - shutdown (1 - kept)): what of the long-range signal gets through (Schwarz & Paula, EPSA 2025:
new places are less likely to start, ongoing protest changes little). local = 1 + shutdown * dispersal: a shutdown
keeps or raises local awareness (Hassanpour 2014, Political Communication 31:1). Known deaths move everybody by
`public_backlash` log-odds per doubling, sign free; private backlash runs along ties (M3). State messaging that blames
outsiders moves everybody by blame_effect * blame * (1 - openness) log-odds, sign free: who sees other media hears it
less. The shutdown in force is the larger of the scripted and the ordered one (M13); a
government that decides for itself can lift what the script left.
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, normal, uniform
from tocsin.exact import log, whole
from tocsin.state import HOME, Effect, View


class Information(Mechanism):
    """How far news of protest and of deaths carries, place by place."""

    number = "M5"
    name = "information"
    summary = "connectivity and shutdown; what is known of the dead; state messaging"
    phase = "information"
    params = (
        Param("openness", beta(3, 5), "share", 0.0, 1.0,
              "assumed; state media and filtered networks (V-Dem liberal index of Kazakhstan 2021: 0.12)",
              "Share of what happens elsewhere that ordinary channels show."),
        Param("shutdown_reach", beta(2, 5), "share", 0.0, 1.0,
              "domain.md 12; connectivity fell to 2 % of normal (kz032)",
              "Part of the long-range reach that a complete shutdown leaves."),
        Param("dispersal", uniform(0.0, 0.3), "share", 0.0, 1.0,
              "domain.md 12: local factor 1.0 to 1.3; Hassanpour 2014",
              "Rise of local awareness under a complete shutdown."),
        Param("public_backlash", normal(0.0, 0.15), "log-odds", -2.0, 2.0, "assumed, sign free (science.md 3)",
              "Change of everybody's log-odds to act per doubling of known deaths."),
        Param("blame_effect", normal(0.0, 0.2), "log-odds", -2.0, 2.0, "assumed, sign free (science.md 1, C11)",
              "Change of everybody's log-odds to act by messaging that blames outsiders, where no other media reach."),
    )
    columns = (
        Column("shutdown", "place", "share", "Share of connectivity removed by the script."),
        Column("reach", "place", "share", "Share of long-range news that arrives.", 1.0),
        Column("local", "place", "1", "Factor on awareness within the place.", 1.0),
        Column("known_deaths", "place", "people", "Deaths that people of the place have heard of."),
        Column("blame", "polity", "share", "Intensity of state messaging that blames outsiders for the protests."),
    )
    events = (
        EventKind("shutdown", "shutdown", "share", 0.0, 1.0, "Connectivity is removed; 1 is a complete shutdown.",
                  by="government"),
        EventKind("blame", "blame", "share", 0.0, 1.0, "State messaging blames outsiders; 1 is at full intensity."),
    )
    reads = ("shutdown", "shutdown_ordered", "killed", "known_deaths", "blame")
    sets = ("gamma",)

    def rule(self, see: View) -> Effect:
        """gamma += b log2(1 + known deaths) + framing; own deaths are known at once, others as far as news reaches."""
        free = see.setting.decides("government", see.clock.day - see.setting.days)
        scripted = see["shutdown"] * ((see.setting.states.own != HOME) | ~free)
        shutdown, killed = np.maximum(scripted, see["shutdown_ordered"]), see["killed"]
        reach = see.p["openness"] * (1.0 - shutdown * (1.0 - see.p["shutdown_reach"]))
        elsewhere = whole(killed) - killed
        known = np.maximum(see["known_deaths"], killed + reach * elsewhere)
        framing = see.p["blame_effect"] * see["blame"] * (1.0 - see.p["openness"])
        gamma = see.p["public_backlash"] * log(1.0 + known) / 0.6931471805599453 + framing
        return Effect(
            columns={"reach": reach, "local": 1.0 + shutdown * see.p["dispersal"], "known_deaths": known},
            add={"gamma": gamma},
        )
