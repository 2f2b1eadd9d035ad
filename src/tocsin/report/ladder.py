"""The ladder as one self-contained page: what was published, what comes out here, and figures like the papers' own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tocsin.classics.declare import Classic, Finding, Origin, Picture
from tocsin.report import curves
from tocsin.report.ladder_words import LEGEND, ORIGINS, terms_in
from tocsin.report.template import fill, save

Rung = tuple[Classic, Sequence[Finding], Sequence[Picture]]
OTHERS: tuple[Origin, ...] = ("derived", "audit", "peer software", "ours")
"""Where numbers beside ours come from, but for papers."""


def write(rungs: Sequence[Rung], path: Path, *, facts: Sequence[tuple[str, str]], full: bool) -> Path:
    """Write the page and return its path. facts: what somebody needs to get the same numbers again."""
    return save(render(rungs, facts=facts, full=full), path)


def render(rungs: Sequence[Rung], *, facts: Sequence[tuple[str, str]], full: bool) -> str:
    """The page as text."""
    ordered = sorted(rungs, key=lambda rung: rung[0].rung)
    content = {
        "full": full,
        "lead": summary([finding for _, findings, _ in ordered for finding in findings]),
        "rungs": [_rung(*rung) for rung in ordered],
        "gaps": gaps(ordered),
        "origins": ORIGINS,
        "verdicts": LEGEND,
        "words": glossary(ordered),
        "facts": facts,
    }
    return fill("ladder.html.jinja", content)


def gaps(rungs: Sequence[Rung]) -> list[tuple[Classic, Finding]]:
    """Everything that is not met, variants included."""
    return [(c, f) for c, findings, _ in rungs for f in findings if f.met is False]


def summary(findings: Sequence[Finding]) -> str:
    """How many numbers come out, those from papers first, and why the others have no verdict."""
    own = [f for f in findings if f.met is not None and not f.variant]
    papers = [f for f in own if f.origin == "paper"]
    said = [f"{_met(papers)} numbers and statements from papers met" if papers else "No number from a paper is judged"]
    by = {origin: [f for f in own if f.origin == origin] for origin in OTHERS}
    if len(papers) < len(own):
        named = ", ".join(f"{origin} {_met(of)}" for origin, of in by.items() if of)
        said.append(f"Others: {_met([f for f in own if f.origin != 'paper'])} ({named})")
    variants = [f for f in findings if f.met is not None and f.variant]
    said += [f"Variants, counted apart: {_met(variants)}"] if variants else []
    rest = Counter(f.why for f in findings if f.met is None)
    said += ["No verdict: " + "; ".join(f"{n} {why}" for why, n in rest.most_common())] if rest else []
    return ". ".join(said) + "."


def glossary(rungs: Sequence[Rung]) -> list[tuple[str, str]]:
    """The words that these models use and that a reader may not know."""
    said = [c.says + c.here + c.kernel for c, _, _ in rungs]
    said += [f"{f.name} {f.published} {f.ours} {f.note}" for _, findings, _ in rungs for f in findings]
    said += [f"{p.title} {p.note}" for _, _, pictures in rungs for p in pictures]
    return terms_in(" ".join(said))


def _met(findings: Sequence[Finding]) -> str:
    """How many of these are met."""
    return f"{sum(f.met is True for f in findings)} of {len(findings)}"


def _rung(classic: Classic, findings: Sequence[Finding], pictures: Sequence[Picture]) -> dict[str, Any]:
    """What the template shows of one model."""
    taken = curves.places(pictures)
    drawn = [(p, Markup(curves.draw(p, styled=at)), _legend(p, at)) for p, at in zip(pictures, taken, strict=True)]
    return {
        "classic": classic,
        "findings": [(f, chip(f)) for f in findings],
        "count": summary(findings),
        "pictures": drawn,
    }


def chip(finding: Finding) -> str:
    """The class of a verdict on the page."""
    if finding.met is None:
        return "none"
    return ("met" if finding.met else "not-met") + (" variant" if finding.variant else "")


def _legend(picture: Picture, at: curves.Places) -> list[tuple[str, str, bool, bool]]:
    """For each label its classes, whether it is a set of points, and whether it has a band."""
    styled = zip(picture.lines, curves.styles(picture, at), strict=True)
    found = {line.label: (style, line.points, line.low is not None) for line, style in styled}
    return [(label, *rest) for label, rest in found.items()]
