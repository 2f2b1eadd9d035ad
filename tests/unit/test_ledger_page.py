"""The page of a ledger and its tables: whole, self-contained, and true to the verdicts."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from tests.unit.ledgers import CAUSAL, by_hand, columns, judged, with_hand
from tests.unit.reported import read
from tocsin.claims.claim import Estimand, Figure, Mover, Part, Rule, Verdict
from tocsin.claims.ledger import Ledger
from tocsin.claims.movers import SIGNAL
from tocsin.errors import StoreError
from tocsin.report import (
    accounts,
    beside,
    breakdown,
    by_value,
    cards,
    effort,
    exports,
    ledger_page,
    ledger_text,
    limits,
    moving,
    numbers,
    svg,
)
from tocsin.report.effort import UNTOLD, Made
from tocsin.results.failures import Failed
from tocsin.scenario import declared
from tocsin.scenario.load import load


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """Three claims: one causal with a verdict made by hand, a sweep, a normative one."""
    return with_hand()


@pytest.fixture(scope="module")
def page(ledger: Ledger) -> str:
    """The page, once."""
    return ledger_page.render(ledger, command="tocsin judge mine.toml")


def test_page_stands_alone(page: str) -> None:
    """If it failed, a reader without a network would see an empty or broken page."""
    assert read(page).requests == []
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|<script", page)
    assert len(page) < 4_000_000


def test_page_can_be_read_aloud(page: str) -> None:
    """If it failed, somebody who cannot see the figures would get nothing, or a jumble of headings."""
    outline = read(page)
    assert outline.mute == []
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))


def test_same_ledger_same_bytes(ledger: Ledger, page: str) -> None:
    """If it failed, two pages of the same verdicts would differ, and nobody could tell whether the verdicts did."""
    assert ledger_page.render(ledger, command="tocsin judge mine.toml") == page


def test_every_claim_and_verdict_is_there(ledger: Ledger, page: str) -> None:
    """If it failed, an inconvenient claim, or the reason of a verdict, could be missing without a trace."""
    for claim in ledger.claims:
        assert f'id="{claim.name}"' in page
        assert ledger.hashes[claim.name] in page
    for verdict in ledger.verdicts:
        assert verdict.why[1:] in unescape(page)
    assert "It was &lt;just&gt;." in page
    assert "exploratory" in page
    assert "kz038 (2022-01-05, high)" in page


def test_deaths_stand_beside_survival(ledger: Ledger, page: str) -> None:
    """If it failed, a world could look good because the ruler stays, with its dead left out."""
    used = beside.worlds_of(ledger)
    assert set(used) == {("C1", "V1"), ("C1", "effect"), ("R1", "sweep")}
    for worlds in used.values():
        for toll in beside.tolls(worlds):
            assert toll.people[0] in page
            assert toll.fallen in page


def test_worlds_of_a_part_are_those_that_were_judged(ledger: Ledger) -> None:
    """If it failed, a card would show the dead of a world that its verdict never looked at."""
    worlds = beside.worlds_of(ledger)["C1", "effect"]
    assert list(worlds)[-1] == "no-request"
    assert not any(e.kind == "request" for e in worlds["no-request"].scenario.events)
    assert any(e.kind == "request" for e in worlds[""].scenario.events)


def test_two_worlds_are_drawn_on_the_same_days(ledger: Ledger, page: str) -> None:
    """If it failed, the worlds could not be compared by eye."""
    ((part, both),) = beside.pairs(ledger, beside.worlds_of(ledger))
    assert part == "V1"
    assert [title for title, _ in both] == ["as it happened", "No request (V1)"]
    assert both[0][1].scenario.days == both[1][1].scenario.days
    assert page.count('class="map"') >= 4


def test_a_part_that_frees_both_worlds_is_drawn_with_both() -> None:
    """If it failed, the page would set the record beside the record, and the table would give both one name."""
    asked = Estimand("effect", ("", "no-request"), 30.0, {"both": True, "t0": "2022-01-05 23:00"})
    claim = replace(CAUSAL, parts=(Part("both", "What the request changes", asked, Rule(margin=0.05)),))
    found = judged((claim,), runs=4)
    ((_, both),) = beside.pairs(found, beside.worlds_of(found))
    titles = [title for title, _ in both]
    assert titles == ["as it happened until 2022-01-05 23:00, then by policy", "No request (V1)"]
    assert not any(e.kind == "request" for e in both[1][1].scenario.events)
    assert {r.name for r in exports.rows(found) if r.item == "series"} == set(titles)


def test_one_share_has_one_interval(ledger: Ledger) -> None:
    """If it failed, a page would give the same share of the same runs two intervals."""
    part = Part("e", "falls", Estimand("event", ("no-request",), 30.0, {"condition": "none"}), Rule())
    found = judged((replace(CAUSAL, type="model-property", parts=(part,)),), runs=8)
    (world,) = beside.worlds_of(found)["C1", "e"].values()
    judged_as = found.verdicts[0].figures[0]
    assert beside.fallen(world) == pytest.approx((judged_as.value, judged_as.low, judged_as.high))
    (toll,) = beside.tolls({"no-request": world})
    assert toll.between == numbers.interval(judged_as, "share")
    ((_, both),) = beside.pairs(ledger, beside.worlds_of(ledger))
    low, high = beside.fallen(both[0][1])[1:]
    assert f"95 % interval {svg.percent(low)} to {svg.percent(high)}" in unescape(ledger_page.render(ledger))


def test_numbers_lie_where_the_axis_says() -> None:
    """If it failed, a bar could stand above the boundary while its number is below."""
    part, verdict = CAUSAL.parts[0], by_hand()
    card = cards.card(part, verdict, declared.parameters())
    assert card.strip is not None
    assert [line.style for line in card.strip.lines] == ["main", "prior", "structure", "structure"]
    assert card.strip.lines[0].bar is not None
    assert card.strip.lines[0].bar.point == pytest.approx(62.0)
    assert card.strip.marks == ((50.0, "50\u202f%"),)
    assert card.strip.lines[0].label == "given the record"
    assert [line.label for line in card.beside] == ["world: as written"]


def test_effects_have_nothing_in_the_middle() -> None:
    """If it failed, a harmful effect could be drawn on the side of a helpful one."""
    part = Part("e", "an effect", Estimand("effect", ("", "x"), 30.0), Rule(margin=0.05))
    verdict = Verdict("C", "e", "undetermined", "why", (Figure("an effect", -0.2, -0.3, 0.1),))
    found = cards.card(part, verdict, {}).strip
    assert found is not None
    assert found.ends[0].startswith("\u2212")
    assert found.lines[0].bar is not None
    assert found.lines[0].bar.point < 50.0
    assert len(found.marks) == 1, "an effect in one direction has one margin"
    assert found.marks[0][0] > 50.0
    same = replace(part, estimand=replace(part.estimand, kind="equivalence"))
    either = cards.card(same, verdict, {}).strip
    assert either is not None
    assert either.marks[0][0] + either.marks[1][0] == pytest.approx(100.0)
    assert found.lines[0].told == "\u221220 points"


def test_the_three_that_move_most_are_named() -> None:
    """If it failed, a verdict would hide what it hangs on, or bury it among what moves nothing."""
    moved = cards.card(CAUSAL.parts[0], by_hand(), declared.parameters()).movers
    assert [m.name for m in moved] == ["risk.slope", "law.noise", "structure: no removal by insiders"]
    assert moved[0].left + moved[0].width == pytest.approx(50.0)
    assert "2.8" in moved[0].flips
    assert moved[0].note == "slope -4.1 standard errors"


def test_a_turning_point_has_its_unit() -> None:
    """If it failed, a reader would be told that a verdict turns at 6 of nobody knows what."""
    moves = (Mover("law.reconsideration", 0.3, 1.4), Mover(SIGNAL, 0.2, 4200.0))
    found = moving.movers(CAUSAL.parts[0], replace(by_hand(), movers=moves), declared.parameters(), UNTOLD)
    unit = declared.parameters()["law.reconsideration"].unit
    assert unit
    assert found[0].flips == f"verdict would turn at about 1.4 {unit}"
    assert found[1].flips.endswith("people")


def test_noise_is_no_finding() -> None:
    """If it failed, assumptions that stand out by chance in four runs would stand as reasons of a verdict."""
    verdict = by_hand()
    few = cards.card(CAUSAL.parts[0], verdict, {}, made=Made(8, 4))
    assert few.movers == ()
    assert few.unsaid == "4 draws of the assumptions are too few to say (10 are needed)."
    cannot = replace(verdict, figures=(Figure("t: prior", 0.3, 0.2, 0.4), Figure(numbers.PRIOR[1], 0.7, 0.1, 0.9)))
    assert cards.card(CAUSAL.parts[0], cannot, {}).movers == ()
    assert "too few runs" in cards.card(CAUSAL.parts[0], cannot, {}).unsaid.lower()
    error = math.hypot(0.07, 0.09)
    for effect, shown in ((0.9 * error, False), (1.1 * error, True)):
        chance = replace(verdict, movers=(Mover("structure: wide priors", effect),))
        assert bool(moving.strongest(chance, UNTOLD)) == shown


def test_more_runs_are_counted_as_they_are_typed() -> None:
    """If it failed, somebody told that 3,900 runs would help would type forty times too many, or too few."""
    verdict = replace(by_hand(), kind="undetermined", runs=640, more_runs=960)
    assert effort.runs_wanted(verdict, Made(16, 8)) == 40
    assert effort.more(verdict, Made(16, 8)) == "--runs 40 would help (these are 16 of every world)"
    assert "--runs 40 would help" in cards.card(CAUSAL.parts[0], verdict, {}, made=Made(16, 8)).effort
    assert effort.runs_wanted(replace(verdict, more_runs=1), Made(16, 8)) == 17
    assert effort.more(replace(verdict, more_runs=0), Made(16, 8)) == "more runs would not settle it"
    cannot = replace(verdict, more_runs=0, figures=(Figure(numbers.PRIOR[1], 0.7, 0.1, 0.9),))
    assert "the priors rarely come near the record" in effort.more(cannot, Made(16, 8))
    assert effort.more(by_hand(), Made(16, 8)) == ""


def test_a_bayes_factor_is_no_percentage() -> None:
    """If it failed, a factor of 3 would be told as 300 %, or one beyond all bounds with hundreds of digits."""
    figures = (Figure("odds", 0.75, 0.5, 1.0), Figure("Bayes factor", 3.0, 1.0, 1e300, 1.0, "ratio"))
    part = Part("b", "odds", Estimand("bayes-factor", ("", "x")), Rule(0.75, 0.25))
    (beside_it,) = cards.card(part, Verdict("C", "b", "undetermined", "why", figures), {}).beside
    assert (beside_it.told, beside_it.interval) == ("3", "1 to >999")


def test_spread_by_origin_adds_up() -> None:
    """If it failed, doubt about parameters could be passed off as chance."""
    found = dict(cards.spread({"parameters": 0.06, "structures": 0.01, "chance": 0.03}))
    assert sum(found.values()) == pytest.approx(100.0)
    assert found["parameters"] == pytest.approx(60.0)
    assert cards.spread({"parameters": 0.0, "chance": 0.0}) == ()


def test_a_refused_verdict_shows_the_prior_as_such() -> None:
    """If it failed, a number of the prior would be read as one given the record."""
    figures = (Figure("t: prior", 0.3, 0.2, 0.4), Figure("given the record (too few runs)", 0.7, 0.1, 0.9))
    verdict = Verdict("C1", "V1", "undetermined", "conditioning is refused", figures, runs=64, effective=4.0)
    assert numbers.refused(verdict.figures)
    assert numbers.prior_of(verdict) == figures[0]
    found = cards.card(CAUSAL.parts[0], verdict, {}).strip
    assert found is not None
    assert [line.style for line in found.lines] == ["prior", "few"], "the key calls the prior hatched"
    assert "the prior alone gives" in ledger_page.first([(CAUSAL, [(CAUSAL.parts[0], verdict)])])
    assert "1 too few runs" in ledger_page.conditioned([verdict])
    assert ledger_page.conditioned([verdict]).startswith("1 verdict weighs its runs")


def test_undefined_numbers_are_said_to_be() -> None:
    """If it failed, a number that does not exist would be drawn as one."""
    nan = float("nan")
    found = cards.card(CAUSAL.parts[0], Verdict("C1", "V1", "undetermined", "w", (Figure("n", nan, 0.0, 1.0),)), {})
    assert found.strip is not None
    assert found.strip.lines[0].bar is None
    assert found.strip.lines[0].told == "not defined"
    assert found.strip.lines[0].interval == "", "what does not exist has no interval"
    asked = Estimand("effect", ("", "x"), 30.0, {"event": "killed", "relative": True})
    part, gap = (
        Part("k", "deaths", asked, Rule(margin=0.1)),
        Verdict("C", "k", "undetermined", "w", (Figure("n", nan, -1.0, 1.0),)),
    )
    assert cards.card(part, gap, {}).undefined.startswith("nobody is killed in the first world")
    said = ledger_page.first([(CAUSAL, [(part, gap)])])
    assert "smaller --people-per-agent" in said
    assert "not defined" not in said


def test_headline_has_the_tipping_figure_once(page: str) -> None:
    """If it failed, a reader would look in vain for where the answer tips, or find the same figure twice."""
    assert page.count('id="tipping"') == 1
    assert page.count("<h2>Where the answer would tip</h2>") == 1
    drawing = breakdown.figure(CAUSAL.parts[0], by_hand().breakdown)
    assert page.count(drawing) == 1
    assert page.index(drawing) > page.index('id="tipping"')


def test_a_sweep_is_drawn_as_a_curve(ledger: Ledger, page: str) -> None:
    """If it failed, a resolve curve would be one number without its parameter, or without its days."""
    claim, verdict = ledger.claims[1], ledger.verdicts[2]
    drawing = by_value.curve(claim.parts[0], verdict.figures)
    assert "0.003" in drawing
    assert drawing in page
    assert by_value.curve(CAUSAL.parts[0], verdict.figures) == ""


def test_a_sweep_by_day_ends_at_the_number_that_was_judged(ledger: Ledger, page: str) -> None:
    """If it failed, the map over value and day would be of other runs or another event than the verdict."""
    claim, verdict = ledger.claims[1], ledger.verdicts[2]
    found = by_value.by_day(claim.parts[0], beside.worlds_of(ledger)["R1", "sweep"])
    assert found is not None
    known = {f.name: f.value for f in verdict.figures}
    for column in found.columns:
        assert column.share(found.horizon) == pytest.approx(known[f"{found.parameter} at {column.value}"])
        assert [column.share(d) for d in range(30)] == sorted(column.share(d) for d in range(30))
    assert by_value.days_map(found) in page
    assert "0.003" in by_value.said(found)
    assert by_value.by_day(CAUSAL.parts[0], beside.worlds_of(ledger)["C1", "V1"]) is None


def test_half_of_the_runs_is_crossed_where_more_than_half_have_fallen() -> None:
    """If it failed, the line of one half would stand a run too early."""
    column = by_value.Column("1", np.array([2.0, 5.0, 9.0]), 4)
    assert column.half == 9.0
    assert column.share(8.9) == 0.5
    assert np.isnan(by_value.Column("1", np.array([2.0, 5.0]), 4).half)
    assert "no more than half" in by_value.said(by_value.Days("x", (by_value.Column("1", np.array([2.0]), 4),), 30.0))


def test_failed_runs_are_told(ledger: Ledger, page: str) -> None:
    """If it failed, a share could lean away from runs that crashed, and the page would not say that there were any."""
    assert "could not be finished" not in page
    gone = (Failed("k", 3, 77, "no-request", "the <world> fell apart\nsecond line"),)
    worlds = {title: replace(e, failed=gone) for title, e in ledger.worlds.items()}
    text = ledger_page.render(replace(ledger, worlds=worlds))
    assert "1 run could not be finished (of the world “no-request”)." in text
    assert "off by 4 points at the most" in text
    assert "the &lt;world&gt; fell apart" in text
    assert "could not be finished" in ledger_text.render(replace(ledger, worlds=worlds))
    rows = [r for r in exports.rows(replace(ledger, worlds=worlds)) if r.item == "failed"]
    assert [(r.name, r.text) for r in rows] == [("no-request", f"draw 3, seed 77: {gone[0].message}")]


def test_labels_of_near_boundaries_do_not_overlap() -> None:
    """If it failed, the boundaries of a small margin would be one unreadable blot."""
    part = Part("e", "an effect", Estimand("equivalence", ("", "x"), 30.0), Rule(margin=0.05))
    wide = Verdict("C", "e", "undetermined", "why", (Figure("an effect", 0.0, -0.5, 0.5),))
    near = cards.card(part, wide, {}).strip
    assert near is not None
    assert near.labels == ((50.0, "\u00b15 points"),)
    tight = cards.card(part, replace(wide, figures=(Figure("an effect", 0.0, -0.05, 0.05),)), {}).strip
    assert tight is not None
    assert len(tight.labels) == 2


def test_accounts_of_all_parties_have_the_same_room(ledger: Ledger, page: str) -> None:
    """If it failed, one party's account would stand above the others'."""
    grouped = cards.by_claim(ledger.claims, ledger.verdicts)
    assert [s.name for s in accounts.speakers(grouped)] == ["the statement", "observers", "the opposition"]
    derived = replace(CAUSAL, says="this project", tag="derived")
    assert accounts.speakers([(derived, [])])[0].name == accounts.DERIVED
    shipped = accounts.accounts({"kazakhstan-2022": load("kazakhstan-2022")}, ledger)
    assert len(shipped) >= 3
    assert page.count('class="account"') == 3 + len(shipped)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_all_that_is_shown(ledger: Ledger, tmp_path: Path) -> None:
    """If it failed, somebody who checks the page in a spreadsheet would find other numbers, or none."""
    rows = rows_of(exports.write(ledger, tmp_path / "l.csv", "csv", "tocsin judge mine.toml"))
    whence = {r["name"]: r["text"] for r in rows if r["item"] == "provenance"}
    assert whence["command"] == "tocsin judge mine.toml"
    assert whence["one simulated person stands for"] == "1000 people"
    assert whence["model digest"]
    figure = columns(rows, "figure")["V1", "prior"]
    assert (float(figure["value"]), float(figure["low"]), float(figure["high"])) == (0.35, 0.24, 0.47)
    assert {r["item"] for r in rows} >= {"claim", "verdict", "rule", "figure", "mover", "spread", "source", "toll"}
    assert any(r["item"] == "series" and r["unit"] == "killed" for r in rows)
    turning = [r for r in rows if r["item"] == "breakdown" and r["part"] == "V1"]
    assert sum(r["name"] == "force believed in" for r in turning) == 60
    assert sum(float(r["value"]) for r in turning if r["unit"] == "given the record") == pytest.approx(1.0)
    assert any(r["name"] == "frontier: force believed in" and r["value"] for r in turning)
    assert any(r["item"] == "by day" and r["part"] == "sweep" for r in rows)
    assert any(r["item"] == "held" and r["text"] == "Almaty city" for r in rows)
    assert sum(r["name"] == "kind" for r in rows) == len(ledger.verdicts)
    assert [p.name for p in tmp_path.iterdir()] == ["l.csv"]


def test_parquet_and_netcdf_hold_the_same_numbers(ledger: Ledger, tmp_path: Path) -> None:
    """If it failed, the answer would depend on the format in which it was read."""
    import pyarrow.parquet as pq
    from scipy.io import netcdf_file

    wanted = [row.value for row in exports.rows(ledger)]
    names = [row.name for row in exports.rows(ledger)]
    table = pq.read_table(exports.write(ledger, tmp_path / "l.parquet", "parquet"))
    np.testing.assert_array_equal(table["value"].to_numpy(), wanted)
    assert table["name"].to_pylist() == names
    with netcdf_file(exports.write(ledger, tmp_path / "l.nc", "netcdf"), "r", mmap=False) as file:
        np.testing.assert_array_equal(file.variables["value"][:].copy(), wanted)
        letters = file.variables["name"][:].copy()
    texts = [b"".join(row).rstrip(b"\0").decode() for row in letters]
    assert texts == names


def test_markdown_has_every_verdict(ledger: Ledger) -> None:
    """If it failed, a ledger pasted into a paper would lack verdicts, or a bar in a text would tear its table apart."""
    text = ledger_text.render(ledger)
    assert "More anger \\| more falls." in text
    for verdict in ledger.verdicts:
        assert verdict.kind in text
        assert verdict.why.split(";")[0] in text
    assert text.startswith("# ")
    assert "**V1 \u00b7 The ruler is gone within 30 days: supported, exploratory.**" in text
    for head, _ in limits.limits([load("kazakhstan-2022")]):
        assert head in text


def test_a_folder_that_cannot_be_written_is_named(ledger: Ledger, tmp_path: Path) -> None:
    """If it failed, an hour of runs would end in a traceback."""
    (tmp_path / "file").write_text("")
    for write in (lambda p: exports.write(ledger, p, "csv"), lambda p: ledger_page.write(ledger, p)):
        with pytest.raises(StoreError) as fault:
            write(tmp_path / "file" / "l.out")
        assert "--to" in fault.value.do


def test_documentary_claims_need_no_world(ledger: Ledger) -> None:
    """If it failed, a claim that sources decide could not be shown without runs."""
    part = Part("d", "Share of sites lost", Estimand("documentary"), Rule(0.9, 0.9))
    claim = replace(CAUSAL, name="C2", type="documentary", parts=(part,))
    verdict = Verdict("C2", "d", "refuted", "held", (Figure("Share of sites lost", 0.7, 0.5, 0.8),), sources=("kz1",))
    alone = replace(ledger, claims=(claim,), verdicts=(verdict,), worlds={}, hashes={"C2": claim.hash})
    text = ledger_page.render(alone)
    assert "Two worlds" not in text
    assert "Judged from sources" in text
    assert "90\u202f%" in text
