"""What somebody needs to get the numbers of a ledger again: the command, the size of its runs, model and claims."""

from __future__ import annotations

from tocsin.report.beside import Ledger


def provenance(ledger: Ledger, command: str) -> list[tuple[str, str]]:
    """What somebody needs to get the same numbers again."""
    ensembles = list(ledger.worlds.values())
    runs = sum(len(e) for e in {e.scenario.hash: e for e in ensembles}.values())
    found = [("command", command)] if command else []
    found.append(("runs", f"{runs:,} in {len(ensembles)} worlds"))
    if ensembles:
        sizes = sorted({e.scenario.people_per_agent for e in ensembles})
        found.append(("one simulated person stands for", f"{' and '.join(map(str, sizes))} people"))
        run = next(ensembles[0].runs(), None)
        if run is not None:
            versions = ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items()))
            found += [("model digest", run.model_digest), ("versions", versions)]
    return found + [(f"hash of claim {c.name}", ledger.hashes.get(c.name, c.hash)) for c in ledger.claims]
