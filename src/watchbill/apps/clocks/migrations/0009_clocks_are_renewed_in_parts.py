"""Open items whose clocks are to be made anew, a part at a time."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clocks", "0008_replays_of_drafts"),
        ("customers", "0003_terms_and_sites"),
        ("people", "0002_desks_can_be_closed"),
    ]

    operations = [
        migrations.CreateModel(
            "Renewal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "desk",
                    models.ForeignKey(
                        "people.desk", django.db.models.deletion.CASCADE, db_index=False, related_name="+"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        "customers.customer",
                        django.db.models.deletion.CASCADE,
                        db_index=False,
                        null=True,
                        related_name="+",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        "customers.site",
                        django.db.models.deletion.CASCADE,
                        db_index=False,
                        null=True,
                        related_name="+",
                    ),
                ),
                ("is_learned", models.BooleanField()),
                ("last_item_id", models.BigIntegerField()),
            ],
            options={"db_table": "clocks_renewal"},
        ),
    ]
