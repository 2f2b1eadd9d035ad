"""The grid on which Epstein's two groups live, and how a run of it ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tocsin.classics.declare import Effort
from tocsin.classics.epstein2 import CLASSICS, check_sixth, lasting
from tocsin.classics.epstein2_runs import RUN_6, RUN_7, RUN_8, ended, ends, times
from tocsin.classics.epstein2_world import PRINTED, Reading, Society, build
from tocsin.errors import UsageError
from tocsin.kernels import rivals as kernel
from tocsin.kernels.grid import ACTIVE, GONE, NOBODY, QUIET, TAKEN, WATCHER

HARSH = Society(legitimacy=0.6, cops=0.08, side=20)
DEATHLESS = 30_000


def on_grid(world):
    """Slots of all who stand on a site, bool[N]."""
    return np.isin(world.field.state, (QUIET, ACTIVE, WATCHER))


def around(world, slot):
    """Slots in sight of a slot, found anew by distance on the torus."""
    f = world.field
    y, x = np.divmod(f.at, f.side)
    dy, dx = (np.abs(a - a[slot]) for a in (y, x))
    near = np.minimum(dy, f.side - dy) ** 2 + np.minimum(dx, f.side - dx) ** 2 <= world.society.vision**2
    near[slot] = False
    return np.flatnonzero(near & on_grid(world))


@pytest.mark.parametrize(
    "society",
    [HARSH, replace(HARSH, clone=1.0, cops=0.25), replace(HARSH, turn=5, later=0.3)],
    ids=("plain", "full", "sent"),
)
def test_nobody_is_lost_or_in_two_places(society):
    """If it failed, people would share a site, vanish when they are arrested, or be written over by a birth."""
    world = build(society, PRINTED, 3)
    for _ in range(60):
        past = world.advance(1, to_the_end=True)
        f, here = world.field, on_grid(world)
        assert np.array_equal(np.flatnonzero(f.who != NOBODY), np.sort(f.at[here]))
        assert np.array_equal(f.who[f.at[here]], np.flatnonzero(here))
        assert (f.state[: f.reserved] != WATCHER).sum() + past.out[-1, kernel.POSTED] == f.reserved
        assert past.groups[-1].sum() == (here[f.reserved :]).sum() + (f.state == TAKEN).sum()
        assert (f.state == TAKEN).sum() == past.out[-1, kernel.ASIDE] <= f.reserved * society.longest
        people = f.state[f.reserved :] != GONE
        assert (f.age[f.reserved :][people] < f.span[f.reserved :][people]).all()


def test_a_run_is_a_function_of_its_seed_alone():
    """If it failed, a stored piece of the ladder could not be made again, and stopping would change the rest."""
    whole, parts = build(RUN_8, PRINTED, 9), build(RUN_8, PRINTED, 9)
    out = whole.advance(40).out
    assert np.array_equal(out, np.concatenate([parts.advance(n).out for n in (1, 12, 27)]))
    assert all(np.array_equal(a, b) for a, b in zip(whole.field[2:], parts.field[2:], strict=True))
    assert not np.array_equal(out, build(RUN_8, PRINTED, 10).advance(40).out)


@pytest.mark.parametrize("reading", [PRINTED, Reading(ratio="even")], ids=lambda r: r.ratio)
def test_who_is_active_follows_the_published_rule(reading):
    """If it failed, people would kill, or hold back, against what they see of cops and of other actives."""
    world = build(replace(HARSH, legitimacy=0.3, cops=0.04), reading, 5)
    world.advance(6)
    f, decided = world.field, set()
    rounded = np.rint if reading.ratio == "even" else np.asarray
    for slot in np.flatnonzero(on_grid(world)):
        if slot < f.reserved:
            continue
        seen = around(world, slot)
        cops, actives = (f.state[seen] == WATCHER).sum(), 1 + (f.state[seen] == ACTIVE).sum()
        risk = 1 - np.exp(-2.3 * rounded(cops / actives))
        expected = f.hardship[slot] * (1 - 0.3) - f.aversion[slot] * risk > 0.1
        assert kernel._is_active(f, slot, world.rule, 1 - 0.3) == expected
        decided.add((bool(expected), int(cops > 0)))
    assert len(decided) == 4


def test_every_free_site_and_every_victim_in_sight_is_as_likely():
    """If it failed, people would drift to one side, or some neighbours would be safer than others."""
    world = build(HARSH, PRINTED, 2)
    world.advance(2)
    f, words = world.field, np.arange(0, 2**32, 2**22, dtype=np.uint64) + np.uint64(2**21)
    checked = 0
    for slot in np.flatnonzero(on_grid(world))[:80]:
        seen = around(world, slot)
        movers = [j for j in seen if f.state[j] != WATCHER and f.kind[j] == 1]
        chosen = [kernel._target(f, int(f.at[slot]), world.rule.sight, 1, word) for word in words]
        assert set(chosen) == (set(movers) or {NOBODY})
        sites = [kernel._room(f, int(f.at[slot]), world.rule.sight, word) for word in words]
        assert len(set(sites)) == max(8 - seen.size, 1)
        for found in (chosen, sites):
            counts = np.unique(found, return_counts=True)[1]
            assert counts.max() - counts.min() <= 1
        checked += len(movers) > 1
    assert checked > 10


def test_people_kill_the_other_group_only():
    """If it failed, groups would shrink by their own violence."""
    world = build(replace(HARSH, legitimacy=0.0, cops=0.0), PRINTED, 1)
    world.field.kind[:] = 1
    assert world.advance(20, to_the_end=True).killed.sum() == 0
    assert (world.field.state == ACTIVE).sum() > 100


def test_without_births_and_old_age_the_missing_were_killed():
    """If it failed, the count of the killed, by which Run 6 is judged, would be wrong."""
    world = build(replace(HARSH, clone=0.0, oldest=DEATHLESS), PRINTED, 4)
    world.field.span[:] = DEATHLESS
    past = world.advance(30)
    assert past.killed.sum() == 280 - past.groups[-1].sum() > 50


def test_offspring_inherit_group_and_hardship_and_nothing_else():
    """If it failed, selection among the aggrieved, which decides long runs, would not be the paper's."""
    world = build(Society(legitimacy=1.0, clone=1.0, people=0.2, side=20), PRINTED, 6)
    f = world.field
    parents = {(h, k) for h, k in zip(f.hardship[:80].tolist(), f.kind[:80].tolist(), strict=True)}
    world.advance(4, to_the_end=True)
    there = f.state != GONE
    children = there.copy()
    children[:80] = False
    assert children.sum() > 200
    assert {(h, k) for h, k in zip(f.hardship[there].tolist(), f.kind[there].tolist(), strict=True)} <= parents
    assert np.unique(f.aversion[children]).size == children.sum()
    assert 0.4 < f.aversion[children].mean() < 0.6
    assert f.span[children].max() <= 200


