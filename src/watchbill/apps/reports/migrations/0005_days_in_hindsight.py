"""Past days of a desk in hindsight are kept."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_teams_have_places"),
        ("reports", "0004_backtests"),
    ]

    operations = [
        migrations.CreateModel(
            name="Regret",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("by_name", models.TextField()),
                ("by_user_id", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_recorded_at", models.DateTimeField(null=True)),
                ("policy", models.JSONField()),
                ("digest", models.TextField()),
                ("against", models.IntegerField()),
                ("state", models.TextField(default="waiting")),
                ("tries", models.SmallIntegerField(default=0)),
                ("items", models.BigIntegerField(default=0)),
                ("items_done", models.BigIntegerField(default=0)),
                ("message", models.TextField(default="")),
                ("result", models.JSONField(null=True)),
                ("published", models.IntegerField(null=True)),
                ("day", models.DateField()),
                ("doing", models.TextField(default="")),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.desk"
                    ),
                ),
            ],
            options={
                "db_table": "reports_regret",
                "indexes": [
                    models.Index(fields=["desk", "-id"], name="reports_regret_desk"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["id"],
                        name="reports_regret_open",
                    ),
                    models.Index(fields=["desk", "-day", "-id"], name="reports_regret_day"),
                ],
            },
        ),
    ]
