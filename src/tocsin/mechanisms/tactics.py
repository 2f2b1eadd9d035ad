"""M7: march, strike or occupy; who can, what it costs, and who is in the street at what hour.

gamma_k = -reluctance_k, rho_k = exposure_k. Strikes are open to people whose work can be struck; occupation opens where
control is contested or lost. When repression makes marching dear, the less exposed tactic gains (Moore 1998, AJPS 42:3,
substitution). Presence in the street: marchers between `night` and 1 over the day, occupiers always, strikers never.
"""

from __future__ import annotations

import numpy as np

from tocsin.declare import Column, Mechanism, Param, beta, lognormal
from tocsin.state import Effect, View, by_tactic

CLOSED = -1000.0  # log-odds of a tactic that is not open


class Tactics(Mechanism):
    """What the tactics cost and to whom they are open."""

    number = "M7"
    name = "tactics"
    summary = "march, strike or occupy: who can, at what cost, at what hour"
    phase = "coefficients"
    params = (
        Param("strike_reluctance", lognormal(1.0, 0.5), "log-odds", 0.0, 20.0, "assumed",
              "How much less likely a worker is to strike than to march, all else equal."),
        Param("occupy_reluctance", lognormal(1.0, 0.5), "log-odds", 0.0, 20.0, "assumed",
              "How much less likely a person is to occupy than to march, all else equal."),
        Param("strike_exposure", beta(4, 4), "ratio", 0.0, 2.0, "assumed; strikers at work are harder to reach",
              "Weight of risk for strikers against marchers."),
        Param("occupy_exposure", lognormal(1.3, 0.2), "ratio", 0.5, 5.0, "assumed",
              "Weight of risk for occupiers against marchers."),
        Param("night", beta(2, 4), "share", 0.0, 1.0, "assumed",
              "Share of marchers in the street in the small hours, against late afternoon."),
    )
    columns = (Column("presence", "tactic", "share", "Share of those committed to a tactic who are in the street."),)
    reads = ("control",)
    sets = ("gamma", "rho")

    def rule(self, see: View) -> Effect:
        """Reluctance and exposure by tactic; a tactic that is not open gets -1000 log-odds."""
        can, may = see.setting.can_act, see.setting.may_strike
        march = np.where(can, 0.0, CLOSED)[None, None, :]
        strike = np.where(can & may, -see.p["strike_reluctance"], CLOSED)[:, None, :]
        lost = see["control"][:, :, None] > 0
        occupy = np.where(can & lost, -see.p["occupy_reluctance"][:, :, None], CLOSED)
        away = abs((see.clock.hour - 17.0 + 12.0) % 24.0 - 12.0) / 12.0
        there = see.p["night"] + (1.0 - see.p["night"]) * (1.0 - away)
        return Effect(
            columns={"presence": np.hstack([there, 0.0 * there, 0.0 * there + 1.0])},
            add={"gamma": by_tactic(march, strike, occupy)},
            times={"rho": by_tactic(1.0, see.p["strike_exposure"], see.p["occupy_exposure"])},
        )
