"""Siegel 2009, social networks and collective action (doi 10.1111/j.1540-5907.2008.00361.x).

Person i has a net internal motivation b_i ~ N(mean, spread) and takes part iff b_i + c_i > 0. The external motivation
starts at -1 and follows the share l_i of her network that takes part, with a memory:

    c_i' = memory c_i - (1 - memory)(1 - l_i)

Through the person kernel with R = 1 - b and gamma one smallest step: on the complete graph, where everybody hears the
same share, 1 + c is part of gamma, and the model is Granovetter's with thresholds 1 - b; on other networks a tie
provider (kernels/ties.py) pushes activity along the ties and writes 1 + c_i to H, which the law takes with alpha = 1.

The rule can only raise participation, so all at once or one by one, and whatever the memory, the same persons take
part in the end: the smallest set that is at rest. Departures: traits of 16 bits; families as in networks.py.
Traps: started from a mixed state instead of from nobody, people updated all at once may alternate for ever; a share
counts the active among one's ties, so another tie is another person to wait for. Only the abstract could be had: its
statements are tested, the paper's own numbers are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.classics.crowd import (
    FOLLOWED,
    REACHED,
    SMALLEST_STEP,
    TRAIT,
    Crowd,
    cascade,
    evenly,
    gamma_at,
    normals,
    traits,
)
from tocsin.classics.declare import Classic, Effort, Film, Finding, Knob, Line, Picture
from tocsin.classics.judged import OWN, PLAN
from tocsin.classics.networks import FAMILIES, STANDARD, complete, mean_ties, small_world
from tocsin.exact import Floats
from tocsin.kernels.draw import name_hash, uniforms
from tocsin.kernels.ties import MEMORY_BITS, Ties, carry, remember

MOTIVATION = "motivation"
PEOPLE, NETWORK = 20_000, 1000
MEMORIES = (0.0, 0.5, 0.9)
TIMID, READY = (0.6, 0.25), (0.75, 0.12)
"""Two distributions of motivation: mean and spread. In the first a crowd is hard to start, in the second easy."""
ELITE = 0.02
Classes = Sequence[tuple[float, float]]
SAID = f"{OWN}; statement of the abstract"
ABSTRACT: dict[str, Any] = {"origin": "paper", "basis": SAID, "why": "too few runs to tell"}


def everybody(motivation: Floats, memory: float) -> Crowd:
    """The model on the complete graph: everybody hears the share of all, herself included."""
    crowd, drive = Crowd(traits(1.0 - motivation)), 0.0
    for _ in range(FOLLOWED):
        before, held = crowd.acting, drive
        share = crowd.step(gamma=gamma_at(drive))
        drive = memory * drive + (1.0 - memory) * share
        if crowd.acting == before and abs(drive - held) < 1e-9:
            break
    return crowd


def rounds(ties: Ties, motivation: Floats, memory: float) -> Iterator[Crowd]:
    """The crowd after each tick on a network, from nobody until nothing moves."""
    ties = ties._replace(active=np.zeros_like(ties.active), memory=np.zeros_like(ties.memory))
    crowd, keep = Crowd(traits(1.0 - motivation)), round(memory * 2**MEMORY_BITS)
    for _ in range(FOLLOWED):
        crowd.step(alpha=1.0, rho=1.0, gamma=SMALLEST_STEP)
        yield crowd
        if carry(crowd.people, ties) + remember(crowd.people, ties, keep, REACHED) == 0:
            return


def settled(ties: Ties, motivation: Floats, memory: float = 0.0) -> Crowd:
    """The crowd at rest on a network."""
    *_, crowd = rounds(ties, motivation, memory)
    return crowd


def one_by_one(ties: Ties, motivation: Floats, seed: int) -> NDArray[np.bool_]:
    """Who takes part in the end if persons decide one after the other in a drawn order, bool[N]; without memory."""
    size, threshold = motivation.size, traits(1.0 - motivation).astype(np.int64)
    numbers = np.arange(size, dtype=np.int64)
    order = np.argsort(uniforms(seed, name_hash("order of deciding"), 0, numbers, numbers * 0))
    active, count, moved = np.zeros(size, bool), np.zeros(size, np.int64), True
    while moved:
        moved = False
        for i in order:
            share = min(int(count[i]) * TRAIT // max(int(ties.heard[i]), 1), REACHED)
            if not active[i] and threshold[i] <= share:
                active[i] = moved = True
                count[ties.listener[ties.start[i] : ties.start[i + 1]]] += 1
    return active


def check(effort: Effort) -> Iterator[Finding]:
    """The complete graph against Granovetter, the networks against what must hold, then the paper's statements."""
    yield from _complete(effort)
    yield from _invariants()
    yield _more_ties(effort)
    size = "participation among 4,000 less that among 250; chances of ties stay, so villages and levels gain ties"
    yield _by_type(effort, "size", size)
    yield _by_type(effort, "elites", "the best tied 2 % always take part, less a drawn 2 % that do")
    note = "the paper is not open access and only its abstract was read; the families' numbers are ours (networks.py)"
    shown = "the paper's levels of participation by network and class", "figures", "", ""
    yield Finding(*shown, None, note, origin="paper", why="not at hand")


