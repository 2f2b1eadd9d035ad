"""The report: whole, self-contained, honest, and the same every time."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.unit.reported import START, Result, Stored, make_result, make_run, make_scenario, read
from tocsin.cli.report import report
from tocsin.errors import StoreError
from tocsin.report import figures, maps, page, svg, tables, words
from tocsin.report.gather import Ending, World, bands, by_day, gather, wilson
from tocsin.results.failures import Failed


@pytest.fixture(scope="module")
def result() -> Result:
    """Twenty pairs of runs of a small country."""
    return make_result(make_scenario())


def test_page_stands_alone(result: Result, tmp_path: Path) -> None:
    """A reader without a network would see an empty or broken page."""
    text = page.write(result, tmp_path / "report.html").read_text(encoding="utf-8")
    outline = read(text)
    assert outline.requests == []
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", text)
    assert len(text) < 4_000_000
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_page_can_be_read_aloud(result: Result) -> None:
    """Somebody who cannot see the figures would get nothing, or a jumble of headings and clashing ids."""
    outline = read(page.render(result))
    assert outline.mute == []
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))


def test_same_result_same_bytes(result: Result) -> None:
    """Two reports of the same runs would differ, and nobody could tell whether the runs did."""
    assert page.render(result) == page.render(result)


def test_page_says_that_it_is_uncalibrated(result: Result) -> None:
    """A share of prior draws would be read as a verdict on history."""
    text = page.render(result)
    assert "Uncalibrated." in text
    assert "not a verdict" in text
    assert text.index("Uncalibrated.") < text.index("<main>")
    assert "cannot tell" in text
    assert "not measurable" not in text


def test_text_from_a_scenario_is_escaped(result: Result) -> None:
    """A scenario from a stranger could put a script into the page of whoever opens it."""
    bad = replace(result, scenario=replace(result.scenario, title="<script>alert(1)</script>"))
    text = page.render(bad)
    assert "<script>alert(1)" not in text
    assert "crowd &lt;on&gt; 5 January" in text
    evil = replace(make_scenario(), places=tuple(replace(p, name="</script><b>") for p in make_scenario().places[:1]))
    data = maps.slider_data([gather("w", evil, lambda: iter([make_run(evil, 0)]))])
    assert "</script>" not in data


def test_answer_counts_runs_and_pairs(result: Result) -> None:
    """The first sentence, which most readers alone will read, would be wrong."""
    worlds = [gather(*w) for w in result.worlds]
    fallen = [sum(run.outcome.fallen for run in read_runs()) for _, _, read_runs in result.worlds]
    text = " ".join(words.answer(worlds))
    assert f"In {fallen[0]} of 20 uncalibrated prior draws" in text
    assert f"in {fallen[1]} of 20 (" in text
    twins = list(zip(*(list(w[2]()) for w in result.worlds), strict=True))
    agree = sum(a.outcome.fallen == b.outcome.fallen for a, b in twins)
    assert f"Of 20 pairs, {agree} agree" in text or agree == 20


def with_ends(result: Result, *rows: str) -> list[World]:
    """The worlds of the result with these ends, a letter a run: c(oncessions), u(ndecided), f(alls)."""
    kinds = {"c": "concessions", "u": "undecided", "f": "regime falls"}
    worlds = [gather(*w) for w in result.worlds[: len(rows)]]
    ends = [tuple(Ending(i, i, kinds[c], 5.0, c == "f", 3.0) for i, c in enumerate(row)) for row in rows]
    return [replace(w, endings=e) for w, e in zip(worlds, ends, strict=True)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("ccuuf",), "The most frequent ends, equally often, are “concessions” and “undecided”."),
        (("ccu",), "The most frequent end is “concessions”."),
        (("ccu", "ccf"), "The most frequent end is “concessions” in both."),
        (("cuf", "cuf"), "are “concessions”, “regime falls” and “undecided” in both."),
        (("ccu", "cu"), "and “concessions” and “undecided”, equally often, in the world “no request for help”."),
    ],
)
def test_ends_that_tie_are_all_named(result: Result, rows: tuple[str, ...], said: str) -> None:
    """One of two equally frequent ends would be told as the usual one, by the accident of its name."""
    names = words.answer(with_ends(result, *rows))[-1]
    assert said in names


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("ccuf", "cuuf"), "in all 4 pairs, but 1 pair ends in another class."),
        (("ccuf", "uucf"), "in all 4 pairs, but 3 pairs end in another class."),
        (("ccuf", "ccuf"), "in all 4 pairs, and so is the class of end: these draws show no effect on it either way."),
        (("ccff", "cufc"), "Of 4 pairs, 3 agree on whether the ruler or the regime falls (of these, 1 pair ends in"),
    ],
)
def test_no_effect_is_not_said_of_pairs_that_end_differently(result: Result, rows: tuple[str, ...], said: str) -> None:
    """The sentence would deny what the ribbon of outcomes shows right below it."""
    assert said in words.answer(with_ends(result, *rows))[1]


def test_order_that_was_never_lost_is_not_restored(result: Result) -> None:
    """Order would come back on the first day, before anything had happened, in every run without unrest."""
    (world,) = with_ends(result, "cccc")
    endings = tuple(replace(e, order=o) for e, o in zip(world.endings, (0.0, 1e-12, 4.0, -1.0), strict=True))
    world = replace(world, endings=endings)
    assert [figures.day_of_order(e) for e in endings] == [None, None, 4.0, None]
    drawing = figures.reached([world], figures.day_of_order, "order", figures.lost_order)
    assert "1 of 2 by the end" in drawing
    assert words.never_lost([world]) == "Left out: 2 of 4 runs, in which order was never lost."
    calm = replace(world, endings=endings[:1])
    assert "0 of 0 by the end" in figures.reached([calm], figures.day_of_order, "order", figures.lost_order)
    assert words.never_lost(with_ends(result, "cc", "cc")) == ""


def test_ribbon_keeps_pairs_together(result: Result) -> None:
    """The two rows would not be the same draws, and a change of colour would mean nothing."""
    rows = page.ribbon([gather(*w) for w in result.worlds])
    assert [sum(n for _, n, _ in row) for row in rows] == [20, 20]
    assert sum(share for *_, share in rows[0]) == pytest.approx(100.0, abs=0.1)


def test_place_order_of_a_run_does_not_matter(result: Result) -> None:
    """A run stored with its places in another order would put one city's crowd on another's chart."""
    scenario = result.scenario
    run = make_run(scenario, 3)
    back = list(range(len(run.places)))[::-1]
    turned = replace(
        run, places=tuple(run.places[i] for i in back), series={k: v[:, back] for k, v in run.series.items()}
    )
    one, other = (gather("w", scenario, lambda r=r: iter([r])) for r in (run, turned))
    assert (one.turnout == other.turnout).all()
    assert (one.held == other.held).all()


def test_a_run_that_ended_early_keeps_its_last_state() -> None:
    """A regime that fell on day 5 would look as if every crowd went home and nobody had died."""
    scenario = make_scenario()
    run = make_run(scenario, 1)
    short = replace(run, series={k: v[:20] for k, v in run.series.items()})
    world = gather("w", scenario, lambda: iter([short]))
    assert world.totals["killed"].shape == (1, scenario.ticks)
    assert (world.totals["killed"][0, 20:] == run.total("killed")[19]).all()


def test_no_runs_and_strange_runs_are_refused(result: Result) -> None:
    """An empty page, or one with a stranger's places, would be taken for a result."""
    with pytest.raises(StoreError, match="no finished run"):
        gather("w", result.scenario, lambda: iter([]))
    other = make_scenario((("Elsewhere", "", 10.0, 10.0),))
    with pytest.raises(StoreError, match=r"has no place 'Almaty city'"):
        gather("w", result.scenario, lambda: iter([make_run(other, 0)]))


