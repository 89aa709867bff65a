"""Mail by SMTP: one connection a message, TLS unless the address says otherwise."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from watchbill.apps.notices.ports import Letter, NotSent, Refused

TIMEOUT_S = 20.0
KEY_HEADER = "Watchbill-Key"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMail:
    """A mail server: ``smtp://user:password@host:587`` with STARTTLS, ``smtps://`` with TLS from the first byte.

    ``?tls=off`` leaves TLS out, for a server on this machine; ``?ca=/path/of/ca.pem`` trusts the certificates of that file
    instead of those that the machine trusts.
    """

    url: str
    sender: str

    def send(self, letter: Letter) -> str:
        """Hand a mail to the server; the receipt is what it answered. Raises NotSent, Refused."""
        mail = EmailMessage()
        try:
            mail["From"], mail["To"] = self.sender, letter.address
            mail["Subject"] = " ".join(letter.subject.split())
            mail["Date"], mail["Message-ID"] = formatdate(), f"<{letter.key.replace(':', '.')}@{_host(self.sender)}>"
            mail[KEY_HEADER] = letter.key
            mail["Auto-Submitted"] = "auto-generated"
            mail.set_content(letter.text)
        except ValueError as error:
            raise Refused(f"This cannot be a mail: {error}") from None
        try:
            with self._connect() as server:
                # What `send_message` does, for one recipient, with the server's last answer kept as the receipt.
                server.ehlo_or_helo_if_needed()
                _taken(server.mail(_bare(self.sender)))
                _taken(server.rcpt(_bare(letter.address)))
                return _taken(server.data(mail.as_bytes()))
        except smtplib.SMTPResponseException as error:
            raise _meant(error.smtp_code, error.smtp_error) from None
        except ssl.SSLCertVerificationError as error:
            raise NotSent(f"The certificate of the mail server is not trusted: {error.verify_message}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(f"The mail server does not answer: {error}") from None

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        asked = parse_qs(parts.query)
        host, context = parts.hostname or "localhost", _trusting(asked.get("ca", [""])[0])
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S)
        try:
            if parts.scheme == "smtp" and asked.get("tls") != ["off"]:
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def from_settings() -> SmtpMail | None:
    """Return the mail server of this installation; None when none is set."""
    return SmtpMail(url=settings.SMTP_URL, sender=settings.MAIL_FROM) if settings.SMTP_URL else None


def _trusting(path: str) -> ssl.SSLContext:
    """Return what to trust: the certificates of a file, else those that this machine trusts. Raises NotSent."""
    try:
        return ssl.create_default_context(cafile=path or None)
    except OSError as error:
        raise NotSent(f"The certificates to trust cannot be read from {path}: {error.strerror or error}") from None


def _taken(answer: tuple[int, bytes]) -> str:
    code, said = answer
    if code >= 400:
        raise smtplib.SMTPResponseException(code, said)
    return f"{code} {_text(said)}"


def _meant(code: int, said: bytes | str) -> NotSent:
    """An answer of 5xx is the last word, except about signing in, which somebody will put right."""
    kind = Refused if 500 <= code < 600 and code not in {530, 534, 535} else NotSent
    return kind(f"The mail server said {code} {_text(said)}")


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _bare(address: str) -> str:
    """The address alone, from “Watchbill <desk@example.org>”."""
    return address.rpartition("<")[2].rstrip("> ")


def _host(address: str) -> str:
    return _bare(address).rpartition("@")[2] or "watchbill"
