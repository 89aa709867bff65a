"""Tables of assignment policies, modes of queues, and decisions."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from watchbill.apps.core.models import PublishedVersion
from watchbill.apps.core.runs import RunTable, run_indexes
from watchbill.apps.decisions.recoverytables import Deferral, Recovery
from watchbill.apps.decisions.shadowtables import Shadow, ShadowChoice
from watchbill.apps.decisions.stucktables import Acceptance, DeskWatch, Freed, Traffic

__all__ = ["Acceptance", "Deferral", "DeskWatch", "Freed", "Recovery", "Shadow", "ShadowChoice", "Traffic"]
"""Tables with a module of their own."""


class AssignPolicy(PublishedVersion):
    """Rules and weights as they hold from an instant on; ``body`` is `engine.assign.Policy` as JSON."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+")

    class Meta:
        db_table = "decisions_assignpolicy"
        constraints = [models.UniqueConstraint(fields=["desk", "number"], name="decisions_policy_number")]


class QueueMode(models.Model):
    """What Watchbill may do in a queue: off, advise, autopilot or pull, with guard-rails.

    ``guard_rails``: per_hour (int), priorities (list of 1..4), people (list of ids, empty = everybody).
    """

    queue = models.OneToOneField("work.Queue", models.CASCADE, primary_key=True, related_name="+")
    mode = models.TextField(default="advise")
    guard_rails = models.JSONField(default=dict)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "decisions_queuemode"


class Decision(models.Model):
    """One proposal about one item: what, why, who was rejected, what is expected, and what became of it.

    status: proposed -> accepted | changed | refused | applied (by autopilot) | superseded. What was undone keeps its
    status and has ``undone_at``. ``receipt`` is what undo needs: the fields before, and the item's version after.
    ``refusal`` is one of the five codes of `choices.Refusal`, ``reason`` what the person added in words. Instants ``_at`` are desk time; ``recorded_at`` and ``answered_recorded_at`` wall time.
    ``chosen`` is null when no one can take the item: then ``outcome`` says why and names the cheapest way out.
    """

    id = models.BigAutoField(primary_key=True)
    desk_id = models.BigIntegerField()
    item = models.ForeignKey("work.WorkItem", models.CASCADE, related_name="+", db_index=False)
    item_version = models.IntegerField()
    queue_id = models.BigIntegerField(null=True)
    status = models.TextField(default="proposed")
    mode = models.TextField()
    chosen = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    score = models.FloatField(null=True)
    outcome = models.JSONField()
    policy_number = models.IntegerField()
    facts_digest = models.TextField()
    proposed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    answered_recorded_at = models.DateTimeField(null=True)
    answered_by_name = models.TextField(default="")
    answered_by_user_id = models.BigIntegerField(null=True)
    given_to = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    refusal = models.TextField(default="")
    reason = models.TextField(default="")
    receipt = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by_name = models.TextField(default="")

    class Meta:
        db_table = "decisions_decision"
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(status="proposed"), name="decisions_one_open_proposal"
            ),
        ]
        indexes = [
            models.Index(fields=["item", "-id"], name="decisions_item"),
            models.Index(fields=["desk_id", "-id"], name="decisions_desk"),
            models.Index(
                fields=["queue_id", "-answered_at"], condition=models.Q(status="applied"), name="decisions_applied"
            ),
            models.Index(fields=["desk_id", "item"], condition=models.Q(status="proposed"), name="decisions_open"),
            models.Index(
                fields=["desk_id", "-answered_at", "-id"],
                condition=models.Q(status__in=["accepted", "changed", "refused", "applied"]),
                name="decisions_answered",
            ),
        ]


