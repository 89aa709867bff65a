"""Tiny desks for simulations: a few cases, a few people, short enough to try everything."""

from __future__ import annotations

from hypothesis import strategies as st

from watchbill.engine.backtest.facts import Agent, Case, Leg, Model
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.base.work import Priority


def case(number=1, **facts):
    """A P3 of an hour, opened at once, due in four hours, of skill 1."""
    default = {"opened_min": 0, "due_min": 240, "priority": Priority.P3, "skill": 1, "mean_min": 60, "effort_min": 60}
    return Case(id=number, **(default | facts))


def agent(number=1, **facts):
    """Somebody of skill 1 on shift for eight hours."""
    default = {"region": "EMEA", "skills": {1: 1}, "shifts": ((0, 480),)}
    return Agent(id=number, **(default | facts))


def model(cases, agents, **facts):
    default = {"horizon_min": 1440, "switch_min": 0, "handover_min": 15}
    return Model(cases=tuple(cases), agents=tuple(agents), **(default | facts))


SPANS = ((0, 300), (420, 500), (1440, 1800), (2880, 4000))
"""Hours of an office that opens now and then."""
FAR = SPANS[-1][1]
"""No minute after it is open."""


@st.composite
def legs(draw, *, most):
    """What follows the first piece of a case: waits with and without a pause, and delays."""
    return tuple(
        Leg(
            skill=draw(st.integers(1, 2)),
            mean_min=draw(st.integers(5, 120)),
            effort_min=draw(st.integers(1, 120)),
            wait_min=draw(st.sampled_from([0, 0, 1, 45, 700])),
            is_paused=draw(st.booleans()),
            delay_min=draw(st.sampled_from([0, 0, 20, 200])),
        )
        for _ in range(draw(st.integers(0, most)))
    )


@st.composite
def models(draw, *, most_cases=8, most_agents=3, most_legs=0):
    """A desk of two skills, with shifts that end in the middle of the work; with legs also with hours of promises and delays."""
    cases = []
    for number in range(1, 1 + draw(st.integers(0, most_cases))):
        opened = draw(st.integers(0, 400))
        cases.append(
            case(
                number,
                opened_min=opened,
                due_min=opened + draw(st.integers(1, 500)),
                priority=draw(st.sampled_from(Priority)),
                skill=draw(st.integers(1, 2)),
                mean_min=draw(st.integers(5, 120)),
                effort_min=draw(st.integers(1, 240)),
                **(
                    {"later": draw(legs(most=most_legs)), "delay_min": draw(st.sampled_from([0, 0, 30]))}
                    if most_legs
                    else {}
                ),
            )
        )
    agents = []
    for number in range(1, 1 + draw(st.integers(1, most_agents))):
        start = draw(st.sampled_from([0, 60, 240]))
        long = draw(st.sampled_from([60, 240, 480]))
        agents.append(
            agent(
                number,
                skills=draw(st.dictionaries(st.integers(1, 2), st.integers(1, 3), min_size=1)),
                shifts=((start, start + long), (1440 + start, 1440 + start + long)),
                capacity=draw(st.integers(1, 3)),
            )
        )
    hours = Hours(SPANS)
    return model(
        cases,
        agents,
        horizon_min=3000,
        switch_min=draw(st.sampled_from([0, 6])),
        **(
            {
                "step_min": draw(st.sampled_from([1, 5])),
                "promised": draw(st.sampled_from([{}, dict.fromkeys(Priority, hours)])),
                "worked": draw(st.sampled_from([{}, {1: hours}])),
            }
            if most_legs
            else {}
        ),
    )
