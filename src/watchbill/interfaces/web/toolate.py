"""The page of an answer that came second: who did what instead, how things stand, and the ways on."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import reverse

from watchbill.apps.decisions.queries import DecisionRow, decision_open_for
from watchbill.apps.people.queries import person_names
from watchbill.apps.work.queries import ItemDetail
from watchbill.apps.work.queues import queue_names
from watchbill.apps.work.timeline import work_events
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.cards import answer_words, decision_card
from watchbill.interfaces.web.timeline import Names, days_of, people_in
from watchbill.interfaces.web.viewmodels.case import TooLatePage
from watchbill.interfaces.web.viewmodels.parts import Link

LATEST = 3
"""Events shown of what happened last."""


def too_late_page(visit: Visit, row: DecisionRow, item: ItemDetail, *, said: str, back: str) -> TooLatePage:
    """Return the page. *said* is why the answer to *row* could not be taken; *back* is where it would have led."""
    events = work_events(item.id, limit=LATEST)
    names = Names(person_names(sorted(people_in(events))), queue_names(item.desk_id, by=visit.actor))
    is_from_board = urlsplit(back).path == reverse("board")
    again = _with_case(back, item.reference) if is_from_board else visit.href("case", item.reference)
    waiting = decision_open_for([item.id]).get(item.id)
    owner = f"{item.owner} owns it" if item.owner else "nobody owns it"
    return TooLatePage(
        reference=item.reference,
        subject=item.title,
        said=said,
        answer=answer_words(visit, row),
        stands=f"Now: {words.STATE[item.state].lower()}, {owner}.",
        onward=Link(label="Next suggestion", href=back) if is_from_board else None,
        again=Link(label=f"{item.reference} as it is now", href=again),
        days=days_of(events, names, now=visit.now),
        decision=None if waiting is None else decision_card(visit, waiting, back=back),
    )


def _with_case(address: str, reference: str) -> str:
    """Return the Board of *address* with this case selected."""
    there = urlsplit(address)
    asked = QueryDict(there.query, mutable=True)
    asked["case"] = reference
    return f"{there.path}?{asked.urlencode()}"
