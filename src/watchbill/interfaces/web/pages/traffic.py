"""What becomes of work when a region goes home: kept, passed with the sun, or parked; and pins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.traffic import changes_ahead, traffic_page
from watchbill.apps.people.regions import region_named
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import Key, work_get
from watchbill.engine.assign.traffic import Choice
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.traffic import CHOICE_WORDS, item_pin, traffic_key
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import moment, plural
from watchbill.interfaces.web.forms import back_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.trafficlines import traffic_line
from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Pager
from watchbill.interfaces.web.viewmodels.stuck import TrafficPage
from watchbill.interfaces.web.words import capital

ROWS = 50


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def traffic(request: HttpRequest) -> HttpResponse:
    """Show what was decided for the coming changes of region."""
    visit = visit_of(request)
    region, choice = request.GET.get("region", ""), request.GET.get("choice", "")
    if choice and choice not in set(Choice):
        raise InvalidFacts(f"There is no choice “{choice[:40]}”; there are keep, pass and park", field="choice")
    after = Key.parse(request.GET.get("after", ""))
    found = traffic_page(
        visit.desk.id, region_id=region_named(visit.desk.id, region), choice=choice, after=after, limit=ROWS + 1,
        by=visit.actor, now=visit.now,
    )  # fmt: skip
    rows = found[:ROWS]
    changes = changes_ahead(visit.desk.id, by=visit.actor, now=visit.now)
    here = visit.href("traffic", region=region, choice=choice)
    more = (
        visit.href("traffic", region=region, choice=choice, after=str(traffic_key(rows[-1])))
        if len(found) > ROWS
        else ""
    )
    shown = TrafficPage(
        desk=visit.desk.name,
        changes=[
            Link(label="All changes", href=visit.href("traffic", choice=choice), is_current=not region),
            *(
                Link(
                    label=f"{one.region} goes home {moment(one.leaves_at, visit.now)}",
                    href=visit.href("traffic", region=one.region, choice=choice),
                    count=one.kept + one.passed + one.parked,
                    is_current=one.region == region,
                )
                for one in changes
            ),
        ],
        choices=[
            Link(label="All", href=visit.href("traffic", region=region), is_current=not choice),
            *(
                Link(
                    label=capital(CHOICE_WORDS[each]),
                    href=visit.href("traffic", region=region, choice=each.value),
                    is_current=each.value == choice,
                )
                for each in Choice
            ),
        ],
        rows=[traffic_line(visit, row, list_href=here) for row in rows],
        pager=Pager(shown=plural(len(rows), "case"), first_href=here if after else "", next_href=more),
        here=here,
        empty=None if rows else _empty(visit, is_narrowed=bool(changes)),
    )
    return page(request, "pages/traffic.html", "Changes of region", current="cases", page=shown)


def _empty(visit: Visit, *, is_narrowed: bool) -> Empty:
    if is_narrowed:
        return Empty(
            title="No case fits this", text="Take the filter away to see every case that changes hands.",
            actions=[Link(label="All changes", href=visit.href("traffic"))],
        )  # fmt: skip
    return Empty(
        title="No region goes home soon",
        text="Two hours before the last person of a region leaves, each case of its people is kept, passed to the next"
        " region or parked, with the reason. A desk whose people are of one region, or of none, has no such changes:"
        " regions are set for people and teams.",
        actions=[Link(label="People", href=visit.href("people"))] if visit.may(Right.PEOPLE_VIEW) else [],
    )


@require_POST
@requires(Right.WORK_ASSIGN)
def pin(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep a case with its owner at changes of region, or let it go again."""
    visit = visit_of(request)
    visit.be_on(work_get(reference, by=visit.actor).desk_id)
    is_pinned = request.POST.get("pin") != "off"
    item_pin(reference, is_pinned=is_pinned, by=visit.actor, now=visit.now)
    toast_add(request, f"{reference} {'stays with its owner' if is_pinned else 'is not pinned any more'}")
    return HttpResponseRedirect(back_of(request, visit.href("traffic")))


urls = [path("traffic/", traffic, name="traffic"), path("cases/<str:reference>/pin/", pin, name="case-pin")]
