"""Words that scenarios and results use beside the declared names, each with its meaning in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tocsin.claims.kinds import EVENTS, NUMBERS

Words = Mapping[str, str]

ENDS: Words = MappingProxyType({
    "survives": "The regime stands, nothing was conceded, and order has held for a day or more until the horizon.",
    "concessions": "As survives, but at least one concession was made.",
    "ruler leaves, regime stays": "Insiders remove the ruler and the regime stays; counts as fallen.",
    "regime falls": "The seat of power is lost to the street, or its staff is loyal no longer; counts as fallen.",
    "civil war": "A large part of all staff resists while the regime stands; does not count as fallen.",
    "undecided": "The horizon came with no end and without order; does not count as fallen.",
})  # fmt: skip
"""End states of a run (M19)."""
ROLES: Words = MappingProxyType({
    "home": "The state in which the uprising happens; its places are those of the scenario.",
    "patron": "The outside power that guarantees the regime and may decide to send troops; one at most.",
    "member": "A member of the alliance: it consents, refuses or is absent, and may send a contingent.",
    "rival": "A second outside power, as a rule on the side of the regime's opponents; one at most.",
    "neighbour": "A state that is only watched: what happens there is seen at home.",
})  # fmt: skip
"""What a state is to home: the key `role` of [[state]]."""
SIDES: Words = MappingProxyType({
    "regime": "Its troops stand with the regime at home.",
    "opponents": "Its troops stand with the opponents of the regime.",
    "neither": "Its troops stand with neither.",
})  # fmt: skip
"""Where a state stands: the key `side` of [[state]]."""
CONSENT: Words = MappingProxyType({
    "leader": "The head of state alone decides whether its troops leave.",
    "parliament": "Its troops leave only once its parliament has approved.",
})  # fmt: skip
"""Who must agree in a state: the key `consent` of [[state]]."""
RULES: Words = MappingProxyType({
    "each": "Every member decides about its own troops.",
    "unanimity": "Nobody goes unless all members agree.",
    "quorum": "Nobody goes unless a given number of members agrees.",
})  # fmt: skip
"""How the members decide together: the key `rule` of [alliance]."""
AIMS: Words = MappingProxyType({
    "join": "The group takes part as everybody does, only better organised.",
    "hijack": "The group steers a protest that is under way towards its own ends.",
    "provoke": "The group seeks a clash between crowd and forces.",
})  # fmt: skip
"""What a faction wants with a protest: the key `aim` of [[faction]]."""
POLICIES: Words = MappingProxyType({
    "script": "The events of the scenario are followed, whatever happens in the run.",
    "free": "The mechanism decides by itself from the start; events of the kinds that it decides lapse.",
    "free from": "The script is followed until a moment, for example \"free from 2022-01-05 23:00\"; then as free.",
})  # fmt: skip
"""Who decides: the values of `government` and `alliance` under [policy]."""

REFERENCES: Words = MappingProxyType({
    "declared": "The table [reference] of the file gives places of home their exposure to the trigger, 0 to 1.",
    "first trigger": "Without that table: all triggers of the script at the hour of the earliest felt at home.",
    "everywhere": "With neither (optional triggers do not count): felt in full in every place.",
})  # fmt: skip
"""Where the trigger is felt when gains are defined: the table [reference]. Variants and later events keep it."""

CLAIMED: Mapping[str, tuple[str, Words]] = MappingProxyType({
    "claim-events": ("what a claim asks of a run, yes or no", EVENTS),
    "claim-numbers": ("a number that a claim asks of a run", NUMBERS),
})  # fmt: skip
"""Topic -> what a claim may ask: the key `event` of a part."""
SETS: Mapping[str, tuple[str, Words]] = MappingProxyType({
    "ends": ("an end of a run", ENDS),
    "roles": ("a role of a state", ROLES),
    "sides": ("a side of a state", SIDES),
    "consent": ("who must agree in a state", CONSENT),
    "rules": ("a rule of the alliance", RULES),
    "aims": ("an aim of a faction", AIMS),
    "policies": ("a policy", POLICIES),
    "reference": ("the trigger at which gains are defined", REFERENCES),
})  # fmt: skip
"""Topic -> what its words are, and the words."""
