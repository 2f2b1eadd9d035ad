"""What a claim asks of one run: an event, yes or no, or a number, by the end of its horizon."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tocsin.results.record import EXPECTED, Run

Ints = NDArray[np.int64]
SLACK = 1e-6
"""Days by which moments may differ and be the same."""
STANDING = ("survives", "concessions", "undecided")
AFFECTED = 100
DEFECTION = 200_000
"""A fifth of the staff, in the unit in which runs record it."""
_BY_PATH = MappingProxyType({"street": "regime-falls", "units": "regime-falls", "elites": "removal"})
_ENDS = MappingProxyType({"fall": (1, 2, 3), "regime-falls": (1, 2), "removal": (3,), "civil-war": (4,)})


@dataclass(frozen=True)
class Question:
    """name: of `kinds.EVENTS` or NUMBERS; since, by: the horizon, in days after the start.

    above: turns a number into an event (NaN: no).
    """

    name: str
    by: float = math.inf
    place: str = ""
    state: str = ""
    above: float = math.nan
    since: float = 0.0

    @property
    def threshold(self) -> float | None:
        """The number above which it is an event, if it is one by a threshold."""
        return None if math.isnan(self.above) else self.above


@dataclass(frozen=True)
class Seen:
    """A run, what is asked of it, and the index of the last tick within the horizon."""

    run: Run
    asked: Question
    last: int


def measure(run: Run, asked: Question) -> float:
    """The answer of one run; events are 0 or 1. NaN where the ruler was gone before the horizon began."""
    return math.nan if ended(run) < asked.since - SLACK else answer(run, asked)


def ended(run: Run) -> float:
    """Days after the start on which the ruler was gone; infinite if he never was."""
    return math.inf if run.outcome.kind in STANDING else run.outcome.day


def answer(run: Run, asked: Question) -> float:
    """The answer of one run, whenever the ruler went."""
    last = max(int(np.searchsorted(run.days, asked.by + SLACK, side="right")) - 1, 0)
    value = float(_ANSWERS[asked.name](Seen(run, asked, last)))
    return value if asked.threshold is None else float(value > asked.threshold)


def _ended(seen: Seen) -> float:
    """Whether an end of the kind had come; home's day is that of the outcome, others' the first record of it."""
    codes = _ENDS["fall" if seen.asked.name == "stands" else seen.asked.name]
    if seen.asked.state and seen.asked.state != seen.run.states[0]:
        column = seen.run.abroad["end"][: seen.last + 1, seen.run.states.index(seen.asked.state)]
        return float(np.isin(column, codes).any())
    ended = seen.run.outcome
    if ended.kind == "civil war":
        return float(4 in codes and ended.day <= seen.asked.by + SLACK)
    kind = _BY_PATH.get(ended.path, "") if ended.fallen else ""
    wanted = seen.asked.name in ("fall", "stands") or kind == seen.asked.name
    return float(bool(kind) and wanted and ended.day <= seen.asked.by + SLACK)


def _restored(seen: Seen) -> float:
    """Order that lasts to the end of the run, from a day not after `by`, under a regime that stands."""
    day = seen.run.outcome.summary["order_day"]
    return float(
        0 <= day <= seen.asked.by + SLACK and not seen.run.outcome.fallen and seen.run.outcome.kind != "civil war"
    )


def _control(seen: Seen) -> float:
    codes = seen.run.series["control"][: seen.last + 1]
    return float((codes[:, seen.run.places.index(seen.asked.place)] if seen.asked.place else codes).max() >= 2)


def _series(seen: Seen, name: str) -> Ints:
    if seen.asked.state and seen.asked.state != seen.run.states[0]:
        return seen.run.abroad[name][:, seen.run.states.index(seen.asked.state)]
    series = seen.run.national[name] if name in seen.run.national else seen.run.series[name]
    if series.ndim == 1:
        return series
    return np.asarray(series[:, seen.run.places.index(seen.asked.place)] if seen.asked.place else series.sum(axis=1))


def _total(name: str) -> Callable[[Seen], float]:
    return lambda seen: float(_series(seen, name)[seen.last])


def _expected(name: str) -> Callable[[Seen], float]:
    return lambda seen: _total(f"{name}_expected")(seen) / EXPECTED


def _most(name: str) -> Callable[[Seen], float]:
    return lambda seen: float(_series(seen, name)[: seen.last + 1].max())


def _flag(name: str, least: int) -> Callable[[Seen], float]:
    return lambda seen: float((seen.run.national[name][: seen.last + 1] >= least).any())


def _lethal_share(seen: Seen) -> float:
    return float(seen.run.national["lethal"][: seen.last + 1].max()) / len(seen.run.places)


def _peak_share(seen: Seen) -> float:
    """At home, as a share of the people: those whom the peak of the whole run makes one with its share."""
    peak, share = seen.run.outcome.summary["peak_turnout"], seen.run.outcome.summary["peak_share"]
    return _most("turnout")(replace(seen, asked=Question("peak_share"))) * share / peak if peak > 0 else 0.0


def _demand_day(seen: Seen) -> float:
    """The first day on which the political share passed a half; the last day asked about if it never did."""
    passed = seen.run.national["demand"][: seen.last + 1] > 500_000
    return float(seen.run.days[int(np.argmax(passed))] if passed.any() else seen.run.days[seen.last])


def _order_day(seen: Seen) -> float:
    day = seen.run.outcome.summary["order_day"]
    return float(seen.run.days[seen.last] if day < 0 or seen.run.outcome.fallen else min(day, seen.run.days[seen.last]))


def _least_survival(seen: Seen) -> float:
    return float(seen.run.national["survival"][: seen.last + 1].min()) / 1e6


def _places(seen: Seen) -> float:
    return float((seen.run.series["turnout"][: seen.last + 1].max(axis=0) >= AFFECTED).sum())


def _not(of: Callable[[Seen], float]) -> Callable[[Seen], float]:
    return lambda seen: 1.0 - of(seen)


_ANSWERS: Mapping[str, Callable[[Seen], float]] = MappingProxyType({
    "fall": _ended, "stands": _not(_ended), "regime-falls": _ended, "removal": _ended, "civil-war": _ended,
    "restored": _restored, "unrestored": _not(_restored), "place-lost": _control, "place-held": _not(_control),
    "request": _flag("requested", 1), "sent": _flag("troops", 1), "defection": _flag("defected", DEFECTION),
    "lethal": _flag("lethal", 1), "lethal_share": _lethal_share,
    "killed": _total("killed"), "detained": _total("detained"), "wounded": _total("wounded"),
    "killed_expected": _expected("killed"), "detained_expected": _expected("detained"),
    "wounded_expected": _expected("wounded"),
    "injured_forces": _total("injured_forces"), "peak_turnout": _most("turnout"), "peak_share": _peak_share,
    "sites_lost": _most("sites_lost"), "places_affected": _places, "troops": _most("troops"),
    "demand": lambda seen: _total("demand")(seen) / 1e6, "demand_day": _demand_day,
    "order_day": _order_day, "survival": _least_survival,
})  # fmt: skip
