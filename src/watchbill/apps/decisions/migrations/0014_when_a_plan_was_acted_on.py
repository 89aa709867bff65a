"""When a plan of recovery options was applied or taken back by the clock of the wall: desk time may stand still."""

from django.db import migrations, models
from django.db.models.functions import Greatest


def fill(apps, _schema_editor):
    """What was acted on before is as old as its instant in desk time says."""
    recovery = apps.get_model("decisions", "Recovery")
    acted = recovery.objects.exclude(applied_at=None)
    acted.update(acted_recorded_at=Greatest("applied_at", "undone_at"))


class Migration(migrations.Migration):
    dependencies = [("decisions", "0013_runs_say_when_they_began")]

    operations = [
        migrations.AddField("recovery", "acted_recorded_at", models.DateTimeField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
