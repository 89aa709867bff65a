"""kill -9 of a real worker in the middle of sending mail: each message arrives at least once, with one key, and has its receipt."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes

import pytest

from tests.adapters.servers import smtp
from tests.flows.alerts.history import manager
from tests.flows.assign.small_desk import NOW, make_small_desk
from tests.stories.installation import kill
from watchbill.flows.alerts import words
from watchbill.flows.alerts.telling import alert_tell
from watchbill.flows.outbox import JOB
from watchbill.flows.waking import wake

MAILS = 6
WITHOUT_END = (
    "select m.key from notices_attempt as a join notices_message as m on m.id = a.message_id where a.is_ok is null"
)
"""Of attempts that nobody knows the end of."""


def keys(server) -> list[str]:
    """The keys of the mails that have arrived, in order."""
    return [message_from_bytes(mail)["Watchbill-Key"] for mail in server.kept]


@pytest.mark.slow
def test_a_worker_that_is_killed_while_it_sends_loses_no_mail(install, settings):
    """The server has taken mails and not answered yet when the worker dies: those come twice, with the same key, the
    others once; afterwards everything is sent and has a receipt, and the trail of attempts shows the one without an end.
    """
    house = install()
    with smtp() as server:
        settings.SMTP_URL = f"smtp://127.0.0.1:{server.server_address[1]}?tls=off"
        house.settings["WATCHBILL_SMTP_URL"] = settings.SMTP_URL
        with house.here():
            desk = make_small_desk()
            for number in range(MAILS):
                manager(desk, f"M{number}", person=None, email=f"m{number}@desk.example")
            alert_tell(desk.id, words.unassigned(9, 1, 5), now=NOW)
        assert house.rows("select count(*) from notices_message") == [(MAILS,)]

        server.is_open.clear()
        worker = house.run("worker")
        house.wait_for(lambda: server.kept, "a mail has reached the server")
        kill(worker)
        unanswered = set(keys(server))
        assert house.rows("select count(*) from notices_message where state = 'sent'") == [(0,)]
        begun = {key for (key,) in house.rows(WITHOUT_END)}
        assert unanswered <= begun

        server.is_open.set()
        # As if the lease of those under way, two minutes, had passed.
        house.rows("update notices_message set due_at = now() where state = 'waiting' returning id")
        with house.here():
            wake(JOB)
        house.run("worker")
        house.wait_for(
            lambda: house.rows("select count(*) from notices_message where state = 'sent'") == [(MAILS,)],
            "every mail is sent",
        )
        found = Counter(keys(server))
        assert len(found) == MAILS
        assert unanswered <= {key for key, times in found.items() if times == 2} <= begun
        assert sum(found.values()) <= MAILS + len(begun)
    assert house.rows("select count(*) from notices_message where receipt = ''") == [(0,)]
    assert {key for (key,) in house.rows(WITHOUT_END)} == begun
