"""What answers teach: read from decisions, told in words, set aside by people, never applied."""

from __future__ import annotations

import pytest

from tests.answered import answered
from tests.flows.assign.small_desk import NOW, make_small_desk
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.decisions.learning import finding_bring_back
from watchbill.apps.decisions.models import AssignPolicy, Decision
from watchbill.apps.people.rights import Role
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, NotFound
from watchbill.flows.learn import lesson_set_aside, lessons, lessons_shown


@pytest.fixture
def item(desk):
    return WorkItem.objects.get(id=desk.item()).reference


def admin(desk):
    return desk.by(Role.ADMIN)


def test_what_people_prefer_is_found_and_nothing_is_published(desk, item):
    """66 changes to somebody who knows the customer: continuity one and a half times, as later answers judge it."""
    answered(item, chosen=desk.people["Ana"], other=desk.people["Ben"], now=NOW)
    found = lessons(desk.id, by=admin(desk), now=NOW)
    (lesson,) = found.open
    assert lesson.title == "Raise “Worked on it before” from 12 to 18 and “Knows the customer” from 6 to 9"
    assert lesson.sentence.startswith(
        "Of 22 later answers, 0 were as proposed; after the change it would be 22 (22 won"
    )
    assert {case for _, case in lesson.decisions} == {item}
    shown = lessons_shown(found)
    assert (shown["answers"], shown["overridden"], shown["findings"][0]["evidence"]) == (66, 66, 66)
    assert not AssignPolicy.objects.exists()


def test_what_was_taken_back_does_not_teach(desk, item):
    """A change that was undone counts for nothing; an act of autopilot only when it was taken back."""
    people = {"chosen": desk.people["Ana"], "other": desk.people["Ben"]}
    answered(item, now=NOW, undone_at=NOW, **people)
    answered(item, now=NOW, status="applied", given_to_id=desk.people["Ana"], many=5, **people)
    answered(item, now=NOW, status="applied", given_to_id=desk.people["Ana"], undone_at=NOW, many=3, **people)
    answered(item, now=NOW, status="accepted", given_to_id=desk.people["Ana"], many=2, **people)
    said = lessons(desk.id, by=admin(desk), now=NOW).learned
    assert (said.overridden.hits, said.overridden.total, said.told) == (3, 5, 2)


def test_answers_given_while_desk_time_stands_still_count(desk, item):
    """An answer of this very instant is counted, as after refusals in a paused demo."""
    answered(item, chosen=desk.people["Ana"], other=desk.people["Ben"], now=NOW, many=1)
    Decision.objects.update(answered_at=NOW)
    assert lessons(desk.id, by=admin(desk), now=NOW).learned.overridden.total == 1


def test_answers_of_another_desk_or_time_do_not_count(desk, item):
    """Only this desk's, only of the days asked for."""
    answered(item, chosen=desk.people["Ana"], other=desk.people["Ben"], now=NOW)
    other = make_small_desk()
    assert lessons(other.id, by=admin(other), now=NOW).learned.overridden.total == 0
    assert lessons(desk.id, days=1, by=admin(desk), now=NOW).learned.overridden.total == 24


def test_a_finding_is_set_aside_until_there_is_half_as_much_more(desk, item):
    """It is audited with its reason, shown as set aside, and comes back by itself or by hand."""
    people = {"chosen": desk.people["Ana"], "other": desk.people["Ben"]}
    answered(item, now=NOW, **people)
    by = admin(desk)
    with pytest.raises(InvalidFacts, match="why"):
        lesson_set_aside(desk.id, "weight:continuity", reason=" ", by=by, now=NOW)
    lesson_set_aside(desk.id, "weight:continuity", reason="A project of March", by=by, now=NOW)
    found = lessons(desk.id, by=by, now=NOW)
    assert (found.open, found.set_aside[0].set_aside["reason"]) == ((), "A project of March")
    assert AuditEvent.objects.get(action="finding_set_aside").reason == "A project of March"
    with pytest.raises(NotFound, match="no such finding"):
        lesson_set_aside(desk.id, "weight:continuity", reason="again", by=by, now=NOW)
    finding_bring_back(desk.id, "weight:continuity", by=by, now=NOW)
    assert lessons(desk.id, by=by, now=NOW).open
    lesson_set_aside(desk.id, "weight:continuity", reason="still", by=by, now=NOW)
    answered(item, now=NOW, many=33, **people)
    assert lessons(desk.id, by=by, now=NOW).open, "99 answers are one and a half times 66"


def test_who_may_not_publish_may_not_set_aside(desk, item):
    """Reading is for those who read policies."""
    answered(item, chosen=desk.people["Ana"], other=desk.people["Ben"], now=NOW)
    with pytest.raises(NotAllowed):
        lesson_set_aside(desk.id, "weight:continuity", reason="no", by=desk.by(Role.AGENT), now=NOW)
    with pytest.raises(NotAllowed):
        finding_bring_back(desk.id, "weight:continuity", by=desk.by(Role.AGENT), now=NOW)


def test_the_number_of_queries_does_not_depend_on_the_answers(desk, item, django_assert_max_num_queries):
    """At most eight, however many answers and findings there are."""
    answered(item, chosen=desk.people["Ana"], other=desk.people["Ben"], now=NOW, many=300)
    with django_assert_max_num_queries(8):
        lessons(desk.id, by=admin(desk), now=NOW)
