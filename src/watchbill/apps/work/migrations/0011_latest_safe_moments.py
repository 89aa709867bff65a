"""Items sort by their latest safe moment, too: until it is reckoned, that is their due."""

from django.db import migrations, models

WAITING = ["scheduled", "waiting_customer", "waiting_other", "waiting_vendor"]
PLACE = ["act_by_at", "id", "due_sort_at"]
IS_OPEN = models.Q(("is_open", True))


def index(first: str, name: str, condition: models.Q) -> migrations.AddIndex:
    return migrations.AddIndex(
        model_name="workitem", index=models.Index(condition=condition, fields=[first, *PLACE], name=name)
    )


class Migration(migrations.Migration):
    dependencies = [("work", "0010_sites")]
    operations = [
        migrations.AddField("workitem", "act_by_at", models.DateTimeField(null=True)),
        migrations.RunSQL("update work_item set act_by_at = due_sort_at", migrations.RunSQL.noop),
        migrations.AlterField("workitem", "act_by_at", models.DateTimeField()),
        index("desk", "work_item_board_act", IS_OPEN),
        index("queue", "work_item_queue_act", IS_OPEN),
        index("desk", "work_item_unassigned_act", models.Q(("is_open", True), ("owner", None))),
        index("desk", "work_item_waiting_act", models.Q(("state__in", WAITING))),
    ]
