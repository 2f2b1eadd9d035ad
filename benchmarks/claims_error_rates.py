"""How often the claims ledger is wrong, and how often definite, on synthetic worlds of known truth.

    python benchmarks/claims_error_rates.py --toy     the rules alone, on a world of two numbers
    python benchmarks/claims_error_rates.py           the model as history, four structures, seven claims

In the toy world an event happens if theta + chance z > 0, and the record is theta with noise; theta is known to nobody.
Its effects are of a cause that adds a gain to theta, the same for all parameters or not; the truth has a closed form.

With the model as history, some runs are taken for what happened. Figures are reported of each, by the law that weights
runs, and the ledger judges claims about the world without a request from them and from runs of other draws. Two senses
of wrong are counted (docs/decisions/0019-what-a-wrong-verdict-is.md): "event", the record's own counterfactual went the
other way, beside the share by what the verdicts say of themselves; "claim", most fresh runs of the truth's own
parameters did. History comes from every registered structure, the judge always has the whole set, and for history from
the scenario as written also that structure alone. Runs go to a store, and a second start goes on where the first
stopped. Ticks are a day long here, which is quick and otherwise of no account: the truth is a run of the same model.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.claim import Claim, Estimand, Part, Rule
from tocsin.claims.error_rates import Rates, Trial, rates
from tocsin.claims.estimands import ESTIMANDS, Asked, Given
from tocsin.claims.estimates import even
from tocsin.claims.judge import decide
from tocsin.claims.laws import DISCREPANCY
from tocsin.claims.measures import measure
from tocsin.claims.numbers import number
from tocsin.claims.registered import structures
from tocsin.claims.schema import MARGINAL
from tocsin.claims.synthetic import Pool, Truth, judge_one, trial_of_effect, trials, truths_of
from tocsin.claims.toy import Toy, ToyPair
from tocsin.claims.weights import FEWEST, effective, normalised, scored
from tocsin.claims.worlds import question, world
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
from tocsin.experiments.perform import perform
from tocsin.results.record import Run
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario

Floats = NDArray[np.float64]
SCENARIO, T0, FROM = "kazakhstan-2022", "2022-01-05 23:00", "2022-01-06"
FIGURES = {
    "end": ("regions affected by 5 January", "order in Almaty, 10 January", "killed, final",
            "security staff injured, final"),
    "counts": ("regions affected by 5 January", "order in Almaty, 10 January", "killed, final",
               "security staff injured, final", "detained by 11 January"),
    "crowds": ("protesters in the country, 4 January", "participants in riots, 5 January"),
    "all": (),
}  # fmt: skip
"""Named sets of figures; "all" are those that weigh the runs of the ledger."""
ASKED: dict[str, tuple[str, dict[str, object]]] = {
    "fall": ("the ruler is gone within 10 days", {"event": "fall"}),
    "restored": ("order is restored by 14 January", {"event": "restored"}),
    "place-lost": ("some place is lost", {"event": "place-lost"}),
    "killed": ("more than 200 people are killed", {"event": "killed", "above": 200.0}),
    "detained": ("more than 3,000 people are detained", {"event": "detained", "above": 3000.0}),
    "injured": ("more than 1,000 staff are injured", {"event": "injured_forces", "above": 1000.0}),
    "peak": ("more than 10,000 people are in action at the peak", {"event": "peak_turnout", "above": 10_000.0}),
}
"""Claims about the world without a request, by name."""
EFFECTS: dict[str, tuple[str, str, dict[str, object]]] = {
    "unrestored-more": (
        "order is restored by 14 January less often",
        "effect",
        {"event": "restored", "direction": "down"},
    ),
    "killed-more": (
        "more than 200 people are killed more often",
        "effect",
        {"event": "killed", "above": 200.0, "direction": "up"},
    ),
    "peak-same": (
        "a peak of more than 10,000 is as frequent",
        "equivalence",
        {"event": "peak_turnout", "above": 10_000.0},
    ),
}
"""Claims about what no request changes, as a difference of shares between that world and the scenario as written.

The first world follows the script to its end: to free it too (`both = true`) takes a third world.
"""
EFFECT = Rule(margin=0.05, certainty=0.9)
HORIZON = {"restored": 9.0, "unrestored-more": 9.0}
"""Days after 6 January; ten for the others."""
WANTED = 0.10


def part_of(name: str) -> Part:
    """One of `ASKED`, with the ledger's own boundaries."""
    if name in EFFECTS:
        title, kind, options = EFFECTS[name]
        asked = Estimand(kind, ("", "no-request"), HORIZON.get(name, 10.0), {"t0": T0, "from": FROM, **options})
        return Part(name, f"without a request {title}", asked, EFFECT)
    title, options = ASKED[name]
    asked = Estimand("event", ("no-request",), HORIZON.get(name, 10.0), {"t0": T0, "from": FROM, **options})
    return Part(name, f"without a request {title}", asked, Rule())


