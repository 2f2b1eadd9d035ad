"""Reading who acts besides home's people and government: other states, factions, the alliance, and who decides."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.errors import QuantityError
from tocsin.scenario.draft import Reader, nearest
from tocsin.scenario.parts import POLICIES, Alliance, Faction, Place, State
from tocsin.scenario.places import Sources
from tocsin.scenario.schema import FACTION_SIZE, QUORUM, SETTINGS, SIDES, STATE, USUAL_SIDE
from tocsin.scenario.script import Frame, hours_after, read_hours, read_optional
from tocsin.scenario.setpoints import read_setpoints
from tocsin.scenario.text import Node
from tocsin.state import AIMS, CONSENT, RULES_OF_CONSENT, STATE_ROLES

SCRIPT = "script"
_ROLES = STATE_ROLES[1:]


def read_states(reader: Reader, nodes: list[Node], sources: Sources, home: str, thinning: float) -> dict[str, State]:
    """The other states by name, as yet without places; thinning: people per agent where a state says nothing."""
    states: dict[str, State] = {}
    for node in nodes:
        entries = reader.table(node, "state", ("name", "role"))
        name = reader.text(entries.get("name"))
        if name and name == home:
            reader.refuse(entries["name"], f"{name!r} is home", "the other states", "remove it, or rename home")
        if name and name in states:
            reader.refuse(entries["name"], f"state {name!r} stands here twice", "each state once", "remove one of them")
        states[name] = _state(reader, node, entries, sources, (name, thinning))
    return states


def _state(
    reader: Reader, node: Node, entries: Mapping[str, Node], sources: Sources, facts: tuple[str, float]
) -> State:
    name, thinning = facts
    own = reader.source(node, "")
    role = reader.word(entries.get("role"), _ROLES, "role")
    side = reader.word(entries.get("side"), SIDES, "side", USUAL_SIDE.get(role, "neither"))
    numbers = _state_numbers(reader, entries, sources, (name, own))
    if "people_per_agent" in entries:
        number = SETTINGS["people_per_agent"]
        figure = reader.figure(entries["people_per_agent"], number, sources.fallback("state.people_per_agent", own))
        thinning = figure.value
        sources.noted[f"states.{name}.people_per_agent"] = figure.source
    return State(
        name=name, role=role, side=SIDES.get(side, 0.0),
        consent=reader.word(entries.get("consent"), CONSENT, "consent", CONSENT[0]), **numbers, places=(),
        parameters=read_setpoints(reader, entries.get("parameters"), complete=False, fallback=own),
        people_per_agent=1 if math.isnan(thinning) else int(thinning),
    )  # fmt: skip


def _state_numbers(
    reader: Reader, entries: Mapping[str, Node], sources: Sources, names: tuple[str, str]
) -> dict[str, float]:
    name, own = names
    numbers = {}
    for key, number in STATE.items():
        noted = f"states.{name}.{key}"
        if key in entries:
            figure = reader.figure(entries[key], number, sources.fallback(f"state.{key}", own))
            numbers[key], sources.noted[noted] = figure.value, figure.source
        else:
            numbers[key], sources.noted[noted] = float(number.default or 0.0), f"default: {number.source}"
    return numbers


def settled(states: Mapping[str, State], places: Mapping[str, Place], belongs: Mapping[str, str]) -> tuple[State, ...]:
    """The states with their places, in order of name."""
    own = {name: tuple(p for p in places.values() if belongs[p.name] == name) for name in states}
    return tuple(replace(states[name], places=own[name]) for name in sorted(states))


@dataclass(frozen=True)
class Factions:
    """The factions of a file: those that act, and those that only a variant adds."""

    acting: tuple[Faction, ...]
    optional: tuple[Faction, ...]


def read_factions(reader: Reader, nodes: list[Node], frame: Frame, sources: Sources) -> Factions:
    """The organised groups, in order of name."""
    acting, optional = list[Faction](), list[Faction]()
    names: set[str] = set()
    for node in nodes:
        entries = reader.table(node, "faction", ("name", "place", "size"))
        if not {"name", "place", "size"} <= entries.keys():
            continue
        faction = _faction(reader, node, entries, frame, sources)
        if faction.name in names:
            found = f"faction {faction.name!r} stands here twice"
            reader.refuse(entries["name"], found, "each faction once", "remove one of them")
        names.add(faction.name)
        (optional if read_optional(reader, entries, "faction") else acting).append(faction)
    return Factions(tuple(sorted(acting, key=lambda f: f.name)), tuple(sorted(optional, key=lambda f: f.name)))


def _faction(reader: Reader, node: Node, entries: Mapping[str, Node], frame: Frame, sources: Sources) -> Faction:
    name = reader.text(entries["name"])
    size = reader.figure(entries["size"], FACTION_SIZE, sources.fallback("faction.size", reader.source(node, "")))
    sources.noted[f"factions.{name}.size"] = size.source
    return Faction(
        name=name, place=reader.word(entries["place"], frame.belongs, "place"), size=size.value,
        hours=read_hours(reader, entries["from"], frame, "the faction") if "from" in entries else 0.0,
        armed=reader.truth(entries.get("armed"), False), aim=reader.word(entries.get("aim"), AIMS, "aim", AIMS[0]),
        part=reader.text(entries.get("part")),
    )  # fmt: skip


def read_alliance(reader: Reader, node: Node | None, sources: Sources) -> Alliance:
    """How members decide; each for its own troops where the file says nothing."""
    entries = reader.table(node, "alliance")
    rule = reader.word(entries.get("rule"), RULES_OF_CONSENT, "rule", RULES_OF_CONSENT[0])
    if "quorum" not in entries:
        return Alliance(rule, 0)
    covered = sources.fallback("alliance.quorum", reader.source(node, "")) or "the rule itself"
    figure = reader.figure(entries["quorum"], QUORUM, covered)
    sources.noted["alliance.quorum"] = figure.source
    return Alliance(rule, 0 if math.isnan(figure.value) else int(figure.value))


def read_policy(reader: Reader, node: Node | None, frame: Frame) -> dict[str, float]:
    """Mechanism -> hours from which it decides for itself; those that follow the script throughout are left out."""
    found: dict[str, float] = {}
    entries = reader.table(node, "policy")
    for name in POLICIES:
        if name not in entries or not (text := reader.text(entries[name])):
            continue
        try:
            hours = free_from(text, frame.start, frame.days)
        except QuantityError as fault:
            reader.refuse(entries[name], fault.found, fault.expected, fault.do)
            continue
        if math.isfinite(hours):
            found[name] = hours
    return found


def free_from(text: str, start: datetime, days: float) -> float:
    """Hours after the start of "script" (never: infinity), "free" (0), "free from 3 days" or "free from MOMENT"."""
    words = text.split(maxsplit=2)
    if words in ([SCRIPT], ["free"]):
        return math.inf if words == [SCRIPT] else 0.0
    if words[:2] != ["free", "from"] or len(words) < 3:
        expected = '"script", "free" or "free from 2022-01-05 23:00" (or "free from 3 days")'
        do = nearest(text, (SCRIPT, "free"), "write one of these")
        raise QuantityError(f"unknown policy {text!r}", expected=expected, do=do)
    hours = hours_after(words[2], start)
    if hours < 0 or hours >= days * 24:
        where = "before the start" if hours < 0 else "not before the end"
        raise QuantityError(
            f"{words[2]} is {where}", expected=f"a moment within the {days:g} days of the run", do="move it"
        )
    return hours
