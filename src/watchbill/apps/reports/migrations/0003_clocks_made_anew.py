"""Items whose clocks were made anew without an event are read again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_answers_only_grow")]

    operations = [
        migrations.CreateModel(
            name="Recomputed",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("item_id", models.BigIntegerField()),
                ("desk_id", models.BigIntegerField()),
            ],
            options={"db_table": "reports_recomputed"},
        ),
    ]
