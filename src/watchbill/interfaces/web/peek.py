"""A case beside the list: what one reads before deciding whether to open it."""

from __future__ import annotations

from watchbill.apps.people.queries import person_names
from watchbill.apps.work.queries import ItemDetail
from watchbill.apps.work.queues import queue_names
from watchbill.apps.work.timeline import work_events
from watchbill.flows.clocklife import lives_of
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.caseactions import next_step_of
from watchbill.interfaces.web.caseclocks import big_clocks
from watchbill.interfaces.web.casepage import about, chips_of, facts_of
from watchbill.interfaces.web.timeline import Names, days_of, people_in
from watchbill.interfaces.web.viewmodels.case import Peek

EVENTS = 6
"""The latest events, which say how the case stands."""


def peek(visit: Visit, item: ItemDetail) -> Peek:
    """Return what a look at *item* shows; the visit is on its desk. Nothing in it changes anything."""
    lives = lives_of(item.desk_id, item.id, visit.now)
    events = work_events(item.id, limit=EVENTS, has_old_proposals=False)
    names = Names(person_names(sorted(people_in(events))), queue_names(item.desk_id, by=visit.actor))
    return Peek(
        reference=item.reference,
        href=visit.href("case", item.reference, **{"from": visit.request.GET.get("from", "")}),
        priority=item.priority,
        subject=item.title,
        about=about(item),
        chips=chips_of(item),
        clocks=big_clocks(item, lives, now=visit.now),
        next_step=next_step_of(visit, item, trouble=None),
        days=days_of(events, names, now=visit.now),
        facts=facts_of(visit, item),
    )
