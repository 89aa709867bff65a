"""Customers count their versions, so that the second of two writers is told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [
        migrations.AddField(model_name="customer", name="version", field=models.IntegerField(db_default=1)),
    ]
