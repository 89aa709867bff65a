"""Keep, pass or park: each by the promises that it would lose, with reasons and what was rejected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.assign.facts import Commitment, CommitmentKind, ItemFacts, PersonFacts
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Claim, Sense, Sort
from watchbill.engine.assign.traffic import Choice, Going, NextRegion, decide_traffic
from watchbill.engine.base.ids import ItemId, PersonId, QueueId, RegionId, SkillId, TeamId
from watchbill.engine.base.work import Priority

NOW = datetime(2026, 3, 2, 16, tzinfo=UTC)
LEAVES, BACK = NOW + timedelta(hours=1), NOW + timedelta(hours=16)


def item(effort_min=120, due_h=None, kind=CommitmentKind.RESOLUTION, **values):
    due = [] if due_h is None else [Commitment(kind=kind, due_at=NOW + timedelta(hours=due_h), target_min=480)]
    return ItemFacts(
        id=ItemId(1), queue=QueueId(1), priority=Priority.P2, opened_at=NOW, touch_min=min(60, effort_min),
        effort_min=effort_min, commitments=tuple(due), owner=PersonId(1), **values,
    )  # fmt: skip


INES = PersonFacts(id=PersonId(9), name="Ines")


def region(*, load=0.5, opens_h=1.0, people=(INES,), name="APJ", key=3):
    opens_at = NOW + timedelta(hours=opens_h)
    return NextRegion(id=RegionId(key), name=name, opens_at=opens_at, people=people, load_ratio=load)


def decide(of, *regions, policy=None, **values):
    going = Going(item=of, owner="Ana", leaves_at=LEAVES, returns_at=BACK, **values)
    return decide_traffic(going, regions, policy or Policy(), now=NOW)


def test_what_can_be_finished_is_kept():
    """Half an hour of work, an hour left."""
    found = decide(item(30, due_h=2), region())
    assert found.choice is Choice.KEEP
    assert found.reason == "Ana can finish it before she leaves (30 min of work, 1 h left)"


def test_what_can_wait_is_parked():
    """Due the day after tomorrow: a handover would win nothing."""
    found = decide(item(120, due_h=40), region())
    assert found.choice is Choice.PARK
    assert found.rejected[0].words == "a handover would cost 15 min and win nothing"


def test_the_worked_number_of_the_docs():
    """Two hours of work due in six: the next region opens in one hour, takes it over in 15 min, and is done in 3 h 15."""
    found = decide(item(120, due_h=6), region())
    assert (found.choice, found.region) == (Choice.PASS_ON, 3)
    assert found.reason == (
        "a promise would be lost until Ana is back, none with APJ, where 1 person can take it and it is done in 3 h 15 min"
    )
    assert [(no.choice, no.words) for no in found.rejected] == [
        (Choice.KEEP, "2 h of work do not fit before Ana leaves"),
        (Choice.PARK, "a promise would be lost by waiting"),
    ]


def test_a_first_response_only_has_to_be_begun():
    """Due at noon of the next region: begun in time, although the whole work is not done by then."""
    found = decide(item(600, due_h=2, kind=CommitmentKind.RESPONSE), region())
    assert found.choice is Choice.PASS_ON


def test_nobody_is_passed_what_the_rules_of_the_policy_keep_from_her():
    """A rule holds it for another region: nobody there may take it, so it is not passed there to lie with nobody."""
    held = Claim(Sense.ASK, Sort.REGION, (7,), 1, 0.0, 1)
    found = decide(item(120, due_h=6, route=(held,)), region())
    assert found.choice is Choice.PARK
    assert "nobody able is at work in APJ" in found.reason


def test_a_pin_keeps():
    """Whatever is lost by it."""
    assert decide(item(120, due_h=6), region(), is_pinned=True).choice is Choice.KEEP


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        ((), "no other region is at work by then"),
        (
            (region(people=(PersonFacts(id=PersonId(9), skills={SkillId(1): 1}),)),),
            "nobody able is at work in APJ: 1 lacks the skill or its level",
        ),
    ],
)
def test_nobody_able_parks_and_says_so(regions, words):
    """The skill is asked at level three."""
    found = decide(item(120, due_h=6, skill=SkillId(1), min_level=3), *regions)
    assert found.choice is Choice.PARK
    assert found.reason.endswith(words)


def test_nobody_able_says_what_each_must_leaves_out():
    """Of three people of two regions one is in another team, and two speak no German; the team is asked first."""
    german = {"team": TeamId(1), "language": "de"}
    here = PersonFacts(id=PersonId(1), teams=frozenset({TeamId(1)}), languages=frozenset({"en"}))
    there = PersonFacts(id=PersonId(2), teams=frozenset({TeamId(2)}), languages=frozenset({"en"}))
    ams = region(people=(replace(here, id=PersonId(3)), there), name="AMS", key=2)
    found = decide(item(120, due_h=6, **german), ams, region(people=(here,)))
    assert found.reason.endswith(
        "but nobody able is at work in AMS, APJ: 1 is in another team, 2 do not speak the language"
    )


AROUND = replace(Policy(), sun_always=2)


def test_what_goes_around_the_clock_is_passed_although_it_could_wait():
    """A P2 that is due the day after tomorrow: APJ is done tonight, Ana at ten tomorrow; by default it waits for her."""
    found = decide(item(120, due_h=40), region(), policy=AROUND)
    assert (found.choice, found.region) == (Choice.PASS_ON, 3)
    assert found.reason == (
        "P2 is worked on around the clock: with APJ, where 1 person can take it, it is done in 3 h 15 min"
    )
    assert [no.words for no in found.rejected] == [
        "2 h of work do not fit before Ana leaves",
        "Ana would be done in 18 h",
    ]
    assert decide(item(120, due_h=40), region(), policy=replace(AROUND, sun_always=1)).choice is Choice.PARK
    assert decide(item(120, due_h=40), region(), policy=replace(AROUND, sun_moves=False)).choice is Choice.PARK
    assert decide(item(120, due_h=40), region(load=1.5), policy=AROUND).choice is Choice.PARK
    assert decide(item(120, due_h=40), region(opens_h=15.9), policy=AROUND).choice is Choice.PARK
    assert decide(item(120, due_h=40), region(), policy=AROUND, is_pinned=True).choice is Choice.KEEP


def test_a_promise_that_is_lost_already_is_not_said_to_be_kept():
    """Late since noon: nothing is lost by waiting, but not because no promise is lost."""
    found = decide(item(120, due_h=-4), region())
    assert found.choice is Choice.PARK
    assert found.reason == "Ana is back in 16 h; no promise that can still be kept is lost by then"


def test_a_full_region_is_passed_only_what_it_saves():
    """At 150 % load two hours take longer; what would be late there as well is not passed."""
    assert decide(item(120, due_h=6), region(load=1.5)).choice is Choice.PASS_ON
    assert decide(item(120, due_h=4), region(load=1.5)).choice is Choice.PARK
    assert decide(item(120, due_h=6), region(), policy=Policy(sun_moves=False)).choice is Choice.PARK


def test_the_region_that_loses_fewer_comes_first():
    """Whatever the order in which they are given."""
    early, late = region(), region(opens_h=5, name="AMS", key=2)
    assert decide(item(120, due_h=6), late, early).region == decide(item(120, due_h=6), early, late).region == 3


@given(
    effort=st.integers(1, 900), due_h=st.one_of(st.none(), st.floats(0.1, 60)), load=st.floats(0, 3),
    opens_h=st.floats(0, 15), limit=st.floats(0.1, 3),
)  # fmt: skip
def test_nothing_is_passed_for_nothing(effort, due_h, load, opens_h, limit):
    """Whatever the numbers: without a promise that falls due before the work is done, nothing is passed; three choices only."""
    of = item(effort, due_h)
    found = decide(of, region(load=load, opens_h=opens_h), policy=replace(Policy(), sun_load_limit=limit))
    assert len(found.rejected) == 2
    assert found.choice not in {no.choice for no in found.rejected}
    if due_h is None or NOW + timedelta(hours=due_h) >= BACK + timedelta(minutes=effort):
        assert found.choice is not Choice.PASS_ON
