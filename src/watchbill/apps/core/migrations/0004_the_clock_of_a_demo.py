"""How far a moved clock's desks have come, where it jumps to, and what a demo tells."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_seals_are_signed")]
    operations = [
        migrations.AddField("installation", "done_at", models.DateTimeField(null=True)),
        migrations.AddField("installation", "jump_from_at", models.DateTimeField(null=True)),
        migrations.AddField("installation", "jump_to_at", models.DateTimeField(null=True)),
        migrations.AddField("installation", "story", models.JSONField(null=True)),
    ]
