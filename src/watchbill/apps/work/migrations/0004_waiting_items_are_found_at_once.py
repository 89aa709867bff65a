"""An index over what waits: without it the view of waiting items walks past every other open one."""

from django.db import migrations, models

WAITING = ["scheduled", "waiting_customer", "waiting_other", "waiting_vendor"]


class Migration(migrations.Migration):
    dependencies = [("work", "0003_patch_fold")]
    operations = [
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("state__in", WAITING)),
                fields=["desk", "due_sort_at", "id"],
                name="work_item_waiting",
            ),
        ),
    ]
