"""What the report asks of an ensemble or a contrast, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from tocsin.results.failures import Failed
from tocsin.results.record import Run
from tocsin.scenario.scenario import Scenario


class GateRow(Protocol):
    """One condition of the joint gate (science.md 3); met is None where these runs cannot tell."""

    @property
    def criterion(self) -> str:
        """What is asked of the priors."""

    @property
    def value(self) -> Any:
        """What these runs give."""

    @property
    def interval(self) -> Any:
        """Its 95 % interval."""

    @property
    def wanted(self) -> Any:
        """What the priors should allow."""

    @property
    def met(self) -> bool | None:
        """Whether they do."""

    @property
    def note(self) -> str:
        """What to know about it."""


class TargetRow(Protocol):
    """One reported figure against the runs of the base world."""

    @property
    def name(self) -> str:
        """What was reported."""

    @property
    def metric(self) -> str:
        """Of what."""

    @property
    def role(self) -> str:
        """Train, held-out or shown."""

    @property
    def place(self) -> str:
        """Where; "" for the whole country."""

    @property
    def low(self) -> float:
        """Lower end as reported."""

    @property
    def high(self) -> float:
        """Upper end as reported."""

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval."""

    @property
    def share_inside(self) -> float:
        """Share of runs inside the interval."""

    @property
    def median(self) -> float:
        """Median of the runs."""

    @property
    def q05(self) -> float:
        """5 % point of the runs."""

    @property
    def q95(self) -> float:
        """95 % point of the runs."""

    @property
    def note(self) -> str:
        """What to know about it."""


class Fit(Protocol):
    """All reported figures together: share of runs inside every interval, the nearest run and how far it is."""

    @property
    def runs(self) -> int:
        """Number of runs."""

    @property
    def share_all(self) -> float:
        """Share of runs inside every interval."""

    @property
    def nearest(self) -> tuple[str, int, int] | None:
        """Key, draw and seed of the nearest run."""

    @property
    def distance(self) -> float:
        """How far it lies outside, in half-widths."""

    @property
    def left_out(self) -> Sequence[tuple[str, str]]:
        """Figures that the runs cannot be compared with, and why."""


class Result(Protocol):
    """What the report needs of an ensemble (one world) or a contrast (two, the base first)."""

    @property
    def scenario(self) -> Scenario:
        """The base."""

    @property
    def worlds(self) -> tuple[tuple[str, Scenario, Callable[[], Iterator[Run]]], ...]:
        """Title, scenario and runs of each world."""

    @property
    def gate(self) -> Sequence[GateRow]:
        """The joint gate."""

    @property
    def targets(self) -> Sequence[TargetRow]:
        """Reported figures against the runs of the base."""

    @property
    def fit(self) -> Fit:
        """All reported figures together."""

    @property
    def shares(self) -> Mapping[str, Mapping[str, tuple[float, float, float]]]:
        """World title -> end state -> share with its 95 % interval."""

    @property
    def failed(self) -> Sequence[Failed]:
        """Runs that could not be finished, and are in no world."""
