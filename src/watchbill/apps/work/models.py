"""Tables of work: items (the projection) and events (the truth)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Now

from watchbill.engine.base.work import OPEN, WAITING

OPEN_STATES = sorted(state.value for state in OPEN)
WAITING_STATES = sorted(state.value for state in WAITING)


class Queue(models.Model):
    """Where items of one sort wait for an owner. Team and skill are what the queue asks of an owner."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+")
    name = models.TextField()
    team = models.ForeignKey("people.Team", models.PROTECT, null=True, related_name="+")
    skill = models.ForeignKey("people.Skill", models.PROTECT, null=True, related_name="+")
    skill_level = models.SmallIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "work_queue"
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="work_queue_name")]


class PriorityMatrix(models.Model):
    """Impact x urgency -> priority; ``body`` maps "impact,urgency" to 1..4."""

    desk = models.OneToOneField("people.Desk", models.CASCADE, primary_key=True, related_name="+")
    body = models.JSONField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "work_prioritymatrix"


class Effort(models.Model):
    """Expected hands-on minutes of an item by category and priority (empty or null: any). Assumed until learned.

    ``version`` is the table's at the last change of the line. A line that is taken away stays, without minutes, so that
    the versions of the table only ever go up.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+")
    category = models.TextField(default="")
    priority = models.SmallIntegerField(null=True)
    minutes = models.IntegerField(null=True)
    basis = models.TextField(default="assumed")
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "work_effort"
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "category", "priority"], name="work_effort_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="work_effort_positive"),
        ]


class WorkItem(models.Model):
    """The item as its events add up to it. Only `services` writes it, together with the event.

    ``due_sort_at``: the earliest due of its running clocks; ``act_by_at``: the earliest of their latest safe moments, and
    of the dues of those that have none. Both far in the future when no clock runs.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    reference = models.TextField()
    external_source = models.TextField(default="")
    external_ref = models.TextField(default="")
    kind = models.TextField()
    title = models.TextField()
    description = models.TextField(default="")
    category = models.TextField(default="")
    language = models.TextField(default="")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+", db_index=False)
    site = models.ForeignKey("customers.Site", models.PROTECT, null=True, related_name="+", db_index=False)
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+", db_index=False)
    skill = models.ForeignKey("people.Skill", models.PROTECT, null=True, related_name="+", db_index=False)
    skill_level = models.SmallIntegerField(default=1)
    team = models.ForeignKey("people.Team", models.PROTECT, null=True, related_name="+", db_index=False)
    owner = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    owner_since = models.DateTimeField(null=True)
    state = models.TextField()
    state_since = models.DateTimeField()
    impact = models.SmallIntegerField(null=True)
    urgency = models.SmallIntegerField(null=True)
    priority = models.SmallIntegerField()
    next_step = models.TextField(default="")
    next_step_owner = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    next_step_due_at = models.DateTimeField(null=True)
    is_taken_over = models.BooleanField(default=False)
    attributes = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    due_sort_at = models.DateTimeField()
    act_by_at = models.DateTimeField()
    version = models.IntegerField(default=1)
    is_open = models.GeneratedField(
        expression=models.Q(state__in=OPEN_STATES),  # type: ignore[arg-type]  # the stubs know no conditions here
        output_field=models.BooleanField(),
        db_persist=True,
    )
    search = models.GeneratedField(
        expression=SearchVector("reference", "external_ref", "title", "category", "description", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        db_table = "work_item"
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="work_item_reference"),
            models.UniqueConstraint(
                fields=["external_ref", "external_source", "desk"],
                condition=~models.Q(external_ref=""),
                name="work_item_external",
            ),
            models.CheckConstraint(condition=models.Q(priority__gte=1, priority__lte=4), name="work_item_priority"),
        ]
        indexes = [
            models.Index(
                fields=["desk", "due_sort_at", "id"],
                include=["priority", "state", "owner", "next_step_due_at"],
                condition=models.Q(is_open=True),
                name="work_item_board",
            ),
            models.Index(
                fields=["owner", "due_sort_at", "id"], condition=models.Q(is_open=True), name="work_item_owner"
            ),
            models.Index(
                fields=["queue", "due_sort_at", "id"], condition=models.Q(is_open=True), name="work_item_queue"
            ),
            models.Index(
                fields=["desk", "due_sort_at", "id"],
                condition=models.Q(is_open=True, owner=None),
                name="work_item_unassigned",
            ),
            models.Index(
                fields=["desk", "due_sort_at", "id"],
                condition=models.Q(state__in=WAITING_STATES),
                name="work_item_waiting",
            ),
            # The due comes last so that what is long overdue is passed over in the index itself.
            models.Index(
                fields=["desk", "act_by_at", "id", "due_sort_at"],
                condition=models.Q(is_open=True),
                name="work_item_board_act",
            ),
            models.Index(
                fields=["queue", "act_by_at", "id", "due_sort_at"],
                condition=models.Q(is_open=True),
                name="work_item_queue_act",
            ),
            models.Index(
                fields=["desk", "act_by_at", "id", "due_sort_at"],
                condition=models.Q(is_open=True, owner=None),
                name="work_item_unassigned_act",
            ),
            models.Index(
                fields=["desk", "act_by_at", "id", "due_sort_at"],
                condition=models.Q(state__in=WAITING_STATES),
                name="work_item_waiting_act",
            ),
            models.Index(
                fields=["desk", "owner_since", "id"],
                condition=models.Q(state="new", owner__isnull=False),
                name="work_item_not_begun",
            ),
            models.Index(fields=["desk", "-id"], name="work_item_desk"),
            models.Index(fields=["desk", "opened_at"], name="work_item_opened"),
            models.Index(fields=["customer", "-id"], name="work_item_customer"),
            GinIndex(fields=["search"], name="work_item_search"),
        ]


