"""The run store: what is finished stays, bit for bit, whatever happens to the process, the disk or the file."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import numpy as np
import pytest

from tests.invented_runs import run, scenario
from tocsin.errors import StoreError
from tocsin.results import store as store_module
from tocsin.results.failures import Failed
from tocsin.results.journal import MAGIC
from tocsin.results.record import Run
from tocsin.results.store import Store, Writer

WORLD = scenario(days=3.0)
RUNS = [run(WORLD, i, i) for i in range(6)]


def same(a: Run, b: Run) -> bool:
    """Equal in every field, arrays in kind, shape and bits."""
    for mine, yours in ((a.series, b.series), (a.national, b.national)):
        assert mine.keys() == yours.keys()
        assert all(mine[k].dtype == yours[k].dtype and np.array_equal(mine[k], yours[k]) for k in mine)
    assert a.state_digests.dtype == b.state_digests.dtype
    return np.array_equal(a.state_digests, b.state_digests) and a.head() == b.head()


def fill(folder: Path, runs: list[Run] = RUNS) -> None:
    with Writer(folder) as writer:
        for one in runs:
            writer.append(one)


def journal_only(folder: Path, runs: list[Run] = RUNS) -> Path:
    """A store as a killed process leaves it: everything in the journal."""
    writer = Writer(folder)
    for one in runs:
        writer.append(one)
    os.close(writer._journal)
    os.close(writer._lock)
    return folder / "journal.bin"


@pytest.mark.parametrize("compacted", [True, False])
def test_round_trip(tmp_path: Path, compacted: bool) -> None:
    """If it failed, a reopened run would not be the run that was made, and a result could not be checked."""
    fill(tmp_path) if compacted else journal_only(tmp_path)
    store = Store(tmp_path)
    assert all(same(store.read(r.key), r) for r in RUNS)
    assert [h["key"] for h in store.heads([r.key for r in RUNS[::-1]])] == [r.key for r in RUNS[::-1]]
    assert [r.key for r in store.runs(scenario_hash=WORLD.hash)] == store.keys(WORLD.hash)
    assert (len(list((tmp_path / "parts").iterdir())), store.notes) == (int(compacted), [])


def test_large_and_empty_numbers(tmp_path: Path) -> None:
    """If it failed, a count above two thousand million or a very short run would come back wrong."""
    short = run(scenario(days=0.25), 1, 1)
    fill(tmp_path, [RUNS[0], short])
    assert RUNS[0].series["force"].max() > 2**32
    assert same(Store(tmp_path).read(short.key), short)
    assert same(Store(tmp_path).read(RUNS[0].key), RUNS[0])


def test_parts_of_64(tmp_path: Path) -> None:
    """If it failed, a large ensemble would sit in one growing journal that a reader must hold in memory."""
    runs = [run(scenario(days=0.5), i, i) for i in range(store_module.PART_RUNS + 1)]
    fill(tmp_path, runs)
    store = Store(tmp_path)
    assert len(list((tmp_path / "parts").iterdir())) == 2
    assert (tmp_path / "journal.bin").stat().st_size == 0
    assert [r.draw for r in store.runs([r.key for r in runs])] == list(range(len(runs)))


@pytest.mark.parametrize("cut", [1, 20, 60, 1500])
def test_torn_last_frame(tmp_path: Path, cut: int) -> None:
    """If it failed, a power cut would cost more than the run that was being written, or pass unnoticed."""
    journal = journal_only(tmp_path)
    os.truncate(journal, journal.stat().st_size - cut)
    store = Store(tmp_path)
    assert [r.key for r in store.runs()] == [r.key for r in RUNS[:-1]]
    assert "last run" in store.notes[0]
    fill(tmp_path, RUNS[-1:])
    again = Store(tmp_path)
    assert set(again.keys()) == {r.key for r in RUNS}
    assert again.notes == []


def test_damage_in_the_middle(tmp_path: Path) -> None:
    """If it failed, one bad sector would cost all later runs, or a broken run would be read as a good one."""
    journal = journal_only(tmp_path)
    data = bytearray(journal.read_bytes())
    third = [m.start() for m in re.finditer(re.escape(MAGIC), data)][2]
    data[third + 500] ^= 1
    data[third + 10] ^= 64  # the length too
    journal.write_bytes(data)
    store = Store(tmp_path)
    assert [r.key for r in store.runs()] == [r.key for i, r in enumerate(RUNS) if i != 2]
    assert "1 damaged" in store.notes[0]
    with Writer(tmp_path) as writer:
        assert any("journal.bin is damaged and is kept as journal.bin.damaged; 1 run(s)" in n for n in writer.notes)
    assert len(Store(tmp_path).keys()) == len(RUNS) - 1
    assert (tmp_path / "journal.bin.damaged").read_bytes() == data


def test_damaged_part(tmp_path: Path) -> None:
    """If it failed, an unreadable part would make the whole store unreadable, or wrong numbers would be shown."""
    fill(tmp_path, RUNS[:3])
    fill(tmp_path, RUNS[3:])
    first, _ = sorted((tmp_path / "parts").iterdir())
    first.write_bytes(first.read_bytes()[:-9])
    assert [r.key for r in Store(tmp_path).runs()] == [r.key for r in RUNS[3:]]
    assert first.name in Store(tmp_path).notes[0]
    with Writer(tmp_path) as writer:
        assert f"{first.name} is damaged and is kept as {first.name}.damaged" in writer.notes[0]
        assert RUNS[0].key not in writer.store
        for one in RUNS[:3]:
            writer.append(one)
    again = Store(tmp_path)
    assert again.notes == []
    assert all(same(again.read(r.key), r) for r in RUNS)


def test_flipped_bits_of_a_part(tmp_path: Path) -> None:
    """If it failed, a bit lost on the disk would silently become a finding."""
    fill(tmp_path)
    (part,) = (tmp_path / "parts").iterdir()
    good = part.read_bytes()
    refused = 0
    for at in range(100, len(good), len(good) // 40):
        part.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        try:
            store = Store(tmp_path)
            assert store.notes or all(same(a, b) for a, b in zip(store.runs(), RUNS, strict=True))
            refused += bool(store.notes)
        except StoreError as fault:
            assert "start the same `tocsin run` again" in fault.do or "check the disk" in fault.do  # noqa: PT017
            refused += 1
    assert refused > 20


def test_killed_between_part_and_truncation(tmp_path: Path) -> None:
    """If it failed, a kill at the worst moment would make runs appear twice."""
    journal = journal_only(tmp_path)
    kept = journal.read_bytes()
    fill(tmp_path, [])
    journal.write_bytes(kept)
    assert sorted(Store(tmp_path).keys()) == sorted(r.key for r in RUNS)


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, a full disk would end in a traceback, or cost the runs that were finished before it."""
    real, room = os.write, [2]

    def full(handle: int, data: bytes) -> int:
        if len(data) > 1000 and (room := room_left()) < 0:
            return real(handle, data[:700]) if room == -1 else _no_room()
        return real(handle, data)

    def room_left() -> int:
        room[0] -= 1
        return room[0]

    def _no_room() -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.os, "write", full)
    with pytest.raises(StoreError, match="no room left on the disk") as caught:
        fill(tmp_path)
    assert "kept" in caught.value.do
    assert caught.value.exit_code == 3
    monkeypatch.undo()
    store = Store(tmp_path)
    assert (store.keys(), store.notes) == ([r.key for r in RUNS[:2]], [])
    fill(tmp_path)
    assert set(Store(tmp_path).keys()) == {r.key for r in RUNS}


