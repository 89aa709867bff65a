"""Tables of calendars, clock policies and running clocks."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from watchbill.apps.core.models import PublishedVersion
from watchbill.apps.core.runs import RunTable, run_indexes


class CalendarVersion(PublishedVersion):
    """Business hours as they hold from an instant on; ``body`` is `engine.base.calendar.Calendar` as JSON."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+")
    name = models.TextField()

    class Meta:
        db_table = "clocks_calendarversion"
        constraints = [models.UniqueConstraint(fields=["desk", "name", "number"], name="clocks_calendar_number")]


class CalendarRetired(models.Model):
    """A calendar that new policies may not name any more, since the desk time ``at``."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+")
    name = models.TextField()
    at = models.DateTimeField()
    by_name = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "clocks_calendarretired"
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="clocks_calendarretired_once")]


class PolicyVersion(PublishedVersion):
    """Targets and conditions as they hold from an instant on; ``body`` is `engine.clocks.ClockPolicy` as JSON."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+")

    class Meta:
        db_table = "clocks_policyversion"
        constraints = [models.UniqueConstraint(fields=["desk", "number"], name="clocks_policy_number")]
        indexes = [
            models.Index(
                fields=["holds_from"],
                condition=models.Q(body__takes_over__isnull=False),
                name="clocks_policy_takes_over",
            )
        ]


class TakingOver(models.Model):
    """How far a version has taken over what was open when it came into force: up to an item; ``done_at``: all of it."""

    policy = models.OneToOneField(PolicyVersion, models.PROTECT, primary_key=True, related_name="+")
    last_item_id = models.BigIntegerField(default=0)
    items = models.IntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clocks_takingover"


class LeadTimes(models.Model):
    """How long a desk's work takes to be picked up and done, as learned last: `engine.clocks.lead_time.LeadTimes`.

    ``number`` counts how often it was learned; ``items`` says from how many items.
    """

    desk = models.OneToOneField("people.Desk", models.CASCADE, primary_key=True, related_name="+")
    number = models.IntegerField(default=1)
    learned_at = models.DateTimeField()
    items = models.IntegerField()
    body = models.JSONField()

    class Meta:
        db_table = "clocks_leadtimes"


class Renewal(models.Model):
    """Open items whose clocks are still to be made anew: of a desk, of a customer or of a site, those above an item.

    Without a customer they are all those of the desk. ``is_learned``: because the desk has learned how long work takes. The row goes when all is done.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+", db_index=False, null=True)
    site = models.ForeignKey("customers.Site", models.CASCADE, related_name="+", db_index=False, null=True)
    is_learned = models.BooleanField()
    last_item_id = models.BigIntegerField()

    class Meta:
        db_table = "clocks_renewal"


class Clock(models.Model):
    """One commitment on one item, as its events, policy and calendar make it. Recomputable; kept for speed.

    ``name`` is the policy's word for it, ``agreement`` with whom it is made (sla, ola, uc); ``cycle`` counts what has
    restarted or repeats (`Cycle` keeps those that ended). ``due_at`` is set while running and, once stopped, is the due
    that applied. ``warn_at``, ``breach_at`` and ``resumes_at`` are when the first warning, the breach and the end of a
    pause that has a limit come, or came; ``warn_ats`` all warnings where there is more than one; ``safe_at`` the latest
    safe moment. ``told_at``: up to where the ticker has told of them; ``next_at``: the next one that it has to tell.
    Durations are business seconds.
    """

    id = models.BigAutoField(primary_key=True)
    # Neither items nor versions are ever deleted (triggers refuse it), so nothing here can come to point at nothing.
    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    desk_id = models.BigIntegerField()
    name = models.TextField()
    kind = models.TextField()
    agreement = models.TextField(db_default="sla")
    cycle = models.IntegerField(db_default=1)
    status = models.TextField()
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    calendar = models.ForeignKey(CalendarVersion, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    target_s = models.IntegerField()
    elapsed_s = models.IntegerField()
    paused_s = models.IntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    resumes_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    warn_ats = ArrayField(models.DateTimeField(), null=True)
    safe_at = models.DateTimeField(null=True)
    breach_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clocks_clock"
        constraints = [models.UniqueConstraint(fields=["item", "name"], name="clocks_clock_once")]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="clocks_next"),
            models.Index(fields=["policy"], name="clocks_clock_policy"),
        ]


class Cycle(models.Model):
    """A commitment that was kept, missed or begun again (``status``: met, missed, restarted) before the one that runs."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    desk_id = models.BigIntegerField()
    name = models.TextField()
    kind = models.TextField()
    agreement = models.TextField()
    cycle = models.IntegerField()
    status = models.TextField()
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    calendar = models.ForeignKey(CalendarVersion, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    target_s = models.IntegerField()
    elapsed_s = models.IntegerField()
    paused_s = models.IntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField()
    breach_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clocks_cycle"
        constraints = [models.UniqueConstraint(fields=["item", "name", "cycle"], name="clocks_cycle_once")]


class Replay(RunTable):
    """A draft of the clock policy replayed over the whole history of a desk, beside what holds.

    state: waiting -> running -> done, or refused (the draft fails on an item: ``message`` says on which and how) or stopped.
    ``digest`` names the draft and every calendar that it counts on (`engine.clocks.replay.draft_digest`); ``against`` is
    the number of the newest policy version when it was asked for. ``calendars`` are all that it counts on, by name, as
    they hold at ``holds_from`` (none: at ``asked_at``); those in ``drafted`` are drafts themselves.
    ``published`` is the number of the version that was published on the strength of it, and ``leaves`` what that leaves
    undone, as was said explicitly.
    """

    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    calendars = models.JSONField()
    drafted = ArrayField(models.TextField(), default=list)
    holds_from = models.DateTimeField(null=True)
    leaves = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "clocks_replay"
        indexes = run_indexes("clocks_replay")


class ReplayItem(models.Model):
    """An item whose result the draft changes: how (a sum of `engine.clocks.replay.Effect`), and each commitment before and after."""

    pk = models.CompositePrimaryKey("replay_id", "item_id")
    replay = models.ForeignKey(Replay, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    item = models.ForeignKey("work.WorkItem", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    effects = models.SmallIntegerField()
    priority = models.SmallIntegerField()
    queue_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    changes = models.JSONField()

    class Meta:
        db_table = "clocks_replayitem"
