"""M11: units choose to stay loyal, to leave or to resist, on what they believe of the regime's survival.

s    = logistic(s0 + s1 ln[(C_seen + F_bel + 1)/(A_seen + G_bel + 1)])   believed survival; F_bel, G_bel: outside
                                                             force believed in for the regime, and against it
s_j  = logistic(logit s + sigma xi_j)                             private signal, lasting per unit
U_L - U_E = a + c s_j - m K e_j                                   K: force ordered, e_j: overlap with the crowd
U_R - U_E = w - v s_j                                             U_E falls by k `complicity`, k = 1 - exp(-killed/
                                                                  units there): the chance that it was one of them

(science.md 2; Nepstad 2013, J. Peace Research 50:3, for the belief in survival; Albrecht & Ohl 2016, Perspectives on
Politics 14:1, for exit, resist and loyal.) Exit is reversible, resistance is not. Defections and lost places enter
through C_seen, once; foreign troops through C_seen or A_seen, where they stand. Units see the loyal force in their own
place truly, and the country through reports on all staff of places not lost, which hide defections.

Where units look more at each other than at themselves, few and many loyal can both be borne out: `equilibria` gives the
least and the most of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, Mechanism, Param, beta, fixed, halfnormal, lognormal, normal
from tocsin.exact import LOGISTIC_SD, Floats, chance, exp, grouped, log, logistic, logit, total, whole
from tocsin.state import Effect, View

LOYAL, EXIT, RESIST = 0.0, 1.0, 2.0
_SIGNALS = 401


def stances(p: Any, s: Any, moral: Any, anger: Any, killed: Any) -> tuple[Floats, Floats, Floats]:
    """Weights of loyal, exit and resist in a unit's choice.

    p: own parameters by short name; s: survival that it believes in; moral: severity of its orders times its overlap
    with the crowd; anger: fall of the gain from loyalty; killed: chance that the unit has killed.
    """
    gain = p["attachment"] + p["slope"] * s - p["moral_cost"] * moral - anger
    leave = exp(-p["complicity"] * np.asarray(killed) / p["noise"])
    return exp(gain / p["noise"]), leave, exp((p["resist_level"] - p["resist_slope"] * s) / p["noise"])


def equilibria(
    p: Any, force: float, crowd: float, outside: float = 0.0, against: float = 0.0, moral: float = 1.0
) -> tuple[float, float]:
    """The least and the greatest share of loyal units that is borne out when all units expect it.

    One place with `force` staff and `crowd`, outside and against people believed in, over the distribution of private
    signals; resisting counts as a choice like the others. The share that answers an expected share rises with it, so
    iteration from 0 climbs to the least fixed point and iteration from 1 falls to the greatest (Milgrom & Roberts 1990,
    Econometrica 58:6). One answer if the two agree; else which one comes about is history.
    """
    xi = logit((np.arange(_SIGNALS) + 0.5) / _SIGNALS) / LOGISTIC_SD
    far = log((force + outside + 1.0) / (crowd + against + 1.0))

    def answer(expected: float) -> float:
        near = log((force * expected + outside + 1.0) / (crowd + against + 1.0))
        seen = p["belief_level"] + p["belief_slope"] * ((1.0 - p["reports"]) * near + p["reports"] * far)
        loyal, leave, resist = stances(p, logistic(seen + p["private_noise"] * xi), moral, 0.0, 0.0)
        return float(total(loyal / (loyal + leave + resist))) / _SIGNALS

    def settled(expected: float) -> float:
        for _ in range(10_000):
            found = answer(expected)
            if abs(found - expected) < 1e-12:
                break
            expected = found
        return found

    return settled(0.0), settled(1.0)


class Loyalty(Mechanism):
    """Units of some hundreds who stay, leave or turn."""

    number = "M11"
    name = "loyalty"
    summary = "units choose loyal, exit or resist by the survival they believe in"
    phase = "loyalty"
    params = (
        Param("belief_level", normal(1.0, 0.5), "logit", -5.0, 5.0, "assumed",
              "Believed survival s0 when crowd and force are equal."),
        Param("belief_slope", lognormal(1.0, 0.5), "logit per ln ratio", 0.05, 10.0, "assumed (science.md 3)",
              "Rise s1 of believed survival with the log ratio of force to crowd."),
        Param("reports", beta(2, 4), "share", 0.0, 1.0, "assumed",
              "Weight of official reports on the country against the unit's own place."),
        Param("attachment", normal(1.0, 1.0), "utility", -5.0, 10.0, "assumed",
              "Gain a from staying loyal that does not depend on the regime's survival."),
        Param("slope", lognormal(2.0, 0.5), "utility", 0.0, 20.0, "assumed (science.md 3)",
              "Gain c from loyalty if the regime survives."),
        Param("moral_cost", lognormal(1.0, 0.6), "utility", 0.0, 20.0, "assumed (science.md 3)",
              "Cost m of using force against people like oneself."),
        Param("nonlethal_cost", fixed(0.25), "ratio", 0.0, 1.0, "assumed",
              "Moral cost under non-lethal rules against lethal ones."),
        Param("guard_share", fixed(0.3), "share", 0.0, 1.0, "31,500 of 104,500 police and guards (context indicators)",
              "Share of the units of a place that are not from the place (National Guard)."),
        Param("guard_overlap", fixed(0.6), "ratio", 0.0, 1.0, "assumed",
              "Overlap e_j of such a unit with the crowd, against 1 for local police."),
        Param("private_noise", halfnormal(1.0), "logit", 0.0, 5.0, "assumed (science.md 3)",
              "Standard deviation sigma of the private signal."),
        Param("resist_level", normal(-1.0, 1.0), "utility", -10.0, 5.0, "assumed",
              "Gain w from resisting if the regime falls, against leaving."),
        Param("resist_slope", lognormal(3.0, 0.5), "utility", 0.0, 20.0, "assumed",
              "Loss v from resisting if the regime survives, against leaving."),
        Param("complicity", halfnormal(0.5), "utility", 0.0, 5.0, "assumed",
              "Gain from exit that a unit which has killed loses."),
        Param("noise", lognormal(0.5, 0.3), "utility", 0.05, 5.0, "assumed", "Scale of the noise in a unit's choice."),
        Param("rate", lognormal(1.0, 0.5), "1/day", 0.05, 24.0, "assumed", "Rate at which a unit reconsiders."),
    )
    columns = (
        Column("stance", "unit", "code", "0 loyal, 1 exit, 2 resist."),
        Column("overlap", "unit", "ratio", "Overlap e_j of the unit with the crowd it faces."),
        Column("signal", "unit", "logit", "Lasting private signal of the unit, in standard deviations."),
        Column("loyal", "place", "share", "Share of the staff of a place that is loyal.", 1.0),
        Column("defected", "polity", "share", "Share of all staff that is not loyal."),
        Column("resisting", "polity", "share", "Share of all staff that resists."),
        Column("survival", "polity", "share", "Survival believed by units, over the country.", 1.0),
    )
    reads = ("control", "stance", "signal", "overlap", "turnout", "force", "loyal", "support", "believed",
             "believed_against", "opposing", "rules", "killed", "unit_backlash")
    draws = {"signal": "unit", "choice": "unit", "reconsider": "unit"}

    def start(self, see: View) -> dict[str, Any]:
        """Draw the lasting private signals, logistic with unit variance; the last units of a place are guards."""
        setting = see.setting
        there = np.bincount(setting.unit_place, minlength=len(setting.places))[setting.unit_place]
        guard = (setting.unit_number + 0.5) / there > 1.0 - see.p["guard_share"]
        return {
            "signal": logit(see.draw("signal")) / LOGISTIC_SD,
            "overlap": np.where(guard, see.p["guard_overlap"], 1.0),
        }

    def belief(self, see: View) -> tuple[Floats, Floats]:
        """Logit of believed survival by place float[W, P], and for the country float[W, 1]."""
        nominal = see["force"] + see["support"]
        share = nominal / np.maximum(whole(nominal), 1.0)
        outside, against, held = see["believed"], see["believed_against"], see["control"] < 2
        here = (see["force"] * see["loyal"] + see["support"]) * held
        foes = see["turnout"] + see["opposing"]
        near = log((here + outside * share + 1.0) / (foes + against * share + 1.0))
        staff = whole((see.setting.garrison + see["support"]) * held)
        far = log((staff + outside + 1.0) / (whole(foes) + against + 1.0))
        weight, p = see.p["reports"], see.p
        seen = p["belief_level"] + p["belief_slope"] * ((1.0 - weight) * near + weight * far)
        return seen, p["belief_level"] + p["belief_slope"] * far

    def rule(self, see: View) -> Effect:
        """Reconsidering units choose by a logit over the three stances; the rest keep theirs."""
        setting, p, stance = see.setting, see.p, see["stance"]
        where = setting.unit_place
        seen, country = self.belief(see)
        s = logistic(seen[:, where] + p["private_noise"] * see["signal"])
        rules = see["rules"]
        ordered = np.where(rules >= 2, 1.0, np.where(rules >= 1, p["nonlethal_cost"], 0.0))
        units = np.bincount(where, minlength=len(setting.places))
        killed = 1.0 - exp(-see["killed"] / np.maximum(units, 1))
        moral = ordered[:, where] * see["overlap"]
        loyal, leave, resist = stances(p, s, moral, see["unit_backlash"], killed)
        leave = leave[:, where]  # which units of a place have killed is not known
        u = see.draw("choice") * (loyal + resist + leave)
        resists, exits = (u >= loyal) & (u < loyal + resist), u >= loyal + resist
        chosen = RESIST * resists + EXIT * exits  # else LOYAL, which is 0; np.where takes ten times as long here
        moves = (see.draw("reconsider") < chance(p["rate"], setting.days)) & (stance != RESIST)
        stance = np.where(moves, chosen, stance)
        staff, places = setting.unit_staff, len(setting.places)
        faithful, everyone = grouped(staff * (stance == LOYAL), where, places), grouped(staff, where, places)
        all_staff = whole(staff)
        return Effect(columns={
            "stance": stance,
            "loyal": np.where(everyone > 0, faithful / np.maximum(everyone, 1.0), 1.0),
            "defected": whole(staff * (stance != LOYAL)) / all_staff,
            "resisting": whole(staff * (stance == RESIST)) / all_staff,
            "survival": logistic(country),
        })
