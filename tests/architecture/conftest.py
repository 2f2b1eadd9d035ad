"""The source tree as parsed files, for tests that read code instead of running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One parsed file; `name` is its path from the repository's root, with slashes."""

    name: str
    module: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder or file of the package that it belongs to: `engine`, `errors`, or `` for the package itself."""
        parts = self.module.split(".")
        return parts[1] if len(parts) > 1 and parts[1] != "__main__" else ""

    def functions(self) -> Iterator[Definition]:
        """Every function and method, nested ones too."""
        return (n for n in ast.walk(self.tree) if isinstance(n, Definition))


def read(path: Path, root: Path, package: Path) -> Source:
    """Parse one file."""
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(package).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Source(path.relative_to(root).as_posix(), module, text, ast.parse(text, filename=str(path)))


@pytest.fixture(scope="session")
def sources(repo: Path) -> tuple[Source, ...]:
    """The package."""
    return tuple(read(p, repo, repo / "src") for p in sorted((repo / "src/tocsin").rglob("*.py")))


@pytest.fixture(scope="session")
def test_sources(repo: Path) -> tuple[Source, ...]:
    """The tests."""
    return tuple(read(p, repo, repo) for p in sorted((repo / "tests").rglob("*.py")))
