"""Claims that sources decide: questions to the rows of a timeline, and verdicts that list what they rest on.

An answer is an interval: what the rows leave open (an hour, a site that nobody reports) makes it wide. It supports a
claim if all of it reaches the boundary, and refutes it if none of it does.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from tocsin.claims import timeline
from tocsin.claims.claim import Claim, Figure, Part, Rule, Verdict
from tocsin.claims.timeline import MEMORY, Row

Rows = Mapping[str, Row]
Options = Mapping[str, Any]
HELD, UNKNOWN = "held", "unknown"
_NEVER = datetime(9000, 1, 1)  # noqa: DTZ001 (local time, as everywhere)


@dataclass(frozen=True)
class Answer:
    """The interval of an answer, the rows that it rests on, and what must be said with it."""

    low: float
    high: float
    rows: tuple[Row, ...] = ()
    note: str = ""


def judge_documentary(claim: Claim, part: Part) -> Verdict:
    """The verdict of one part from the whole record; what was dated by the day of the claim is shown beside it."""
    options = part.estimand.options
    if options["measure"] == "cases":
        return _of_cases(claim, part)
    known = reread(timeline.rows(options["timeline"]), options.get("read", {}))
    early = {name: row for name, row in known.items() if row.may_be(until(claim.written))}
    found, then = (_ask(options, rows) for rows in (known, early))
    kind, why = _kind(part.rule, found)
    memory = bool(found.rows) and all(row.memory for row in found.rows)
    if memory and kind != "undetermined":
        kind, why = "undetermined", f"{why}, but nothing stands behind it but memory"
    doubtful = [row.name for row in found.rows if row.confidence == "low" or row.memory]
    remarks = [found.note, f"low confidence: {', '.join(doubtful)}" if doubtful else ""]
    figures = (_figure(part.title, found), _figure(f"with what had happened by {claim.written}", then))
    text = "; ".join([why, *(r for r in remarks if r)])
    return Verdict(claim.name, part.name, kind, text, figures, sources=tuple(row.cited for row in found.rows))


def reread(rows: Rows, read: Mapping[str, str]) -> Rows:
    """Rows with the dates that their descriptions give, "2022-01-07" or "2022-01-05 afternoon"."""
    found = dict(rows)
    for name, words in read.items():
        day, _, hours = words.partition(" ")
        begin, end = timeline.span(day, hours)
        found[name] = replace(found[name], begin=begin, end=end)
    return found


def until(written: str) -> datetime:
    """The end of the day, the month or the year on which a claim was written."""
    numbers = [int(part) for part in written.split("-")]
    year, month = numbers[0], numbers[1] if len(numbers) > 1 else 12
    day = numbers[2] if len(numbers) > 2 else calendar.monthrange(year, month)[1]
    return datetime.combine(date(year, month, day), datetime.min.time()) + timedelta(days=1)


def _ask(options: Options, rows: Rows) -> Answer:
    return _MEASURES[options["measure"]](options, rows)


def _kind(rule: Rule, found: Answer) -> tuple[str, str]:
    span = f"{found.low:.2f}" if found.low == found.high else f"{found.low:.2f} to {found.high:.2f}"
    if found.low >= rule.above:
        return "supported", f"{span}, where {rule.above:g} is needed"
    if found.high < rule.below:
        return "refuted", f"{span}, below {rule.below:g}"
    return "undetermined", f"{span}: the rows leave it open"


def _figure(name: str, found: Answer) -> Figure:
    return Figure(name, 0.5 * (found.low + found.high), found.low, found.high)


def _some(rows: Rows, names: Sequence[str]) -> tuple[Row, ...]:
    return tuple(rows[name] for name in names if name in rows)


def _moment(options: Options, key: str) -> datetime:
    return datetime.fromisoformat(str(options[key])) if key in options else _NEVER


def _sites_lost(options: Options, rows: Rows) -> Answer:
    """A site is surely lost if its row is over by then, perhaps if it has begun; an unreported one may be either."""
    sites, at = options["sites"], _moment(options, "at")
    used = _some(rows, [word for word in sites.values() if word not in (HELD, UNKNOWN)])
    surely = sum(name in rows and rows[name].end <= at for name in sites.values())
    maybe = sum(word == UNKNOWN or (word in rows and rows[word].may_be(at)) for word in sites.values())
    missing = sum(word not in (HELD, UNKNOWN) and word not in rows for word in sites.values())
    held = [site for site, word in sites.items() if word == HELD]
    unknown = [site for site, word in sites.items() if word == UNKNOWN]
    notes = [f"held: {', '.join(held)}" if held else "", f"not reported: {', '.join(unknown)}" if unknown else ""]
    note = "; ".join(n for n in notes if n)
    return Answer(surely / len(sites), (maybe + missing) / len(sites), tuple(dict.fromkeys(used)), note)


def _share(options: Options, rows: Rows) -> Answer:
    """One figure against another; a range against a range by its ends."""
    row, of = rows.get(options["row"]), options["of"]
    whole = rows.get(of) if isinstance(of, str) else None
    if row is None or (whole is None and isinstance(of, str)):
        return Answer(0.0, 1.0, note="a row is missing")
    low, high = (whole.low, whole.high) if whole else (float(of), float(of))
    return Answer(row.low / high, row.high / low, (row, whole) if whole else (row,))


def _before(options: Options, rows: Rows) -> Answer:
    """A row comes after another one surely if it begins when that is over, perhaps if it ends after that began."""
    first, others = rows.get(options["row"]), options["rows"]
    if first is None:
        return Answer(0.0, 1.0, note="the first row is missing")
    surely = sum(name in rows and rows[name].begin >= first.end for name in others)
    maybe = sum(name not in rows or rows[name].end > first.begin for name in others)
    return Answer(surely / len(others), maybe / len(others), (first, *_some(rows, others)))


def _in_order(options: Options, rows: Rows) -> Answer:
    """Neighbours are surely in order if one is over when the next begins, perhaps if it begins before that ends."""
    names = list(pairwise(options["rows"]))
    surely = sum(a in rows and b in rows and rows[a].end <= rows[b].begin for a, b in names)
    maybe = sum(not (a in rows and b in rows) or rows[a].begin <= rows[b].end for a, b in names)
    return Answer(surely / len(names), maybe / len(names), _some(rows, options["rows"]))


def _reported(options: Options, rows: Rows) -> Answer:
    """Shares of the rows that are over by then, and that have begun."""
    names, by = options["rows"], _moment(options, "by")
    surely = sum(name in rows and rows[name].end <= by for name in names)
    maybe = sum(name in rows and rows[name].may_be(by) for name in names)
    return Answer(surely / len(names), maybe / len(names), _some(rows, names))


def _absent(options: Options, rows: Rows) -> Answer:
    """1 where nothing of the kind is reported; what is not reported may have happened all the same."""
    by = _moment(options, "by")
    found = tuple(r for r in rows.values() if r.metric in options["metrics"] and r.may_be(by))
    beside = _some(rows, options.get("beside", ()))
    said = f"reported: {', '.join(r.name for r in found)}" if found else "nothing of the kind is in the timeline"
    return Answer(float(not found), float(not found), (*found, *beside), said)


_MEASURES: Mapping[str, Callable[[Options, Rows], Answer]] = MappingProxyType({
    "sites-lost": _sites_lost, "share": _share, "before": _before, "in-order": _in_order, "reported": _reported,
    "absent": _absent,
})  # fmt: skip


def _of_cases(claim: Claim, part: Part) -> Verdict:
    """Cases that rest on memory alone may show what is claimed or not."""
    cases = part.estimand.options["cases"]
    vague = [c for c in cases if c["source"].strip() == MEMORY]
    sure = sum(bool(c["shows"]) for c in cases if c not in vague) / len(cases)
    found = Answer(sure, sure + len(vague) / len(cases))
    kind, why = _kind(part.rule, found)
    doubtful = [c["name"] for c in cases if c in vague or c["confidence"] == "low"]
    why = f"{why}; low confidence: {', '.join(doubtful)}" if doubtful else why
    sources = tuple(
        f"{c['name']} ({'shows it' if c['shows'] else 'against it'}, {c['confidence']}): {c['why']} [{c['source']}]"
        for c in cases
    )
    return Verdict(claim.name, part.name, kind, why, (_figure(part.title, found),), sources=sources)
