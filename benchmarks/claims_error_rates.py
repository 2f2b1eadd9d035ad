"""How often the claims ledger is wrong, and how often definite, on synthetic worlds of known truth.

    python benchmarks/claims_error_rates.py --toy                     the rules alone, on a world of two numbers
    python benchmarks/claims_error_rates.py --draws 60 --trials 60    the model as history

In the toy world an event happens if theta + chance > 0, and the record is theta with noise; theta is known to nobody.

Runs of the priors are made in two worlds; each run that stood gives a record, as it would have been reported, and its
paired run is the truth. The wanted share of wrong among definite verdicts is at most 10 % (science.md 1). Runs go to a
store, so that a second start goes on where the first stopped. The registered set has one structure here.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tocsin.claims.claim import Claim, Estimand, Part, Rule
from tocsin.claims.measures import Question, measure
from tocsin.claims.synthetic import Rates, Trial, judge_one, rates, trials
from tocsin.claims.weights import FEWEST
from tocsin.claims.worlds import question, world
from tocsin.experiments.design import Design
from tocsin.experiments.labour import Labour
from tocsin.experiments.perform import perform
from tocsin.experiments.statistics import counter_uniform
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


def normals(stream: int, n: int) -> NDArray[np.float64]:
    """Standard normals, the same on every machine."""
    uniform = (counter_uniform(stream, np.arange(n, dtype=np.uint64)) + 0.5) / 2**32
    return np.array([NormalDist().inv_cdf(float(u)) for u in uniform])


def toy(draws: int = 600, records: int = 150, noise: float = 0.3) -> None:
    """Error rates of the rules on theta ~ N(0, 1), where chance is a quarter, a half, and all of it."""
    theta, error, luck = normals(1, draws), normals(3, draws), normals(2, 2 * draws).reshape(draws, 2)
    for chance in (0.25, 0.5, 1.0):
        happens = (theta[:, None] + chance * luck > 0).astype(float)
        for above, below in ((0.5, 0.5), (0.8, 0.2)):
            part = replace(CLAIM.parts[0], rule=Rule(above, below))
            found = []
            for i in range(records):
                ln = np.repeat(-0.5 * ((theta - theta[i] - noise * error[i]) / noise) ** 2, 2).reshape(draws, 2)
                ln[i] = np.nan
                kind, p, size = judge_one(CLAIM, part, ln, np.where(np.isnan(ln), np.nan, happens))
                found.append(Trial(i, 0, kind, bool(happens[i, 0]), p, size))
            print(f"chance {chance:g}, boundaries {above:g} and {below:g}: {said(rates(found))}")


def main() -> None:
    """Run, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=2, help="seeds per draw")
    parser.add_argument("--trials", type=int, default=100, help="records at most")
    parser.add_argument("--fewest", type=float, nargs="*", default=[FEWEST, 10.0, 3.0], help="least effective samples")
    parser.add_argument("--people-per-agent", type=int, default=100)
    parser.add_argument("--store", default="error-rate-runs")
    parser.add_argument("--toy", action="store_true", help="only the toy world")
    a = parser.parse_args()
    if a.toy:
        toy()
        return
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
