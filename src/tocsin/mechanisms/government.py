"""M13: what the government orders: by the script of events, and by a policy of its own once it decides for itself.

order           rises at a rate                                       falls at a rate     within
emergency       pace (taken or share >= emergency_at)                 relax calm          0, 1
rules           pace hard from none, lethal_pace hard to lethal       relax calm          1, 2
aside           pace (crowd >= withdraw_at)                           relax calm          0, withdrawn
shutdown        pace (nation >= shutdown_at)                          relax quiet         0, 1
concession      concede_pace (nation >= concede_at)                   -                   0, concede_most
reshuffle       pace (survival < reshuffle_below)                     -                   0, 1
request         pace (survival < request_below), home with a patron   -                   0, 1

Known by place: share (reported crowd/people), crowd (reported people/officer), taken (control >= seized_at), hard
(taken, crowd >= pressed, armed + provokers >= armed_at or injured staff >= losses_at), calm (share < calm, control 0).
Of the country: nation, quiet (as share and calm), survival = logistic(s0 + s1 ln[(C + 1)/(B + 1)]) with staff on duty C
in places not lost and the reported crowd B. The state always responds to a challenge (Davenport 2007, Annual Review
of Political Science 10); concessions raise legitimacy and embolden those who see others act (Rasler 1996, doi
10.2307/2096410: concessions raised protest). Nobody tells the government true crowds or who is loyal.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, fixed, lognormal, uniform
from tocsin.exact import Floats, chance, log, logistic, whole
from tocsin.state import HOME, PATRON, RULES, Effect, View

_FLAG = {"off": 0.0, "on": 1.0}
_ROUNDING = 1.0 - 1e-9  # days of ticks are no binary fractions


class Order(NamedTuple):
    """One row of the policy: rates (1/day) of stepping up and down, and the values between which it steps.

    One rate for all places is one decision for the country; rates by place are decisions by place.
    """

    up: Any
    down: Any
    low: Any
    high: Any
    step: Any = 1.0


class Government(Mechanism):
    """Orders and concessions, scripted or decided on what the government is told."""

    number = "M13"
    name = "government"
    summary = "emergency, rules, withdrawal, shutdown, concessions, reshuffle, request: by script or by policy"
    phase = "government"
    params = (
        Param("deployable", beta(6, 14), "share", 0.01, 1.0,
              "32,000 of about 108,000 police and guards on one night (science.md 3; context indicators)",
              "Share of all staff that can be in the street within a day."),
        Param("concession", uniform(0.0, 0.04), "share", -0.5, 0.5, "domain.md 12: +0.02 of legitimacy",
              "Rise of legitimacy by one concession."),
        Param("embolden", uniform(0.0, 0.1), "utility", -1.0, 1.0, "domain.md 12: 0 to 0.1; Rasler 1996",
              "Rise by one concession of the weight of a household or circle that is fully active."),
        Param("pace", lognormal(2.0, 0.5), "1/day", 0.0, 100.0, "assumed; emergency within hours of a loss (kz020)",
              "Rate at which an order is given once its condition holds."),
        Param("relax", lognormal(0.2, 0.5), "1/day", 0.0, 100.0, "assumed; emergencies last for days after the calm",
              "Rate at which an order is lifted once reports are calm."),
        Param("calm", fixed(1e-4), "share", 0.0, 0.1, "assumed; as order restored (M19)",
              "Reported share of the people below which a place or the country counts as calm."),
        Param("emergency_at", lognormal(3e-3, 0.8), "share", 0.0, 10.0, "assumed",
              "Reported share of the people of a place that brings an emergency there."),
        Param("pressed", lognormal(5.0, 0.7), "people per officer", 0.0, 1e6, "assumed; below `overwhelm` (M9)",
              "Reported crowd per officer from which harder rules of engagement are ordered."),
        Param("lethal_pace", lognormal(0.5, 1.0), "1/day", 0.0, 100.0,
              "assumed, wide: some rulers never ordered live fire (domain.md 7.2, coercive responsiveness)",
              "Rate at which lethal rules are ordered in a place that calls for harder ones."),
        Param("seized_at", fixed(1.0), "code", 0.0, 3.0, "assumed; registered structure for C15: 3 is never",
              "Control from which a place counts as seized: 1 contested, 2 lost."),
        Param("armed_at", lognormal(20.0, 1.0), "people", 0.0, 1e9, "assumed",
              "Armed people and provokers in a place who call for harder rules."),
        Param("losses_at", lognormal(0.1, 0.7), "share", 0.0, 10.0, "assumed",
              "Share of the staff of a place injured that calls for harder rules."),
        Param("withdraw_at", lognormal(20.0, 0.7), "people per officer", 0.0, 1e6, "assumed; above `overwhelm` (M9)",
              "Reported crowd per officer from which staff are ordered away from their sites."),
        Param("withdrawn", beta(4, 4), "share", 0.0, 1.0, "assumed", "Share of the staff of a place so withdrawn."),
        Param("shutdown_at", lognormal(2e-3, 0.8), "share", 0.0, 10.0, "assumed",
              "Reported share of the people of the country that brings a shutdown everywhere."),
        Param("concede_at", lognormal(1e-3, 0.8), "share", 0.0, 10.0, "assumed",
              "Reported share of the people of the country that brings a concession."),
        Param("concede_pace", lognormal(0.4, 0.6), "1/day", 0.0, 100.0, "assumed; price caps on day 3 (kz008)",
              "Rate of concessions while they are called for."),
        Param("concede_most", fixed(3.0), "concessions", 0.0, 5.0, "assumed", "Concessions made at most."),
        Param("reshuffle_below", beta(6, 6), "share", 0.0, 1.0, "assumed",
              "Believed survival below which rivals at the top are replaced."),
        Param("request_below", beta(6, 6), "share", 0.0, 1.0, "assumed",
              "Believed survival without help below which a patron is asked for it."),
    )
    columns = (
        Column("emergency", "place", "flag", "1 while an emergency is in force."),
        Column("rules", "place", "code", "Rules of engagement: 0 none, 1 non-lethal, 2 lethal.", 1.0),
        Column("conceded", "place", "concessions", "Concessions made so far."),
        Column("requested", "polity", "flag", "1 once outside help was asked for."),
        Column("aside", "place", "share", "Share of the staff of a place that is ordered aside."),
        Column("shutdown_ordered", "place", "share", "Share of connectivity that the policy removes."),
        Column("reshuffle_ordered", "polity", "flag", "1 once the policy replaced rivals at the top."),
        Column("appeasement", "place", "share", "Change of legitimacy by concessions."),
    )
    events = (
        EventKind("emergency", "emergency", "flag", 0.0, 1.0, "A state of emergency begins or ends.", choices=_FLAG,
                  by="government"),
        EventKind("rules", "rules", "code", 0.0, 2.0, "The rules of engagement change.", choices=RULES,
                  by="government"),
        EventKind("concession", "conceded", "concessions", 0.0, 5.0, "The government gives way.", mode="add",
                  by="government"),
        EventKind("request", "requested", "flag", 0.0, 1.0, "Outside help is asked for.", choices=_FLAG,
                  by="government"),
        EventKind("stand-aside", "aside", "share", 0.0, 1.0, "Staff are ordered aside, or back with 0.",
                  by="government"),
    )
    reads = ("emergency", "rules", "conceded", "requested", "aside", "shutdown_ordered", "reshuffle_ordered",
             "shutdown", "reported", "control", "force", "withheld", "recovering", "armed", "provokers")
    sets = ("sigma_h", "sigma_w")
    draws = {"emergency": "place", "rules": "place", "aside": "place", "conceded": "polity", "requested": "polity",
             "shutdown_ordered": "polity", "reshuffle_ordered": "polity"}
    uses = ("law.noise", "loyalty.belief_level", "loyalty.belief_slope")

    def rule(self, see: View) -> Effect:
        """Every order takes at most one step; without a say of its own the government leaves them to the script."""
        free = see.setting.decides(self.name, see.clock.day).astype(np.float64)
        orders = {name: self.step(see, name, order, free) for name, order in self.policy(see).items()}
        orders["shutdown_ordered"] = np.where(self.takes_over(see), see["shutdown"], orders["shutdown_ordered"])
        bolder = see.p["embolden"] / see.p["law.noise"] * orders["conceded"]
        return Effect(
            columns={**orders, "appeasement": see.p["concession"] * orders["conceded"]},
            add={"sigma_h": bolder, "sigma_w": bolder},
        )

    def policy(self, see: View) -> dict[str, Order]:
        """The table of the module docstring, as rates now."""
        p, control, setting = see.p, see["control"], see.setting
        share = see["reported"] / setting.population
        nation = whole(see["reported"]) / whole(setting.population)
        crowd = see["reported"] / (see["force"] + see["withheld"] + 1.0)
        losses = see["recovering"] / (setting.garrison * p["deployable"] + 1.0)
        taken, calm = control >= p["seized_at"], (share < p["calm"]) & (control == 0)
        armed = see["armed"] + see["provokers"] >= p["armed_at"]
        hard = taken | (crowd >= p["pressed"]) | armed | (losses >= p["losses_at"])
        quiet = (nation < p["calm"]) & ~(control > 0).any(axis=-1, keepdims=True)
        survival, states = self.survival(see), setting.states
        ally = states.own == HOME and bool((states.role == PATRON).any())
        pace, relax, harder = p["pace"], p["relax"], np.where(see["rules"] < 1, p["pace"], p["lethal_pace"])
        return {
            "emergency": Order(pace * (taken | (share >= p["emergency_at"])), relax * calm, 0.0, 1.0),
            "rules": Order(harder * hard, relax * calm, 1.0, 2.0),
            "aside": Order(pace * (crowd >= p["withdraw_at"]), relax * calm, 0.0, p["withdrawn"], p["withdrawn"]),
            "shutdown_ordered": Order(pace * (nation >= p["shutdown_at"]), relax * quiet, 0.0, 1.0),
            "conceded": Order(p["concede_pace"] * (nation >= p["concede_at"]), 0.0, 0.0, p["concede_most"]),
            "reshuffle_ordered": Order(pace * (survival < p["reshuffle_below"]), 0.0, 0.0, 1.0),
            "requested": Order(pace * (survival < p["request_below"]) * ally, 0.0, 0.0, 1.0),
        }

    def survival(self, see: View) -> Floats:
        """Survival without help as the government believes it, from staff on duty or aside and reported crowds."""
        force = whole((see["force"] + see["withheld"]) * (see["control"] < 2))
        ratio = log((force + 1.0) / (whole(see["reported"]) + 1.0))
        return logistic(see.p["loyalty.belief_level"] + see.p["loyalty.belief_slope"] * ratio)

    def step(self, see: View, name: str, order: Order, free: Floats) -> Floats:
        """One order after this tick, by place or for the country; what the script set beyond `high` or `low` stays."""
        now, days = see[name], see.setting.days
        up, down = chance(free * order.up, days), chance(free * order.down, days)
        u = see.draw(name)
        raised = np.maximum(now, np.minimum(now + order.step, order.high))
        lowered = np.minimum(now, np.maximum(now - order.step, order.low))
        return np.where(u < up, raised, np.where(u < up + down, lowered, now))

    def takes_over(self, see: View) -> Any:
        """Whether this is the first tick of the policy: a shutdown then in force passes into its hands."""
        setting, day = see.setting, see.clock.day
        return setting.decides(self.name, day) & ~setting.decides(self.name, day - setting.days * _ROUNDING)
