"""Outside firms that do work for a desk, and what they take."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

TEXT = {"default": "", "db_default": ""}


class Migration(migrations.Migration):
    dependencies = [("people", "0005_teams_have_places")]
    operations = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("email", models.TextField(**TEXT)),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(models.TextField(), default=list, db_default=[]),
                ),
                ("least_priority", models.SmallIntegerField(default=2, db_default=2)),
                ("at_once", models.SmallIntegerField()),
                ("most", models.IntegerField()),
                ("lead_min", models.IntegerField()),
                ("price", models.DecimalField(max_digits=12, decimal_places=2, null=True)),
                ("currency", models.TextField(**TEXT)),
                ("note", models.TextField(**TEXT)),
                ("is_active", models.BooleanField(default=True, db_default=True)),
                ("version", models.IntegerField(default=1, db_default=1)),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.desk",
                    ),
                ),
            ],
            options={
                "db_table": "people_partner",
                "constraints": [
                    models.UniqueConstraint(fields=["desk", "name"], name="people_partner_name"),
                    models.CheckConstraint(
                        condition=Q(least_priority__gte=1, least_priority__lte=4), name="people_partner_priority"
                    ),
                    models.CheckConstraint(
                        condition=Q(at_once__gte=1, most__gte=1, lead_min__gte=0), name="people_partner_capacity"
                    ),
                    models.CheckConstraint(
                        condition=Q(price__isnull=True, currency="")
                        | Q(price__isnull=False, price__gte=0, currency__regex="^[A-Z]{3}$"),
                        name="people_partner_price",
                    ),
                ],
            },
        ),
    ]
