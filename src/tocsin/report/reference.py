"""The reference pages, from the declarations alone: parameters, mechanisms, kinds of events, the plan of a tick."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping

from tocsin import quantities
from tocsin.declare import Column, EventKind, Mechanism, Param
from tocsin.engine.plan import BULLETIN, ENGINE_STEPS, ORDER, PEOPLE_COLUMNS
from tocsin.mechanisms import MECHANISMS
from tocsin.report.markdown import cell, fence, names, table
from tocsin.report.vocabulary import SETS
from tocsin.scenario.parts import Setpoint

MADE = "Made from the declarations in the code; `python docs/reference/make.py` makes it again."
AXES = {
    "place": "place", "unit": "unit of the forces", "polity": "one for the society", "tactic": "tactic",
    "state": "state", "faction": "faction", "place_place": "pair of places", "place_state": "place and state",
}  # fmt: skip
"""Axes of a column, in words."""


def pages() -> dict[str, str]:
    """File name -> text."""
    return {
        "parameters.md": _page("Parameters", _parameters()),
        "mechanisms.md": _page("Mechanisms", _mechanisms()),
        "events.md": _page("Events and words of a scenario", _events()),
        "tick.md": _page("The plan of a tick", _tick()),
    }


def _page(title: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", MADE, *parts]) + "\n"


def heading(m: Mechanism) -> str:
    """Number and name of a mechanism, the number once where it is the name."""
    return m.name if m.number == m.name else f"{m.number} {m.name}"


def parameter_table(m: Mechanism, taken: Mapping[str, Setpoint] | None = None) -> str:
    """The parameters of a mechanism; taken: as a scenario takes them, instead of as declared."""
    return table(
        ("parameter", "meaning", "unit", "range", "prior", "source"),
        (_parameter(f"{m.name}.{p.name}", p, taken) for p in m.params),
    )


def _parameter(name: str, p: Param, taken: Mapping[str, Setpoint] | None) -> tuple[str, ...]:
    point = (taken or {}).get(name, Setpoint(p.prior, p.source))
    return name, p.doc, p.unit, f"{p.low:g} to {p.high:g}", str(point.prior), point.source


def column_table(columns: Iterable[Column]) -> str:
    """Columns with their axes, unit and starting value."""
    rows = ((c.name, AXES.get(c.dims, c.dims), c.unit, f"{c.start:g}", c.doc) for c in columns)
    return table(("column", "one for each", "unit", "starts at", "meaning"), rows)


def explanation(m: Mechanism) -> str:
    """The docstring of a mechanism's file: what it says, its equations and their source."""
    module = inspect.getmodule(type(m))
    return (inspect.getdoc(module) if module else None) or m.summary


def _parameters() -> Iterator[str]:
    count = sum(len(m.params) for m in MECHANISMS)
    yield (
        f"{count} numbers, each with the prior from which every draw takes its value. LN(median, standard deviation of"
        " the logarithm), N(mean, standard deviation), HN(scale), Beta(a, b), U(low, high); shares of one Dirichlet add"
        " up to one within their mechanism. Values outside the range are clipped to it. A scenario may set any of them:"
        ' `[parameters] "NAME" = { prior = "...", source = "..." }`.'
    )
    for m in MECHANISMS:
        if m.params:
            yield f"## {heading(m)}"
            yield parameter_table(m)


def _mechanisms() -> Iterator[str]:
    yield (
        f"{len(MECHANISMS)} mechanisms, in the order of the plan. Each sees only the columns that it reads. Any of them"
        " can be switched off (`[off] mechanisms`), any switch alone (`[off] switches`)."
    )
    for m in MECHANISMS:
        yield f"## {heading(m)}"
        yield f"{cell(m.summary).capitalize()}. Phase: {m.phase}."
        yield fence(explanation(m))
        yield facts(m)
        if m.columns:
            yield column_table(m.columns)


def facts(m: Mechanism) -> str:
    """What a mechanism sees, bends, draws and lets be switched, as a list."""
    events = names(e.name for e in m.events)
    lines = [f"- reads: {names(m.reads)}", f"- contributes to: {names(m.sets)}", f"- draws: {names(m.draws)}"]
    lines += [f"- events: {events}", f"- parameters of others: {names(m.uses)}"]
    lines += [f"- switch {m.name}.{name}: {doc}" for name, doc in m.switches.items()]
    return "\n".join(lines)


def event_row(e: EventKind, m: Mechanism) -> tuple[str, ...]:
    """A kind of event as a row of a table."""
    value = " or ".join(e.choices) if e.choices else quantities.span(e.low, e.high, e.unit)
    lapses = f"the {e.by} decides" if e.by else "never"
    return e.name, e.doc, value, "adds" if e.mode == "add" else "sets", f"{e.column} ({m.name})", lapses


def _events() -> Iterator[str]:
    yield "## Kinds of events"
    rows = sorted(event_row(e, m) for m in MECHANISMS for e in m.events)
    yield table(("kind", "what happens", "value", "effect", "on the column", "lapses once"), rows)
    yield "## Words"
    for topic, (what, words) in SETS.items():
        yield f"### {topic.capitalize()}: {what}"
        yield table(("word", "meaning"), words.items())


def _tick() -> Iterator[str]:
    yield (
        "Every society of a run goes through these steps in the same tick. Mechanisms of one phase see the same"
        " columns; their new values are written when all of them are done. `tocsin plan SCENARIO` prints the plan of"
        " one scenario."
    )
    yield plan_table(MECHANISMS)
    yield "## Columns that the engine writes"
    yield column_table((*PEOPLE_COLUMNS, *BULLETIN))


def plan_table(running: Iterable[Mechanism]) -> str:
    """The steps of a tick: the engine's own, and the mechanisms that run."""
    running, rows = tuple(running), []
    for phase in ORDER:
        if phase in ENGINE_STEPS:
            rows.append((phase, "", "engine", "", ENGINE_STEPS[phase], ""))
        for m in (m for m in running if m.phase == phase):
            sets = names([*m.sets, *(c.name for c in m.columns)])
            rows.append((phase, m.number, m.name, names(m.reads), sets, names(m.draws)))
    headings = ("step", "phase", "number", "who", "reads", "sets", "draws")
    return table(headings, ((str(i), *row) for i, row in enumerate(rows, 1)))
