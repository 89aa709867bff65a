"""Indexes for the filters of the audit trail; nothing asks for an actor by the user's key, so that one goes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_the_clock_of_a_demo")]
    operations = [
        migrations.RemoveIndex(model_name="auditevent", name="core_audit_actor"),
        migrations.AddIndex(
            model_name="auditevent", index=models.Index(fields=["actor_name", "id"], name="core_audit_actor_name")
        ),
        migrations.AddIndex(
            model_name="auditevent", index=models.Index(fields=["action", "id"], name="core_audit_action")
        ),
    ]
