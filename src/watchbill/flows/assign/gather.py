"""One snapshot of a desk for the engine: a handful of queries, whatever the number of items and people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.queries import Promise
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.decisions.deferrals import deferred_of
from watchbill.apps.decisions.freed import FreedItem, freed_of
from watchbill.apps.decisions.queries import Answers, PolicyInForce, Proposal, QueueModeRow
from watchbill.apps.people import queries as people
from watchbill.apps.people.abilities import Ability, ability_list
from watchbill.apps.shifts.queries import Staffed, staffed
from watchbill.apps.work import competing
from watchbill.apps.work.competing import Carried, Competing
from watchbill.apps.work.efforts import TOUCH_MOST_MIN, EffortTable, effort_table
from watchbill.engine.assign.facts import Ask, Commitment, CommitmentKind, ItemFacts, PersonFacts, Presence, Snapshot
from watchbill.engine.assign.interrupt import Held
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rails import PROPOSING
from watchbill.engine.assign.routing import Route
from watchbill.engine.base.ids import ItemId, PersonId, QueueId, RegionId, SkillId, TeamId
from watchbill.engine.base.work import Priority, State
from watchbill.flows.assign.routes import routes_of

NO_QUEUE = QueueId(0)
SEED = 0
"""Settles ties between equal people: the same for every desk and run, so that the same facts give the same answer."""
ADVISE = QueueModeRow()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything that a decision about a desk may know, and what applying it needs beside.

    items, facts: those of the snapshot, by id. people, names: everybody, by id. next_change_at: when the first person comes on
    shift or goes off after now. freed: owned items that compete all the same, by id; in the snapshot nobody owns them.
    """

    desk_id: int
    snapshot: Snapshot
    items: Mapping[int, Competing]
    facts: Mapping[int, ItemFacts]
    people: Mapping[int, PersonFacts]
    answers: Mapping[int, Answers]
    modes: Mapping[int, QueueModeRow]
    names: Mapping[int, str]
    effort: EffortTable
    policy_number: int
    next_change_at: datetime | None
    freed: Mapping[int, FreedItem] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.snapshot.now

    def mode_of(self, item: Competing) -> QueueModeRow:
        """The mode of the item's queue; without a queue, or never set: advise."""
        return mode_of(self.modes, item.queue_id)


def standing_of(proposals: Mapping[int, Proposal]) -> dict[ItemId, PersonId | None]:
    """The current plan: who is proposed, by item; each proposal takes a slot."""
    return {
        ItemId(item_id): None if proposal.chosen_id is None else PersonId(proposal.chosen_id)
        for item_id, proposal in proposals.items()
    }


def mode_of(modes: Mapping[int, QueueModeRow], queue_id: int | None) -> QueueModeRow:
    """The mode of a queue among *modes*; without a queue, or never set: advise."""
    return ADVISE if queue_id is None else modes.get(queue_id, ADVISE)


def gather_desk(
    desk_id: int,
    now: datetime,
    *,
    also: Sequence[int] = (),
    only: Sequence[int] | None = None,
    policy: Policy | None = None,
) -> Gathered:
    """Read the facts of one desk at *now*: about fifteen queries, none of them by item or person.

    Items: the actionable ones without an owner able to work, of queues in which something is proposed, and what is freed of its
    owner, all without what is put off; owned ones too where the policy moves owned items; and those with the ids *also*, whatever they are; of all these, *only* those with these ids.
    *policy* replaces the one in force.
    """
    in_force = decisions.policy_in_force(desk_id, now)
    held = PolicyInForce(number=in_force.number, policy=policy) if policy is not None else in_force
    modes = decisions.modes_of_desk(desk_id)
    hours = staffed(desk_id, now, closed_on=clocks.closed_dates(desk_id, now))
    absent = [person_id for person_id, row in hours.items() if is_absent(row)]
    freed, asked, deferred = freed_of(desk_id, now), frozenset(also), deferred_of(desk_id, now)
    rows = [
        row
        for row in competing.items_competing(
            desk_id, also=[*also, *freed], absent=absent, with_owned=held.policy.is_rebalancing, only=only
        )
        if row.id in asked or (row.id not in deferred and mode_of(modes, row.queue_id).mode in PROPOSING)
    ]
    answers = decisions.answers_before([row.id for row in rows])
    effort = effort_table(desk_id)
    able = ability_list(desk_id)
    has_limits = bool(held.policy.class_limits) or any(ability.class_limits for ability in able)
    carried = competing.carried_by_person(desk_id, now, with_classes=has_limits)
    routed = items_facts(rows, answers, effort, now, routes_of(desk_id, rows, held.policy, able, now))
    facts = [without_owner(item, freed) for item in routed]
    staff = [person_facts(ability, hours.get(ability.id), carried.get(ability.id)) for ability in able]
    return Gathered(
        desk_id=desk_id,
        snapshot=Snapshot(
            now=now,
            items=facts,
            people=staff,
            policy=held.policy,
            asks=_asks(desk_id),
            seed=SEED,
            skill_names={SkillId(row["id"]): row["name"] for row in people.skill_list(desk_id, by=WATCHBILL)},
            team_names={TeamId(row["id"]): row["name"] for row in people.team_list(desk_id, by=WATCHBILL)},
        ),
        items={row.id: row for row in rows},
        facts={item.id: item for item in facts},
        people={person.id: person for person in staff},
        answers=answers,
        modes=modes,
        names={ability.id: ability.name for ability in able},
        effort=effort,
        policy_number=held.number,
        next_change_at=_next_change(hours, now),
        freed=freed,
    )


