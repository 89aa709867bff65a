"""An item may say at which site of its customer it is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_terms_and_sites"), ("work", "0009_closed_desks_take_no_work")]
    operations = [
        migrations.AddField(
            "workitem", "site",
            models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="customers.site",
            ),
        ),
    ]  # fmt: skip
