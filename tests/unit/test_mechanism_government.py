"""What the government orders by itself or by the script, and where its staff stand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from tests.contract.small import BY_NAME, act, begin, country
from tocsin.state import MEMBER, PATRON, Clock, Effect, Floats, Setting, States

NOTHING: Mapping[str, Any] = MappingProxyType({})
POLICY = {
    "deployable": 0.3, "concession": 0.02, "embolden": 0.05, "pace": 2.0, "relax": 0.5, "calm": 1e-4,
    "emergency_at": 0.01, "pressed": 10.0, "lethal_pace": 1.0, "seized_at": 1.0, "armed_at": 20.0, "losses_at": 0.1,
    "withdraw_at": 50.0, "withdrawn": 0.6, "shutdown_at": 0.02, "concede_at": 0.01, "concede_pace": 0.4,
    "concede_most": 3.0, "reshuffle_below": 0.3, "request_below": 0.5,
}  # fmt: skip
AT = ("emergency_at", "pressed", "armed_at", "losses_at", "withdraw_at", "shutdown_at", "concede_at", "seized_at")
BELOW = ("reshuffle_below", "request_below", "calm")
NEVER = {**dict.fromkeys(AT, math.inf), **dict.fromkeys(BELOW, 0.0)}
AT_ONCE = {**dict.fromkeys(AT, 0.0), "reshuffle_below": 1.0, "request_below": 1.0, "calm": 0.0, "withdrawn": 0.6}
FAST = {"pace": 1e9, "lethal_pace": 1e9, "concede_pace": 1e9, "relax": 1e9}
ORDERS = ("emergency", "rules", "aside", "shutdown_ordered", "conceded", "reshuffle_ordered", "requested")
WORST: dict[str, Any] = {
    "reported": [4e5, 9e4, 2e4], "force": [900.0, 100.0, 10.0], "withheld": 0.0, "recovering": 600.0,
    "control": [2, 1, 1], "armed": 300.0,
}  # fmt: skip
PEACE: dict[str, Any] = {"reported": 0.0, "force": [1_500.0, 270.0, 120.0], "control": 0.0}
ORDERED: dict[str, Any] = {
    "emergency": 1.0, "rules": 2.0, "aside": 0.6, "shutdown_ordered": 1.0, "conceded": 2.0, "requested": 1.0,
    "reshuffle_ordered": 1.0,
}  # fmt: skip


def allied(own: int = 0, role: int = PATRON, day: float = 0.0, days: float = 0.25) -> Setting:
    """The small country beside one other state, with a government that decides for itself from `day` on."""
    states = States(names=("home", "other"), own=own, role=np.array([0, role]))
    return replace(country(), states=states, free={"government": day}, days=days)


def decide(
    columns: Mapping[str, Any], changes: Mapping[str, float] = NOTHING, u: float = 0.5, **how: Any
) -> dict[str, Any]:
    """The columns after one tick of a government that decides, with the same luck everywhere."""
    numbers = {f"government.{name}": value for name, value in {**POLICY, **changes}.items()}
    numbers |= {"loyalty.belief_level": 0.5, "loyalty.belief_slope": 0.8, "law.noise": 0.1}
    how = {"setting": allied(), "draw": lambda _, n: np.full(n, u), **how}
    effect = act("government", columns, changes=numbers, **how)
    return {name: np.broadcast_to(value, np.shape(value) or (1,)) for name, value in effect.columns.items()}


@pytest.mark.parametrize("scene", [WORST, PEACE, {**WORST, **ORDERED}, {**PEACE, **ORDERED}])
def test_unreachable_thresholds_order_nothing(scene: dict[str, Any]) -> None:
    """If it failed, a government with no reason to act would act, and free would differ from an empty script."""
    decided = decide(scene, {**NEVER, **FAST}, u=1e-12)
    scripted = decide(scene, {**NEVER, **FAST}, u=1e-12, setting=allied(day=math.inf))
    for name in ORDERS:
        before = np.broadcast_to(scene.get(name, float(name == "rules")), decided[name].shape)
        assert decided[name].tobytes() == scripted[name].tobytes() == np.array(before, np.float64).tobytes()
    assert decided.keys() == scripted.keys()


def test_thresholds_of_zero_order_everything_at_once() -> None:
    """If it failed, some order could never be given by a government that decides for itself."""
    first = decide(PEACE, {**AT_ONCE, **FAST}, u=0.999)
    for name in ORDERS:
        assert first[name] == pytest.approx({"rules": 2.0, "aside": 0.6}.get(name, 1.0)), name
    again = decide({**PEACE, **first}, {**AT_ONCE, **FAST}, u=0.999)
    assert again["conceded"] == pytest.approx(2.0), "one concession a tick"
    last = decide({**PEACE, **first, "conceded": 3.0}, {**AT_ONCE, **FAST}, u=0.999)
    assert last["conceded"] == pytest.approx(3.0), "a few at most"


@pytest.mark.parametrize("scene", [WORST, PEACE, {**WORST, **ORDERED}, {**PEACE, **ORDERED}])
def test_the_script_is_left_alone_until_the_moment(scene: dict[str, Any]) -> None:
    """If it failed, a recorded history would be overwritten by a policy that nobody asked for."""
    setting = allied(day=NOON_DAY + 10.0)
    kept = decide(scene, FAST, u=1e-12, setting=setting)
    for name in ORDERS:
        assert kept[name] == pytest.approx(np.broadcast_to(scene.get(name, float(name == "rules")), kept[name].shape))


NOON_DAY = 2.5


def test_a_policy_takes_over_what_is_in_force() -> None:
    """If it failed, a shutdown that was in force would end, or an emergency lapse, when the script ends."""
    scene = {**WORST, **ORDERED, "shutdown": [1.0, 0.5, 0.0], "shutdown_ordered": 0.0}
    for when, taken in ((2.0, 0.0), (2.25, 0.0), (2.26, 1.0), (2.5, 1.0), (2.51, 0.0), (2.75, 0.0), (math.inf, 0.0)):
        after = decide(scene, NEVER, u=0.999, setting=allied(day=when))
        assert after["shutdown_ordered"] == pytest.approx(np.array([1.0, 0.5, 0.0]) * taken)
        assert after["emergency"] == pytest.approx(1.0)
    for tick, taken in ((3, 0.0), (4, 1.0), (5, 0.0), (6, 0.0)):
        sixths = allied(day=16 / 24, days=1 / 6)
        after = decide(scene, NEVER, u=0.999, setting=sixths, clock=Clock(tick, tick * (1 / 6), 18.0))
        assert after["shutdown_ordered"][0] == taken, "ticks that are no binary part of a day"


@pytest.mark.parametrize("own", [0, 1])
@pytest.mark.parametrize("days", [0.25, 1 / 6, 1 / 24])
def test_a_shutdown_outlasts_the_change_from_script_to_policy(days: float, own: int) -> None:
    """If it failed, the network would come back for a moment when a policy takes over, or never under one that lifts.

    M5 and M13 together, tick by tick: cut by the script on the second day, free from the third; then either nothing
    reaches a threshold, or calm lifts it at once. Abroad the script of a shutdown holds whatever is ordered.
    """
    for changes, lifted in ((NEVER, False), ({**NEVER, **FAST, "calm": 1.0}, True)):
        setting = allied(own=own, day=2.0 * (own == 0), days=days)
        ordered: Any = 0.0
        for tick in range(round(4 / days)):
            cut = 0.8 * (tick * days >= 1.0)
            clock = Clock(tick, tick * days, 12.0)
            seen = {"shutdown": cut, "shutdown_ordered": ordered}
            after = act("information", seen, changes={"information.dispersal": 1.0}, setting=setting, clock=clock)
            in_force = after.columns["local"] - 1.0
            over = lifted and own == 0 and tick * days > 2.0 + 1.5 * days
            assert in_force == pytest.approx([0.0 if over else cut] * 3, abs=1e-12), tick
            ordered = decide({**PEACE, **seen}, changes, setting=setting, clock=clock)["shutdown_ordered"]


CAUSES: list[tuple[str, dict[str, Any], float]] = [
    ("emergency", {"reported": [10_000, 0, 0]}, 2.0),
    ("emergency", {"control": [1, 0, 0]}, 2.0),
    ("rules", {"reported": [15_010, 0, 0]}, 1.0),
    ("rules", {"control": [1, 0, 0]}, 1.0),
    ("rules", {"armed": [20, 0, 0]}, 1.0),
    ("rules", {"recovering": [150.2, 0, 0]}, 1.0),
    ("rules", {"reported": [15_010, 0, 0], "rules": 0.0}, 2.0),
    ("aside", {"reported": [75_050, 0, 0]}, 2.0),
    ("shutdown_ordered", {"reported": [25_000, 0, 0]}, 2.0),
    ("conceded", {"reported": [12_500, 0, 0]}, 0.4),
    ("requested", {"reported": [0, 3_540, 0]}, 2.0),
    ("reshuffle_ordered", {"reported": [0, 0, 10_200]}, 2.0),
]


@pytest.mark.parametrize(("name", "cause", "rate"), CAUSES)
@pytest.mark.parametrize("parts", [1, 4])
def test_orders_are_given_on_their_cause_at_their_rate(
    name: str, cause: dict[str, Any], rate: float, parts: int
) -> None:
    """If it failed, an order would come without its reason, too soon or too late, or more often in short ticks."""
    setting = allied(days=0.25 / parts)
    chance = 1 - math.exp(-rate * setting.days)
    before = float(cause.get(name, float(name == "rules")))
    for u, given in ((chance - 1e-9, True), (chance + 1e-9, False)):
        after = decide({**PEACE, **cause}, u=u, setting=setting)[name][0]
        assert (after > before) == given
    calm = {k: 0.99 * np.array(v, np.float64) for k, v in cause.items() if k not in ("control", "rules")}
    assert decide({**PEACE, **calm, "rules": 1.0}, u=1e-12)[name][0] == float(name == "rules"), (
        "not before its threshold"
    )


@pytest.mark.parametrize("parts", [1, 2, 4, 8, 24])
def test_halving_the_tick_moves_orders_alike(parts: int) -> None:
    """If it failed, the length of a tick would decide when an emergency comes: its due time converges."""
    setting, changes = allied(days=0.25 / parts), {"forces.report_delay": 12.0, "forces.report_bias": 1.0}
    columns: dict[str, Any] = {**PEACE, "turnout": [40_000.0, 0.0, 0.0]}
    due = 0.0
    for _ in range(8 * parts):
        due += setting.days * decide(columns, u=1e-12, setting=setting)["emergency"][0]
        columns["reported"] = staff(columns, setting, **changes).columns["reported"]
    heard = 0.5 * math.log(1 / (1 - 0.25))
    assert heard - 1e-9 <= 2.0 - due <= heard + setting.days + 1e-9


def test_orders_are_lifted_when_reports_are_calm() -> None:
    """If it failed, an emergency would outlast the unrest for ever, or end while a place is lost."""
    back = 1 - math.exp(-0.5 * 0.25)
    lifted = decide({**PEACE, **ORDERED}, u=back - 1e-9)
    kept = decide({**PEACE, **ORDERED}, u=back + 1e-9)
    for name, low in (("emergency", 0.0), ("rules", 1.0), ("aside", 0.0), ("shutdown_ordered", 0.0)):
        assert lifted[name] == pytest.approx(low)
        assert kept[name] == pytest.approx(ORDERED[name])
    for name in ("conceded", "requested", "reshuffle_ordered"):
        assert lifted[name] == pytest.approx(ORDERED[name]), "what was given is not taken back"
    uneasy = decide(
        {**PEACE, **ORDERED, "reported": [200, 10, 1], "control": [0, 0, 1]}, NEVER | {"calm": 1e-4}, u=1e-9
    )
    assert uneasy["emergency"] == pytest.approx([1, 0, 1])
    assert uneasy["rules"] == pytest.approx([2, 1, 2])
    assert uneasy["shutdown_ordered"] == pytest.approx(1.0), "the country is not quiet while a place is out of hand"


def test_values_of_the_script_outside_the_policy_stay() -> None:
    """If it failed, the switch to a policy would undo concessions, or soldiers who stood by would be armed by calm."""
    odd = {"conceded": 5.0, "aside": 0.9, "rules": 0.0}
    calm = decide({**PEACE, **odd}, NEVER | {"calm": 1e-4}, u=1e-12)
    assert (calm["conceded"] == 5).all()
    assert (calm["rules"] == 0).all()
    hot = decide({**WORST, **odd}, FAST, u=0.5)
    assert (hot["conceded"] == 5).all()
    assert hot["aside"] == pytest.approx(0.9)


def test_one_decision_for_the_country_is_one_draw() -> None:
    """If it failed, places would be cut off or appeased one by one by a decision that is taken for all."""
    asked: dict[str, int] = {}

    def draw(name: str, n: int) -> Floats:
        asked[name] = n
        return np.full(n, 0.5)

    decide(WORST, draw=draw)
    wide = {"emergency", "rules", "aside"}
    assert asked == {name: 3 if name in wide else 1 for name in ORDERS}


@pytest.mark.parametrize(("own", "role", "asks"), [(0, PATRON, True), (1, PATRON, False), (0, MEMBER, False)])
def test_help_is_asked_of_a_patron_from_home_only(own: int, role: int, asks: bool) -> None:
    """If it failed, a state without a patron, or the patron itself, would call for troops."""
    after = decide(WORST, FAST, setting=allied(own, role))
    assert bool(after["requested"][0]) == asks
    assert after["reshuffle_ordered"][0] == 1


@pytest.mark.parametrize(("control", "force"), [((0, 0, 0), 1_890), ((2, 1, 0), 390), ((2, 2, 2), 0)])
def test_the_government_believes_what_it_is_told(control: Any, force: float) -> None:
    """If it failed, the government would know true crowds, or count on staff in places it has lost."""
    scene = {**PEACE, "reported": [3_000, 200, 50], "control": control}
    believed = 1 / (1 + math.exp(-(0.5 + 0.8 * math.log((force + 1) / 3_251))))
    for below, asks in ((believed + 1e-9, 1.0), (believed - 1e-9, 0.0)):
        assert decide(scene, {**FAST, "request_below": below})["requested"][0] == asks
    reads = set(BY_NAME["government"].reads)
    assert not reads & {"turnout", "present", "loyal", "believed", "survival", "strength", "stance", "killed"}


def test_more_trouble_never_softens_an_order() -> None:
    """If it failed, a larger reported crowd or a lost place could make the government milder."""
    for u in np.linspace(0.01, 0.99, 25):
        for name in ("emergency", "rules", "aside", "shutdown_ordered", "conceded", "requested"):
            crowds = [
                decide({**PEACE, **ORDERED, name: 1.0, "reported": [a, 0, 0]}, u=u)[name][0] for a in (0, 1e3, 3e4, 5e5)
            ]
            losses = [decide({**PEACE, name: 1.0, "control": [c, 0, 0]}, u=u)[name][0] for c in (0, 1, 2)]
            assert crowds == sorted(crowds)
            assert losses == sorted(losses)


def test_concessions_appease_and_embolden() -> None:
    """Else giving way could only calm; Rasler found that it also raised protest."""
    changes = {"government.concession": 0.02, "government.embolden": 0.05, "law.noise": 0.1}
    effect = act("government", {"conceded": [2, 1, 0]}, changes=changes)
    assert effect.columns["appeasement"] == pytest.approx([0.04, 0.02, 0.0])
    for name in ("sigma_h", "sigma_w"):
        assert effect.add[name].ravel() == pytest.approx([1.0, 0.5, 0.0])


STAFF = {
    "government.deployable": 0.3, "forces.mobile": 0.4, "forces.muster": 6.0, "forces.speed": 50.0,
    "forces.heal": 0.2, "forces.report_delay": 8.0, "forces.report_bias": 0.6,
}  # fmt: skip
HOME = np.array([1_500.0, 270.0, 120.0])


def staff(columns: Mapping[str, Any], setting: Setting | None = None, **changes: float) -> Effect:
    """One tick of the government's staff."""
    return act("forces", columns, changes={**STAFF, **changes}, setting=setting)


