"""Moro 2016: citizens, an armed revolutionary organisation and police on a torus; three outcomes. Not reproduced.

What was read for this version: the abstract, the opening, and the beginning of the part on outcomes. They say who acts
(citizens who weigh grievance against what they have to lose, revolutionaries who kill police with precision r, police
who jail citizens and kill revolutionaries with precision p), that space is Epstein's torus, and the three outcomes of
figure 1. They do not say the size of the torus, how many of each there are, what the number n = 1.2 is, how citizens
become revolutionaries, when shots are fired and at whom, or when a run ends. A grid model with those rules guessed
would have a right answer for some guess, which shows nothing, so there is none.

What can be checked is the beginning of every outcome: small riots of the poorest, who have the most grievance and the
least to lose. The forms are read from the reimplementation of a later model that takes them from this one (see
`pillars`):

    income y ~ lognormal(m, s);   H(y) = 1 / (1 + exp(y - E y));   K(y) = tanh(k J y / 2), k = 0.025, J = 30
    active iff H(y) (1 - L) - K(y) (1 - exp(-2.3 police / (1 + active))) > F

Both terms fall with income, so whoever is active, everybody poorer who sees the same is active too.

Source: Moro A. 2016, PLoS ONE 11(4) e0154175, doi 10.1371/journal.pone.0154175.
Known traps: the later model adds a second cost that is highest for the poor; with it the order breaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.classics.declare import Classic, Effort, Finding, Line, Picture
from tocsin.classics.judged import OWN

Floats = NDArray[np.float64]
MEAN_LOG, SPREAD_LOG, JAIL_COST, JAIL_TERM, SLOPE = 0.5, 0.5, 0.025, 30.0, 2.3
OUTCOMES = (
    ("all police killed: the government falls", "p = 0.4, r = 0.3"),
    ("many police killed, the revolution fails: anarchy", "p = 0.9, r = 0.3"),
    ("few police killed: back to the status quo", "p = 0.9, r = 0.1"),
)


def hardship(income: Floats) -> Floats:
    """H, falling with income."""
    return np.asarray(1 / (1 + np.exp(income - np.exp(MEAN_LOG + SPREAD_LOG**2 / 2))))


def stake(income: Floats) -> Floats:
    """K, what an arrest costs, rising with income."""
    return np.asarray(np.tanh(JAIL_COST * JAIL_TERM * income / 2))


def gain(income: Floats, legitimacy: float, police_per_active: float, *, poor_lose_too: bool = False) -> Floats:
    """Grievance less expected cost; active iff above a threshold. poor_lose_too: with the later model's second cost."""
    cost = stake(income)
    if poor_lose_too:
        cost = (cost**4 + np.tanh(JAIL_COST * JAIL_TERM / (2 * income)) ** 4) ** 0.25
    arrest = 1 - np.exp(-SLOPE * police_per_active)
    return np.asarray(hardship(income) * (1 - legitimacy) - cost * arrest)


def incomes() -> Floats:
    """Incomes from the first to the last thousandth of the lognormal, float64[2001]."""
    return np.exp(MEAN_LOG + SPREAD_LOG * np.linspace(-3.09, 3.09, 2001))


def check(effort: Effort) -> Iterator[Finding]:
    """Who rebels first; the three outcomes are named as not at hand."""
    del effort
    cases = [(legitimacy, police) for legitimacy in np.linspace(0, 0.9, 10) for police in (0.0, 0.05, 0.25, 1.0)]
    ordered = sum(bool(np.all(np.diff(gain(incomes(), *case)) < 0)) for case in cases)
    yield Finding(
        "who rebels first", "small riots of the poorest, with most grievance and least to lose",
        f"the gain from rebelling falls with income in {ordered} of {len(cases)} cases", "all", ordered == len(cases),
        "the decision rule alone, as others give it; legitimacy 0 to 0.9, police per active 0 to 1",
        origin="paper", basis=OWN,
    )  # fmt: skip
    broken = sum(bool(np.any(np.diff(gain(incomes(), *case, poor_lose_too=True)) > 0)) for case in cases)
    yield Finding(
        "who rebels first, if arrest costs the poor most too", "small riots of the poorest",
        f"the order breaks in {broken} of {len(cases)} cases", "", None,
        "the second cost of Chenoweth, Hocking and Marks 2022", origin="paper", why="variant",
    )  # fmt: skip
    for outcome, where in OUTCOMES:
        yield Finding(
            f"outcome at {where}, n = 1.2", outcome, "not reproduced", "", None,
            "the paper is open access; its part with size and densities of the torus, meaning of n, recruitment, "
            "shooting and the end of a run was not read for this version", origin="paper", why="not at hand",
        )  # fmt: skip


def pictures(effort: Effort) -> Sequence[Picture]:
    """The gain from rebelling by income, for three densities of police."""
    del effort
    y = incomes()
    lines = [Line(f"{police:g} police per active", y, gain(y, 0.56, police)) for police in (0.0, 0.05, 0.25)]
    lines.append(Line("0.25, the poor lose too", y, gain(y, 0.56, 0.25, poor_lose_too=True)))
    note = "legitimacy 0.56; the rule alone, not the paper's figure"
    return (Picture("Who has most to gain", "income", "gain from rebelling", tuple(lines), "x", note),)


CLASSIC = Classic(
    name="moro",
    rung=10,
    title="Violent revolution: how it begins",
    source="Moro 2016, PLoS ONE 11(4) e0154175, doi 10.1371/journal.pone.0154175",
    says="Armed revolts begin with the poorest; how they end turns on how precisely each side kills.",
    kernel="none: the decision rule in closed form",
    check=check,
    pictures=pictures,
    here="The rule makes the poorest rebel first. The three ends are not reproduced: that part of the paper, which is "
    "open access, was not read for this version.",
)
