"""Writes of people by the thousand: names that a log tells, and facts that are inferred from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection


def _ids(table: str, desk_id: int, names: Sequence[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"select name, id from {table} where desk_id = %s and name = any(%s)", [desk_id, list(names)])
        return dict(cursor.fetchall())


def team_ensure_many(desk_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the ids of the desk's teams by name, made where they are missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into people_team (desk_id, name, is_active) select %s, name, true from unnest(%s::text[]) as n(name)"
            " on conflict (desk_id, name) do nothing",
            [desk_id, list(names)],
        )
    return _ids("people_team", desk_id, names)


def skill_ensure_many(desk_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the ids of the desk's skills by name, made where they are missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into people_skill (desk_id, name) select %s, name from unnest(%s::text[]) as n(name)"
            " on conflict (desk_id, name) do nothing",
            [desk_id, list(names)],
        )
    return _ids("people_skill", desk_id, names)


def person_ensure_many(desk_id: int, names: Sequence[str], *, zone: str) -> dict[str, int]:
    """Return the ids of the desk's people by name, made in *zone* where they are missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into people_person (desk_id, name, email, external_ref, zone, languages, wip_limit, is_robot,"
            " is_active, evidence, version) select %s, name, '', name, %s, '{}', 12, false, true, '{}', 1"
            " from unnest(%s::text[]) as n(name) on conflict (desk_id, name) do nothing",
            [desk_id, zone, list(names)],
        )
    return _ids("people_person", desk_id, names)


def membership_infer_many(desk_id: int, rows: Sequence[tuple[int, int, Mapping[str, Any]]]) -> int:
    """Replace the inferred memberships of the desk by *rows* of (team, person, evidence); return how many.

    A membership confirmed by hand stays as it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from people_membership as m using people_team as t"
            " where t.id = m.team_id and t.desk_id = %s and not m.is_confirmed",
            [desk_id],
        )
        cursor.execute(
            "insert into people_membership (team_id, person_id, is_confirmed, evidence) select team_id, person_id,"
            " false, evidence from jsonb_to_recordset(%s::jsonb) as r(team_id bigint, person_id bigint, evidence jsonb)"
            " on conflict (team_id, person_id) do nothing",
            [json.dumps([{"team_id": t, "person_id": p, "evidence": dict(e)} for t, p, e in rows])],
        )
        return int(cursor.rowcount)


def person_skill_infer_many(desk_id: int, rows: Sequence[tuple[int, int, int, Mapping[str, Any]]]) -> int:
    """Replace the inferred skills of the desk by *rows* of (person, skill, level, evidence); return how many.

    A skill confirmed by hand stays as it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from people_personskill as s using people_person as p"
            " where p.id = s.person_id and p.desk_id = %s and not s.is_confirmed",
            [desk_id],
        )
        cursor.execute(
            "insert into people_personskill (person_id, skill_id, level, is_confirmed, evidence)"
            " select person_id, skill_id, level, false, evidence from jsonb_to_recordset(%s::jsonb)"
            " as r(person_id bigint, skill_id bigint, level smallint, evidence jsonb)"
            " on conflict (person_id, skill_id) do nothing",
            [json.dumps([{"person_id": p, "skill_id": s, "level": n, "evidence": dict(e)} for p, s, n, e in rows])],
        )
        return int(cursor.rowcount)


def person_evidence_set(rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Keep with each person what the log suggests about who she is elsewhere; nothing is merged by it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update people_person as p set evidence = p.evidence || r.evidence"
            " from jsonb_to_recordset(%s::jsonb) as r(person_id bigint, evidence jsonb)"
            " where p.id = r.person_id and p.evidence is distinct from p.evidence || r.evidence",
            [json.dumps([{"person_id": person, "evidence": dict(evidence)} for person, evidence in rows.items()])],
        )


def team_members(desk_id: int) -> dict[int, list[int]]:
    """Return the people of each team of the desk, confirmed or not."""
    members: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.team_id, m.person_id from people_membership as m join people_team as t on t.id = m.team_id"
            " where t.desk_id = %s order by 1, 2",
            [desk_id],
        )
        for team_id, person_id in cursor.fetchall():
            members.setdefault(team_id, []).append(person_id)
    return members