def test_unwritable_place_is_said(result: Result, tmp_path: Path) -> None:
    """A report that cannot be written would end in a traceback, or leave half a page."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        page.write(result, tmp_path / "file" / "report.html")


def test_failed_runs_are_told_with_what_they_may_hide(result: Result) -> None:
    """Runs that crashed, perhaps those in which the regime falls, would be missing without a word."""
    assert "could not be finished" not in page.render(result)
    gone = tuple(Failed(f"k{i}", i, 900 + i, "no request", f"<boom> {i}") for i in range(5))
    text = page.render(replace(result, failed=gone))
    assert "5 runs could not be finished (of the world “no request”)." in text
    assert "&lt;boom&gt; 0" in text
    assert "5 pairs in all" in text
    worlds = [gather(*w) for w in result.worlds]
    for world in worlds:
        ends = [svg.percent(n / (world.count + 5)) for n in (world.fallen, world.fallen + 5)]
        assert f"from {ends[0]} to {ends[1]} in the world “{world.title}”" in text
    alone = page.render(replace(result, worlds=result.worlds[:1], failed=gone[:1]))
    assert "1 run could not be finished" in alone
    assert "paired with" not in alone.partition("could not be finished")[2][:300]


def test_one_world_alone(result: Result) -> None:
    """An ensemble without a second world could not be reported."""
    text = page.render(replace(result, worlds=result.worlds[:1]))
    assert "no request for help" not in text
    assert "worlds part" not in text


def test_stretched_axis_is_monotone_and_clamped() -> None:
    """A larger crowd could be drawn below a smaller one, or outside the frame."""
    axis = svg.Scale(0.0, 1e5, 200.0, 10.0, 50.0)
    drawn = [axis(v) for v in (-5.0, 0.0, 10.0, 1e3, 1e5, 1e9)]
    assert drawn == sorted(drawn, reverse=True)
    assert drawn[0] == 200.0
    assert drawn[-1] == pytest.approx(10.0)
    assert axis.ticks() == [0.0, 1e2, 1e3, 1e4, 1e5]


def test_wilson_against_published_values() -> None:
    """Intervals of shares would be too narrow; values from Newcombe (1998), table I."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_bands_and_step_lines() -> None:
    """A fan would not hold the share of runs that its legend names, or a step line would end too high."""
    fan = bands(np.arange(101)[:, None] * np.ones((1, 4), dtype=np.int64))
    assert fan[:, 0] == pytest.approx([5, 25, 50, 75, 95])
    assert by_day([2.0, 1.0], 4, 10.0) == [(0.0, 0.0), (1.0, 0.0), (1.0, 0.25), (2.0, 0.25), (2.0, 0.5), (10.0, 0.5)]


