"""What a claim may ask: the kinds of estimand, the events and numbers of a run, and the options of each.

A world is named by a variant of the scenario ("" is the scenario as written), by a label of the option `changes`, or
by both, joined with "+" ("no-request+non-lethal"). `load.check` and `estimands` use these tables and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

EVENTS: Mapping[str, str] = MappingProxyType({
    "fall": "the regime fell or the ruler left, by whatever path",
    "stands": "neither happened",
    "regime-falls": "the regime fell, to the street or by its units",
    "removal": "insiders removed the ruler and the regime stayed",
    "civil-war": "much of the staff resisted for long",
    "restored": "order was restored for good and the regime stood",
    "unrestored": "order was not restored, or the regime fell",
    "place-lost": "the place (of all places, any) was out of government hands at some time",
    "place-held": "it never was",
    "request": "outside help was asked for", "lethal": "lethal rules of engagement were in force somewhere",
    "sent": "foreign troops were in the country",
    "defection": "a fifth of the staff or more was not loyal",
})  # fmt: skip
"""Yes or no by the end of the horizon."""
NUMBERS: Mapping[str, str] = MappingProxyType({
    "killed": "people killed", "detained": "people detained", "wounded": "people wounded",
    "killed_expected": "people killed, as expected given who was in the street",
    "detained_expected": "people detained, as expected given who was in the street and sought",
    "wounded_expected": "people wounded, as expected given who was in the street",
    "injured_forces": "staff injured", "peak_turnout": "people in action at the peak",
    "peak_share": "share of the people in action at the peak", "sites_lost": "sites lost at one time, at most",
    "places_affected": "places with 100 people in action or more", "troops": "foreign troops, at most",
    "lethal_share": "share of the places under lethal rules of engagement at one time, at most",
    "demand": "political share of demands", "demand_day": "day on which it passed a half",
    "order_day": "day on which order was restored", "survival": "survival believed in, at the least",
})  # fmt: skip
"""Numbers by the end of the horizon; with the option `above` they become events. Days that never came are the last."""

PLACED = (
    "place-lost", "place-held", "killed", "detained", "wounded", "killed_expected", "detained_expected",
    "wounded_expected", "peak_turnout", "sites_lost",
)  # fmt: skip
"""What can be asked of one place."""
ABROAD = ("fall", "stands", "regime-falls", "removal", "civil-war", "killed", "detained", "peak_turnout", "survival")
"""What can be asked of another state; troops there, requests and places are not recorded."""
SHARED = ("event", "from", "t0", "free", "place", "state", "above", "changes", "condition")
"""event: of EVENTS or NUMBERS; from: where the clock of the horizon starts (default: the start); t0: from here on the
script of those in `free` (default: government) ends in all worlds that are counterfactual, or in all with both = true;
place, state: whose number; above: turns a number into an event; changes: label -> what `Scenario.vary` takes;
condition: "record" (all figures), "t0" (figures up to t0), "none" (the prior)."""

PER_CONTRAST: Mapping[str, str] = MappingProxyType({"state": "states", "above": "thresholds"})
"""Common option -> the list of a difference of effects that gives it for each of the two contrasts."""


@dataclass(frozen=True)
class Kind:
    """One kind of estimand. worlds: how many it names, least and most; number: whether NUMBERS can be asked for.

    options, needed: of its own, and those that it must have; shared: which of the common options mean something to it.
    """

    doc: str
    worlds: tuple[int, int]
    options: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    number: bool = False
    shared: tuple[str, ...] = SHARED


KINDS: Mapping[str, Kind] = MappingProxyType({
    "event": Kind("probability of the event in a world", (1, 1)),
    "forward": Kind("the same, given only the figures up to t0", (1, 1), needed=("t0",)),
    "effect": Kind("second world less first, in probability or as a number", (2, 2),
                   ("direction", "relative", "both"), number=True),
    "effect-difference": Kind("effect between the third and the fourth world less that between the first two", (4, 4),
                              ("direction", "relative", "both", "states", "thresholds"), number=True),
    "equivalence": Kind("whether that difference lies within the margin", (2, 2), ("relative", "both"), number=True),
    "necessity": Kind("P(no event in the second world | event in the first); with a third world the least of that "
                      "and of 1 less the same for the third", (2, 3), ("both",)),
    "factorial": Kind("all combinations of factors off; necessity of one in each combination of those given", (1, 1),
                      ("factors", "of", "given", "against"), needed=("factors", "of")),
    "both": Kind("the least of P(no event in the first world) and P(event in the second)", (2, 2), ("both",)),
    "fit": Kind("mean share of runs inside the intervals of the targets named, given figures up to t0", (1, 1),
                ("targets",), needed=("targets",)),
    "bayes-factor": Kind("posterior probability of the second world against the first at even odds, by named figures",
                         (2, 2), ("targets",), needed=("targets",), shared=("changes",)),
    "sweep": Kind("greatest probability of the event over values of a parameter", (1, 1), ("parameter", "values"),
                  needed=("parameter", "values")),
    "none": Kind("nothing can be computed; the option says why", (0, 0), ("reason",), needed=("reason",)),
    "documentary": Kind("judged from the rows of a timeline, without a run", (0, 0)),
})  # fmt: skip
"""direction: "up", "down" or "any"; relative: divide by the first world; both: free the first world from t0 too;
states, thresholds: the state of each of the two contrasts, and the number above which it is an event there;
factors: label -> changes that switch it off; of: the factor whose necessity decides; given: factors on and off while it
is judged; against: a factor whose necessity must stay below a half; targets: names of figures; values: of `parameter`.
"""
