"""Epstein's civil violence, Model I: a crowd that hides its grievance until the cops are few enough.

Source: Epstein J.M. 2002, Modeling civil violence: an agent-based computational approach, PNAS 99 (suppl. 3) 7243-7250,
doi 10.1073/pnas.092080199. Torus of 40 x 40 sites, at most one free actor a site. H, R ~ U(0, 1), fixed.

    G = H (1 - L)                        grievance
    P = 1 - exp(-k (C/A)), k = 2.3       arrest expected: C cops, A actives in sight, oneself counted
    active iff G - R P > T, T = 0.1      rule A;  a cop arrests one random active in sight, rule C
    jail term ~ U(0, J_max)              each period all wake once in random order, move in sight, then act

Run 1: L 0.89, J_max 15, sight 1.7, nobody but cops moves. Run 2: L 0.82, J_max 30, sight 7, cops 0.04 a site.
Runs 3, 4, 5: J_max without end, cops 0.074; 3: L falls from 0.9 to 0.2 by 0.01 a period from period 77 (the step and
the start are readings); 4: L falls from 0.9 to 0.7 at once; 5: L 0.8 and the cops go, here evenly from 50 to 550.

Departures: none in PRINTED. Terms are whole numbers 1 .. J_max, run down at each period's end, that of the arrest
included; who is released returns to the site of the arrest or to a free site in sight of it. Everything else that the
paper leaves open is a `Reading` (classics/epstein_world.py).

Traps, all of them seen in print: C/A as it is, rounded or rounded down (no outburst at all, or one every 27 periods);
112, 148, 184 or 224 sites in sight (waiting times from 15 to over 200); oneself counted twice; act before moving; the
jailed on the grid; an outburst at exactly 50 actives; one draw of H and R for a whole run, so that seeds differ much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tocsin.classics import epstein_parity as parity
from tocsin.classics.declare import Classic, Effort, Finding
from tocsin.classics.epstein_audit import AUDIT, example, longer_terms, mesa_as_shipped, peaks, withdrawn
from tocsin.classics.epstein_outbursts import (
    LOUD,
    PERIODS,
    errors_of,
    first_run,
    interventions,
    of_runs,
    seeds_of,
    slope,
    spread,
    surveyed,
)
from tocsin.classics.epstein_pictures import (
    FIRST_KNOBS,
    KNOBS,
    called,
    draw_first,
    draw_interventions,
    draw_second,
    film_first,
    film_second,
)
from tocsin.classics.epstein_world import FLOOR, NETLOGO, PRINTED, ROUNDED, Reading
from tocsin.classics.judged import OWN, PLAN, Terms, counted, gap, within
from tocsin.exact import Floats

SOURCE = "Epstein 2002, PNAS 99 (suppl. 3) 7243-7250, doi 10.1073/pnas.092080199"
KERNEL = "grid kernel: movers on a torus wake one by one (kernels/grid.py)"
SALAMI_NOTE = "the slow fall ends at L = 0.2, where more people are aggrieved than at 0.7"
TWICE = replace(ROUNDED, name="rounded, 184 sites, oneself twice", own_twice=True)
OTHERS = (
    Reading("literal, diamond of 112", shape="diamond"),
    Reading("literal, square of 224", shape="square"),
    Reading("literal, cross of 28", shape="cross"),
    Reading("floor, diamond of 112", ratio="floor", shape="diamond"),
    Reading("floor, square of 224", ratio="floor", shape="square"),
    Reading("floor, disc of 196", ratio="floor", vision=8.0),
    Reading("rounded, disc of 148", ratio="even"),
    Reading("halves rounded up, disc of 148", ratio="up"),
    Reading("rounded, diamond of 112", ratio="even", shape="diamond"),
    Reading("rounded, square of 224", ratio="even", shape="square"),
    Reading("rounded, disc of 176", ratio="even", vision=7.5),
)
"""Further readings of Run 2, shown beside the published moments."""


def intervened(effort: Effort, reading: Reading, seeds: range) -> list[dict[str, Any]]:
    """Runs 3, 4 and 5 under a reading."""
    name = f"runs 3 to 5, {reading.name}, seeds {seeds[0]}-{seeds[-1]}"
    runs: list[dict[str, Any]] = effort.keep(name, lambda: interventions(reading, seeds))["runs"]
    return runs


def column(runs: Sequence[Mapping[str, Any]], what: str) -> Floats:
    """One number of each run, float64[runs]."""
    return np.array([run[what] for run in runs], dtype=np.float64)


def check_first(effort: Effort) -> Iterator[Finding]:
    """Run 1."""
    seeds = seeds_of(effort)
    for reading in (PRINTED, FLOOR):
        name = f"run 1, {reading.name}, seeds {seeds[0]}-{seeds[-1]}"
        runs = effort.keep(name, lambda r=reading: first_run(seeds, r))["runs"]  # type: ignore[misc]
        alone, open_alone, watched, open_watched = np.sum([r["hidden"] for r in runs], axis=0)
        share, hiding = open_alone / max(alone, 1), open_watched / max(watched, 1)
        yield Finding(
            f"deceptive calm, {reading.name}", "the aggrieved are quiet near cops (Figs 1, 2)",
            f"active: {share:.0%} with no cop in sight, {hiding:.1%} with one", "less than half as many with one",
            bool(hiding < share / 2), f"{alone + watched} aggrieved and free in the last period of {len(runs)} runs",
            origin="paper", basis=OWN,
        )  # fmt: skip
        mean, least = column(runs, "mean").mean(), int(column(runs, "least").min())
        if reading is FLOOR:
            what = "mean actives of periods 100-700, floor", f"33-62, mean 48 ({AUDIT})"
            yield within(what, float(mean), (33, 62), Terms("audit", "the audit's range"))
        yield Finding(
            f"never calm, {reading.name}", f"never calm ({AUDIT}, floor)", f"at least {least} active", "> 0", least > 0,
            origin="audit", basis=OWN,
        )  # fmt: skip


def check_printed(effort: Effort) -> Iterator[Finding]:
    """Run 2 as printed: the negative result."""
    runs = surveyed(effort, PRINTED)["runs"]
    none = int((column(runs, "outbursts") == 0).sum())
    peak = int(column(runs, "peak").max())
    what = "Run 2 as printed has no outburst", f"0 outbursts in every seed ({AUDIT})"
    yield counted(what, none, len(runs), 1.0, effort, Terms("audit", PLAN))
    over = f"; {peak - 34} above the audit's highest" if peak > 34 else ""
    yield Finding(
        "highest number of actives", f"13-34 ({AUDIT})", str(peak), f"< {LOUD}", peak < LOUD,
        f"{PERIODS} periods{over}", origin="audit", basis=PLAN,
    )  # fmt: skip
    yield Finding(
        "punctuated equilibrium as printed", "outbursts above 50 (Figs 3, 4)", f"{len(runs) - none} seeds with any",
        "an outburst in every seed", none == 0, "the rule as printed does not give the paper's own Run 2",
        origin="paper", basis=OWN,
    )  # fmt: skip


def fits_floor(run: Mapping[str, Any]) -> bool:
    """Whether one run lies in all four intervals of criterion (a)."""
    wait, activation = spread(run["waits"])[0], spread(run["activations"])[0]
    return bool(
        80 <= run["outbursts"] <= 140 and 478 <= activation <= 938 and 17 <= wait <= 26 and 0.55 <= run["calm"] <= 0.72
    )


def check_second(effort: Effort) -> Iterator[Finding]:
    """Run 2 with C/A rounded down and rounded; the rounded ones see farther than the paper says and are variants."""
    tried = tuple((reading, surveyed(effort, reading)) for reading in (FLOOR, ROUNDED, TWICE))
    runs = tried[0][1]["runs"]
    ranges = "101-122 outbursts, activation 679-929, wait 18.7-24.2, calm 61-68 %"
    what = "(a) floor, 148 sites, all four ranges", f"{ranges} ({AUDIT})"
    asked = "asked: 80-140 outbursts, activation 478-938, wait 17-26, calm 55-72 %"
    good = sum(fits_floor(r) for r in runs)
    yield counted(what, good, len(runs), 0.9, effort, Terms("audit", f"{PLAN}, around the audit's ranges"), asked)
    for letter, (reading, found) in zip(("(a)", "(b)", "(b')"), tried, strict=True):
        yield from moments(effort, f"{letter} {called(reading)}", found, variant=reading is not FLOOR)
    for reading, found in tried:
        yield pair_of(effort, f"(c) the pair (60, 708), {called(reading)}", found, variant=reading is not FLOOR)
    yield peaks(runs)
    yield example()
    yield longer_terms(effort)
    yield from other_readings(effort)


def moments(effort: Effort, label: str, found: Mapping[str, Any], *, variant: bool) -> Iterator[Finding]:
    """The published moments of Run 2 under a reading."""
    plan, spread_of = Terms("paper", PLAN, variant), Terms("paper", "the paper's s.d.", variant)
    cases = (
        ("waits", "mean wait", "60", (48, 72), plan), ("waits", "s.d. of the wait", "55", (25, 60), plan),
        ("activations", "mean total activation", "708", (478, 938), spread_of),
        ("activations", "s.d. of the activation", "230", (150, 350), plan),
    )  # fmt: skip
    for i, (what, name, published, span, terms) in enumerate(cases):
        value, error = of_runs(found, what)[i % 2], errors_of(found, what)[i % 2]
        unsure = 0.0 if effort.full else error
        yield within((f"{label}: {name}", published), value, span, terms, error=unsure)
    fall = slope([w for run in found["runs"] for w in run["waits"]])
    yield Finding(
        f"{label}: slope of log waits above 30", "-0.07", f"{fall:.3f}", "", None,
        f"{fall + 0.07:+.3f} from the published slope; bins of 10 periods are ours: the paper's are not stated",
        origin="paper", variant=variant,
    )  # fmt: skip
    shares = column(found["runs"], "tenser")
    rising = float(shares[shares >= 0].mean()) if (shares >= 0).any() else 0.0
    yield Finding(
        f"{label}: tension builds up", "rises (Fig. 8)", f"in {rising:.0%} of waits", "> 90 %", rising > 0.9,
        "from first to last period of each wait above ten periods", origin="paper", basis=OWN, variant=variant,
    )  # fmt: skip


def pair_of(effort: Effort, name: str, found: Mapping[str, Any], *, variant: bool) -> Finding:
    """Whether a reading meets the published pair of mean wait and activation; each is judged in a row of its own."""
    outside, rows = [], []
    for what, kind, span in (("wait", "waits", (48, 72)), ("activation", "activations", (478, 938))):
        value, error = of_runs(found, kind)[0], 0.0 if effort.full else errors_of(found, kind)[0]
        rows.append(within((what, ""), value, span, Terms("paper", PLAN), error=error))
        outside.append((what, gap(value, *span)))
    wait, total = of_runs(found, "waits")[0], of_runs(found, "activations")[0]
    notes = "; ".join(f"{what} {by}" for what, by in outside if by)
    word = next((v for v in ("not met", "too few runs to tell") if v in [row.verdict for row in rows]), "met")
    ours = f"({wait:.1f}, {total:.0f}): {word}"
    return Finding(
        name, "(60, 708)", ours, "60 +- 12 and 708 +- 230", None, notes,
        origin="paper", basis=f"{PLAN}; the paper's s.d.", why="counted above", variant=variant,
    )  # fmt: skip


def other_readings(effort: Effort) -> Iterator[Finding]:
    """What the other readings of the same lines give."""
    seeds, periods = range(1, effort.choose(2, 10) + 1), effort.choose(1500, PERIODS)
    for reading in OTHERS:
        found = surveyed(effort, reading, seeds, periods)
        (wait, wait_sd), (total, total_sd) = of_runs(found, "waits"), of_runs(found, "activations")
        number, calm = column(found["runs"], "outbursts").mean(), column(found["runs"], "calm").mean()
        ours = (
            f"wait {wait:.0f} ({wait_sd:.0f}), activation {total:.0f} ({total_sd:.0f})"
            if number > 1
            else "no outbursts"
        )
        yield Finding(
            f"reading: {reading.name}", "wait 60 (55), activation 708 (230)", ours, "", None,
            f"{number:.3g} outbursts in {periods} periods, {calm:.0%} of them calm", origin="paper", why="variant",
        )  # fmt: skip


def check_interventions(effort: Effort) -> Iterator[Finding]:
    """Runs 3, 4 and 5."""
    seeds = range(1, effort.choose(10, 20) + 1)
    for reading in (FLOOR, ROUNDED):
        yield from intervention(effort, reading, intervened(effort, reading, seeds))
    yield wide_pairs(effort)


def intervention(effort: Effort, reading: Reading, runs: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Runs 3, 4 and 5 under a reading."""
    of, n, variant = called(reading), len(runs), reading is not FLOOR
    slow, fast = column(runs, "slow_peak"), column(runs, "fast_peak")
    bare, left = column(runs, "bare_peak") > LOUD, column(runs, "bare_cops")
    jails = int((column(runs, "fast_jail") > column(runs, "slow_jail")).sum())
    paper = Terms("paper", f"{OWN}: most seeds", variant)
    rows = (
        ("the jump peaks higher than the salami", f"17 of 20 ({AUDIT})", int((fast > slow).sum()), 0.7,
         Terms("audit", PLAN, variant), ""),
        ("Run 4: the jump explodes", f"more than {LOUD} active (Fig. 10)", int((fast > LOUD).sum()), 0.5, paper, ""),
        ("Run 3: no spike", "the jail fills smoothly (Fig. 9)", int((slow <= LOUD).sum()), 0.5, paper,
         f"no spike: at most {LOUD} active"),
        ("the jump jails more", "yes (Fig. 10)", jails, 0.5, paper, f"audit: 7 of 20; {SALAMI_NOTE}"),
        ("Run 5: without cops it tips", "rebellion (Fig. 11)", int(bare.sum()), 0.95, Terms("paper", PLAN, variant),
         f"cops left at the peak: {left.min():.0f}-{left.max():.0f}"),
    )  # fmt: skip
    for name, published, good, least, terms, note in rows:
        yield counted((f"{name}, {of}", published), good, n, least, effort, terms, note)
    if not variant:
        early = int((bare & (left >= 60) & (left <= 118)).sum())
        what = "with 60-118 of 118 cops left", f"66-118 in 20 of 20 ({AUDIT})"
        yield counted(what, early, n, 0.95, effort, Terms("audit", PLAN))
        yield from withdrawn(runs)


