"""The outside that messages go to: what a channel takes, what it gives back, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from watchbill.engine.base.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message as it goes out. ``key`` goes along, so that whoever gets it twice can tell; ``secret`` signs."""

    key: str
    address: str
    subject: str
    text: str
    body: bytes = b""
    secret: str = field(default="", repr=False)


class NotSent(Unavailable):
    """It could not be sent now; a later attempt may succeed."""

    code = "not_sent"


class Refused(NotSent):
    """It will never be taken as it is: trying again is of no use."""

    code = "refused"


class Channel(Protocol):
    """A way to the outside, one instance for many messages."""

    def send(self, letter: Letter) -> str:
        """Send one message and return the receipt, in the other side's words. Raises NotSent, Refused."""
        ...
