"""What comes out: a suggested reason with its shares, and the pauses of a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchbill.engine.report.facts import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of the time speaks for a reason, 0 to 1."""

    reason: Reason
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Why a commitment was broken. ``reason`` is None when nothing reaches the threshold: it was a mixture.

    shares: what speaks for each reason, the strongest first, without those of which nothing speaks.
    counted_s: business seconds that were looked at: all that counted until the breach.
    handovers: how often it went to another person or team in that time.
    """

    reason: Reason | None
    shares: tuple[Share, ...]
    counted_s: int
    handovers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """One pause of a clock.

    ``gone_ratio``: how much of the target was used up when it began (1 or more: after the breach). ``message_s``: seconds
    between its beginning and the nearest message to the customer, before or after; None when there was none at all.
    """

    began_at: datetime
    ended_at: datetime | None
    gone_ratio: float
    message_s: int | None
