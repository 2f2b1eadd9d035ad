"""Runs that no engine made: quick, exact and different for every draw and seed. For tests of what comes after a run."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.declare import fixed
from tocsin.experiments.rounds import Each
from tocsin.experiments.tasks import Machine, Task
from tocsin.results.record import NATIONAL_SERIES, OUTCOMES, PLACE_SERIES, Outcome, Run
from tocsin.scenario.parts import Event, Place, Segment, Setpoint, Target
from tocsin.scenario.scenario import Scenario

START = datetime(2000, 1, 1)  # noqa: DTZ001 (local time, as in every scenario)
NAMES = ("Upper town", "Lower town", "Harbour")


def scenario(*, mission: bool = True, days: float = 30.0, targets: tuple[Target, ...] = ()) -> Scenario:
    """Three places and a script, with or without foreign troops."""
    places = tuple(
        Place(name, 100_000, 50.0 + i, 70.0, "", 1.0 if i == 0 else 0.0, 500.0, 3.0, (0.7,), ())
        for i, name in enumerate(NAMES)
    )
    events = (Event(0.0, "trigger", (NAMES[0],), 1.0, "", "prices", "invented"),)
    arrival = (Event(96.0, "arrival", (NAMES[0],), 2000.0, "mission", "troops land", "invented"),)
    return Scenario(
        name="invented", title="An invented country", variant="" if mission else "no-request",
        start=START, days=days, tick_hours=6.0, people_per_agent=10, unit_size=100.0, circle_size=8,
        places=places, segments=(Segment("everybody", True, True),), events=events + arrival * mission,
        parameters={"risk.slope": Setpoint(fixed(2.3), "invented")}, mechanisms={"risk": True}, switches={},
        targets=targets, sources={},
    )  # fmt: skip


def chance(*parts: object) -> float:
    """A number from 0 to 1 that depends on the parts alone."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:8], "little") / 2**64


def key(world: Scenario, draw: int, seed: int) -> str:
    """The key of an invented run."""
    return hashlib.sha256(f"{world.hash} {draw} {seed}".encode()).hexdigest()


def run(world: Scenario, draw: int, seed: int) -> Run:
    """A run: random records; it falls with a chance that depends on the draw, a little less often with the mission."""
    ticks, places = world.ticks, len(world.places)
    bits = hashlib.shake_256(f"{draw} {seed} {world.variant}".encode()).digest(4 * ticks * places * len(PLACE_SERIES))
    block = np.frombuffer(bits, np.uint32).reshape(len(PLACE_SERIES), ticks, places) % 1000
    series = {name: np.cumsum(block[i], axis=0).astype(np.int64) for i, name in enumerate(PLACE_SERIES)}
    series["control"] = series["control"] % 3
    series["force"] = series["force"] + 2**40  # larger than 32 bits hold
    risk = 0.5 * chance(draw) + 0.1 * (world.variant == "no-request")
    fallen = chance("end", seed) < risk
    day = 10.0 * chance("day", seed) + 1.0 if fallen else world.days
    summary = {
        "peak_share": 0.0003 + 0.03 * chance("peak", draw), "defection": float(fallen), "detained": 1000.5,
        "fall_day": day if fallen else -1.0, "peak_turnout": 1e4 * chance("peak", draw), "killed": 3.0,
        "places_lost": 1.0,
    }  # fmt: skip
    return Run(
        key=key(world, draw, seed), scenario_hash=world.hash, scenario_name=world.name, variant=world.variant,
        model_digest="0" * 64, seed=seed, draw=draw, parameters={"risk.slope": 2.3 + chance(draw)},
        places=tuple(p.name for p in world.places), start="2000-01-01T00:00:00", tick_hours=world.tick_hours,
        series=series, national={name: series["turnout"][:, i % places] for i, name in enumerate(NATIONAL_SERIES)},
        state_digests=np.frombuffer(hashlib.shake_256(bits).digest(8 * ticks), np.uint64),
        outcome=Outcome(OUTCOMES[3] if fallen else OUTCOMES[0], day, "street" if fallen else "", fallen, summary),
        versions={"tocsin": "0"}, seconds=0.1,
    )  # fmt: skip


def carry_out(task: Task, seconds: float = 0.0, deadly: str = "", fault: bool | str = False) -> Run:
    """Carry out a task; the fourth slot's kills its worker (once, leaving the file `deadly`, or "always") or is faulty.

    fault: True, "always" (not the fourth alone), or a variant (the fourth of that world alone).
    """
    time.sleep(seconds)
    fourth = task.slot.seed % 1_000_003 == 3
    if deadly and fourth and (deadly == "always" or not Path(deadly).exists()):
        if deadly != "always":
            Path(deadly).write_text("died here")
        os.kill(os.getpid(), signal.SIGKILL)
    hit = fault is True or fault == task.scenario.variant
    if fault == "always" or (fourth and hit):
        raise ZeroDivisionError("a fault of the engine")
    return run(task.scenario, task.slot.draw, task.slot.seed)


def warm(say: Callable[[str], None]) -> None:
    """Nothing to compile."""


def text(world: Scenario) -> str:
    """Stands for the resolved scenario."""
    return f"# {world.hash}\n"


def machine(**work_as: Any) -> Machine:
    """A machine whose `work` is slower, deadly or faulty."""
    return Machine(key, Each(partial(carry_out, **work_as)), warm, text)


MACHINE = machine()
