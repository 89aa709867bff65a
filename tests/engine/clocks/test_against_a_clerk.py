"""Clocks against a clerk who keeps a diary and counts minutes: random policies, calendars, zones and lives of items.

Ten thousand cases in CI, a thousand elsewhere: `tests.engine.cases`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.cases import cases
from tests.engine.clocks.cases_at_random import definitions, life
from tests.engine.clocks.clerk import Clerk, Said
from tests.engine.clocks.minutes import Opinion, counted
from tests.engine.walls import KNOWN, WRITTEN, body_of, open_steps, step_s
from watchbill.engine.base.combined import definition_of
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import (
    Choice,
    ClockDefinition,
    ClockEvent,
    ClockKind,
    ClockOutcome,
    ClockPolicy,
    TakeOver,
    Target,
    ZoneOf,
    run_clocks,
)  # fmt: skip
from watchbill.engine.clocks.expressions import parse

MINUTE = timedelta(minutes=1)
AHEAD = 800
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large)
MOMENTS = [each for each in KNOWN if step_s(*each) == 60]
POLICIES = st.lists(st.binary(min_size=20, max_size=90), min_size=1, max_size=3)
LIVES = st.lists(st.binary(min_size=6, max_size=10), min_size=1, max_size=9)
ASIDE = ("at", "event", "state", "owned", "actor", "priority", "merged")
CONDITIONS = ("when", "start", "stop", "pause", "resume", "cancel", "reopen", "reset")


class Case:
    """One case for both: the clerk's, and the same for the engine."""

    def __init__(self, place: tuple[str, datetime], written: Sequence[tuple]) -> None:
        self.zone, self.moment = place
        self.bodies = {
            name: body_of(said, self.zone, self.moment) for name, said in zip(("first", "second"), written, strict=True)
        }
        self.calendars = {name: definition_of(body) for name, body in self.bodies.items()}

    def at(self, minute: int) -> datetime:
        return self.moment + minute * MINUTE

    def minute(self, at: datetime | None) -> int | None:
        return None if at is None else (at - self.moment) // MINUTE

    def definition(self, said: Said) -> ClockDefinition:
        return ClockDefinition(
            kind=ClockKind.STAGE,
            name="promise",
            calendar=said.calendar,
            targets=tuple(Target(priority=Priority(int(name[1])), target_min=of) for name, of in said.targets.items()),
            zone_of=ZoneOf(said.zone_of),
            since=said.since,
            repeats=said.repeats,
            pause_limit_min=said.limit,
            warn_ratios=said.ratios,
            **{name: parse(getattr(said, name).text) for name in CONDITIONS},
            **{name: Choice(choice) for name, choice in said.choices.items()},
        )

    def policy(self, listed: Sequence[Said], version: int = 1, takes_over: str | None = None) -> ClockPolicy:
        return ClockPolicy(
            version=version,
            clocks=tuple(map(self.definition, listed)),
            takes_over=None if takes_over is None else Choice(takes_over),
        )

    def events(self, lived: Sequence[dict]) -> list[ClockEvent]:
        return [
            ClockEvent(
                at=self.at(one["at"]),
                kind=EventKind(one["event"]),
                state=State(one["state"]),
                priority=Priority(int(one["priority"][1])),
                owner=PersonId(7) if one["owned"] else None,
                actor=ActorKind(one["actor"]),
                facts={
                    **{name: value for name, value in one.items() if name not in ASIDE},
                    "attributes.since": self.at(one["attributes.since"]).isoformat(),
                },
                merged_at=None if one["merged"] is None else self.at(one["merged"]),
            )
            for one in lived
        ]

    def hours(self, name: str, zone: str, begin: int, end: int) -> list[bool]:
        """Whether a calendar, perhaps read in another zone, is open in each minute."""
        body = self.bodies[name]
        return open_steps({**body, "zone": zone} if zone else body, self.moment, 60, begin, end)

    def told(self, outcome: ClockOutcome, until: int) -> Opinion:
        """What the engine says, in the clerk's words; nothing beyond *until*, where his last minute ends.

        A promise is broken in a minute, the one that begins with its due: one that begins at *until* he does not look at.
        """

        def seen(at: datetime | None) -> int | None:
            minute = self.minute(at)
            return minute if minute is None or minute <= until else None

        is_absent = outcome.target is None
        return Opinion(
            status=outcome.status.value,
            target=None if is_absent else outcome.target // MINUTE,
            zone=outcome.zone,
            elapsed=outcome.elapsed / MINUTE,
            paused=outcome.paused / MINUTE,
            started=self.minute(outcome.started_at),
            stopped=self.minute(outcome.stopped_at),
            due=seen(outcome.due_at),
            breach=None if (breach := seen(outcome.breach_at)) == until else breach,
            warns=[at for at in map(seen, outcome.warn_ats) if at is not None],
            resumes=seen(outcome.resumes_at),
        )


