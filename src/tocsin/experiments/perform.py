"""Carry out a design: find what is already there, compute the rest in workers, keep every run as it finishes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tocsin.errors import Interrupted, RunError
from tocsin.experiments.design import Design, Shelf, Slot
from tocsin.experiments.executors import ProcessPool, carry_out, cores
from tocsin.experiments.ledger import Entry, note
from tocsin.results.journal import decode, decode_head, encode
from tocsin.results.record import Outcome, Run
from tocsin.results.store import Store, Writer
from tocsin.scenario.scenario import Scenario


@dataclass(frozen=True)
class Task:
    """What one worker does at a time: the same draw and seed in one or more worlds. share: on the same people."""

    scenarios: tuple[Scenario, ...]
    slot: Slot
    threads: int
    share: bool

    def __str__(self) -> str:
        return f"draw {self.slot.draw}, seed {self.slot.seed}"


def simulate_task(task: Task) -> list[Run]:
    """Run all worlds of a task; people are built once where they are the same."""
    from tocsin.engine.run import build, simulate

    draw, seed = task.slot.draw, task.slot.seed
    people = build(task.scenarios[0], draw, seed) if task.share else None
    runs = []
    for left, scenario in zip(range(len(task.scenarios) - 1, -1, -1), task.scenarios, strict=True):
        world = people.fork() if people is not None and left else people  # a run changes its people; the last one may
        runs.append(simulate(scenario, draw, seed, threads=task.threads, world=world))
    return runs


@dataclass(frozen=True)
class Machine:
    """What makes runs, so that something else can be put in its place.

    key: names a run; work: carries out a task, must be importable by a worker; warm: compiles; text: scenario as TOML.
    """

    key: Callable[[Scenario, int, int], str]
    work: Callable[[Task], list[Run]]
    warm: Callable[[Callable[[str], None]], object]
    text: Callable[[Scenario], str]
    preload: tuple[str, ...] = ()


def engine() -> Machine:
    """The real one; it loads no kernel before there is something to compute."""
    from tocsin.engine.digest import run_key
    from tocsin.scenario.write import to_toml

    return Machine(run_key, simulate_task, _warm, to_toml, ("tocsin.engine.run",))


def _warm(say: Callable[[str], None]) -> None:
    from tocsin.kernels.compile import warm

    warm(say)


@dataclass(frozen=True)
class Labour:
    """Who does the work. workers: processes (None: one per core; 1: this process); threads: of each run."""

    workers: int | None = None
    threads: int = 1
    machine: Machine | None = None


class Watch(Protocol):
    """What is told while runs are made."""

    def say(self, text: str) -> None:
        """One line for the reader, such as that kernels are being compiled."""

    def begin(self, total: int, kept: int) -> None:
        """There are `total` slots, and `kept` of them are there already."""

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """One more slot is done; how it ended in each world (None where it was there already)."""


class Silent:
    """A watch that says nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def begin(self, total: int, kept: int) -> None:
        """Nothing."""

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """Nothing."""


