"""The run store: a folder of Parquet parts, a journal of the newest runs, and the scenarios they came from.

    tocsin-runs/journal.bin  parts/part-000001-<digits>.parquet  scenarios/<12 digits of the hash>.toml
                failed.jsonl  lock

One writer at a time; readers need no lock. A run is in the journal before it counts as finished, and it leaves the
journal only when the part that holds it is on the disk. A file that turns out damaged is renamed NAME.damaged when the
store is next written to, so that its runs are missing and made again. failed.jsonl lists runs that could not be
finished.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tocsin.errors import StoreError
from tocsin.results import tables
from tocsin.results.failures import Failed, FailedList
from tocsin.results.journal import Packed, Scan, decode, decode_head, frame, pack, scan
from tocsin.results.record import Run

PART_RUNS = 64
"""Finished runs in the journal at which they are moved into a part."""
KEPT_GROUPS = 4
"""Row groups that a reader holds in memory."""
KEPT_HEADS = 4
"""Parts whose heads a reader holds in memory."""
SYNC_SECONDS = 0.1
"""Shortest time between two fsyncs of the journal; runs are written through at once, so only a power cut can cost
the runs of this time."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a run lies: a part and a row, or a payload of the journal."""

    scenario_hash: str
    part: Path | None = None
    row: int = 0
    payload: bytes = b""


