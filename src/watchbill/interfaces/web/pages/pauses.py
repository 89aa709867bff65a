"""The audit of pauses: which begin shortly before the target runs out or without a word to the customer, and by whom."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.apps.people.rights import Right
from watchbill.apps.reports.choices import PausedBy, PauseSort
from watchbill.apps.reports.queries import PauseRow, PauseRule, PausesOf, pause_audit, pause_page
from watchbill.apps.reports.slices import place_of, place_shown
from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import count, duration, moment, percent
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.frame import page
from watchbill.interfaces.web.pages.attainment import ROWS, nothing_yet
from watchbill.interfaces.web.reportslices import Asked, rate, share_words, shown_of
from watchbill.interfaces.web.viewmodels.attainment import PauseLine, PausesLine, PausesPage
from watchbill.interfaces.web.viewmodels.parts import Field, Link, Pager

LINES = 60
COUNTED = {PausedBy.PERSON: "By person", PausedBy.TEAM: "By team"}
SORTS = {
    PauseSort.ALL: "Pauses", PauseSort.LATE: "Pauses that began late",
    PauseSort.FOR_CUSTOMER: "Pauses that wait for the customer", PauseSort.SILENT: "Pauses without a message",
}  # fmt: skip


def _rule(visit: Visit) -> PauseRule:
    last = number_of(visit.request.GET, "last", "The share")
    message = number_of(visit.request.GET, "message", "The minutes")
    if last is not None and not 1 <= last <= 99:
        raise InvalidFacts("The last part of the target is 1 to 99 per cent", field="last")
    if message is not None and not 0 <= message <= 10_080:
        raise InvalidFacts("A message within 0 to 10,080 minutes", field="message")
    usual = PauseRule()
    return PauseRule(
        last_ratio=usual.last_ratio if last is None else last / 100,
        message_min=usual.message_min if message is None else message,
    )


@never_cache
@require_safe
@requires(Right.AUDIT_VIEW)
def pauses(request: HttpRequest) -> HttpResponse:
    """Show who begins pauses late or silently, with counts and intervals, and the pauses themselves."""
    visit = visit_of(request)
    data, asked, rule = request.GET, Asked(visit), _rule(visit)
    by, sort = text_of(data, "by") or PausedBy.PERSON.value, text_of(data, "which") or PauseSort.ALL.value
    if by not in set(PausedBy) or sort not in set(PauseSort):
        raise InvalidFacts(f"Pauses are counted by {' or '.join(PausedBy)}: {', '.join(PauseSort)}", field="by")
    counted, which, key = PausedBy(by), PauseSort(sort), text_of(data, "key")[:200]
    limits = {"last": f"{rule.last_ratio * 100:.0f}", "message": str(rule.message_min)}
    kept: dict[str, str] = {**limits, "by": counted.value}
    before = place_of(data.get("after", ""))
    found = pause_audit(asked.slice, rule, counted, by=visit.actor)
    rows = pause_page(asked.slice, rule, which, counted=counted, key=key, before=before, limit=ROWS + 1, by=visit.actor)
    last = rows[ROWS - 1] if len(rows) > ROWS else None

    def href(sort: PauseSort, key: str = "", **more: object) -> str:
        return asked.href("pauses", **kept, which=sort.value, key=key, **more) + "#list"

    who = next((one.name for one in found.rows if one.key == key), key)
    head = asked.head("pauses", hidden={"by": counted.value, "which": sort, "key": key}, **kept)
    shown = PausesPage(
        head=head,
        counted=[
            Link(label=label, href=asked.href("pauses", **{**kept, "by": each.value}), is_current=each is counted)
            for each, label in COUNTED.items()
        ],
        rule=f"Late: the pause began within the last {limits['last']}% of the target. Silent: it waits for the customer, and"
        f" nobody wrote to the customer within {limits['message']} minutes of its beginning.",
        late=rate(found.late, href=href(PauseSort.LATE)),
        silent=rate(found.silent, href=href(PauseSort.SILENT)) if found.has_messages else None,
        lines=[_line(one, href) for one in found.rows[:LINES]],
        has_messages=found.has_messages,
        more=f"{LINES} of {count(len(found.rows))} are shown." if len(found.rows) > LINES else "",
        list_title=f"{SORTS[which]}{f' by {who}' if key else ''}",
        rows=[_row(visit, row) for row in rows[:ROWS]],
        pager=Pager(
            shown=shown_of(rows, limit=ROWS, one="pause", is_first=before is None),
            first_href=href(which, key) if before else "",
            next_href=href(which, key, after=place_shown(last.began_at, last.id)) if last else "",
        ),
        empty=None if found.late.total else nothing_yet(asked, "pauses"),
    )  # fmt: skip
    return page(request, "pages/pauses.html", "Pauses", current="attainment", page=shown, limits=_limits(limits))


def _limits(said: dict[str, str]) -> list[Field]:
    return [
        Field(name="last", label="Late: last % of the target", kind="number", value=said["last"]),
        Field(name="message", label="Silent: no message within, min", kind="number", value=said["message"]),
    ]


def _line(one: PausesOf, to: Callable[[PauseSort, str], str]) -> PausesLine:
    silent = one.silent
    return PausesLine(
        name=one.name,
        pauses=count(one.late.own.total),
        href=to(PauseSort.ALL, one.key),
        late=rate(one.late.own, href=to(PauseSort.LATE, one.key), stands_out=one.late.stands_out),
        late_others=share_words(one.late.others.share),
        silent=None
        if silent is None
        else rate(silent.own, href=to(PauseSort.SILENT, one.key), stands_out=silent.stands_out),
        silent_others="" if silent is None else share_words(silent.others.share),
    )


def _row(visit: Visit, row: PauseRow) -> PauseLine:
    after = row.message_after
    return PauseLine(
        reference=row.reference,
        href=visit.href("case", row.reference),
        subject=row.title,
        commitment=words.capital(row.name),
        at=moment(row.began_at, visit.now),
        lasted=duration((row.ended_at - row.began_at).total_seconds()) if row.ended_at else "still paused",
        gone=percent(row.gone_ratio),
        state=words.STATE[row.state],
        by=row.by_name,
        message="none" if after is None else f"{duration(after.total_seconds())} apart",
    )


urls = [path("attainment/pauses/", pauses, name="pauses")]
