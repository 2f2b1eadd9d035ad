"""M19: how it ends. The fall rule, written out.

street   places that hold at least `seat_needed` of the seat of power have been in protesters' hands for `collapse` days
units    less than `loyal_floor` of the staff at the seat of power has been loyal for `collapse` days
elites   insiders removed the ruler (M12): the ruler leaves, the regime stays
war      at least `war_share` of all staff resists while the regime stands, for `collapse` days
order    turnout is below `calm` of the people and no place is contested or lost, for a day

(domain.md 12, row 16: loyal force over mobilisation at the seat of power, or elites; leader exit, regime exit and
civil war are separate.) Ends are final; "undecided" at the horizon counts as not fallen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, Mechanism, Param, fixed, lognormal
from tocsin.exact import whole
from tocsin.state import Effect, View

STANDING, FALLEN_STREET, FALLEN_UNITS, RULER_LEFT, WAR = 0.0, 1.0, 2.0, 3.0, 4.0
_SLACK = 1e-6  # days: ticks of an hour are no binary part of a day, and 24 of them must make one


class Outcome(Mechanism):
    """The end state, its day and its path."""

    number = "M19"
    name = "outcome"
    summary = "the fall rule: street, units, elites; civil war; order restored"
    phase = "outcome"
    params = (
        Param("collapse", lognormal(2.0, 0.5), "days", 0.25, 30.0, "domain.md 12, row 16: 2 (1 to 5)",
              "Time for which the seat of power must be lost for the regime to fall."),
        Param("seat_needed", fixed(0.5), "share", 0.05, 1.0, "assumed; registered structure: must the capital be lost?",
              "Share of the seat of power that must be lost."),
        Param("loyal_floor", fixed(0.5), "share", 0.0, 1.0, "assumed",
              "Loyal share of the staff at the seat of power below which the regime cannot act."),
        Param("war_share", fixed(0.2), "share", 0.01, 1.0, "assumed",
              "Share of all staff that must resist for a civil war."),
        Param("calm", fixed(1e-4), "share", 0.0, 0.1, "assumed; 2,000 people in a country of 20 million",
              "Share of people in action below which order counts as restored."),
    )
    columns = (
        Column("end", "polity", "code",
               "0 standing, 1 fell to the street, 2 fell by its units, 3 ruler left, 4 civil war."),
        Column("end_day", "polity", "days", "When the end came.", -1.0),
        Column("seat_lost", "polity", "days", "Time for which the seat of power has been lost."),
        Column("seat_empty", "polity", "days", "Time for which the staff at the seat of power has not been loyal."),
        Column("at_war", "polity", "days", "Time for which much of the staff has resisted."),
        Column("calm", "polity", "days", "Time for which order has held."),
        Column("order_day", "polity", "days", "When order was restored for good; -1 if it is not.", -1.0),
    )
    reads = ("control", "loyal", "turnout", "removed", "resisting", "end", "end_day", "seat_lost", "seat_empty",
             "at_war", "calm", "order_day")

    def rule(self, see: View) -> Effect:
        """Advance the clocks; the first end that is reached is final."""
        setting, p, days = see.setting, see.p, see.setting.days
        now = see.clock.day + days
        turnout = whole(see["turnout"]) / whole(setting.population)
        order = (turnout < p["calm"]) & ~(see["control"] > 0).any(axis=-1, keepdims=True)
        clocks = {
            "seat_lost": (see["seat_lost"] + days) * (whole(setting.seat * (see["control"] >= 2)) >= p["seat_needed"]),
            "seat_empty": (see["seat_empty"] + days) * (whole(setting.seat * see["loyal"]) < p["loyal_floor"]),
            "at_war": (see["at_war"] + days) * (see["resisting"] >= p["war_share"]),
            "calm": (see["calm"] + days) * order,
        }
        again = (see["order_day"] < 0) & (clocks["calm"] >= 1.0 - _SLACK)
        restored = np.where(again, np.maximum(now - clocks["calm"], 0.0), see["order_day"])
        end = self.ending(see, clocks, p["collapse"] - _SLACK)
        return Effect(columns={**clocks, "order_day": np.where(order, restored, -1.0), "end": end,
                               "end_day": np.where(end != see["end"], now, see["end_day"])})

    def ending(self, see: View, clocks: dict[str, Any], collapse: Any) -> Any:
        """The code of the end, in the order street, units, elites, war; an end once reached stays."""
        end = np.where(clocks["at_war"] >= collapse, WAR, STANDING)
        end = np.where(see["removed"] > 0, RULER_LEFT, end)
        end = np.where(clocks["seat_empty"] >= collapse, FALLEN_UNITS, end)
        end = np.where(clocks["seat_lost"] >= collapse, FALLEN_STREET, end)
        return np.where(see["end"] != STANDING, see["end"], end)
