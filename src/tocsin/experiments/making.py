"""Make the runs that are missing: hand out tasks, keep each run as it finishes, end everything if too many fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import product, starmap
from pathlib import Path
from typing import NamedTuple, Protocol

from tocsin.errors import Interrupted, RunError
from tocsin.experiments.design import Slot
from tocsin.experiments.labour import Labour, Silent, Watch
from tocsin.experiments.rounds import Together, carry_out
from tocsin.experiments.shelf import Memory, Shelf
from tocsin.experiments.tasks import Machine, Packing, Result, Task, engine, given_up
from tocsin.results.failures import Failed
from tocsin.results.journal import Packed
from tocsin.results.record import Outcome
from tocsin.results.store import Store, Writer
from tocsin.scenario.scenario import Scenario


class Keeper(Protocol):
    """Where finished runs go."""

    def append_packed(self, run: Packed) -> None:
        """Keep a run."""

    def append_failed(self, failed: Failed) -> None:
        """Keep the name of a run that could not be finished, and why."""


class Cell(NamedTuple):
    """One run that is asked for: the numbers of its world and of its slot."""

    world: int
    slot: int


@dataclass(frozen=True)
class Wanted:
    """Runs that are asked for. keys: of each world's run in each slot; machine: what makes them."""

    worlds: Sequence[Scenario]
    slots: tuple[Slot, ...]
    keys: tuple[tuple[str, ...], ...]
    machine: Machine

    @classmethod
    def of(cls, worlds: Sequence[Scenario], slots: tuple[Slot, ...], labour: Labour) -> Wanted:
        """All worlds in all slots."""
        machine = labour.machine or engine()
        return cls(worlds, slots, tuple(tuple(machine.key(w, s.draw, s.seed) for s in slots) for w in worlds), machine)

    def cells(self, *, by_world: bool) -> list[Cell]:
        """All runs, each key once: worlds that share a layout next to each other, in them slot by slot or by world.

        Runs lie in the store in this order, so that what is read together should be next to each other.
        """
        alike: dict[str, list[int]] = {}
        for number, world in enumerate(self.worlds):
            alike.setdefault(world.layout, []).append(number)
        found: dict[str, Cell] = {}
        for group in alike.values():
            slots = range(len(self.slots))
            pairs = product(group, slots) if by_world else ((w, s) for s, w in product(slots, group))
            for cell in starmap(Cell, pairs):
                found.setdefault(self.keys[cell.world][cell.slot], cell)
        return list(found.values())


def make(
    wanted: Wanted,
    labour: Labour,
    watch: Watch | None = None,
    store: str | Path | None = None,
    *,
    singly: bool = False,
    prepare: Callable[[Writer], None] = lambda _: None,
) -> Shelf:
    """Make what is missing, in memory or in a store, and say where to read it.

    singly: runs are counted and shown one by one, not slot by slot with all worlds; prepare: what else is written to
    the store before the work begins. A run that fails is listed and the rest goes on. Raises RunError when too many
    fail, Interrupted on Ctrl-C, StoreError when the disk is full; what has finished is kept in all cases.
    """
    watch = watch or Silent()
    if store is None:
        memory = Memory()
        _Making(wanted, memory, memory, labour, watch, singly).go()
        return memory
    with Writer(store) as writer:
        for line in writer.notes:
            watch.say(line)
        prepare(writer)
        _Making(wanted, writer.store, writer, labour, watch, singly, str(store)).go()
    return Store(store)


def refuse_if_none(made: bool, failed: Sequence[Failed]) -> None:
    """Refuse to go on when nothing was made and something failed."""
    if failed and not made:
        raise RunError(f"no run could be finished\n{failed[0].message}", do="mend the fault, then start again")


