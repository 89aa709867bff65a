"""Drafts of the clock policy are replayed over the whole history before they are published."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clocks", "0007_versions_take_over"),
        ("people", "0002_desks_can_be_closed"),
        ("work", "0009_closed_desks_take_no_work"),
    ]

    operations = [
        migrations.CreateModel(
            name="Replay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("by_name", models.TextField()),
                ("by_user_id", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_recorded_at", models.DateTimeField(null=True)),
                ("policy", models.JSONField()),
                ("calendars", models.JSONField()),
                (
                    "drafted",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("holds_from", models.DateTimeField(null=True)),
                ("digest", models.TextField()),
                ("against", models.IntegerField()),
                ("state", models.TextField(default="waiting")),
                ("tries", models.SmallIntegerField(default=0)),
                ("items", models.BigIntegerField(default=0)),
                ("items_done", models.BigIntegerField(default=0)),
                ("message", models.TextField(default="")),
                ("result", models.JSONField(null=True)),
                ("published", models.IntegerField(null=True)),
                (
                    "leaves",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.desk"
                    ),
                ),
            ],
            options={
                "db_table": "clocks_replay",
            },
        ),
        migrations.CreateModel(
            name="ReplayItem",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "replay_id", "item_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("effects", models.SmallIntegerField()),
                ("priority", models.SmallIntegerField()),
                ("queue_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("changes", models.JSONField()),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="work.workitem",
                    ),
                ),
                (
                    "replay",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clocks.replay",
                    ),
                ),
            ],
            options={
                "db_table": "clocks_replayitem",
            },
        ),
        migrations.AddIndex(
            model_name="replay",
            index=models.Index(fields=["desk", "-id"], name="clocks_replay_desk"),
        ),
        migrations.AddIndex(
            model_name="replay",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "running"])), fields=["id"], name="clocks_replay_open"
            ),
        ),
    ]
