"""Tables of stuck work and of changes of region: gifts, what is freed of its owner, looks at desks, and traffic."""

from __future__ import annotations

from django.db import models


class Acceptance(models.Model):
    """An item that was given to somebody who has not acted on it yet: until when she is to, and what came of it.

    status: waiting -> accepted | raised. It speaks of the owner since ``given_at`` and of no other. ``accept_by_at`` is
    null when nothing is asked.
    """

    item = models.OneToOneField("work.WorkItem", models.CASCADE, primary_key=True, related_name="+")
    desk_id = models.BigIntegerField()
    owner_id = models.BigIntegerField()
    given_at = models.DateTimeField()
    from_at = models.DateTimeField()
    minutes = models.IntegerField()
    accept_by_at = models.DateTimeField(null=True)
    status = models.TextField(default="waiting")

    class Meta:
        db_table = "decisions_acceptance"
        indexes = [
            models.Index(
                fields=["accept_by_at", "item"], condition=models.Q(status="waiting"), name="decisions_acceptance_due"
            ),
            models.Index(
                fields=["desk_id", "item"], condition=models.Q(status="raised"), name="decisions_acceptance_raised"
            ),
        ]


class Freed(models.Model):
    """An owned item that competes as if nobody owned it, because of ``why`` (words in ``text``), until ``until_at``.

    It holds as long as the item is with the same owner. ``also_not``: other people who are not to be given it.
    """

    item = models.OneToOneField("work.WorkItem", models.CASCADE, primary_key=True, related_name="+")
    desk_id = models.BigIntegerField()
    owner_id = models.BigIntegerField()
    why = models.TextField()
    text = models.TextField()
    also_not = models.JSONField(default=list)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "decisions_freed"
        indexes = [
            models.Index(fields=["desk_id", "item"], name="decisions_freed_desk"),
            models.Index(fields=["from_at"], name="decisions_freed_from"),
        ]


class DeskWatch(models.Model):
    """When a desk is looked at again for owners who go home, and how old nine in ten of its finished items became.

    ``ages``: seconds by "category|priority", "|priority" and "|".
    """

    desk = models.OneToOneField("people.Desk", models.CASCADE, primary_key=True, related_name="+")
    look_at = models.DateTimeField(db_index=True)
    ages = models.JSONField(default=dict)
    learned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "decisions_deskwatch"


class Traffic(models.Model):
    """What becomes of an owned item when its owner's region goes home: keep, pass or park; why, and what was rejected.

    A person may pin it: then it stays, whatever is decided.
    """

    item = models.OneToOneField("work.WorkItem", models.CASCADE, primary_key=True, related_name="+")
    desk_id = models.BigIntegerField()
    owner_id = models.BigIntegerField()
    region_id = models.BigIntegerField()
    to_region_id = models.BigIntegerField(null=True)
    leaves_at = models.DateTimeField()
    choice = models.TextField()
    body = models.JSONField()
    decided_at = models.DateTimeField()
    is_pinned = models.BooleanField(default=False)
    pinned_by_name = models.TextField(default="")

    class Meta:
        db_table = "decisions_traffic"
        indexes = [models.Index(fields=["desk_id", "leaves_at", "item"], name="decisions_traffic_leaves")]
