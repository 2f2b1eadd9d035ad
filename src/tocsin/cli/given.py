"""What a person gives to many verbs: mechanisms of their own, and numbers from 1 up."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tocsin.errors import UsageError

Mechanisms = Annotated[
    tuple[str, ...],
    Parameter(
        name="--mechanism", negative="", show_default=False,
        help="A file (.py) or module with mechanisms of your own, once for each: code that runs with your rights.",
    ),
]  # fmt: skip
"""The option `--mechanism` of every verb that reads a scenario in order to run or to show it."""


def refuse_below_one(**given: int | None) -> None:
    """Refuse numbers below 1, by the names of their options; None was not given."""
    for option, number in given.items():
        if number is not None and number < 1:
            name = f"--{option.replace('_', '-')}"
            raise UsageError(
                f"{name} {number}", expected="1 or more", do=f"leave {name} out, or give a larger number"
            )  # fmt: skip
