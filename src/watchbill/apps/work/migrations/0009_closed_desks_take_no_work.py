"""A desk that is closed has no open item, whoever would open one: page, program, import or an item opened again."""

from django.db import migrations

FORWARD = """
create function work_item_desk_is_open() returns trigger language plpgsql as $$
declare since timestamptz;
begin
    -- The lock that the foreign key takes anyway, taken early: whoever closes the desk is waited for.
    select closed_at into since from people_desk where id = new.desk_id for key share;
    if since is not null then
        raise exception 'desk is closed' using errcode = 'raise_exception';
    end if;
    return null;
end $$;
create trigger work_item_desk_is_open_insert after insert on work_item
    for each row when (new.is_open) execute function work_item_desk_is_open();
create trigger work_item_desk_is_open_update after update of state, desk_id on work_item
    for each row when (new.is_open and (not old.is_open or new.desk_id <> old.desk_id))
    execute function work_item_desk_is_open();
"""
BACKWARD = """
drop trigger work_item_desk_is_open_insert on work_item;
drop trigger work_item_desk_is_open_update on work_item;
drop function work_item_desk_is_open();
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0008_acts_on_many_items"), ("people", "0002_desks_can_be_closed")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
