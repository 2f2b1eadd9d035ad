"""`tocsin explain`: what a name means, from the declarations."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin import quantities
from tocsin.cli.given import Mechanisms
from tocsin.declare import Column, EventKind, Param, Prior
from tocsin.engine.plan import BULLETIN, PEOPLE_COLUMNS
from tocsin.errors import UsageError
from tocsin.report.vocabulary import CLAIMED, SETS
from tocsin.scenario import declared
from tocsin.scenario.draft import nearest
from tocsin.scenario.own import Declared, Extensions
from tocsin.scenario.own_code import extensions_of

WORDS = {**SETS, **CLAIMED}
TOPICS = ("mechanisms", "parameters", "events", "switches", "columns", "priors", *WORDS)


def explain(name: str, /, *, mechanism: Mechanisms = ()) -> None:
    """Explain a mechanism, parameter, switch, column, kind of event, end of a run, role, aim, policy or word of claims.

    Parameters
    ----------
    name
        For example grievance, M1, risk.slope, slope, arrival, intervention.signal, "regime falls", patron, hijack,
        free, place-lost; or a list: mechanisms, parameters, events, switches, columns, priors, ends, roles, aims,
        policies, reference, claim-events, claim-numbers.
    """
    console, own = Console(highlight=False), extensions_of(mechanism)
    shown = [show(name, console, own) for show in (_topic, _mechanism, _parameter, _event, _switch, _column)]
    found = any(shown) + _word(name, console)
    if not found:
        raise UsageError(
            f"nothing is called {name!r}",
            expected=f"a name that is declared, or a list: {', '.join(TOPICS)}",
            do=nearest(name, _everything(own), "see `tocsin explain mechanisms`"),
        )


def _everything(own: Extensions) -> list[str]:
    """Every name that can be explained."""
    words = [word for _, meanings in WORDS.values() for word in meanings]
    topics = declared.mechanisms, declared.parameters, declared.switches, declared.event_kinds, _columns
    return [*TOPICS, *(name for topic in topics for name in topic(own)), *words]


def _columns(own: Extensions) -> dict[str, tuple[Column, str]]:
    """Column -> its declaration and who writes it."""
    engine = {c.name: (c, "the engine") for c in (*PEOPLE_COLUMNS, *BULLETIN)}
    return {**engine, **{c.name: (c, m.name) for m in declared.mechanisms(own).values() for c in m.columns}}


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


def _topic(name: str, console: Console, own: Extensions) -> bool:
    if name not in TOPICS:
        return False
    if name == "priors":
        for line in (Prior.__doc__ or "").splitlines()[2:]:
            console.print(line, markup=False)
        return True
    if name in WORDS:
        console.print(Text(f"{name}: {WORDS[name][0]}", style="bold"))
    table = _grid("name", "meaning")
    for row in _listed(name, own):
        table.add_row(*row)
    console.print(table)
    return True


def _listed(topic: str, own: Extensions) -> list[tuple[str, str]]:
    """Every name of a topic with its meaning."""
    if topic == "mechanisms":
        return [
            (m.name, f"{m.number}: {m.summary}" if m.number != m.name else m.summary)
            for m in declared.mechanisms(own).values()
        ]
    if topic == "parameters":
        return [(full, p.doc) for full, p in declared.parameters(own).items()]
    if topic == "events":
        return [(full, e.doc) for full, e in declared.event_kinds(own).items()]
    if topic == "columns":
        return [(full, column.doc) for full, (column, _) in _columns(own).items()]
    return list((declared.switches(own) if topic == "switches" else WORDS[topic][1]).items())


def _mechanism(name: str, console: Console, own: Extensions) -> bool:
    found = next((m for m in declared.mechanisms(own).values() if name.lower() in (m.name, m.number.lower())), None)
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


def _members(found: Declared, console: Console) -> None:
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


def _parameter(name: str, console: Console, own: Extensions) -> bool:
    hits = {k: p for k, p in declared.parameters(own).items() if name in (k, p.name)}
    for full, p in hits.items():
        _facts(console, f"{full}, a parameter", [
            ("meaning", p.doc),
            ("unit", p.unit),
            ("range", quantities.span(p.low, p.high, p.unit)),
            ("prior", str(p.prior)),
            ("in a file", _example(full, p)),
            ("source", p.source),
            ("read by", ", ".join(_readers(full, own))),
        ])  # fmt: skip
    return bool(hits)


def _example(full: str, p: Param) -> str:
    return f'"{full}" = {{ prior = "{quantities.write_prior(p.prior, p.unit)}", source = "..." }}'


def _readers(full: str, own: Extensions) -> list[str]:
    """The mechanism that owns a parameter, and those that say they use it."""
    owner = full.split(".", maxsplit=1)[0]
    return [m.name for m in declared.mechanisms(own).values() if m.name == owner or full in m.uses]


def _event(name: str, console: Console, own: Extensions) -> bool:
    event = declared.event_kinds(own).get(name)
    if event is None:
        return False
    readers = [m.name for m in declared.mechanisms(own).values() if event.column in m.reads]
    _facts(console, f"{event.name}, an event kind", [
        ("meaning", event.doc),
        ("value", _value(event)),
        ("effect", f"{'adds to' if event.mode == 'add' else 'sets'} the column {event.column}"),
        ("where", _where(event, own)),
        ("lapses", f"once the {event.by} decides for itself" if event.by else ""),
        ("read by", ", ".join(readers)),
    ])  # fmt: skip
    return True


def _where(event: EventKind, own: Extensions) -> str:
    """Where an event of this kind happens, and whose act it is."""
    place = "in places" if declared.needs_place(event, own) else "no place"
    return f"{place}; `state` says whose act it is (default: the patron)" if declared.has_actor(event, own) else place


def _value(event: EventKind) -> str:
    if event.choices:
        return " or ".join(event.choices)
    return quantities.span(event.low, event.high, event.unit)


def _switch(name: str, console: Console, own: Extensions) -> bool:
    doc = declared.switches(own).get(name)
    if doc is None:
        return False
    _facts(console, f"{name}, a switch", [("meaning", doc), ("off", f'[off] switches = ["{name}"]')])
    return True


def _column(name: str, console: Console, own: Extensions) -> bool:
    if name not in _columns(own):
        return False
    column, owner = _columns(own)[name]
    readers = [m.name for m in declared.mechanisms(own).values() if name in m.reads]
    _facts(console, f"{name}, a column", [
        ("meaning", column.doc),
        ("unit", column.unit),
        ("one for each", column.dims.replace("_", " and ")),
        ("starts at", f"{column.start:g}"),
        ("written by", owner),
        ("read by", ", ".join(readers)),
    ])  # fmt: skip
    return True


def _plain(word: str) -> str:
    """A word whichever way it is written: hyphens and lines under the letters are spaces."""
    return word.lower().replace("-", " ").replace("_", " ")


def _word(name: str, console: Console) -> bool:
    found = 0
    for topic, (what, words) in WORDS.items():
        hit = next((w for w in words if _plain(name) == _plain(w)), None)
        if hit is not None:
            inside = f'event = "{hit}"' if topic in CLAIMED else ""
            facts = [("meaning", words[hit]), ("in a claim", inside), ("others", f"tocsin explain {topic}")]
            _facts(console, f"{hit}, {what}", facts)
            found += 1
    return found > 0
