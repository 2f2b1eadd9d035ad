"""M15: outside troops, through separate channels that can each be switched off alone.

capacity    a part `engaged` of the troops faces crowds; of those against the regime a part `rival_engaged` faces it
guarding    the rest guards sites and frees `freed` domestic staff each
signal      after the announcement, everybody believes in a force of P(commit) x `believed` men; a public refusal ends
            all belief, and a part `abandoned` of that force is then believed on the other side
guarantee   before it, in a part `standing` of that force, since the patron is known to be there; its public removal
            ends that part, and the part `abandoned` of it changes sides
backlash    the arrival moves citizens and units, sign free
withdrawal  once troops leave, the believed force fades

Troops stand with the regime, against it, or with neither: these are only there. The force believed in is the larger
of the prior's and the announced one. It moves citizens' hope, gamma -= hope s1 [ln(1 + F/C) - ln(1 + G/C)]; what of it
goes beyond the force that the troops on the ground add, F_bel and G_bel, enters the survival that units and elites
believe in (M11, M12), where that force counts as force; nowhere else (science.md 2). With all channels off the run is
bit-identical to one without outside powers. Home's own slot among the states stands for a power without a name, which
is with the regime and guarantees nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, halfnormal, lognormal, normal
from tocsin.exact import Floats, exp, log, total, whole
from tocsin.state import HOME, MEMBER, PATRON, Effect, Setting, View, one

_FLAG = {"off": 0.0, "on": 1.0}


class Intervention(Mechanism):
    """What outside troops change, channel by channel."""

    number = "M15"
    name = "intervention"
    summary = "outside troops: capacity, guarding, signal, guarantee, backlash, withdrawal"
    phase = "intervention"
    switches = {
        "capacity": "troops that face crowds, or the regime, add to the force",
        "guarding": "troops that guard sites free domestic staff",
        "signal": "the announced force is believed in, a refusal too",
        "guarantee": "the patron is believed in before any announcement",
        "backlash": "the arrival angers, or calms, citizens and units",
        "withdrawal": "the believed force fades when troops leave",
    }
    params = (
        Param("commit", beta(2, 2), "probability", 0.0, 1.0, "assumed (science.md 3)",
              "P(commit): belief that the patron would fight, once it has announced."),
        Param("believed", lognormal(15_000.0, 0.8), "people", 0.0, 70_000.0, "assumed, capped at 70,000 (science.md 3)",
              "Force that the patron is believed to commit if it must."),
        Param("standing", beta(1, 9), "share", 0.0, 1.0, "assumed",
              "Part of that belief that holds before any announcement."),
        Param("abandoned", beta(1, 9), "share", 0.0, 1.0, "assumed; the public removal of 1989 (domain.md 7.1)",
              "Part of a force believed in that counts for the other side once it is publicly refused or removed."),
        Param("hope", halfnormal(1.0), "log-odds per logit", 0.0, 10.0, "assumed",
              "Fall of everybody's log-odds to act per logit of survival that the believed force adds."),
        Param("engaged", beta(1, 4), "share", 0.0, 1.0,
              "assumed; reported as guarding 14 sites and not facing crowds (kz081)",
              "Share of the troops that faces crowds."),
        Param("freed", lognormal(0.8, 0.5), "ratio", 0.0, 5.0,
              "1,600 staff freed by 2,030 troops, the patron's figure (kz080)",
              "Domestic staff freed per guarding soldier."),
        Param("citizen_backlash", normal(0.05, 0.2), "log-odds", -3.0, 3.0, "assumed, sign free (science.md 3)",
              "Change of everybody's log-odds to act while foreign troops are in the country."),
        Param("unit_backlash", normal(0.05, 0.2), "utility", -3.0, 3.0, "assumed, sign free (science.md 3)",
              "Fall of a unit's gain from loyalty while foreign troops are in the country."),
        Param("fade", lognormal(7.0, 0.5), "days", 0.5, 365.0, "assumed",
              "Time over which the believed force fades once troops leave."),
        Param("rival_commit", beta(2, 2), "probability", 0.0, 1.0, "assumed, as for the patron",
              "Belief that a power against the regime would fight, once it has announced."),
        Param("rival_believed", lognormal(15_000.0, 0.8), "people", 0.0, 70_000.0, "assumed, as for the patron",
              "Force that such a power is believed to commit if it must."),
        Param("rival_engaged", beta(2, 2), "share", 0.0, 1.0, "assumed",
              "Share of such a power's troops that faces the regime's forces."),
    )
    columns = (
        Column("announced", "state", "people", "Force announced by each state, as the script has it."),
        Column("leaving", "state", "flag", "1 once a state announced its withdrawal."),
        Column("left", "state", "days", "Time since that announcement."),
        Column("arrived", "place_state", "people", "Troops that have landed by the script, running total."),
        Column("withdrawn", "place_state", "people", "Troops that have left by the script, running total."),
        Column("guaranteed", "polity", "flag", "1 while a patron is known to stand behind the regime."),
        Column("troops", "place", "people", "Foreign troops in the place that are not against the regime."),
        Column("contingents", "state", "people", "Troops of each state in the country."),
        Column("support", "place", "people", "Force that the troops add or free in the place."),
        Column("opposing", "place", "people", "Foreign troops that face the regime's forces in the place."),
        Column("believed", "polity", "people", "Believed outside force F_bel."),
        Column("believed_against", "polity", "people", "Believed outside force G_bel against the regime."),
        Column("unit_backlash", "polity", "utility", "Fall of units' gain from loyalty."),
    )
    events = (
        EventKind("decision", "announced", "people", 0.0, 1e6, "A state announces a force of this size.",
                  by="alliance"),
        EventKind("arrival", "arrived", "people", 0.0, 1e6, "Foreign troops land in a place.", mode="add",
                  by="alliance"),
        EventKind("withdrawal-announced", "leaving", "flag", 0.0, 1.0, "The end of the mission is announced.",
                  choices=_FLAG, by="alliance"),
        EventKind("withdrawal", "withdrawn", "people", 0.0, 1e6, "Foreign troops leave a place.", mode="add",
                  by="alliance"),
        EventKind("guarantee", "guaranteed", "flag", 0.0, 1.0,
                  "The patron publicly takes back its guarantee of a state, or gives it.", choices=_FLAG),
    )
    reads = ("announced", "leaving", "left", "arrived", "withdrawn", "guaranteed", "planned", "landed", "recalled",
             "refused", "ending")
    sets = ("gamma",)
    uses = ("loyalty.belief_slope",)

    def start(self, see: View) -> dict[str, Any]:
        """Whether a patron is known to stand behind the regime from the first."""
        return {"guaranteed": backed(see.setting)}

    def rule(self, see: View) -> Effect:
        """Troops by place, the force they add, the belief in more, and the backlash."""
        p, on, side = see.p, see.on, sides(see.setting)
        present = np.maximum(see["arrived"] + see["landed"] - see["withdrawn"] - see["recalled"], 0.0)
        friends, enemies, troops = (total(present * who[:, None, :]) for who in (side > 0, side < 0, side >= 0))
        effort = p["engaged"] * on["capacity"] + (1.0 - p["engaged"]) * p["freed"] * on["guarding"]
        left = see["left"] + see.setting.days * np.maximum(see["leaving"], see["ending"])
        support, opposing = effort * friends, p["rival_engaged"] * on["capacity"] * enemies
        believed, against = self.belief(see, left)
        staff = whole(see.setting.garrison) + 1.0
        added = log(1.0 + believed / staff) - log(1.0 + against / staff)
        felt = on["backlash"] & (whole(troops) > 0)
        return Effect(
            columns={"troops": troops, "contingents": total(present, axis=-2), "left": left,
                     "support": support, "opposing": opposing,
                     "believed": np.maximum(believed - whole(support), 0.0),
                     "believed_against": np.maximum(against - whole(opposing), 0.0),
                     "unit_backlash": p["unit_backlash"] * felt},
            add={"gamma": p["citizen_backlash"] * felt - p["hope"] * p["loyalty.belief_slope"] * added},
        )

    def belief(self, see: View, left: Floats) -> tuple[Floats, Floats]:
        """F_bel and G_bel before what the troops on the ground add is taken off, in people, float[W, 1] each."""
        p, on, side, patron = see.p, see.on, sides(see.setting), see.setting.states.patron
        refused, known = see["refused"] > 0, see["guaranteed"]
        said = np.maximum(see["announced"], see["planned"])
        out = see["announced"] + see["planned"] > 0
        force = p["commit"] * np.maximum(p["believed"], whole(said * (side > 0)))
        rival = p["rival_commit"] * np.maximum(p["rival_believed"], whole(said * (side < 0)))
        stands = p["commit"] * p["believed"] * p["standing"] * on["guarantee"]
        announced = on["signal"] & somebody(out & (side > 0))
        before = stands * known
        believed = np.where(announced, np.maximum(before, force), before)
        believed = believed * self.kept(see, np.where(one(side, patron) > 0, one(left, patron), 0.0))
        believed = np.where(refused, 0.0, believed)
        removed = np.maximum(stands * (backed(see.setting) & (known == 0)), force * (on["signal"] & refused))
        rival = rival * (on["signal"] & somebody(out & (side < 0)))
        longest = (left * (side < 0)).max(axis=-1, keepdims=True)
        return believed, p["abandoned"] * removed + rival * self.kept(see, longest)

    def kept(self, see: View, left: Floats) -> Floats:
        """The share of a believed force that is left after so many days of withdrawal."""
        return np.where(see.on["withdrawal"], exp(-left / see.p["fade"]), 1.0)


def somebody(states: Any) -> Any:
    """Whether it holds for any state, bool[W, N] -> bool[W, 1]."""
    return states.any(axis=-1, keepdims=True)


def sides(setting: Setting) -> Floats:
    """+1 with the regime, -1 against it, 0 with neither, float[W, N]; home's slot is a friend without a name."""
    return np.where(setting.states.role == HOME, 1.0, setting.states.side)


def backed(setting: Setting) -> Any:
    """Whether a patron is known to stand behind this society's regime, bool[W, 1]: a named friend of home or member."""
    states = setting.states
    named = states.role[states.patron] == PATRON and states.role[states.own] in (HOME, MEMBER)
    return (one(states.side, states.patron) > 0) & bool(named)
