"""How much of an import's file has been read, while it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial")]

    operations = [migrations.AddField("import", "read_share", models.FloatField(default=0))]
