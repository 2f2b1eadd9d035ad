"""Frozen facts about parameters, columns, events and mechanisms; the only place where a default is written.

Checks, messages, reference pages, the JSON schema, the plan and the prior draws all come from these.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from tocsin.state import Effect, Floats, View


@dataclass(frozen=True)
class Prior:
    """A probability distribution for one parameter.

    kind        a, b                                                          support
    fixed       value, -                                                      one point
    uniform     low, high                                                     [low, high]
    normal      mean, standard deviation                                      the line
    halfnormal  0, scale                                                      x >= 0
    lognormal   median, standard deviation of ln                              x > 0
    beta        the two shape parameters                                      [0, 1]
    simplex     concentration, -   (one share of a Dirichlet; the members of one group are normalised together)
    """

    kind: str
    a: float
    b: float = 0.0

    def quantile(self, u: float) -> float:
        """The value below which a share `u` of the distribution lies, before clipping to the parameter's range.

        For `simplex` this is a gamma quantile; the group is normalised afterwards.
        """
        return float(quantiles(self.kind, np.array([self.a]), np.array([self.b]), np.array([u]))[0])

    def __str__(self) -> str:
        names = {"lognormal": "LN", "normal": "N", "halfnormal": "HN", "beta": "Beta", "uniform": "U"}
        if self.kind == "fixed":
            return f"fixed at {self.a:g}"
        if self.kind == "simplex":
            return f"Dirichlet share ({self.a:g})"
        if self.kind == "halfnormal":
            return f"HN({self.b:g})"
        return f"{names[self.kind]}({self.a:g}, {self.b:g})"


def quantiles(kind: str, a: Floats, b: Floats, u: Floats) -> Floats:
    """`Prior.quantile` of many priors of one kind; a, b, u float[n] and so is the result."""
    from scipy import special  # imported here: 0.2 s that help and check need not pay

    if kind == "fixed":
        return a
    if kind == "uniform":
        return a + (b - a) * u
    if kind == "beta":
        return np.asarray(special.betaincinv(a, b, u))
    if kind == "simplex":
        return np.asarray(special.gammaincinv(a, u))
    normal: Floats = np.asarray(special.ndtri(0.5 + 0.5 * u if kind == "halfnormal" else u))
    if kind == "lognormal":  # one by one, since NumPy's exp differs between processors
        return a * np.array([math.exp(x) for x in (b * normal).tolist()], np.float64)
    return a + b * normal


PRIOR_KINDS = ("fixed", "uniform", "normal", "halfnormal", "lognormal", "beta", "simplex")


def fixed(value: float) -> Prior:
    """A parameter that is known, or kept at one value."""
    return Prior("fixed", value)


def uniform(low: float, high: float) -> Prior:
    """Equal density from `low` to `high`."""
    return Prior("uniform", low, high)


def normal(mean: float, sd: float) -> Prior:
    """The normal distribution."""
    return Prior("normal", mean, sd)


def halfnormal(scale: float) -> Prior:
    """The absolute value of a centred normal with this standard deviation."""
    return Prior("halfnormal", 0.0, scale)


def lognormal(median: float, sd_of_log: float) -> Prior:
    """LN(median, standard deviation of the natural logarithm)."""
    return Prior("lognormal", median, sd_of_log)


def beta(a: float, b: float) -> Prior:
    """The beta distribution on [0, 1]."""
    return Prior("beta", a, b)


def simplex(concentration: float) -> Prior:
    """One share of a Dirichlet; all `simplex` parameters of one mechanism add up to one."""
    return Prior("simplex", concentration)


@dataclass(frozen=True)
class Param:
    """One number of a mechanism: its meaning, unit, range, prior and source."""

    name: str
    prior: Prior
    unit: str
    low: float
    high: float
    source: str
    doc: str


@dataclass(frozen=True)
class Column:
    """One named array of the state.

    `dims` names its axes: "place", "unit", "polity" (length 1), "tactic", "state" (all states of the run), "faction",
    "place_place" and "place_state".
    """

    name: str
    dims: str
    unit: str
    doc: str
    start: float = 0.0


@dataclass(frozen=True)
class EventKind:
    """A kind of scripted event: it sets a column (`mode="set"`) or adds to it (`mode="add"`).

    A column over states takes it at the event's state, which is the patron unless the event names one.
    `by`: the mechanism that decides this instead once it decides for itself ([policy]); such events then lapse.
    `known`: an event on a column over states that every society hears of, not only home.

    `choices` maps words that a scenario may write to the numbers that the column takes.
    """

    name: str
    column: str
    unit: str
    low: float
    high: float
    doc: str
    mode: str = "set"
    choices: Mapping[str, float] = field(default_factory=dict)
    by: str = ""
    known: bool = False


class Mechanism(ABC):
    """One mechanism: declarations, and one rule from what it may see to what it changes.

    draws: name of each of its draws -> what it is keyed by ("place", "unit", "state" or "polity"). A rule works on
    places, units and polities, never on people: it returns new columns and contributions to the coefficients of the
    person law (model.md 1). It sees only the columns in `reads`.
    """

    number: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str]
    phase: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    columns: ClassVar[tuple[Column, ...]] = ()
    events: ClassVar[tuple[EventKind, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    sets: ClassVar[tuple[str, ...]] = ()
    draws: ClassVar[Mapping[str, str]] = {}
    uses: ClassVar[tuple[str, ...]] = ()
    switches: ClassVar[Mapping[str, str]] = {}

    @property
    def sees(self) -> dict[str, str]:
        """What its rule calls each parameter -> full name: own ones by short name, foreign ones by their full name."""
        return {**{p.name: f"{self.name}.{p.name}" for p in self.params}, **{name: name for name in self.uses}}

    @abstractmethod
    def rule(self, see: View) -> Effect:
        """The change of one tick."""

    def start(self, see: View) -> dict[str, Any]:
        """Starting values of own columns that depend on the setting; the others start at `Column.start`."""
        return {}


PEOPLE_COLUMNS = (
    Column("turnout", "place", "people", "People committed to any tactic."),
    Column("present", "place", "people", "People in the street, by tactic and hour."),
    Column("former", "place", "people", "People who took part earlier and are free."),
    Column("killed", "place", "people", "People killed since the start."),
    Column("in_custody", "place", "people", "People in detention."),
)
"""Columns that the engine counts from people; mechanisms only read them."""
BULLETIN = (
    Column("abroad_turnout", "state", "share", "Share of the people of each state who are active."),
    Column("abroad_killed", "state", "people", "People killed in each state since the start."),
    Column("abroad_end", "state", "code", "End of each state (M19): 0 standing, 1 to 3 fallen or ruler gone, 4 war."),
    Column("abroad_conceded", "state", "concessions", "Concessions made in each state, mean over its people."),
    Column("abroad_troops", "state", "people", "Foreign troops in each state."),
    Column("deployed", "state", "people", "Troops of each state that are in the home state."),
)
"""What every state knows of all states, as of the last tick; the engine writes it, mechanisms only read it."""
ENGINE_STEPS = {
    "events": "script events that are due set their columns",
    "compose": "contributions are added and multiplied into the coefficients of the law",
    "choose": "every person by the law, on what was seen at the last tick",
    "tally": "people by place and action; who is in the street at this hour",
    "fate": "detained, wounded, killed, released, found at home",
    "ties": "changed activity and harm are pushed along ties",
    "bulletin": "what every state knows of the others from the next tick on",
    "record": "one slot of every series; nothing is drawn or changed",
}
ORDER = (
    "events", "information", "coefficients", "compose", "choose", "tally", "encounter", "fate", "ties", "control",
    "loyalty", "elites", "government", "alliance", "intervention", "outcome", "bulletin", "record",
)  # fmt: skip
"""Order within a tick (engine.md 3). Contributions of steps after `compose` act from the next tick."""
