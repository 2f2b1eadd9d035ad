"""What is refused of mechanisms of one's own: declarations that are no declarations, names that clash, loose ends."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from tocsin.declare import (
    BULLETIN,
    ENGINE_STEPS,
    ORDER,
    PEOPLE_COLUMNS,
    PRIOR_KINDS,
    Column,
    EventKind,
    Mechanism,
    Param,
    Prior,
)
from tocsin.errors import Place, ScenarioError, ScenarioErrors, TocsinError
from tocsin.mechanisms import MECHANISMS
from tocsin.quantities import span
from tocsin.scenario.draft import nearest
from tocsin.scenario.own import Declared, Extension, Extensions, Facts, shown
from tocsin.scenario.parts import POLICIES
from tocsin.scenario.setpoints import outside
from tocsin.state import ADDED, FATES, MULTIPLIED

Fault = tuple[str, str, str]
"""Found, expected, do."""
TEXTS = ("number", "name", "summary", "phase")
LISTS: Mapping[str, type] = {
    "params": Param, "columns": Column, "events": EventKind, "reads": str, "sets": str, "uses": str,
}  # fmt: skip
TYPES: Mapping[str, Any] = {"str": str, "float": int | float, "bool": bool, "Prior": Prior}
"""Types of fields as they are written in the declarations."""
PAIRS = ("draws", "switches")
DIMS = ("place", "unit", "polity", "tactic", "state", "faction", "place_place", "place_state")
KEYED_BY = ("place", "unit", "state", "polity")
PHASES = tuple(phase for phase in ORDER if phase not in ENGINE_STEPS)
COEFFICIENTS = (*ADDED, *MULTIPLIED, *FATES)
TAKEN = ("place", "state", "faction", "policy", "derived", "variant")
"""First words of names that scenarios give to something else."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def refuse_misshapen(origin: str, mechanisms: Iterable[Mechanism]) -> None:
    """Refuse declarations of the wrong type, before anything reads them."""
    _raise((_line(origin, m), fault) for m in mechanisms for fault in _misshapen(m))


def refuse_misfits(found: Extension, mechanisms: Iterable[Mechanism], before: Extensions) -> None:
    """Refuse mechanisms that do not fit the shipped ones, those before them and each other."""
    known: list[Declared] = [*MECHANISMS, *(m for e in before for m in e.mechanisms)]
    everything = [*known, *found.mechanisms]
    faults: list[tuple[Place | str, Fault]] = []
    for m, made in zip(found.mechanisms, mechanisms, strict=True):
        faults += [
            (_line(found.origin, made), fault) for fault in (*_clashes(m, known), *_loose(m, everything), *_wrong(m))
        ]
        known.append(m)
    _raise(faults)


def _raise(faults: Iterable[tuple[Place | str, Fault]]) -> None:
    found: list[TocsinError] = [ScenarioError(f, where=where, expected=e, do=d) for where, (f, e, d) in faults]
    if len(found) == 1:
        raise found[0]
    if found:
        raise ScenarioErrors(found)


def _line(origin: str, m: Mechanism) -> Place | str:
    """The line on which a mechanism's class begins."""
    try:
        return Place(shown(origin), inspect.getsourcelines(type(m))[1])
    except (OSError, TypeError):
        return shown(origin)


def _misshapen(m: Mechanism) -> Iterator[Fault]:
    kind = type(m).__name__
    for key in TEXTS:
        if not isinstance(getattr(m, key, None), str) or not getattr(m, key):
            yield f"{kind} declares no `{key}`", f'{key} = "..."', "see docs/how-to/write-a-mechanism.md"
    for key, member in LISTS.items():
        value = getattr(m, key)
        if not isinstance(value, tuple | list) or not all(isinstance(x, member) for x in value):
            do = "a tuple of one needs a comma: (x,)"
            yield f"`{key}` of {kind} is {value!r:.60}", f"a tuple, each member {_a(member)}", do
        else:
            yield from (fault for x in value if member is not str for fault in _misfilled(x))
    for key in PAIRS:
        value = getattr(m, key)
        if not isinstance(value, Mapping) or not all(isinstance(x, str) for pair in value.items() for x in pair):
            yield f"`{key}` of {kind} is {value!r:.60}", 'name and text: {"name": "..."}', "write it so"


