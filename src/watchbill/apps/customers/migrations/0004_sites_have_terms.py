"""What each site was called and which time zone it had, from when on."""

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models

FIRST_TERMS = """
insert into customers_siteterms (site_id, at, name, zone, by_name, reason)
select id, '1900-01-01T00:00:00Z', name, zone, '', '' from customers_site order by id
"""
ONLY_GROW = """
create trigger customers_siteterms_only_grow before update or delete on customers_siteterms
    for each row execute function customers_terms_only_grow();
"""
MAY_SHRINK = "drop trigger customers_siteterms_only_grow on customers_siteterms"
SITE = {
    "db_index": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "customers.site",
}


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_terms_and_sites")]
    operations = [
        migrations.CreateModel(
            name="SiteTerms",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("name", models.TextField()),
                ("zone", models.TextField()),
                ("by_name", models.TextField()),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("site", models.ForeignKey(**SITE)),
            ],
            options={
                "db_table": "customers_siteterms",
                "indexes": [models.Index(fields=["site", "at", "id"], name="customers_siteterms_site")],
            },
        ),
        migrations.RunSQL(FIRST_TERMS, migrations.RunSQL.noop),
        migrations.RunSQL(ONLY_GROW, MAY_SHRINK),
    ]
