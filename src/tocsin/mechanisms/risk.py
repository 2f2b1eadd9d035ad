"""M2: perceived risk falls with numbers and rises with the rules of engagement.

r = (1 - m reach) A_p/C_p + m reach A/C       crowd per officer, a mixture of the own place and what media show
Phat = 1 - exp(-slope / r)                    Epstein 2002: slope 2.3 gives 0.9 at r = 1
rho *= r J (1 - phi (1 - Phat))               J = 1 non-lethal, `severity` lethal; r: repression, 1 at home

phi in [0, 1] is solved from the gain (world/identify.py); phi = 1 is Epstein's rule. Under lethal rules active people
reconsider more often, at omega + alarm lambda (1 - 1/J) instead of omega. People see the loyal force of their own
place, and the country as media show it: deployed staff, defections left out.
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Mechanism, Param, beta, fixed, lognormal, uniform
from tocsin.exact import exp, whole
from tocsin.state import ENGAGED, Effect, View, by_action


class Risk(Mechanism):
    """Safety in numbers against the force in sight."""

    number = "M2"
    name = "risk"
    summary = "safety in numbers; severity by rules of engagement"
    phase = "coefficients"
    params = (
        Param("slope", lognormal(2.3, 0.4), "1", 0.1, 20.0, "Epstein 2002: 2.3",
              "How steeply perceived risk rises with officers per active person."),
        Param("severity", lognormal(4.0, 0.7), "ratio", 1.0, 100.0, "assumed (science.md 3)",
              "Weight of risk under lethal rules against non-lethal rules."),
        Param("repression", fixed(1.0), "ratio", 0.0, 20.0, "1 by definition at home; states abroad against it",
              "Weight of risk in this state, against the home state of the scenario."),
        Param("leniency", fixed(0.25), "ratio", 0.0, 1.0, "assumed",
              "Weight of risk when no force may be used, against non-lethal rules."),
        Param("alarm", uniform(0.0, 1.0), "share", 0.0, 1.0, "assumed",
              "How far severity beyond the non-lethal makes active people reconsider as often as bystanders."),
        Param("media", beta(2, 6), "share", 0.0, 1.0, "assumed",
              "Weight of the country as media show it in the crowd and force a person sees."),
    )
    reads = ("turnout", "force", "loyal", "support", "rules", "reach")
    sets = ("rho", "rate")
    uses = ("derived.risk", "law.reconsideration", "fatigue.rest")

    def rule(self, see: View) -> Effect:
        """rho and the rate of active people, from the ratio seen and the rules in force."""
        crowd, force = see["turnout"] + 1.0, see["force"] * see["loyal"] + see["support"] + 1.0
        weight = see.p["media"] * see["reach"]
        shown = whole(see["force"] + see["support"]) + 1.0
        ratio = (1.0 - weight) * crowd / force + weight * (whole(see["turnout"]) + 1.0) / shown
        seen = 1.0 - exp(-see.p["slope"] / ratio)
        rules = see["rules"]
        severity = np.where(rules >= 2, see.p["severity"], np.where(rules >= 1, 1.0, see.p["leniency"]))
        rho = see.p["repression"] * severity * (1.0 - see.p["derived.risk"] * (1.0 - seen))
        fright = see.p["alarm"] * np.maximum(0.0, 1.0 - 1.0 / np.maximum(severity, 1.0))
        alarm = see.p["law.reconsideration"] / see.p["fatigue.rest"] * fright
        return Effect(times={"rho": rho, "rate": by_action(ENGAGED, 1.0 + alarm)})
