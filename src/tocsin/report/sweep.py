"""A sweep as one self-contained page and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from tocsin.experiments.points import Axis
from tocsin.experiments.resolve import Resolve
from tocsin.experiments.sensitivity import Indices, Screening
from tocsin.experiments.sweep import Measure, Sweep
from tocsin.experiments.tipping import curves as tipping_curves
from tocsin.experiments.tipping import maps, numeric_axes
from tocsin.report import curves, lost, resolved, svg, tipping
from tocsin.report.pictured import FIGURE, shown_as
from tocsin.report.template import fill, save
from tocsin.scenario import declared
from tocsin.scenario.scenario import Scenario

ROWS = 200
"""Points that the page lists; the CSV has all of them."""


@dataclass(frozen=True)
class Findings:
    """What a page shows of a sweep: what was asked, and what was made of it beside the points themselves."""

    sweep: Sweep
    what: str
    indices: Indices | None = None
    screening: Screening | None = None
    resolve: tuple[Resolve, ...] = ()


def write(found: Findings, path: Path, *, command: str) -> tuple[Path, ...]:
    """Write the page and, beside it, the CSV of all points and that of the resolve curves; returns where they are."""
    page = save(render(found, command=command), path)
    tables = [save(as_csv(found.sweep, found.what), path.with_suffix(".csv"))]
    if found.resolve:
        tables.append(save(resolved.as_csv(found.resolve), path.with_name(f"{path.stem}-resolve.csv")))
    return page, *tables


def render(found: Findings, *, command: str) -> str:
    """The page as text."""
    made, measure = found.sweep, Measure.of(found.what)
    listed, *rows = table(made, found.what)
    content = {
        "title": made.scenario.title,
        "variant": made.scenario.variant,
        "lead": lead(found),
        "axes": [(str(axis), meaning(axis, made.scenario)) for axis in made.axes],
        "asked": tipping.in_words(measure),
        "figures": figures(found),
        "heads": listed,
        "rows": rows[:ROWS],
        "more": max(len(rows) - ROWS, 0),
        "resolve": resolved.section(found.resolve, made.scenario.days) if found.resolve else None,
        "lost": missing(made),
        "facts": facts(made, command),
    }
    return fill("sweep.html.jinja", content)


def missing(made: Sweep) -> lost.Lost | None:
    """What to say of runs that failed, None if none did."""
    here = [sum(key in made.shelf for key in row) for row in made.keys]
    return lost.of_many(made.failed, [(n, len(made.slots) - n) for n in here], paired=False) if made.failed else None


def lead(found: Findings) -> str:
    """What was done, in one paragraph."""
    made = found.sweep
    *some, last = (axis.name for axis in made.axes)
    axes = f"{', '.join(some)} and {last}" if some else last
    return (
        f"{len(made)} points over {axes}, {len(made.slots)} run{'s' * (len(made.slots) > 1)} at each. "
        "All points have the same draws of everything else, the same people where they can, and the same chance, so "
        "that they differ only by what was changed."
    )


def meaning(axis: Axis, scenario: Scenario) -> str:
    """What a swept thing is, as it is declared."""
    param = declared.parameters(scenario.extensions).get(axis.name)
    return (
        f"{param.doc} Unit: {'none' if param.unit in ('', '1') else param.unit}."
        if param is not None
        else "As in the scenario."
    )


def figures(found: Findings) -> list[dict[str, Any]]:
    """Title, drawing, legend and caption of each figure."""
    made, shown = found.sweep, []
    ranks = found.indices or found.screening
    if ranks is not None:
        shown += [_ranking(ranks)]
    elif made.design == "grid" and len(numeric_axes(made)) == 2:
        shown += _maps(made, found.what)
    elif made.design == "grid" and len(numeric_axes(made)) == 1:
        along = tipping_curves(made, found.what)
        shown += [shown_as(p, zero=True) for p in tipping.curve_pictures(along)]
        shown[0]["note"] = " ".join(crossing(c.panel, c.crossing, c.crosses) for c in along if c.what.event)
    else:
        shown += [shown_as(p) for p in tipping.scatter_pictures(made, found.what)]
    return shown


def _maps(made: Sweep, what: str) -> list[dict[str, Any]]:
    shown = []
    for one in maps(made, what):
        titled = f"{tipping.in_words(one.what)}{f' ({one.panel})' if one.panel else ''}"
        note = tipping.line_in_words(one) + (
            " Numbers are bold where the 95 % interval does not hold one half." if one.what.event else ""
        )
        shown.append({"title": titled, FIGURE: Markup(tipping.tipping_map(one)), "legend": [], "note": note})
        for name in one.beside:
            title = f"{tipping.WORDS[name]}, median{f' ({one.panel})' if one.panel else ''}"
            note = "The line is that of one half in the map before." if one.contours else ""
            shown.append({"title": title, FIGURE: Markup(tipping.beside_map(one, name)), "legend": [], "note": note})
    return shown


def _ranking(found: Indices | Screening) -> dict[str, Any]:
    rows = tipping.index_rows(found)
    names = [what for what, _ in rows[0][1]]
    title = f"What moves the {tipping.in_words(Measure.of(found.what))}"
    if isinstance(found, Indices):
        note = (
            "First order: share of the variance between points that is gone once this is known. Total: share that is "
            f"left while only this is unknown. {rest_in_words(found)}"
        )
    else:
        note = (
            "Size: mean of the absolute change over a whole axis. Mean: its sign. Spread: how much the change depends "
            "on where the other axes are."
        )
    return {
        "title": title, FIGURE: Markup(tipping.bars(rows, f"{title}: {', '.join(n for n, _ in rows)}")),
        "legend": [(name, f"c{i}", False, True) for i, name in enumerate(names)], "note": note,
    }  # fmt: skip


def rest_in_words(found: Indices) -> str:
    """How much of single runs nothing swept explains."""
    if np.isnan(found.rest):
        return "Nothing varies at all."
    hidden = " Chance hides what moves it: more seeds are needed." * all(
        np.isnan(v) for v, _, _ in found.total.values()
    )
    return (
        f"Of the variance of single runs, {100 * found.rest:.0f} % is of draws and chance that were not swept.{hidden}"
    )


def crossing(panel: str, where: tuple[float, float, float], crosses: float) -> str:
    """Where a curve crosses one half, in a sentence."""
    start = f"{panel}: one half" if panel else "One half"
    if np.isnan(where[0]):
        return f"{start} is not crossed."
    value, low, high = (curves.number(float(f"{v:.3g}")) for v in where)
    never = "" if crosses > 0.995 else f"; in {100 * (1 - crosses):.0f} % of the resamples it is not crossed"
    return f"{start} is crossed at {value} (95 % interval {low} to {high}{never})."


def tipping_lines(found: Findings) -> list[str]:
    """Where one half is crossed, a sentence a panel; nothing for a mean or a design that is no grid."""
    made, what = found.sweep, found.what
    axes = len(numeric_axes(made))
    if made.design != "grid" or not Measure.of(what).event or axes not in (1, 2):
        return []
    if axes == 1:
        return [crossing(c.panel, c.crossing, c.crosses) for c in tipping_curves(made, what)]
    return [f"{f'{m.panel}: ' if m.panel else ''}{tipping.line_in_words(m)}" for m in maps(made, what)]


def table(made: Sweep, what: str) -> list[list[str]]:
    """All points as text: what each sets, what was asked with its interval, deaths and injuries."""
    measure = Measure.of(what)
    beside = tipping.beside_names(made)
    rows = [[*(a.name for a in made.axes), tipping.in_words(measure), *(f"{n} (median)" for n in beside)]]
    medians = {n: np.nanmedian(made.headlines[n], axis=1) for n in beside}
    for i, (changes, estimate) in enumerate(zip(made.changes, made.estimates(what), strict=True)):
        numbers = (svg.count(float(medians[n][i])) for n in beside)
        rows.append([*(_set(v) for v in changes.values()), tipping.told(measure, estimate), *numbers])
    return rows


def _set(value: object) -> str:
    return curves.number(float(f"{value:.4g}")) if isinstance(value, float) else str(value)


def as_csv(made: Sweep, what: str) -> str:
    """All points with plain numbers: axes, value, low, high, runs, and medians of deaths and injuries."""
    beside = tipping.beside_names(made)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*(a.name for a in made.axes), str(Measure.of(what)), "low", "high", "runs", *beside])
    medians = [np.nanmedian(made.headlines[n], axis=1) for n in beside]
    known = (~np.isnan(made.column(what))).sum(axis=1)
    for i, (changes, estimate) in enumerate(zip(made.changes, made.estimates(what), strict=True)):
        numbers = [f"{v:.6g}" for v in estimate]
        rows.writerow([*changes.values(), *numbers, known[i], *(f"{m[i]:.6g}" for m in medians)])
    return text.getvalue()


def facts(made: Sweep, command: str) -> Sequence[tuple[str, str]]:
    """What somebody needs to get the same numbers again."""
    from importlib.metadata import version

    return (
        ("command", command),
        ("design", f"{made.design}: {'; '.join(map(str, made.axes))}"),
        ("draws and seeds", f"{len(made.slots)} from draw {made.slots[0].draw}, seed {made.slots[0].seed}"),
        ("scenario", f"{made.scenario.name}, hash {made.scenario.hash[:12]}"),
        ("versions", ", ".join(f"{p} {version(p)}" for p in ("numpy", "scipy"))),
    )
