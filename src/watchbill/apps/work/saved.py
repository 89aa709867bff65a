"""Saved views: the filter of a list under a name, for oneself or for the desk."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import models
from watchbill.engine.base.errors import InvalidFacts, NotFound


def view_save(desk_id: int, *, name: str, query: str, is_shared: bool, by: Actor) -> None:
    """Keep the query string of a list under a name, for oneself or for the desk; the same name is replaced."""
    require(by, Right.WORK_VIEW, desk_id)
    if by.user_id is None:
        raise InvalidFacts("Only a user can keep a view")
    if not 1 <= len(name.strip()) <= 80 or len(query) > 2000:
        raise InvalidFacts("A view's name has 1 to 80 characters", field="name")
    models.SavedView.objects.update_or_create(
        desk_id=desk_id, user_id=by.user_id, name=name.strip(), defaults={"query": query, "is_shared": is_shared}
    )


def view_drop(view_id: int, *, by: Actor) -> None:
    """Remove one's own saved view."""
    if by.user_id is None or not models.SavedView.objects.filter(id=view_id, user_id=by.user_id).delete()[0]:
        raise NotFound("You have no such view")


def saved_views(desk_id: int, *, by: Actor) -> list[dict[str, Any]]:
    """Return the actor's saved views of a desk and those that others share, by name."""
    views = models.SavedView.objects.filter(Q(user_id=by.user_id) | Q(is_shared=True), desk_id=desk_id)
    rows = views.order_by("name").values_list("id", "name", "query", "is_shared", "user_id")
    return [
        {"id": key, "name": name, "query": query, "is_shared": is_shared, "is_own": user_id == by.user_id}
        for key, name, query, is_shared, user_id in rows
    ]
