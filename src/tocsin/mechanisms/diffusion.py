"""M17: what happens to rulers and protesters elsewhere encourages, deters and is talked about.

w_j      = similarity_j similarity_own                        similarity to home, 1 for home itself, 0 for the own state
fall_j   = 1 where the regime fell or its ruler left, else 1 - exp(-concession conceded)
lesson_j = 1 where a rising was crushed, a war broke out or foreign troops came; else 1 - exp(-killed/deaths), unless
           it fell; killed: people per million
E_j, D_j   memories: raised by every rise of fall_j and lesson_j, at most 1, fading as exp(-t/memory)
gamma_p += reach_p sum_j w_j (example_weight E_j - warning_weight D_j)
rate_p  *= 1 + uproar_weight reach_p sum_j w_j u_j           u_j = 1 - exp(-turnout_j/noticed), 1 in a war

People who are quiet think of it more often; active people have news of their own. Encouragement by like states:
Beissinger 2007 (Perspectives on Politics 5:2), Hale 2013 (Annual Review of Political Science 16). Deterrence by a
crushed rising or a mission: science.md 1, C19, and 2. The sign of either, and so of the sum, is free. A state that is
no society of the run acts by its scripted word (event abroad). A run of one state gets exactly nothing. That rulers
learn as well, and late followers meet prepared ones (Beissinger), is left out.
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, halfnormal, lognormal, normal
from tocsin.exact import Floats, exp, whole
from tocsin.state import AT_EASE, Effect, View, by_action, one

_CRUSHED, _CALM, _FELL, _RULER_LEFT, _WAR = -1.0, 0.0, 1.0, 3.0, 4.0
_MILLION = 1e6


class Diffusion(Mechanism):
    """The example and the warning of other states."""

    number = "M17"
    name = "diffusion"
    summary = "falls elsewhere encourage, crushed risings and missions deter, unrest is talked about"
    phase = "coefficients"
    switches = {
        "encouragement": "a fall or a concession elsewhere changes the wish to act",
        "deterrence": "a crushed rising, deaths or foreign troops elsewhere change the wish to act",
        "attention": "unrest elsewhere makes people reconsider more often",
    }
    params = (
        Param("example_weight", normal(0.3, 0.3), "log-odds", -5.0, 5.0,
              "domain.md 12, row 15: 0 to 0.05 in belief, over a noise of 0.05; sign free",
              "Rise of the log-odds to act after a fall in a state just like one's own, seen in full."),
        Param("warning_weight", normal(0.3, 0.3), "log-odds", -5.0, 5.0,
              "assumed, as large as the example; sign free (science.md 2)",
              "Fall of the log-odds to act after a rising was crushed in a state just like one's own, seen in full."),
        Param("uproar_weight", halfnormal(0.5), "ratio", 0.0, 10.0, "assumed",
              "Rise of the rate at which quiet people reconsider while a state just like one's own is in uproar."),
        Param("noticed", lognormal(1e-3, 0.7), "share", 1e-6, 0.5, "assumed; a tenth of a per cent is world news",
              "Share of a people in action at which its unrest is 63 % noticed."),
        Param("concession", beta(2, 6), "share", 0.0, 1.0, "assumed; a fall is the larger example",
              "How much of an example the first concession elsewhere is, against a fall."),
        Param("deaths", lognormal(10.0, 0.7), "people per million", 0.01, 10_000.0,
              "assumed; January 2022 in Kazakhstan: 238 of 19 million, 12 per million",
              "Deaths at which a rising elsewhere is 63 % of a warning."),
        Param("memory", lognormal(60.0, 0.5), "days", 1.0, 3650.0, "assumed; waves of 1989 and 2011 ran over months",
              "Time over which example and warning fade."),
    )
    columns = (
        Column("elsewhere", "state", "code", "What the script says of a state: -1 crushed, 0 calm, 1 fell, 3 ruler "
               "left, 4 war."),
        Column("example", "state", "share", "Memory of the fall or the concessions of each state."),
        Column("warning", "state", "share", "Memory of the crushed rising of each state."),
        Column("example_counted", "state", "share", "Part of each fall that has become a memory."),
        Column("warning_counted", "state", "share", "Part of each crushed rising that has become a memory."),
    )
    events = (
        EventKind("abroad", "elsewhere", "code", _CRUSHED, _WAR, "What became of a state that is no society here.",
                  choices={"calm": _CALM, "fell": _FELL, "ruler-left": _RULER_LEFT, "war": _WAR, "crushed": _CRUSHED},
                  known=True),
    )
    reads = ("reach", "elsewhere", "abroad_end", "abroad_turnout", "abroad_killed", "abroad_troops",
             "abroad_conceded", "example", "warning", "example_counted", "warning_counted")
    sets = ("gamma", "rate")

    def rule(self, see: View) -> Effect:
        """Take in what is new, let the old fade, and weigh states by how comparable they are."""
        setting, p, on = see.setting, see.p, see.on
        code = np.where(see["elsewhere"] != _CALM, see["elsewhere"], see["abroad_end"])
        fell = ((code >= _FELL) & (code <= _RULER_LEFT)).astype(np.float64)
        fall = np.maximum(fell, 1.0 - exp(-p["concession"] * see["abroad_conceded"]))
        lesson = self.lesson(see, code, fell)
        kept = exp(-setting.days / p["memory"])
        example = np.minimum(see["example"] * kept + np.maximum(fall - see["example_counted"], 0.0), 1.0)
        warning = np.minimum(see["warning"] * kept + np.maximum(lesson - see["warning_counted"], 0.0), 1.0)
        states = setting.states
        alike = states.similarity * one(states.similarity, states.own)
        alike = np.where(np.arange(len(states.names)) == states.own, 0.0, alike)
        courage = p["example_weight"] * on["encouragement"] * whole(alike * example)
        caution = p["warning_weight"] * on["deterrence"] * whole(alike * warning)
        uproar = np.where(code == _WAR, 1.0, 1.0 - exp(-see["abroad_turnout"] / p["noticed"]))
        talk = p["uproar_weight"] * on["attention"] * whole(alike * uproar)
        return Effect(
            columns={"example": example, "warning": warning, "example_counted": fall,
                     "warning_counted": np.where(lesson > 0, np.maximum(lesson, see["warning_counted"]), 0.0)},
            add={"gamma": (courage - caution) * see["reach"]},
            times={"rate": by_action(AT_EASE, 1.0 + talk * see["reach"])},
        )

    def lesson(self, see: View, code: Floats, fell: Floats) -> Floats:
        """How much of a warning each state is, 0 to 1."""
        crushed = (code == _CRUSHED) | (code == _WAR) | (see["abroad_troops"] > 0)
        per_million = _MILLION * see["abroad_killed"] / np.maximum(see.setting.states.population, 1.0)
        dead = (1.0 - fell) * (1.0 - exp(-per_million / see.p["deaths"]))
        return np.where(crushed, 1.0, dead)
