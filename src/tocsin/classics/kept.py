"""Finished pieces of the ladder in a folder, so that a second start computes only what is missing.

    pieces/epstein-2/3f2a...json    {"piece": its name, "digest": of the code, "answer": plain values}

A piece is known by the classic, its own name and the digest of the code that computes it; it is on the disk before it
counts as finished, and a file that is torn or of other code is computed again.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.errors import RunError, StoreError

_PACKAGE = Path(__file__).resolve().parent.parent


def _quiet(_: str) -> None:
    """Watch nothing."""


@dataclass
class Kept:
    """The finished pieces of one classic: a `Keep` for `Effort`.

    watch: told the name of a piece before it is made; made, found: names of pieces made here, and kept from before.
    """

    folder: Path
    classic: str
    digest: str
    watch: Callable[[str], None] = _quiet
    made: set[str] = field(default_factory=set, init=False)
    found: set[str] = field(default_factory=set, init=False)

    def __call__(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The kept answer of this piece, or that of `make`, which is kept.

        A fresh answer goes through the same text as a kept one, so that both starts see the same values.
        """
        path = self.folder / self.classic / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"
        known = self._read(path, name)
        if known is not None:
            self.found |= {name} - self.made
            return known
        self.watch(name)
        fresh = make()
        try:
            text = json.dumps({"piece": name, "digest": self.digest, "answer": fresh}, sort_keys=True)
        except TypeError as fault:
            raise RunError(
                f"the piece {name!r} of {self.classic} cannot be kept: {fault}",
                expected="numbers, words, lists and tables of Python, no arrays",
                do="this is a fault of tocsin: please report it",
            ) from fault
        write(path, text)
        self.made.add(name)
        answer: dict[str, Any] = json.loads(text)["answer"]
        return answer

    def _read(self, path: Path, name: str) -> dict[str, Any] | None:
        """The answer in a file, if it is whole and of this code."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            answer: dict[str, Any] = kept["answer"]
            same = (kept["piece"], kept["digest"]) == (name, self.digest)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return answer if same else None


def write(path: Path, text: str) -> None:
    """Put a whole file in place, or nothing."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as fault:
        with suppress(OSError):
            temporary.unlink()
        raise StoreError(
            f"cannot be written: {fault.strerror or fault}",
            where=str(path),
            expected="a folder in which files can be written, with some megabytes free",
            do="name another folder; what is finished is kept",
        ) from None


def finished_since(folder: Path, moment: float) -> int:
    """How many pieces were put into the folder after this moment (seconds of the clock of files)."""
    return sum(path.stat().st_mtime >= moment for path in folder.glob("*/*.json"))


def code_digest(module: str) -> str:
    """SHA-256 over the source of a module and of all of tocsin that it imports, however deep."""
    waiting, seen = [module], dict[Path, bytes]()
    while waiting:
        path = _source(waiting.pop())
        if path is not None and path not in seen:
            seen[path] = path.read_bytes()
            waiting.extend(_imported(ast.parse(seen[path])))
    h = hashlib.sha256()
    for path in sorted(seen):
        h.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode() + seen[path])
    return h.hexdigest()


def _imported(tree: ast.Module) -> Iterator[str]:
    """The modules of tocsin that a file names, wherever it imports them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("tocsin."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tocsin"):
            yield str(node.module)
            yield from (f"{node.module}.{a.name}" for a in node.names)


def _source(module: str) -> Path | None:
    """The file of a module of tocsin; None for the package itself and for names that are no modules."""
    parts = module.split(".")[1:]
    for path in (_PACKAGE.joinpath(*parts).with_suffix(".py"), _PACKAGE.joinpath(*parts, "__init__.py")):
        if parts and path.is_file():
            return path
    return None
