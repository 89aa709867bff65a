"""Rules by condition: read, asked of people, and found when two of them leave nobody; against brute force on small worlds."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.assign.smalldesk import desk, item, person
from watchbill.engine.assign.claims import admits
from watchbill.engine.assign.contradictions import can_hold_together, clashes, gaps, unknown
from watchbill.engine.assign.decide import explain, place, plan
from watchbill.engine.assign.outcome import Verdict
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Sort, route_of
from watchbill.engine.assign.routingform import read_rule
from watchbill.engine.base.errors import InvalidFacts

NAMES = {
    Sort.TEAM: {"core": (1,), "edge": (2,)},
    Sort.SKILL: {"network": (1,), "mail": (2,)},
    Sort.REGION: {"emea": (1,), "apj": (2,)},
    Sort.PERSON: {"ana": (1,), "ben": (2,), "eva lund": (3, 4)},
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("when always then ask team Core", None),
        (" when  category is network then ask skill Network at level 3 ,hold for region EMEA",
         "when category is network then ask skill Network at level 3, hold for region EMEA"),
        ('when category is "then some" then only ("Eva Lund", Ben) and never Ana', 'when category is "then some" then only ("Eva Lund", Ben), never Ana'),
        ("when priority in (P1, P2) and not owned then prefer region EMEA by 12.5, prefer person Ana by 3", None),
        ("when tier is premier then ask clearance bank, ask tier premier, ask language de", None),
    ],
)  # fmt: skip
def test_a_rule_reads_back(text, shown):
    """A rule is written as it is read, with single blanks and commas between what it asks."""
    assert str(read_rule(text)) == (shown or text)
    assert read_rule(str(read_rule(text))) == read_rule(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("category is network then ask team Core", "at character 1 expected “when” and a condition, got 'category'"),
        ("when category is network", "at character 25 expected “then” and what is asked, got 'the end'"),
        ("when categry is network then ask team Core", "did you mean category?"),
        ("when prority is P1 then ask team Core", "at character 6 expected a field"),
        ("when priority is P7 then ask team Core", "at character 18 expected one of P1, P2, P3, P4"),
        ("when always then aks team Core", "at character 18 expected one of ask, only, never, prefer, hold – did you mean ask?, got 'aks'"),
        ("when always then ask tem Core", "did you mean team?"),
        ("when always then ask region EMEA", "expected one of team, skill, language, clearance, tier"),
        ("when always then prefer team Core", "at character 34 expected “by”, got 'the end'"),
        ("when always then prefer team Core by 0", "expected points above 0, at most 100, got '0'"),
        ("when always then ask skill Network at level 9", "expected a level from 1 to 5, got '9'"),
        ("when always then only (Ana", "expected “,” or “)”, got 'the end'"),
        ("when always then ask team Eva Lund", "expected “,” and what more is asked, or the end, got 'Lund'"),
        ("when event is reply then ask team Core", "“event” is about what happened to it"),
    ],
)  # fmt: skip
def test_a_slip_is_refused_with_its_place(text, said):
    """What is no rule is refused with the character, what was expected there, and what was perhaps meant."""
    with pytest.raises(InvalidFacts) as refused:
        read_rule(text, "rules[0]")
    assert refused.value.message.startswith("rules[0]: ")
    assert said in refused.value.message


def route(*texts, **values):
    return route_of([read_rule(text) for text in texts], values, NAMES)


def test_rules_that_hold_add_up():
    """Each rule that holds adds what it asks, in order; the others nothing; a number asked of a text does not hold."""
    texts = (
        "when category is network then ask team Core",
        "when attributes.devices > 20 then never Ana",
        "when priority is P1 then prefer person Ben by 10",
    )
    found = route(*texts, category="Network", priority="P1", **{"attributes.devices": "many"})
    assert [(claim.rule, claim.keys) for claim in found] == [(1, (1,)), (3, (2,))]
    assert route(*texts, category="mail", priority="P3", **{"attributes.devices": 21})[0].rule == 2


@pytest.mark.parametrize(
    ("text", "able", "unable"),
    [
        ("ask team (Core, Edge)", {"teams": frozenset({2})}, {"teams": frozenset({3})}),
        ("ask skill network at level 3", {"skills": {1: 3}}, {"skills": {1: 2, 2: 5}}),
        ("ask language de", {"languages": frozenset({"de"})}, {}),
        ("ask clearance bank", {"clearances": frozenset({"bank"})}, {}),
        ("ask tier premier", {}, {"tiers": frozenset({"standard"})}),
        ("hold for region EMEA", {"region": 1}, {"region": 2}),
        ("hold for region EMEA", {"region": 1}, {}),
        ("only (Ana, Ben)", {"id": 2}, {"id": 3}),
        ('never "Eva Lund"', {"id": 1}, {"id": 4}),
        ("ask team Nowhere", None, {"teams": frozenset({1, 2})}),
    ],
)  # fmt: skip
def test_each_demand_leaves_who_fulfils_it(text, able, unable):
    """A demand is a must: it leaves those who are or have one of what it names; a name that nobody has leaves nobody."""
    asked = route(f"when always then {text}")
    assert able is None or admits(asked, person(**{"number": able.pop("id", 9), **able}))
    assert not admits(asked, person(**{"number": unable.pop("id", 9), **unable}))


def test_the_plan_keeps_to_rules_and_says_so():
    """A must of a rule is never broken; who is left out by it is counted, the way out names the rule, points are told."""
    asked = route("when always then ask team Core", "when always then prefer person Ben by 40")
    people = [person(1, teams=frozenset({1}), name="Ana"), person(2, teams=frozenset({1}), name="Ben"), person(3)]
    snapshot = desk([item(route=asked)], people)
    found = place(snapshot, 1)
    assert found.person == 2
    assert ("preferred_by_rule", 40.0, "preferred by rule 2 of the policy") in [
        (each.rule, each.points, each.words) for each in found.contributions
    ]
    assert [(each.rule, each.people, each.words) for each in found.rejected] == [
        ("is_asked_for", 1, "1 is left out by rule 1 of the policy")
    ]
    assert plan(snapshot).choices == {1: 2}
    assert explain(snapshot, 1).considered[-1].words == "is left out by rule 1 of the policy"
    alone = place(desk([item(route=asked)], [person(3, name="Eva")]), 1)
    assert alone.verdict is Verdict.NO_ONE
    assert alone.ways_out[0].words == "give it to Eva against rule 1 of the policy"


def test_people_left_out_by_rules_are_counted_with_the_numbers():
    """Of all that the rules which hold ask; who fails another must first is not counted with them."""
    asked = route("when always then ask team Core", "when always then never Ben", "when always then ask language de")
    people = [
        person(1, teams=frozenset({1}), languages=frozenset({"de"}), name="Ana"),
        person(2, teams=frozenset({1}), languages=frozenset({"de"}), name="Ben"),
        person(3, languages=frozenset({"de"})),
        person(4, is_on_shift=False),
    ]
    found = place(desk([item(route=asked), item(2)], people), 1)
    assert {each.rule: each.words for each in found.rejected}[
        "is_asked_for"
    ] == "2 are left out by rules 1 and 2 of the policy"


def test_a_policy_keeps_its_rules():
    """Rules are sentences in the body of a policy; a slip says which."""
    body = {"rules": ["when priority is P1 then ask team Core"]}
    policy = Policy.from_json(body)
    assert policy.as_json()["rules"] == body["rules"]
    assert Policy.from_json(policy.as_json()) == policy
    with pytest.raises(InvalidFacts, match="rule 2 \\(“if”\\): at character 1 expected “when”") as refused:
        Policy.from_json({"rules": [*body["rules"], "if"]})
    assert (refused.value.details["key"], refused.value.details["at"]) == ("rules[1]", 0)
    long = f"when priority is P7 or category is {'x' * 80} then ask team Core"
    with pytest.raises(InvalidFacts, match="rule 1 \\(“when priority is P7 or category is …”\\): at character 18"):
        Policy.from_json({"rules": [long]})


# -- contradictions -------------------------------------------------------------------------------------------------


def rules(*texts):
    return [read_rule(text) for text in texts]


STAFF = [
    person(1, name="Ana", teams=frozenset({1}), skills={1: 3}),
    person(2, name="Ben", teams=frozenset({2}), skills={1: 2}),
    person(3, name="Eva", teams=frozenset({1}), is_active=False, skills={2: 5}),
]


def test_two_teams_at_once_are_a_contradiction():
    """Team Core only and team Edge only can both hold, and nobody is in both: the pair and an example are named."""
    [found] = clashes(
        rules("when category is network then ask team Core", "when priority in (P1, P2) then ask team Edge"),
        STAFF, NAMES,
    )  # fmt: skip
    assert (found.first, found.second) == (1, 2)
    assert found.example == {"category": "network", "priority": "P1"}
    assert found.sentence == (
        "rule 2 contradicts rule 1: both hold for an item with category network, priority P1, and then nobody may take it"
        " (rule 1 leaves Ana and rule 2 leaves Ben)"
    )


@pytest.mark.parametrize(
    "texts",
    [
        ("when priority is P1 then ask team Core", "when priority is P2 then ask team Edge"),
        ("when attributes.n > 5 then only Ana", "when attributes.n <= 5 then only Ben"),
        ("when category is a then only Ana", "when not category in (a, b) then only Ben"),
        ("when owned then only Ana", "when not owned then only Ben"),
        ("when always then ask team Core", "when always then ask skill network at level 3"),
        ("when always then only Ana", "when state is resolved then only Ben"),
        ("when always then prefer team Core by 5", "when always then prefer team Edge by 5"),
    ],
)
def test_rules_that_never_meet_or_leave_somebody_do_not_clash(texts):
    """No contradiction where no item to be assigned is like both, or somebody fulfils both."""
    assert clashes(rules(*texts), STAFF, NAMES) == []


def test_numbers_between_two_limits_are_an_example():
    """Above 5 and below 6 leaves 5.5."""
    assert can_hold_together(rules("when attributes.n > 5 then only Ana", "when attributes.n < 6 then only Ben")) == {
        "attributes.n": 5.5
    }


def test_a_rule_may_contradict_itself():
    """Only Ana, and a team in which she is not."""
    [found] = clashes(rules("when always then only Ana, ask team Edge"), STAFF, NAMES)
    assert (found.first, found.second) == (1, 1)
    assert "rule 1 contradicts itself" in found.sentence


def test_what_nobody_has_is_a_gap_with_the_nearest():
    """A skill at a level that nobody active has is a warning with who comes nearest, and no contradiction."""
    asked = rules(
        "when always then ask skill network at level 5",
        "when always then ask skill mail",
        "when always then ask team Edge",
    )
    assert [gap.sentence for gap in gaps(asked, STAFF, NAMES)] == [
        "rule 1: “ask skill network at level 5” leaves nobody; nearest: Ana (level 3), Ben (level 2)",
        "rule 2: “ask skill mail” leaves nobody; nobody has that skill at all",
    ]
    assert clashes(asked, STAFF, NAMES) == []


def test_names_that_the_desk_does_not_have_are_found():
    """Place of the rule, demand and name; sorts whose names are not kept are passed over."""
    asked = rules("when always then ask team Cores, ask language tlh", "when always then only (Ana, Bob)")
    assert [(at, name) for at, _, name in unknown(asked, NAMES)] == [(0, "Cores"), (1, "Bob")]


WORLD = {
    "priority": ["P1", "P2", "P3", "P4"],
    "category": [None, "a", "b", "c"],
    "owned": [True, False],
    "attributes.n": [None, "x", 0, 1, 1.5, 2, 3],
}
atoms = st.sampled_from([
    "priority is P1", "priority in (P1, P3)", "category is a", "category in (b, none)", "category is not a", "owned",
    "attributes.n > 1", "attributes.n <= 1", "attributes.n < 2", "attributes.n is x", "attributes.n is none", "always",
])  # fmt: skip
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=5,
)
demands = st.sampled_from(
    [
        "ask team Core",
        "ask team Edge",
        "only Ana",
        "only (Ana, Ben)",
        "never Ana",
        "ask skill network at level 3",
        "prefer team Core by 5",
    ]
)


def world():
    return [dict(zip(WORLD, values, strict=True)) for values in product(*WORLD.values())]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(conditions, demands), min_size=2, max_size=3))
def test_contradictions_equal_brute_force(pairs):
    """Two rules clash just when some item of the whole small world is like both and nobody is left, each leaving somebody."""
    found = clashes(made := rules(*(f"when {when} then {asked}" for when, asked in pairs)), STAFF, NAMES)
    staff = [one for one in STAFF if one.is_active]
    for values in world():
        held = [at for at, rule in enumerate(made) if rule.holds(values)]
        for second in held:
            for first in (at for at in held if at < second):
                both = route_of([made[first], made[second]], values, NAMES)
                each = [route_of([made[at]], values, NAMES) for at in (first, second)]
                if not any(admits(both, one) for one in staff) and all(
                    any(admits(r, one) for one in staff) for r in each
                ):
                    assert (first + 1, second + 1) in {(clash.first, clash.second) for clash in found}
    for clash in found:
        assert all(made[n - 1].holds(clash.example) for n in (clash.first, clash.second))
        told = route_of([made[n - 1] for n in {clash.first, clash.second}], clash.example, NAMES)
        assert not any(admits(told, one) for one in staff)
