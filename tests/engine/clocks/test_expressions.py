"""The language of conditions: any text is read as it is meant, or refused where it goes wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.cases import cases
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks import ExpressionFailed
from watchbill.engine.clocks.asking import names_of
from watchbill.engine.clocks.expressions import parse

PIECES = (
    "event", "state", "actor", "priority", "owned", "queue", "tier", "customer", "attributes.n", "attributes.größe",
    "attributes.", "and", "or", "not", "is", "is not", "in", "none", "always", "never", "(", ")", ",", "=", "!=", "<", ">=",
    "reply", "opened", "new", "open", "P1", "p3", '"a b"', '"', '""', '"none"', '"and"', '" "', "inf", "nan", "1e999",
    "-5", "1_000", "1234567", "1e22", "0.1", "gold", "GOLD", "ß", "İ", "e\u0301", "\x00", "\n", "\u2028", "\xa0", "“x”", ".", "٣",
)  # fmt: skip
WORDS = st.sampled_from(PIECES)
TEXTS = st.lists(WORDS, max_size=14).map(" ".join) | st.lists(WORDS, max_size=8).map("".join) | st.text(max_size=60)
VALUES = {
    "event": ("opened", "reply"), "state": ("new", "waiting_vendor", "closed"), "owned": (True, False),
    "priority": ("P1", "P3"), "queue": (None, "Network", "desk"), "attributes.n": (0, 3, 1234567, "4"),
}  # fmt: skip
CLAIMS = st.sampled_from((
    "always", "never", "owned", "event is reply", "event is not opened", "state in (open, closed)", "priority != P1",
    "queue is none", 'queue in ("network", none)', "queue not in (desk)", "attributes.n > 2", "attributes.n is 1234567",
    "attributes.n <= 3",
))  # fmt: skip
SENTENCES = st.recursive(
    CLAIMS,
    lambda inner: (
        st.builds("not ({})".format, inner)
        | st.builds("({}) and ({})".format, inner, inner)
        | st.builds("({}) or ({})".format, inner, inner)
    ),
    max_leaves=8,
)


@settings(max_examples=cases(0.5), deadline=None)
@given(TEXTS | SENTENCES)
def test_any_text_reads_back_as_it_was_written_or_is_refused(text):
    """With the key, the place in the text, and what was expected there."""
    try:
        read = parse(text, "clock.start")
    except InvalidFacts as refusal:
        told = refusal
    else:
        assert parse(str(read)) == read
        assert str(parse(str(read))) == str(read)
        return
    assert re.match(r"^clock\.start: at character \d+ expected .+, got ", told.message, re.DOTALL)
    assert told.details["key"] == "clock.start"
    assert 0 <= told.details["at"] <= len(text)
    assert told.details["expected"]


@settings(max_examples=cases(0.3), deadline=None)
@given(SENTENCES, st.sets(st.sampled_from(sorted(VALUES))), st.data())
def test_what_may_hold_is_sound(text, known, data):
    """Told of some fields only: yes means yes and no means no, whatever the others hold."""
    values = {name: data.draw(st.sampled_from(held)) for name, held in VALUES.items()}
    read = parse(text)
    told = read.may_hold({name: values[name] for name in known})
    assert told in (None, read.holds(values))
    assert read.may_hold(values) is read.holds(values)


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "empty"), ("many", "'many'"), ("nan", "'nan'"), (True, "True"), (10**400, "1000")]
)
def test_a_comparison_that_cannot_be_made_names_field_and_value(value, shown):
    """Empty, a word, no number at all, a flag, more than a number can be."""
    with pytest.raises(ExpressionFailed, match=r"^“attributes\.n > 2” needs a number, and attributes\.n is ") as failed:
        parse("owned or attributes.n > 2").holds({"attributes.n": value})
    assert shown in failed.value.message
    assert failed.value.details == {"field": "attributes.n", "value": value}


def test_numbers_keep_their_digits():
    """As they are written, and as they are compared: 1234567 is neither 1.23457e+06 nor about that."""
    for number in ("1234567", "0.1", "1e22", "-20", "123456789.125"):
        assert str(parse(f"attributes.n < {number}")) == f"attributes.n < {number}"
    assert parse("attributes.n is 1234567").holds({"attributes.n": 1234567})
    assert parse("attributes.n is 1234567").holds({"attributes.n": 1234567.0})
    assert parse("attributes.vip is true").holds({"attributes.vip": True})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "^k: at character 1 expected a field"),
        ("(" * 41 + "owned" + ")" * 41, "^k: at character 42 expected no more than 40 levels"),
        ("not " * 41 + "owned", "expected no more than 40 levels"),
        ("(" * 40 + "state is not new" + ")" * 40, "expected no more than 40 levels"),
        ("owned and " * 250 + "owned", "^k: expected at most 2,000 characters, got 2,505$"),
        ("queue in (" + "a," * 900 + "a)", "^k: expected at most 2,000 characters once spaced, got"),
        ("attributes.n < inf", "^k: at character 16 expected a number, got 'inf'$"),
        ("attributes.n < nan", "expected a number, got 'nan'$"),
        ("attributes. is x", "^k: at character 1 expected a field"),
        ('queue is "desk', "^k: at character 10 expected a word, a text in double quotes"),
        ("queue is none or", "^k: at character 17 expected a field .*, got 'the end'$"),
        ("event is replied", "did you mean reply"),
        ("owned owned", "^k: at character 7 expected “and”, “or” or the end, got 'owned'$"),
    ],
)
def test_refusals_name_the_place(text, message):
    """Nesting, length, numbers, quotes, and what is left over."""
    with pytest.raises(InvalidFacts, match=message):
        parse(text, "k")


def test_the_names_that_an_expression_asks_for():
    """Of texts that a desk knows, wherever they stand; words of the language and empty fields are no names."""
    said = 'not (queue in (A, "b c", none) or team is "none") and state is new and attributes.x is y and tier != gold'
    assert list(names_of(parse(said))) == [
        ("queue", "A"), ("queue", "b c"), ("team", "none"), ("tier", "gold")
    ]  # fmt: skip
