"""`tocsin explain`: what a name means, from the declarations."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin import quantities
from tocsin.declare import EventKind, Mechanism, Param, Prior
from tocsin.errors import UsageError
from tocsin.scenario import declared
from tocsin.scenario.draft import nearest

TOPICS = ("mechanisms", "parameters", "events", "switches", "priors")


def explain(name: str, /) -> None:
    """Explain a mechanism, parameter, switch or event kind: meaning, unit, range, prior, source, who reads it.

    Parameters
    ----------
    name
        For example grievance, M1, risk.slope, slope, arrival, intervention.signal; or mechanisms, parameters, events,
        switches, priors for a list.
    """
    console = Console(highlight=False)
    found = 0
    for show in (_topic, _mechanism, _parameter, _event, _switch):
        found += show(name, console)
    if not found:
        words = [*TOPICS, *declared.mechanisms(), *declared.parameters(), *declared.switches(), *declared.event_kinds()]
        raise UsageError(
            f"nothing is called {name!r}",
            expected="a mechanism, a parameter, a switch or an event kind",
            do=nearest(name, words, "see `tocsin explain mechanisms`"),
        )


def _grid(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading in ("name", "parameter", "switch", "prior"))
    return table


def _facts(console: Console, title: str, facts: list[tuple[str, str]]) -> None:
    console.print(Text(title, style="bold"))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in facts:
        if text:
            table.add_row(label, Text(text))
    console.print(table)


def _topic(name: str, console: Console) -> bool:
    if name not in TOPICS:
        return False
    table = _grid("name", "meaning")
    if name == "mechanisms":
        for m in declared.mechanisms().values():
            table.add_row(m.name, f"{m.number}: {m.summary}" if m.number != m.name else m.summary)
    elif name == "parameters":
        for full, p in declared.parameters().items():
            table.add_row(full, p.doc)
    elif name == "events":
        for full, e in declared.event_kinds().items():
            table.add_row(full, e.doc)
    elif name == "switches":
        for full, doc in declared.switches().items():
            table.add_row(full, doc)
    else:
        for line in (Prior.__doc__ or "").splitlines()[2:]:
            console.print(line, markup=False)
        return True
    console.print(table)
    return True


def _mechanism(name: str, console: Console) -> bool:
    found = next((m for m in declared.mechanisms().values() if name.lower() in (m.name, m.number.lower())), None)
    if found is None:
        return False
    _facts(console, f"{found.name} ({found.number}), a mechanism", [
        ("meaning", found.summary),
        ("reads", ", ".join(found.reads)),
        ("changes", ", ".join([c.name for c in found.columns])),
        ("bends", ", ".join(found.sets)),
        ("draws", ", ".join(found.draws)),
        ("events", ", ".join(e.name for e in found.events)),
    ])  # fmt: skip
    _members(found, console)
    return True


def _members(found: Mechanism, console: Console) -> None:
    if found.params:
        table = _grid("parameter", "prior", "unit", "meaning")
        for p in found.params:
            table.add_row(f"{found.name}.{p.name}", str(p.prior), p.unit, p.doc)
        console.print()
        console.print(table)
    if found.switches:
        table = _grid("switch", "meaning")
        for short, doc in found.switches.items():
            table.add_row(f"{found.name}.{short}", doc)
        console.print()
        console.print(table)


def _parameter(name: str, console: Console) -> bool:
    hits = {k: p for k, p in declared.parameters().items() if name in (k, p.name)}
    for full, p in hits.items():
        _facts(console, f"{full}, a parameter", [
            ("meaning", p.doc),
            ("unit", p.unit),
            ("range", quantities.span(p.low, p.high, p.unit)),
            ("prior", str(p.prior)),
            ("in a file", _example(full, p)),
            ("source", p.source),
            ("read by", ", ".join(_readers(full))),
        ])  # fmt: skip
    return bool(hits)


def _example(full: str, p: Param) -> str:
    return f'"{full}" = {{ prior = "{quantities.write_prior(p.prior, p.unit)}", source = "..." }}'


def _readers(full: str) -> list[str]:
    """The mechanism that owns a parameter, and those that say they use it."""
    owner = full.split(".", maxsplit=1)[0]
    return [m.name for m in declared.mechanisms().values() if m.name == owner or full in m.uses]


def _event(name: str, console: Console) -> bool:
    event = declared.event_kinds().get(name)
    if event is None:
        return False
    readers = [m.name for m in declared.mechanisms().values() if event.column in m.reads]
    _facts(console, f"{event.name}, an event kind", [
        ("meaning", event.doc),
        ("value", _value(event)),
        ("effect", f"{'adds to' if event.mode == 'add' else 'sets'} the column {event.column}"),
        ("where", "in places" if declared.needs_place(event) else "the whole country; no place"),
        ("read by", ", ".join(readers)),
    ])  # fmt: skip
    return True


def _value(event: EventKind) -> str:
    if event.choices:
        return " or ".join(event.choices)
    return quantities.span(event.low, event.high, event.unit)


def _switch(name: str, console: Console) -> bool:
    doc = declared.switches().get(name)
    if doc is None:
        return False
    _facts(console, f"{name}, a switch", [("meaning", doc), ("off", f'[off] switches = ["{name}"]')])
    return True
