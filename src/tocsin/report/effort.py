"""On how much a verdict rests, and how many runs would do more, in the number that a person types."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tocsin.claims.breakdown import FEWEST_DRAWS
from tocsin.claims.claim import Verdict
from tocsin.claims.judge import MOST_RUNS
from tocsin.report.beside import Ledger
from tocsin.report.numbers import refused

UNKNOWN = "cannot say how many more would help: the priors rarely come near the record"


@dataclass(frozen=True)
class Made:
    """How much was run. runs: of every world, as `--runs` counts them; draws: of the parameters among them."""

    runs: int = 0
    draws: int = FEWEST_DRAWS

    @classmethod
    def of(cls, ledger: Ledger) -> Made:
        """That of the worlds of a ledger; worlds that lost runs have no fewer."""
        found = [e.slots for e in ledger.worlds.values()]
        return cls(
            max((len(slots) for slots in found), default=0),
            max((len({s.draw for s in slots}) for slots in found), default=0),
        )


UNTOLD = Made()
"""Where a verdict stands without its ledger: draws are taken for enough."""


def effort(verdict: Verdict, made: Made) -> str:
    """Runs of all worlds, what they are worth after weighting, and how many would help."""
    if not verdict.runs:
        return "judged from sources, without a run" if verdict.sources else ""
    text = f"{verdict.runs:,} run{'' if verdict.runs == 1 else 's'} of all worlds and structures"
    if verdict.effective:
        text += f", worth {verdict.effective:,.1f} draws after weighting by the record"
    return "; ".join(filter(None, (text, more(verdict, made))))


def more(verdict: Verdict, made: Made) -> str:
    """What more runs would do, in a few words; "" where the verdict needs none."""
    if wanted := runs_wanted(verdict, made):
        return f"--runs {wanted} would help (these are {made.runs} of every world)"
    if not verdict.runs or verdict.kind != "undetermined":
        return ""
    return UNKNOWN if refused(verdict.figures) else "more runs would not settle it"


def runs_wanted(verdict: Verdict, made: Made) -> int:
    """Runs of every world, those that were made among them, to two digits upwards; 0 where no number would help.

    A verdict counts the runs of all its worlds and structures, of which every world has the same number.
    """
    if not (verdict.more_runs and verdict.runs and made.runs) or verdict.more_runs >= MOST_RUNS:
        return 0
    wanted = made.runs * (1.0 + verdict.more_runs / verdict.runs)
    step = 10.0 ** max(math.floor(math.log10(wanted)) - 1, 0)
    return max(round(math.ceil(wanted / step - 1e-9) * step), made.runs + 1)