@dataclass
class _Making:
    """One call's work. total and done count runs or slots, and `lost` names those by key or number.

    endings: of slots of which some runs are done -> how each ended; left: runs that are missing in each slot.
    """

    wanted: Wanted
    shelf: Shelf
    keeper: Keeper
    labour: Labour
    watch: Watch
    singly: bool
    store: str = ""
    done: int = 0
    total: int = 0
    lost: dict[str | int, str] = field(default_factory=dict)
    todo: list[Cell] = field(default_factory=list)
    left: Counter[int] = field(default_factory=Counter)
    endings: dict[int, list[Outcome | None]] = field(default_factory=dict)

    def go(self) -> None:
        """Make what is missing."""
        keys = self.wanted.keys
        lost = {} if self.labour.retry else self.shelf.failed
        self.total = len({key for row in keys for key in row}) if self.singly else len(self.wanted.slots)
        self.lost = {self._counted(i, k): lost[k].message for row in keys for i, k in enumerate(row) if k in lost}
        self._refuse_if_too_many()
        self.todo = [
            c
            for c in self.wanted.cells(by_world=self.singly)
            if self._key(c) not in self.shelf and self._key(c) not in lost
        ]
        self.left = Counter(cell.slot for cell in self.todo)
        self.done = self.total - (len(self.todo) if self.singly else len(self.left))
        self.watch.begin(self.total, self.done)
        if self.todo:
            self._work()

    def _key(self, cell: Cell) -> str:
        return self.wanted.keys[cell.world][cell.slot]

    def _work(self) -> None:
        machine = self.wanted.machine
        machine.warm(self.watch.say)
        pool = self.labour.pool(len(self.todo), machine, self.watch.say)
        made = carry_out(
            self._tasks(), Packing(machine.work), pool, together=self._together(), say=self.watch.say, give_up=given_up
        )
        try:
            with closing(made) as results:
                for task, result in results:
                    self._take(self.todo[task.number], result)
        except KeyboardInterrupt:
            raise self._stopped() from None

    def _together(self) -> Together:
        """How many runs are stepped together: as many as the memory of a worker holds, and a second or so of work."""
        heaviest = max({cell.world for cell in self.todo}, key=lambda world: self.wanted.worlds[world].agents)
        return self.labour.together(self.wanted.worlds[heaviest], len(self.todo))

    def _tasks(self) -> Iterator[Task]:
        """One per run, when it is asked for."""
        for number, (world, slot) in enumerate(self.todo):
            yield Task(number, self.wanted.worlds[world], self.wanted.slots[slot], self.labour.threads)

    def _take(self, cell: Cell, result: Result) -> None:
        """Keep what a task gave; end everything if too many have failed."""
        endings = self.endings.setdefault(cell.slot, [None] * len(self.wanted.worlds))
        if isinstance(result, Packed):
            self.keeper.append_packed(_expected(result, self._key(cell)))
            endings[cell.world] = result.outcome
        else:
            self._note(cell, result.message)
        self.left[cell.slot] -= 1
        if self.singly or not self.left[cell.slot]:
            self.done += 1
            self.watch.step([endings[cell.world]] if self.singly else self.endings.pop(cell.slot))
        self._refuse_if_too_many()

    def _note(self, cell: Cell, message: str) -> None:
        key, slot = self._key(cell), self.wanted.slots[cell.slot]
        name = self.wanted.worlds[cell.world].variant or "as written"
        self.keeper.append_failed(Failed(key, slot.draw, slot.seed, name, message))
        if not self.lost:
            self.watch.say(f"{message}\nThis run is listed as failed; the others go on.")
        self.lost[self._counted(cell.slot, key)] = message

    def _counted(self, slot: int, key: str) -> str | int:
        return key if self.singly else slot

    def _refuse_if_too_many(self) -> None:
        most = self.labour.may_fail(self.total)
        if len(self.lost) > most:
            raise RunError(
                f"{len(self.lost)} of {self.total} runs failed; the first: {next(iter(self.lost.values()))}",
                expected=f"at most {most}",
                do="mend the fault, then start again with --retry: finished runs are kept",
            )

    def _stopped(self) -> Interrupted:
        """What the watch counted, and the runs of all worlds where it counts slots."""
        counted = f"{self.done} of {self.total} runs"
        if not self.store:
            return Interrupted(f"stopped after {counted}; none is kept", do="give a store to keep finished runs")
        held = sum(key in self.shelf for key in {key for row in self.wanted.keys for key in row})
        worlds = f", {held} in all {len(self.wanted.worlds)} worlds" if not self.singly and held != self.done else ""
        return Interrupted(
            f"stopped; {counted} are kept{worlds}", where=self.store, do="the same command computes only the rest"
        )


def _expected(run: Packed, key: str) -> Packed:
    """The run itself, if it has the key under which it will be looked for."""
    if run.key != key:
        raise RunError(
            f"run {run.key[:12]} is not the one that was asked for", expected=f"run {key[:12]}",
            do="the files of the model changed while runs were made, or a worker has another tocsin: start again",
        )  # fmt: skip
    return run
