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
belief      lambda w (1 - exp(-1/memory)) sum over places of N dpbar/dgamma ds/dA, ds/dA = (dv/dA) / (v + o/Nbar) as in
            M4: one more at home raises the surprise s of all who see it, and belief follows it for a day

A strength that would exceed its cap stays there; what is attained is kept. Marching alone is solved for: where people
may strike as well, more of them act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

import numpy as np

from tocsin.exact import Floats, exp, log, logistic, normal_quantile, total
from tocsin.kernels.shares import answering, leaning
from tocsin.mechanisms.grievance import reached
from tocsin.state import Setting
from tocsin.world.parameters import rounded

_POINTS = 96  # crowded towards the poorest: with little noise only a few per mille of them act
_STEPS, _NEAR = 60, 1e-10
_STEP = 0.01
TIE_CAP = 60.0
BELIEF_CAP = 5.0
"""Largest weight of belief: a crowd ten times the expected then moves the log-odds by 11."""


def hardship(spread: float, q: Floats) -> Floats:
    """Quantiles of hardship: logistic(spread * PhiInv(q)), logit-normal with mean 0.5."""
    return hardship_at(spread, normal_quantile(q))


def hardship_at(spread: float, normal: Floats) -> Floats:
    """`hardship` where the quantiles of the standard normal are known: these are the same in every draw."""
    return logistic(spread * normal)


@lru_cache(1)
def _points() -> tuple[Floats, Floats]:
    """Quantiles of the standard normal at which people are looked at, and their weights, float[_POINTS]."""
    third = (np.arange(_POINTS) + 0.5) / _POINTS
    return normal_quantile(1.0 - third * third * third), 3.0 * third * third / _POINTS


class Reference:
    """The state at which gains are defined; see the module's docstring."""

    def __init__(
        self, p: Mapping[str, float], setting: Setting, exposure: Floats, household: Floats, circle: int
    ) -> None:
        self.p, self.circle, self.exposure, self.km = p, circle, exposure, setting.km[0]
        self.home = int(np.argmax(exposure))
        self.household = float(household[self.home])
        self.population, garrison = setting.population[0], setting.garrison[0]
        self.people = float(self.population[self.home])
        self.mean_people = float(total(self.population)) / len(setting.places)
        able = total(setting.segment_share[0] * setting.can_act, axis=1)
        self.acting = float(able[self.home])
        self.able = able / max(self.acting, 1e-12)  # `act` speaks of the people at home
        self.force = float(garrison[self.home]) * p["government.deployable"]
        self.country_force = float(total(garrison)) * p["government.deployable"]
        normal, self.weight = _points()
        hard = hardship_at(p["grievance.spread"], normal)
        self.pull = (1.0 - p["grievance.legitimacy"]) / p["law.noise"] * hard
        self.fear = 1.0 / p["law.noise"]
        self.buffer = np.empty(_POINTS)

    def act(self, gamma: float, fear: float) -> float:
        """Expected share of all people who would act if they reconsidered: pbar for this constant and fear."""
        return float(answering(self.acting, self.pull, self.weight, gamma, fear, self.buffer))

    def lean(self, gamma: float) -> float:
        """Rise of `act` by one more log-odds, at full fear."""
        return float(leaning(self.acting, self.pull, self.weight, gamma, self.fear, self.buffer))

    @property
    def span(self) -> tuple[float, float]:
        """Constants within which everybody and nobody acts."""
        return -30.0 - float(self.pull.max()), self.fear + 30.0

    def offset(self) -> float:
        """The constant that gives the background turnout."""
        p = self.p
        quiet_share = p["grievance.background"] / (p["law.reconsideration"] * max(p["contagion.idle"], 1e-3))
        return self.constant(quiet_share, *self.span)

    def constant(self, share: float, low: float, high: float) -> float:
        """The constant with which this share would act, at full fear."""
        return solve(lambda gamma: log_share(self.act(gamma, self.fear)), log_share(share), low, high)

    @cached_property
    def shock(self) -> Floats:
        """Part of the full shock that each place feels, float[P]; all of it at home."""
        there = reached(self.exposure, self.p["grievance.elsewhere"])
        return np.where(np.arange(len(there)) == self.home, 1.0, there)

    def heard(self) -> Floats:
        """People of each place who can act, each times the rise of influence there by one more at home, float[P]."""
        weight = exp(-self.km / self.p["contagion.distance"])
        near = weight[:, self.home] / total(weight, axis=1)
        xi, population = self.p["contagion.long_range"], self.population
        heard = population * (1.0 - xi) * near / self.people
        heard += population * xi * self.p["information.openness"] / self.mean_people
        return np.asarray(heard * self.able)

    def woken(self, offset: float, trigger: float) -> float:
        """Sum over places of people who would act, each times the rise of influence there by one more at home."""
        acts = _each(lambda gamma: self.act(gamma, self.fear), offset + trigger * self.shock)
        return float(total(self.heard() * acts))

    def stirred(self, offset: float, trigger: float, crowd: float) -> float:
        """Sum over places of people who would act per log-odds, each times the rise of surprise there by one more.

        That one and `crowd` are at home; nobody is in the street elsewhere, and everybody expects what there is to see.
        """
        media = self.p["risk.media"] * self.p["information.openness"]
        rise = np.full(len(self.shock), media / self.mean_people)
        rise[self.home] += (1.0 - media) / self.people
        surprise = rise / (rise * crowd + self.p["belief.ordinary"] / self.mean_people)
        leans = _each(self.lean, offset + trigger * self.shock)
        return float(total(self.population * self.able * surprise * leans))

    def seen(self, crowd: float) -> float:
        """Perceived risk Phat of M2 with this crowd at home and none elsewhere."""
        weight = self.p["risk.media"] * self.p["information.openness"]
        ratio = (1.0 - weight) * (crowd + 1.0) / (self.force + 1.0) + weight * (crowd + 1.0) / (
            self.country_force + 1.0
        )
        return 1.0 - float(exp(-self.p["risk.slope"] / ratio))


