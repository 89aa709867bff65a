"""Where no act is known: who takes the work up before all else lowers the risk, or it is said why nobody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.factories import BOSS, make_person, minutes
from tests.flows.assign.small_desk import NOW, make_small_desk
from watchbill.apps.clocks.promises import running_promises
from watchbill.apps.decisions.queries import policy_in_force
from watchbill.apps.decisions.risks import ROLLOUT
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.sense import taking
from watchbill.flows.sense.history import STATES
from watchbill.flows.sense.running import rows_of, weighed
from watchbill.flows.sense.taking import told_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """Ana and Ben by day, Nora by night; Network asks for Ana."""
    return make_small_desk()


def reference(item_id):
    return WorkItem.objects.get(id=item_id).reference


def owned(desk, name, queue="Mail", now=NOW, **fields):
    item = desk.item(queue, **fields)
    item_assign(reference(item), desk.people[name], by=BOSS, now=now)
    return item


def told(desk, item, name="resolution", *, p_miss=0.6, now=NOW, state=None):
    """What is said of one promise of a chance, by told_of; *state*: as if all items were in it."""
    rows = rows_of(desk.id, running_promises(desk.id, now=now), now)
    known = weighed(rows, policy_in_force(desk.id, now).policy)
    if state is not None:
        known = replace(known, state=np.full(len(rows), STATES.index(state)))
    found = told_of(desk.id, rows, known, np.full(len(rows), p_miss), range(len(rows)), now)
    at = next(at for at in range(len(rows)) if (rows.item[at], rows.name[at]) == (item, name))
    return found[at]


def test_an_owner_at_work_takes_it_up_next(desk):
    """An hour of work against the rest of her day; the number is said to come from her hours."""
    one = told(desk, owned(desk, "Ben", priority=3))
    assert (one.action["code"], one.action["words"], one.none) == ("next", "Let Ben take it up next", "")
    assert one.action["source"] == ROLLOUT
    assert one.action["p_after"] < 0.05


def test_an_owner_who_is_not_there_takes_it_up_when_she_is_back(desk):
    """Nora comes in the evening, before it is due."""
    one = told(desk, owned(desk, "Nora", priority=4))
    assert (one.action["code"], one.action["words"]) == ("back", "Let Nora take it up first when she is back")


def test_where_the_owner_cannot_whoever_may_does(desk):
    """Nora is not there before a P1 is due: one of those at work who may takes it."""
    one = told(desk, owned(desk, "Nora", priority=1))
    assert one.action["code"] == "move"
    assert one.action["words"] in {"Move it to Ana now", "Move it to Ben now"}


def test_who_alone_could_and_why_she_cannot_is_said(desk):
    """Network asks for Ana, who is ill beyond the due: nobody else can, and what the cheapest way out would be."""
    item = owned(desk, "Ana", "Network", priority=1)
    absence_add(desk.people["Ana"], from_at=NOW, until_at=NOW + timedelta(days=4), by=BOSS, now=NOW)
    one = told(desk, item)
    assert one.action is None
    assert one.none == (
        "Ana is not at work before it is due; nobody else can take it now: teach Ben network: level 2 required, has none"
    )
    free = told(desk, desk.item(priority=2, language="fi"))
    assert free.none == "Nobody owns it; nobody can take it now: give it to Ben, who does not speak fi"


def test_what_waits_says_so_but_an_answer_can_be_given(desk):
    """The vendor has it: no act is claimed for the resolution, but the customer can be answered."""
    item = owned(desk, "Ben", priority=3)
    one = told(desk, item, state=State.WAITING_VENDOR)
    assert (one.action, one.none) == (None, "It waits for the vendor; what asking again would change is not known")
    assert told(desk, item, "response", state=State.WAITING_VENDOR).action["code"] == "next"


def test_no_act_where_none_lowers_it(desk, monkeypatch):
    """At a risk of nothing there is nothing to lower; and of more items than are looked at, others are not asked about."""
    item = owned(desk, "Ben", priority=3)
    one = told(desk, item, p_miss=0.001)
    assert one.action is None
    assert one.none == "Taken up next by Ben it would be missed no less likely; nobody who may take it would lower it"
    monkeypatch.setattr(taking, "OTHERS", 0)
    assert told(desk, item, p_miss=0.001).none == "Taken up next by Ben it would be missed no less likely"


def test_an_owner_whose_hours_nobody_knows(desk):
    """It is said; whoever may takes it."""
    desk.people["Una"] = make_person(desk.id, "Una")
    one = told(desk, owned(desk, "Una", priority=3))
    assert one.action["code"] == "move"
    one = told(desk, owned(desk, "Una", "Network", priority=3), now=NOW + minutes(11 * 60))
    assert one.none.startswith("When Una is at work is not known; nobody else can take it now: Ana comes on shift at")
