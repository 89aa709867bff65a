"""Saved views: the filter of a list under a name, for oneself or for the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.work import models
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound


def view_save(desk_id: int, *, name: str, query: str, is_shared: bool, is_replacing: bool = False, by: Actor) -> None:
    """Keep the query string of a list under a name, for oneself or for the desk.

    Whoever may change nothing of the desk's work shares nothing with the desk either. Raises Conflict for the name of
    another view of one's own, unless that one is to be replaced, and InvalidFacts for one that somebody else shares.
    """
    require(by, Right.WORK_EDIT if is_shared else Right.WORK_VIEW, desk_id)
    if by.user_id is None:
        raise InvalidFacts("Only a user can keep a view")
    if not 1 <= len(name.strip()) <= 80 or len(query) > 2000:
        raise InvalidFacts("A view's name has 1 to 80 characters", field="name")
    clean = name.strip()
    _require_free(desk_id, clean, query=query, is_replacing=is_replacing, by=by)
    models.SavedView.objects.update_or_create(
        desk_id=desk_id, user_id=by.user_id, name=clean, defaults={"query": query, "is_shared": is_shared}
    )


def _require_free(desk_id: int, name: str, *, query: str, is_replacing: bool, by: Actor) -> None:
    """Raise when the name stands for something else already, among the views that the actor sees."""
    same = models.SavedView.objects.filter(Q(user_id=by.user_id) | Q(is_shared=True), desk_id=desk_id, name=name)
    found = {user_id: rest for user_id, *rest in same.values_list("user_id", "user__name", "query")}
    if by.user_id not in found:
        for user_name, _ in found.values():
            raise InvalidFacts(f"{user_name} shares a view called “{name}”: choose another name", field="name")
    elif found[by.user_id][1] != query and not is_replacing:
        raise Conflict(f"You have a view called “{name}” already: replace it, or choose another name", field="name")


def view_drop(view_id: int, *, by: Actor, now: datetime) -> None:
    """Remove one's own saved view; of those that others share, whoever may change the desk's queues removes any."""
    view = models.SavedView.objects.filter(id=view_id).values("desk_id", "name", "user_id", "is_shared").first()
    is_own = view is not None and view["user_id"] == by.user_id
    if view is None or not (is_own or (view["is_shared"] and may(by, Right.QUEUE_EDIT, view["desk_id"]))):
        raise NotFound("You have no such view")
    with transaction.atomic():
        models.SavedView.objects.filter(id=view_id).delete()
        if not is_own:
            audit_add(
                "view_removed", object_kind="view", object_ref=view["name"], desk_id=view["desk_id"], by=by, now=now
            )


def saved_views(desk_id: int, *, by: Actor) -> list[dict[str, Any]]:
    """Return the actor's saved views of a desk and those that others share, by name."""
    views = models.SavedView.objects.filter(Q(user_id=by.user_id) | Q(is_shared=True), desk_id=desk_id)
    rows = views.order_by("name").values_list("id", "name", "query", "is_shared", "user_id")
    return [
        {
            "id": key,
            "name": name,
            "query": query,
            "is_shared": is_shared,
            "may_drop": user_id == by.user_id or may(by, Right.QUEUE_EDIT, desk_id),
        }
        for key, name, query, is_shared, user_id in rows
    ]
