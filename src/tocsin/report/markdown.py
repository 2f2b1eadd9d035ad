"""Markdown from plain values: tables, quoted text and the docstrings of modules that need not be imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; "None." where there are no rows."""
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if not lines:
        return "None."
    return "\n".join([f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}", *lines])


def cell(text: str) -> str:
    """A text on one line, with nothing in it that Markdown would take for a mark; pairs of backticks stay code."""
    flat = " ".join(text.split()).replace("\\", "\\\\")
    for mark in "|*<>[" + "`" * (flat.count("`") % 2):
        flat = flat.replace(mark, f"\\{mark}")
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", flat) or " "


def names(words: Iterable[str]) -> str:
    """Names in a row, "none" where there are none."""
    return ", ".join(words) or "none"


def fence(text: str) -> str:
    """Text as it stands, equations and all."""
    return f"```text\n{text.strip()}\n```"


def docstring(module: str) -> str:
    """The docstring of a module by its full name, read and not imported; "" where there is none."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    return ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""
