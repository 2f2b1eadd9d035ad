"""What a scenario puts in, as Markdown tables: places, states, factions, events, reported figures, sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from tocsin.report.markdown import names, table
from tocsin.report.tables import measured
from tocsin.scenario import declared
from tocsin.scenario.parts import Event, Faction, Place
from tocsin.scenario.scenario import Scenario

SIDES = {1.0: "regime", -1.0: "opponents", 0.0: "neither"}


def places(s: Scenario) -> str:
    """Every place of every society."""
    rows = (_place(name, p) for i, name in enumerate(s.state_names) for p in s.places_of(i))
    return table(("place", "state", "people", "staff", "seat of power", "sites", "household"), rows)


def _place(state: str, p: Place) -> tuple[str, ...]:
    numbers = (f"{p.population:,}", f"{p.garrison:,.0f}", f"{p.seat:g}", str(len(p.sites)), f"{p.household:g}")
    return p.name, state, *numbers


def states(s: Scenario) -> str:
    """The other states and how they decide."""
    rows = (
        (x.name, x.role, SIDES.get(x.side, f"{x.side:g}"), x.consent, f"{x.contingent:,.0f}", f"{x.lift:,.0f}",
         f"{x.ready:g}", f"{x.similarity:g}", f"{x.alignment:g}", "yes" if x.places else "no")
        for x in s.states
    )  # fmt: skip
    headings = (
        "state", "role", "side", "consent", "contingent (people)", "lift (people/day)", "ready (hours)", "similarity",
        "alignment", "a society",
    )  # fmt: skip
    return table(headings, rows)


def factions(s: Scenario) -> str:
    """Organised groups, those included that only a variant adds."""
    every = [*((f, "") for f in s.factions), *((f, f"only with {f.part}") for f in s.optional_factions)]
    rows = (_faction(s, f, note) for f, note in every)
    return table(("faction", "place", "people", "from", "armed", "aim", "in"), rows)


def _faction(s: Scenario, f: Faction, note: str) -> tuple[str, ...]:
    when = f"{s.start + timedelta(hours=f.hours):%Y-%m-%d %H:%M}"
    return f.name, f.place, f"{f.size:,.0f}", when, "yes" if f.armed else "no", f.aim, note or "every variant"


def events(s: Scenario) -> str:
    """The script with its sources, in order of time."""
    every = [*((e, "") for e in s.events), *((e, " (optional)") for e in s.optional_events)]
    rows = (_event(s, e, note) for e, note in sorted(every, key=lambda x: (x[0].hours, x[0].kind, x[0].places)))
    return table(("when", "kind", "value", "where", "part", "note", "source"), rows)


def _event(s: Scenario, e: Event, note: str) -> tuple[str, ...]:
    when = f"{s.start + timedelta(hours=e.hours):%Y-%m-%d %H:%M}"
    value = measured(e, declared.event_kinds(s.extensions).get(e.kind)) or "on"
    where = names(e.places) if e.places else (e.state or "whole country")
    if e.state and e.places:
        where = f"{e.state}: {where}"
    every = len(e.places) == len(s.places) and set(e.places) == {p.name for p in s.places}
    return when, e.kind, value, "every place" if every else where, f"{e.part}{note}", e.note, e.source


def targets(s: Scenario) -> str:
    """Reported figures with their observation intervals."""
    rows = (
        (t.name, t.metric, t.place or "whole country", f"{t.low:g} to {t.high:g}",
         f"{t.interval[0]:.4g} to {t.interval[1]:.4g}", f"{t.day:g}", t.role, t.source)
        for t in s.targets
    )  # fmt: skip
    return table(("figure", "metric", "where", "reported", "95 % interval", "day", "role", "source"), rows)


def sources(s: Scenario) -> str:
    """Who says so, for every number that is no parameter; numbers with one source in one row."""
    return table(("numbers", "source"), _grouped(sorted(s.sources.items())))


def _grouped(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Keys of the same source joined, in the order of their first key."""
    found: dict[str, list[str]] = {}
    for key, source in pairs:
        if key.partition(".")[0] not in ("parameters", "parameter"):
            found.setdefault(source, []).append(key)
    yield from ((names(keys), source) for source, keys in found.items())
