"""A desk that is no longer wanted is closed; nothing of it is deleted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [migrations.AddField("desk", "closed_at", models.DateTimeField(null=True))]
