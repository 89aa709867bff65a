"""Tables of the installation itself."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Installation(models.Model):
    """The one row that says what this installation is and how its desk clock runs.

    Desk time = ``desk_anchor_at`` + (wall time - ``wall_anchor_at``) * ``rate``, never past ``limit_at``.
    Live: rate 1, both anchors equal, no limit. Moved: everything up to ``done_at`` has happened on the desks, and a
    jump is under way from ``jump_from_at`` to ``jump_to_at``. ``story``: what a demo tells, empty in a real installation;
    see `queries.Story`.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField(default="Watchbill")
    clock_is_moved = models.BooleanField(default=False)
    desk_anchor_at = models.DateTimeField(db_default=Now())
    wall_anchor_at = models.DateTimeField(db_default=Now())
    rate = models.FloatField(default=1.0)
    limit_at = models.DateTimeField(null=True)
    reached_rate = models.FloatField(null=True)
    done_at = models.DateTimeField(null=True)
    jump_from_at = models.DateTimeField(null=True)
    jump_to_at = models.DateTimeField(null=True)
    story = models.JSONField(null=True)
    seal_key = models.BinaryField(default=b"")

    class Meta:
        db_table = "core_installation"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="core_installation_is_one")]


class AuditEvent(models.Model):
    """What happened to anything but work items, whose own events are their audit. Only ever appended."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    desk_id = models.BigIntegerField(null=True)
    actor_kind = models.TextField()
    actor_name = models.TextField()
    actor_user_id = models.BigIntegerField(null=True)
    action = models.TextField()
    object_kind = models.TextField()
    object_ref = models.TextField(default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(default="")

    class Meta:
        db_table = "core_auditevent"
        indexes = [
            models.Index(fields=["desk_id", "id"], name="core_audit_desk"),
            models.Index(fields=["object_kind", "object_ref", "id"], name="core_audit_object"),
            models.Index(fields=["actor_name", "id"], name="core_audit_actor_name"),
            models.Index(fields=["action", "id"], name="core_audit_action"),
            models.Index(
                fields=["desk_id", "id"], condition=~models.Q(action="customer_made"), name="core_audit_settings"
            ),
        ]


class PublishedVersion(models.Model):
    """One version of something that a desk publishes, as it holds from an instant on. Never changed once written.

    Each table of versions says of which desk (and of what, if a desk has several) beside these columns.
    """

    number = models.IntegerField()
    holds_from = models.DateTimeField()
    body = models.JSONField()
    by_name = models.TextField()
    reason = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class Seal(models.Model):
    """A link of the chain that makes tampering with events evident: a digest over rows and over the link before.

    ``link`` is plain and can be checked by anybody; ``digest`` is the link signed with the installation's key.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.TextField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    rows = models.BigIntegerField()
    link = models.BinaryField()
    digest = models.BinaryField()
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_seal"
        constraints = [models.UniqueConstraint(fields=["stream", "first_id"], name="core_seal_no_fork")]


class IdempotencyKey(models.Model):
    """The answer that was given to an outside write, so that sending it again changes nothing."""

    id = models.BigAutoField(primary_key=True)
    scope = models.TextField()
    key = models.TextField()
    fingerprint = models.TextField()
    status = models.SmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_idempotencykey"
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="core_idempotency_once")]
