"""Scenarios by name or by file."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from tocsin.errors import ScenarioError
from tocsin.scenario.draft import merge, nearest, shortlist
from tocsin.scenario.own_code import extensions_of
from tocsin.scenario.own_named import recorded, refuse_missing
from tocsin.scenario.resolve import resolve
from tocsin.scenario.rules import warnings
from tocsin.scenario.scenario import Scenario
from tocsin.scenario.text import Node, parse, read

LIBRARY = "library:"
__all__ = ["load", "names", "warnings"]


def load(name_or_path: str | Path, mechanisms: str | Path | Iterable[str | Path] = ()) -> Scenario:
    """The resolved scenario of a library name ("kazakhstan-2022") or of a file; raises all faults together.

    mechanisms: files (.py) or modules with mechanisms of your own, to run beside the shipped ones. They are code: they
    run with your rights, and only because you name them here.
    """
    extensions = extensions_of(mechanisms)
    node, name, origin = _whole(str(name_or_path))
    refuse_missing(node, extensions)
    return resolve(node, name, origin, extensions)


def reread(path: Path) -> Scenario:
    """The scenario of stored runs. Own mechanisms are known as the file records them; their code is not looked for."""
    node, name, origin = _whole(str(path))
    return resolve(node, name, origin, recorded(node))


def _whole(text: str) -> tuple[Node, str, str]:
    """The tree with all that it extends, the name and the origin."""
    node, name, origin = _open(text, Path())
    return _extended(node, (origin,), Path(text).parent), name, origin


def names() -> dict[str, str]:
    """Name of every shipped scenario -> its title, in order of name."""
    return {name: _title(name) for name in _library()}


def _library() -> dict[str, Traversable]:
    files = sorted(resources.files("tocsin.library").iterdir(), key=lambda f: f.name)
    return {f.name.removesuffix(".toml"): f for f in files if f.name.endswith(".toml")}


def _title(name: str) -> str:
    node = parse(_library()[name].read_text(encoding="utf-8"), f"{name}.toml")
    title = node.value["scenario"].value["title"].value
    return str(title)


def _open(text: str, folder: Path) -> tuple[Node, str, str]:
    """The tree, the name and the origin of a scenario; a file is meant where there is a path or an ending."""
    name = text.removeprefix(LIBRARY)
    library = _library()
    if name in library and (text.startswith(LIBRARY) or not Path(text).is_file()):
        origin = f"{LIBRARY}{name}"
        return parse(library[name].read_text(encoding="utf-8"), f"{name}.toml"), name, origin
    if text.startswith(LIBRARY) or not _looks_like_file(text, folder):
        raise ScenarioError(
            f"there is no scenario {name!r}",
            expected=f"one of {shortlist(library)}, or a file",
            do=nearest(name, library, "see `tocsin scenarios`"),
        )
    path = folder / text
    return read(path), path.stem, str(path)


def _looks_like_file(text: str, folder: Path) -> bool:
    return text.endswith(".toml") or "/" in text or "\\" in text or (folder / text).exists()


def _extended(node: Node, seen: tuple[str, ...], folder: Path) -> Node:
    """A tree with the one that it extends underneath, and that one's too."""
    head = node.value.get("scenario")
    entry = head.value.get("extends") if head is not None and isinstance(head.value, dict) else None
    if entry is None:
        return node
    if not isinstance(entry.value, str) or not entry.value:
        raise ScenarioError(
            "scenario.extends: this is not a name",
            where=entry.where,
            expected='"library:NAME" or a file',
            do="write the name in quotes",
        )
    try:
        base, _, origin = _open(entry.value, folder)
    except ScenarioError as fault:
        where = entry.where if not fault.where else fault.where
        raise ScenarioError(fault.found, where=where, expected=fault.expected, do=fault.do) from None
    if origin in seen:
        raise ScenarioError(
            f"scenario.extends: {entry.value!r} extends this file in turn",
            where=entry.where,
            expected="a scenario that stands on its own in the end",
            do="break the circle",
        )
    base_folder = folder if origin.startswith(LIBRARY) else (folder / entry.value).parent
    return merge(_unnamed(_extended(base, (*seen, origin), base_folder)), node)


def _unnamed(node: Node) -> Node:
    """A scenario to build on: its own name and variant do not pass to the one above it."""
    head = node.value.get("scenario")
    if head is None or not isinstance(head.value, dict):
        return node
    entries = {k: v for k, v in head.value.items() if k not in ("name", "variant")}
    return Node({**node.value, "scenario": Node(entries, head.where, head.name)}, node.where, node.name)
