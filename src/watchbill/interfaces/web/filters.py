"""A list's filter in its address: the same words for Board, Cases, exports, saved views and the way back from a case."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import reverse

from watchbill.apps.work.queries import Order, View, WorkFilter
from watchbill.engine.base.errors import InvalidFacts, WatchbillError
from watchbill.engine.base.work import State
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.people_field import person_of

NAMES = ("q", "view", "queue", "owner", "priority", "state", "customer", "order")
"""What a filter is made of, in the order of an address."""

TEXT_LIMIT = 200


def filter_of(visit: Visit, data: QueryDict, *, default: View) -> WorkFilter:
    """Return the filter that an address asks for. Raises InvalidFacts, naming the field."""
    return WorkFilter(
        desk_id=visit.desk.id,
        view=view_of(data, default=default),
        queue_id=number_of(data, "queue", "The queue"),
        owner_id=_owner_of(visit, data),
        customer_id=number_of(data, "customer", "The customer"),
        priorities=tuple(_priority(word) for word in data.getlist("priority") if word),
        states=tuple(_state(word) for word in data.getlist("state") if word),
        text=text_of(data, "q").replace("\x00", "")[:TEXT_LIMIT],
        order=order_of(data),
    )


def view_of(data: QueryDict, *, default: View) -> View:
    """Return the named view of an address. Raises InvalidFacts."""
    name = data.get("view", "")
    try:
        return View(name) if name else default
    except ValueError:
        raise InvalidFacts(f"There is no view “{name[:40]}”", field="view") from None


def order_of(data: QueryDict) -> Order | None:
    """Return the order of an address; None: the view's own. Raises InvalidFacts."""
    name = data.get("order", "")
    try:
        return Order(name) if name else None
    except ValueError:
        raise InvalidFacts(f"There is no order “{name[:40]}”; there are act_by and due", field="order") from None


def _owner_of(visit: Visit, data: QueryDict) -> int | None:
    """An owner's key, or her name, whole or in part as long as it is hers alone."""
    text = text_of(data, "owner")
    if not text or text.isdecimal():
        return number_of(data, "owner", "The owner")
    return person_of(visit, text, field="owner", label="The owner")


def _priority(word: str) -> int:
    if word not in {"1", "2", "3", "4"}:
        raise InvalidFacts("A priority is 1, 2, 3 or 4", field="priority")
    return int(word)


def _state(word: str) -> str:
    try:
        return State(word).value
    except ValueError:
        raise InvalidFacts(f"There is no state “{word[:40]}”", field="state") from None


def asked_of(data: QueryDict) -> dict[str, object]:
    """Return what an address asks for as a query: for links that keep the filter."""
    values: dict[str, object] = {}
    for name in NAMES:
        given = [value for value in data.getlist(name) if value]
        if given:
            values[name] = given[0] if len(given) == 1 else given
    return values


def filter_at(visit: Visit, address: str) -> WorkFilter | None:
    """Return the filter of a list by its address; None when it is no list of ours, or not to be read."""
    parts = urlsplit(address)
    default = {reverse("board"): View.ACTIONABLE, reverse("cases"): View.OPEN}.get(parts.path)
    if default is None or parts.netloc or parts.scheme:
        return None
    try:
        return filter_of(visit, QueryDict(parts.query), default=default)
    except (WatchbillError, ValueError):
        return None
