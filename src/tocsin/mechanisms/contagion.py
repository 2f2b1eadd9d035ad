"""M6: awareness of protest spreads over distance and through the media, and makes people reconsider.

I_p = (1 - xi) local_p sum_q K_pq a_q + xi reach_p (A / mean population),  K_pq = exp(-d_pq/d0), rows adding up to 1
d(aware)/dt = kappa I (1 - aware) - aware / memory;    rate of reconsidering = lambda (idle + (1 - idle) aware)

The kernel is that of Bonnasse-Gahot and others 2018 (doi 10.1038/s41598-017-18093-4); the long-range part compares the
whole crowd that is shown with a place of ordinary size. kappa is solved from the gain (world/identify.py).
"""

from __future__ import annotations

from typing import Any

from tocsin.declare import Column, Mechanism, Param, beta, lognormal
from tocsin.exact import exp, mix, whole
from tocsin.state import AT_EASE, Effect, View, by_action


class Contagion(Mechanism):
    """News of protest elsewhere wakes people up: it sets how often they reconsider."""

    number = "M6"
    name = "contagion"
    summary = "awareness by distance and media sets how often people reconsider"
    phase = "coefficients"
    params = (
        Param("distance", lognormal(30.0, 0.7), "km", 1.0, 5000.0, "domain.md 12: 5 to 100 km; Bonnasse-Gahot 2018",
              "Distance scale d0 of local influence."),
        Param("long_range", beta(2, 4), "share", 0.0, 1.0, "unrest was country-wide within 1 to 2 days (kz006, kz019)",
              "Share xi of influence that comes through media, whatever the distance."),
        Param("idle", beta(2, 18), "share", 0.0, 1.0, "assumed",
              "Share of the normal rate at which people reconsider who have heard of nothing."),
        Param("memory", lognormal(3.0, 0.5), "days", 0.1, 100.0, "assumed; Bonnasse-Gahot 2018: about 4 days",
              "Time over which awareness fades without news."),
    )
    columns = (
        Column("aware", "place", "share", "Share of people who have protest on their mind."),
        Column("kernel", "place_place", "share", "Weight of influence between places; rows add up to 1."),
    )
    reads = ("aware", "kernel", "turnout", "reach", "local")
    sets = ("rate",)
    uses = ("derived.awareness",)

    def start(self, see: View) -> dict[str, Any]:
        """The kernel over distances."""
        weight = exp(-see.setting.km / see.p["distance"][..., None])
        return {"kernel": weight / whole(weight)}

    def rule(self, see: View) -> Effect:
        """Advance awareness by one tick."""
        population = see.setting.population
        share = see["turnout"] / population
        shown = whole(see["turnout"]) / (whole(population) / len(see.setting.places))
        xi = see.p["long_range"]
        influence = (1.0 - xi) * see["local"] * mix(see["kernel"], share) + xi * see["reach"] * shown
        kept = see["aware"] * exp(-see.setting.days / see.p["memory"])
        aware = kept + (1.0 - kept) * (1.0 - exp(-see.p["derived.awareness"] * influence * see.setting.days))
        rate = see.p["idle"] + (1.0 - see.p["idle"]) * aware
        return Effect(columns={"aware": aware}, times={"rate": by_action(AT_EASE, rate)})
