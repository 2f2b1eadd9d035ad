"""The alliance that decides for itself: who sends, who agrees, who lands, who leaves, and on what they know."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from tests.contract.small import BY_NAME, act, begin, country, see
from tocsin.state import MEMBER, PATRON, RIVAL, Clock, Effect, Floats, Setting, States

NOTHING: Mapping[str, Any] = MappingProxyType({})
P = {
    "stake": 1.0, "cost": 0.02, "unasked": 0.1, "aligned": 0.8, "reputation": 0.0, "unrest_cost": 0.01, "unrest": 2e-4,
    "noise": 0.0, "deciding": 12.0, "candour": 0.2, "leader": 6.0, "parliament": 36.0, "leader_yes": 0.9,
    "parliament_yes": 0.6, "absence": 0.2, "wary": 0.5, "reopen": 0.2, "patience": 4.0, "reassess": 0.3, "resolve": 0.5,
    "escalation": 3.0, "stay": 3.0, "leave": 6.0, "counter": 0.002,
}  # fmt: skip
OTHERS = {
    "loyalty.belief_level": 0.3, "loyalty.belief_slope": 0.9, "intervention.commit": 0.5,
    "intervention.believed": 12_000.0, "intervention.standing": 0.1, "outcome.calm": 1e-4,
}  # fmt: skip
CRISIS: dict[str, Any] = {
    "requested": 1.0, "reported": [30_000.0, 8_000.0, 2_000.0], "control": [2.0, 0.0, 1.0], "guaranteed": 1.0,
}  # fmt: skip
PATRON_AT, MEMBER_AT, ASSEMBLY_AT, RIVAL_AT = 1, 2, 3, 4
LEAGUE = States(
    names=("Here", "Patron", "Member", "Assembly", "Rival"),
    role=np.array([0, PATRON, MEMBER, MEMBER, RIVAL]),
    side=np.array([1.0, 1.0, 1.0, 1.0, -1.0]),
    consent=np.array([0, 0, 0, 1, 0]),
    contingent=np.array([0.0, 3_000.0, 500.0, 150.0, 800.0]),
    lift=np.array([0.0, 1_000.0, 250.0, 100.0, 200.0]),
    ready=np.array([0.0, 0.5, 1.0, 1.0, 2.0]),
    similarity=np.array([1.0, 0.8, 0.9, 0.6, 0.2]),
    alignment=np.array([1.0, 0.5, 0.5, 0.5, 0.0]),
    population=np.zeros(5),
)


def setting(days: float = 0.25, free: float = 0.0, **states: Any) -> Setting:
    """The small country in a league of a patron, two members and a rival, which decides from the day `free`."""
    return replace(country(), days=days, states=replace(LEAGUE, **states), free={"alliance": free})


def by_name(**values: float | list[float]) -> Callable[[str, int], Floats]:
    """Draws of stated values: by default decisions come up, every vote is a yes, no rival moves."""
    usual = {"decision": 1e-9, "sitting": 1e-9, "vote": 0.3, "counter": 0.99, "reassess": 0.99}
    return lambda name, n: np.broadcast_to(np.array({**usual, "resolve": 0.5, **values}[name]), n).astype(float)


def decide(
    columns: Mapping[str, Any] = NOTHING, where: Setting | None = None, day: float = 5.0, **changes: Any
) -> Effect:
    """One tick. changes: parameters by short name, draws by name with `u_` before it."""
    draws = {k[2:]: v for k, v in changes.items() if k.startswith("u_")}
    own = {f"alliance.{k}": v for k, v in {**P, **changes}.items() if k in P}
    other = {k: changes.get(k.replace(".", "_"), v) for k, v in OTHERS.items()}
    return act(
        "alliance", {**CRISIS, **columns}, setting=where or setting(), clock=Clock(round(day * 4), day, 15.0),
        changes={**own, **other}, draw=by_name(**draws),
    )  # fmt: skip


def after(days: float, columns: Mapping[str, Any], where: Setting, **changes: Any) -> dict[str, Any]:
    """The columns after so many days in which nothing else changes."""
    now = dict(columns)
    for tick in range(round(days / where.days)):
        now.update(decide(now, where, tick * where.days, **changes).columns)
    return now


def rise(force: float, standing: float, crowd: float = 40_000.0, staff: float = 1_300.0) -> float:
    """s(with) - s(without) from science.md 2, by hand; the garrison of the place that is lost does not count."""

    def s(outside: float) -> float:
        return 1 / (1 + math.exp(-(0.3 + 0.9 * math.log((staff + outside + 1) / (crowd + 1)))))

    return s(force) - s(standing)


def test_until_it_is_free_it_follows_the_script() -> None:
    """If it failed, a mission that history did not see would land in the middle of the script."""
    for scene in (CRISIS, {**CRISIS, **THERE, "refused": 1.0, "disorder": 9.0, "quiet": 0.5, "recalled": 7.0}):
        effect, seen = decide(scene, setting(free=6.0), 5.75), see("alliance", scene, setting=setting()).columns
        changed = {n for n, value in effect.columns.items() if not np.array_equal(value, seen[n][0])}
        assert changed <= {"cleared"}
    assert not np.any(decide(where=setting(free=6.0), day=5.75).columns["cleared"])
    assert decide(where=setting(free=6.0), day=6.0).columns["planned"][PATRON_AT] == 3_000
    assert not effect.add
    assert not effect.times


@pytest.mark.parametrize("states", [{"own": 1}, {"role": np.array([0, MEMBER, MEMBER, MEMBER, RIVAL])}])
def test_only_home_has_an_alliance_and_only_with_a_patron(states: dict[str, Any]) -> None:
    """If it failed, societies abroad would send each other troops, or members would march without anyone who leads."""
    assert decide(where=setting(**states)) == Effect()


@pytest.mark.parametrize(("guaranteed", "standing"), [(1.0, 600.0), (0.0, 0.0)])
def test_troops_are_sent_where_the_rise_in_survival_is_worth_the_cost(guaranteed: float, standing: float) -> None:
    """If it failed, the patron would answer to something else than stake x rise > cost."""
    gain = rise(6_000, standing)
    for factor, sent in ((0.999, 3_000), (1.001, 0)):
        found = decide({"guaranteed": guaranteed}, cost=gain * factor, unrest_cost=0.0).columns["planned"]
        assert found[PATRON_AT] == sent
    assert decide(stake=2.0, cost=gain * 2.1, unrest_cost=0.0).columns["planned"][PATRON_AT] == 0


def test_contingents_count_where_nobody_believes_in_more() -> None:
    """If it failed, a patron would think that soldiers whom it can send weigh less than their number."""
    gain = rise(3_650, 60)
    for factor, sent in ((0.999, 3_000), (1.001, 0)):
        effect = decide(cost=gain * factor, unrest_cost=0.0, intervention_believed=1_200.0)
        assert effect.columns["planned"][PATRON_AT] == sent


def test_it_knows_what_it_is_told_and_no_more() -> None:
    """If it failed, the patron would see true crowds, true loyalty or private hearts, and act on them."""
    hidden = {"turnout", "present", "loyal", "force", "stance", "survival", "strength", "defected", "hurt", "believed"}
    assert not hidden & set(BY_NAME["alliance"].reads)
    gain = rise(6_000, 600, crowd=40_000 * math.exp(0.5 * 1.2))
    for factor, sent in ((0.999, 3_000), (1.001, 0)):
        effect = decide({"hearsay": 1.2}, noise=0.5, cost=gain * factor, unrest_cost=0.0)
        assert effect.columns["planned"][PATRON_AT] == sent
    start = begin("alliance", setting=setting(), draw=lambda _, n: np.full(n, 0.5))
    assert start["hearsay"] == pytest.approx([0.0])


def test_a_decision_takes_time() -> None:
    """If it failed, help would be decided in the tick in which it is asked for, or sooner in shorter ticks."""
    for days in (0.25, 0.0625):
        chance = 1 - math.exp(-days * 24 / 12)
        for u, sent in ((chance - 1e-9, 3_000), (chance + 1e-9, 0)):
            assert decide(where=setting(days), u_decision=u).columns["planned"][PATRON_AT] == sent


def test_coming_unasked_costs_more() -> None:
    """If it failed, the request would be a formality by construction, and claim C4 would be decided before any run."""
    gain = rise(6_000, 600)
    for asked, extra in ((1.0, 0.0), (0.0, 0.01)):
        for factor, sent in ((0.99, 3_000), (1.01, 0)):
            effect = decide({"requested": asked}, cost=(gain - extra) * factor, unasked=0.01, unrest_cost=0.0)
            assert effect.columns["planned"][PATRON_AT] == sent


def test_unrest_at_home_alignment_and_reputation_weigh() -> None:
    """If it failed, a patron would ignore its own streets, or claims C17 and C18 could not be asked."""
    gain = rise(6_000, 600)
    for share in (2e-4, 5e-3):
        weight = 0.003 * math.log(1 + share / 2e-4)
        for factor, sent in ((0.99, 3_000), (1.01, 0)):
            effect = decide(
                {"abroad_turnout": [0, share, 0, 0, 0]}, unrest_cost=0.003, cost=(gain - weight) * factor
            )  # fmt: skip
            assert effect.columns["planned"][PATRON_AT] == sent
    friend = setting(alignment=np.array([1.0, 1.0, 0.5, 0.5, 0.0]))
    worth = gain * math.exp(0.8 * 0.5)
    assert decide(where=friend, cost=0.999 * worth, unrest_cost=0.0).columns["planned"][PATRON_AT] == 3_000
    assert decide(where=friend, cost=1.001 * worth, unrest_cost=0.0).columns["planned"][PATRON_AT] == 0
    for asked, guaranteed, counts in ((1, 1, True), (1, 0, False), (0, 1, False)):
        scene = {"requested": float(asked), "guaranteed": float(guaranteed)}
        known = decide(scene, reputation=0.5, cost=0.4, unasked=0.0, unrest_cost=0.0).columns["planned"][PATRON_AT] > 0
        assert known == counts


def test_a_patron_against_the_regime_gains_by_its_fall() -> None:
    """If it failed, a power that stands with the opponents would be asked by the ruler and help to keep him."""
    against = setting(side=np.array([1.0, -1.0, -1.0, -1.0, 0.0]))
    staff, crowd = 1_300.0, 40_000.0

    def s(outside: float) -> float:
        return 1 / (1 + math.exp(-(0.3 + 0.9 * math.log((staff + 1) / (crowd + outside + 1)))))

    gain = s(0) - s(6_000)
    assert gain > 0
    for factor, sent in ((0.99, 3_000), (1.01, 0)):
        effect = decide({"guaranteed": 0.0}, where=against, unasked=0.0, cost=gain * factor, unrest_cost=0.0)
        assert effect.columns["planned"][PATRON_AT] == sent


def test_a_patron_on_nobody_s_side_gains_nothing_either_way() -> None:
    """If it failed, a power that is indifferent to the regime would pay for its rescue, or for its fall."""
    neither = setting(side=np.array([1.0, 0.0, 1.0, 1.0, -1.0]))
    for cost, sent in ((1e-9, 0), (-1e-9, 3_000)):
        effect = decide(where=neither, cost=cost, unasked=0.0, unrest_cost=0.0)
        assert effect.columns["planned"][PATRON_AT] == sent


@pytest.mark.parametrize("end", [1.0, 2.0, 3.0, 4.0])
def test_a_patron_whose_own_regime_has_ended_does_not_send(end: float) -> None:
    """If it failed, a ruler who has been driven out would go on deciding about his army."""
    over = {"abroad_end": [0.0, end, 0.0, 0.0, 0.0]}
    assert decide(over, cost=0.0, unrest_cost=0.0).columns["planned"][PATRON_AT] == 0
    assert decide(cost=0.0, unrest_cost=0.0).columns["planned"][PATRON_AT] == 3_000
    sent = decide({**over, **SENT}, u_sitting=0.999).columns
    assert sent["planned"][PATRON_AT] == 3_000, "what was announced was announced"
    assert sent["cleared"][PATRON_AT] == 0, "but nobody goes"


@pytest.mark.parametrize("end", [1.0, 2.0, 3.0, 4.0])
def test_only_members_whose_regime_stands_have_a_vote(end: float) -> None:
    """If it failed, a government that is gone would agree to send troops, or its silence block an alliance for ever."""
    over = {"abroad_end": [0.0, 0.0, 0.0, end, 0.0]}
    assert list(decide({**over, **SENT}).columns["consented"]) == [0, 1, 1, 0, 0]
    agreed = {**over, **SENT, "consented": [0.0, 1.0, 1.0, 0.0, 0.0]}
    whole = decide(agreed, setting(rule=1), u_sitting=0.999).columns["cleared"]
    assert whole == pytest.approx([0, 0.25, 0.25, 0, 0]), "all who are left agree"
    given = {**over, **SENT, "consented": [0.0, 1.0, -1.0, 1.0, 0.0]}
    for rule, quorum, goes in ((0, 0, [0, 1, 0, 0, 0]), (2, 2, [0] * 5)):
        found = decide(given, setting(rule=rule, quorum=quorum), u_sitting=0.999).columns["cleared"]
        assert found == pytest.approx(0.25 * np.array(goes)), "a word given before the end neither counts nor sends"


def test_a_refusal_may_be_public_and_is_taken_back_by_sending() -> None:
    """If it failed, everybody would know of every refusal, or a patron that sends would still count as refusing."""
    assert decide({"frank": 1.0}, cost=9.0).columns["refused"] == 1
    assert decide({"frank": 0.0}, cost=9.0).columns["refused"] == 0
    assert decide({"frank": 1.0, "requested": 0.0}, cost=9.0).columns["refused"] == 0, "nobody asked"
    assert decide({"refused": 1.0}, cost=9.0).columns["refused"] == 1
    assert decide({"refused": 1.0, "frank": 1.0}, cost=0.0).columns["refused"] == 0


@pytest.mark.parametrize(("u", "frank"), [(0.19, 1.0), (0.21, 0.0)])
def test_whether_a_patron_would_refuse_in_public_is_settled_once(u: float, frank: float) -> None:
    """If it failed, a silent patron would speak up sooner or later: each weighing would be one more chance to."""
    start = begin("alliance", setting=setting(), changes={"alliance.candour": 0.2}, draw=lambda _, n: np.full(n, u))
    assert start["frank"] == [frank]
    now = {**CRISIS, "frank": frank}
    for tick in range(40):
        now.update(decide(now, day=tick * 0.25, cost=9.0).columns)  # draws nothing but what `by_name` lists
        assert now["refused"] == frank


SENT = {"planned": [0.0, 3_000.0, 0.0, 0.0, 0.0], "consented": [0.0, 1.0, 0.0, 0.0, 0.0]}


def test_members_are_asked_once_the_patron_has_decided() -> None:
    """If it failed, members would vote on a mission that nobody has proposed."""
    assert not np.any(decide(cost=9.0).columns["consented"])
    assert list(decide(SENT).columns["consented"]) == [0, 1, 1, 1, 0]
    assert list(decide({"announced": [0, 2_500.0, 0, 0, 0]}).columns["consented"]) == [0, 1, 1, 1, 0]


def test_leaders_answer_soon_and_parliaments_later() -> None:
    """If it failed, a parliament would meet as fast as a leader picks up the telephone, whatever the tick."""
    for days in (0.25, 0.0625):
        for who, hours in ((MEMBER_AT, 6.0), (ASSEMBLY_AT, 36.0)):
            chance = 1 - math.exp(-days * 24 / hours)
            assert decide(SENT, setting(days), u_sitting=chance - 1e-9).columns["consented"][who] == 1
            assert decide(SENT, setting(days), u_sitting=chance + 1e-9).columns["consented"][who] == 0


@pytest.mark.parametrize(
    ("vote", "leader", "parliament"),
    [(0.1, 1, -2), (0.21, 1, 1), (0.67, 1, 1), (0.69, 1, -1), (0.89, 1, -1), (0.91, -1, -1)],
)
def test_votes_fall_as_declared(vote: float, leader: int, parliament: int) -> None:
    """If it failed, a missing quorum (0.2) or a refusal (0.4 of the rest; 0.1 of leaders) would have other chances."""
    consented = decide(SENT, u_vote=vote).columns["consented"]
    assert (consented[MEMBER_AT], consented[ASSEMBLY_AT]) == (leader, parliament)


def test_unrest_among_a_member_s_own_people_lowers_its_consent() -> None:
    """If it failed, rulers would send soldiers as lightly from a country in uproar as from a calm one."""
    odds = 0.9 / 0.1 * (1 + 0.01 / 2e-4) ** -0.5
    yes = odds / (1 + odds)
    scene = {**SENT, "abroad_turnout": [0.0, 0.0, 0.01, 0.0, 0.0]}
    assert decide(scene, u_vote=yes - 1e-6).columns["consented"][MEMBER_AT] == 1
    assert decide(scene, u_vote=yes + 1e-6).columns["consented"][MEMBER_AT] == -1


def test_a_late_yes_is_possible_and_a_given_word_is_kept() -> None:
    """If it failed, a parliament without a quorum on one day could not approve on the next, as one did in 2022."""
    absent = {**SENT, "consented": [0.0, 1.0, 1.0, -2.0, 0.0]}
    assert list(decide(absent).columns["consented"]) == [0, 1, 1, 1, 0]
    assert list(decide(absent, u_vote=0.99).columns["consented"]) == [0, 1, 1, -1, 0]
    refused = {**SENT, "consented": [0.0, 1.0, -1.0, -1.0, 0.0]}
    again = 1 - math.exp(-0.2 * 0.25)
    assert list(decide(refused, u_sitting=again - 1e-9).columns["consented"]) == [0, 1, 1, 1, 0]
    assert list(decide(refused, u_sitting=again + 1e-9).columns["consented"]) == [0, 1, -1, -1, 0]


@pytest.mark.parametrize(
    ("rule", "quorum", "consented", "goes"),
    [
        (0, 0, [0, 1, 0, 0, 0], [0, 1, 0, 0, 0]),
        (0, 0, [0, 1, 1, -1, 0], [0, 1, 1, 0, 0]),
        (1, 0, [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]),
        (1, 0, [0, 1, 1, 1, 0], [0, 1, 1, 1, 0]),
        (2, 2, [0, 1, 0, -1, 0], [0, 0, 0, 0, 0]),
        (2, 2, [0, 1, 1, -1, 0], [0, 1, 1, 0, 0]),
        (2, 3, [0, 1, 1, -1, 0], [0, 0, 0, 0, 0]),
    ],
)
def test_rules_of_consent(rule: int, quorum: int, consented: list[float], goes: list[float]) -> None:
    """If it failed, one member's refusal would stop a mission that it cannot stop, or fail to stop one that it can."""
    scene = {**SENT, "consented": np.array(consented, float)}
    effect = decide(scene, setting(rule=rule, quorum=quorum), u_sitting=0.999)
    assert effect.columns["cleared"] == pytest.approx(0.25 * np.array(goes))