class SetAside(models.Model):
    """A finding about the answers of a desk that somebody has set aside, with how many answers it rested on then.

    ``key`` is the finding's (`engine.learn.Finding.key`). When the evidence has grown by half, it is shown again.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+")
    key = models.TextField()
    evidence = models.IntegerField()
    reason = models.TextField()
    at = models.DateTimeField()
    by_name = models.TextField()

    class Meta:
        db_table = "decisions_setaside"
        constraints = [models.UniqueConstraint(fields=["desk", "key"], name="decisions_setaside_once")]


class DeskTick(models.Model):
    """How far the tick has seen on a desk: what it compares with to know that nothing has changed.

    ``seen`` holds marks of the desk's events and settings; ``next_change_at`` the next instant at which staffing or a
    guard-rail changes by itself.
    """

    desk = models.OneToOneField("people.Desk", models.CASCADE, primary_key=True, related_name="+")
    ran_at = models.DateTimeField()
    planned_at = models.DateTimeField()
    seen = models.JSONField()
    next_change_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "decisions_desktick"


class RiskModel(models.Model):
    """What a desk has learned, at one time, of how its promises come to be missed; the newest is in use.

    ``source``: "model"; "baseline" where the share of the target that is used did no worse; "" where history is too thin,
    then there is no ``body``. ``body`` is `engine.sense.risk.Model` as JSON; ``figures`` how it fared on the latest part of
    the history, and from what it was learned. Rows are never changed.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    learned_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    source = models.TextField()
    digest = models.TextField(default="")
    words = models.TextField()
    figures = models.JSONField()
    body = models.JSONField(null=True)

    class Meta:
        db_table = "decisions_riskmodel"
        constraints = [models.UniqueConstraint(fields=["desk", "number"], name="decisions_riskmodel_number")]


class RiskCounts(models.Model):
    """What live scoring looks up beside a model: how promises that are alike fared, counted daily from the whole log.

    ``packed`` is `engine.sense.risk.Likeness`; ``codes`` what its numbers stand for; ``lately`` how the forecasts of the last
    four weeks fared. ``is_asked``: somebody wants the desk to learn at once.
    """

    desk = models.OneToOneField("people.Desk", models.CASCADE, primary_key=True, related_name="+")
    counted_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    codes = models.JSONField()
    packed = models.BinaryField()
    lately = models.JSONField()
    is_asked = models.BooleanField(db_default=False)

    class Meta:
        db_table = "decisions_riskcounts"


class Risk(models.Model):
    """How likely one running promise of an open item is to be missed, as it was scored last. Recomputable; kept for speed.

    ``gain``: how much the best act lowers it; ``rank``: weight x probability x gain of the item, the same in all its rows;
    ``is_worst``: the promise that it is the item's rank. ``number``: of the `RiskModel`. ``body``: reasons and act.
    """

    id = models.BigAutoField(primary_key=True)
    desk_id = models.BigIntegerField()
    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    commitment = models.TextField()
    p_miss = models.FloatField()
    gain = models.FloatField()
    rank = models.FloatField()
    is_worst = models.BooleanField()
    source = models.TextField()
    number = models.IntegerField()
    body = models.JSONField()
    scored_at = models.DateTimeField()

    class Meta:
        db_table = "decisions_risk"
        constraints = [models.UniqueConstraint(fields=["item", "commitment"], name="decisions_risk_once")]
        indexes = [
            models.Index(
                fields=["desk_id", "-rank", "-item"], condition=models.Q(is_worst=True), name="decisions_risk_rank"
            ),
            models.Index(
                fields=["desk_id", "-p_miss"], condition=models.Q(is_worst=True), name="decisions_risk_likely"
            ),
        ]


class Move(models.Model):
    """One owned item that somebody made, or asked, to go from its owner to another person, to even out work.

    status: asked (one side has agreed, the other has until ``answer_by_at``) -> made | refused | expired | withdrawn |
    gone (the item changed meanwhile). What was made at once was never asked. ``side`` is the one that has agreed, the other answers; regions
    are those of giver and taker at the time. ``body``: effect on both sides, and the reasons. ``act`` undoes what was made.
    """

    id = models.BigAutoField(primary_key=True)
    desk_id = models.BigIntegerField()
    item = models.ForeignKey("work.WorkItem", models.CASCADE, related_name="+", db_index=False)
    item_version = models.IntegerField()
    giver = models.ForeignKey("people.Person", models.PROTECT, related_name="+", db_index=False)
    taker = models.ForeignKey("people.Person", models.PROTECT, related_name="+", db_index=False)
    from_region_id = models.BigIntegerField(null=True)
    to_region_id = models.BigIntegerField(null=True)
    status = models.TextField()
    side = models.TextField(default="")
    body = models.JSONField(default=dict)
    policy_number = models.IntegerField()
    asked_at = models.DateTimeField()
    asked_by_name = models.TextField()
    answer_by_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.TextField(default="")
    reason = models.TextField(default="")
    act = models.TextField(default="")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "decisions_move"
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(status="asked"), name="decisions_one_asked_move"
            ),
        ]
        indexes = [
            models.Index(fields=["desk_id", "-id"], name="decisions_move_desk"),
            models.Index(fields=["item", "-id"], name="decisions_move_item"),
            models.Index(fields=["answer_by_at"], condition=models.Q(status="asked"), name="decisions_move_next"),
            models.Index(
                fields=["desk_id", "-answered_at"], condition=models.Q(status="made"), name="decisions_move_made"
            ),
        ]


