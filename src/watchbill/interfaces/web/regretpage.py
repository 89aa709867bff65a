"""From a past day as it was worked out to its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from watchbill.apps.core.runs import STOPPED
from watchbill.apps.people.rights import Right
from watchbill.apps.reports.regrets import RegretLine, RegretRow, regret_of, regret_page
from watchbill.engine.backtest.days import FIRST_DAY
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.backtest import regretwords as words
from watchbill.flows.backtest.regretting import require_day
from watchbill.interfaces.web.access import DESK_KEY, Visit
from watchbill.interfaces.web.formats import count, moment, percent, plural
from watchbill.interfaces.web.frame import EXAMPLE_ID
from watchbill.interfaces.web.runpage import time_said
from watchbill.interfaces.web.viewmodels import regret as model
from watchbill.interfaces.web.viewmodels.parts import Empty, Link

SHOWN = 50
"""Missed promises that a page shows of either sort; the file has all."""
DOING = {
    "": "Waiting for the worker",
    "reading": "Reading what happened",
    "ceiling": "Looking for the most that anybody could have kept",
}
LOOKS = {why: f"rg-{why.replace('_', '-')}" for why in words.WHY}
Result = Mapping[str, Any]


def day_page(visit: Visit, day: date) -> model.RegretPage:
    """Return one day of the desk: two queries where it was worked out, and none more for what is on it."""
    row, done = regret_of(visit.desk.id, day, by=visit.actor)
    today, lines = visit.now.astimezone(ZoneInfo(visit.desk.zone)).date(), regret_page(visit.desk.id, by=visit.actor)
    refused = _refused(visit, day) if done is None else ""  # what was worked out was over
    is_waiting = row is not None and row.is_under_way
    may_ask = visit.may(Right.BREACH_CONFIRM) and not refused and not is_waiting
    last = today - timedelta(days=1)
    return model.RegretPage(
        back=Link(label="What-if", href=visit.href("whatif")) if visit.may(Right.POLICY_VIEW)
        else Link(label="Attainment", href=visit.href("attainment")),
        sub=f"{_said(day)}, {visit.desk.zone}",
        day=day.isoformat(),
        latest=last.isoformat(),
        go_href=visit.href("regret").partition("?")[0],
        hidden=((DESK_KEY, visit.desk.slug),) if len(visit.desks) > 1 else (),
        before_href=_href(visit, day - timedelta(days=1)) if day > FIRST_DAY else "",
        after_href=_href(visit, day + timedelta(days=1)) if day < last else "",
        live_href=_href(visit, day) if is_waiting else "",
        share=row.share if row is not None else 0.0,
        doing=f"{percent(row.share)}: {DOING.get(row.doing, row.doing)}" if row is not None and row.doing else DOING[""],
        message=row.message if row is not None and row.state == STOPPED else "",
        ask_href=visit.href("regret-ask", day.isoformat()) if may_ask else "",
        ask_label="Work it out again" if done is not None else "Work this day out",
        told=None if done is None else _told(visit, done),
        empty=_empty(refused, may_ask=may_ask) if done is None and not is_waiting else None,
        days=[_day_line(visit, one, day) for one in lines],
    )  # fmt: skip


def _refused(visit: Visit, day: date) -> str:
    try:
        require_day(visit.desk.id, day, visit.now)
    except InvalidFacts as error:
        return error.message
    return ""


def _empty(refused: str, *, may_ask: bool) -> Empty:
    if refused:
        return Empty(title="This day cannot be told", text=f"{refused}.")
    return Empty(
        title="This day has not been worked out yet",
        text="It is held against the best that could have been made of it with the same cases and people, by somebody who knew all that was to come."
        + ("" if may_ask else " It is asked for by those who may confirm why commitments were broken."),
    )


def _href(visit: Visit, day: date) -> str:
    return visit.href("regret-day", day.isoformat())


def _said(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def _day_line(visit: Visit, one: RegretLine, day: date) -> model.DayLine:
    return model.DayLine(
        label=f"{one.day:%a} {one.day.day} {one.day:%b} {one.day.year}",
        href=_href(visit, one.day),
        says=f"{count(one.kept)} of {count(one.due)} kept" if one.due else "Nothing ran out",
        regret=words.points(one.regret) if one.due else "",
        is_current=one.day == day,
    )


def _told(visit: Visit, row: RegretRow) -> model.Told:
    result: Result = row.result or {}
    href_of, zone = visit.hrefs("case", EXAMPLE_ID), ZoneInfo(result["zone"])
    cases = [_case(href_of, one, zone) for one in _first(result["cases"])]
    savable = [line for line in cases if line.why]
    left = len(result["cases"]) - len(cases)
    minutes = result["minutes"]
    return model.Told(
        sentence=result["sentence"],
        regret=words.points(result["whole"]["regret"]),
        priorities=[
            *(_priority(level, one) for level, one in enumerate(result["priorities"], start=1) if one["due"]),
            *([_priority(None, result["whole"])] if result["whole"]["due"] else []),
        ],
        reasons=[
            model.Reason(look=LOOKS[why], label=words.WHY[why], says=words.WHY_SAYS[why], span=words.span(minutes[why]))
            for why in words.WHY
            if minutes.get(why)
        ],
        savable=savable,
        lost=[line for line in cases if not line.why],
        more=f"{plural(left, 'more is', 'more are')} in the answer of the API and of the command" if left else "",
        limits=words.limits(result),
        sweep=[(f"× {one['effort']:g}", words.percent(one["bound"]), words.points(one["regret"])) for one in result["sweep"]]
        if result["whole"]["due"]
        else [],
        made=f"Worked out for {row.by_name}, {moment(row.recorded_at, visit.wall_now)} UTC{time_said(visit, 'wall')}",
    )  # fmt: skip


def _first(cases: Sequence[Result]) -> list[Result]:
    return [one for is_savable in (True, False) for one in [c for c in cases if c["is_savable"] is is_savable][:SHOWN]]


def _priority(level: int | None, one: Result) -> model.PriorityLine:
    parts = [
        ("rg-kept", one["kept"], "kept"), ("rg-could", one["savable"], "could have been kept"),
        ("rg-lost", one["lost"], "nobody could have kept"),
    ]  # fmt: skip
    return model.PriorityLine(
        level=level, due=count(one["due"]), kept=count(one["kept"]), savable=count(one["savable"]), lost=count(one["lost"]),
        attainment=words.percent(one["attainment"]), bound=words.percent(one["bound"]), regret=words.points(one["regret"]),
        bar=_bar([(look, value, f"{value} {said}") for look, value, said in parts]),
        summary=", ".join(f"{value} {said}" for _, value, said in parts),
    )  # fmt: skip


def _bar(parts: Sequence[tuple[str, float, str]]) -> list[model.Part]:
    whole = sum(value for _, value, _ in parts) or 1
    found, at = [], 0.0
    for look, value, title in parts:
        if value:
            found.append(model.Part(look=look, x=round(at, 3), width=round(100 * value / whole, 3), title=title))
            at += 100 * value / whole
    return found


def _case(href_of: Callable[[object], str], one: Result, zone: ZoneInfo) -> model.CaseLine:
    minutes = one["minutes"]
    spent = [
        (LOOKS[why], minutes.get(why, 0), f"{words.WHY[why]}: {words.span(minutes.get(why, 0))}") for why in words.WHY
    ]
    named = one["first"][: words.NAMED]
    return model.CaseLine(
        name=one["item"],
        href=href_of(one["item"]),
        title=one["title"],
        level=one["priority"],
        due=words.clock(one["due_at"], zone),
        late=words.late(one),
        why=words.WHY[one["why"]] if one["is_savable"] else "",
        spent=f"{words.span(minutes.get(one['why'], 0))} of {words.span(sum(minutes.values()))}" if one["is_savable"] else "",
        bar=_bar(spent),
        summary=", ".join(said for _, value, said in spent if value),
        first=[Link(label=item, href=href_of(item)) for item in named],
        more=words.more(one["first_count"] - len(named)),
    )  # fmt: skip
