"""What was said of a breach may only be added to."""

from django.db import migrations

FORWARD = """
create function reports_answers_only_grow() returns trigger language plpgsql as $$
begin
    if current_setting('watchbill.retention', true) = 'on' then return coalesce(new, old); end if;
    raise exception 'what was said of a breach is only ever added to';
end $$;
create trigger reports_answers_only_grow before update or delete on reports_breachanswer
    for each row execute function reports_answers_only_grow();
"""
BACKWARD = """
drop trigger reports_answers_only_grow on reports_breachanswer;
drop function reports_answers_only_grow();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
