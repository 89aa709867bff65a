"""The band that says that the time is not real: what is told, how fast time goes, and where the story ends."""

from __future__ import annotations

from django.urls import reverse

from watchbill.apps.people.rights import Right, may_somewhere
from watchbill.flows.clockwork import JUMPS_H, RATES_MIN, DemoState, demo_state
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import moment, percent
from watchbill.interfaces.web.viewmodels.frame import DemoTime
from watchbill.interfaces.web.viewmodels.parts import Option


def demo_time(visit: Visit) -> DemoTime | None:
    """Return the band, or None in a real installation."""
    state = demo_state(visit.clock, now=visit.now)
    if state is None:
        return None
    is_jumping = state.jump_to_at is not None
    may_move = may_somewhere(visit.actor, Right.CLOCK_MOVE)
    return DemoTime(
        text=_text(state, is_generated=bool(visit.desks) and visit.desk.is_generated),
        brief=_brief(state),
        share=_share(state),
        is_playing=state.is_playing,
        is_over=state.is_over,
        reached=f"reaches {state.reached:.1f} min/s" if state.reached is not None else "",
        rates=[
            Option(value=str(rate), label=str(rate), is_chosen=state.is_playing and abs(state.speed - rate) < 0.01)
            for rate in RATES_MIN
        ],
        jumps=[Option(value=str(hours), label=f"{hours} h") for hours in JUMPS_H],
        action_href=reverse("demo-clock") if may_move else "",
        restart_href=reverse("demo-restart") if may_move else "",
        refresh_href=reverse("demo-band") if is_jumping else "",
    )


def _share(state: DemoState) -> float:
    return state.share if state.jump_share is None else state.jump_share


def _brief(state: DemoState) -> str:
    if state.is_over:
        return "ended"
    if state.jump_to_at is not None:
        return f"to {moment(state.jump_to_at, state.now)}, {percent(_share(state))}"
    return f"{percent(state.share)} told"


def _text(state: DemoState, *, is_generated: bool) -> str:
    if state.is_over:
        return "The shipped part of the log ends here. Start again to see it from its first moment."
    if state.jump_to_at is not None:
        done = f", {percent(state.jump_share)} done" if state.jump_share is not None else ""
        fast = f" at {state.jump_speed:.0f} min/s" if state.jump_speed is not None else ""
        to = moment(state.jump_to_at, state.now)
        return f"Jumping to {to} UTC{done}{fast}: all that lies between happens in order"
    if is_generated:
        return f"{percent(state.share)} of four generated weeks; resolution times remain as they were generated"
    moved = f"a real incident log, moved by {state.story.weeks} weeks" if state.story.weeks else "a real incident log"
    return f"{percent(state.share)} of {moved}; resolution times remain those of history"
