"""What clocks need to know about customers: contract and time zone, how each stood from when on, and its sites."""

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models

FIRST_TERMS = """
insert into customers_terms (customer_id, at, tier, contract, zone, is_sensitive, by_name, reason)
select id, '1900-01-01T00:00:00Z', tier, contract, zone, is_sensitive, '', '' from customers_customer
order by id
"""
ONLY_GROW = """
create function customers_terms_only_grow() returns trigger language plpgsql as $$
begin
    if current_setting('watchbill.retention', true) = 'on' then return coalesce(new, old); end if;
    raise exception 'terms of customers are only ever added';
end $$;
create trigger customers_terms_only_grow before update or delete on customers_terms
    for each row execute function customers_terms_only_grow();
"""
MAY_SHRINK = """
drop trigger customers_terms_only_grow on customers_terms;
drop function customers_terms_only_grow();
"""
CUSTOMER = {
    "db_index": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "customers.customer",
}


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_customers_have_versions")]
    operations = [
        migrations.AddField("customer", "contract", models.TextField(default="", db_default="")),
        migrations.AddField("customer", "zone", models.TextField(default="", db_default="")),
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("zone", models.TextField(default="", db_default="")),
                ("is_active", models.BooleanField(default=True, db_default=True)),
                ("customer", models.ForeignKey(**CUSTOMER)),
            ],
            options={
                "db_table": "customers_site",
                "constraints": [models.UniqueConstraint(fields=("customer", "name"), name="customers_site_name")],
            },
        ),
        migrations.CreateModel(
            name="Terms",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("tier", models.TextField()),
                ("contract", models.TextField()),
                ("zone", models.TextField()),
                ("is_sensitive", models.BooleanField()),
                ("by_name", models.TextField()),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("customer", models.ForeignKey(**CUSTOMER)),
            ],
            options={
                "db_table": "customers_terms",
                "indexes": [models.Index(fields=["customer", "at", "id"], name="customers_terms_customer")],
            },
        ),
        migrations.RunSQL(FIRST_TERMS, migrations.RunSQL.noop),
        migrations.RunSQL(ONLY_GROW, MAY_SHRINK),
    ]
