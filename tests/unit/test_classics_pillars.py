"""Pillars of support: the rules one by one on a nearly empty torus, and the same run twice."""

from __future__ import annotations

import numpy as np

from tocsin.classics.pillars import LOST, SEED, SIDE, WON, Campaign, discs, hardship_and_cost, play
from tocsin.kernels.draw import split
from tocsin.kernels.roam import (
    ENOUGH,
    FEWEST,
    FIND,
    GUARD,
    LEADER,
    MARKS,
    NUMBERS,
    PEERS,
    POST,
    REMOVE,
    SHARE_GONE,
    SLOPE,
    TARGET,
    WIN,
    roam,
)  # fmt: skip

CYCLE, LASTS, LONGEST, AIM = 8, 9, 7, 13


def few(kinds: list[int], cells: list[int], **settings: float) -> tuple[int, np.ndarray, np.ndarray]:
    """Outcome, series and marks of 20 ticks with these agents alone; limits of 5 %, no delay."""
    kind, marks = np.array(kinds), np.zeros((len(kinds), MARKS), np.int64)
    marks[:, 0] = cells
    grid = np.full(SIDE * SIDE, -1, np.int64)
    grid[marks[:, 0]] = np.arange(kind.size)
    numbers = np.zeros(NUMBERS)
    numbers[[SLOPE, PEERS, LONGEST, CYCLE, LASTS, ENOUGH, WIN, FEWEST]] = 2.3, 3, 10, 9, 1, 1, 0.5, -1
    for name, value in settings.items():
        numbers[{"find": FIND, "target": TARGET, "remove": REMOVE, "fewest": FEWEST, "aim": AIM}[name]] = value
    series = np.zeros((20, 4))
    outcome, last = roam(
        kind, marks, np.full((kind.size, 3), 0.05), grid, np.zeros_like(grid), discs(4), discs(10), SIDE, numbers,
        np.array([*split(SEED), 1, 2, 0]), np.zeros(kind.size, np.int64), np.zeros(6, np.uint64), np.zeros(5, np.int64),
        np.array([0.5]), series,
    )  # fmt: skip
    return int(outcome), series[: last + 1], marks


def test_sight_wraps_around() -> None:
    """If it failed, agents at the edge of the map would be blind on one side."""
    near = discs(4)
    assert near.shape == (SIDE * SIDE, 48)
    seen = np.zeros((SIDE * SIDE, SIDE * SIDE), bool)
    seen[np.arange(SIDE * SIDE)[:, None], near] = True
    assert (seen == seen.T).all()
    assert not seen.diagonal().any()


def test_protest_in_sight_wins_a_pillar() -> None:
    """If it failed, a pillar would stay loyal with nobody but protesters around it."""
    outcome, series, _ = few([LEADER, LEADER, POST], [0, 2, 1], aim=1)
    assert outcome == WON
    assert series[-1, SHARE_GONE] == 1.0


def test_nobody_protests_alone() -> None:
    """If it failed, an activist who sees no other would march by itself and turn pillars."""
    outcome, series, _ = few([LEADER, POST], [0, 1], aim=1)
    assert outcome == 0
    assert not series[:, :2].any()


def test_police_can_end_a_movement() -> None:
    """If it failed, police who find, target and kill without fail would leave an activist standing beside them."""
    outcome, _, marks = few([LEADER, LEADER, GUARD, POST], [0, 1, 2, 800], find=1.0, target=1.0, remove=1.0, fewest=1)
    assert outcome == LOST
    assert (marks[:2, 0] == -1).any()


def test_jail_takes_off_the_street_for_a_while() -> None:
    """If it failed, an arrest would last for ever or not at all."""
    _, series, marks = few([LEADER, GUARD, POST], [0, 1, 800], find=1.0, target=1.0)
    free = series[:, 3]
    assert free.min() == 0.0
    assert free.max() == 1.0
    assert marks[0, 0] >= 0


def test_same_run_twice() -> None:
    """If it failed, strategies would differ by luck, and pairs of runs would mean nothing."""
    once, twice, other = (play(Campaign(), run) for run in (3, 3, 4))
    assert once[0] == twice[0]
    assert once[1].tobytes() == twice[1].tobytes()
    assert once[1].tobytes() != other[1].tobytes()


def test_no_campaign_without_activists() -> None:
    """If it failed, a movement would appear out of nobody."""
    assert play(Campaign(activists=0.0), 0)[0] == LOST


def test_both_ends_of_incomes_fear_jail_most() -> None:
    """If it failed, the cost of arrest would leave out the poor, or hardship would grow with income."""
    hardship, cost = hardship_and_cost(np.array([0.2, 1.0, 8.0]))
    assert (np.diff(hardship) < 0).all()
    assert cost[1] < min(cost[0], cost[2])
