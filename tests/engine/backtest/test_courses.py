"""Weeks of a desk's own history as models: nothing is invented, and what cannot count does not."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.assign.policy import Policy
from watchbill.engine.backtest.courses import Past, Staff, course
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.work import Priority

SINCE = datetime(2026, 3, 2, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=7)
H = timedelta(hours=1)


def past(item=1, **facts):
    default = {
        "opened_at": SINCE + H,
        "due_at": SINCE + 5 * H,
        "priority": Priority.P3,
        "mean_min": 60,
        "able": ((1, 1),),
    }
    return Past(item=item, **(default | facts))


def made(work, staff=None, **how):
    people = [Staff(id=1, spans=((0, 480), (1440, 1920)))] if staff is None else staff
    return course(work, people, since=SINCE, until=UNTIL, handover_min=15, **({"seed": 1} | how))


def test_what_waited_begins_at_once_and_what_was_lost_counts_for_nothing():
    """Opened before: from minute 0. Overdue then, or never promised: work, without weight. Nobody may do it: left out."""
    found = made(
        [
            past(1, opened_at=SINCE - 3 * H),
            past(2, opened_at=SINCE - 9 * H, due_at=SINCE - H),
            past(3, due_at=None),
            past(4, able=()),
            past(5, able=((7, 1),)),
        ]
    )
    cases = {case.id: case for case in found.model.cases}
    assert sorted(cases) == [1, 2, 3]
    assert (cases[1].opened_min, cases[1].due_min, cases[1].counts) == (0, 300, True)
    assert [cases[2].counts, cases[3].counts] == [False, False]
    assert cases[3].due_min > found.model.horizon_min
    assert (found.lost, found.unpromised, found.unable) == (1, 1, 2)
    figures = simulate(found.model, Watchbill()).figures()
    assert figures.attainment == 100.0


def test_who_may_do_what_is_what_the_model_demands():
    """Work that the same people may do at the same level is of one skill; a level above it makes faster."""
    staff = [Staff(id=1, spans=((0, 480),)), Staff(id=2, spans=((0, 480),)), Staff(id=3, spans=())]
    able = ((1, 1), (2, 3), (3, 1))
    found = made([past(1, able=able), past(2, able=able), past(3, able=((2, 1),))], staff)
    one, two, three = found.model.cases
    assert one.skill == two.skill != three.skill
    ana, ben = found.model.agents
    assert ana.may(one)
    assert not ana.may(three)
    assert (ana.speed(one), ben.speed(one)) == (1.0, 1.2)


def test_the_same_work_takes_as_long_under_every_setting():
    """Effort is drawn by item and seed alone: the same in another week's model, another with another seed, and its mean is the mean."""
    many = [past(number) for number in range(1, 4001)]
    efforts = {case.id: case.effort_min for case in made(many).model.cases}
    assert efforts == {case.id: case.effort_min for case in made(many[::-1]).model.cases}
    assert efforts != {case.id: case.effort_min for case in made(many, seed=2).model.cases}
    assert abs(sum(efforts.values()) / len(efforts) - 60) < 3


@given(
    st.lists(
        st.tuples(st.integers(-50, 160), st.integers(-20, 60), st.sampled_from(Priority), st.sets(st.integers(1, 4))),
        max_size=12,
    )
)
def test_any_stretch_can_be_simulated(rows):
    """Whatever came: nothing is left out but what nobody may do, each begins within the stretch, and the run ends."""
    staff = [Staff(id=number, spans=((60 * number, 60 * number + 400),)) for number in range(1, 4)]
    work = [
        past(
            at + 1, opened_at=SINCE + opened * H, due_at=SINCE + (opened + due) * H, priority=priority,
            able=tuple((person, 1) for person in sorted(able)),
        )
        for at, (opened, due, priority, able) in enumerate(rows)
    ]  # fmt: skip
    found = made(work, staff)
    assert len(found.model.cases) + found.unable == len(work)
    assert all(0 <= case.opened_min < case.due_min for case in found.model.cases)
    run = simulate(found.model, Watchbill(parameters=Policy(needs_skill=False)))
    may = {case.id: {agent.id for agent in found.model.agents if agent.may(case)} for case in found.model.cases}
    assert all(set(one.takers) <= may[one.case.id] for one in run.cases)
