"""One self-contained HTML page from an ensemble or a contrast: no request leaves it, it opens from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tocsin.report import abroad, figures, lost, maps, outlines, svg, tables, words
from tocsin.report.asked import Result
from tocsin.report.gather import World, dropped, gather, pairs
from tocsin.report.template import fill, save
from tocsin.results.record import OUTCOMES

KEPT = "name another place for the report; the runs themselves are kept"


def write(result: Result, path: str | Path, *, command: str = "") -> Path:
    """Write the report and return its path. command: what the user typed, shown under provenance."""
    text = render(result, command=command)
    return save(text, Path(path), what="the report", do=KEPT)


def render(result: Result, *, command: str = "") -> str:
    """The page as text; the same result gives the same bytes."""
    worlds = [gather(*world) for world in result.worlds]
    return fill("page.html.jinja", _content(result, worlds, command))


def _content(result: Result, worlds: list[World], command: str) -> dict[str, Any]:
    """Everything that the template shows."""
    base, gone = worlds[0], dropped(worlds)
    titles = [w.title for w in worlds]
    return {
        "title": result.scenario.title,
        "name": result.scenario.name,
        "titles": titles,
        "count": base.count,
        "horizon": f"{base.scenario.days:g}",
        "answer": words.answer(worlds),
        "second": words.second_world(worlds),
        "warning": words.WARNING,
        "lost": lost.of_worlds(result.failed, [(w.title, w.fallen, w.count) for w in worlds]),
        "unknown": words.unknown(worlds),
        "entangled": words.entangled(base.scenario, gone),
        "outcomes": tables.outcomes(result.shares, titles),
        "ribbon": ribbon(worlds),
        "kinds": OUTCOMES,
        "gate": tables.gate(result.gate),
        "targets": tables.targets(result.targets),
        "together": tables.together(result.fit),
        "left_out": list(result.fit.left_out),
        "script": tables.script(base.scenario, gone),
        "parameters": tables.parameters(base),
        "sources": tables.sources(base.scenario),
        "settings": tables.settings(base.scenario),
        "provenance": provenance(worlds, command),
        **_drawings(worlds),
        **_country(worlds),
        **_outside(worlds),
    }


def _outside(worlds: list[World]) -> dict[str, Any]:
    """The other states, where the runs have any."""
    return {
        "home": worlds[0].scenario.home,
        "per": f"{abroad.PER:,}",
        "societies": [(name, Markup(d)) for name, d in abroad.societies(worlds)],
        "troops": [(name, Markup(d)) for name, d in abroad.troops(worlds)],
        "abroad_table": abroad.table(worlds),
        "abroad_columns": abroad.columns(worlds),
    }


def _drawings(worlds: list[World]) -> dict[str, Any]:
    horizon = worlds[0].scenario.days
    last = max((t.day for t in worlds[0].scenario.targets if t.metric == "turnout"), default=horizon)
    days = min(horizon, max(last + 8.0, 12.0))
    return {
        "crowd": [(t, Markup(d)) for t, d in figures.crowd(worlds)],
        "by_place": [(name, has, Markup(d)) for name, has, d in figures.crowd_by_place(worlds, days)],
        "detained": Markup(figures.running_total(worlds, "detained")),
        "killed": Markup(figures.running_total(worlds, "killed")),
        "fall_days": Markup(figures.reached(worlds, figures.day_fallen, "Share of runs fallen by each day")),
        "order_days": Markup(
            figures.reached(
                worlds,
                figures.day_of_order,
                "Share of the runs that lost order in which it is restored by each day",
                figures.lost_order,
            )
        ),
        "never_lost": words.never_lost(worlds),
    }


def _country(worlds: list[World]) -> dict[str, Any]:
    """The maps, and the shares behind them as a table."""
    base = worlds[0]
    outline = outlines.layout(base.scenario, outlines.boundaries(base.scenario))
    days = maps.days_shown(worlds)
    small = [
        (w.title, [(maps.date(w, d), Markup(maps.chart(outline, w, d)), maps.leaders(w, d)) for d in days])
        for w in worlds
    ]
    return {
        "outlined": bool(outline.paths),
        "shapes": Markup(maps.shapes_once(outline)),
        "small_maps": small,
        "large_maps": [(w.title, Markup(maps.chart(outline, w, 0, names=True))) for w in worlds],
        "map_dates": [maps.date(base, d) for d in days],
        "map_table": [(w.title, _control(w, days)) for w in worlds],
        "map_data": Markup(maps.slider_data(worlds)),
    }


def _control(world: World, days: range) -> list[tuple[str, list[str]]]:
    """For each place and day "held / contested" in per cent of runs."""
    names = [p.name for p in world.scenario.places]
    return [
        (n, [f"{svg.hundredths(world.held[d][i])} / {svg.hundredths(world.contested[d][i])}" for d in days])
        for i, n in enumerate(names)
    ]


def ribbon(worlds: Sequence[World]) -> list[list[tuple[str, int, float]]]:
    """One row a world of (end state, runs, share), columns of the rows being the same draws, sorted by their ends."""
    if len(worlds) < 2:
        ends: list[tuple[str, ...]] = [(e.kind,) for e in worlds[0].endings]
    else:
        ends = [(a.kind, b.kind) for a, b in pairs(worlds[0], worlds[1])]
    place = {kind: i for i, kind in enumerate(OUTCOMES)}
    ends.sort(key=lambda kinds: [place.get(k, len(place)) for k in kinds])
    return [_stretches([kinds[row] for kinds in ends]) for row in range(len(worlds))]


def _stretches(kinds: Sequence[str]) -> list[tuple[str, int, float]]:
    """Neighbouring equal ends as one stretch."""
    found: list[tuple[str, int]] = []
    for kind in kinds:
        if found and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + 1)
        else:
            found.append((kind, 1))
    return [(kind, n, round(100.0 * n / len(kinds), 3)) for kind, n in found]


def provenance(worlds: Sequence[World], command: str) -> list[tuple[str, str]]:
    """What somebody needs to get the same bytes again."""
    base = worlds[0]
    seeds, draws = [e.seed for e in base.endings], [e.draw for e in base.endings]
    rows = [("command", command or f"tocsin run {base.scenario.name} --runs {base.count}")]
    rows += [(f"scenario hash, {w.title}", w.scenario.hash) for w in worlds]
    rows += [("model digest", ", ".join(dict.fromkeys(d for w in worlds for d in w.model_digests)))]
    rows += [
        ("runs", f"{base.count} in each world, draws {min(draws)} to {max(draws)}, seeds {min(seeds)} to {max(seeds)}")
    ]
    rows += [("versions", ", ".join(f"{name} {version}" for name, version in sorted(base.versions.items())))]
    return rows
