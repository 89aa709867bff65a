"""`watchbill items`: list, show, open and change work items."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import Kind, State
from watchbill.interfaces.cli.speaking import PRIORITY, Call, desk_option, limit_option, spoken, table, version_option

if TYPE_CHECKING:
    from watchbill.apps.work.queries import ItemRow
    from watchbill.apps.work.services import Written
    from watchbill.apps.work.timeline import EventRow

VIEWS = ("actionable", "unassigned", "waiting", "mine", "open", "done", "breached", "due-soon", "p1-p2", "no-next-step")
ORDERS = ("act_by", "due")
INSTANTS = click.DateTime(["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M%z"])

text_option = click.option("--text", default="", help="A note that is kept with the act.")


@click.group()
def items() -> None:
    """List, open and change work items."""


def _summary(item: ItemRow) -> dict[str, Any]:
    names = ("reference", "external_ref", "kind", "title", "category", "state", "priority", "opened_at", "queue", "owner",
             "customer", "next_step", "next_step_due_at", "is_taken_over", "version")  # fmt: skip
    return {
        **{name: getattr(item, name) for name in names},
        "due_at": None if item.due_sort_at == FAR_FUTURE else item.due_sort_at,
        "act_by_at": None if item.act_by_at == FAR_FUTURE else item.act_by_at,
    }


def _done(call: Call, written: Written, sentence: str, **more: str) -> None:
    call.tell(
        {"reference": written.reference, "version": written.version, **more},
        f"{written.reference}: {sentence} (version {written.version})",
    )


@items.command("list")
@desk_option
@click.option("--view", type=click.Choice(VIEWS), default="open", show_default=True, help="Which part of the work.")
@click.option("--queue", metavar="NAME", help="Items of this queue.")
@click.option("--owner", metavar="PERSON", help="Items of this person (PER-12 or whole name).")
@click.option("--priority", type=PRIORITY, multiple=True, help="May be given several times.")
@click.option("--search", default="", metavar="WORDS", help="Words of title, description, category or references.")
@click.option("--order", type=click.Choice(ORDERS), help="By latest safe moment, or by due.")
@click.option("--after", default="", metavar="KEY", help="Where the page before ended (its `next`).")
@limit_option
@spoken
def item_list(
    call: Call, desk: str | None, view: str, queue: str | None, owner: str | None, priority: tuple[int, ...],
    search: str, order: str | None, after: str, limit: int,
) -> None:  # fmt: skip
    """List items, the one that has to be begun first first; what is breached or due soon by its due."""
    from watchbill.apps.people.queries import person_key
    from watchbill.apps.work.queries import Key, Order, View, WorkFilter, work_page
    from watchbill.apps.work.queues import queue_find

    desk_id = call.desk(desk).id
    wanted = WorkFilter(
        desk_id=desk_id,
        view=View(view),
        queue_id=queue_find(desk_id, name=queue)["id"] if queue else None,
        owner_id=person_key(desk_id, owner, by=call.by) if owner else None,
        priorities=priority,
        text=search,
        order=Order(order) if order else None,
    )
    rows = work_page(wanted, after=Key.parse(after), limit=limit + 1, by=call.by, now=call.now)
    listed = [_summary(row) for row in rows[:limit]]
    more = str(wanted.key(rows[limit - 1])) if len(rows) > limit else None
    heads = ("reference", "priority", "state", "act_by_at", "due_at", "owner", "queue", "title")
    lines = table(heads, [[item[name] for name in heads] for item in listed])
    call.tell({"items": listed, "next": more}, *lines, *([f"More: --after {more}"] if more else []))


@items.command("show")
@click.argument("reference")
@spoken
def item_show(call: Call, reference: str) -> None:
    """Show one item with its clocks and its events, the latest first."""
    from watchbill.apps.clocks.queries import clocks_of_items
    from watchbill.apps.work.merged import merged_from, merged_into
    from watchbill.apps.work.queries import work_get
    from watchbill.apps.work.timeline import work_events

    item = work_get(reference, by=call.by)
    names = ("description", "language", "impact", "urgency", "team", "skill", "skill_level", "resolved_at", "closed_at",
             "site")  # fmt: skip
    whole = {
        **_summary(item),
        **{name: getattr(item, name) for name in names},
        "attributes": item.attributes,
        "merged_into": merged_into(item.id) or None,
        "merged": merged_from(item.id),
    }
    clocks = [
        {
            "name": c.name,
            "kind": c.kind,
            "agreement": c.agreement,
            "cycle": c.cycle,
            "status": c.status,
            "due_at": c.due_at,
            "is_breached": c.is_breached(call.now),
        }
        for c in clocks_of_items([item.id]).get(item.id, [])
    ]
    events = [_event(row) for row in work_events(item.id)]
    heads = ("seq", "at", "actor", "kind", "text")
    call.tell(
        {**whole, "clocks": clocks, "events": events},
        f"{item.reference}  P{item.priority}  {item.state}  {item.title}",
        f"Owner: {item.owner or '-'}   Queue: {item.queue or '-'}   Version: {item.version}",
        f"Customer: {item.customer or '-'}   Site: {item.site or '-'}",
        *([f"Merged into {whole['merged_into']}"] if whole["merged_into"] else []),
        *([f"Merged in: {', '.join(whole['merged'])}"] if whole["merged"] else []),
        *(f"Clock {c['name']}: {c['status']}, due {c['due_at'] or '-'}" for c in clocks),
        "",
        *table(heads, [[event[name] for name in heads] for event in events]),
    )


def _event(row: EventRow) -> dict[str, Any]:
    return {
        "seq": row.seq, "at": row.at, "recorded_at": row.recorded_at, "kind": row.kind, "actor": row.actor_name,
        "text": row.data.get("text", ""), "set": row.data.get("set", {}),
    }  # fmt: skip


@items.command("create")
@click.argument("title")
@desk_option
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), default="case", show_default=True)
@click.option("--description", default="")
@click.option("--category", default="")
@click.option("--customer", default="", metavar="NAME")
@click.option("--site", default="", metavar="NAME", help="One that the customer has.")
@click.option("--queue", metavar="NAME")
@click.option("--impact", type=click.IntRange(1, 3), help="1 high, 2 medium, 3 low.")
@click.option("--urgency", type=click.IntRange(1, 3), help="1 high, 2 medium, 3 low.")
@click.option("--priority", type=PRIORITY, help="Follows from impact and urgency unless given.")
@click.option("--person", metavar="PERSON", help="Given to her at once (PER-12 or whole name).")
@click.option("--clearance", multiple=True, metavar="NAME", help="What whoever works on it must have.")
@click.option("--text", default="", help="A first work note.")
@spoken
def item_create(
    call: Call, title: str, desk: str | None, kind: str, queue: str | None, impact: int | None, urgency: int | None,
    priority: int | None, person: str | None, clearance: tuple[str, ...], **plain: Any,
) -> None:  # fmt: skip
    """Open an item."""
    from watchbill.apps.people.queries import person_key
    from watchbill.engine.base.work import Level, Priority
    from watchbill.flows.act.opening import Draft, item_open

    desk_id = call.desk(desk).id
    draft = Draft(
        desk_id=desk_id,
        title=title,
        kind=Kind(kind),
        queue_name=queue or "",
        impact=Level(impact) if impact else None,
        urgency=Level(urgency) if urgency else None,
        priority=Priority(priority) if priority else None,
        owner_id=person_key(desk_id, person, by=call.by) if person else None,
        clearances=clearance,
        **plain,
    )
    _done(call, item_open(draft, by=call.by, now=call.now), "opened")


@items.command("assign")
@click.argument("reference")
@click.argument("person", required=False)
@text_option
@version_option
@spoken
def item_assign(call: Call, reference: str, person: str | None, text: str, version: int | None) -> None:
    """Give an item to PERSON (PER-12 or whole name), or without one back to its queue; what speaks against it is said."""
    from watchbill.apps.people.queries import person_key
    from watchbill.apps.work.queries import work_get
    from watchbill.flows.assign.by_hand import item_give

    person_id = person_key(work_get(reference, by=call.by).desk_id, person, by=call.by) if person else None
    given = item_give(reference, person_id, version=version, text=text, by=call.by, now=call.now)
    against = f", who {given.against}" if given.against else ""
    done = f"given to {person}{against}" if person else "given back to its queue"
    _done(call, given.written, done, against=given.against)


@items.command("state")
@click.argument("reference")
@click.argument("state", type=click.Choice([state.value for state in State]))
@text_option
@version_option
@spoken
def item_state(call: Call, reference: str, state: str, text: str, version: int | None) -> None:
    """Move an item to another state."""
    from watchbill.flows.act.items import item_state as move

    _done(call, move(reference, State(state), version=version, text=text, by=call.by, now=call.now), f"now {state}")


@items.command("place")
@click.argument("reference")
@click.option("--customer", metavar="NAME", help='Made if it is new; "" for none.')
@click.option("--site", metavar="NAME", help='One that the customer has; "" for none.')
@version_option
@spoken
def item_place(call: Call, reference: str, customer: str | None, site: str | None, version: int | None) -> None:
    """Say whose an item is, and at which of the customer's sites."""
    from watchbill.flows.act.items import item_edit

    values = {name: value for name, value in (("customer", customer), ("site", site)) if value is not None}
    _done(call, item_edit(reference, values, version=version, by=call.by, now=call.now), "placed")


