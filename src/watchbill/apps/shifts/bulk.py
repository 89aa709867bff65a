"""Writes of usual hours by the thousand, as they are inferred from a log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from watchbill.apps.shifts.models import UsualHours


def usual_hours_infer_many(
    person_ids: Sequence[int], rows: Sequence[tuple[int, int, int, int, Mapping[str, Any]]]
) -> int:
    """Replace the inferred hours of *person_ids* by *rows* of (person, weekday, opens, closes, evidence).

    Minutes after local midnight. Somebody with hours confirmed by hand keeps hers and gets none. Returns how many.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from shifts_usualhours where person_id = any(%s) and not is_confirmed", [list(person_ids)]
        )
        cursor.execute(
            "insert into shifts_usualhours (person_id, weekday, opens_min, closes_min, is_confirmed, evidence)"
            " select person_id, weekday, opens_min, closes_min, false, evidence from jsonb_to_recordset(%s::jsonb)"
            " as r(person_id bigint, weekday smallint, opens_min smallint, closes_min smallint, evidence jsonb)"
            " where not exists (select 1 from shifts_usualhours as h where h.person_id = r.person_id and h.is_confirmed)",
            [
                json.dumps(
                    [
                        {"person_id": p, "weekday": day, "opens_min": opens, "closes_min": closes, "evidence": dict(e)}
                        for p, day, opens, closes, e in rows
                    ]
                )
            ],
        )
        return int(cursor.rowcount)


def usual_hours_load(weeks: Mapping[int, Sequence[Sequence[tuple[int, int]]]], *, by_name: str) -> None:
    """Keep the usual week of people who have none yet: seven days of (opens, closes) in minutes, Monday first. They count as confirmed."""
    UsualHours.objects.bulk_create(
        UsualHours(
            person_id=person_id, weekday=weekday, opens_min=opens, closes_min=closes, is_confirmed=True,
            evidence={"by": by_name},
        )
        for person_id, week in weeks.items()
        for weekday, day in enumerate(week)
        for opens, closes in day
    )  # fmt: skip