class Memory:
    """A shelf in this process, for ensembles without a store; runs are kept packed."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._packed

    def append(self, run: Run) -> None:
        """Keep a run."""
        self._packed[run.key] = encode(run)

    def runs(self, keys: Iterable[str]) -> Iterator[Run]:
        """Runs by key, unpacked one at a time."""
        return (decode(self._packed[key]) for key in keys)

    def heads(self, keys: Iterable[str]) -> list[dict[str, Any]]:
        """Everything but the arrays."""
        return [decode_head(self._packed[key]) for key in keys]


@dataclass(frozen=True)
class Done:
    """The outcome of `perform`: keys per world in slot order, and where to read them."""

    slots: tuple[Slot, ...]
    keys: tuple[tuple[str, ...], ...]
    shelf: Shelf


def perform(
    worlds: Sequence[Scenario],
    design: Design,
    store: str | Path | None = None,
    labour: Labour | None = None,
    watch: Watch | None = None,
    titles: Sequence[str] = (),
) -> Done:
    """Make the missing runs of all worlds. titles: how the worlds are called in the ledger of the store.

    Raises Interrupted on Ctrl-C, StoreError when the disk is full; what has finished is kept in both cases.
    """
    labour, watch = labour or Labour(), watch or Silent()
    machine = labour.machine or engine()
    slots = design.slots()
    keys = tuple(tuple(machine.key(w, s.draw, s.seed) for s in slots) for w in worlds)
    if store is None:
        memory = Memory()
        _fill(worlds, Done(slots, keys, memory), memory.append, machine, labour, watch, None)
        return Done(slots, keys, memory)
    with Writer(store) as writer:
        for line in writer.notes:
            watch.say(line)
        for world in worlds:
            writer.keep_scenario(world.hash, machine.text(world))
        note(writer.path, Entry.of(worlds, titles, design, slots, keys))
        _fill(worlds, Done(slots, keys, writer.store), writer.append, machine, labour, watch, Path(store))
    return Done(slots, keys, Store(store))


def _fill(
    worlds: Sequence[Scenario],
    plan: Done,
    keep: Callable[[Run], None],
    machine: Machine,
    labour: Labour,
    watch: Watch,
    store: Path | None,
) -> None:
    missing = [[k not in plan.shelf for k in column] for column in zip(*plan.keys, strict=True)]
    todo = [i for i, absent in enumerate(missing) if any(absent)]
    watch.begin(len(plan.slots), len(plan.slots) - len(todo))
    if not todo:
        return
    machine.warm(watch.say)
    share = same_people(worlds)
    tasks = {
        i: Task(tuple(w for w, m in zip(worlds, missing[i], strict=True) if m), plan.slots[i], labour.threads, share)
        for i in todo
    }
    where = {id(task): i for i, task in tasks.items()}
    width = min(labour.workers or cores(), len(todo))
    pool = ProcessPool(width, machine.preload) if width > 1 else None
    done = len(plan.slots) - len(todo)
    try:
        with closing(carry_out(tasks.values(), machine.work, pool)) as results:
            for task, runs in results:
                for run in runs:
                    keep(_expected(run, [column[where[id(task)]] for column in plan.keys]))
                done += 1
                ended = iter(r.outcome for r in runs)
                watch.step([next(ended) if m else None for m in missing[where[id(task)]]])
    except KeyboardInterrupt:
        raise _stopped(done, len(plan.slots), store) from None


def _expected(run: Run, keys: list[str]) -> Run:
    """The run itself, if it has one of the keys under which it will be looked for."""
    if run.key not in keys:
        raise RunError(
            f"run {run.key[:12]} is not the one that was asked for",
            expected=f"one of {', '.join(key[:12] for key in keys)}",
            do="the files of the model changed while runs were made: start the same command again",
        )
    return run


def _stopped(done: int, total: int, store: Path | None) -> Interrupted:
    if store is None:
        return Interrupted(
            f"stopped after {done} of {total} runs; none is kept", do="give a store to keep finished runs"
        )
    return Interrupted(
        f"stopped; {done} of {total} runs are kept", where=str(store), do="the same command computes only the rest"
    )


BUILT_FROM = ("places", "segments", "people_per_agent", "circle_size", "unit_size", "tick_hours", "days", "parameters")
"""Parts of the canonical scenario that a build may depend on."""


def same_people(worlds: Sequence[Scenario]) -> bool:
    """Whether all worlds are built from the same people and parameters, so that one build serves all."""
    forms = [w.canonical() for w in worlds]
    return all(form[part] == forms[0][part] for form in forms for part in BUILT_FROM)


def paired(a: Scenario, b: Scenario) -> bool:
    """Whether runs of the two can be compared one by one: the same places, people, thinning and tick (engine.md 2)."""
    mine, yours = ([(p.name, p.population, p.segments) for p in s.places] for s in (a, b))
    return mine == yours and (a.people_per_agent, a.tick_hours, a.start) == (b.people_per_agent, b.tick_hours, b.start)
