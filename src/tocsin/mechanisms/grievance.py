"""M1: hardship, legitimacy, the shock of a trigger, and demands that turn political.

G_i = H_i (1 - Lambda): grievance grows with hardship and falls with legitimacy (Epstein 2002, doi
10.1073/pnas.092080199). H is logit-normal with mean 0.5. A trigger adds delta to the log-odds of acting where it is
felt in full and decays by half every `half_life`. Neither delta nor the constant is free: they are solved so that the
expected background and trigger turnout equal the parameters `background` and `trigger_share` (world/identify.py).

Demand D runs from about the trigger (0) to political (1). It turns with mobilisation that stays unanswered, with known
deaths, and by taking up what the crowd of the country demands (Dbar, weighted by turnout), as far as it is heard of:

dD/dt = (1 - D) [turning (1 - c) a/(a + turning_crowd) + mourning log2(1 + known deaths)]
        + imitation reach max(Dbar - D, 0),        c = min(1, relief * concessions)
a: share of the place in action beyond the background

Concessions answer the rest alone: Lambda rises by appeasement (1 - D), and c (1 - D) of the shock is taken away. In
Kazakhstan demands turned from prices to politics within days, although prices were cut (kz008; science.md 1, C13).
Demands do not turn back within a run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, fixed, halfnormal, lognormal, uniform
from tocsin.exact import LOGISTIC_SD, Floats, chance, exp, log, logit, whole
from tocsin.state import Effect, View

LN2 = 0.6931471805599453


def reached(exposure: Floats, elsewhere: Any) -> Floats:
    """Part of the full shock by place: all of it where exposure is 1, at least `elsewhere` where there is any."""
    return np.where(exposure > 0, elsewhere + (1.0 - elsewhere) * exposure, 0.0)


class Grievance(Mechanism):
    """Hardship, legitimacy and demands, place by place, and trigger shocks that fade."""

    number = "M1"
    name = "grievance"
    summary = "hardship against legitimacy; a trigger raises the wish to act and fades; demands turn political"
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
        Param("political", fixed(0.0), "share", 0.0, 1.0,
              "assumed: a trigger is not about politics unless the scenario says so, as for an election",
              "Share of the demands that is political from the first day."),
        Param("turning", lognormal(0.5, 0.7), "1/day", 0.0, 24.0,
              "protests of 2 January 2022 were political on the 4th (kz008)",
              "Rate at which demands turn political while a large crowd stays unanswered."),
        Param("turning_crowd", lognormal(1.5e-3, 1.0), "share", 1e-6, 0.5,
              "assumed; 1,000 to 6,000 of 741,000 in Mangystau, 3 January 2022 (kz003, kz005)",
              "Share of a place in action beyond the background at which half of that rate is reached."),
        Param("mourning", lognormal(0.1, 0.7), "1/day", 0.0, 10.0, "assumed",
              "Rate at which demands turn political per doubling of known deaths."),
        Param("imitation", lognormal(1.0, 0.7), "1/day", 0.0, 24.0,
              "assumed; rallies in five other cities within two days (kz006)",
              "Rate at which a place that hears everything takes up the demands of the country's crowd."),
        Param("relief", beta(2, 2), "share", 0.0, 1.0, "assumed",
              "Part of demands about the trigger that one concession answers."),
    )
    columns = (
        Column("exposure", "place", "share", "Exposure to the trigger as the script says."),
        Column("felt", "place", "share", "Exposure already turned into a shock."),
        Column("shock", "place", "share", "Part of the full trigger shock still felt."),
        Column("leaning", "place", "log-odds", "Lasting difference of the place in its answer to the trigger."),
        Column("demand", "place", "share", "Part of the movement's demands that is political, not about the trigger."),
    )
    events = (
        EventKind("trigger", "exposure", "share", 0.0, 1.0,
                  "A shock is felt, 1 where in full; a later one counts where it is larger."),
    )
    reads = ("exposure", "felt", "shock", "leaning", "demand", "appeasement", "conceded", "turnout", "known_deaths",
             "reach")
    sets = ("alpha", "gamma")
    draws = {"leaning": "place"}
    uses = ("law.noise", "derived.offset", "derived.trigger", "fatigue.rest")

    def start(self, see: View) -> dict[str, Any]:
        """Draw the lasting leaning of each place from a logistic distribution with unit variance; first demands."""
        leaning = see.p["place_spread"] * logit(see.draw("leaning")) / LOGISTIC_SD
        return {"leaning": leaning, "demand": see.p["political"]}

    def turned(self, see: View, answered: Floats) -> Floats:
        """Demand D by place after this tick; answered float[W, P]: the part c of the trigger's demands."""
        p, turnout, demand, days = see.p, see["turnout"], see["demand"], see.setting.days
        crowd = np.maximum(turnout / see.setting.population - p["background"] / p["fatigue.rest"], 0.0)
        rate = p["turning"] * (1.0 - answered) * crowd / (crowd + p["turning_crowd"])
        rate = rate + p["mourning"] * log(1.0 + see["known_deaths"]) / LN2
        own = demand + (1.0 - demand) * chance(rate, days)
        country = whole(turnout * own) / np.maximum(whole(turnout), 1.0)
        return own + np.maximum(country - own, 0.0) * chance(p["imitation"] * see["reach"], days)

    def rule(self, see: View) -> Effect:
        """alpha = (1 - Lambda)/tau; gamma = offset + (delta + leaning) shock (1 - c (1 - D))."""
        fade = exp(-LN2 * see.setting.days / see.p["half_life"])
        exposure, felt = see["exposure"], see["felt"]
        level = reached(exposure, see.p["elsewhere"])
        pulse = np.where(exposure > felt, np.maximum(level - see["shock"] * fade, 0.0), 0.0)
        shock = see["shock"] * fade + pulse
        answered = np.minimum(see.p["relief"] * see["conceded"], 1.0)
        demand = self.turned(see, answered)
        legitimacy = np.clip(see.p["legitimacy"] + see["appeasement"] * (1.0 - demand), 0.0, 1.0)
        left = shock * (1.0 - answered * (1.0 - demand))
        gamma = see.p["derived.offset"] + (see.p["derived.trigger"] + see["leaning"]) * left
        return Effect(
            columns={"shock": shock, "felt": np.maximum(felt, exposure), "demand": demand},
            add={"alpha": (1.0 - legitimacy) / see.p["law.noise"], "gamma": gamma},
        )
