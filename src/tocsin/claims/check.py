"""Claims against their scenario: what cannot be computed, cannot fail, or compares a world with itself is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from tocsin.claims import schema
from tocsin.claims.check_rows import Case, of_rows
from tocsin.claims.claim import Claim
from tocsin.claims.kinds import ABROAD, EVENTS, KINDS, NUMBERS, PER_CONTRAST
from tocsin.claims.worlds import LONGEST, contrasts_of, day_of, questions, world, world_names
from tocsin.errors import ScenarioErrors, TocsinError
from tocsin.scenario.draft import shortlist
from tocsin.scenario.scenario import Scenario


def check(claims: Sequence[Claim], scenario: Scenario) -> None:
    """Raise all that stands against the claims about this scenario; claims about others are passed over."""
    faults: list[TocsinError] = []
    for claim in claims:
        if claim.type != "normative" and claim.scenario in (scenario.name, scenario.origin):
            for part in claim.parts:
                faults += _of_part(Case(claim, part, scenario))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ScenarioErrors(faults)


def _of_part(case: Case) -> list[TocsinError]:
    """Later questions are put only where earlier ones found nothing: they build on them."""
    if case.asked.kind == "documentary":
        return list(of_rows(case))
    if case.asked.kind == "none":
        return []
    faults = [*_words(case), *_rule(case), *_times(case)]
    return faults or _worlds(case)


def _words(case: Case) -> Iterator[TocsinError]:
    """Events, numbers, places, states and the words of options."""
    asked, options = case.asked, case.asked.options
    event = options.get("event", "fall")
    if asked.kind not in ("fit", "bayes-factor"):
        yield from case.word("event", event, [*EVENTS, *NUMBERS], "record")
        if event in NUMBERS and not {"above", "thresholds"} & options.keys() and not KINDS[asked.kind].number:
            yield case.fault(
                "event",
                f"{event!r} is a number, and {asked.kind!r} asks for an event",
                "above = ...",
                "say above which value it counts as an event",
            )
    for key, known in schema.CHOICES.items():
        if key in options:
            yield from case.word(key, options[key], known, key)
    for one in options.get("free", ()):
        yield from case.word("free", one, schema.POLICIES, "policy")
    if "place" in options:
        yield from case.word("place", options["place"], [p.name for p in case.scenario.places], "place")
    yield from _states(case, str(event))
    yield from _targets(case)


def _targets(case: Case) -> Iterator[TocsinError]:
    """Figures that the scenario has; for a likelihood those that are only shown do not count."""
    for one in case.asked.options.get("targets", ()):
        yield from case.word("targets", one, [t.name for t in case.scenario.targets], "target")
        shown = any(t.name == one and t.role == "shown" for t in case.scenario.targets)
        if shown and case.asked.kind == "bayes-factor":
            expected = "a figure that is fitted or held out"
            yield case.fault("targets", f"{one!r} is only shown and weighs nothing", expected, "choose another figure")


def _states(case: Case, event: str) -> Iterator[TocsinError]:
    """What is asked of another state is recorded only for societies, and not all of it."""
    scenario, options = case.scenario, case.asked.options
    named = [("state", options["state"])] if "state" in options else []
    named += [("states", name) for name in options.get("states", ())]
    for key, name in named:
        yield from case.word(key, name, [scenario.state_names[i] for i in scenario.societies], "state with people")
    if event not in ABROAD and any(name != scenario.home for _, name in named):
        yield case.fault(
            "event",
            f"{event!r} is not recorded of another state",
            f"one of {shortlist(ABROAD, 12)}",
            "ask for one of them",
        )


def _rule(case: Case) -> Iterator[TocsinError]:
    """A margin that no difference of probabilities can reach cannot fail, or cannot hold."""
    options, rule = case.asked.options, case.part.rule
    event = options.get("event", "fall") in EVENTS or bool({"above", "thresholds"} & options.keys())
    if case.asked.kind in schema.MARGINAL and event and not options.get("relative") and rule.margin >= 1:
        yield case.fault(
            "rule",
            f"no difference of two probabilities goes beyond {rule.margin:g}",
            "a margin below 1",
            "choose one that a result can be on either side of",
        )
    given = [("above", options["above"])] if "above" in options else []
    for key, above in [*given, *(("thresholds", one) for one in options.get("thresholds", ()))]:
        if not (isinstance(above, int | float) and math.isfinite(above) and above >= 0):
            yield case.fault(key, f"{above!r} is no threshold", "a number from 0", "no number of a run is negative")
    yield from _contrasts(case)


def _contrasts(case: Case) -> Iterator[TocsinError]:
    """What a difference of effects says of each of its two contrasts: twice, and not once more for both."""
    for one, many in PER_CONTRAST.items():
        said = case.asked.options.get(many)
        if said is not None and len(said) != 2:
            yield case.fault(many, f"{len(said)} for two contrasts", "two, one for each contrast", "write two")
        if said is not None and one in case.asked.options:
            yield case.fault(one, f"both {one!r} and {many!r} are given", "one of them", f"leave {one!r} out")


def _times(case: Case) -> Iterator[TocsinError]:
    """Moments within the run, and a horizon that a run can reach."""
    scenario, options = case.scenario, case.asked.options
    days: dict[str, float] = {}
    for key in ("from", "t0"):
        if key in options:
            try:
                days[key] = day_of(scenario, options[key])
            except TocsinError as fault:
                yield case.fault(key, fault.found, 'a moment such as "2022-01-05 23:00"', "write one")
                return
            if not 0 <= days[key] < scenario.days:
                expected = f"a moment within its {scenario.days:g} days"
                yield case.fault(key, f"{options[key]} is outside the run", expected, "move it")
    by = days.get("from", 0.0) + case.asked.horizon
    if by > LONGEST:
        yield case.fault(
            "horizon",
            f"the horizon ends on day {by:g}",
            f"day {LONGEST:g} at most: no run is longer",
            'shorten it, or say with kind "none" that it cannot be judged',
        )
    if case.asked.horizon and case.asked.horizon * 24.0 < scenario.tick_hours:
        yield case.fault(
            "horizon",
            f"the horizon is shorter than a tick of {scenario.tick_hours:g} hours",
            "one tick or more",
            "lengthen it",
        )
    if "t0" in days and case.asked.horizon and days["t0"] >= by:
        yield case.fault("t0", "t0 is not before the end of the horizon", "an earlier moment", "move one")


def _worlds(case: Case) -> list[TocsinError]:
    """The worlds of a part exist, are as many as its kind compares, and differ from each other."""
    asked = case.asked
    least, most = KINDS[asked.kind].worlds
    if not least <= len(asked.worlds) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        return [
            case.fault(
                "worlds",
                f"{len(asked.worlds)} worlds, and {asked.kind!r} compares {wanted}",
                f"worlds = [...] with {wanted} names",
                '"" is the scenario as written',
            )
        ]
    faults = list(_factors(case))
    if faults:
        return faults
    try:
        questions(case.scenario, asked)
        return [*_same(case), *_unused(case)]
    except TocsinError as fault:
        known = ", ".join(['""', *case.scenario.variants, *asked.options.get("changes", {})])
        key = "changes" if "vary" in fault.where else "worlds"
        return [case.fault(key, fault.found, fault.expected or f"one of {known}", fault.do)]


def _factors(case: Case) -> Iterator[TocsinError]:
    """The factors that a factorial names are its own."""
    options = case.asked.options
    if case.asked.kind == "factorial":
        own = list(options["factors"])
        for key in ("of", "against", "given"):
            words = options.get(key, [])
            for one in words if isinstance(words, list | tuple) else [words]:
                yield from case.word(key, one, own, "factor")


def _same(case: Case) -> Iterator[TocsinError]:
    """Two worlds that differ in nothing but the moment at which policies are freed make no contrast.

    Options that free policies are put aside, so that what a variant or its changes do has to show by itself.
    """
    plain = replace(case.asked, options={k: v for k, v in case.asked.options.items() if k not in ("t0", "free")})
    hashes = {name: world(case.scenario, plain, name).hash for name in world_names(plain)}
    pairs = contrasts_of(case.asked)
    if any(len(set(pair)) < len(pair) for pair in pairs):
        yield case.fault("worlds", "a world is named twice", "different worlds", "a contrast needs two of them")
    asked = questions(case.scenario, case.asked)
    if len(set(pairs)) < len(pairs) and len(set(map(repr, asked))) < len(asked):
        found = "both contrasts are the same: their difference is nothing, whatever happens"
        expected = "contrasts that differ in their worlds, `states` or `thresholds`"
        yield case.fault("worlds", found, expected, "change one of them")
    for a, b in combinations(hashes, 2):
        if hashes[a] == hashes[b]:
            yield case.fault(
                "worlds",
                f"{_shown(a)} and {_shown(b)} are the same world: this contrast changes nothing",
                "worlds whose hashes differ",
                "check what the variant or the changes set",
            )
            return
    for name in world_names(case.asked):
        world(case.scenario, case.asked, name)


def _unused(case: Case) -> Iterator[TocsinError]:
    """Changes that no world of the part names."""
    used = {label for name in case.asked.worlds for label in name.split("+")}
    for label in case.asked.options.get("changes", {}):
        if label not in used:
            yield case.fault("changes", f"no world uses the changes {label!r}", "a world of this name", "leave it out")


def _shown(name: str) -> str:
    return repr(name) if name else "the scenario as written"
