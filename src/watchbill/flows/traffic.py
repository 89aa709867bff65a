"""Traffic control of items at changes of region: decided ahead of the change, noted, and passed on through assignment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.decisions import deskwatch, traffic
from watchbill.apps.decisions.freed import NewFreed, freed_drop, freed_set
from watchbill.apps.decisions.traffic import ChangeCount, Decided, TrafficRow
from watchbill.apps.people.regions import region_names, region_of
from watchbill.apps.people.rights import Right, require
from watchbill.apps.shifts.absences import away_of
from watchbill.apps.shifts.extra import extra_of
from watchbill.apps.shifts.hours import weeks_of_people
from watchbill.apps.shifts.queries import Staffed
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import Key
from watchbill.apps.work.services import Change, Written, work_change, work_change_many
from watchbill.engine.assign.facts import PersonFacts
from watchbill.engine.assign.interrupt import Held
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.traffic import Choice, Going, NextRegion, TrafficDecision, decide_traffic
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, RegionId
from watchbill.engine.base.intervals import outside
from watchbill.engine.base.work import EventKind
from watchbill.engine.sense.stuck import LONGEST
from watchbill.flows.assign.gather import Gathered, gather_desk, gather_held

SUN = "sun"
"""Why an item competes that is passed to the next region."""
CHOICE_WORDS = {Choice.KEEP: "kept with its owner", Choice.PASS_ON: "passed with the sun", Choice.PARK: "parked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    """A region that goes home, when, and who works there."""

    region_id: int
    leaves_at: datetime
    people: Sequence[PersonFacts]


def decide_desk(desk_id: int, policy: Policy, hours: Mapping[int, Staffed], now: datetime) -> datetime | None:
    """Decide on the items of every region that goes home soon; return when to look again (None: no region does).

    In the caller's transaction. Items that are passed compete for people of other regions from when those are there: in
    queues on advice they are proposed, on autopilot given, as everything that competes.
    """
    gathered = gather_desk(desk_id, now, only=[])
    regions: dict[int, list[PersonFacts]] = defaultdict(list)
    for person in gathered.people.values():
        if person.region is not None and person.is_active:
            regions[person.region].append(person)
    if len(regions) < 2:
        return None
    looks = []
    lead = timedelta(minutes=policy.sun_lead_min)
    for region_id, people in sorted(regions.items()):
        ends = [_ends_at(hours[p.id], now) for p in people if p.id in hours and hours[p.id].is_on_shift]
        if not ends:
            continue
        leaves_at = max(ends)
        if leaves_at - lead > now:
            looks.append(leaves_at - lead)
            continue
        looks.append(leaves_at)
        others = [each for other, each in regions.items() if other != region_id]
        leaving = _Leaving(region_id=region_id, leaves_at=leaves_at, people=people)
        _decide(gathered, leaving, others, hours, now)
    return min(looks, default=None)


def _ends_at(hours: Staffed, now: datetime) -> datetime:
    """When a shift ends that runs: to the second, and so the same at every look; *now* off shift."""
    end = now + timedelta(seconds=hours.left_s)
    return end + timedelta(microseconds=-end.microsecond % 1_000_000) if hours.left_s else now


def _decide(
    gathered: Gathered,
    leaving: _Leaving,
    others: Sequence[Sequence[PersonFacts]],
    hours: Mapping[int, Staffed],
    now: datetime,
) -> None:
    """Decide on the items of one region that goes home, note what is new, and let go of what is passed."""
    desk_id, policy = gathered.desk_id, gathered.snapshot.policy
    held = gather_held(gathered, {person.id for person in leaving.people})
    if not held:
        return
    names = region_names(desk_id)
    returns = _returns(desk_id, leaving, hours, now)
    pinned = traffic.pinned_of(desk_id)
    nexts = [_next(people, names, hours, leaving.leaves_at, now) for people in others]
    decisions: list[tuple[Held, TrafficDecision, datetime]] = []
    for one in held:
        back = returns[one.owner]
        going = Going(
            item=one.facts, owner=gathered.names[one.owner], returns_at=back, is_pinned=one.facts.id in pinned,
            leaves_at=_ends_at(hours[one.owner], now) if one.owner in hours else now,
        )  # fmt: skip
        able = [region for region in nexts if region is not None and region.opens_at < back]
        decisions.append((one, decide_traffic(going, able, policy, now=now), back))
    before = traffic.choices_of(desk_id, [one.facts.id for one, _, _ in decisions])
    opens = {region.id: region.opens_at for region in nexts if region is not None}
    _note(leaving, decisions, before, names, now)
    traffic.traffic_keep(
        desk_id,
        [
            Decided(
                item_id=one.facts.id, owner_id=one.owner, region_id=leaving.region_id, to_region_id=found.region,
                leaves_at=leaving.leaves_at, choice=found.choice, body=_body(found),
            )
            for one, found, _ in decisions
        ],
        now=now,
    )  # fmt: skip
    freed_drop([one.facts.id for one, found, _ in decisions if found.choice is not Choice.PASS_ON], SUN)
    freed_set(
        desk_id,
        [
            NewFreed(
                item_id=one.facts.id, owner_id=one.owner, why=SUN, from_at=max(now, opens[found.region]), until_at=back,
                text=f"Passed with the sun from {names[leaving.region_id]} to {names[found.region]}: {found.reason}",
                also_not=[person.id for person in leaving.people],
            )
            for one, found, back in decisions
            if found.region is not None
        ],
    )  # fmt: skip


def _returns(desk_id: int, leaving: _Leaving, hours: Mapping[int, Staffed], now: datetime) -> dict[PersonId, datetime]:
    """Return when each person of a region that goes home is back at work, her absences reckoned with."""
    ids = [person.id for person in leaving.people]
    weeks, away = weeks_of_people(ids, closed_on=closed_dates(desk_id, now)), away_of(ids, now)
    extra = extra_of(ids, now)
    found: dict[PersonId, datetime] = {}
    for person_id in ids:
        week, staffed = weeks.get(person_id), hours.get(person_id)
        back = None if staffed is None else staffed.opens_at
        if week is not None and staffed is not None and staffed.is_on_shift:
            back = week.next_opening(leaves_at := _ends_at(staffed, now))
            for absence in away.get(person_id, []):
                if back is not None and absence.start_at <= back < absence.end_at:
                    is_open = week.is_open(absence.end_at)
                    back = absence.end_at if is_open else week.next_opening(absence.end_at)
            gone = (one.span for one in away.get(person_id, []))
            called = outside((one.span for one in extra.get(person_id, [])), gone)
            back = min([*filter(None, [back]), *(begin for begin, _ in called if begin >= leaves_at)], default=None)
        found[person_id] = back or now + LONGEST
    return found


def _next(
    people: Sequence[PersonFacts],
    names: Mapping[int, str],
    hours: Mapping[int, Staffed],
    leaves_at: datetime,
    now: datetime,
) -> NextRegion | None:
    """Return a region as one that takes over: from when on, who, and how loaded; None when nobody's hours are known."""
    there: list[tuple[datetime, PersonFacts]] = []
    for person in people:
        row = hours.get(person.id)
        if row is None or row.is_absent:
            continue
        stays = row.is_on_shift and _ends_at(row, now) > leaves_at
        opens_at = now if stays else row.opens_at
        if opens_at is not None:
            there.append((opens_at, person))
    region = people[0].region
    if not there or region is None:
        return None
    staffed_min = sum(person.staffed_week_min for _, person in there)
    return NextRegion(
        id=RegionId(region), name=names[region], opens_at=min(at for at, _ in there),
        people=[person for _, person in there],
        load_ratio=sum(person.load_min for _, person in there) / max(60, staffed_min),
    )  # fmt: skip


