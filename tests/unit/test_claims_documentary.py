"""Claims that sources decide: what rows leave open stays open, and what rests on memory decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tocsin.claims import timeline
from tocsin.claims.claim import Claim, Estimand, Part, Rule, Verdict
from tocsin.claims.documentary import judge_documentary
from tocsin.claims.load import load


def _judged(rule: Rule | None = None, written: str = "2022-01", **options: Any) -> Verdict:
    part = Part("a", "title", Estimand("documentary", options=options), rule or Rule())
    claim = Claim("A", "text", "somebody", written, "statement", "documentary", "kazakhstan-2022", "x", (part,))
    return judge_documentary(claim, part)


def _shipped(claim: str, part: str) -> Verdict:
    found = next(c for c in load("kazakhstan-2022") if c.name == claim)
    return judge_documentary(found, next(p for p in found.parts if p.name == part))


@pytest.mark.parametrize("name", timeline.names())
def test_every_row_can_be_read(name: str) -> None:
    """If it failed, a report without a time or a source would count as evidence."""
    rows = timeline.rows(name)
    assert len(rows) > 50
    for row in rows.values():
        assert row.begin <= row.end
        assert row.source
        assert row.confidence in ("high", "medium", "low")


@pytest.mark.parametrize(
    ("words", "begin", "end"),
    [("16:37", 16, 16), ("afternoon", 12, 18), ("16:30-17:00", 16, 17), ("afternoon-22:52", 12, 22), ("", 0, 24)],
)
def test_times_of_day(words: str, begin: int, end: int) -> None:
    """If it failed, "in the afternoon" would be an exact hour, or a whole day would be lost."""
    first, last = timeline.span("2022-01-05", words)
    hours = [(t - datetime(2022, 1, 5)).total_seconds() // 3600 for t in (first, last)]  # noqa: DTZ001 (local time)
    assert hours == [begin, end]


def test_almaty_was_mostly_but_not_entirely_lost() -> None:
    """If it failed, police buildings that were held overnight would not count against "entirely"."""
    assert _shipped("C2", "entirely").kind == "refuted"
    found = _shipped("C2", "mostly")
    assert found.kind == "supported"
    assert "police department" in found.why
    assert any(source.startswith("kz020 (2022-01-05, high)") for source in found.sources)


def test_an_open_hour_leaves_the_answer_open() -> None:
    """If it failed, two events of one day would be put in an order that nobody reported."""
    found = _judged(measure="before", timeline="kazakhstan-2022", row="kz040", rows=["kz041"])
    assert (found.kind, found.figures[0].low, found.figures[0].high) == ("undetermined", 0.0, 1.0)
    found = _judged(measure="before", timeline="kazakhstan-2022", row="kz040", rows=["kz056"])
    assert found.kind == "supported"


def test_order_of_stages() -> None:
    """If it failed, a withdrawal before its announcement would pass for the order of events."""
    stages: dict[str, Any] = {"measure": "in-order", "timeline": "kazakhstan-2022"}
    assert _judged(rows=["kz020", "kz038", "kz078"], **stages).kind == "supported"
    assert _judged(rows=["kz078", "kz038", "kz020"], **stages).kind == "refuted"


def test_memory_alone_decides_nothing() -> None:
    """If it failed, what somebody remembers would be a verdict."""
    found = _judged(measure="reported", timeline="belarus-2020", rows=["by012"])
    assert found.kind == "undetermined"
    assert "memory" in found.why
    assert "low confidence: by012" in found.why


def test_weak_rows_are_flagged() -> None:
    """If it failed, a number that is half memory would look like any other."""
    assert "low confidence: kz044" in _judged(measure="reported", timeline="kazakhstan-2022", rows=["kz044"]).why


def test_a_claim_is_shown_at_its_day_and_on_the_final_record() -> None:
    """If it failed, "no approval" of 6 January would be called false for what happened on the 7th."""
    found = _judged(written="2022-01-06", measure="absent", timeline="kazakhstan-2022", metrics=["parliament_approves"])
    assert found.kind == "refuted"
    assert [figure.value for figure in found.figures] == [0.0, 1.0]


def test_eleven_of_seventeen_is_most_not_all() -> None:
    """If it failed, two thirds of the country would be the whole of it."""
    assert [_shipped("C14", part).kind for part in ("all", "most")] == ["refuted", "supported"]


def test_cases_from_memory_may_go_either_way() -> None:
    """If it failed, a case that nobody looked up would tip the balance."""
    found = _shipped("C17", "cases")
    assert (round(found.figures[0].low, 2), round(found.figures[0].high, 2)) == (0.33, 0.67)
    assert found.kind == "undetermined"
    assert len(found.sources) == 3
