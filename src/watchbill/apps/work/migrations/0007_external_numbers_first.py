"""The index of other systems' numbers begins with the number: it is the only quick way to an item of an import."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0006_items_stay")]
    operations = [
        migrations.RemoveConstraint(model_name="workitem", name="work_item_external"),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.UniqueConstraint(
                fields=["external_ref", "external_source", "desk"],
                condition=~models.Q(external_ref=""),
                name="work_item_external",
            ),
        ),
    ]