def everyone(columns: Mapping[str, Any]) -> float:
    """Staff in the street, aside and injured."""
    return float(sum(np.sum(columns[name]) for name in ("force", "withheld", "recovering")))


def test_staff_are_conserved() -> None:
    """If it failed, officers would appear or vanish on the road, in hospital or by an order to stand aside."""
    columns: dict[str, Any] = {"withheld": np.zeros(3), "recovering": np.zeros(3)}
    columns |= begin("forces", changes=STAFF)
    assert columns["force"] == pytest.approx(HOME)
    scenes = (
        {"turnout": [9_000, 0, 0], "hurt": [300.0, 20.0, 5_000.0]}, {"turnout": [0, 0, 5_000], "aside": [1.0, 0.3, 0]},
        {"turnout": [0, 4_000, 4_000], "aside": [0.2, 0, 1.0], "hurt": 1.0}, {"turnout": [0, 9_000, 0], "aside": 0.0},
    )  # fmt: skip
    for scene in scenes:
        for _ in range(8):
            columns.update(staff({**columns, **scene}).columns)
            assert everyone(columns) == pytest.approx(1_890, rel=1e-12)
            assert all((columns[name] >= 0).all() for name in ("force", "withheld", "recovering"))


def test_the_reserve_goes_where_crowds_were_reported() -> None:
    """Else help would never come, come at once, or be sent to where nobody has reported anything yet."""
    unseen = staff({"force": HOME, "turnout": [0, 0, 50_000]}).columns
    known = staff({"force": HOME, "reported": [0, 0, 50_000], "turnout": 0}).columns
    assert unseen["force"][2] < 125
    assert unseen["reported"] == pytest.approx([0, 0, 0.6 * 50_000 * (1 - math.exp(-6 / 8))])
    threat = np.array([100.0, 20.0, 50_005.0])
    wanted = 0.6 * HOME + 0.4 * 1_890 * threat / threat.sum()
    leaves = (HOME - wanted)[:2] * (1 - np.exp(-6 / (6 + np.array([400.0, 350.0]) / 50)))
    assert known["force"][:2] == pytest.approx(HOME[:2] - leaves)
    assert known["force"][2] == pytest.approx(HOME[2] + leaves.sum())


