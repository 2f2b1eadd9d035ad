"""Reading the nodes of a scenario: every fault is noted with its file and line, and all are shown together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tocsin import quantities
from tocsin.errors import QuantityError, ScenarioError, ScenarioErrors, TocsinError
from tocsin.scenario.own import Extensions
from tocsin.scenario.schema import SECTIONS, Number
from tocsin.scenario.text import Node

NAMED = ("place", "segment", "target", "state", "faction")
"""Lists whose members have names: an extending file changes them by name."""


@dataclass(frozen=True)
class Figure:
    """A number and who says so; nan after a fault."""

    value: float
    source: str


def nearest(word: str, words: Iterable[str], otherwise: str) -> str:
    """The advice of a message about an unknown word."""
    near = get_close_matches(word, list(words), 1, 0.6)
    return f"did you mean {near[0]!r}?" if near else otherwise


def shortlist(words: Iterable[str], most: int = 8) -> str:
    """The first few of the words that are allowed."""
    words = list(words)
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if rest > 0 else "")


def members(node: Node | None) -> list[Node]:
    """The members of a list, or the one value that stands for a list of one."""
    if node is None:
        return []
    return list(node.value) if isinstance(node.value, list) else [node]


class Reader:
    """Reads values out of nodes; notes faults instead of stopping at the first.

    extensions: the mechanisms that it knows beside the shipped ones.
    """

    def __init__(self, extensions: Extensions = ()) -> None:
        self.extensions = extensions
        self.faults: list[TocsinError] = []

    def refuse(self, node: Node, found: str, expected: str, do: str) -> None:
        """Note one fault."""
        head = f"{node.name}: {found}" if node.name else found
        fault = ScenarioError(head, where=node.where, expected=expected, do=do)
        if fault.message() not in {known.message() for known in self.faults}:
            self.faults.append(fault)

    def finish(self) -> None:
        """Raise what was noted, in the order of the file."""
        if len(self.faults) == 1:
            raise self.faults[0]
        if self.faults:
            raise ScenarioErrors(sorted(self.faults, key=_line))

    def table(self, node: Node | None, section: str, required: Iterable[str] = ()) -> dict[str, Node]:
        """The entries of a table; unknown and missing keys are faults."""
        if node is None:
            return {}
        if not isinstance(node.value, dict):
            self.refuse(
                node, f"{node.value!r} is not a table", f"the keys {shortlist(SECTIONS[section])}", "see the how-to"
            )
            return {}
        allowed = SECTIONS[section]
        for key, child in node.children():
            if key not in allowed:
                do = nearest(key, allowed, "leave it out")
                self.refuse(child, f"unknown key {key!r}", f"one of {shortlist(allowed, 12)}", do)
        for key in required:
            if key not in node.value:
                self.refuse(node, f"{key!r} is missing", f"{key} = ...", "add the key to this table")
        return {k: v for k, v in node.children() if k in allowed}

    def entries(self, node: Node | None) -> list[tuple[str, Node]]:
        """The entries of a table whose keys are free."""
        if node is None:
            return []
        if not isinstance(node.value, dict):
            self.refuse(node, f"{_plain(node)} is not a table", f"[{node.name}] and keys below it", "write a table")
            return []
        return list(node.children())

    def tables(self, node: Node | None) -> list[Node]:
        """The members of a list of tables."""
        if node is None:
            return []
        if not isinstance(node.value, list):
            self.refuse(
                node, "this is one value, not a list", f"[[{node.name}]] headings or a list", "use double brackets"
            )
            return []
        return list(node.value)

    def text(self, node: Node | None, default: str = "") -> str:
        """A text that is not empty, if it is there."""
        if node is None:
            return default
        if not isinstance(node.value, str) or not node.value.strip():
            self.refuse(
                node, f"{_plain(node)} is not a text", 'words between quotes: "..."', "write the text in quotes"
            )
            return default
        return node.value.strip()

    def truth(self, node: Node | None, default: bool) -> bool:
        """True or false."""
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.refuse(node, f"{_plain(node)} is neither true nor false", "true or false", "write true or false")
            return default
        return node.value

    def word(self, node: Node | None, allowed: Iterable[str], what: str, default: str = "") -> str:
        """One of a list of words."""
        if node is None:
            return default
        word = self.text(node)
        if word and word not in (words := list(allowed)):
            do = nearest(word, words, "see `tocsin explain`")
            self.refuse(node, f"unknown {what} {word!r}", f"one of {shortlist(words, 12)}", do)
            return ""
        return word

    def source(self, node: Node | None, fallback: str) -> str:
        """The source that stands at a number, or the one that covers it."""
        own = node.value.get("source") if node is not None and isinstance(node.value, dict) else None
        return self.text(own) if own is not None else fallback

    def figure(self, node: Node, number: Number, fallback: str) -> Figure:
        """A number with its source, written plainly or as { value, source }."""
        holder = node
        if isinstance(node.value, dict):
            inner = self.table(node, "figure", ("value",)).get("value")
            if inner is None:
                return Figure(math.nan, "?")
            holder = inner
        source = self.source(node, fallback)
        value = self.number(holder, number)
        if not source and not math.isnan(value):
            self.refuse(
                node,
                "a number without a source",
                '{ value = ..., source = "..." }',
                'say where it comes from; "assumed: why" is a source',
            )
        return Figure(value, source)

    def number(self, node: Node, number: Number) -> float:
        """A number in range, in its unit; nan after a fault."""
        try:
            value = quantities.parse(node.value, number.unit)
        except QuantityError as fault:
            self.refuse(node, fault.found, fault.expected, fault.do)
            return math.nan
        if number.whole and not value.is_integer():
            self.refuse(node, f"{_plain(node)} is not a whole number", "a whole number", "round it")
            return math.nan
        if not number.low <= value <= number.high:
            span = quantities.span(number.low, number.high, number.unit)
            self.refuse(node, f"{_plain(node)} is out of range", span, f"correct it: {number.doc or 'see explain'}")
            return math.nan
        return value


def _line(fault: TocsinError) -> tuple[str, int, int]:
    parts = fault.where.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return parts[0], int(parts[1]), int(parts[2])
    return fault.where, 0, 0


def _plain(node: Node) -> str:
    if isinstance(node.value, dict):
        return "a table"
    if isinstance(node.value, list):
        return "a list"
    return str(node.value).lower() if isinstance(node.value, bool) else repr(node.value)


def merge(base: Node, over: Node) -> Node:
    """A scenario on top of the one that it extends: tables join, named lists join by name, events are added."""
    entries = dict(base.value)
    for key, node in over.children():
        old = entries.get(key)
        if old is None or type(old.value) is not type(node.value):
            entries[key] = node
        elif isinstance(node.value, list):
            entries[key] = _join(old, node, by_name=key in NAMED)
        elif isinstance(node.value, dict) and not _is_figure(node.value):
            entries[key] = merge(old, node)
        else:
            entries[key] = node
    return Node(entries, over.where, over.name)


def _is_figure(entries: Mapping[str, Node]) -> bool:
    return "value" in entries or "prior" in entries


def _join(old: Node, new: Node, *, by_name: bool) -> Node:
    if not by_name:
        return Node([*old.value, *new.value], new.where, new.name)
    over = {_name(node): node for node in reversed(new.value)}
    kept = [merge(node, over[_name(node)]) if _name(node) in over else node for node in old.value]
    names = {_name(node) for node in old.value}
    added = [node for node in new.value if _name(node) not in names or over[_name(node)] is not node]
    return Node([*kept, *added], new.where, new.name)


def _name(node: Node) -> str:
    entry = node.value.get("name") if isinstance(node.value, dict) else None
    return str(entry.value) if entry is not None else ""
