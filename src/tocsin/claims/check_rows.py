"""Documentary claims against their timeline: rows, sites and moments that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.claims import schema, timeline
from tocsin.claims.claim import Claim, Estimand, Part
from tocsin.claims.documentary import HELD, UNKNOWN, reread
from tocsin.claims.spot import line_of
from tocsin.errors import ScenarioError, TocsinError
from tocsin.scenario.draft import nearest, shortlist
from tocsin.scenario.scenario import Scenario


@dataclass(frozen=True)
class Case:
    """One part of a claim on its scenario."""

    claim: Claim
    part: Part
    scenario: Scenario

    @property
    def asked(self) -> Estimand:
        """What the part computes."""
        return self.part.estimand

    def fault(self, key: str, found: str, expected: str, do: str) -> TocsinError:
        """A refusal that names claim, part and line."""
        where = line_of(self.claim.where, f"{self.part.name}.{key}", self.part.name, "")
        head = f"{self.claim.name}, part {self.part.name}: {found}"
        return ScenarioError(head, where=where, expected=expected, do=do)

    def word(self, key: str, word: object, known: Iterable[str], what: str) -> Iterator[TocsinError]:
        """A fault if a word is not known."""
        known = list(known)
        if word not in known:
            most = 12 if max(map(len, known), default=0) < 30 else 4
            expected = f"one of {shortlist(known, most)}" if known else f"a scenario that has a {what}"
            yield self.fault(key, f"unknown {what} {word!r}", expected, nearest(str(word), known, "choose one of them"))


def of_rows(case: Case) -> Iterator[TocsinError]:
    """Rows, sites and moments that the timeline and the scenario have."""
    options = case.asked.options
    if options["measure"] == "cases":
        yield from _cases(case)
        return
    try:
        rows = timeline.rows(options["timeline"])
    except TocsinError as fault:
        yield case.fault("timeline", fault.found, fault.expected, fault.do)
        return
    for key, name in _rows_named(options):
        yield from case.word(key, name, rows, "row")
    for name, words in options.get("read", {}).items():
        try:
            reread(rows, {name: words} if name in rows else {})
        except (TocsinError, ValueError):
            yield case.fault("read", f"{words!r} is no date", '"2022-01-05 afternoon"', "write the day and the hours")
    if "metrics" in options:
        known = {row.metric for row in rows.values()} | _metrics()
        for one in options["metrics"]:
            yield from case.word("metrics", one, sorted(known), "metric")
    if "sites" in options:
        yield from _sites(case)
    yield from _answerable(case)


def _answerable(case: Case) -> Iterator[TocsinError]:
    """Moments that can be read, a whole that is not nothing, neighbours to compare."""
    options = case.asked.options
    for key in ("at", "by"):
        try:
            datetime.fromisoformat(str(options.get(key, "2000-01-01")))
        except ValueError:
            yield case.fault(key, f"{options[key]!r} is no moment", '"2022-01-05 20:00"', "write the day and the hour")
    if options["measure"] == "in-order" and len(options["rows"]) < 2:
        yield case.fault("rows", "one row has no neighbour", "two rows or more", "add some")
    if options["measure"] == "share" and not isinstance(options["of"], str) and not options["of"] > 0:
        yield case.fault("of", f"{options['of']} is no whole", "a number above 0", "write how many there are in all")


def _metrics() -> set[str]:
    """The metrics of all shipped timelines."""
    return {row.metric for name in timeline.names() for row in timeline.rows(name).values()}


def _rows_named(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("row", "of"):
        if isinstance(options.get(key), str):
            yield key, options[key]
    for key in ("rows", "beside", "read"):
        yield from ((key, name) for name in options.get(key, ()))
    yield from (("sites", word) for word in options.get("sites", {}).values() if word not in (HELD, UNKNOWN))


def _sites(case: Case) -> Iterator[TocsinError]:
    """All key sites of the place are judged, and no others."""
    options = case.asked.options
    place = next((p for p in case.scenario.places if p.name == options["place"]), None)
    if place is None:
        yield from case.word("place", options["place"], [p.name for p in case.scenario.places], "place")
        return
    known = [site.name for site in place.sites]
    for name in options["sites"]:
        yield from case.word("sites", name, known, "site")
    missing = [name for name in known if name not in options["sites"]]
    if missing:
        yield case.fault(
            "sites",
            f"nothing is said of {', '.join(missing)}",
            "every registered site",
            'name the row of its loss, "held" or "unknown"',
        )


def _cases(case: Case) -> Iterator[TocsinError]:
    for one in case.asked.options["cases"]:
        missing = [key for key in schema.CASE if key not in one]
        if missing:
            expected = f"the keys {', '.join(schema.CASE)}"
            yield case.fault("cases", f"a case lacks {', '.join(missing)}", expected, "add them")
        else:
            yield from case.word("cases", one["confidence"], schema.CONFIDENCE, "confidence")
