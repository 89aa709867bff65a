"""The two main reasons of a risk, in words that say what they mean."""

import numpy as np

from watchbill.engine.sense.risk.features import Features
from watchbill.engine.sense.risk.reasons import FAMILIES, told_first

NAMES = ("used", "odds.priority", "odds.trait.category", "odds.actor")


def codes(shares, *values):
    row = np.array([[shares.get(code, 0.0) for code in FAMILIES]])
    found = Features(names=NAMES, values=np.array([values], dtype=np.float32))
    return [FAMILIES[at] for at in told_first(row, found)[0]]


def test_the_two_that_push_up_most():
    """Time first, then its kind, which was missed more often than others."""
    assert codes({"time": 0.9, "kind": 0.5, "owner": 0.1}, 0.5, 0.3, 0.2, 0.1) == ["time", "kind"]


def test_no_reason_says_the_opposite():
    """Kinds that are missed less often are no reason for a risk, whatever their interplay adds; nor is such a hand."""
    shares = {"time": 0.9, "kind": 0.5, "last_touch": 0.4, "owner": 0.1}
    assert codes(shares, 0.5, 0.3, -0.4, -0.1) == ["time", "owner"]


def test_what_speaks_against_a_risk_is_told_where_nothing_speaks_for_it():
    """Of a small risk: everything pulls it down, and what pulls least stands first."""
    shares = dict.fromkeys(FAMILIES, -1.0) | {"kind": -0.2, "time": -0.1}
    assert codes(shares, 0.1, -0.3, -0.2, 0.0) == ["time", "kind"]
