"""When each claim was first seen, and when runs of each world were: so that a claim written after its runs says so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tocsin.errors import StoreError
from tocsin.experiments.ledger import write_down

FILE = "claims.json"
UNKNOWN = "0001-01-01T00:00:00+00:00"
"""When runs were made that were there before any claim was registered beside them."""


@dataclass(frozen=True)
class Register:
    """claims: hash -> first seen; worlds: hash of a scenario -> when its runs were first made (ISO, UTC)."""

    claims: Mapping[str, str]
    worlds: Mapping[str, str]

    def exploratory(self, claim: str, worlds: Iterable[str]) -> bool:
        """Whether the claim was first seen after runs of a world that it uses."""
        seen = datetime.fromisoformat(self.claims[claim])
        return any(datetime.fromisoformat(self.worlds[w]) < seen for w in worlds if w in self.worlds)


def entered(store: Path | None, claims: Iterable[str], present: Iterable[str], absent: Iterable[str]) -> Register:
    """The register of a store with these claims and worlds, each with the time at which it was first seen.

    To be called before any run is made. present: worlds of which the store has runs; if it does not know since when,
    they are older than every claim. Without a store nothing is older than the claims.
    """
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    known = Register({}, {}) if store is None else _read(store / FILE)
    seen = {**dict.fromkeys(claims, now), **known.claims}
    old = {world: known.worlds.get(world, UNKNOWN) for world in present}
    made = {**dict.fromkeys(absent, now), **known.worlds, **old}
    found = Register(seen, made)
    if store is not None:
        write_down(store, FILE, {"claims": dict(seen), "worlds": dict(made)})
    return found


def _read(file: Path) -> Register:
    if not file.exists():
        return Register({}, {})
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        times = {**found["claims"], **found["worlds"]}
        for time in times.values():
            datetime.fromisoformat(time)
        return Register(dict(found["claims"]), dict(found["worlds"]))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise StoreError(
            "the register of claims cannot be read", where=str(file), expected="JSON as `tocsin judge` writes it",
            do="use another store: a register that is made anew cannot say which claims are older than the runs",
        ) from fault  # fmt: skip