def _body(found: TrafficDecision) -> dict[str, Any]:
    return {
        "reason": found.reason,
        "rejected": [{"choice": one.choice.value, "words": one.words} for one in found.rejected],
    }


def _note(
    leaving: _Leaving,
    decisions: Sequence[tuple[Held, TrafficDecision, datetime]],
    before: Mapping[int, tuple[int, str, datetime]],
    names: Mapping[int, str],
    now: datetime,
) -> None:
    """Write what is new into the items' notes: another choice or owner than before; what is passed, at every change."""
    changes = []
    for one, found, _ in decisions:
        owner_id, choice, leaves_at = before.get(one.facts.id, (None, None, None))
        is_known = owner_id == one.owner and choice == found.choice
        if is_known and (found.choice is not Choice.PASS_ON or leaves_at == leaving.leaves_at):
            continue
        rejected = "; ".join(f"not {CHOICE_WORDS[no.choice]}: {no.words}" for no in found.rejected)
        text = (
            f"{names[leaving.region_id]} goes home: {CHOICE_WORDS[found.choice]}, because {found.reason}."
            f" {rejected[:1].upper()}{rejected[1:]}."
        )
        changes.append(Change(item_id=one.facts.id, kind=EventKind.NOTE, data={"text": text, "traffic": found.choice}))
    work_change_many(sorted(changes, key=lambda change: change.item_id), by=WATCHBILL, now=now)


