"""Files that were sent by a page or by the API wait in the database for the worker."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CASCADE = django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    dependencies = [("inbox", "0002_import_read_share"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            "Upload",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("imported", models.OneToOneField("inbox.import", CASCADE, db_column="import_id", related_name="+")),
                ("user", models.ForeignKey(settings.AUTH_USER_MODEL, CASCADE, db_index=False, related_name="+")),
                ("profile_text", models.TextField()),
                ("tries", models.SmallIntegerField(default=0)),
            ],
            options={"db_table": "inbox_upload"},
        ),
        migrations.CreateModel(
            "UploadPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("upload", models.ForeignKey("inbox.upload", CASCADE, db_index=False, related_name="+")),
                ("number", models.IntegerField()),
                ("data", models.BinaryField()),
            ],
            options={
                "db_table": "inbox_uploadpart",
                "constraints": [
                    models.UniqueConstraint(fields=["upload", "number"], name="inbox_uploadpart_once"),
                ],
            },
        ),
    ]
