"""Events may only be added; references count from 10001."""

from django.db import migrations

FORWARD = """
create sequence work_reference_seq start 10001;
create function work_event_only_grows() returns trigger language plpgsql as $$
begin
    if current_setting('watchbill.retention', true) = 'on' then return coalesce(new, old); end if;
    raise exception 'work events are only ever added';
end $$;
create trigger work_event_only_grows before update or delete on work_event
    for each row execute function work_event_only_grows();
"""
BACKWARD = """
drop trigger work_event_only_grows on work_event;
drop function work_event_only_grows();
drop sequence work_reference_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
