"""Every way out keeps to the port: what was taken has a receipt, what may come later is NotSent, what never will is Refused."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace

import pytest

from tests.adapters.servers import CERTIFICATES, receiver, smtp
from watchbill.adapters.mail import SmtpMail
from watchbill.adapters.memory import MemoryChannel
from watchbill.adapters.webhook import Webhook, signature
from watchbill.apps.notices.ports import Letter, NotSent, Refused, is_outside

LETTER = Letter(
    key="ALR-1:raised:mail:2", address="dana@desk.example", subject="More comes in\nthan usual", text="25 came. Ü",
    body=b'{"alert":"ALR-1"}', secret="whsec_x",
)  # fmt: skip


@pytest.fixture(params=["mail", "webhook", "memory"])
def way(request):
    """A channel, a letter that it takes, how to let it fail for now and for good, and what arrived."""
    if request.param == "mail":
        with smtp() as server:
            url = f"smtp://127.0.0.1:{server.server_address[1]}?tls=off"
            faults = {"now": "451 Busy", "ever": "550 Nobody here"}
            yield SmtpMail(url=url, sender="Watchbill <desk@desk.example>"), LETTER, faults, server
    elif request.param == "webhook":
        with receiver() as server:
            letter = replace(LETTER, address=f"http://127.0.0.1:{server.server_address[1]}/hook?a=1")
            yield Webhook(is_open=True), letter, {"now": 503, "ever": 410}, server
    else:
        channel = MemoryChannel()
        there = SimpleNamespace(kept=channel.sent, answers=channel.faults)
        yield channel, LETTER, {"now": NotSent("Busy"), "ever": Refused("Nobody here")}, there


def test_what_is_taken_has_a_receipt(way):
    """Sent once, arrived once, and the other side's words come back."""
    channel, letter, _, there = way
    assert channel.send(letter)
    assert len(there.kept) == 1


def test_what_may_come_later_and_what_never_will(way):
    """A busy server is NotSent; one that will never take it is Refused; then it works again."""
    channel, letter, faults, there = way
    there.answers.append(faults["now"])
    with pytest.raises(NotSent) as busy:
        channel.send(letter)
    assert not isinstance(busy.value, Refused)
    there.answers.append(faults["ever"])
    with pytest.raises(Refused):
        channel.send(letter)
    assert channel.send(letter)


def test_a_mail_carries_its_key_and_its_text():
    """Headers on one line, the text as it is, the key in a header of its own and in the message's number."""
    with smtp() as server:
        url = f"smtp://127.0.0.1:{server.server_address[1]}?tls=off"
        SmtpMail(url=url, sender="Watchbill <desk@desk.example>").send(LETTER)
        mail = message_from_bytes(server.kept[0], policy=default)
    assert mail["Subject"] == "More comes in than usual"
    assert mail["Watchbill-Key"] == "ALR-1:raised:mail:2"
    assert mail["Message-ID"] == "<ALR-1.raised.mail.2@desk.example>"
    assert mail.get_content().strip() == "25 came. Ü"


def test_a_server_without_tls_gets_nothing_unless_allowed():
    """STARTTLS is asked for; a server that has none is NotSent, and so is nobody at all."""
    with smtp() as server:
        port = server.server_address[1]
        with pytest.raises(NotSent):
            SmtpMail(url=f"smtp://127.0.0.1:{port}", sender="a@b.example").send(LETTER)
        assert server.kept == []
    with pytest.raises(NotSent, match="does not answer"):
        SmtpMail(url=f"smtp://127.0.0.1:{port}?tls=off", sender="a@b.example").send(LETTER)


@pytest.mark.parametrize(("scheme", "is_tls_first"), [("smtp", False), ("smtps", True)])
def test_a_mail_goes_by_tls_to_a_server_whose_certificate_the_setting_trusts(scheme, is_tls_first):
    """By STARTTLS and from the first byte: encrypted, taken, with a receipt."""
    with smtp("localhost", is_tls_first=is_tls_first) as server:
        url = f"{scheme}://127.0.0.1:{server.server_address[1]}?ca={CERTIFICATES / 'localhost.pem'}"
        assert SmtpMail(url=url, sender="a@b.example").send(LETTER) == "250 Kept as 1"
        assert b"25 came" in server.kept[0] or b"MjUgY2FtZ" in server.kept[0]


