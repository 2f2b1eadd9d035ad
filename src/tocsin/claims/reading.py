"""Reading one part of a claim from its nodes: estimand, options and rule, each fault with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tocsin import quantities
from tocsin.claims import schema
from tocsin.claims.claim import Estimand, Part, Rule
from tocsin.claims.kinds import KINDS
from tocsin.errors import Place, QuantityError
from tocsin.scenario.draft import Reader, members, nearest, shortlist
from tocsin.scenario.text import Node


@dataclass(frozen=True)
class Frame:
    """What holds for all claims of a file.

    scenario, place: the scenario of claims that name none, and where the register says so; changes: label -> its node,
    for all parts; end: the register's date.
    """

    scenario: str
    place: Place
    source: str
    end: date
    changes: Mapping[str, Node]


def entries_of(reader: Reader, node: Node, allowed: Iterable[str], needed: Iterable[str] = ()) -> dict[str, Node]:
    """The entries of a table; unknown and missing keys are faults."""
    allowed = list(allowed)
    if not isinstance(node.value, dict):
        reader.refuse(node, "this is not a table", f"the keys {shortlist(allowed)}", "see docs/how-to/write-a-claim.md")
        return {}
    for key, child in node.children():
        if key not in allowed:
            reader.refuse(
                child, f"unknown key {key!r}", f"one of {shortlist(allowed, 20)}", nearest(key, allowed, "leave it out")
            )
    for key in needed:
        if key not in node.value:
            reader.refuse(node, f"{key!r} is missing", f"{key} = ...", "add the key to this table")
    return {k: v for k, v in node.children() if k in allowed}


def read_part(reader: Reader, node: Node, type_: str, frame: Frame, spots: dict[str, Place]) -> Part:
    """One part; where its keys stand is added to `spots` as "NAME.KEY"."""
    kind = _kind(reader, node, type_)
    asked = node.value.get("measure") if isinstance(node.value, dict) else None
    measure = reader.word(asked, schema.MEASURES, "measure") if asked is not None and kind == "documentary" else ""
    allowed, needed = schema.options(kind, measure) if kind else ((), ())
    # Without its kind a part's other keys cannot be judged.
    needed = ("name", "title", "kind", *needed, *(("rule",) if kind not in ("none", *schema.RULES) else ()))
    found = entries_of(reader, node, (*schema.keys(kind), *allowed), needed) if kind else {}
    entries = {k: n for k, n in found.items() if k not in allowed or _shaped(reader, k, n)}
    name = reader.text(entries.get("name"))
    spots |= {name: node.where, **{f"{name}.{k}": n.where for k, n in entries.items()}}
    worlds = tuple(_plain(one) for one in members(entries.get("worlds")))
    wrong = [one for one in members(entries.get("worlds")) if not isinstance(one.value, str)]
    for one in wrong:
        expected = 'words such as "" or "no-request"'
        reader.refuse(one, f"{one.value!r} is not the name of a world", expected, "write a name")
    given = {k: _plain(n) for k, n in entries.items() if k in allowed and k != "changes"}
    if kind == "factorial" and isinstance(given.get("factors"), list):
        given["factors"] = {str(f): _plain(frame.changes[str(f)]) for f in given["factors"] if str(f) in frame.changes}
        _unknown(reader, entries["factors"], frame)
    else:
        own = {k: _plain(n) for k, n in reader.entries(entries.get("changes"))}
        labels = {label for world in worlds if isinstance(world, str) for label in world.split("+")} - own.keys()
        changes = own | {k: _plain(n) for k, n in frame.changes.items() if k in labels}
        given |= {"changes": changes} if changes else {}
    estimand = Estimand(kind, () if wrong else worlds, _horizon(reader, entries.get("horizon")), given)
    return Part(name, reader.text(entries.get("title")), estimand, _rule(reader, entries.get("rule"), kind))


def _shaped(reader: Reader, key: str, node: Node) -> bool:
    """Whether an option is a list, a table, a number, a text or true or false, as it must be; if not, a fault."""
    before = len(reader.faults)
    if key in schema.LISTS:
        least = schema.FEWEST.get(key, 0)
        if len(reader.tables(node)) < least and isinstance(node.value, list):
            reader.refuse(node, f"{len(node.value)} of at least {least}", "a longer list", "add some")
        wanted = [n for n in members(node) if key == "cases" and not isinstance(n.value, dict)]
        for one in wanted:
            reader.refuse(one, "this case is not a table", "{ name = ..., shows = true, ... }", "write a table")
        for one in members(node) if key in schema.NUMBERED else ():
            _number(reader, one)
    elif key in schema.TABLES:
        for _, child in reader.entries(node):
            reader.entries(child) if key == "changes" else reader.text(child)
    elif key in schema.TRUTHS:
        reader.truth(node, False)
    elif key in schema.NUMBERS or (key in schema.EITHER and not isinstance(node.value, str)):
        _number(reader, node)
    elif not isinstance(node.value, date):
        reader.text(node)
    return len(reader.faults) == before


def _kind(reader: Reader, node: Node, type_: str) -> str:
    """The kind of an estimand, which must fit the type of its claim."""
    entry = node.value.get("kind") if isinstance(node.value, dict) else None
    if entry is None:
        known = shortlist(KINDS, len(KINDS))
        reader.refuse(node, "'kind' is missing", f"kind = one of {known}", "say what is computed")
        return ""
    kind = reader.word(entry, KINDS, "kind of estimand")
    fitting = schema.FITTING.get(type_, tuple(KINDS))
    if kind and type_ and kind not in fitting and type_ != "normative":
        reader.refuse(
            entry,
            f"a {type_} claim cannot have the estimand {kind!r}",
            f"one of {shortlist(fitting, 12)}",
            "change the type of the claim or the kind of the part",
        )
    return kind


def _unknown(reader: Reader, node: Node, frame: Frame) -> None:
    for one in members(node):
        if str(one.value) not in frame.changes:
            known = list(frame.changes)
            expected = f"one of {shortlist(known)}" if known else "[changes.NAME] tables in this file"
            do = nearest(str(one.value), known, "write [changes.NAME]")
            reader.refuse(one, f"no changes are called {one.value!r}", expected, do)


def _horizon(reader: Reader, node: Node | None) -> float:
    """Days, 0 where nothing is said: then the end of the run."""
    if node is None:
        return 0.0
    try:
        days = quantities.parse(node.value, "days")
    except QuantityError as fault:
        reader.refuse(node, fault.found, fault.expected, fault.do)
        return 0.0
    if days <= 0:
        reader.refuse(node, f"the horizon is {days:g} days", "more than 0 days", "leave it out to mean the whole run")
    return days


def _rule(reader: Reader, node: Node | None, kind: str) -> Rule:
    """A rule that some result would fulfil and another would break."""
    usual = Rule(*schema.RULES.get(kind, ()))
    if node is None or not kind:
        return usual
    marginal = kind in schema.MARGINAL
    entries = entries_of(reader, node, ("margin", "certainty") if marginal else ("above", "below"))
    if not isinstance(node.value, dict) or len(entries) < len(node.value):
        return Rule()
    numbers = {k: _number(reader, n) for k, n in entries.items()}
    rule = replace(usual, **numbers)
    top_reached = rule.above <= 1 if kind == "documentary" else rule.above < 1
    if not marginal and not (rule.above >= 0 and top_reached and 0 <= rule.below <= 1):
        reader.refuse(
            node,
            f"above {rule.above:g} or below {rule.below:g} cannot fail, or cannot hold",
            "boundaries between 0 and 1",
            "choose some that a probability can be on either side of",
        )
    elif not marginal and (rule.above == 0 == rule.below or rule.below > rule.above):
        reader.refuse(
            node,
            f"below {rule.below:g} and above {rule.above:g} leave nothing that could count against it",
            "above at least as large as below, and more than 0",
            "choose other boundaries",
        )
    if marginal and not (rule.margin > 0 and 0.5 < rule.certainty <= 1):
        found = f"a margin of {rule.margin:g} with certainty {rule.certainty:g} cannot fail, or cannot hold"
        expected = "a margin above 0, and a certainty above a half and at most 1"
        reader.refuse(node, found, expected, "0.05 and 0.9 are usual")
    return rule


def _number(reader: Reader, node: Node) -> float:
    try:
        return quantities.parse(node.value, "")
    except QuantityError as fault:
        reader.refuse(node, fault.found, fault.expected, fault.do)
        return 0.5


def labels_of(part: Part) -> set[str]:
    """The labels of changes that a part uses."""
    options = part.estimand.options
    return {*options.get("changes", {}), *(options["factors"] if isinstance(options.get("factors"), dict) else ())}


def _plain(node: Node) -> Any:
    """The value without its places."""
    if isinstance(node.value, dict):
        return {k: _plain(n) for k, n in node.children()}
    if isinstance(node.value, list):
        return [_plain(n) for n in node.value]
    return str(node.value) if isinstance(node.value, date) else node.value
