"""The types that mechanisms meet: the setting, what they may see, and what they hand back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import PlanError

Floats = NDArray[np.float64]

ACTIONS = ("quiet", "marching", "striking", "occupying", "detained", "wounded", "dead", "former")
"""What a person does; `former` is a quiet person who took part earlier. The position is the stored code."""
QUIET, MARCHING, STRIKING, OCCUPYING, DETAINED, WOUNDED, DEAD, FORMER = range(8)
TACTICS = ("march", "strike", "occupy")
"""The tactics a person can choose; tactic k is action k + 1."""
CONTROL = ("government", "contested", "protesters")
"""Who holds a place; the position is the stored code."""
RULES = {"none": 0.0, "non-lethal": 1.0, "lethal": 2.0}
"""Rules of engagement as a scenario writes them and as the column `rules` holds them."""
ADDED = ("alpha", "beta", "gamma", "sigma_h", "sigma_w")
"""Coefficients to which mechanisms add."""
MULTIPLIED = ("rho", "rate")
"""Coefficients that mechanisms multiply."""
FATES = ("detain", "wound", "kill", "release", "recover", "sweep")
"""What can befall a person, as rates (1/day) per place, segment and action."""


@dataclass(frozen=True)
class Setting:
    """What does not change during a run; P places, S segments.

    population float[P] people; km float[P, P]; seat float[P] weight in the seat of power, adds up to 1;
    garrison float[P] staff stationed; sites int[P] key sites; segment_share float[P, S] share of the people;
    can_act bool[S]; may_strike bool[S]; unit_place int64[U] place of each unit, unit_number int64[U] its number there,
    unit_staff float[U] people; days: length of a tick in days; person_weight: people per agent.
    """

    places: tuple[str, ...]
    population: Floats
    km: Floats
    seat: Floats
    garrison: Floats
    sites: Floats
    segments: tuple[str, ...]
    segment_share: Floats
    can_act: NDArray[np.bool_]
    may_strike: NDArray[np.bool_]
    unit_place: NDArray[np.int64]
    unit_number: NDArray[np.int64]
    unit_staff: Floats
    days: float
    person_weight: float


@dataclass(frozen=True)
class Clock:
    """When a tick begins: its number, days since the start, and the local hour at its middle."""

    tick: int
    day: float
    hour: float


Draw = Callable[[str, int], Floats]
"""draw(name, n): n uniforms in (0, 1) of this mechanism's named draw at this tick."""


class View:
    """What one mechanism sees in one tick: the setting, the clock, its parameters and the columns it declared.

    `see["column"]` is a read-only array; a column that was not declared in `reads` is refused.
    `see.p["short"]` is an own parameter or one named in `uses`; `see.on["channel"]` is a switch.
    """

    __slots__ = ("_columns", "clock", "draw", "on", "p", "setting")

    def __init__(
        self,
        setting: Setting,
        clock: Clock,
        p: Mapping[str, float],
        columns: Mapping[str, Floats],
        draw: Draw,
        on: Mapping[str, bool] = MappingProxyType({}),
    ) -> None:
        self.setting, self.clock, self.p, self.draw, self.on = setting, clock, p, draw, on
        self._columns = columns

    def __getitem__(self, name: str) -> Floats:
        try:
            return self._columns[name]
        except KeyError:
            raise PlanError(
                f"column {name!r} read without being declared",
                expected=f"one of {sorted(self._columns)}",
                do="add it to `reads` of the mechanism",
            ) from None


@dataclass(frozen=True)
class Effect:
    """What one rule hands back: new values of own columns, and contributions to the law and to fate.

    add, times: arrays that broadcast to [P, S, A, K] (alpha, beta, gamma, rho) or [P, S, A] (sigma_h, sigma_w, rate),
    where A runs over the actions a person can be in before choosing (quiet, the three tactics, former).
    fate: rates per day that broadcast to [P, S, 8].
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    times: Mapping[str, Any] = field(default_factory=dict)
    fate: Mapping[str, Any] = field(default_factory=dict)