def _complete(effort: Effort) -> Iterator[Finding]:
    seeds = range(effort.choose(2, 20))
    for sd, bound, low in ((0.115, "r < 0.06", False), (0.13, "r > 0.99", True)):
        for memory in MEMORIES:
            shares, same = _ends(effort, sd, memory, seeds)
            worst = min(shares) if low else max(shares)
            met = (worst > 0.99 if low else worst < 0.06) and same
            note = f"{len(seeds)} draws of {PEOPLE:,} people; {'the same' if same else 'NOT the same'} persons as there"
            name = f"complete graph as Granovetter: spread {sd:g}, memory {memory:g}"
            shown = bound, f"r = {worst:.4f}, the farthest", "bound, same persons"
            yield Finding(name, *shown, met, note, origin="derived", basis=PLAN)
    low_sd, high_sd = 0.12, 0.125
    while high_sd - low_sd > 1e-6:
        middle = (low_sd + high_sd) / 2
        high = everybody(0.75 + middle * evenly(PEOPLE), 0.5).share > 0.5
        low_sd, high_sd = (low_sd, middle) if high else (middle, high_sd)
    met = abs(high_sd - 0.12222) < 1e-4
    shown = "0.12222", f"{high_sd:.5f}", "0.0001"
    yield Finding("jump on the complete graph, memory 0.5", *shown, met, origin="derived", basis=OWN)


def _ends(effort: Effort, sd: float, memory: float, seeds: Sequence[int]) -> tuple[list[float], bool]:
    """Participation by seed, and whether the same persons take part as under Granovetter's rule."""

    def make() -> dict[str, Any]:
        drawn = [0.75 + sd * normals(PEOPLE, MOTIVATION, seed) for seed in seeds]
        crowds = [everybody(b, memory) for b in drawn]
        same = [np.array_equal(c.active, cascade(1.0 - b).active) for c, b in zip(crowds, drawn, strict=True)]
        return {"share": [c.share for c in crowds], "same": all(same)}

    kept = effort.keep(f"complete graph, people {PEOPLE}, spread {sd:g}, memory {memory:g}, seeds {len(seeds)}", make)
    return kept["share"], kept["same"]


def _invariants() -> Iterator[Finding]:
    """What the rule implies for any network, person for person."""
    b = READY[0] + READY[1] * normals(NETWORK, MOTIVATION, 1)
    alike = np.array_equal(settled(complete(NETWORK), b).active, everybody(b, 0.0).active)
    shown = "the same persons", "the same" if alike else "others", "exact"
    note = f"{NETWORK:,} people, {NETWORK**2:,} ties against the bare law"
    yield Finding("ties along the complete graph", *shown, alike, note, origin="derived", basis="identity")
    b = TIMID[0] + TIMID[1] * normals(NETWORK, MOTIVATION, 1)
    for family, (build, _, levels) in FAMILIES.items():
        ties = build(NETWORK, levels[STANDARD], 1)
        ends = [settled(ties, b, memory).active for memory in MEMORIES]
        ends.append(one_by_one(ties, b, 1))
        alike = all(np.array_equal(end, ends[0]) for end in ends)
        name = f"{family}: memory 0, 0.5, 0.9, and one by one without memory"
        shown = "the same persons", "the same" if alike else "others", "exact"
        note = f"{ends[0].mean():.3f} take part, {mean_ties(ties):.1f} ties each"
        yield Finding(name, *shown, alike, note, origin="derived", basis="identity")


