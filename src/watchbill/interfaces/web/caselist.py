"""The list of cases as its page shows it: rows, what narrows it, saved views and what can be done to many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict

from watchbill.apps.customers.queries import customers_of
from watchbill.apps.people.queries import owner_get
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import Key, Order, View, WorkFilter, work_count, work_page
from watchbill.apps.work.queues import queue_names
from watchbill.apps.work.saved import saved_views
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.base.work import Priority, State
from watchbill.flows.act.bulk import LIMIT
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.bulkacts import latest_acts
from watchbill.interfaces.web.errors import message_for, summary_of
from watchbill.interfaces.web.filters import asked_of, filter_of
from watchbill.interfaces.web.formats import count, plural
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.people_field import person_field
from watchbill.interfaces.web.rows import queue_rows
from watchbill.interfaces.web.viewmodels.cases import CasesPage
from watchbill.interfaces.web.viewmodels.parts import BulkBar, Chip, Empty, Field, Link, Option, Pager, SavedViews

ROWS = 50
COUNTED = 10_000
"""How far matches are counted; beyond it the page says "more than"."""

ORDER_WORDS: dict[Order, str] = {Order.ACT_BY: "Start by", Order.DUE: "Due"}
VIEW_WORDS: dict[View, str] = {
    View.OPEN: "Open",
    View.ACTIONABLE: "Actionable",
    View.UNASSIGNED: "Unassigned",
    View.WAITING: "Waiting",
    View.MINE: "Mine",
    View.BREACHED: "Breached",
    View.DUE_SOON: "Due within 60 min",
    View.TOP: "P1 and P2",
    View.NO_NEXT_STEP: "No next step",
    View.DONE: "Done",
    View.ANY: "Open and done",
}


def cases_page(
    visit: Visit,
    data: QueryDict,
    *,
    left: Sequence[tuple[str, str]] = (),
    error: InvalidFacts | Conflict | None = None,
    form: str = "f",
    typed: QueryDict | None = None,
) -> CasesPage:
    """Return the list that *data* asks for. Raises InvalidFacts for a filter that makes no sense.

    *error* is about the *form* of that prefix: the filter, the bar for many cases, or the name of a view. *typed* is a
    filter that was refused: it stands in its form again, above the list without it.
    """
    wanted = filter_of(visit, data, default=View.OPEN)
    asked = asked_of(data)
    wrong = error if isinstance(error, InvalidFacts) else None
    after = Key.parse(data.get("after", ""))
    found = work_page(wanted, after=after, limit=ROWS + 1, by=visit.actor, now=visit.now)
    shown = found[:ROWS]
    queues = queue_names(visit.desk.id, by=visit.actor)
    owner = _owner_name(wanted) if wanted.owner_id else ""
    here = visit.href("cases", **asked)
    return CasesPage(
        desk=visit.desk.label,
        desk_slug=visit.desk.slug,
        rows=queue_rows(visit, shown, list_href=here, checked=_checked(visit)),
        pager=_pager(
            visit, wanted, asked, len(shown), str(wanted.key(shown[-1])) if len(found) > ROWS else "", after=after
        ),
        filter_href=visit.href("cases"),
        filter_fields=_fields(
            visit, _said(wanted, owner) if typed is None else _typed(typed), queues, wrong if form == "f" else None
        ),
        shown_filters=_chips(visit, wanted, asked, queues, owner),
        saved=_saved(visit, asked, error if form == "view" else None),
        export_href=visit.href("cases-export", **asked),
        stuck_href=visit.href("stuck"),
        traffic_href=visit.href("traffic"),
        new_href=visit.href("case-new") if visit.may_open_work() else "",
        bulk=_bulk(visit, here, asked, data.get("after", ""), wrong if form == "bulk" else None)
        if shown and visit.may(Right.WORK_BULK)
        else None,
        empty=None if shown else _empty(visit, asked),
        left=left,
        acts=latest_acts(visit),
        here=here,
        errors=summary_of(error) if error else None,
        errors_prefix=form,
    )


def _owner_name(wanted: WorkFilter) -> str:
    """Return whose cases are asked for; "" for somebody of another desk."""
    try:
        return owner_get(wanted.owner_id or 0, wanted.desk_id).name
    except NotFound:
        return ""


def _checked(visit: Visit) -> frozenset[str]:
    """Return the cases that were chosen for an act which was refused: they stay chosen."""
    return frozenset(value.partition(":")[0] for value in visit.request.POST.getlist("case"))


def _typed(data: QueryDict) -> dict[str, str]:
    """Return what a form sent, one value a field."""
    return {name: data.get(name, "") for name in data}


def _said(wanted: WorkFilter, owner: str) -> dict[str, str]:
    """Return a filter as its form says it."""
    return {
        "q": wanted.text,
        "view": wanted.view.value,
        "queue": str(wanted.queue_id or ""),
        "owner": owner,
        "priority": str(wanted.priorities[0]) if len(wanted.priorities) == 1 else "",
        "state": wanted.states[0] if len(wanted.states) == 1 else "",
        "order": wanted.order.value if wanted.order else "",
    }


def _pager(
    visit: Visit, wanted: WorkFilter, asked: dict[str, object], rows: int, next_key: str, *, after: Key | None
) -> Pager:
    if after is None and not next_key:
        return Pager(shown=plural(rows, "case"))
    total = work_count(wanted, at_most=COUNTED + 1, by=visit.actor, now=visit.now)
    of = f"more than {count(COUNTED)}" if total > COUNTED else count(total)
    return Pager(
        shown=f"{'Next' if after else 'First'} {rows} of {of}",
        first_href=visit.href("cases", **asked) if after else "",
        next_href=visit.href("cases", **asked, after=next_key) if next_key else "",
    )


def _fields(visit: Visit, said: Mapping[str, str], queues: dict[int, str], error: InvalidFacts | None) -> list[Field]:
    def wrong(name: str) -> str:
        return message_for(error, name)

    def select(name: str, label: str, options: dict[str, str]) -> Field:
        chosen = said.get(name, "")
        listed = [Option(value=value, label=text, is_chosen=value == chosen) for value, text in options.items()]
        return Field(name=name, label=label, kind="select", options=listed, error=wrong(name))

    views = {
        view.value: text
        for view, text in VIEW_WORDS.items()
        if view is not View.MINE or visit.actor.person_id is not None
    }
    return [
        Field(name="q", label="Search", kind="search", value=said.get("q", ""), error=wrong("q")),
        select("view", "View", views),
        select("queue", "Queue", {"": "Any", **{str(k): name for k, name in queues.items()}}),
        person_field(visit, "owner", "Owner", value=said.get("owner", ""), error=wrong("owner")),
        select("priority", "Priority", {"": "Any", **{str(int(p)): f"P{int(p)}" for p in Priority}}),
        select("state", "State", {"": "Any", **{s.value: words.STATE[s] for s in State}}),
        select("order", "First", {"": "As usual", **{o.value: text for o, text in ORDER_WORDS.items()}}),
    ]  # fmt: skip


def _chips(
    visit: Visit, wanted: WorkFilter, asked: dict[str, object], queues: dict[int, str], owner: str
) -> list[Chip]:
    """Return what narrows the list, each leading to the list without it."""
    customer = ""
    if wanted.customer_id is not None:
        known = customers_of([wanted.customer_id]).get(wanted.customer_id)
        is_ours = known is not None and known.desk_id == wanted.desk_id
        customer = known.name if known and is_ours else f"customer {wanted.customer_id}"
    said = {
        "q": f"“{wanted.text}”" if wanted.text else "",
        "queue": queues.get(wanted.queue_id, "") if wanted.queue_id else "",
        "owner": owner,
        "customer": customer,
        "priority": ", ".join(f"P{priority}" for priority in wanted.priorities),
        "state": ", ".join(words.STATE[state] for state in wanted.states),
    }
    return [
        Chip(
            label=f"{text} ×",
            look="line",
            href=visit.href("cases", **{key: value for key, value in asked.items() if key != name}),
            title="Show without this",
        )
        for name, text in said.items()
        if text
    ]


def _saved(visit: Visit, asked: dict[str, object], error: InvalidFacts | Conflict | None) -> SavedViews:
    query = urlencode(asked, doseq=True)
    listed = saved_views(visit.desk.id, by=visit.actor)
    links, current, drop_href = [], "", ""
    for row in listed:
        is_current = bool(asked) and sorted(parse_qsl(row["query"])) == sorted(parse_qsl(query))
        links.append(
            Link(label=row["name"], href=visit.href("cases", **dict(parse_qsl(row["query"]))), is_current=is_current)
        )
        if is_current and row["may_drop"]:
            current, drop_href = row["name"], visit.href("view-drop", row["id"])
    sent = visit.request.POST
    return SavedViews(
        views=links,
        save_href=visit.href("view-save") if asked else "",
        delete_href=drop_href if error is None else "",
        current_name=current if error is None else text_of(sent, "name"),
        query=query,
        may_share=visit.may(Right.WORK_EDIT),
        is_shared=error is not None and "shared" in sent,
        error=error.message if error is not None else "",
        can_replace=isinstance(error, Conflict),
    )


def _bulk(visit: Visit, here: str, asked: dict[str, object], after: str, error: InvalidFacts | None) -> BulkBar:
    sent = visit.request.POST
    return BulkBar(
        action_href=visit.href("cases-bulk", **asked, after=after),
        people_href=visit.href("people-offered", "owner") if visit.may(Right.WORK_ASSIGN) else "",
        states=[
            Option(value=state.value, label=words.STATE[state], is_chosen=sent.get("state") == state.value)
            for state in State
        ],
        priorities=[
            Option(value=str(int(p)), label=f"P{int(p)}", is_chosen=sent.get("priority") == str(int(p)))
            for p in Priority
        ],
        limit=LIMIT,
        selected=len(_checked(visit)),
        owner=sent.get("owner", ""),
        text=sent.get("text", ""),
        error=error.message if error is not None else "",
        error_field=str(error.details.get("field", "")) if error is not None else "",
        hidden=(("back", here),),
    )


def _empty(visit: Visit, asked: dict[str, object]) -> Empty:
    if asked:
        return Empty(
            title="No case fits this",
            text="Take something away from the filter, or look among the finished ones too.",
            actions=[
                Link(label="All open cases", href=visit.href("cases")),
                Link(label="Open and done", href=visit.href("cases", **{**asked, "view": View.ANY.value})),
            ],
        )
    return Empty(title="No case is open", text="Cases appear here as they are opened, imported or sent.")
