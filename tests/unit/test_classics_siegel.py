"""Motivation on networks: the tie provider, the families, and the rule on small graphs."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.classics import networks
from tocsin.classics.crowd import REACHED, Crowd, normals, traits
from tocsin.classics.declare import Effort
from tocsin.classics.networks import FAMILIES, STANDARD, complete, mean_ties
from tocsin.classics.siegel import CLASSIC, MEMORIES, everybody, film, one_by_one, rounds, settled, study
from tocsin.kernels.ties import MEMORY_BITS, carry, remember, ties_of


def pairs(ties):
    """(speaker, listener) of every tie."""
    return list(zip(np.repeat(np.arange(ties.heard.size), np.diff(ties.start)), ties.listener, strict=True))


def test_ties_carry_what_each_person_hears():
    """If it failed, people would answer a crowd that is not the one that they see; counted by hand."""
    size = 200
    ties = ties_of(size, np.floor(normals(900, "a", 1) * 1e6).astype(np.int64) % size, np.arange(900) % size)
    crowd = Crowd(traits(np.full(size, 0.5)))
    for now in range(6):
        active = normals(size, "who", now) > 0
        for at in range(crowd.people.active.size):
            bits = sum(1 << j for j, on in enumerate(active[at * 64 : at * 64 + 64]) if on)
            crowd.people.active[at] = np.uint64(bits)
        carry(crowd.people, ties)
        counted = np.zeros(size, np.int64)
        for speaker, listener in pairs(ties):
            counted[listener] += active[speaker]
        assert np.array_equal(ties.active, counted)
    assert carry(crowd.people, ties) == 0


def test_pair_given_twice_counts_once():
    """If it failed, a friend met twice would count for two."""
    ties = ties_of(3, np.array([0, 0, 1]), np.array([1, 1, 2]))
    assert ties.heard.tolist() == [0, 1, 1]
    assert pairs(ties) == [(0, 1), (1, 2)]


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 0.99])
def test_memory_tends_to_what_is_heard(memory):
    """If it failed, people would remember a share that never was; after t ticks l (1 - memory^t), to one trait."""
    ties = ties_of(4, np.array([0, 1, 2, 0]), np.array([3, 3, 3, 1]))
    crowd, keep = Crowd(np.zeros(4, np.uint16)), round(memory * 2**MEMORY_BITS)
    ties.active[...] = (0, 1, 0, 2)
    for now in range(1, 40):
        remember(crowd.people, ties, keep, REACHED)
        shares = np.array([0, 1, 0, 2 / 3]) * (1 - memory**now)
        assert np.allclose(crowd.people.hardship[:4] / 65536, shares, atol=2.1 / 65536)
        assert crowd.people.top_hardship[0] == crowd.people.hardship[:4].max()
    while remember(crowd.people, ties, keep, REACHED):
        pass
    assert crowd.people.hardship[:4].tolist() == [0, REACHED, 0, 65536 * 2 // 3]


def test_families_are_what_they_say():
    """If it failed, a small world would be something else, and findings by family would be about other networks."""
    size = 600
    for build, _, levels in FAMILIES.values():
        ties = [build(size, level, 1) for level in levels]
        assert all(speaker != listener for speaker, listener in pairs(ties[0]))
        assert {(b, a) for a, b in pairs(ties[0])} == set(pairs(ties[0]))
        assert sorted(map(mean_ties, ties)) == [mean_ties(t) for t in ties]
        again = build(size, levels[0], 1)
        assert np.array_equal(again.listener, ties[0].listener)
    ring = networks.small_world(size, 3, 1, rewired=0.0)
    assert all(min((b - a) % size, (a - b) % size) <= 3 for a, b in pairs(ring))
    assert (ring.heard == 6).all()
    cliques = networks.village(size, 0.0, 1)
    assert all(a // networks.VILLAGE == b // networks.VILLAGE for a, b in pairs(cliques))
    assert (cliques.heard == networks.VILLAGE - 1).all()
    tree = networks.hierarchy(111, 0.0, 1)
    assert tree.heard.tolist() == [10] + [11] * 10 + [1] * 100
    leaders = networks.opinion_leader(size, 1.8, 1)
    assert leaders.heard.max() > 20 * np.median(leaders.heard)
    one_way = networks.opinion_leader(size, 1.8, 1, both_ways=False)
    assert set(pairs(one_way)) < set(pairs(leaders))


def test_who_hears_nobody_moves_only_for_herself():
    """If it failed, people without ties would follow a crowd that they cannot see."""
    ties = ties_of(5, np.array([0, 1]), np.array([1, 2]))
    crowd = settled(ties, np.array([1.2, 0.3, 0.1, 0.9, 1.01]))
    assert crowd.active.tolist() == [True, True, True, False, True]


def test_tie_provider_on_the_complete_graph_is_the_bare_law():
    """If it failed, networks would be another model than Granovetter's in disguise; the same persons at each tick."""
    size = 300
    for mean, spread in ((0.75, 0.115), (0.75, 0.14), (0.6, 0.4), (0.5, 0.6)):
        b = mean + spread * normals(size, "motivation", 4)
        for memory in MEMORIES:
            assert np.array_equal(settled(complete(size), b, memory).active, everybody(b, memory).active)


@pytest.mark.parametrize("family", FAMILIES)
def test_order_and_memory_do_not_change_who_takes_part(family):
    """If it failed, the end would be a matter of how people are woken; participation never falls on the way."""
    build, _, levels = FAMILIES[family]
    ties, b = build(400, levels[STANDARD], 2), 0.6 + 0.25 * normals(400, "motivation", 2)
    expected = one_by_one(ties, b, 7)
    assert expected.any()
    for memory in MEMORIES:
        before = 0
        for crowd in rounds(ties, b, memory):
            assert crowd.acting >= before
            before = crowd.acting
        assert np.array_equal(crowd.active, expected)


def test_study_is_repeatable_and_depends_on_the_family():
    """If it failed, a kept piece could not be trusted in a second start."""
    effort = Effort(full=False, keep=lambda _, make: make())
    first, ties = study(effort, "hierarchy", 0.01, ((0.6, 0.3),), 100)
    second, _ = study(effort, "hierarchy", 0.01, ((0.6, 0.3),), 100)
    assert np.array_equal(first, second)
    assert first.shape == (1, 20)
    assert ties > 2


def test_film_shows_the_run():
    """If it failed, a teacher would see another crowd than the curve below it."""
    knobs = {name: knob.default for name, knob in CLASSIC.knobs.items()}
    shown = film(knobs, 1)
    share = shown.series["share taking part"]
    b = knobs["mean"] + knobs["spread"] * normals(2500, "motivation", 1)
    whole = settled(networks.small_world(2500, knobs["reach"], 1, knobs["rewired"]), b)
    assert share[-1] == whole.share
    assert shown.frames.shape[0] == share.size > 5
    assert np.allclose((shown.frames > 0).mean(axis=(1, 2)), share)
    assert shown.frames.max() < len(shown.colours)
    assert share[0] == 0
    assert (np.diff(share) >= 0).all()
