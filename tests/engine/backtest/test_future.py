"""No policy knows what is to come: whatever happens after an instant, everything decided before it is the same."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.test_legs import POLICIES
from tests.engine.backtest.tinydesk import models
from watchbill.engine.backtest.simulate import simulate


@dataclass
class Told:
    """A policy whose every answer is written down, with its minute."""

    policy: object
    said: list = field(default_factory=list)

    @property
    def name(self):
        return self.policy.name

    def start(self, desk):
        self.policy.start(desk)

    def give(self, desk):
        yield from self.noted("give", desk, self.policy.give(desk))

    def interrupt(self, desk):
        yield from self.noted("interrupt", desk, self.policy.interrupt(desk))

    def choose(self, desk, person):
        job = self.policy.choose(desk, person)
        self.said.append((desk.now_min, "choose", job.case.id, person.agent.id))
        return job

    def noted(self, what, desk, acts):
        for job, person in acts:
            self.said.append((desk.now_min, what, job.case.id, person.agent.id))
            yield job, person


def decisions(desk, policy, *, before):
    told = Told(policy)
    run = simulate(desk, told)
    return [said for said in told.said if said[0] < before], run


some_minute = st.sampled_from([1, 60, 125, 250, 400, 1500])


@settings(max_examples=250, deadline=None)
@given(models(most_cases=10, most_legs=2), st.sampled_from(POLICIES), some_minute)
def test_cases_that_are_opened_later_change_nothing_before(desk, policy, now):
    """Without them every decision up to that instant is the same, in the same order."""
    known = replace(desk, cases=tuple(case for case in desk.cases if case.opened_min < now))
    assert decisions(known, policy, before=now)[0] == decisions(desk, policy, before=now)[0]


@settings(max_examples=250, deadline=None)
@given(models(most_cases=10, most_legs=2), st.sampled_from(POLICIES), some_minute)
def test_what_unfinished_work_will_take_changes_nothing_before(desk, policy, now):
    """Every piece that is not done by then takes five hours more, and what follows it another skill: nobody has known."""
    decided, run = decisions(desk, policy, before=now)
    turned = tuple(_turned(outcome.case, sum(done.done_min < now for done in outcome.log)) for outcome in run.cases)
    assert decisions(replace(desk, cases=turned), policy, before=now)[0] == decided


def _turned(case, done):
    """The case as it would be if all after the pieces done were other than they are."""
    if done > len(case.later):
        return case
    if not done:
        after = tuple(replace(leg, skill=3 - leg.skill, wait_min=leg.wait_min + 9) for leg in case.later)
        return replace(case, effort_min=case.effort_min + 300, later=after)
    before, at_hand, after = case.later[: done - 1], case.later[done - 1], case.later[done:]
    turned = tuple(replace(leg, skill=3 - leg.skill, wait_min=leg.wait_min + 9) for leg in after)
    return replace(case, later=(*before, replace(at_hand, effort_min=at_hand.effort_min + 300), *turned))
