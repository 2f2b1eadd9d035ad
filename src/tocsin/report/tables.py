"""Rows of the report's tables, as plain text and shares; the template sets them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from tocsin.declare import EventKind, Param
from tocsin.report import svg
from tocsin.report.asked import Fit, GateRow, TargetRow
from tocsin.report.figures import span
from tocsin.report.gather import World
from tocsin.results.record import OUTCOMES
from tocsin.scenario import declared
from tocsin.scenario.parts import POLICIES, Event, Faction, Place, State
from tocsin.scenario.reference import in_words
from tocsin.scenario.scenario import Scenario
from tocsin.state import CONTROL

SHOWN_PLACES = 4


@dataclass(frozen=True)
class Bar:
    """An interval on an axis from 0 to 100 %: where it begins, how long it is, where its point lies."""

    left: float
    width: float
    point: float

    @classmethod
    def of(cls, axis: svg.Scale, low: float, point: float, high: float) -> Bar:
        """An interval placed on a scale that ends at 100."""
        left, right = axis(low), axis(high)
        return cls(round(left, 1), round(max(right - left, 0.4), 1), round(axis(point), 1))


Shares = Mapping[str, Mapping[str, tuple[float, float, float]]]


def outcomes(shares: Shares, titles: Sequence[str]) -> list[tuple[str, list[tuple[str, str, Bar]]]]:
    """For each end state and world: the share, its 95 % interval and the interval as a bar."""
    axis = svg.Scale(0.0, 1.0, 0.0, 100.0)
    rows = []
    for kind in OUTCOMES:
        cells = []
        for title in titles:
            share, low, high = shares.get(title, {}).get(kind, (0.0, 0.0, 0.0))
            cells.append(
                (svg.percent(share), f"{svg.percent(low)} to {svg.percent(high)}", Bar.of(axis, low, share, high))
            )
        rows.append((kind, cells))
    return rows


def plain(value: Any) -> str:
    """A value of unknown kind as a reader wants it: pairs as ranges, small numbers with three digits."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return svg.TO
    if isinstance(value, (tuple, list)):
        return " to ".join(plain(v) for v in value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return svg.count(float(value)) if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)


def gate(rows: Sequence[GateRow]) -> list[dict[str, str]]:
    """The joint gate as text; `met` says met, not met or cannot tell, as the terminal does."""
    verdict = {True: "met", False: "not met", None: "cannot tell"}
    return [
        {
            "criterion": r.criterion,
            "value": plain(r.value),
            "interval": plain(r.interval),
            "wanted": plain(r.wanted),
            "met": verdict[r.met],
            "note": r.note,
        }
        for r in rows
    ]


def targets(rows: Sequence[TargetRow]) -> list[dict[str, Any]]:
    """Reported figures against the runs, each with its own axis from nought to a little above the largest number."""
    result = []
    for r in rows:
        top = max(r.interval[1], r.q95, r.high, 1.0) * 1.1
        axis = svg.Scale(0.0, top, 0.0, 100.0, max(top / 300.0, 0.3))
        say = held if r.metric == "control" else span
        result.append(
            {
                "name": r.name,
                "place": r.place or "whole country",
                "metric": r.metric.replace("_", " "),
                "reported": say(r.low, r.high),
                "interval": say(*r.interval),
                "model": f"{say(r.median, r.median)} ({say(r.q05, r.q95)})",
                "inside": svg.percent(r.share_inside),
                "role": r.role,
                "note": r.note if " " in r.note else "",
                "met": "inside" if r.interval[0] <= r.median <= r.interval[1] else "outside",
                "seen": Bar.of(axis, r.interval[0], (r.low + r.high) / 2, r.interval[1]),
                "runs": Bar.of(axis, r.q05, r.median, r.q95),
            }
        )
    return result


def held(low: float, high: float) -> str:
    """Codes of control as words."""
    return " or ".join(dict.fromkeys(CONTROL[min(max(round(code), 0), 2)] for code in (low, high)))


def together(fit: Fit) -> str:
    """How many runs meet every reported figure, and how near the nearest comes, in a sentence or two."""
    if math.isnan(fit.share_all) or fit.nearest is None:
        return "No reported figure lies within these runs."
    meets = round(fit.share_all * fit.runs)
    text = f"{meets or 'None'} of {fit.runs} runs {'lies' if meets < 2 else 'lie'} inside every interval."
    _, draw, seed = fit.nearest
    away = f"on average {fit.distance:.2g} half-widths (log scale) outside an interval"
    return f"{text} The nearest is draw {draw}, seed {seed}: {away}."


def script(scenario: Scenario, dropped: Sequence[Event] = ()) -> list[tuple[str, list[dict[str, Any]]]]:
    """The script by date: time, kind, where, value, note, source, and whether the other world leaves it out."""
    kinds, days, gone = declared.event_kinds(scenario.extensions), dict[str, list[dict[str, Any]]](), set(dropped)
    for event in sorted(scenario.events, key=lambda e: (e.hours, e.kind, e.places)):
        when = scenario.time(0) + (scenario.time(1) - scenario.time(0)) * (event.hours / scenario.tick_hours)
        days.setdefault(f"{when.day} {when:%B}", []).append(
            {
                "time": f"{when:%H:%M}",
                "kind": event.kind.replace("-", " "),
                "where": where(event, scenario),
                "value": measured(event, kinds.get(event.kind)),
                "note": event.note,
                "source": event.source,
                "part": event.part,
                "dropped": event in gone,
            }
        )
    return list(days.items())