def changed_people(gathered: Gathered) -> frozenset[PersonId]:
    """Read people anew, and return those of whom anything but their work is different by now. Four queries."""
    desk_id, now = gathered.desk_id, gathered.now
    hours = staffed(desk_id, now, closed_on=clocks.closed_dates(desk_id, now))
    found = {one.id: person_facts(one, hours.get(one.id), None) for one in ability_list(desk_id)}
    return frozenset(
        person.id
        for person in gathered.people.values()
        if found.get(person.id) != replace(person, load_min=0, open_count=0, open_by_class={})
    )


def without_owner(item: ItemFacts, freed: Mapping[int, FreedItem]) -> ItemFacts:
    """Return an item that is freed as one that nobody owns, and that is not for those who let it wait."""
    one = freed.get(item.id)
    if one is None or item.owner is None:
        return item
    declined = {*item.declined_by, *(PersonId(person) for person in one.not_to)}
    return replace(item, owner=None, declined_by=tuple(sorted(declined)))


_COMMITMENTS = {
    "response": CommitmentKind.RESPONSE,
    "next_update": CommitmentKind.UPDATE,
    "stage": CommitmentKind.STAGE,
    "resolution": CommitmentKind.RESOLUTION,
}


def items_facts(
    rows: Sequence[Competing],
    answers: Mapping[int, Answers],
    effort: EffortTable,
    now: datetime,
    routes: Mapping[int, Route],
) -> list[ItemFacts]:
    """Return what the engine may know of items: three queries."""
    ids = [row.id for row in rows]
    customer_ids = sorted({row.customer_id for row in rows if row.customer_id is not None})
    promises = clocks.promises_of_items(ids)
    worked = competing.owners_before(ids)
    known = competing.owners_by_customer(customer_ids, now)
    nothing = Answers()
    return [
        item_facts(
            row,
            effort_min=effort.minutes(row.category, row.priority),
            promises=promises.get(row.id, ()),
            worked=worked.get(row.id, ()),
            known=known.get(row.customer_id, ()) if row.customer_id is not None else (),
            said=answers.get(row.id, nothing),
            route=routes.get(row.id, ()),
        )
        for row in rows
    ]


def with_taken(gathered: Gathered, taken: Mapping[int, int]) -> Gathered:
    """Return the facts with so many more items counted as each person's own: proposed to her, but left out of view.

    They weigh as much as an item in view does on average.
    """
    if not taken:
        return gathered
    efforts = [item.effort_min for item in gathered.snapshot.items]
    mean = round(sum(efforts) / len(efforts)) if efforts else 0
    people = [
        replace(person, open_count=person.open_count + more, load_min=person.load_min + more * mean)
        if (more := taken.get(person.id, 0))
        else person
        for person in gathered.snapshot.people
    ]
    snapshot = replace(gathered.snapshot, people=people)
    return replace(gathered, snapshot=snapshot, people={person.id: person for person in people})


def gather_held(gathered: Gathered, person_ids: Collection[int]) -> list[Held]:
    """Read what people own and could work on, in any queue: for interrupting one of it. Five queries."""
    rows = competing.items_held(gathered.desk_id, sorted(person_ids))
    answers = decisions.answers_before([row.id for row in rows])
    desk_id, policy = gathered.desk_id, gathered.snapshot.policy
    able = ability_list(desk_id) if policy.rules else []
    routes = routes_of(desk_id, rows, policy, able, gathered.now)
    facts = items_facts(rows, answers, gathered.effort, gathered.now, routes)
    return [
        Held(facts=item, owner=item.owner, reference=row.reference)
        for row, item in zip(rows, facts, strict=True)
        if item.owner is not None
    ]


