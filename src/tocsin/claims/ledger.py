"""The claims ledger: the worlds that all claims together need, each run once, and a verdict for every part."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tocsin.claims import credibility, register
from tocsin.claims.claim import Claim, Part, Verdict
from tocsin.claims.documentary import judge_documentary
from tocsin.claims.evidence import Ask, Reading, condition, evidence_of, read
from tocsin.claims.judge import verdict
from tocsin.claims.planning import RECORD, Need, Stage, needs_of, stages_of
from tocsin.claims.registered import fingerprint
from tocsin.experiments.design import Design, Slot
from tocsin.experiments.ensemble import Ensemble
from tocsin.experiments.filling import fill
from tocsin.experiments.labour import Labour, Silent, Watch
from tocsin.experiments.shelf import Done
from tocsin.results.record import Outcome
from tocsin.results.store import Store

RUNS, SEEDS_PER_DRAW, THINNING = 20, 2, 100
"""The default size: runs of every world, two to a draw, one simulated person for a hundred."""


@dataclass(frozen=True)
class Ledger:
    """Claims with their verdicts. worlds: title -> the runs of a world; hashes: of claims, taken before any run.

    runs_made, runs_reused: runs computed for this ledger, and found in its store; credibility: by the name of a
    scenario, for those whose record weighs runs.
    """

    claims: tuple[Claim, ...]
    verdicts: tuple[Verdict, ...]
    worlds: Mapping[str, Ensemble] = field(repr=False)
    runs_made: int
    runs_reused: int
    hashes: Mapping[str, str]
    seconds: float
    credibility: Mapping[str, credibility.Credibility] = field(default_factory=dict)


def judge(
    claims: Sequence[Claim],
    *,
    runs: int = RUNS,
    seed: int = 1,
    store: str | Path | None = None,
    workers: int | None = None,
    watch: Watch | None = None,
    size: Size | None = None,
) -> Ledger:
    """A verdict for every part of every claim; with a store, only runs that it lacks are made.

    runs: of every world; size: thinning and seeds per draw, and what makes the runs.
    """
    begun, size = time.perf_counter(), size or Size()
    hashes = {claim.name: claim.hash for claim in claims}
    needs = needs_of(claims, size.people_per_agent)
    stages = stages_of(needs)
    labour = replace(size.labour, workers=workers) if workers is not None else size.labour
    work = Work(Design(runs, seed, size.seeds_per_draw), None if store is None else Path(store), labour)
    names = _identities(claims, needs)
    noted = _register(work, names, stages)
    tally = Tally(watch or Silent())
    ensembles = work.carry_out(stages, tally)
    readings = _read(needs, stages, ensembles, tally, work.design.slots())
    earned = _earned(stages, readings)
    found = {n.label: _judged(n, stages, readings, earned.get(n.scenario.hash)) for n in needs}
    found = {
        n.label: replace(found[n.label], exploratory=noted.exploratory(names[n.claim.name], _used(n, stages)))
        for n in needs
    }
    verdicts = [v for c in claims for v in _verdicts(c, found)]
    named = {_title(s, ensembles[w.hash].title): ensembles[w.hash] for s in stages for w in s.all()}
    total = sum(r.runs for r in readings.values())
    return Ledger(
        tuple(claims),
        tuple(verdicts),
        named,
        tally.made,
        total - tally.made,
        hashes,
        time.perf_counter() - begun,
        {s.scenario.name: earned[s.scenario.hash] for s in stages if s.scenario.hash in earned},
    )


@dataclass(frozen=True)
class Size:
    """How large and by whom. people_per_agent: None leaves scenarios as they are."""

    people_per_agent: int | None = THINNING
    seeds_per_draw: int = SEEDS_PER_DRAW
    labour: Labour = field(default_factory=Labour)


def _verdicts(claim: Claim, found: Mapping[tuple[str, str], Verdict]) -> list[Verdict]:
    """One verdict a part; normative claims, which have none, are listed once."""
    if claim.type == "normative":
        return [Verdict(claim.name, "", "listed", "a wish or a value, which no run and no source can decide")]
    return [found.get((claim.name, part.name)) or _without(claim, part) for part in claim.parts]


def _without(claim: Claim, part: Part) -> Verdict:
    """The verdict of a part that needs no run."""
    if part.estimand.kind == "none":
        return Verdict(claim.name, part.name, "not applicable", str(part.estimand.options.get("reason", claim.remark)))
    return judge_documentary(claim, part)


class Tally:
    """Counts the runs that were made, and passes everything on."""

    def __init__(self, watch: Watch) -> None:
        self.watch, self.made = watch, 0

    def say(self, text: str) -> None:
        """Passed on."""
        self.watch.say(text)

    def begin(self, total: int, kept: int) -> None:
        """Passed on."""
        self.watch.begin(total, kept)

    def step(self, endings: Sequence[Outcome | None]) -> None:
        """One more run."""
        self.made += sum(ending is not None for ending in endings)
        self.watch.step(endings)


@dataclass(frozen=True)
class Work:
    """How runs are made: the design of every world, the store, and who works."""

    design: Design
    store: Path | None
    labour: Labour

    def carry_out(self, stages: Sequence[Stage], tally: Tally) -> dict[str, Ensemble]:
        """All worlds by hash, each run once."""
        worlds = list({w.hash: w for s in stages for w in s.all()}.values())
        slots = self.design.slots()
        filled = fill(worlds, slots, self.store, self.labour, tally, texts=True)
        found: dict[str, Ensemble] = {}
        for scenario, keys in zip(worlds, filled.keys, strict=True):
            done = Done.of(slots, (keys,), filled.shelf)
            title = scenario.variant or "as written"
            found[scenario.hash] = Ensemble(scenario, title, done.slots, done.keys[0], done.shelf, done.failed)
        return found


def _identities(claims: Sequence[Claim], needs: Sequence[Need]) -> dict[str, str]:
    """What is entered for each claim: its hash, and of one that asks for runs also what they are judged by."""
    bases = {n.claim.name: fingerprint(n.scenario) for n in needs}
    return {c.name: hashlib.sha256((c.hash + bases.get(c.name, "")).encode()).hexdigest() for c in claims}


def _register(work: Work, hashes: Mapping[str, str], stages: Sequence[Stage]) -> register.Register:
    """The register with all claims and worlds in it, written before any run is made."""
    worlds = {w.hash for s in stages for w in s.all()}
    here: set[str] = set()
    if work.store is not None and (work.store / "parts").is_dir():
        here = worlds & set(Store(work.store).hashes())
    return register.entered(work.store, hashes.values(), here, worlds - here)


def _title(stage: Stage, title: str) -> str:
    words = f"{stage.scenario.name}: {title}"
    return words if stage.first else f"{words} [{stage.structure.name}]"


def _read(
    needs: Sequence[Need],
    stages: Sequence[Stage],
    ensembles: Mapping[str, Ensemble],
    tally: Tally,
    slots: Sequence[Slot],
) -> dict[str, Reading]:
    """Every world by hash, read once for all parts."""
    known = {n.label: n for n in needs}
    asks: dict[str, set[Ask]] = {}
    for stage in stages:
        for label, worlds in stage.worlds.items():
            for name, scenario in worlds.items():
                asks.setdefault(scenario.hash, set()).update(known[label].asks(name))
        if stage.first and stage.conditioned:
            asks[stage.scenario.hash].update(credibility.asks(stage.scenario))
    tally.say(f"reading {len(asks)} worlds")
    return {name: read(ensembles[name], wanted, slots) for name, wanted in asks.items()}


def _earned(stages: Sequence[Stage], readings: Mapping[str, Reading]) -> dict[str, credibility.Credibility]:
    """By the hash of a scenario: whether the runs of the world as written forecast what was held out."""
    found = {}
    for stage in (s for s in stages if s.first and s.conditioned):
        score = credibility.credibility(stage.scenario, readings[stage.scenario.hash].tables)
        if score is not None:
            found[stage.scenario.hash] = score
    return found


def _used(need: Need, stages: Sequence[Stage]) -> set[str]:
    """Hashes of all worlds of a part."""
    mine = (s for s in stages if s.scenario.hash == need.scenario.hash)
    return {w.hash for s in mine for w in s.worlds[need.label].values()}


def _judged(
    need: Need, stages: Sequence[Stage], readings: Mapping[str, Reading], earned: credibility.Credibility | None
) -> Verdict:
    """The verdict of one part, from the runs of all structures of its scenario."""
    asked, found = need.part.estimand, []
    for stage in (s for s in stages if s.scenario.hash == need.scenario.hash):
        worlds = dict(stage.worlds[need.label])
        record = worlds.pop(RECORD, None)
        ln = None if record is None else readings[record.hash].tables[need.asks(RECORD)[0]]
        mine = {name: readings[w.hash] for name, w in worlds.items()}
        found.append(evidence_of(stage.structure.name, asked, mine, need.asks(""), ln))
    whole = condition(need.claim, need.part) == "record"
    return verdict(
        need.claim, need.part, found, conditioned=need.conditioned,
        barred=str(earned) if whole and earned is not None and earned.barred else "",
    )  # fmt: skip
