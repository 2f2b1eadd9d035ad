"""A claim as it is written down before any run, frozen and hashed, and the verdict that a ledger gives it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tocsin.claims.breakdown import Breakdown

TYPES = ("documentary", "retrodictive", "causal", "model-property", "normative")
"""What can decide it: sources; a fit to the record; a contrast of worlds; the model alone; nothing (listed only)."""
TAGS = ("statement", "rival", "derived")
"""Whose claim it is: the founding statement's, a rival account's, or one that we derived from them."""
KINDS = ("supported", "refuted", "undetermined", "not applicable", "listed")
"""What a verdict can be; `listed` is for normative claims, which are never judged."""


@dataclass(frozen=True)
class Estimand:
    """What is computed. kind: a function of `tocsin.claims.estimands`; options: its arguments, plain values.

    worlds: variants of the scenario that it needs, "" being the scenario as written; horizon: days, 0 if none.
    """

    kind: str
    worlds: tuple[str, ...] = ()
    horizon: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """How a number becomes a verdict.

    Supported iff its least value over the registered set is above `above`, refuted iff its largest is below `below`.
    margin: of an effect; certainty: P(beyond the margin) that is needed.
    """

    above: float = 0.5
    below: float = 0.5
    margin: float = 0.0
    certainty: float = 0.9


@dataclass(frozen=True)
class Part:
    """One judged part of a claim ("C4a", or V1 to V4 of C1), with its own estimand and rule."""

    name: str
    title: str
    estimand: Estimand
    rule: Rule


@dataclass(frozen=True)
class Claim:
    """One entry of a register. says: who says it; written: when (ISO date); against: what would count against it."""

    name: str
    text: str
    says: str
    written: str
    tag: str
    type: str
    scenario: str
    against: str
    parts: tuple[Part, ...]
    remark: str = ""
    source: str = ""
    where: str = ""

    @property
    def hash(self) -> str:
        """SHA-256 of all that decides a verdict; where the claim stands in its file does not."""
        plain = {k: v for k, v in asdict(self).items() if k != "where"}
        return hashlib.sha256(json.dumps(plain, sort_keys=True, default=dict).encode()).hexdigest()


@dataclass(frozen=True)
class Figure:
    """One number of a verdict with its interval; monte_carlo: the half-width that comes from the number of runs."""

    name: str
    value: float
    low: float
    high: float
    monte_carlo: float = 0.0
    unit: str = ""


@dataclass(frozen=True)
class Mover:
    """An assumption that moves the verdict: by how much, and the value at which the verdict would flip, if any."""

    name: str
    effect: float
    flips_at: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one part of a claim.

    kind: one of KINDS; why: one sentence; figures: first the number that decides, then the others (prior beside
    posterior, the four versions, bounds free of the coupling); spread: variance of the deciding number by its origin
    ("parameters", "structures", "chance"); movers: the assumptions that move it most; runs: how many were used;
    effective: effective sample size of the weights (0: none needed); exploratory: written or changed after its runs;
    more_runs: how many further runs would help, 0 if runs are not the limit; sources: for documentary claims;
    breakdown: where the number turns, if the runs have both forces.
    """

    claim: str
    part: str
    kind: str
    why: str
    figures: tuple[Figure, ...] = ()
    spread: Mapping[str, float] = field(default_factory=dict)
    movers: tuple[Mover, ...] = ()
    runs: int = 0
    effective: float = 0.0
    exploratory: bool = False
    more_runs: int = 0
    sources: tuple[str, ...] = ()
    breakdown: Breakdown | None = field(default=None, repr=False)
