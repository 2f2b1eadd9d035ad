"""The grid on which Epstein's people live, and how its outbursts are counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tocsin.classics.declare import Effort
from tocsin.classics.epstein import CLASSICS, called, moments, pair_of
from tocsin.classics.epstein_outbursts import RUN_2, outbursts, salami, slope, withdrawal
from tocsin.classics.epstein_world import FLOOR, MESA, NETLOGO, PRINTED, ROUNDED, Society, build, chances, window
from tocsin.errors import UsageError
from tocsin.kernels import grid as kernel

SMALL = Society(legitimacy=0.7, longest=8, cops=0.05, vision=3.0, side=20)
KINDS = (kernel.ACTIVE, kernel.WATCHER)
SEED = np.array([5, 0], np.int64)


def in_sight(where: np.ndarray, world) -> np.ndarray:
    """How many of `where` (a count for each site) each site sees, added up anew, the site itself included."""
    side = world.grid.side
    field = where.reshape(side, side)
    dy, dx = np.append(world.sight.dy, 0), np.append(world.sight.dx, 0)
    return sum(np.roll(field, (-y, -x), (0, 1)) for y, x in zip(dy, dx, strict=True)).ravel()


@pytest.mark.parametrize("reading", [FLOOR, NETLOGO, MESA], ids=lambda r: r.name)
def test_kept_counts_equal_counts_made_anew(reading):
    """If it failed, people would fear cops who have left or trust in crowds that have gone."""
    world = build(SMALL, reading, 3)
    seen = 0
    for _ in range(25):
        world.advance(1)
        g = world.grid
        lit, posted = (np.bincount(g.at[g.state == s], minlength=g.side**2) for s in KINDS)
        assert np.array_equal(lit, g.lit)
        assert np.array_equal(in_sight(lit, world), g.actives)
        assert np.array_equal(in_sight(posted, world), g.watchers)
        seen += lit.sum()
    assert seen > 100


@pytest.mark.parametrize("reading", [FLOOR, NETLOGO, MESA], ids=lambda r: r.name)
def test_nobody_is_lost_or_in_two_places(reading):
    """If it failed, the society would shrink or grow by arrests, and densities would not be what a run says."""
    world = build(SMALL, reading, 4)
    past = world.advance(40)
    g = world.grid
    present = g.state != kernel.TAKEN
    if reading.jailed == kernel.BLOCK:
        present[:] = True
    assert np.array_equal(np.bincount(g.at[present], minlength=g.side**2), g.crowd)
    assert past.jailed[-1] == (g.state == kernel.TAKEN).sum() > 0
    assert past.cops[-1] == (g.state == kernel.WATCHER).sum()
    if reading.jailed != kernel.SHARE:
        assert g.crowd.max() == 1


def test_a_run_is_a_function_of_its_seed_alone():
    """If it failed, a stored piece of the ladder could not be made again, and stopping would change the rest."""
    whole, parts = build(RUN_2, FLOOR, 9), build(RUN_2, FLOOR, 9)
    past = whole.advance(60)
    pieces = [parts.advance(n) for n in (1, 25, 34)]
    assert np.array_equal(past.active, np.concatenate([p.active for p in pieces]))
    assert all(np.array_equal(a, b) for a, b in zip(whole.grid[1:], parts.grid[1:], strict=True))
    assert not np.array_equal(past.active, build(RUN_2, FLOOR, 10).advance(60).active)


@pytest.mark.parametrize(
    ("shape", "vision", "sites"),
    [
        ("disc", 7, 148), ("disc", 7.7, 184), ("disc", 1.7, 8),
        ("diamond", 7, 112), ("square", 7, 224), ("cross", 7, 28),
    ],
)  # fmt: skip
def test_sight_has_the_sites_of_its_name(shape, vision, sites):
    """If it failed, a reading would not be the one whose waiting times it is compared with."""
    sight = window(shape, vision)
    assert sight.dy.size == sites
    assert (2 * sight.half[sight.half >= 0] + 1).sum() == sites + 1


def test_the_chance_of_arrest_is_the_published_one():
    """If it failed, one cop for one active would not mean 0.9, from which Epstein takes his k."""
    literal, floor, even, up = (chances(ratio, 2.3, 6) for ratio in ("literal", "floor", "even", "up"))
    assert literal[1, 1] == pytest.approx(0.9, abs=0.001)
    assert literal[1, 2] == pytest.approx(1 - np.exp(-1.15), rel=1e-12)
    assert floor[1, 2] == even[1, 2] == even[2, 5] == 0.0
    assert up[1, 2] == even[1, 1]
    assert floor[5, 2] == even[5, 2] == even[2, 1]


def test_everybody_moves_to_any_free_site_in_sight_alike():
    """If it failed, crowds would drift or thin out for no reason of theirs (chi-square over 148 sites, p > 0.001)."""
    sight, n = window("disc", 7.0), 20_000
    crowd = np.zeros(1600, np.uint8)
    sites = np.array([kernel._free_site(crowd, 40, 3, sight, i, 1, 7, SEED) for i in range(n)])
    counts = np.bincount(sites, minlength=1600)
    assert (counts > 0).sum() == 148
    assert counts[3] == 0
    expected = n / 148
    assert ((counts[counts > 0] - expected) ** 2 / expected).sum() < 206  # 147 degrees of freedom
    crowd[:] = 1
    assert kernel._free_site(crowd, 40, 3, sight, 1, 1, 7, SEED) == kernel.NOBODY
    crowd[int(sites[0])] = 0
    assert all(kernel._free_site(crowd, 40, 3, sight, i, 1, 7, SEED) == sites[0] for i in range(20))


def test_full_legitimacy_leaves_nobody_active_and_none_makes_nearly_all():
    """If it failed, grievance would not be hardship times the lack of legitimacy."""
    assert build(replace(SMALL, legitimacy=1.0), PRINTED, 1).advance(20).active.sum() == 0
    bare = build(replace(SMALL, legitimacy=0.0, cops=0.0), PRINTED, 1)
    past = bare.advance(5)
    assert past.active[-1] == (bare.grid.hardship > 0.1).sum()


def test_a_term_of_one_ends_with_the_period_and_an_endless_one_never():
    """If it failed, the jail would hold people for other terms than a run says."""
    assert build(replace(SMALL, longest=1), FLOOR, 2).advance(30).jailed.sum() == 0
    jailed = build(replace(SMALL, longest=None), FLOOR, 2).advance(60).jailed
    assert (np.diff(jailed) >= 0).all()
    assert jailed[-1] > 0


def test_cops_go_when_the_script_says():
    """If it failed, Run 5 would tip at a number of cops that was never on the grid."""
    world = build(SMALL, FLOOR, 1)
    posted = np.array([20, 20, 13, 5, 0, 0])
    assert list(world.advance(6, cops=posted).cops) == [20, 20, 13, 5, 0, 0]
    assert world.grid.watchers.sum() == 0
    assert withdrawal(700, 118)[[0, 300, 650]].tolist() == [118, 59, 0]
    assert salami(300)[[76, 77, 299]].tolist() == pytest.approx([0.9, 0.89, 0.2])


def test_an_outburst_begins_above_fifty_and_ends_below():
    """If it failed, waiting times would be split at every period with exactly 50 actives."""
    active = np.array([0, 50, 51, 50, 90, 49, 50, 51, 3, 60])
    assert outbursts(active) == [(2, 4), (7, 7), (9, 9)]
    assert outbursts(np.zeros(4, np.int64)) == []


def test_slope_is_that_of_an_exponential():
    """If it failed, the decay of waiting times that a reader compares with -0.07 would be another number."""
    waits = [w for w in range(31, 200) for _ in range(round(4000 * np.exp(-0.07 * w)))]
    assert slope(waits) == pytest.approx(-0.07, abs=0.01)


def test_films_show_everybody():
    """If it failed, a teacher would see an empty grid, or another number of actives than the curve below it."""
    second = next(c for c in CLASSICS if c.name == "epstein-2")
    film = second.film({name: knob.default for name, knob in second.knobs.items()} | {"periods": 30.0}, 1)
    assert film.frames.shape == (30, 40, 40)
    assert (film.frames[-1] == 4).sum() == 64
    assert film.series["active"][-1] == (film.frames[-1] == 2).sum()


def test_sight_around_the_torus_is_refused():
    """If it failed, people would see the same site twice."""
    with pytest.raises(UsageError, match="reaches around"):
        build(replace(RUN_2, side=10), FLOOR, 1)


def test_a_pair_that_is_not_met_is_not_called_met():
    """If it failed, a reading that misses the paper by a factor of three would count as met for being expected to."""

    def found(wait, total):
        return {"runs": [{"waits": [wait, wait], "activations": [total, total]}] * 3}

    full = Effort(True, lambda _, make: make())
    missed, met = (pair_of(full, "pair", of, variant=False) for of in (found(22, 770), found(60, 700)))
    assert missed.ours == "(22.0, 770): not met"
    assert missed.note == "wait 26 below"
    assert met.ours == "(60.0, 700): met"
    assert {missed.verdict, met.verdict} == {"counted above"}
    near = {"runs": [{"waits": [60, 60], "activations": [a, a]} for a in (420, 500, 560)]}
    quick = pair_of(Effort(False, lambda _, make: make()), "pair", near, variant=False)
    assert quick.ours == "(60.0, 493): too few runs to tell"


def test_a_sight_that_the_paper_does_not_state_is_a_variant():
    """If it failed, the reading with a sight of 7.7 would be counted as the paper's model."""
    runs = [{"waits": [50, 70], "activations": [600, 800], "tenser": 1.0}] * 6
    for variant in (False, True):
        rows = list(moments(Effort(True, lambda _, make: make()), "x", {"runs": runs}, variant=variant))
        assert all(row.variant is variant and row.origin == "paper" for row in rows)
        assert [row.why for row in rows if row.met is None] == ["seen, not judged"]
    assert called(ROUNDED).endswith("sight 7.7 for the paper's 7")
    assert called(FLOOR) == FLOOR.name
