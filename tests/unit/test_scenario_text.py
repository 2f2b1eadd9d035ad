"""Where things stand in a scenario file, and that no file however broken ends in a traceback."""

from __future__ import annotations

import contextlib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import TocsinError
from tocsin.scenario.draft import merge
from tocsin.scenario.load import load
from tocsin.scenario.resolve import resolve
from tocsin.scenario.text import Node, parse

SHIPPED = resources.files("tocsin.library").joinpath("kazakhstan-2022.toml").read_text(encoding="utf-8")
SMALL = (Path(__file__).parent.parent / "golden" / "base.toml").read_text(encoding="utf-8")
STATES = (Path(__file__).parent.parent / "golden" / "states.toml").read_text(encoding="utf-8")
JUNK = st.one_of(
    st.none(), st.booleans(), st.just(10**400), st.dates(), st.datetimes(),
    st.sampled_from(["all", "rest", "9999-12-31"]),
    st.integers(), st.floats(), st.text(max_size=8),
    st.just([]), st.just({}), st.lists(st.integers(), max_size=2),
)  # fmt: skip


def _leaves(node: Node) -> list[Node]:
    if isinstance(node.value, dict):
        return [leaf for child in node.value.values() for leaf in _leaves(child)]
    if isinstance(node.value, list):
        return [leaf for child in node.value for leaf in _leaves(child)]
    return [node]


def test_positions_of_a_whole_file() -> None:
    """A message about the shipped scenario would point to another line."""
    lines = SHIPPED.splitlines()
    for leaf in _leaves(parse(SHIPPED, "x")):
        assert leaf.where.line is not None
        shown = str(leaf.value).lower() if isinstance(leaf.value, bool) else str(leaf.value)
        line = lines[leaf.where.line - 1]
        assert shown.replace('"', '\\"') in line or str(leaf.value) in line.replace("_", "")


@pytest.mark.parametrize(
    ("text", "key", "line", "column"),
    [
        ("a = 1\nb = 2", "b", 2, 1),
        ('a = """x\ny"""\nb = 2', "b", 3, 1),
        ("a = [1, # one\n 2]\nb = 2", "b", 3, 1),
        ("[t]\nx = 1\n[[u]]\ny = 1\n[[u]]\ny = 2", "u", 3, 1),
        ('"b c" = 1', "b c", 1, 1),
        ("a = { b = 1 }\n  c = 3", "c", 2, 3),
        ("a = 1\r\nb = 2\r\n", "b", 2, 1),
        ("'q' = '''\nb = 1\n'''\nb = 2", "b", 4, 1),
    ],
)
def test_positions(text: str, key: str, line: int, column: int) -> None:
    """A message would name the wrong line after a long text, a comment or a list."""
    where = parse(text, "x").value[key].where
    assert (where.line, where.column) == (line, column)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(SMALL)))
def test_truncated_anywhere(end: int) -> None:
    """A file cut off by a full disk would end in a traceback."""
    with contextlib.suppress(TocsinError):
        resolve(parse(SMALL[:end], "x.toml"), "x", "x")


def _replaced(node: Node, path: list[str | int], junk: object) -> Node:
    if not path:
        return _node(junk, node)
    key, rest = path[0], path[1:]
    copy: Any = dict(node.value) if isinstance(node.value, dict) else list(node.value)
    copy[key] = _replaced(node.value[key], rest, junk)
    return Node(copy, node.where, node.name)


def _node(value: object, like: Node) -> Node:
    if isinstance(value, dict):
        return Node({k: _node(v, like) for k, v in value.items()}, like.where, like.name)
    if isinstance(value, list):
        return Node([_node(v, like) for v in value], like.where, like.name)
    return Node(value, like.where, like.name)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        found += _paths(child, (*path, key))
    return found


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(_paths(tomllib.loads(SMALL))), JUNK)
def test_junk_anywhere(path: tuple[str | int, ...], junk: object) -> None:
    """A value of an unexpected type anywhere in a file would end in a traceback."""
    root = _replaced(parse(SMALL, "x.toml"), list(path), junk)
    with contextlib.suppress(TocsinError):
        resolve(root, "x", "x")


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {k: _plain(v) for k, v in node.value.items()}
    return [_plain(v) for v in node.value] if isinstance(node.value, list) else node.value


def _layered() -> Node:
    return merge(parse(SMALL, "x.toml"), parse(STATES, "x.toml"))


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(_paths(_plain(_layered()))), JUNK)
def test_junk_among_states(path: tuple[str | int, ...], junk: object) -> None:
    """If it failed, a wrong value in a state, a faction or a policy would end in a traceback."""
    with contextlib.suppress(TocsinError):
        resolve(_replaced(_layered(), list(path), junk), "x", "x")


def test_windows_line_ends(tmp_path: Path) -> None:
    """The same scenario saved on Windows would be another one."""
    (tmp_path / "a.toml").write_bytes(SMALL.encode())
    (tmp_path / "b.toml").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(tmp_path / "a.toml").hash == load(tmp_path / "b.toml").hash
