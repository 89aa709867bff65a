"""A calendar that is no longer wanted is retired; its versions stay."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0003_versions_stay"), ("people", "0001_initial")]

    operations = [
        migrations.CreateModel(
            "CalendarRetired",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("desk", models.ForeignKey("people.desk", django.db.models.deletion.PROTECT, related_name="+")),
                ("name", models.TextField()),
                ("at", models.DateTimeField()),
                ("by_name", models.TextField()),
                ("reason", models.TextField()),
            ],
            options={
                "db_table": "clocks_calendarretired",
                "constraints": [
                    models.UniqueConstraint(fields=["desk", "name"], name="clocks_calendarretired_once"),
                ],
            },
        ),
    ]
