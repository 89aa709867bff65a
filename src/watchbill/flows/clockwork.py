"""The movable clock of a demo, and what its pages may know and ask: nothing here works in a real installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchbill.apps.core import services
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import DeskClock, Story, story_get
from watchbill.apps.people import demo_users
from watchbill.apps.people.demo_users import DemoUser
from watchbill.apps.people.rights import Right, may_somewhere, sentence_of
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, NotFound

RATES_MIN: tuple[int, ...] = (1, 2, 5, 10, 30)
"""The speeds that pages offer, in desk minutes a second."""
SLOWEST, FASTEST = 60.0, services.FASTEST_RATE
JUMPS_H: tuple[int, ...] = (1, 4, 24)
"""The jumps that pages offer, in hours."""
MOST_JUMP = timedelta(days=7)
KEEPS_UP = 0.9
"""The share of the speed asked for from which on a machine counts as keeping up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoState:
    """Where a demo stands. Speeds are in desk minutes a second; ``share`` is how much of the story has been told.

    ``reached``: the speed that the machine reaches, when that is less than was asked for. ``jump_share``: how far a jump
    to ``jump_to_at`` has come, from 0 to 1; ``jump_speed``: how fast, once that can be said.
    """

    story: Story
    now: datetime
    is_playing: bool
    is_over: bool
    speed: float
    reached: float | None
    share: float
    jump_to_at: datetime | None
    jump_share: float | None
    jump_speed: float | None


def demo_state(clock: DeskClock, *, now: datetime) -> DemoState | None:
    """Return where the demo stands at desk time *now*, or None in a real installation: one query."""
    story = story_get() if clock.is_moved else None
    if story is None:
        return None
    reached = None if clock.reached_rate is None else clock.reached_rate / 60
    is_jumping, is_over = clock.jump_to_at is not None, now >= story.ends_at
    is_slow = not is_jumping and clock.reached_rate is not None and clock.reached_rate < KEEPS_UP * clock.rate
    return DemoState(
        story=story,
        now=now,
        is_playing=clock.rate > 0 and not is_over,
        is_over=is_over,
        speed=clock.rate / 60,
        reached=reached if is_slow and not is_over else None,
        share=_share(now, story.starts_at, story.ends_at),
        jump_to_at=clock.jump_to_at,
        jump_share=None
        if clock.jump_to_at is None or clock.jump_from_at is None
        else _share(now, clock.jump_from_at, clock.jump_to_at),
        jump_speed=reached if is_jumping else None,
    )


def _share(now: datetime, start: datetime, end: datetime) -> float:
    return min(1.0, max(0.0, (now - start) / (end - start))) if end > start else 1.0


def play(*, speed: float | None = None, by: Actor, now: datetime) -> None:
    """Let time go on, at *speed* desk minutes a second (1 to 30; None: 1). Raises NotAllowed, InvalidFacts."""
    story = _require_demo(by)
    if now >= story.ends_at:
        raise InvalidFacts("The story has ended here. Start it again to see more")
    services.clock_rate(_rate(1.0 if speed is None else speed), by=by, now=now)


def pause(*, by: Actor, now: datetime) -> None:
    """Let time stand still; a jump under way ends where it has come. Raises NotAllowed."""
    _require_demo(by)
    services.clock_rate(0.0, by=by, now=now)


def speed_set(speed: float, *, by: Actor, now: datetime) -> None:
    """Let time go on at *speed* desk minutes a second, 1 to 30. Raises NotAllowed, InvalidFacts."""
    play(speed=speed, by=by, now=now)


def _rate(speed: float) -> float:
    rate = speed * 60
    if not SLOWEST <= rate <= FASTEST:
        raise InvalidFacts(f"The speed is from 1 to 30 desk minutes a second, got {speed:g}", field="speed")
    return rate


def jump(*, hours: float | None = None, to: datetime | None = None, by: Actor, now: datetime) -> datetime:
    """Move time ahead by *hours*, or to the instant *to*; return the instant, which is the story's end at the latest.

    All that lies between happens in order, as fast as the machine can; until then desk time is what has happened.
    Raises NotAllowed, and InvalidFacts for an instant that has passed or lies more than seven days ahead.
    """
    story = _require_demo(by)
    goal = to if hours is None else now + timedelta(hours=hours)
    if goal is None:
        raise InvalidFacts("Say by how many hours to jump, or to which instant", field="hours")
    if goal > now + MOST_JUMP:
        raise InvalidFacts("A jump goes at most seven days ahead", field="hours")
    if now >= story.ends_at:
        raise InvalidFacts("The story has ended here. Start it again to see more")
    goal = min(goal, story.ends_at)
    services.clock_jump(goal, by=by, now=now)
    return goal


def restart(*, by: Actor, now: datetime) -> None:
    """Ask for the story to begin again: whoever runs `watchbill demo` does it within seconds. Raises NotAllowed."""
    _require_demo(by)
    services.restart_ask(by=by, now=now)


def demo_users_list() -> list[DemoUser]:
    """Return whom a visitor of the demo may be, one a role, the widest last; nobody in a real installation."""
    return demo_users.demo_user_list() if story_get() else []


def demo_user_id(username: str) -> int:
    """Return the key of the demo user whom a visitor becomes by one click.

    Raises NotAllowed in a real installation, NotFound for anybody who is not one of the demo's own users.
    """
    if story_get() is None:
        raise NotAllowed("Signing in without a password is for demos only")
    for user in demo_users.demo_user_list():
        if user.username == username:
            return user.id
    raise NotFound("The demo has no such user")


def _require_demo(by: Actor) -> Story:
    """Return the story, if there is one to move through and *by* may do so."""
    story = story_get()
    if story is None:
        raise NotAllowed("The clock of a real installation cannot be moved")
    if not may_somewhere(by, Right.CLOCK_MOVE):
        raise NotAllowed(f"This needs the right “{sentence_of(Right.CLOCK_MOVE)}”", right=Right.CLOCK_MOVE)
    return story
