"""How far the mean-field twin lies from people, with and without ties: peak turnout, draw by draw.

python benchmarks/twin_gap.py [--draws 6] [--seeds 4] [--people-per-agent 100]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from tocsin.engine.meanfield import meanfield
from tocsin.engine.run import simulate
from tocsin.kernels.warmup import warm
from tocsin.scenario.load import load


def main() -> None:
    """Run and print one line per draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--people-per-agent", type=int, default=100)
    a = parser.parse_args()
    warm(print)
    base = load("kazakhstan-2022").vary({"people_per_agent": a.people_per_agent, "days": 8})
    for title, scenario in (("with ties", base), ("without ties", base.vary({"ties": False}))):
        gaps = []
        for draw in range(a.draws):
            begun = time.perf_counter()
            twin = np.mean([meanfield(scenario, draw, s).total("turnout").max() for s in range(a.seeds)])
            spent = (time.perf_counter() - begun) / a.seeds
            people = np.mean([simulate(scenario, draw, s).total("turnout").max() for s in range(a.seeds)])
            gaps.append(np.log(twin / people))
            ratio = f"ratio {twin / people:6.2f}  ({spent:.2f} s a twin)"
            print(f"{title:13s} draw {draw}: twin {twin:12,.0f}  people {people:12,.0f}  {ratio}")
        print(f"{title:13s} median ratio {np.exp(np.median(gaps)):.2f}, worst {np.exp(np.max(np.abs(gaps))):.1f} times")


if __name__ == "__main__":
    main()
