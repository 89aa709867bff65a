"""One case as its page shows it: put together from the item, its clocks, its events and what is proposed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from watchbill.apps.decisions.choices import Status
from watchbill.apps.decisions.queries import DecisionRow, decision_open_for, decisions_of_item
from watchbill.apps.decisions.risks import risks_of_items
from watchbill.apps.people.queries import person_names
from watchbill.apps.people.rights import Right
from watchbill.apps.work.beside import COUNTED, Beside, work_beside
from watchbill.apps.work.merged import merged_from, merged_into
from watchbill.apps.work.queries import CLEARANCE, ItemDetail
from watchbill.apps.work.queues import queue_names
from watchbill.apps.work.timeline import EventRow, proposals_count, work_events
from watchbill.engine.base.work import DONE, EventKind, State
from watchbill.flows.act.undoing import may_undo
from watchbill.flows.clocklife import lives_of
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.cards import Refused, decision_card
from watchbill.interfaces.web.caseactions import Trouble, act_href, actions_of, next_step_of
from watchbill.interfaces.web.caseclocks import big_clocks, chart_of, held_of
from watchbill.interfaces.web.clocklife import life_of, teller_of
from watchbill.interfaces.web.danger import risk_lines
from watchbill.interfaces.web.errors import summary_of
from watchbill.interfaces.web.filters import filter_at
from watchbill.interfaces.web.formats import count, day_and_year, time_of_day
from watchbill.interfaces.web.frame import person_hrefs
from watchbill.interfaces.web.timeline import FILTER_WORDS, FILTERS, Names, days_of, people_in
from watchbill.interfaces.web.trafficlines import put_off_of, traffic_panel
from watchbill.interfaces.web.viewmodels.case import CasePage, Composer, EventDay
from watchbill.interfaces.web.viewmodels.parts import Chip, ErrorSummary, Link

TAKEN_OVER = (
    "Taken over from the log: owner and queue are now decided here. States still follow the log, so resolution times"
    " remain those of history."
)
EVENTS = 60
"""Events on one page of the timeline."""
STRETCHES = 8
"""Stretches of a clock in words; the page of clocks tells all of them."""


def case_page(
    visit: Visit,
    item: ItemDetail,
    *,
    trouble: Trouble | None = None,
    refused: Refused | None = None,
    answer_to: str = "",
) -> CasePage:
    """Return everything that the page of *item* shows. The visit is on the item's desk.

    *refused*: a no to its proposal that could not be taken; *answer_to*: where the next answer leads, if not here.
    """
    queues = queue_names(item.desk_id, by=visit.actor)
    lives = lives_of(item.desk_id, item.id, visit.now)
    clocks_href = visit.href("case-clocks", item.reference)
    teller = teller_of(
        item, lives, queues, now=visit.now, here=lambda key: f"{clocks_href}#{key}", event_href=event_hrefs(visit, item)
    )
    came_from = visit.request.GET.get("from", "")
    back, beside = _list_around(visit, item, came_from)
    shown = visit.request.GET.get("show", "all")
    days, older_href = _timeline(visit, item, queues, shown)
    decision, risk = _decision(item), risks_of_items([item.id]).get(item.id)
    composer_error = trouble.error.message if trouble and trouble.act == "note" and trouble.error else ""
    return CasePage(
        reference=item.reference,
        external=item.external_ref,
        priority=item.priority,
        subject=item.title,
        about=about(item),
        version=item.version,
        back=back,
        position=_position(beside),
        previous_href=visit.href("case", beside.before, **{"from": came_from}) if beside and beside.before else "",
        next_href=visit.href("case", beside.after, **{"from": came_from}) if beside and beside.after else "",
        chips=chips_of(item),
        actions=actions_of(visit, item, queues, decision, trouble=trouble),
        clocks=big_clocks(item, lives, risk=risk, now=visit.now),
        risks=risk_lines(risk),
        risk_href=visit.href("risk"),
        put_off=put_off_of(visit, item),
        traffic=traffic_panel(visit, item),
        traffic_href=visit.href("traffic"),
        chart=chart_of(teller),
        lives=[life_of(teller, one, most=STRETCHES) for one in teller.clocks],
        clocks_href=clocks_href,
        held=held_of(teller, clocks_href),
        filters=_filters(visit, item, shown),
        days=days,
        facts=facts_of(visit, item),
        next_step=next_step_of(visit, item, trouble=trouble),
        live_href=visit.request.get_full_path()
        if visit.request.method == "GET"
        else visit.href("case", item.reference),
        older_href=older_href,
        composer=_composer(visit, item, trouble, composer_error) if visit.may(Right.WORK_NOTE) else None,
        decision=decision_card(
            visit, decision, back=answer_to or visit.request.get_full_path(), is_on_case=True, refused=refused
        )
        if decision
        else None,
        notices=_notices(visit, item),
        merged=_merged(visit, merged_into(item.id)) if item.state == State.CANCELLED else None,
        conflict=trouble.conflict if trouble else None,
        errors=_page_errors(trouble),
    )


def _timeline(visit: Visit, item: ItemDetail, queues: Mapping[int, str], shown: str) -> tuple[Sequence[EventDay], str]:
    """Return the days of the timeline that were asked for, and where to read what came before."""
    seq = visit.request.GET.get("before", "")
    events = work_events(
        item.id,
        before=int(seq) if seq.isdecimal() and len(seq) < 10 else None,
        limit=EVENTS + 1,
        kinds=FILTERS.get(shown, ()),
        has_old_proposals=shown == "proposals",
    )
    listed = events[:EVENTS]
    days = days_of(
        listed,
        Names(person_names(sorted(people_in(listed))), queues),
        now=visit.now,
        proposals=_proposals(visit, item, listed, shown),
        undo=_undo(visit, item, listed) if shown == "all" and not seq else (0, ""),
        case_href=visit.hrefs("case", "CASE-0"),
    )
    return days, _case_href(visit, item, show=shown, before=str(listed[-1].seq)) if len(events) > EVENTS else ""


def _merged(visit: Visit, into: str) -> Link | None:
    """Return the way to the case that this one was merged into."""
    return Link(label=into, href=visit.href("case", into)) if into else None


def _page_errors(trouble: Trouble | None) -> ErrorSummary | None:
    if trouble is None or trouble.error is None or trouble.act not in {"note", "next-step"}:
        return None
    return summary_of(trouble.error)


def _case_href(visit: Visit, item: ItemDetail, **query: object) -> str:
    return visit.href("case", item.reference, **{"from": visit.request.GET.get("from", ""), **query})


def event_hrefs(visit: Visit, item: ItemDetail) -> Callable[[int], str]:
    """Return a function from the number of an event to the address of the timeline that begins with it."""
    return lambda seq: f"{visit.href('case', item.reference, before=seq + 1)}#event-{seq}"


def _proposals(visit: Visit, item: ItemDetail, listed: Sequence[EventRow], shown: str) -> Link | None:
    """Return the way to every proposal from the one that stands for them, when there are more."""
    if shown == "proposals" or not any(event.kind == EventKind.SUGGESTED for event in listed):
        return None
    times = proposals_count(item.id)
    if times < 2:
        return None
    return Link(label=f"The latest of {times} proposals", href=_case_href(visit, item, show="proposals"))


def _undo(visit: Visit, item: ItemDetail, listed: Sequence[EventRow]) -> tuple[int, str]:
    """Return the number of the latest act that stands, and where to take it back, if the visitor may."""
    undone = {event.data["undoes"] for event in listed if "undoes" in event.data}
    acts = (event for event in listed if "set" in event.data or event.kind == EventKind.MERGED)
    standing = (event for event in acts if "undoes" not in event.data)
    latest = next((event for event in standing if event.seq not in undone), None)
    if latest is None or not may_undo(latest, item.desk_id, by=visit.actor):
        return 0, ""
    return latest.seq, act_href(visit, item, "undo", event=latest.seq)


def _list_around(visit: Visit, item: ItemDetail, came_from: str) -> tuple[Link, Beside | None]:
    """Return the list that the visitor came from, and where this case stands in it."""
    wanted = filter_at(visit, came_from) if came_from else None
    if wanted is None:
        return Link(label="Board", href=visit.href("board")), None
    label = "Cases" if "/cases/" in came_from else "Board"
    return Link(label=label, href=came_from), work_beside(wanted, item, by=visit.actor, now=visit.now)


def _position(beside: Beside | None) -> str:
    """Return the place in the list, such as "2 of 23"; nothing when the case is not in it, or too far down to count."""
    if beside is None or not beside.place:
        return ""
    of = f"more than {count(COUNTED)}" if beside.total > COUNTED else count(beside.total)
    return f"{count(beside.place)} of {of}"


def _decision(item: ItemDetail) -> DecisionRow | None:
    """Return the proposal that waits, else the latest one, if its answer is why the case is where it is."""
    waiting = decision_open_for([item.id]).get(item.id)
    if waiting is not None:
        return waiting
    for row in decisions_of_item(item.id, limit=1):
        is_why = row.given_to_id == item.owner_id or row.status is Status.REFUSED or row.undone_at is not None
        if row.status is not Status.SUPERSEDED and is_why:
            return row
    return None


def about(item: ItemDetail) -> str:
    """Return the line under the subject: kind, customer, support, queue, other number."""
    parts = [words.KIND[item.kind]]
    if item.customer:
        parts.append(item.customer)
    if item.customer_tier and item.customer_tier != "standard":
        parts.append(f"{item.customer_tier} support")
    if item.queue:
        parts.append(item.queue)
    if item.external_ref:
        parts.append(item.external_ref)
    return ", ".join(parts)


def chips_of(item: ItemDetail) -> list[Chip]:
    """Return the marks beside the reference: state, owner, sensitivity."""
    chips = [Chip(label=words.STATE[item.state])]
    chips.append(Chip(label=item.owner) if item.owner else Chip(label="Unassigned", look="line"))
    if item.is_sensitive:
        chips.append(Chip(label="Sensitive customer", look="line"))
    return chips


def _filters(visit: Visit, item: ItemDetail, shown: str) -> list[Link]:
    return [
        Link(label=label, href=_case_href(visit, item, show=name), is_current=name == shown)
        for name, label in FILTER_WORDS.items()
    ]


def facts_of(visit: Visit, item: ItemDetail) -> list[tuple[str, str, str]]:
    """Return label, value and address of what is known; what is empty is left out."""
    person = person_hrefs(visit)
    queue_href = visit.href("cases", queue=item.queue_id) if item.queue_id else ""
    customer_href = visit.href("customer", item.customer_id) if item.customer_id else ""
    impact = " / ".join(words.LEVEL[level] for level in (item.impact, item.urgency) if level is not None)
    skill = f"{item.skill}, level {item.skill_level} or more" if item.skill else ""
    known = [
        ("Owner", item.owner or "", person(item.owner_id) if item.owner_id else ""),
        ("Queue", item.queue or "", queue_href),
        ("Team", item.team or "", ""),
        ("Customer", item.customer or "", customer_href),
        ("Site", item.site or "", ""),
        *(("Merged in", reference, visit.href("case", reference)) for reference in merged_from(item.id)),
        ("Category", item.category, ""),
        ("Asks for", skill, ""),
        ("Clearances", ", ".join(item.clearances), ""),
        ("Language", item.language, ""),
        ("Impact, urgency", impact, ""),
        ("Opened", f"{day_and_year(item.opened_at)} {time_of_day(item.opened_at)} UTC", ""),
        ("Other number", item.external_ref, ""),
        ("Description", item.description, ""),
    ]
    extra = [
        (words.capital(name.replace("_", " ")), str(value), "")
        for name, value in item.attributes.items()
        if value and name != CLEARANCE
    ]
    return [fact for fact in [*known, *extra] if fact[1]]


def _composer(visit: Visit, item: ItemDetail, trouble: Trouble | None, error: str) -> Composer:
    sent = trouble.sent if trouble and trouble.act == "note" else {}
    return Composer(
        action_href=act_href(visit, item, "note"),
        text=sent.get("text", ""),
        error=error,
        can_reply=State(item.state) not in DONE and item.customer_id is not None,
        is_reply=sent.get("to") == "customer",
    )


def _notices(visit: Visit, item: ItemDetail) -> list[str]:
    """Return what a reader of a replayed history has to know about this case."""
    if not (visit.clock.is_moved and item.external_source and item.is_taken_over):
        return []
    return [TAKEN_OVER]
