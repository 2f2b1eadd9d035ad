"""Which runs of a store belong together: one small JSON file per ensemble or contrast, beside the runs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tocsin.errors import StoreError
from tocsin.experiments.design import Design, Slot
from tocsin.results.store import Store, explained
from tocsin.scenario.load import reread
from tocsin.scenario.scenario import Scenario

PAIRS, SQUARES = "experiments", "interactions"
"""Folders of a store: for ensembles and contrasts, and for interactions of four worlds."""


@dataclass(frozen=True)
class Side:
    """One world: what it is called, its scenario, and the key of each slot's run."""

    title: str
    name: str
    variant: str
    hash: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One ensemble (one side), contrast (two) or interaction (four), as asked for; some runs may not have been made."""

    worlds: tuple[Side, ...]
    slots: tuple[Slot, ...]
    seed: int
    seeds_per_draw: int

    @classmethod
    def of(
        cls,
        worlds: Sequence[Scenario],
        titles: Sequence[str],
        design: Design,
        slots: tuple[Slot, ...],
        keys: Sequence[tuple[str, ...]],
    ) -> Entry:
        """From what `perform` knows."""
        named = titles or [w.variant or w.name for w in worlds]
        sides = (Side(t, w.name, w.variant, w.hash, k) for t, w, k in zip(named, worlds, keys, strict=True))
        return cls(tuple(sides), slots, design.seed, design.seeds_per_draw)

    @property
    def folder(self) -> str:
        """The folder of its file."""
        return PAIRS if len(self.worlds) <= 2 else SQUARES

    @property
    def file(self) -> str:
        """The name of its file: the same for a longer ensemble of the same worlds and seeds."""
        text = json.dumps([[w.hash for w in self.worlds], self.seed, self.seeds_per_draw])
        return f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"


def note(store: Path, entry: Entry) -> None:
    """Write an entry; it becomes the newest of the store."""
    write_down(store, f"{entry.folder}/{entry.file}", asdict(entry))


def write_down(store: Path, name: str, content: Mapping[str, Any]) -> None:
    """Write a JSON file beside the runs, whole or not at all. name: FILE or FOLDER/FILE; what is no JSON is text."""
    final = store / name
    with explained(store, "written"):
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.with_name(f".tmp-{os.getpid()}-{final.name}")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                json.dump(content, file, indent=1, default=str)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)


def latest(store: Path, back: int = 0, folder: str = PAIRS) -> Entry:
    """The entry of a folder that was written last, or the one `back` entries before it."""
    with explained(store, "read"):
        files = sorted((store / folder).glob("[0-9a-f]*.json"), key=lambda p: p.stat().st_mtime_ns)
    if not files:
        raise StoreError(
            "no ensemble is noted here", where=str(store), expected="a folder that `tocsin run` has written",
            do="check the path, or start `tocsin run` with --store",
        )  # fmt: skip
    if not 0 <= back < len(files):
        raise StoreError(
            f"there is no ensemble {back} before the newest", where=str(store), expected=f"0 to {len(files) - 1}",
            do="choose a smaller number",
        )  # fmt: skip
    file = files[-1 - back]
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        worlds = tuple(Side(**{**side, "keys": tuple(side["keys"])}) for side in found["worlds"])
        return Entry(worlds, tuple(Slot(**s) for s in found["slots"]), found["seed"], found["seeds_per_draw"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise StoreError(
            "the list of runs cannot be read", where=str(file), expected="JSON as `tocsin run` writes it",
            do="start the same `tocsin run` again: it writes the list anew and keeps the runs",
        ) from fault  # fmt: skip


def reopened(store: Store, side: Side) -> Scenario:
    """The scenario of stored runs, from the text that was stored with them."""
    file = store.scenario_file(side.hash)
    if not file.exists():
        raise StoreError(
            "the scenario of these runs is missing", where=str(file), expected="the resolved scenario as TOML",
            do="start the same `tocsin run` again: it writes the scenario anew and keeps the runs",
        )  # fmt: skip
    scenario = replace(reread(file), name=side.name, variant=side.variant)
    if scenario.hash != side.hash:
        raise StoreError(
            "this file was changed, or written by another version of tocsin", where=str(file),
            expected=f"a scenario with hash {side.hash[:12]}, found {scenario.hash[:12]}",
            do="start the same `tocsin run` again in a fresh store",
        )  # fmt: skip
    return scenario
