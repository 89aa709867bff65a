"""Applying one plan of recovery options, once, in one transaction; and taking it back, as far as nobody has acted on it since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import ACT, RECOVERY, key_of, shown
from watchbill.apps.core.runs import DONE
from watchbill.apps.core.services import desk_changed
from watchbill.apps.decisions.choices import MoveStatus
from watchbill.apps.decisions.deferrals import (
    deferral_add_many,
    deferral_drop,
    deferral_drop_of,
    deferral_kept,
    deferrals_of,
)
from watchbill.apps.decisions.moves import move_list
from watchbill.apps.decisions.recoveries import (
    RecoveryRow,
    recovery_applied,
    recovery_get,
    recovery_lock,
    recovery_undone,
    require_latest,
)
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.people.rights import Right, require
from watchbill.apps.shifts.absences import away_ahead
from watchbill.apps.shifts.extra import NewExtra, extra_add_many, extra_cancel
from watchbill.apps.shifts.hours import off_until
from watchbill.apps.work import queries as work
from watchbill.apps.work import services as work_services
from watchbill.engine.backtest.recovery.facts import HourRules
from watchbill.engine.backtest.recovery.outcome import PlanCode
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.act.undoing import act_undo
from watchbill.flows.balance.answering import moves_withdraw
from watchbill.flows.balance.making import MOST_WAITING, moves_make
from watchbill.flows.balance.suggesting import key_of as move_key
from watchbill.flows.recover.applied import ANEW, Applied, items_told, note_of, notes_write, require_as_planned
from watchbill.flows.recover.passing import passing_do, passing_undo

HOLDS = timedelta(hours=1)
"""How long options may be applied, in desk time: after that the desk is another one."""
NEEDS = {
    PlanCode.REBALANCE: (Right.WORK_BULK, Right.WORK_ASSIGN), PlanCode.HOURS: (Right.WORK_BULK, Right.PEOPLE_EDIT),
    PlanCode.DEFER: (Right.WORK_BULK,), PlanCode.PARTNER: (Right.WORK_BULK, Right.WORK_EDIT),
}  # fmt: skip
NOT_HERS = "Ask one of those managers to apply the plan; worked out anew by you, it holds the moves for which you speak on one side"
RULES = HourRules()


def recovery_apply(run_id: int, plan: str, *, by: Actor, now: datetime) -> Applied:
    """Do what one plan says: move items, let people work longer, or put items off. Everything or nothing, once.

    Raises NotAllowed, NotFound for a plan that is not offered, InvalidFacts for doing nothing, and Conflict, which says what
    changed, when it was applied already, is too old, or speaks of what is no more so.
    """
    row = recovery_get(run_id, by=by)
    if plan == PlanCode.NOTHING:
        raise InvalidFacts("Going on as now needs nothing to be done", field="plan")
    if plan not in set(PlanCode):
        raise NotFound(f"There is no plan “{plan[:40]}”; there are {', '.join(PlanCode)}")
    code = PlanCode(plan)
    for right in NEEDS[code]:
        require(by, right, row.desk_id)
    with transaction.atomic():
        row = recovery_lock(run_id)
        option = _offered(row, code, now)
        done, receipt = _DOING[code](row, option, by, now)
        recovery_applied(run_id, plan, receipt, by=by, now=now)
        desk_changed(row.desk_id)
    return done


def _offered(row: RecoveryRow, code: PlanCode, now: datetime) -> Mapping[str, Any]:
    """Return the option, when it may still be applied."""
    if row.applied_plan:
        raise Conflict(f"{row.applied_by_name} has applied “{row.applied_plan}” of {row.reference} already. {ANEW}")
    if row.state != DONE:
        raise Conflict(f"{row.reference} is not worked out")
    if now - row.asked_at > HOLDS:
        raise Conflict(f"{row.reference} speaks of {row.asked_at:%H:%M} UTC, more than an hour ago. {ANEW}")
    require_latest(row)
    option = row.option(code)
    if option is None:
        raise NotFound(f"{row.reference} does not offer this plan")
    return option


def _rebalance(row: RecoveryRow, option: Mapping[str, Any], by: Actor, now: datetime) -> tuple[Applied, dict[str, Any]]:
    moves = option["moves"]
    keys = [move_key(one["item"], one["version"], one["to_id"]) for one in moves]
    made = moves_make(row.desk_id, keys, by=by, now=now)
    if made.left:
        raise Conflict(
            f"{len(made.left)} of {len(keys)} moves cannot be made: {'; '.join(f'{item}: {why}' for item, why in made.left[:5])}."
            f" {NOT_HERS if made.others else ANEW}",
            changes=[{"item": item, "why": why} for item, why in made.left],
        )  # fmt: skip
    said = {
        one["item_id"]: "Asked of the other region" if one["item"] in made.asked else f"Moved from {one['from']} to {one['to']}"
        for one in moves
    }  # fmt: skip
    notes_write({item: note_of(row, option, words) for item, words in said.items()}, by=by, now=now)
    told = f"{items_told(len(made.done))} moved" + (
        f", {len(made.asked)} asked of the other region" if made.asked else ""
    )
    waiting = {one.reference: one.id for one in move_list(row.desk_id, status=MoveStatus.ASKED, limit=MOST_WAITING)}
    asked = [waiting[item] for item in made.asked]
    done = Applied(reference=row.reference, plan=option["code"], said=told, act=made.act, asked=made.asked)
    return done, {"act": made.act, "done": made.done, "asked": made.asked, "moves": asked}


def _hours(row: RecoveryRow, option: Mapping[str, Any], by: Actor, now: datetime) -> tuple[Applied, dict[str, Any]]:
    extras = [_extra(one, now) for one in option["extra"]]
    names = {one["person_id"]: one["person"] for one in option["extra"]}
    short = {one["person_id"] for one, extra in zip(option["extra"], extras, strict=True) if _is_short(one, extra)}
    gone = _gone(row.desk_id, extras, names, now, short=short)
    if gone:
        raise Conflict(f"{'; '.join(f'{who}: {why}' for who, why in gone)}. {ANEW}", changes=[{"person": who, "why": why} for who, why in gone])  # fmt: skip
    why = f"{option['name']} of {row.reference}"
    extra_add_many(row.desk_id, extras, why=why, source_ref=row.reference, by=by, now=now)
    notices = [
        NewNotice(
            desk_id=row.desk_id, person_id=one.person_id, kind="extra_hours", subject_ref=row.reference, is_urgent=True,
            text=f"{by.name} asks you to work from {one.from_at:%a %d %b %H:%M} to {one.until_at:%H:%M} UTC beside your usual hours",
        )
        for one in extras
    ]  # fmt: skip
    notice_add_many(notices, now=now)
    hours = sum((one.until_at - one.from_at).total_seconds() for one in extras) / 3600
    said = f"{len(extras)} {'person' if len(extras) == 1 else 'people'} asked to work {hours:.1f} hours more"
    return Applied(reference=row.reference, plan=option["code"], said=said), {"people": sorted(names), "hours": hours}


def _extra(one: Mapping[str, Any], now: datetime) -> NewExtra:
    """The hours as they can still be worked: from now on after a shift; called in, from when she can be there."""
    earliest = now if one["is_overtime"] else now + timedelta(minutes=RULES.notice_min)
    from_at, until_at = (datetime.fromisoformat(one[key]) for key in ("from_at", "until_at"))
    return NewExtra(person_id=one["person_id"], from_at=max(from_at, earliest), until_at=until_at)


def _is_short(one: Mapping[str, Any], extra: NewExtra) -> bool:
    """Whether so much of the hours has passed that less is left than is asked for at the least."""
    is_later = extra.from_at > datetime.fromisoformat(one["from_at"])
    return is_later and extra.until_at - extra.from_at < timedelta(minutes=RULES.least_extra_min)


def _gone(
    desk_id: int, extras: Sequence[NewExtra], names: Mapping[int, str], now: datetime, *, short: Collection[int]
) -> list[tuple[str, str]]:
    """Who cannot work the hours any more, and why."""
    active = {one.id for one in ability_list(desk_id) if one.is_active}
    away, off = away_ahead(desk_id, now), off_until(desk_id, now)
    found = []
    for one in extras:
        name = names[one.person_id]
        if one.person_id not in active:
            found.append((name, "is not active any more"))
        elif any(gone.from_at < one.until_at and gone.until_at > one.from_at for gone in away.get(one.person_id, ())):
            found.append((name, "is away in a part of this time"))
        elif one.person_id in off:
            found.append((name, "is off by her own word"))
        elif one.person_id in short:
            found.append((name, f"could work less than {RULES.least_extra_min} min of it by now"))
    return found


def _defer(row: RecoveryRow, option: Mapping[str, Any], by: Actor, now: datetime) -> tuple[Applied, dict[str, Any]]:
    planned = {one["item_id"]: one for one in option["deferred"]}
    work_services.items_lock(sorted(planned))
    rows = {one.id: one for one in work.work_rows(row.desk_id, [one["item"] for one in planned.values()], by=by)}
    require_as_planned(planned.values(), rows)
    until = datetime.fromisoformat(option["until"])
    said = f"Put off until {until:%a %d %b %H:%M} UTC: nobody is given it before"
    deferral_add_many(
        row.desk_id, sorted(planned), until_at=until, text=f"{option['name']}, {row.reference}", recovery_id=row.id,
        by_name=by.name, now=now,
    )  # fmt: skip
    notes_write({item: note_of(row, option, said) for item in planned}, by=by, now=now)
    told = f"{items_told(len(planned))} put off until {until:%H:%M} UTC"
    return Applied(reference=row.reference, plan=option["code"], said=told), {"items": sorted(planned), "until": option["until"]}  # fmt: skip


_DOING = {PlanCode.REBALANCE: _rebalance, PlanCode.HOURS: _hours, PlanCode.DEFER: _defer, PlanCode.PARTNER: passing_do}


def recovery_undo(run_id: int, *, by: Actor, now: datetime) -> Applied:
    """Take back what was applied, as one act: what nobody has acted on since; what is left is named.

    Raises Conflict when nothing was applied, or it was taken back already, and NotAllowed.
    """
    row = recovery_get(run_id, by=by)
    with transaction.atomic():
        row = recovery_lock(run_id)
        if not row.applied_plan:
            raise Conflict(f"Nothing of {row.reference} was applied, so there is nothing to undo")
        for right in NEEDS[PlanCode(row.applied_plan)]:
            require(by, right, row.desk_id)
        if row.undone_at is not None:
            raise Conflict(f"{row.undone_by_name} has undone this already", by=row.undone_by_name)
        done = _UNDOING[PlanCode(row.applied_plan)](row, by, now)
        recovery_undone(run_id, {"plan": row.applied_plan, "left": [what for what, _ in done.left]}, by=by, now=now)
        desk_changed(row.desk_id)
    return done


def _undo_moves(row: RecoveryRow, by: Actor, now: datetime) -> Applied:
    """Items go back; moves that wait for the other region are taken back. What it agreed to since is somebody's act, and stays."""
    receipt = row.receipt or {}
    asked = moves_withdraw(row.desk_id, receipt["moves"], f"{row.reference} was undone", by=by, now=now)
    left = [(one.reference, f"is with {one.taker}, as {one.answered_by_name} agreed since") for one in asked.agreed]
    back = 0
    if receipt["act"]:
        try:
            result = act_undo(key_of(ACT, receipt["act"]), by=by, now=now)
            back, left = len(result.done), [*result.left, *left]
        except Conflict as undone:  # by itself, on Balance or Trail
            left.append((receipt["act"], undone.message))
    said = f"{items_told(back)} with those who had {'it' if back == 1 else 'them'}"
    said += f", {items_told(len(asked.taken))} asked of nobody any more" if asked.taken else ""
    return Applied(reference=row.reference, plan=row.applied_plan, said=said, left=left)


