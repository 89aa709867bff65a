"""Attainment by every slice, the lists behind its numbers, and how a list is paged."""

from __future__ import annotations

import pytest

from tests.apps.reports.three_cases import LATER, attained
from tests.factories import BOSS, NOW
from watchbill.apps.reports.attainment import commitment_page, summed
from watchbill.apps.reports.choices import By, Result
from watchbill.apps.reports.slices import NOBODY, Slice, place_of, place_shown
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.report import Proportion

pytestmark = pytest.mark.django_db


def test_met_and_missed_are_counted_and_what_is_open_stands_apart(desk, cases):
    """One met of two decided; the one that nobody answered is broken and in neither."""
    found = attained(desk)["response"]
    assert (found.all, found.counted, found.broken) == (Proportion(hits=1, total=2), Proportion(hits=1, total=2), 1)
    assert attained(desk)["resolution"].all.total == 0


@pytest.mark.parametrize("dividing", list(By))
def test_every_slice_adds_up_to_the_whole(desk, cases, dividing):
    """However commitments are divided, none is lost and none counted twice."""
    whole = summed(list(attained(desk).values()))
    parts = summed(list(attained(desk, dividing).values()))
    assert (parts.all, parts.broken) == (whole.all, whole.broken)


def test_every_number_has_its_list(desk, cases):
    """What is behind a number is as long as the number says, page by page."""
    wanted = Slice(desk_id=desk, commitment="response")
    lists = {
        result: [row.reference for row in commitment_page(wanted, result, by=BOSS, now=LATER)] for result in Result
    }
    assert lists == {
        "met": [cases["quick"]], "missed": [cases["late"]], "decided": [cases["late"], cases["quick"]], "excluded": [],
        "broken": [cases["never"]],
    }  # fmt: skip
    (first,) = commitment_page(wanted, Result.DECIDED, limit=1, by=BOSS, now=LATER)
    (second,) = commitment_page(wanted, Result.DECIDED, before=(first.at, first.id), by=BOSS, now=LATER)
    assert second.reference == cases["quick"]


def test_a_slice_asks_for_somebody_or_for_nobody(desk, cases):
    """By owner; 0 stands for those without one."""
    assert attained(desk, owner_id=cases["ann"])["response"].all.total == 2
    assert attained(desk, owner_id=NOBODY)["response"].broken == 1
    assert attained(desk, until=NOW) == {}


def test_a_place_in_a_list_is_read_as_it_was_written():
    """Also from an address, in which a plus has become a space; nothing is no place."""
    place = (NOW, 17)
    assert place_of(place_shown(*place)) == place_of(place_shown(*place).replace("+", " ")) == place
    assert place_of("") is None


@pytest.mark.parametrize(
    "text", ["17", "yesterday_17", f"{NOW:%Y-%m-%dT%H:%M}_17", f"{NOW.isoformat()}_-1", f"{NOW.isoformat()}_{2**63}"]
)
def test_what_is_no_place_in_a_list_is_refused(text):
    """Made up, without a zone, or beyond every key."""
    with pytest.raises(InvalidFacts, match="not a place in a list"):
        place_of(text)
