"""Reading what is compared: the targets of a file, reported figures with the interval of the truth behind them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin import quantities
from tocsin.errors import QuantityError
from tocsin.scenario import observation
from tocsin.scenario.draft import Reader
from tocsin.scenario.parts import METRICS, ROLES, Target
from tocsin.scenario.schema import Number
from tocsin.scenario.script import Frame, moment_or_time
from tocsin.scenario.text import Node


def read_targets(reader: Reader, nodes: list[Node], frame: Frame) -> tuple[Target, ...]:
    """The reported figures, each with the interval of the truth that its model gives."""
    targets = [target for node in nodes if (target := _target(reader, node, frame)) is not None]
    names = [t.name for t in targets]
    for name in sorted({n for n in names if names.count(n) > 1}):
        reader.refuse(nodes[names.index(name)], f"target {name!r} stands twice", "names that differ", "rename one")
    return tuple(_observed(target, targets) for target in targets)


def _target(reader: Reader, node: Node, frame: Frame) -> Target | None:
    keys = ("name", "metric", "at", "low", "model", "role")
    entries = reader.table(node, "target", keys)
    source = reader.source(node, frame.cover.get("target", ""))
    if not source:
        reader.refuse(node, "a target without a source", 'source = "..."', "say who reports it")
    if not set(keys) <= entries.keys():
        return None
    metric = reader.word(entries["metric"], METRICS, "metric")
    number = Number("" if metric == "control" else "people", 0, 2e9, "as reported")
    low = reader.number(entries["low"], number)
    high = reader.number(entries["high"], number) if "high" in entries else low
    if high < low:
        reader.refuse(entries["high"], f"high {high:g} is below low {low:g}", "low, then high", "exchange them")
    return Target(
        name=reader.text(entries["name"]), metric=metric,
        place=reader.word(entries.get("place"), frame.places(frame.home), "place"),
        day=_target_day(reader, entries["at"], frame), low=low, high=high, interval=(low, high),
        role=reader.word(entries["role"], ROLES, "role"),
        model=reader.word(entries["model"], observation.MODELS, "model"), source=source,
    )  # fmt: skip


def _target_day(reader: Reader, node: Node, frame: Frame) -> float:
    """Days after the start; a date means the end of that day, "end" the end of the run."""
    if node.value == "end":
        return frame.days
    try:
        date = quantities.parse_date(node.value)
    except QuantityError as fault:
        reader.refuse(node, fault.found, fault.expected, fault.do)
        return math.nan
    if date is not None:
        moment = datetime(date.year, date.month, date.day) + timedelta(days=1)  # noqa: DTZ001 (local time)
        day = (moment - frame.start).total_seconds() / 86400
    else:
        day = moment_or_time(reader, node, frame.start) / 24
    if day <= 0 or day > frame.days:
        reader.refuse(node, f"{node.value} is outside the run", f"within {frame.days:g} days of the start", "move it")
    return day


def _observed(target: Target, targets: list[Target]) -> Target:
    same = sorted(
        (t.day, math.sqrt(t.low * t.high)) for t in targets if (t.metric, t.place) == (target.metric, target.place)
         and t.model == "detained" and t.low > 0
    )  # fmt: skip
    days, reported = [d for d, _ in same], [r for _, r in same]
    later = observation.growth(days, reported, target.day) if target.model == "detained" and days else None
    return replace(target, interval=observation.interval(target.model, target.low, target.high, later))
