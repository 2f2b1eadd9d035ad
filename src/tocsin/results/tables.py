"""Parquet parts: up to 64 runs in one file, one row per run, written whole or not at all.

A part is called part-000001-<16 digits>.parquet; the digits are the first of the SHA-256 of its bytes.

Columns: what a reader wants to filter by, `head` (JSON, everything but the arrays), and one list per recorded series,
place by place and tick by tick within a place. Whole numbers are delta-packed and compressed with zstd.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.results.journal import arrays_of, assemble, checked, head_text
from tocsin.results.record import Run

ROW_GROUP = 8
NAME = re.compile(r"part-(\d{6})-([0-9a-f]{16})\.parquet")
KEYS = ("key", "scenario_hash", "variant", "model_digest", "draw", "seed", "outcome", "day", "fallen")


def write_part(folder: Path, number: int, runs: Sequence[Run]) -> Path:
    """Write a part beside the others: temporary file, fsync, rename, fsync of the folder."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".tmp-{os.getpid()}-{number:06d}.parquet"
    table = _table(runs)
    lists = [c for c in table.column_names if c.startswith(("place_", "nation_", "abroad_"))]
    try:
        with temporary.open("wb") as file:
            pq.write_table(
                table,
                file,
                row_group_size=ROW_GROUP,
                compression="zstd",
                compression_level=1,
                use_dictionary=["scenario_hash", "variant", "model_digest", "outcome"],
                column_encoding={f"{c}.list.element": "DELTA_BINARY_PACKED" for c in lists},
                write_page_checksum=True,
            )
            file.flush()
            os.fsync(file.fileno())
        final = folder / f"part-{number:06d}-{digits(temporary)}.parquet"
        os.replace(temporary, final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return final


def digits(path: Path) -> str:
    """The first 16 digits of the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def sound(path: Path) -> bool:
    """Whether a part has the bytes that its name promises; one whose name promises none is judged when it is read."""
    promised = NAME.fullmatch(path.name)
    return promised is None or promised.group(2) == digits(path)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _table(runs: Sequence[Run]) -> Any:
    import pyarrow as pa

    rows = [_filters(r) for r in runs]
    columns: dict[str, Any] = {name: pa.array([row[name] for row in rows]) for name in KEYS}
    columns["head"] = pa.array([head_text(r) for r in runs])
    arrays = [arrays_of(r) for r in runs]
    for name in sorted({n for a in arrays for n in a}):
        columns[name] = _lists([a.get(name) for a in arrays])
    return pa.table(columns)


def _filters(run: Run) -> dict[str, Any]:
    return {
        "key": run.key,
        "scenario_hash": run.scenario_hash,
        "variant": run.variant,
        "model_digest": run.model_digest,
        "draw": run.draw,
        "seed": run.seed,
        "outcome": run.outcome.kind,
        "day": run.outcome.day,
        "fallen": run.outcome.fallen,
    }


def _lists(values: Sequence[NDArray[Any] | None]) -> Any:
    """One list per run; [T, P] is stored place by place, which packs best. int32 where all fit, else int64."""
    import pyarrow as pa

    flat = [np.zeros(0, np.int64) if v is None else np.ascontiguousarray(v.T).ravel() for v in values]
    joined = np.concatenate(flat)
    if joined.dtype.kind == "u":
        joined = joined.view(np.int64)  # the packing knows signed numbers only; read back as the same bits
    elif joined.size == 0 or (joined.min() >= -(2**31) and joined.max() < 2**31):
        joined = joined.astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum([len(f) for f in flat])]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(joined))


def part_index(path: Path) -> list[tuple[str, str]]:
    """(key, scenario hash) of every row of a part."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        table = file.read(columns=["key", "scenario_hash"])
    return list(zip(table["key"].to_pylist(), table["scenario_hash"].to_pylist(), strict=True))


def part_heads(path: Path) -> list[str]:
    """The heads of all rows as JSON, without their arrays."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        return [str(text) for text in file.read(columns=["head"])["head"].to_pylist()]


def part_group(path: Path, group: int) -> Iterator[Run]:
    """The runs of one row group (rows `group * ROW_GROUP` onwards)."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        table = file.read_row_group(group)
    for row in range(table.num_rows):
        yield _run(table, row)


def _run(table: Any, row: int) -> Run:
    head = json.loads(table["head"][row].as_py())
    wide = {"place_": len(head["places"]), "abroad_": len(head["states"])}
    arrays: dict[str, NDArray[Any]] = {}
    for name in table.column_names:
        if not name.startswith(("place_", "nation_", "abroad_", "state_digests")):
            continue
        values = table[name][row].values.to_numpy()
        if len(values):  # an empty list: a series that other runs of the part have and this one has not
            columns = next((n for kind, n in wide.items() if name.startswith(kind)), 0)
            arrays[name] = values.reshape(columns, -1).T if columns else values
    arrays["state_digests"] = arrays["state_digests"].astype(np.int64).view(np.uint64)
    return checked(assemble(head, arrays), head["digest"])