def study(effort: Effort, family: str, level: float, classes: Classes, size: int = NETWORK) -> tuple[Floats, float]:
    """Participation at rest by class and draw, float[classes, draws], and the ties that a person has on average."""
    draws, build = effort.choose(20, 60), FAMILIES[family][0]

    def make() -> dict[str, Any]:
        found, each = [], []
        for seed in range(draws):
            ties, z = build(size, level, seed), normals(size, MOTIVATION, seed)
            found.append([settled(ties, mean + sd * z).share for mean, sd in classes])
            each.append(mean_ties(ties))
        return {"shares": found, "ties": sum(each) / draws}

    of = f"motivation {classes[0]} to {classes[-1]} in {len(classes)}"
    name = f"{family} {level:g}, people {size}, draws {draws}, {of}"
    kept = effort.keep(name, make)
    return np.array(kept["shares"]).T, float(kept["ties"])


def _more_ties(effort: Effort) -> Finding:
    """The abstract: in some contexts additional ties decrease participation."""
    found, shown = [], []
    for family, (_, _, levels) in FAMILIES.items():
        few, many = (study(effort, family, level, (TIMID, READY))[0] for level in (levels[0], levels[-1]))
        for motivation, change in zip((TIMID, READY), many - few, strict=True):
            mean, error = _mean_and_error(change)
            found.append((mean / error, f"{mean:+.2f} +- {error:.2f}: {family}, motivation {motivation}"))
            shown.append(f"{family}, {motivation}: {mean:+.2f} +- {error:.2f}")
    least, ours = min(found)
    note = f"fewest ties tried to most, by motivation (mean, spread): {'; '.join(shown)}"
    row = "more ties", "may decrease participation", ours, "one decrease by 3 s.e."
    return Finding(*row, _shown_by(effort, least < -3), note, **ABSTRACT)


def _by_type(effort: Effort, what: str, meaning: str) -> Finding:
    """The abstract: the effect of size and of elites depends on the type of network and on motivation."""
    effect = {family: _mean_and_error(_change(effort, what, family)) for family in FAMILIES}
    (low, low_error), (high, high_error) = min(effect.values()), max(effect.values())
    apart = (high - low) / math.hypot(low_error, high_error)
    shown = "; ".join(f"{family} {mean:+.2f} +- {error:.2f}" for family, (mean, error) in effect.items())
    ours = f"{low:+.2f} to {high:+.2f}, {apart:.1f} standard errors apart"
    note = f"{meaning}; motivation {TIMID}: {shown}"
    row = f"effect of {what}", "depends on the type of network", ours, "apart by 3 s.e."
    return Finding(*row, _shown_by(effort, apart > 3), note, **ABSTRACT)


def _shown_by(effort: Effort, found: bool) -> bool | None:
    """An effect that is seen in the quick form is there; one that is not may need more draws."""
    return found if found or effort.full else None


def _mean_and_error(change: Floats) -> tuple[float, float]:
    """Mean of float[draws] and its standard error, which is never quite zero."""
    return float(change.mean()), max(float(change.std(ddof=1)) / math.sqrt(change.size), 1e-12)


def _change(effort: Effort, what: str, family: str) -> Floats:
    """Change in participation by draw, float[draws]."""
    build, _, levels = FAMILIES[family]
    level = levels[STANDARD]
    if what == "size":
        many, few = (study(effort, family, level, (TIMID,), size)[0] for size in (4000, 250))
        return np.asarray(many[0] - few[0])
    draws = effort.choose(80, 240)

    def make() -> dict[str, Any]:
        return {"change": [_elites(build(NETWORK, level, seed), seed) for seed in range(draws)]}

    kept = effort.keep(f"elites, {family} {level:g}, draws {draws}", make)
    return np.array(kept["change"])


def _elites(ties: Ties, seed: int) -> float:
    """Participation if the best tied always take part, less that if as many drawn persons do."""
    b, lot = TIMID[0] + TIMID[1] * normals(NETWORK, MOTIVATION, seed), normals(NETWORK, "lot", seed)
    ends = []
    for rank in (np.diff(ties.start) + 1e-6 * lot, lot):
        chosen = np.argsort(rank)[-round(ELITE * NETWORK) :]
        willing = b.copy()
        willing[chosen] = 2.0
        ends.append(settled(ties, willing).share)
    return ends[0] - ends[1]


def pictures(effort: Effort) -> Sequence[Picture]:
    """Participation against the spread of motivation by family, for two means; and against the number of ties."""
    spread = [_families(effort, mean, span) for mean, span in ((0.75, (0.05, 0.2)), (0.6, (0.1, 0.55)))]
    return *spread, _by_ties(effort, 0, "hard to start"), _by_ties(effort, 1, "easy to start")


