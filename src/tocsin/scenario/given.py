"""Values that a caller gives in Python instead of in a file, read and judged in the same way."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from tocsin import quantities
from tocsin.declare import Param, Prior, fixed
from tocsin.errors import QuantityError, ScenarioError
from tocsin.scenario.draft import nearest, shortlist
from tocsin.scenario.parts import Setpoint
from tocsin.scenario.schema import Number
from tocsin.scenario.script import hours_after
from tocsin.scenario.setpoints import outside

SOURCE = "set by a variant"


def number_of(value: object, number: Number) -> float:
    """A plain number is in the declared unit; a text is read as in a file."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    found = quantities.parse(value, "" if plain else number.unit)
    if number.whole and not found.is_integer():
        raise QuantityError(f"{value!r} is not a whole number", expected="a whole number", do="round it")
    if not number.low <= found <= number.high:
        span = quantities.span(number.low, number.high, number.unit)
        raise QuantityError(f"{value!r} is out of range", expected=span, do=f"correct it: {number.doc}")
    return found


def setpoint_of(value: object, param: Param) -> Setpoint:
    """A number in the parameter's unit, "2 per day", "lognormal(2, 0.4)", a Prior or a Setpoint."""
    if isinstance(value, Setpoint):
        return value
    number = Number(param.unit, param.low, param.high, param.doc)
    if isinstance(value, str) and "(" in value:
        value = quantities.parse_prior(value, param.unit)
    prior = value if isinstance(value, Prior) else fixed(number_of(value, number))
    if wrong := outside(prior, param):
        raise QuantityError(
            f"{prior} {wrong}", expected=quantities.span(param.low, param.high, param.unit), do="narrow it"
        )
    return Setpoint(prior, SOURCE)


def hours_of(value: object, start: datetime, days: float) -> float:
    """Hours after the start: a plain number of hours, "3 days", or a moment within the run."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise QuantityError(f"{value!r} is not a time", expected='"3 days" or a moment', do="write one of these")
    hours = hours_after(value, start) if isinstance(value, str) else float(value)
    if not (math.isfinite(hours) and 0 <= hours < days * 24):
        raise QuantityError(
            f"{value!r} is outside the run", expected=f"a moment within its {days:g} days", do="move it"
        )
    return hours


def words_of(value: object) -> tuple[str, ...]:
    """One text, or several."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, Iterable) else (str(value),)


def word_of(value: object, allowed: Iterable[str], what: str) -> str:
    """One of a list of words."""
    words = list(allowed)
    if value in words:
        return str(value)
    do = nearest(str(value), words, "see `tocsin resolve`")
    raise ScenarioError(f"unknown {what} {value!r}", expected=f"one of {shortlist(words)}" if words else "none", do=do)


def truth_of(value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ScenarioError(f"{value!r} is neither True nor False", expected="True or False", do="switch it on or off")
    return value
