"""When a backtest, or a day in hindsight, was begun, the last time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_days_in_hindsight")]

    operations = [
        migrations.AddField("backtest", "begun_recorded_at", models.DateTimeField(null=True)),
        migrations.AddField("regret", "begun_recorded_at", models.DateTimeField(null=True)),
    ]