def item_pin(reference: str, *, is_pinned: bool, by: Actor, now: datetime) -> Written:
    """Pin an item to its owner at changes of region, or let it go again; noted on the item. What becomes of one that is let
    go is decided at once.

    Raises NotFound, NotAllowed, and InvalidFacts for an item that nobody owns, or whose owner is of no region.
    """
    item = work.work_get(reference, by=by)
    require(by, Right.WORK_ASSIGN, item.desk_id)
    if item.owner_id is None:
        raise InvalidFacts(f"Nobody owns {item.reference}, so there is nobody to keep it with")
    region_id = region_of(item.owner_id)
    if region_id is None:
        raise InvalidFacts(f"{item.owner} is of no region, so {item.reference} does not go with the sun")
    said = f"Pinned to {item.owner} at changes of region" if is_pinned else "Not pinned any more at changes of region"
    with transaction.atomic():
        written = work_change(Change(item_id=item.id, kind=EventKind.NOTE, data={"text": said}), by=by, now=now)
        traffic.pin_set(
            item.id, desk_id=item.desk_id, owner_id=item.owner_id, region_id=region_id, is_pinned=is_pinned,
            body={"reason": "somebody has pinned it to its owner", "rejected": []}, leaves_at=now, by=by, now=now,
        )  # fmt: skip
        freed_drop([item.id], SUN)
        deskwatch.look_soon(item.desk_id, now)
    return written


def traffic_shown(rows: Sequence[TrafficRow]) -> list[dict[str, Any]]:
    """Return what was decided for changes of region in plain values, for the API and the command line."""
    return [
        {
            "reference": row.reference, "title": row.title, "priority": row.priority, "owner": row.owner,
            "region": row.region, "to_region": row.to_region, "leaves_at": row.leaves_at, "choice": row.choice,
            "reason": row.body["reason"], "rejected": row.body["rejected"], "is_pinned": row.is_pinned,
            "pinned_by": row.pinned_by or None,
        }
        for row in rows
    ]  # fmt: skip


def changes_shown(changes: Sequence[ChangeCount]) -> list[dict[str, Any]]:
    """Return the coming changes of region in plain values."""
    return [
        {
            "region": one.region, "leaves_at": one.leaves_at, "keep": one.kept, "pass": one.passed, "park": one.parked,
        }
        for one in changes
    ]  # fmt: skip


def traffic_key(row: TrafficRow) -> Key:
    """Where a page ends of which *row* is the last."""
    return Key(at=row.leaves_at, id=row.item_id)
