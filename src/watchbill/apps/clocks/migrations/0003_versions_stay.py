"""Versions of policies and calendars are never changed, so clocks need no foreign keys to say so at every commit."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
create function clocks_version_stays() returns trigger language plpgsql as $$
begin
    if current_setting('watchbill.retention', true) = 'on' then return coalesce(new, old); end if;
    raise exception 'versions are only ever added';
end $$;
create trigger clocks_policyversion_stays before update or delete on clocks_policyversion
    for each row execute function clocks_version_stays();
create trigger clocks_calendarversion_stays before update or delete on clocks_calendarversion
    for each row execute function clocks_version_stays();
"""
BACKWARD = """
drop trigger clocks_policyversion_stays on clocks_policyversion;
drop trigger clocks_calendarversion_stays on clocks_calendarversion;
drop function clocks_version_stays();
"""


def points_at(model: str) -> "models.ForeignKey[object]":
    """Make a key that the database does not look up."""
    return models.ForeignKey(
        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model
    )


class Migration(migrations.Migration):
    dependencies = [("clocks", "0002_tell_each_instant_once"), ("work", "0006_items_stay")]
    operations = [
        migrations.AlterField("clock", "item", points_at("work.workitem")),
        migrations.AlterField("clock", "policy", points_at("clocks.policyversion")),
        migrations.AlterField("clock", "calendar", points_at("clocks.calendarversion")),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
