"""Tables of breaches and their reasons, of exclusions, of pauses, of backtests, and of days in hindsight."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from watchbill.apps.core.runs import RunTable, run_indexes

COMMITMENT = ["item", "name", "cycle"]
"""What names one commitment of one item."""


class Commitment(models.Model):
    """One clock, or cycle of a clock, beside what it is divided by: so that a million are counted in one look.

    ``at``: when it was decided (met, missed), or is broken (running, paused; null when it cannot be). One that was called
    off after its breach is missed, then; one called off before is not here. Copied from the clocks and the item when
    something happened to it; the clocks are the truth.
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    desk_id = models.BigIntegerField()
    at = models.DateTimeField(null=True)
    queue_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    owner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    target_s = models.IntegerField()
    elapsed_s = models.IntegerField()
    cycle = models.IntegerField()
    priority = models.SmallIntegerField()
    status = models.TextField()
    agreement = models.TextField()
    name = models.TextField()

    class Meta:
        db_table = "reports_commitment"
        constraints = [models.UniqueConstraint(fields=COMMITMENT, name="reports_commitment_once")]
        indexes = [
            models.Index(fields=["desk_id", "-at", "-id"], name="reports_commitment_desk"),
            models.Index(fields=["desk_id", "name"], name="reports_commitment_name"),
            models.Index(fields=["owner_id", "-at", "-id"], name="reports_commitment_owner"),
            models.Index(fields=["customer_id", "-at", "-id"], name="reports_commitment_customer"),
            models.Index(
                fields=["desk_id", "at"],
                condition=models.Q(status__in=["running", "paused"], at__isnull=False),
                name="reports_commitment_open",
            ),
        ]


class Breach(models.Model):
    """One commitment that was broken, with the reason that its timeline suggests and the one that a person confirmed.

    ``suggested`` ("" when it is a mixture) and ``evidence`` (`engine.report.Suggestion` as JSON) are made anew when the
    item's events change; what was confirmed stays. ``is_void``: it is no breach any more (a calendar was corrected, an
    act was undone), and the row is kept only for what was said of it.
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    desk_id = models.BigIntegerField()
    name = models.TextField()
    agreement = models.TextField()
    cycle = models.IntegerField()
    breach_at = models.DateTimeField()
    suggested = models.TextField(default="")
    evidence = models.JSONField(default=dict)
    is_void = models.BooleanField(default=False)
    confirmed = models.TextField(default="")
    note = models.TextField(default="")
    confirmed_by_name = models.TextField(default="")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reports_breach"
        constraints = [models.UniqueConstraint(fields=COMMITMENT, name="reports_breach_once")]
        indexes = [
            models.Index(
                fields=["desk_id", "-breach_at", "-id"], condition=models.Q(is_void=False), name="reports_breach_desk"
            ),
        ]


class BreachAnswer(models.Model):
    """What a person said of a breach; only ever appended (a trigger refuses anything else)."""

    id = models.BigAutoField(primary_key=True)
    breach = models.ForeignKey(Breach, models.PROTECT, related_name="+")
    suggested = models.TextField()
    code = models.TextField()
    note = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    by_name = models.TextField()
    by_user_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "reports_breachanswer"


class Exclusion(models.Model):
    """A commitment that is to be left out of the figures: asked for by one person, answered by another.

    status: asked -> approved | refused | withdrawn; an approved one may be withdrawn, too. Never removed.
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    desk_id = models.BigIntegerField()
    name = models.TextField()
    cycle = models.IntegerField()
    status = models.TextField(default="asked")
    code = models.TextField()
    text = models.TextField()
    asked_at = models.DateTimeField()
    asked_recorded_at = models.DateTimeField(db_default=Now())
    asked_by_name = models.TextField()
    asked_by_user_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.TextField(default="")
    answered_by_user_id = models.BigIntegerField(null=True)
    answer = models.TextField(default="")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.TextField(default="")

    class Meta:
        db_table = "reports_exclusion"
        constraints = [
            models.UniqueConstraint(
                fields=COMMITMENT, condition=models.Q(status__in=["asked", "approved"]), name="reports_exclusion_once"
            ),
        ]
        indexes = [models.Index(fields=["desk_id", "status", "-id"], name="reports_exclusion_desk")]


class Pause(models.Model):
    """One pause of one clock, as `engine.report.pauses` finds it; made anew when the item's events change.

    ``by_person_id`` and ``by_name``: who did what began it; ``team_id`` with which team the item lay.
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+", db_constraint=False)
    desk_id = models.BigIntegerField()
    name = models.TextField()
    agreement = models.TextField()
    cycle = models.IntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    gone_ratio = models.FloatField()
    message_s = models.IntegerField(null=True)
    state = models.TextField()
    by_person_id = models.BigIntegerField(null=True)
    by_name = models.TextField()
    team_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "reports_pause"
        indexes = [models.Index(fields=["desk_id", "-began_at", "-id"], name="reports_pause_desk")]


class Code(models.Model):
    """A code of a desk's own list, or a standard one that it calls otherwise or does not use.

    ``sort``: breach or exclusion.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+")
    sort = models.TextField()
    code = models.TextField()
    label = models.TextField()
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "reports_code"
        constraints = [models.UniqueConstraint(fields=["desk", "sort", "code"], name="reports_code_once")]


class Reading(models.Model):
    """Up to which work event breaches and pauses have been read from the timelines: one row, the whole installation."""

    id = models.SmallIntegerField(primary_key=True)
    event_id = models.BigIntegerField()

    class Meta:
        db_table = "reports_reading"


class Recomputed(models.Model):
    """An item whose clocks were made anew though nothing happened to it, until it has been read again."""

    id = models.BigAutoField(primary_key=True)
    item_id = models.BigIntegerField()
    desk_id = models.BigIntegerField()

    class Meta:
        db_table = "reports_recomputed"


class Backtest(RunTable):
    """A comparison of policies on a desk's own history.

    state: as of all runs (`core.runs`). ``policy`` is the asking: names, drafts with their bodies, and how thoroughly; ``digest`` names
    it; ``against`` is the number of the newest assignment policy then. ``items`` counts thousandths, ``doing`` says what is being done.
    ``result``: `engine.backtest.answer.Answer` as JSON. ``published`` stays empty: a policy is published from its own page.
    """

    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    doing = models.TextField(default="")

    class Meta:
        db_table = "reports_backtest"
        indexes = run_indexes("reports_backtest")


class Regret(RunTable):
    """A past day of a desk, local ``day``, beside the best that could have been made of it.

    state: as of all runs (`core.runs`). ``policy`` and ``digest`` name the day, ``against`` is 0, ``published`` stays empty. ``items``
    counts thousandths, ``doing`` says what is being done. ``result``: what `flows.backtest.regretting` says of the day.
    """

    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    doing = models.TextField(default="")

    class Meta:
        db_table = "reports_regret"
        indexes = [
            *run_indexes("reports_regret"),
            models.Index(fields=["desk", "-day", "-id"], name="reports_regret_day"),
        ]
