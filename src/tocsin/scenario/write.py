"""The complete scenario as TOML that `load` reads back to the same hash: nothing is left to a default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

from tocsin import quantities
from tocsin.declare import Param
from tocsin.errors import TocsinError
from tocsin.scenario import declared
from tocsin.scenario.own_named import record
from tocsin.scenario.parts import POLICIES, Alliance, Event, Faction, Place, Segment, Setpoint, State, Target, Variant
from tocsin.scenario.reference import EVERYWHERE
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.schema import EXPOSURE, FACTION_SIZE, PLACE, SETTINGS, SIDES, STATE
from tocsin.scenario.selection import LISTS

UNKNOWN = "not stated"


def to_toml(scenario: Scenario) -> str:
    """The text of a scenario, section by section."""
    blocks: list[Iterator[str]] = [
        _head(scenario),
        *(record(e, quote) for e in scenario.extensions),
        _off(scenario.mechanisms, scenario.switches, "off"),
        _policy(scenario),
        *([_alliance(scenario)] if scenario.alliance != Alliance() else []),
        *(_state(s, scenario) for s in scenario.states),
        *(_segment(s) for s in scenario.segments),
        *(_place(p, scenario, "") for p in scenario.places),
        *(_place(p, scenario, s.name) for s in scenario.states for p in s.places),
        *(_faction(f, scenario, optional=False) for f in scenario.factions),
        *(_faction(f, scenario, optional=True) for f in scenario.optional_factions),
        _parameters(scenario.parameters, scenario),
        _reference(scenario),
        *(_event(e, scenario, optional=False) for e in scenario.events),
        *(_event(e, scenario, optional=True) for e in scenario.optional_events),
        *(_target(t, scenario) for t in scenario.targets),
        *(_variant(name, v, scenario) for name, v in scenario.variants.items() if _possible(v, scenario)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def quote(text: str) -> str:
    """A TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _figure(value: float, unit: str, source: str) -> str:
    text = quantities.write(value, unit)
    shown = text if quantities.dimension(unit)[0] in quantities.BARE and " " not in text else quote(text)
    return f"{{ value = {shown}, source = {quote(source or UNKNOWN)} }}"


def _bare(value: float, unit: str) -> str:
    text = quantities.write(value, unit)
    return text.split(" ", maxsplit=1)[0] if quantities.dimension(unit)[0] in quantities.BARE else quote(text)


def _head(s: Scenario) -> Iterator[str]:
    yield "# The complete scenario: every number that decides a result stands here."
    yield f"# Hash: {s.hash}"
    yield "[scenario]"
    yield f"title = {quote(s.title)}"
    yield f"name = {quote(s.name)}"
    if s.variant:
        yield f"variant = {quote(s.variant)}"
    yield f"home = {quote(s.home)}"
    yield f"start = {quote(quantities.write_moment(s.start))}"
    values = {
        "length": s.days, "tick": s.tick_hours, "people_per_agent": s.people_per_agent, "unit_size": s.unit_size,
        "circle_size": s.circle_size,
    }  # fmt: skip
    for key, value in values.items():
        yield f"{key} = {_figure(value, SETTINGS[key].unit, s.sources.get(f'scenario.{key}', ''))}"


def _off(mechanisms: Mapping[str, bool], switches: Mapping[str, bool], title: str) -> Iterator[str]:
    yield f"[{title}]"
    yield f"mechanisms = [{', '.join(quote(k) for k, on in mechanisms.items() if not on)}]"
    yield f"switches = [{', '.join(quote(k) for k, on in switches.items() if not on)}]"


def _segment(segment: Segment) -> Iterator[str]:
    yield "[[segment]]"
    yield f"name = {quote(segment.name)}"
    yield f"can_act = {str(segment.can_act).lower()}"
    yield f"may_strike = {str(segment.may_strike).lower()}"


