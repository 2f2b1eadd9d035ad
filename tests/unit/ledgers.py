"""Ledgers judged by the real rules on runs that no engine made, for the tests of pages, tables and verbs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.unit.reported import make_run
from tocsin.claims import ledger
from tocsin.claims.breakdown import Breakdown, Drawn, breakdown
from tocsin.claims.claim import Claim, Estimand, Figure, Mover, Part, Rule, Verdict
from tocsin.claims.ledger import Ledger
from tocsin.claims.movers import DOMESTIC, FORCE
from tocsin.experiments.labour import Labour
from tocsin.experiments.rounds import Each
from tocsin.experiments.tasks import Machine, Task
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario


def chance(*parts: object) -> float:
    """A number from 0 to 1 that depends on the parts alone."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "little") / 2**64


def key(world: Scenario, draw: int, seed: int) -> str:
    return hashlib.sha256(f"{world.hash} {draw} {seed}".encode()).hexdigest()


def run(world: Scenario, draw: int, seed: int) -> Run:
    """A plausible run; without a request the ruler falls a little more often."""
    made = make_run(world, seed % 9973, 1.0 if world.variant else 0.0)
    fallen = chance("end", seed) < (0.4 if world.variant else 0.2)
    crowd = made.series["turnout"].sum(axis=1)
    series = {**made.series, "wounded": 4 * made.series["killed"]}
    totals = {name: float(series[name][-1].sum()) for name in ("killed", "wounded", "detained")}
    summary = {**totals, "injured_forces": 0.01 * crowd.max(), "order_day": 7.0, "peak_turnout": float(crowd.max()),
               "peak_share": float(crowd.max() / world.population)}  # fmt: skip
    ended = replace(
        made.outcome, kind="regime falls" if fallen else "survives", day=6.0 if fallen else world.days,
        path="street" if fallen else "", fallen=fallen, summary=summary,
    )  # fmt: skip
    drawn = {FORCE[0]: chance("commit", draw), FORCE[1]: 3e4 * chance("size", draw), DOMESTIC: 0.5 * chance("f", draw)}
    return replace(
        made, series=series, key=key(world, draw, seed), seed=seed, draw=draw, outcome=ended, parameters=drawn
    )  # fmt: skip


def carry_out(task: Task) -> Run:
    return run(task.scenario, task.slot.draw, task.slot.seed)


def warm(say: Callable[[str], None]) -> None:
    """Nothing to compile."""


def text(world: Scenario) -> str:
    return f"# {world.hash}\n"


MACHINE = Machine(key, Each(carry_out), warm, text)

NORMATIVE = Claim("N1", "It was <just>.", "the opposition", "2022-01", "rival", "normative", "kazakhstan-2022", "", ())
CAUSAL = Claim(
    "C1", "Without the mission the ruler would have gone.", "the statement", "2022-01-10", "statement", "causal",
    "kazakhstan-2022", "he stays in most runs",
    (
        Part("V1", "The ruler is gone within 30 days", Estimand("event", ("no-request",), 30.0), Rule()),
        Part("effect", "What the request changes", Estimand("effect", ("", "no-request"), 30.0), Rule(margin=0.05)),
    ),
)  # fmt: skip
RIVAL = Claim(
    "R1", "More anger | more falls.", "observers", "2022-02", "rival", "model-property", "kazakhstan-2022", "no more",
    (Part("sweep", "Most falls over the trigger", Estimand(
        "sweep", ("no-request",), 30.0, {"parameter": "grievance.trigger_share", "values": (0.003, 0.01)}), Rule()),),
)  # fmt: skip
CLAIMS = (CAUSAL, RIVAL, NORMATIVE)


def judged(claims: tuple[Claim, ...] = CLAIMS, runs: int = 6) -> Ledger:
    """Judged by the rules, from invented runs in this process."""
    size = ledger.Size(1000, 2, Labour(1, machine=MACHINE))
    return ledger.judge(claims, runs=runs, size=size)


def turned(draws: int = 60, boundary: float = 0.5, record: bool = True) -> Breakdown | None:
    """An event that falls with both forces, clearly; the record prefers draws with little domestic force."""
    force = np.array([300.0 * 10 ** (2.3 * chance("force", i)) for i in range(draws)])
    staff = np.array([0.1 + 0.4 * chance("staff", i) for i in range(draws)])
    value = (np.argsort(np.argsort(force)) / draws + 0.5 * staff < 0.65).astype(np.float64)
    even = np.full(draws, 1.0 / draws)
    given = np.exp(-8.0 * staff) if record else even
    return breakdown(Drawn(force, staff, value, even, given), boundary, refused=False)


def by_hand() -> Verdict:
    """A verdict with everything that a verdict can have."""
    return Verdict(
        "C1", "V1", "supported", "0.61 to 0.72 over the registered set, above 0.5 in every structure",
        (
            Figure("The ruler is gone within 30 days: given the record", 0.62, 0.55, 0.7, 0.07),
            Figure("prior", 0.35, 0.24, 0.47, 0.1), Figure("structure: wide priors", 0.61, 0.52, 0.7, 0.09),
            Figure("structure: no removal by insiders", 0.72, 0.67, 0.77, 0.05),
            Figure("world: as written", 0.1, 0.05, 0.2, 0.07),
        ),
        {"parameters": 0.06, "structures": 0.01, "chance": 0.03},
        (
            Mover("risk.slope", -0.31, 2.8, "slope -4.1 standard errors"), Mover("law.noise", 0.12),
            Mover("structure: no removal by insiders", 0.1), Mover("structure: wide priors", -0.01),
            Mover("fatigue.rest", 0.005), Mover("ties.harm", 0.0),
        ),
        1280, 61.3, exploratory=True, more_runs=0, sources=("kz038 (2022-01-05, high): appeal [wire]",),
        breakdown=turned(),
    )  # fmt: skip


def with_hand(runs: int = 24) -> Ledger:
    """A judged ledger in which the first verdict is the one made by hand; 24 runs are 12 draws."""
    found = judged(runs=runs)
    return replace(found, verdicts=(by_hand(), *found.verdicts[1:]))


def columns(rows: list[dict[str, str]], item: str) -> dict[tuple[str, str], dict[str, str]]:
    """Rows of an exported table by (part, name)."""
    return {(r["part"], r["name"]): r for r in rows if r["item"] == item}
