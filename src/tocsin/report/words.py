"""The sentences of the report: the plain answer, the warning, and what the model does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tocsin.experiments.ensemble import Share
from tocsin.report import svg
from tocsin.report.gather import World, pairs, wilson
from tocsin.results.record import OUTCOMES
from tocsin.scenario.parts import Event
from tocsin.scenario.scenario import Scenario

WARNING = (
    "The parameters of these runs are drawn from priors, not fitted to the record. "
    "The shares say what the model can do under those assumptions; their intervals count the number of draws alone, "
    "not the doubt about the priors. This is not a verdict on what happened, nor on what would have happened."
)

NOT_CALIBRATED = (
    "Nothing is calibrated.",
    "No parameter was fitted. Most priors are assumptions with a wide spread, and a share of runs is "
    "a share of those assumptions, not a probability of history.",
)
SCRIPTED = (
    "The alliance follows the script.",
    "Request, consent, decision, arrival and withdrawal are read from it. The runs cannot say whether troops would "
    "have been sent under other conditions, nor what a refusal would have changed.",
)
DECIDING = (
    "The alliance decides by an assumed rule.",
    "What the outside powers weigh, and how members agree, is stated in the assumptions and was fitted to no case.",
)
GOVERNED = (
    "The government follows the script.",
    "Its orders and concessions come on the days that the script gives, whatever the runs have come to by then.",
)
GOVERNING = (
    "The government decides by an assumed rule.",
    "Its orders and concessions answer to the run by a rule that was fitted to no government.",
)
NO_GROUPS = (
    "No organised or armed groups.",
    "Everybody decides for themselves, under the same law. Accounts in which groups joined, "
    "steered or provoked the crowds cannot be told from accounts in which they did not.",
)
GROUPS = (
    "Groups are given, not explained.",
    "Size, place, day and aim of organised groups are put in. The runs show what follows from such groups, "
    "not whether they were there.",
)
NO_SOCIETIES = (
    "Other societies are absent.",
    "Unrest in a state that sends troops, and any spread of events to other countries, is outside these runs.",
)
DECIDES_ONLY = (
    "Some states only decide.",
    "Those without people of their own can send troops and cannot be unsettled by it.",
)
REPORTED = (
    "Reported figures are not measurements.",
    "Figures for crowds are often published later, and by a party to the events. Their observation intervals are wide "
    "and themselves assumed; counts of different days are of different things.",
)
THINNED = (
    "Thinning adds noise.",
    "Where one simulated person stands for many, small crowds and small numbers of dead are "
    "coarse: one agent more or less is that many people.",
)
ALWAYS: tuple[tuple[str, str], ...] = (
    (
        "Loyalty has no local data.",
        "How units and elites weigh orders, fear and their chances is assumed from other cases. "
        "These parameters move the outcome more than most.",
    ),
    (
        "Places are whole regions or cities.",
        "A crowd in one town of a region is spread over all of it. Streets, squares and the "
        "order of events within a few hours are below the model's grain.",
    ),
    (
        "Nothing about individuals.",
        "The people are synthetic. No run says anything about any person who lived through the events.",
    ),
    (
        "Words of value are not judged.",
        "Whether a rising was just, or a mission legitimate, is not a question that a simulation answers.",
    ),
)
FEW = 0.1
"""Share of the domestic staff below which foreign troops matter, if at all, by what is believed of them."""


def unknown(worlds: Sequence[World]) -> list[tuple[str, str]]:
    """What these worlds leave open: (head, text), only what holds for this scenario."""
    return left_open(worlds[0].scenario, factions=any(w.scenario.factions for w in worlds))


def left_open(base: Scenario, *, factions: bool = False) -> list[tuple[str, str]]:
    """The same of one scenario. factions: whether another world beside it has some."""
    found = [NOT_CALIBRATED, GOVERNING if "government" in base.policy else GOVERNED]
    if any(s.role in ("patron", "member", "rival") for s in base.states) or sent(base):
        found.append(DECIDING if "alliance" in base.policy else SCRIPTED)
    found += _believed(base)
    found.append(GROUPS if factions or base.factions else NO_GROUPS)
    if len(base.societies) == 1:
        found.append(NO_SOCIETIES)
    elif len(base.societies) <= len(base.states):
        found.append(DECIDES_ONLY)
    found += [REPORTED] * bool(base.targets) + [THINNED] * (base.people_per_agent > 1)
    off = [name for name, on in base.mechanisms.items() if not on]
    if off:
        found.append(("Mechanisms are switched off.", f"Not at work in these runs: {', '.join(off)}."))
    return [*found, *ALWAYS]


def sent(scenario: Scenario) -> float:
    """Foreign troops that the script lands in the home state."""
    home = {p.name for p in scenario.places}
    return sum(e.value for e in scenario.events if e.kind == "arrival" and home.issuperset(e.places))


def _believed(scenario: Scenario) -> list[tuple[str, str]]:
    """That few troops matter by belief, where the script lands few."""
    landed, staff = sent(scenario), sum(p.garrison for p in scenario.places)
    if not 0 < landed < FEW * staff:
        return []
    text = (
        f"{svg.count(landed)} foreign troops are few beside {svg.count(staff)} domestic staff. What the model makes "
        "of them depends on how large a further commitment people are assumed to expect."
    )
    return [("The outside power is mostly a belief.", text)]


def second_world(worlds: Sequence[World]) -> str:
    """What the second world is, in the words of the scenario; "" where it has none."""
    if len(worlds) < 2:
        return ""
    variant = worlds[0].scenario.variants.get(worlds[1].scenario.variant)
    return f"The world “{worlds[1].title}” is the variant “{variant.title}”. {variant.why}" if variant else ""


def answer(worlds: Sequence[World], fallen: Sequence[Share] = ()) -> list[str]:
    """One plain paragraph: how often the ruler or the regime falls in each world, and in which draws they differ.

    fallen: share and interval for each world where another estimator than that of a report made them.
    """
    base, between = worlds[0], [_interval(*share) for share in fallen or map(_fallen, worlds)]
    number = (
        f"{base.count} uncalibrated prior draws"
        if base.draws == base.count
        else f"{base.count} runs of {base.draws} uncalibrated prior draws"
    )
    falls = f"In {base.fallen} of {number} the ruler or the regime falls within {base.scenario.days:g} days"
    if len(worlds) == 1:
        return [f"{falls} ({between[0]}).", _usual(worlds)]
    other = worlds[1]
    return [
        f"{falls} in the world “{base.title}” ({between[0]}); in the world “{other.title}”, "
        f"with the same people, the same chance and the same parameters, "
        f"in {other.fallen} of {other.count} ({between[1]}).",
        _difference(base, other),
        _usual(worlds),
    ]


def _fallen(world: World) -> Share:
    """The share with an interval in which the seeds of one draw count as one: they share its parameters."""
    share = world.fallen / world.count
    return share, *wilson(share * world.draws, world.draws)


def _interval(share: float, low: float, high: float) -> str:
    return f"{svg.percent(share)}, 95 % interval {svg.percent(low)} to {svg.percent(high)}"


def _difference(base: World, other: World) -> str:
    """What the pairs say: only draws in which the worlds part tell anything about the difference."""
    twins = pairs(base, other)
    only_base = sum(a.fallen and not b.fallen for a, b in twins)
    only_other = sum(b.fallen and not a.fallen for a, b in twins)
    if not twins:
        return "The runs of the two worlds are not paired."
    turned = sum(a.fallen == b.fallen and a.kind != b.kind for a, b in twins)
    ends = f"{turned} {'pair ends' if turned == 1 else 'pairs end'} in another class"
    if only_base + only_other == 0:
        same = f"Whether the ruler or the regime falls is the same in both worlds in all {len(twins)} pairs"
        if turned:
            return f"{same}, but {ends}."
        return f"{same}, and so is the class of end: these draws show no effect on it either way."
    return (
        f"Of {len(twins)} pairs, {len(twins) - only_base - only_other} agree on whether the ruler or the regime falls"
        f"{f' (of these, {ends})' if turned else ''}; "
        f"it falls only in “{base.title}” in {only_base} and only in “{other.title}” in {only_other}."
    )


def _usual(worlds: Sequence[World]) -> str:
    """The most frequent end of each world; where ends tie, all of them."""
    tops = [_most_frequent(w) for w in worlds]
    verb = "end is" if len(tops[0]) == 1 else "ends, equally often, are"
    first = f"The most frequent {verb} {_listed(tops[0])}"
    if len(tops) == 1:
        return f"{first}."
    if len(set(tops)) == 1:
        return f"{first} in both."
    rest = _listed(tops[1]) + (", equally often," if len(tops[1]) > 1 else "")
    return f"{first} in the world “{worlds[0].title}”, and {rest} in the world “{worlds[1].title}”."


def _most_frequent(world: World) -> tuple[str, ...]:
    """Every end that no other beats, in the order of the end states."""
    counts = Counter(e.kind for e in world.endings)
    place = {kind: i for i, kind in enumerate(OUTCOMES)}
    most = max(counts.values())
    return tuple(sorted((k for k, n in counts.items() if n == most), key=lambda k: place.get(k, len(place))))


def _listed(kinds: Sequence[str]) -> str:
    quoted = [f"“{kind}”" for kind in kinds]
    return " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def never_lost(worlds: Sequence[World]) -> str:
    """How many runs of each world the chart of restored order leaves out; "" where it leaves out none."""
    kept = [sum(not e.lost_order for e in w.endings) for w in worlds]
    if not any(kept):
        return ""
    if len(worlds) == 1:
        return f"Left out: {kept[0]} of {worlds[0].count} runs, in which order was never lost."
    each = " and ".join(f"{n} of {w.count} (“{w.title}”)" for n, w in zip(kept, worlds, strict=True))
    return f"Left out are the runs in which order was never lost: {each}."


def entangled(scenario: Scenario, dropped: Sequence[Event]) -> str:
    """The limit that one case sets: what else the script does within a day of the first thing left out."""
    if not dropped:
        return ""
    first = min(e.hours for e in dropped)
    near = sorted({e.kind.replace("-", " ") for e in scenario.events if abs(e.hours - first) <= 24.0})
    if len(near) < 2:
        return ""
    return (
        f"Within a day of the first event that the second world leaves out, the script has {', '.join(near[:-1])} "
        f"and {near[-1]}. "
        "One case alone cannot separate their effects."
    )
