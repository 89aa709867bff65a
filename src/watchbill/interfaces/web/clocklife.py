"""From the clocks of a case to their lives in words: every stretch with its event and its rule, and who held them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchbill.apps.people.queries import person_names
from watchbill.apps.work.queries import ItemDetail
from watchbill.apps.work.timeline import EventRow
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.time import seconds
from watchbill.engine.clocks import Cause, ClockEvent, ClockOutcome, ClockStatus, Phase
from watchbill.engine.clocks.durations import minutes_words
from watchbill.engine.clocks.held import Held, Holder, K, Party, Stint, held_by, stints_of, the_holder, the_team
from watchbill.engine.clocks.lived import Lived, calendar_of, lived
from watchbill.flows.clocklife import Lives, told_events
from watchbill.interfaces.web import words
from watchbill.interfaces.web.formats import MINUTE_S, moment, percent, plural
from watchbill.interfaces.web.timeline import Names, event_of, people_in
from watchbill.interfaces.web.viewmodels import clocks as model

PHASE = {
    Phase.RUNNING: "Running", Phase.PAUSED: "Paused", Phase.STOPPED: "Stopped", Phase.CANCELLED: "Called off",
    Phase.ABSENT: "Not promised",
}  # fmt: skip
LOOK = {Phase.RUNNING: "run", Phase.PAUSED: "pause"}
RULE = {
    Cause.STARTED: "it starts when",
    Cause.PAUSED: "it pauses while",
    Cause.RESUMED: "it runs on when",
    Cause.STOPPED: "it stops when",
    Cause.REOPENED: "it runs on when",
    Cause.CANCELLED: "it is called off when",
    Cause.RESTORED: "it comes back when",
    Cause.RETARGETED: "the target changes:",
    Cause.RECOUNTED: "it is counted anew:",
    Cause.RESTARTED: "it begins anew:",
    Cause.LIMIT: "it runs on:",
    Cause.WITHDRAWN: "it ends:",
}
"""How a cause leads into the condition that held."""
AGREEMENT = {"sla": ("SLA", "the customer"), "ola": ("OLA", "another team"), "uc": ("UC", "us, by a vendor")}
"""The short word of an agreement, and to whom it promises."""
PARTY = {
    Party.CUSTOMER: "Waiting for the customer", Party.VENDOR: "Waiting for a vendor", Party.OTHER: "Waiting for others",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One clock with all that is told of it: the segments of every cycle with theirs, up to now, and who held them."""

    key: str
    outcome: ClockOutcome
    label: str
    calendar: BusinessHours
    parts: Sequence[tuple[int, Lived]]
    stints: Sequence[Stint]
    safe_at: datetime | None = None

    def spent(self, phase: Phase) -> timedelta:
        """Return the business time of the present cycle in one phase, up to now."""
        mine = (each.segment for cycle, each in self.parts if cycle == self.outcome.cycle)
        return sum((segment.business for segment in mine if segment.phase is phase), timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What it takes to tell lives: the item, its events with the rows behind them, the names in them, the instant.

    *here* leads to a stretch in words by its id, *event_href* to an event of the timeline by its number.
    """

    item: ItemDetail
    lives: Lives
    clocks: Sequence[Known]
    rows: Sequence[EventRow | None]
    names: Names
    now: datetime
    here: Callable[[str], str]
    event_href: Callable[[int], str]


def teller_of(
    item: ItemDetail,
    lives: Lives,
    queues: Mapping[int, str],
    *,
    now: datetime,
    here: Callable[[str], str],
    event_href: Callable[[int], str],
) -> Teller:
    """Return who tells the lives of the clocks of *item*: two queries, for events and for names."""
    rows = told_events(item.id, lives.events) if lives.outcomes else []
    owners = {int(event.owner) for event in lives.events if event.owner is not None}
    return Teller(
        item=item,
        lives=lives,
        clocks=known_clocks(lives, now),
        rows=rows,
        names=Names(person_names(sorted(people_in([row for row in rows if row]) | owners)), queues),
        now=now,
        here=here,
        event_href=event_href,
    )


def known_clocks(lives: Lives, now: datetime) -> list[Known]:
    """Return the clocks that run or ran."""
    found = []
    for number, one in enumerate(lives.outcomes):
        cycles = [*one.cycles, one]
        parts = [(cycle.cycle, part) for cycle in cycles for part in lived(cycle, lives.calendars, now)]
        if one.status is ClockStatus.ABSENT or not parts:
            continue
        found.append(
            Known(
                key=f"clock-{number}",
                outcome=one,
                label=words.clock(one.name),
                calendar=calendar_of(parts[-1][1].segment, lives.calendars),
                parts=parts,
                stints=[
                    stint for cycle in cycles for stint in stints_of(lives.events, cycle, lives.calendars, now=now)
                ],
                safe_at=lives.safe_ats.get(one.name) if one.status is ClockStatus.RUNNING else None,
            )
        )
    return found


def business_words(time: timedelta) -> str:
    """Write business time: "40 s", "45 min", "52 h"; never in days, which would be ambiguous."""
    whole = seconds(time)
    return f"{whole} s" if 0 < whole < MINUTE_S else minutes_words(whole // MINUTE_S)


def life_of(teller: Teller, known: Known, *, most: int = 0) -> model.Life:
    """Tell one clock; *most*: only its latest stretches, 0 for all of them."""
    stretches = stretches_of(teller, known)
    left_out = max(len(stretches) - most, 0) if most else 0
    agreement, to_whom = AGREEMENT[known.outcome.agreement]
    return model.Life(
        id=known.key,
        title=f"{known.label}, {agreement}",
        about=f"A promise to {to_whom}, in business time of {calendar_words(known)}. Instants are in UTC.",
        instants=instants_of(known, teller.now),
        stretches=stretches[left_out:],
        holders=holders_of(teller, known),
        teams=teams_of(known),
        left_out=left_out,
    )


def calendar_words(known: Known) -> str:
    return f"the calendar “{known.outcome.calendar}”, {known.calendar.zone}"


def instants_of(clock: Known, now: datetime) -> list[tuple[str, str]]:
    """Return what happens when: start, warnings, due, breach, end; and which cycle it is."""
    one = clock.outcome
    verdict = {ClockStatus.MET: "Met", ClockStatus.MISSED: "Missed", ClockStatus.CANCELLED: "Called off"}
    many = len(one.warn_ats) > 1
    known = (
        ("Started", one.started_at),
        *((f"Warning {number}" if many else "Warning", at) for number, at in enumerate(one.warn_ats, start=1)),
        ("Latest safe moment", clock.safe_at),
        ("Pause ends by itself", one.resumes_at),
        ("Due", one.due_at),
        ("Breached", one.breach_at if one.is_breached(now) else None),
        (verdict.get(one.status, ""), one.stopped_at),
    )
    told = [(label, moment(at, now)) for label, at in known if label and at is not None]
    return [("Cycle", str(one.cycle)), *told] if one.cycles else told


def stretches_of(teller: Teller, known: Known) -> list[model.Stretch]:
    """Tell every segment of one clock, in order, those of ended cycles first."""
    told = []
    sofar, present = timedelta(), 0
    for place, (cycle, part) in enumerate(known.parts, start=1):
        sofar = sofar if cycle == present else timedelta()
        present = cycle
        if part.segment.phase is Phase.RUNNING:
            sofar += part.segment.business
        told.append(_stretch(teller, known, f"{known.key}-{place}", cycle, part, sofar))
    return told


def _stretch(teller: Teller, known: Known, key: str, cycle: int, part: Lived, sofar: timedelta) -> model.Stretch:
    each = part.segment
    row = teller.rows[each.event] if each.event < len(teller.rows) else None
    lasts = each.to_at is None and cycle == known.outcome.cycle
    zone = calendar_of(each, teller.lives.calendars).zone
    is_other = (each.calendar, zone) != (known.outcome.calendar, known.calendar.zone)
    return model.Stretch(
        id=key,
        look=LOOK.get(each.phase, "stop"),
        phase=PHASE.get(each.phase, each.phase.capitalize()) + (f", cycle {cycle}" if known.outcome.cycles else ""),
        since=moment(each.from_at, teller.now),
        until="" if lasts else moment(part.until, teller.now),
        business=business_words(each.business) if each.phase in {Phase.RUNNING, Phase.PAUSED} else "not counted",
        shown=business_words(sofar) + _promised(each.target, known.outcome.target),
        event=_event_words(teller, row, teller.lives.events[each.event]),
        event_href=teller.event_href(row.seq) if row else "",
        rule=rule_words(each.cause, each.because) + (f"; on “{each.calendar}”, {zone}" if is_other else ""),
    )


def _promised(target: timedelta | None, now: timedelta | None) -> str:
    """Say what was promised in a stretch: " of 8 h", or " of 16 h then" where that is not what is promised now."""
    if target is None:
        return ""
    return f" of {business_words(target)}" + (" then" if target != now else "")


def rule_words(cause: Cause, because: str) -> str:
    """Say which rule began a segment."""
    said = because.replace("_", " ")
    return said if said.startswith(("the reason", "it ")) else f"{RULE[cause]} {said}"


def _event_words(teller: Teller, row: EventRow | None, event: ClockEvent) -> str:
    if row is None:
        return event.kind.replace("_", " ")
    told = event_of(row, teller.names, now=teller.now)
    return f"{told.actor} {told.act}"


def sentence_of(stretch: model.Stretch, known: Known) -> str:
    """Say a stretch in one breath: what the chart tells whoever points at it."""
    span = f"from {stretch.since} to {stretch.until}" if stretch.until else f"since {stretch.since}"
    time = {"run": f"{stretch.business} of business time", "pause": f"{stretch.business} that do not count"}
    amount = f": {time[stretch.look]}, {stretch.shown} used" if stretch.look in time else ""
    about = words.capital(calendar_words(known).removeprefix("the "))
    event = words.capital(stretch.event)
    return f"{known.label}, {stretch.phase.lower()} {span}{amount}. {event}; {stretch.rule}. {about}"


# Who held it


def holders_of(teller: Teller, known: Known, *, href: str = "", most: int = 0) -> model.Held:
    """Return what each owner, queue without an owner and waiting party had of one clock; *most*: those with the most only."""
    found = held_by(known.stints, the_holder)
    told = _held(known.label, found, lambda who: _holder_words(teller.names, who), href)
    return replace(told, bars=told.bars[:most], left_out=max(len(found) - most, 0)) if most else told


def teams_of(known: Known) -> model.Held | None:
    """Return what each team had of one clock, if there is more than one to tell of."""
    found = held_by(known.stints, the_team)
    return _held("By team", found, lambda who: who or "No team", "") if len(found) > 1 else None


def _held(title: str, found: Sequence[Held[K]], name: Callable[[K], str], href: str) -> model.Held:
    longest = max((seconds(one.business) for one in found), default=0) or 1
    return model.Held(
        title=title,
        whole=business_words(sum((one.business for one in found), timedelta())),
        bars=[
            model.HeldBar(
                name=name(one.who),
                share=percent(one.share),
                running=business_words(one.running) if one.running else "",
                paused=business_words(one.paused) if one.paused else "",
                turns=plural(one.turns, "turn"),
                run_w=round(seconds(one.running) / longest * 100, 1),
                pause_w=round(seconds(one.paused) / longest * 100, 1),
            )
            for one in found
        ],
        href=href,
    )


def _holder_words(names: Names, who: Holder) -> str:
    if who.party is Party.OWNER:
        return names.person(who.owner)
    if who.party is Party.UNASSIGNED:
        place = who.queue or who.team
        return f"Nobody, in {place}" if place else "Nobody"
    return PARTY[who.party]
