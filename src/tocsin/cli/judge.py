"""`tocsin judge`: one's own claims, from a file, judged by the same rules as the shipped ones."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from tocsin.cli.given import refuse_below_one
from tocsin.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from tocsin.claims.claim import Claim
    from tocsin.claims.ledger import Ledger

Form = Literal["html", "md", "csv", "parquet", "netcdf"]
ENDINGS = (("html", ".html"), ("md", ".md"), ("csv", ".csv"), ("parquet", ".parquet"), ("netcdf", ".nc"))
"""Format -> how its files end."""


@Parameter(name="*")
@dataclass(frozen=True)
class Effort:
    """How many runs, and who does them."""

    runs: int | None = None
    """Runs of every world (default: 20)."""
    seed: int = 1
    """Which ensembles: another number gives other draws and other chance."""
    seeds: int | None = None
    """Runs with the same parameters and different chance (default: 2)."""
    people_per_agent: int | None = None
    """How many people one simulated person stands for (default: 100)."""
    workers: int | None = None
    """Processes (default: one per core)."""
    store: Path = Path("tocsin-claims")
    """Folder for the runs and the register; runs that are there already are not run again."""


@Parameter(name="*")
@dataclass(frozen=True)
class Show:
    """What is judged and where it goes."""

    only: str = ""
    """Some claims, by name: C1,C2 (default: all)."""
    form: Annotated[Form, Parameter(name="--format")] = "html"
    """What is written: a page, Markdown, or all numbers as one table."""
    to: Path | None = None
    """The file to write (default: tocsin-ledger-NAME in this folder)."""
    list_: Annotated[bool, Parameter(name="--list", negative="")] = False
    """Only print the claims and how they would be judged; nothing is run."""


EFFORT, SHOW = Effort(), Show()


def judge(file: str, /, *, effort: Effort = EFFORT, show: Show = SHOW) -> None:
    """Judge the claims of a file and write the ledger.

    Every part of a claim is supported, refuted or undetermined. Claims are hashed before any run; one that is changed
    after runs of its worlds were made is called exploratory. Stop with Ctrl-C at any time: finished runs are kept, and
    the same command computes only the rest.

    Parameters
    ----------
    file
        A file of claims (.toml), or the name of a shipped register.
    """
    carry_out(file, effort, show)


def carry_out(name: str, effort: Effort, show: Show) -> None:
    """Load, check, judge, print and write."""
    from tocsin.claims.load import checked  # imported here, so that help is quick
    from tocsin.cli import verdicts
    from tocsin.cli.own import refuse_missing, refuse_undated, title_of

    console = Console(highlight=False)
    refuse_below_one(
        runs=effort.runs, seeds=effort.seeds, workers=effort.workers, people_per_agent=effort.people_per_agent
    )
    refuse_missing(name)
    claims = chosen(checked(name), show.only)
    refuse_undated(name, date.today())  # noqa: DTZ011 (the day where the reader is)
    if show.list_:
        verdicts.listed(console, claims)
        return
    begun = time.monotonic()
    ledger = _judged(console, claims, effort)
    verdicts.table(console, ledger)
    verdicts.effort(console, ledger, begun, effort.store)
    path = _path(name, show)
    _write(ledger, path, show.form, title_of(name))
    console.print(f"Ledger: {path}", soft_wrap=True)


def chosen(claims: Sequence[Claim], only: str) -> tuple[Claim, ...]:
    """The claims that are asked for, in the order of the register."""
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    known = {claim.name.casefold(): claim for claim in claims}
    for name in wanted:
        if name.casefold() not in known:
            raise UsageError(
                f"--only: there is no claim {name!r}", expected=f"some of {', '.join(c.name for c in claims)}",
                do="see the names with --list",
            )  # fmt: skip
    names = {name.casefold() for name in wanted}
    return tuple(c for c in claims if not names or c.name.casefold() in names)


def _judged(console: Console, claims: Sequence[Claim], effort: Effort) -> Ledger:
    """The ledger, with progress while it is made."""
    from tocsin.claims import ledger
    from tocsin.cli.verdicts import Progress, counted

    per_agent = ledger.THINNING if effort.people_per_agent is None else effort.people_per_agent
    size = ledger.Size(per_agent, effort.seeds or ledger.SEEDS_PER_DRAW)
    watch = Progress(console)
    warn_of(console, claims, per_agent)
    found = kept(effort.store)
    if found:
        watch.say(f"{counted(found, 'run')} found in {effort.store}; those that these claims need are not made again.")
    try:
        return ledger.judge(
            claims, runs=effort.runs or ledger.RUNS, seed=effort.seed, store=effort.store, workers=effort.workers,
            watch=watch, size=size,
        )  # fmt: skip
    except Interrupted as stopped:
        held = f"{counted(kept(effort.store), 'run')} kept in all"
        raise Interrupted(f"stopped; {watch.stands}, {held}", where=stopped.where, do=stopped.do) from None
    finally:
        watch.end()


def kept(store: Path) -> int:
    """Runs in a store, of whatever worlds."""
    from tocsin.results.store import Store

    return len(Store(store).keys()) if (store / "parts").is_dir() else 0


def warn_of(console: Console, claims: Sequence[Claim], per_agent: int) -> None:
    """What `tocsin run` would warn of in the scenarios of these claims, at this thinning."""
    from tocsin.claims.schema import NO_RUNS
    from tocsin.cli.run import warn
    from tocsin.scenario.load import load

    run = [c for c in claims if any(p.estimand.kind not in NO_RUNS for p in c.parts) and c.type != "normative"]
    for name in dict.fromkeys(c.scenario for c in run):
        warn(console, (load(name).vary({"people_per_agent": per_agent}, variant=""),), name)


def _path(name: str, show: Show) -> Path:
    """Where the ledger goes."""
    return show.to or Path(f"tocsin-ledger-{Path(name).stem}{dict(ENDINGS)[show.form]}")


def _write(ledger: Ledger, path: Path, form: Form, title: str) -> None:
    """The page, the text or the table."""
    command = "tocsin " + " ".join(sys.argv[1:])
    if form == "html":
        from tocsin.report import ledger_page

        ledger_page.write(ledger, path, title=title, command=command)
    elif form == "md":
        from tocsin.report import ledger_text

        ledger_text.write(ledger, path, title=title, command=command)
    else:
        from tocsin.report import exports

        exports.write(ledger, path, form, command)
