"""Registers of claims: what ships is whole, what is written is what is judged, and nothing ends in a traceback."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tocsin.claims.claim import Claim, Rule
from tocsin.claims.documentary import judge_documentary
from tocsin.claims.estimands import ESTIMANDS, Given
from tocsin.claims.evidence import condition, until
from tocsin.claims.judge import decide
from tocsin.claims.kinds import KINDS
from tocsin.claims.load import check, checked, load, names
from tocsin.claims.numbers import number
from tocsin.claims.schema import MEASURES
from tocsin.claims.spot import line_of
from tocsin.claims.weights import scored
from tocsin.claims.worlds import contrasts_of, world
from tocsin.errors import ScenarioError, TocsinError
from tocsin.scenario.declared import event_kinds
from tocsin.scenario.load import load as load_scenario

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-claim.md"
GOOD = """
[register]
title = "One claim"
date = "2026-11-22"
scenario = "kazakhstan-2022"
source = "made up"

[changes.non-lethal]
drop_kinds = ["rules"]

[[claim]]
name = "A"
text = "Without the troops the ruler would have gone."
says = "somebody"
written = "2022-01"
tag = "statement"
type = "causal"
against = "he stays"

[[claim.part]]
name = "a"
title = "He goes within 30 days"
kind = "effect"
worlds = ["", "no-request+non-lethal"]
event = "fall"
from = "2022-01-06"
horizon = "30 days"
t0 = "2022-01-05 23:00"
free = ["government"]
both = true
direction = "up"
rule = { margin = 0.05, certainty = 0.9 }
"""
ODD = ("3", "-1", '""', '"x"', "true", "[]", "{}", "2022-01-01", '[""]', "[[1]]", "{ x = 1 }", "1e300")


def _written(tmp_path: Path, text: str) -> tuple[Claim, ...]:
    file = tmp_path / "claims.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


@pytest.mark.parametrize("name", list(names()))
def test_shipped_registers_stand(name: str) -> None:
    """If it failed, a claim that ships could not be judged, or would compare a world with itself."""
    assert checked(name)


def test_every_registered_claim_ships() -> None:
    """If it failed, an assertion of the statement or of its rivals would have been left out without a word."""
    claims = {c.name: c for c in load("kazakhstan-2022")}
    assert {*(f"C{i}" for i in range(1, 21)), *(f"R{i}" for i in range(1, 8))} <= claims.keys()
    assert {p.name for p in claims["R1"].parts} == {"R1a", "R1b"}
    assert {p.name for p in claims["R3"].parts} == {"R3a", "R3b"}
    for claim in claims.values():
        assert claim.says
        assert claim.source
        assert claim.against or claim.type == "normative"
        assert all(p.estimand.options.get("reason") for p in claim.parts if p.estimand.kind == "none")


def test_no_troops_is_four_worlds() -> None:
    """If it failed, four different treatments would share one verdict, and the headline might not be the first."""
    claim = load("kazakhstan-2022")[0]
    scenario = load_scenario(claim.scenario)
    parts = {p.name: p.estimand for p in claim.parts}
    assert [p.name for p in claim.parts][:4] == ["V1", "V2", "V3", "V4"]
    assert len({world(scenario, parts[v], parts[v].worlds[0]).hash for v in ("V1", "V2", "V3", "V4")}) == 4
    assert {parts[v].horizon for v in ("V1", "V1-7", "V1-14")} == {30.0, 7.0, 14.0}


def test_a_bayes_factor_has_a_rule_without_one_and_no_condition(tmp_path: Path) -> None:
    """If it failed, a threshold would be read into it that nobody chose, or its figures would count twice."""
    words = (
        'kind = "bayes-factor"\nworlds = ["", "armed-bands"]\n'
        'targets = ["Almaty out of government hands, 5 January 20:00"]'
    )
    start, _, _ = GOOD.replace('[changes.non-lethal]\ndrop_kinds = ["rules"]\n', "").partition('kind = "effect"')
    (claim,) = _written(tmp_path, start + words)
    assert claim.parts[0].rule == Rule(0.75, 0.25)
    assert condition(claim, claim.parts[0]) == "none"
    (claim,) = _written(tmp_path, start + words + "\nrule = { above = 0.9 }")
    assert claim.parts[0].rule == Rule(0.9, 0.25)


def test_what_can_be_compared_is_compared() -> None:
    """If it failed, a claim would be called out of reach although its runs hold the answer."""
    parts = {(c.name, p.name): p.estimand for r in names() for c in load(r) for p in c.parts}
    assert parts["C12", "timing"].kind == "bayes-factor"
    assert parts["C15", "lethal"].options["event"] == "lethal"
    difference = parts["C7", "difference"]
    assert (difference.kind, difference.options["states"]) == ("effect-difference", ["Russia", "Belarus"])
    for one, state in enumerate(("russia", "belarus")):
        own = parts["C7", state]
        assert own.worlds == contrasts_of(difference)[one]
        assert own.options["above"] == difference.options["thresholds"][one]


def judged_at(name: str, part: str, change: float) -> str:
    """What is said of a part if the second world differs from the first by this much in every run."""
    claim = next(c for r in names() for c in load(r) if c.name == name)
    asked = next(p for p in claim.parts if p.name == part)
    first = np.full((400, 2), 1.0 if change < 0 else 0.5)
    tables = dict(zip(asked.estimand.worlds, (first, first + change), strict=True))
    even = np.full(first.shape, 1.0 / first.size)
    made = ESTIMANDS[asked.estimand.kind](Given(asked.estimand, tables, even))
    return decide(asked, [number(made, even, asked.rule.margin)])[0]


def test_what_counts_against_a_claim_refutes_it() -> None:
    """If it failed, a claim would be supported by what its author has said would speak against it."""
    sides = {
        ("C4", "request"): {-0.3: "refuted", 0.0: "supported"},  # sent less often without the request
        ("C9-news", "kyrgyzstan"): {-0.3: "refuted", 0.0: "refuted", 0.3: "supported"},  # fewer where news is heard
        ("C13", "concession"): {-0.3: "refuted", 0.0: "supported"},  # a concession keeps demands about prices
        ("C13", "day"): {2.0: "refuted", 0.1: "supported"},  # it puts the shift off
        ("C15", "killed"): {-0.3: "supported", 0.0: "refuted", 0.3: "refuted"},  # as many killed without seizures
        ("C20", "killed"): {0.3: "supported", 0.0: "refuted", -0.3: "refuted"},  # as many killed with troops
        ("R1", "R1a"): {0.3: "refuted", 0.0: "supported", -0.3: "refuted"},
    }
    for (name, part), expected in sides.items():
        assert {change: judged_at(name, part, change) for change in expected} == expected, (name, part)


def test_the_request_alone_is_what_its_effect_compares() -> None:
    """If it failed, members that agree in one world and not in the other would pass for the effect of the request."""
    claim = next(c for c in load("kazakhstan-2022") if c.name == "C4")
    parts = {p.name: p.estimand for p in claim.parts}
    assert parts["sending"].kind == "none"
    asked, base = parts["request"], load_scenario("kazakhstan-2022")
    with_it, without = (world(base, asked, name) for name in asked.worlds)
    assert with_it.parameters == without.parameters
    assert with_it.policy == without.policy
    decided = {name for name, kind in event_kinds().items() if kind.by == "alliance"}
    left = set(with_it.events) - set(without.events)
    assert {e.kind for e in left} - decided == {"request"}


def test_the_forecast_names_the_figures_that_it_leaves_out() -> None:
    """If it failed, a forecast of the evening of the 5th would seem to know what was counted on that day."""
    claim = next(c for c in load("kazakhstan-2022") if c.name == "C1")
    scenario = load_scenario(claim.scenario)
    asked = next(p.estimand for p in claim.parts if p.name == "V1-forward")
    known = scored(scenario, until(scenario, asked, "t0"))
    day = {t.name for t in scenario.targets if 3.0 < t.day <= 4.0}
    left = day - {t.name for t in known}
    assert len(left) == 4
    assert {name for name in day if name in claim.remark} == left


def test_values_are_never_judged() -> None:
    """If it failed, a program would tell right from wrong."""
    normative = [c for c in load("kazakhstan-2022") if c.type == "normative"]
    assert {"statement", "rival"} == {c.tag for c in normative}
    assert all(p.estimand.kind == "none" for c in normative for p in c.parts)


def test_hash_is_of_what_is_judged(tmp_path: Path) -> None:
    """If it failed, a claim could be changed after its runs unseen, or a new comment would make it exploratory."""
    (first,) = _written(tmp_path, GOOD)
    (moved,) = _written(tmp_path, "# a comment\n\n" + GOOD)
    (changed,) = _written(tmp_path, GOOD.replace("margin = 0.05", "margin = 0.06"))
    (other,) = _written(tmp_path, GOOD.replace('drop_kinds = ["rules"]', 'drop_kinds = ["blame"]'))
    assert first.hash == moved.hash
    assert first.where != moved.where
    assert len({first.hash, changed.hash, other.hash}) == 3


def test_places_survive_a_copy(tmp_path: Path) -> None:
    """If it failed, a fault that is found in another process could not name its line."""
    (claim,) = _written(tmp_path, GOOD)
    for again in (copy.deepcopy(claim), pickle.loads(pickle.dumps(claim))):
        assert again == claim
        assert line_of(again.where, "a.horizon", "").endswith(":27:1")


def test_claims_about_other_scenarios_are_passed_over(tmp_path: Path) -> None:
    """If it failed, a register about two cases could be checked against neither."""
    claims = _written(tmp_path, GOOD.replace("no-request+", "nonsense+"))
    check(claims, load_scenario("belarus-2020"))
    with pytest.raises(ScenarioError, match="nonsense"):
        check(claims, load_scenario("kazakhstan-2022"))


def test_all_faults_at_once(tmp_path: Path) -> None:
    """If it failed, an author would have to run the check once for every mistake."""
    with pytest.raises(TocsinError) as found:
        _written(tmp_path, GOOD.replace('"statement"', '"x"').replace('"30 days"', '"0 days"'))
    assert found.value.message().count("do:") == 2


@pytest.mark.parametrize("line", [i for i, text in enumerate(GOOD.splitlines()) if " = " in text])
def test_odd_values_end_in_a_message(tmp_path: Path, line: int) -> None:
    """If it failed, a slip of the pen would end in a traceback."""
    lines = GOOD.splitlines()
    for value in ODD:
        changed = [*lines[:line], f"{lines[line].split(' = ')[0]} = {value}", *lines[line + 1 :]]
        file = tmp_path / "claims.toml"
        file.write_text("\n".join(changed), encoding="utf-8")
        with contextlib.suppress(TocsinError):
            checked(file)


def test_kinds_and_measures_are_documented() -> None:
    """If it failed, an author could not find out what a kind of estimand computes."""
    page = PAGE.read_text(encoding="utf-8")
    assert not {word for word in (*KINDS, *MEASURES) if f"`{word}`" not in page}


def test_the_claim_of_the_page_stands(tmp_path: Path) -> None:
    """If it failed, everybody's first claim would start from a wrong example."""
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "page.toml"
    file.write_text(block, encoding="utf-8")
    (claim,) = checked(file)
    assert judge_documentary(claim, claim.parts[1]).kind == "supported"


def test_reading_claims_is_light() -> None:
    """If it failed, looking a claim up would wait for a compiler."""
    code = (
        "import sys, json; from tocsin.claims.load import checked; checked('kazakhstan-2022');"
        "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules} & {'numba', 'pyarrow', 'scipy'})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
