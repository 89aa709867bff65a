"""Tables of recovery options: what was worked out, what was applied of it, and the items that are put off."""

from __future__ import annotations

from django.db import models

from watchbill.apps.core.runs import RunTable, run_indexes


class Recovery(RunTable):
    """Plans for the next ``hours`` of a desk, simulated from the state at ``asked_at``: of the asking, until somebody began.

    state: as of all runs (`core.runs`). ``policy`` is the one in force then, ``against`` its number; ``items`` counts simulations.
    ``applied_plan``: the code of the plan that was applied, once at most; ``receipt``: what taking it back needs; ``acted_recorded_at``:
    when the one or the other was done, by the clock of the wall, since desk time may stand still.
    """

    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+", db_index=False)
    hours = models.SmallIntegerField()
    applied_plan = models.TextField(default="")
    applied_at = models.DateTimeField(null=True)
    applied_by_name = models.TextField(default="")
    receipt = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by_name = models.TextField(default="")
    acted_recorded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "decisions_recovery"
        indexes = run_indexes("decisions_recovery")


class Deferral(models.Model):
    """An item that is put off: nobody is given it, and it is suggested to nobody, before ``until_at``.

    It holds as long as the item is no more urgent than it was (``priority``). ``recovery_id``: of the plan that put it off.
    """

    item = models.OneToOneField("work.WorkItem", models.CASCADE, primary_key=True, related_name="+")
    desk_id = models.BigIntegerField()
    priority = models.SmallIntegerField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    text = models.TextField()
    by_name = models.TextField()
    recovery_id = models.BigIntegerField()

    class Meta:
        db_table = "decisions_deferral"
        indexes = [models.Index(fields=["desk_id", "until_at"], name="decisions_deferral_desk")]
