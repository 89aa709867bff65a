"""What Balance shows: regions with their people, teams and skills, each with its four terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, RegionId
from watchbill.engine.sense.workload import HORIZONS, Load
from watchbill.flows.balance.loads import Holding, Loads
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.balancecharts import forecast_chart, hours_text, term_bar, terms_text
from watchbill.interfaces.web.formats import duration, moment, percent, plural
from watchbill.interfaces.web.forms import number_of
from watchbill.interfaces.web.frame import person_hrefs
from watchbill.interfaces.web.sent import Sent, message_of, value_of
from watchbill.interfaces.web.viewmodels.balance import BalanceGroup, BalanceLine, BalancePage, Forecast
from watchbill.interfaces.web.viewmodels.parts import Empty, Field, Link, Option, Pager
from watchbill.interfaces.web.viewmodels.people import Form

EACH, ROWS = 12, 50
"""People shown of each region, and on a page of one region."""
VIEWS = {"people": "People", "teams": "Teams", "skills": "Skills"}
CHARTS = 6
NOBODY = Holding()
ALERT_FORM = "alert"
NO_REGION = "No region"


def horizon_of(data: QueryDict) -> int:
    """Return the hours ahead that an address asks for. Raises InvalidFacts."""
    horizon = number_of(data, "hours", "Hours ahead") or 24
    if horizon not in HORIZONS:
        raise InvalidFacts("Hours ahead are 4, 8 or 24", field="hours")
    return horizon


def balance_page(
    visit: Visit, loads: Loads, *, left: Sequence[tuple[str, str]] = (), sent: Sent | None = None
) -> BalancePage:
    """Return the page of a desk; it asks nothing of the database."""
    data, horizon = visit.request.GET, loads.workload.horizon_h
    view = data.get("by", "people")
    if view not in VIEWS:
        raise InvalidFacts(f"Balance divides by {', '.join(VIEWS)}, not by “{view[:40]}”", field="by")
    region = number_of(data, "region", "The region")
    groups, pager = _groups(visit, loads, view, region)
    asked = {"by": "" if view == "people" else view, "region": region}
    return BalancePage(
        desk=visit.desk.name,
        horizon=f"{horizon} h",
        horizons=[
            Link(label=f"{h} h", href=visit.href("balance", **asked, hours=h), is_current=h == horizon)
            for h in HORIZONS
        ],
        views=[
            Link(label=label, href=visit.href("balance", by=name, hours=horizon), is_current=name == view)
            for name, label in VIEWS.items()
        ],
        what=VIEWS[view].rstrip("s") if view != "people" else "Person",
        forecasts=_forecasts(visit, loads, is_alone=len(loads.workload.forecast) == 1),
        narrow=_forecasts(visit, loads) if len(loads.workload.forecast) == 1 else (),
        groups=groups,
        incoming_note=_incoming_note(visit, loads),
        moves_href=visit.href("balance-moves", hours=horizon),
        shares_href=visit.href("balance-shares"),
        recover_href=visit.href("recover"),
        pager=pager,
        empty=None if groups else _empty(visit, view),
        left=left,
        alert_form=alert_form(visit, loads, sent) if visit.may(Right.WORK_BULK) else None,
    )  # fmt: skip


def alert_form(visit: Visit, loads: Loads, sent: Sent | None) -> Form:
    """Return the form by which the managers of a region and of those beside it are told."""
    chosen = value_of(sent, ALERT_FORM, "region")
    regions = sorted({name for key, name in loads.regions.items() if key in loads.workload.regions})
    options = [Option(value=name, label=name, is_chosen=name == chosen) for name in regions]
    where = Field(
        name="region", label="Of", kind="select", error=message_of(sent, ALERT_FORM, "region"),
        options=[Option(value="", label="the whole desk"), *options],
    )  # fmt: skip
    word = Field(
        name="text", label="What they should know or do", kind="textarea", is_required=True,
        value=value_of(sent, ALERT_FORM, "text"), error=message_of(sent, ALERT_FORM, "text"),
    )  # fmt: skip
    return Form(
        name=ALERT_FORM, title="Alert managers", action_href=visit.href("balance-alert"), submit="Send",
        fields=[*([where] if len(regions) > 1 else []), word],
        hidden=[("hours", str(loads.workload.horizon_h))],
        hint="Loads and hours as they stand go with it, to those at work there or beside it",
        is_open=sent is not None,
    )  # fmt: skip


def _forecasts(visit: Visit, loads: Loads, *, is_alone: bool = False) -> list[Forecast]:
    return [
        forecast_chart(
            region_name(visit, loads, key),
            hours,
            now=visit.now,
            zone=visit.desk.zone,
            history_weeks=loads.workload.history_weeks,
            is_alone=is_alone,
        )
        for key, hours in list(loads.workload.forecast.items())[:CHARTS]
        if any(hour.all_min or hour.high_min or hour.capacity_min for hour in hours)
    ]


def region_name(visit: Visit, loads: Loads, region: int | None) -> str:
    """Return a region's name; a desk without regions is one itself."""
    if region is not None:
        return loads.regions.get(region, NO_REGION)
    return visit.desk.name if len(loads.workload.regions) < 2 else NO_REGION


