"""Reading the named variants of a file, as the changes that `vary` takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.errors import QuantityError
from tocsin.scenario import declared
from tocsin.scenario.draft import Reader, members
from tocsin.scenario.parts import POLICIES, Variant
from tocsin.scenario.schema import QUORUM
from tocsin.scenario.setpoints import off_names, read_setpoints
from tocsin.scenario.society import free_from
from tocsin.scenario.text import Node
from tocsin.state import RULES_OF_CONSENT


@dataclass(frozen=True)
class Known:
    """What variants may name: parts of the script to drop, optional parts to add; and when the run is."""

    parts: tuple[str, ...]
    optional: tuple[str, ...]
    start: datetime
    days: float


def read_variants(reader: Reader, node: Node | None, known: Known) -> dict[str, Variant]:
    """The named variants; what is dropped goes before what is added comes."""
    variants: dict[str, Variant] = {}
    for name, entry in reader.entries(node):
        entries = reader.table(entry, "variant", ("title", "why"))
        lists = {
            "drop": _words(reader, entries.get("drop"), known.parts, "part"),
            "drop_kinds": _words(
                reader, entries.get("drop_kinds"), tuple(declared.event_kinds(reader.extensions)), "event kind"
            ),
            "add": _words(reader, entries.get("add"), known.optional, "optional part"),
        }
        changes: dict[str, object] = {key: words for key, words in lists.items() if words}
        changes.update(_policy(reader, entries.get("policy"), known))
        changes.update(_alliance(reader, entries.get("alliance")))
        changes.update(read_setpoints(reader, entries.get("parameters"), complete=False))
        for group in off_names(reader, entries.get("off")):
            changes.update(dict.fromkeys(group, False))
        variants[name] = Variant(reader.text(entries.get("title")), reader.text(entries.get("why")), changes)
    return variants


def _words(reader: Reader, node: Node | None, allowed: tuple[str, ...], what: str) -> tuple[str, ...]:
    return tuple(reader.word(n, allowed, what) for n in members(node))


def _policy(reader: Reader, node: Node | None, known: Known) -> dict[str, object]:
    """The words as they stand; they are judged here, so that the fault has its line."""
    found: dict[str, object] = {}
    entries: Mapping[str, Node] = reader.table(node, "policy")
    for name in POLICIES:
        if name not in entries or not (text := reader.text(entries[name])):
            continue
        try:
            free_from(text, known.start, known.days)
        except QuantityError as fault:
            reader.refuse(entries[name], fault.found, fault.expected, fault.do)
        found[f"policy.{name}"] = text
    return found


def _alliance(reader: Reader, node: Node | None) -> dict[str, object]:
    entries = reader.table(node, "alliance")
    found: dict[str, object] = {}
    if "rule" in entries:
        found["alliance.rule"] = reader.word(entries["rule"], RULES_OF_CONSENT, "rule")
    if "quorum" in entries:
        found["alliance.quorum"] = reader.figure(entries["quorum"], QUORUM, "the rule itself").value
    return found