def _each(of: Callable[[float], float], gammas: Floats) -> Floats:
    """A function of the constant for each place, float[P]; most places share a few constants."""
    found = {gamma: of(gamma) for gamma in set(gammas.tolist())}
    return np.array([found[gamma] for gamma in gammas.tolist()])


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

    exposure float[P]: the reference of the scenario (all zero: as if it were felt in full everywhere);
    household float[P] mean size.
    """
    felt = exposure if exposure.any() else np.ones(len(exposure))
    ref = Reference(p, setting, felt, household, circle)
    rate, gain = p["law.reconsideration"], p["law.gain"]
    offset = ref.offset()
    base = ref.constant(p["grievance.trigger_share"], offset, ref.span[1])
    crowd = p["grievance.trigger_share"] * ref.people
    per_kappa = max(rate * (1.0 - p["contagion.idle"]) * ref.woken(offset, base - offset), 1e-12)
    day = 1.0 - float(exp(-1.0 / p["belief.memory"]))
    per_weight = max(rate * day * ref.stirred(offset, base - offset, crowd), 1e-12)

    safety, safer = 1.0 - ref.seen(crowd), 1.0 - ref.seen(crowd * (1.0 + _STEP))
    others, family = ref.circle - 1.0, max(ref.household - 1.0, 0.1)
    alone = ref.act(base, ref.fear)

    def risk_gain(phi: float) -> float:
        less, more = (ref.act(base, ref.fear * (1.0 - phi * safe)) for safe in (safety, safer))
        return rate * (more - less) * ref.people / (_STEP * crowd)

    def tie_gain(sigma: float) -> float:
        in_circle = ref.act(base + sigma / others, ref.fear) - alone
        at_home = ref.act(base + sigma * p["ties.household"] / family, ref.fear) - alone
        return rate * (others * in_circle + family * at_home)

    phi = solve(risk_gain, gain * p["law.gain_risk"], 0.0, 1.0)
    sigma = solve(tie_gain, gain * p["law.gain_ties"], 0.0, TIE_CAP)
    kappa = gain * p["law.gain_awareness"] / per_kappa
    weight = min(gain * p["law.gain_belief"] / per_weight, BELIEF_CAP)
    found = {
        "derived.offset": offset,
        "derived.trigger": base - offset,
        "derived.awareness": kappa,
        "derived.ties": sigma,
        "derived.risk": phi,
        "derived.belief": weight,
        "derived.gain_attained": per_kappa * kappa + tie_gain(sigma) + risk_gain(phi) + per_weight * weight,
    }
    return {name: rounded(value) for name, value in found.items()}


def identify_abroad(
    p: Mapping[str, float], setting: Setting, household: Floats, circle: int, home: Mapping[str, float]
) -> dict[str, float]:
    """The coefficients of a society abroad: people answer each other as at home.

    The constant gives the background at home's repression, so that more of it (`risk.repression`) keeps people silent.
    """
    nothing = np.zeros(len(setting.places))
    return {**home, "derived.offset": rounded(Reference(p, setting, nothing, household, circle).offset())}


def log_share(x: float) -> float:
    """ln x, kept finite; shares are solved on this scale."""
    return float(log(max(x, 1e-300)))