def _policy(s: Scenario) -> Iterator[str]:
    yield "[policy]"
    for name in POLICIES:
        hours = s.policy.get(name)
        text = "script" if hours is None else "free" if hours == 0 else f"free from {_when(hours, s)}"
        yield f"{name} = {quote(text)}"


def _alliance(s: Scenario) -> Iterator[str]:
    yield "[alliance]"
    yield f"rule = {quote(s.alliance.rule)}"
    yield f"quorum = {_figure(s.alliance.quorum, '', s.sources.get('alliance.quorum', ''))}"


def _state(state: State, s: Scenario) -> Iterator[str]:
    sides = {number: word for word, number in SIDES.items()}
    yield "[[state]]"
    words = {"name": state.name, "role": state.role, "side": sides[state.side], "consent": state.consent}
    yield from (f"{key} = {quote(word)}" for key, word in words.items())
    numbers = {**{key: getattr(state, key) for key in STATE}, "people_per_agent": state.people_per_agent}
    for key, value in numbers.items():
        unit = STATE[key].unit if key in STATE else ""
        source = s.sources.get(f"states.{state.name}.{key}") or s.sources.get(f"scenario.{key}", "")
        yield f"{key} = {_figure(value, unit, source)}"
    known = declared.parameters(s.extensions)
    for name, setpoint in state.parameters.items():
        yield f"parameters.{quote(name)} = {_setpoint(setpoint, known[name])}"


def _faction(f: Faction, s: Scenario, *, optional: bool) -> Iterator[str]:
    yield "[[faction]]"
    yield from (f"{key} = {quote(text)}" for key, text in (("name", f.name), ("place", f.place)))
    yield f"size = {_figure(f.size, FACTION_SIZE.unit, s.sources.get(f'factions.{f.name}.size', ''))}"
    yield f"from = {quote(_when(f.hours, s))}"
    yield f"armed = {str(f.armed).lower()}"
    yield f"aim = {quote(f.aim)}"
    if f.part:
        yield f"part = {quote(f.part)}"
    if optional:
        yield "optional = true"


def _place(p: Place, s: Scenario, state: str) -> Iterator[str]:
    yield "[[place]]"
    yield f"name = {quote(p.name)}"
    if state:
        yield f"state = {quote(state)}"
    numbers = {
        "population": p.population, "lat": p.lat, "lon": p.lon, "seat": p.seat, "garrison": p.garrison,
        "household": p.household,
    }  # fmt: skip
    for key, value in numbers.items():
        source = s.sources.get(f"places.{p.name}.{key}", "")
        yield f"{key} = {{ value = {_bare(value, PLACE[key].unit)}, source = {quote(source or UNKNOWN)} }}"
    if p.boundary:
        yield f"boundary = {quote(p.boundary)}"
    for segment, share in zip(s.segments, p.segments, strict=True):
        source = s.sources.get(f"places.{p.name}.shares.{segment.name}") or s.sources.get(
            f"segments.{segment.name}.share", "what the other segments leave"
        )
        yield f"shares.{quote(segment.name)} = {_figure(share, 'share', source)}"
    if p.sites:
        yield "sites = ["
        for site in p.sites:
            source = s.sources.get(f"places.{p.name}.sites.{site.name}", "") or UNKNOWN
            yield f"  {{ name = {quote(site.name)}, kind = {quote(site.kind)}, source = {quote(source)} }},"
        yield "]"


def _parameters(parameters: Mapping[str, Setpoint], s: Scenario, title: str = "parameters") -> Iterator[str]:
    known = declared.parameters(s.extensions)
    yield f"[{title}]"
    for name, setpoint in parameters.items():
        yield f"{quote(name)} = {_setpoint(setpoint, known[name])}"


def _reference(s: Scenario) -> Iterator[str]:
    yield "[reference]"
    for name, exposure in s.felt.items():
        if exposure > 0:
            yield f"{quote(name)} = {_figure(exposure, EXPOSURE.unit, s.sources.get(f'reference.{name}', EVERYWHERE))}"


