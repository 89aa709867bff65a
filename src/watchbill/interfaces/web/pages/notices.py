"""What was told to the reader, read or not, and how she wants to be told."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.references import ALERT, is_reference
from watchbill.apps.notices.preferences import wish_of, wish_set
from watchbill.apps.notices.queries import Wish, notice_page, notices_unread_count
from watchbill.apps.notices.services import notices_read
from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web.access import Visit, own, visit_of
from watchbill.interfaces.web.errors import message_for, summary_of
from watchbill.interfaces.web.formats import moment, plural
from watchbill.interfaces.web.forms import number_of, numbers_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.pages.alerts import KIND_WORDS, ROWS
from watchbill.interfaces.web.viewmodels.alerts import NoticeRow, NoticesPage
from watchbill.interfaces.web.viewmodels.parts import Empty, Field, Option, Pager


@never_cache
@require_safe
@own
def notices(request: HttpRequest) -> HttpResponse:
    """Show what was told to the reader, the latest first."""
    return _page(visit_of(request))


def _page(visit: Visit, *, error: InvalidFacts | None = None) -> HttpResponse:
    after = number_of(visit.request.GET, "after", "The place")
    rows = notice_page(before=after, limit=ROWS + 1, by=visit.actor)
    shown = NoticesPage(
        rows=[_row(visit, row) for row in rows[:ROWS]],
        pager=Pager(
            shown=plural(min(len(rows), ROWS), "notice"),
            first_href=visit.href("notices") if after else "",
            next_href=visit.href("notices", after=rows[ROWS - 1]["id"]) if len(rows) > ROWS else "",
        ),
        read_href=visit.href("notices-read"),
        save_href=visit.href("notices-wish"),
        fields=_fields(wish_of(by=visit.actor), error),
        errors=summary_of(error) if error else None,
        empty=None if rows else Empty(
            title="Nothing has been told you",
            text="Work that is given to you or taken away, answers, and alerts while you are at work appear here.",
        ),
    )  # fmt: skip
    return page(
        visit.request, "pages/notices.html", "Told me", status=422 if error else 200, has_errors=error is not None,
        page=shown,
    )  # fmt: skip


def _row(visit: Visit, row: dict[str, Any]) -> NoticeRow:
    reference = row["subject_ref"]
    closed = row["closed_at"]
    return NoticeRow(
        id=row["id"], text=row["text"], at=moment(row["at"], visit.now),
        reference=reference, href=subject_href(visit, reference), is_new=row["read_at"] is None, is_urgent=row["is_urgent"],
        over=f"Over: {row['closed_note']}" if closed else "",
    )  # fmt: skip


def subject_href(visit: Visit, reference: str) -> str:
    """Return where one reads about what a notice is about; "" for what has no page."""
    if is_reference(ALERT, reference):
        return visit.href("alerts")
    return visit.href("case", reference) if re.match(r"[A-Z]+-\d", reference) else ""


def _fields(wish: Wish, error: InvalidFacts | None) -> list[Field]:
    return [
        Field(name="is_mailed", label="Alerts by mail, too", kind="checkbox", value="1" if wish.is_mailed else ""),
        Field(
            name="kinds", label="Send me", kind="choices", hint="What is urgent is sent all the same",
            options=[
                Option(value=k.value, label=word, is_chosen=k.value not in wish.muted) for k, word in KIND_WORDS.items()
            ],
        ),
        Field(name="quiet_from", label="Quiet from", kind="time", width="short", value=_clock(wish, wish.quiet_from),
              error=message_for(error, "quiet_from"), hint="Mail waits until the end; what is urgent does not"),
        Field(name="quiet_until", label="Quiet until", kind="time", width="short", value=_clock(wish, wish.quiet_until),
              error=message_for(error, "quiet_until")),
        Field(name="zone", label="In the time zone", width="mid", value=wish.zone, error=message_for(error, "zone")),
        Field(name="digest_after", label="One mail instead of many, from", width="short", value=str(wish.digest_after),
              hint="So many of a kind are sent one by one; what follows is gathered",
              error=message_for(error, "digest_after")),
        Field(name="digest_min", label="within minutes", width="short", value=str(wish.digest_min),
              error=message_for(error, "digest_min")),
    ]  # fmt: skip


def _clock(wish: Wish, minutes: int) -> str:
    return "" if wish.quiet_from == wish.quiet_until else f"{minutes // 60:02d}:{minutes % 60:02d}"


def _minutes(text: str, field: str) -> int:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text) if text else None
    if text and found is None:
        raise InvalidFacts("A time looks like 22:00", field=field)
    return int(found[1]) * 60 + int(found[2]) if found else 0


@never_cache
@require_safe
@own
def bell(request: HttpRequest) -> HttpResponse:
    """Answer how much of what was told the reader is new and still holds; nothing where nothing is."""
    new = notices_unread_count(by=visit_of(request).actor)
    return HttpResponse("99+" if new > 99 else str(new or ""), content_type="text/plain; charset=utf-8")


@require_POST
@own
def read(request: HttpRequest) -> HttpResponse:
    """Mark what the page showed as read."""
    visit = visit_of(request)
    notices_read(numbers_of(request.POST, "notice", "A notice"), by=visit.actor)
    return HttpResponseRedirect(visit.href("notices"))


@require_POST
@own
def wish_save(request: HttpRequest) -> HttpResponse:
    """Keep how the reader wants to be told."""
    visit, data = visit_of(request), request.POST
    try:
        chosen = set(data.getlist("kinds"))
        wish_set(
            Wish(
                is_mailed="is_mailed" in data,
                muted=tuple(kind.value for kind in KIND_WORDS if kind.value not in chosen),
                zone=text_of(data, "zone") or "UTC",
                quiet_from=_minutes(text_of(data, "quiet_from"), "quiet_from"),
                quiet_until=_minutes(text_of(data, "quiet_until"), "quiet_until"),
                digest_after=required_number(data, "digest_after", "The number"),
                digest_min=required_number(data, "digest_min", "The minutes"),
            ),
            by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _page(visit, error=error)
    toast_add(request, "Saved")
    return HttpResponseRedirect(visit.href("notices"))


urls = [
    path("notices/", notices, name="notices"),
    path("notices/count/", bell, name="notices-count"),
    path("notices/read/", read, name="notices-read"),
    path("notices/wish/", wish_save, name="notices-wish"),
]
