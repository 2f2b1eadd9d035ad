"""The journal: one checksummed frame per finished run, so that a crash costs at most the run being written.

A frame is magic (8 bytes), payload length (u64), SHA-256 of the payload (32 bytes), payload. A payload is the length
of the head (u32), the head as JSON, and the arrays, little-endian and compressed with zlib.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import StoreError
from tocsin.results.record import Outcome, Run

MAGIC = b"TOCSIN\x00\x01"
_FRAME = struct.Struct("<8sQ32s")
_HEAD = struct.Struct("<I")
FRAME_BYTES = _FRAME.size


def narrow(values: NDArray[Any]) -> NDArray[Any]:
    """The same whole numbers in four bytes where they fit, else in eight; unsigned stay unsigned."""
    if values.dtype.kind == "u":
        return values.astype("<u8")
    small = np.iinfo(np.int32)
    fits = values.size == 0 or (int(values.min()) >= small.min and int(values.max()) <= small.max)
    return values.astype("<i4" if fits else "<i8")


def arrays_of(run: Run) -> dict[str, NDArray[Any]]:
    """All arrays of a run by stored name: `place_x` [T, P], `nation_x` [T], `abroad_x` [T, N], `state_digests` [T]."""
    named: dict[str, NDArray[Any]] = {f"place_{k}": v for k, v in sorted(run.series.items())}
    named |= {f"nation_{k}": v for k, v in sorted(run.national.items())}
    named |= {f"abroad_{k}": v for k, v in sorted(run.abroad.items())}
    return {**named, "state_digests": run.state_digests}


def assemble(head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Run:
    """The run of a head (`Run.head`) and its arrays (`arrays_of`)."""
    ended = head["outcome"]
    return Run(
        key=head["key"],
        scenario_hash=head["scenario_hash"],
        scenario_name=head["scenario"],
        variant=head["variant"],
        model_digest=head["model_digest"],
        seed=head["seed"],
        draw=head["draw"],
        parameters=head["parameters"],
        places=tuple(head["places"]),
        start=head["start"],
        tick_hours=head["tick_hours"],
        series={k[6:]: v.astype(np.int64) for k, v in arrays.items() if k.startswith("place_")},
        national={k[7:]: v.astype(np.int64) for k, v in arrays.items() if k.startswith("nation_")},
        state_digests=arrays["state_digests"].astype(np.uint64),
        outcome=Outcome(ended["kind"], ended["day"], ended["path"], ended["fallen"], ended["summary"]),
        versions=head["versions"],
        seconds=head["seconds"],
        states=tuple(head["states"]),
        abroad={k[7:]: v.astype(np.int64) for k, v in arrays.items() if k.startswith("abroad_")},
    )


def head_text(run: Run, **more: Any) -> str:
    """The head of a run as JSON; NumPy's own numbers become plain ones."""
    return json.dumps({**run.head(), **more}, separators=(",", ":"), default=lambda number: number.item())


def encode(run: Run) -> bytes:
    """The payload of one run."""
    arrays = {name: narrow(values) for name, values in arrays_of(run).items()}
    shapes = [[name, values.dtype.str, list(values.shape)] for name, values in arrays.items()]
    head = head_text(run, arrays=shapes).encode()
    body = zlib.compress(b"".join(np.ascontiguousarray(v).tobytes() for v in arrays.values()), 1)
    return _HEAD.pack(len(head)) + head + body


@dataclass(frozen=True, slots=True)
class Packed:
    """A finished run as it travels and is stored: its name, how it ended, and its payload."""

    key: str
    scenario_hash: str
    outcome: Outcome
    payload: bytes = field(repr=False)


def pack(run: Run) -> Packed:
    """The run, ready to be stored."""
    return Packed(run.key, run.scenario_hash, run.outcome, encode(run))


def decode_head(payload: bytes) -> dict[str, Any]:
    """Everything but the arrays, as `Run.head` gave it, and the directory of the arrays."""
    (length,) = _HEAD.unpack_from(payload)
    head: dict[str, Any] = json.loads(payload[_HEAD.size : _HEAD.size + length])
    return head


def decode(payload: bytes) -> Run:
    """The run of one payload; raises StoreError when its arrays do not give the digest that was stored with them."""
    (length,) = _HEAD.unpack_from(payload)
    head = decode_head(payload)
    body = zlib.decompress(payload[_HEAD.size + length :])
    arrays, at = {}, 0
    for name, kind, shape in head["arrays"]:
        count = math.prod(shape)
        arrays[name] = np.frombuffer(body, dtype=kind, count=count, offset=at).reshape(shape)
        at += count * np.dtype(kind).itemsize
    return checked(assemble(head, arrays), head["digest"])


def checked(run: Run, digest: str) -> Run:
    """The run itself, if its record is the one that was stored."""
    if run.digest != digest:
        raise StoreError(
            f"the stored record of run {run.key[:12]} is damaged",
            expected=f"a record with digest {digest[:12]}, found {run.digest[:12]}",
            do="start the same `tocsin run` again: it sets the file aside and computes its runs again",
        )
    return run


def frame(payload: bytes) -> bytes:
    """The payload with its length and checksum in front."""
    return _FRAME.pack(MAGIC, len(payload), hashlib.sha256(payload).digest()) + payload


@dataclass(frozen=True)
class Scan:
    """What a journal holds.

    frames: (offset, payload) in order; end: bytes up to the end of the last sound frame; torn: the journal ends in an
    unfinished frame; damaged: offsets of broken frames with sound ones after them.
    """

    frames: tuple[tuple[int, bytes], ...]
    end: int
    torn: bool
    damaged: tuple[int, ...]


def scan(data: bytes) -> Scan:
    """Read all sound frames; after a broken one look for the next magic."""
    frames: list[tuple[int, bytes]] = []
    broken: list[int] = []
    at = end = 0
    while 0 <= at < len(data):
        payload = _payload(data, at)
        if payload is None:
            broken.append(at)
            at = data.find(MAGIC, at + 1)
            continue
        frames.append((at, payload))
        at = end = at + FRAME_BYTES + len(payload)
    return Scan(tuple(frames), end, end < len(data), tuple(b for b in broken if b < end))


def _payload(data: bytes, at: int) -> bytes | None:
    if len(data) < at + FRAME_BYTES:
        return None
    magic, length, digest = _FRAME.unpack_from(data, at)
    payload = data[at + FRAME_BYTES : at + FRAME_BYTES + length]
    sound = magic == MAGIC and len(payload) == length and hashlib.sha256(payload).digest() == digest
    return payload if sound else None
