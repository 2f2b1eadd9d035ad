"""M13b: where the government's staff stand: posted, moved, ordered aside, injured; and what they report.

Force C_i, staff aside S_i, injured I_i of place i; N_i = C_i + S_i is the staff there.

N*_i = (1 - mobile) N garrison_i/garrison + mobile N threat_i/threat     wanted; threat: reported crowd, 1e-4 of people
flow_ij = surplus_i deficit_j/deficit [1 - exp(-dt/T_ij)]                T_ij = muster + km_ij/speed
S_i rises at once to aside_i N_i and falls back with the time constant `muster`
I_i gains who is hurt and loses them to C_i at the rate `heal`
dB/dt = (bias A - B)/delay, from 0                                       reports B of the true crowd A

C + S + I, added over places, stays deployable x garrison: only staff of C is moved or hurt. Ordered withdrawal and
reinforcement with travel time: science.md 2. If `speed` is far too low, each place is left to itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, Mechanism, Param, beta, lognormal
from tocsin.exact import Floats, chance, total, whole
from tocsin.state import Effect, View

_EVERYWHERE = 1e-4  # share of the people counted as a threat where nothing is reported


class Forces(Mechanism):
    """Staff of the government, place by place, and their reports."""

    number = "M13b"
    name = "forces"
    summary = "staff posted, moved, ordered aside and injured; what they report"
    phase = "government"
    params = (
        Param("mobile", beta(2, 6), "share", 0.0, 1.0, "assumed",
              "Share of the deployed staff that can be moved between places."),
        Param("muster", lognormal(4.0, 0.5), "hours", 0.25, 96.0, "assumed",
              "Time constant with which staff are gathered before they move or come back to their posts."),
        Param("speed", lognormal(120.0, 0.5), "km per hour", 5.0, 900.0, "assumed; between road (60) and airlift (500)",
              "Speed at which staff travel between places, along the straight line."),
        Param("heal", lognormal(0.15, 0.5), "1/day", 0.0, 5.0, "assumed; most injuries of staff are light",
              "Rate at which injured staff return to duty."),
        Param("report_delay", lognormal(6.0, 0.5), "hours", 0.5, 72.0, "assumed",
              "Time constant with which crowds are reported to the government."),
        Param("report_bias", lognormal(1.0, 0.3), "ratio", 0.1, 10.0, "assumed, sign free",
              "Crowds as reported to the government, against the true ones."),
    )
    columns = (
        Column("force", "place", "people", "Staff deployed in the place, loyal or not."),
        Column("withheld", "place", "people", "Staff in the place who stand aside on orders."),
        Column("recovering", "place", "people", "Injured staff who are not back on duty."),
        Column("reported", "place", "people", "Crowd as reported to the government."),
    )
    reads = ("force", "withheld", "recovering", "reported", "aside", "turnout", "hurt")
    uses = ("government.deployable",)

    def start(self, see: View) -> dict[str, Any]:
        """Everything deployable stands at home."""
        return {"force": see.setting.garrison * see.p["government.deployable"]}

    def rule(self, see: View) -> Effect:
        """Take out the injured, bring back the recovered, move the reserve, and stand aside as ordered."""
        days, muster = see.setting.days, 24.0 / see.p["muster"]
        hurt = np.minimum(see["hurt"], see["force"])
        back = see["recovering"] * chance(see.p["heal"], days)
        force = see["force"] - hurt + back
        force = force + self.arrivals(see, force, see["withheld"])
        staff, withheld = force + see["withheld"], see["withheld"]
        change = see["aside"] * staff - withheld
        withheld = withheld + np.where(change > 0, change, change * chance(muster, days))
        heard = chance(24.0 / see.p["report_delay"], days)
        return Effect(columns={
            "force": np.maximum(staff - withheld, 0.0),
            "withheld": withheld,
            "recovering": see["recovering"] - back + hurt,
            "reported": see["reported"] + (see.p["report_bias"] * see["turnout"] - see["reported"]) * heard,
        })

    def arrivals(self, see: View, force: Floats, withheld: Floats) -> Floats:
        """Net staff float[W, P] reaching each place in this tick, from surplus to deficit; adds up to zero."""
        setting, p = see.setting, see.p
        staff = force + withheld
        everyone = whole(staff)
        base = setting.garrison * (everyone / np.maximum(whole(setting.garrison), 1.0))
        threat = see["reported"] + _EVERYWHERE * setting.population
        wanted = (1.0 - p["mobile"]) * base + p["mobile"] * everyone * threat / whole(threat)
        surplus = np.minimum(np.maximum(staff - wanted, 0.0), force)
        deficit = np.maximum(wanted - staff, 0.0)
        share = deficit / np.maximum(whole(deficit), 1e-9)
        moving = chance(24.0 / (p["muster"][..., None] + setting.km / p["speed"][..., None]), setting.days)
        flow = surplus[..., :, None] * share[..., None, :] * moving
        return total(flow, axis=-2) - total(flow, axis=-1)
