"""What a row of patches adds up to, one laid over the other: the fold of `projection_rebuild` as an aggregate."""

from django.db import migrations

FORWARD = "create aggregate work_patch_fold(jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}')"
BACKWARD = "drop aggregate work_patch_fold(jsonb)"


class Migration(migrations.Migration):
    dependencies = [("work", "0002_events_only_grow")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
