"""Agents of four kinds that move, join, seize and give way on a torus, one at a time in random order.

Kinds: 0 follower, 1 leader, 2 guard, 3 post (does not move). At its turn an agent, if its delay is over, in this order:
lets its show end; moves to a random free cell in sight (leaders may head for a post); a guard that still stands may
seize or remove one of those in sight; leaders and members may show; followers weigh joining; guards and posts give way
for good if the share of shows among all agents in sight exceeds their own limit; the term of a seized agent shortens.
Every draw is keyed by agent, tick, stream and run. What the numbers mean is the caller's.
"""

from __future__ import annotations

import numpy as np

from tocsin.compile import inline, kernel
from tocsin.kernels.draw import philox, u32, u64

FOLLOWER, LEADER, GUARD, POST = 0, 1, 2, 3
CELL, TERM, REST, SHOW, MEMBER, FICKLE, PROMPT, DELAY, GONE = 0, 1, 2, 3, 4, 5, 6, 7, 8
MARKS = 9
"""Columns of `marks`: cell (-1: removed), term left, rest left, shows, member, fickle, prompt, delay, gave way."""
NEED, COST, LIMIT = 0, 1, 2
FIND, TARGET, REMOVE, BACKFIRE, SLOPE, PEERS, LEAST, LONGEST, CYCLE, LASTS, ENOUGH, WIN, FEWEST, AIM, SPARE = range(15)
NUMBERS = 15
UNIT = 2.0**-32
SHARE_GONE, SHARE_SHOW, SHARE_MEMBER, FREE_LEADERS = 0, 1, 2, 3


