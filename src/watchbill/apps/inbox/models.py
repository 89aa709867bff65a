"""Tables of imports: files, their progress, rejected rows, and events held until their time comes.

The rows of a file that is being imported stand in unlogged tables of their own, made and dropped by `staging`.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Import(models.Model):
    """One file read into one desk with one profile.

    status: (waiting ->) staging -> applying -> done, or stopped with a message; waiting is a file that was sent and that
    the worker has not begun. ``sha256`` is that of the file as it was given, so the same file under another name is known.
    ``rows_*`` and ``read_share`` (of the file's bytes) move with every chunk of staged rows, in its transaction.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+")
    profile = models.TextField()
    profile_digest = models.TextField()
    file_name = models.TextField()
    file_size = models.BigIntegerField()
    sha256 = models.TextField()
    shift_weeks = models.IntegerField(default=0)
    hold_after = models.DateTimeField(null=True)
    status = models.TextField(default="staging")
    message = models.TextField(default="")
    read_share = models.FloatField(default=0)
    rows_read = models.BigIntegerField(default=0)
    rows_accepted = models.BigIntegerField(default=0)
    rows_rejected = models.BigIntegerField(default=0)
    items = models.BigIntegerField(default=0)
    people = models.BigIntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    rejects_file = models.TextField(default="")
    seconds = models.FloatField(default=0)
    peak_rss_mb = models.FloatField(default=0)
    by_name = models.TextField()
    started_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    finished_recorded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "inbox_import"
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "sha256", "profile_digest", "shift_weeks", "hold_after"],
                name="inbox_import_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["desk", "-id"], name="inbox_import_desk")]


class ImportBatch(models.Model):
    """A batch of items that has been applied: written in the batch's own transaction, so it is done exactly once."""

    id = models.BigAutoField(primary_key=True)
    imported = models.ForeignKey(Import, models.CASCADE, related_name="+", db_column="import_id")
    number = models.IntegerField()
    items_added = models.IntegerField(default=0)
    events = models.IntegerField(default=0)
    events_added = models.IntegerField(default=0)
    events_held = models.IntegerField(default=0)

    class Meta:
        db_table = "inbox_importbatch"
        constraints = [models.UniqueConstraint(fields=["imported", "number"], name="inbox_importbatch_once")]


class RejectedRow(models.Model):
    """A row that was not taken: where it stands, the value that did not fit (cut), and what was expected."""

    id = models.BigAutoField(primary_key=True)
    imported = models.ForeignKey(Import, models.CASCADE, related_name="+", db_column="import_id", db_index=False)
    line = models.BigIntegerField()
    column = models.TextField()
    value = models.TextField()
    expected = models.TextField()
    is_disproof = models.BooleanField(default=False)

    class Meta:
        db_table = "inbox_rejectedrow"
        indexes = [models.Index(fields=["imported", "line"], name="inbox_rejectedrow_line")]


class ImportName(models.Model):
    """What a name in the file stands for on the desk: ``space`` is owner, team, queue, skill or customer."""

    id = models.BigAutoField(primary_key=True)
    imported = models.ForeignKey(Import, models.CASCADE, related_name="+", db_column="import_id", db_index=False)
    space = models.TextField()
    name = models.TextField()
    target_id = models.BigIntegerField()

    class Meta:
        db_table = "inbox_importname"
        constraints = [models.UniqueConstraint(fields=["imported", "space", "name"], name="inbox_importname_once")]


class Upload(models.Model):
    """A file that was sent by a page or by the API and is not done yet: kept here, where every worker finds it.

    ``tries`` counts how often a worker has begun with it, so that a file that kills its worker is not tried for ever.
    """

    id = models.BigAutoField(primary_key=True)
    imported = models.OneToOneField(Import, models.CASCADE, related_name="+", db_column="import_id")
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+", db_index=False)
    profile_text = models.TextField()
    tries = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "inbox_upload"


class UploadPart(models.Model):
    """A piece of a file that was sent; the pieces in order are the file."""

    id = models.BigAutoField(primary_key=True)
    upload = models.ForeignKey(Upload, models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "inbox_uploadpart"
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="inbox_uploadpart_once")]


class HeldEvent(models.Model):
    """An event of the log that lies ahead of the desk's clock, kept as `work.bulk.STEP_COLUMNS` until its time comes."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.CASCADE, related_name="+", db_index=False)
    external_source = models.TextField()
    external_ref = models.TextField()
    item_kind = models.TextField()
    opened_at = models.DateTimeField()
    ord = models.BigIntegerField()
    at = models.DateTimeField()
    is_opening = models.BooleanField()
    actor_kind = models.TextField()
    actor_name = models.TextField()
    source_key = models.TextField()
    patch = models.JSONField(default=dict)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "inbox_heldevent"
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "external_source", "external_ref", "source_key"], name="inbox_heldevent_once"
            ),
        ]
        indexes = [models.Index(fields=["at", "id"], name="inbox_heldevent_at")]
