"""M9: a place is contested, lost and retaken by the balance of crowd and loyal force.

q = [A + (arms - 1) G + arms O] / (C + watch): people present per loyal officer, where each of G armed people in action
and of O foreign soldiers against the regime weighs as much as `arms` unarmed people. Control moves one step towards the
protesters at the rate `seize` L(4 ln(q/theta)), one step back at the rate `retake` L(4 ln(theta/(4 q))). theta differs
between places by a lasting draw. Staff ordered aside are not in C (M13b). Key sites go with control: one while
contested, all once lost (compare the buildings of Almaty on 5 January 2022, kz020 to kz023). The chance is drawn per
place, whatever the thinning (engine.md 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, Mechanism, Param, fixed, halfnormal, lognormal
from tocsin.exact import LOGISTIC_SD, chance, exp, log, logistic, logit
from tocsin.state import Effect, View

_STEEPNESS = 4.0


class Control(Mechanism):
    """Who holds a place and its key sites."""

    number = "M9"
    name = "control"
    summary = "places are contested, lost and retaken"
    phase = "control"
    params = (
        Param("overwhelm", lognormal(8.0, 0.5), "people per officer", 0.5, 200.0, "assumed",
              "Crowd per loyal officer at which a place is lost at half the full rate."),
        Param("spread", halfnormal(0.3), "log ratio", 0.0, 3.0, "assumed",
              "Standard deviation of lasting differences between places in `overwhelm`."),
        Param("watch", fixed(30.0), "people", 1.0, 10_000.0, "assumed",
              "Guards of a place who stay whatever happens, so that a handful of people cannot take it."),
        Param("arms", lognormal(20.0, 0.7), "people", 1.0, 1000.0, "assumed",
              "Unarmed people who weigh as much as one armed person or foreign soldier against the regime."),
        Param("seize", lognormal(4.0, 0.5), "1/day", 0.1, 48.0, "assumed; Almaty was lost within an afternoon (kz020)",
              "Rate at which control slips by one step under an overwhelming crowd."),
        Param("retake", lognormal(2.0, 0.5), "1/day", 0.1, 48.0, "assumed; airport retaken within hours (kz023)",
              "Rate at which control is regained by one step under superior force."),
    )
    columns = (
        Column("control", "place", "code", "0 government, 1 contested, 2 protesters."),
        Column("firmness", "place", "ratio", "Lasting factor of the place on `overwhelm`.", 1.0),
        Column("sites_lost", "place", "sites", "Key sites out of government hands."),
    )
    reads = ("present", "armed", "opposing", "force", "loyal", "support", "control", "firmness")
    draws = {"firmness": "place", "step": "place"}

    def start(self, see: View) -> dict[str, Any]:
        """Draw the lasting firmness of each place: log-logistic around 1."""
        u = see.draw("firmness")
        return {"firmness": exp(see.p["spread"] * logit(u) / LOGISTIC_SD)}

    def rule(self, see: View) -> Effect:
        """At most one step a tick, up or down."""
        force = see["force"] * see["loyal"] + see["support"] + see.p["watch"]
        arms = see.p["arms"]
        crowd = see["present"] + (arms - 1.0) * see["armed"] + arms * see["opposing"]
        excess = log((crowd + 1e-9) / (force * see.p["overwhelm"] * see["firmness"]))
        days, control = see.setting.days, see["control"]
        up = chance(see.p["seize"] * logistic(_STEEPNESS * excess), days) * (control < 2)
        down = chance(see.p["retake"] * logistic(-_STEEPNESS * (excess + log(4.0))), days) * (control > 0)
        u = see.draw("step")
        control = control + (u < up) - ((u >= up) & (u < up + down))
        sites = see.setting.sites
        lost = np.where(control >= 2, sites, np.where(control >= 1, np.minimum(sites, 1.0), 0.0))
        return Effect(columns={"control": control, "sites_lost": lost})