def test_staff_from_farther_away_come_later() -> None:
    """If it failed, a garrison a thousand kilometres away would be in the street as soon as one next door."""
    setting = replace(country(), garrison=np.full(3, 900.0), population=np.full(3, 1e5))
    scene = {"force": 270.0, "reported": [0, 0, 50_000]}
    sent = 270.0 - staff(scene, setting).columns["force"]
    assert 0 < sent[0] < sent[1], "the first place lies 400 km away, the second 350"
    near = 270.0 - staff(scene, replace(setting, km=np.zeros((3, 3)))).columns["force"]
    assert near[0] == pytest.approx(near[1])
    assert (near[:2] > sent[:2]).all()


def test_staff_ordered_aside_face_nobody_and_come_back() -> None:
    """If it failed, an order to stand aside would cost nothing, or the staff would be gone for good."""
    still = {"forces.mobile": 0.0}
    away = staff({"force": HOME, "aside": [0.5, 0, 0]}, None, **still).columns
    assert away["withheld"] == pytest.approx([750, 0, 0])
    assert away["force"] == pytest.approx(HOME - away["withheld"])
    back = staff({"force": away["force"], "withheld": away["withheld"], "aside": 0.0}, None, **still).columns
    assert back["withheld"] == pytest.approx([750 * math.exp(-1), 0, 0])
    assert back["force"] == pytest.approx(HOME - back["withheld"])


