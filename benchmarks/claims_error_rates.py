"""How often the claims ledger is wrong, and how often definite, on synthetic worlds of known truth.

    python benchmarks/claims_error_rates.py --toy     the rules alone, on a world of two numbers
    python benchmarks/claims_error_rates.py           the model as history, four structures, seven claims

In the toy world an event happens if theta + chance z > 0, and the record is theta with noise; theta is known to nobody.

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
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.claim import Claim, Estimand, Part, Rule
from tocsin.claims.error_rates import Rates, Trial, rates
from tocsin.claims.measures import measure
from tocsin.claims.registered import structures
from tocsin.claims.synthetic import Pool, Truth, judge_one, trials, truths_of
from tocsin.claims.toy import Toy
from tocsin.claims.weights import DISCREPANCY, FEWEST, scored
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
HORIZON = {"restored": 9.0}
"""Days after 6 January; ten for the others."""
WANTED = 0.10


def part_of(name: str) -> Part:
    """One of `ASKED`, with the ledger's own boundaries."""
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


def row(title: str, found: Rates) -> str:
    """One line of the table."""
    event, claim = (_words(hits, *share) for hits, share in (
        (found.wrong_event, found.event), (found.wrong_claim, found.claim),
    ))  # fmt: skip
    stated = f"{found.stated:.0%}" if found.definite else "-"
    off = "" if found.calibrated else " *"
    return (
        f"{title:34}{found.trials:8}{found.definite:9} | {event:>22}{stated + off:>10} | "
        f"{claim:>22}{found.clearly_wrong_claim:8} | {found.effective:6.0f} effective runs"
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
        asked = {p.name: question(base, p.estimand) for p in parts}
        answers: dict[str, list[float]] = {n: [] for n in asked}
        for run in done.shelf.runs(done.keys[1]):
            for n, q in asked.items():
                answers[n].append(measure(run, q))
        kept.append((runs, {n: np.array(v) for n, v in answers.items()}))
    (runs, mine), (history, theirs) = kept
    found = Made(Pool(name, runs, {n: v.reshape(-1, 2) for n, v in mine.items()}), truths_of(history, theirs, a.seeds))
    print(f"{name}: {len(runs)} pairs for the judge, {len(history)} for history with {len(found.truths)} records of "
          f"{records} draws; {time.perf_counter() - begun:.0f} s", flush=True)  # fmt: skip
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
    """A row for each claim, and one for all of them."""
    print(HEAD)
    for name, mine in found.items():
        print(row(name, rates(mine)))
    print(row("all of them", rates([t for mine in found.values() for t in mine])), flush=True)


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
    parser.add_argument("--claims", nargs="+", default=list(ASKED), choices=list(ASKED))
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
    else:
        model(a)
    print(f"wanted: at most {WANTED:.0%} of definite verdicts wrong; * what the verdicts say of themselves is outside "
          "the interval of what was found")  # fmt: skip


if __name__ == "__main__":
    main()
