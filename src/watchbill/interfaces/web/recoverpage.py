"""From recovery options as they are kept to their page: side by side, with what each would do and cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from watchbill.apps.core.runs import DONE
from watchbill.apps.decisions.recoveries import RecoveryRow, StandingPlan
from watchbill.apps.people.rights import Right, may, sentence_of
from watchbill.engine.backtest.recovery.decide import LEAST_SAVED
from watchbill.engine.backtest.recovery.outcome import PlanCode
from watchbill.flows.recover.applying import HOLDS, NEEDS
from watchbill.flows.recover.asking import HOURS
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import moment, plural
from watchbill.interfaces.web.runpage import STATE_CHIPS
from watchbill.interfaces.web.viewmodels import recover as model

CHOICES = (4, 8, 12)
DETAILS = 12
"""Moves, or items put off or passed on, that are named under a plan."""
IN_LETTER = 25
"""Items that a letter lists: mail programs cut long links."""
LEAST_AXIS = 1.0


def recover_page(
    visit: Visit, row: RecoveryRow | None, standing: Sequence[StandingPlan] = (), *, problem: str = ""
) -> model.RecoverPage:
    """Return the latest options of a desk, or how one asks for some; and those before of which a plan is *standing*."""
    result: Mapping[str, Any] = (row.result if row else None) or {}
    options: Sequence[Mapping[str, Any]] = result.get("options", ())
    most = max([LEAST_AXIS, *(one["misses"]["high"] for one in options)])
    step = _step(most)
    axis = step * math.ceil(most / step)
    is_old = row is not None and visit.now - row.asked_at > HOLDS
    return model.RecoverPage(
        desk=visit.desk.label,
        state=STATE_CHIPS[row.state] if row else None,
        reference=row.reference if row else "",
        head=_head(result, row) if row and result else "",
        age=f"As of {moment(row.asked_at, visit.now)} UTC, {_age(visit.now - row.asked_at)}" if row else "",
        is_old=is_old,
        haste=_haste(visit),
        message=row.message if row else "",
        live_href=visit.href("recover") if row and row.is_under_way else "",
        share=row.items_done / row.items if row and row.items else 0.0,
        ask_href=visit.href("recover-ask") if visit.may(Right.WORK_BULK) else "",
        hours=row.hours if row else HOURS,
        choices=CHOICES,
        options=[_line(visit, row, one, result, axis, is_old=is_old) for one in options] if row else [],
        dropped=[(one["name"], one["why"]) for one in result.get("dropped", ())],
        assumptions=result.get("assumptions", ()),
        ticks=[(round(100 * at / axis, 2), f"{at:g}") for at in (step * n for n in range(round(axis / step) + 1))],
        scale=f"From 0 to {axis:g}",
        applied=_applied(visit, row) if row else "",
        undo_href=_undo(visit, row.id, row.applied_plan) if row and row.stands else "",
        letters=letters_of(row.option(row.applied_plan) or {}, row.reference, is_undone=row.undone_at is not None)
        if row and row.applied_plan
        else [],
        before=[
            (
                f"{one.reference}: {_told(visit, one.name, one.applied_by_name, one.applied_at)}",
                _undo(visit, one.id, one.plan),
                letters_of(one.passing, one.reference),
            )
            for one in standing
        ],
        problem=problem,
    )


def _step(most: float) -> float:
    power = 10 ** math.floor(math.log10(most / 4)) if most > 4 else 1
    return next(power * each for each in (1, 2, 5, 10) if most / (power * each) <= 6)


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    return "just now" if minutes < 1 else f"{minutes} min ago" if minutes < 90 else f"{minutes // 60} h ago"


def _head(result: Mapping[str, Any], row: RecoveryRow) -> str:
    desk = result["desk"]
    return (
        f"The next {row.hours} hours with {plural(desk['open'], 'open item')}, about {desk['coming']:.0f} more to come and"
        f" {plural(desk['people'], 'person', 'people')}: {plural(result['futures'], 'future')} each, {result['seconds']:.0f} s"
    )


def _applied(visit: Visit, row: RecoveryRow) -> str:
    if not row.applied_plan or row.applied_at is None:
        return ""
    option = row.option(row.applied_plan) or {"name": row.applied_plan}
    said = _told(visit, option["name"], row.applied_by_name, row.applied_at)
    return f"{said}; undone by {row.undone_by_name}" if row.undone_at else said


def _told(visit: Visit, name: str, by_name: str, at: datetime) -> str:
    return f"“{name}” was applied by {by_name}, {moment(at, visit.now)} UTC"


def _undo(visit: Visit, run_id: int, plan: str) -> str:
    return visit.href("recover-undo", run_id) if _may(visit, plan) else ""


def _may(visit: Visit, code: str) -> bool:
    needs = NEEDS[PlanCode(code)]
    return all(may(visit.actor, right, visit.desk.id) for right in needs)


def _line(
    visit: Visit, row: RecoveryRow, one: Mapping[str, Any], result: Mapping[str, Any], axis: float, *, is_old: bool
) -> model.OptionLine:
    cost, is_nothing = one["cost"], one["code"] == PlanCode.NOTHING
    is_open = row.state == DONE and not row.applied_plan and not is_nothing and _may(visit, one["code"])
    return model.OptionLine(
        code=one["code"],
        name=one["name"],
        what=one["what"],
        why=one["why"],
        is_best=one["code"] == result["best"] and len(result["options"]) > 1,
        is_nothing=is_nothing,
        misses=_interval(one["misses"]),
        by_priority=[f"{each['both']['mean']:.1f}" for each in one["by_priority"]],
        change="" if is_nothing else _interval(one["change"], sign=True),
        cost=_cost(cost),
        people=str(cost["people_moved"] + cost["people_asked"]),
        moved=str(cost["items_moved"]),
        put_off=str(cost["items_deferred"]),
        passed=str(cost.get("items_passed", 0)),
        whisker=model.Whisker(**{name: _x(one["misses"][key], axis) for name, key in (("low", "low"), ("high", "high"), ("x", "mean"))}),
        apply_href=visit.href("recover-apply", row.id) if is_open and not is_old else "",
        why_not=_why_not(visit, row, one["code"], is_old=is_old),
        doubt="" if is_nothing else _doubt(one),
        ask_head="Each gets an urgent message:" if one["extra"] else "Watchbill does not write to partners; you do, when it is applied:",
        asks=[*(_ask(each) for each in one["extra"]), *(_asked(each) for each in one.get("partners", ()))],
        ask_label="Ask them" if one["extra"] else "Pass on",
        details=_details(one),
        mark="applied" if row.stands and row.applied_plan == one["code"] else "",
    )  # fmt: skip


def _haste(visit: Visit) -> str:
    """That options grow too old before anybody has read them, where the desk's time runs faster than ours."""
    clock = visit.clock
    is_standing = clock.limit_at is not None and visit.now >= clock.limit_at
    if not clock.is_moved or clock.rate <= 1 or is_standing:
        return ""
    return (
        f"Demo time runs {clock.rate:,.0f} times as fast as yours: an hour of the desk, after which options are too old to be applied,"
        f" is over in {plural(max(1, round(HOLDS.total_seconds() / clock.rate)), 'second')}. Pause it, then work them out."
    )


