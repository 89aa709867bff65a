"""Who begins pauses late or without a word to the customer."""

from __future__ import annotations

import pytest

from tests.apps.reports.three_cases import LATER
from tests.factories import BOSS, NOW, actor, make_item, make_person, minutes
from watchbill.apps.people.rights import Role
from watchbill.apps.reports import queries
from watchbill.apps.reports.choices import PausedBy, PauseSort
from watchbill.apps.reports.queries import PauseRule
from watchbill.apps.reports.slices import Slice
from watchbill.engine.base.errors import NotAllowed
from watchbill.engine.base.work import Priority, State
from watchbill.engine.report import Proportion
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_state
from watchbill.flows.report.reading import read_timelines

pytestmark = pytest.mark.django_db


def test_pauses_are_counted_by_who_began_them(desk):
    """Paused when 7.5 of 8 hours were gone, without a message; and early, with one."""
    ann = make_person(desk, "Ann")
    who = actor(Role.MANAGER, desk, person_id=ann, name="Ann")
    early, late = (make_item(desk, priority=Priority.P2) for _ in range(2))
    for reference, at in ((early, 60), (late, 450)):
        item_assign(reference, ann, by=BOSS, now=NOW + minutes(5))
        item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(6))
        if reference == early:
            item_note(reference, "We need your log", is_to_customer=True, by=who, now=NOW + minutes(at - 5))
        item_state(reference, State.WAITING_CUSTOMER, by=who, now=NOW + minutes(at))
    read_timelines(LATER)
    wanted, rule = Slice(desk_id=desk, commitment="resolution"), PauseRule()
    audit = queries.pause_audit(wanted, rule, PausedBy.PERSON, by=BOSS)
    assert (audit.late, audit.silent) == (Proportion(hits=1, total=2), Proportion(hits=1, total=2))
    (row,) = audit.rows
    assert (row.name, row.late.own, row.late.stands_out) == ("Ann", Proportion(hits=1, total=2), False)
    for sort in (PauseSort.LATE, PauseSort.SILENT):
        (pause,) = queries.pause_page(wanted, rule, sort, key=row.key, by=BOSS)
        assert (pause.reference, pause.by_name, pause.message_s) == (late, "Ann", None)
    assert queries.pause_audit(wanted, rule, PausedBy.TEAM, by=BOSS).rows[0].name == "No team"
    with pytest.raises(NotAllowed):
        queries.pause_audit(wanted, rule, PausedBy.PERSON, by=actor(Role.AGENT, desk))


def test_nothing_is_silent_where_no_message_is_known(desk):
    """As in a log that does not hold them: there is no number, and no list behind it either."""
    ann = make_person(desk, "Ann")
    who = actor(Role.MANAGER, desk, person_id=ann, name="Ann")
    case = make_item(desk, priority=Priority.P2)
    item_assign(case, ann, by=BOSS, now=NOW + minutes(5))
    item_state(case, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(6))
    item_state(case, State.WAITING_CUSTOMER, by=who, now=NOW + minutes(60))
    read_timelines(LATER)
    wanted, rule = Slice(desk_id=desk, commitment="resolution"), PauseRule()
    audit = queries.pause_audit(wanted, rule, PausedBy.PERSON, by=BOSS)
    assert (audit.has_messages, audit.rows[0].silent) == (False, None)
    assert queries.pause_page(wanted, rule, PauseSort.SILENT, by=BOSS) == []
    assert len(queries.pause_page(wanted, rule, PauseSort.FOR_CUSTOMER, by=BOSS)) == 1
