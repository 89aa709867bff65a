"""A clock as plain JSON and in lines of text: how it stands, its life in segments, and who held it.

Every key is documented in docs/reference/clocks-by-hand.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.time import seconds
from watchbill.engine.clocks.decide import elapsed_at, remaining_at
from watchbill.engine.clocks.facts import ClockEvent
from watchbill.engine.clocks.held import Held, held_by, stints_of, the_holder, the_team
from watchbill.engine.clocks.lived import Lived, calendar_of, hours_of, lived
from watchbill.engine.clocks.outcome import Cause, ClockOutcome, ClockStatus, Phase

RULES: Mapping[Cause, str] = {
    Cause.STARTED: "start",
    Cause.PAUSED: "pause",
    Cause.RESUMED: "resume",
    Cause.STOPPED: "stop",
    Cause.REOPENED: "reopen",
    Cause.CANCELLED: "cancel",
    Cause.RESTORED: "cancel",
    Cause.RETARGETED: "targets_min",
    Cause.LIMIT: "pause_limit_min",
    Cause.WITHDRAWN: "when",
}
"""Which part of a definition each cause comes from by itself; a segment says where it is another, as with what counts anew."""


def told(
    outcome: ClockOutcome,
    events: Sequence[ClockEvent],
    calendars: Mapping[str, BusinessHours],
    now: datetime,
    *,
    names: Mapping[PersonId, str],
) -> dict[str, Any]:
    """Return a clock as plain JSON, as it stands at *now* if nothing has happened since its last event.

    Durations are whole seconds of business time; ``remaining_s`` is negative by how much it is over. The running
    segments add up to ``elapsed_s`` and the paused ones to ``paused_s``; so do the holders, and so do the teams, but for
    parts of a second. *names* are those of owners.
    """
    life = lived(outcome, calendars, now)
    calendar = hours_of(outcome, calendars)
    remaining = remaining_at(outcome, calendar, now)
    stints = stints_of(events, outcome, calendars, now=now)
    return {
        "name": outcome.name,
        "kind": outcome.kind.value,
        "agreement": outcome.agreement.value,
        "cycle": outcome.cycle,
        "calendar": outcome.calendar,
        "zone": calendar.zone,
        "status": outcome.status.value,
        "is_breached": outcome.is_breached(now),
        "target_s": None if outcome.target is None else seconds(outcome.target),
        "elapsed_s": seconds(elapsed_at(outcome, calendar, now)),
        "remaining_s": None if remaining is None else seconds(remaining),
        "paused_s": seconds(
            sum((each.business for each, _ in life if each.phase is Phase.PAUSED), timedelta())
            if life
            else outcome.paused
        ),
        "started_at": _written(outcome.started_at),
        "stopped_at": _written(outcome.stopped_at),
        "warn_at": _written(outcome.warn_at),
        "warn_ats": [_written(at) for at in outcome.warn_ats],
        "due_at": _written(outcome.due_at),
        "resumes_at": _written(outcome.resumes_at),
        "safe_at": None,  # learned from the history of a desk, of which a clock by hand knows nothing
        "breached_at": _written(outcome.breach_at) if outcome.is_breached(now) else None,
        "segments": [_segment(one, calendars) for one in life],
        "holders": [
            {
                "party": held.who.party.value,
                "owner": None if held.who.owner is None else names.get(held.who.owner, str(held.who.owner)),
                "queue": held.who.queue or None,
                "team": held.who.team or None,
                **_had(held),
            }
            for held in held_by(stints, the_holder)
        ],
        "teams": [{"team": held.who or None, **_had(held)} for held in held_by(stints, the_team)],
        "cycles": [_cycle(each) for each in outcome.cycles],
    }


def _segment(one: Lived, calendars: Mapping[str, BusinessHours]) -> dict[str, Any]:
    each = one.segment
    return {
        "phase": each.phase.value,
        "from_at": _written(each.from_at),
        "to_at": _written(each.to_at),
        "business_s": seconds(each.business),
        "target_s": None if each.target is None else seconds(each.target),
        "calendar": each.calendar,
        "zone": calendar_of(each, calendars).zone,
        "cause": each.cause.value,
        "rule": each.rule or RULES[each.cause],
        "event": each.event,
        "because": each.because,
    }


def _cycle(ended: ClockOutcome) -> dict[str, Any]:
    return {
        "cycle": ended.cycle,
        "status": ended.status.value,
        "target_s": None if ended.target is None else seconds(ended.target),
        "elapsed_s": seconds(ended.elapsed),
        "paused_s": seconds(ended.paused),
        "started_at": _written(ended.started_at),
        "stopped_at": _written(ended.stopped_at or ended.as_of),
        "due_at": _written(ended.due_at),
        "breached_at": _written(ended.breach_at) if ended.is_breached(ended.as_of) else None,
    }


def _had(held: Held[Any]) -> dict[str, Any]:
    return {
        "running_s": seconds(held.running),
        "paused_s": seconds(held.paused),
        "share": round(held.share, 4),
        "turns": held.turns,
    }


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def sentences(clock: Mapping[str, Any]) -> Sequence[str]:
    """Return a clock of `told` in words: how it stands, its ended cycles, each segment, and who held it."""
    lines = [
        f"{clock['name']} ({clock['agreement']}): {clock['status']}" + (", breached" if clock["is_breached"] else "")
        + (f", due {clock['due_at']}" if clock["due_at"] else "")
        + f"; {_hours(clock['elapsed_s'])} on the clock"
        + (f" of {_hours(clock['target_s'])}" if clock["target_s"] is not None else "")
        + _left(clock)
        + (f", {_hours(clock['paused_s'])} paused" if clock["paused_s"] else "")
        + f" (business time of the calendar {clock['calendar']}, {clock['zone']})"
    ]  # fmt: skip
    lines += [
        f"  cycle {each['cycle']}: {each['status']} {each['stopped_at']}, after {_hours(each['elapsed_s'])}"
        for each in clock["cycles"]
    ]
    for each in clock["segments"]:
        until = f"to {each['to_at']}" if each["to_at"] else "on"
        lines.append(
            f"  {each['phase']} from {each['from_at']} {until}: {_hours(each['business_s'])}{_promised(each, clock)}; "
            f"{each['cause']}, because {each['because']}"
        )
    return lines + [_holder_line(held) for held in clock["holders"]]


def _left(clock: Mapping[str, Any]) -> str:
    """Return what a clock that lasts has left, or by how much it is over: ", 1:30:00 left"."""
    remaining = clock["remaining_s"]
    if remaining is None or clock["status"] not in {ClockStatus.RUNNING, ClockStatus.PAUSED}:
        return ""
    return f", {_hours(abs(remaining))} {'over' if clock['is_breached'] else 'left'}"


def _promised(segment: Mapping[str, Any], clock: Mapping[str, Any]) -> str:
    """Return what was promised in a segment, where it is not what is promised now: ", 4:00:00 promised then"."""
    target = segment["target_s"]
    if target == clock["target_s"]:
        return ""
    return f", {'nothing' if target is None else _hours(target)} promised then"


def _holder_line(held: Mapping[str, Any]) -> str:
    """Return one holder: "  held by Ann: 4:00:00 running, 0:30:00 paused (31%)"."""
    place = held["queue"] or held["team"]
    who = {
        "owner": held["owner"],
        "unassigned": "nobody" + (f", in {place}" if place else ""),
    }.get(held["party"], f"{held['party']} (waited for)")
    paused = f", {_hours(held['paused_s'])} paused" if held["paused_s"] else ""
    return f"  held by {who}: {_hours(held['running_s'])} running{paused} ({round(held['share'] * 100)}%)"


def _hours(whole: int) -> str:
    sign, left = ("-", -whole) if whole < 0 else ("", whole)
    hours, rest = divmod(left, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}:{secs:02}"