def _asks(desk_id: int) -> frozenset[Ask]:
    """What the desk's work asks for, now or at other times: each skill at a level, each language, and each of both."""
    found = competing.items_asks(desk_id)
    skills = {(skill_id, level) for skill_id, level, _ in found if skill_id is not None}
    languages = {language for _, _, language in found if language}
    return frozenset(
        {Ask(SkillId(skill), level) for skill, level in skills}
        | {Ask(language=language) for language in languages}
        | {Ask(SkillId(skill), level, language) for skill, level in skills for language in languages}
    )


def item_facts(
    row: Competing,
    *,
    effort_min: int,
    promises: Sequence[Promise],
    worked: Sequence[int],
    known: Sequence[int],
    said: Answers,
    route: Route,
) -> ItemFacts:
    return ItemFacts(
        id=ItemId(row.id),
        queue=NO_QUEUE if row.queue_id is None else QueueId(row.queue_id),
        priority=Priority(row.priority),
        opened_at=row.opened_at,
        touch_min=min(effort_min, TOUCH_MOST_MIN),
        effort_min=effort_min,
        team=None if row.team_id is None else TeamId(row.team_id),
        skill=None if row.skill_id is None else SkillId(row.skill_id),
        min_level=row.skill_level,
        language=row.language or None,
        tier=row.tier,
        commitments=tuple(
            Commitment(kind=_COMMITMENTS[kind], due_at=due_at, target_min=max(1, target_s // 60))
            for kind, due_at, target_s in promises
        ),
        owner=None if row.owner_id is None else PersonId(row.owner_id),
        is_touched=bool(worked) or row.state == State.IN_PROGRESS,
        is_pinned=said.is_kept,
        last_moved_at=said.moved_at,
        customer=row.customer_id,
        worked_before=tuple(PersonId(person) for person in worked),
        knows_customer=tuple(PersonId(person) for person in known),
        declined_by=tuple(PersonId(person) for person in sorted(said.declined)),
        clearances=frozenset(row.clearances),
        region=None if row.region_id is None else RegionId(row.region_id),
        classes=row.classes,
        route=route,
    )


def is_absent(hours: Staffed) -> bool:
    """Whether somebody is away for longer than a break: for a time that was said beforehand, or off by her own word."""
    return hours.is_absent or hours.presence == Presence.OFF


def person_facts(ability: Ability, hours: Staffed | None, carried: Carried | None) -> PersonFacts:
    """One person; somebody inactive has no hours, and is passed on so that reasons can count her."""
    deputy = hours.deputy_id if hours and hours.deputy_id is not None else ability.deputy_id
    return PersonFacts(
        id=PersonId(ability.id),
        name=ability.name,
        teams=frozenset(TeamId(team) for team in ability.teams),
        skills={SkillId(skill): level for skill, level in ability.skills.items()},
        languages=frozenset(ability.languages),
        presence=Presence(hours.presence) if hours else Presence.OFF,
        is_active=ability.is_active,
        is_on_shift=hours.is_on_shift if hours else False,
        shift_left_min=hours.left_s // 60 if hours else 0,
        staffed_week_min=hours.next_week_s // 60 if hours else 0,
        load_min=round(carried.load_min) if carried else 0,
        open_count=carried.open_count if carried else 0,
        wip_limit=ability.wip_limit,
        next_shift_at=hours.opens_at if hours else None,
        since_change_min=None if hours is None or hours.changed_s is None else hours.changed_s // 60,
        clearances=frozenset(ability.clearances),
        tiers=frozenset(ability.tiers),
        region=None if ability.region_id is None else RegionId(ability.region_id),
        class_limits=ability.class_limits,
        open_by_class=carried.by_class if carried else {},
        is_absent=hours is not None and is_absent(hours),
        deputy=None if deputy is None else PersonId(deputy),
    )


def _next_change(hours: Mapping[int, Staffed], now: datetime) -> datetime | None:
    """When the first person comes or goes after *now*: by her hours, or because what she said of herself ends."""
    shifts = (now + timedelta(seconds=row.left_s) if row.is_on_shift else row.opens_at for row in hours.values())
    presences = (row.presence_until for row in hours.values())
    return min((at for at in (*shifts, *presences) if at is not None and at > now), default=None)