class Store:
    """A reader of a run store. `notes` says in plain words what was found broken and left out."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise StoreError(
                "no run store here",
                where=str(path),
                expected="a folder that `tocsin run` has written",
                do="check the path, or make runs first: tocsin run kazakhstan-2022 --store " + str(path),
            )
        self.notes: list[str] = []
        with explained(self.path, "read"):
            self._spots = self._index()
            self._failed = FailedList(self.path).read()
        self._groups: dict[tuple[Path, int], list[Run]] = {}

    def _index(self) -> dict[str, Spot]:
        spots: dict[str, Spot] = {}
        found = scan(_bytes(self.path / "journal.bin"))
        for _, payload in found.frames:
            head = decode_head(payload)
            spots[head["key"]] = Spot(head["scenario_hash"], payload=payload)
        if found.damaged:
            self.notes.append(f"journal.bin: {len(found.damaged)} damaged run(s) left out, the others are kept")
        if found.torn:
            self.notes.append("journal.bin: the last run was not written to its end and is left out")
        owners: dict[str, str] = {}  # one text per scenario, not one per run
        for part in sorted((self.path / "parts").glob("part-*.parquet")):
            try:
                rows = tables.part_index(part)
            except (OSError, ValueError) as fault:
                self.notes.append(f"{part.name}: cannot be read and is left out ({_short(fault)})")
                continue
            for row, (key, owner) in enumerate(rows):
                spots[key] = Spot(owners.setdefault(owner, owner), part, row)
        return spots

    @property
    def failed(self) -> dict[str, Failed]:
        """By key, the runs that could not be finished, less those that succeeded later."""
        return {key: one for key, one in self._failed.items() if key not in self._spots}

    def keys(self, scenario_hash: str | None = None) -> list[str]:
        """The keys of all stored runs, or of those of one scenario."""
        return [k for k, s in self._spots.items() if scenario_hash in (None, s.scenario_hash)]

    def hashes(self) -> list[str]:
        """The hashes of all scenarios that have runs, in order of their first run."""
        return list(dict.fromkeys(s.scenario_hash for s in self._spots.values()))

    def __contains__(self, key: object) -> bool:
        return key in self._spots

    def read(self, key: str) -> Run:
        """One run, bit for bit as it was stored."""
        spot = self._spots.get(key)
        if spot is None:
            raise StoreError(f"no run {key[:12]}", where=str(self.path), do="see which runs there are: Store.keys()")
        with explained(self.path, "read"):
            if spot.part is None:
                return decode(spot.payload)
            group, row = divmod(spot.row, tables.ROW_GROUP)
            try:
                return self._rows(spot.part, group)[row]
            except (KeyError, IndexError, TypeError, ValueError) as fault:
                raise StoreError(
                    f"run {key[:12]} cannot be read: the file is damaged",
                    where=str(spot.part),
                    do="start the same `tocsin run` again: it sets the file aside and computes its runs again",
                ) from fault

    def _rows(self, part: Path, group: int) -> list[Run]:
        """A row group; the last few are kept, since runs lie in the order in which they finished."""
        if (part, group) not in self._groups:
            while len(self._groups) >= KEPT_GROUPS:
                self._groups.pop(next(iter(self._groups)))
            self._groups[part, group] = list(tables.part_group(part, group))
        return self._groups[part, group]

    def runs(self, keys: Iterable[str] | None = None, *, scenario_hash: str | None = None) -> Iterator[Run]:
        """Runs by keys in their order, or all of a scenario; never more than a few groups in memory."""
        for key in self.keys(scenario_hash) if keys is None else keys:
            yield self.read(key)

    def heads(self, keys: Iterable[str]) -> list[dict[str, Any]]:
        """Everything but the arrays of these runs, in the same order (much quicker than `runs`)."""
        return list(self.each_head(keys))

    def each_head(self, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
        """As `heads`, one after another: quick where keys follow the order in which their runs were finished."""
        texts: dict[Path, list[str]] = {}
        for key in keys:
            spot = self._spots[key]
            if spot.part is None:
                yield decode_head(spot.payload)
                continue
            if spot.part not in texts:
                while len(texts) >= KEPT_HEADS:
                    texts.pop(next(iter(texts)))
                with explained(self.path, "read"):
                    texts[spot.part] = tables.part_heads(spot.part)
            yield json.loads(texts[spot.part][spot.row])

    def place(self, key: str, spot: Spot) -> None:
        """Note where a run lies now; for the writer."""
        self._spots[key] = spot

    def lose(self, failed: Failed) -> None:
        """Note that a run could not be finished; for the writer."""
        self._failed[failed.key] = failed

    def scenario_file(self, scenario_hash: str) -> Path:
        """The resolved scenario of these runs, as TOML."""
        return self.path / "scenarios" / f"{scenario_hash[:12]}.toml"


class Writer:
    """The one writer of a store; use it in a `with` statement, then every finished run survives whatever follows."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with explained(self.path, "made"):
            for folder in (self.path / "parts", self.path / "scenarios"):
                folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self.path)
        try:
            self._open()
        except BaseException:
            os.close(self._lock)
            raise

    def _open(self) -> None:
        self.notes: list[str] = []
        self._synced = 0.0
        with explained(self.path, "written"):
            for stray in (self.path / "parts").glob(".tmp-*"):
                stray.unlink()
            for part in sorted((self.path / "parts").glob("part-*.parquet")):
                if not _readable(part):
                    self._set_aside(part)
            found = scan(_bytes(self.path / "journal.bin"))
            self._journal = self._mended(found)
            self._failed_list = FailedList(self.path)
            self._failed_list.mend()
        self._fresh = [decode_head(payload)["key"] for _, payload in found.frames]
        self.store = Store(self.path)

    def _mended(self, found: Scan) -> int:
        """The journal, open at its end: a torn end is cut off; a damaged one is set aside and its sound runs kept."""
        path = self.path / "journal.bin"
        if found.damaged:
            temporary = path.with_name(".tmp-journal.bin")
            with temporary.open("wb") as file:
                file.write(b"".join(frame(payload) for _, payload in found.frames))
                file.flush()
                os.fsync(file.fileno())
            self._set_aside(path, len(found.damaged))  # a copy: at no moment is there no journal
            os.replace(temporary, path)
        elif found.torn:
            self.notes.append("journal.bin: the last run was not written to its end and is left out")
            os.truncate(path, found.end)
        journal = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        os.lseek(journal, 0, os.SEEK_END)
        return journal

    def _set_aside(self, path: Path, runs: int = 0) -> None:
        """Rename a damaged file so that nobody reads it again (copy the journal), and say so. runs: damaged ones."""
        aside = path.with_name(f"{path.name}.damaged")
        count = 1
        while aside.exists():
            count += 1
            aside = path.with_name(f"{path.name}.{count}.damaged")
        if runs:
            shutil.copyfile(path, aside)
        else:
            os.replace(path, aside)
        lost = f"{runs} run(s) of it are" if runs else "its runs are"
        self.notes.append(f"{path.name} is damaged and is kept as {aside.name}; {lost} computed again where needed")

    def append(self, run: Run) -> None:
        """Keep a finished run."""
        self.append_packed(pack(run))

    def append_packed(self, run: Packed) -> None:
        """Keep a finished run; a full disk undoes the half-written frame and raises StoreError."""
        start = os.lseek(self._journal, 0, os.SEEK_CUR)
        with explained(self.path, "written"):
            try:
                _write_all(self._journal, frame(run.payload))
                self._sync()
            except OSError:
                os.ftruncate(self._journal, start)
                os.lseek(self._journal, start, os.SEEK_SET)
                raise
        self.store.place(run.key, Spot(run.scenario_hash, payload=run.payload))
        self._fresh.append(run.key)
        if len(self._fresh) >= PART_RUNS:
            self.compact()

    def append_failed(self, failed: Failed) -> None:
        """Keep the name of a run that could not be finished, and why."""
        with explained(self.path, "written"):
            self._failed_list.append(failed)
        self.store.lose(failed)

    def _sync(self) -> None:
        if time.monotonic() - self._synced >= SYNC_SECONDS:
            os.fsync(self._journal)
            self._synced = time.monotonic()

    def compact(self) -> None:
        """Move the runs of the journal into a part; the journal is emptied only after the part is safe."""
        if not self._fresh:
            return
        with explained(self.path, "written"):
            os.fsync(self._journal)
            keys = list(dict.fromkeys(self._fresh))
            runs = [self.store.read(k) for k in keys]
            part = tables.write_part(self.path / "parts", self._next_number(), runs)
            os.ftruncate(self._journal, 0)
            os.fsync(self._journal)
            os.lseek(self._journal, 0, os.SEEK_SET)
        for row, run in enumerate(runs):
            self.store.place(run.key, Spot(run.scenario_hash, part, row))
        self._fresh.clear()

    def _next_number(self) -> int:
        taken = [int(p.name[5:11]) for p in (self.path / "parts").glob("part-*") if p.name[5:11].isdigit()]
        return max(taken, default=0) + 1

    def keep_scenario(self, scenario_hash: str, text: str) -> None:
        """Store the resolved scenario beside its runs; a file that says something else is set aside."""
        final = self.store.scenario_file(scenario_hash)
        if final.exists():
            if final.read_bytes() == text.encode():
                return
            self._set_aside(final)
        temporary = final.with_name(f".tmp-{os.getpid()}-{final.name}")
        with explained(self.path, "written"):
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, final)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None) -> None:
        try:
            self.compact()
        except StoreError:
            if fault is None:
                raise
        finally:
            os.close(self._journal)
            os.close(self._lock)


