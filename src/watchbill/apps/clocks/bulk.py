"""Writes of clocks by the ten thousand, for items that have none yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection

from watchbill.apps.clocks.services import COLUMNS, ClockWrite, array_text

_COPY = f"copy clocks_clock ({', '.join(name for name, _ in COLUMNS)}, told_at, next_at) from stdin"
ROWS_AT_ONCE = 500
NULL = "\\N"


def next_at(clock: ClockWrite, told_at: datetime | None) -> datetime | None:
    """Return the next instant after *told_at* at which the clock has something to tell; a test holds it to the SQL."""
    is_live = clock.status == "running" or (clock.status == "paused" and clock.resumes_at is not None)
    warnings = clock.warn_ats if clock.warn_ats is not None else (clock.warn_at,)
    ahead = (*warnings, clock.safe_at, clock.resumes_at) if is_live else ()
    breach = clock.breach_at if clock.status != "cancelled" else None
    return min((at for at in (*ahead, breach) if at is not None and (told_at is None or at > told_at)), default=None)


def clocks_load(clocks: Iterable[ClockWrite], *, told_at: datetime | None) -> None:
    """Add clocks of items that have none, in the caller's transaction; what lies before *told_at* counts as told.

    Does what `services.clocks_write` does for new clocks, several times as fast.
    """
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for block in _blocks(clocks, told_at):
            copy.write(block)


def _blocks(clocks: Iterable[ClockWrite], told_at: datetime | None) -> Iterator[str]:
    """Give rows in COPY's text form; numbers, instants and our own words need no escaping, a commitment's name has no tabs."""
    told = _text(told_at)
    lines: list[str] = []
    for c in clocks:
        lines.append(
            f"{c.item_id}\t{c.desk_id}\t{_escaped(c.name)}\t{c.kind}\t{c.agreement}\t{c.cycle}\t{c.status}\t{c.policy_id}"
            f"\t{c.calendar_id}\t{c.target_s}\t{c.elapsed_s}\t{c.paused_s}\t{c.started_at}\t{_text(c.due_at)}"
            f"\t{_text(c.stopped_at)}\t{_text(c.resumes_at)}\t{_text(c.warn_at)}"
            f"\t{array_text(c.warn_ats) or NULL}\t{_text(c.safe_at)}\t{_text(c.breach_at)}\t{told}"
            f"\t{_text(next_at(c, told_at))}\n"
        )
        if len(lines) >= ROWS_AT_ONCE:
            yield "".join(lines)
            lines.clear()
    if lines:
        yield "".join(lines)


def _text(at: datetime | None) -> str:
    return NULL if at is None else str(at)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\") if "\\" in name else name


def statistics_renew() -> None:
    """Let the planner see how many clocks were loaded, before its own time comes."""
    with connection.cursor() as cursor:
        cursor.execute("analyze clocks_clock")
