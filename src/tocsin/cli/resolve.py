"""`tocsin resolve`: the complete scenario, as a file that can be run again."""

from __future__ import annotations

from tocsin.cli.given import Mechanisms
from tocsin.scenario.load import load
from tocsin.scenario.vary import variant_of
from tocsin.scenario.write import to_toml


def resolve(file: str, /, *, variant: str = "", mechanism: Mechanisms = ()) -> None:
    """Print the complete scenario: every default, every parameter, every source. Reading it back gives the same hash.

    Parameters
    ----------
    file
        A scenario file, or the name of a shipped one.
    variant
        A variant of it, by name.
    """
    print(to_toml(variant_of(load(file, mechanism), variant)), end="")
