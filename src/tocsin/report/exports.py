"""Everything that the page of a ledger shows as one long table: CSV, Parquet and NetCDF."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from tocsin.claims.breakdown import Breakdown
from tocsin.claims.claim import Claim, Part, Verdict
from tocsin.experiments.ensemble import Ensemble
from tocsin.report.beside import TOLLS, Ledger, fallen, named, pairs, worlds_of
from tocsin.report.breakdown import lined
from tocsin.report.by_value import by_day as days_of
from tocsin.report.cards import by_claim
from tocsin.report.effort import Made, runs_wanted
from tocsin.report.gather import QUANTILES, World, bands, gather
from tocsin.report.maps import days_shown
from tocsin.report.moving import strongest, unit_of
from tocsin.report.provenance import provenance
from tocsin.report.template import ELSEWHERE, put

NAN = math.nan


@dataclass(frozen=True)
class Row:
    """One number or text of a ledger.

    item: provenance, claim, verdict, rule, figure, mover, spread, breakdown, source, toll, by day, series, held,
    failed or log score; name: what the number is, or of which world; day: after the start (by day: after the start of
    the claim's clock); value, low, high: the number and its interval (NaN: none); monte_carlo: half of what the number
    of runs leaves open.
    """

    item: str
    claim: str
    part: str
    name: str
    day: float = NAN
    value: float = NAN
    low: float = NAN
    high: float = NAN
    monte_carlo: float = NAN
    unit: str = ""
    text: str = ""


def rows(ledger: Ledger, command: str = "") -> list[Row]:
    """The whole ledger: where it comes from, claims, verdicts and all that stands with them, then the worlds."""
    found = [Row("provenance", "", "", name, text=text) for name, text in provenance(ledger, command)]
    made = Made.of(ledger)
    for claim, parts in by_claim(ledger.claims, ledger.verdicts):
        found += _claim(claim, ledger)
        for part, verdict in parts:
            found += _verdict(part, verdict, made)
    return [*found, *_scores(ledger), *_worlds(ledger)]


def _scores(ledger: Ledger) -> Iterator[Row]:
    """Log scores of the held-out figures, of the model and of persistence."""
    for scenario, score in ledger.credibility.items():
        for figure, both in score.by_figure.items():
            for whose, value in zip(("the model", "persistence"), both, strict=True):
                yield Row("log score", "", "", figure, value=value, unit=whose, text=scenario)


def _claim(claim: Claim, ledger: Ledger) -> Iterator[Row]:
    said = {
        "text": claim.text, "says": claim.says, "written": claim.written, "tag": claim.tag, "type": claim.type,
        "scenario": claim.scenario, "against": claim.against, "remark": claim.remark, "source": claim.source,
        "hash": ledger.hashes.get(claim.name, claim.hash),
    }  # fmt: skip
    return (Row("claim", claim.name, "", name, text=text) for name, text in said.items() if text)


def _verdict(part: Part, v: Verdict, made: Made) -> Iterator[Row]:
    def row(item: str, name: str, value: float = NAN, text: str = "") -> Row:
        return Row(item, v.claim, v.part, name, value=value, text=text)

    yield row("verdict", "title", text=part.title)
    yield row("verdict", "kind", text=v.kind)
    yield row("verdict", "why", text=v.why)
    wanted = runs_wanted(v, made)
    for name, value in (("runs", v.runs), ("effective", v.effective), ("more_runs", v.more_runs), ("--runs", wanted)):
        yield row("verdict", name, float(value))
    yield row("verdict", "exploratory", float(v.exploratory))
    for name in ("above", "below", "margin", "certainty"):
        yield row("rule", name, float(getattr(part.rule, name)))
    for f in v.figures:
        yield Row("figure", v.claim, v.part, f.name, NAN, f.value, f.low, f.high, f.monte_carlo, f.unit)
    for m in strongest(v, made):
        yield row("mover", m.name, m.effect, m.note)
        if m.flips_at is not None:
            yield replace(row("mover flips at", m.name, m.flips_at, m.note), unit=unit_of(m.name))
    for origin, variance in v.spread.items():
        yield row("spread", origin, variance)
    if v.breakdown is not None:
        yield from _breakdown(v, v.breakdown)
    for source in v.sources:
        yield row("source", "", text=source)


def _breakdown(v: Verdict, of: Breakdown) -> Iterator[Row]:
    """Draws and frontier of the figure of two forces, one number a row; text says of which draw or point."""

    def row(name: str, value: float, unit: str, text: str = "") -> Row:
        return Row("breakdown", v.claim, v.part, name, value=value, unit=unit, text=text)

    yield row("boundary", of.boundary, "number that decides")
    if of.plane is not None:
        yield row("slope by rank of the force believed in", of.plane.of_force, "number that decides")
        yield row("standard error of that slope", of.plane.errors[0], "number that decides")
    columns = (
        ("force believed in", "people", of.force), ("domestic force", "share deployable", of.domestic),
        ("number", "number that decides", of.value), ("weight", "by the prior", of.prior),
        ("weight", "given the record", of.posterior),
    )  # fmt: skip
    for name, unit, values in columns:
        for i, value in enumerate(values, 1):
            yield row(name, value, unit, f"draw {i}")
    for i, (domestic, force) in enumerate(of.frontier if lined(of) else (), 1):
        yield row("frontier: domestic force", domestic, "share deployable", f"point {i}")
        yield row("frontier: force believed in", force, "people", f"point {i}")


def _by_day(claim: Claim, part: Part, worlds: Mapping[str, Ensemble]) -> Iterator[Row]:
    """Share of the runs of each value of a swept part that have fallen by the day of each fall."""
    found = days_of(part, worlds)
    for column in found.columns if found is not None else ():
        for day in (0.0, *column.days.tolist()):
            yield Row(
                "by day", claim.name, part.name, f"{part.estimand.options['parameter']} at {column.value}", day,
                column.share(day), unit="share fallen",
            )  # fmt: skip


def _worlds(ledger: Ledger) -> Iterator[Row]:
    """The toll of every world that a part used, and the series of the two worlds that are drawn."""
    used = worlds_of(ledger)
    for (claim, part), worlds in used.items():
        for name, ensemble in worlds.items():
            yield Row("toll", claim, part, named(name, ensemble), NAN, *fallen(ensemble), unit="share fallen")
            for what in TOLLS:
                yield Row("toll", claim, part, named(name, ensemble), NAN, *ensemble.spread(what), unit=what)
    for c in ledger.claims:
        for p in c.parts:
            yield from _by_day(c, p, used.get((c.name, p.name), {}))
    for one in {one.key: one for e in ledger.worlds.values() for one in e.failed}.values():
        yield Row("failed", "", "", one.world, text=f"draw {one.draw}, seed {one.seed}: {one.message}")
    for part, both in pairs(ledger, used):
        two = [gather(title, ensemble.scenario, ensemble.runs) for title, ensemble in both]
        for world in two:
            yield from _series(part, world)
            yield from _held(part, world, days_shown(two))


def _series(part: str, world: World) -> Iterator[Row]:
    """Crowds, detained and dead by day, and the share of runs that have fallen."""
    note = f"{world.scenario.name}; median, {QUANTILES[0]:.0%} and {QUANTILES[-1]:.0%} of the runs"
    for what, table in world.totals.items():
        low, _, middle, _, high = bands(table)
        for day, m, a, b in zip(world.days, middle, low, high, strict=True):
            yield Row("series", "", part, world.title, float(day), float(m), float(a), float(b), NAN, what, note)
    for day in world.days:
        share = sum(e.fallen and e.day <= day for e in world.endings) / world.count
        yield Row("series", "", part, world.title, float(day), share, unit="share fallen", text=world.scenario.name)


def _held(part: str, world: World, days: range) -> Iterator[Row]:
    """Share of runs in which protesters hold a place at the end of a day, for the days of the maps."""
    for day in days:
        for share, place in zip(world.held[day], world.scenario.places, strict=True):
            yield Row("held", "", part, world.title, day + 1.0, float(share), unit="share of runs", text=place.name)


def _columns(found: list[Row]) -> dict[str, list[object]]:
    return {f.name: [getattr(row, f.name) for row in found] for f in fields(Row)}


def to_csv(found: list[Row], path: Path) -> None:
    """Text, UTF-8, one line a row; what has no number is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f.name for f in fields(Row)])
        for row in found:
            writer.writerow(["" if isinstance(v, float) and math.isnan(v) else v for v in astuple(row)])


