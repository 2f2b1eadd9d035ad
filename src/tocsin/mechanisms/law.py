"""The parameters of the person law itself (model.md 1, engine.md 2).

U_k = alpha_k H + beta_k X + sigma_h h + sigma_w w + gamma_k - rho_k R + noise,  all in units of the noise scale tau.
A person reconsiders at the rate lambda and then acts with probability L(max_k U_k); only ratios to tau are
identified, so severity is fixed at rho = 1/tau under non-lethal rules and hardship at mean 0.5 (science.md 2). Turnout
feeds back on itself through four channels, whose total gain and shares are given here, so that it counts once.
"""

from __future__ import annotations

from tocsin.declare import Mechanism, Param, lognormal, simplex
from tocsin.state import Effect, View


class Law(Mechanism):
    """Base rate of reconsidering, noise, and how strongly turnout feeds on itself."""

    number = "law"
    name = "law"
    summary = "how often people reconsider, how noisy they are, and the total gain of turnout on itself"
    phase = "coefficients"
    params = (
        Param("reconsideration", lognormal(1.5, 0.6), "1/day", 0.05, 24.0, "assumed (science.md 3)",
              "Rate lambda at which a person who has heard of protest reconsiders taking part."),
        Param("noise", lognormal(0.05, 0.5), "utility", 0.005, 0.5, "widens domain.md 12; ever/peak ratio informs",
              "Scale tau of the logistic noise in the choice, where full perceived risk weighs 1."),
        Param("gain", lognormal(2.0, 0.5), "1/day", 0.1, 20.0,
              "3 to 4 January 2022 grew 3 to 6 times; Leipzig 1989 1.2 to 5 times a week (domain.md 2.3)",
              "Total gain Gamma: next-day actives that one more active brings, over awareness, ties, risk and belief."),
        Param("gain_awareness", simplex(2.0), "share", 0.0, 1.0, "assumed (science.md 3)",
              "Share of the gain that works through awareness (M6)."),
        Param("gain_ties", simplex(2.0), "share", 0.0, 1.0, "assumed (science.md 3)",
              "Share of the gain that works through household and circle (M3)."),
        Param("gain_risk", simplex(2.0), "share", 0.0, 1.0, "assumed (science.md 3)",
              "Share of the gain that works through safety in numbers (M2)."),
        Param("gain_belief", simplex(2.0), "share", 0.0, 1.0, "assumed (science.md 3)",
              "Share of the gain that works through turnout that surprises (M4)."),
    )
    sets = ("rate", "rho")

    def rule(self, see: View) -> Effect:
        """rate = lambda; rho = 1/tau."""
        return Effect(times={"rate": see.p["reconsideration"], "rho": 1.0 / see.p["noise"]})
