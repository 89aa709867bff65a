"""What the clocks of one item are under the policy that holds for it, and what they would be under a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.apps.work.queries import work_get
from watchbill.apps.work.queues import queue_names
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks import ClockStatus
from watchbill.flows.clocklife import lives_of, lives_under
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.caseclocks import chart_of, note_of
from watchbill.interfaces.web.clocklife import Known, business_words, known_clocks, teller_of
from watchbill.interfaces.web.viewmodels.clockpolicy import ClockLine, ClockTrial


def clock_trial(visit: Visit, body: Mapping[str, Any], reference: str) -> ClockTrial:
    """Return the clocks of an item now and under a draft. Raises NotFound, InvalidFacts; nothing is written."""
    if not reference:
        raise InvalidFacts("Paste the reference of a case, such as CASE-10042", field="reference")
    item = work_get(reference, by=visit.actor)
    if item.desk_id != visit.desk.id:
        raise InvalidFacts(f"{item.reference} is of another desk, with a clock policy of its own", field="reference")
    draft = lives_under(body, item.desk_id, item.id, visit.now)
    clocks_href = visit.href("case-clocks", item.reference)
    teller = teller_of(
        item, draft, queue_names(item.desk_id, by=visit.actor), now=visit.now, here=lambda _: clocks_href,
        event_href=lambda _: clocks_href,
    )  # fmt: skip
    now = {one.outcome.name: one for one in known_clocks(lives_of(item.desk_id, item.id, visit.now), visit.now)}
    then = {one.outcome.name: one for one in teller.clocks}
    kept_lives = lives_under(body, item.desk_id, item.id, visit.now, is_kept=True)
    kept = {one.outcome.name: one for one in known_clocks(kept_lives, visit.now)}
    lines = [
        ClockLine(
            label=(then.get(name) or now[name]).label,
            now=_said(visit, now.get(name)),
            then=_said(visit, then.get(name)),
            note=_calendar_note(now.get(name), then.get(name), kept.get(name)),
        )
        for name in dict.fromkeys([*now, *then])
    ]
    return ClockTrial(
        reference=item.reference,
        href=visit.href("case", item.reference),
        lines=lines,
        chart=chart_of(teller),
        is_same=all(line.now == line.then for line in lines),
    )


def _calendar_note(now: Known | None, then: Known | None, kept: Known | None) -> str:
    """Say it when a clock is due otherwise for its calendar alone, which was changed after the item was opened."""
    if now is None or then is None or kept is None or now.outcome.due_at == then.outcome.due_at:
        return ""
    if kept.outcome.due_at == now.outcome.due_at:
        return (
            f"Not for the draft: the calendar “{then.outcome.calendar}” was changed after the item was opened, which keeps"
            " the version of then"
        )
    if kept.outcome.due_at != then.outcome.due_at:
        return f"Also for the calendar “{then.outcome.calendar}”, which was changed after the item was opened"
    return ""


def _said(visit: Visit, known: Known | None) -> str:
    if known is None:
        return "no such clock"
    one = known.outcome
    target = f"{business_words(one.target)} on {one.calendar}: " if one.target is not None else ""
    breached = ", breached" if one.is_breached(visit.now) and one.status is ClockStatus.RUNNING else ""
    return f"{target}{note_of(one, now=visit.now)}{breached if 'breached' not in note_of(one, now=visit.now) else ''}"