def test_the_script_s_consent_clears_troops_too() -> None:
    """If it failed, an alliance that becomes free after a scripted consent would make everybody wait anew."""
    scene = {"announced": [0, 2_500.0, 0, 0, 0], "consented": [0, 0, 1.0, -2.0, 0], "cleared": [0, 1.0, 0.75, 0, 0]}
    effect = decide(scene, setting(free=99.0))
    assert effect.columns["cleared"] == pytest.approx([0, 1.25, 1.0, 0, 0]), "the patron's leader has decided already"


@pytest.mark.parametrize("days", [0.25, 0.125, 1.0])
def test_contingents_land_when_ready_at_their_lift_up_to_their_size(days: float) -> None:
    """If it failed, troops would land at once, faster than they can be carried, or more than there are."""
    start = {**SENT, "consented": [0.0, 1.0, 1.0, 0.0, 0.0]}
    for passed, patron, member in ((0.0, 0, 0), (1.0, 500, 0), (2.0, 1_500, 250), (3.0, 2_500, 500), (9.0, 3_000, 500)):
        now = after(passed, start, setting(days), u_sitting=0.999, patience=99.0)
        landed = np.sum(now.get("landed", np.zeros((3, 5))), axis=0)
        assert landed == pytest.approx([0, patron, member, 0, 0])


