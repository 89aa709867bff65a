"""A clock keeps when its warning and breach come, and up to where they have been told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0001_initial")]
    operations = [
        migrations.RenameField("clock", "warned_at", "warn_at"),
        migrations.RenameField("clock", "breached_at", "breach_at"),
        migrations.AddField("clock", "told_at", models.DateTimeField(null=True)),
    ]
