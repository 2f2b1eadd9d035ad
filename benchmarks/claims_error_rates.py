"""How often the claims ledger is wrong, and how often definite, on synthetic worlds of known truth.

    python benchmarks/claims_error_rates.py --draws 150 --trials 100

Runs of the priors are made in two worlds; each run that stood gives a record, as it would have been reported, and its
paired run is the truth. The wanted share of wrong among definite verdicts is at most 10 % (science.md 1). Runs go to a
store, so that a second start goes on where the first stopped. The registered set has one structure here.
"""

from __future__ import annotations

import argparse
import time

from tocsin.claims.claim import Claim, Estimand, Part, Rule
from tocsin.claims.measures import Question, measure
from tocsin.claims.synthetic import Rates, rates, trials
from tocsin.claims.weights import FEWEST
from tocsin.claims.worlds import question, world
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
from tocsin.experiments.perform import perform
from tocsin.scenario.load import load

ASKED = Estimand("event", ("no-request",), 26.0, {"t0": "2022-01-05 23:00", "from": "2022-01-06"})
CLAIM = Claim(
    "synthetic", "without a request the ruler falls", "the benchmark", "2026-01-01", "derived", "causal",
    "kazakhstan-2022", "he stands", (Part("V1", "P(fall) without a request", ASKED, Rule()),),
)  # fmt: skip


def said(found: Rates) -> str:
    """One line about some trials."""
    share = "no definite verdict" if not found.definite else f"{found.wrong_of_definite:.0%} of them wrong"
    return f"{found.trials} records, {found.definite} definite verdicts ({found.wrong} wrong: {share})"


def main() -> None:
    """Run, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=2, help="seeds per draw")
    parser.add_argument("--trials", type=int, default=100, help="records at most")
    parser.add_argument("--fewest", type=float, nargs="*", default=[FEWEST, 10.0, 3.0], help="least effective samples")
    parser.add_argument("--people-per-agent", type=int, default=100)
    parser.add_argument("--store", default="error-rate-runs")
    a = parser.parse_args()
    base = load(CLAIM.scenario).vary({"people_per_agent": a.people_per_agent}, variant="")
    other = world(base, ASKED, "no-request")
    begun = time.perf_counter()
    design = Design(a.draws * a.seeds, 1, a.seeds)
    done = perform([base, other], design, a.store, Labour(), titles=("as written", "no request, free"))
    asked: Question = question(base, ASKED)
    answers = [measure(run, asked) for run in done.shelf.runs(done.keys[1])]
    pairs = list(zip(done.shelf.runs(done.keys[0]), answers, strict=True))
    print(f"{len(pairs)} pairs in {time.perf_counter() - begun:.0f} s; event in {sum(x == 1 for x in answers)}")
    for fewest in a.fewest:
        found = trials(CLAIM, CLAIM.parts[0], base, pairs, most=a.trials, fewest=fewest)
        sizes = sorted(t.effective for t in found)
        print(f"refused below {fewest:g} effective runs (median {sizes[len(sizes) // 2]:.1f}): {said(rates(found))}")
    print("wanted: at most 10 % of definite verdicts wrong")


if __name__ == "__main__":
    main()
