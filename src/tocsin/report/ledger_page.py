"""A claims ledger as one self-contained page: verdicts, the worlds behind them, what they hang on, and their limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tocsin.claims.claim import Claim, Part, Verdict
from tocsin.claims.registered import structures
from tocsin.declare import Param
from tocsin.experiments.ensemble import Ensemble
from tocsin.report import accounts, beside, breakdown, by_value, cards, lost, tables, words
from tocsin.report.beside import Label, Ledger
from tocsin.report.template import fill, save
from tocsin.scenario import declared
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario

STRUCTURED = "Another way of seeing the case, listed below."
HEADLINE = ("supported", "refuted", "undetermined")
LIMITS: tuple[tuple[str, str], ...] = (
    (
        "A verdict is about a model.",
        "It holds for this model, its data and its assumptions. It is no evidence of what anyone did or intended.",
    ),
    (
        "The people are invented.",
        "They stand for a population in aggregate. Nothing here says anything about any person who lived through the "
        "events, or died in them.",
    ),
    (
        "Conditioning is not calibration.",
        "Runs that resemble the record count for more. If the priors hold no good account of the events, weighting "
        "cannot make one.",
    ),
    (
        "One case cannot separate causes that came together.",
        "Request, decision, landing, live fire, blackout, emergency and reshuffle may fall within a day. Each verdict "
        "therefore has to hold in every registered structure.",
    ),
    (
        "The record is biased by who reports.",
        "Figures of the dead, the detained and of crowds come from parties to the events; their intervals are assumed.",
    ),
    (
        "Words of value are listed, never judged.",
        "Whether something was just, legitimate or deserved is no question for a simulation.",
    ),
    (
        "Not a tool against anyone.",
        "Nothing here is for planning policing, repression, violence or intervention, nor for targeting anyone; and it "
        "is no forecast of an unrest under way.",
    ),
)


def write(ledger: Ledger, path: str | Path, *, title: str = "", command: str = "") -> Path:
    """Write the page and return its path. title: of the register; command: what the user typed."""
    return save(render(ledger, title=title, command=command), Path(path))


def render(ledger: Ledger, *, title: str = "", command: str = "") -> str:
    """The page as text; the same ledger gives the same bytes."""
    used = beside.worlds_of(ledger)
    grouped = cards.by_claim(ledger.claims, ledger.verdicts)
    scenarios = {name: load(name) for name in dict.fromkeys(c.scenario for c in ledger.claims)}
    drawn = [beside.drawn(part, both) for part, both in beside.pairs(ledger, used)]
    known = declared.parameters()
    claims = [_claim(c, parts, used, ledger) for c, parts in grouped]
    content = {
        "title": title or f"Claims on {_and([s.title for s in scenarios.values()])}",
        "lead": lead(ledger.verdicts),
        "first": first(grouped),
        "conditioned": conditioned(ledger.verdicts),
        "claims": claims,
        "lost": missing(ledger),
        "tipping": tipping(claims),
        "kinds": Counter(v.kind for v in ledger.verdicts),
        "mark_of": cards.MARKS,
        "speakers": accounts.speakers(grouped),
        "accounts": accounts.accounts(scenarios, ledger),
        "beside": drawn,
        "structures": [(s.title, structures(s)) for s in scenarios.values()],
        "movers": most_moving(ledger.verdicts, known, scenarios),
        "parameters": [(d["name"], tables.parameters(d["world"])) for d in drawn],
        "sources": [(s.title, tables.sources(s)) for s in scenarios.values()],
        "limits": [*LIMITS, *_unknown(drawn)],
        "provenance": provenance(ledger, command),
    }  # fmt: skip
    return fill("ledger_page.html.jinja", content)


def lead(verdicts: Sequence[Verdict]) -> str:
    """How many parts have which verdict, in one sentence."""
    count = Counter(v.kind for v in verdicts)
    said = [f"{count[kind]} {kind}" for kind in HEADLINE]
    others = [f"{count[k]} {k}" for k in ("not applicable", "listed") if count[k]]
    parts = "part of a claim is" if len(verdicts) == 1 else "parts of claims are"
    tail = f"; {_and(others)}" if others else ""
    return f"{len(verdicts)} {parts} judged: {_and(said)}{tail}."


def first(grouped: Sequence[tuple[Claim, Sequence[tuple[Part, Verdict]]]]) -> str:
    """The first verdict of the register in a sentence, with its number."""
    claim, parts = next(((c, p) for c, p in grouped if p), (None, []))
    if claim is None:
        return ""
    part, v = parts[0]
    said = f"{claim.name}, “{claim.text.rstrip('.')}”: {v.kind} for “{part.title}”"
    if not v.figures:
        return f"{said}."
    unit, number = cards.unit_of(part), v.figures[0]
    between = cards.interval(number, unit)
    source = "the prior alone gives" if cards.refused(v) else "the number is"
    return f"{said}; {source} {cards.told(number.value, unit)}{f' ({between})' if between else ''}."


def conditioned(verdicts: Sequence[Verdict]) -> str:
    """How far the record could be used, in one sentence; "" where no verdict asked for it."""
    asked = [v for v in verdicts if v.effective]
    refused = [v for v in asked if cards.refused(v)]
    driven = [v for v in asked if v.why.startswith("prior-driven")]
    if not asked:
        return ""
    text = f"{len(asked)} verdicts weigh their runs by the reported figures"
    if refused:
        text += f"; for {len(refused)} too few runs resemble the record, so that only the prior can be shown"
    if driven:
        text += f"; for {len(driven)} the record taught too little to change what was assumed"
    return text + "."


def _and(items: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1]))) if items else ""


def _claim(
    claim: Claim, parts: Sequence[tuple[Part, Verdict]], used: Mapping[Label, Mapping[str, Ensemble]], ledger: Ledger
) -> dict[str, Any]:
    """A claim with the cards of its parts."""
    known = declared.parameters()
    made: list[cards.Card] = []
    shown: dict[tuple[str, ...], str] = {}
    for part, verdict in parts:
        worlds = used.get((claim.name, part.name), {})
        earlier = shown.setdefault(tuple(e.scenario.hash for e in worlds.values()), part.name)
        extra = {
            "tolls": beside.tolls(worlds),
            "earlier": earlier if earlier != part.name else "",
            "turning": breakdown.panel(part, verdict.breakdown),
            "curve": Markup(by_value.curve(part, verdict.figures)),
            "days": _days(part, worlds),
        }
        made.append(cards.card(part, verdict, known, extra))
    return {
        "claim": claim,
        "cards": made,
        "short": cards.in_short(parts),
        "hash": ledger.hashes.get(claim.name, claim.hash),
    }


def _days(part: Part, worlds: Mapping[str, Ensemble]) -> tuple[Markup, str] | None:
    """A swept part by value and day, with a sentence."""
    found = by_value.by_day(part, worlds)
    return None if found is None else (Markup(by_value.days_map(found)), by_value.said(found))


def tipping(claims: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The first causal claim of the register whose runs have both forces: the figure that has a section of its own."""
    for claim in claims:
        for card in claim["cards"] if claim["claim"].type == "causal" else ():
            if card.extra["turning"] is not None:
                return {"claim": claim["claim"], "card": card, **card.extra["turning"]}
    return None


