"""The worlds behind the verdicts: which part used which, deaths and injuries beside survival, and two worlds drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from markupsafe import Markup

from tocsin.claims import estimates
from tocsin.claims.claim import Claim, Verdict
from tocsin.claims.credibility import Credibility
from tocsin.claims.planning import RECORD, needs_of, stages_of
from tocsin.claims.weights import effective
from tocsin.experiments.ensemble import Ensemble, Share
from tocsin.report import figures, maps, outlines, svg, words
from tocsin.report.gather import World, gather
from tocsin.report.tables import plain

Label = tuple[str, str]
TOLLS = ("killed", "wounded", "injured_forces", "detained")
FACTUAL = ("", RECORD)
"""Names of a world in which the script of the record holds, to the end or up to a moment."""


class Ledger(Protocol):
    """What the page asks of a judged ledger."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """As they were written."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One for every part."""

    @property
    def worlds(self) -> Mapping[str, Ensemble]:
        """Title -> runs."""

    @property
    def hashes(self) -> Mapping[str, str]:
        """Of the claims, taken before any run."""

    @property
    def credibility(self) -> Mapping[str, Credibility]:
        """Scenario -> how well its runs forecast what was held out."""


@dataclass(frozen=True)
class Toll:
    """One world in numbers: share in which the ruler or the regime fell, and what it cost in people, median (90 %)."""

    title: str
    runs: int
    fallen: str
    between: str
    people: tuple[str, ...]


def worlds_of(ledger: Ledger) -> dict[Label, dict[str, Ensemble]]:
    """Part -> name of a world -> its runs, in the scenario as written; the factual world first."""
    known = {e.scenario.hash: e for e in ledger.worlds.values()}
    found: dict[Label, dict[str, Ensemble]] = {}
    for per_agent in sorted({e.scenario.people_per_agent for e in known.values()}):
        for stage in (s for s in stages_of(needs_of(ledger.claims, per_agent)) if s.first):
            for label, worlds in stage.worlds.items():
                ordered = sorted(worlds, key=lambda name: name not in FACTUAL)
                mine = {name: known[worlds[name].hash] for name in ordered if worlds[name].hash in known}
                if mine and label not in found:
                    found[label] = mine
    return found


def named(name: str, ensemble: Ensemble) -> str:
    """What a reader calls a world: the title of its variant, with what is changed besides."""
    if name in FACTUAL:
        return "as it happened" if ensemble.title == "as written" else f"as it happened {_freed(ensemble)}"
    variant, _, rest = name.partition("+")
    known = ensemble.scenario.variants.get(variant)
    title = known.title if known else variant.replace("-", " ") or "as it happened"
    return title + (f", {rest.replace('+', ', ').replace('-', ' ')}" if rest else "")


def _freed(ensemble: Ensemble) -> str:
    """Until when the script of such a world holds, from the title that the judge gave it."""
    moment = ensemble.title.partition("free from ")[2]
    return f"until {moment}, then by policy" if moment else ensemble.title


def toll(title: str, ensemble: Ensemble) -> Toll:
    """Deaths, injuries and detentions of a world beside its survival."""
    share, low, high = fallen(ensemble)
    people = []
    for name in TOLLS:
        median, least, most = ensemble.spread(name)
        known = median == median
        people.append(f"{plain(float(round(median)))} ({figures.span(least, most)})" if known else svg.TO)
    return Toll(
        title, len(ensemble), svg.percent(share), f"{svg.percent(low)} to {svg.percent(high)}", tuple(people)
    )  # fmt: skip


def fallen(ensemble: Ensemble) -> Share:
    """Share of runs that fall, with the interval that a claim on the same runs has."""
    table = ensemble.column("fallen")
    weights = estimates.even(table)
    share = estimates.mean(table, weights)
    return share, *estimates.interval(table, weights, share, effective(weights), share=True)


def tolls(worlds: Mapping[str, Ensemble]) -> list[Toll]:
    """The worlds of one part, each once."""
    once: dict[str, tuple[str, Ensemble]] = {}
    for name, ensemble in worlds.items():
        once.setdefault(ensemble.scenario.hash, (named(name, ensemble), ensemble))
    return [toll(title, ensemble) for title, ensemble in once.values()]


def pairs(ledger: Ledger, used: Mapping[Label, Mapping[str, Ensemble]]) -> list[tuple[str, list[tuple[str, Ensemble]]]]:
    """For each scenario two worlds, of the first part that has another beside the record: (part, worlds).

    In the first the script of the record holds to the end, or up to a moment where the part frees both worlds.
    """
    found: dict[str, tuple[str, list[tuple[str, Ensemble]]]] = {}
    for label in ((c.name, p.name) for c in ledger.claims for p in c.parts):
        mine = used.get(label, {})
        first = next(((n, e) for n, e in mine.items() if n in FACTUAL), None)
        other = next(((n, e) for n, e in mine.items() if n not in FACTUAL), None)
        if first is None or other is None or first[1].scenario.name in found or not alike(first[1], other[1]):
            continue
        found[first[1].scenario.name] = (label[1] or label[0], [(named(n, e), e) for n, e in (first, other)])
    return list(found.values())


def alike(one: Ensemble, other: Ensemble) -> bool:
    """Whether two worlds can be drawn on the same axes."""
    a, b = one.scenario, other.scenario
    return (
        a.days == b.days and a.tick_hours == b.tick_hours and [p.name for p in a.places] == [p.name for p in b.places]
    )


def drawn(part: str, both: Sequence[tuple[str, Ensemble]]) -> dict[str, Any]:
    """Two worlds side by side: crowds, dead, the day of the fall, and who holds what on the map."""
    worlds = [gather(title, e.scenario, e.runs) for title, e in both]
    base = worlds[0]
    return {
        "part": part,
        "name": base.scenario.title,
        "titles": [w.title for w in worlds],
        "answer": words.answer(worlds, [fallen(e) for _, e in both]),
        "days": f"{base.scenario.days:g}",
        "crowd": [(t, Markup(d)) for t, d in figures.crowd(worlds)],
        "killed": Markup(figures.running_total(worlds, "killed")),
        "falls": Markup(figures.reached(worlds, figures.day_fallen, "Share of runs fallen by each day")),
        "tolls": [toll(w.title, e) for w, (_, e) in zip(worlds, both, strict=True)],
        "count": base.count,
        "world": base,
        **_mapped(worlds),
    }


def _mapped(worlds: Sequence[World]) -> dict[str, Any]:
    """A few days of both worlds on the map, one row a world."""
    base = worlds[0]
    outline = outlines.layout(base.scenario, outlines.boundaries(base.scenario))
    every = list(maps.days_shown(worlds))
    days = every[:: max(1, -(-len(every) // 6))]
    return {
        "shapes": Markup(maps.shapes_once(outline)),
        "maps": [
            (w.title, [(maps.date(w, d), Markup(maps.chart(outline, w, d)), maps.leaders(w, d)) for d in days])
            for w in worlds
        ],
    }  # fmt: skip