class WorkEvent(models.Model):
    """One thing that happened to an item. Typed columns say how the item stood *after* it; only ever appended.

    ``data``: ``set`` (the fields that changed, with their new values), ``text`` (a note), and what else the kind
    has to tell. ``source_key`` names the row of another system that it came from.
    """

    id = models.BigAutoField(primary_key=True)
    # Items are never deleted (a trigger refuses it) and events are written in one statement with theirs: the database
    # need not look each of them up again when it commits.
    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    desk_id = models.BigIntegerField()
    seq = models.IntegerField()
    kind = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor_kind = models.TextField()
    actor_name = models.TextField()
    actor_user_id = models.BigIntegerField(null=True)
    actor_person_id = models.BigIntegerField(null=True)
    state = models.TextField()
    priority = models.SmallIntegerField()
    queue_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    owner_id = models.BigIntegerField(null=True)
    source_key = models.TextField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "work_event"
        constraints = [
            models.UniqueConstraint(fields=["item", "seq"], name="work_event_seq"),
            models.UniqueConstraint(
                fields=["item", "source_key"], condition=models.Q(source_key__isnull=False), name="work_event_source"
            ),
        ]
        indexes = [
            models.Index(fields=["desk_id", "-id"], name="work_event_desk"),
            models.Index(
                fields=["desk_id", "at"],
                include=["item", "owner_id", "queue_id"],
                condition=models.Q(data__set__has_any_keys=["owner_id", "queue_id"]),
                name="work_event_moves",
            ),
        ]


class BulkAct(models.Model):
    """One act of somebody on many items: its events name it (``act``), and it names them, so that it can be undone.

    ``kind``: of its events; ``what``: the person's name ("" for nobody), the state, or the priority that was set.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    what = models.TextField()
    event_ids = ArrayField(models.BigIntegerField())
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor_name = models.TextField()
    actor_user_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by_name = models.TextField(default="")

    class Meta:
        db_table = "work_bulkact"
        indexes = [models.Index(fields=["desk", "-id"], name="work_bulkact_desk")]


class SavedView(models.Model):
    """A named address: the query string of a list, kept by a user or shared with the desk."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+")
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    name = models.TextField()
    query = models.TextField()
    is_shared = models.BooleanField(default=False)

    class Meta:
        db_table = "work_savedview"
        constraints = [models.UniqueConstraint(fields=["desk", "user", "name"], name="work_savedview_name")]
