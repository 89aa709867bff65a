"""What if: each change changes what it says, and nothing else; what makes no sense is refused in a sentence."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.engine.backtest.twin import knowndesk
from tests.engine.backtest.twin.knowndesk import PROMISE, Known
from watchbill.engine.backtest.asked import AS_IS_CHANGED, Asked, asked_for
from watchbill.engine.backtest.twin.changes import KINDS
from watchbill.engine.backtest.twin.draw import stretch_of
from watchbill.engine.backtest.twin.learn import learn
from watchbill.engine.backtest.twin.models import MINUTE_US, skill_of
from watchbill.engine.backtest.twin.whatif import change_of, changed
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority


@cache
def history():
    return knowndesk.history(Known(weeks=6))


@cache
def stretch():
    found = history()
    return stretch_of(
        learn(found, PROMISE), found, since_us=int(found.opened_us[0]), until_us=int(found.opened_us[-1]) + 1
    )


def under(*texts):
    return changed(stretch(), [change_of(text, history()) for text in texts])


def facts(model):
    """What of each case does not hang on its number."""
    return [replace(case, id=0) for case in model.cases]


def members(found, team):
    skill = skill_of(history().teams.index(team))
    return [agent for agent in found.floor.agents if skill in agent.skills]


@pytest.mark.parametrize("factor", [0.5, 1.3, 2.0])
def test_arrivals_are_multiplied(factor):
    """On average; what was there before, and still is, has the same luck."""
    base, more = facts(stretch().model(3)), facts(under(f"arrivals={factor}").model(3))
    assert len(more) == pytest.approx(factor * len(base), rel=0.1)
    if factor >= 1:
        assert more[: len(base)] == base
    else:
        assert all(case in base for case in more)


def test_a_surge_comes_within_two_hours():
    """So many more than there were, beginning when it is said on the wall."""
    base, more = (len(each.model(1).cases) for each in (stretch(), under("surge=40@2026-04-29T10:00")))
    assert more == base + 40
    assert facts(under("surge=40@2026-04-29T10:00").model(1))[:base] == facts(stretch().model(1))


def test_people_are_added_and_taken():
    """Two more of a team, or one fewer; everybody else stays."""
    before = len(members(stretch(), "front"))
    assert len(members(under("staff=front+2"), "front")) == before + 2
    fewer = under("staff=front-1")
    assert len(fewer.floor.agents) == len(stretch().floor.agents) - 1
    with pytest.raises(InvalidFacts, match="cannot be taken"):
        under(f"staff=front-{before}")


def test_hours_are_moved():
    """By so many minutes, those of the team alone."""
    moved = {agent.id: agent.shifts for agent in under("shift=back+2h").floor.agents}
    back = {agent.id for agent in members(stretch(), "back")}
    for agent in stretch().floor.agents:
        inside = [(a + 120, b + 120) for a, b in agent.shifts]
        assert moved[agent.id][:-1] == tuple(inside[:-1]) if agent.id in back else moved[agent.id] == agent.shifts


def test_a_closed_day_is_nobodys():
    """From midnight to midnight on the wall, of all or of one team; its clock stands still as well."""
    day = np.datetime64("2026-04-29T00:00") - np.timedelta64(2, "h")  # Berlin in summer
    start = int(day.astype("datetime64[m]").astype(np.int64)) - stretch().floor.origin_us // MINUTE_US
    off = range(start, start + 1440)
    everybody = under("closed=2026-04-29").floor
    assert all(b <= off.start or a >= off.stop for agent in everybody.agents for a, b in agent.shifts)
    assert all(hours.between(off.start, off.stop) == 0 for hours in everybody.worked.values())
    some = under("closed=back@2026-04-29")
    back = {agent.id for agent in members(stretch(), "back")}
    works = {agent.id for agent in some.floor.agents if any(b > off.start and a < off.stop for a, b in agent.shifts)}
    assert works
    assert not works & back


def test_training_adds_one_skill():
    """To one person, and to nobody else."""
    skill = skill_of(history().teams.index("back"))
    who = next(agent for agent in stretch().floor.agents if skill not in agent.skills)
    name = history().people[who.id - 1]
    after = {agent.id: agent.skills for agent in under(f"train={name}@back").floor.agents}
    assert after[who.id] == {**who.skills, skill: 1}
    assert all(after[agent.id] == agent.skills for agent in stretch().floor.agents if agent.id != who.id)


def test_other_targets_move_the_dues():
    """A promise of twice the time is due no sooner, and mostly later."""
    hours = [minutes / 60 for minutes in PROMISE.targets_min.values()]
    base, later = (
        each.model(1).cases for each in (stretch(), under("targets=" + "/".join(f"{2 * h:g}" for h in hours)))
    )
    assert all(b.due_min >= a.due_min for a, b in zip(base, later, strict=True))
    assert np.mean([b.due_min > a.due_min for a, b in zip(base, later, strict=True)]) > 0.9
    assert {case.priority for case in base} <= set(Priority)


def test_the_answer_tells_of_changes():
    """The desk as it is stays what it was; the others, and its order once more, are under the change."""
    from tests.engine.backtest.twin.oddlogs import ASKED, source_of
    from watchbill.engine.backtest.decide import backtest

    asked = replace(ASKED, contenders=asked_for(("fifo",)), replications=2, what_if=("arrivals=2",))
    plain, busy = (
        backtest(history(), source_of(history()), PROMISE, each) for each in (replace(asked, what_if=()), asked)
    )
    assert [row.name for row in busy.policies] == ["as was", "as is", AS_IS_CHANGED, "fifo"]
    assert busy.policies[1] == replace(
        plain.policies[1], regret=None, regret_by_priority=busy.policies[1].regret_by_priority
    )
    assert busy.policies[2].attainment < busy.policies[1].attainment
    assert busy.what_if == ("2 times as much comes in",)
    assert isinstance(asked, Asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("more", "is no what-if; expected one of: arrivals=1.2"),
        ("arrivals=lots", "must be a number from 0.1 to 10"),
        ("arrivals=0", "must be a number"),
        ("surge=40", "says how many and when"),
        ("surge=40@tomorrow", "is no time on the desk's wall"),
        ("surge=40@2026-04-29T10:00+02:00", "without an offset"),
        ("surge=40@2030-04-29T10:00", "lies outside"),
        ("staff=frnt+2", "did you mean “front”"),
        ("staff=front", "says a team and how many"),
        ("shift=front+2", "say a team and hours"),
        ("surge=40@0001-01-01T00:00", "0001-01-01 is out of range"),
        ("surge=40@9999-12-31T23:59", "9999-12-31 is out of range"),
        ("closed=2026-02-30", "There is no day"),
        ("closed=0001-01-01", "0001-01-01 is out of range"),
        ("closed=9999-12-31", "9999-12-31 is out of range"),
        ("closed=soon", "is no day such as"),
        ("train=Nobody@back", "knows no person “Nobody”"),
        ("train=Nobody", "says a person and a team"),
        ("targets=1/2/3", "hours of P1 to P4"),
    ],
)
def test_what_makes_no_sense_is_refused(text, said):
    """Naming the part, with what was expected or a near name."""
    with pytest.raises(InvalidFacts, match=said):
        under(text)


def test_every_kind_has_an_example_that_reads():
    """The examples in the error are such as are taken, apart from their names."""
    for example in KINDS.values():
        text = example.partition(" ")[0].replace("TEAM", "front").replace("PERSON", history().people[0])
        assert change_of(text, history()).says
