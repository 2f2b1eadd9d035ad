"""The only place where a unit is read, written or converted.

A quantity is a number and a unit in one text: "6 hours", "12 %", "2 per day", "30 km". A plain number is enough where
the unit has no dimension (shares, ratios, logits) or counts people. Every other number needs its unit.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from difflib import get_close_matches
from fractions import Fraction

from tocsin.declare import PRIOR_KINDS, Prior
from tocsin.errors import QuantityError

UNITS: dict[str, tuple[str, Fraction]] = {
    "minute": ("time", Fraction(1, 60)),
    "hour": ("time", Fraction(1)),
    "day": ("time", Fraction(24)),
    "week": ("time", Fraction(168)),
    "m": ("length", Fraction(1, 1000)),
    "km": ("length", Fraction(1)),
    "degree": ("angle", Fraction(1)),
    "people": ("people", Fraction(1)),
    "thousand people": ("people", Fraction(1000)),
    "million people": ("people", Fraction(1000000)),
    "%": ("number", Fraction(1, 100)),
}
"""Unit -> (dimension, size in its first unit: hour, km, degree, people, one). Rates are built from times."""

SPELLINGS = {
    "min": "minute", "minutes": "minute", "h": "hour", "hours": "hour", "d": "day", "days": "day", "weeks": "week",
    "metre": "m", "metres": "m", "kilometre": "km", "kilometres": "km", "°": "degree", "degrees": "degree",
    "person": "people", "percent": "%", "per cent": "%",
}  # fmt: skip
EXAMPLES = {
    "time": "6 hours", "rate": "1.5 per day", "length": "30 km", "angle": "43.25 degrees", "people": "2500 people",
    "number": "0.3 or 12 %",
}  # fmt: skip
BARE = ("number", "people", "angle")
"""Dimensions for which a plain number is enough."""

YEARS = range(1000, 9000)
"""Years that a scenario may play in; sums of dates stay within what a date can hold."""

_NUMBER = re.compile(
    r"\s*([+-]?(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*", re.DOTALL
)
_PRIOR = re.compile(r"\s*([A-Za-z]+)\s*\(([^()]*)\)\s*(.*?)\s*", re.DOTALL)
_PRIOR_NAMES = {"ln": "lognormal", "n": "normal", "hn": "halfnormal", "u": "uniform", "dirichlet": "simplex"}
_ONE_NUMBER = ("fixed", "halfnormal", "simplex")


def dimension(unit: str) -> tuple[str, Fraction]:
    """What a unit measures, and how much of the dimension's first unit it is; a unit of no known kind is a number."""
    word = " ".join(unit.split())
    per = re.fullmatch(r"(?:1\s*/|/|per)\s*(.+)", word)
    if per:
        kind, size = dimension(per[1])
        return ("rate", 1 / size) if kind == "time" else ("number", Fraction(1))
    return UNITS.get(SPELLINGS.get(word, word), ("number", Fraction(1)))


def _known(unit: str) -> bool:
    word = " ".join(unit.split())
    per = re.fullmatch(r"(?:1\s*/|/|per)\s*(.+)", word)
    if per:
        return dimension(per[1])[0] == "time"
    return word in ("", "1") or SPELLINGS.get(word, word) in UNITS


def _refuse_unit(text: str, found: str, wanted: str) -> QuantityError:
    kind = dimension(wanted)[0]
    near = get_close_matches(found, [*UNITS, *SPELLINGS, "per day", "per hour"], 1)
    expected = f"a {'plain number' if kind == 'number' else kind}, such as {EXAMPLES[kind]}"
    do = f"did you mean {near[0]!r}?" if near and not _known(found) else "write the number in that unit"
    if found == "":
        return QuantityError(f"{text!r} has no unit", expected=expected, do="add the unit")
    if _known(found):
        return QuantityError(f"{text!r} is a {dimension(found)[0]}", expected=expected, do=do)
    return QuantityError(f"unknown unit {found!r}", expected=expected, do=do)


def factor(found: str, wanted: str, text: str) -> Fraction:
    """How many `wanted` one `found` is; refuses units of different dimensions."""
    kind, size = dimension(wanted)
    if found == wanted:
        return Fraction(1)
    if found == "":
        if kind in BARE:
            return Fraction(1)
        raise _refuse_unit(text, found, wanted)
    if not _known(found):
        raise _refuse_unit(text, found, wanted)
    found_kind, found_size = dimension(found)
    if found_kind != kind:
        raise _refuse_unit(text, found, wanted)
    return found_size / size


