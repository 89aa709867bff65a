"""Traffic control at a change of region: per item keep it with its owner, pass it with the sun, or park it until she is back.

Source: ours. The three choices are those that a desk around the clock has at every change of watch; each is judged by the
promises it would lose, then by the time it costs. docs/algorithms/stuck.md, "Changes of region", has a worked number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from watchbill.engine.assign.facts import ItemFacts, PersonFacts
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rules import ABLE, speed_of
from watchbill.engine.assign.words import left_out
from watchbill.engine.base.ids import ItemId, RegionId
from watchbill.engine.base.time import require_instant
from watchbill.engine.clocks.durations import minutes_words


class Choice(StrEnum):
    """What becomes of an item at a change of region."""

    KEEP = "keep"
    PASS_ON = "pass"  # noqa: S105 -- no password
    PARK = "park"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRegion:
    """A region that is at work when the other goes home, or before the owner is back.

    opens_at: from when on somebody is there. people: who is. load_ratio: effort carried over staffed time ahead.
    """

    id: RegionId
    name: str
    opens_at: datetime
    people: Sequence[PersonFacts]
    load_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One item whose owner goes home: when she leaves and is back, and whether a person has pinned it to her."""

    item: ItemFacts
    owner: str
    leaves_at: datetime
    returns_at: datetime
    is_pinned: bool = False

    def __post_init__(self) -> None:
        require_instant(self.leaves_at, "Going.leaves_at")
        require_instant(self.returns_at, "Going.returns_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A choice that was not made, and why."""

    choice: Choice
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficDecision:
    """What becomes of one item, why, and what spoke against the other two. region: to whom it is passed."""

    item: ItemId
    choice: Choice
    reason: str
    rejected: tuple[Rejected, ...]
    region: RegionId | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """What passing to one region leads to: promises lost, when the work would be done, and how many each must leaves out."""

    lost: int
    done_at: datetime
    region: NextRegion
    skilled: int
    against: Counter[str]


def decide_traffic(going: Going, regions: Sequence[NextRegion], policy: Policy, *, now: datetime) -> TrafficDecision:
    """Decide one item at a change of region.

    Kept: what is pinned, and what its owner finishes before she leaves. Passed: what would lose a promise by waiting for
    her, and loses fewer with a region that has somebody able; above the load limit only if it then loses none; and what the
    policy works on around the clock, where that is done sooner. Parked: the rest, because a handover would cost time and win nothing. Ties: the region that is done first. O(regions x people).
    """
    item = going.item
    if going.is_pinned:
        return _kept(going, "somebody has pinned it to its owner", "it is pinned", "it is pinned")
    left = max(timedelta(0), going.leaves_at - now)
    if timedelta(minutes=item.effort_min) <= left + timedelta(minutes=policy.shift_grace_min):
        why = f"{going.owner} can finish it before she leaves ({minutes_words(item.effort_min)} of work, {_span(left)} left)"
        return _kept(going, why, "it needs no handover", "it can be finished today")
    hers_at = going.returns_at + timedelta(minutes=item.effort_min)
    lost = _lost(item, hers_at, going.returns_at, now=now)
    ways = sorted((_way(going, region, policy, now=now) for region in regions), key=_order)
    best = next((way for way in ways if way.skilled), None)
    if lost and best is not None and not (against := _against(going, best, lost, policy)):
        return _passed(going, best, lost, now=now)
    if not lost and best is not None and item.priority <= policy.sun_always and _is_sooner(best, hers_at, policy):
        return _around_the_clock(going, best, hers_at, now=now)
    if not lost:
        is_late = any(promise.due_at <= now for promise in item.commitments)
        before = "no promise that can still be kept is lost by then" if is_late else "before any promise is lost"
        back = f"{going.owner} is back in {_span(going.returns_at - now)}{';' if is_late else ','} {before}"
        cost = f"a handover would cost {minutes_words(policy.handover_min)} and win nothing"
        return _parked(going, back, _nobody(ways) if best is None else cost)
    why = _nobody(ways) if best is None else against
    return _parked(going, f"{_promises(lost)} until {going.owner} is back, but {why}", why)


def _against(going: Going, best: _Way, lost: int, policy: Policy) -> str:
    """Why even the best region is not passed an item that loses promises by waiting; empty when it is."""
    if not policy.sun_moves:
        return "the policy does not pass work with the sun"
    if best.lost >= lost and best.done_at >= going.returns_at:
        return f"{best.region.name} would be late as well"
    if best.lost and best.region.load_ratio > policy.sun_load_limit:
        return f"{best.region.name} carries {best.region.load_ratio:.0%} of its time and would still be late"
    return ""


def _is_sooner(best: _Way, hers_at: datetime, policy: Policy) -> bool:
    """Whether a region may be given what is worked on around the clock: it is done before its owner would be, and has room."""
    return policy.sun_moves and best.done_at < hers_at and best.region.load_ratio <= policy.sun_load_limit


def _way(going: Going, region: NextRegion, policy: Policy, *, now: datetime) -> _Way:
    """Work out what passing to *region* leads to: its best able person after the handover, slowed by load above the knee."""
    item = going.item
    failed = [next((must.__name__ for must in ABLE if not must(item, one, policy)), "") for one in region.people]
    able = [person for person, must in zip(region.people, failed, strict=True) if not must]
    speed = max((speed_of(item, person, policy) for person in able), default=1.0)
    slowed = 1.0 + max(0.0, region.load_ratio - policy.load_knee)
    begins = max(now, region.opens_at) + timedelta(minutes=policy.handover_min)
    done_at = begins + timedelta(minutes=item.effort_min / speed * slowed)
    return _Way(_lost(item, done_at, begins, now=now), done_at, region, len(able), Counter(filter(None, failed)))


def _lost(item: ItemFacts, done_at: datetime, begins_at: datetime, *, now: datetime) -> int:
    """How many promises still to be kept fall due first: a resolution before it is done, others before it is begun."""
    return sum(
        1
        for promise in item.commitments
        if now < promise.due_at < (done_at if promise.kind == "resolution" else begins_at)
    )


def _order(way: _Way) -> tuple[int, datetime, int]:
    return way.lost, way.done_at, way.region.id


def _kept(going: Going, why: str, not_passed: str, not_parked: str) -> TrafficDecision:
    rejected = (Rejected(choice=Choice.PASS_ON, words=not_passed), Rejected(choice=Choice.PARK, words=not_parked))
    return TrafficDecision(item=going.item.id, choice=Choice.KEEP, reason=why, rejected=rejected)


def _parked(going: Going, why: str, not_passed: str) -> TrafficDecision:
    rejected = (Rejected(choice=Choice.PASS_ON, words=not_passed), Rejected(choice=Choice.KEEP, words=_no_time(going)))
    return TrafficDecision(item=going.item.id, choice=Choice.PARK, reason=why, rejected=rejected)


def _passed(going: Going, way: _Way, lost_parked: int, *, now: datetime) -> TrafficDecision:
    instead = "none with" if not way.lost else f"{way.lost} with"
    why = (
        f"{_promises(lost_parked)} until {going.owner} is back, {instead} {way.region.name}, where"
        f" {_able(way)} and it is done in {_span(way.done_at - now)}"
    )
    return _with(going, way, why, f"{_promises(lost_parked)} by waiting")


def _around_the_clock(going: Going, way: _Way, hers_at: datetime, *, now: datetime) -> TrafficDecision:
    why = (
        f"P{int(going.item.priority)} is worked on around the clock: with {way.region.name}, where {_able(way)}, it is done in"
        f" {_span(way.done_at - now)}"
    )
    return _with(going, way, why, f"{going.owner} would be done in {_span(hers_at - now)}")


def _able(way: _Way) -> str:
    return f"{way.skilled} {'person' if way.skilled == 1 else 'people'} can take it"


def _with(going: Going, way: _Way, why: str, not_parked: str) -> TrafficDecision:
    rejected = (
        Rejected(choice=Choice.KEEP, words=_no_time(going)),
        Rejected(choice=Choice.PARK, words=not_parked),
    )
    return TrafficDecision(
        item=going.item.id, choice=Choice.PASS_ON, reason=why, rejected=rejected, region=way.region.id
    )


def _no_time(going: Going) -> str:
    return f"{minutes_words(going.item.effort_min)} of work do not fit before {going.owner} leaves"


def _nobody(ways: Sequence[_Way]) -> str:
    """Why it cannot be passed to anybody: no region, or what each must leaves out of those that are there."""
    if not ways:
        return "no other region is at work by then"
    against = sum((way.against for way in ways), Counter[str]())
    said = ", ".join(left_out(must.__name__, against[must.__name__]) for must in ABLE if against[must.__name__])
    return f"nobody able is at work in {', '.join(way.region.name for way in ways)}: {said}"


def _promises(lost: int) -> str:
    return "a promise would be lost" if lost == 1 else f"{lost} promises would be lost"


def _span(span: timedelta) -> str:
    return minutes_words(max(0, round(span.total_seconds() / 60)))
