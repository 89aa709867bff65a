"""Every rule of the assignment alone, with two or three facts."""

from datetime import timedelta

import pytest

from tests.engine.assign.smalldesk import NOW, context_of, desk, due, item, person
from watchbill.engine.assign import rules
from watchbill.engine.assign.facts import Presence
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.work import Priority

POLICY = Policy()


@pytest.mark.parametrize(
    ("must", "work", "able", "unable"),
    [
        (rules.is_active, {}, {}, {"is_active": False}),
        (rules.is_present_and_on_shift, {}, {}, {"presence": Presence.AWAY}),
        (rules.is_present_and_on_shift, {}, {}, {"is_on_shift": False}),
        (rules.is_in_team, {"team": 7}, {"teams": frozenset({7, 8})}, {"teams": frozenset({8})}),
        (rules.has_required_skill, {"skill": 3, "min_level": 2}, {"skills": {3: 2}}, {"skills": {3: 1}}),
        (rules.has_required_skill, {"skill": 3}, {"skills": {3: 1}}, {"skills": {4: 5}}),
        (rules.speaks_language, {"language": "pt"}, {"languages": frozenset({"pt"})}, {}),
        (rules.has_time_left_in_shift, {"touch_min": 60}, {"shift_left_min": 45}, {"shift_left_min": 44}),
        (rules.has_free_slot, {}, {"open_count": 4}, {"open_count": 5}),
    ],
)
def test_a_must_lets_one_in_and_leaves_the_other_out(must, work, able, unable):
    """The same item passes with the one person and fails with the other."""
    assert must(item(**work), person(**able), POLICY)
    assert not must(item(**work), person(**unable), POLICY)


def test_who_declined_is_not_asked_again():
    """A decline holds for that person and that item only."""
    declined = item(declined_by=(2,))
    assert rules.has_not_declined(declined, person(1), POLICY)
    assert not rules.has_not_declined(declined, person(2), POLICY)


def test_an_item_without_needs_asks_for_nothing():
    """Somebody without team, skill or language may take an item that names none."""
    assert rules.failed_musts(item(), person(), POLICY) == ()


@pytest.mark.parametrize(
    ("toggle", "work", "who"),
    [
        ("needs_shift", {}, {"is_on_shift": False}),
        ("needs_shift_time", {"touch_min": 60}, {"shift_left_min": 0}),
        ("needs_team", {"team": 1}, {}),
        ("needs_skill", {"skill": 1}, {}),
        ("needs_language", {"language": "en"}, {}),
    ],
)
def test_a_must_can_be_switched_off(toggle, work, who):
    """With its toggle off, the must leaves nobody out."""
    assert rules.failed_musts(item(**work), person(**who), POLICY) != ()
    assert rules.failed_musts(item(**work), person(**who), Policy(**{toggle: False})) == ()


def test_every_failed_must_is_named_in_order():
    """Somebody who is away, untrained and full fails three musts."""
    who = person(presence=Presence.OFF, open_count=9)
    assert rules.failed_musts(item(skill=1), who, POLICY) == (
        "is_present_and_on_shift",
        "has_required_skill",
        "has_free_slot",
    )


def points(rule, work, who, *, items=(), people=(), **policy):
    """One preference in points, in a desk of these facts."""
    snapshot = desk([work, *items], [who, *people], **policy)
    return rule(work, who, context_of(snapshot)) / 100


def test_a_p1_that_must_be_started_now_is_worth_a_hundred_points():
    """Mean effort, one promise, no spare time: 100 points, to the width of a bucket."""
    work = item(priority=Priority.P1, commitments=due(60))
    assert points(rules.urgency, work, person()) == pytest.approx(100, rel=0.1)


def test_urgency_grows_as_the_due_instant_comes_closer():
    """Four hours of spare time count less than one, and one less than none."""
    far, near, now = (points(rules.urgency, item(commitments=due(60 + spare)), person()) for spare in (240, 60, 0))
    assert far < near < now


def test_a_lost_promise_keeps_a_residual_that_grows():
    """Overdue work drops far below work that can be saved, and rises again with lateness, up to three targets."""
    saved = points(rules.urgency, item(priority=Priority.P1, commitments=due(60)), person())
    late, later, latest = (
        points(rules.urgency, item(priority=Priority.P1, commitments=due(left)), person()) for left in (0, -960, -99999)
    )
    assert late < later < latest < saved / 3