def test_the_injured_are_out_and_recover() -> None:
    """Else injuries would cost the government nothing, or more people than it had; or nobody would recover."""
    effect = staff({"force": [100.0, 100.0, 10.0], "hurt": [30.0, 0.0, 50.0]})
    assert effect.columns["force"].sum() == pytest.approx(170)
    assert effect.columns["recovering"] == pytest.approx([30, 0, 10])
    later = staff({"force": [70.0, 100.0, 0.0], "recovering": [30.0, 0.0, 10.0]}).columns
    assert later["recovering"] == pytest.approx(np.array([30, 0, 10]) * math.exp(-0.2 * 0.25))


def test_reports_follow_crowds_late_and_with_a_bias() -> None:
    """Else the government would know the true crowd at once, or hear another number in shorter ticks."""
    for parts in (1, 3, 12):
        setting = replace(country(), days=0.25 / parts)
        columns: dict[str, Any] = {"force": 100.0, "turnout": [30_000.0, 500.0, 0.0], "reported": [0.0, 900.0, 80.0]}
        for _ in range(parts):
            columns["reported"] = staff(columns, setting).columns["reported"]
        old = math.exp(-6 / 8)
        told = [18_000 * (1 - old), 300 + 600 * old, 80 * old]
        assert columns["reported"] == pytest.approx(told)
    for _ in range(60):
        columns["reported"] = staff(columns).columns["reported"]
    assert columns["reported"] == pytest.approx([18_000, 300, 0], abs=1e-3)


def test_halving_the_tick_moves_staff_alike() -> None:
    """If it failed, the length of a tick would decide when reinforcements arrive: halving it converges."""
    found = []
    for parts in (1, 2, 4, 8, 16):
        setting = replace(country(), days=0.25 / parts)
        columns: dict[str, Any] = {"force": HOME, "withheld": np.zeros(3), "recovering": [50.0, 0, 0]}
        columns |= {"reported": [0, 0, 50_000], "turnout": [0, 0, 50_000 / 0.6], "aside": [0.2, 0, 0]}
        for _ in range(4 * parts):
            columns.update(staff(columns, setting).columns)
        found.append(np.concatenate([columns[name] for name in ("force", "withheld", "recovering")]))
    gaps = [float(np.abs(a - b).max()) for a, b in pairwise(found)]
    assert all(b < 0.7 * a for a, b in pairwise(gaps))
    assert gaps[0] < 0.03 * HOME[0]
