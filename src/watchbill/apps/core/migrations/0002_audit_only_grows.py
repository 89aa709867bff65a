"""Audit events may only be added; the installation has its one row."""

from django.db import migrations

FORWARD = """
insert into core_installation (id, name, clock_is_moved, rate, seal_key) values (1, 'Watchbill', false, 1, ''::bytea);
create function core_auditevent_only_grows() returns trigger language plpgsql as $$
begin
    if current_setting('watchbill.retention', true) = 'on' then return coalesce(new, old); end if;
    raise exception 'audit events are only ever added';
end $$;
create trigger core_auditevent_only_grows before update or delete on core_auditevent
    for each row execute function core_auditevent_only_grows();
"""
BACKWARD = """
drop trigger core_auditevent_only_grows on core_auditevent;
drop function core_auditevent_only_grows();
delete from core_installation;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
