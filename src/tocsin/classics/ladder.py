"""The ladder: all published models in plain sight, and how to climb it.

A file of a model is imported when the model is used. In one process findings come as they are made. With a pool each
model is one task, the longest first, and its findings come when it is done; a model that says into which parts its work
falls is as many tasks, and is put together at the end, when they are all kept.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path

from tocsin.classics.declare import Classic, Effort, Finding, Picture
from tocsin.classics.kept import Kept, code_digest
from tocsin.errors import RunError, UsageError
from tocsin.experiments.rounds import Each, Pool, carry_out
from tocsin.scenario.draft import nearest

MODULES = ("thresholds", "siegel", "regimes", "global_game", "epstein", "epstein2", "riots", "pillars", "moro")
"""The files of the ladder, easiest first; each ends with CLASSIC or CLASSICS."""


@dataclass(frozen=True)
class Terms:
    """How the ladder is climbed. folder: where finished pieces are kept."""

    full: bool
    folder: Path


@dataclass(frozen=True)
class Begun:
    """A model is taken up (in a pool: its findings follow at once)."""

    classic: Classic


@dataclass(frozen=True)
class Replication:
    """What came of one model.

    made, found: pieces of work that were computed, and that had been kept before; seconds: how long all of it took, its
    parts included; rest: without them.
    """

    name: str
    findings: tuple[Finding, ...] = field(repr=False)
    pictures: tuple[Picture, ...] = field(repr=False)
    seconds: float
    made: int
    found: int
    rest: float = 0.0


@dataclass(frozen=True)
class Portion:
    """A part of a model is done. made: names of pieces computed for it; seconds, declared: what it took and should."""

    name: str
    made: frozenset[str]
    seconds: float
    declared: float


Event = Begun | Finding | Portion | Replication


def load(module: str) -> tuple[Classic, ...]:
    """The models of one file."""
    try:
        held = vars(import_module(f"tocsin.classics.{module}"))
    except ModuleNotFoundError as fault:
        if fault.name != f"tocsin.classics.{module}":
            raise
        raise RunError(
            f"the published model in classics/{module}.py is missing",
            expected=f"the files {', '.join(MODULES)}",
            do="install tocsin again",
        ) from None
    return tuple(held["CLASSICS"]) if "CLASSICS" in held else (held["CLASSIC"],)


def classics() -> tuple[Classic, ...]:
    """All models in the order of their rungs."""
    return tuple(sorted((c for module in MODULES for c in load(module)), key=lambda c: c.rung))


def find(name: str) -> Classic:
    """The model of this name; files after it are not imported, and one before it that is missing does not matter."""
    return _found(name)[0]


def _found(name: str) -> tuple[Classic, str]:
    """A model and the file that holds it."""
    known: list[str] = []
    missing: RunError | None = None
    for module in MODULES:
        try:
            held = load(module)
        except RunError as fault:
            missing = fault
            continue
        for classic in held:
            if classic.name == name:
                return classic, module
            known.append(classic.name)
    if missing is not None:
        raise missing
    raise UsageError(
        f"no published model is called {name!r}",
        expected=f"one of {', '.join(known)}",
        do=nearest(name, known, "see `tocsin replicate --list`"),
    )


def digest_of(name: str) -> str:
    """SHA-256 of the code that a model is computed with."""
    return code_digest(f"tocsin.classics.{_found(name)[1]}")


def climb(
    names: Sequence[str], terms: Terms, pool: Pool | None = None, watch: Callable[[str], None] | None = None
) -> Generator[Event, None, None]:
    """Reproduce these models and yield what happens. watch: told the names of pieces, in one process only."""
    if pool is None:
        for name in names:
            yield from _one(name, terms, watch)
        return
    shared: defaultdict[str, list[Portion]] = defaultdict(list)
    with closing(carry_out(tasks_of(names, terms), Each(work), pool)) as done:
        for task, result in done:
            if isinstance(result, Portion):
                shared[task.name].append(result)
                yield result
            else:
                yield from _shown(result, ())
    for name, portions in shared.items():
        yield from _shown(_whole(name, terms), portions)


def tasks_of(names: Sequence[str], terms: Terms) -> list[Task]:
    """What a pool is given for these models, the longest first."""
    tasks = []
    for name in names:
        classic = find(name)
        parts = len(classic.parts(Effort(terms.full, Kept(terms.folder, name, "")))) if classic.parts else 0
        tasks += [Task(name, terms, classic.seconds / max(parts, 1), k) for k in range(parts) or (None,)]
    return sorted(tasks, key=lambda task: -task.seconds)


@dataclass(frozen=True)
class Task:
    """One model to reproduce, or one part of its work. seconds: what the full form takes, about."""

    name: str
    terms: Terms
    seconds: float
    part: int | None = None

    def __str__(self) -> str:
        return f"the replication of {self.name}" + ("" if self.part is None else f", part {self.part + 1}")


def work(task: Task) -> Portion | Replication:
    """All of one model, or one part: what a worker does."""
    return _whole(task.name, task.terms) if task.part is None else _portion(task, task.part)


def _portion(task: Task, part: int) -> Portion:
    """One part of a model's work, kept."""
    begun = time.monotonic()
    classic, module = _found(task.name)
    kept = Kept(task.terms.folder, task.name, code_digest(f"tocsin.classics.{module}"))
    assert classic.parts is not None
    classic.parts(Effort(task.terms.full, kept))[part]()
    return Portion(task.name, frozenset(kept.made), time.monotonic() - begun, task.seconds)


def _whole(name: str, terms: Terms) -> Replication:
    """All of one model, at once."""
    *_, last = _one(name, terms, None)
    assert isinstance(last, Replication)
    return last


def _shown(result: Replication, portions: Sequence[Portion]) -> Iterator[Event]:
    """A model that is finished; what its portions made has not been kept from before, and their time counts."""
    made, seconds = sum(len(p.made) for p in portions), sum(p.seconds for p in portions)
    yield Begun(find(result.name))
    yield from result.findings
    yield replace(result, made=result.made + made, found=result.found - made, seconds=result.seconds + seconds)


def _one(name: str, terms: Terms, watch: Callable[[str], None] | None) -> Iterator[Event]:
    """One model: that it begins, its findings as they are made, and the whole."""
    begun = time.monotonic()
    classic, module = _found(name)
    kept = Kept(terms.folder, name, code_digest(f"tocsin.classics.{module}"))
    kept.watch = watch or kept.watch
    effort = Effort(terms.full, kept)
    yield Begun(classic)
    findings: list[Finding] = []
    for finding in classic.check(effort):
        findings.append(finding)
        yield finding
    pictures = tuple(classic.pictures(effort)) if classic.pictures else ()
    seconds = time.monotonic() - begun
    yield Replication(name, tuple(findings), pictures, seconds, len(kept.made), len(kept.found), seconds)
