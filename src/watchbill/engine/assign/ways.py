"""The cheapest way out when nobody can take an item: which single must, relaxed, lets whom take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.outcome import WayOut
from watchbill.engine.assign.rules import class_limit, failed_musts, has_room
from watchbill.engine.assign.words import name_of, rules_against, skill_name, span, team_name
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.time import FAR_FUTURE

COST = (
    "starts_in_time",
    "has_not_declined",
    "is_present_and_on_shift",
    "has_free_slot",
    "has_time_left_in_shift",
    "is_in_team",
    "starts_later",
    "has_room_in_class",
    "may_serve_tier",
    "speaks_language",
    "is_asked_for",
    "has_clearance",
    "has_required_skill",
)
"""What is cheap first: wait for a shift that starts before the first promise is due, ask again somebody who declined, call
somebody who is away, raise a limit, run past the end of a shift, lend to a team, wait for a later shift, let her own more of the class or serve
the tier, find a language, make an exception from the policy, give a clearance, teach a skill. An inactive account is never offered."""

Nearest = Mapping[str, PersonFacts]


def nearest(item: ItemFacts, snapshot: Snapshot, *, full: frozenset[PersonId]) -> Nearest:
    """Per must, the best person among those who fail only that one; "starts" stands for a shift that does not run yet.

    full: people whose last free slot the plan gives to other work; for them a slot is what is missing. The answer is the
    same for all items with equal needs (see same_for). O(people).
    """
    best: dict[str, tuple[tuple[float, ...], PersonFacts]] = {}
    for person in sorted(snapshot.people, key=lambda person: person.id):
        failed = failed_musts(item, person, snapshot.policy)
        if person.id in full and not failed:
            failed = ("has_free_slot",)
        if len(failed) != 1 or failed[0] == "is_active":
            continue
        kind = "starts" if failed[0] == "is_present_and_on_shift" and not person.is_on_shift else failed[0]
        effort = _effort(kind, item, person)
        if kind not in best or effort < best[kind][0]:
            best[kind] = (effort, person)
    return {kind: person for kind, (_, person) in best.items()}


def same_for(item: ItemFacts) -> tuple[object, ...]:
    """Items with an equal key have the same nearest people."""
    return (
        item.team, item.skill, item.min_level, item.language, item.touch_min, item.owner, frozenset(item.declined_by),
        item.clearances, item.tier, item.classes, item.route,
    )  # fmt: skip


def ways_out(item: ItemFacts, snapshot: Snapshot, found: Nearest) -> tuple[WayOut, ...]:
    """One way per must of *found*, cheapest first: COST says what is cheap."""
    due = min((promise.due_at for promise in item.commitments), default=FAR_FUTURE)
    people = {}
    for kind, person in found.items():
        starts = person.next_shift_at
        in_time = starts is not None and snapshot.now <= starts < due
        people[kind if kind != "starts" else "starts_in_time" if in_time else "starts_later"] = person
    return tuple(_way(kind, item, people[kind], snapshot) for kind in COST if kind in people)


def _effort(kind: str, item: ItemFacts, person: PersonFacts) -> tuple[float, ...]:
    """What makes one person cheaper than another for the same relaxation; smaller is cheaper."""
    load = person.load_min / max(60, person.staffed_week_min)
    match kind:
        case "starts":
            return (float((person.next_shift_at or FAR_FUTURE).timestamp()), load)
        case "has_time_left_in_shift":
            return (float(-person.shift_left_min), load)
        case "has_required_skill" if item.skill is not None:
            return (float(-person.skills.get(item.skill, 0)), load)
        case _:
            return (load,)


def _way(kind: str, item: ItemFacts, person: PersonFacts, snapshot: Snapshot) -> WayOut:
    rule = "is_present_and_on_shift" if kind.startswith("starts_") else kind
    at = person.next_shift_at if kind.startswith("starts_") else None
    return WayOut(rule=rule, person=person.id, words=_SENTENCES[kind](item, person, snapshot), at=at)


def _starts(_item: ItemFacts, person: PersonFacts, _snapshot: Snapshot) -> str:
    if person.next_shift_at is None:
        return f"{name_of(person)} is off shift; when the next shift starts is not known"
    return f"{name_of(person)} comes on shift at {_instant(person.next_shift_at)}"


def _slot(_item: ItemFacts, person: PersonFacts, _snapshot: Snapshot) -> str:
    wanted = max(person.open_count, person.wip_limit) + 1
    return f"raise the limit of {name_of(person)} from {person.wip_limit} to {wanted} items"


def _class_room(item: ItemFacts, person: PersonFacts, snapshot: Snapshot) -> str:
    full = [name for name in item.classes if not has_room(person, name, snapshot.policy)]
    limit = class_limit(person, full[0], snapshot.policy)
    return f"let {name_of(person)} own more than {limit} of {full[0]}"


def _overtime(item: ItemFacts, person: PersonFacts, _snapshot: Snapshot) -> str:
    left, need = span(person.shift_left_min), span(item.touch_min)
    return f"let {name_of(person)} finish after the shift: {left} left, about {need} needed"


def _team(item: ItemFacts, person: PersonFacts, snapshot: Snapshot) -> str:
    team = "the team" if item.team is None else team_name(snapshot, item.team)
    return f"lend {name_of(person)} to {team}"


def _skill(item: ItemFacts, person: PersonFacts, snapshot: Snapshot) -> str:
    if item.skill is None:
        return f"teach {name_of(person)} the skill"
    has = person.skills.get(item.skill, 0)
    return f"teach {name_of(person)} {skill_name(snapshot, item.skill)}: level {item.min_level} required, has {has or 'none'}"


def _instant(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} {value.tzname() or 'UTC'}"


_SENTENCES: dict[str, Callable[[ItemFacts, PersonFacts, Snapshot], str]] = {
    "starts_in_time": _starts,
    "starts_later": _starts,
    "has_not_declined": lambda _item, person, _snapshot: f"ask {name_of(person)} again, who declined it",
    "is_present_and_on_shift": lambda _item, person, _snapshot: f"call {name_of(person)}, who is on shift but away",
    "has_free_slot": _slot,
    "has_time_left_in_shift": _overtime,
    "is_in_team": _team,
    "speaks_language": lambda item, person, _snapshot: (
        f"give it to {name_of(person)}, who does not speak {item.language}"
    ),
    "has_room_in_class": _class_room,
    "may_serve_tier": lambda item, person, _snapshot: f"let {name_of(person)} serve customers of the tier {item.tier}",
    "has_clearance": lambda item, person, _snapshot: (
        f"give {name_of(person)} the clearance {', '.join(sorted(item.clearances - person.clearances))}"
    ),
    "is_asked_for": lambda item, person, _snapshot: (
        f"give it to {name_of(person)} against {rules_against(item, person)} of the policy"
    ),
    "has_required_skill": _skill,
}
