"""What no verdict of a ledger says: the limits of all ledgers, and those of a case."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.report import words
from tocsin.scenario.scenario import Scenario

LIMITS: tuple[tuple[str, str], ...] = (
    (
        "A verdict is about a model.",
        "It holds for this model, its data and its assumptions. It is no evidence of what anyone did or intended.",
    ),
    (
        "The people are invented.",
        "They stand for a population in aggregate. Nothing here says anything about any person who lived through the "
        "events, or died in them.",
    ),
    (
        "Conditioning is not calibration.",
        "Runs that resemble the record count for more. If the priors hold no good account of the events, weighting "
        "cannot make one.",
    ),
    (
        "One case cannot separate causes that came together.",
        "Request, decision, landing, live fire, blackout, emergency and reshuffle may fall within a day. Each verdict "
        "therefore has to hold in every registered structure.",
    ),
    (
        "The record is biased by who reports.",
        "Figures of the dead, the detained and of crowds come from parties to the events; their intervals are assumed.",
    ),
    (
        "Words of value are listed, never judged.",
        "Whether something was just, legitimate or deserved is no question for a simulation.",
    ),
    (
        "Not a tool against anyone.",
        "Nothing here is for planning policing, repression, violence or intervention, nor for targeting anyone; and it "
        "is no forecast of an unrest under way.",
    ),
)
SAID = (words.NOT_CALIBRATED[0], "Nothing about individuals.", "Words of value are not judged.")
"""Limits of runs that those of all ledgers say in other words."""


def limits(scenarios: Sequence[Scenario]) -> list[tuple[str, str]]:
    """(head, text): those of all ledgers, then what these scenarios leave open, each once."""
    found = dict.fromkeys(pair for scenario in scenarios for pair in words.left_open(scenario))
    return [*LIMITS, *(pair for pair in found if pair[0] not in SAID)]
