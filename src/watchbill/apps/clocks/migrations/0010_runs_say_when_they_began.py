"""When a replay was begun, the last time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0009_clocks_are_renewed_in_parts")]

    operations = [
        migrations.AddField("replay", "begun_recorded_at", models.DateTimeField(null=True)),
    ]
