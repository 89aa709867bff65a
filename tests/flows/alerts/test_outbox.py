"""What goes out is written with its cause, sent at least once, tried again, gathered, given up and sent again by hand."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.adapters.servers import receiver, smtp
from tests.flows.assign.small_desk import NOW
from tests.flows.test_customers_at_once import waits
from watchbill.adapters.mail import SmtpMail
from watchbill.adapters.memory import MemoryChannel
from watchbill.adapters.webhook import Webhook
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.decisions.alerts import alerts_open
from watchbill.apps.notices import outbox
from watchbill.apps.notices.endpoints import endpoint_save
from watchbill.apps.notices.models import Attempt, Endpoint, Message, Notice
from watchbill.apps.notices.ports import NotSent, Refused
from watchbill.apps.notices.preferences import wish_set
from watchbill.apps.notices.queries import Wish, message_attempts, message_page
from watchbill.apps.people.models import User
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.flows.alerts import words
from watchbill.flows.alerts.telling import alert_end, alert_tell
from watchbill.flows.outbox import messages_send


@pytest.fixture(autouse=True)
def with_mail(settings):
    settings.SMTP_URL = "smtp://127.0.0.1:1"


@pytest.fixture
def channels():
    return {"mail": MemoryChannel(), "webhook": MemoryChannel()}


def tell(desk, waits=9, **more):
    return alert_tell(desk.id, words.unassigned(waits, 1, 5), now=NOW, **more)


def all_due():
    Message.objects.filter(state="waiting").update(due_at=NOW)


def states():
    return list(Message.objects.order_by("id").values_list("state", flat=True))


def hook(desk, **more):
    named = {"name": "Chat", "url": "https://hooks.example.org/x", **more}
    return endpoint_save(desk.id, by=desk.by(Role.MANAGER), now=NOW, **named)


def test_a_mail_says_of_which_desk_and_which_alert_it_is(desk, channels):
    """Whoever reads it on her phone knows the desk, the alert's reference, and the limit that was passed."""
    alert = tell(desk)
    messages_send(channels)
    (mail,) = channels["mail"].sent
    assert mail.subject.endswith(": The unassigned queue is longer than usual")
    desk_name = mail.subject.partition(":")[0]
    assert mail.text.startswith(f"{alert.reference}, {desk_name}\nThe unassigned queue")
    assert "up to 5 are no surprise" in mail.text


def test_who_never_heard_of_an_alert_does_not_hear_that_it_is_over(desk, channels):
    """An endpoint made after an alert was raised hears of the next one; the older one hears both."""
    hook(desk)
    alert = tell(desk)
    messages_send(channels)
    hook(desk, name="Pager", url="https://pager.example.org/p")
    assert alert_end(alerts_open(desk.id)[alert.key], note="over", now=NOW)
    messages_send(channels)
    assert {letter.address for letter in channels["webhook"].sent} == {"https://hooks.example.org/x"}
    assert len(channels["webhook"].sent) == 2


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "x.localhost", "169.254.169.254", "[::ffff:127.0.0.1]", "2130706433", "10.0.0.8"]
)
def test_an_address_that_is_plainly_ours_is_refused_when_it_is_saved(desk, host):
    """What sending would refuse is said at once, without looking a name up; an open house may."""
    with pytest.raises(InvalidFacts, match="an address of this machine or its networks"):
        hook(desk, url=f"https://{host}/hook")
    assert hook(desk, url=f"https://{host}/hook", is_open=True).secret


def test_an_alert_is_mailed_to_who_is_there_and_posted(desk, channels):
    """Dana has an address and is at work; the endpoint hears it too; each once, with a key and a receipt."""
    hook(desk)
    alert = tell(desk)
    assert tell(desk) is None
    assert messages_send(channels) == 2
    assert messages_send(channels) == 0
    (mail,), (post,) = channels["mail"].sent, channels["webhook"].sent
    assert mail.address == "dana@desk.example"
    assert "9 items wait without an owner" in mail.text
    assert post.key == f"{alert.reference}:raised:webhook:{Endpoint.objects.get().id}"
    assert b'"event":"alert.raised"' in post.body
    assert post.secret.startswith("whsec_")
    rows = message_page(desk.id, by=desk.by(Role.QUEUE_MANAGER))
    assert {(row["state"], row["receipt"], row["attempts"]) for row in rows} == {("sent", "kept 1", 1)}
    assert "secret" not in str(rows)


