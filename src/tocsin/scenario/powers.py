"""What outside powers may be and do in a scenario: roles, consent, and troops that add up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.scenario import declared
from tocsin.scenario.parts import Event, State

if TYPE_CHECKING:
    from tocsin.scenario.rules import Fault
    from tocsin.scenario.scenario import Scenario

SENDERS = ("patron", "member", "rival")
"""Roles of states that may send troops."""
VOTERS = ("patron", "member")
"""Roles of states that have a say in the alliance."""
MOVES = ("decision", "arrival", "withdrawal-announced", "withdrawal")
"""Kinds of events by which a state sends troops and takes them back."""
OPEN = 0.0
"""The value of a consent that is still open; more is given, less is refused or absent."""


def faults_of_powers(scenario: Scenario) -> Iterator[Fault]:
    """Every contradiction between states, and between them and the script."""
    yield from _roles(scenario)
    yield from _quorum(scenario)
    events = tuple(e for e in scenario.events if not lapses(e, scenario))
    wrong = [fault for e in events for fault in _misplaced(e, scenario)]
    yield from wrong
    if not wrong:
        yield from _Ledger(scenario).faults(events)


def lapses(event: Event, scenario: Scenario) -> bool:
    """Whether home's mechanism decides this for itself by then, so that the event does not happen.

    What the script does at that very moment holds. What states do to home, and whatever the alliance decides, is home's
    script, whichever state does it.
    """
    kind = declared.event_kinds(scenario.extensions)[event.kind]
    if event.hours <= scenario.policy.get(kind.by, math.inf):
        return False
    if declared.needs_place(kind, scenario.extensions):
        return any(p.name in event.places for p in scenario.places)
    return declared.has_actor(kind, scenario.extensions) or kind.by == "alliance" or not event.state


def _roles(scenario: Scenario) -> Iterator[Fault]:
    for role in ("patron", "rival"):
        names = [s.name for s in scenario.states if s.role == role]
        for name in names[1:]:
            found = f"{name!r} is a {role}, and {names[0]!r} is one too"
            yield ("state", name, "role"), found, f"one {role}", "make it a member or a neighbour"


def _quorum(scenario: Scenario) -> Iterator[Fault]:
    voters = sum(s.role in VOTERS for s in scenario.states)
    quorum = scenario.alliance.quorum
    if scenario.alliance.rule == "quorum" and quorum < 1:
        yield ("alliance",), 'the rule "quorum" without a number', "quorum = ...", "say how many must agree"
    elif quorum > voters:
        found = f"a quorum of {quorum}, but {voters} states have a say"
        yield ("alliance", "quorum"), found, "as many as the patron and the members, or fewer", "lower it"


def _misplaced(event: Event, scenario: Scenario) -> Iterator[Fault]:
    """An act of a state that has no such part in the story."""
    state = next((s for s in scenario.states if s.name == event.state), None)
    role = state.role if state is not None else "home"
    if event.kind in MOVES and role not in SENDERS and event.state:
        found = f"{event.kind!r} of {event.state!r}, which is {_article(role)}"
        yield (event, "state"), found, "a patron, a member or a rival", "correct the state, or its role"
    if event.kind in MOVES and state is not None and {p.name for p in state.places} & set(event.places):
        found = f"{event.kind!r} of {event.state!r} in its own place {event.places[0]!r}"
        yield (event, "places"), found, "places of another state", "correct the state or the place"
    if event.kind == "consent" and role not in VOTERS:
        found = f"'consent' of {event.state!r}, which is {_article(role)}" if event.state else "'consent' of nobody"
        yield (event, "state"), found, "a patron or a member", 'state = "..." of the alliance'
    if event.kind == "abroad" and (state is None or state.places):
        found = f"'abroad' of {event.state!r}, which is simulated here" if event.state else "'abroad' without a state"
        yield (event, "state"), found, "a state without places", "name such a state; the others have results"


def _article(role: str) -> str:
    return "home" if role == "home" else f"a {role}"


@dataclass
class _Ledger:
    """Who has announced, agreed and landed so far, in the order of the script."""

    scenario: Scenario
    announced: set[str] = field(default_factory=set)
    consent: dict[str, float] = field(default_factory=dict)
    landed: dict[tuple[str, str], float] = field(default_factory=dict)

    def faults(self, events: tuple[Event, ...]) -> Iterator[Fault]:
        """What cannot be: troops that come before they are sent, that nobody has, or that leave before they came."""
        states = {s.name: s for s in self.scenario.states}
        for event in events:
            state = states.get(event.state)
            if event.kind == "decision" and event.value > 0:
                self.announced.add(event.state)
            elif event.kind == "consent":
                self.consent[event.state] = event.value
            elif event.kind == "arrival":
                yield from self._sent(event, state)
                self._move(event, event.value)
                yield from self._enough(event, state)
            elif event.kind == "withdrawal":
                yield from self._there(event)
                self._move(event, -event.value)

    def _move(self, event: Event, number: float) -> None:
        for place in event.places:
            self.landed[event.state, place] = self.landed.get((event.state, place), 0.0) + number

    def _sent(self, event: Event, state: State | None) -> Iterator[Fault]:
        """An arrival needs a decision of its state (or of the patron for a member), and no missing consent."""
        who = _who(event)
        patron = [s.name for s in self.scenario.states if s.role == "patron"]
        deciders = {event.state, *(patron if state is not None and state.role == "member" else [])}
        if not deciders & self.announced:
            expected = "a 'decision' before the first arrival"
            found = f"{who} arrive before anybody decides to send them"
            yield (event, "at"), found, expected, "add the decision, or move one of them"
        consent = self.consent.get(event.state)
        if consent is not None and consent < OPEN:
            do = "move the arrival, or add a later consent"
            yield (event, "at"), f"{who} arrive although consent was not given", "a 'consent' with \"given\"", do
        elif state is not None and state.consent == "parliament" and (consent is None or consent == OPEN):
            do = 'add the event, or consent = "leader" to the state'
            yield (event, "at"), f"{who} arrive before its parliament agrees", "a 'consent' with \"given\"", do

    def _enough(self, event: Event, state: State | None) -> Iterator[Fault]:
        there = math.fsum(n for (name, _), n in self.landed.items() if name == event.state)
        if state is not None and there > state.contingent + 1e-9:
            found = f"{there:,.0f} people of {event.state!r} would be there, but it can send {state.contingent:,.0f}"
            yield (event, "value"), found, "at most its contingent", "correct one of them"

    def _there(self, event: Event) -> Iterator[Fault]:
        for place in event.places:
            there = self.landed.get((event.state, place), 0.0)
            if event.value > there + 1e-9:
                found = f"{event.value:,.0f} {_who(event)} leave {place!r}, but {there:,.0f} are there by then"
                yield (event, "value"), found, "no more than have arrived", "correct the number, the place or the time"


def _who(event: Event) -> str:
    return f"troops of {event.state!r}" if event.state else "foreign troops"
