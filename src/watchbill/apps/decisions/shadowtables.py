"""Tables of shadow runs: a draft held beside what is decided, and the choices that were compared."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Shadow(models.Model):
    """A draft of the assignment policy whose decisions are worked out beside the live ones until ``ends_at``, and never acted on.

    ``against`` is the version in force when it began; ``rule`` is `engine.assign.shadow.StopRule`. state: running -> stopped
    (``message`` says why); one that runs is over when its time has come. ``turns``, ``seconds``: what it has cost.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    says = models.TextField()
    backtest = models.TextField(default="")
    policy = models.JSONField()
    digest = models.TextField()
    against = models.IntegerField()
    days = models.SmallIntegerField()
    rule = models.JSONField()
    by_name = models.TextField()
    by_user_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    state = models.TextField(default="running")
    message = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)
    turns = models.IntegerField(default=0)
    seconds = models.FloatField(default=0)
    published = models.IntegerField(null=True)

    class Meta:
        db_table = "decisions_shadow"
        indexes = [
            models.Index(fields=["desk", "-id"], name="decisions_shadow_desk"),
            models.Index(fields=["desk"], condition=models.Q(state="running"), name="decisions_shadow_open"),
        ]


class ShadowChoice(models.Model):
    """One item as live and a shadow decided on it last: `engine.assign.shadow.Shadowed`, and its difference; ``reason``: the draft's."""

    id = models.BigAutoField(primary_key=True)
    shadow = models.ForeignKey(Shadow, models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey("work.WorkItem", models.CASCADE, related_name="+")
    at = models.DateTimeField()
    priority = models.SmallIntegerField()
    done_id = models.BigIntegerField(null=True)
    in_force_id = models.BigIntegerField(null=True)
    draft_id = models.BigIntegerField(null=True)
    p_done = models.FloatField(null=True)
    p_draft = models.FloatField(null=True)
    agrees = models.BooleanField()
    difference = models.FloatField(null=True)
    reason = models.TextField(default="")

    class Meta:
        db_table = "decisions_shadowchoice"
        constraints = [models.UniqueConstraint(fields=["shadow", "item"], name="decisions_shadow_once")]
        indexes = [
            models.Index(fields=["shadow", "-id"], condition=models.Q(agrees=False), name="decisions_shadow_differs")
        ]