def test_a_share_of_people_have_offspring_and_these_begin_at_age_nought():
    """If it failed, the grid would fill faster or slower than in the paper (4 s.e.), or the young die too soon."""
    world = build(Society(legitimacy=1.0, people=0.2, side=60), PRINTED, 8)
    world.field.span[:] = DEATHLESS
    world.advance(1, to_the_end=True)
    f = world.field
    born = (f.state != GONE)[720:].sum()
    assert abs(born - 36) < 4 * np.sqrt(720 * 0.05 * 0.95)
    assert (f.age[720 : 720 + born] == 0).all()
    assert (f.age[:720] == 1).all()


@pytest.mark.parametrize(("straight", "sites"), [(False, 8), (True, 4)])
def test_offspring_are_born_beside_their_parent(straight, sites):
    """If it failed, groups would spread over the grid by births as fast as by walking."""
    steps = set()
    for seed in range(120):
        world = build(Society(legitimacy=1.0, clone=1.0, people=1 / 81, side=9), Reading(straight=straight), seed)
        world.field.span[:] = DEATHLESS
        world.advance(1, to_the_end=True)
        parent, child = world.field.at[:2]
        apart = [(int(b) - int(a) + 4) % 9 - 4 for a, b in zip(divmod(parent, 9), divmod(child, 9), strict=True)]
        steps.add(tuple(apart))
    assert len(steps) == sites
    assert all(0 < abs(dy) + abs(dx) <= (1 if straight else 2) and max(abs(dy), abs(dx)) == 1 for dy, dx in steps)


def test_lives_are_uniform_up_to_the_oldest_age():
    """If it failed, generations would turn over faster or slower than in the paper (mean of 1120 lives, 4 s.e.)."""
    world = build(Society(legitimacy=1.0, clone=0.0), PRINTED, 7)
    people = world.advance(200, to_the_end=True).groups.sum(axis=1)
    lives = 1.0 + people[:-1].sum() / 1120
    assert abs(lives - 100.5) < 4 * 57.7 / np.sqrt(1120)
    assert people[-2] > 0 == people[-1]


