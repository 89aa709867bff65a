"""Tables of usual hours and presence."""

from __future__ import annotations

from django.db import models


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