def check(case: Case, policy: Sequence[bytes], tapes: Sequence[bytes], begin: int, later: Sequence[tuple]) -> None:
    """Every cycle, in every part that an outcome has. *later*: (minutes after the opening, choice, tapes)."""
    listed, lived = definitions(policy), life(tapes, begin)
    taking = [(begin + after, choice, definitions(each)) for after, choice, each in later]
    clerk, diary, heard = Clerk(listed, lived), [], list(taking)
    for one in lived:
        while heard and heard[0][0] < one["at"]:
            diary.append((heard[0][0], heard.pop(0)))
        diary.append((one["at"], one))
    diary += [(one[0], one) for one in heard]
    clerk.events = [
        one if isinstance(one, dict) else {**last_of(diary, place), "at": at, "event": "policy", "merged": None}
        for place, (at, one) in enumerate(diary)
    ]
    for place, (_, one) in enumerate(diary):
        if isinstance(one, dict):
            clerk.hear(place)
        else:
            clerk.take_over(place, one[2], one[1])
    calendars = case.calendars
    (outcome,) = run_clocks(
        case.policy(listed),
        calendars,
        case.events(lived),
        later=[
            TakeOver(at=case.at(at), policy=case.policy(each, number, choice), calendars=calendars)
            for number, (at, choice, each) in enumerate(taking, start=2)
        ],
    )
    last, lives = diary[-1][0], clerk.lives()
    for place, (one, found) in enumerate(zip(lives, (*outcome.cycles, outcome), strict=True)):
        has_ended = place < len(lives) - 1
        until = (one.strokes[-1].at if has_ended else last) + AHEAD
        assert case.told(found, until) == counted(one, last, until, case.hours, has_ended=has_ended)


def last_of(diary: Sequence[tuple], place: int) -> dict:
    """What was known of the item before an entry."""
    return next(one for _, one in reversed(diary[:place]) if isinstance(one, dict))


CASES = (st.sampled_from(MOMENTS), st.tuples(WRITTEN, WRITTEN), POLICIES, LIVES, st.integers(-1500, 300))


@settings(max_examples=cases(0.7), deadline=None, suppress_health_check=CHECKS)
@given(*CASES)
def test_a_clock_is_what_the_clerk_writes_down(place, written, policy, tapes, begin):
    """Several definitions by priority, customer and queue; conditions, choices, zones, cycles, limits and merges."""
    check(Case(place, written), policy, tapes, begin, ())


LATER = st.lists(
    st.tuples(st.integers(0, 2500), st.sampled_from(("keep", "restart", "retroactive")), POLICIES),
    min_size=1,
    max_size=2,
).map(lambda taking: sorted(taking, key=lambda one: one[0]))


@settings(max_examples=cases(0.15), deadline=None, suppress_health_check=CHECKS)
@given(*CASES, LATER)
def test_what_a_version_takes_over_is_what_the_clerk_makes_of_it(place, written, policy, tapes, begin, later):
    """A later version of the policy, or two, over open items: kept, begun anew, counted again."""
    check(Case(place, written), policy, tapes, begin, later)


def test_what_was_halted_listens_to_its_own_version():
    """Met under a version that begins anew at a condition, it does so under the next one as well, which knows no such condition."""
    resets = [b"\x00\x00\x00\x00\x03\x00\x00\x00B\x02\x00\x00\x00\x00\x00\x00\x00\x01\x07\x01"]
    plain = ([[], []], [0] * 7, [], {})
    lived = [bytes(6), b"\x00\x03\x00\x00\x00\x00"]
    check(Case(MOMENTS[0], (plain, plain)), resets, lived, 0, [(1, "keep", [bytes(20)])])