def test_a_term_of_one_ends_with_the_period_and_no_term_exceeds_the_longest():
    """If it failed, the jail would hide people for longer or shorter than the published 15 periods."""
    past = build(replace(HARSH, longest=1), PRINTED, 2).advance(20)
    assert past.out[:, kernel.ASIDE].sum() == 0
    world = build(HARSH, PRINTED, 2)
    terms = [world.field.term[world.field.state == TAKEN] for _ in range(25) if world.advance(1).out.size]
    assert set(np.concatenate(terms)) == set(range(1, 15))


def test_cops_come_and_go_when_the_run_says():
    """If it failed, "peacekeepers" would be there before period 50, or a withdrawal would leave some behind."""
    come = build(Society(legitimacy=1.0, turn=5, later=0.04), PRINTED, 1).advance(8).out[:, kernel.POSTED]
    assert come.tolist() == [0] * 5 + [64] * 3
    go = build(Society(legitimacy=1.0, cops=0.04, turn=3, later=0.01), PRINTED, 1).advance(6).out[:, kernel.POSTED]
    assert go.tolist() == [64] * 3 + [16] * 3


def test_who_kills_a_turn_later_does_not_kill_in_the_first_period():
    """If it failed, the reading in which a cop may come between would be the printed one under another name."""
    assert build(HARSH, Reading(late=True), 1).advance(2).killed[0] == 0
    assert build(HARSH, PRINTED, 1).advance(1).killed[0] > 0


def test_peace_at_high_legitimacy_and_an_end_at_low():
    """If it failed, the first two results of the paper would not come out at all (three seeds)."""
    for seed in (1, 2, 3):
        assert build(RUN_6, PRINTED, seed).advance(100).killed.sum() == 0
        run = ended(build(RUN_7, PRINTED, seed), 400)
        assert 30 <= run["end"] == run["periods"] < 400
        assert run["victor"] in (0, 1)
        assert run["groups"][1 - run["victor"]] == 0


def test_a_run_that_lasts_counts_as_the_cap_and_says_why():
    """If it failed, peace by selection would pass for "genocide" or the other way round."""
    runs = [{"end": 80, "able": 5}, {"end": 0, "able": 0}, {"end": 0, "able": 7}]
    assert ends(runs, 3000).tolist() == [80, 3000, 3000]
    assert times(runs).startswith("1 of 3 ended after 80 periods; in 1 of the 2 that lasted nobody")
    finding = lasting("stable", "stable", runs)
    assert finding.met is False
    assert finding.note.startswith("2, 3 needed")
    assert lasting("stable", "stable", runs[1:]).met


def test_a_kept_piece_is_judged_again_as_it_was():
    """If it failed, findings would depend on whether the ladder was stopped and begun again."""
    kept = {"runs": [{"killed": 0, "groups": [5, 4]}, {"killed": 2, "groups": [0, 9]}]}
    killed, there = check_sixth(Effort(False, lambda *_: kept))
    assert (killed.met, killed.ours) == (False, "2 in 2 x 1000")
    assert (there.met, there.ours) == (False, "1 of 2 seeds")


@pytest.mark.parametrize("classic", CLASSICS, ids=lambda c: c.name)
def test_films_show_everybody(classic):
    """If it failed, a teacher would see an empty grid, or more people than the curve below it counts."""
    film = classic.film({name: knob.default for name, knob in classic.knobs.items()} | {"periods": 30.0}, 1)
    assert film.frames.shape == (30, 40, 40)
    assert (film.frames[-1] == 5).sum() == (64 if classic.name == "epstein-8" else 0)
    assert film.frames.max() < len(film.colours)
    for group, shades in (("group A", (1, 2)), ("group B", (3, 4))):
        assert 0 < np.isin(film.frames[-1], shades).sum() <= film.series[group][-1]


def test_more_than_the_grid_holds_is_refused():
    """If it failed, people would be put on sites that are taken."""
    with pytest.raises(UsageError, match="people"):
        build(Society(cops=0.4), PRINTED, 1)
    with pytest.raises(UsageError, match="reaches around"):
        build(Society(vision=20.0), PRINTED, 1)
