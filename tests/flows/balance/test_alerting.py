"""How Balance stands is told to the managers of a region and of those beside it, with a word, once in a while, kept and audited."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.flows.alerts.history import manager, opened
from tests.flows.assign.small_desk import NOW, make_small_desk
from watchbill.adapters.memory import MemoryChannel
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.decisions import alerts
from watchbill.apps.decisions.models import Alert
from watchbill.apps.notices.endpoints import endpoint_save
from watchbill.apps.notices.models import Message, Notice
from watchbill.apps.people.models import Person, Region
from watchbill.apps.people.queries import actor_of_username
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed
from watchbill.engine.sense.alarms import Settings
from watchbill.flows.alerts.watching import tick
from watchbill.flows.balance.alerting import managers_alert
from watchbill.flows.outbox import messages_send


@pytest.fixture
def desk(db, settings):
    """Ana works in the west, Ben and Nora in the east; Dana manages the one, Bela the other, both by day."""
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    made = make_small_desk()
    west, east = (Region.objects.create(desk_id=made.id, name=name) for name in ("West", "East"))
    Person.objects.filter(id=made.people["Ana"]).update(region=west)
    Person.objects.filter(id__in=[made.people["Ben"], made.people["Nora"]]).update(region=east)
    manager(made, "Dana", person="Ana", email="dana@desk.example")
    manager(made, "Bela", person="Ben", email="bela@desk.example")
    manager(made, "Nils", person="Nora", email="nils@desk.example")
    return made


def dana() -> Actor:
    return actor_of_username("dana")


def test_managers_at_work_there_or_beside_are_told_with_how_it_stands(desk):
    """Bela hears it by notice and mail, and a webhook; Nils sleeps; Dana wrote it. It is an alert, in the audit trail, and over in time."""
    endpoint_save(desk.id, name="Chat", url="https://hooks.example.org/x", by=desk.by(Role.MANAGER), now=NOW)
    opened(desk.id, NOW, 3, owner=desk.people["Ben"], due_sort_at=NOW + timedelta(hours=2))
    tick(NOW)
    row = managers_alert(desk.id, text="  We need two\nof you until 12 ", region="East", by=dana(), now=NOW)
    assert (row.title, row.recipients, row.kind) == ("Dana on Balance in East", 1, "balance")
    assert row.text.startswith("“We need two of you until 12” ")
    assert "East: " in row.text
    assert "West: " in row.text
    assert "h fall due in the next 24 h" in row.text
    (notice,) = Notice.objects.filter(kind="balance")
    assert (notice.user.name, notice.subject_ref) == ("Bela", row.reference)
    channels = {"mail": MemoryChannel(), "webhook": MemoryChannel()}
    assert messages_send(channels) == 2
    assert channels["mail"].sent[0].address == "bela@desk.example"
    assert b'"kind":"balance"' in channels["webhook"].sent[0].body
    event = AuditEvent.objects.get(action="managers_alerted")
    assert (event.object_ref, event.reason) == (row.reference, "We need two of you until 12")
    tick(NOW + timedelta(hours=3, minutes=45))
    assert Alert.objects.get(id=row.id).closed_at is None
    tick(NOW + timedelta(hours=4))
    assert Alert.objects.get(id=row.id).closed_note == "Told 4 hours ago"


def test_the_same_region_is_told_no_oftener_than_every_quarter_of_an_hour(desk):
    """A second word within it is refused, of another region not; a later one takes the place of the first."""
    first = managers_alert(desk.id, text="One", region="East", by=dana(), now=NOW)
    with pytest.raises(Conflict, match="Dana on Balance in East: told at 09:00 UTC. Wait 15 minutes"):
        managers_alert(desk.id, text="Two", region="East", by=dana(), now=NOW + timedelta(minutes=14))
    managers_alert(desk.id, text="Two", by=dana(), now=NOW + timedelta(minutes=14))
    managers_alert(desk.id, text="Two", region="East", by=dana(), now=NOW + timedelta(minutes=15))
    assert Alert.objects.get(id=first.id).closed_note == "Dana told more"
    assert len(alerts.alerts_open(desk.id)) == 2


def test_what_makes_no_sense_or_reaches_nobody_is_refused_and_leaves_nothing(desk):
    """No word, one too long, a region that is not there, a kind that is switched off, nobody else, no right."""
    for word in ("", "  ", "x" * 1001):
        with pytest.raises(InvalidFacts, match="Say in 1 to 1,000 characters"):
            managers_alert(desk.id, text=word, by=dana(), now=NOW)
    with pytest.raises(InvalidFacts, match="There is no region “North”; there are East, West"):
        managers_alert(desk.id, text="One", region="North", by=dana(), now=NOW)
    with pytest.raises(NotAllowed):
        managers_alert(desk.id, text="One", by=desk.by(Role.COORDINATOR), now=NOW)
    night = NOW + timedelta(hours=13)
    with pytest.raises(Conflict, match="Nobody else of this desk answers alerts"):
        managers_alert(desk.id, text="One", by=actor_of_username("nils"), now=night)
    alerts.settings_set(desk.id, Settings(off=("balance",)), by=desk.by(Role.MANAGER), now=NOW)
    with pytest.raises(Conflict, match="switched off"):
        managers_alert(desk.id, text="One", by=dana(), now=NOW)
    assert not Alert.objects.exists()
    assert not Message.objects.exists()
    assert not AuditEvent.objects.filter(action="managers_alerted").exists()
