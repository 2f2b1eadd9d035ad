"""Runs that could not be finished: one line of JSON each in failed.jsonl, appended and never rewritten."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "failed.jsonl"


@dataclass(frozen=True)
class Failed:
    """A run that could not be finished. world: the variant of its scenario; message: what was found."""

    key: str
    draw: int
    seed: int
    world: str
    message: str


class FailedList:
    """The list of one store. A line that was cut off by a kill is left out, and its run is made again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def read(self) -> dict[str, Failed]:
        """By key; the newest line of a key counts."""
        if not self._path.exists():
            return {}
        found: dict[str, Failed] = {}
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                one = Failed(**json.loads(line))
            except (ValueError, TypeError):
                continue
            found[one.key] = one
        return found

    def mend(self) -> None:
        """Cut off a last line that was not written to its end, so that the next one starts fresh."""
        if self._path.exists():
            data = self._path.read_bytes()
            if not data.endswith(b"\n"):
                os.truncate(self._path, data.rfind(b"\n") + 1)

    def append(self, failed: Failed) -> None:
        """Add a line and wait until it is on the disk."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(failed)) + "\n")
            file.flush()
            os.fsync(file.fileno())
