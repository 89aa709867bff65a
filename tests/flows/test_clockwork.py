"""The movable clock: who may move it, how it goes on, and that it never goes back."""

from datetime import timedelta

import pytest

from tests.factories import BOSS, NOW, actor, make_desk, minutes
from tests.waiting import desk_now, wall_passes
from watchbill.apps.core import services
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.core.queries import Story, clock_get
from watchbill.apps.people import users
from watchbill.apps.people.demo_users import demo_users_make
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, NotFound
from watchbill.flows import clockwork

ENDS = NOW + timedelta(days=21)


@pytest.fixture
def demo(db):
    """A demo whose story begins now and stands still."""
    make_desk(slug="uci")
    services.clock_move(desk_at=NOW, rate=0, limit_at=NOW, by=BOSS, now=NOW)
    services.story_set(Story(desk="uci", starts_at=NOW, ends_at=ENDS, weeks=500))


def done(until, **changes):
    services.clock_done(until, **{"ahead_s": 2.0, "ends_at": ENDS, "reached_rate": None, "is_told": False, **changes})


def test_played_clock_goes_on_as_far_as_things_are_done(demo):
    """At one minute a second time runs two seconds' worth beyond what the ticker has done, and no further."""
    clockwork.play(by=BOSS, now=NOW)
    wall_passes(10)
    assert desk_now() == NOW
    done(NOW)
    wall_passes(1)
    assert NOW + minutes(1) <= desk_now() < NOW + minutes(1.5)
    wall_passes(60)
    assert desk_now() == NOW + minutes(2)


def test_pause_keeps_the_instant(demo):
    """Time stands where it was, however long the machine goes on."""
    clockwork.play(speed=30, by=BOSS, now=NOW)
    done(NOW)
    wall_passes(1)
    clockwork.pause(by=BOSS, now=desk_now())
    paused = desk_now()
    wall_passes(3600)
    assert desk_now() == paused
    assert NOW + minutes(30) <= paused < NOW + minutes(45)


def test_new_speed_holds_from_now_on_only(demo):
    """What has passed is not reckoned again at the new speed."""
    clockwork.play(by=BOSS, now=NOW)
    done(NOW)
    wall_passes(1)
    before = desk_now()
    clockwork.speed_set(30, by=BOSS, now=before)
    assert before <= desk_now() < before + minutes(20)
    assert clockwork.demo_state(clock_get(), now=desk_now()).speed == 30


@pytest.mark.parametrize("speed", [0.5, 31, -1])
def test_speed_outside_its_range_is_refused(demo, speed):
    """One to thirty desk minutes a second."""
    with pytest.raises(InvalidFacts, match="1 to 30"):
        clockwork.speed_set(speed, by=BOSS, now=NOW)


def test_jump_shows_its_progress_and_ends(demo):
    """Desk time is what has been done; at the goal the jump is over."""
    goal = clockwork.jump(hours=4, by=BOSS, now=NOW)
    assert goal == NOW + minutes(240)
    services.clock_reach(NOW + minutes(60))
    assert desk_now() == NOW + minutes(60)
    done(NOW + minutes(60))
    state = clockwork.demo_state(clock_get(), now=desk_now())
    assert (state.jump_to_at, state.jump_share, state.now) == (goal, 0.25, NOW + minutes(60))
    assert (state.jump_speed, state.reached) == (None, None)
    done(NOW + minutes(120), reached_rate=30.0)
    assert (clockwork.demo_state(clock_get(), now=desk_now()).jump_speed) == 0.5
    done(goal)
    state = clockwork.demo_state(clock_get(), now=desk_now())
    assert (state.jump_to_at, state.jump_share, state.now) == (None, None, goal)


def test_pause_ends_a_jump_where_it_has_come(demo):
    """A visitor who has had enough stops it."""
    clockwork.jump(hours=24, by=BOSS, now=NOW)
    done(NOW + minutes(60))
    clockwork.pause(by=BOSS, now=desk_now())
    assert clock_get().jump_to_at is None
    assert desk_now() == NOW + minutes(60)


def test_jump_ends_with_the_story_at_the_latest(demo):
    """There is nothing to see behind it."""
    late = ENDS - minutes(30)
    services.clock_move(desk_at=late, rate=0, limit_at=late, by=BOSS, now=late)
    assert clockwork.jump(hours=4, by=BOSS, now=late) == ENDS


