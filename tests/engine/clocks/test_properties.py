"""What holds of every clock, whatever the policy, the calendar and the life of the item."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.cases import cases
from tests.engine.clocks.cases_at_random import Tape, definitions, life, steady
from tests.engine.clocks.test_against_a_clerk import CASES, CHECKS, Case
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import EventKind
from watchbill.engine.clocks import ClockOutcome, ClockPolicy, Phase, run_clocks


def bare(outcome: ClockOutcome) -> ClockOutcome:
    """Without segments, which are made on request only."""
    return outcome._replace(segments=(), cycles=tuple(map(bare, outcome.cycles)))


@settings(max_examples=cases(0.1), deadline=None, suppress_health_check=CHECKS)
@given(*CASES)
def test_segments_add_up_and_ended_cycles_stay(place, written, policy, tapes, begin):
    """Running adds up to elapsed, paused to paused, without gaps; no event changes a cycle that ended before it."""
    case = Case(place, written)
    promised, events = case.policy(definitions(policy)), case.events(life(tapes, begin))
    ended: tuple[ClockOutcome, ...] = ()
    for count in range(1, len(events) + 1):
        (outcome,) = run_clocks(promised, case.calendars, events[:count])
        assert outcome.cycles[: len(ended)] == ended
        ended = outcome.cycles
    (told,) = run_clocks(promised, case.calendars, events, explain=True)
    assert bare(told) == outcome
    for cycle in (*told.cycles, told):
        if not cycle.segments:
            assert cycle.target is None
            continue
        assert (cycle.segments[0].from_at, cycle.segments[-1].to_at) == (cycle.started_at, None)
        assert all(one.to_at == other.from_at for one, other in pairwise(cycle.segments))
        for phase, total in ((Phase.RUNNING, cycle.elapsed), (Phase.PAUSED, cycle.paused)):
            parts = [one.business for one in cycle.segments if one.phase is phase]
            assert sum(parts, start=total - total) == total


@settings(max_examples=cases(0.05), deadline=None, suppress_health_check=CHECKS)
@given(*CASES, st.integers(0, 8), st.booleans())
def test_what_is_said_twice_changes_nothing(place, written, policy, tapes, begin, where, is_note):
    """An event that comes twice at one instant, or a note in between: the same clock. And so is the policy read from JSON."""
    case = Case(place, written)
    promised = [steady(Tape(tape)) for tape in policy[:2]]
    if len(promised) == 2:
        promised[1].targets = {"P1": 240}
        promised[0].targets.pop("P1", None)
    events = case.events(life(tapes, begin))
    where %= len(events)
    again = replace(events[where], merged_at=None, kind=EventKind.NOTE if is_note else events[where].kind)
    doubled = [*events[: where + 1], again, *events[where + 1 :]]
    outcomes = run_clocks(case.policy(promised), case.calendars, events)
    assert run_clocks(case.policy(promised), case.calendars, doubled) == outcomes
    body = json.loads(json.dumps(case.policy(promised).as_json()))
    try:
        read = ClockPolicy.from_json(body)
    except InvalidFacts:
        # It makes no sense, and is refused on entry; stored before that was known, it is read all the same.
        read = ClockPolicy.from_json(body, is_stored=True)
    assert run_clocks(read, case.calendars, events) == outcomes
