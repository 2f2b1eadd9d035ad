"""The `tocsin` command: finds the verb, runs it, and turns every refusal into one message and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version

from cyclopts import App, CycloptsError, UnknownCommandError

from tocsin.errors import ScenarioErrors, TocsinError, UsageError

VERBS = (
    ("run", "tocsin.cli.run:run", "Simulate a scenario and its counterfactual, and write the report."),
    ("claims", "tocsin.cli.claims:claims", "Judge the claims that ship with a case, and print the verdicts."),
    ("judge", "tocsin.cli.judge:judge", "Judge one's own claims, from a file."),
    ("scenarios", "tocsin.cli.scenarios:scenarios", "List the scenarios that come with tocsin."),
    ("new", "tocsin.cli.new:new", "Write a scenario for a country, to fill in."),
    ("check", "tocsin.cli.check:check", "Say what is wrong with a scenario, or that nothing is."),
    ("resolve", "tocsin.cli.resolve:resolve", "Print the complete scenario, every default and source included."),
    ("explain", "tocsin.cli.explain:explain", "Explain a name: mechanism, parameter, event, column, end, role."),
    ("plan", "tocsin.cli.plan:plan", "Print the steps of a tick as a table."),
    ("odd", "tocsin.cli.odd:odd", "Describe the model of a scenario (ODD+), from its declarations."),
    ("report", "tocsin.cli.report:report", "Write the report of stored runs again."),
    ("sweep", "tocsin.cli.sweep:sweep", "Run a scenario at many points of what is assumed."),
    ("replicate", "tocsin.cli.replicate:replicate", "Reproduce published models, every deviation measured."),
    ("play", "tocsin.cli.play:play", "Write a page that animates a published model."),
)
"""Verb, where it lives (imported only when it is called), what it does."""

HELP = """A laboratory for uprisings: whole nations, one simulated person at a time.

Start with `tocsin run kazakhstan-2022`. Add --debug to any command to see where a fault arose.
"""


def app() -> App:
    """The command line with its verbs; none of them is imported yet."""
    made = App(
        name="tocsin", help=HELP, version=_version, result_action="return_value", help_epilogue=None,
        suppress_keyboard_interrupt=False,
    )  # fmt: skip
    for sort_key, (name, path, text) in enumerate(VERBS):
        made.command(path, name=name, help=text, sort_key=sort_key)
    return made


def _version() -> str:
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "not installed"


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback is shown without --debug."""
    given = list(sys.argv[1:] if words is None else words)
    debug = "--debug" in given
    given = [word for word in given if word != "--debug"]
    try:
        result = app()(given, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except Exception as fault:  # noqa: BLE001 (the one place where every fault ends)
        return _refuse(fault, debug=debug)
    except KeyboardInterrupt:
        print("interrupted; finished runs are kept", file=sys.stderr)
        return 130
    return result if isinstance(result, int) and not isinstance(result, bool) else 0


def _refuse(fault: Exception, *, debug: bool) -> int:
    """Show a fault on standard error and say which exit code it has."""
    if isinstance(fault, BrokenPipeError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (the reader has gone; nothing to flush to)
        return 141
    if debug:
        traceback.print_exception(fault)
    refusal = _usage(fault) if isinstance(fault, CycloptsError) else fault
    if isinstance(refusal, TocsinError):
        placed = refusal.where or isinstance(refusal, ScenarioErrors)
        print(f"{'' if placed else 'tocsin: '}{refusal.message()}", file=sys.stderr)
        return refusal.exit_code
    hint = "" if debug else "\n  do:       run it again with --debug, and report what it shows"
    print(f"tocsin: a fault of tocsin itself: {type(fault).__name__}: {fault}{hint}", file=sys.stderr)
    return 1


def _usage(fault: CycloptsError) -> UsageError:
    """The command line's own complaint, in the form of all messages."""
    verbs = [verb for verb, _, _ in VERBS]
    if isinstance(fault, UnknownCommandError):  # its own text would import every verb
        word = (fault.unused_tokens or ["?"])[0]
        near = get_close_matches(word, verbs, 1)
        do = f"did you mean `tocsin {near[0]}`?" if near else "see `tocsin --help`"
        return UsageError(f"unknown command {word!r}", expected=f"one of {', '.join(verbs)}", do=do)
    text = " ".join(str(fault).split())
    verb = " ".join(fault.command_chain or ())
    return UsageError(text[:1].lower() + text[1:], do=f"see `{' '.join(['tocsin', verb]).strip()} --help`")


if __name__ == "__main__":
    sys.exit(main())
