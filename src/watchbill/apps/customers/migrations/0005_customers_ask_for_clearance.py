"""Work for some customers may only go to people with a clearance."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_sites_have_terms")]

    operations = [
        migrations.AddField(
            "customer",
            "clearances",
            django.contrib.postgres.fields.ArrayField(models.TextField(), default=list, db_default=[]),
        )
    ]