def test_nothing_is_written_without_its_cause(desk):
    """When the cause is taken back, notices and messages are gone with it."""
    with transaction.atomic():
        tell(desk)
        transaction.set_rollback(True)
    assert (Message.objects.count(), Notice.objects.count()) == (0, 0)


def test_a_killed_attempt_is_made_again_with_the_same_key(desk, channels):
    """Killed after the claim: nothing for the length of the lease, then again; both attempts can be seen."""
    tell(desk)
    claimed = outbox.message_claim(NOW.replace(year=2100))
    assert claimed is not None
    assert messages_send(channels) == 0, "the lease holds"
    all_due()
    assert messages_send(channels) == 1
    assert channels["mail"].sent[0].key == claimed.key
    tries = message_attempts(claimed.key, by=desk.by(Role.QUEUE_MANAGER))
    assert [one["is_ok"] for one in tries] == [None, True]


def test_failures_are_tried_again_and_given_up_and_sent_by_hand(desk, channels):
    """After the last pause a message is dead; who may sends it again; only a dead one."""
    tell(desk)
    channels["mail"].faults.extend([NotSent("Busy")] * 8)
    for _ in range(8):
        all_due()
        assert messages_send(channels) == 1
    (row,) = message_page(desk.id, state="dead", by=desk.by(Role.QUEUE_MANAGER))
    assert (row["error"], row["attempts"]) == ("Busy", 8)
    with pytest.raises(NotAllowed):
        outbox.message_again(row["key"], by=desk.by(Role.AGENT), now=NOW, wall=NOW)
    outbox.message_again(row["key"], by=desk.by(Role.QUEUE_MANAGER), now=NOW, wall=NOW)
    assert messages_send(channels) == 1
    assert states() == ["sent"]
    assert Attempt.objects.count() == 9
    assert AuditEvent.objects.get(action="message_sent_again").object_ref == row["key"]
    with pytest.raises(Conflict):
        outbox.message_again(row["key"], by=desk.by(Role.QUEUE_MANAGER), now=NOW, wall=NOW)
    with pytest.raises(NotFound):
        outbox.message_again("nothing", by=desk.by(Role.QUEUE_MANAGER), now=NOW, wall=NOW)


def test_what_is_refused_is_not_tried_again(desk, channels):
    """The last word of the other side is the last attempt."""
    tell(desk)
    channels["mail"].faults.append(Refused("Nobody here"))
    messages_send(channels)
    assert states() == ["dead"]


def test_a_flood_becomes_one_mail(desk, channels):
    """Three go one by one, the next four wait and go as one; a failed digest is sent again whole."""
    for n in range(7):
        alert = tell(desk, waits=10 + n)
        messages_send(channels)
        alert_end(alert, note="Over", now=NOW)
        Message.objects.filter(state="dropped").update(state="waiting")
    assert len(channels["mail"].sent) == 3
    all_due()
    channels["mail"].faults.append(NotSent("Busy"))
    assert messages_send(channels) == 1
    all_due()
    assert messages_send(channels) == 1
    digest = channels["mail"].sent[-1]
    assert digest.subject.startswith("4 alerts: ")
    assert [f"{n} items wait" in digest.text for n in (12, 13, 14, 15, 16)] == [False, True, True, True, True]
    assert states() == ["sent"] * 4 + ["merged"] * 3


def test_a_digest_that_was_given_up_is_sent_again_whole(desk, channels):
    """What was gathered with it goes with it, and what has come since, too."""
    for n in range(5):
        alert = tell(desk, waits=10 + n)
        messages_send(channels)
        alert_end(alert, note="Over", now=NOW)
        Message.objects.filter(state="dropped").update(state="waiting")
    all_due()
    channels["mail"].faults.append(Refused("Nobody here"))
    assert messages_send(channels) == 1
    assert states() == ["sent"] * 3 + ["dead", "merged"]
    tell(desk, waits=15)
    key = Message.objects.get(state="dead").key
    outbox.message_again(key, by=desk.by(Role.QUEUE_MANAGER), now=NOW, wall=NOW)
    all_due()
    assert messages_send(channels) == 1
    digest = channels["mail"].sent[-1]
    assert digest.key == key
    assert [f"{n} items wait" in digest.text for n in (12, 13, 14, 15)] == [False, True, True, True]
    assert states() == ["sent"] * 4 + ["merged"] * 2


