"""What people may take, for whom they stand in, and whom the plan spares: one rule at a time, with numbers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.engine.assign.smalldesk import NOW, desk, due, item, person
from watchbill.engine.assign.decide import explain, place, plan
from watchbill.engine.assign.facts import Ask, CommitmentKind, Presence, facts_digest
from watchbill.engine.assign.index import mean_touch_min, urgency_points
from watchbill.engine.assign.outcome import Verdict
from watchbill.engine.base.errors import InvalidFacts, Unavailable
from watchbill.engine.base.work import Priority

NETWORK, PASSWORDS = 1, 2
ASKS = frozenset(
    {Ask(NETWORK, 1), Ask(PASSWORDS, 1), Ask(language="de"), Ask(NETWORK, 1, "de"), Ask(PASSWORDS, 1, "de")}
)


def failed(snapshot, who=1):
    return {c.person: c.failed for c in explain(snapshot, 1).considered}[who]


def points(decision, rule):
    return {part.rule: part.points for part in decision.contributions}.get(rule, 0)


# -- rarity


def specialists(work, **policy):
    """Gerda alone speaks German and knows networks; Nick and Gus know half of it; all three can reset a password."""
    people = [
        person(1, name="Gerda", skills={NETWORK: 3, PASSWORDS: 3}, languages=frozenset({"en", "de"})),
        person(2, name="Nick", skills={NETWORK: 3, PASSWORDS: 3}, languages=frozenset({"en"}), load_min=120),
        person(3, name="Nora", skills={NETWORK: 3, PASSWORDS: 3}, languages=frozenset({"en"}), load_min=120),
        person(4, name="Gus", skills={PASSWORDS: 3}, languages=frozenset({"en", "de"}), load_min=120),
    ]
    return replace(desk(work, people, **policy), asks=ASKS)


def test_the_only_german_speaking_network_specialist_is_not_spent_on_a_password_case():
    """No German network case waits just now, and Gerda is the least loaded: still somebody else resets the password."""
    work = [item(1, skill=PASSWORDS, language="en")]
    decided = place(specialists(work), 1)
    assert decided.person in {2, 3}
    gerda = next(c for c in explain(specialists(work), 1).considered if c.person == 1)
    assert {p.rule: p.points for p in gerda.contributions}["spares_rare"] == -6.0
    assert place(specialists(work, rarity_weight=0), 1).person == 1


def test_she_gets_the_german_network_case_at_no_price():
    """What only she can do costs her nothing."""
    decided = place(specialists([item(1, skill=NETWORK, language="de")]), 1)
    assert decided.person == 1
    assert points(decided, "spares_rare") == 0


def test_a_level_that_two_people_reach_protects_by_half():
    """Rarity knows levels: two experts among four are spared by half the weight for work below their level."""
    people = [person(n, skills={NETWORK: level}) for n, level in enumerate((5, 5, 2, 2), start=1)]
    snapshot = replace(desk([item(1, skill=NETWORK)], people), asks=frozenset({Ask(NETWORK, 1), Ask(NETWORK, 5)}))
    prices = {
        c.person: {p.rule: p.points for p in c.contributions}.get("spares_rare", 0)
        for c in explain(snapshot, 1).considered
    }
    assert prices == {1: -3.0, 2: -3.0, 3: 0, 4: 0}


# -- musts


def test_clearance_of_item_and_customer_is_a_must():
    """Every clearance is asked; the way out names the missing one."""
    work = item(1, clearances=frozenset({"export", "bank"}))
    half = person(1, name="Ana", clearances=frozenset({"bank"}))
    assert failed(desk([work], [half])) == ("has_clearance",)
    assert plan(desk([work], [half])).decision(1).ways_out[0].words == "give Ana the clearance export"
    assert failed(desk([work], [half], needs_clearance=False)) == ()


def test_tiers_that_a_person_may_serve():
    """None listed: all of them; else only those."""
    work = item(1, tier="premier")
    assert failed(desk([work], [person(1, tiers=frozenset({"standard"}))])) == ("may_serve_tier",)
    assert failed(desk([work], [person(1, tiers=frozenset({"standard", "premier"}))])) == ()
    assert failed(desk([work], [person(1)])) == ()


def test_limits_by_class_come_from_the_policy_and_from_the_person():
    """Two problems at most by policy, none for the beginner; three new problems are shared out so that both limits hold."""
    problems = [item(n, classes=("kind:problem",), commitments=due(60 * n)) for n in range(1, 4)]
    people = [
        person(1, open_by_class={"kind:problem": 1}, open_count=1),
        person(2),
        person(3, class_limits={"kind:problem": 0}),
    ]
    snapshot = desk(problems, people, class_limits={"kind:problem": 2.0})
    taken = list(plan(snapshot).choices.values())
    assert (taken.count(1), taken.count(2), taken.count(3)) == (1, 2, 0)
    assert failed(snapshot, 3) == ("has_room_in_class",)


def test_a_repair_gives_what_is_too_much_to_somebody_else():
    """The flow alone would give Ana both problems, whom she knows; the limit sends the less urgent one to Ben."""
    problems = [item(n, classes=("kind:problem",), commitments=due(60 * n), worked_before=(1,)) for n in (1, 2)]
    people = [person(1), person(2)]
    assert plan(desk(problems, people)).choices == {1: 1, 2: 1}
    assert plan(desk(problems, people, class_limits={"kind:problem": 1.0})).choices == {1: 1, 2: 2}


# -- region and deputies


def test_a_person_of_the_region_is_preferred():
    """Three points for the same region, none for items or people without one."""
    people = [person(1, region=1), person(2, region=2), person(3)]
    decided = place(desk([item(1, region=2)], people), 1)
    assert decided.person == 2
    assert points(decided, "same_region") == 3.0


def absent(number, deputy, **facts):
    return person(number, is_absent=True, presence=Presence.OFF, deputy=deputy, **facts)


def test_the_deputy_of_an_absent_owner_gets_her_work():
    """The owner is absent: her item competes though owned items stay, and her deputy is preferred to the less loaded."""
    work = item(1, owner=1, is_touched=True, commitments=due(120))
    people = [absent(1, 2, open_count=1), person(2, load_min=200), person(3)]
    decided = plan(desk([work], people)).decision(1)
    assert (decided.verdict, decided.person) == (Verdict.MOVE, 2)
    assert points(decided, "stands_in") == 20.0
    there = [person(1, deputy=2, open_count=1), *people[1:]]
    assert plan(desk([work], there)).choices == {}


def test_chains_of_deputies_end_and_rings_are_survived():
    """An absent deputy passes it on; in a ring nobody stands in, and the item is decided like any other."""
    work = item(1, owner=1, commitments=due(120))
    chain = [absent(1, 2), absent(2, 3), person(3, load_min=200), person(4)]
    assert plan(desk([work], chain)).choices == {1: 3}
    ring = [absent(1, 2), absent(2, 1), person(3, load_min=200), person(4)]
    assert plan(desk([work], ring)).choices == {1: 4}
    assert plan(desk([work], [absent(1, 1), person(4)])).choices == {1: 4}
    assert plan(desk([work], [absent(1, 99), person(4)])).choices == {1: 4}


def broken(_arcs):
    raise Unavailable("the solver is out")


def sick(load_min=600, *, back_h=72, **more):
    """An owner who is absent for days; her colleague is so busy that nobody would give him more."""
    owner = person(
        1, name="Ann", is_absent=True, is_on_shift=False, open_count=1, next_shift_at=NOW + timedelta(hours=back_h)
    )
    return [owner, person(2, name="Bo", load_min=load_min, staffed_week_min=60, **more)]


def test_work_of_somebody_who_is_away_too_long_goes_however_busy_the_others_are():
    """Due tomorrow, its owner back in three days: staying would lose it for certain."""
    work = item(1, owner=1, is_touched=True, commitments=due(24 * 60))
    snapshot = desk([work], sick(6000))
    decided = plan(snapshot)
    assert decided.choices == {1: 2}
    assert place(snapshot, 1).verdict is Verdict.MOVE
    assert place(snapshot, 1).reason.startswith("Ann is away for 3 d. ")
    assert plan(snapshot, run=broken).choices == {1: 2}


def test_work_that_its_owner_is_back_for_in_time_stays_when_all_others_are_busy():
    """Due in a week, its owner back in three days."""
    work = item(1, owner=1, is_touched=True, commitments=due(7 * 24 * 60))
    snapshot = desk([work], sick(6000))
    assert (plan(snapshot).choices, place(snapshot, 1).verdict) == ({1: 1}, Verdict.STAY)


def test_who_was_given_work_and_falls_ill_does_not_keep_it_for_the_rest_of_a_day():
    """The rest after a move protects from flapping, not from help."""
    work = item(1, owner=1, commitments=due(24 * 60), last_moved_at=NOW - timedelta(hours=1))
    assert plan(desk([work], sick())).choices == {1: 2}
    assert plan(desk([replace(work, is_pinned=True)], sick())).choices == {}


def test_when_nobody_else_may_take_it_the_absence_is_said():
    """It stays, and the sentence says that its owner is away."""
    work = item(1, owner=1, commitments=due(24 * 60), skill=7)
    decided = place(desk([work], sick()), 1)
    assert decided.verdict is Verdict.STAY
    assert decided.reason == "Stays with Ann: nobody else may take it now, though Ann is away for 3 d."


# -- promises and moves


def test_response_update_and_resolution_count_together():
    """Three promises of one item add up, each with its weight: 100 * (1 * u1 + 0.5 * u2 + 1 * u3) * 2/8 for a P3 of an hour."""
    kinds = ((CommitmentKind.RESPONSE, 60), (CommitmentKind.UPDATE, 120), (CommitmentKind.RESOLUTION, 200))
    work = item(1, commitments=sum((due(left, kind=kind) for kind, left in kinds), ()))
    snapshot = desk([work], [person()], look_ahead=1.0)
    # u = exp(-(left - work) / mean), with 5 minutes of work for an answer and the whole hour for the resolution
    assert urgency_points(work, snapshot, mean_min=mean_touch_min([work])) == pytest.approx(
        25 * (0.39983 + 0.5 * 0.14709 + 0.09697), abs=0.01
    )
    alone = [urgency_points(item(1, commitments=(c,)), snapshot, mean_min=60) for c in work.commitments]
    assert sum(alone) == pytest.approx(urgency_points(work, snapshot, mean_min=60))


@pytest.mark.parametrize(
    ("owner", "may_move"),
    [
        ({"shift_left_min": 240}, True),
        ({"shift_left_min": 29}, False),
        ({"since_change_min": 29}, False),
        ({"since_change_min": 30}, True),
        ({"is_on_shift": False, "next_shift_at": NOW + timedelta(minutes=20)}, False),
        ({"is_on_shift": False, "next_shift_at": NOW + timedelta(hours=9)}, True),
    ],
)
def test_nothing_is_moved_around_a_change_of_watch(owner, may_move):
    """Within half an hour of the owner's change of watch her items stay; the handover is what moves them then."""
    work = item(1, owner=1, commitments=due(61), priority=Priority.P1)
    people = [person(1, open_count=1, load_min=3000, **owner), person(2, skills={1: 5})]
    assert (1 in plan(desk([work], people, is_rebalancing=True)).choices) == may_move


