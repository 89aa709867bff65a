"""Queues and lines of effort count their versions, so that the second of two writers is told; a line taken away stays, empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0004_waiting_items_are_found_at_once")]
    operations = [
        migrations.AddField(model_name="queue", name="version", field=models.IntegerField(db_default=1)),
        migrations.AddField(model_name="effort", name="version", field=models.IntegerField(db_default=1)),
        migrations.AlterField(model_name="effort", name="minutes", field=models.IntegerField(null=True)),
    ]
