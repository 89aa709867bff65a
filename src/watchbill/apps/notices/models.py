"""Tables of messages to people: those shown inside, those sent out with every attempt, and how people want them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Notice(models.Model):
    """One message to one person, or to a user who need not be one, shown inside Watchbill until read.

    ``key`` tells it from others to the same user, so that none is written twice; empty where a person may hear the same
    again. ``closed_at``: what it told of is over, which ``closed_note`` says.
    """

    id = models.BigAutoField(primary_key=True)
    desk_id = models.BigIntegerField()
    person = models.ForeignKey("people.Person", models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey("people.User", models.CASCADE, null=True, related_name="+", db_index=False)
    kind = models.TextField()
    text = models.TextField()
    subject_ref = models.TextField(default="")
    key = models.TextField(default="", db_default="")
    is_urgent = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_note = models.TextField(default="", db_default="")

    class Meta:
        db_table = "notices_notice"
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], condition=~models.Q(key=""), name="notices_notice_once"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], condition=models.Q(read_at=None), name="notices_unread"),
            models.Index(fields=["user", "-id"], condition=models.Q(read_at=None), name="notices_unread_user"),
            models.Index(
                fields=["subject_ref"], condition=models.Q(closed_at=None) & ~models.Q(key=""), name="notices_subject"
            ),
        ]


class Endpoint(models.Model):
    """Where a desk's alerts are sent by webhook. ``kinds``: of these only; empty for all. ``secret`` signs, and is never shown again."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+")
    name = models.TextField()
    url = models.TextField()
    secret = models.TextField()
    kinds = ArrayField(models.TextField(), default=list)
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "notices_endpoint"
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="notices_endpoint_name")]


class Preference(models.Model):
    """How a user wants messages: by mail or not, which kinds not at all, and quiet hours of her own zone.

    Minutes after midnight; equal ones mean no quiet hours, and ``quiet_until`` may lie before ``quiet_from``.
    What is urgent knows no quiet.
    """

    user = models.OneToOneField("people.User", models.CASCADE, primary_key=True, related_name="+")
    is_mailed = models.BooleanField(default=True)
    muted = ArrayField(models.TextField(), default=list)
    zone = models.TextField(default="UTC")
    quiet_from = models.SmallIntegerField(default=0)
    quiet_until = models.SmallIntegerField(default=0)
    digest_after = models.SmallIntegerField(default=3)
    digest_min = models.SmallIntegerField(default=30)

    class Meta:
        db_table = "notices_preference"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__gte=0, quiet_from__lt=1440, quiet_until__gte=0, quiet_until__lt=1440)
                & models.Q(digest_after__gte=2, digest_min__gte=1, digest_min__lte=1440),
                name="notices_preference_sane",
            )
        ]


class Message(models.Model):
    """One message to go out by mail or webhook, written in the transaction that causes it.

    state: waiting -> sent, dead (given up), merged (sent with ``digest``) or dropped (it was over, or who
    was to get it was gone, before it was sent: ``error``). ``key`` goes along, so that whoever gets it twice can tell.
    ``due_at`` is wall time: of the next attempt, or the end of the lease of the one that is under way. ``bundle`` names what is gathered into one digest.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(unique=True)
    desk_id = models.BigIntegerField()
    kind = models.TextField()
    is_urgent = models.BooleanField(default=False)
    channel = models.TextField()
    user = models.ForeignKey("people.User", models.CASCADE, null=True, related_name="+", db_index=False)
    endpoint = models.ForeignKey(Endpoint, models.SET_NULL, null=True, related_name="+", db_index=False)
    address = models.TextField()
    bundle = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    subject_ref = models.TextField(default="")
    body = models.JSONField(default=dict)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    state = models.TextField(default="waiting")
    due_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    digest = models.ForeignKey("notices.Message", models.SET_NULL, null=True, related_name="+", db_index=False)
    receipt = models.TextField(default="")
    error = models.TextField(default="")

    class Meta:
        db_table = "notices_message"
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state="waiting"), name="notices_message_due"),
            models.Index(fields=["bundle", "-id"], name="notices_message_bundle"),
            models.Index(fields=["desk_id", "-id"], name="notices_message_desk"),
        ]


class Attempt(models.Model):
    """One try to send a message; without an end it was killed on the way, and the message may have arrived."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_ok = models.BooleanField(null=True)
    said = models.TextField(default="")

    class Meta:
        db_table = "notices_attempt"
