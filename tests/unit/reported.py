"""Small countries, plausible runs and a reader of pages, for the tests of the report."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from html.parser import HTMLParser

import numpy as np

from tocsin.declare import lognormal
from tocsin.report.gather import wilson
from tocsin.results.failures import Failed
from tocsin.results.record import NATIONAL_SERIES, OUTCOMES, PLACE_SERIES, Outcome, Run
from tocsin.scenario.parts import Event, Place, Segment, Setpoint, Target
from tocsin.scenario.scenario import Scenario

UNITS = (
    ("Almaty city", "KZ-AC", 43.25, 76.91),
    ("Mangystau", "KZ-MG", 43.65, 51.16),
    ("Turkistan", "KZ-SK", 43.30, 68.27),
)
START = datetime(2022, 1, 2)  # noqa: DTZ001 (local time)


@dataclass(frozen=True)
class Gate:
    """A stand-in for a row of the gate."""

    criterion: str = "peak share"
    value: object = 0.012
    interval: object = (0.001, 0.02)
    wanted: object = "0.0003 to 0.037"
    met: bool | None = True
    note: str = ""


@dataclass(frozen=True)
class Reported:
    """A stand-in for a row of the targets."""

    name: str = "crowd <on> 5 January"
    metric: str = "turnout"
    role: str = "held-out"
    place: str = "Almaty city"
    low: float = 20000.0
    high: float = 20000.0
    interval: tuple[float, float] = (6500.0, 61000.0)
    share_inside: float = 0.25
    median: float = 900.0
    q05: float = 10.0
    q95: float = 50000.0
    note: str = ""


@dataclass(frozen=True)
class Fit:
    """A stand-in for all targets together."""

    runs: int = 20
    share_all: float = 0.0
    nearest: tuple[str, int, int] | None = ("k", 3, 1003)
    distance: float = 1.7
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Result:
    """The small protocol that the report depends on."""

    scenario: Scenario
    worlds: tuple[tuple[str, Scenario, Callable[[], Iterator[Run]]], ...]
    shares: dict[str, dict[str, tuple[float, float, float]]]
    gate: list[Gate] = field(
        default_factory=lambda: [Gate(), Gate("effect", None, None, "0.15", None, "one seed per draw")]
    )
    targets: list[Reported] = field(default_factory=lambda: [Reported()])
    fit: Fit = Fit()
    failed: tuple[Failed, ...] = ()


class Stored(Result):
    """A result that knows its number of runs."""

    def __len__(self) -> int:
        return 20


def make_scenario(units: tuple[tuple[str, str, float, float], ...] = UNITS, days: float = 12.0) -> Scenario:
    """A small country with a script, of which the request and the arrival are the mission."""
    places = tuple(
        Place(n, 800_000 + 100_000 * i, lat, lon, code, 1 / len(units), 6000.0, 3.4, (1.0,), ())
        for i, (n, code, lat, lon) in enumerate(units)
    )
    first = units[0][0]
    events = (
        Event(6.0, "trigger", (units[-1][0],), 1.0, "", "price of gas doubles", "kz001, high"),
        Event(88.0, "rules", (first,), 2.0, "", "live fire", "kz035, high"),
        Event(95.0, "request", (), 1.0, "mission", "appeal to the alliance", "kz038, high"),
        Event(104.0, "arrival", (first,), 1200.0, "mission", "airborne units land", "kz040, high"),
    )
    targets = (
        Target(
            "crowd in the country", "turnout", "", 3.0, 38000.0, 38000.0, (12000.0, 119000.0), "train", "crowd", "kz012"
        ),
        Target(
            "crowd in the city",
            "turnout",
            first,
            4.0,
            20000.0,
            20000.0,
            (6500.0, 61000.0),
            "held-out",
            "crowd",
            "kz018",
        ),
        Target("detained", "detained", "", 6.0, 3811.0, 3811.0, (2700.0, 4200.0), "train", "detained", "kz059"),
        Target("killed", "killed", "", 11.0, 238.0, 238.0, (190.0, 330.0), "held-out", "deaths", "kz091"),
    )
    return Scenario(
        name="kazakhstan-2022", title="Kazakhstan, January 2022", variant="", start=START,
        days=days, tick_hours=6.0,
        people_per_agent=10, unit_size=200.0, circle_size=9, places=places,
        segments=(Segment("everybody", True, False),),
        events=events, parameters={"risk.slope": Setpoint(lognormal(2.3, 0.4), "Epstein")}, mechanisms={}, switches={},
        targets=targets, sources={f"places.{first}.population": "census & registers"},
    )  # fmt: skip


def make_run(scenario: Scenario, draw: int, part: float = 0.0) -> Run:
    """A plausible rise and fall of a crowd; `part` moves it after the request, so that worlds differ from then on."""
    chance = random.Random(draw)
    t = np.arange(scenario.ticks)[:, None] * scenario.tick_hours / 24.0
    size = 10 ** chance.uniform(2.0, 5.3) * np.array([10 ** chance.uniform(-1.2, 0.0) for _ in scenario.places])
    peak, width = chance.uniform(2.8, 4.6), chance.uniform(0.7, 2.0)
    crowd = size * np.exp(-(((t - peak) / width) ** 2)) * np.where(t > 4.0, 1.0 + part * chance.random(), 1.0)
    series = {name: np.zeros((scenario.ticks, len(scenario.places)), dtype=np.int64) for name in PLACE_SERIES}
    series["turnout"] = crowd.astype(np.int64)
    series["detained"] = np.cumsum(crowd * 0.01, axis=0).astype(np.int64)
    series["killed"] = np.cumsum(crowd * np.where(t > 3.6, 0.0004, 0.0), axis=0).astype(np.int64)
    series["control"] = (crowd > 9000).astype(np.int64) + (crowd > 22000)
    national = {name: np.zeros(scenario.ticks, dtype=np.int64) for name in NATIONAL_SERIES}
    lot = chance.random() + 0.2 * part * chance.random()
    kind = OUTCOMES[0 if lot < 0.6 else 1 if lot < 0.7 else 2 if lot < 0.75 else 3 if lot < 0.92 else 5]
    fallen = kind in OUTCOMES[2:4]
    ending = Outcome(
        kind, peak + 1.5, "street" if fallen else "", fallen, {"order_day": -1.0 if lot > 0.75 else peak + 3.0}
    )
    return Run(
        key=f"{draw:064x}", scenario_hash=scenario.hash, scenario_name=scenario.name, variant=scenario.variant,
        model_digest="d" * 64, seed=1000 + draw, draw=draw, parameters={"risk.slope": 2.0 + draw / 10},
        places=tuple(p.name for p in scenario.places), start=scenario.start.isoformat(),
        tick_hours=scenario.tick_hours, series=series,
        national=national, state_digests=np.zeros(scenario.ticks, dtype=np.uint64), outcome=ending,
        versions={"tocsin": "0.1.0", "numpy": "2.4"}, seconds=0.5,
    )  # fmt: skip


def make_result(scenario: Scenario, runs: int = 20) -> Result:
    """A contrast of the scenario with the same without its mission."""
    without = replace(scenario, variant="no-request", events=tuple(e for e in scenario.events if e.part != "mission"))
    ends = [("as it happened", scenario, 0.0), ("no request for help", without, 1.0)]

    def reader(world: Scenario, part: float) -> Callable[[], Iterator[Run]]:
        return lambda: (make_run(world, i, part) for i in range(runs))

    worlds = tuple((title, world, reader(world, part)) for title, world, part in ends)
    shares = {}
    for title, _, read in worlds:
        kinds = [run.outcome.kind for run in read()]
        shares[title] = {k: (kinds.count(k) / runs, *wilson(kinds.count(k), runs)) for k in OUTCOMES}
    return Result(scenario, worlds, shares)


class Outline(HTMLParser):
    """What a browser would ask for, the headings in order, the ids and the unlabelled pictures of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.mute: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect."""
        given = dict(attrs)
        if given.get("src") or tag == "link" or (given.get("href") or "#")[0] != "#":
            self.requests.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "svg" and not (given.get("aria-label") or given.get("aria-hidden")):
            self.mute.append(tag)


def read(text: str) -> Outline:
    """Parse a page."""
    outline = Outline()
    outline.feed(text)
    return outline
