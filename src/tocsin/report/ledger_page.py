"""A claims ledger as one self-contained page: verdicts, the worlds behind them, what they hang on, and their limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tocsin.claims.claim import Claim, Part, Verdict
from tocsin.claims.registered import structures
from tocsin.experiments.ensemble import Ensemble
from tocsin.report import accounts, beside, breakdown, by_value, cards, lost, moving, numbers, tables
from tocsin.report.beside import Label, Ledger
from tocsin.report.effort import Made
from tocsin.report.limits import limits
from tocsin.report.provenance import provenance
from tocsin.report.template import fill, save
from tocsin.scenario import declared
from tocsin.scenario.load import load
from tocsin.scenario.scenario import Scenario

STRUCTURED = "Another way of seeing the case, listed below."
HEADLINE = ("supported", "refuted", "undetermined")


def write(ledger: Ledger, path: str | Path, *, title: str = "", command: str = "") -> Path:
    """Write the page and return its path. title: of the register; command: what the user typed."""
    return save(render(ledger, title=title, command=command), Path(path))


def render(ledger: Ledger, *, title: str = "", command: str = "") -> str:
    """The page as text; the same ledger gives the same bytes."""
    used = beside.worlds_of(ledger)
    grouped = cards.by_claim(ledger.claims, ledger.verdicts)
    scenarios = {name: load(name) for name in dict.fromkeys(c.scenario for c in ledger.claims)}
    drawn = [beside.drawn(part, both) for part, both in beside.pairs(ledger, used)]
    made = Made.of(ledger)
    claims = [_claim(c, parts, used, ledger) for c, parts in grouped]
    content = {
        "title": title or f"Claims on {_and([s.title for s in scenarios.values()])}",
        "lead": lead(ledger.verdicts),
        "first": first(grouped),
        "conditioned": conditioned(ledger.verdicts),
        "earned": earned(ledger),
        "claims": claims,
        "lost": missing(ledger),
        "tipping": tipping(claims),
        "kinds": Counter(v.kind for v in ledger.verdicts),
        "mark_of": cards.MARKS,
        "speakers": accounts.speakers(grouped),
        "accounts": accounts.accounts(scenarios, ledger),
        "beside": drawn,
        "structures": [(s.title, structures(s)) for s in scenarios.values()],
        "movers": most_moving(ledger.verdicts, made, scenarios),
        "unmoved": set_aside(ledger.verdicts, made),
        "parameters": [(d["name"], tables.parameters(d["world"])) for d in drawn],
        "sources": [(s.title, tables.sources(s)) for s in scenarios.values()],
        "limits": limits([d["world"].scenario for d in drawn]),
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
    if gap := numbers.undefined(part, v):
        return f"{said}; {gap}."
    unit, number = numbers.unit_of(part), v.figures[0]
    between = numbers.interval(number, unit)
    source = "the prior alone gives" if numbers.refused(v.figures) else "the number is"
    return f"{said}; {source} {numbers.told(number.value, unit)}{f' ({between})' if between else ''}."


def conditioned(verdicts: Sequence[Verdict]) -> str:
    """How far the record could be used, in one sentence; "" where no verdict asked for it."""
    asked = [v for v in verdicts if v.effective]
    refused = [v for v in asked if numbers.refused(v.figures)]
    driven = [v for v in asked if v.why.startswith("prior-driven")]
    if not asked:
        return ""
    weigh = "verdict weighs its" if len(asked) == 1 else "verdicts weigh their"
    text = f"{len(asked)} {weigh} runs by the reported figures"
    if refused:
        text += f"; for {len(refused)} too few runs resemble the record, so that only the prior can be shown"
    if driven:
        text += f"; for {len(driven)} the record taught too little to change what was assumed"
    return text + "."


def earned(ledger: Ledger) -> list[str]:
    """Whether the model forecasts what was held out better than persistence does, by scenario, in a sentence each."""
    found = []
    for name, score in ledger.credibility.items():
        so = "; verdicts that rest on all figures are barred" if score.barred else ""
        found.append(f"{load(name).title}: {score}{so}.")
    return found


def _and(items: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1]))) if items else ""


def _claim(
    claim: Claim, parts: Sequence[tuple[Part, Verdict]], used: Mapping[Label, Mapping[str, Ensemble]], ledger: Ledger
) -> dict[str, Any]:
    """A claim with the cards of its parts."""
    known, made = declared.parameters(), Made.of(ledger)
    found: list[cards.Card] = []
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
        found.append(cards.card(part, verdict, known, extra, made))
    return {
        "claim": claim,
        "cards": found,
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


def most_moving(verdicts: Sequence[Verdict], made: Made, scenarios: Mapping[str, Scenario]) -> list[dict[str, str]]:
    """The parameters among the three that move a verdict most, with prior and source; the most frequent first."""
    moved, known = dict[str, list[str]](), declared.parameters()
    for v in verdicts:
        for m in moving.strongest(v, made):
            moved.setdefault(m.name, []).append(v.part or v.claim)
    found = []
    for name, parts in sorted(moved.items(), key=lambda item: (-len(item[1]), item[0])):
        point = next((s.parameters[name] for s in scenarios.values() if name in s.parameters), None)
        param = known.get(name)
        prior = str(point.prior if point else param.prior if param else "")
        source = point.source if point else param.source if param else ""
        found.append(
            {"name": name, "doc": moving.doc_of(name, known) or STRUCTURED * name.startswith(numbers.STRUCTURE),
             "prior": prior, "source": source, "parts": ", ".join(dict.fromkeys(parts))}
        )  # fmt: skip
    return found


def set_aside(verdicts: Sequence[Verdict], made: Made) -> str:
    """Of how many verdicts nothing is said of what they hang on, and why; "" where something is said of all."""
    run = [v for v in verdicts if v.runs]
    silent = sum(bool(moving.unsaid(v, made)) for v in run)
    if not silent:
        return ""
    return (
        f"Nothing is said here of {silent} of {len(run)} verdicts from runs: too few of them resemble the record, or "
        "they have too few draws."
    )
