"""Mechanisms of one's own as a scenario holds them: what they declare and which code they are, but no code.

So that a scenario can travel, be stored and be read again without running anything; `own_code` has the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from tocsin.declare import Column, EventKind, Mechanism, Param

SHOWN = 16
"""Digits of a digest that are shown to people."""


@dataclass(frozen=True)
class Facts:
    """What one mechanism declares, as plain values; the fields are those of `declare.Mechanism`."""

    number: str
    name: str
    summary: str
    phase: str
    params: tuple[Param, ...]
    columns: tuple[Column, ...]
    events: tuple[EventKind, ...]
    reads: tuple[str, ...]
    sets: tuple[str, ...]
    draws: Mapping[str, str]
    uses: tuple[str, ...]
    switches: Mapping[str, str]

    @classmethod
    def of(cls, m: Mechanism) -> Facts:
        """Of a mechanism whose declarations have the right types (`own_faults.shape`)."""
        given = {f.name: getattr(m, f.name) for f in fields(cls)}
        events = tuple(replace(e, choices=dict(e.choices)) for e in m.events)
        lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
        return cls(**{**given, **lists, "events": events, "draws": dict(m.draws), "switches": dict(m.switches)})


@dataclass(frozen=True)
class Extension:
    """A file or module with mechanisms of somebody's own, in the order in which it defines them.

    file: what it is called ("friday.py" or "pkg.friday"); origin: the absolute path or the module's name, "" where only
    a record of it was read; digest: SHA-256 of its source, 64 hexadecimal digits.
    """

    file: str
    origin: str
    digest: str
    mechanisms: tuple[Facts, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its mechanisms."""
        return tuple(m.name for m in self.mechanisms)

    @property
    def recorded(self) -> str:
        """What it is called, if its code is not at hand."""
        return "" if self.origin else self.file

    def __str__(self) -> str:
        return f"{', '.join(self.names)} from {self.file} (sha256 {self.digest[:SHOWN]})"


Extensions = tuple[Extension, ...]
Declared = Mechanism | Facts
"""Whatever has the declarations of a mechanism."""


def shown(path: str | Path) -> str:
    """A path as messages show it: without the folder in which one works."""
    path, here = Path(path), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def file_of(origin: str) -> str:
    """What an origin is called: the name of a file without its folder, or the whole name of a module."""
    return Path(origin).name if origin.endswith(".py") else origin
