"""Models of a learned desk: its people in their hours, and cases built leg by leg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from watchbill.engine.backtest.facts import Agent, Case, Leg, Model, Span
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.backtest.twin.history import NOBODY
from watchbill.engine.backtest.twin.promise import Promise
from watchbill.engine.backtest.twin.staff import ALL, Staff
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId, SkillId
from watchbill.engine.base.work import Priority

MINUTE_US = 60_000_000
ANYBODY = SkillId(1)
"""What everybody can do: work of a team of which nobody is known."""
TAIL_DAYS = 120
"""A model goes on for so long after its last opening, so that what came last can be finished."""
GONE_DAYS = 7
"""A team that works only later than this after an opening, or no more, does not take it: anybody does."""
STEP_MIN = 1
HANDOVER_MIN = 15


def skill_of(team: int) -> SkillId:
    """The skill that stands for the work of a team; NOBODY's is one, too."""
    return SkillId(team - NOBODY + 2)


class Piece(NamedTuple):
    """One leg of a case to be: team, effort and its class mean in minutes, wait outside, whether that pauses, delay before begin.

    where: the state in which it waits outside, as in `legs.Legs`.
    """

    team: int
    effort_min: float
    mean_min: float
    wait_min: int
    is_paused: bool
    delay_min: int
    where: int = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A case to be. opened_min, due_min: since the origin; pieces: at least one, the wait of the first counted from opening."""

    opened_min: int
    priority: Priority
    due_min: int
    pieces: Sequence[Piece]
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The people of a stretch of time, ready for any model on it.

    origin_us, until_us: from its first minute to the last minute that shifts are known for. availability: what share of their hours
    people have for this work; at most what their days leave room for.
    """

    origin_us: int
    until_us: int
    agents: tuple[Agent, ...]
    worked: Mapping[SkillId, Hours]
    promised: Mapping[Priority, Hours]
    spans: Mapping[int, Sequence[Span]] = field(default_factory=dict)

    def model(self, arrivals: Iterable[Arrival], *, horizon_min: int, seed: int) -> Model:
        """The cases of *arrivals*, numbered in their order, on this floor."""
        cases = tuple(self._case(number, one) for number, one in enumerate(arrivals, start=1))
        return Model(
            cases=cases, agents=self.agents, handover_min=HANDOVER_MIN, switch_min=0, step_min=STEP_MIN,
            horizon_min=horizon_min, seed=seed, promised=self.promised, worked=self.worked,
        )  # fmt: skip

    def _case(self, number: int, one: Arrival) -> Case:
        first, *later = one.pieces
        return Case(
            id=ItemId(number), opened_min=one.opened_min, due_min=max(one.due_min, one.opened_min + 1),
            priority=one.priority, skill=self.skill(first.team, one.opened_min), mean_min=max(1, round(first.mean_min)),
            effort_min=max(1, round(first.effort_min)), counts=one.counts, wait_min=first.wait_min,
            delay_min=first.delay_min,
            later=tuple(
                Leg(
                    skill=self.skill(piece.team, one.opened_min), mean_min=max(1, round(piece.mean_min)),
                    effort_min=max(1, round(piece.effort_min)), wait_min=piece.wait_min, is_paused=piece.is_paused,
                    delay_min=piece.delay_min,
                )
                for piece in later
            ),
        )  # fmt: skip

    def skill(self, team: int, at_min: int) -> SkillId:
        """Of the team's work, or ANYBODY's where the team does not work around *at_min* and after."""
        hours = self.worked.get(skill_of(team))
        if hours is None or not hours.starts:
            return ANYBODY
        if hours.starts[0] > at_min + GONE_DAYS * 1440 or hours.ends[-1] < at_min + GONE_DAYS * 1440:
            return ANYBODY
        return skill_of(team)


def floor_of(
    staff: Staff, promise: Promise, *, origin_us: int, until_us: int, pace: Mapping[int, float], capacity: int,
    availability: float = 1.0,
) -> Floor:  # fmt: skip
    """The people of *staff* between two instants.

    Raises InvalidFacts when nobody works then. O(people x days).
    """
    if availability <= 0:
        raise InvalidFacts(f"Availability must be above 0, got {availability}")
    spans = {who: _available(each, availability) for who, each in staff.spans(origin_us, until_us).items()}
    teams_of: dict[int, list[int]] = {}
    for team, members in staff.teams.items():
        for who in members:
            teams_of.setdefault(who, []).append(team)
    agents = tuple(
        Agent(
            id=PersonId(who + 1), region="", shifts=tuple(spans[who]), capacity=capacity, pace=pace.get(who, 1.0),
            skills={ANYBODY: 1, **{skill_of(team): 1 for team in sorted(teams_of.get(who, ()))}},
        )
        for who in sorted(spans)
        if spans[who]
    )  # fmt: skip
    if not agents:
        raise InvalidFacts("Nobody of the history works in the stretch that is asked about")
    working = staff.working(origin_us, until_us)
    worked = {
        skill_of(team): working[team] for team, members in staff.teams.items() if any(spans[who] for who in members)
    }
    worked[ANYBODY] = working[ALL]
    return Floor(
        origin_us=origin_us, until_us=until_us, agents=agents, worked=worked,
        promised=promise.open_minutes(origin_us, until_us), spans=spans,
    )  # fmt: skip


def _available(spans: Sequence[Span], share: float) -> list[Span]:
    """Spans shortened at their end, or lengthened up to the next one."""
    if share == 1.0:
        return list(spans)
    limits = [*(start for start, _ in spans[1:]), 1 << 40]
    cut = [
        (start, min(limit, start + round((end - start) * share)))
        for (start, end), limit in zip(spans, limits, strict=True)
    ]
    return [span for span in cut if span[0] < span[1]]
