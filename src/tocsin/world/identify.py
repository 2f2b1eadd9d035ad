"""From quantities that can be observed to coefficients that cannot.

Priors speak of the background and the trigger turnout, of the total gain Gamma (next-day actives per active) and its
shares (science.md 2 and 3). This solves for the constant, the trigger's log-odds, the strength of awareness, ties and
risk that give them, at a reference state: the place where the trigger is felt in full, everybody aware, the trigger's
crowd in the street.

pbar(gamma, rho) = E_H integral_0^1 L(alpha H + gamma - rho r) dr
                 = E_H [softplus(alpha H + gamma) - softplus(alpha H + gamma - rho)] / rho

Gains
awareness   lambda (1 - idle) kappa sum over places of N pbar dI/dA, for one more active A at home
ties        lambda sum over ties of [pbar(gamma + sigma/size) - pbar(gamma)]
risk        lambda dpbar/da through the ratio of crowd to force

A strength that would exceed its cap stays there; what is attained is kept. Marching alone is solved for: where people
may strike as well, more of them act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tocsin.exact import Floats, exp, log, logistic, normal_quantile, total
from tocsin.mechanisms.grievance import reached
from tocsin.state import Setting

_POINTS = 96  # crowded towards the poorest: with little noise only a few per mille of them act
_STEPS, _NEAR = 60, 1e-10
_STEP = 0.01
TIE_CAP = 60.0


def hardship(spread: float, q: Floats) -> Floats:
    """Quantiles of hardship: logistic(spread * PhiInv(q)), logit-normal with mean 0.5."""
    return logistic(spread * normal_quantile(q))


class Reference:
    """The state at which gains are defined; see the module's docstring."""

    def __init__(
        self, p: Mapping[str, float], setting: Setting, exposure: Floats, household: Floats, circle: int
    ) -> None:
        self.p, self.circle = p, circle
        self.home = int(np.argmax(exposure))
        self.household = float(household[self.home])
        self.people = float(setting.population[self.home])
        self.mean_people = float(total(setting.population)) / len(setting.places)
        able = total(setting.segment_share * setting.can_act, axis=1)
        self.acting = float(able[self.home])
        self.force = float(setting.garrison[self.home]) * p["government.deployable"]
        self.country_force = float(total(setting.garrison)) * p["government.deployable"]
        weight = exp(-setting.km / p["contagion.distance"])
        near = weight[:, self.home] / total(weight, axis=1)
        xi, population = p["contagion.long_range"], setting.population
        self.shock = np.where(np.arange(len(population)) == self.home, 1.0, reached(exposure, p["grievance.elsewhere"]))
        self.heard = population * (1.0 - xi) * near / self.people
        self.heard += population * xi * p["information.openness"] / self.mean_people
        self.heard *= able / max(self.acting, 1e-12)  # `act` speaks of the people at home
        third = (np.arange(_POINTS) + 0.5) / _POINTS
        hard = hardship(p["grievance.spread"], 1.0 - third * third * third)
        self.weight = 3.0 * third * third / _POINTS
        self.pull = (1.0 - p["grievance.legitimacy"]) / p["law.noise"] * hard
        self.fear = 1.0 / p["law.noise"]

    def act(self, gamma: float, fear: float) -> float:
        """Expected share of all people who would act if they reconsidered."""
        rise = _softplus(self.pull + gamma) - _softplus(self.pull + gamma - fear)
        return self.acting * float(total(rise * self.weight)) / fear

    def woken(self, offset: float, trigger: float) -> float:
        """Sum over places of people who would act, each times the rise of influence there by one more at home."""
        return sum(
            float(heard) * self.act(offset + trigger * float(shock), self.fear)
            for heard, shock in zip(self.heard, self.shock, strict=True)
        )

    def seen(self, crowd: float) -> float:
        """Perceived risk Phat of M2 with this crowd at home and none elsewhere."""
        weight = self.p["risk.media"] * self.p["information.openness"]
        ratio = (1.0 - weight) * (crowd + 1.0) / (self.force + 1.0) + weight * (crowd + 1.0) / (
            self.country_force + 1.0
        )
        return 1.0 - float(exp(-self.p["risk.slope"] / ratio))


def _softplus(x: Floats) -> Floats:
    return np.maximum(x, 0.0) + log(1.0 + exp(-np.abs(x)))


def solve(rising: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """The point of [low, high] where a rising function reaches `wanted`; an end if it never does.

    Regula falsi with the Illinois step: about ten evaluations where bisection needs forty.
    """
    below, above = rising(low) - wanted, rising(high) - wanted
    if above <= 0.0:
        return high
    if below >= 0.0:
        return low
    side = 0
    for _ in range(_STEPS):
        middle = high - above * (high - low) / (above - below)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        value = rising(middle) - wanted
        if abs(value) < _NEAR * max(abs(wanted), 1e-3):
            return middle
        if value > 0.0:
            high, above, below = middle, value, below * (0.5 if side > 0 else 1.0)
        else:
            low, below, above = middle, value, above * (0.5 if side < 0 else 1.0)
        side = 1 if value > 0.0 else -1
    return 0.5 * (low + high)


def identify(
    p: Mapping[str, float], setting: Setting, exposure: Floats, household: Floats, circle: int
) -> dict[str, float]:
    """Solved coefficients under the names `derived.*`, and the gains attained.

    exposure float[P]: the trigger as the script has it (all zero: the first place stands in); household float[P] mean
    size.
    """
    ref = Reference(p, setting, exposure, household, circle)
    rate, gain = p["law.reconsideration"], p["law.gain"]
    quiet_share = p["grievance.background"] / (rate * max(p["contagion.idle"], 1e-3))
    least, most = -30.0 - float(ref.pull.max()), ref.fear + 30.0
    offset = solve(lambda g: log_share(ref.act(g, ref.fear)), log_share(quiet_share), least, most)
    base = solve(lambda g: log_share(ref.act(g, ref.fear)), log_share(p["grievance.trigger_share"]), offset, most)
    crowd = p["grievance.trigger_share"] * ref.people
    per_kappa = max(rate * (1.0 - p["contagion.idle"]) * ref.woken(offset, base - offset), 1e-12)

    def risk_gain(phi: float) -> float:
        shares = [ref.act(base, ref.fear * (1.0 - phi * (1.0 - ref.seen(c)))) for c in (crowd, crowd * (1.0 + _STEP))]
        return rate * (shares[1] - shares[0]) * ref.people / (_STEP * crowd)

    def tie_gain(sigma: float) -> float:
        alone = ref.act(base, ref.fear)
        others, family = ref.circle - 1.0, max(ref.household - 1.0, 0.1)
        circle_part = others * (ref.act(base + sigma / others, ref.fear) - alone)
        home_part = family * (ref.act(base + sigma * p["ties.household"] / family, ref.fear) - alone)
        return rate * (circle_part + home_part)

    phi = solve(risk_gain, gain * p["law.gain_risk"], 0.0, 1.0)
    sigma = solve(tie_gain, gain * p["law.gain_ties"], 0.0, TIE_CAP)
    kappa = gain * p["law.gain_awareness"] / per_kappa
    found = {
        "derived.offset": offset,
        "derived.trigger": base - offset,
        "derived.awareness": kappa,
        "derived.ties": sigma,
        "derived.risk": phi,
        "derived.gain_attained": per_kappa * kappa + tie_gain(sigma) + risk_gain(phi),
    }
    return {name: float(f"{value:.12g}") for name, value in found.items()}


def log_share(x: float) -> float:
    """ln x, kept finite; shares are solved on this scale."""
    return float(log(max(x, 1e-300)))
