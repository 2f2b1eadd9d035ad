"""M14: the patron decides, members consent, contingents land, and at some point they leave.

decision   at the rate 24/deciding: troops are sent iff    stake' [s(with) - s(without)] + reputation
                                                           > cost + unrest_cost ln(1 + u/unrest) + unasked
           s = logistic(s0 + s1 ln[(C + F + 1)/(A + G + 1)]) in closed form, as units believe it; C: staff of places not
           lost, A: the crowd as the government reports it, times the patron's own lasting error; F with: the larger of
           its contingents and P(commit) x believed size, F without: what stands as a guarantee; G for one who stands
           against the regime, whose gain is the fall of s. stake' = stake exp(aligned (alignment - 1/2)).
           reputation counts once the patron was asked and had given a guarantee, unasked if it was not asked.
           u: share of its own people in action.
consent    each voter sits at a rate: a leader soon, a parliament later and perhaps without a quorum; unrest at home
           lowers the odds of a yes. A refusal can be reopened. Then each for itself, all or none, or a quorum.
landing    `ready` days after that, `lift` people a day, up to the contingent, by sites and seat over the places that
           are not lost (over all, if all are lost)
course     after `patience` days without order the patron reassesses: with probability `resolve` it raises its
           contingent to a multiple, else it gives up; after `stay` days of order the end is announced, and all leave
           within `leave` days. A rival announces its own force at the rate `counter` once the patron has.

(Gent 2008, Int. Studies Quarterly 52, for going in when it is hardest; domain.md 12, row 13; science.md 1, C4, C17,
C18.) The threat is always an uprising at home: an attack from outside is no part of this model. The patron reads
reports, who holds places and its own unrest; nothing that the government does not know. Only home has an alliance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.declare import Column, EventKind, Mechanism, Param, beta, fixed, halfnormal, lognormal, normal
from tocsin.exact import LOGISTIC_SD, Floats, chance, exp, log, logistic, logit, total, whole
from tocsin.state import HOME, MEMBER, PATRON, RIVAL, Effect, View, aligned, one

_OPEN, _GIVEN, _REFUSED, _ABSENT = 0.0, 1.0, -1.0, -2.0
_LEADER, _EACH, _UNANIMITY = 0, 0, 1


class Alliance(Mechanism):
    """Who sends troops to the home state, how many, and until when."""

    number = "M14"
    name = "alliance"
    summary = "the patron decides, members consent, contingents land and leave"
    phase = "alliance"
    params = (
        Param("stake", lognormal(1.0, 0.5), "utility", 0.0, 100.0, "assumed; only ratios of utilities matter",
              "Worth of the regime's survival to the patron."),
        Param("cost", lognormal(0.02, 1.0), "utility", 0.0, 100.0, "assumed: of the size of the rise that troops bring",
              "Cost of a deployment."),
        Param("unasked", lognormal(0.02, 1.5), "utility", 0.0, 100.0, "assumed, wide (claim C4)",
              "Cost of coming without a request."),
        Param("aligned", normal(1.0, 1.0), "log ratio", -5.0, 5.0, "assumed, sign free (claim C18)",
              "Rise of the stake's logarithm from a ruler who keeps aloof to one who follows the patron."),
        Param("reputation", normal(0.01, 0.02), "utility", -1.0, 1.0, "assumed, sign free (claim C18)",
              "Worth of being seen to keep a guarantee when asked."),
        Param("unrest_cost", lognormal(0.01, 1.0), "utility", 0.0, 100.0, "assumed",
              "Cost of a deployment per logarithmic unit of unrest among the patron's own people."),
        Param("unrest", fixed(2e-4), "share", 1e-6, 1.0, "claim C7: 0.02 % of the people",
              "Share of a people in action at which its unrest begins to weigh."),
        Param("noise", halfnormal(0.3), "log ratio", 0.0, 3.0, "assumed",
              "Standard deviation of the patron's lasting error about the crowd."),
        Param("deciding", lognormal(12.0, 0.7), "hours", 0.5, 720.0, "within hours in January 2022 (kz038, kz039)",
              "Mean time from one weighing of the decision to the next."),
        Param("candour", beta(1, 4), "probability", 0.0, 1.0, "assumed",
              "Chance that a patron is one who makes a decision not to send public."),
        Param("leader", lognormal(6.0, 0.5), "hours", 0.5, 720.0, "assumed; announced within hours (kz039)",
              "Mean time until a leader who decides alone has answered."),
        Param("parliament", lognormal(36.0, 0.5), "hours", 0.5, 2_000.0, "a day or two in January 2022 (kz045, kz056)",
              "Mean time from one sitting of a parliament to the next."),
        Param("leader_yes", beta(9, 1), "probability", 0.0, 1.0, "assumed",
              "Chance that a leader agrees when his people are calm."),
        Param("parliament_yes", beta(4, 2), "probability", 0.0, 1.0, "assumed",
              "Chance that a sitting with a quorum agrees when its people are calm."),
        Param("absence", beta(2, 6), "probability", 0.0, 1.0, "assumed; once in January 2022 (kz045)",
              "Chance that a sitting has no quorum."),
        Param("wary", lognormal(0.5, 0.7), "log-odds", 0.0, 10.0, "assumed",
              "Fall of the odds of a yes per logarithmic unit of unrest among the voter's own people."),
        Param("reopen", lognormal(0.2, 0.5), "1/day", 0.0, 24.0, "assumed",
              "Rate at which a refusal is voted on again."),
        Param("patience", lognormal(5.0, 0.5), "days", 0.0, 365.0, "assumed",
              "Time without order, with troops in the country, before the patron reassesses."),
        Param("reassess", lognormal(0.3, 0.5), "1/day", 0.0, 24.0, "assumed",
              "Rate at which it then raises its contingent or gives up."),
        Param("resolve", beta(2, 2), "probability", 0.0, 1.0, "assumed (claim C10)",
              "Chance that it raises rather than gives up."),
        Param("escalation", lognormal(3.0, 0.5), "ratio", 1.0, 50.0, "assumed; two waves in Hungary in 1956",
              "Contingent of the patron once raised, against the first."),
        Param("stay", lognormal(3.0, 0.5), "days", 0.0, 365.0, "assumed; 1 to 4 in January 2022 (kz057, kz078)",
              "Time of order until the end of the mission is announced."),
        Param("leave", lognormal(6.0, 0.4), "days", 0.25, 365.0, "13 to 19 January 2022 (kz079, kz087)",
              "Time over which the troops leave."),
        Param("counter", fixed(0.002), "1/day", 0.0, 24.0, "assumed: seldom within a month",
              "Rate at which a rival announces a force of its own once the patron has."),
    )
    columns = (
        Column("consented", "state", "code", "Consent of each state: 0 open, 1 given, -1 refused, -2 no quorum."),
        Column("refused", "polity", "flag", "1 while the patron publicly refuses to send troops."),
        Column("planned", "state", "people", "Troops that each state announced by its own decision."),
        Column("cleared", "state", "days", "Time for which the troops of each state have been free to go."),
        Column("landed", "place_state", "people", "Troops that landed by their states' own decision, running total."),
        Column("recalled", "place_state", "people", "Troops that left by their states' own decision, running total."),
        Column("ending", "polity", "flag", "1 once the patron decided to end the mission."),
        Column("disorder", "polity", "days", "Time without order while foreign troops are in the country."),
        Column("quiet", "polity", "days", "Time of order while foreign troops are in the country."),
        Column("frank", "polity", "flag", "1 if the patron makes a decision not to send public."),
        Column("hearsay", "polity", "log ratio", "Lasting error of the patron about the crowd, of unit variance."),
    )
    events = (
        EventKind("consent", "consented", "code", -2.0, 1.0, "A state agrees to send troops or refuses.",
                  choices={"open": _OPEN, "given": _GIVEN, "refused": _REFUSED, "absent": _ABSENT}, by="alliance"),
        EventKind("refusal", "refused", "flag", 0.0, 1.0, "The patron publicly refuses to send troops.",
                  choices={"off": 0.0, "on": 1.0}, by="alliance"),
    )
    reads = ("requested", "reported", "control", "abroad_turnout", "announced", "leaving", "arrived", "withdrawn",
             "guaranteed", "consented", "refused", "planned", "cleared", "landed", "recalled", "ending", "disorder",
             "quiet", "hearsay", "frank", "abroad_end")
    draws = {"hearsay": "polity", "candour": "polity", "decision": "polity", "sitting": "state", "vote": "state",
             "counter": "state", "reassess": "polity", "resolve": "polity"}
    uses = ("loyalty.belief_level", "loyalty.belief_slope", "intervention.commit", "intervention.believed",
            "intervention.standing", "outcome.calm")

    def start(self, see: View) -> dict[str, Any]:
        """Draw the patron's lasting error, logistic with unit variance, and whether it would refuse in public."""
        return {"hearsay": logit(see.draw("hearsay")) / LOGISTIC_SD, "frank": see.draw("candour") < see.p["candour"]}

    def rule(self, see: View) -> Effect:
        """Follow the script until the alliance decides; then decide, consent, move."""
        states = see.setting.states
        if states.own != HOME or states.role[states.patron] != PATRON:
            return Effect()
        decides, own = see.setting.decides(self.name, see.clock.day), self.deciding(see)
        scripted = {name: see[name] for name in own}
        scripted["cleared"] = self.cleared(see, see["consented"], see["planned"])
        return Effect(columns={n: np.where(aligned(decides, v.ndim), v, scripted[n]) for n, v in own.items()})

    def deciding(self, see: View) -> dict[str, Floats]:
        """The columns of an alliance that decides for itself."""
        states = see.setting.states
        planned, refused = self.decision(see)
        consented = self.consent(see, planned)
        sends = voters(see) & (states.role == MEMBER) & (consented == _GIVEN) & self.decided(see, planned)
        planned, course = self.course(see, np.maximum(planned, states.contingent * sends))
        cleared = self.cleared(see, consented, planned)
        moved = self.moves(see, cleared, planned, course["ending"] > 0)
        return {"consented": consented, "refused": refused, "planned": planned, "cleared": cleared, **course, **moved}

    def crowd(self, see: View) -> Floats:
        """The crowd of the country as the patron hears of it, float[W, 1]."""
        return whole(see["reported"]) * exp(see.p["noise"] * see["hearsay"])

    def rise(self, see: View) -> Floats:
        """What troops add to the survival that the patron wishes, s(with) - s(without), as it sees it."""
        states, p = see.setting.states, see.p
        side = one(states.side, states.patron)
        believed = p["intervention.commit"] * p["intervention.believed"]
        force = np.maximum(believed, whole(states.contingent * (states.side == side)))
        stands = believed * p["intervention.standing"] * see["guaranteed"]
        friend = side > 0
        without = self.survival(see, stands, 0.0)
        sent = self.survival(see, np.where(friend, force, stands), np.where(friend, 0.0, force))
        return np.where(side != 0, np.where(friend, sent - without, without - sent), 0.0)

    def survival(self, see: View, outside: Any, against: Any) -> Floats:
        """The regime's chance as the patron sees it, with so many outside troops for and against it, float[W, 1]."""
        staff = whole(see.setting.garrison * (see["control"] < 2))
        ratio = log(outside + staff + 1.0) - log(against + self.crowd(see) + 1.0)
        return logistic(see.p["loyalty.belief_level"] + see.p["loyalty.belief_slope"] * ratio)

    def worth(self, see: View, asked: Any) -> Floats:
        """What the patron gains by sending, less what it costs, float[W, 1]."""
        states, p = see.setting.states, see.p
        toward = np.sign(one(states.side, states.patron)) * (one(states.alignment, states.patron) - 0.5)
        unrest = log(1.0 + one(see["abroad_turnout"], states.patron) / p["unrest"])
        word = np.where(asked, p["reputation"] * see["guaranteed"], -p["unasked"])
        return p["stake"] * exp(p["aligned"] * toward) * self.rise(see) + word - p["cost"] - p["unrest_cost"] * unrest

    def decision(self, see: View) -> tuple[Floats, Floats]:
        """Force announced by each state float[W, N], and whether the patron stands by a public refusal float[W, 1].

        Before any announcement the patron decides, after it a rival may counter. There is one patron at most.
        """
        states, p, days = see.setting.states, see.p, see.setting.days
        patron, was, refused = states.patron, see["planned"], see["refused"]
        weighs = see.draw("decision") < chance(24.0 / p["deciding"], days)
        stands = one(see["abroad_end"], patron) == 0
        asked = (see["requested"] > 0) & (one(states.side, patron) > 0)
        sends = (self.worth(see, asked) > 0) & stands
        decided = self.decided(see, was)
        acts = ~decided & weighs & (one(states.contingent, patron) > 0) & (see["ending"] == 0)
        counters = decided & (states.role == RIVAL) & (see.draw("counter") < chance(p["counter"], days))
        planned = np.where(counters, np.maximum(was, states.contingent), was)
        planned = np.where(acts & (states.role == PATRON), states.contingent * sends, planned)
        says_no = np.maximum(refused, asked & (see["frank"] > 0) & stands)
        return planned, np.where(acts, np.where(sends, 0.0, says_no), refused)

    def decided(self, see: View, planned: Floats) -> Any:
        """Whether the patron has announced a force, by the script or by itself, bool[W, 1]."""
        patron = see.setting.states.patron
        return one(see["announced"], patron) + one(planned, patron) > 0

    def consent(self, see: View, planned: Floats) -> Floats:
        """The consent of each state after this tick's sittings; the patron's leader has decided already."""
        states, p, was = see.setting.states, see.p, see["consented"]
        decided, alone = self.decided(see, planned), states.consent == _LEADER
        pace = np.where(alone, 24.0 / p["leader"], 24.0 / p["parliament"])
        sits = see.draw("sitting") < chance(np.where(was == _REFUSED, p["reopen"], pace), see.setting.days)
        yes = logit(np.where(alone, p["leader_yes"], p["parliament_yes"]))
        yes = logistic(yes - p["wary"] * log(1.0 + see["abroad_turnout"] / p["unrest"]))
        u, absent = see.draw("vote"), np.where(alone, 0.0, p["absence"])
        vote = np.where(u < absent, _ABSENT, np.where(u < absent + (1.0 - absent) * yes, _GIVEN, _REFUSED))
        asked = decided & voters(see) & (was != _GIVEN)
        found = np.where(asked & sits, vote, was)
        found = np.where(decided & alone & (states.role == PATRON), _GIVEN, found)
        return np.where((states.role == RIVAL) & (planned > 0), _GIVEN, found)

    def cleared(self, see: View, consented: Floats, planned: Floats) -> Floats:
        """Days for which each state's troops have been free to go: its consent, and the alliance's rule."""
        states, decided, may = see.setting.states, self.decided(see, planned), voters(see)
        agreed = (consented == _GIVEN) | (decided & (states.role == PATRON) & (states.consent == _LEADER))
        needed = np.where(states.rule == _UNANIMITY, may.sum(axis=-1, keepdims=True), states.quorum)
        enough = (agreed & may).sum(axis=-1, keepdims=True) >= needed
        bound = decided & ((states.rule == _EACH) | enough)
        goes = (agreed & may & bound) | ((states.role == RIVAL) & (planned > 0))
        return np.asarray(see["cleared"] + see.setting.days * goes)

    def course(self, see: View, planned: Floats) -> tuple[Floats, dict[str, Floats]]:
        """Raise, go on, give up or finish, by how long order has been missing or has held."""
        p, days, states = see.p, see.setting.days, see.setting.states
        patron = states.patron
        calm = self.crowd(see) < p["outcome.calm"] * whole(see.setting.population)
        order = calm & ~(see["control"] > 0).any(axis=-1, keepdims=True)
        left = see["arrived"] + see["landed"] > see["withdrawn"] + see["recalled"]
        here = left.any(axis=-1).any(axis=-1, keepdims=True)
        disorder = (see["disorder"] + days) * (here & ~order)
        quiet = (see["quiet"] + days) * (here & order)
        ending = np.maximum(np.maximum(see["ending"], one(see["leaving"], patron)), here & (quiet >= p["stay"]))
        acts = (see.draw("reassess") < chance(p["reassess"], days)) & (disorder >= p["patience"]) & (ending == 0)
        acts = acts & (one(see["abroad_end"], patron) == 0)
        firm = see.draw("resolve") < p["resolve"]
        raised = (states.role == PATRON) * p["escalation"] * states.contingent
        planned = np.where(acts & firm, np.maximum(planned, raised), planned)
        return planned, {"disorder": np.where(acts & firm, 0.0, disorder), "quiet": quiet,
                         "ending": np.where(acts & ~firm, 1.0, ending)}

    def moves(self, see: View, cleared: Floats, planned: Floats, ending: Any) -> dict[str, Floats]:
        """Troops that landed and left so far, float[W, P, N] each: they land, or leave once the end is announced."""
        came, over = see["arrived"] + see["landed"], ending[:, :, None]
        here = np.maximum(came - see["withdrawn"] - see["recalled"], 0.0)
        part = see.setting.days / see.p["leave"]
        leave = np.minimum(came * part[:, :, None], here)
        lifted = self.lifted(see, cleared, planned, total(came, axis=1))
        land = self.shares(see)[:, :, None] * lifted[:, None, :]
        return {
            "landed": np.where(over, see["landed"], see["landed"] + land),
            "recalled": np.where(over, see["recalled"] + leave, see["recalled"]),
        }

    def lifted(self, see: View, cleared: Floats, planned: Floats, before: Floats) -> Floats:
        """People of each state who land in this tick, float[W, N]; before: who has landed so far."""
        states = see.setting.states
        ready = np.where(total(see["arrived"], axis=1) > 0, 0.0, states.ready)
        span = np.clip(cleared - ready, 0.0, cleared - see["cleared"])
        room = np.maximum(np.maximum(planned, states.contingent) - before, 0.0)
        return np.minimum(states.lift * span, room)

    def shares(self, see: View) -> Floats:
        """How those who land are spread over places, float[W, P]."""
        sites = see.setting.sites / np.maximum(whole(see.setting.sites), 1.0)
        weight = (sites + see.setting.seat) * (see["control"] < 2)
        weight = np.where(whole(weight) > 0, weight, sites + see.setting.seat)
        return np.asarray(weight / whole(weight))


def voters(see: View) -> Any:
    """Patron and members whose own regime stands, bool[W, N]: nobody else decides about the alliance's troops."""
    states = see.setting.states
    return ((states.role == PATRON) | (states.role == MEMBER)) & (see["abroad_end"] == 0)