def test_what_breaks_while_it_is_sent_keeps_no_other_waiting(desk, channels):
    """A fault that nobody thought of is a failed attempt like any other, with what it says; the next message goes out."""
    hook(desk)
    tell(desk)
    channels["mail"].faults.append(ValueError("no such port"))
    assert messages_send(channels) == 2
    assert len(channels["webhook"].sent) == 1
    (mail,) = Message.objects.filter(channel="mail")
    assert (mail.state, mail.error) == ("waiting", "ValueError: no such port")
    assert Attempt.objects.filter(message_id=mail.id, is_ok=False).count() == 1


def test_what_was_taken_stays_taken(desk, channels):
    """An attempt that outlived its lease fails after another has come through: the message is sent, and not given up."""
    tell(desk)
    slow = outbox.message_claim(NOW.replace(year=2100))
    all_due()
    assert messages_send(channels) == 1
    outbox.message_failed(slow, error="Too late", is_final=True, wall=NOW)
    assert states() == ["sent"]
    (row,) = message_page(desk.id, by=desk.by(Role.QUEUE_MANAGER))
    assert (row["receipt"], row["error"]) == ("kept 1", "")


@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_same_endpoint_at_one_moment_have_one(desk):
    """The second waits for the first, and changes what that has made."""
    done, saved = threading.Event(), []
    with transaction.atomic():
        first = hook(desk)
        thread = waits(lambda: saved.append(hook(desk, url="https://hooks.example.org/y")), until=done)
    thread.join(timeout=20)
    assert [(one.id, one.secret) for one in saved] == [(first.id, "")]
    assert Endpoint.objects.get().url == "https://hooks.example.org/y"


def test_wishes_are_kept_but_not_for_what_is_urgent(desk, channels):
    """No mail of a kind that is muted; in quiet hours it waits; what is urgent goes at once all the same."""
    dana = Actor(name="Dana", user_id=User.objects.get(name="Dana").id)
    wish_set(Wish(muted=("unassigned", "risk"), quiet_from=0, quiet_until=1439), by=dana, now=NOW)
    tell(desk)
    assert not Message.objects.exists()
    assert Notice.objects.filter(user_id=dana.user_id).exists()
    alert_tell(desk.id, words.endangered(12, 10), now=NOW)
    assert messages_send(channels) == 1
    wish_set(Wish(is_mailed=False), by=dana, now=NOW)
    alert_tell(desk.id, words.loaded([("Ben", 30, 12)], 250, 100, None, ""), now=NOW)
    assert Message.objects.count() == 1
    with pytest.raises(InvalidFacts):
        wish_set(Wish(digest_min=0), by=dana, now=NOW)
    with pytest.raises(InvalidFacts):
        wish_set(Wish(zone="Mars/Base"), by=dana, now=NOW)


def test_what_is_over_is_said_and_not_sent_any_more(desk, channels):
    """A mail that still waits is dropped; endpoints hear the end; nothing is sent twice."""
    hook(desk, kinds=["unassigned"])
    alert = tell(desk)
    alert_end(alerts_open(desk.id)[alert.key], note="Nothing waits", now=NOW)
    assert not alert_end(alert, note="Again", now=NOW)
    assert messages_send(channels) == 1
    assert b'"event":"alert.closed"' in channels["webhook"].sent[0].body
    assert sorted(states()) == ["dropped", "dropped", "sent"]


def test_an_endpoint_is_made_changed_and_its_secret_told_once(desk):
    """A new one tells its secret; a change does not; the audit never does; slips are refused at their field."""
    made = hook(desk)
    assert made.secret.startswith("whsec_")
    assert hook(desk, url="https://hooks.example.org/y").secret == ""
    assert hook(desk, is_new_secret=True).secret != made.secret
    assert "whsec_" not in str(list(AuditEvent.objects.filter(action="endpoint_saved").values()))
    for url in ("http://hooks.example.org/", "https://u:p@hooks.example.org/", "https://", "nothing", "https://[x/"):
        with pytest.raises(InvalidFacts):
            hook(desk, url=url)
    with pytest.raises(NotAllowed):
        endpoint_save(desk.id, name="A", url="https://a.example/", by=desk.by(Role.QUEUE_MANAGER), now=NOW)


def test_a_real_mail_server_and_a_real_receiver_get_it(desk):
    """The whole way: SMTP and HTTP on this machine."""
    with smtp() as mail, receiver() as web:
        hook(desk, url=f"http://127.0.0.1:{web.server_address[1]}/hook", is_open=True)
        tell(desk)
        sent = messages_send(
            {
                "mail": SmtpMail(url=f"smtp://127.0.0.1:{mail.server_address[1]}?tls=off", sender="w@desk.example"),
                "webhook": Webhook(is_open=True),
            }
        )
        assert (sent, len(mail.kept), len(web.kept)) == (2, 1, 1)
    assert states() == ["sent", "sent"]
    assert Message.objects.get(channel="mail").receipt == "250 Kept as 1"


