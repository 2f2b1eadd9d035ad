"""A description of the model as one scenario runs it, after the ODD protocol and its extension for human decisions.

Overview, design concepts, details: Grimm et al. 2020 (doi 10.18564/jasss.4259); ODD+D: Mueller et al. 2013 (doi
10.1016/j.envsoft.2013.06.003). Everything is taken from the declarations and the scenario, so it cannot lag behind
them; the same scenario gives the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from tocsin.declare import Mechanism
from tocsin.engine.plan import BULLETIN, PEOPLE_COLUMNS, Plan
from tocsin.report import input_data
from tocsin.report.markdown import cell, docstring, fence, names, table
from tocsin.report.reference import column_table, explanation, heading, parameter_table, plan_table
from tocsin.report.vocabulary import ENDS
from tocsin.results.record import ABROAD_SERIES, NATIONAL_SERIES, PLACE_SERIES
from tocsin.scenario.reference import in_words
from tocsin.scenario.scenario import Scenario
from tocsin.state import ACTIONS, ADDED, CONTROL, FATES, MULTIPLIED, TACTICS

LAW, PEOPLE, TRAITS = "tocsin.kernels.law", "tocsin.kernels.people", "tocsin.kernels.synthesis"
FATE, SOLVED, DRAWS = "tocsin.kernels.fate", "tocsin.world.identify", "tocsin.kernels.draw"
"""Where the rules that are no mechanism are explained."""


def describe(scenario: Scenario) -> str:
    """The whole description, in Markdown."""
    plan = Plan(scenario)
    parts = (_title(scenario), _overview(scenario, plan), _concepts(plan), _details(scenario, plan))
    return "\n\n".join(text for part in parts for text in part) + "\n"


def _title(s: Scenario) -> Iterator[str]:
    yield f"# {cell(s.title)}: a description of the model"
    variant = f", variant {s.variant}" if s.variant else ""
    yield (
        f"Scenario {cell(s.name + variant)}, hash {s.hash[:16]}. After the ODD protocol (Grimm et al. 2020) with"
        " its extension for human decisions, ODD+D (Mueller et al. 2013). Made from the declarations in the code and"
        " from the scenario by `tocsin odd`."
    )


def _overview(s: Scenario, plan: Plan) -> Iterator[str]:
    yield "## 1 Overview"
    yield "### 1.1 Purpose and patterns"
    yield (
        f"To see how an uprising in {cell(s.home)} may go under stated assumptions, and what single causes change in"
        " it: each question below is a second world on the same people, parameters and chance. The patterns to"
        " compare with are the reported figures of section 3.3. People are synthetic; nothing is said of any person."
    )
    rows = ((name, v.title, v.why) for name, v in s.variants.items())
    yield table(("variant", "title", "question"), rows)
    yield "### 1.2 Entities, state variables and scales"
    yield from _entities(s)
    yield "State variables by owner; only the owner writes a column."
    yield f"#### The engine\n\n{column_table((*PEOPLE_COLUMNS, *BULLETIN))}"
    for m in plan.running:
        if m.columns:
            yield f"#### {heading(m)}\n\n{column_table(m.columns)}"
    yield "### 1.3 Process overview and scheduling"
    yield f"One tick, {s.ticks} times or until an end is reached, in every society alike:"
    yield plan_table(plan.running)
    off = [name for name, on in {**s.mechanisms, **s.switches}.items() if not on]
    yield f"Switched off in this scenario: {cell(names(off))}."


def _entities(s: Scenario) -> Iterator[str]:
    yield (
        f"**People**, {s.population:,} at home, one simulated for {s.people_per_agent}. Each is in one of the states"
        f" {names(ACTIONS)}. What is kept of each:"
    )
    yield fence(docstring(PEOPLE))
    yield f"**Places** are {names(CONTROL).replace(', ', ' or ')} in control. **Segments** have a law of their own:"
    rows = ((x.name, "yes" if x.can_act else "no", "yes" if x.may_strike else "no") for x in s.segments)
    yield table(("segment", "may take part", "has work to strike"), rows)
    yield input_data.places(s)
    yield f"**Units** of {s.unit_size:g} staff and **circles** of {s.circle_size} people. **States** and **factions**:"
    yield input_data.states(s)
    yield input_data.factions(s)
    yield (
        f"**Scales**: {s.days:g} days from {s.start:%Y-%m-%d %H:%M} local time, ticks of {s.tick_hours:g} hours;"
        f" {len(s.societies)} of {len(s.state_names)} states are societies of their own. Rates are per day."
    )


def _concepts(plan: Plan) -> Iterator[str]:
    yield "## 2 Design concepts"
    yield "### 2.1 Theoretical and empirical background"
    yield table(("mechanism", "what it says"), ((heading(m), m.summary) for m in plan.running))
    yield "### 2.2 Individual decisions"
    yield f"Every person follows one law and chooses among {names(TACTICS)} and staying quiet:"
    yield fence(docstring(LAW))
    yield "Its coefficients are composed from the contributions of mechanisms:"
    yield table(("coefficient", "how", "set by"), _coefficients(plan))
    yield "### 2.3 Learning and adaptation"
    yield (
        "The law itself is fixed. What adapts is what it is fed: each of these mechanisms carries its own columns from"
        " one tick to the next."
    )
    yield table(("mechanism", "carries on"), _memories(plan))
    yield "### 2.4 Sensing: who sees what"
    yield "A mechanism sees these columns and nothing else; people see their household, their circle and the law."
    yield table(("mechanism", "sees", "in the phase"), ((heading(m), names(m.reads), m.phase) for m in plan.running))
    yield "### 2.5 Interaction"
    yield "Directly along ties of household and circle; through places, and between places and states by:"
    wide = [c for m in plan.running for c in m.columns if c.dims in ("place_place", "place_state", "state")]
    yield column_table([*wide, *BULLETIN])
    yield "### 2.6 Heterogeneity and collectives"
    yield fence(docstring(TRAITS))
    yield "### 2.7 Stochasticity"
    yield fence(docstring(DRAWS))
    yield "Beside the choices and fates of people, these mechanisms draw:"
    yield table(("mechanism", "draws"), ((heading(m), names(m.draws)) for m in plan.running if m.draws))
    yield from _observed()


def _observed() -> Iterator[str]:
    yield "### 2.8 Emergence and observation"
    yield "Nothing below is laid down but by the script (3.3). Recorded after each tick:"
    rows = (("place", PLACE_SERIES), ("home state", NATIONAL_SERIES), ("state", ABROAD_SERIES))
    yield table(("for each", "series"), ((what, names(series)) for what, series in rows))
    yield table(("end of a run", "meaning"), ENDS.items())


def _coefficients(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for how, kinds in (("added", ADDED), ("multiplied", MULTIPLIED), ("added, as a rate per day of", FATES)):
        for kind in kinds:
            setters = [m.name for m in plan.running if kind in m.sets]
            if setters:
                yield kind, how, names(setters)


def _memories(plan: Plan) -> Iterator[tuple[str, str]]:
    for m in plan.running:
        kept = [c.name for c in m.columns if c.name in m.reads]
        if kept:
            yield heading(m), names(kept)


def _details(s: Scenario, plan: Plan) -> Iterator[str]:
    yield "## 3 Details"
    yield "### 3.1 Implementation"
    yield (
        "tocsin, in Python. The same scenario, model, draw and seed give the same bytes on any processor and number of"
        f" threads. Coefficients that nobody can observe are solved for, at a trigger felt as {in_words(s.felt)}:"
    )
    yield fence(docstring(SOLVED))
    yield "### 3.2 Initialisation"
    yield "People are laid out from these numbers; columns start as in section 1.2; parameters are drawn as in 3.4."
    yield input_data.sources(s)
    yield "### 3.3 Input data"
    yield "The script: events that happen whatever the run does, and those that only a variant adds."
    yield input_data.events(s)
    yield _policy(s)
    yield "Reported figures to compare with; they never move a run:"
    yield input_data.targets(s)
    yield "### 3.4 Submodels"
    yield "#### Fate of people and push of ties"
    yield fence(docstring(FATE))
    for m in plan.running:
        yield from _submodel(s, m)


def _policy(s: Scenario) -> str:
    """Who decides, from when on."""
    if not s.policy:
        return "Government and alliance follow the script throughout."
    rows = (
        f"The {name} decides for itself from {s.start + timedelta(hours=hours):%Y-%m-%d %H:%M} on."
        for name, hours in s.policy.items()
    )
    return " ".join(rows)


def _submodel(s: Scenario, m: Mechanism) -> Iterator[str]:
    yield f"#### {heading(m)}"
    yield fence(explanation(m))
    yield parameter_table(m, s.parameters)
    if m.switches:
        yield table(("switch", "channel", "in this scenario"), _switches(s, m))


def _switches(s: Scenario, m: Mechanism) -> Iterable[tuple[str, str, str]]:
    for name, doc in m.switches.items():
        full = f"{m.name}.{name}"
        yield full, doc, "on" if s.switches.get(full, True) else "off"