def _misfilled(x: Param | Column | EventKind) -> Iterator[Fault]:
    """Fields of the wrong type; an order mixed up shows here."""
    for f in fields(x):
        value = getattr(x, f.name)
        if f.type in TYPES and not isinstance(value, TYPES[str(f.type)]):
            found = f"`{f.name}` of the {type(x).__name__} {x.name!r} is {value!r:.60}"
            yield found, f"{f.type}, in the order {', '.join(g.name for g in fields(x))}", "correct it"


def _a(kind: type) -> str:
    return "a text" if kind is str else f"{'an' if kind is EventKind else 'a'} {kind.__name__}"


def _clashes(m: Facts, known: Iterable[Declared]) -> Iterator[Fault]:
    """Names that something else has, that stand twice, or that are no names."""
    held = {("column", c.name): "the engine" for c in (*PEOPLE_COLUMNS, *BULLETIN)}
    held |= {pair: o.name for o in known for pair in _shared(o)}
    inner = [("parameter or switch", n) for n in (*(p.name for p in m.params), *m.switches)]
    pairs = [*_shared(m), *inner]
    for what, name in dict.fromkeys(pairs):
        if (what, name) in held:
            found = f"the {what} {name!r} of {m.name!r} is there already: {held[what, name]} has it"
            yield found, "a name that is not taken", "rename it"
        if pairs.count((what, name)) > 1:
            yield f"{m.name!r} declares the {what} {name!r} twice", "each name once", "rename one of them"
        if what not in ("number", "event") and not _NAME.fullmatch(name):
            yield f"the {what} {name!r} of {m.name!r} is no name", "small letters, figures and _", "rename it"
    if m.name in TAKEN:
        yield f"a mechanism called {m.name!r}", f"none of {', '.join(TAKEN)}, which mean something else", "rename it"


def _shared(m: Declared) -> Iterator[tuple[str, str]]:
    """Kind and name of what must be unique among all mechanisms."""
    yield from (("mechanism", m.name), ("number", m.number))
    yield from (("column", c.name) for c in m.columns)
    yield from (("event", e.name) for e in m.events)


def _loose(m: Facts, everything: Iterable[Declared]) -> Iterator[Fault]:
    """Names of others that there are not."""
    all_ = list(everything)
    columns = {c.name for o in all_ for c in o.columns} | {c.name for c in (*PEOPLE_COLUMNS, *BULLETIN)}
    parameters = {f"{o.name}.{p.name}" for o in all_ for p in o.params} | {u for o in MECHANISMS for u in o.uses}
    known = (
        ("reads", "column", m.reads, columns, "see `tocsin explain columns`"),
        ("uses", "parameter", m.uses, parameters, "see `tocsin explain parameters`"),
        ("sets", "coefficient", m.sets, COEFFICIENTS, f"one of {', '.join(COEFFICIENTS)}"),
    )
    for key, what, names, there, do in known:
        for name in names:
            if name not in there:
                yield (
                    f"`{key}` of {m.name!r}: unknown {what} {name!r}",
                    f"a {what} that somebody declares",
                    nearest(name, there, do),
                )


def _wrong(m: Facts) -> Iterator[Fault]:
    """Words and numbers that no declaration can have."""
    words = [
        (f"the phase of {m.name!r} is", m.phase, PHASES),
        *((f"the axes of the column {c.name!r} are", c.dims, DIMS) for c in m.columns),
        *((f"the draw {name!r} is keyed by", by, KEYED_BY) for name, by in m.draws.items()),
        *((f"the event {e.name!r} changes the column", e.column, [c.name for c in m.columns]) for e in m.events),
        *((f"the mode of the event {e.name!r} is", e.mode, ("set", "add")) for e in m.events),
        *((f"the event {e.name!r} lapses by", e.by, ("", *POLICIES)) for e in m.events),
        *((f"the prior of {p.name!r} is of the kind", p.prior.kind, PRIOR_KINDS) for p in m.params),
    ]
    for what, word, allowed in words:
        if word not in allowed:
            expected = f"one of {', '.join(allowed)}" if allowed else "a column of its own"
            yield f"{what} {word!r}", expected, nearest(word, allowed, "correct it")
    for p in m.params:
        if wrong := outside(p.prior, p):
            yield f"the prior {p.prior} of {p.name!r} {wrong}", span(p.low, p.high, p.unit), "correct one of them"
        if not p.source or not p.unit or not p.doc:
            yield (
                f"the parameter {p.name!r} lacks its unit, source or meaning",
                '"1" is a unit, "assumed" a source',
                "add it",
            )