def missing(ledger: Ledger) -> lost.Lost | None:
    """What to say of runs that failed, None if none did."""
    worlds = list(ledger.worlds.values())
    return lost.of_many(
        [one for e in worlds for one in e.failed], [(len(e), lost.slots(e.failed)) for e in worlds]
    )  # fmt: skip


def most_moving(
    verdicts: Sequence[Verdict], known: Mapping[str, Param], scenarios: Mapping[str, Scenario]
) -> list[dict[str, str]]:
    """The parameters among the three that move a verdict most, with prior and source; the most frequent first."""
    moved: dict[str, list[str]] = {}
    for v in verdicts:
        for m in cards.strongest(v.movers):
            moved.setdefault(m.name, []).append(v.part or v.claim)
    found = []
    for name, parts in sorted(moved.items(), key=lambda item: (-len(item[1]), item[0])):
        point = next((s.parameters[name] for s in scenarios.values() if name in s.parameters), None)
        param = known.get(name)
        prior = str(point.prior if point else param.prior if param else "")
        source = point.source if point else param.source if param else ""
        found.append(
            {"name": name, "doc": cards.doc_of(name, known) or STRUCTURED * name.startswith(cards.STRUCTURE),
             "prior": prior, "source": source, "parts": ", ".join(dict.fromkeys(parts))}
        )  # fmt: skip
    return found


def _unknown(drawn: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What the drawn worlds leave open, each once; what the limits of all ledgers say already is left out."""
    found = [pair for d in drawn for pair in words.unknown([d["world"]])]
    said = {words.NOT_CALIBRATED[0], "Nothing about individuals.", "Words of value are not judged."}
    return [pair for pair in dict.fromkeys(found) if pair[0] not in said]


def provenance(ledger: Ledger, command: str) -> list[tuple[str, str]]:
    """What somebody needs to get the same numbers again."""
    ensembles = list(ledger.worlds.values())
    runs = sum(len(e) for e in {e.scenario.hash: e for e in ensembles}.values())
    found = [("command", command)] if command else []
    found.append(("runs", f"{runs:,} in {len(ensembles)} worlds"))
    if ensembles:
        sizes = sorted({e.scenario.people_per_agent for e in ensembles})
        found.append(("one simulated person stands for", f"{_and([str(s) for s in sizes])} people"))
        run = next(ensembles[0].runs(), None)
        if run is not None:
            versions = ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items()))
            found += [("model digest", run.model_digest), ("versions", versions)]
    return found + [(f"hash of claim {c.name}", ledger.hashes.get(c.name, c.hash)) for c in ledger.claims]
