"""Where and how strongly a trigger is felt when gains are defined: fixed before the story starts.

The table [reference] of a file says it. Where there is none, the first trigger of the file's script does: all triggers
at the hour of the earliest that is felt at home. It is taken once, when a file is read, so that no variant and no later
event can move it (decision 0020).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from tocsin.scenario.draft import Reader
from tocsin.scenario.parts import Event
from tocsin.scenario.places import Sources
from tocsin.scenario.schema import EXPOSURE
from tocsin.scenario.text import Node

FIRST_TRIGGER = "default: the first trigger of the script"
EVERYWHERE = "default: felt in full everywhere, since the script has no trigger"
NAMED = 2
"""Places that are named one by one where they share an exposure; more are counted."""


def read_reference(
    reader: Reader, node: Node | None, homes: tuple[str, ...], script: Iterable[Event], sources: Sources
) -> dict[str, float]:
    """Place of home -> exposure, 0 to 1; empty (felt in full everywhere) where neither table nor script says.

    homes: the places of home.
    """
    if node is None:
        found = first_trigger(script, homes)
        sources.noted.update({f"reference.{name}": FIRST_TRIGGER for name in found})
        return found
    own = reader.source(node, "")
    found = {}
    for name, entry in reader.entries(node):
        if name == "source":
            continue
        known = reader.word(Node(name, entry.where, entry.name), homes, "place of home")
        figure = reader.figure(entry, EXPOSURE, sources.fallback("reference", own))
        found[name] = figure.value if known else math.nan
        sources.noted[f"reference.{name}"] = figure.source
    if isinstance(node.value, dict) and not any(found.values()):
        expected, do = "an exposure above 0 in some place of home", "give the place where the trigger is felt most a 1"
        reader.refuse(node, "no place feels the trigger", expected, do)
    return found


def first_trigger(script: Iterable[Event], homes: Iterable[str]) -> dict[str, float]:
    """Place of home -> the largest exposure that a trigger gives it at the hour of the earliest; {} without any."""
    homes = set(homes)
    triggers = [e for e in script if e.kind == "trigger" and e.value > 0 and homes.intersection(e.places)]
    hours = min((e.hours for e in triggers), default=math.inf)
    felt: dict[str, float] = {}
    for event in triggers:
        if event.hours == hours:
            felt |= {name: max(event.value, felt.get(name, 0.0)) for name in event.places if name in homes}
    return felt


def in_words(felt: Mapping[str, float]) -> str:
    """Exposures and who feels them, the largest first: "1 in Mangystau, 0.3 in 16 places"."""
    levels: dict[float, list[str]] = {}
    for name, value in felt.items():
        levels.setdefault(value, []).append(name)
    told = sorted(levels.items(), reverse=True)
    return ", ".join(f"{v:g} in {' and '.join(n) if len(n) <= NAMED else f'{len(n)} places'}" for v, n in told)