def to_parquet(found: list[Row], path: Path) -> None:
    """One table; what has no number is NaN."""
    import pyarrow as pa  # imported here, so that the page needs no Arrow
    import pyarrow.parquet as pq

    pq.write_table(pa.table(_columns(found)), path)


def to_netcdf(found: list[Row], path: Path) -> None:
    """NetCDF 3 (64-bit offsets): a dimension `row`, one variable a column, texts as UTF-8 bytes [row, length]."""
    from scipy.io import netcdf_file

    columns = _columns(found)
    with netcdf_file(path, "w", version=2) as file:
        file.title = "tocsin: a claims ledger"
        file.createDimension("row", len(next(iter(columns.values()))))
        for field in fields(Row):
            values = columns[field.name]
            if field.type == "float":
                file.createVariable(field.name, "f8", ("row",))[:] = np.array(values, np.float64)
                continue
            texts = np.array([str(v).encode() for v in values])
            width = max(texts.dtype.itemsize, 1)
            file.createDimension(f"{field.name}_length", width)
            letters = texts.astype(f"S{width}").view("S1").reshape(len(texts), width)
            file.createVariable(field.name, "c", ("row", f"{field.name}_length"))[:] = letters


WRITERS: Mapping[str, Callable[[list[Row], Path], None]] = MappingProxyType({
    "csv": to_csv, "parquet": to_parquet, "netcdf": to_netcdf,
})  # fmt: skip
"""Format -> what writes it."""


def write(ledger: Ledger, path: Path, form: str, command: str = "") -> Path:
    """Write the table in one of WRITERS, whole or not at all, and return where it is."""
    found = rows(ledger, command)
    return put(
        path, lambda temporary: WRITERS[form](found, temporary), what="the table",
        do=f"{ELSEWHERE}; the runs themselves are kept",
    )  # fmt: skip
