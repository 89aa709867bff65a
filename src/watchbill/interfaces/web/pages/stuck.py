"""What is stuck: reasons with counts that open the rows."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import Key
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.stuck import REASON_WORDS, StuckReason
from watchbill.flows.stuck import stuck_find
from watchbill.interfaces.web.access import requires, visit_of
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.frame import page
from watchbill.interfaces.web.rows import queue_rows
from watchbill.interfaces.web.viewmodels.parts import Chip, Empty, Link, Pager
from watchbill.interfaces.web.viewmodels.stuck import StuckPage
from watchbill.interfaces.web.words import capital


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def stuck(request: HttpRequest) -> HttpResponse:
    """Show what is stuck, all of it or for one reason."""
    visit = visit_of(request)
    asked = request.GET.get("reason", "")
    if asked and asked not in set(StuckReason):
        raise InvalidFacts(f"There is no reason “{asked[:40]}”", field="reason")
    reason = StuckReason(asked) if asked else None
    after = Key.parse(request.GET.get("after", ""))
    found = stuck_find(visit.desk.id, reason=reason, after=after, by=visit.actor, now=visit.now)
    here = visit.href("stuck", reason=asked)
    rows = queue_rows(visit, [one.row for one in found.items], list_href=here)
    marked = [
        replace(row, chips=[*row.chips, *(Chip(label=REASON_WORDS[each], look="warn") for each in one.reasons)])
        for row, one in zip(rows, found.items, strict=True)
    ]
    total = found.counts.get(reason, 0) if reason else found.total
    shown = StuckPage(
        desk=visit.desk.name,
        reasons=[
            Link(label="All", href=visit.href("stuck"), count=found.total, is_current=reason is None),
            *(
                Link(
                    label=capital(REASON_WORDS[each]), href=visit.href("stuck", reason=each.value), count=count,
                    is_current=each is reason,
                )
                for each, count in found.counts.items()
            ),
        ],
        rows=marked,
        pager=Pager(
            shown=f"{plural(len(rows), 'case')} of {total:,}",
            first_href=here if after else "",
            next_href=visit.href("stuck", reason=asked, after=str(found.next)) if found.next else "",
        ),
        back=Link(label="Cases", href=visit.href("cases")),
        empty=None
        if rows
        else Empty(
            title="Nothing is stuck",
            text="Cases appear here when nobody acts on them in time, when their owner is away for too long, or when"
            " they are passed around, grow old, or have neither a clock nor a next step.",
            actions=[Link(label="All open cases", href=visit.href("cases"))],
        ),
    )  # fmt: skip
    return page(request, "pages/stuck.html", "Stuck", current="cases", page=shown)


urls = [path("stuck/", stuck, name="stuck")]
