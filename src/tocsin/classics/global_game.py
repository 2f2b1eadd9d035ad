"""The one-sided global game of regime change, with outside force.

After Morris and Shin 1998 (American Economic Review 88(3) 587-597) and Angeletos, Hellwig and Pavan 2006 (Journal of
Political Economy 114(3) 452-484, doi 10.1086/504901). The regime has a strength theta that nobody knows; citizen i sees
x_i = theta + sigma eps_i, eps ~ N(0, 1), with a flat prior. Attacking costs c and pays 1 if the regime falls, which it
does iff the share A that attacks is at least theta + F; F is the force of an outside patron in units of citizens.

    attack iff x_i < x*;  P(theta < theta* | x*) = Phi((theta* - x*)/sigma) = c;  Phi((x* - theta*)/sigma) = theta* + F
    hence theta*(F) = 1 - c - F, whatever sigma

With a public signal y of precision a beside the private one of precision b, theta* solves
a (theta - y) - sqrt(b) PhiInv(theta + F) = PhiInv(c) sqrt(a + b): one solution for every y iff a/sqrt(b) <= sqrt(2 pi).

Through the person kernel: R holds eps, cut at 4 standard deviations, as (eps + 4)/8; rho = 1 and
gamma = (x* - theta)/(8 sigma) + 1/2, so V > 0 iff x_i < x*. People answer the threshold of the round before.
Departures: with drawn signals theta* rests where the sample's share does. Traps: with a precise public signal there are
three solutions, and a simulation must say which it takes (from calm: the smallest) and report both ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from tocsin.classics.crowd import Crowd, normals, traits
from tocsin.classics.declare import Classic, Effort, Finding, Line, Picture
from tocsin.classics.judged import OWN, PLAN

PEOPLE = 100_000
REACH = 4.0
COSTS, FORCES = (0.3, 0.5), (0.0, 0.1, 0.2, 0.3)
NOISES, PLAYED = (0.05, 0.5, 2.0), (0.2, 1.0)
"""sigma in the fixed point, and as people play it: with less noise they creep towards the threshold for ever longer."""
LOUD = math.sqrt(2.0 * math.pi)
SOLVED: dict[str, Any] = {"origin": "derived", "basis": PLAN}


def threshold(cost: float, force: float, noise: float) -> float:
    """theta* by answering in turn: x* to the last theta*, theta* to the last x*, until it moves by less than 1e-12."""
    strength, shift = 0.5, noise * float(ndtri(cost))
    for _ in range(100_000):
        cutoff, before = strength - shift, strength
        strength = float(
            brentq(lambda t, x=cutoff: ndtr((x - t) / noise) - t - force, -1.0 - force, 2.0 - force, xtol=1e-15)
        )
        if abs(strength - before) < 1e-12:
            break
    return strength


class Players:
    """People with drawn signals who play the game through the person kernel."""

    def __init__(self, seed: int, people: int = PEOPLE) -> None:
        eps = np.sort(np.clip(normals(people, "signals", seed), -REACH, REACH))
        self.crowd = Crowd(traits((eps + REACH) / (2 * REACH)))

    def attack(self, cutoff: float, strength: float, noise: float) -> float:
        """The share that attacks a regime of this strength when whoever sees less than the cutoff does."""
        return self.crowd.step(gamma=(cutoff - strength) / (2 * REACH * noise) + 0.5)

    def critical(self, cutoff: float, force: float, noise: float, near: float) -> float:
        """The strength at which the attack just suffices, to 1e-5, sought outwards from a strength near it."""

        def excess(strength: float) -> float:
            return self.attack(cutoff, strength, noise) - strength - force

        low, high, reach = near - 0.01, near + 0.01, 0.04
        while excess(low) < 0.0:
            low, reach = low - reach, 2.0 * reach
        while excess(high) > 0.0:
            high, reach = high + reach, 2.0 * reach
        return float(brentq(excess, low, high, xtol=1e-5))

    def threshold(self, cost: float, force: float, noise: float) -> float:
        """theta* when everybody answers the threshold of the round before, until it moves by less than 5e-5."""
        strength, shift = 0.5, noise * float(ndtri(cost))
        for _ in range(500):
            before = strength
            strength = self.critical(strength - shift, force, noise, before)
            if abs(strength - before) < 5e-5:
                break
        return strength


def played(effort: Effort, cost: float, force: float, noise: float, seed: int) -> float:
    """theta* as a hundred thousand people play it."""

    def make() -> dict[str, float]:
        return {"strength": Players(seed).threshold(cost, force, noise)}

    name = f"played, people {PEOPLE}, cost {cost:g}, force {force:g}, noise {noise:g}, seed {seed}"
    return float(effort.keep(name, make)["strength"])


def check(effort: Effort) -> Iterator[Finding]:
    """The threshold by fixed point and by people, its slope in the force, and the public signal."""
    yield from _fixed_point()
    yield from _people(effort)
    for ratio, expected in ((0.96 * LOUD, 1), (1.04 * LOUD, 3)):
        ours = max(len(solutions(0.5, 0.1, y, ratio**2, ratio**2)) for y in np.linspace(-0.5, 1.5, 401))
        shown = "one" if expected == 1 else "three", f"at most {ours}", "exact"
        note = "a/sqrt(b) against sqrt(2 pi) = 2.507; c = 0.5, F = 0.1, 401 signals"
        name = f"thresholds at a precision ratio of {ratio:.2f}"
        yield Finding(name, *shown, ours == expected, note, origin="derived", basis=OWN)


def _fixed_point() -> Iterator[Finding]:
    found = {(c, f, s): threshold(c, f, s) for c in COSTS for f in FORCES for s in NOISES}
    gap = max(abs(t - (1 - c - f)) for (c, f, _), t in found.items())
    note = f"{len(found)} games: c, F and sigma of {COSTS}, {FORCES}, {NOISES}"
    shown = "1 - c - F", f"off by {gap:.1e} at most", "1e-6"
    yield Finding("theta* by fixed point", *shown, gap <= 1e-6, note, **SOLVED)
    for c in COSTS:
        spread = max(np.ptp([found[c, f, s] for s in NOISES]) for f in FORCES)
        shown = "independent of sigma", f"moves by {spread:.1e} at most", "1e-6"
        yield Finding(f"theta* over sigma, c = {c:g}", *shown, bool(spread <= 1e-6), **SOLVED)


def _people(effort: Effort) -> Iterator[Finding]:
    seeds = effort.choose(1, 20)
    for c in COSTS:
        for noise in PLAYED:
            forces = FORCES if effort.full or noise == max(PLAYED) else FORCES[1:2]
            found = np.array([[played(effort, c, f, noise, seed) for f in forces] for seed in range(seeds)])
            gap = float(np.abs(found - (1 - c - np.array(forces))).max())
            note = f"F {', '.join(map(str, forces))}; {seeds} x {PEOPLE:,} people through the person kernel"
            shown = "1 - c - F", f"off by {gap:.4f} at most", "0.01"
            name = f"theta* as people play it, c = {c:g}, sigma = {noise:g}"
            yield Finding(name, *shown, gap <= 0.01, note, **SOLVED)
            if len(forces) > 1:
                slopes = np.polyfit(forces, found.T, 1)[0]
                worst = float(slopes[np.argmax(np.abs(slopes + 1))])
                shown = "-1", f"{worst:.4f}, the farthest of {seeds}", "0.01"
                name = f"slope of theta* in F, c = {c:g}, sigma = {noise:g}"
                yield Finding(name, *shown, abs(worst + 1) <= 0.01, **SOLVED)


def solutions(cost: float, force: float, signal: float, public: float, private: float) -> list[float]:
    """Every theta* with a public signal, one at least; public, private: the precisions a and b.

    Sought in z = PhiInv(theta* + F), which has no bounds: z = lean (Phi(z) - F - y) - PhiInv(c) sqrt(1 + a/b), where
    lean = a/sqrt(b). The gap goes from below zero to above it and turns at most twice, where lean phi(z) = 1; so it
    crosses zero at most once between turns: one theta* or three, and two where the gap only touches zero at a turn.
    """
    lean = public / math.sqrt(private)
    shift = float(ndtri(cost)) * math.sqrt(1.0 + public / private)

    def gap(z: float) -> float:
        return z - lean * (float(ndtr(z)) - force - signal) + shift

    low = -lean * (force + signal) - shift - 1.0
    turn = math.sqrt(2.0 * math.log(lean / LOUD)) if lean > LOUD else 0.0
    parts = pairwise([low, -turn, turn, low + lean + 2.0] if turn else [low, low + lean + 2.0])
    found = {brentq(gap, *part) for part in parts if np.sign(gap(part[0])) * np.sign(gap(part[1])) <= 0}
    return sorted(float(ndtr(z)) - force for z in found)


def pictures(effort: Effort) -> Sequence[Picture]:
    """The threshold against the patron's force, and against what everybody hears of the regime."""
    return _by_force(effort), _by_signal()