def test_a_better_customer_tier_weighs_more():
    """Premier counts one and a half times; an unknown tier counts once."""
    plain, premier, unknown = (
        points(rules.urgency, item(tier=tier, commitments=due(60)), person()) for tier in ("standard", "premier", "?")
    )
    assert premier == pytest.approx(1.5 * plain, rel=0.2)
    assert unknown == plain


def test_skill_above_the_required_level_wins_points_up_to_three_levels():
    """Each level above adds a tenth of the urgency; the fourth adds nothing more."""
    work = item(skill=1, commitments=due(60))
    at, above, far, farther = (points(rules.skill_speed, work, person(skills={1: n})) for n in (1, 2, 4, 5))
    assert at == 0 < above < far == farther
    assert above == pytest.approx(0.1 * points(rules.urgency, work, person()), abs=0.01)


def test_a_stranger_pays_for_the_handover_of_touched_work():
    """Nobody pays for untouched work; those who worked on touched work do not pay either."""
    touched = item(is_touched=True, worked_before=(2,), commitments=due(60))
    assert points(rules.handover, touched, person(1)) < 0
    assert points(rules.handover, touched, person(2)) == 0
    assert points(rules.handover, item(commitments=due(60)), person(1)) == 0


def test_the_part_of_the_work_that_fits_into_the_shift_counts():
    """All of it fits: full points; half of it: half; nothing: none."""
    work = item(effort_min=240)
    full, half, none = (points(rules.time_left_in_shift, work, person(shift_left_min=m)) for m in (480, 120, 10))
    assert (full, half, none) == (POLICY.shift_weight, POLICY.shift_weight / 2, 0)


def test_who_worked_on_it_comes_before_who_knows_the_customer():
    """The better of the two reasons counts, not their sum."""
    work = item(worked_before=(1,), knows_customer=(1, 2))
    assert [points(rules.continuity, work, person(n)) for n in (1, 2, 3)] == [12, 6, 0]


def test_a_generalist_is_spared_when_her_other_skill_is_short():
    """An item that asks for the other skill, with nobody else to do it, makes her dearer for this one."""
    work, other = item(1, skill=1), item(2, skill=2, effort_min=960)
    specialist, generalist = person(1, skills={1: 3}), person(2, skills={1: 3, 2: 3})
    assert (
        points(rules.spares_generalists, work, generalist, items=[other], people=[specialist]) == -POLICY.breadth_weight
    )
    assert points(rules.spares_generalists, work, specialist, items=[other], people=[generalist]) == 0
    assert points(rules.spares_generalists, work, generalist, people=[specialist]) == 0


def test_moving_away_from_the_owner_has_a_price():
    """Margin alone for untouched work, handover and margin for touched work, nothing to stay or when the owner is gone."""
    fresh, touched = item(owner=1), item(owner=1, is_touched=True)
    assert points(rules.stays_with_owner, fresh, person(2), people=[person(1)]) == -10
    assert points(rules.stays_with_owner, touched, person(2), people=[person(1)]) == -20
    assert points(rules.stays_with_owner, touched, person(1), people=[person(2)]) == 0
    assert points(rules.stays_with_owner, touched, person(2), people=[person(1, is_active=False)]) == 0


def test_each_further_slot_costs_more():
    """Load is convex: the price of a slot never falls."""
    costs = [-rules.even_load(person(), taken=n, slot_min=60, policy=POLICY) for n in range(12)]
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]


def test_the_same_work_weighs_more_on_somebody_who_has_less_time():
    """Two staffed hours fill up faster than eight."""
    short, long = person(staffed_week_min=120), person(staffed_week_min=480)
    assert rules.even_load(short, taken=0, slot_min=60, policy=POLICY) < rules.even_load(
        long, taken=0, slot_min=60, policy=POLICY
    )


def test_every_rule_is_listed_once_with_a_sentence():
    """Pages and documents draw on the list: unique names, a level, a unit, a sentence that ends."""
    names = [rule.name for rule in rules.RULES]
    assert len(set(names)) == len(names) == len(rules.MUSTS) + len(rules.PREFERENCES) + 1
    assert all(rule.sentence.endswith(".") and rule.unit for rule in rules.RULES)


def test_naive_instants_are_refused():
    """A snapshot without a time zone is refused with what was expected."""
    with pytest.raises(Exception, match="time zone"):
        desk([], [], now=(NOW + timedelta(0)).replace(tzinfo=None))
