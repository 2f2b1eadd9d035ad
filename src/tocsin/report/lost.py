"""Runs that could not be finished: how many, why, and how far the shares may be off for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tocsin.report import svg
from tocsin.results.failures import Failed

NOT_CHANCE = "A run need not fail by chance: if those with one kind of end fail more often, a share leans away from it."

LEFT_OUT = "Failed runs are left out of every share, curve and table"


@dataclass(frozen=True)
class Lost:
    """What a page says of failed runs. lead: how many; meaning: for the shares; first: the message of the first."""

    lead: str
    meaning: str
    first: str


def lost(failed: Collection[Failed], meaning: str) -> Lost | None:
    """What to say of failed runs, None if there are none. meaning: what their absence does to the shares."""
    if not failed:
        return None
    once = list({one.key: one for one in failed}.values())
    count = len(once)
    lead = f"{count:,} run{'' if count == 1 else 's'} could not be finished"
    worlds = dict.fromkeys(one.world for one in once)
    where = f" (of the world “{next(iter(worlds))}”)" if len(worlds) == 1 else f" (of {len(worlds)} worlds)"
    return Lost(f"{lead}{where}.", f"{NOT_CHANCE} {meaning}", once[0].message)


def slots(failed: Collection[Failed]) -> int:
    """Draws and seeds of which a world has no run; they are left out in the worlds paired with it too."""
    return len({(one.draw, one.seed) for one in failed})


def of_worlds(failed: Collection[Failed], worlds: Sequence[tuple[str, int, int]]) -> Lost | None:
    """For a report of one or two worlds. worlds: (title, runs that fell, runs)."""
    gone = slots(failed)
    ends = [
        f"from {svg.percent(fell / (count + gone))} to {svg.percent((fell + gone) / (count + gone))}"
        + (f" in the world “{title}”" if len(worlds) > 1 else "")
        for title, fell, count in worlds
    ]
    pairs = f", with the runs paired with them: {gone} {'pair' if gone == 1 else 'pairs'} in all"
    return lost(
        failed, f"{LEFT_OUT}{pairs if len(worlds) > 1 else ''}. Had any number of them ended in a fall, the share of "
        f"falls would lie {' and '.join(ends)}.",
    )  # fmt: skip


def of_many(failed: Collection[Failed], groups: Sequence[tuple[int, int]], *, paired: bool = True) -> Lost | None:
    """For a page of many worlds or points. groups: (runs, draws and seeds left out) of each; paired: in all at once."""
    worst = max((gone / (runs + gone) for runs, gone in groups if runs + gone), default=0.0)
    return lost(
        failed, f"{LEFT_OUT}{', with the runs paired with them' if paired else ''}. For want of them a share of runs "
        f"that count alike may be off by {svg.hundredths(worst)} points at the most.",
    )  # fmt: skip