def parse(value: object, unit: str) -> float:
    """The number of `unit` in a plain number or a text such as "6 hours"; refuses what is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise QuantityError(f"{value!r} is not a number", expected=_example(unit), do="write one number with its unit")
    if not isinstance(value, str):
        by = factor("", unit, str(value))
        return _scaled(float(value), by, str(value)) if abs(value) < 1e308 else _finite(math.inf, str(value))
    match = _NUMBER.fullmatch(value)
    if not match:
        raise QuantityError(f"{value!r} is not a number", expected=_example(unit), do="write one number with its unit")
    return _scaled(float(match[1]), factor(match[2], unit, value), value)


def _scaled(number: float, by: Fraction, text: str) -> float:
    """The correctly rounded product, so that "30 %" is 0.3 and "1 hour" is 1/24 of a day to the last bit."""
    _finite(number, text)
    try:
        return number if by == 1 else float(Fraction(repr(number)) * by)
    except OverflowError:
        return _finite(math.inf, text)


def _finite(x: float, text: str) -> float:
    if not math.isfinite(x):
        raise QuantityError(f"{text} is not a finite number", expected="a number below 1.8e308", do="write a number")
    return x


def _example(unit: str) -> str:
    return f"a number such as {EXAMPLES[dimension(unit)[0]]}"


def write(x: float, unit: str) -> str:
    """The text that `parse` reads back as the same number; no unit is written for those of no dimension."""
    shown = repr(int(x)) if float(x).is_integer() and abs(x) < 1e15 else repr(float(x))
    kind = dimension(unit)[0]
    if kind == "number":
        return shown
    if kind == "rate":
        return f"{shown} {unit.replace('1/', 'per ') if unit.startswith('1/') else unit}"
    return f"{shown} {unit}"


def span(low: float, high: float, unit: str) -> str:
    """A range as people read it: both ends, and the unit once."""
    kind = dimension(unit)[0]
    named = unit.replace("1/", "per ") if unit.startswith("1/") else unit
    return f"{low:,.12g} to {high:,.12g}{'' if kind == 'number' else f' {named}'}"


def parse_prior(text: str, unit: str) -> Prior:
    """A prior such as "lognormal(2.3, 0.4)" or "uniform(1, 3) per day"; without a unit it is in `unit`.

    Names: those of tocsin.declare, and LN, N, HN, U. The second number of a lognormal has no unit.
    """
    match = _PRIOR.fullmatch(text)
    kind = _PRIOR_NAMES.get(match[1].lower(), match[1].lower()) if match else ""
    if not match or kind not in PRIOR_KINDS:
        near = get_close_matches(kind, PRIOR_KINDS, 1)
        raise QuantityError(
            f"{text!r} is not a prior",
            expected=f"one of {', '.join(PRIOR_KINDS)} with its numbers in brackets",
            do=f"did you mean {near[0]!r}?" if near else 'write for example "lognormal(2.3, 0.4)"',
        )
    numbers = [_plain(part, text) for part in match[2].split(",")]
    if len(numbers) != (1 if kind in _ONE_NUMBER else 2):
        raise QuantityError(
            f"{text!r} has {len(numbers)} numbers",
            expected="one number" if kind in _ONE_NUMBER else "two numbers",
            do="see `tocsin explain priors`",
        )
    by = factor(match[3], unit, text) if match[3] else Fraction(1)
    return _prior(kind, numbers, by, text)


def _plain(part: str, text: str) -> float:
    try:
        return _finite(float(part), text)
    except ValueError:
        raise QuantityError(
            f"{part.strip()!r} in {text!r} is not a number",
            expected="plain numbers in the brackets",
            do="put the unit after the bracket",
        ) from None


def _prior(kind: str, numbers: list[float], by: Fraction, text: str) -> Prior:
    a, b = (0.0, numbers[0]) if kind == "halfnormal" else (numbers[0], numbers[1] if len(numbers) > 1 else 0.0)
    faults = {
        "uniform": (not a < b, "a low end below the high end"),
        "normal": (b <= 0, "a positive standard deviation"),
        "halfnormal": (b <= 0, "a positive scale"),
        "lognormal": (a <= 0 or b <= 0, "a positive median and a positive standard deviation of the logarithm"),
        "beta": (a <= 0 or b <= 0, "two positive shape numbers"),
        "simplex": (a <= 0, "a positive concentration"),
    }
    wrong, expected = faults.get(kind, (False, ""))
    if wrong:
        raise QuantityError(f"{text!r} is no distribution", expected=expected, do="correct the numbers")
    if by != 1 and kind in ("beta", "simplex"):
        raise QuantityError(f"{text!r} has a unit", expected=f"a plain {kind}", do="leave the unit out")
    scaled_b = b if kind in ("lognormal", "beta") else _scaled(b, by, text)
    return Prior(kind, _scaled(a, by, text), scaled_b)


def write_prior(prior: Prior, unit: str) -> str:
    """The text that `parse_prior` reads back as the same prior, in `unit`."""
    numbers = {"halfnormal": (prior.b,), "fixed": (prior.a,), "simplex": (prior.a,)}.get(prior.kind, (prior.a, prior.b))
    body = f"{prior.kind}({', '.join(write(x, '') for x in numbers)})"
    return f"{body} per {unit[2:]}" if unit.startswith("1/") and prior.kind not in ("beta", "simplex") else body


def parse_moment(value: object) -> datetime:
    """A local date and time: "2022-01-05 16:45", or a TOML date-time without a zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise _refuse_moment(value) from None
    if isinstance(value, datetime) and value.tzinfo is None and value.year in YEARS:
        return value
    raise _refuse_moment(value)


def parse_date(value: object) -> date | None:
    """A date without a time ("2022-01-05"), or None if it is anything else."""
    found = value
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*", value):
        try:
            found = date.fromisoformat(value.strip())
        except ValueError:
            raise _refuse_moment(value) from None
    if not isinstance(found, date) or isinstance(found, datetime):
        return None
    if found.year not in YEARS:
        raise _refuse_moment(value)
    return found


def _refuse_moment(value: object) -> QuantityError:
    return QuantityError(
        f"{str(value)!r} is not a date",
        expected='a local date and time such as "2022-01-05 16:45"',
        do="write year-month-day hour:minute, without a time zone",
    )


def write_moment(moment: datetime) -> str:
    """The text that `parse_moment` reads back as the same moment."""
    exact = "minutes" if moment.second == 0 and moment.microsecond == 0 else "auto"
    return moment.isoformat(sep=" ", timespec=exact)
