"""M18: organised groups that join, hijack or provoke, and the organisation of the movement.

From its day the members of a group (a segment of its place) reconsider 1 + (call - 1) z times as often, and have
gamma += z drive/tau;   z = exp(-time since its day/endurance): members drift away.
lost   = (dead + held)/(dead + held + active + former)      of the place
members_f = z size (1 - lost);   armed_p, provokers_p = those with arms; those without whose aim is to provoke
v_p    = 1 - exp(-prominence members/turnout)               how far a group marks the crowd of its place
hijack   gamma_p -= estrangement v_p                        for the others of the place: the movement narrows
provoke  gamma_p += framing [v_p + reach_p (max v - v_p)]   for all others, as far as news carries; sign free
dO_p/dt = growth M (1 - O) - (decay + breaking lost) O,     M = a/(a + mass) + members who join/turnout, at most 1
rate of active people *= 1 - staying O                      a = turnout/people

An organised movement stays longer in the street, and arrests break it as a group, apart from the risk to each person
(science.md 2; Sutton, Butcher & Svensson 2014, J. Peace Research 51:5). That is the one channel of O; harm to a group
is that of its place, although those in front may bear more. Equations are ours.
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Column, Mechanism, Param, beta, lognormal, normal
from tocsin.exact import Floats, chance, exp, grouped
from tocsin.state import AIMS, AT_EASE, ENGAGED, Effect, View, by_action

_JOIN, _HIJACK, _PROVOKE = (AIMS.index(a) for a in ("join", "hijack", "provoke"))
_SLACK = 1e-6  # days: ticks of an hour are no binary part of a day


class Factions(Mechanism):
    """Organised groups in the crowd, and how organised the crowd is."""

    number = "M18"
    name = "factions"
    summary = "organised groups join, hijack or provoke; organisation keeps people in the street"
    phase = "coefficients"
    switches = {
        "join": "groups that join act at all",
        "hijack": "groups that hijack act at all",
        "provoke": "groups that provoke act at all",
        "organisation": "the movement organises, and stays longer",
    }
    params = (
        Param("drive", lognormal(2.0, 0.4), "utility", 0.0, 100.0,
              "assumed: nearly all act under non-lethal rules, where full perceived risk weighs 1",
              "Gain from acting that members feel once their group acts."),
        Param("call", lognormal(30.0, 0.5), "ratio", 1.0, 1000.0, "assumed; most are out within hours",
              "How many times as often quiet members reconsider once their group acts."),
        Param("endurance", lognormal(5.0, 0.7), "days", 0.1, 3650.0, "assumed; Almaty, January 2022: 4 to 5 days",
              "Time over which the members of a group drift away."),
        Param("prominence", lognormal(10.0, 0.7), "ratio", 0.0, 1000.0, "assumed",
              "How many times its share of the crowd an organised group is noticed, while it is small."),
        Param("estrangement", normal(0.5, 0.5), "log-odds", -5.0, 5.0, "assumed, expected to repel (science.md 1, C12)",
              "Fall of the others' log-odds to act in a crowd that a group has made its own."),
        Param("framing", normal(0.0, 0.3), "log-odds", -5.0, 5.0, "assumed, sign free (science.md 1, C11)",
              "Change of the others' log-odds to act when a provocation marks the crowd that they see."),
        Param("mass", lognormal(1e-3, 0.7), "share", 1e-6, 0.5, "assumed; Almaty, 5 January 2022: about 1 %",
              "Share of the people of a place in action at which a movement organises at half the full rate."),
        Param("growth", lognormal(0.1, 0.7), "1/day", 0.0, 5.0, "assumed; networks form over weeks",
              "Rate at which a mass movement organises."),
        Param("decay", lognormal(0.02, 0.5), "1/day", 0.0, 5.0, "assumed",
              "Rate at which organisation is lost by itself."),
        Param("breaking", lognormal(1.0, 0.7), "1/day", 0.0, 50.0, "assumed",
              "Rate at which organisation is lost if all who took part are dead or held."),
        Param("staying", beta(2, 2), "share", 0.0, 1.0, "assumed; Sutton, Butcher & Svensson 2014 for the sign",
              "Fall of the rate at which active people reconsider when fully organised."),
    )
    columns = (
        Column("members", "faction", "people", "Members in action."),
        Column("armed", "place", "people", "Armed people in action."),
        Column("provokers", "place", "people", "People in action without arms whose aim is a harsh answer."),
        Column("organisation", "place", "share", "How organised the movement is."),
    )
    reads = ("turnout", "former", "killed", "in_custody", "reach", "organisation")
    sets = ("gamma", "rate")
    uses = ("law.noise",)

    def rule(self, see: View) -> Effect:
        """Members act, others answer, the movement organises."""
        groups, places = see.setting.factions, len(see.setting.places)
        lost, zeal = self.lost(see), self.zeal(see)
        members = groups.size * (1.0 - lost[:, groups.place]) * zeal
        organisation = self.organised(see, lost, self.among(see, members, _JOIN))
        bare = (groups.aim == _PROVOKE) & ~groups.armed
        return Effect(
            columns={
                "members": members, "armed": grouped(groups.armed * members, groups.place, places),
                "provokers": grouped(bare * members, groups.place, places), "organisation": organisation,
            },
            add={"gamma": self.driven(see, zeal, self.answer(see, members))},
            times={"rate": self.called(see, zeal) * by_action(ENGAGED, self.staying(see, organisation))},
        )

    def driven(self, see: View, zeal: Floats, answer: Floats) -> Floats:
        """Log-odds by place and segment, float[W, P, S]: members' own once they act, the answer of all others."""
        groups = see.setting.factions
        gamma = np.repeat(answer[..., None], len(see.setting.segments), axis=-1)
        own = zeal * see.p["drive"] / see.p["law.noise"]
        gamma[:, groups.place, groups.segment] = np.where(zeal > 0, own, answer[:, groups.place])
        return gamma

    def called(self, see: View, zeal: Floats) -> Floats:
        """How many times as often quiet and former people reconsider, float[W, P, S, 5]."""
        groups, call = see.setting.factions, np.ones_like(see.setting.segment_share)
        call[:, groups.place, groups.segment] = 1.0 + (see.p["call"] - 1.0) * zeal
        return by_action(AT_EASE, call)

    def staying(self, see: View, organisation: Floats) -> Floats:
        """How much less often people in action reconsider, float[W, P]."""
        return 1.0 - see.p["staying"] * see.on["organisation"] * organisation

    def zeal(self, see: View) -> Floats:
        """How much of each group is still at it, float[W, F], 0 before its day."""
        groups = see.setting.factions
        on = np.select([groups.aim == k for k in range(len(AIMS))], [see.on[a] for a in AIMS])
        age = see.clock.day + _SLACK - groups.day
        return np.where((age >= 0.0) & on, exp(-np.maximum(age, 0.0) / see.p["endurance"]), 0.0)

    def lost(self, see: View) -> Floats:
        """Share of those who took part in a place who are dead or held."""
        gone = see["killed"] + see["in_custody"]
        return gone / np.maximum(gone + see["turnout"] + see["former"], 1.0)

    def among(self, see: View, members: Floats, aim: int) -> Floats:
        """Members of groups with this aim per person in action, by place, at most 1."""
        groups = see.setting.factions
        there = grouped(members * (groups.aim == aim), groups.place, len(see.setting.places))
        return there / np.maximum(np.maximum(see["turnout"], there), 1.0)

    def answer(self, see: View, members: Floats) -> Floats:
        """Change of the log-odds of those who do not belong."""
        p = see.p
        hijacked = 1.0 - exp(-p["prominence"] * self.among(see, members, _HIJACK))
        provoked = 1.0 - exp(-p["prominence"] * self.among(see, members, _PROVOKE))
        seen = provoked + see["reach"] * (provoked.max(axis=-1, keepdims=True) - provoked)
        return np.asarray(p["framing"] * seen - p["estrangement"] * hijacked)

    def organised(self, see: View, lost: Floats, brought: Floats) -> Floats:
        """The stock of organisation after this tick; exact while turnout and harm stay as they are."""
        p, stock = see.p, see["organisation"]
        share = see["turnout"] / see.setting.population
        up = p["growth"] * np.minimum(share / (share + p["mass"]) + brought, 1.0)
        down = p["decay"] + p["breaking"] * lost
        level = up / np.maximum(up + down, 1e-12)
        grown = stock + (level - stock) * chance(up + down, see.setting.days)
        return np.where(see.on["organisation"], grown, stock)
