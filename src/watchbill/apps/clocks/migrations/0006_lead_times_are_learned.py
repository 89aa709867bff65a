"""How long work takes to be picked up and done is learned, and kept once a desk."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0005_any_number_of_promises"), ("people", "0002_desks_can_be_closed")]
    operations = [
        migrations.CreateModel(
            name="LeadTimes",
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
                ("number", models.IntegerField(default=1)),
                ("learned_at", models.DateTimeField()),
                ("items", models.IntegerField()),
                ("body", models.JSONField()),
            ],
            options={"db_table": "clocks_leadtimes"},
        ),
    ]
