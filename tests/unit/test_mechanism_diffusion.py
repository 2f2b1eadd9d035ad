"""M17: the example and the warning of other states, on numbers done by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.contract.small import BY_NAME, act, full, league, see
from tocsin.engine.compose import compose
from tocsin.state import Effect

TAKEN = {
    "diffusion.example_weight": 0.4, "diffusion.warning_weight": 0.3, "diffusion.uproar_weight": 0.5,
    "diffusion.noticed": 1e-3, "diffusion.deaths": 10.0, "diffusion.memory": 60.0, "diffusion.concession": 0.25,
}  # fmt: skip
HOME = league()
REACH = np.array([0.4, 0.2, 0.0])
STATE = {name: i for i, name in enumerate(HOME.states.names)}
FADED = math.exp(-0.25 / 60)


def at(**values: float) -> list[float]:
    """One number per state, 0 where none is given."""
    return [values.get(name, 0.0) for name in STATE]


def rule(columns: dict[str, Any], *, changes: dict[str, float] | None = None, **how: Any) -> Effect:
    """One tick at home in the league, or in the setting given."""
    how = {"setting": HOME, **how}
    seen = {"reach": REACH, **columns}
    return act("diffusion", seen, changes={**TAKEN, **(changes or {})}, **how)


def lift(effect: Effect) -> Any:
    """The change of log-odds by place."""
    return effect.add["gamma"].ravel()


def test_a_warning_that_wavers_is_learned_once() -> None:
    """If it failed, a handful of deaths that are counted anew, or troops who come back, would teach as a new crushing.

    Foreign troops in a country with deaths leave, and return: the second time is no news.
    """
    columns: dict[str, Any] = {"abroad_killed": at(Member=30.0)}
    taught = []
    for troops in (100.0, 0.0, 100.0, 100.0):
        columns.update(rule({**columns, "abroad_troops": at(Member=troops)}).columns)
        taught.append(columns["warning"][STATE["Member"]])
    assert taught == pytest.approx([1.0, FADED, FADED**2, FADED**3])


def test_a_state_alone_gets_exactly_nothing() -> None:
    """If it failed, a run of one country would differ from the same run without this mechanism, in bits."""
    busy = {"abroad_end": 1.0, "abroad_turnout": 0.1, "abroad_killed": 50.0, "abroad_troops": 900.0, "example": 0.5}
    seen = see("diffusion", {"reach": REACH, **busy}, changes={**TAKEN, "diffusion.uproar_weight": 10.0})
    other = Effect(add={"gamma": np.full((1, 3), -7.3)}, times={"rate": np.full((1, 3), 0.31)})
    with_it, without = full(compose([other, BY_NAME["diffusion"].rule(seen.view)])), full(compose([other]))
    for name, value in without.items():
        assert value.tobytes() == with_it[name].tobytes(), name


@pytest.mark.parametrize("word", ["fell", "ruler-left"])
def test_a_fall_elsewhere_encourages_by_likeness_and_reach(word: str) -> None:
    """If it failed, a revolution would stir far and unlike countries as much as near ones, or places without news."""
    code = BY_NAME["diffusion"].events[0].choices[word]
    effect = rule({"elsewhere": at(Neighbour=code)})
    assert lift(effect) == pytest.approx(0.4 * 0.6 * REACH)
    assert lift(rule({"elsewhere": at(Rival=code)})) == pytest.approx(0.4 * 0.2 * REACH)


@pytest.mark.parametrize("end", [1.0, 2.0, 3.0])
def test_the_fall_of_a_society_of_the_run_counts_as_a_scripted_one(end: float) -> None:
    """If it failed, simulated neighbours would teach nothing."""
    assert lift(rule({"abroad_end": at(Member=end)})) == pytest.approx(0.4 * 0.9 * REACH)


def test_concessions_elsewhere_encourage_less_than_a_fall() -> None:
    """If it failed, a ruler who gives way would set no example, or the same as one who is driven out."""
    assert lift(rule({"abroad_conceded": at(Member=2.0)})) == pytest.approx(0.4 * 0.9 * (1 - math.exp(-0.5)) * REACH)


@pytest.mark.parametrize("seen", [{"elsewhere": at(Member=-1.0)}, {"elsewhere": at(Member=4.0)},
                                  {"abroad_end": at(Member=4.0)}, {"abroad_troops": at(Member=100.0)}])  # fmt: skip
def test_a_crushed_rising_a_war_or_foreign_troops_deter(seen: dict[str, Any]) -> None:
    """If it failed, a mission next door could only ever encourage (science.md 2: deterrence as well)."""
    assert lift(rule(seen)) == pytest.approx(-0.3 * 0.9 * REACH)


def test_deaths_elsewhere_warn_by_their_number() -> None:
    """If it failed, ten dead in a large country would deter as much as ten thousand; 3 million live in the member."""
    dead = lift(rule({"abroad_killed": at(Member=30.0)}))
    assert dead == pytest.approx(-0.3 * 0.9 * (1 - math.exp(-1.0)) * REACH)
    fallen = {"abroad_killed": at(Member=30.0), "abroad_end": at(Member=1.0)}
    assert not lift(rule(fallen, on={"encouragement": False})).any(), "a rising that won warns nobody"


@pytest.mark.parametrize(("encouragement", "deterrence"), [(0.2, 0.5), (0.5, 0.2), (-0.3, 0.1), (0.1, -0.3)])
def test_the_sign_of_the_sum_is_free(encouragement: float, deterrence: float) -> None:
    """If it failed, the construction would decide whether unrest abroad helps or harms rulers."""
    effect = rule(
        {"elsewhere": at(Neighbour=1.0), "abroad_troops": at(Member=100.0)},
        changes={"diffusion.example_weight": encouragement, "diffusion.warning_weight": deterrence},
    )
    assert lift(effect) == pytest.approx((0.6 * encouragement - 0.9 * deterrence) * REACH)


def test_an_event_is_learned_once_and_fades() -> None:
    """If it failed, one fall would stir again every tick, or for ever."""
    columns: dict[str, Any] = {"elsewhere": at(Neighbour=1.0)}
    for _ in range(241):  # the first tick learns it, 240 quarters of a day are the memory of sixty days
        columns.update(rule(columns).columns)
    assert columns["example"][STATE["Neighbour"]] == pytest.approx(math.exp(-1.0))


def test_a_second_event_counts_anew_but_never_for_more_than_one() -> None:
    """If it failed, calm between two falls would hide the second, or two would weigh more than the worst there is."""
    columns: dict[str, Any] = {}
    for code in (1.0, 0.0, 1.0):
        columns.update(rule({**columns, "elsewhere": at(Neighbour=code)}).columns)
    assert columns["example"][STATE["Neighbour"]] == pytest.approx(1.0)


def test_two_societies_are_as_alike_as_both_are_to_home() -> None:
    """If it failed, the patron's people would see a member with home's eyes; home itself they see by their own."""
    abroad = league(own=STATE["Patron"])
    assert lift(rule({"abroad_end": at(Member=1.0)}, setting=abroad)) == pytest.approx(0.4 * 0.8 * 0.9 * REACH)
    assert lift(rule({"abroad_end": at(Here=1.0)}, setting=abroad)) == pytest.approx(0.4 * 0.8 * REACH)
    assert not lift(rule({"abroad_end": at(Patron=1.0)}, setting=abroad)).any(), "not from themselves"


def test_unrest_elsewhere_makes_quiet_people_think_of_it() -> None:
    """If it failed, nobody would talk of the crowds next door until a ruler falls."""
    rate = rule({"abroad_turnout": at(Member=1e-3), "elsewhere": at(Neighbour=4.0)}).times["rate"][:, 0]
    talk = 0.5 * (0.9 * (1 - math.exp(-1.0)) + 0.6)
    assert rate[:, 0] == pytest.approx(1 + talk * REACH)
    assert rate[:, 4] == pytest.approx(1 + talk * REACH)
    assert (rate[:, 1:4] == 1.0).all(), "people in action have news of their own"


@pytest.mark.parametrize(
    ("switch", "weight"), [("encouragement", "example"), ("deterrence", "warning"), ("attention", "uproar")]
)
def test_each_channel_can_be_switched_off_alone(switch: str, weight: str) -> None:
    """If it failed, a contrast of encouragement with deterrence would mix the two."""
    seen = {"elsewhere": at(Neighbour=1.0), "abroad_troops": at(Member=9.0), "abroad_turnout": at(Member=0.01)}
    off, none = rule(seen, on={switch: False}), rule(seen, changes={f"diffusion.{weight}_weight": 0.0})
    assert np.array_equal(off.add["gamma"], none.add["gamma"])
    assert np.array_equal(off.times["rate"], none.times["rate"])
    whole = rule(seen)
    assert np.array_equal(off.add["gamma"], whole.add["gamma"]) == (switch == "attention")
    assert np.array_equal(off.times["rate"], whole.times["rate"]) == (switch != "attention")


def test_memory_fades_by_days_whatever_the_tick() -> None:
    """If it failed, the length of a tick would decide how long a neighbour's fall is remembered."""
    ends = []
    for days in (0.25, 0.0625):
        setting, columns = replace(HOME, days=days), {"example": at(Neighbour=0.8), "warning": at(Rival=0.5)}
        for _ in range(round(3.0 / days)):
            columns.update(rule(columns, setting=setting).columns)
        ends.append((columns["example"][4], columns["warning"][3]))
    assert ends[0] == pytest.approx((0.8 * FADED**12, 0.5 * FADED**12))
    assert ends[1] == pytest.approx(ends[0])
