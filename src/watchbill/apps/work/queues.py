"""The queues of a desk: how they are set, and who asks for them by name or with what lies in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.core.sql import Natural, natural, records
from watchbill.apps.core.versions import changed_since
from watchbill.apps.people.models import Skill, Team
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import models
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound


def queue_save(
    desk_id: int,
    *,
    queue_id: int | None = None,
    name: str,
    team_id: int | None = None,
    skill_id: int | None = None,
    skill_level: int = 1,
    is_active: bool = True,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Make a queue, or change one; return its id.

    ``version`` is the one that the writer saw: Conflict, naming who changed what, when another has come since; also when
    the desk has a queue of this name.
    """
    require(by, Right.QUEUE_EDIT, desk_id)
    if not name.strip() or len(name) > 200:
        raise InvalidFacts("A queue's name has 1 to 200 characters", field="name")
    if not 1 <= skill_level <= 5:
        raise InvalidFacts("A level is from 1 (learning) to 5 (expert)", field="skill_level")
    if team_id is not None and not Team.objects.filter(id=team_id, desk_id=desk_id).exists():
        raise InvalidFacts("This desk has no such team", field="team")
    if skill_id is not None and not Skill.objects.filter(id=skill_id, desk_id=desk_id).exists():
        raise InvalidFacts("This desk has no such skill", field="skill")
    name = name.strip()
    values = {
        "name": name,
        "team_id": team_id,
        "skill_id": skill_id,
        "skill_level": skill_level,
        "is_active": is_active,
    }
    try:
        with transaction.atomic():
            before = None
            if queue_id is None:
                queue_id = models.Queue.objects.create(desk_id=desk_id, **values).id
            else:
                before = _queue_take(desk_id, queue_id, version=version, names=list(values))
                models.Queue.objects.filter(id=queue_id).update(**values)
            audit_add(
                "queue_saved",
                object_kind="queue",
                object_ref=name,
                desk_id=desk_id,
                before=before,
                after=values,
                by=by,
                now=now,
            )
            desk_changed(desk_id)
    except IntegrityError:
        raise Conflict(f"This desk has a queue called {name} already") from None
    return queue_id


def _queue_take(desk_id: int, queue_id: int, *, version: int | None, names: list[str]) -> dict[str, Any]:
    """Claim a queue's next version in the caller's transaction, and return what it says of *names*."""
    queue = models.Queue.objects.select_for_update(no_key=True).filter(id=queue_id, desk_id=desk_id)
    row = queue.values(*names, "version").first()
    if row is None:
        raise NotFound("This desk has no such queue")
    seen = row.pop("version")
    if version is not None and version != seen:
        raise changed_since(
            f"changed the queue {row['name']} since you opened the page",
            object_kind="queue", object_ref=row["name"], desk_id=desk_id, version=seen,
        )  # fmt: skip
    queue.update(version=seen + 1)
    return row


def queue_list(desk_id: int, *, by: Actor) -> list[dict[str, Any]]:
    """Return the queues of a desk with their open and unassigned items: one query."""
    require(by, Right.WORK_VIEW, desk_id)
    return records(
        "select q.id, q.name, q.version, q.is_active, q.team_id, t.name as team, q.skill_id, s.name as skill, q.skill_level,"
        " coalesce(n.open, 0) as open, coalesce(n.unassigned, 0) as unassigned"
        " from work_queue as q left join people_team as t on t.id = q.team_id"
        " left join people_skill as s on s.id = q.skill_id left join (select queue_id, count(*) as open,"
        " count(*) filter (where owner_id is null) as unassigned from work_item where desk_id = %(desk)s and is_open"
        " group by queue_id) as n on n.queue_id = q.id where q.desk_id = %(desk)s"
        f" order by {natural('q.name')}, q.name",
        {"desk": desk_id},
    )


def queue_find(desk_id: int, *, name: str | None = None, queue_id: int | None = None) -> dict[str, Any]:
    """Return one queue of a desk by its name or key, with what it asks of an owner. Raises NotFound."""
    rows = records(
        "select id, name, is_active, team_id, skill_id, skill_level from work_queue"
        " where desk_id = %(desk)s and (name = %(name)s or id = %(id)s)",
        {"desk": desk_id, "name": name, "id": queue_id},
    )
    if not rows:
        raise NotFound(f"This desk has no queue “{name}”" if name else "This desk has no such queue", field="queue")
    return rows[0]


def queue_in_use(desk_id: int, *, name: str | None = None, queue_id: int | None = None) -> dict[str, Any]:
    """Return a queue that items may be put into. Raises NotFound, and InvalidFacts for one that is out of use."""
    queue = queue_find(desk_id, name=name, queue_id=queue_id)
    if not queue["is_active"]:
        raise InvalidFacts(f"The queue {queue['name']} is out of use; choose another", field="queue")
    return queue


def queues_of(desk_id: int) -> dict[int, str]:
    """Return the name of every queue of a desk, by id: what clocks look at."""
    return dict(models.Queue.objects.filter(desk_id=desk_id).values_list("id", "name"))


def queue_names(desk_id: int, *, by: Actor) -> dict[int, str]:
    """Return the names of a desk's active queues by id, in the order of their names: one query, without counts."""
    require(by, Right.WORK_VIEW, desk_id)
    queues = models.Queue.objects.filter(desk_id=desk_id, is_active=True).order_by(Natural("name"))
    return dict(queues.values_list("id", "name"))
