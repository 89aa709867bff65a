"""The clocks of one case: each from its start until now, on a chart, in words, and who held it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.apps.people.rights import Right
from watchbill.apps.work.queues import queue_names
from watchbill.flows.clocklife import lives_of
from watchbill.interfaces.web import frame
from watchbill.interfaces.web.access import requires, visit_of
from watchbill.interfaces.web.caseclocks import chart_of
from watchbill.interfaces.web.casepage import event_hrefs
from watchbill.interfaces.web.clocklife import life_of, teller_of
from watchbill.interfaces.web.pages.case import item_of
from watchbill.interfaces.web.viewmodels.clocks import ClocksPage


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def clocks(request: HttpRequest, reference: str) -> HttpResponse:
    """Tell the clocks of a case from beginning to end."""
    visit = visit_of(request)
    item = item_of(visit, reference)
    queues = queue_names(item.desk_id, by=visit.actor)
    lives = lives_of(item.desk_id, item.id, visit.now)
    teller = teller_of(
        item, lives, queues, now=visit.now, here=lambda key: f"#{key}", event_href=event_hrefs(visit, item)
    )
    shown_page = ClocksPage(
        reference=item.reference,
        subject=item.title,
        case_href=visit.href("case", item.reference),
        chart=chart_of(teller),
        lives=[life_of(teller, one) for one in teller.clocks],
    )
    return frame.page(request, "pages/clocks.html", f"Clocks of {item.reference}", current="cases", page=shown_page)


urls = [path("cases/<str:reference>/clocks/", clocks, name="case-clocks")]
