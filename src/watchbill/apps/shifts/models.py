"""Tables of usual hours, presence, absences and extra hours."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models.functions import Now


class UsualHours(models.Model):
    """One usual interval of one weekday (0 = Monday) in the person's own zone; ``closes_min`` may pass 1440."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    weekday = models.SmallIntegerField()
    opens_min = models.SmallIntegerField()
    closes_min = models.SmallIntegerField()
    is_confirmed = models.BooleanField(default=False)
    evidence = models.JSONField(default=dict)

    class Meta:
        db_table = "shifts_usualhours"
        constraints = [
            models.UniqueConstraint(fields=["person", "weekday", "opens_min"], name="shifts_usualhours_once"),
            models.CheckConstraint(
                condition=models.Q(weekday__gte=0, weekday__lte=6, opens_min__gte=0, opens_min__lt=1440)
                & models.Q(closes_min__gt=models.F("opens_min"), closes_min__lte=2880),
                name="shifts_usualhours_sane",
            ),
        ]


class Presence(models.Model):
    """What a person says of herself: available, away or off. No row: as the usual hours say."""

    person = models.OneToOneField("people.Person", models.CASCADE, primary_key=True, related_name="+")
    state = models.TextField()
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shifts_presence"


# A person as a range of one number: what an exclusion constraint compares without an extension of the server.
_ONLY = models.Func("person", "person", models.Value("[]"), function="int8range")
_SPAN = models.Func("from_at", "until_at", function="tstzrange")


class Absence(models.Model):
    """A person is away in [from_at, until_at): off shift, whatever her usual hours say. Two of one person never overlap.

    ``deputy`` stands in meanwhile, before the one that she has at other times. A cancelled one never was.
    """

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+", db_index=False)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    kind = models.TextField()
    note = models.TextField(default="")
    deputy = models.ForeignKey("people.Person", models.SET_NULL, null=True, related_name="+", db_index=False)
    by_name = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shifts_absence"
        constraints = [
            models.CheckConstraint(condition=models.Q(until_at__gt=models.F("from_at")), name="shifts_absence_sane"),
            ExclusionConstraint(
                name="shifts_absence_apart",
                expressions=[(_ONLY, "&&"), (_SPAN, "&&")],
                condition=models.Q(cancelled_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "until_at"], condition=models.Q(cancelled_at=None), name="shifts_absence_ahead"
            ),
        ]


class ExtraHours(models.Model):
    """A person works in [from_at, until_at) beside her usual hours: overtime, or called in. Two of one person never overlap.

    A cancelled one never was; one that is ended early keeps what was worked. ``source_ref``: what asked for it, as REC-12.
    """

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+", db_index=False)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    why = models.TextField()
    source_ref = models.TextField(default="")
    by_name = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shifts_extrahours"
        constraints = [
            models.CheckConstraint(condition=models.Q(until_at__gt=models.F("from_at")), name="shifts_extrahours_sane"),
            ExclusionConstraint(
                name="shifts_extrahours_apart",
                expressions=[(_ONLY, "&&"), (_SPAN, "&&")],
                condition=models.Q(cancelled_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "until_at"], condition=models.Q(cancelled_at=None), name="shifts_extrahours_ahead"
            ),
        ]
