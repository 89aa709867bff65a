"""An item may have any number of commitments, by name; what ended of one that repeats or restarts is kept."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0004_calendars_can_be_retired"), ("work", "0001_initial")]

    operations = [
        migrations.AddField("clock", "name", models.TextField(default="")),
        migrations.RunSQL("update clocks_clock set name = kind", migrations.RunSQL.noop),
        migrations.AlterField("clock", "name", models.TextField()),
        migrations.AddField("clock", "agreement", models.TextField(db_default="sla")),
        migrations.AddField("clock", "cycle", models.IntegerField(db_default=1)),
        migrations.AddField("clock", "resumes_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "clock",
            "warn_ats",
            django.contrib.postgres.fields.ArrayField(models.DateTimeField(), null=True),
        ),
        migrations.AddField("clock", "safe_at", models.DateTimeField(null=True)),
        migrations.RemoveConstraint("clock", "clocks_clock_once"),
        migrations.AddConstraint("clock", models.UniqueConstraint(fields=["item", "name"], name="clocks_clock_once")),
        migrations.CreateModel(
            "Cycle",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("desk_id", models.BigIntegerField()),
                ("name", models.TextField()),
                ("kind", models.TextField()),
                ("agreement", models.TextField()),
                ("cycle", models.IntegerField()),
                ("status", models.TextField()),
                ("target_s", models.IntegerField()),
                ("elapsed_s", models.IntegerField()),
                ("paused_s", models.IntegerField()),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField()),
                ("breach_at", models.DateTimeField(null=True)),
                (
                    "item",
                    models.ForeignKey(
                        "work.workitem",
                        django.db.models.deletion.PROTECT,
                        related_name="+",
                        db_index=False,
                        db_constraint=False,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        "clocks.policyversion",
                        django.db.models.deletion.PROTECT,
                        related_name="+",
                        db_index=False,
                        db_constraint=False,
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        "clocks.calendarversion",
                        django.db.models.deletion.PROTECT,
                        related_name="+",
                        db_index=False,
                        db_constraint=False,
                    ),
                ),
            ],
            options={
                "db_table": "clocks_cycle",
                "constraints": [
                    models.UniqueConstraint(fields=["item", "name", "cycle"], name="clocks_cycle_once"),
                ],
            },
        ),
    ]
