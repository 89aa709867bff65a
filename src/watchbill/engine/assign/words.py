"""The sentences behind the points: one short phrase per rule, with the numbers that the rule looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from watchbill.engine.assign.claims import failed_claims, preferred
from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.base.ids import SkillId, TeamId
from watchbill.engine.base.time import minutes

_LEFT_OUT = {
    "is_active": ("is not active", "are not active"),
    "is_present_and_on_shift": ("is away or off shift", "are away or off shift"),
    "is_in_team": ("is in another team", "are in other teams"),
    "has_required_skill": ("lacks the skill or its level", "lack the skill or its level"),
    "speaks_language": ("does not speak the language", "do not speak the language"),
    "has_clearance": ("lacks a clearance", "lack a clearance"),
    "may_serve_tier": ("does not serve customers of this tier", "do not serve customers of this tier"),
    "is_asked_for": ("is left out by a rule of the policy", "are left out by rules of the policy"),
    "has_room_in_class": ("has all she may own of this class of work", "have all they may own of this class of work"),
    "has_time_left_in_shift": ("has too little time left in the shift", "have too little time left in the shift"),
    "has_free_slot": ("has no free slot", "have no free slot"),
    "has_not_declined": ("has declined", "have declined"),
}


NO_HOURS = "nobody's working hours are known yet: infer them from the history, or set them on each person's page"


def left_out(rule: str, people: int, *, by_rules: Collection[int] = (), are_hours_known: bool = True) -> str:
    """How many people a must leaves out, as a phrase: "3 have no free slot", "2 are left out by rules 1 and 3 of the policy"."""
    one, many = _LEFT_OUT[rule]
    said = f"{people} {one if people == 1 else many}"
    if by_rules:
        return f"{people} {'is' if people == 1 else 'are'} left out by {rules_named(by_rules)} of the policy"
    return said if are_hours_known or rule != "is_present_and_on_shift" else f"{said} ({NO_HOURS})"


def name_of(person: PersonFacts) -> str:
    return person.name or f"person {person.id}"


def away(owner: PersonFacts, now: datetime) -> str:
    """How long an absent owner is away: "Ann is away for 3 d 4 h"."""
    if owner.next_shift_at is None:
        return f"{name_of(owner)} is away, and nobody knows for how long"
    return f"{name_of(owner)} is away for {span(minutes(owner.next_shift_at - now))}"


def skill_name(snapshot: Snapshot, skill: SkillId) -> str:
    return snapshot.skill_names.get(skill, f"skill {skill}")


def team_name(snapshot: Snapshot, team: TeamId) -> str:
    return snapshot.team_names.get(team, f"team {team}")


DAY_H = 24


def span(total_min: int) -> str:
    """Minutes as people say them: "45 min", "2 h 05 min", "13 d 20 h"."""
    hours, rest = divmod(abs(total_min), 60)
    if hours >= DAY_H:
        days, hours = divmod(hours, DAY_H)
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One item, one person, and the slot of the plan that the item would be for her. slot_min: mean effort of a slot."""

    item: ItemFacts
    person: PersonFacts
    owner: PersonFacts | None
    snapshot: Snapshot
    slot: int
    slot_min: float


def points_words(points: float, *, digits: int = 1) -> str:
    """Points with their sign, such as "+3.4" or "-0.1"; what rounds to nothing is "0", never "-0.0"."""
    rounded = round(points, digits)
    return f"{rounded:+.{digits}f}" if rounded else "0"


def score_words(score: float) -> str:
    """A sum of points, such as "34.2"; a small loss is "0.0", never "-0.0"."""
    return f"{round(score, 1) + 0.0:.1f}"


def against(mine: float, best: float) -> str:
    """Two amounts beside each other, with as many digits as it takes to tell them apart: "-1.2 against 0"."""
    digits = 1 if round(mine, 1) != round(best, 1) else 2
    return f"{points_words(mine, digits=digits)} against {points_words(best, digits=digits)}"


def contribution_words(rule: str, pair: Pair) -> str:
    """What the rule saw in these facts. Raises KeyError for a rule without words, which a test rules out."""
    return _WORDS[rule](pair)