def test_script_marks_what_the_variant_leaves_out(result: Result) -> None:
    """The reader could not see which events make the difference between the worlds."""
    text = page.render(result)
    assert text.count('class="dropped"') == 2
    assert "cannot separate their effects" in text
    assert "worlds part, 5 Jan" in text


def test_rare_shares_are_not_rounded_to_never() -> None:
    """One fall in a thousand runs would read as none."""
    assert svg.percent(0.001).startswith("<1")
    assert svg.percent(0.999).startswith(">99")
    assert svg.percent(0.0).startswith("0")


@pytest.mark.parametrize(
    ("hits", "runs", "shown"),
    [(1, 40, "3"), (3, 40, "8"), (29, 200, "15"), (5, 203, "2"), (1, 200, "1"), (1, 201, "<1"), (200, 201, ">99")],
)
def test_halves_go_up_everywhere(result: Result, hits: int, runs: int, shown: str) -> None:
    """The same share would be 3 % under one map and 2 % in the table beside it."""
    assert svg.hundredths(hits / runs) == shown
    assert svg.percent(hits / runs) == f"{shown}{svg.NARROW}%"
    world = gather(*result.worlds[0])
    data = json.loads(maps.slider_data([world]))
    assert data["counts"][0][4][0] == [round(20 * float(x[4][0])) for x in (world.held, world.contested)]
    assert data["runs"] == [20]
    assert svg.count(2.5) == "3"


@pytest.mark.parametrize("days", [12.0, 28.0, 30.0, 31.0, 45.0, 90.0])
@pytest.mark.parametrize("width", [210.0, 440.0])
def test_dates_below_a_chart_do_not_collide(width: float, days: float) -> None:
    """On a telephone "29" and "1 Feb" would be printed over each other."""
    drawn = "".join(figures.Frame.of((width, 200.0), days, 1.0, 0.0, START).axes(lambda _: ""))
    found = re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="(\w+)">(\d+(?: \w+)?)</text>', drawn)
    spans = [(float(x) - figures.LEANS[a] * figures.wide(t), figures.wide(t)) for x, a, t in found]
    assert len(spans) >= 2
    assert all(left + long <= after for (left, long), (after, _) in pairwise(spans))
    assert found[0][2] == "2 Jan"


def test_every_parameter_has_prior_draws_and_source(result: Result) -> None:
    """An assumption would be hidden from the reader."""
    groups = tables.parameters(gather(*result.worlds[0]))
    slope = next(r for *_, rows in groups for r in rows if r["name"] == "risk.slope")
    assert slope["source"] == "Epstein"
    assert slope["prior"] == "LN(2.3, 0.4)"
    assert slope["drawn"].count("·") == 2
    assert all(r["source"] and r["doc"] for *_, rows in groups for r in rows)


def test_reported_figures_stand_on_the_charts(result: Result) -> None:
    """The runs would be shown without the record that they must answer to."""
    worlds = [gather(*w) for w in result.worlds]
    charts = {name: (has, text) for name, has, text in figures.crowd_by_place(worlds, 12.0)}
    assert charts["Almaty city"][0]
    assert "reported 20,000" in charts["Almaty city"][1]
    assert not charts["Turkistan"][0]


def test_verb_writes_the_report_of_a_store(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`tocsin report` would report another store, or write where nobody looks."""
    asked: list[Path] = []

    def open_store(path: Path, back: int = 0) -> Stored:
        assert back == 0, "the newest result is meant"
        asked.append(path)
        return Stored(result.scenario, result.worlds, result.shares)

    monkeypatch.setitem(sys.modules, "tocsin.experiments.contrast", SimpleNamespace(open_store=open_store))
    out = tmp_path / "again.html"
    report(tmp_path / "runs", out=out)
    assert asked == [tmp_path / "runs"]
    assert "tocsin report" in out.read_text(encoding="utf-8")
    assert "Report of 20 stored runs" in capsys.readouterr().out
