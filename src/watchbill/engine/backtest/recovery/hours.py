"""Who could work beside her own hours: on after her shift, or called in, within rest and the longest day."""

from __future__ import annotations

from watchbill.engine.backtest.facts import Span
from watchbill.engine.backtest.recovery.facts import HourRules, Situation, Worker
from watchbill.engine.backtest.recovery.outcome import Extra


def extra_of(worker: Worker, horizon_min: int, rules: HourRules) -> Extra | None:
    """Return the hours that somebody could work beside her own within [0, horizon), or None.

    Overtime begins where her shift ends, and makes no day longer than the longest; a call-in begins after notice and after rest
    from the shift before. Both end in time for the rest before the next shift. None: she is not to be asked, or less than the least is left.
    """
    if not worker.can_be_asked:
        return None
    here = [span for span in worker.spans if span[1] > 0 and span[0] < horizon_min]
    later = min((start for start, _ in worker.spans if start >= horizon_min), default=None)
    ends = [horizon_min] if later is None else [horizon_min, later - rules.rest_min]
    if here:
        start = here[-1][1]
        ends.append(_day_begun(worker, here[-1], rules) + rules.longest_day_min)
    else:
        last = max((end for _, end in worker.spans if end <= 0), default=None)
        start = rules.notice_min if last is None else max(rules.notice_min, last + rules.rest_min)
    end = min(*ends, start + rules.most_extra_min)
    if end - start < rules.least_extra_min:
        return None
    return Extra(person=worker.id, span=(start, end), is_overtime=bool(here))


def _day_begun(worker: Worker, last: Span, rules: HourRules) -> int:
    """When the day that ends with *last* began: all that is nearer together than a rest is one day."""
    begun = last[0]
    for start, end in sorted((span for span in worker.spans if span[1] <= last[0]), reverse=True):
        if begun - end >= rules.rest_min:
            break
        begun = start
    return begun


def extras_of(situation: Situation) -> list[Extra]:
    """Everybody's, by person."""
    found = (extra_of(one, situation.horizon_min, situation.rules) for one in situation.workers)
    return sorted((one for one in found if one is not None), key=lambda one: one.person)
