"""M10: turnout decays without news; people rest, and some return.

An active person reconsiders at the rate omega instead of lambda, so that without new reasons turnout decays about as
exp(-omega t) (Bonnasse-Gahot and others 2018, doi 10.1038/s41598-017-18093-4: about four days). Former participants
reconsider at `return_rate` times the rate of others.
"""

from __future__ import annotations

from tocsin.declare import Mechanism, Param, lognormal
from tocsin.state import ENGAGED, FORMER, Effect, View, by_action


class Fatigue(Mechanism):
    """Rest and return."""

    number = "M10"
    name = "fatigue"
    summary = "turnout decays without news; rest and return"
    phase = "coefficients"
    params = (
        Param("rest", lognormal(0.25, 0.5), "1/day", 0.01, 5.0, "Bonnasse-Gahot and others 2018 (science.md 3)",
              "Rate omega at which active people reconsider and mostly go home."),
        Param("return_rate", lognormal(0.5, 0.5), "ratio", 0.0, 10.0, "assumed",
              "How often former participants reconsider, against people who never took part."),
    )
    sets = ("rate",)
    uses = ("law.reconsideration",)

    def rule(self, see: View) -> Effect:
        """rate *= omega/lambda for active people and `return_rate` for former ones."""
        rest = by_action(ENGAGED, see.p["rest"] / see.p["law.reconsideration"])
        return Effect(times={"rate": rest * by_action((FORMER,), see.p["return_rate"])})