@pytest.mark.parametrize(("scheme", "is_tls_first"), [("smtp", False), ("smtps", True)])
@pytest.mark.parametrize(
    ("shown", "trusted", "said"),
    [
        ("localhost", "", "self-signed"),
        ("localhost", "elsewhere", "self-signed"),
        ("elsewhere", "elsewhere", "IP address mismatch"),
    ],
)
def test_a_certificate_that_is_not_trusted_or_of_somebody_else_gets_nothing(scheme, is_tls_first, shown, trusted, said):
    """Nothing is handed over, not even a password; it is tried again, as somebody may put it right; the reason is said."""
    with smtp(shown, is_tls_first=is_tls_first) as server:
        query = f"?ca={CERTIFICATES / trusted}.pem" if trusted else ""
        url = f"{scheme}://user:secret@127.0.0.1:{server.server_address[1]}{query}"
        with pytest.raises(NotSent, match=rf"certificate of the mail server is not trusted: .*{said}") as refused:
            SmtpMail(url=url, sender="a@b.example").send(LETTER)
        assert not isinstance(refused.value, Refused)
        assert server.kept == []


def test_certificates_that_cannot_be_read_are_said():
    """A path that is wrong is no server that does not answer."""
    with pytest.raises(NotSent, match=r"cannot be read from /nowhere/ca.pem: No such file"):
        SmtpMail(url="smtps://127.0.0.1:1?ca=/nowhere/ca.pem", sender="a@b.example").send(LETTER)


def test_a_webhook_is_signed_and_has_its_key():
    """Whoever knows the secret can prove the sender; another body or instant has another signature."""
    with receiver() as server:
        letter = replace(LETTER, address=f"http://127.0.0.1:{server.server_address[1]}/hook?a=1")
        Webhook(is_open=True).send(letter)
        ((path, headers, body),) = server.kept
    assert (path, body) == ("/hook?a=1", LETTER.body)
    assert headers["Idempotency-Key"] == LETTER.key
    at = headers["Watchbill-Signature"].split(",")[0].removeprefix("t=")
    expected = hmac.new(b"whsec_x", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Watchbill-Signature"] == f"t={at},v1={expected}"
    assert signature("whsec_x", body, at=int(at) + 1) != headers["Watchbill-Signature"]


def test_a_redirect_is_not_followed():
    """What was checked is what is posted to; a redirect would lead around the check."""
    with receiver() as server:
        server.answers.append(302)
        letter = replace(LETTER, address=f"http://127.0.0.1:{server.server_address[1]}/")
        with pytest.raises(Refused, match="answered 302"):
            Webhook(is_open=True).send(letter)
        assert len(server.kept) == 1


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/", "https://localhost:8000/", "https://[::1]/", "https://169.254.169.254/latest",
     "https://10.1.2.3/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "http://192.0.2.1/", "ftp://desk.example/"],
)  # fmt: skip
def test_nothing_goes_to_addresses_of_ones_own(address):
    """This machine, its networks, the clouds' own address, and whatever is not https: refused before anything is sent."""
    with pytest.raises(Refused):
        Webhook().send(replace(LETTER, address=address))


@pytest.mark.parametrize(
    ("address", "expected"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("100.64.0.1", False), ("fe80::1%eth0", False), ("fd00::1", False),
     ("64:ff9b::10.0.0.1", False), ("2002:0a00:0001::1", False), ("224.0.0.1", False), ("::ffff:8.8.8.8", True)],
)  # fmt: skip
def test_which_addresses_are_outside(address, expected):
    """Addresses that hide another one are judged by the one that they hide."""
    assert is_outside(address) is expected


def test_a_server_that_speaks_no_tls_is_not_sent():
    """https to a plain server: no answer, tried again later."""
    with receiver() as server:
        with pytest.raises(NotSent):
            Webhook(is_open=True).send(replace(LETTER, address=f"https://127.0.0.1:{server.server_address[1]}/"))
        assert server.kept == []
