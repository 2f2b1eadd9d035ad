"""The compiled kernels against their slow twins, and the promises about bits."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worlds import SEED, STREAMS, counted, populate, random_coefficients, small_layout
from tocsin.kernels import oracle
from tocsin.kernels.choose import ceilings, choose, scratch
from tocsin.kernels.draw import philox, uniforms
from tocsin.kernels.fate import befall, fingerprint, push
from tocsin.kernels.law import EMPTY, tables
from tocsin.kernels.people import People, circles_of, rows_of, slots
from tocsin.kernels.synthesis import QUANTILES, draft, fill
from tocsin.kernels.warmup import empty_people
from tocsin.scenario.load import load
from tocsin.state import QUIET
from tocsin.world.build import Society, World, build, parameters_of

SIZES = [150, 64, 333]
FATE_STREAM = 99


def tick(people, layout, counts, c, cut, t, now, skip=True, parts=((0, 10**9),), seeds=SEED):
    """One tick of choose, fate and push, in the given parts of blocks; people by fate, and how many were expected."""
    last = int(layout.end[-1])
    fates, expected = np.zeros((2, len(layout.size), 6), np.int64)
    b = scratch(len(layout.size))
    ceilings(c, b)
    for first, end in parts:
        choose(first, min(end, last), people, layout, c, t, b, seeds, now, STREAMS, skip, counts)
    for first, end in parts:
        befall(first, min(end, last), people, layout, cut, seeds, now, FATE_STREAM, counts, fates, expected)
    push(0, len(layout.size), people, layout, t.decay, now)
    return fates, expected


def cuts(rng, places, segments, scale):
    """Cumulative fate thresholds of moderate size."""
    return (np.cumsum(rng.uniform(0, scale, (places, segments, 8, 6)), axis=-1) * 2**32 / 6).astype(np.int64)


def run(skip=True, parts=((0, 10**9),), ticks=12, eager=0.0, sizes=SIZES, names=None, order=None):
    """A dozen ticks with random coefficients, the same for the same names; returns people, layout, counts."""
    layout = small_layout(sizes, names=names)
    people, counts = populate(layout, [0.3, 0.7])
    t = tables(3.0)
    rng = np.random.default_rng(5)
    for now in range(1, ticks + 1):
        c, cut = random_coefficients(rng, len(sizes), 2, eager), cuts(rng, len(sizes), 2, 0.2)
        if order is not None:
            c = type(c)(*(a[order] if a.shape[0] == len(order) and a.ndim > 0 and a.size > 1 else a for a in c))
            cut = cut[order]
        tick(people, layout, counts, c, cut, t, now, skip, parts)
    return people, layout, counts


def digest(first, last, people, layout):
    """The fingerprint of these blocks of the only world."""
    found = np.zeros(1, np.uint64)
    fingerprint(first, last, people, layout, found)
    return int(found[0])


def same(a: People, b: People) -> bool:
    """Equal in every column."""
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_generator_gives_the_published_vectors(counter, key, expected):
    """Else draws are not Philox, and nobody could reproduce a run from the paper that defines the generator."""
    assert oracle.philox(counter, key) == expected
    words = philox(*(np.uint64(x) for x in (*counter, *key)))
    assert tuple(int(w) for w in words) == expected


def test_traits_equal_the_oracle():
    """Else people would differ in hardship, caution or segment from what the draws of their place and number say."""
    layout, rng = small_layout([150, 1, 4000, 64]), np.random.default_rng(3)
    people, quantile = empty_people(layout), np.sort(rng.uniform(0, 1, QUANTILES + 1))
    quantile[-9:] = 1.0
    share = np.rint(np.cumsum([[0.2, 0.5, 0.3], [0.0, 0.0, 1.0], [0.1, 0.0, 0.9], [1.0, 0.0, 0.0]], axis=1) * 2.0**32)
    fill(0, 4, people, layout, quantile, share.astype(np.int64), SEED, 4, draft())
    for p in range(4):
        blocks = slice(int(layout.block[p]), int(layout.end[p]))
        hardship, aversion, status = (column.reshape(-1, 64)[blocks] for column in people[:2] + people[3:4])
        traits = oracle.traits(int(layout.size[p]), int(layout.key[p]), quantile.tolist(), share[p].tolist(), 4, SEED)
        empty = [(0, 0, EMPTY)] * (hardship.size - len(traits))
        assert np.array_equal(np.stack([hardship, aversion, status], axis=-1).reshape(-1, 3), traits + empty)
        assert np.array_equal(people.top_hardship[blocks], hardship.max(axis=1))
        assert np.array_equal(people.least_aversion[blocks], np.where(status == EMPTY, 65535, aversion).min(axis=1))


def test_people_are_counted_as_they_are_built():
    """Else shares of the country would be taken of people who are not there."""
    s = load("kazakhstan-2022").vary({"people_per_agent": 5000})
    (society,) = build([World(s, 1, 1), World(s, 2, 2)], [parameters_of(s, 1), parameters_of(s, 2)])
    assert np.array_equal(society.counts, counted(society.people, society.layout))
    assert society.counts[:, QUIET].sum() == society.layout.size.sum()


def test_uniforms_are_uniform():
    """Else every probability in every mechanism would be off (power 0.99 for a shift of 0.002)."""
    n = 1_000_000
    u = uniforms(7, 1, 3, np.arange(n), np.zeros(n, np.int64))
    assert abs(u.mean() - 0.5) < 0.001
    assert abs(u.var() - 1 / 12) < 0.0005
    assert u.min() > 0
    assert u.max() < 1


@pytest.mark.parametrize("eager", [-6.0, 0.0, 6.0])
def test_kernels_equal_the_oracle(eager):
    """Else the fast law is not the law that is documented: people would join, rest or suffer for the wrong reasons."""
    layout = small_layout(SIZES)
    people, counts = populate(layout, [0.3, 0.7])
    crowd = oracle.Crowd.of(people, layout)
    t, rng = tables(3.0), np.random.default_rng(5)
    for now in range(1, 9):
        c, cut = random_coefficients(rng, 3, 2, eager), cuts(rng, 3, 2, 0.2)
        tick(people, layout, counts, c, cut, t, now)
        oracle.choose(crowd, c, t, now, STREAMS, SEED)
        oracle.befall(crowd, cut, t, now, FATE_STREAM, SEED)
        for person in crowd.people:
            at = int(layout.block[person.place]) * 64 + person.row
            assert int(people.status[at]) == person.segment * 16 + person.action, (now, person)
            assert int(people.experience[at]) == person.experience, (now, person)
    assert counts[:, 1:4].sum() > 0 or eager < 0
    assert counts[:, 6].sum() > 0 or eager < 0


@pytest.mark.parametrize("eager", [-8.0, 0.0])
def test_skipping_changes_no_bit(eager):
    """Else speed would buy different uprisings."""
    assert same(run(skip=True, eager=eager)[0], run(skip=False, eager=eager)[0])


@pytest.mark.parametrize("parts", [((0, 1), (1, 5), (5, 99)), tuple((i, i + 1) for i in range(12))])
def test_any_split_into_blocks_changes_no_bit(parts):
    """Else the number of threads would decide who goes into the street."""
    assert same(run()[0], run(parts=parts)[0])


def test_place_order_changes_nobody():
    """Else listing a place first would change what its people do."""
    names = ["a", "b", "c"]
    people, layout, _ = run(names=names)
    order = [2, 0, 1]
    other, moved, _ = run(sizes=[SIZES[i] for i in order], names=[names[i] for i in order], order=order)
    for new, old in enumerate(order):
        here = slice(int(layout.block[old]) * 64, int(layout.end[old]) * 64)
        there = slice(int(moved.block[new]) * 64, int(moved.end[new]) * 64)
        assert np.array_equal(people.status[here], other.status[there])
        assert np.array_equal(people.experience[here], other.experience[there])


def test_running_counts_equal_a_fresh_count_and_nobody_is_lost():
    """Else people would vanish or be counted twice; the dead would act."""
    people, layout, counts = run(ticks=20)
    assert np.array_equal(counted(people, layout), counts)
    assert counts[:, :8].sum() == sum(SIZES)


def test_circles_count_exactly_the_active():
    """Else support would drift away from what friends really do."""
    people, layout, _ = run(ticks=15)
    crowd = oracle.Crowd.of(people, layout)
    for (p, ring), members in crowd.circle.items():
        active = sum(1 <= m.action <= 3 for m in members)
        assert people.circle[int(layout.circle[p]) + ring] == active
        for m in members:
            at, bit = int(layout.block[p]) + m.row // 64, np.uint64(1) << np.uint64(m.row % 64)
            assert bool(people.exposed[at] & bit) == (active > 0)


def test_circle_permutation_is_one_to_one_and_undone():
    """Else some people would sit in two circles and others in none."""
    layout = small_layout([1000])
    wide, narrow, key = int(layout.wide[0]), int(layout.narrow[0]), layout.round_key[0]
    rows = np.arange(wide * narrow, dtype=np.int64)
    there, back = np.empty_like(rows), np.empty_like(rows)
    slots(rows, wide, narrow, key, there)
    rows_of(there, wide, narrow, key, back)
    assert np.array_equal(np.sort(there), rows)
    assert np.array_equal(back, rows)


def test_fingerprint_is_free_of_order_and_sees_one_person():
    """Else the first differing tick of two worlds could not be found."""
    people, layout, _ = run()
    last = int(layout.end[-1])
    whole = digest(0, last, people, layout)
    split = [digest(i, i + 1, people, layout) for i in range(last)]
    assert sum(split) % 2**64 == whole
    row = int(np.flatnonzero((people.status & 15) == 1)[0])
    people.status[row] += 1
    assert digest(0, last, people, layout) != whole


SEEDS = np.array([[12345, 678], [9, 10], [11, 1 << 31]], np.int64)
MEMORY = (3.0, 11.0, 1.0)


def taken(c, rows):
    """The coefficients of some places."""
    return type(c)(*(a[rows] for a in c[:-1]), c.noiseless)


def ticks(worlds, count=12):
    """Coefficients and fates of some ticks for so many worlds, the same each time."""
    rng = np.random.default_rng(8)
    for now in range(1, count + 1):
        places = worlds * len(SIZES)
        yield now, random_coefficients(rng, places, 2, 0.0), cuts(rng, places, 2, 0.2)


def columns_of(people, layout, p):
    """All that is stored of the people of one place."""
    first, last, ring = int(layout.block[p]), int(layout.end[p]), int(layout.circle[p])
    rings = circles_of(int(layout.wide[p] * layout.narrow[p]), int(layout.circle_size[0]))
    rows = (people.hardship, people.aversion, people.experience, people.status)
    blocks = people[4:-1]
    return [
        *(column[first * 64 : last * 64] for column in rows), *(column[first:last] for column in blocks),
        people.circle[ring : ring + rings],
    ]  # fmt: skip


def test_worlds_in_one_layout_have_the_bits_they_have_alone():
    """Else who is stepped beside a world would decide who marches in it, and no run could be made again by itself."""
    layout = small_layout(SIZES, worlds=3)
    people, counts = populate(layout, [0.3, 0.7], seeds=SEEDS)
    for now, c, cut in ticks(3):
        tick(people, layout, counts, c, cut, tables(*MEMORY), now, seeds=SEEDS)
    prints = np.zeros(3, np.uint64)
    fingerprint(0, int(layout.end[-1]), people, layout, prints)
    assert len(set(prints.tolist())) == 3
    for world in range(3):
        alone, seed = small_layout(SIZES), SEEDS[[world]]
        few, own = populate(alone, [0.3, 0.7], seeds=seed)
        for now, c, cut in ticks(3):
            here = layout.world == world
            tick(few, alone, own, taken(c, here), cut[here], tables(MEMORY[world]), now, seeds=seed)
        assert np.array_equal(own, counts[layout.world == world])
        assert digest(0, int(alone.end[-1]), few, alone) == int(prints[world])
        for p in range(len(SIZES)):
            there = columns_of(people, layout, world * len(SIZES) + p)
            assert all(np.array_equal(a, b) for a, b in zip(there, columns_of(few, alone, p), strict=True))


@pytest.mark.parametrize("out", [[0, 1, 2], [3, 4, 5], [4], [0, 5, 7]])
def test_places_left_out_change_nothing_for_the_rest(out):
    """Else a world whose story is over would move those that go on, or its own people would march on unseen."""
    kept = ~np.isin(np.arange(9), out)
    found = []
    for leave in (np.ones(9, bool), kept):
        layout = small_layout(SIZES, worlds=3)
        people, counts = populate(layout, [0.3, 0.7], seeds=SEEDS)
        society = Society(None, layout, people, counts)
        for now, c, cut in ticks(3):
            if now == 6:
                society, before = society.some(leave), people.status.copy()
            here = leave if now >= 6 else np.ones(9, bool)
            tick(people, society.layout, society.counts, taken(c, here), cut[here], tables(*MEMORY), now, seeds=SEEDS)
        found.append((people, layout, society.counts, before))
    (every, layout, counts, _), (some, _, fewer, before) = found
    assert np.array_equal(counts[kept], fewer)
    for p, stays in enumerate(kept):
        rows = slice(int(layout.block[p]) * 64, int(layout.end[p]) * 64)
        for name in ("status", "experience"):
            assert np.array_equal(getattr(some, name)[rows], getattr(every, name)[rows]) == stays
        assert np.array_equal(some.status[rows], before[rows]) != stays


@pytest.mark.parametrize("axes", [(1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3)])
def test_what_is_shared_acts_as_if_written_out(axes):
    """Else a pull on all segments, actions or tactics at once would reach only the first of them."""
    found = []
    for written in (False, True):
        layout = small_layout(SIZES)
        people, counts = populate(layout, [0.3, 0.7])
        for now, c, cut in ticks(1):
            wide, few = (a.shape for a in (c.alpha, c.nu))
            cells = [a[tuple(slice(1) if x in axes else slice(None) for x in range(a.ndim))] for a in c[:-1]]
            fate = cut[:, :1] if 1 in axes else cut
            if written:
                cells = [np.broadcast_to(a, wide if a.ndim == 4 else few).copy() for a in cells]
                fate = np.broadcast_to(fate, cut.shape).copy()
            tick(people, layout, counts, type(c)(*cells, c.noiseless), fate, tables(3.0), now)
        found.append((people, counts))
    assert same(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])
    assert found[0][1][:, 1:4].sum() > 0


def test_expected_is_the_sum_of_the_probabilities_drawn_against():
    """Else how many dead were to be expected would be about others than those who were in danger."""
    layout = small_layout(SIZES, worlds=2)
    people, counts = populate(layout, [0.3, 0.7], seeds=SEEDS)
    flows = np.zeros((2, 6))
    for now, c, cut in ticks(2, 20):
        tick(people, layout, counts, c, cut * 0, tables(3.0, 5.0), now, seeds=SEEDS)
        wanted = np.zeros((6, 6), np.int64)
        for p in range(6):
            status = people.status[int(layout.block[p]) * 64 : int(layout.end[p]) * 64].astype(np.int64)
            for one in status[np.isin(status & 15, (1, 2, 3, 4, 5, 7))].tolist():
                wanted[p] += np.diff(cut[p, one >> 4, one & 15], prepend=0)
        fates, expected = np.zeros((2, 6, 6), np.int64)
        befall(0, int(layout.end[-1]), people, layout, cut, SEEDS, now, FATE_STREAM, counts, fates, expected)
        assert np.array_equal(expected, wanted)
        flows += fates.sum(axis=0), expected.sum(axis=0) / 2**32
    assert (flows[1] > 50).all()
    assert (np.abs(flows[0] - flows[1]) < 5 * np.sqrt(flows[1])).all()
