"""Lang and De Sterck 2014 a second time: a Runge-Kutta of our own over the jumps, beside the chain of exponentials.

Rule: dr/dt = c1 (1 - r) [r > a] - c2 r [r < b], doi 10.1016/j.mathsocsci.2014.01.004 (r: share who protest; a: seen
from here; b: police cope up to here).

Agreement, set by the step h = 0.005 days alone: a fixed step that straddles a jump of the field errs by at most h times
the jump (below 1 here) and each trajectory meets at most two jumps, so 2 h = 0.01 everywhere and 1e-6 where no jump is
met; ends after 150 days to 1e-6. Numbers are compared, not samples.
"""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.classics.regimes import REGIMES, Law, closed_form, crossing_time, expected_end

STEP, DAYS, EVERY = 0.005, 150, 200
STARTS = np.arange(20) / 20 + 0.0237
LAWS = (*(law for _, law in REGIMES), Law(0.3, 0.1, 0.2, 0.9), Law(0.15, 0.9, 0.02, 0.5))


def field(law: Law, r: np.ndarray) -> np.ndarray:
    """dr/dt, float[n]."""
    return law.join * (r > law.seen) * (1 - r) - law.remove * (r < law.held) * r


def runge_kutta(law: Law, days: int = DAYS) -> np.ndarray:
    """r on every whole day from all starts, float[days + 1, 20]."""
    r = STARTS.copy()
    kept = [r]
    for step in range(1, EVERY * days + 1):
        k1 = field(law, r)
        k2 = field(law, r + STEP / 2 * k1)
        k3 = field(law, r + STEP / 2 * k2)
        k4 = field(law, r + STEP * k3)
        r = r + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        if step % EVERY == 0:
            kept.append(r)
    return np.array(kept)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_courses_and_ends(law):
    """If it failed, a revolution of ours would take another course than its equation, or end in another regime."""
    plain = runge_kutta(law)
    times = np.arange(DAYS + 1.0)
    for k, start in enumerate(STARTS):
        chain = closed_form(law, float(start), times)
        apart = np.abs(plain[:, k] - chain)
        jumps = sum(min(chain) < border < max(chain) for border in (law.seen, law.held))
        assert apart.max() < (2 * STEP if jumps else 1e-6)
        assert plain[-1, k] == pytest.approx(expected_end(law, float(start)), abs=1e-6)


@pytest.mark.parametrize("start", [0.31, 0.4, 0.55])
def test_day_when_the_police_give_way(start):
    """If it failed, the day on which the police are outnumbered would be wrong; our step of 0.001 days gives 1e-3."""
    law = Law(0.8, 0.2, 0.3, 0.6)
    r, day = start, 0.0
    while r < law.held:
        middle = r + 0.0005 * (law.join * (1 - r) - law.remove * r)
        r += 0.001 * (law.join * (1 - middle) - law.remove * middle)
        day += 0.001
    assert crossing_time(law, start) == pytest.approx(day, abs=1.1e-3)


def test_each_regime_is_its_own():
    """If it failed, the comparison would pass with any law: from the same starts no two regimes end alike."""
    ends = [tuple(np.round(runge_kutta(law, 60)[-1], 3)) for _, law in REGIMES]
    assert len(set(ends)) == 4
