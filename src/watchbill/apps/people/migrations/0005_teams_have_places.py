"""In which region and time zone each team was, from when on; what is known now holds from the beginning."""

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models

FIRST_PLACES = """
insert into people_teamplace (team_id, at, region_id, zone, by_name, reason)
select t.id, '1900-01-01T00:00:00Z', r.id, r.zone, '', '' from people_team as t
    join people_region as r on r.id = t.region_id order by t.id
"""
ONLY_GROW = """
create function people_teamplace_only_grow() returns trigger language plpgsql as $$
begin
    if current_setting('watchbill.retention', true) = 'on' then return coalesce(new, old); end if;
    raise exception 'places of teams are only ever added';
end $$;
create trigger people_teamplace_only_grow before update or delete on people_teamplace
    for each row execute function people_teamplace_only_grow();
"""
MAY_SHRINK = """
drop trigger people_teamplace_only_grow on people_teamplace;
drop function people_teamplace_only_grow();
"""
KEPT = {"db_index": False, "on_delete": django.db.models.deletion.PROTECT, "related_name": "+"}


class Migration(migrations.Migration):
    dependencies = [("people", "0004_regions_are_kept")]
    operations = [
        migrations.CreateModel(
            name="TeamPlace",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("zone", models.TextField()),
                ("by_name", models.TextField()),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("team", models.ForeignKey(**KEPT, to="people.team")),
                ("region", models.ForeignKey(**KEPT, to="people.region", null=True)),
            ],
            options={
                "db_table": "people_teamplace",
                "indexes": [models.Index(fields=["team", "at", "id"], name="people_teamplace_team")],
            },
        ),
        migrations.RunSQL(FIRST_PLACES, migrations.RunSQL.noop),
        migrations.RunSQL(ONLY_GROW, MAY_SHRINK),
    ]
