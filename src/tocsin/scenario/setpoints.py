"""Reading what a file sets of the mechanisms: their parameters, and which of them and of their switches are off."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tocsin import quantities
from tocsin.declare import Param, Prior, fixed
from tocsin.errors import QuantityError
from tocsin.scenario import declared
from tocsin.scenario.draft import Reader, members, nearest
from tocsin.scenario.parts import Setpoint
from tocsin.scenario.schema import Number
from tocsin.scenario.text import Node


def read_setpoints(reader: Reader, node: Node | None, *, complete: bool, fallback: str = "") -> dict[str, Setpoint]:
    """The parameters that a table sets; with `complete`, all of them, the others as declared.

    fallback: the source of those that have none of their own.
    """
    known = declared.parameters(reader.extensions)
    found: dict[str, Setpoint] = {}
    for name, entry in _flat(reader, node):
        if name not in known:
            do = nearest(name, known, "see `tocsin explain parameters`")
            reader.refuse(entry, f"unknown parameter {name!r}", "a parameter of a mechanism, by its full name", do)
            continue
        setpoint = _setpoint(reader, entry, known[name], fallback)
        if setpoint is not None:
            found[name] = setpoint
    if not complete:
        return found
    return {name: found.get(name, Setpoint(p.prior, p.source)) for name, p in known.items()}


def _flat(reader: Reader, node: Node | None, prefix: str = "") -> Iterator[tuple[str, Node]]:
    """Parameters by full name, whether written "risk.slope" = ... or under [parameters.risk]."""
    for key, child in reader.entries(node):
        name = f"{prefix}{key}"
        if isinstance(child.value, dict) and child.value and not {"value", "prior", "source"} & child.value.keys():
            yield from _flat(reader, child, f"{name}.")
        else:
            yield name, child


def _setpoint(reader: Reader, node: Node, param: Param, fallback: str) -> Setpoint | None:
    number = Number(param.unit, param.low, param.high, param.doc)
    if not isinstance(node.value, dict) or "prior" not in node.value:
        figure = reader.figure(node, number, fallback)
        return None if math.isnan(figure.value) else Setpoint(fixed(figure.value), figure.source)
    entries = reader.table(node, "setpoint", ("prior",))
    source = reader.text(entries.get("source"), fallback)
    if not source:
        reader.refuse(node, "a prior without a source", 'source = "..."', '"assumed: why" is a source')
    if "value" in entries:
        reader.refuse(entries["value"], "a value and a prior at once", "one of them", "remove one")
    text = reader.text(entries["prior"])
    try:
        prior = quantities.parse_prior(text, param.unit) if text else param.prior
    except QuantityError as fault:
        reader.refuse(entries["prior"], fault.found, fault.expected, fault.do)
        return None
    if wrong := outside(prior, param):
        reader.refuse(
            entries["prior"],
            f"{text!r} {wrong}",
            quantities.span(param.low, param.high, param.unit),
            "narrow the prior",
        )
    return Setpoint(prior, source)


def outside(prior: Prior, param: Param) -> str:
    """What is wrong with a prior for this parameter's range; "" if nothing. Tails are clipped to the range."""
    if prior.kind == "uniform" and not param.low <= prior.a <= prior.b <= param.high:
        return "reaches out of range"
    if prior.kind in ("fixed", "normal", "lognormal") and not param.low <= prior.a <= param.high:
        return "has its middle out of range"
    if prior.kind == "beta" and not param.low <= prior.a / (prior.a + prior.b) <= param.high:
        return "has its middle out of range"
    return ""


def read_off(reader: Reader, node: Node | None) -> tuple[dict[str, bool], dict[str, bool]]:
    """Every mechanism and switch: on, unless the table names it."""
    names, switches = off_names(reader, node)
    return (
        {name: name not in names for name in declared.mechanisms(reader.extensions)},
        {name: name not in switches for name in declared.switches(reader.extensions)},
    )


def off_names(reader: Reader, node: Node | None) -> tuple[list[str], list[str]]:
    """The mechanisms and the switches that a table turns off."""
    entries = reader.table(node, "off")
    names = [
        reader.word(n, declared.mechanisms(reader.extensions), "mechanism") for n in members(entries.get("mechanisms"))
    ]
    switches = [
        reader.word(n, declared.switches(reader.extensions), "switch") for n in members(entries.get("switches"))
    ]
    for name in names:
        if name in declared.ALWAYS:
            reader.refuse(entries["mechanisms"], f"{name!r} cannot be off", "another mechanism", "leave it on")
    return names, switches