def test_troops_land_where_the_government_still_stands() -> None:
    """If it failed, aircraft would land among the crowds that took the airport; sites and seat say where, else."""
    scene = {**SENT, "cleared": [0, 5.0, 0, 0, 0]}
    weights = np.array([4 / 7 + 0.7, 2 / 7 + 0.3, 1 / 7])
    for control, weight in (([0, 1, 0], weights), ([2, 1, 0], weights * [0, 1, 1]), ([2, 2, 2], weights)):
        landed = decide({**scene, "control": np.array(control, float)}, u_sitting=0.999).columns["landed"]
        assert landed[:, PATRON_AT] == pytest.approx(250 * weight / weight.sum())


def test_troops_that_the_script_landed_count_towards_the_contingent() -> None:
    """If it failed, a mixed scenario would land every contingent twice; and troops on the spot are ready."""
    scene = {**SENT, "arrived": np.array([[0, 1_500.0, 0, 0, 0], [0, 1_400.0, 0, 0, 0], [0, 0, 0, 0, 0]])}
    assert np.sum(decide(scene).columns["landed"]) == pytest.approx(100)
    assert np.sum(decide({**scene, "withdrawn": scene["arrived"]}).columns["landed"]) == pytest.approx(100)


THERE = {
    **SENT, "consented": [0.0, 1.0, 1.0, -1.0, 0.0], "planned": [0, 3_000.0, 500.0, 0, 0],
    "cleared": [0, 9.0, 9.0, 0, 0],
    "landed": np.array([[0, 1_000.0, 0, 0, 0], [0, 2_000.0, 300.0, 0, 0], [0, 0, 200.0, 0, 0]]),
}  # fmt: skip
CALM = {**THERE, "control": 0.0, "reported": [60.0, 40.0, 20.0], "requested": 0.0}


