"""Every number of every mechanism has a meaning, a unit, a range, a prior and a source, and somebody reads it."""

from __future__ import annotations

import ast
import math
from typing import Any

import pytest

from tocsin.declare import PRIOR_KINDS, Mechanism, Param
from tocsin.mechanisms import MECHANISMS

ALL_PARAMS = [(m, p) for m in MECHANISMS for p in m.params]
PARAM_CASES = [pytest.param(p, id=f"{m.name}.{p.name}") for m, p in ALL_PARAMS]
COLUMNS = {c.name for m in MECHANISMS for c in m.columns}


def title(value: object) -> str:
    """A readable name for a parametrised case."""
    return getattr(value, "name", "")


@pytest.mark.parametrize("param", PARAM_CASES)
def test_parameter_is_whole(param: Param) -> None:
    """Otherwise the report would show a number that nobody can judge."""
    assert param.name.isidentifier()
    assert param.unit, "the unit of a pure number is written as 1"
    assert len(param.doc) >= 10
    assert len(param.source) >= 7, '"assumed" is a source'
    assert param.low <= param.high
    assert param.prior.kind in PRIOR_KINDS
    assert math.isfinite(param.prior.a)
    assert math.isfinite(param.prior.b)


@pytest.mark.parametrize("param", PARAM_CASES)
def test_prior_lies_in_its_range(param: Param) -> None:
    """Otherwise most draws would be clipped to an end of the range, and the report would show another prior."""
    if param.prior.kind != "simplex":  # shares are normalised after they are drawn
        assert param.low <= param.prior.quantile(0.05)
        assert param.prior.quantile(0.95) <= param.high


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=title)
def test_mechanism_is_whole(mechanism: Mechanism) -> None:
    """Otherwise `tocsin explain` and the plan would have holes."""
    assert mechanism.name.isidentifier()
    assert mechanism.summary
    for column in mechanism.columns:
        assert column.unit
        assert column.doc
        assert set(column.dims.split("_")) <= {"place", "unit", "polity", "segment", "tactic", "state", "faction"}
    for event in mechanism.events:
        assert event.doc
        assert event.column in COLUMNS
        assert event.low <= event.high


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=title)
def test_mechanism_writes_only_its_own(mechanism: Mechanism) -> None:
    """Otherwise two rules would write one column and the order of the plan would decide silently."""
    others = {c.name for m in MECHANISMS if m is not mechanism for c in m.columns}
    assert not {c.name for c in mechanism.columns} & others


def test_names_are_unique() -> None:
    """Otherwise `risk.slope` in a scenario could mean two things."""
    names = [m.name for m in MECHANISMS]
    assert len(set(names)) == len(names)
    full = [f"{m.name}.{p.name}" for m, p in ALL_PARAMS] + [f"{m.name}.{s}" for m in MECHANISMS for s in m.switches]
    assert len(set(full)) == len(full)


def test_every_parameter_is_read(sources: Any) -> None:
    """Otherwise somebody could tune a number that moves nothing."""
    words = [
        n.value
        for s in sources
        if s.room in ("mechanisms", "engine", "world")
        for n in ast.walk(s.tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    unread = [
        f"{m.name}.{p.name}" for m, p in ALL_PARAMS if words.count(p.name) + words.count(f"{m.name}.{p.name}") < 2
    ]
    assert not unread, "\n".join(unread)
