"""Numbers with units: the only place where they are converted."""

from __future__ import annotations

import contextlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.declare import Prior
from tocsin.errors import QuantityError
from tocsin.mechanisms import MECHANISMS
from tocsin.quantities import parse, parse_date, parse_moment, parse_prior, span, write, write_moment, write_prior

UNITS = ("hours", "days", "minutes", "weeks", "km", "1/day", "per hour", "people", "share", "", "degrees", "log-odds")
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, st.sampled_from(UNITS))
def test_round_trip(x: float, unit: str) -> None:
    """A resolved scenario would not say what the original said."""
    assert parse(write(x, unit), unit) == x


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 (local times)
def test_moment_round_trip(moment: datetime) -> None:
    """An event of a resolved scenario would move in time."""
    assert parse_moment(write_moment(moment)) == moment


@given(st.text(max_size=40), st.sampled_from(UNITS))
def test_any_text_is_read_or_refused(text: str, unit: str) -> None:
    """A strange number in a file would end in a traceback."""
    for reads in (lambda: parse(text, unit), lambda: parse_prior(text, unit), lambda: parse_moment(text)):
        with contextlib.suppress(QuantityError):
            reads()


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("6 hours", "days", 0.25), ("3 days", "hours", 72), ("12 %", "share", 0.12), ("2 per day", "1/day", 2),
        ("1.5 /day", "1/day", 1.5), ("1 per hour", "1/day", 24), ("30 km", "km", 30), ("500 m", "km", 0.5),
        ("2 thousand people", "people", 2000), (5, "people", 5), (0.3, "share", 0.3), ("90 minutes", "hours", 1.5),
        ("29.4 %", "share", 0.294), ("1_000 people", "people", 1000), ("1e-5", "share/day", 1e-5),
    ],
)  # fmt: skip
def test_conversions(text: object, unit: str, value: float) -> None:
    """A rate per hour would run as a rate per day, or a percentage as a hundred times its size."""
    assert parse(text, unit) == value


@pytest.mark.parametrize(
    ("value", "unit"),
    [("6 km", "hours"), (6, "hours"), ("6 hourz", "hours"), ("", "km"), (True, ""), ([1], ""), ("nan", ""),
     ("1e999", ""), (float("inf"), ""), (float("nan"), ""), (10**400, ""), ("3_ km_", "km"),
     ("5 days", "share"), ("3 /", "1/day"), ("2 per km", "1/day")],
)  # fmt: skip
def test_refusals(value: object, unit: str) -> None:
    """A number in the wrong unit, or none, would be taken at face value."""
    with pytest.raises(QuantityError):
        parse(value, unit)


def test_every_declared_prior_can_be_written() -> None:
    """A resolved scenario could not be read back because one prior has no text."""
    for mechanism in MECHANISMS:
        for param in mechanism.params:
            if param.prior.kind != "fixed":
                again = parse_prior(write_prior(param.prior, param.unit), param.unit)
                assert again == param.prior, f"{mechanism.name}.{param.name}"


def test_prior_units() -> None:
    """A prior per hour would be drawn as one per day, or its spread on the logarithm would be scaled."""
    assert parse_prior("LN(2, 0.4) per hour", "1/day") == Prior("lognormal", 48.0, 0.4)
    assert parse_prior("normal(1, 0.5) per hour", "1/day") == Prior("normal", 24.0, 12.0)
    assert parse_prior("HN(3)", "") == Prior("halfnormal", 0.0, 3.0)


def test_dates_and_spans() -> None:
    """A whole day would be taken for its first minute; a range would be shown without its unit."""
    assert parse_date("2022-01-05") is not None
    assert parse_date("2022-01-05 16:45") is None
    assert span(1, 24, "1/day") == "1 to 24 per day"
    with pytest.raises(QuantityError):
        parse_moment("2022-01-05T16:45+06:00")