def _undo_hours(row: RecoveryRow, by: Actor, now: datetime) -> Applied:
    ended = extra_cancel(row.desk_id, row.reference, by=by, now=now)
    notices = [
        NewNotice(
            desk_id=row.desk_id, person_id=one.person_id, kind="extra_hours", subject_ref=row.reference, is_urgent=True,
            text=f"{by.name} takes it back: from {max(one.from_at, now):%a %d %b %H:%M} UTC on your usual hours hold",
        )
        for one in ended
    ]  # fmt: skip
    notice_add_many(notices, now=now)
    worked = [(one.person, f"has worked since {one.from_at:%H:%M} UTC, which stays") for one in ended if one.from_at < now]  # fmt: skip
    over = len((row.receipt or {})["people"]) - len(ended)
    worked += [(f"{over} of them", "had ended already")] if over else []
    said = f"{len(ended)} {'person has her' if len(ended) == 1 else 'people have their'} usual hours again"
    return Applied(reference=row.reference, plan=row.applied_plan, said=said, left=worked)


def _undo_deferral(row: RecoveryRow, by: Actor, now: datetime) -> Applied:
    held = deferrals_of(row.id, now)
    deferral_drop_of(row.id)
    notes_write({one.item_id: f"No longer put off: {row.reference} was undone" for one in held}, by=by, now=now)
    over = len((row.receipt or {})["items"]) - len(held)
    left = [(items_told(over), "not put off any more")] if over else []
    return Applied(reference=row.reference, plan=row.applied_plan, said=f"{items_told(len(held))} may be begun again", left=left)  # fmt: skip


_UNDOING = {
    PlanCode.REBALANCE: _undo_moves, PlanCode.HOURS: _undo_hours, PlanCode.DEFER: _undo_deferral, PlanCode.PARTNER: passing_undo,
}  # fmt: skip


def deferral_lift(reference: str, *, by: Actor, now: datetime) -> None:
    """Let one item that is put off be worked on at once. Raises NotFound, NotAllowed, and Conflict when it is not put off."""
    item = work.work_get(reference, by=by)
    require(by, Right.WORK_EDIT, item.desk_id)
    with transaction.atomic():
        work_services.items_lock([item.id])
        held = deferral_kept(item.id, now)
        if held is None:
            raise Conflict(f"{item.reference} is not put off")
        deferral_drop([item.id])
        said = f"No longer put off until {held.until_at:%H:%M} UTC ({shown(RECOVERY, held.recovery_id)})"
        notes_write({item.id: said}, by=by, now=now)
        desk_changed(item.desk_id)