def promise_words(item: ItemFacts, now: datetime) -> str:
    """Priority and the promise that runs out first: "P1, response due in 12 min"."""
    if not item.commitments:
        return f"P{int(item.priority)}, no clock runs"
    first = min(item.commitments, key=lambda promise: (promise.due_at, promise.kind))
    left = minutes(first.due_at - now)
    return f"P{int(item.priority)}, {first.kind} {'due in' if left >= 0 else 'overdue by'} {span(left)}"


def _urgency(pair: Pair) -> str:
    return promise_words(pair.item, pair.snapshot.now)


def _skill_speed(pair: Pair) -> str:
    if pair.item.skill is None:
        return "no skill required"
    level = pair.person.skills.get(pair.item.skill, 0)
    return f"{skill_name(pair.snapshot, pair.item.skill)}: level {level}, {pair.item.min_level} required"


def _handover(pair: Pair) -> str:
    return f"has to be handed the item, about {pair.snapshot.policy.handover_min} min"


def _time_left(pair: Pair) -> str:
    return f"{span(pair.person.shift_left_min)} left in the shift, about {span(pair.item.effort_min)} of work"


def _continuity(pair: Pair) -> str:
    if pair.person.id == pair.item.owner:
        return "owns it"
    return "worked on it before" if pair.person.id in pair.item.worked_before else "knows the customer"


def _spares(_pair: Pair) -> str:
    return "has other skills that are short"


def _spares_rare(_pair: Pair) -> str:
    return "can do what hardly anybody else at work can, which this does not need"


def _same_region(_pair: Pair) -> str:
    return "works in the region to which it belongs"


def _preferred(pair: Pair) -> str:
    rules = dict.fromkeys(claim.rule for claim in preferred(pair.item.route, pair.person))
    return f"preferred by {'rule' if len(rules) == 1 else 'rules'} {', '.join(map(str, rules))} of the policy"


def _stands_in(pair: Pair) -> str:
    return f"stands in for {name_of(pair.owner) if pair.owner else 'its owner'}"


def _stays(pair: Pair) -> str:
    return f"moves away from {name_of(pair.owner) if pair.owner else 'its owner'}"


def _even_load(pair: Pair) -> str:
    person = pair.person
    staffed = max(60, person.staffed_week_min)
    load = f"load {round(100 * person.load_min / staffed)} %"
    if pair.slot:
        planned = round(100 * (person.load_min + pair.slot * pair.slot_min) / staffed)
        load += f", {planned} % with {pair.slot} more of this plan"
    return f"{load}; {person.open_count} of {person.wip_limit} slots in use"


_WORDS: dict[str, Callable[[Pair], str]] = {
    "urgency": _urgency,
    "skill_speed": _skill_speed,
    "handover": _handover,
    "time_left_in_shift": _time_left,
    "continuity": _continuity,
    "spares_generalists": _spares,
    "spares_rare": _spares_rare,
    "same_region": _same_region,
    "preferred_by_rule": _preferred,
    "stands_in": _stands_in,
    "stays_with_owner": _stays,
    "even_load": _even_load,
}


def rules_against(item: ItemFacts, person: PersonFacts) -> str:
    """The rules of the policy that leave a person out, as "rule 2" or "rules 1 and 3"."""
    return rules_named({claim.rule for claim in failed_claims(item.route, person)})


def rules_named(numbers: Collection[int]) -> str:
    """Rules of the policy by number: "rule 2", "rules 1 and 3"."""
    rules = [str(number) for number in sorted(numbers)]
    return f"rule {rules[0]}" if len(rules) == 1 else f"rules {', '.join(rules[:-1])} and {rules[-1]}"


def cannot(rules: tuple[str, ...]) -> str:
    """The musts that one person fails, as a phrase: "is away or off shift; has no free slot"."""
    return "; ".join(_LEFT_OUT[rule][0] for rule in rules)


def cannot_take(item: ItemFacts, person: PersonFacts, failed: tuple[str, ...]) -> str:
    """The musts that a person fails for an item, as a phrase that says which rules of the policy leave her out."""
    return "; ".join(
        f"is left out by {rules_against(item, person)} of the policy" if must == "is_asked_for" else cannot((must,))
        for must in failed
    )