def claim_of(parts: Sequence[Part]) -> Claim:
    """A claim made for this benchmark."""
    return Claim(
        "synthetic", "what comes without a request", "the benchmark", "2026-01-01", "derived", "causal", SCENARIO,
        "it does not", tuple(parts),
    )  # fmt: skip


HEAD = (
    f"{'':34}{'records':>8}{'definite':>9} | {'event wrong':>22}{'as stated':>10} | {'claim wrong':>22}{'clearly':>8} |"
)


def row(title: str, found: Rates, *, effects: bool = False) -> str:
    """One line of the table; of effects no single pair of runs is the event, and nothing is stated of it."""
    event, claim = (_words(hits, *share) for hits, share in (
        (found.wrong_event, found.event), (found.wrong_claim, found.claim),
    ))  # fmt: skip
    stated = f"{found.stated:.0%}" if found.definite else "-"
    off = "" if found.calibrated else " *"
    event, stated, off = ("-", "-", "") if effects else (event, stated, off)
    return (
        f"{title:34}{found.trials:8}{found.definite:9} | {event:>22}{stated + off:>10} | "
        f"{claim:>22}{found.clearly_wrong_claim:8} | {found.effective:6.0f} effective draws"
    )


def _words(hits: int, share: float, low: float, high: float) -> str:
    return "-" if np.isnan(share) else f"{hits}: {share:.0%} ({low:.0%}-{high:.0%})"


def toy(records: int) -> None:
    """Error rates of the rules where chance is a quarter, a half, and all of what is unknown; then with few runs."""
    print(HEAD)
    for draws, chances in ((600, (0.25, 0.5, 1.0)), (60, (0.5,))):
        for chance in chances:
            for rule in (Rule(), Rule(0.8, 0.2)):
                title = f"chance {chance:g}, {rule.above:g}/{rule.below:g}, {draws} draws"
                print(row(title, rates(toy_trials(Toy(chance, draws=draws), rule, records))), flush=True)


def toy_trials(of: Toy, rule: Rule, records: int) -> list[Trial]:
    """Judge so many records of a toy world."""
    part = replace(part_of("fall"), rule=rule)
    found = []
    for i, (theta, record, happened) in enumerate(zip(*of.truths(records), strict=True)):
        judged = judge_one(claim_of([part]), part, [of.ln_likelihood(float(record))], [of.answers])
        found.append(Trial(i, *_split(judged, bool(happened)), chance=of.probability(float(theta)), rule=rule))
    return found


PAIRS = {
    "gain 1": ToyPair(),
    "gain 0.4": ToyPair(gain=0.4, other=0.4),
    "1.5 for half, else nil": ToyPair(gain=1.5, other=0.0),
    "1.5 for 85 %, else nil": ToyPair(gain=1.5, other=0.0, share=0.85),
    "0.5 + 0.5 phi": ToyPair(gain=0.5, other=0.5, slope=0.5),
    "0.5 phi, either way": ToyPair(gain=0.0, other=0.0, slope=0.5),
    "nil": ToyPair(gain=0.0, other=0.0),
    "nil, runs part by chance": ToyPair(gain=0.0, other=0.0, common=0.9),
}
"""Causes by what they do."""
JUDGES = 4
"""Sets of runs of a toy pair, each of which judges as many records."""


KINDS = ("effect", "equivalence")


@dataclass(frozen=True)
class Judged:
    """One record of a pair by one kind of claim: by the rule of certainty alone, and with the learning gate."""

    bare: Trial
    gated: Trial


def toy_effects(records: int) -> None:
    """Error rates of the rules for effects, chance a half and all of what is unknown, half of the records each."""
    title, words = "effects by the rule of certainty", "with the gate: definite, wrong"
    print(f"\n{title:50}{'records':>8}{'supported':>10}{'refuted':>8} |{'wrong':>20} | {words}")
    for draws, told in product((600, 60), ("theta", "both", "nothing")):
        every: dict[str, list[Judged]] = {kind: [] for kind in KINDS}
        for name, pair in PAIRS.items():
            of = replace(pair, draws=draws, told=told == "both")
            for kind, found in effect_trials(of, records, conditioned=told != "nothing").items():
                print(effect_row(f"{kind}, {draws}, {told}: {name}", found), flush=True)
                every[kind] += found
        for kind, found in every.items():
            print(effect_row(f"{kind}, {draws}, {told}: all", found), flush=True)


