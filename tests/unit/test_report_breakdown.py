"""The figure over two forces: its line, its weight, and what it says where there is little to go by."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.ledgers import CAUSAL, turned
from tocsin.claims.breakdown import Breakdown, Drawn, breakdown
from tocsin.claims.claim import Part
from tocsin.claims.estimands import Asked
from tocsin.claims.judge import verdict
from tocsin.claims.movers import DOMESTIC, SIGNAL
from tocsin.claims.numbers import Evidence
from tocsin.claims.weights import effective
from tocsin.report import breakdown as drawing
from tocsin.report import breakdown_words as words
from tocsin.report.density import contours

PART: Part = CAUSAL.parts[0]


def whole() -> Breakdown:
    """Sixty draws, weighted by a record."""
    found = turned()
    assert found is not None
    return found


def plane(draws: int = 400) -> Drawn:
    """A number that is 1 - u for the rank u of the force, whatever the domestic force."""
    u = (np.arange(draws) + 0.5) / draws
    domestic = 0.1 + 0.4 * np.modf(np.arange(draws) * 0.618)[0]
    even = np.full(draws, 1.0 / draws)
    return Drawn(1000.0 * 50.0**u, domestic, 1.0 - u, even, even)


def test_frontier_lies_where_the_number_is_on_the_boundary() -> None:
    """If it failed, a verdict would be said to turn at a belief that leaves it where it is."""
    found = breakdown(plane(), 0.3, refused=False)
    assert found is not None
    assert found.covered == pytest.approx(1.0)
    for _, force in found.frontier:
        assert force == pytest.approx(1000.0 * 50.0**0.7, rel=0.02)
    assert found.at(np.array([0.3]), np.array([1000.0 * 50.0**0.7])) == pytest.approx([0.3], abs=0.01)
    assert np.isnan(found.at(np.array([0.3]), np.array([1e6]))).all()


def test_frontier_ends_at_the_draws_on_either_axis() -> None:
    """If it failed, a line that hangs on the domestic force alone would be cut short, or drawn where nothing was."""
    drawn = plane()
    steep = replace(drawn, value=np.argsort(np.argsort(drawn.domestic)) / 400 + 0.1 * (1.0 - drawn.value))
    found = breakdown(steep, 0.5, refused=False)
    assert found is not None
    people = [force for _, force in found.frontier]
    assert min(people) == pytest.approx(min(found.force))
    assert max(people) == pytest.approx(max(found.force))
    assert found.covered == pytest.approx(0.1, abs=0.01)
    assert "already at the least force drawn" in words.said(PART, found)
    assert "over 90" in words.said(PART, found)


def test_no_frontier_outside_the_draws() -> None:
    """If it failed, a force that no prior allows would be named as the one that turns a verdict."""
    found = breakdown(plane(), 1.5, refused=False)
    assert found is not None
    assert found.frontier == ()
    assert "no believed force" in words.said(PART, found)


@pytest.mark.parametrize("fewest", [5.0, 1e6])
def test_every_verdict_on_runs_with_both_forces_says_where_it_turns(fewest: float) -> None:
    """If it failed, a causal card would lack its frontier, or draw one by weights that do not decide."""
    drawn = plane(40)
    table = np.repeat((drawn.value > 0.4).astype(np.float64)[:, None], 2, axis=1)
    weights = np.repeat(drawn.force[:, None], 2, axis=1) / (2.0 * drawn.force.sum())
    known = {SIGNAL: drawn.force, DOMESTIC: drawn.domestic}
    evidence = Evidence("as written", Asked(("",), (table,)), weights, known)
    found = verdict(CAUSAL, PART, [evidence], conditioned=True, fewest=fewest).breakdown
    assert found is not None
    assert found.boundary == PART.rule.above
    assert found.posterior == pytest.approx(tuple(drawn.force / drawn.force.sum()))
    assert found.prior == pytest.approx((1 / 40,) * 40)
    assert found.refused == (fewest > 40)
    bare = Evidence("as written", evidence.asked, weights, {SIGNAL: drawn.force})
    assert verdict(CAUSAL, PART, [bare], conditioned=True, fewest=fewest).breakdown is None


def test_undefined_draws_are_left_out_and_few_have_no_line() -> None:
    """If it failed, a line through a handful of draws would look like knowledge."""
    drawn = plane(11)
    value = drawn.value.copy()
    value[:2] = np.nan
    found = breakdown(replace(drawn, value=value), 0.5, refused=False)
    assert found is not None
    assert len(found.value) == 9
    assert sum(found.prior) == pytest.approx(1.0)
    assert found.plane is None
    assert "fewer than 10 draws" in words.said(PART, found)
    assert breakdown(replace(drawn, value=np.full(11, np.nan)), 0.5, refused=False) is None


def test_least_force_is_named_with_its_comparison() -> None:
    """If it failed, nobody could see how much belief a verdict about troops needs."""
    found = whole()
    said = words.said(PART, found)
    least = min(force for _, force in found.frontier)
    assert f"{float(f'{least:.2g}'):,.0f} people" in said
    assert said.count(". ") == 1, "two sentences"
    assert "so no line is drawn" not in said


def test_a_line_that_may_be_chance_is_said_to_be() -> None:
    """If it failed, noise would be read as the force on which history hung."""
    drawn = plane(60)
    noise = np.where(np.modf(np.arange(60) * 0.57)[0] > 0.5, 1.0, 0.0)
    found = breakdown(replace(drawn, value=noise), float(noise.mean()), refused=False)
    assert found is not None
    assert found.plane is not None
    assert not found.plane.clear
    assert found.frontier
    assert "so no line is drawn" in words.said(PART, found)
    assert 'class="turn' not in drawing.figure(PART, found)
    assert "<rect" not in drawing.figure(PART, found), "no ground either"


def test_contours_hold_the_share_that_they_name() -> None:
    """If it failed, the inner line would not hold half of what the record leaves."""
    chance = np.modf(np.outer(np.arange(1, 1201), [0.754877666, 0.569840291]))[0]
    away, turn = np.sqrt(-2.0 * np.log(1.0 - chance[:, 0])), 2.0 * np.pi * chance[:, 1]
    x, y = away * np.cos(turn), away * np.sin(turn)
    share, people = 1 / (1 + np.exp(-x)), np.exp(8.0 + y)
    found = contours(tuple(share.tolist()), tuple(people.tolist()), (1.0,) * 1200)
    assert found.sure
    for held, lines in found.lines.items():
        reach = [np.hypot(np.log(a / (1 - a)), np.log(b) - 8.0) for line in lines for a, b in line]
        assert np.mean(reach) == pytest.approx(np.sqrt(-2.0 * np.log(1.0 - held)), rel=0.12)


def test_contours_end_at_what_the_priors_allow() -> None:
    """If it failed, the figure would show beliefs in a force that no draw can hold."""
    inside, over = (0.3, 10_000.0), (0.3, 200_000.0)
    assert drawing.allowed((inside, (0.4, 50_000.0))) == [(inside, (0.4, 50_000.0))]
    assert drawing.allowed((over, (0.5, 90_000.0))) == []
    first, second = drawing.allowed((inside, (0.3, 20_000.0), over, (0.6, 200_000.0), (0.6, 10_000.0)))
    assert first[-1][1] == second[0][1] == words.LARGEST
    assert second == ((0.6, words.LARGEST), (0.6, 10_000.0))
    halfway = drawing.allowed(((0.2, words.LARGEST / 4), (0.4, words.LARGEST * 4)))[0]
    assert halfway[-1] == (pytest.approx(0.3), words.LARGEST)


def test_few_effective_draws_are_said_and_broken_or_left_out() -> None:
    """If it failed, a contour around one run would look like a posterior."""
    found = whole()
    weights = np.array(found.posterior)
    some = np.where(np.argsort(np.argsort(-weights)) < 6, weights, 0.0)
    six = replace(found, posterior=tuple((some / some.sum()).tolist()))
    assert effective(six.posterior) < 10
    assert "effective draws only" in words.few(six)
    assert "contour given unsure" in drawing.figure(PART, six)
    one = replace(found, posterior=(1.0, *(0.0 for _ in found.value[1:])))
    assert "too few for contours" in words.few(one)
    assert "contour given" not in drawing.figure(PART, one)
    assert words.few(found) == ""
    assert "unsure" not in drawing.figure(PART, found)


def test_dots_grow_with_the_weight_that_decides() -> None:
    """If it failed, a draw that the record rules out would look as weighty as one that it prefers."""
    found = whole()
    sizes = [float(r) for r in re.findall(r'<circle cx="[^"]*" cy="[^"]*" r="([^"]*)"', drawing.figure(PART, found))]
    assert len(sizes) == len(found.value)
    assert max(sizes) > 1.5 * min(sizes)
    refused = replace(found, refused=True)
    even = re.findall(r'<circle cx="[^"]*" cy="[^"]*" r="([^"]*)"', drawing.figure(PART, refused))
    assert len(set(even)) == 1
    assert "the prior's" in words.few(refused)


def test_figure_speaks_for_itself() -> None:
    """If it failed, somebody who cannot see it would not hear on which side the draws lie, nor what the record did."""
    found = whole()
    label = re.search(r'aria-label="([^"]*)"', drawing.figure(PART, found))
    assert label is not None
    over = sum(v > 0.5 for v in found.value)
    assert f"above 50\u202f% in {over}" in label.group(1)
    assert "given the record" in label.group(1)
    assert drawing.figure(PART, None) == ""
    assert drawing.panel(PART, None) is None


def test_without_a_record_there_is_one_set_of_contours() -> None:
    """If it failed, the prior would be shown as something learnt."""
    found = turned(record=False)
    text = drawing.figure(PART, found)
    assert "contour prior" in text
    assert "contour given" not in text
