"""When two worlds may begin to differ, and when they do: bit-identical until the cause (engine.md 2)."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario

SCRIPTED = {"events": 0, "factions": 3}
"""Parts of the canonical scenario that act from an hour on -> where in an entry the hour stands."""


@dataclass(frozen=True)
class Difference:
    """The first tick at which two runs differ. day: days from the start to the beginning of the tick; records: in what.

    `state_digests` among the records: somebody's state differs, perhaps before any recorded number does.
    """

    tick: int
    day: float
    records: tuple[str, ...]


def first_difference(a: Run, b: Run) -> Difference | None:
    """The first tick at which two runs differ in anything that is recorded; None: nowhere in the ticks both have."""
    found: dict[str, int] = {"state_digests": _first(a.state_digests, b.state_digests)}
    for mine, yours in ((a.series, b.series), (a.national, b.national), (a.abroad, b.abroad)):
        found |= {name: _first(mine[name], yours[name]) for name in mine.keys() & yours.keys()}
    tick = min(found.values())
    if tick >= min(len(a.state_digests), len(b.state_digests)):
        return None
    return Difference(tick, tick * a.tick_hours / 24.0, tuple(sorted(n for n, t in found.items() if t == tick)))


def _first(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> int:
    """The first row in which two records [T, ...] differ; the number of common rows if none does."""
    ticks = min(len(a), len(b))
    if a.shape[1:] != b.shape[1:]:
        return 0
    differ = (a[:ticks] != b[:ticks]).reshape(ticks, -1).any(axis=1)
    return int(np.argmax(differ)) if differ.any() else ticks


def cause_tick(a: Scenario, b: Scenario) -> float:
    """The first tick at which two worlds may differ: the earliest of what one script has and the other has not.

    0 where they differ in anything that acts from the start (parameters, mechanisms, places, length); a policy acts
    from the moment at which it sets free; infinite where nothing differs that decides a result.
    """
    mine, yours = a.canonical(), b.canonical()
    hours = [math.inf]
    for part in mine:
        if mine[part] == yours.get(part):
            continue
        if part in SCRIPTED:
            one, other = (Counter(map(repr, form[part])) for form in (mine, yours))
            changed = (one - other) + (other - one)
            hours += [float(e[SCRIPTED[part]]) for e in (*mine[part], *yours[part]) if repr(e) in changed]
        elif part == "policy":
            both = {*mine[part].items()} ^ {*yours[part].items()}
            hours += [float(free) for _, free in both]
        else:
            return 0.0
    return min(hours) // a.tick_hours if math.isfinite(min(hours)) else math.inf