@items.command("clearances")
@click.argument("reference")
@click.argument("clearance", nargs=-1)
@version_option
@spoken
def item_clearances(call: Call, reference: str, clearance: tuple[str, ...], version: int | None) -> None:
    """Say which clearances whoever works on an item must have, beside its customer's; without any: none."""
    from watchbill.flows.act.items import CLEARANCES, item_edit

    written = item_edit(reference, {CLEARANCES: clearance}, version=version, by=call.by, now=call.now)
    _done(call, written, f"asks for {', '.join(clearance) or 'no clearance'}")


@items.command("merge")
@click.argument("reference")
@click.argument("into")
@text_option
@version_option
@click.option("--into-version", type=click.IntRange(min=1), help="The version of INTO that you saw.")
@spoken
def item_merge(call: Call, reference: str, into: str, text: str, version: int | None, into_version: int | None) -> None:
    """Merge an item into another of its desk, INTO, that tells of the same; it is cancelled, and both say so."""
    from watchbill.flows.act.merging import item_merge as merge

    gone, kept = merge(reference, into, version=version, into_version=into_version, text=text, by=call.by, now=call.now)
    call.tell(
        {
            "reference": gone.reference, "version": gone.version,
            "into": {"reference": kept.reference, "version": kept.version},
        },
        f"{gone.reference}: merged into {kept.reference} (version {gone.version})",
    )  # fmt: skip


