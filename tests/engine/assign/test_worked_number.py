"""The example of docs/algorithms/assign.md, number by number."""

from pathlib import Path

from tests.engine.assign.smalldesk import desk, due, item, person
from watchbill.engine.assign.decide import place
from watchbill.engine.assign.facts import CommitmentKind
from watchbill.engine.assign.policy import PARAMETERS
from watchbill.engine.assign.rules import RULES
from watchbill.engine.base.work import Priority

WORK = item(
    1,
    priority=Priority.P2,
    touch_min=60,
    effort_min=120,
    skill=7,
    min_level=2,
    commitments=due(150, kind=CommitmentKind.RESOLUTION, target_min=480),
    knows_customer=(2,),
)
ANA = person(1, name="Ana", skills={7: 3}, load_min=120, open_count=2)
BEN = person(2, name="Ben", skills={7: 2}, load_min=360, open_count=3)
CAI = person(3, name="Cai", skills={7: 1}, load_min=0)


def _parts(candidate):
    return {part.rule: part.points for part in candidate.contributions}


def test_the_worked_number_of_the_document():
    """Ana takes it with 27.54 points, Ben would have 20.17, Cai lacks a level."""
    decision = place(desk([WORK], [ANA, BEN, CAI]), 1)
    (ben,) = decision.alternatives
    assert (decision.person, decision.score, ben.score) == (1, 27.54, 20.17)
    assert _parts(decision) == {"urgency": 21.29, "skill_speed": 2.13, "time_left_in_shift": 6.0, "even_load": -1.88}
    assert _parts(ben) == {"urgency": 21.29, "time_left_in_shift": 6.0, "continuity": 6.0, "even_load": -13.12}
    assert ben.lost_by == "even_load -13.1 against -1.9"
    assert [rejection.words for rejection in decision.rejected] == ["1 lacks the skill or its level"]


def test_the_document_shows_these_numbers_and_every_rule_and_parameter():
    """Every number of the example, every rule and every parameter is named in the document."""
    text = (Path(__file__).parents[3] / "docs" / "algorithms" / "assign.md").read_text(encoding="utf-8")
    for number in ("22.06", "21.29", "2.13", "1.88", "13.12", "27.54", "20.17"):
        assert number in text, number
    for rule in RULES:
        assert f"`{rule.name}`" in text, rule.name
        assert rule.sentence in text, rule.name
    for parameter in PARAMETERS:
        assert f"`{parameter.name}`" in text, parameter.name
        assert parameter.sentence in text, parameter.name
