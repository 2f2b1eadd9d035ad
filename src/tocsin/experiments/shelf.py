"""Where finished runs are read from: a store, or the memory of this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tocsin.experiments.design import Slot
from tocsin.results.failures import Failed
from tocsin.results.journal import Packed, decode, decode_head
from tocsin.results.record import Run


class Shelf(Protocol):
    """Finished runs by key, and those that failed."""

    def __contains__(self, key: object) -> bool: ...

    @property
    def failed(self) -> Mapping[str, Failed]:
        """By key, the runs that could not be finished."""

    def runs(self, keys: Iterable[str]) -> Iterator[Run]:
        """Runs by key, one after another."""

    def each_head(self, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Everything but the arrays of runs, by key, one after another."""


class Memory:
    """A shelf in this process, for ensembles without a store; runs are kept packed."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._failed: dict[str, Failed] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._packed

    @property
    def failed(self) -> Mapping[str, Failed]:
        """By key, the runs that could not be finished."""
        return self._failed

    def append_packed(self, run: Packed) -> None:
        """Keep a run."""
        self._packed[run.key] = run.payload

    def append_failed(self, failed: Failed) -> None:
        """Keep the name of a run that could not be finished, and why."""
        self._failed[failed.key] = failed

    def runs(self, keys: Iterable[str]) -> Iterator[Run]:
        """Runs by key, unpacked one at a time."""
        return (decode(self._packed[key]) for key in keys)

    def each_head(self, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Everything but the arrays."""
        return (decode_head(self._packed[key]) for key in keys)


@dataclass(frozen=True)
class Done:
    """What there is of a design: keys per world in slot order, where to read them, and what failed.

    Slots of which a world has no run are left out in all worlds at once.
    """

    slots: tuple[Slot, ...]
    keys: tuple[tuple[str, ...], ...]
    shelf: Shelf
    failed: tuple[Failed, ...] = ()

    @classmethod
    def of(cls, slots: tuple[Slot, ...], keys: tuple[tuple[str, ...], ...], shelf: Shelf) -> Done:
        """What the shelf holds of these slots."""
        together = list(zip(*keys, strict=True))
        here = [i for i, mine in enumerate(together) if all(key in shelf for key in mine)]
        lost = shelf.failed
        failed = tuple(lost[key] for mine in together for key in mine if key in lost)
        if len(here) == len(slots):
            return cls(slots, keys, shelf, failed)
        return cls(
            tuple(slots[i] for i in here), tuple(tuple(column[i] for i in here) for column in keys), shelf, failed
        )