def _groups(visit: Visit, loads: Loads, view: str, region: int | None) -> tuple[list[BalanceGroup], Pager | None]:
    if view == "people":
        return _people(visit, loads, region)
    named = loads.teams if view == "teams" else loads.skills
    found = loads.workload.teams if view == "teams" else loads.workload.skills
    lines = [
        _line(visit, loads, named[key], load, href="", note="")
        for key, load in sorted(found.items(), key=lambda one: (-_rank(one[1], loads), one[0]))[: 4 * ROWS]
        if key in named and (load.total_min or load.available_min[24])
    ]
    if not lines:
        return [], None
    whole = _line(visit, loads, "Whole desk", loads.workload.desk, href="", note="")
    return [BalanceGroup(name=VIEWS[view], note=plural(len(lines), view[:-1]), lines=lines, sum=whole)], None


def _rank(load: Load, loads: Loads) -> float:
    """The fullest first; who is off shift until the horizon comes last, by the work that waits for her."""
    ratio = load.ratio(loads.workload.horizon_h)
    return ratio if ratio is not None else -1.0 / (1.0 + load.total_min)


def _people(visit: Visit, loads: Loads, region: int | None) -> tuple[list[BalanceGroup], Pager | None]:
    groups: list[BalanceGroup] = []
    pager: Pager | None = None
    for key in loads.workload.regions:
        if region is not None and (key or 0) != region:
            continue
        ranked = sorted(
            (-_rank(loads.workload.people[PersonId(person)], loads), person)
            for person, row in loads.people.items()
            if row.region_id == key and _is_shown(loads, person)
        )
        if not ranked:
            continue
        shown, pager = (ranked[:EACH], None) if region is None else _paged(visit, ranked, region)
        groups.append(_group(visit, loads, key, [person for _, person in shown], total=len(ranked)))
    return groups, pager


def _is_shown(loads: Loads, person: int) -> bool:
    """Who has work, or is at work within a day."""
    load = loads.workload.people[PersonId(person)]
    return load.own_min > 0 or load.available_min[24] > 0


def _paged(visit: Visit, ranked: Sequence[tuple[float, int]], region: int) -> tuple[Sequence[tuple[float, int]], Pager]:
    """Return a page of one region's people after the key in the address: load and person."""
    after = visit.request.GET.get("after", "")
    rest = [one for one in ranked if not after or _key(one) > _key_read(after)]
    shown, more = rest[:ROWS], len(rest) > ROWS
    hours = horizon_of(visit.request.GET)
    return shown, Pager(
        shown=f"{len(shown)} of {plural(len(ranked), 'person', 'people')}",
        first_href=visit.href("balance", region=region, hours=hours) if after else "",
        next_href=visit.href("balance", region=region, hours=hours, after="{:.6f}:{}".format(*_key(shown[-1])))
        if more
        else "",
    )


def _key(one: tuple[float, int]) -> tuple[float, int]:
    return round(one[0], 6), one[1]


def _key_read(text: str) -> tuple[float, int]:
    load, _, person = text.partition(":")
    try:
        return float(load), int(person)
    except ValueError:
        raise InvalidFacts("The place in the list is not one of ours", field="after") from None


def _group(visit: Visit, loads: Loads, region: RegionId | None, people: Sequence[int], *, total: int) -> BalanceGroup:
    name = region_name(visit, loads, region)
    on = [row for person, row in loads.shifts.items() if row.is_on_shift and loads.region_of(person) == region]
    said = [f"{len(on)} on shift"] if on else [_comes(visit, loads, region)]
    said += [f"{len(people)} of {total} shown"] if len(people) < total else []
    every = None
    if len(people) < total:
        hours = loads.workload.horizon_h
        every = Link(label=f"All {total}", href=visit.href("balance", region=region or 0, hours=hours))
    return BalanceGroup(
        name=name,
        note=", ".join(each for each in said if each),
        lines=_person_lines(visit, loads, people),
        sum=_line(visit, loads, f"{name}, all", loads.workload.regions[region], href="", note=""),
        all_link=every,
    )


