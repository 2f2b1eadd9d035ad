"""[[mechanism]] in a file: which mechanisms of somebody's own it needs, and the record that a resolved one keeps.

A file never makes code run. What it names must have been given by the person who starts, under the same name and, where
the file has a digest, with the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from tocsin.declare import Column, EventKind, Param, Prior
from tocsin.scenario.draft import Reader
from tocsin.scenario.own import SHOWN, Extension, Extensions, Facts, file_of
from tocsin.scenario.text import Node

SECTION = "mechanism"


def refuse_missing(root: Node, given: Extensions) -> None:
    """Refuse a file that needs what was not given, or other code under the same name."""
    reader = Reader()
    for node, entries in _needs(reader, root):
        file, digest = reader.text(entries.get("file")), reader.text(entries.get("digest"))
        same = [e.digest for e in given if file_of(file) in (e.file, e.origin)]
        if file and not same:
            do = f"if you trust that code: --mechanism {file} (in Python, mechanisms=[{file!r}])"
            reader.refuse(
                node,
                f"this scenario needs mechanisms of {file}, code that you have not named",
                "code is named by you, never by a file",
                do,
            )
        elif same and digest and digest not in same:
            found = f"this scenario was made with other code: {file} here has sha256 {same[0][:SHOWN]}"
            do = "give the file as it was, or remove the digest"
            reader.refuse(entries["digest"], found, f"sha256 {digest[:SHOWN]}", do)
    reader.finish()


def recorded(root: Node) -> Extensions:
    """The mechanisms of a stored scenario as it records them, without their code."""
    reader, found = Reader(), list[Extension]()
    for node, entries in _needs(reader, root):
        try:
            facts = tuple(_facts(_plain(n)) for n in entries["declares"].value)
            found.append(Extension(reader.text(entries["file"]), "", reader.text(entries["digest"]), facts))
        except (KeyError, TypeError, AttributeError):
            do = "start the same `tocsin run` again in a fresh store"
            reader.refuse(
                node, "the record of these mechanisms is damaged", "file, digest and declares, as written", do
            )
    reader.finish()
    return tuple(found)


def _needs(reader: Reader, root: Node) -> Iterator[tuple[Node, dict[str, Node]]]:
    section = root.value.get(SECTION)
    for node in reader.tables(section):
        yield node, reader.table(node, SECTION, ("file",))


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.children()}
    return [_plain(child) for child in node.value] if isinstance(node.value, list) else node.value


def _facts(given: dict[str, Any]) -> Facts:
    lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    params = tuple(Param(**{**p, "prior": Prior(**p["prior"])}) for p in given["params"])
    columns, events = (
        tuple(kind(**x) for x in given[key]) for kind, key in ((Column, "columns"), (EventKind, "events"))
    )
    return Facts(**{**given, **lists, "params": params, "columns": columns, "events": events})


def record(extension: Extension, quote: Callable[[str], str]) -> Iterator[str]:
    """An extension as a file keeps it: enough to read every number of the scenario without the code."""
    yield f"[[{SECTION}]]"
    yield f"file = {quote(extension.file)}"
    yield f"digest = {quote(extension.digest)}"
    yield "declares = ["
    yield from (f"  {_inline(asdict(m), quote)}," for m in extension.mechanisms)
    yield "]"


def _inline(value: Any, quote: Callable[[str], str]) -> str:
    """A plain value on one line of TOML."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{quote(k)} = {_inline(v, quote)}' for k, v in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inline(v, quote) for v in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return quote(value) if isinstance(value, str) else repr(value)
