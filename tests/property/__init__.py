"""Properties that hold in every run, and on how many cases they are tried."""

from __future__ import annotations

from hypothesis import settings

LONGER = 20
"""How many times as many cases a search tries (`--hypothesis-profile=search`)."""


def cases_tried(few: int) -> int:
    """A few cases, the same in every run; in a search many, other ones each time."""
    return few if settings.get_current_profile_name() != "search" else LONGER * few
