"""A region that is no longer used is retired: what happened in it keeps its name. Of two who edit one, the second is told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_what_people_may_take")]

    operations = [
        migrations.AddField("region", "is_active", models.BooleanField(default=True, db_default=True)),
        migrations.AddField("region", "version", models.IntegerField(default=1, db_default=1)),
    ]