def _setpoint(setpoint: Setpoint, param: Param) -> str:
    if setpoint.prior.kind == "fixed":
        value = _bare(setpoint.prior.a, param.unit)
        return f"{{ value = {value}, source = {quote(setpoint.source or UNKNOWN)} }}"
    prior = quantities.write_prior(setpoint.prior, param.unit)
    return f"{{ prior = {quote(prior)}, source = {quote(setpoint.source or UNKNOWN)} }}"


def _when(hours: float, s: Scenario) -> str:
    """The moment if it says the hours exactly, else the hours."""
    moment = s.start + timedelta(hours=hours)
    exact = (moment - s.start).total_seconds() / 3600 == hours
    return quantities.write_moment(moment) if exact else quantities.write(hours, "hours")


def _event(e: Event, s: Scenario, *, optional: bool) -> Iterator[str]:
    kind = declared.event_kinds(s.extensions)[e.kind]
    words = {number: word for word, number in kind.choices.items()}
    yield "[[event]]"
    yield f"at = {quote(_when(e.hours, s))}"
    yield f"kind = {quote(e.kind)}"
    if e.state:
        yield f"state = {quote(e.state)}"
    if e.places:
        everywhere = e.places == tuple(p.name for p in s.places)
        yield f"places = {quote('all') if everywhere else '[' + ', '.join(map(quote, e.places)) + ']'}"
    yield f"value = {quote(words[e.value]) if e.value in words else _bare(e.value, kind.unit)}"
    for key, text in (("part", e.part), ("note", e.note)):
        if text:
            yield f"{key} = {quote(text)}"
    if optional:
        yield "optional = true"
    yield f"source = {quote(e.source or UNKNOWN)}"


def _target(t: Target, s: Scenario) -> Iterator[str]:
    yield "[[target]]"
    yield f"name = {quote(t.name)}"
    yield f"metric = {quote(t.metric)}"
    if t.place:
        yield f"place = {quote(t.place)}"
    yield f"at = {quote(_when(t.day * 24, s))}"
    yield f"low = {quantities.write(t.low, '')}"
    yield f"high = {quantities.write(t.high, '')}"
    yield f"# 95 % observation interval of the true figure: {t.interval[0]:g} to {t.interval[1]:g}"
    for key, text in (("model", t.model), ("role", t.role), ("source", t.source)):
        yield f"{key} = {quote(text)}"


def _possible(v: Variant, s: Scenario) -> bool:
    """Whether the script still has the parts that a variant drops and adds, and the run what else it changes."""
    parts: dict[str, tuple[Event | Faction, ...]] = {
        "drop": (*s.events, *s.factions),
        "add": (*s.optional_events, *s.optional_factions),
    }
    for key, things in parts.items():
        words = v.changes.get(key, ())
        if isinstance(words, tuple) and not set(words) <= {thing.part for thing in things}:
            return False
    try:
        return bool(s.vary(v.changes))
    except TocsinError:
        return False


def _variant(name: str, v: Variant, s: Scenario) -> Iterator[str]:
    title = f"variants.{quote(name)}"
    yield f"[{title}]"
    yield f"title = {quote(v.title)}"
    yield f"why = {quote(v.why)}"
    parts = v.changes
    for key in LISTS:
        words = parts.get(key)
        if isinstance(words, tuple):
            yield f"{key} = [{', '.join(quote(str(w)) for w in words)}]"
    for key, value in parts.items():
        if key.startswith(("policy.", "alliance.")):
            yield f"{key} = {quote(value) if isinstance(value, str) else f'{value:g}'}"
    off = {k: False for k, on in parts.items() if on is False}
    if off:
        mechanisms = {k: False for k in off if "." not in k}
        yield from _off(mechanisms, {k: False for k in off if "." in k}, f"{title}.off")
    setpoints = {k: x for k, x in parts.items() if isinstance(x, Setpoint)}
    if setpoints:
        yield from _parameters(setpoints, s, f"{title}.parameters")
