"""Words of the ladder's page that a reader may not know, and what its verdicts and origins mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

ORIGINS: Sequence[tuple[str, str]] = (
    ("paper", "stands in the paper, or in its abstract where no more was read"),
    ("derived", "not printed: follows from the paper's rules, worked out apart from the program"),
    ("audit", "measured by somebody who programmed the paper's rules independently"),
    ("peer software", "another program, run here beside ours"),
    ("ours", "asked of the model by ourselves, as on invented data"),
)
LEGEND: Sequence[tuple[str, str, str]] = (
    ("met", "met", "ours lies within the tolerance"),
    ("not-met", "not met", "it does not; the gap is shown"),
    ("met variant", "variant: met", "under a reading that changes what the paper states; counted apart"),
    ("not-met variant", "variant: not met", "the same, outside the tolerance"),
    ("none", "too few runs to tell", "chance could turn the verdict of the quick form"),
    ("none", "seen, not judged", "a number to which no tolerance belongs, with the gap"),
    ("none", "variant", "what another reading gives, without a verdict"),
    ("none", "not at hand", "we did not have the number: that part of the paper was not read, or it is not open"),
    ("none", "counted above", "other rows judge the same"),
)
WORDS: Sequence[tuple[str, str, str]] = (
    (r"\bfloor|rounded down", "floor", "C/A, the number of cops in sight for each active person, rounded down to a "
     "whole number. The paper prints C/A as it is; NetLogo's program rounds it down"),
    (r"148 sites", "148 sites", "what somebody sees on the grid with the paper's sight of 7: all sites whose centre is "
     "at most 7 away"),
    (r"184 sites", "184 sites", "what somebody sees with a sight of 7.7, which is not the paper's 7: a variant, tried "
     "because waits come out as rare as the paper says"),
    (r"oneself twice", "oneself twice", "an active person counts herself among the actives in sight and once more, as "
     "NetLogo's program does"),
    (r"salami", "salami", "the paper's word for Run 3: legitimacy falls slice by slice, not at once"),
    (r"J_max", "J_max", "the longest jail term, in periods"),
    (r"periods?\b", "period", "the time in which everybody on the grid is woken once; one frame of an animation"),
    (r"person law|person kernel", "person law", "the rule by which every simulated person of tocsin chooses; with most "
     "of its numbers at zero it is the rule of the paper"),
    (r"a/sqrt\(b\)|precision ratio", "a/sqrt(b)", "the precision (one over the variance) of what all see, over the "
     "square root of the precision of what each sees alone; above sqrt(2 pi) several outcomes are possible"),
)  # fmt: skip
"""Where a word is used (a pattern), the word, what it means."""


def terms_in(text: str) -> list[tuple[str, str]]:
    """The words that this text uses."""
    return [(word, meaning) for pattern, word, meaning in WORDS if re.search(pattern, text)]
