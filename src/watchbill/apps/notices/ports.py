"""The outside that messages go to: what a channel takes, what it gives back, and how it refuses."""

from __future__ import annotations

import ipaddress
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


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_outside(address: str) -> bool:
    """Whether an address is of the open internet: no machine's own, no private, shared, link-local or special one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            found = inner
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.is_global and not found.is_multicast