def _by_force(effort: Effort) -> Picture:
    lines: list[Line] = []
    for c in COSTS:
        forces = np.linspace(0.0, 0.3, 13)
        lines.append(Line(f"fixed point, c = {c:g}", forces, np.array([threshold(c, float(f), 1.0) for f in forces])))
        people = np.array([played(effort, c, f, 1.0, 0) for f in FORCES])
        lines.append(Line(f"a hundred thousand people, c = {c:g}", np.array(FORCES), people, points=True))
    note = "Regimes weaker than the threshold fall. Outside force lowers it one for one, however noisy the signals."
    across, up = "outside force (in shares of citizens)", "strongest regime that falls"
    return Picture("What outside force buys", across, up, tuple(lines), "", note)


def _by_signal() -> Picture:
    signals, lines = np.linspace(-0.2, 1.2, 281), []
    for ratio, word in ((0.0, "none"), (0.5 * LOUD, "half as precise as can be borne"), (2 * LOUD, "twice as precise")):
        found = [solutions(0.5, 0.0, float(y), max(ratio, 1e-9) ** 2, max(ratio, 1e-9) ** 2) for y in signals]
        ends = np.array([(min(f), max(f)) for f in found])
        if ratio > LOUD:
            lines.append(Line(f"{word}: calmest", signals, ends[:, 0]))
            lines.append(Line(f"{word}: boldest", signals, ends[:, 1]))
        else:
            lines.append(Line(word, signals, ends[:, 0]))
    note = "c = 0.5. Beyond a/sqrt(b) = sqrt(2 pi) one signal allows two outcomes: what people expect of each other."
    across, up = "public signal of the regime's strength", "strongest regime that falls"
    return Picture("A public signal moves everybody at once", across, up, tuple(lines), "", note)


CLASSIC = Classic(
    name="global-game",
    rung=5,
    title="Coordination against a regime with a patron",
    source=(
        "Morris S., Shin H.S. 1998, Unique equilibrium in a model of self-fulfilling currency attacks, American "
        "Economic Review 88(3) 587-597; Angeletos G.-M., Hellwig C., Pavan A. 2006, Signaling in a global game, "
        "Journal of Political Economy 114(3) 452-484, doi 10.1086/504901"
    ),
    says="Outside force protects a regime one for one with its size, but a public signal can move everybody at once.",
    kernel="person law, noiseless, without ties; fixed points by root finding",
    check=check,
    pictures=pictures,
    seconds=80.0,
    here="So it does, by fixed points and played by a hundred thousand people. All of it follows from the rules of the "
    "game: no number of the papers is compared with.",
)