def _comes(visit: Visit, loads: Loads, region: RegionId | None) -> str:
    opens = [
        row.opens_at
        for person, row in loads.shifts.items()
        if loads.region_of(person) == region and row.opens_at is not None
    ]
    return f"from {moment(min(opens), visit.now, visit.desk.zone)}" if opens else "no hours known"


def _person_lines(visit: Visit, loads: Loads, people: Iterable[int]) -> list[BalanceLine]:
    href_of = person_hrefs(visit)
    lines = []
    for person in people:
        row = loads.people[person]
        skills = [loads.skills[skill] for skill, _ in sorted(row.skills.items(), key=lambda one: -one[1])[:2]]
        load = loads.workload.people[PersonId(person)]
        lines.append(_line(visit, loads, row.name, load, href=href_of(person), note=", ".join(skills), person=person))
    return lines


def _line(
    visit: Visit, loads: Loads, name: str, load: Load, *, href: str, note: str, person: int | None = None
) -> BalanceLine:
    horizon = loads.workload.horizon_h
    ratio = load.ratio(horizon)
    due = load.due
    title = (
        f"{name}: {hours_text(due.total_min)} of {hours_text(load.total_min)} of work fall due, for"
        f" {hours_text(load.available_min[horizon])} at work: {hours_text(due.in_progress_min)} of"
        f" {hours_text(load.in_progress_min)} in progress, {hours_text(due.backlog_min)} of {hours_text(load.backlog_min)}"
        f" backlog, {hours_text(due.handoffs_min)} of {hours_text(load.handoffs_min)} hand-offs in,"
        f" {hours_text(due.incoming.mean_min)} of {hours_text(load.incoming.mean_min)} incoming"
        f" ({hours_text(load.incoming.low_min)} to {hours_text(load.incoming.high_min)})"
    )
    held = loads.holdings.get(person, NOBODY) if person is not None else NOBODY
    cases = {} if person is None else {"owner": person}
    return BalanceLine(
        name=name, href=href, note=note, bar=term_bar(load, horizon, title=title),
        ratio="off" if ratio is None else percent(ratio),
        ratio_href=visit.href("cases", **cases) if person is not None else "",
        terms=terms_text(due),
        all=hours_text(load.total_min).removesuffix(" h"),
        hours=[hours_text(load.available_min[h]) for h in HORIZONS],
        p1=held.p1, p2=held.p2,
        p1_href=visit.href("cases", **cases, priority=1) if person is not None else "",
        p2_href=visit.href("cases", **cases, priority=2) if person is not None else "",
        touched=duration((visit.now - held.touched_at).total_seconds()) if held.touched_at is not None else "",
        off_at=_off_at(visit, loads, person),
        is_over=ratio is not None and ratio > 1,
        is_person=person is not None,
    )  # fmt: skip


def _off_at(visit: Visit, loads: Loads, person: int | None) -> str:
    row = loads.shifts.get(person) if person is not None else None
    if row is None:
        return ""
    if row.presence == "off" or (row.is_absent and row.opens_at is None):
        return "off"
    if row.is_on_shift:  # whole seconds are left, and hours end on a minute: the nearest one
        return _brief(visit, visit.now + timedelta(seconds=row.left_s + 30))
    return f"from {_brief(visit, row.opens_at)}" if row.opens_at else ""


def _brief(visit: Visit, at: datetime) -> str:
    """The time of an instant on the desk's clock, with its weekday when it is not today."""
    zone = ZoneInfo(visit.desk.zone)
    there = at.astimezone(zone)
    return f"{there:%H:%M}" if there.date() == visit.now.astimezone(zone).date() else f"{there:%a %H:%M}"


def _incoming_note(visit: Visit, loads: Loads) -> str:
    weeks = loads.workload.history_weeks
    if not weeks:
        return (
            "Incoming work is unknown: it is learned from whole weeks of the desk's own history, and there is none yet."
        )
    until = moment(loads.history_until, visit.now, visit.desk.zone)
    return (
        f"Incoming: the mean of the same hours of the last {plural(weeks, 'week')} up to {until}, with a band that holds four of"
        " five weeks. Effort is what the desk’s effort table assumes of each class; load is what of it falls due until then."
    )


def _empty(visit: Visit, view: str) -> Empty:
    if view != "people":
        return Empty(
            title=f"No {view} with work or hours",
            text="They appear here as soon as people or open cases belong to one.",
            actions=[Link(label="People", href=visit.href("people"))],
        )
    return Empty(
        title="Nobody has work or hours here",
        text="People appear here when they own open cases or their usual hours are known.",
        actions=[Link(label="People", href=visit.href("people")), Link(label="Board", href=visit.href("board"))],
    )