def effect_row(title: str, found: Sequence[Judged]) -> str:
    """One line of the table of effects; every record is a draw of its own."""
    bare, gated = (
        rates([replace(t, draw=i) for i, t in enumerate(of)])
        for of in ([j.bare for j in found], [j.gated for j in found])
    )
    supported, refuted = (sum(j.bare.kind == kind for j in found) for kind in ("supported", "refuted"))
    return (
        f"{title:50}{len(found):8}{supported:10}{refuted:8} |{_words(bare.wrong_claim, *bare.claim):>20} | "
        f"{gated.definite:4}, {_words(gated.wrong_claim, *gated.claim)}"
    )


def effect_trials(of: ToyPair, records: int, *, conditioned: bool = True) -> dict[str, list[Judged]]:
    """Judge so many records of toy pairs by each kind of claim; without a record the judge says the same of all."""
    found: dict[str, list[Judged]] = {kind: [] for kind in KINDS}
    for judge, chance in product(range(JUDGES), (0.5, 1.0)):
        pair = replace(of, chance=chance, stream=1 + 20 * (2 * judge + int(chance)))
        effects, known = pair.effects, dict[str, tuple[str, str, float, float]]()
        for theta, phi, *record in zip(*pair.pairs(records // (2 * JUDGES)), strict=True):
            if conditioned or not known:
                known = judged_pair(effects, pair.ln_pair(*record) if conditioned else None)
            for kind, (bare, gated, p, size) in known.items():
                part, true = pair_part(kind), pair.effect(float(theta), float(phi))
                found[kind].append(Judged(*(
                    trial_of_effect(0, part, (said, p, size), true, 0.0) for said in (bare, gated)
                )))  # fmt: skip
    return found


def pair_part(kind: str) -> Part:
    """The claim about a pair: the cause makes the event more frequent, or as frequent."""
    return Part("toy", "toy", Estimand(kind, ("", ""), 0.0), EFFECT)


def judged_pair(effects: Floats, ln: Floats | None) -> dict[str, tuple[str, str, float, float]]:
    """Kind of claim -> verdict before and after the gate, number and effective sample. ln: None without a record."""
    found = {}
    weights = even(effects) if ln is None else normalised(ln)
    n, size = number(Asked(("",), (effects,), difference=True), weights, EFFECT.margin), effective(weights)
    for kind in KINDS:
        part = pair_part(kind)
        bare = decide(part, [n])[0] if size >= FEWEST else "undetermined"
        gated = bare
        if ln is not None and bare != "undetermined":  # the gate only takes verdicts away
            gated = judge_one(claim_of([part]), part, [ln], [effects])[0]
        found[kind] = bare, gated, n.value, size
    return found


def _split(judged: tuple[str, float, float], happened: bool) -> tuple[str, bool, float, float]:
    return judged[0], happened, judged[1], judged[2]


@dataclass(frozen=True)
class Made:
    """The runs of one structure: those that the judge has, and the worlds that are taken for history."""

    pool: Pool
    truths: list[Truth]


def made(base: Scenario, name: str, parts: Sequence[Part], a: argparse.Namespace) -> Made:
    """Make what is missing of one structure; judge and history have draws of their own."""
    begun, other = time.perf_counter(), world(base, parts[0].estimand, "no-request")
    kept: list[tuple[list[Run], dict[str, Floats]]] = []
    records = a.truths if name == "as written" else a.others
    for design in (Design(2 * a.draws, 1, 2), Design(records * a.seeds, 2, a.seeds)):
        done = perform([base, other], design, a.store, Labour(a.workers), titles=("as written", "no request, free"))
        if done.failed:
            raise SystemExit(f"{len(done.failed)} runs failed; the first: {done.failed[0].message}")
        runs = list(done.shelf.runs(done.keys[0]))
        answers = answers_of(base, parts, runs, list(done.shelf.runs(done.keys[1])))
        kept.append((runs, answers))
    (runs, mine), (history, theirs) = kept
    found = Made(Pool(name, runs, {n: v.reshape(-1, 2) for n, v in mine.items()}), truths_of(history, theirs, a.seeds))
    print(f"{name}: {len(runs)} pairs for the judge, {len(history)} for history with {len(found.truths)} records of "
          f"{records} draws; {time.perf_counter() - begun:.0f} s", flush=True)  # fmt: skip
    return found


def answers_of(base: Scenario, parts: Sequence[Part], runs: Sequence[Run], others: Sequence[Run]) -> dict[str, Floats]:
    """What the runs without a request say of each part; of an effect, turned as asked, the difference of each pair."""
    found = {}
    for part in parts:
        asked = question(base, part.estimand)
        second = np.array([[measure(run, asked)] for run in others])
        if part.estimand.kind in MARGINAL:
            worlds = {"": np.array([[measure(run, asked)] for run in runs]), "no-request": second}
            second = ESTIMANDS[part.estimand.kind](Given(part.estimand, worlds, even(second))).tables[0]
        found[part.name] = second[:, 0]
    return found


def judged_by(scenario: Scenario, wanted: Sequence[str]) -> Scenario:
    """The scenario with the chosen figures alone; those about later days are reported at the end of the runs."""
    names = [n for w in wanted for n in FIGURES.get(w, (w,))]
    known = {t.name: t for t in scored(load(SCENARIO))}
    unknown = [n for n in names if n not in known]
    if unknown:
        raise SystemExit(f"no figure {unknown[0]!r}; there are {', '.join(FIGURES)}, and {'; '.join(known)}")
    chosen = [known[n] for n in names] or list(known.values())
    return replace(scenario, targets=tuple(replace(t, day=min(t.day, scenario.days)) for t in chosen))


def table(found: Mapping[str, Sequence[Trial]]) -> None:
    """A row for each claim, one for all events, and one for all effects."""
    print(HEAD)
    for name, mine in found.items():
        print(row(name, rates(mine), effects=name in EFFECTS))
    for words, of, effects in (("all events", ASKED, False), ("all effects", EFFECTS, True)):
        if kept := [t for name in found if name in of for t in found[name]]:
            print(row(words, rates(kept), effects=effects), flush=True)


def model(a: argparse.Namespace) -> None:
    """Error rates with the model as history."""
    base = load(SCENARIO).vary({"people_per_agent": a.people_per_agent, "days": a.days, "tick_hours": a.tick},
                               variant="")  # fmt: skip
    figures, parts = judged_by(base, a.figures), [part_of(n) for n in a.claims]
    registered = [(s.name, base.vary(s.changes, variant="")) for s in structures(base)]
    begun = time.perf_counter()
    all_made = {name: made(scenario, name, parts, a) for name, scenario in registered}
    pools = [m.pool for m in all_made.values()]
    shares = {p.name: np.nanmean(pools[0].answers[p.name]) for p in parts}
    print(f"figures: {'; '.join(t.name for t in figures.targets)}")
    print(f"in the runs of the scenario as written: {', '.join(f'{n} {v:.0%}' for n, v in shares.items())}")
    for name, history in all_made.items():
        for words, set_of in (("that structure alone", pools[:1]), ("the registered set", pools)):
            if set_of is pools or name == "as written":
                print(f"\nhistory from {name!r}, judged with {words}")
                table(trials(claim_of(parts), history.truths, set_of, figures, discrepancy=a.discrepancy,
                             fewest=a.fewest))  # fmt: skip
    print(f"\n{time.perf_counter() - begun:.0f} s in all")


def main() -> None:
    """Run, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toy", action="store_true", help="only the toy world")
    parser.add_argument("--records", type=int, default=150, help="of the toy world, for each row")
    parser.add_argument("--figures", nargs="+", default=["end"], help=f"names of figures, or {', '.join(FIGURES)}")
    parser.add_argument("--claims", nargs="+", default=[*ASKED, *EFFECTS], choices=[*ASKED, *EFFECTS])
    parser.add_argument("--draws", type=int, default=240, help="draws of the judge, two runs each, in every structure")
    parser.add_argument("--truths", type=int, default=40, help="draws taken for history, of the scenario as written")
    parser.add_argument("--others", type=int, default=20, help="the same of each other structure")
    parser.add_argument("--seeds", type=int, default=12, help="runs of each; the first two are history")
    parser.add_argument("--fewest", type=float, default=FEWEST, help="least effective sample")
    parser.add_argument("--discrepancy", type=float, default=DISCREPANCY, help="the model's own error, sd on ln")
    parser.add_argument("--people-per-agent", type=int, default=100)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--tick", type=int, default=24, help="hours")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--store", type=Path, default=Path("tocsin-claims/error-rates"))
    a = parser.parse_args()
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if a.toy:
        toy(a.records)
        toy_effects(a.records)
    else:
        model(a)
    print(f"wanted: at most {WANTED:.0%} of definite verdicts wrong; * what the verdicts say of themselves is outside "
          "the interval of what was found")  # fmt: skip


if __name__ == "__main__":
    main()
