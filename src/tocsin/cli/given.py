"""Numbers that a person gives on the command line."""

from __future__ import annotations

from tocsin.errors import UsageError


def refuse_below_one(**given: int | None) -> None:
    """Refuse numbers below 1, by the names of their options; None was not given."""
    for option, number in given.items():
        if number is not None and number < 1:
            name = f"--{option.replace('_', '-')}"
            raise UsageError(
                f"{name} {number}", expected="1 or more", do=f"leave {name} out, or give a larger number"
            )  # fmt: skip