def _by_ties(effort: Effort, which: int, word: str) -> Picture:
    lines = []
    for family, (_, _, levels) in FAMILIES.items():
        found = [study(effort, family, level, (TIMID, READY)) for level in levels]
        each, end = np.array([ties for _, ties in found]), np.array([share[which] for share, _ in found])
        error = end.std(axis=1, ddof=1) / math.sqrt(end.shape[1])
        mean = end.mean(axis=1)
        lines.append(Line(family, each, mean, low=mean - error, high=mean + error))
    mean, sd = (TIMID, READY)[which]
    title = f"More ties, where a crowd is {word}"
    note = f"Motivation {mean:g}, spread {sd:g}; band: one standard error."
    return Picture(title, "ties of a person", "share taking part in the end", tuple(lines), "", note)


def _families(effort: Effort, mean: float, span: tuple[float, float]) -> Picture:
    spreads = np.linspace(*span, effort.choose(16, 31))
    lines = []
    for family, (_, _, levels) in FAMILIES.items():
        found, _ = study(effort, family, levels[STANDARD], [(mean, float(s)) for s in spreads])
        low, high = np.quantile(found, (0.1, 0.9), axis=1)
        lines.append(Line(family, spreads, found.mean(axis=1), low=low, high=high))
    lines.append(Line("everybody hears everybody", spreads, np.array([_even(mean, float(s)) for s in spreads])))
    title = f"Who takes part, by network: mean motivation {mean:g}"
    note = f"Mean and four in five draws of {NETWORK:,} people."
    return Picture(title, "spread of motivation", "share taking part in the end", tuple(lines), "", note)


def _even(mean: float, sd: float) -> float:
    return everybody(mean + sd * evenly(PEOPLE), 0.0).share


SIDE, STILL, LONGEST_FILM = 50, 5, 300
OURS = "reading: the paper's numbers could not be had"
LEVELS = "share of the cost of standing alone"
KNOBS = {
    "reach": Knob(5, 1, 100, "people", "neighbours on either side whom one hears", OURS, whole=True),
    "rewired": Knob(0.1, 0, 1, "share", "ties that lead anywhere instead", "Watts and Strogatz 1998; default assumed"),
    "mean": Knob(0.6, -1, 2, LEVELS, "mean internal motivation", OURS),
    "spread": Knob(0.25, 0, 2, LEVELS, "standard deviation of internal motivation", OURS),
    "memory": Knob(0.5, 0, 0.99, "share a tick", "external motivation that stays", "his lambda; default assumed"),
}


def film(knobs: Mapping[str, float], seed: int) -> Film:
    """A small world as it moves: people in ring order, row by row, until a few ticks after the last change."""
    size = SIDE * SIDE
    ties = small_world(size, knobs["reach"], seed, knobs["rewired"])
    b = knobs["mean"] + knobs["spread"] * normals(size, MOTIVATION, seed)
    frames, part = [np.zeros(size, np.uint8)], [0.0]
    for crowd in rounds(ties, b, knobs["memory"]):
        frames.append(np.where(crowd.active, np.where(b > 1.0, 2, 1), 0).astype(np.uint8))
        part.append(crowd.share)
        if len(frames) > LONGEST_FILM:
            break
    shown = int(np.argmax(np.array(part) == part[-1])) + STILL
    colours = (("quiet", "#e4e0d8"), ("drawn in", "#c8553d"), ("takes part whatever others do", "#2b2d42"))
    note = "Neighbours on the ring are neighbours in a row; a row goes on in the next."
    grid = np.array(frames[:shown]).reshape(-1, SIDE, SIDE)
    series = {"share taking part": np.array(part[:shown])}
    return Film("Motivation on a small world", grid, colours, series, note, unit="tick")


CLASSIC = Classic(
    name="siegel",
    rung=3,
    title="Who hears whom: motivation on networks",
    source=(
        "Siegel D.A. 2009, Social networks and collective action, American Journal of Political Science 53(1) 122-138, "
        "doi 10.1111/j.1540-5907.2008.00361.x"
    ),
    says="Whether size, extra ties or well-connected people help a protest depends on the network and on motivation.",
    kernel="person law, noiseless; ties along a network by kernels/ties.py",
    check=check,
    pictures=pictures,
    film=film,
    knobs=KNOBS,
    seconds=55.0,
    here="So it does: more ties lower participation among opinion leaders where a crowd is easy to start, and raise it "
    "where it is hard; size and the well-connected matter in some families and not in others. The paper's own numbers "
    "were not at hand.",
)
