"""Comparisons of policies on a desk's own history are kept."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_clocks_made_anew"), ("people", "0005_teams_have_places")]

    operations = [
        migrations.CreateModel(
            name="Backtest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.desk",
                    ),
                ),
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
                ("doing", models.TextField(default="")),
            ],
            options={
                "db_table": "reports_backtest",
                "indexes": [
                    models.Index(fields=["desk", "-id"], name="reports_backtest_desk"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["id"],
                        name="reports_backtest_open",
                    ),
                ],
            },
        ),
    ]
