"""What a classic declares: where it comes from, what was published, how to reproduce it, what to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """One published number or statement beside ours.

    published, ours, tolerance: as people read them; met: True, False, or None where the paper gives nothing to compare
    with (a reading, or something that was not available); note: gap, readings tried, what it rests on.
    """

    name: str
    published: str
    ours: str
    tolerance: str
    met: bool | None
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One line or set of points of a picture; x, y float[n]; low, high: a band around it, or None."""

    label: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    points: bool = False
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Picture:
    """One figure like the paper's own: lines over two named axes. log: logarithmic axes ("", "x", "y", "xy")."""

    title: str
    across: str
    up: str
    lines: tuple[Line, ...]
    log: str = ""
    note: str = ""


class Keep(Protocol):
    """Finished pieces of work: a second start computes only what is missing."""

    def __call__(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The kept answer of this piece, or that of `make`, which is kept. Plain values only (JSON)."""


@dataclass(frozen=True)
class Effort:
    """How much work to do: seeds and ticks of the quick or the full form; keep: finished pieces."""

    full: bool
    keep: Keep

    def choose(self, quick: T, full: T) -> T:
        """The value for this form."""
        return full if self.full else quick


@dataclass(frozen=True)
class Film:
    """Frames for an animation. frames uint8[T, H, W]: index into `colours`; series: name -> float[T] drawn below."""

    title: str
    frames: NDArray[np.uint8]
    colours: Sequence[tuple[str, str]]
    series: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Knob:
    """A number of a film. low, high: its range, both included; whole: only whole numbers; source: of all of these."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str
    source: str
    whole: bool = False

    @property
    def span(self) -> str:
        """The range in words."""
        return f"{'a whole number from ' if self.whole else ''}{self.low:g} to {self.high:g}"

    def fits(self, value: float) -> bool:
        """Whether a number may be set."""
        return self.low <= value <= self.high and (not self.whole or value == int(value))


Part = Callable[[], object]


@dataclass(frozen=True)
class Classic:
    """A published model on the ladder.

    name: how `tocsin replicate NAME` calls it ("epstein-2"); rung: its number in the ladder; source: citation with doi;
    says: what the model says, in one sentence; kernel: what computes it; check: yields findings one by one;
    pictures: figures, made of the same work; film: an animation by named numbers that `tocsin play NAME --set` changes,
    or None; it is called with all of `knobs`, each in its range. seconds: what the full form takes one core, about: the
    longest goes first, and the time left is told from it; parts: work that others may share in, in calls that keep
    their own pieces, of about one length; `check` finds them kept.
    """

    name: str
    rung: int
    title: str
    source: str
    says: str
    kernel: str
    check: Callable[[Effort], Iterator[Finding]]
    pictures: Callable[[Effort], Sequence[Picture]] | None = None
    film: Callable[[Mapping[str, float], int], Film] | None = None
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    seconds: float = 1.0
    parts: Callable[[Effort], Sequence[Part]] | None = None