def wide_pairs(effort: Effort) -> Finding:
    """The comparison of Runs 3 and 4 over more seeds than the criterion names."""
    runs = intervened(effort, FLOOR, range(1, effort.choose(20, 100) + 1))
    slow, fast = column(runs, "slow_peak"), column(runs, "fast_peak")
    ours = f"{(fast > slow).mean():.0%} of {len(runs)} pairs"
    note = f"mean peaks {fast.mean():.0f} and {slow.mean():.0f}; the share over more seeds than the criterion names"
    what = "the jump peaks higher, more seeds, floor", f"17 of 20 ({AUDIT})"
    return Finding(*what, ours, "", None, note, origin="audit")


def check_netlogo(effort: Effort) -> Iterator[Finding]:
    """Run 2 with NetLogo's departures, against the audit's numbers for them."""
    found = surveyed(effort, NETLOGO)
    number = column(found["runs"], "outbursts")
    wait, total = of_runs(found, "waits")[0], of_runs(found, "activations")[0]
    seen, terms = f"{number.min():.0f} to {number.max():.0f}", Terms("audit", f"{PLAN}, around the audit's")
    what = "outbursts in 3,000 periods", f"93-109 ({AUDIT})"
    yield within(what, float(number.mean()), (85, 120), terms, seen)
    errors = (0.0, 0.0) if effort.full else (errors_of(found, "waits")[0], errors_of(found, "activations")[0])
    yield within(("mean wait", f"23.1 ({AUDIT})"), wait, (20, 27), terms, error=errors[0])
    yield within(("mean total activation", f"1107 ({AUDIT})"), total, (950, 1300), terms, error=errors[1])


