"""Which worlds all parts of a register need together: scenarios of one length, each in every registered structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.claims.claim import Claim, Part
from tocsin.claims.evidence import Ask, asks_of, condition, until
from tocsin.claims.measures import Question
from tocsin.claims.registered import Structure, structures
from tocsin.claims.worlds import long_enough, questions, world, world_names
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario

RECORD = "="
"""Among the worlds of a part: the factual one, whose likelihood weighs the runs."""
STRETCH = 1.5
"""Claims share runs if their horizons are within this factor of the scenario's length; longer ones have their own."""


@dataclass(frozen=True)
class Need:
    """One part that asks for runs, the scenario of its worlds, and what is asked of each run."""

    claim: Claim
    part: Part
    scenario: Scenario
    questions: tuple[Question, ...]

    @property
    def label(self) -> tuple[str, str]:
        """The part within its register."""
        return self.claim.name, self.part.name

    @property
    def until(self) -> float:
        """Day up to which figures weigh its runs; NaN: none do."""
        return until(self.scenario, self.part.estimand, condition(self.claim, self.part))

    @property
    def conditioned(self) -> bool:
        """Whether its runs are weighted by the record."""
        return condition(self.claim, self.part) != "none"

    def asks(self, world: str) -> tuple[Ask, ...]:
        """What is asked of each run of one of its worlds: its questions, or the likelihood of the record."""
        return (Ask(until=self.until),) if world == RECORD else asks_of(self.part.estimand, self.questions)


@dataclass(frozen=True)
class Stage:
    """One structure of one scenario. worlds: part -> name of the world -> the scenario that is run."""

    structure: Structure
    scenario: Scenario
    first: bool
    worlds: Mapping[tuple[str, str], Mapping[str, Scenario]]

    @property
    def conditioned(self) -> bool:
        """Whether the record weighs some part's runs, so that the factual world is run."""
        return any(RECORD in worlds for worlds in self.worlds.values())

    def all(self) -> list[Scenario]:
        """The worlds of all parts."""
        return [world for worlds in self.worlds.values() for world in worlds.values()]


def _runnable(claim: Claim, part: Part) -> bool:
    return claim.type != "normative" and part.estimand.kind not in ("documentary", "none")


def needs_of(claims: Sequence[Claim], people_per_agent: int | None) -> list[Need]:
    """All parts that ask for runs; those of one scenario have runs of one length where they can."""
    runnable = [(c, p) for c in claims for p in c.parts if _runnable(c, p)]
    scenarios = {name: load(name) for name in dict.fromkeys(c.scenario for c, _ in runnable)}
    asked = [(c, p, scenarios[c.scenario]) for c, p in runnable]
    days = {(c.name, p.name): long_enough(s, p.estimand) for c, p, s in asked}
    shared: dict[str, float] = {}
    for c, p, s in asked:
        length = days[c.name, p.name]
        if length <= STRETCH * s.days:
            shared[s.name] = max(shared.get(s.name, s.days), length)
    needs = []
    for c, p, s in asked:
        length = days[c.name, p.name]
        full = shared[s.name] if length <= STRETCH * s.days else length
        sized = s if people_per_agent is None else s.vary({"people_per_agent": people_per_agent}, variant=s.variant)
        sized = sized if full == s.days else sized.vary({"days": full}, variant=s.variant)
        needs.append(Need(c, p, sized, questions(s, p.estimand)))
    return needs


def stages_of(needs: Sequence[Need]) -> list[Stage]:
    """One stage for each scenario and registered structure; all combinations of a factorial only in the first."""
    stages = []
    for base in {n.scenario.hash: n.scenario for n in needs}.values():
        for i, structure in enumerate(structures(base)):
            scenario = base.vary(structure.changes, variant=base.variant)
            mine = [n for n in needs if n.scenario.hash == base.hash]
            stages.append(Stage(structure, base, i == 0, {n.label: _worlds(n, scenario, full=i == 0) for n in mine}))
    return stages


def _worlds(need: Need, scenario: Scenario, *, full: bool) -> dict[str, Scenario]:
    """The worlds that a part names, and the factual one if its runs are weighted."""
    asked = need.part.estimand
    found = {name: world(scenario, asked, name) for name in world_names(asked, full=full)}
    return {**found, RECORD: scenario} if need.conditioned else found
