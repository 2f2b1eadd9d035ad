"""The ladder: all published models in plain sight, and how to climb it.

A file of a model is imported when the model is used. In one process findings come as they are made; with a pool each
model is one task, and its findings come when it is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from tocsin.classics.declare import Classic, Effort, Finding, Picture
from tocsin.classics.kept import Kept, code_digest
from tocsin.errors import RunError, UsageError
from tocsin.experiments.rounds import Pool, carry_out
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
    """What came of one model. made, found: pieces of work that were computed, and that had been kept before."""

    name: str
    findings: tuple[Finding, ...] = field(repr=False)
    pictures: tuple[Picture, ...] = field(repr=False)
    seconds: float
    made: int
    found: int


Event = Begun | Finding | Replication


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
    with closing(carry_out([Task(name, terms) for name in names], whole, pool)) as done:
        for task, result in done:
            yield Begun(find(task.name))
            yield from result.findings
            yield result


@dataclass(frozen=True)
class Task:
    """One model to reproduce."""

    name: str
    terms: Terms

    def __str__(self) -> str:
        return f"the replication of {self.name}"


def whole(task: Task) -> Replication:
    """All of one model: what a worker does."""
    *_, last = _one(task.name, task.terms, None)
    assert isinstance(last, Replication)
    return last


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
    yield Replication(name, tuple(findings), pictures, time.monotonic() - begun, len(kept.made), len(kept.found))