def test_a_move_must_win_more_than_handover_and_margin():
    """Touched work costs (15 + 15) min * 40 points an hour = 20 points to move: a gain of a little less keeps it, more moves it."""

    def moved(load_min):
        work = item(1, owner=1, is_touched=True)
        people = [person(1, open_count=1, load_min=load_min + 60), person(2)]
        return plan(desk([work], people, is_rebalancing=True)).choices[1] == 2

    assert not moved(300)
    assert moved(900)


# -- bad input


def test_bad_facts_are_refused_and_said():
    """Negative loads and counts name what was expected."""
    for wrong in ({"load_min": -1}, {"class_limits": {"kind:problem": -1}}, {"open_by_class": {"a": -2}}):
        with pytest.raises(InvalidFacts, match="must be at least 0, got -"):
            person(**wrong)


def test_nobody_can_is_an_answer():
    """A skill that nobody has, and everybody on leave: no one, with the musts that say why."""
    nobody = plan(desk([item(1, skill=9)], [person(1), person(2)])).decision(1)
    assert (nobody.verdict, nobody.rejected[0].rule, nobody.rejected[0].people) == (
        Verdict.NO_ONE,
        "has_required_skill",
        2,
    )
    away = plan(desk([item(1)], [absent(1, None), absent(2, 1)])).decision(1)
    assert (away.verdict, away.rejected[0].rule) == (Verdict.NO_ONE, "is_present_and_on_shift")


