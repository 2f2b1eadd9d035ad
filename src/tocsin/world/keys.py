"""Keys under which a process keeps what follows from a scenario alone.

Comparing or hashing a whole scenario costs more than most of what is kept. A scenario is frozen, and worlds of one
family share its large parts, so the same object means the same content; a key keeps it alive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from tocsin.scenario.scenario import Scenario

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Same(Generic[T]):
    """A key that equals only a key of the very same object."""

    it: T

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.it is other.it


@dataclass(frozen=True, eq=False)
class Asked:
    """A key of a scenario and a draw for what follows from `facts` alone, so that its variants share it."""

    scenario: Scenario
    draw: int
    facts: tuple[object, ...]

    def __hash__(self) -> int:
        return hash((self.draw, id(self.scenario.parameters), id(self.scenario.places)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and self.facts == other.facts
