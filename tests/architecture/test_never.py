"""The list of what must never be written, read off the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

# Module -> why not. Chance comes from (seed, name, place, index, tick) alone; time from the clock of the run.
NEVER_IMPORTED = {
    "random": "chance is counter-based: a hidden generator breaks pairing and repeatability",
    "secrets": "as random",
    "uuid": "a run's name is the hash of what went into it",
    "pickle": "stored runs must open anywhere and must not run code",
}
NOT_IN_MECHANISMS = {
    "time": "a rule that knows the wall clock gives other bits tomorrow",
    "datetime": "the view's clock is the only one",
    "os": "a rule reads no environment",
    "numba": "rules are NumPy on small arrays; people are the kernel's",
    "scipy": "its last bits differ between builds; tocsin.exact has what rules need",
}
NEVER_CALLED = {
    "hasattr": "a declaration says what a thing has",
    "eval": "no code from text",
    "exec": "no code from text",
}
CHANGERS = frozenset(
    (
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "popitem",
        "clear",
        "update",
        "add",
        "discard",
        "setdefault",
        "sort",
    )
)


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and top-level name of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name.split(".")[0]) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, (node.module or "").split(".")[0]


def constant(name: str) -> bool:
    """Whether a module-level name says that it never changes."""
    return name.isupper() or name.startswith("__")


def changed_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every NAME that is changed in place: NAME[...] = , NAME.append(...), del NAME[...], NAME += ..."""
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = [t.value for t in node.targets if isinstance(t, ast.Subscript)]
        elif isinstance(node, ast.AugAssign):
            targets = [node.target.value if isinstance(node.target, ast.Subscript) else node.target]
        elif isinstance(node, ast.Delete):
            targets = [t.value for t in node.targets if isinstance(t, ast.Subscript)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGERS:
            targets = [node.func.value]
        yield from ((t.lineno, t.id) for t in targets if isinstance(t, ast.Name))


def test_no_hidden_chance(sources: Any) -> None:
    """Otherwise two worlds with the same seed would differ before their cause, and no contrast would be paired."""
    found = [f"{s.name}:{line} {name}" for s in sources for line, name in imported(s.tree) if name in NEVER_IMPORTED]
    found += [
        f"{s.name}:{n.lineno} {ast.unparse(n)}"
        for s in sources
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Attribute) and n.attr == "random" and ast.unparse(n.value) in ("np", "numpy")
    ]
    assert not found, "\n".join(found)


def test_mechanisms_see_only_their_view(sources: Any) -> None:
    """Otherwise a rule could depend on the day, the machine or the build, and its result could not be checked."""
    found = [
        f"{s.name}:{line} {name}: {NOT_IN_MECHANISMS[name]}"
        for s in sources
        if s.room == "mechanisms"
        for line, name in imported(s.tree)
        if name in NOT_IN_MECHANISMS
    ]
    assert not found, "\n".join(found)


def test_no_forbidden_calls(sources: Any) -> None:
    """Otherwise what a thing can do would be found out at run time instead of read in its declaration."""
    found = [
        f"{s.name}:{n.lineno} {n.func.id}: {NEVER_CALLED[n.func.id]}"
        for s in sources
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in NEVER_CALLED
    ]
    assert not found, "\n".join(found)


def test_super_only_hands_on_a_constructor(sources: Any) -> None:
    """Otherwise what a method does would depend on classes that its reader cannot see."""
    handed_on = {
        id(n.value) for s in sources for n in ast.walk(s.tree) if isinstance(n, ast.Attribute) and n.attr == "__init__"
    }
    found = [
        f"{s.name}:{n.lineno}"
        for s in sources
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Call) and ast.unparse(n.func) == "super" and id(n) not in handed_on
    ]
    assert not found, "\n".join(found)


def test_only_the_command_line_prints(sources: Any) -> None:
    """Otherwise a worker would write into the progress bar, and a library call would talk to the terminal."""
    found = [
        f"{s.name}:{n.lineno}"
        for s in sources
        if s.room not in ("cli", "web")
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print"
    ]
    assert not found, "\n".join(found)


def test_no_module_holds_state(sources: Any) -> None:
    """Otherwise the second run of a process would differ from the first."""
    found = []
    for s in sources:
        own = {
            t.id
            for n in s.tree.body
            if isinstance(n, ast.Assign | ast.AnnAssign)
            for t in (n.targets if isinstance(n, ast.Assign) else [n.target])
            if isinstance(t, ast.Name)
        }
        found += [f"{s.name}:{n.lineno} global" for n in ast.walk(s.tree) if isinstance(n, ast.Global)]
        found += [f"{s.name}:{line} {name}" for line, name in changed_names(s.tree) if name in own or constant(name)]
    assert not found, "\n".join(found)


def test_no_work_on_import(sources: Any) -> None:
    """Otherwise importing tocsin would take time, touch files or depend on who imports it first."""
    working = (ast.For, ast.While, ast.With, ast.Try, ast.Delete, ast.AugAssign)
    found = []
    for s in sources:
        for n in s.tree.body:
            call = isinstance(n, ast.Expr) and not isinstance(n.value, ast.Constant)
            if isinstance(n, working) or call:
                found.append(f"{s.name}:{n.lineno} {ast.unparse(n).splitlines()[0]}")
    assert not found, "\n".join(found)


def test_every_test_says_what_it_guards(test_sources: Any) -> None:
    """Otherwise nobody would know whether a failing test or the change is wrong."""
    found = [
        f"{s.name}:{f.lineno} {f.name}"
        for s in test_sources
        for f in s.functions()
        if f.name.startswith("test_") and f.name != "test_sources" and not ast.get_docstring(f)
    ]
    assert not found, "\n".join(found)