def check_mesa(effort: Effort) -> Iterator[Finding]:
    """The installed Mesa example beside ours with its switches."""
    yield mesa_as_shipped(effort)
    release = parity.mesa_version()
    if not release:
        note = "Mesa is not installed"
        yield Finding("parity with the Mesa example", "", "", "", None, note, origin="peer software", why="not at hand")
        return
    for case in parity.cases(effort):
        samples, side = case.samples(effort), case.society.side
        for what in ("active", "jailed"):
            p = parity.same(samples, what)
            theirs, ours = (parity.mean_and_error(samples[f"{who}_{what}"]) for who in ("their", "our"))
            note = f"Kolmogorov-Smirnov over {parity.SEEDS} seeds each, {side} x {side}, {case.periods} periods"
            yield Finding(f"{case.label}: mean {what}", f"{theirs[0]:.4g} +- {theirs[1]:.2g} (Mesa {release})",
                          f"{ours[0]:.4g} +- {ours[1]:.2g}, p = {p:.2g}", "p > 0.01", bool(p > 0.01), note,
                          origin="peer software", basis=PLAN)  # fmt: skip


CLASSICS = (
    Classic(
        "epstein-1", 6, "Epstein I, Run 1", SOURCE,
        "Grievance is public only where no cop is in sight.", KERNEL,
        check_first, draw_first, film_first, FIRST_KNOBS, 10.0,
        here="So it is, as printed and with C/A rounded down.",
    ),
    Classic(
        "epstein-printed", 6, "Epstein I, Run 2 as printed", SOURCE,
        "Long calm, then sudden outbursts, by the rule that it prints.", KERNEL, check_printed, seconds=8.0,
        here="The printed rule gives no outburst in any seed.",
    ),
    Classic(
        "epstein-2", 7, "Epstein I, Run 2", SOURCE,
        "Long calm, then sudden outbursts, with nothing changing outside.", KERNEL,
        check_second, draw_second, film_second, KNOBS, 85.0,
        here="Only if C/A is rounded, which the paper does not say. Rounded down, outbursts come three times too "
        "often; rounded to the nearest they come as rarely as in the paper if people see 7.7 sites far, not its 7, and "
        "are then a little too small, unless the active count themselves twice.",
    ),
    Classic(
        "epstein-3-to-5", 8, "Epstein I, Runs 3 to 5", SOURCE,
        "Legitimacy lost at once tips a society that slow loss does not, and so does the withdrawal of cops.", KERNEL,
        check_interventions, draw_interventions, seconds=20.0,
        here="The withdrawal of cops tips it. With C/A rounded down a sudden loss explodes in a third of the seeds and "
        "the slow one spikes in half; the sudden one peaks higher in most pairs, but not in as many as an audit found. "
        "With the wider sight of 7.7 neither spikes. The sudden loss seldom jails more under either.",
    ),
    Classic(
        "epstein-netlogo", 8, "Epstein I in NetLogo's Rebellion", f"{SOURCE}; Wilensky 2004, NetLogo Rebellion model",
        "Six departures from the paper make frequent, large outbursts.", KERNEL, check_netlogo, seconds=8.0,
        here="So they do, as often and as large as an audit measured: more than 1,100 in an outburst against the "
        "paper's 708.",
    ),
    Classic(
        "epstein-mesa", 8, "Epstein I in the Mesa example", f"{SOURCE}; Mesa, advanced example epstein_civil_violence",
        "The example that comes with Mesa, side by side with ours.", KERNEL, check_mesa,
        seconds=900.0, parts=parity.parts,
        here="With its switches ours cannot be told from it; its shipped settings show no outburst.",
    ),
)  # fmt: skip