def where(event: Event, scenario: Scenario) -> str:
    """The state and the places of an event in as few words as are honest."""
    text = _where(event.places, scenario)
    if not event.state or event.state == scenario.home:
        return text
    return f"{event.state}: {text}" if event.places else event.state


def _where(places: Sequence[str], scenario: Scenario) -> str:
    if not places:
        return "whole country"
    if any(set(places) == {p.name for p in scenario.places_of(n)} for n in scenario.societies):
        return "every place"
    if len(places) <= SHOWN_PLACES:
        return ", ".join(places)
    return f"{', '.join(places[: SHOWN_PLACES - 1])} and {len(places) - SHOWN_PLACES + 1} more"


def measured(event: Event, kind: EventKind | None) -> str:
    """The value of an event as the scenario would write it."""
    if kind is None:
        return f"{event.value:g}"
    for word, value in kind.choices.items():
        if value == event.value:
            return {"on": "", "off": "ends"}.get(word, word)
    if kind.unit == "share":
        return svg.percent(event.value)
    return f"{plain(event.value)} people" if kind.unit == "people" else plain(event.value)


def parameters(world: World) -> list[tuple[str, str, str, list[dict[str, str]]]]:
    """For each mechanism that is on: number, name, summary and its parameters with prior, drawn range and source."""
    scenario, groups = world.scenario, []
    for mechanism in declared.everything(scenario.extensions):
        rows = [_parameter(f"{mechanism.name}.{p.name}", p, world) for p in mechanism.params]
        if rows and scenario.mechanisms.get(mechanism.name, True):
            groups.append((mechanism.number, mechanism.name, mechanism.summary, rows))
    return groups


def _parameter(name: str, param: Param, world: World) -> dict[str, str]:
    point = world.scenario.parameters.get(name)
    drawn = world.parameters.get(name)
    three = np.quantile(drawn, (0.05, 0.5, 0.95)) if drawn is not None and len(drawn) else ()
    return {
        "name": name,
        "doc": param.doc,
        "unit": param.unit,
        "range": f"{param.low:g} to {param.high:g}",
        "prior": str(point.prior if point else param.prior),
        "source": point.source if point else param.source,
        "drawn": " · ".join(f"{float(v):.3g}" for v in three) or svg.TO,
    }


def sources(scenario: Scenario) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Every sourced number of the scenario by group: (what, value, source); parameters have a table of their own."""
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for path, text in sorted(scenario.sources.items()):
        group, _, rest = path.partition(".")
        if group not in ("parameters", "parameter"):
            groups.setdefault(group, []).append((rest or path, _value(scenario, group, rest), text))
    return list(groups.items())


def _value(scenario: Scenario, group: str, rest: str) -> str:
    """The number that a source speaks of, where it is one number of a place or of the scenario itself."""
    name, _, field = rest.rpartition(".")
    places = [p for n in scenario.societies for p in scenario.places_of(n)]
    factions = (*scenario.factions, *scenario.optional_factions)
    every: dict[str, Sequence[Place | State | Faction]] = {
        "places": places, "place": places, "states": scenario.states, "factions": factions
    }  # fmt: skip
    value: Any
    if group == "reference":
        value = scenario.felt.get(rest)
    elif group in every:
        value = getattr(next((x for x in every[group] if x.name == name), None), field, None)
    else:
        value = getattr(scenario, {"length": "days", "tick": "tick_hours"}.get(rest, rest or group), None)
    return plain(value) if isinstance(value, (int, float)) else ""


def settings(scenario: Scenario) -> list[tuple[str, str]]:
    """What else decides a run, in words."""
    off = sorted(n for n, on in {**scenario.mechanisms, **scenario.switches}.items() if not on)
    return [
        ("home", scenario.home),
        ("people", f"{scenario.population:,}"),
        ("places", str(len(scenario.places))),
        *_outside(scenario),
        ("one simulated person stands for", f"{scenario.people_per_agent} people"),
        ("start", f"{scenario.start:%Y-%m-%d %H:%M}"),
        ("length", f"{scenario.days:g} days"),
        ("tick", f"{scenario.tick_hours:g} hours"),
        ("people in a unit", f"{scenario.unit_size:g}"),
        ("people in a circle", f"{scenario.circle_size}"),
        ("gains are defined at a trigger felt as", in_words(scenario.felt)),
        ("switched off", ", ".join(off) or "nothing"),
        *(("mechanisms that do not come with tocsin", str(e)) for e in scenario.extensions),
    ]


def _outside(scenario: Scenario) -> list[tuple[str, str]]:
    """The other states, the groups and who decides; only what there is."""
    rows = [(f"{s.role}", f"{s.name}{'' if s.places else ', which only decides'}") for s in scenario.states]
    rows += [("group", f"{f.name}: {svg.count(f.size)} people in {f.place}, {f.aim}") for f in scenario.factions]
    for name in POLICIES:
        free = scenario.policy.get(name)
        when = scenario.start + timedelta(hours=free or 0.0)
        says = "the script" if free is None else "the model" if free <= 0 else f"the model from {when:%Y-%m-%d %H:%M}"
        rows.append((f"{name}: decided by", says))
    if scenario.states:
        rows.append(("rule of the alliance", scenario.alliance.rule))
    return rows