def _locked(path: Path) -> int:
    """Take the lock of the folder, or say which process holds it; the lock goes when its holder dies."""
    with explained(path, "locked"):
        handle = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 64).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise StoreError(
                f"another tocsin is writing here (process {holder})",
                where=str(path),
                expected="one writer at a time",
                do="wait until it has finished, or give this one a folder of its own: --store DIR",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


@contextmanager
def explained(path: Path, done: str) -> Iterator[None]:
    """Turn what the operating system refuses into a StoreError that says what to do."""
    try:
        yield
    except OSError as fault:
        if fault.errno in FULL:
            found, do = "no room left on the disk", "free some room, or --store DIR on another disk, then start again"
        elif fault.errno in DENIED:
            found, do = f"the run store cannot be {done}: permission denied", "choose a folder of your own: --store DIR"
        elif isinstance(fault, (FileExistsError, NotADirectoryError)):
            found, do = "this is a file, not a folder", "choose another folder: --store DIR"
        else:
            found, do = f"the run store cannot be {done}: {_short(fault)}", "check the disk, or use --store DIR"
        kept = " (finished runs are kept)" if done == "written" else ""
        raise StoreError(found, where=str(path), do=do + kept) from fault


def _readable(part: Path) -> bool:
    """Whether a part has the bytes that its name promises and an index that can be read."""
    if not tables.sound(part):
        return False
    try:
        return bool(tables.part_index(part))
    except (OSError, ValueError):
        return False


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _short(fault: BaseException) -> str:
    return str(getattr(fault, "strerror", None) or fault).splitlines()[0][:100]
