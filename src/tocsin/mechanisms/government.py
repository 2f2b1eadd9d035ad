"""M13: the historical script of the government, and its mobile reserve.

The script (scenario events) sets emergency, rules of engagement, concessions and the request for help. Concessions
raise legitimacy, and embolden those who see others act (Rasler 1996, doi 10.2307/2096410: concessions raised protest).
Force: garrison x deployable share; a mobile part follows the reported crowds with travel time T: dC/dt = (C_wanted -
C)/T, which conserves the total; injuries take staff out. Reports B follow the true crowds A with delay and bias:
dB/dt = (bias A - B)/delay, from 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, lognormal, uniform
from tocsin.exact import chance, total
from tocsin.state import RULES, Effect, View

_FLAG = {"off": 0.0, "on": 1.0}


class Government(Mechanism):
    """What the government orders, and where its reserve goes."""

    number = "M13"
    name = "government"
    summary = "the script of orders and concessions; the mobile reserve"
    phase = "government"
    params = (
        Param("deployable", beta(6, 14), "share", 0.01, 1.0,
              "32,000 of about 108,000 police and guards on one night (science.md 3; context indicators)",
              "Share of all staff that can be in the street within a day."),
        Param("mobile", beta(2, 6), "share", 0.0, 1.0, "assumed",
              "Share of the deployed force that can be moved between places."),
        Param("travel", lognormal(12.0, 0.5), "hours", 1.0, 240.0, "assumed; airlift and road between Kazakh cities",
              "Time constant with which the reserve reaches another place."),
        Param("report_delay", lognormal(6.0, 0.5), "hours", 0.5, 72.0, "assumed",
              "Time constant with which crowds are reported to the government."),
        Param("report_bias", lognormal(1.0, 0.3), "ratio", 0.1, 10.0, "assumed, sign free",
              "Crowds as reported to the government, against the true ones."),
        Param("concession", uniform(0.0, 0.04), "share", -0.5, 0.5, "domain.md 12: +0.02 of legitimacy",
              "Rise of legitimacy by one concession."),
        Param("embolden", uniform(0.0, 0.1), "utility", -1.0, 1.0, "domain.md 12: 0 to 0.1; Rasler 1996",
              "Rise by one concession of the weight of a household or circle that is fully active."),
    )
    columns = (
        Column("emergency", "place", "flag", "1 while an emergency is in force."),
        Column("rules", "place", "code", "Rules of engagement: 0 none, 1 non-lethal, 2 lethal.", 1.0),
        Column("conceded", "place", "concessions", "Concessions made so far."),
        Column("requested", "polity", "flag", "1 once outside help was asked for."),
        Column("force", "place", "people", "Staff deployed in the place, loyal or not."),
        Column("reported", "place", "people", "Crowd as reported to the government."),
        Column("appeasement", "place", "share", "Change of legitimacy by concessions."),
    )
    events = (
        EventKind("emergency", "emergency", "flag", 0.0, 1.0, "A state of emergency begins or ends.", choices=_FLAG),
        EventKind("rules", "rules", "code", 0.0, 2.0, "The rules of engagement change.", choices=RULES),
        EventKind("concession", "conceded", "concessions", 0.0, 5.0, "The government gives way.", mode="add"),
        EventKind("request", "requested", "flag", 0.0, 1.0, "Outside help is asked for.", choices=_FLAG),
    )
    reads = ("conceded", "force", "turnout", "reported", "hurt")
    sets = ("sigma_h", "sigma_w")
    uses = ("law.noise",)

    def start(self, see: View) -> dict[str, Any]:
        """Everything deployable stands at home."""
        return {"force": see.setting.garrison * see.p["deployable"]}

    def rule(self, see: View) -> Effect:
        """Move the reserve towards reported crowds; take out the injured."""
        force = np.maximum(see["force"] - see["hurt"], 0.0)
        everyone = float(total(force))
        base = see.setting.garrison * (everyone / float(total(see.setting.garrison)))
        threat = see["reported"] + 1e-4 * see.setting.population
        wanted = (1.0 - see.p["mobile"]) * base + see.p["mobile"] * everyone * threat / float(total(threat))
        force = force + (wanted - force) * chance(24.0 / see.p["travel"], see.setting.days)
        heard = chance(24.0 / see.p["report_delay"], see.setting.days)
        bolder = (see.p["embolden"] / see.p["law.noise"] * see["conceded"])[:, None, None]
        return Effect(columns={
            "force": force,
            "reported": see["reported"] + (see.p["report_bias"] * see["turnout"] - see["reported"]) * heard,
            "appeasement": see.p["concession"] * see["conceded"],
        }, add={"sigma_h": bolder, "sigma_w": bolder})
