"""Tables of messages to people."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Notice(models.Model):
    """One message to one person, shown inside Watchbill until read."""

    id = models.BigAutoField(primary_key=True)
    desk_id = models.BigIntegerField()
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    kind = models.TextField()
    text = models.TextField()
    subject_ref = models.TextField(default="")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_notice"
        indexes = [
            models.Index(fields=["person", "-id"], condition=models.Q(read_at=None), name="notices_unread"),
        ]
