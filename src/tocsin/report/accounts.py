"""Rival accounts beside each other: whose claims became of what, and the accounts that ship as scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.claims.claim import Claim, Part, Verdict
from tocsin.report import svg
from tocsin.report.beside import Ledger
from tocsin.report.cards import in_short
from tocsin.scenario.scenario import Scenario

ACCOUNT = "Account: "
"""How the title of a variant begins that tells a party's account (library)."""
DERIVED = "derived by this project, to be tested"
Said = tuple[Claim, Sequence[tuple[Part, Verdict]]]


@dataclass(frozen=True)
class Speaker:
    """One who claims, with claims and verdicts in the order of the register: (name, text, (kind, mark, parts))."""

    name: str
    claims: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...]


@dataclass(frozen=True)
class Account:
    """A party's account as a variant of a scenario. runs: what was run of it for this ledger, in words."""

    name: str
    title: str
    why: str
    runs: str


def speakers(grouped: Sequence[Said]) -> list[Speaker]:
    """Everybody who claims something, in the order of their first claim; derived claims are nobody's account."""
    found: dict[str, list[tuple[str, str, tuple[tuple[str, str, str], ...]]]] = {}
    for claim, parts in grouped:
        name = DERIVED if claim.tag == "derived" else claim.says
        found.setdefault(name, []).append((claim.name, claim.text, in_short(parts)))
    return [Speaker(name, tuple(claims)) for name, claims in found.items()]


def accounts(scenarios: Mapping[str, Scenario], ledger: Ledger) -> list[Account]:
    """The accounts of all parties that ship as variants, whether or not a claim needed their runs."""
    found = []
    for scenario in scenarios.values():
        for name, variant in scenario.variants.items():
            if not variant.title.startswith(ACCOUNT):
                continue
            run = next((e for e in ledger.worlds.values() if e.scenario.variant.partition(",")[0] == name), None)
            share = "" if run is None else f"{svg.percent(run.fallen[0])} of {len(run)} runs fall"
            found.append(Account(name, variant.title.removeprefix(ACCOUNT), variant.why, share))
    return found
