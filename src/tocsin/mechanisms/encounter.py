"""M8: what befalls people where crowds and force meet, and the search for participants afterwards.

C            = max(0, loyal staff + support - pinned O)
arrest rate  = min(arrest, capacity C/A) where force may be used
death rate   = min(death (1 + gunfight G/A), fire_capacity C/A) under lethal rules, `nonlethal_death` of it under
               non-lethal ones
wounded      = wounded_per_killed x deaths
sweep rate   = min(sweep e, capacity C/former) in places not lost; e = 1 under an emergency, else `unannounced`
injured      = C [1 - exp(-(forces_hurt A + armed_hurt G) dt/C)] officers; forces_hurt only where force may be used

A, G, C, O: people present in the street, armed ones in action, force that faces them and foreign troops against the
regime, of this tick. The own staff's part of the injured is `hurt`. The state always responds to a crowd (Davenport
2007, Annual Review of Political Science 10: law of coercive responsiveness), within its rules and numbers.
Sweeps look for former participants at home: 62 % of the detentions of January 2022 came when streets were mostly empty
(science.md 2).
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Column, Mechanism, Param, beta, fixed, lognormal
from tocsin.exact import Floats, chance, whole
from tocsin.state import DETAINED, FORMER, MARCHING, OCCUPYING, WOUNDED, Effect, View, aligned, one, only


class Encounter(Mechanism):
    """Arrests, injuries, deaths, sweeps, release: rates of fate, bounded by the force there."""

    number = "M8"
    name = "encounter"
    summary = "arrests, injuries and deaths by the force present; sweeps afterwards"
    phase = "encounter"
    params = (
        Param("arrest", lognormal(0.01, 1.2), "1/day", 0.0, 5.0,
              "Belarus Sundays 0.1 to 1.1 %, first nights far higher (science.md 3)",
              "Rate at which a person in the street is arrested."),
        Param("arrest_capacity", lognormal(0.3, 0.7), "1/day", 0.0, 10.0, "assumed",
              "Arrests that one officer can make in a day."),
        Param("death", lognormal(0.002, 1.2), "1/day", 0.0, 1.0,
              "per peak person: Iran 2019 0.2 to 1.7 %, Kyrgyzstan 2010 0.4 to 2 % (science.md 3)",
              "Rate at which a person in the street is killed under lethal rules."),
        Param("nonlethal_death", fixed(0.02), "ratio", 0.0, 1.0, "assumed",
              "Deaths under non-lethal rules, against lethal ones."),
        Param("fire_capacity", fixed(0.05), "1/day", 0.0, 1.0, "assumed",
              "Most deaths that one officer causes in a day."),
        Param("wounded_per_killed", lognormal(10.0, 0.5), "ratio", 0.0, 100.0,
              "2,265 sought care, 164 to 238 dead in January 2022 (kz071, kz091)",
              "Wounded persons for each person killed."),
        Param("sweep", lognormal(0.02, 0.8), "1/day", 0.0, 5.0, "Kazakhstan 2 to 3 % a day (science.md 3)",
              "Rate at which a former participant is detained at home under an emergency."),
        Param("unannounced", beta(1, 4), "ratio", 0.0, 1.0, "assumed; Belarus 2020 had searches and no emergency",
              "Part of that rate where no emergency is in force."),
        Param("release", lognormal(0.1, 0.5), "1/day", 0.0, 5.0, "assumed; arrests of up to 15 days",
              "Rate at which a detained person is released."),
        Param("recovery", lognormal(0.15, 0.5), "1/day", 0.0, 5.0, "assumed",
              "Rate at which a wounded person recovers."),
        Param("forces_hurt", lognormal(0.02, 1.0), "1/day", 0.0, 2.0,
              "assumed; 3,393 security staff injured in January 2022 (kz084) is a target, not an input",
              "Officers injured per person in the street and day where force is used."),
        Param("armed_hurt", lognormal(0.2, 1.0), "1/day", 0.0, 10.0, "assumed",
              "Officers injured per armed person in action and day, whatever the rules."),
        Param("gunfight", lognormal(10.0, 1.0), "ratio", 0.0, 1000.0, "assumed",
              "Rise of the death rate with the armed share of the crowd: at 10, twice as high where a tenth is armed."),
        Param("pinned", lognormal(1.0, 0.5), "ratio", 0.0, 10.0, "assumed",
              "Officers kept from the crowd by one foreign soldier against the regime."),
    )
    columns = (
        Column("hurt", "place", "people", "Own staff injured in this tick."),
        Column("injured_forces", "polity", "people", "Own staff injured since the start."),
    )
    reads = ("present", "presence", "force", "loyal", "support", "opposing", "armed", "rules", "emergency", "control",
             "former", "injured_forces")
    sets = ("detain", "wound", "kill", "release", "recover", "sweep")

    def rule(self, see: View) -> Effect:
        """Rates of fate by place and action, and own staff injured."""
        rules, p, crowd, armed = see["rules"], see.p, see["present"], see["armed"]
        own = see["force"] * see["loyal"]
        force = np.maximum(own + see["support"] - p["pinned"] * see["opposing"], 0.0)
        per_head = force / np.maximum(crowd, 1.0)
        death = p["death"] * (1.0 + p["gunfight"] * np.minimum(armed / np.maximum(crowd, 1.0), 1.0))
        used = np.minimum(rules, 1.0)
        lethal = np.where(rules >= 2, 1.0, p["nonlethal_death"] * used)
        kill = self.street(see, np.minimum(death, p["fire_capacity"] * per_head) * lethal)
        detain = self.street(see, np.minimum(p["arrest"], p["arrest_capacity"] * per_head) * used)
        searching = force * (see["control"] < 2)
        sought = p["sweep"] * np.where(see["emergency"] > 0, 1.0, p["unannounced"] * used)
        sweep = np.minimum(sought, p["arrest_capacity"] * searching / np.maximum(see["former"], 1.0))
        danger = p["forces_hurt"] * used * crowd + p["armed_hurt"] * armed
        hurt = force * chance(danger / np.maximum(force, 1e-9), see.setting.days)
        hurt = hurt * own / np.maximum(own + see["support"], 1e-9)
        return Effect(
            columns={"hurt": hurt, "injured_forces": see["injured_forces"] + whole(hurt)},
            fate={"detain": detain, "wound": kill * aligned(p["wounded_per_killed"], 4), "kill": kill,
                  "release": only(DETAINED, p["release"]), "recover": only(WOUNDED, p["recovery"]),
                  "sweep": only(FORMER, sweep)},
        )

    def street(self, see: View, rate: Floats) -> Floats:
        """A rate for those who are in the street, by what they do, float[W, P, 1, 8]."""
        marchers, occupiers = one(see["presence"], MARCHING - 1), one(see["presence"], OCCUPYING - 1)
        return only(MARCHING, rate * marchers) + only(OCCUPYING, rate * occupiers)

