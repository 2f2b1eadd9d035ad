"""The order of the house: what may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

FLOORS = (
    ("errors", "quantities", "declare", "state", "exact", "elementary", "compile", "library"),
    ("kernels",),
    ("mechanisms",),
    ("scenario", "results"),
    ("world",),
    ("engine",),
    ("experiments",),
    ("classics", "calibrate"),
    ("claims",),
    ("report",),
    ("web",),
    ("cli",),
    ("",),  # the package itself: a lazy shop window over all floors
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FILES_OF_FLOOR_0 = set(FLOORS[0])
ALLOWED = {
    ("mechanisms", "kernels"): False  # `check` and `explain` must stay light
}


def modules_named(node: ast.AST) -> Iterator[str]:
    """The modules of tocsin that an import statement names."""
    if isinstance(node, ast.Import):
        yield from (a.name for a in node.names if a.name.split(".")[0] == "tocsin")
    elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tocsin":
        assert node.level == 0
        yield from (f"{node.module}.{a.name}" for a in node.names)


def room_of(module: str) -> str:
    """`engine` for tocsin.engine.run.simulate."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOOR else ""


def not_on_import(tree: ast.Module) -> set[int]:
    """The lines that importing a file does not run: bodies of functions, and what is for the type checker only."""
    later = (ast.FunctionDef, ast.AsyncFunctionDef)
    blocks = [
        n
        for n in ast.walk(tree)
        if isinstance(n, later) or (isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test))
    ]
    return {line for b in blocks for s in b.body for line in range(s.lineno, (s.end_lineno or s.lineno) + 1)}


def may_import(above: str, below: str) -> bool:
    """The rule of the floors for two rooms."""
    if above == below or above == "":
        return True
    if above in FILES_OF_FLOOR_0 and below in FILES_OF_FLOOR_0:
        return True
    return FLOOR[below] < FLOOR[above] and ALLOWED.get((above, below), True)


def test_every_room_has_a_floor(sources: Any) -> None:
    """Otherwise a new folder could import anything and the order would be a story in a document."""
    assert {s.room for s in sources} <= set(FLOOR)


def test_imports_go_down(sources: Any) -> None:
    """Otherwise a mechanism could start to depend on the report, and no part could be read or tested alone."""
    upward = [
        f"{s.name}:{node.lineno} imports {module}"
        for s in sources
        for node in ast.walk(s.tree)
        for module in modules_named(node)
        if not may_import(s.room, room_of(module))
    ]
    assert not upward, "\n".join(upward)


def test_no_import_cycle(sources: Any) -> None:
    """Otherwise the order in which files are first imported would decide whether tocsin starts."""
    known = {s.module for s in sources}
    graph: dict[str, set[str]] = {}
    for s in sources:
        ignored = not_on_import(s.tree)
        named = {m for n in ast.walk(s.tree) if getattr(n, "lineno", 0) not in ignored for m in modules_named(n)}
        targets = {m if m in known else m.rpartition(".")[0] for m in named}
        graph[s.module] = {t for t in targets if t in known and t != s.module and t != "tocsin"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_mechanisms_do_not_know_each_other(sources: Any) -> None:
    """Otherwise switching one mechanism off could break another, and no ablation would mean anything."""
    named = [
        f"{s.name} imports {module}"
        for s in sources
        if s.module.startswith("tocsin.mechanisms.")
        for node in ast.walk(s.tree)
        for module in modules_named(node)
        if module.startswith("tocsin.mechanisms")
    ]
    assert not named, "\n".join(named)


def test_no_relative_imports(sources: Any) -> None:
    """Otherwise the two tests above would not see an import."""
    relative = [
        f"{s.name}:{n.lineno}" for s in sources for n in ast.walk(s.tree) if isinstance(n, ast.ImportFrom) and n.level
    ]
    assert not relative, "\n".join(relative)