@inline
def _gap(cell, other, side):
    """Squared distance of two cells on the torus."""
    dx, dy = abs(cell % side - other % side), abs(cell // side - other // side)
    dx, dy = min(dx, side - dx), min(dy, side - dy)
    return dx * dx + dy * dy


@kernel
def _aim(me, grid, far, side, kind, marks, people, aim, spare):
    """The post that a leader heads for: the nearest in sight (1) or the one with the lowest limit (2); -1: none."""
    best, score = -1, 1e18
    for k in range(far.shape[1]):
        other = grid[far[marks[me, CELL], k]]
        if other >= 0 and kind[other] == POST and not (spare and marks[other, GONE]):
            own = _gap(marks[me, CELL], marks[other, CELL], side) * 1.0 if aim == 1 else people[other, LIMIT]
            if own < score:
                best, score = other, own
    return best


@kernel
def _move(me, word, grid, face, near, side, marks, goal):
    """To a random free cell in sight; with a goal, to the free cell in sight nearest to it, or stay."""
    here, free = marks[me, CELL], 0
    for k in range(near.shape[1]):
        free += face[near[here, k]] == 0
    if free == 0:
        return
    pick, seen, to = np.int64((word * u64(free)) >> u64(32)), 0, here
    best = _gap(here, marks[goal, CELL], side) if goal >= 0 else 0
    for k in range(near.shape[1]):
        cell = near[here, k]
        if face[cell] == 0:
            if goal >= 0:
                gap = _gap(cell, marks[goal, CELL], side)
                if gap < best:
                    best, to = gap, cell
            elif seen == pick:
                to = cell
                break
            seen += 1
    seen_as = face[here]
    grid[here], face[here] = -1, 0
    grid[to], face[to] = me, seen_as
    marks[me, CELL] = to


@inline
def _face(me, kind, marks):
    """What others see of an agent, as counters of 8 bits: an agent, a guard, a free leader, a member, a show."""
    leader = kind[me] == LEADER and marks[me, TERM] == 0
    return 1 + 256 * (kind[me] == GUARD) + 65536 * leader + (marks[me, MEMBER] << 24) + (marks[me, SHOW] << 32)


@kernel
def _look(cell, face, near, sight):
    """Counts in sight of a cell: all agents, guards, free leaders, members, shows (fewer than 256 cells)."""
    total = np.int64(0)
    for k in range(near.shape[1]):
        total += face[near[cell, k]]
    for c in range(5):
        sight[c] = (total >> (8 * c)) & 255


@kernel
def _seize(me, words, grid, face, near, kind, marks, sight, numbers, world):
    """A guard takes one of the shows in sight or, if it finds them, one of the other leaders and members."""
    if sight[2] + sight[3] == 0 or words[1] * UNIT >= numbers[TARGET]:
        return
    open_ones = sight[4] > 0
    if not open_ones and words[0] * UNIT >= numbers[FIND]:
        return
    pick = np.int64((words[3] * u64(sight[4] if open_ones else sight[2] + sight[3])) >> u64(32))
    for k in range(near.shape[1]):
        other = grid[near[marks[me, CELL], k]]
        if other >= 0:
            free_leader = kind[other] == LEADER and marks[other, TERM] == 0
            wanted = marks[other, SHOW] == 1 if open_ones else (free_leader or marks[other, MEMBER] == 1)
            if wanted:
                if pick == 0:
                    cell = marks[other, CELL]
                    marks[other, SHOW] = marks[other, MEMBER] = 0
                    if words[2] * UNIT < numbers[REMOVE]:
                        grid[cell], face[cell], marks[other, CELL] = -1, 0, -1
                        world[0] *= numbers[BACKFIRE]
                    else:
                        marks[other, TERM] = 1 + np.int64((words[4] * u64(numbers[LONGEST] - 1)) >> u64(32))
                        face[cell] = _face(other, kind, marks)
                    return
                pick -= 1


@inline
def _weigh(me, people, marks, sight, numbers, world):
    """A follower is a member while need (1 - standing) x pressure - chance of arrest x cost exceeds the least gain."""
    pressure = min(0.5 * sight[4] / numbers[PEERS], 1.0)
    chance = 1.0 - np.exp(-numbers[SLOPE] * sight[1] / (1.0 + sight[2] + sight[3]))
    gain = people[me, NEED] * (1.0 - world[0]) * pressure - chance * people[me, COST]
    marks[me, MEMBER] = gain > numbers[LEAST]


@inline
def _show(me, kind, marks, sight, numbers):
    able = (kind[me] == LEADER and marks[me, TERM] == 0) or marks[me, MEMBER] == 1
    if able and marks[me, REST] == 0 and sight[2] + sight[3] >= numbers[ENOUGH]:
        marks[me, SHOW], marks[me, REST] = 1, np.int64(numbers[CYCLE])


@kernel
def _turn(me, words, grid, face, near, far, side, kind, people, marks, sight, numbers, world):
    if marks[me, REST] > 0:
        marks[me, REST] -= 1
        if marks[me, REST] <= numbers[CYCLE] - numbers[LASTS]:
            marks[me, SHOW] = 0
    if kind[me] != POST and marks[me, TERM] == 0:
        goal, aim = -1, np.int64(numbers[AIM])
        if kind[me] == LEADER and aim > 0:
            goal = _aim(me, grid, far, side, kind, marks, people, aim, numbers[SPARE] > 0)
        _move(me, words[5], grid, face, near, side, marks, goal)
    _look(marks[me, CELL], face, near, sight)
    if kind[me] == GUARD and marks[me, GONE] == 0:
        _seize(me, words, grid, face, near, kind, marks, sight, numbers, world)
        _look(marks[me, CELL], face, near, sight)
    weighs = kind[me] == FOLLOWER and marks[me, TERM] == 0
    if kind[me] <= LEADER:
        if not marks[me, PROMPT]:
            _show(me, kind, marks, sight, numbers)
        if weighs and not (marks[me, MEMBER] and not marks[me, FICKLE]):
            _weigh(me, people, marks, sight, numbers, world)
        if marks[me, PROMPT]:
            _show(me, kind, marks, sight, numbers)
    elif sight[0] > 0 and sight[4] / sight[0] > people[me, LIMIT]:
        marks[me, GONE] = 1
    if marks[me, TERM] > 0:
        marks[me, TERM] -= 1
    face[marks[me, CELL]] = _face(me, kind, marks)


@inline
def _census(kind, marks, tick, posts, series):
    gone, shows, members, leaders, alive, able = 0, 0, 0, 0, 0, 0
    for i in range(kind.size):
        if marks[i, CELL] >= 0:
            alive += 1
            gone += kind[i] == POST and marks[i, GONE] == 1
            shows += marks[i, SHOW]
            members += marks[i, MEMBER]
            leaders += kind[i] == LEADER and marks[i, TERM] == 0
            able += kind[i] == LEADER or marks[i, MEMBER] == 1
    series[tick, SHARE_GONE], series[tick, SHARE_SHOW] = gone / posts, shows / alive
    series[tick, SHARE_MEMBER], series[tick, FREE_LEADERS] = members / alive, leaders
    return gone / posts, able


@kernel
def roam(kind, marks, people, grid, face, near, far, side, numbers, key, order, words, sight, world, series):
    """Run until the posts give way (2), the leaders and members are gone (3) or time is over (0); outcome, last tick.

    kind int64[N]; marks int64[N, 9]; people float64[N, 3]: need, cost, limit; grid int64[side * side]: agent or -1;
    near, far int64[side * side, ..]: the cells in sight of each cell and in a leader's search; numbers float64[15]; key
    int64[5]: two halves of the seed, streams of order and of turns, run; face int64[side * side] of zeros, order
    int64[N], words uint64[6], sight int64[5]: buffers; world float64[1]: standing; series float64[ticks, 4]: posts
    given way, shows, members as shares, free leaders.
    """
    n, posts = kind.size, 0
    for i in range(n):
        order[i] = i
        face[marks[i, CELL]] = _face(i, kind, marks)
        posts += kind[i] == POST
    for tick in range(series.shape[0]):
        for i in range(n - 1, 0, -1):
            a, _, _, _ = philox(u64(i), u64(tick), u64(key[2]), u64(key[4]), u64(key[0]), u64(key[1]))
            j = np.int64((a * u64(i + 1)) >> u64(32))
            order[i], order[j] = order[j], order[i]
        for i in range(n):
            me = order[i]
            if marks[me, CELL] < 0 or tick <= marks[me, DELAY]:
                continue
            for half in range(2):
                a, b, c, _ = philox(u64(2 * me + half), u64(tick), u64(key[3]), u64(key[4]), u64(key[0]), u64(key[1]))
                words[3 * half], words[3 * half + 1], words[3 * half + 2] = u64(u32(a)), u64(u32(b)), u64(u32(c))
            _turn(me, words, grid, face, near, far, side, kind, people, marks, sight, numbers, world)
        gone, able = _census(kind, marks, tick, posts, series)
        if able <= numbers[FEWEST]:
            return 3, tick
        if gone > numbers[WIN]:
            return 2, tick
    return 0, series.shape[0] - 1
