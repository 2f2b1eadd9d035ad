"""M3: support through household and circle, and anger at harm done to one's own.

Support h, w: share of the household and of the circle (workplace or friends) seen active at the last tick, with weights
sigma_h, sigma_w. Harm to somebody one is tied to adds `private_backlash` log-odds each, fading by half every `memory`
days (Siegel 2011, doi 10.1017/S0022381611000727, for anger along ties; sign left free). sigma is solved from the gain
(world/identify.py).
"""

from __future__ import annotations

from tocsin.declare import Mechanism, Param, lognormal, normal
from tocsin.state import Effect, View

LEVELS = 16.0  # experience is stored as up to 15 harmed ties in sixteenths


class Ties(Mechanism):
    """Support and anger that run along personal ties."""

    number = "M3"
    name = "ties"
    summary = "support through household and circle; anger when one's own are harmed"
    phase = "coefficients"
    params = (
        Param("household", lognormal(1.0, 0.5), "ratio", 0.05, 20.0, "assumed",
              "Weight of a household fully active against a circle fully active."),
        Param("private_backlash", normal(0.3, 0.5), "log-odds", -5.0, 5.0, "assumed, sign free (science.md 3)",
              "Change of a person's log-odds to act per tied person detained, wounded or killed."),
        Param("memory", lognormal(14.0, 0.5), "days", 0.5, 365.0,
              "assumed; Rasler 1996 found backlash weeks later (doi 10.2307/2096410)",
              "Time in which the anger halves."),
    )
    sets = ("sigma_h", "sigma_w", "beta")
    uses = ("derived.ties",)

    def rule(self, see: View) -> Effect:
        """sigma_w = sigma; sigma_h = household * sigma; beta so that one harmed tie weighs `private_backlash`."""
        sigma = see.p["derived.ties"]
        return Effect(
            add={"sigma_w": sigma, "sigma_h": sigma * see.p["household"], "beta": LEVELS * see.p["private_backlash"]}
        )
