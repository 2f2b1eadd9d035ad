"""A claims ledger as Markdown: verdicts, numbers, what they hang on, and the limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tocsin.claims.claim import Claim, Part, Verdict
from tocsin.report import beside, breakdown_words, by_value, cards, numbers
from tocsin.report.beside import Ledger
from tocsin.report.effort import Made
from tocsin.report.ledger_page import conditioned, earned, lead, missing
from tocsin.report.limits import limits
from tocsin.report.markdown import cell, table
from tocsin.report.provenance import provenance
from tocsin.report.template import save
from tocsin.scenario import declared
from tocsin.scenario.load import load

ABOUT = (
    "A verdict is a statement about a model, its data and its assumptions. It is not evidence of what anyone did or "
    "intended."
)


def write(ledger: Ledger, path: Path, *, title: str = "", command: str = "") -> Path:
    """Write the text and return where it is."""
    return save(render(ledger, title=title, command=command), path)


def render(ledger: Ledger, *, title: str = "", command: str = "") -> str:
    """The text; the same ledger gives the same bytes."""
    grouped = cards.by_claim(ledger.claims, ledger.verdicts)
    used, made = beside.worlds_of(ledger), Made.of(ledger)
    drawn = [both[0][1].scenario for _, both in beside.pairs(ledger, used)]
    titles = [load(name).title for name in dict.fromkeys(c.scenario for c in ledger.claims)]
    parts = [
        f"# {cell(title or 'Claims on ' + ', '.join(titles))}",
        lead(ledger.verdicts),
        conditioned(ledger.verdicts),
        *earned(ledger),
    ]
    gone = missing(ledger)
    if gone:
        parts.append(f"**{gone.lead}** {gone.meaning} The first: {cell(gone.first)}")
    parts += [ABOUT, "## Verdicts", overview(grouped)]
    for claim, found in grouped:
        parts += _claim(claim)
        for part, verdict in found:
            parts += _part(part, verdict, made)
            worlds = used.get((claim.name, part.name), {})
            if worlds:
                parts.append(_tolls(beside.tolls(worlds)))
                days = by_value.by_day(part, worlds)
                parts.append(by_value.said(days) if days else "")
    parts += ["## Limits", "\n".join(f"- **{head}** {text}" for head, text in limits(drawn))]
    parts += ["## Provenance", table(("what", "value"), provenance(ledger, command))]
    return "\n\n".join(filter(None, parts)) + "\n"


def overview(grouped: Sequence[tuple[Claim, Sequence[tuple[Part, Verdict]]]]) -> str:
    """One row for each part."""
    rows = []
    for claim, parts in grouped:
        for part, v in parts:
            unit = numbers.unit_of(part)
            first = v.figures[0] if v.figures else None
            prior = numbers.prior_of(v)
            rows.append((
                claim.name, part.name, v.kind + (", exploratory" if v.exploratory else ""),
                numbers.told(first.value, unit) if first else "", numbers.interval(first, unit) if first else "",
                numbers.told(prior.value, unit) if prior else "", str(v.runs or ""),
                f"{v.effective:.1f}" if v.effective else "", v.why,
            ))  # fmt: skip
    return table(("claim", "part", "verdict", "number", "interval", "prior", "runs", "ESS", "why"), rows)


def _claim(claim: Claim) -> Iterator[str]:
    yield f"### {cell(claim.name)}: {cell(claim.text)}"
    against = f" What would count against it: {cell(claim.against)}." if claim.against else ""
    yield f"{cell(claim.says)}, {claim.written}; {claim.type}, {claim.tag}.{against}".replace("..", ".")
    if claim.remark:
        yield cell(claim.remark)


def _part(part: Part, v: Verdict, made: Made) -> Iterator[str]:
    kind = v.kind + (", exploratory" if v.exploratory else "")
    titled = " · ".join(cell(text) for text in (part.name, part.title) if text)
    card = cards.card(part, v, declared.parameters(), made=made)
    yield f"**{titled}{': ' * bool(titled)}{kind}.** " + " ".join(
        sentence(text) for text in (v.why, card.undefined, card.effort) if text
    )
    lines = [*(card.strip.lines if card.strip else ()), *card.beside]
    if lines:
        yield table(("number", "value", "interval"), [(n.label, n.told, n.interval) for n in lines])
    if card.movers:
        rows = [(m.name, m.effect, m.note, m.flips) for m in card.movers]
        yield table(("hangs on", "moves it by", "how clearly", "turns"), rows)
    elif v.runs:
        yield card.unsaid
    if card.spread:
        yield "Variance by origin: " + ", ".join(f"{name} {share:.0f} %" for name, share in card.spread) + "."
    if v.breakdown is not None:
        yield breakdown_words.said(part, v.breakdown) + " This is by the prior." * v.breakdown.refused
    yield "\n".join(f"- {cell(source)}" for source in v.sources)


def sentence(text: str) -> str:
    """A text with a capital and a full stop."""
    return f"{cell(text[:1].upper() + text[1:]).rstrip('.')}."


def _tolls(rows: Sequence[beside.Toll]) -> str:
    return table(
        ("world", "runs", "falls", "95 % interval", "killed", "wounded", "staff injured", "detained"),
        [(r.title, str(r.runs), r.fallen, r.between, *r.people) for r in rows],
    )
