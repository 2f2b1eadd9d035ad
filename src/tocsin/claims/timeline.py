"""Rows of a timeline: what was reported of which day, and how far it can be trusted."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources

from tocsin.errors import ScenarioError
from tocsin.scenario.draft import shortlist

FOLDER, ENDING = "data", "-timeline.csv"
MEMORY = "memory, unverified"
_HOURS = {
    "early": (0.0, 6.0), "morning": (6.0, 12.0), "afternoon": (12.0, 18.0), "evening": (18.0, 24.0),
    "late evening": (21.0, 24.0), "night": (20.0, 30.0),
}  # fmt: skip
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class Row:
    """One row. begin, end: the earliest and the latest moment at which its event can have happened."""

    name: str
    begin: datetime
    end: datetime
    metric: str
    low: float
    high: float
    text: str
    source: str
    confidence: str

    @property
    def memory(self) -> bool:
        """Whether nothing but memory stands behind it."""
        return self.source.strip() == MEMORY

    def may_be(self, by: datetime) -> bool:
        """Whether its event can have happened by a moment."""
        return self.begin < by or self.end <= by

    @property
    def cited(self) -> str:
        """As a verdict lists it."""
        return f"{self.name} ({self.begin:%Y-%m-%d}, {self.confidence}): {self.text} [{self.source}]"


def rows(name: str) -> dict[str, Row]:
    """All rows of a shipped timeline by their names, in the order of the file."""
    file = resources.files("tocsin.library").joinpath(FOLDER, f"{name}{ENDING}")
    if not file.is_file():
        raise ScenarioError(f"there is no timeline {name!r}", expected=f"one of {shortlist(names())}", do="choose one")
    lines = io.StringIO(file.read_text(encoding="utf-8"))
    return {found.name: found for found in map(_row, csv.DictReader(lines))}


def names() -> tuple[str, ...]:
    """The shipped timelines."""
    files = resources.files("tocsin.library").joinpath(FOLDER).iterdir()
    return tuple(sorted(f.name.removesuffix(ENDING) for f in files if f.name.endswith(ENDING)))


def _row(cells: dict[str, str]) -> Row:
    begin, end = span(cells["date"], cells["time_local"])
    if cells["date_end"]:
        end = max(end, span(cells["date_end"], "")[1])
    low = float(cells["value_low"] or "nan")
    return Row(
        cells["id"], begin, end, cells["metric"], low, float(cells["value_high"] or low), cells["description"],
        cells["source"], cells["confidence"],
    )  # fmt: skip


def span(day: str, words: str) -> tuple[datetime, datetime]:
    """The earliest and the latest moment of "2022-01-05" and "16:37", "afternoon", "16:30-17:00" or nothing."""
    start = datetime.combine(date.fromisoformat(day), datetime.min.time())
    parts = [_hours(part.strip()) for part in words.split("-")] if words.strip() else [(0.0, 24.0)]
    return start + timedelta(hours=parts[0][0]), start + timedelta(hours=parts[-1][1])


def _hours(words: str) -> tuple[float, float]:
    clock = _CLOCK.fullmatch(words)
    if clock:
        hour = int(clock[1]) + int(clock[2]) / 60.0
        return hour, hour
    if words not in _HOURS:
        expected = f"a time such as 16:30, or one of {shortlist(_HOURS)}"
        raise ScenarioError(f"{words!r} is no time of day", expected=expected, do="write one")
    return _HOURS[words]