def _why_not(visit: Visit, row: RecoveryRow, code: str, *, is_old: bool) -> str:
    """Why somebody who works options out cannot apply this plan; of who does not, the page says it once."""
    if row.state != DONE or code == PlanCode.NOTHING or not visit.may(Right.WORK_BULK):
        return ""
    if row.applied_plan:
        return (
            ""
            if code == row.applied_plan and row.stands
            else "One plan of these was applied; work them out anew for another"
        )
    lacking = [right for right in NEEDS[PlanCode(code)] if not may(visit.actor, right, visit.desk.id)]
    if lacking:
        return f"For those who may {sentence_of(lacking[0])}"
    return "Too old to apply; work it out anew" if is_old else ""


def _doubt(one: Mapping[str, Any]) -> str:
    change = one["change"]["mean"]
    if one["weight_change"]["high"] >= 0:
        return "Luck alone could explain what it saves"
    if change >= LEAST_SAVED:
        return "More promises are missed within these hours; they weigh less, or others come later"
    return "" if change <= -LEAST_SAVED else "As many promises are missed; they weigh less, or come later"


def _x(misses: float, axis: float) -> float:
    return round(100 * max(0.0, min(1.0, misses / axis)), 2)


def _interval(one: Mapping[str, float], *, sign: bool = False) -> str:
    mean, low, high = (_number(one[key], sign=sign) for key in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})"


