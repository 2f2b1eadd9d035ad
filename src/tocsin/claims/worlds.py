"""From the words of a claim to the worlds that it compares: variants, changes, and where scripts end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, combinations
from typing import Any

from tocsin import quantities
from tocsin.claims.claim import Estimand
from tocsin.claims.kinds import ABROAD, PER_CONTRAST, PLACED
from tocsin.claims.measures import Question
from tocsin.errors import ScenarioError, UsageError
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.script import hours_after

FACTUAL = ""
NEVER_ASKED: Mapping[str, object] = {"government.request_below": 0.0}
"""What holds "no request" in a world whose script has none: survival is never below 0."""
LONGEST = 400.0
"""Days to which a claim may stretch the runs of a scenario."""


def plain(text: str) -> tuple[str, tuple[str, ...]]:
    """Variant and labels of a world's name, "no-request+non-lethal"."""
    first, *labels = text.split("+")
    return first, tuple(label for label in labels if label)


def combinations_of(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """All subsets, the empty one first."""
    return list(chain.from_iterable(combinations(names, n) for n in range(len(names) + 1)))


def world_names(asked: Estimand, *, full: bool = True) -> tuple[str, ...]:
    """All worlds that an estimand needs. full: all combinations of a factorial, not only those that decide."""
    if asked.kind == "factorial":
        return _factorial(asked, full)
    if asked.kind == "sweep":
        return tuple(f"{asked.worlds[0]}+{swept(asked, value)}" for value in asked.options["values"])
    return asked.worlds


def swept(asked: Estimand, value: object) -> str:
    """The label of one value of a sweep."""
    return f"{asked.options['parameter']}={value}"


def _factorial(asked: Estimand, full: bool) -> tuple[str, ...]:
    base, factors = asked.worlds[0], tuple(asked.options["factors"])
    if full:
        return tuple("+".join((base, *off)) for off in combinations_of(factors))
    given, tried = tuple(asked.options.get("given", ())), [asked.options["of"]]
    tried += [asked.options["against"]] if "against" in asked.options else []
    wanted = [(*off, *one) for off in combinations_of(given) for one in ((), *((t,) for t in tried))]
    return tuple("+".join((base, *[f for f in factors if f in off])) for off in wanted)


def labels_of(asked: Estimand) -> dict[str, Mapping[str, Any]]:
    """Label -> changes, from the options `changes`, `factors` and `values`."""
    found: dict[str, Mapping[str, Any]] = {**asked.options.get("changes", {}), **asked.options.get("factors", {})}
    for value in asked.options.get("values", ()) if asked.kind == "sweep" else ():
        found[swept(asked, value)] = {asked.options["parameter"]: value}
    return found


def world(scenario: Scenario, asked: Estimand, name: str) -> Scenario:
    """One world of an estimand: the variant, its changes, and free policies from t0 where it is counterfactual.

    A counterfactual world whose script has no request also never asks by its own policy.
    """
    variant, labels = plain(name)
    known = labels_of(asked)
    if variant in known and variant not in scenario.variants:
        variant, labels = FACTUAL, (variant, *labels)
    result = scenario.world(variant)
    for label in labels:
        if label not in known:
            raise ScenarioError(f"no changes are called {label!r}", expected=f"one of {', '.join(known) or 'none'}",
                                do="name them in the estimand's option `changes`")  # fmt: skip
        result = result.vary(known[label])
    freed = asked.options.get("t0") is not None and (name not in ("", asked.worlds[0]) or _frees_first(asked))
    if not freed:
        return result.vary({}, variant=name or scenario.variant)
    for policy in asked.options.get("free", ("government",)):
        result = result.vary({f"policy.{policy}": f"free from {asked.options['t0']}"})
    if not any(e.kind == "request" for e in result.events):
        result = result.vary(NEVER_ASKED)
    return result.vary({}, variant=f"{name or 'as written'}, free from {asked.options['t0']}")


def _frees_first(asked: Estimand) -> bool:
    """Whether the first world is counterfactual too: not the factual one, asked to be free, or one of a factorial."""
    return bool(asked.options.get("both")) or bool(asked.worlds[0]) or asked.kind == "factorial"


def question(scenario: Scenario, asked: Estimand) -> Question:
    """What is asked of each run, with the clock of its horizon."""
    options = asked.options
    start = day_of(scenario, options["from"]) if "from" in options else 0.0
    by = start + asked.horizon if asked.horizon else scenario.days
    name = options.get("event", "fall")
    for word, allowed in (("place", PLACED), ("state", ABROAD)):
        if options.get(word) and name not in allowed:
            raise UsageError(f"{name!r} of one {word}", expected=f"one of {', '.join(allowed)}", do=f"leave {word} out")
    return Question(
        name, by, options.get("place", ""), options.get("state", ""),
        float(options.get("above", math.nan)), start,
    )  # fmt: skip


def questions(scenario: Scenario, asked: Estimand) -> tuple[Question, ...]:
    """What each run is asked: one question, or that of each contrast, with the states and thresholds of its own."""
    if asked.kind != "effect-difference":
        return (question(scenario, asked),)
    found = []
    for i in range(2):
        own = {key: asked.options[many][i] for key, many in PER_CONTRAST.items() if many in asked.options}
        found.append(question(scenario, replace(asked, options={**asked.options, **own})))
    return tuple(found)


def contrasts_of(asked: Estimand) -> tuple[tuple[str, ...], ...]:
    """The worlds that are compared with each other: two pairs for a difference of effects, else all of them."""
    return (asked.worlds[:2], asked.worlds[2:]) if asked.kind == "effect-difference" else (asked.worlds,)


def day_of(scenario: Scenario, text: object) -> float:
    """Days after the start of a moment, a date (its first hour) or a time ("4 days")."""
    date = quantities.parse_date(text)
    if date is not None:
        moment = datetime(date.year, date.month, date.day)  # noqa: DTZ001 (local time, as everywhere)
        return (moment - scenario.start) / timedelta(days=1)
    return hours_after(text, scenario.start) / 24.0


def long_enough(scenario: Scenario, asked: Estimand) -> float:
    """Days that runs must have for the horizon of an estimand, whole days and at least those of the scenario."""
    by = question(scenario, asked).by
    return max(scenario.days, math.ceil(min(by, LONGEST) - 1e-6))
