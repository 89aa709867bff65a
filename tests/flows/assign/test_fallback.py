"""The solver fails: the index rule decides, and everybody who has to know is told."""

from __future__ import annotations

from tests.flows.assign.small_desk import texts
from watchbill.apps.decisions.queries import running_of
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.models import RoleGrant, User
from watchbill.apps.people.rights import Role
from watchbill.engine.assign.schedule import Step
from watchbill.engine.base.errors import Unavailable
from watchbill.flows.assign import solving, tick


def _fails(_arcs):
    raise Unavailable("the solver stopped with status 2")


def test_the_index_rule_decides_and_says_so(desk, monkeypatch):
    """Proposals are made all the same; note, outcome and Board say why, and a manager is told once."""
    user = User.objects.create(username="mia", name="Mia", person_id=desk.people["Nora"])
    RoleGrant.objects.create(user=user, desk_id=desk.id, role=Role.QUEUE_MANAGER)
    item = desk.item("Network")
    monkeypatch.setattr(tick, "flows_within", lambda _seconds: _fails)
    desk.tick()
    row = desk.proposal(item)
    assert row.chosen_id == desk.people["Ana"]
    assert row.outcome["fallback"] == "the solver stopped with status 2"
    assert "Decided by the index rule, because the solver stopped with status 2" in texts(item, "suggested")[-1]
    assert running_of(desk.id).fallback == "the solver stopped with status 2"
    desk.tick(step=Step.PLAN)
    assert list(Notice.objects.filter(kind="fallback").values_list("person_id", flat=True)) == [desk.people["Nora"]]
    monkeypatch.setattr(tick, "flows_within", solving.flows_within)
    desk.tick(step=Step.PLAN)
    assert running_of(desk.id).fallback == ""
