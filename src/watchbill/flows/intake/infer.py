"""What a desk's history says about its people, as a step of its own that can be seen, repeated and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.people import bulk as people
from watchbill.apps.people.queries import desk_by_id
from watchbill.apps.people.rights import Right, require
from watchbill.apps.shifts.bulk import usual_hours_infer_many
from watchbill.apps.work import history as work
from watchbill.engine.base.ids import PersonId, SkillId, TeamId
from watchbill.engine.intake import history
from watchbill.engine.intake.history import Active, Likeness, Met, Owned, Period, Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """How much was inferred: rows written by sort, people whose hours are their own, or their team's or the desk's, likenesses."""

    memberships: int
    skills: int
    hours: int
    people_own_hours: int
    people_team_hours: int
    likenesses: int


def infer(desk_id: int, *, by: Actor, now: datetime) -> Inferred:
    """Infer teams, skills, usual hours and likenesses of a desk's people from its events, each with its evidence.

    Replaces what was inferred before; what was confirmed by hand stays. Run again on the same events, it finds the
    same. One transaction.
    """
    require(by, Right.PEOPLE_EDIT, desk_id)
    zone = desk_by_id(desk_id).zone
    with transaction.atomic():
        memberships = _memberships(desk_id)
        skills = _skills(desk_id)
        likenesses = _likenesses(desk_id)
        inferred = _hours(desk_id, zone, likenesses, memberships=memberships, skills=skills)
        audit_add(
            "people_inferred", object_kind="desk", desk_id=desk_id,
            after={name: getattr(inferred, name) for name in Inferred.__slots__}, by=by, now=now,
        )  # fmt: skip
        desk_changed(desk_id)
    return inferred


def _evidence(items: int, period: Period, **more: Any) -> dict[str, Any]:
    span = [period.first_at.isoformat(), period.last_at.isoformat()]
    return {"counts": {"items": items}, "period": span, **more}


def _memberships(desk_id: int) -> int:
    owned = [
        Owned(person=PersonId(p), team=TeamId(t), items=n, period=Period(first_at=a, last_at=z))
        for p, t, n, a, z in work.owned_by_team(desk_id)
    ]
    return people.membership_infer_many(
        desk_id,
        [(m.team, m.person, _evidence(m.items, m.period, share=m.share)) for m in history.memberships(owned)],
    )


def _skills(desk_id: int) -> int:
    resolved = [
        Resolved(person=PersonId(p), skill=SkillId(s), items=n, period=Period(first_at=a, last_at=z))
        for p, s, n, a, z in work.resolved_by_skill(desk_id)
    ]
    return people.person_skill_infer_many(
        desk_id,
        [(s.person, s.skill, s.level, _evidence(s.items, s.period)) for s in history.skills(resolved)],
    )


def _likenesses(desk_id: int) -> dict[int, Likeness]:
    """Keep with each person who she probably is among those who write updates, and among those who resolve."""
    acting = _likely(work.resolvers_met(desk_id))
    resolving = _likely(work.resolved_names_met(desk_id))
    people.person_evidence_set(
        {
            person: {
                role: {"name": like.name, "counts": {"together": like.items, "of": like.of}}
                for role, like in (("acts_as", acting.get(person)), ("resolves_as", resolving.get(person)))
                if like is not None
            }
            for person in sorted({*acting, *resolving})
        }
    )
    return acting


def _likely(rows: list[tuple[Any, ...]]) -> dict[int, Likeness]:
    met = [Met(person=PersonId(p), name=name, items=n) for p, name, n in rows]
    return {like.person: like for like in history.likenesses(met)}


def _hours(desk_id: int, zone: str, likenesses: Mapping[int, Likeness], *, memberships: int, skills: int) -> Inferred:
    """Infer usual hours from what a person's likely name did, or else from what was done on items that she owned."""
    by_owner, owner_weeks = work.activity_by_owner(desk_id, zone)
    by_actor, actor_weeks = work.activity_by_actor(desk_id, zone)
    person_of = {like.name: person for person, like in likenesses.items()}
    cells = [(person_of[name], *rest) for name, *rest in by_actor if name in person_of]
    cells += [tuple(row) for row in by_owner if row[0] not in likenesses]
    weeks = {PersonId(p): n for p, n in owner_weeks.items() if p not in likenesses}
    weeks |= {PersonId(person): actor_weeks[name] for name, person in person_of.items() if name in actor_weeks}
    active = [Active(person=PersonId(p), weekday=d, hour=h, weeks=w, events=e) for p, d, h, w, e in cells]
    teams = {TeamId(t): [PersonId(p) for p in members] for t, members in people.team_members(desk_id).items()}
    found = history.usual_hours(active, weeks, teams)
    rows = [
        (
            hours.person, day, opens, closes,
            {"counts": {"events": hours.events, "weeks": hours.weeks}, "basis": hours.basis,
             "coverage": hours.coverage, "from": "acts" if hours.person in likenesses else "owned items"},
        )
        for hours in found
        for day, opens, closes in hours.intervals
    ]  # fmt: skip
    written = usual_hours_infer_many([hours.person for hours in found], rows)
    return Inferred(
        memberships=memberships, skills=skills, hours=written, likenesses=len(likenesses),
        people_own_hours=sum(hours.basis == "own" for hours in found),
        people_team_hours=sum(hours.basis != "own" for hours in found),
    )  # fmt: skip
