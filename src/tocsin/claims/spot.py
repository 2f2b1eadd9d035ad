"""Where a claim stands, and where each of its keys does, so that a later fault can still name its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from tocsin.errors import Place


class Spot(str):
    """The place of a claim as text. lines: key of the claim, "PART" or "PART.KEY" -> its place."""

    __slots__ = ("lines",)
    lines: Mapping[str, Place]

    def __new__(cls, text: str, lines: Mapping[str, Place]) -> Self:
        """A text that also knows the lines."""
        found = str.__new__(cls, text)
        found.lines = lines
        return found

    def __reduce__(self) -> tuple[type[Spot], tuple[str, Mapping[str, Place]]]:
        """Survive a copy and the way to another process."""
        return type(self), (str(self), self.lines)


def line_of(where: str, *keys: str) -> str:
    """The place of the first of these keys that is there, else of the claim; claims made in Python have none."""
    lines = where.lines if isinstance(where, Spot) else {}
    return next((str(lines[key]) for key in keys if key in lines), str(where))
