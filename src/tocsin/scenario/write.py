"""The complete scenario as TOML that `load` reads back to the same hash: nothing is left to a default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

from tocsin import quantities
from tocsin.declare import Param
from tocsin.scenario import declared
from tocsin.scenario.parts import Event, Place, Segment, Setpoint, Target, Variant
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.schema import PLACE, SETTINGS

UNKNOWN = "not stated"


def to_toml(scenario: Scenario) -> str:
    """The text of a scenario, section by section."""
    blocks: list[Iterator[str]] = [
        _head(scenario),
        _off(scenario.mechanisms, scenario.switches, "off"),
        *(_segment(s) for s in scenario.segments),
        *(_place(p, scenario) for p in scenario.places),
        _parameters(scenario.parameters),
        *(_event(e, scenario) for e in scenario.events),
        *(_target(t, scenario) for t in scenario.targets),
        *(_variant(name, v) for name, v in scenario.variants.items() if _possible(v, scenario)),
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


def _place(p: Place, s: Scenario) -> Iterator[str]:
    yield "[[place]]"
    yield f"name = {quote(p.name)}"
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


def _parameters(parameters: Mapping[str, Setpoint], title: str = "parameters") -> Iterator[str]:
    known = declared.parameters()
    yield f"[{title}]"
    for name, setpoint in parameters.items():
        yield f"{quote(name)} = {_setpoint(setpoint, known[name])}"


def _setpoint(setpoint: Setpoint, param: Param) -> str:
    if setpoint.prior.kind == "fixed":
        value = _bare(setpoint.prior.a, param.unit)
        return f"{{ value = {value}, source = {quote(setpoint.source or UNKNOWN)} }}"
    prior = quantities.write_prior(setpoint.prior, param.unit)
    return f"{{ prior = {quote(prior)}, source = {quote(setpoint.source or UNKNOWN)} }}"


def _moment(hours: float, s: Scenario) -> str:
    """The moment if it says the hours exactly, else the hours."""
    moment = s.start + timedelta(hours=hours)
    exact = (moment - s.start).total_seconds() / 3600 == hours
    return quote(quantities.write_moment(moment) if exact else quantities.write(hours, "hours"))


def _event(e: Event, s: Scenario) -> Iterator[str]:
    kind = declared.event_kinds()[e.kind]
    words = {number: word for word, number in kind.choices.items()}
    yield "[[event]]"
    yield f"at = {_moment(e.hours, s)}"
    yield f"kind = {quote(e.kind)}"
    if e.places:
        everywhere = e.places == tuple(p.name for p in s.places)
        yield f"places = {quote('all') if everywhere else '[' + ', '.join(map(quote, e.places)) + ']'}"
    yield f"value = {quote(words[e.value]) if e.value in words else _bare(e.value, kind.unit)}"
    for key, text in (("part", e.part), ("note", e.note)):
        if text:
            yield f"{key} = {quote(text)}"
    yield f"source = {quote(e.source or UNKNOWN)}"


def _target(t: Target, s: Scenario) -> Iterator[str]:
    yield "[[target]]"
    yield f"name = {quote(t.name)}"
    yield f"metric = {quote(t.metric)}"
    if t.place:
        yield f"place = {quote(t.place)}"
    yield f"at = {_moment(t.day * 24, s)}"
    yield f"low = {quantities.write(t.low, '')}"
    yield f"high = {quantities.write(t.high, '')}"
    yield f"# 95 % observation interval of the true figure: {t.interval[0]:g} to {t.interval[1]:g}"
    for key, text in (("model", t.model), ("role", t.role), ("source", t.source)):
        yield f"{key} = {quote(text)}"


def _possible(v: Variant, s: Scenario) -> bool:
    """Whether the script still has the parts that a variant drops."""
    words = v.changes.get("drop", ())
    return not isinstance(words, tuple) or set(words) <= {e.part for e in s.events}


def _variant(name: str, v: Variant) -> Iterator[str]:
    title = f"variants.{quote(name)}"
    yield f"[{title}]"
    yield f"title = {quote(v.title)}"
    yield f"why = {quote(v.why)}"
    parts = v.changes
    for key in ("drop", "drop_kinds"):
        words = parts.get(key)
        if isinstance(words, tuple):
            yield f"{key} = [{', '.join(quote(str(w)) for w in words)}]"
    off = {k: False for k, on in parts.items() if on is False}
    if off:
        mechanisms = {k: False for k in off if "." not in k}
        yield from _off(mechanisms, {k: False for k in off if "." in k}, f"{title}.off")
    setpoints = {k: x for k, x in parts.items() if isinstance(x, Setpoint)}
    if setpoints:
        yield from _parameters(setpoints, f"{title}.parameters")