@items.command("note")
@click.argument("reference")
@click.argument("text")
@click.option("--to-customer", is_flag=True, help="A reply to the customer instead of a work note.")
@spoken
def item_note(call: Call, reference: str, text: str, *, to_customer: bool) -> None:
    """Add a work note, or a reply to the customer."""
    from watchbill.flows.act.items import item_note as note

    _done(call, note(reference, text, is_to_customer=to_customer, by=call.by, now=call.now), "noted")


@items.command("next-step")
@click.argument("reference")
@click.argument("what")
@click.option("--who", metavar="PERSON", help="Who does it (PER-12 or whole name).")
@click.option("--due", type=INSTANTS, metavar="INSTANT", help="By when, with offset: 2026-03-02T17:00+01:00")
@version_option
@spoken
def item_next_step(
    call: Call, reference: str, what: str, who: str | None, due: datetime | None, version: int | None
) -> None:
    """Say who does WHAT by when; an empty WHAT ("") takes the next step away."""
    from watchbill.apps.people.queries import person_key
    from watchbill.apps.work.queries import work_get
    from watchbill.flows.act.items import item_next_step as promise

    who_id = person_key(work_get(reference, by=call.by).desk_id, who, by=call.by) if who else None
    written = promise(reference, what=what, who=who_id, due_at=due, version=version, by=call.by, now=call.now)
    _done(call, written, "next step set" if what.strip() else "next step taken away")


@items.command("undo")
@click.argument("reference")
@click.argument("event", type=click.IntRange(min=1))
@spoken
def item_undo(call: Call, reference: str, event: int) -> None:
    """Take back an owner, a state, a priority or a merge: EVENT is its number (`items show`)."""
    from watchbill.flows.act.undoing import item_undo as undo

    _done(call, undo(reference, event, by=call.by, now=call.now), "as it was before")
