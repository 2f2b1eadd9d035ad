"""What a file of claims may say: its tables and keys, which kinds fit which type, and what timelines can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tocsin.claims.kinds import KINDS

REGISTER = ("title", "date", "scenario", "source")
CLAIM = ("name", "text", "says", "written", "tag", "type", "scenario", "against", "source", "remark", "part")
NEEDED = ("name", "text", "says", "written", "tag", "type", "against")
NEEDED_NORMATIVE = ("name", "text", "says", "written", "tag", "type")
PART = ("name", "title", "kind", "worlds", "horizon", "rule")
NO_RUNS = ("documentary", "none")
"""Kinds that need no run."""
MARGINAL = ("effect", "effect-difference", "equivalence")
"""Kinds that are judged by a margin and a certainty; all others by a boundary."""
RULES: Mapping[str, tuple[float, float]] = MappingProxyType({"bayes-factor": (0.75, 0.25)})
"""Kinds that need no rule of their own -> above and below. A Bayes factor of 3 is where evidence is worth more than a
bare mention (Kass and Raftery 1995, doi 10.1080/01621459.1995.10476572)."""

_SIMULATED = tuple(kind for kind in KINDS if kind not in NO_RUNS)
FITTING: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "documentary": NO_RUNS,
    "retrodictive": ("fit", "bayes-factor", "event", "forward", *NO_RUNS),
    "causal": (*(kind for kind in _SIMULATED if kind not in ("fit", "sweep")), *NO_RUNS),
    "model-property": (*(kind for kind in _SIMULATED if kind not in ("fit", "forward", "bayes-factor")), "none"),
    "normative": (),
})  # fmt: skip
"""Type of a claim -> the kinds of estimand that its parts may have. A causal claim may rest on sources in part."""

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "direction": ("up", "down", "any"),
    "condition": ("record", "t0", "none"),
})  # fmt: skip
"""Options that are one of a few words."""
POLICIES = ("government", "alliance")
"""What the option `free` may name."""


@dataclass(frozen=True)
class Measure:
    """One question to a timeline. needed, more: options that it must and may have; the answer is a number 0 to 1."""

    doc: str
    needed: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


_ROW = ("timeline",)
MEASURES: Mapping[str, Measure] = MappingProxyType({
    "sites-lost": Measure("share of the key sites of a place lost at a moment", (*_ROW, "place", "at", "sites")),
    "share": Measure("figure of a row against a whole: a number, or the figure of another row", (*_ROW, "row", "of")),
    "before": Measure("share of some rows that come after another one", (*_ROW, "row", "rows")),
    "in-order": Measure("share of neighbours among some rows that follow each other in time", (*_ROW, "rows")),
    "reported": Measure("share of some rows whose event happened by a moment", (*_ROW, "rows"), ("by",)),
    "absent": Measure("whether no row has one of these metrics", (*_ROW, "metrics"), ("by", "beside")),
    "cases": Measure("share of the listed cases that show what is claimed", ("cases",)),
})  # fmt: skip
"""place, at, sites: a place of the scenario, a moment, and site -> the row that reports its loss, or "held", or
"unknown"; row, rows, beside: names of rows (beside: shown with the answer because they qualify it); of: a number or a
row; by: a moment; metrics: of rows; cases: tables with name, shows (true or false), why, source, confidence."""
DOCUMENTARY = ("measure", "read")
"""Options of every documentary part. read: row -> "DATE WORDS", where the description of a row dates it more exactly
than its columns do."""
CASE = ("name", "shows", "why", "source", "confidence")
CONFIDENCE = ("high", "medium", "low")


FEWEST: Mapping[str, int] = MappingProxyType({
    "rows": 1, "metrics": 1, "cases": 1, "targets": 1, "factors": 1, "values": 2, "states": 2, "thresholds": 2,
})  # fmt: skip
"""Lists that must have so many members, for there is no answer with fewer."""
LISTS = (*FEWEST, "free", "given", "beside")
TABLES = ("sites", "read", "changes")
TRUTHS = ("relative", "both")
NUMBERS = ("above",)
NUMBERED = ("thresholds",)
EITHER = ("of",)
"""Options that are lists, tables, true or false, numbers, lists of numbers, and a number or a text; all others are
texts."""


def keys(kind: str) -> tuple[str, ...]:
    """Keys of a part of this kind that are not options; what needs no run has no worlds and no horizon.

    The figures of a Bayes factor have days of their own, so that it has no horizon either.
    """
    without = ("worlds", "horizon") if kind in NO_RUNS else ("horizon",) if kind == "bayes-factor" else ()
    return tuple(key for key in PART if key not in without)


def options(kind: str, measure: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Options that a part of this kind may have, and those that it must have; of an unknown measure all are let in."""
    if kind == "documentary" and measure not in MEASURES:
        return (*DOCUMENTARY, *(key for m in MEASURES.values() for key in (*m.needed, *m.more))), ("measure",)
    if kind == "documentary":
        asked = MEASURES[measure]
        return (*DOCUMENTARY, *asked.needed, *asked.more), ("measure", *asked.needed)
    if kind == "none":
        return KINDS[kind].options, KINDS[kind].needed
    return (*KINDS[kind].shared, *KINDS[kind].options), KINDS[kind].needed
