"""Chenoweth, Hocking and Marks 2022: civilians, activists, police and the pillars of a regime on a torus.

A campaign wins when more than a tenth of the pillars have defected; it has lost when at most one activist or member of
the movement is left. 40 x 40 cells, 200 ticks; agents act one at a time in random order and see those within 4 cells.

    citizen     income y ~ lognormal(0.5, 0.5); hardship H = L(E y - y), L logistic; arrest costs
                K = (tanh(k y)^4 + tanh(k / y)^4)^(1/4), k = 0.025 x 3 x 10 / 2; is a member while
                H (1 - legitimacy) min(protesters / (2 x 3), 1) - K (1 - exp(-2.3 police / (1 + members + activists)))
                > 0.0706 in sight
    activist, member  protests for one tick if it sees another of them, then rests for 8
    police      with chance 0.25 takes a protester in sight, or else with chance 0.40 another activist or member: kills
                with chance 0.10 (legitimacy x 0.99), otherwise jails for 1 to 9 ticks
    police, pillar    defect for good when protesters exceed N(0.05, 0.01), at least 0.01, of all in sight
    everyone but pillars and the jailed moves to a random free cell in sight

Citizens 70 % of cells, activists 0.8 %, police 4 %, pillars 1.53 %; legitimacy 0.56 at first; all citizens reconsider
while members, 5 % of them protest in the tick in which they join; first turns are spread over 5 ticks.

Source: Chenoweth E., Hocking A., Marks Z. 2022, PLoS ONE 17(7) e0269976, doi 10.1371/journal.pone.0269976, of which the
abstract was read. Rules and the baseline of its table S1 are read from the public reimplementation of the authors'
program by others (github.com/htdinhiu/abm_nonviolence, agent_based.py), whose choices of rounding (3.46 protesters to
3, a cycle of 8.9 to 9) are kept. Moro 2016 gives the forms of hardship and of the first cost of arrest.

Departures: distances wrap around the torus in every direction (the reimplementation shifts the origin, which hides
neighbours from agents along two lines), and its heading for pillars, which mixes two lists, is replaced by two stated
readings: activists search within 4 or 10 cells, and pillars that have defected are passed over or not.
Known traps: what the paper's three strategies are in these numbers is our reading (below, `STRATEGIES`); a count of
police includes those who have defected; 10 % of 24 pillars is three of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from tocsin.classics.declare import Classic, Effort, Finding, Line, Picture
from tocsin.classics.judged import OWN
from tocsin.kernels.draw import name_hash, split, uniforms
from tocsin.kernels.roam import CELL, DELAY, FICKLE, FOLLOWER, GUARD, LEADER, MARKS, POST, PROMPT, SHARE_GONE, roam

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]
SIDE, TICKS, SEED, SIGHT = 40, 200, 2022, 4
CITIZENS, POLICE, PILLARS = 0.70, 0.04, 0.0153
INCOME, LEGITIMACY, JAIL_COST, LIMIT, LIMIT_SPREAD = (0.5, 0.5), 0.56, 0.025 * 3 * 10 / 2, 0.05, 0.01
RANDOM, NEAREST, WEAKEST = 0, 1, 2
WON, LOST = 2, 3
ALPHA = 0.01


@dataclass(frozen=True)
class Campaign:
    """activists: share of cells; prompt: share of citizens who protest as they join; fickle: share who reconsider.

    aim: where activists go (RANDOM, NEAREST pillar, WEAKEST pillar); search: how far they see pillars (cells); spare:
    whether they pass over pillars that have defected.
    """

    activists: float = 0.008
    prompt: float = 0.05
    fickle: float = 1.0
    aim: int = RANDOM
    search: int = 10
    spare: bool = True


STRATEGIES = (
    ("baseline", Campaign()),
    ("rapid recruitment", Campaign(prompt=1.0)),
    ("committed members", Campaign(fickle=0.0)),
    ("nearest pillar", Campaign(aim=NEAREST)),
    ("least loyal pillar", Campaign(aim=WEAKEST)),
)
SIZES = (("small (0.4 %)", 0.004), ("medium (0.8 %)", 0.008), ("large (3.2 %)", 0.032))


def discs(radius: int) -> Cells:
    """The cells within a radius of each cell of the torus, itself left out, int64[cells, n]."""
    reach = np.arange(-radius, radius + 1)
    dx, dy = (g.ravel() for g in np.meshgrid(reach, reach))
    inside = (dx**2 + dy**2 <= radius**2) & ((dx != 0) | (dy != 0))
    row, column = np.divmod(np.arange(SIDE * SIDE)[:, None], SIDE)
    return np.ascontiguousarray((row + dy[inside]) % SIDE * SIDE + (column + dx[inside]) % SIDE)


def draws(what: str, run: int, n: int) -> Floats:
    """n uniforms of one run for a declared name, float64[n]; strategies share them, so that runs pair."""
    return uniforms(SEED, name_hash(f"classics.pillars.{what}"), 0, np.arange(n), np.full(n, run))


def hardship_and_cost(income: Floats) -> tuple[Floats, Floats]:
    """Hardship and cost of arrest by income, float64[n] each."""
    expected = np.exp(INCOME[0] + INCOME[1] ** 2 / 2)
    hardship = 1 / (1 + np.exp(income - expected))
    return hardship, (np.tanh(JAIL_COST * income) ** 4 + np.tanh(JAIL_COST / income) ** 4) ** 0.25


def people(campaign: Campaign, run: int) -> tuple[Cells, Cells, Floats]:
    """Kinds int64[N], marks int64[N, 9] and needs, costs and limits float64[N, 3] as the kernel wants them."""
    shares = ((FOLLOWER, CITIZENS), (LEADER, campaign.activists), (GUARD, POLICE), (POST, PILLARS))
    kind = np.repeat([k for k, _ in shares], [round(SIDE * SIDE * s) for _, s in shares]).astype(np.int64)
    n = kind.size
    marks, traits = np.zeros((n, MARKS), np.int64), np.zeros((n, 3))
    marks[:, CELL] = np.argsort(draws("cell", run, SIDE * SIDE), kind="stable")[:n]
    follower = kind == FOLLOWER
    marks[:, PROMPT] = follower & (draws("prompt", run, n) < campaign.prompt)
    marks[:, FICKLE] = follower & (draws("fickle", run, n) < campaign.fickle)
    marks[:, DELAY] = (5 * draws("delay", run, n)).astype(np.int64)
    normal = norm.ppf(draws("trait", run, n))
    traits[:, 0], traits[:, 1] = hardship_and_cost(np.exp(INCOME[0] + INCOME[1] * normal))
    traits[:, 2] = np.maximum(LIMIT + LIMIT_SPREAD * normal, 0.01)
    return kind, marks, traits


def play(campaign: Campaign, run: int, near: Cells | None = None, far: Cells | None = None) -> tuple[int, Floats]:
    """Outcome of one run (WON, LOST, or 0 for neither in time) and its series float64[ticks, 4].

    near, far: `discs` of sight and of search, to save making them anew.
    """
    near, far = discs(SIGHT) if near is None else near, discs(campaign.search) if far is None else far
    kind, marks, traits = people(campaign, run)
    grid = np.full(SIDE * SIDE, -1, np.int64)
    grid[marks[:, CELL]] = np.arange(kind.size)
    numbers = np.array([0.40, 0.25, 0.10, 0.99, 2.3, 3, 0.0706, 10, 9, 1, 1, 0.10, 1, campaign.aim, campaign.spare])
    key = np.array([*split(SEED), name_hash("classics.pillars.order"), name_hash("classics.pillars.turn"), run])
    series = np.zeros((TICKS, 4))
    outcome, last = roam(
        kind, marks, traits, grid, np.zeros_like(grid), near, far, SIDE, numbers, key,
        np.zeros(kind.size, np.int64), np.zeros(6, np.uint64), np.zeros(5, np.int64), np.array([LEGITIMACY]), series,
    )  # fmt: skip
    return int(outcome), series[: last + 1]


def _batch(campaign: Campaign, runs: int) -> dict[str, Any]:
    near, far = discs(SIGHT), discs(campaign.search)
    played = [play(campaign, run, near, far) for run in range(runs)]
    return {
        "won": sum(outcome == WON for outcome, _ in played),
        "lost": sum(outcome == LOST for outcome, _ in played),
        "ticks": float(np.mean([series.shape[0] for _, series in played])),
        "gone": float(np.mean([series[-1, SHARE_GONE] for _, series in played])),
        "shows": float(np.mean([series[:, 1].max() for _, series in played])),
    }


def runs_of(effort: Effort) -> int:
    """Runs of each campaign."""
    return effort.choose(16, 200)


def sizes_of(effort: Effort) -> tuple[tuple[str, float], ...]:
    """Sizes of movement that are tried."""
    return effort.choose(SIZES[:2], SIZES)


def batch(effort: Effort, campaign: Campaign) -> dict[str, Any]:
    """Runs of one campaign: won, lost, mean length, share of pillars defected at the end, mean peak of protesters."""
    runs = runs_of(effort)
    made = effort.keep(f"{campaign} seed {SEED} runs {runs}", partial(_batch, campaign, runs))
    return {**made, "runs": runs}


def higher(a: dict[str, Any], b: dict[str, Any]) -> float:
    """One-sided p that a wins more often than b (two proportions, pooled)."""
    p = (a["won"] + b["won"]) / (a["runs"] + b["runs"])
    spread = (p * (1 - p) * (1 / a["runs"] + 1 / b["runs"])) ** 0.5
    return float(norm.sf((a["won"] / a["runs"] - b["won"] / b["runs"]) / spread)) if spread else 0.5


def _share(b: dict[str, Any]) -> str:
    return f"{b['won'] / b['runs']:.1%}"


def _more(name: str, says: str, better: dict[str, Any], worse: dict[str, Any], why: str = "") -> Finding:
    """Whether one wins more often; undecided where so few runs as in the quick form cannot tell."""
    p, few = higher(better, worse), better["runs"] < 100
    undecided = few and ALPHA <= p <= 1 - ALPHA
    full = better["won"] == worse["won"] == better["runs"]
    note = f"p = {p:.2g}, {better['runs']} runs each"
    if full:
        note += "; every run is won, so size decides alone, and the abstract claims nothing here"
    elif undecided:
        note += "; the full form has 200"
    elif p >= ALPHA and why:
        note += f"; {why}"
    return Finding(
        name, says, f"wins {_share(better)} against {_share(worse)}", f"one-sided p < {ALPHA}",
        None if undecided or full else p < ALPHA, note,
        origin="derived" if says.startswith("implied") else "paper", basis=f"{OWN}; statement of the abstract",
        why="seen, not judged" if full else "too few runs to tell",
    )  # fmt: skip


def check(effort: Effort) -> Iterator[Finding]:
    """The order of the strategies by size of the movement, and the readings tried."""
    yield _baseline(effort)
    for size, share in sizes_of(effort):
        made = {name: batch(effort, replace(c, activists=share)) for name, c in STRATEGIES}
        yield _more(
            f"{size}: pillars against walking at random", "implied: aiming at pillars yields more than not aiming",
            made["nearest pillar"], made["baseline"],
        )  # fmt: skip
        yield _more(
            f"{size}: pillars against commitment", "aiming at pillars outperforms the strategy of lasting commitment",
            made["nearest pillar"], made["committed members"],
        )  # fmt: skip
        yield _more(
            f"{size}: pillars against numbers", "aiming at pillars outperforms rapid recruitment",
            made["nearest pillar"], made["rapid recruitment"],
            "rapid recruitment is read at its strongest: everybody protests in the tick of joining; see the readings",
        )  # fmt: skip
        yield _more(
            f"{size}: least loyal pillars against numbers", "aiming at the least loyal pillars outperforms numbers",
            made["least loyal pillar"], made["rapid recruitment"],
        )  # fmt: skip
        yield _more(
            f"{size}: least loyal against nearest", "knowing which pillars are least loyal helps",
            made["least loyal pillar"], made["nearest pillar"],
        )  # fmt: skip
    yield from _readings(effort)


def _baseline(effort: Effort) -> Finding:
    made = batch(effort, Campaign())
    return Finding(
        "baseline of table S1", "a share of victories",
        f"{_share(made)} won, {made['lost'] / made['runs']:.1%} lost", "", None,
        f"{made['runs']} runs, mean length {made['ticks']:.0f} ticks, mean peak of protesters {made['shows']:.1%} of "
        "the living; the paper is open access, but its shares of victory were not read for this version",
        origin="paper", why="not at hand",
    )  # fmt: skip


def _readings(effort: Effort) -> Iterator[Finding]:
    aimed = _share(batch(effort, Campaign(aim=NEAREST)))
    for prompt in (0.05, 0.25, 0.50, 1.0):
        made = batch(effort, Campaign(prompt=prompt))
        yield Finding(
            f"reading: rapid recruitment as {prompt:.0%} who protest in the tick of joining", "less than pillars",
            f"wins {_share(made)}, nearest pillar {aimed}", "", None,
            f"medium movement, {made['runs']} runs, peak of protesters {made['shows']:.1%} of the living",
            origin="paper", why="variant",
        )  # fmt: skip
    for search in (4, 10):
        for spare in (True, False):
            tried = [batch(effort, Campaign(aim=aim, search=search, spare=spare)) for aim in (NEAREST, WEAKEST)]
            yield Finding(
                f"reading: search {search} cells, defected pillars {'passed over' if spare else 'sought too'}",
                "knowing which pillars are least loyal helps",
                f"nearest {_share(tried[0])}, least loyal {_share(tried[1])}", "", None,
                f"medium movement, {tried[0]['runs']} runs each", origin="paper", why="variant",
            )  # fmt: skip


def pictures(effort: Effort) -> Sequence[Picture]:
    """Share of runs won against the size of the movement, by strategy."""
    sizes = sizes_of(effort)
    size = np.array([share for _, share in sizes]) * 100
    lines = []
    for name, campaign in STRATEGIES:
        made = [batch(effort, replace(campaign, activists=share)) for _, share in sizes]
        won = np.array([m["won"] / m["runs"] for m in made])
        half = 1.96 * np.sqrt(won * (1 - won) / made[0]["runs"])
        lines.append(Line(name, size, won, low=np.maximum(won - half, 0), high=np.minimum(won + half, 1)))
    note = f"{runs_of(effort)} runs a point; bands: 95 % of chance"
    return (Picture("Which strategy wins", "activists, % of cells", "share of runs won", tuple(lines), "x", note),)


CLASSIC = Classic(
    name="pillars",
    rung=10,
    title="Pillars of support",
    source="Chenoweth, Hocking and Marks 2022, PLoS ONE 17(7) e0269976, doi 10.1371/journal.pone.0269976",
    says="A movement that aims at the regime's pillars, above all the least loyal, beats one that only grows.",
    here="One that aims at the least loyal does. One that aims at the nearest pillar wins less often than one that "
    "grows, in 22 % against 29 % of the runs with a small movement and in 74 % against 84.5 % with a medium one, if to "
    "grow means that everybody protests in the tick of joining; if half of them do, as often. A large movement always "
    "wins.",
    kernel="roam: agents of four kinds on a torus, one at a time",
    check=check,
    pictures=pictures,
    seconds=100.0,
)
