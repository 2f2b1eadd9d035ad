"""What a classic declares: where it comes from, what was published, how to reproduce it, what to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


Origin = Literal["paper", "derived", "audit", "peer software", "ours"]
"""Whence the number beside ours: printed in the paper; derived from its rules; measured by somebody who programmed them
again; given by another program that is run here; asked for by ourselves."""
Unjudged = Literal["too few runs to tell", "seen, not judged", "variant", "not at hand", "counted above"]
"""Why there is no verdict: the quick form cannot decide; no tolerance was set; another reading, shown beside; we did
not have the number; other rows judge the same."""


@dataclass(frozen=True)
class Finding:
    """One number or statement that ours is set beside.

    published, ours, tolerance: as people read them; met: True, False, or None where there is no verdict, for the reason
    `why`; note: gap, readings tried, what it rests on; origin: of the number beside ours; basis: where the tolerance
    comes from; variant: under a reading that changes what the paper states, counted apart from the paper's model.
    """

    name: str
    published: str
    ours: str
    tolerance: str
    met: bool | None
    note: str = ""
    origin: Origin = field(kw_only=True)
    basis: str = field(default="", kw_only=True)
    why: Unjudged = field(default="seen, not judged", kw_only=True)
    variant: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.met, bool | None):
            raise ValueError(f"{self.name}: a verdict that is {type(self.met).__name__}, not bool, would be lost")
        if self.met is not None and not self.basis:
            raise ValueError(f"{self.name}: a verdict without a word on where its tolerance comes from")

    @property
    def verdict(self) -> str:
        """The verdict, or why there is none."""
        if self.met is None:
            return self.why
        return ("variant: " if self.variant else "") + ("met" if self.met else "not met")


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
    """Frames for an animation.

    frames uint8[T, H, W]: index into `colours`; series: name -> float[T], drawn beside it in the colour of that name;
    subtitle: what in it is not the paper's; apart: series with a scale of their own; unit: what a frame is.
    """

    title: str
    frames: NDArray[np.uint8]
    colours: Sequence[tuple[str, str]]
    series: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    note: str = ""
    subtitle: str = ""
    apart: tuple[str, ...] = ()
    unit: str = "period"


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
    says: what the paper says, in one sentence; here: what comes out of it in the full form; kernel: what computes it;
    check: yields findings one by one; pictures: figures, made of the same work; film: an animation by named numbers
    that `tocsin play NAME --set` changes, or None; it is called with all of `knobs`, each in its range. seconds: what
    the full form takes one core, about: the longest goes first, and the time left is told from it; parts: work that
    others may share in, in calls that keep their own pieces, of about one length; `check` finds them kept.
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
    here: str = field(default="", kw_only=True)