def _number(value: float, *, sign: bool) -> str:
    told = f"{abs(value):.1f}"
    if told == "0.0":
        return told
    return f"−{told}" if value < 0 else f"+{told}" if sign else told


def _ask(one: Mapping[str, Any]) -> str:
    begin, end = (datetime.fromisoformat(one[key]) for key in ("from_at", "until_at"))
    how = "works on" if one["is_overtime"] else "is called in"
    return f"{one['person']} {how}, {begin:%H:%M} to {end:%H:%M} UTC"


def _cost(cost: Mapping[str, Any]) -> str:
    """Hours, and money where partners ask for some."""
    money = [f"{float(one['amount']):,.2f} {one['currency']}" for one in cost.get("money", ())]
    hours = [f"{cost['extra_h']:.1f} h"] if cost["extra_h"] else []
    return " + ".join([*hours, *money]) or "0 h"


def _asked(one: Mapping[str, Any]) -> str:
    money = one["money"]
    price = f"{float(money['amount']):,.2f} {money['currency']}" if money else "no price is known"
    return f"{one['partner']}: {plural(one['items'], 'item')}, {price}"


def letters_of(option: Mapping[str, Any], reference: str, *, is_undone: bool = False) -> list[model.Letter]:
    """For each partner of a plan that was applied, or taken back, what it must be told, and a letter that says it."""
    found = []
    for one in option.get("partners") or ():
        mine = [each for each in option["passed"] if each["partner_id"] == one["partner_id"]]
        count = plural(len(mine), "item")
        about = f"that {count} {'is' if len(mine) == 1 else 'are'} not for it any more" if is_undone else f"of {count}"
        lines = [
            f"{each['item']}, P{each['priority']}"
            + ("" if is_undone else f", expected by {each['done_by'][:16].replace('T', ' ')} UTC")
            for each in mine[:IN_LETTER]
        ]
        lines += [f"and {len(mine) - IN_LETTER} more, which follow"] if len(mine) > IN_LETTER else []
        subject = quote(f"{count} {'not for you any more' if is_undone else 'for you'} ({reference})")
        body = quote("\r\n".join(["Please leave:" if is_undone else "Please take over:", "", *lines]))
        href = f"mailto:{quote(one['email'], safe='@')}?subject={subject}&body={body}" if one["email"] else ""
        items = ", ".join(each["item"] for each in mine)
        found.append(model.Letter(said=f"{one['partner']} must be told {about}", items=items, href=href))
    return found


def _details(one: Mapping[str, Any]) -> list[str]:
    told = [_ask(each) for each in one["extra"]]
    told += [f"{each['item']} from {each['from']} to {each['to']}" for each in one["moves"]]
    told += [f"{each['item']}, P{each['priority']}" for each in one["deferred"]]
    told += [f"{each['item']}, P{each['priority']}, to {each['partner']}" for each in one.get("passed", ())]
    more = len(told) - DETAILS
    return [*told[:DETAILS], f"and {more} more"] if more > 0 else told
