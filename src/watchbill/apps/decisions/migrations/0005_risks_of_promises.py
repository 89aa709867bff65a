from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_desks_can_be_closed"),
        ("work", "0011_latest_safe_moments"),
        ("decisions", "0004_what_overrides_teach"),
    ]

    operations = [
        migrations.CreateModel(
            name="RiskModel",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("learned_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("source", models.TextField()),
                ("digest", models.TextField(default="")),
                ("words", models.TextField()),
                ("figures", models.JSONField()),
                ("body", models.JSONField(null=True)),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.desk", db_index=False
                    ),
                ),
            ],
            options={
                "db_table": "decisions_riskmodel",
                "constraints": [models.UniqueConstraint(fields=("desk", "number"), name="decisions_riskmodel_number")],
            },
        ),
        migrations.CreateModel(
            name="RiskCounts",
            fields=[
                (
                    "desk",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="people.desk",
                    ),
                ),
                ("counted_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("codes", models.JSONField()),
                ("packed", models.BinaryField()),
                ("lately", models.JSONField()),
                ("is_asked", models.BooleanField(db_default=False)),
            ],
            options={"db_table": "decisions_riskcounts"},
        ),
        migrations.CreateModel(
            name="Risk",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("desk_id", models.BigIntegerField()),
                ("commitment", models.TextField()),
                ("p_miss", models.FloatField()),
                ("gain", models.FloatField()),
                ("rank", models.FloatField()),
                ("is_worst", models.BooleanField()),
                ("source", models.TextField()),
                ("number", models.IntegerField()),
                ("body", models.JSONField()),
                ("scored_at", models.DateTimeField()),
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
            ],
            options={
                "db_table": "decisions_risk",
                "constraints": [models.UniqueConstraint(fields=("item", "commitment"), name="decisions_risk_once")],
                "indexes": [
                    models.Index(
                        fields=["desk_id", "-rank", "-item"],
                        condition=models.Q(is_worst=True),
                        name="decisions_risk_rank",
                    ),
                    models.Index(
                        fields=["desk_id", "-p_miss"], condition=models.Q(is_worst=True), name="decisions_risk_likely"
                    ),
                ],
            },
        ),
    ]
