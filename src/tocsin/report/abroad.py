"""The other states: how many are in action there, which troops they send, and how it ends for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.report import svg
from tocsin.report.figures import Frame, ceiling, fan, outline
from tocsin.report.gather import Floats, World, bands

PER = 100_000
METRICS = (f"largest crowd for each {PER:,}", "killed", "troops sent", "fallen")
"""Crowds abroad are told for so many people, since states differ in size."""
FALLEN = (1, 2, 3)
"""Codes of `end` (M19) that count as fallen."""
UNNAMED = "power without a name"
"""What the scripted troops belong to where the scenario names no state for them."""
SIZE = (210.0, 140.0)


def societies(worlds: Sequence[World]) -> list[tuple[str, str]]:
    """A small fan for every state with people of its own, on one axis: (state, drawing).

    People in action for each 100,000; home comes first, for comparison.
    """
    found = [n for n in worlds[0].scenario.societies if worlds[0].abroad]
    tables = [[_per(w, n) for w in worlds] for n in found]
    top = ceiling([t for row in tables for t in row], (), 10.0)
    label = f"People in action for each {PER:,}"
    return [
        (_name(worlds[0], n), _panel(worlds, rows, (top, 1.0), f"{label} in {_name(worlds[0], n)} by day"))
        for n, rows in zip(found, tables, strict=True)
    ]


def troops(worlds: Sequence[World]) -> list[tuple[str, str]]:
    """Troops in the home state by day, for every state that has any there in some run: (state, drawing)."""
    found = senders(worlds)
    tables = [[bands(w.abroad["deployed"][:, :, n]) for w in worlds] for n in found]
    top = ceiling([t for row in tables for t in row], (), 100.0)
    drawn = []
    for n, rows in zip(found, tables, strict=True):
        name = sender(worlds[0], n)
        drawn.append((name, _panel(worlds, rows, (top, 0.0), f"Troops of {name} in {worlds[0].scenario.home} by day")))
    return drawn


def senders(worlds: Sequence[World]) -> list[int]:
    """Positions of the states that have troops at home in some run of some world."""
    if not worlds[0].abroad:
        return []
    return [n for n in range(len(worlds[0].states)) if any(w.abroad["deployed"][:, :, n].any() for w in worlds)]


def sender(world: World, n: int) -> str:
    """Whose troops they are; home stands in for a power without a name."""
    return _name(world, n) if n else UNNAMED


def table(worlds: Sequence[World]) -> list[tuple[str, str, str, list[str]]]:
    """For each other state (name, role, size, cells), four cells a world: peak, killed, troops sent, share fallen."""
    base = worlds[0]
    if not base.abroad:
        return []
    rows = []
    for n, state in enumerate(base.scenario.states, 1):
        people = sum(p.population for p in state.places)
        size = f"{people:,} people" if people else "decides only"
        rows.append((state.name, state.role, size, [cell for w in worlds for cell in _cells(w, n)]))
    return rows


def columns(worlds: Sequence[World]) -> list[tuple[int, str, str]]:
    """The cells that some state fills: (place among the cells, title of the world, what it is)."""
    rows = [cells for *_, cells in table(worlds)]
    told = [i for i in range(len(METRICS)) if any(c != svg.TO for row in rows for c in row[i :: len(METRICS)])]
    return [(w * len(METRICS) + i, world.title, METRICS[i]) for w, world in enumerate(worlds) for i in told]


def _cells(world: World, n: int) -> list[str]:
    """Medians and 90 % ranges over runs; a state without people has no crowd, no dead and no end."""
    society = n in world.scenario.societies
    peak = _range(_share(world, n).max(axis=1)) if society else svg.TO
    killed = _range(world.abroad["killed"][:, -1, n]) if society else svg.TO
    fallen = svg.percent(float(np.isin(world.abroad["end"][:, -1, n], FALLEN).mean())) if society else svg.TO
    return [peak, killed, _range(world.abroad["deployed"][:, :, n].max(axis=1)), fallen]


def _range(values: NDArray[np.int64] | Floats) -> str:
    low, middle, high = (svg.count(float(v)) for v in np.quantile(values, (0.05, 0.5, 0.95)))
    return middle if low == high else f"{middle} ({low}{svg.TO}{high})"


def _share(world: World, n: int) -> Floats:
    """People in action for each 100,000, float[R, T]."""
    people = sum(p.population for p in world.scenario.places_of(n))
    return np.asarray(world.abroad["turnout"][:, :, n] * (PER / people), dtype=np.float64)


def _per(world: World, n: int) -> Floats:
    return np.asarray(np.quantile(_share(world, n), (0.05, 0.25, 0.5, 0.75, 0.95), axis=0), dtype=np.float64)


def _name(world: World, n: int) -> str:
    return world.states[n]


def _panel(worlds: Sequence[World], rows: Sequence[Floats], axis: tuple[float, float], label: str) -> str:
    """One small fan, the variant laid over the base. axis: its top, and below which value it is linear (0: always)."""
    base = worlds[0]
    frame = Frame.of(SIZE, base.scenario.days, *axis, base.scenario.start)
    parts = [*frame.axes(), *fan(frame, base.days, rows[0], "a")]
    parts += outline(frame, base.days, rows[1], "b") if len(rows) > 1 else []
    peaks = [
        f"{w.title}: the median peaks at {svg.count(float(t[2].max()))}" for w, t in zip(worlds, rows, strict=True)
    ]
    return svg.drawing(frame.width, frame.height, f"{label}. {'; '.join(peaks)}.", parts)
