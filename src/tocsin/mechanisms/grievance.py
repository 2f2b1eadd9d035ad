"""M1: hardship, legitimacy, and the shock of a trigger.

G_i = H_i (1 - Lambda): grievance grows with hardship and falls with legitimacy (Epstein 2002, doi
10.1073/pnas.092080199). H is logit-normal with mean 0.5. A trigger adds delta to the log-odds of acting where it is
felt in full and decays by half every `half_life`. Neither delta nor the constant is free: they are solved so that the
expected background and trigger turnout equal the parameters `background` and `trigger_share` (world/identify.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, halfnormal, lognormal, uniform
from tocsin.exact import LOGISTIC_SD, Floats, exp, logit
from tocsin.state import Effect, View


def reached(exposure: Floats, elsewhere: float) -> Floats:
    """Part of the full shock by place: all of it where exposure is 1, at least `elsewhere` where there is any."""
    return np.where(exposure > 0, elsewhere + (1.0 - elsewhere) * exposure, 0.0)



class Grievance(Mechanism):
    """Hardship and legitimacy, place by place, and trigger shocks that fade."""

    number = "M1"
    name = "grievance"
    summary = "hardship against legitimacy; a trigger raises the wish to act and fades"
    phase = "coefficients"
    params = (
        Param("legitimacy", uniform(0.6, 0.9), "share", 0.0, 1.0, "domain.md 12: 0.82 (0.6 to 0.9), after Epstein 2002",
              "Legitimacy Lambda before the trigger."),
        Param("spread", lognormal(1.0, 0.3), "logit", 0.1, 4.0, "assumed",
              "Standard deviation of the logit of hardship."),
        Param("background", lognormal(1e-5, 1.0), "share/day", 1e-8, 1e-2,
              "assumed; events of 2016 to 2020 had tens to 4,000 people (science.md 3)",
              "Share of people who start to act per day before the trigger."),
        Param("trigger_share", lognormal(3e-3, 1.0), "share", 1e-6, 0.5,
              "1,000 to 6,000 of 741,000 in Mangystau, 3 January 2022 (kz003, kz005)",
              "Share of people who would act where the trigger is felt in full, before anybody else does."),
        Param("elsewhere", uniform(0.0, 1.0), "share", 0.0, 1.0, "assumed",
              "Part of the trigger's log-odds that reaches even the least exposed place named in the script."),
        Param("half_life", lognormal(10.0, 0.5), "days", 0.5, 365.0, "assumed",
              "Time in which the shock of a trigger halves."),
        Param("place_spread", halfnormal(0.5), "log-odds", 0.0, 5.0, "assumed",
              "Standard deviation of lasting differences between places in their answer to the trigger."),
    )
    columns = (
        Column("exposure", "place", "share", "Exposure to the trigger as the script says."),
        Column("felt", "place", "share", "Exposure already turned into a shock."),
        Column("shock", "place", "share", "Part of the full trigger shock still felt."),
        Column("leaning", "place", "log-odds", "Lasting difference of the place in its answer to the trigger."),
    )
    events = (
        EventKind("trigger", "exposure", "share", 0.0, 1.0,
                  "A shock is felt, 1 where in full; a later one counts where it is larger."),
    )
    reads = ("exposure", "felt", "shock", "leaning", "appeasement")
    sets = ("alpha", "gamma")
    draws = ("leaning",)
    uses = ("law.noise", "derived.offset", "derived.trigger")

    def start(self, see: View) -> dict[str, Any]:
        """Draw the lasting leaning of each place from a logistic distribution with unit variance."""
        return {"leaning": see.p["place_spread"] * logit(see.draw("leaning", len(see.setting.places))) / LOGISTIC_SD}

    def rule(self, see: View) -> Effect:
        """alpha = (1 - Lambda)/tau; gamma = offset + (delta + leaning) shock."""
        fade = float(exp(-0.6931471805599453 * see.setting.days / see.p["half_life"]))
        exposure, felt = see["exposure"], see["felt"]
        level = reached(exposure, see.p["elsewhere"])
        pulse = np.where(exposure > felt, np.maximum(level - see["shock"] * fade, 0.0), 0.0)
        shock = see["shock"] * fade + pulse
        legitimacy = np.clip(see.p["legitimacy"] + see["appeasement"], 0.0, 1.0)
        gamma = see.p["derived.offset"] + (see.p["derived.trigger"] + see["leaning"]) * shock
        return Effect(
            columns={"shock": shock, "felt": np.maximum(felt, exposure)},
            add={
                "alpha": ((1.0 - legitimacy) / see.p["law.noise"])[:, None, None, None],
                "gamma": gamma[:, None, None, None],
            },
        )
