"""An act on many items is kept as one thing, so that it can be undone as one."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0007_external_numbers_first")]
    operations = [
        migrations.CreateModel(
            name="BulkAct",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("what", models.TextField()),
                ("event_ids", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField())),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor_name", models.TextField()),
                ("actor_user_id", models.BigIntegerField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by_name", models.TextField(default="")),
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
            options={"db_table": "work_bulkact"},
        ),
        migrations.AddIndex(model_name="bulkact", index=models.Index(fields=["desk", "-id"], name="work_bulkact_desk")),
    ]