def test_without_a_way_out_it_waits(desk):
    """A channel that is not set up is said, and tried again later."""
    hook(desk)
    tell(desk)
    messages_send({})
    assert {row.error for row in Message.objects.all()} >= {"No way to send webhook is set up on this machine"}
    assert set(states()) == {"waiting"}
    assert Message.objects.filter(due_at__gt=NOW + timedelta(minutes=0)).count() == 2


def test_a_message_that_kills_every_worker_is_given_up(desk, channels):
    """Each attempt counts from its claim, also one that nobody knows the end of; after the last the message is dead and says why."""
    tell(desk)
    for _ in range(outbox.MOST):
        all_due()
        assert outbox.message_claim(NOW) is not None
    assert outbox.message_claim(NOW + outbox.LEASE / 2) is None, "the last lease holds"
    assert states() == ["waiting"]
    all_due()
    assert messages_send(channels) == 0
    (row,) = message_page(desk.id, by=desk.by(Role.QUEUE_MANAGER))
    assert (row["state"], row["attempts"]) == ("dead", 8)
    assert (
        row["error"] == "8 attempts, and the last one was cut off in the middle: the worker was stopped, or died of it"
    )
    outbox.message_again(row["key"], by=desk.by(Role.QUEUE_MANAGER), now=NOW, wall=NOW)
    assert messages_send(channels) == 1
    assert states() == ["sent"]


def test_a_message_that_kills_its_worker_waits_longer_each_time(desk):
    """Like one that fails: so that it does not take the worker from all others, nor is given up within minutes of a bad release."""
    tell(desk)
    waited = []
    for _ in range(outbox.MOST):
        all_due()
        outbox.message_claim(NOW)
        waited.append((Message.objects.get().due_at - NOW) // timedelta(minutes=1))
    assert waited == [2, 2, 5, 15, 60, 240, 720, 2]


def test_what_was_for_an_endpoint_that_is_switched_off_is_not_sent(desk, channels):
    """It says so; those of others go out; also one that was tried before."""
    hook(desk)
    hook(desk, name="Pager", url="https://hooks.example.org/p")
    tell(desk)
    channels["webhook"].faults.append(NotSent("Busy"))
    assert messages_send(channels, most=2) == 2
    hook(desk, is_active=False)
    all_due()
    messages_send(channels)
    rows = {
        row["address"]: row
        for row in message_page(desk.id, by=desk.by(Role.QUEUE_MANAGER))
        if row["channel"] == "webhook"
    }
    off = rows["https://hooks.example.org/x"]
    assert (off["state"], off["error"]) == ("dropped", "Chat was switched off before it was sent")
    assert off["ended_at"] is not None
    assert rows["https://hooks.example.org/p"]["state"] == "sent"
    assert [letter.address for letter in channels["webhook"].sent] == ["https://hooks.example.org/p"]


def test_what_was_for_somebody_who_has_left_is_not_mailed(desk, channels):
    """An account that is closed meanwhile gets no mail of the desk."""
    tell(desk)
    User.objects.filter(name="Dana").update(is_active=False)
    assert messages_send(channels) == 0
    (row,) = message_page(desk.id, by=desk.by(Role.QUEUE_MANAGER))
    assert (row["state"], row["error"]) == ("dropped", "The account of Dana was closed before it was sent")


def test_old_messages_are_forgotten_a_few_at_a_time(desk, channels, monkeypatch):
    """What was settled before goes with its attempts, in short transactions; what waits, was given up, or is recent stays."""
    monkeypatch.setattr(outbox, "BATCH", 2)
    for n in range(5):
        alert = tell(desk, waits=10 + n)
        messages_send(channels)
        alert_end(alert, note="Over", now=NOW)
    Message.objects.filter(state="dropped").update(state="sent")
    tell(desk)
    now = Message.objects.first().ended_at
    assert outbox.messages_forget(now - timedelta(days=1)) == 0
    Message.objects.filter(id=Message.objects.first().id).update(state="dead")
    with CaptureQueriesContext(connection) as asked:
        assert outbox.messages_forget(now + timedelta(days=1)) == 4
    assert sum('DELETE FROM "notices_message"' in one["sql"] for one in asked) == 2
    assert states() == ["dead", "waiting"]
    assert Attempt.objects.count() == 1
