"""What the outcome says: alternatives, people left out, ways out, owned items."""

from datetime import timedelta

import pytest

from tests.engine.assign.smalldesk import NOW, desk, due, item, person
from watchbill.engine.assign.decide import explain, place, plan
from watchbill.engine.assign.facts import Presence, facts_digest
from watchbill.engine.assign.outcome import Verdict
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.words import against, points_words, score_words, span
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.work import Priority


def test_the_loser_is_told_where_she_fell_behind():
    """Two equals but for load: the busy one loses on even_load, with both amounts."""
    decision = place(desk([item()], [person(1, load_min=600), person(2)]), 1)
    assert decision.person == 2
    (other,) = decision.alternatives
    assert other.person == 1
    assert other.lost_by.startswith("even_load -")
    assert decision.reason.startswith("person 2 scores ")


def test_long_spans_are_told_in_days():
    """Nobody reads 332 hours."""
    assert [span(minutes) for minutes in (45, 125, 1439, 1440, 19_918)] == [
        "45 min", "2 h 05 min", "23 h 59 min", "1 d", "13 d 19 h",
    ]  # fmt: skip


def test_a_small_figure_is_never_minus_nothing():
    """A loss of a few hundredths reads 0; two amounts get the digits that tell them apart."""
    assert [points_words(points) for points in (-0.04, 0.04, 0.0, -0.06, 3.41)] == ["0", "0", "0", "-0.1", "+3.4"]
    assert [score_words(score) for score in (-0.04, -1.26)] == ["0.0", "-1.3"]
    assert against(-0.04, 0.0) == "-0.04 against 0"
    assert against(-1.21, -0.04) == "-1.2 against 0"


def test_parts_that_are_worth_nothing_are_left_out():
    """Load of an idle person and urgency without a clock are no reasons when they give no points."""
    decision = place(desk([item()], [person(1)], load_weight=0, spread_weight=0), 1)
    assert decision.person == 1
    assert "even_load" not in [part.rule for part in decision.contributions]
    assert all(part.points for part in decision.contributions)


def test_people_left_out_are_counted_at_the_first_must():
    """Somebody who is away and untrained counts once, as away."""
    people = [
        person(1),
        person(2, presence=Presence.AWAY),
        person(3, skills={5: 1}, open_count=5),
        person(4, skills={5: 1}),
    ]
    decision = place(desk([item(skill=5)], people), 1)
    assert decision.person == 4
    assert {r.rule: r.people for r in decision.rejected} == {
        "is_present_and_on_shift": 1,
        "has_required_skill": 1,
        "has_free_slot": 1,
    }
    assert "1 lacks the skill or its level" in [r.words for r in decision.rejected]


@pytest.mark.parametrize(
    ("work", "who", "rule", "words"),
    [
        ({}, {"open_count": 5}, "has_free_slot", "raise the limit of Ana from 5 to 6 items"),
        ({"skill": 2, "min_level": 3}, {"skills": {2: 1}}, "has_required_skill", "level 3 required, has 1"),
        ({"team": 4}, {}, "is_in_team", "lend Ana to team 4"),
        ({"language": "pt"}, {}, "speaks_language", "give it to Ana, who does not speak pt"),
        ({}, {"presence": Presence.AWAY}, "is_present_and_on_shift", "call Ana, who is on shift but away"),
        ({}, {"shift_left_min": 20}, "has_time_left_in_shift", "20 min left, about 1 h 00 min needed"),
        ({"declined_by": (1,)}, {}, "has_not_declined", "ask Ana again, who declined it"),
        (
            {},
            {"is_on_shift": False, "shift_left_min": 0, "next_shift_at": NOW + timedelta(hours=3)},
            "is_present_and_on_shift",
            "Ana comes on shift at 2026-03-02 13:00 UTC",
        ),
    ],
)
def test_no_one_can_take_this_names_the_way_out(work, who, rule, words):
    """With one must in the way, the answer says which one, and relaxing it alone would do."""
    decision = place(desk([item(**work)], [person(1, name="Ana", **who)]), 1)
    assert decision.verdict is Verdict.NO_ONE
    assert decision.reason.startswith("No one can take this: 1 ")
    (way,) = decision.ways_out
    assert (way.rule, way.person) == (rule, 1)
    assert words in way.words


def test_that_nobodys_hours_are_known_is_said():
    """Before hours are inferred everybody counts as off shift: the reason says so, and what to do; one known week is enough."""
    off = {"is_on_shift": False, "staffed_week_min": 0, "shift_left_min": 0}
    unknown = [person(1, **off), person(2, **off)]
    decision = place(desk([item()], unknown), 1)
    assert decision.reason.startswith("No one can take this: 2 are away or off shift (nobody's working hours are known")
    known = [person(1, **off), person(2, **off, next_shift_at=NOW + timedelta(hours=3))]
    decision = place(desk([item()], known), 1)
    assert decision.reason == "No one can take this: 2 are away or off shift."


def test_nobody_is_one_must_away():
    """Two musts in the way of everybody: no way out is invented."""
    decision = place(desk([item(skill=1, team=1)], [person()]), 1)
    assert decision.verdict is Verdict.NO_ONE
    assert decision.ways_out == ()


