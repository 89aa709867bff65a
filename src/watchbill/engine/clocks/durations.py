"""Business time as people write it: "45 min", "4 h", "1 h 30 min"; and what was meant by what is nearly so."""

from __future__ import annotations

import re

from watchbill.engine.clocks.facts import MAX_TARGET_MIN

HOUR_MIN = 60

_WRITTEN = re.compile(r"(?:(\d{1,6})\s*h)?\s*(?:(\d{1,7})\s*(?:min|m)?)?", re.IGNORECASE)
_NEARLY = re.compile(
    r"(?:(\d{1,6}(?:[.,]\d+)?)\s*(?:h|hrs?|hours?))?[\s,]*(?:and\s+)?"
    r"(?:(\d{1,7}(?:[.,]\d+)?)\s*(?:m|mins?|minutes?)?)?\.?",
    re.IGNORECASE,
)


def minutes_words(minutes: int) -> str:
    """Write business minutes: "45 min", "4 h", "1 h 30 min"; days would be ambiguous."""
    hours, rest = divmod(minutes, HOUR_MIN)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def minutes_written(text: str) -> int | None:
    """Read what `minutes_words` writes, or a bare number of minutes; None for anything else."""
    found = _WRITTEN.fullmatch(text.strip())
    return None if found is None or not any(found.groups()) else HOUR_MIN * int(found[1] or 0) + int(found[2] or 0)


def minutes_meant(value: object) -> int | None:
    """Guess the minutes that a slip means: "4 hrs", "1.5 hours", "240" or 240.0; None where nothing is near, as with days."""
    if isinstance(value, bool):
        return None
    text = f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)
    found = _NEARLY.fullmatch(text.strip())
    if found is None or (isinstance(value, float | int) and "." in text):
        return None
    hours, minutes = (float((part or "0").replace(",", ".")) for part in found.groups())
    meant = HOUR_MIN * hours + minutes
    return int(meant) if meant.is_integer() and 1 <= meant <= MAX_TARGET_MIN else None
