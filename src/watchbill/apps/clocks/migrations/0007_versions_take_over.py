"""A version of the clock policy may take over what is open when it comes into force: how far that has come."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0006_lead_times_are_learned")]

    operations = [
        migrations.CreateModel(
            "TakingOver",
            fields=[
                (
                    "policy",
                    models.OneToOneField(
                        "clocks.policyversion",
                        django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                    ),
                ),
                ("last_item_id", models.BigIntegerField(default=0)),
                ("items", models.IntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "clocks_takingover"},
        ),
        migrations.AddIndex(
            "policyversion",
            models.Index(
                fields=["holds_from"],
                condition=models.Q(body__takes_over__isnull=False),
                name="clocks_policy_takes_over",
            ),
        ),
    ]
