"""An index of what changes who is proposed: customers come with the work itself, and would stand between."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0005_audit_is_found_by_actor_and_act")]
    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("action", "customer_made"), _negated=True), fields=["desk_id", "id"],
                name="core_audit_settings",
            ),
        ),
    ]  # fmt: skip
