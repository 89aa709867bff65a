"""Risk: the promises in danger with what would save them, and how far the forecasts can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.apps.clocks.queries import ClockRow, clocks_of_items
from watchbill.apps.decisions.queries import DecisionRow, decision_open_for
from watchbill.apps.decisions.risks import (
    ItemRisk,
    Place,
    counts_row,
    danger_count,
    model_in_use,
    names_scored,
    risks_of_items,
    sources,
)
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import ItemRow, WorkFilter
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.clockface import clock_pill
from watchbill.interfaces.web.danger import ALWAYS_S, after_words, by_danger, safe_words
from watchbill.interfaces.web.formats import count, percent, plural
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page
from watchbill.interfaces.web.others import answer_href
from watchbill.interfaces.web.riskpage import (
    HEADS,
    figure_lines,
    lately_words,
    model_facts,
    reliability_chart,
    stand_in_words,
)
from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Pager
from watchbill.interfaces.web.viewmodels.risk import DangerRow, RiskPage

ROWS = 30
MANY = 1000


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def risk(request: HttpRequest) -> HttpResponse:
    """Show what is in danger, the greatest first, and what the forecasts are worth."""
    return page(request, "pages/risk.html", "Risk", current="risk", page=risk_page(visit_of(request)))


def risk_page(visit: Visit) -> RiskPage:
    """Return everything that the page shows: a dozen queries, whatever is open."""
    data = visit.request.GET
    name, is_likely, asked = text_of(data, "commitment")[:200], data.get("likely") == "1", data.get("after", "")
    wanted = WorkFilter(desk_id=visit.desk.id)
    found = by_danger(visit, wanted, is_likely=is_likely, name=name, after=Place.parse(asked), limit=ROWS + 1)
    total = danger_count(wanted, is_likely=is_likely, name=name, at_most=MANY, by=visit.actor, now=visit.now)
    items = [item for item, _ in found[:ROWS]]
    model, counted = model_in_use(visit.desk.id), counts_row(visit.desk.id)
    has_model = model is not None and bool(model.source)
    here = visit.href("risk", commitment=name, likely="1" if is_likely else "")
    title = "Likely to be missed" if is_likely else "In danger"
    return RiskPage(
        desk=visit.desk.name,
        kinds=_kinds(visit, name, is_likely=is_likely),
        rows=_rows(visit, items),
        pager=Pager(
            shown=_shown(len(items), total, is_whole=not asked and len(found) <= ROWS),
            first_href=here if asked else "",
            next_href=visit.href(
                "risk", commitment=name, likely="1" if is_likely else "", after=str(found[ROWS - 1][1])
            )
            if len(found) > ROWS
            else "",
        ),
        live_href=visit.request.get_full_path(),
        back=here,
        title=f"{title}: {words.clock(name)}" if name else title,
        model=model_facts(model, counted, visit.now) if model else None,
        chart=reliability_chart(
            model.figures["reliability"].get("all", {}).get("bins", ()), "Tested on the latest cases"
        )
        if model
        else None,
        lately=reliability_chart(counted.lately["bins"], "The last four weeks") if counted else None,
        lately_words=lately_words(counted.lately) if counted else "",
        heads=HEADS,
        lines=figure_lines(model.figures) if model and has_model else [],
        nothing_learned=None if has_model else _nothing_learned(visit, model.words if model else ""),
        empty=None if items else _empty(visit, is_filtered=is_likely or bool(name)),
    )


def _shown(shown: int, total: int, *, is_whole: bool) -> str:
    if is_whole:
        return plural(shown, "case")
    return f"{shown} of {count(total)}{' or more' if total >= MANY else ''}"


def _kinds(visit: Visit, name: str, *, is_likely: bool) -> list[Link]:
    """Return the ways to narrow the list: all, those likely to be missed, and each commitment."""
    return [
        Link(label="All", href=visit.href("risk"), is_current=not name and not is_likely),
        Link(label="Likely", href=visit.href("risk", likely="1"), is_current=is_likely and not name),
        *(
            Link(
                label=words.clock(each),
                href=visit.href("risk", commitment=each, likely="1" if is_likely else ""),
                is_current=each == name,
            )
            for each in names_scored(visit.desk.id)
        ),
    ]


def _rows(visit: Visit, items: Sequence[ItemRow]) -> list[DangerRow]:
    keys = [item.id for item in items]
    risks, open_for, clocks = risks_of_items(keys), decision_open_for(keys), clocks_of_items(keys)
    return [_row(visit, item, risks[item.id], open_for, clocks.get(item.id, ())) for item in items if item.id in risks]


def _row(
    visit: Visit, item: ItemRow, risk: ItemRisk, open_for: Mapping[int, DecisionRow], clocks: Sequence[ClockRow]
) -> DangerRow:
    worst, proposal = risk.worst, open_for.get(item.id)
    action = worst.action
    can_accept = (
        action is not None
        and proposal is not None
        and action.person_id == proposal.chosen_id
        and action.code in {"assign", "move"}
        and visit.may(Right.DECISION_ANSWER)
    )
    due_at = next((clock.due_at for clock in clocks if clock.name == worst.name), None)
    return DangerRow(
        reference=item.reference,
        href=visit.href("case", item.reference, **{"from": visit.href("risk")}),
        priority=item.priority,
        subject=item.title,
        customer=item.customer or item.category,
        owner=item.owner or "",
        promise=words.clock(worst.name),
        chance=percent(worst.p_miss),
        is_likely=worst.is_likely,
        clock=clock_pill(now=visit.now, due_at=due_at, amber_below_s=ALWAYS_S if worst.is_likely else 0),
        reasons=[words.capital(reason.words) for reason in worst.reasons],
        action=action.words if action else "",
        after=after_words(worst),
        none=worst.none,
        safe=safe_words(action, visit),
        accept_href=answer_href(visit, "accept", proposal) if can_accept and proposal else "",
    )


def _nothing_learned(visit: Visit, said: str) -> Empty:
    """Return what to do while history says too little: import one, where there is none yet."""
    known = sources(visit.desk.id)
    may_bring = not known and visit.may(Right.IMPORT_VIEW)
    return Empty(
        title="No model of this desk yet",
        text=(
            said
            or "The desk has not learned yet how its promises come to be missed; it does so by itself within minutes."
        )
        + f" {stand_in_words(known)}",
        actions=[Link(label="Import a history", href=visit.href("imports"))] if may_bring else [],
    )


def _empty(visit: Visit, *, is_filtered: bool) -> Empty:
    if is_filtered:
        return Empty(
            title="Nothing in danger here",
            text="No open case fits; what was missed already, or waits, is not in this list.",
            actions=[Link(label="All in danger", href=visit.href("risk"))],
        )
    return Empty(
        title="Nothing runs that can be missed",
        text="Open cases with a running target are scored within seconds of a change.",
        actions=[Link(label="Board", href=visit.href("board"))],
    )


urls = [path("risk/", risk, name="risk")]
