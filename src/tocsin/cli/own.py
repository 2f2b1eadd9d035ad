"""Somebody's own file of claims: whether it is there, its title, and the day on which it was closed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tocsin.claims.load import names
from tocsin.errors import ScenarioError
from tocsin.quantities import parse_date
from tocsin.scenario.draft import nearest
from tocsin.scenario.text import Node, read

AHEAD = timedelta(days=1)
"""How far the reader's day may be behind that of the writer: the earth is round."""


def refuse_missing(name: str) -> None:
    """Refuse a file of claims that does not exist, in words about claims."""
    if name.endswith(".toml") and not Path(name).exists():
        known = names()
        raise ScenarioError(
            "there is no such file", where=name, expected=f"a file of claims, or one of {', '.join(known)}",
            do=nearest(name.removesuffix(".toml"), known, "check the name; docs/how-to/write-a-claim.md has one"),
        )  # fmt: skip


def refuse_undated(name: str, today: date) -> None:
    """Refuse a file that says to have been closed after today; claims that ship are left alone."""
    if (day := _register(name).get("date")) is None:
        return
    closed = parse_date(day.value)
    if closed is not None and closed > today + AHEAD:
        raise ScenarioError(
            f"the register is dated {closed}, after today", where=day.where, expected=f"a day not after {today}",
            do="write the day on which the claims were fixed: it is before they are judged",
        )  # fmt: skip


def title_of(name: str) -> str:
    """The title of a register, its own or a shipped one's."""
    title = _register(name).get("title")
    return names().get(name, "") if title is None else str(title.value)


def _register(name: str) -> dict[str, Node]:
    """The head of a file; nothing of what ships."""
    if not Path(name).is_file():
        return {}
    head = read(Path(name)).value.get("register")
    return dict(head.children()) if head is not None else {}
