"""Items are never deleted, so the events of items need no foreign key to say so at every commit."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
create function work_item_stays() returns trigger language plpgsql as $$
begin
    if current_setting('watchbill.retention', true) = 'on' then return old; end if;
    raise exception 'items are never deleted';
end $$;
create trigger work_item_stays before delete on work_item for each row execute function work_item_stays();
"""
BACKWARD = """
drop trigger work_item_stays on work_item;
drop function work_item_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0005_queues_and_effort_have_versions")]
    operations = [
        migrations.AlterField(
            "workevent", "item",
            models.ForeignKey(
                db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="work.workitem",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]  # fmt: skip