def test_jump_into_the_past_or_beyond_a_week_is_refused(demo):
    """What happened stays happened."""
    for wanted in ({"to": NOW - minutes(1)}, {"hours": 0}, {"hours": 24 * 8}, {}):
        with pytest.raises(InvalidFacts):
            clockwork.jump(**wanted, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="set back"):
        services.clock_move(desk_at=NOW - minutes(1), rate=60, limit_at=None, by=BOSS, now=NOW)


def test_story_that_has_ended_says_so_and_stands_still(demo):
    """Time stops at the end, play is refused, and the page has a restart to offer."""
    services.clock_move(desk_at=ENDS - minutes(1), rate=0, limit_at=None, by=BOSS, now=NOW)
    clockwork.play(by=BOSS, now=desk_now())
    done(ENDS - minutes(1))
    wall_passes(600)
    state = clockwork.demo_state(clock_get(), now=desk_now())
    assert (state.now, state.is_over, state.is_playing, state.share) == (ENDS, True, False, 1.0)
    with pytest.raises(InvalidFacts, match="ended"):
        clockwork.play(by=BOSS, now=desk_now())
    clockwork.restart(by=BOSS, now=desk_now())
    assert AuditEvent.objects.filter(action="demo_restarted").count() == 1


def test_machine_that_cannot_keep_up_shows_what_it_reaches(demo):
    """Below nine tenths of the speed asked for, the page says how fast it really goes."""
    clockwork.play(speed=30, by=BOSS, now=NOW)
    done(NOW, reached_rate=600.0)
    assert clockwork.demo_state(clock_get(), now=NOW).reached == 10
    done(NOW, reached_rate=1790.0)
    assert clockwork.demo_state(clock_get(), now=NOW).reached is None


def test_overloaded_clock_does_not_catch_up_later(demo):
    """Time that could not be followed is given up, not made good at once when the speed is set lower."""
    clockwork.play(speed=30, by=BOSS, now=NOW)
    done(NOW)
    wall_passes(100)
    slow = desk_now()
    done(NOW + minutes(5))
    clockwork.speed_set(1, by=BOSS, now=slow)
    assert desk_now() < slow + minutes(5)


def test_real_installation_has_no_clock_to_move(db):
    """Nothing of the demo works, whoever asks."""
    for act in (
        lambda: clockwork.play(by=BOSS, now=NOW),
        lambda: clockwork.pause(by=BOSS, now=NOW),
        lambda: clockwork.jump(hours=1, by=BOSS, now=NOW),
        lambda: clockwork.restart(by=BOSS, now=NOW),
        lambda: clockwork.demo_user_id("demo-admin"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert clockwork.demo_users_list() == []
    assert clockwork.demo_state(clock_get(), now=NOW) is None
    assert not clock_get().is_moved


def test_who_has_no_right_does_not_move_the_clock(demo):
    """A person without a role is refused; every role of the demo may."""
    with pytest.raises(NotAllowed, match="clock"):
        clockwork.play(by=actor(None, None), now=NOW)
    for role in Role:
        clockwork.pause(by=actor(role, 1), now=NOW)


def test_each_role_has_a_user_to_enter_as(demo):
    """One click each, and nobody else's account opens that way, not even with a name that looks like it."""
    demo_users_make(agent_id=None, by=BOSS, now=NOW)
    entered = clockwork.demo_users_list()
    assert [user.role for user in entered] == list(Role)
    assert clockwork.demo_user_id("demo-queue-manager") == entered[2].id
    users.user_create("demo-chief", name="Chief", password="a long one, really", by=BOSS, now=NOW)
    users.user_create("anna", name="Anna", by=BOSS, now=NOW)
    for name in ("demo-chief", "anna", "nobody"):
        with pytest.raises(NotFound):
            clockwork.demo_user_id(name)


def test_demo_user_with_a_password_is_a_door_no_more(demo):
    """Somebody who claims the account for herself closes the door behind her."""
    demo_users_make(agent_id=None, by=BOSS, now=NOW)
    secret = users.link_issue(username="demo-admin", label="test", by=BOSS, now=NOW)
    users.link_use(secret, username="demo-admin", password="a long one, really", by=BOSS, now=NOW)
    with pytest.raises(NotFound):
        clockwork.demo_user_id("demo-admin")
    assert len(clockwork.demo_users_list()) == len(Role) - 1
