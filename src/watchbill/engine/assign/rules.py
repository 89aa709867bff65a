"""The rules, one by one: musts that leave a person out, and preferences that add signed hundredths of a point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watchbill.engine.assign.claims import admits, preferred
from watchbill.engine.assign.facts import Ask, ItemFacts, PersonFacts, Presence
from watchbill.engine.assign.index import bucket_of, effort_step, points_of, shift_step
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.ids import ItemId, PersonId, SkillId

STEEPEST = 100_000
"""The dearest that one slot may become: 1,000 points, so that leaving work in the queue is always dearer."""
NO_LIMIT_MIN = 2**31
"""Longer than any touch."""
SURPLUS_LEVELS = 3
"""Skill levels above the required one that still make a person faster."""


class RuleLevel(StrEnum):
    """What kind of claim a rule makes. A must is never traded against points."""

    MUST = "must"
    PROMISE = "promise"
    FAIR = "fair"
    NICE = "nice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What preferences need beside the item and the person, worked out once per snapshot.

    urgency: points per item before bucketing. scarcity: 0 (plenty) to 1 (short) by skill in demand.
    owners: people who are able to own items; an owner who is not among them counts as gone. rare: what few at work can do, by
    person, with a share from 0 to 1. stand_ins: who stands in for owners that are absent or gone.
    """

    policy: Policy
    owners: frozenset[PersonId]
    urgency: Mapping[ItemId, float]
    scarcity: Mapping[SkillId, float]
    rare: Mapping[PersonId, Mapping[Ask, float]] = field(default_factory=dict)
    stand_ins: Mapping[PersonId, PersonId] = field(default_factory=dict)
    _bases: dict[ItemId, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    def base(self, item: ItemFacts) -> float:
        """The item's urgency in points, as its bucket stands for it; worked out once, since it is asked for with every person."""
        if (points := self._bases.get(item.id)) is None:
            points = self._bases[item.id] = points_of(bucket_of(self.urgency[item.id]))
        return points


# -- musts ------------------------------------------------------------------------------------------------------------


def is_active(_item: ItemFacts, person: PersonFacts, _policy: Policy) -> bool:
    """The person has an account that may work."""
    return person.is_active


def is_present_and_on_shift(_item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """The person is available and her shift runs."""
    return is_present_and_on_shift_now(person, policy)


def is_in_team(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """The person is a member of the item's team."""
    return not policy.needs_team or item.team is None or item.team in person.teams


def has_required_skill(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """The person has the required skill, at the required level or above."""
    return not policy.needs_skill or item.skill is None or person.skills.get(item.skill, 0) >= item.min_level


def speaks_language(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """The person speaks the language of the item."""
    return not policy.needs_language or item.language is None or item.language in person.languages


def has_clearance(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """The person has every clearance that the item or its customer asks for."""
    return not policy.needs_clearance or item.clearances <= person.clearances


def may_serve_tier(item: ItemFacts, person: PersonFacts, _policy: Policy) -> bool:
    """The person may serve customers of the item's tier."""
    return not person.tiers or item.tier in person.tiers


def is_asked_for(item: ItemFacts, person: PersonFacts, _policy: Policy) -> bool:
    """The person is all that the rules of the policy ask for items like this."""
    return not item.route or admits(item.route, person)


def has_time_left_in_shift(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """The next touch fits into the rest of the shift that runs, plus the grace; off shift there is nothing to fit into."""
    return item.touch_min <= longest_touch_min(person, policy)


def has_room_in_class(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """The person owns fewer items of each of the item's classes of work than its limit, or owns this one already."""
    return item.owner == person.id or all(has_room(person, name, policy) for name in item.classes)


def has_room(person: PersonFacts, name: str, policy: Policy) -> bool:
    """The part of has_room_in_class that is about one class."""
    limit = class_limit(person, name, policy)
    return limit is None or person.open_by_class.get(name, 0) < limit


def class_limit(person: PersonFacts, name: str, policy: Policy) -> int | None:
    """How many items of a class the person may own: her own limit before the policy's; None for no limit."""
    limit = person.class_limits.get(name, policy.class_limits.get(name))
    return None if limit is None else int(limit)


def has_free_slot(item: ItemFacts, person: PersonFacts, _policy: Policy) -> bool:
    """The person owns fewer items than her limit, or owns this one already."""
    return person.open_count < person.wip_limit or item.owner == person.id


def has_not_declined(item: ItemFacts, person: PersonFacts, _policy: Policy) -> bool:
    """The person has not declined this item."""
    return person.id not in item.declined_by


def is_present_and_on_shift_now(person: PersonFacts, policy: Policy) -> bool:
    """The part of is_present_and_on_shift that needs no item."""
    return not policy.needs_shift or (person.is_on_shift and person.presence is Presence.AVAILABLE)


def longest_touch_min(person: PersonFacts, policy: Policy) -> int:
    """The longest touch that still fits into the shift that runs, in minutes; NO_LIMIT_MIN when nothing limits it."""
    if not policy.needs_shift_time or not person.is_on_shift:
        return NO_LIMIT_MIN
    return person.shift_left_min + policy.shift_grace_min


# -- preferences, in hundredths of a point ------------------------------------------------------------------------------


def speed_of(item: ItemFacts, person: PersonFacts, policy: Policy) -> float:
    """Working speed on this item: 1 at the required level, faster with each level above it."""
    level = 0 if item.skill is None else person.skills.get(item.skill, 0)
    return 1.0 + policy.speed_per_level * min(SURPLUS_LEVELS, max(0, level - item.min_level))


def urgency(item: ItemFacts, _person: PersonFacts, context: Context) -> int:
    """How urgent the item's promises are; the same for everybody."""
    return round(100 * context.base(item))


def skill_speed(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """What a skill above the required level wins, because the promise is served faster."""
    return round(100 * context.base(item) * (speed_of(item, person, context.policy) - 1.0))


def handover(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """What is lost because the item must be explained to somebody who has not worked on it."""
    if not item.is_touched or has_worked_on(item, person.id):
        return 0
    base, speed = context.base(item), speed_of(item, person, context.policy)
    slowed = base * item.touch_min / (item.touch_min / speed + context.policy.handover_min)
    return round(100 * (slowed - base * speed))


def time_left_in_shift(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """The part of the remaining effort that fits into what is left of the shift."""
    fits = min(1.0, shift_step(person.shift_left_min) / effort_step(item.effort_min))
    return round(100 * context.policy.shift_weight * fits)


def continuity(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """The person has worked on this item, or lately for its customer; the better of the two counts."""
    if has_worked_on(item, person.id):
        return round(100 * max(context.policy.continuity_item, context.policy.continuity_customer))
    return round(100 * context.policy.continuity_customer) if person.id in item.knows_customer else 0


def spares_generalists(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """Other scarce skills of the person count against her, so that she stays free for what only she can do."""
    others = (skill for skill, level in person.skills.items() if level > 0 and skill != item.skill)
    total = sum(context.scarcity.get(skill, 0.0) for skill in others)
    return -round(100 * context.policy.breadth_weight * min(context.policy.breadth_limit, total))


def spares_rare(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """Work that does not need what few at work can do counts against those who can, so that they stay free for it."""
    rare = context.rare.get(person.id, {})
    language = item.language if context.policy.needs_language else None
    return -round(100 * context.policy.rarity_weight * unused(rare, item.skill, item.min_level, language))


def unused(rare: Mapping[Ask, float], skill: SkillId | None, level: int, language: str | None) -> float:
    """How much rarer what an item with these needs leaves unused is than what it uses of rare abilities, from 0 to 1."""
    most = {True: 0.0, False: 0.0}
    for ask, share in rare.items():
        is_used = _uses(ask, skill, level, language)
        most[is_used] = max(most[is_used], share)
    return max(0.0, most[False] - most[True])


def _uses(ask: Ask, skill: SkillId | None, level: int, language: str | None) -> bool:
    is_skill = ask.skill is None or (ask.skill == skill and ask.level <= level)
    return is_skill and (ask.language is None or ask.language == language)


def same_region(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """The person works in the region to which the item belongs."""
    return round(100 * context.policy.region_weight) if item.region is not None and item.region == person.region else 0


def preferred_by_rule(item: ItemFacts, person: PersonFacts, _context: Context) -> int:
    """The rules of the policy prefer the person for items like this."""
    return sum(round(100 * claim.points) for claim in preferred(item.route, person)) if item.route else 0


def stands_in(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """The person stands in for the item's owner, who is absent or has left."""
    is_deputy = item.owner is not None and context.stand_ins.get(item.owner) == person.id
    return round(100 * context.policy.deputy_weight) if is_deputy else 0


def stays_with_owner(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """What moving an owned item costs: the margin, and the handover when somebody has worked on it."""
    if item.owner not in context.owners or item.owner == person.id:
        return 0
    return -churn(item, context.policy)


def is_away_too_long(item: ItemFacts, owner: PersonFacts) -> bool:
    """The owner is absent, and comes back only after a promise of the item is due, or nobody knows when."""
    if not owner.is_absent:
        return False
    back_at = owner.next_shift_at
    return back_at is None or any(promise.due_at <= back_at for promise in item.commitments)


def churn(item: ItemFacts, policy: Policy) -> int:
    """Price of a move in hundredths of a point: (handover if touched + margin) x price of an hour."""
    minutes = policy.churn_min + (policy.handover_min if item.is_touched else 0)
    return round(100 * policy.churn_points_per_hour * minutes / 60)


def even_load(person: PersonFacts, *, taken: int, slot_min: float, policy: Policy, held_min: int = 0) -> int:
    """What one more item costs a person in load: a little at first, then ever more, so that loads even out.

    taken: slots of this plan she has taken already. slot_min: mean effort of a slot. held_min: the part of her load that
    competes again, and so does not count as given.
    """
    hours = max(60, person.staffed_week_min)
    before = (max(0, person.load_min - held_min) + taken * slot_min) / hours
    return -slot_cost(before, slot_min / hours, policy)


def slot_cost(load: float, step: float, policy: Policy) -> int:
    """Rise of the load cost from *load* to *load* + *step* (ratios), in hundredths of a point, at most STEEPEST."""
    rise = 100 * (_load_cost(load + step, policy) - _load_cost(load, policy))
    return min(STEEPEST, round(rise))


def _load_cost(load: float, policy: Policy) -> float:
    above = max(0.0, load - policy.load_knee)
    return policy.load_weight * above * above + policy.spread_weight * load * load


def has_worked_on(item: ItemFacts, person: PersonId) -> bool:
    """The person owns the item or has worked on it before."""
    return person == item.owner or person in item.worked_before


# -- the list -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as pages and documents show it."""

    name: str
    level: RuleLevel
    unit: str
    sentence: str


Must = Callable[[ItemFacts, PersonFacts, Policy], bool]
Preference = Callable[[ItemFacts, PersonFacts, Context], int]

MUSTS: tuple[Must, ...] = (
    is_active,
    is_present_and_on_shift,
    is_in_team,
    has_required_skill,
    speaks_language,
    has_clearance,
    may_serve_tier,
    is_asked_for,
    has_time_left_in_shift,
    has_room_in_class,
    has_free_slot,
    has_not_declined,
)
"""In the order in which a person who fails several is counted."""
LASTING: tuple[Must, ...] = (
    is_active,
    is_in_team,
    has_required_skill,
    speaks_language,
    has_clearance,
    may_serve_tier,
)
"""Those that hold at any hour, whatever else the person does; what rules of the policy ask of single items is not among them."""

PREFERENCES: tuple[tuple[Preference, RuleLevel], ...] = (
    (urgency, RuleLevel.PROMISE),
    (skill_speed, RuleLevel.PROMISE),
    (handover, RuleLevel.PROMISE),
    (time_left_in_shift, RuleLevel.NICE),
    (continuity, RuleLevel.NICE),
    (spares_generalists, RuleLevel.FAIR),
    (spares_rare, RuleLevel.FAIR),
    (same_region, RuleLevel.NICE),
    (preferred_by_rule, RuleLevel.NICE),
    (stands_in, RuleLevel.NICE),
    (stays_with_owner, RuleLevel.NICE),
)
"""Everything but even_load, which depends on how much the plan has given the person already."""


def _describe(function: Callable[..., object], level: RuleLevel, unit: str) -> Rule:
    sentence = " ".join((function.__doc__ or "").strip().split("\n\n")[0].split())
    return Rule(name=function.__name__, level=level, unit=unit, sentence=sentence)


RULES: tuple[Rule, ...] = (
    *(_describe(must, RuleLevel.MUST, "yes or no") for must in MUSTS),
    *(_describe(preference, level, "points") for preference, level in PREFERENCES),
    _describe(even_load, RuleLevel.FAIR, "points"),
)
"""Every rule by name, level, unit and sentence."""


def failed_musts(item: ItemFacts, person: PersonFacts, policy: Policy) -> tuple[str, ...]:
    """Names of all musts that the person fails for the item, in the order of MUSTS."""
    return tuple(must.__name__ for must in MUSTS if not must(item, person, policy))


ABLE: tuple[Must, ...] = (
    is_active, is_in_team, has_required_skill, speaks_language, has_clearance, may_serve_tier, is_asked_for, has_not_declined,
)  # fmt: skip
"""The musts that speak of what somebody can do, not of whether she is there at the moment, or has her hands full."""


def is_able(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """Whether the person could take the item at some hour, with her hands free: she fails no must of ABLE."""
    return all(must(item, person, policy) for must in ABLE)


def fulfils_musts(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """Whether the person fails no must for the item: as `failed_musts`, but asked no longer than needed."""
    for must in MUSTS:  # noqa: SIM110 - half the time of all(), and asked more often than anything else
        if not must(item, person, policy):
            return False
    return True


def preference_points(item: ItemFacts, person: PersonFacts, context: Context) -> int:
    """What all preferences come to together, in hundredths of a point."""
    points = 0
    for rule, _ in PREFERENCES:
        points += rule(item, person, context)
    return points


def may_ever_take(item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """Whether the person could own the item at some time: she fails no lasting must for it."""
    for must in LASTING:  # noqa: SIM110 - as in `fulfils_musts`
        if not must(item, person, policy):
            return False
    return True
