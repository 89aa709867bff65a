"""What pages call things: no name of the code stands where people read."""

from watchbill.engine.assign import rules
from watchbill.interfaces.web import words


def test_every_rule_of_assignment_has_a_heading():
    """A reason on a card is called by its heading."""
    weighed = {rule.name for rule in rules.RULES if rule.level is not rules.RuleLevel.MUST}
    assert weighed <= set(words.RULE)
    assert not any("_" in heading for heading in words.RULE.values())
