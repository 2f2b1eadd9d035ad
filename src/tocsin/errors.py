"""Every way in which tocsin refuses, and the one grammar of its messages.

A message says where, what was found, what was expected and what to do. Nothing here imports tocsin.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where in a file something stands; line and column start at 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


class TocsinError(Exception):
    """A refusal with its four parts; `exit_code` is what the command line returns."""

    exit_code = 2

    def __init__(self, found: str, *, where: Place | str | None = None, expected: str = "", do: str = "") -> None:
        self.found, self.expected, self.do = found, expected, do
        self.where = str(where) if where is not None else ""
        super().__init__(self.message())

    def message(self) -> str:
        """The four parts, one to a line, empty parts left out."""
        head = f"{self.where}: {self.found}" if self.where else self.found
        lines = [head]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.do:
            lines.append(f"  do:       {self.do}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process with all four parts."""
        return _rebuild, (type(self), self.found, self.where, self.expected, self.do)


def _rebuild(kind: type[TocsinError], found: str, where: str, expected: str, do: str) -> TocsinError:
    return kind(found, where=where or None, expected=expected, do=do)


class UsageError(TocsinError):
    """A command or a call that cannot be understood."""


class QuantityError(TocsinError):
    """A number with a wrong, missing or unknown unit."""


class ScenarioError(TocsinError):
    """A scenario file that cannot be read or that contradicts itself."""


class ScenarioErrors(ScenarioError):
    """Several faults of one scenario, shown together."""

    def __init__(self, faults: list[TocsinError]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f.message() for f in faults))

    def __reduce__(self) -> tuple[object, ...]:
        return ScenarioErrors, (list(self.faults),)


class PlanError(TocsinError):
    """Mechanisms that do not fit together: an undeclared column, two unordered writers."""


class StoreError(TocsinError):
    """A run store that cannot be read, written or locked."""

    exit_code = 3


class RunError(TocsinError):
    """A simulation that could not finish."""

    exit_code = 4


class Interrupted(TocsinError):
    """The user pressed Ctrl-C; finished runs are kept."""

    exit_code = 130
