"""From an item of a list to its row: clock, fuse, marks and addresses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from watchbill.apps.clocks.queries import ClockRow, clocks_of_items
from watchbill.apps.decisions.risks import ItemRisk, risks_of_items
from watchbill.apps.work.queries import ItemRow, work_rows
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import DONE, WAITING, State
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.clockface import clock_pill, fuse
from watchbill.interfaces.web.danger import amber_of, told_on
from watchbill.interfaces.web.formats import HOUR_S, time_of_day
from watchbill.interfaces.web.frame import person_hrefs
from watchbill.interfaces.web.viewmodels.board import QueueRow
from watchbill.interfaces.web.viewmodels.parts import Chip, ClockPill, ClockState, Fuse

AMBER_S = HOUR_S
"""A fact where there is no forecast: less than this is left and nobody owns it."""

NEAR = timedelta(hours=4)
"""Latest safe moments that are no nearer are not worth a mark."""

LONG_PAST = timedelta(hours=12)
"""A moment of another day needs no time: it says enough that it has gone."""

NOBODY: Mapping[int, str] = {}


def queue_rows(
    visit: Visit,
    items: Sequence[ItemRow],
    *,
    list_href: str,
    selected: str = "",
    suggested: Mapping[int, str] = NOBODY,
    checked: Collection[str] = (),
) -> list[QueueRow]:
    """Return the rows of a list, in its order: two queries, for risks and for the clocks that stand still.

    *list_href* is the address of the list, which cases lead back to and step along; *suggested* names the people
    proposed, by item; *checked* are the cases that are chosen already.
    """
    standing = clocks_of_items([item.id for item in items if item.due_sort_at == FAR_FUTURE])
    risks = risks_of_items([item.id for item in items])
    case_href = visit.hrefs("case", "CASE-0", **{"from": list_href})
    peek_href = visit.hrefs("case-peek", "CASE-0", **{"from": list_href})
    person_href = person_hrefs(visit)
    joiner = "&" if "?" in list_href else "?"
    rows = []
    for item in items:
        pill, bar = clock_of(item, standing.get(item.id, ()), risk=risks.get(item.id), now=visit.now)
        rows.append(
            QueueRow(
                reference=item.reference,
                href=case_href(item.reference),
                select_href=f"{list_href}{joiner}case={item.reference}#card",
                peek_href=peek_href(item.reference),
                priority=item.priority,
                subject=item.title,
                customer=item.customer or item.category,
                owner=item.owner or "",
                owner_href=person_href(item.owner_id) if item.owner_id else "",
                fuse=bar,
                clock=pill,
                chips=chips_of(item),
                start_by=start_by(item, now=visit.now),
                suggestion=suggested.get(item.id, ""),
                external=item.external_ref,
                state=words.STATE_SHORT[item.state],
                version=item.version,
                is_selected=item.reference == selected,
                is_checked=item.reference in checked,
            )
        )
    return rows


def rows_left(visit: Visit, listed: Sequence[QueueRow], *, list_href: str, most: int) -> list[QueueRow]:
    """Return the rows that a browser says it shows and that are *listed* no more, as they are now: three queries, mostly none."""
    known = {row.reference for row in listed}
    shown = visit.request.GET.get("shown", "").split(",")[:most]
    gone = [reference for reference in shown if reference and reference not in known]
    found = work_rows(visit.desk.id, gone, by=visit.actor) if gone else []
    return queue_rows(visit, found, list_href=list_href) if found else []


def chips_of(item: ItemRow) -> list[Chip]:
    """Return the marks behind a subject."""
    chips = []
    if item.is_sensitive:
        chips.append(Chip(label="sensitive", look="line", title="The customer is marked as sensitive"))
    return chips


def start_by(item: ItemRow, *, now: datetime) -> Chip | None:
    """Return until when an item that nobody has begun can safely wait: once that is near or past, while it is not lost."""
    is_begun = item.owner_id is not None and item.state != State.NEW
    if is_begun or item.due_sort_at <= now or item.act_by_at == item.due_sort_at or item.act_by_at > now + NEAR:
        return None
    is_past = item.act_by_at <= now
    return Chip(
        label=f"start by {time_of_day(item.act_by_at)}" if now - item.act_by_at < LONG_PAST else "start now",
        look="warn" if is_past else "",
        title="What cases like this one usually take leaves "
        + ("no time to wait any more" if is_past else "time to wait until then"),
    )


def clock_of(
    item: ItemRow, clocks: Sequence[ClockRow], *, risk: ItemRisk | None = None, now: datetime
) -> tuple[ClockPill, Fuse]:
    """Return the pill and the fuse of an item: its next target, else what its clocks say that stand still.

    Amber by the chance of a miss; where none is known, when little is left and nobody owns it.
    """
    amber = amber_of(risk, 0 if item.owner_id is not None else AMBER_S)
    if item.due_sort_at != FAR_FUTURE:
        due_at = item.due_sort_at
        return (
            told_on(clock_pill(now=now, due_at=due_at, amber_below_s=amber), risk),
            fuse(now=now, due_at=due_at, amber_below_s=amber),
        )
    nothing = fuse(now=now, due_at=None)
    by_status: Mapping[str, ClockRow] = {clock.status: clock for clock in clocks}
    if paused := by_status.get("paused"):
        left_s = paused.target_s - paused.elapsed_s
        pill = clock_pill(now=now, due_at=None, is_paused=True, pause_reason=words.STATE[item.state])
        return pill, fuse(now=now, due_at=None, is_paused=True, left_s=left_s)
    if missed := by_status.get("missed"):
        return clock_pill(now=now, due_at=None, missed_at=missed.stopped_at), nothing
    if met := by_status.get("met"):
        return clock_pill(now=now, due_at=None, met_at=met.stopped_at), nothing
    if item.state in WAITING:
        return ClockPill(state=ClockState.PAUSED, text="Waits", spoken="", title=words.STATE[item.state]), nothing
    text = words.STATE[item.state] if item.state in DONE else "No target"
    return ClockPill(state=ClockState.NONE, text=text, spoken=""), nothing
