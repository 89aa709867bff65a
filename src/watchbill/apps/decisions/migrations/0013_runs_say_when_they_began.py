"""When a dry run, a tuning or recovery options were begun, the last time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisions", "0012_recovery_options")]

    operations = [
        migrations.AddField("dryrun", "begun_recorded_at", models.DateTimeField(null=True)),
        migrations.AddField("tuning", "begun_recorded_at", models.DateTimeField(null=True)),
        migrations.AddField("recovery", "begun_recorded_at", models.DateTimeField(null=True)),
    ]