@pytest.mark.parametrize(("resolve", "size", "ending"), [(0.49, 9_000, 0), (0.51, 3_000, 1)])
def test_without_order_the_patron_raises_or_gives_up(resolve: float, size: float, ending: float) -> None:
    """If it failed, a patron could neither escalate nor give up, and enough resolve would prove itself (claim C10)."""
    chance = 1 - math.exp(-0.3 * 0.25)
    for disorder, u, acts in ((3.75, chance - 1e-9, True), (3.75, chance + 1e-9, False), (3.5, 1e-9, False)):
        columns = decide({**THERE, "disorder": disorder}, u_reassess=u, u_resolve=resolve).columns
        assert columns["planned"][PATRON_AT] == (size if acts else 3_000)
        assert columns["ending"] == (ending if acts else 0)
    raised = {**THERE, "planned": [0, 9_000.0, 500.0, 0, 0]}
    assert np.sum(decide(raised, u_sitting=0.999).columns["landed"]) == pytest.approx(3_500 + 250)


def test_order_and_disorder_are_timed_while_troops_are_there() -> None:
    """If it failed, a mission would end before it began, or one riot would count as weeks of disorder."""
    assert decide({**THERE, "disorder": 1.0, "quiet": 2.0}).columns["disorder"] == 1.25
    assert decide({**THERE, "disorder": 1.0, "quiet": 2.0}).columns["quiet"] == 0
    assert decide({**CALM, "disorder": 1.0, "quiet": 2.0}).columns["quiet"] == 2.25
    assert decide({**CALM, "disorder": 1.0, "quiet": 2.0}).columns["disorder"] == 0
    for reported, held in ((124.0, True), (126.0, False)):
        order = decide({**CALM, "reported": [reported, 0.0, 0.0]}).columns["quiet"] > 0
        assert order == held, "one in ten thousand of 1.25 million people"
    assert decide({**CALM, "landed": 0.0}).columns["quiet"] == 0