def test_full_disk_for_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it failed, runs would be lost that had no room in a part but were safe in the journal."""

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.tables, "write_part", no_room)
    with pytest.raises(StoreError, match="no room"):
        fill(tmp_path)
    monkeypatch.undo()
    assert Store(tmp_path).keys() == [r.key for r in RUNS]


def test_two_writers(tmp_path: Path) -> None:
    """If it failed, two ensembles started in one folder would overwrite each other's runs."""
    with Writer(tmp_path), pytest.raises(StoreError) as caught:
        Writer(tmp_path)
    assert f"process {os.getpid()}" in caught.value.found
    assert "--store" in caught.value.do
    with Writer(tmp_path) as free:
        assert free.notes == []


def test_readers_need_no_lock(tmp_path: Path) -> None:
    """If it failed, nobody could look at the runs of an ensemble that is still at work."""
    with Writer(tmp_path) as writer:
        writer.append(RUNS[0])
        assert Store(tmp_path).keys() == [RUNS[0].key]


def test_not_a_store(tmp_path: Path) -> None:
    """If it failed, a wrong path would give a traceback instead of a hint."""
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(StoreError) as caught:
            Store(path)
        assert caught.value.do
    with pytest.raises(StoreError, match="a file, not a folder"):
        Writer(tmp_path / "file")
    fill(tmp_path / "new", [])
    with pytest.raises(StoreError, match="no run abc"):
        Store(tmp_path / "new").read("abc")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_forbidden_folder(tmp_path: Path) -> None:
    """If it failed, a folder of somebody else's would give a traceback."""
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="permission denied"):
        Writer(tmp_path / "runs")


def test_every_flipped_bit_is_set_aside(tmp_path: Path) -> None:
    """If it failed, a part with a lost bit would be trusted at the next start, and its runs not made again."""
    fill(tmp_path)
    (part,) = (tmp_path / "parts").iterdir()
    good = part.read_bytes()
    for at in range(0, len(good), len(good) // 23):
        part.write_bytes(good[:at] + bytes([good[at] ^ 16]) + good[at + 1 :])
        with Writer(tmp_path) as writer:
            assert writer.store.keys() == []
        (aside,) = (tmp_path / "parts").glob("*.damaged")
        aside.unlink()


def test_scenario_is_kept_whole(tmp_path: Path) -> None:
    """If it failed, stored runs could not be reopened without the file that they came from, or a damaged one stayed."""
    with Writer(tmp_path) as writer:
        file = writer.store.scenario_file(WORLD.hash)
        writer.keep_scenario(WORLD.hash, "as it is")
        file.write_text("as it i")
        writer.keep_scenario(WORLD.hash, "as it is")
        writer.keep_scenario(WORLD.hash, "as it is")
    assert file.read_text() == "as it is"
    assert file.with_name(f"{file.name}.damaged").read_text() == "as it i"


def test_failed_runs_are_listed(tmp_path: Path) -> None:
    """If it failed, a kill could make the list unreadable, or a run that failed once would count as failed for ever."""
    lost = [Failed(r.key, r.draw, r.seed, "as written", "no end in sight") for r in RUNS[:3]]
    with Writer(tmp_path) as writer:
        for one in lost:
            writer.append_failed(one)
    file = tmp_path / "failed.jsonl"
    file.write_bytes(file.read_bytes()[:-9])
    assert list(Store(tmp_path).failed.values()) == lost[:2]
    with Writer(tmp_path) as writer:
        writer.append_failed(lost[2])
        writer.append(RUNS[0])
    assert list(Store(tmp_path).failed.values()) == lost[1:]
