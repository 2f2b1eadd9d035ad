"""The ladder as one self-contained page: what was published, what comes out here, and figures like the papers' own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tocsin.classics.declare import Classic, Finding, Picture
from tocsin.report import curves
from tocsin.report.template import fill, save

Rung = tuple[Classic, Sequence[Finding], Sequence[Picture]]
VERDICTS = {True: "met", False: "not met", None: "nothing to compare"}
"""What a finding's `met` is called."""


def write(rungs: Sequence[Rung], path: Path, *, facts: Sequence[tuple[str, str]], full: bool) -> Path:
    """Write the page and return its path. facts: what somebody needs to get the same numbers again."""
    return save(render(rungs, facts=facts, full=full), path)


def render(rungs: Sequence[Rung], *, facts: Sequence[tuple[str, str]], full: bool) -> str:
    """The page as text."""
    ordered = sorted(rungs, key=lambda rung: rung[0].rung)
    every = [finding for _, findings, _ in ordered for finding in findings]
    content = {
        "full": full,
        "lead": summary(every),
        "rungs": [_rung(*rung) for rung in ordered],
        "gaps": [(c.name, c.title, f) for c, findings, _ in ordered for f in findings if f.met is False],
        "facts": facts,
    }
    return fill("ladder.html.jinja", content)


def summary(findings: Sequence[Finding]) -> str:
    """How many published numbers come out, in one sentence."""
    count = Counter(f.met for f in findings)
    judged = count[True] + count[False]
    noun = "published number or statement" if judged == 1 else "published numbers and statements"
    text = f"{count[True]} of {judged} {noun} {'comes' if count[True] == 1 else 'come'} out within tolerance"
    if count[False]:
        text += f"; {count[False]} {'does' if count[False] == 1 else 'do'} not"
    if count[None]:
        text += f"; for {count[None]} there is nothing to compare with"
    return text + "."


def _rung(classic: Classic, findings: Sequence[Finding], pictures: Sequence[Picture]) -> dict[str, Any]:
    """What the template shows of one model."""
    return {
        "classic": classic,
        "findings": [(f, VERDICTS[f.met], VERDICTS[f.met].replace(" ", "-")) for f in findings],
        "met": sum(f.met is True for f in findings),
        "judged": sum(f.met is not None for f in findings),
        "pictures": [(p, Markup(curves.draw(p)), _legend(p)) for p in pictures],
    }


def _legend(picture: Picture) -> list[tuple[str, str, bool, bool]]:
    """For each label its classes, whether it is a set of points, and whether it has a band."""
    styled = zip(picture.lines, curves.styles(picture), strict=True)
    found = {line.label: (style, line.points, line.low is not None) for line, style in styled}
    return [(label, *rest) for label, rest in found.items()]
