"""The one-equation revolution: pieces, ends and times worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocsin.classics.regimes import REGIMES, Law, closed_form, crossing_time, expected_end, integrate, smooth_ends

UNSTABLE = Law(join=0.8, remove=0.2, seen=0.3, held=0.6)


def test_protest_that_is_seen_overruns_the_police() -> None:
    """If it failed, a crowd would cross a threshold at another hour than the rates say, or forget where it was."""
    when = math.log((0.8 - 0.45) / (0.8 - 0.6))
    assert crossing_time(UNSTABLE, 0.45) == pytest.approx(when, rel=1e-12)
    r = closed_form(UNSTABLE, 0.45, np.array([0.0, when, when + 1.0]))
    assert r == pytest.approx([0.45, 0.6, 1 - 0.4 * math.exp(-0.8)], abs=1e-12)


@pytest.mark.parametrize(("name", "law"), REGIMES)
@pytest.mark.parametrize("start", [0.1, 0.45, 0.95])
def test_solver_and_closed_form_agree(name: str, law: Law, start: float) -> None:
    """If it failed, one of the two would step over a threshold without seeing it, and a regime would be misnamed."""
    times = np.linspace(0, 60, 121)
    assert np.abs(integrate(law, start, times)[0] - closed_form(law, start, times)).max() < 1e-8, name


def test_unseen_crowd_that_police_cannot_remove_stays() -> None:
    """If it failed, a protest that nobody joins and nobody can clear would melt away or grow by itself."""
    law = Law(join=0.5, remove=0.5, seen=0.6, held=0.3)
    assert (integrate(law, 0.45, np.linspace(0, 100, 11))[0] == 0.45).all()
    assert expected_end(law, 0.45) == 0.45


def test_crowd_that_falls_out_of_sight_dies() -> None:
    """If it failed, a shrinking protest would be caught at the edge of being seen instead of passing through it."""
    law = dict(REGIMES)["stable police state"]
    r, crossed = integrate(law, 0.55, np.linspace(0, 100, 11))
    assert r[-1] == pytest.approx(0, abs=1e-8)
    assert [edge for edge, _ in crossed] == [0.3]


def test_smooth_steps_keep_the_number_of_ends() -> None:
    """If it failed, the four regimes would be an artefact of steps that no crowd and no police force has."""
    assert [smooth_ends(law, 0.005) for _, law in REGIMES] == [2, 3, 2, 2]
    assert smooth_ends(dict(REGIMES)["failed state"], 1.0) == 1