class DryRun(RunTable):
    """A draft of the assignment policy beside what was decided in the last ``days`` of a desk.

    state: as of all runs (`core.runs`). ``digest`` names the draft; ``against`` is the number of the newest policy version when
    it was asked for; ``items`` counts choices. ``published``: the version that was published on the strength of it.
    """

    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    days = models.SmallIntegerField()

    class Meta:
        db_table = "decisions_dryrun"
        indexes = run_indexes("decisions_dryrun")


class Tuning(RunTable):
    """Numbers of the assignment policy tried by simulation on the last ``weeks`` of a desk.

    state: as of all runs (`core.runs`). ``policy`` is the one in force when it was asked for, ``digest`` names it; ``against`` is the
    number of the newest version then; ``items`` counts simulations. ``published`` stays empty: what is suggested is run dry first.
    """

    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    weeks = models.SmallIntegerField()

    class Meta:
        db_table = "decisions_tuning"
        indexes = run_indexes("decisions_tuning")


class AlertWatch(models.Model):
    """How far alerts have looked at a desk, and what it wants to be told of.

    ``settings``: those of `engine.sense.alarms.Settings` that differ. ``marks``: the latest item and event that counted,
    now and one look ago, so that what commits late is not missed. ``next_at``: the next look.
    """

    desk = models.OneToOneField("people.Desk", models.CASCADE, primary_key=True, related_name="+")
    settings = models.JSONField(default=dict)
    version = models.IntegerField(default=1)
    marks = models.JSONField(default=dict)
    watched_until = models.DateTimeField()
    next_at = models.DateTimeField(db_index=True)
    learned_at = models.DateTimeField(null=True)
    per_week = models.FloatField(null=True)

    class Meta:
        db_table = "decisions_alertwatch"


class AlertSeries(models.Model):
    """One number of a desk that is watched: what is usual of it (``body``), and how far the watch has come (``seen``)."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+")
    key = models.TextField()
    region = models.ForeignKey("people.Region", models.CASCADE, null=True, related_name="+", db_index=False)
    body = models.JSONField(null=True)
    seen = models.JSONField(null=True)

    class Meta:
        db_table = "decisions_alertseries"
        constraints = [models.UniqueConstraint(fields=["desk", "key"], name="decisions_alertseries_once")]


class AlertSample(models.Model):
    """What a series was in one hour: the items that came, or how many waited at its last look."""

    id = models.BigAutoField(primary_key=True)
    series = models.ForeignKey(AlertSeries, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        db_table = "decisions_alertsample"
        constraints = [models.UniqueConstraint(fields=["series", "at"], name="decisions_alertsample_once")]


class Alert(models.Model):
    """Something out of the usual on a desk, from when it was noticed until it was over. Of a key one is open at most.

    ``told``: what it rested on when it was raised (value, limit, expected, since); ``value`` is the latest.
    Instants are desk time, ``recorded_at`` wall time.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+", db_index=False)
    key = models.TextField()
    kind = models.TextField()
    region = models.ForeignKey("people.Region", models.SET_NULL, null=True, related_name="+", db_index=False)
    title = models.TextField()
    text = models.TextField()
    told = models.JSONField(default=dict)
    value = models.FloatField()
    is_urgent = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    recipients = models.IntegerField(default=0)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by_name = models.TextField(default="")
    acknowledged_note = models.TextField(default="")
    closed_at = models.DateTimeField(null=True)
    closed_note = models.TextField(default="")

    class Meta:
        db_table = "decisions_alert"
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "key"], condition=models.Q(closed_at=None), name="decisions_alert_open_once"
            ),
        ]
        indexes = [models.Index(fields=["desk", "-id"], name="decisions_alert_desk")]