def test_a_shift_that_starts_in_time_is_the_cheapest_way_out():
    """Waiting for 11:00 comes before a higher limit when the promise is due at 12:00, and after it when due at 10:30."""
    people = [
        person(1, is_on_shift=False, next_shift_at=NOW + timedelta(hours=1)),
        person(2, open_count=5),
    ]
    relaxed = [place(desk([item(commitments=due(left))], people), 1).ways_out for left in (120, 30)]
    assert [[way.person for way in ways] for ways in relaxed] == [[1, 2], [2, 1]]
    assert relaxed[0][0].at == NOW + timedelta(hours=1)


def test_waiting_work_says_whose_slot_is_missing():
    """All slots taken by more urgent work: the item waits, and one more slot is the way out."""
    decision = plan(desk([item(1, commitments=due(60)), item(2)], [person(7, wip_limit=1)])).decision(2)
    assert decision.verdict is Verdict.WAIT
    assert decision.reason == "1 person could take this, but every free slot goes to other work in this plan."
    assert not decision.alternatives[0].has_slot
    assert [way.rule for way in decision.ways_out] == ["has_free_slot"]


def test_owned_items_stay_by_default():
    """Without the policy's leave nothing is moved, however loaded the owner is."""
    snapshot = desk([item(owner=1)], [person(1, load_min=2000, open_count=5), person(2)])
    assert plan(snapshot).choices == {}
    assert place(snapshot, 1).verdict is Verdict.STAY


def test_work_of_a_deactivated_person_is_given_to_somebody():
    """An owner without account counts as gone: her work competes as if unassigned, at no price of a move."""
    decision = place(desk([item(owner=1, is_touched=True)], [person(1, is_active=False), person(2)]), 1)
    assert (decision.verdict, decision.person, decision.owner) == (Verdict.ASSIGN, 2, None)
    assert "stays_with_owner" not in [part.rule for part in decision.contributions]


@pytest.mark.parametrize(("load_min", "verdict"), [(300, Verdict.STAY), (1500, Verdict.MOVE)])
def test_a_move_must_gain_more_than_its_price(load_min, verdict):
    """A busy owner keeps the item until the load difference is worth handover and margin."""
    owned = item(owner=1, is_touched=True)
    snapshot = desk([owned], [person(1, load_min=load_min, open_count=1), person(2)], is_rebalancing=True)
    decision = plan(snapshot).decision(1)
    assert decision.verdict is verdict
    assert verdict is Verdict.STAY or decision.gain > 0


@pytest.mark.parametrize("facts", [{"is_pinned": True}, {"last_moved_at": NOW - timedelta(hours=23)}])
def test_pinned_and_lately_moved_items_rest(facts):
    """No move, whatever it would gain: pinned for good, moved once a day at most."""
    snapshot = desk([item(owner=1, **facts)], [person(1, load_min=5000, open_count=1), person(2)], is_rebalancing=True)
    assert plan(snapshot).choices == {}


def test_owned_work_never_goes_back_to_the_queue():
    """A far more urgent item does not push the owner's item out of her only slot: it waits."""
    owned, urgent = item(1, owner=1), item(2, priority=Priority.P1, commitments=due(60))
    snapshot = desk([owned, urgent], [person(1, open_count=1, wip_limit=1)], is_rebalancing=True)
    assert plan(snapshot).choices == {1: 1, 2: None}


def test_placing_looks_at_the_current_plan():
    """A slot that the plan has promised to other work is not given twice."""
    snapshot = desk([item(1), item(2)], [person(1, wip_limit=1), person(2, load_min=900)])
    assert place(snapshot, 1).person == 1
    assert place(snapshot, 1, current={2: 1}).person == 2


def test_unknown_items_are_not_found():
    """Asking about an item that is not in the facts is an error that says so."""
    for ask in (place, explain):
        with pytest.raises(NotFound, match="Item 9"):
            ask(desk([], []), 9)
    with pytest.raises(NotFound, match="Item 9"):
        plan(desk([], [])).decision(9)


@pytest.mark.parametrize(
    "other",
    [
        desk([item(is_touched=True)], [person()]),
        desk([item()], [person(load_min=1)]),
        desk([item()], [person()], seed=1),
        desk([item()], [person()], look_ahead=2.0),
        desk([item()], [person()], now=NOW + timedelta(minutes=1)),
    ],
)
def test_the_digest_changes_with_the_facts(other):
    """Item, person, seed, policy and instant each leave their mark; names do not."""
    assert facts_digest(other, {}) != facts_digest(desk([item()], [person()]), {})
    assert facts_digest(desk([item()], [person(name="Ana")]), {}) == facts_digest(desk([item()], [person()]), {})


def test_names_reach_the_words():
    """Names of people and skills come from the facts, where they are known."""
    snapshot = desk([item(skill=3, commitments=due(60))], [person(1, name="Ana", skills={3: 4})])
    named = type(snapshot)(
        now=NOW, items=snapshot.items, people=snapshot.people, policy=Policy(), skill_names={3: "Network"}
    )
    decision = place(named, 1)
    assert decision.reason == "Ana is the only one who can take this."
    assert "Network: level 4, 1 required" in [part.words for part in decision.contributions]


def test_people_about_whom_nothing_can_be_said_are_equal():
    """Every weight at nothing, one item without a clock: the other person has an equal score, and no rule is named."""
    nothing = dict.fromkeys(("load_weight", "spread_weight", "shift_weight", "late_residual"), 0)
    decision = place(desk([item()], [person(1), person(2)], **nothing), 1)
    assert (decision.contributions, decision.alternatives[0].lost_by) == ((), "equal score")
