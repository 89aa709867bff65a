"""Balance in plain values: the same figures for the API and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.apps.core.references import ACT, MOVE, PERSON, is_reference, shown
from watchbill.apps.decisions.moves import MoveRow
from watchbill.engine.assign.moves import Move
from watchbill.engine.sense.due import Hour, passed_at
from watchbill.engine.sense.incoming import Expected
from watchbill.engine.sense.shares import Middle
from watchbill.engine.sense.workload import HORIZONS, Load, Terms
from watchbill.flows.balance.answering import Asked
from watchbill.flows.balance.loads import Loads
from watchbill.flows.balance.making import Made
from watchbill.flows.balance.shares import Line
from watchbill.flows.balance.suggesting import Suggested
from watchbill.flows.balance.telling import body_of, reasons_of


def _hours(minutes: float) -> float:
    return round(minutes / 60, 3)


def _load(load: Load, horizon_h: int) -> dict[str, Any]:
    ratio = load.ratio(horizon_h)
    return {
        **_terms(load),
        "due_h": _terms(load.due),
        "available_h": {str(h): _hours(load.available_min[h]) for h in HORIZONS},
        "load": None if ratio is None else round(ratio, 4),
    }


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        "incoming_h": _expected(terms.incoming),
        "backlog_h": _hours(terms.backlog_min),
        "handoffs_h": _hours(terms.handoffs_min),
        "in_progress_h": _hours(terms.in_progress_min),
        "total_h": _hours(terms.total_min),
    }


def _expected(one: Expected) -> dict[str, float]:
    return {"mean": _hours(one.mean_min), "low": _hours(one.low_min), "high": _hours(one.high_min)}


def _forecast(hours: tuple[Hour, ...]) -> dict[str, Any]:
    told = [
        {
            "work_h": _hours(hour.work_min), "low_h": _hours(hour.low_min), "high_h": _hours(hour.high_min),
            "capacity_h": _hours(hour.capacity_min), "all_h": _hours(hour.all_min),
        }
        for hour in hours
    ]  # fmt: skip
    return {"hours": told, "over_after_h": passed_at(hours)}


def loads_told(loads: Loads) -> dict[str, Any]:
    """The workload of a desk: whole, by region, team and skill, and by person the fullest first."""
    work, horizon = loads.workload, loads.workload.horizon_h
    ranked = sorted(work.people, key=lambda person: (-(work.people[person].ratio(horizon) or -1.0), person))
    return {
        "at": loads.now,
        "horizon_h": horizon,
        "history_weeks": work.history_weeks,
        "history_until": loads.history_until,
        "effort": "assumed by class",
        "desk": _load(work.desk, horizon),
        "regions": [
            {
                "region": None if region is None else loads.regions.get(region),
                **_load(load, horizon),
                "forecast": _forecast(work.forecast[region]),
            }
            for region, load in work.regions.items()
        ],
        "teams": _named(work.teams, loads.teams, "team", horizon),
        "skills": _named(work.skills, loads.skills, "skill", horizon),
        "people": [
            {
                "person": shown(PERSON, person),
                "name": loads.people[person].name,
                "region": loads.regions.get(loads.region_of(person) or 0),
                **_load(work.people[person], horizon),
            }
            for person in ranked
        ],
    }


def _named(found: Mapping[Any, Load], names: Mapping[int, str], what: str, horizon: int) -> list[dict[str, Any]]:
    return [{what: names[key], **_load(load, horizon)} for key, load in sorted(found.items()) if key in names]


def moves_told(found: Suggested) -> dict[str, Any]:
    """Moves that help and what all of them lead to."""
    outlook = found.outlook
    return {
        "policy_number": found.weighed.gathered.policy_number,
        "left_in_hour": found.left_in_hour,
        "scored_at": found.weighed.scored_at,
        "busiest_before": round(outlook.busiest_before, 4),
        "busiest_after": round(outlook.busiest_after, 4),
        "late_before": round(sum(outlook.late_before.values()), 4),
        "late_after": round(sum(outlook.late_after.values()), 4),
        "moves": [_move(found, move) for move in found.moves],
    }


def _move(found: Suggested, move: Move) -> dict[str, Any]:
    weighed = found.weighed
    return {
        "move": found.key(move),
        "item": weighed.item(move.item).reference,
        "title": weighed.item(move.item).title,
        "giver": _person(move.giver, weighed.gathered.names),
        "taker": _person(move.taker, weighed.gathered.names),
        "words": reasons_of(move),
        **body_of(move, weighed),
    }


def _person(person: int, names: Mapping[int, str]) -> dict[str, Any]:
    return {"person": shown(PERSON, person), "name": names[person]}


def made_told(made: Made) -> dict[str, Any]:
    """What became of the moves that were to be made."""
    return {
        "act": made.act if is_reference(ACT, made.act) else None,
        "done": made.done,
        "asked": made.asked,
        "left": [{"item": reference, "reason": why} for reference, why in made.left],
    }


def asked_told(one: Asked) -> dict[str, Any]:
    """A move that waits, and whether the caller may answer it."""
    return {**row_told(one.row), "may_answer": one.may_answer}


def row_told(row: MoveRow) -> dict[str, Any]:
    """One kept move."""
    names = ("status", "title", "asked_at", "answer_by_at", "answered_at", "reason", "body", "policy_number")
    return {
        "reference": shown(MOVE, row.id),
        "item": row.reference,
        "giver": {"person": shown(PERSON, row.giver_id), "name": row.giver},
        "taker": {"person": shown(PERSON, row.taker_id), "name": row.taker},
        "from_region": row.from_region or None,
        "to_region": row.to_region or None,
        **{name: getattr(row, name) for name in names},
        "asked_by": row.asked_by_name,
        "answered_by": row.answered_by_name,
        "act": row.act or None,
    }


def share_told(line: Line) -> dict[str, Any]:
    """One person's line of the ledger."""
    share = line.share
    return {
        "person": shown(PERSON, share.person),
        "name": line.name,
        "team": line.team or None,
        "items": share.received.items,
        "effort_h": _hours(share.received.effort_min),
        "present_h": _hours(share.received.present_min),
        "per_hour": _rounded(share.per_hour),
        "hard": _rounded(share.hard),
        "hard_items": {
            "top": line.top, "reopened": line.reopened, "bounced": line.bounced, "long": line.long,
        },
        "unpopular": _rounded(share.unpopular),
        "team_per_hour": _middle(share.team_per_hour),
        "team_hard": _middle(share.team_hard),
        "team_unpopular": _middle(share.team_unpopular),
    }  # fmt: skip


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


def _middle(one: Middle | None) -> dict[str, float | None] | None:
    return (
        None if one is None else {"median": _rounded(one.median), "low": _rounded(one.low), "high": _rounded(one.high)}
    )
