"""What makes two runs comparable: the digest of everything that computes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from tocsin.scenario.scenario import Scenario

_PACKAGE = Path(__file__).resolve().parent.parent
_ARITHMETIC = ("exact.py", "elementary.py", "compile.py")
_COMPUTING = (*_ARITHMETIC, "declare.py", "state.py", "kernels", "mechanisms", "world", "engine")


@cache
def model_digest() -> str:
    """SHA-256 over the source of kernels, mechanisms, world and engine: an edit never reuses old runs (engine.md 7).

    Taken once per process, when the code that it names is the code that runs.
    """
    h = hashlib.sha256()
    for name in _COMPUTING:
        place = _PACKAGE / name
        for path in [place] if place.is_file() else sorted(place.glob("*.py")):
            h.update(f"{name}/{path.name}\0".encode() + path.read_bytes())
    return h.hexdigest()


def run_key(scenario: Scenario, draw: int, seed: int) -> str:
    """The name of a run: SHA-256 of scenario hash, model digest, draw and seed."""
    text = f"{scenario.hash} {model_digest()} {draw} {seed}"
    return hashlib.sha256(text.encode()).hexdigest()