@pytest.mark.parametrize("days", [0.25, 0.125, 0.5])
def test_after_days_of_order_everybody_leaves_within_days(days: float) -> None:
    """If it failed, troops would stay for ever, vanish at once, or leave more numerous than they came."""
    now = after(3.0 - days, CALM, setting(days), u_sitting=0.999)
    assert now["ending"] == 0
    assert np.sum(now["landed"]) == 3_500
    now = after(days + 3.0, now, setting(days), u_sitting=0.999)
    assert now["ending"] == 1
    assert np.sum(now["recalled"]) == pytest.approx(3_500 * (3.0 + days) / 6)
    assert (now["recalled"] <= now["landed"] + 1e-9).all()
    now = after(9.0, now, setting(days), u_sitting=0.999)
    assert now["recalled"] == pytest.approx(now["landed"])
    assert np.sum(now["landed"]) == 3_500, "nobody comes back"


def test_a_scripted_end_is_carried_out() -> None:
    """If it failed, an alliance that becomes free after its end was announced would stay, or land more troops."""
    columns = decide({**THERE, "leaving": [0, 1.0, 0, 0, 0]}).columns
    assert columns["ending"] == 1
    assert np.array_equal(columns["landed"], THERE["landed"])
    assert np.sum(columns["recalled"]) == pytest.approx(3_500 * 0.25 / 6)
    assert decide({**THERE, "ending": 1.0, "disorder": 9.0}, u_reassess=0.0, u_resolve=0.0).columns["ending"] == 1


def test_a_rival_answers_the_patron_and_nobody_else() -> None:
    """If it failed, a second power would march in alone, or at another rate than declared."""
    chance = 1 - math.exp(-0.002 * 0.25)
    assert decide(cost=9.0, u_counter=0.0).columns["planned"][RIVAL_AT] == 0
    assert decide(SENT, u_counter=chance + 1e-9).columns["planned"][RIVAL_AT] == 0
    columns = decide(SENT, u_counter=chance - 1e-9).columns
    assert columns["planned"][RIVAL_AT] == 800
    assert columns["consented"][RIVAL_AT] == 1
    assert columns["cleared"][RIVAL_AT] == 0.25
    blocked = decide({**SENT, "planned": [0, 3_000.0, 0, 0, 800.0]}, setting(rule=1), u_sitting=0.999).columns
    assert list(blocked["cleared"]) == [0, 0, 0, 0, 0.25], "the alliance's rule does not bind a rival"
