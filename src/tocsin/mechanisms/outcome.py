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

from tocsin.declare import Column, Mechanism, Param, fixed, lognormal
from tocsin.exact import total
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
        setting, p = see.setting, see.p
        now = see.clock.day + setting.days
        lost = float(total(setting.seat * (see["control"] >= 2))) >= p["seat_needed"]
        loyal = float(total(setting.seat * see["loyal"]))
        turnout = float(total(see["turnout"])) / float(total(setting.population))
        order = turnout < p["calm"] and not bool((see["control"] > 0).any())
        clocks = {
            "seat_lost": (float(see["seat_lost"][0]) + setting.days) * lost,
            "seat_empty": (float(see["seat_empty"][0]) + setting.days) * (loyal < p["loyal_floor"]),
            "at_war": (float(see["at_war"][0]) + setting.days) * (float(see["resisting"][0]) >= p["war_share"]),
            "calm": (float(see["calm"][0]) + setting.days) * order,
        }
        restored = float(see["order_day"][0])
        if not order:
            restored = -1.0
        elif restored < 0 and clocks["calm"] >= 1.0 - _SLACK:
            restored = max(now - clocks["calm"], 0.0)
        end = self.ending(float(see["end"][0]), clocks, bool(see["removed"][0]), p["collapse"] - _SLACK)
        day = now if end != see["end"][0] else float(see["end_day"][0])
        return Effect(columns={**clocks, "order_day": restored, "end": end, "end_day": day})

    def ending(self, end: float, clocks: dict[str, float], removed: bool, collapse: float) -> float:
        """The code of the end, in the order street, units, elites, war; an end once reached stays."""
        if end != STANDING:
            return end
        if clocks["seat_lost"] >= collapse:
            return FALLEN_STREET
        if clocks["seat_empty"] >= collapse:
            return FALLEN_UNITS
        if removed:
            return RULER_LEFT
        return WAR if clocks["at_war"] >= collapse else STANDING
