"""What a person may take beside her skills: clearances, customer tiers, limits by class of work; and who stands in for her."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


def _texts():
    return django.contrib.postgres.fields.ArrayField(models.TextField(), default=list, db_default=[])


class Migration(migrations.Migration):
    dependencies = [("people", "0002_desks_can_be_closed")]

    operations = [
        migrations.AddField("person", "clearances", _texts()),
        migrations.AddField("person", "tiers", _texts()),
        migrations.AddField("person", "class_limits", models.JSONField(default=dict, db_default={})),
        migrations.AddField(
            "person",
            "deputy",
            models.ForeignKey(
                "people.Person", django.db.models.deletion.SET_NULL, null=True, related_name="+", db_index=False
            ),
        ),
    ]