def test_a_person_in_two_teams_takes_work_of_both():
    """Membership is a set: either team will do."""
    people = [person(1, teams=frozenset({1, 2}))]
    assert plan(desk([item(1, team=1), item(2, team=2)], people)).choices == {1: 1, 2: 1}


@pytest.mark.parametrize(
    "change",
    [
        {"since_change_min": 3},
        {"clearances": frozenset({"bank"})},
        {"tiers": frozenset({"plus"})},
        {"region": 4},
        {"class_limits": {"kind:problem": 1}},
        {"open_by_class": {"kind:problem": 1}},
        {"is_absent": True},
        {"deputy": 2},
    ],
)
def test_the_digest_covers_what_people_bring(change):
    """Each new fact about a person changes the fingerprint."""
    assert facts_digest(desk([], [person()]), {}) != facts_digest(desk([], [person(**change)]), {})


@pytest.mark.parametrize("change", [{"clearances": frozenset({"bank"})}, {"region": 4}, {"classes": ("kind:problem",)}])
def test_the_digest_covers_what_items_ask(change):
    """Each new fact about an item, and what the desk asks, changes the fingerprint."""
    assert facts_digest(desk([item()], []), {}) != facts_digest(desk([item(**change)], []), {})
    assert facts_digest(desk([], []), {}) != facts_digest(replace(desk([], []), asks=ASKS), {})
