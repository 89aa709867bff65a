"""The audit trail of everything: sealed as it grows, checked, read and exported."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO, Any

from watchbill.apps.core import seals, trail
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.idempotency import idempotency_forget
from watchbill.apps.core.queries import wall_now
from watchbill.apps.core.seals import Mark, Stream, Verified
from watchbill.apps.core.services import audit_add, lock_try
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.work.trail import COLUMNS, event_lines
from watchbill.engine.base.cells import text_cell
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, Unavailable

STREAMS: dict[str, Stream] = {
    "audit": Stream(name="audit", table="core_auditevent", columns=trail.COLUMNS, lines=trail.audit_lines),
    "work": Stream(name="work", table="work_event", columns=COLUMNS, lines=event_lines),
}
SEALS_PER_TICK = 20
LOCK = "audit.seal"
READ_LOCK = "audit.read"
LAST_ID = 2**63 - 1

_marks: dict[str, Mark] = {}  # of this process: marks whose writers were not all done when last looked at


class Format(StrEnum):
    """How an export is written."""

    JSON_LINES = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export holds: how many rows, and the SHA-256 of its bytes."""

    stream: str
    rows: int
    sha256: str


def tick() -> int:
    """Seal what is settled and forget old idempotency keys; return the rows sealed. Wall time only.

    The background worker calls it every two minutes. One runner at a time; running twice changes nothing.
    """
    with lock_try(LOCK) as is_mine:
        if not is_mine:
            return 0
        idempotency_forget()
        return sum(_seal(stream, most=SEALS_PER_TICK) for stream in STREAMS.values())


def seal_all() -> tuple[int, bool]:
    """Seal everything that is settled, not waiting for a seal to be full; return the rows, and whether all are sealed.

    Rows of transactions that are still running are left for the next call.
    """
    rows, is_done = 0, True
    with lock_try(LOCK) as is_mine:
        if not is_mine:
            return 0, False
        for stream in STREAMS.values():
            rows += _seal(stream, most=sys.maxsize, is_due=True)
            is_done = is_done and stream.name not in _marks
    return rows, is_done


def _seal(stream: Stream, *, most: int, is_due: bool = False) -> int:
    mark = _marks.get(stream.name) or seals.mark_take(stream.table)
    if not seals.mark_is_settled(mark, stream.table):
        _marks[stream.name] = mark
        return 0
    _marks.pop(stream.name, None)
    return seals.seals_add(stream, last_id=mark.last_id, most=most, is_due=is_due, wall=wall_now())


def verify(*, anchors: Iterable[str] = (), by: Actor, now: datetime) -> list[Verified]:
    """Check every seal of every stream; memory does not grow with the rows. Written down in the audit log.

    Raises NotAllowed, InvalidFacts for an anchor that cannot be read or names no stream, and Unavailable while another
    check or export runs.
    """
    require(by, Right.AUDIT_EXPORT, None)
    kept = list(anchors)
    for anchor in kept:
        if anchor.split(":")[0] not in STREAMS:
            raise InvalidFacts(f"An anchor begins with one of {', '.join(STREAMS)}:, got {anchor[:80]!r}")
    with _one_reader():
        found = [seals.seals_verify(stream, anchors=kept) for stream in STREAMS.values()]
        outcome = {result.stream: result.bad.why if result.bad else "good" for result in found}
        audit_add("audit_verified", object_kind="audit", after=outcome, by=by, now=now)
    return found


@contextmanager
def _one_reader() -> Iterator[None]:
    """Let one export or check run at a time: each reads a whole stream, and pages are served meanwhile."""
    with lock_try(READ_LOCK) as is_mine:
        if not is_mine:
            raise Unavailable("The audit trail is being exported or checked just now; try again when that is done")
        yield


def desks_read(desk_id: int | None, by: Actor) -> Collection[int] | None:
    """Return the desks whose trail is asked for and may be read by *by*; None: every desk, and what is of none.

    Events of no desk (users, keys, the clock) are for those who may read the trail everywhere. Raises NotAllowed.
    """
    if desk_id is not None:
        require(by, Right.AUDIT_VIEW, desk_id)
        return [desk_id]
    if may(by, Right.AUDIT_VIEW, None):
        return None
    desks = [desk for desk in by.roles if desk is not None and may(by, Right.AUDIT_VIEW, desk)]
    if not desks:
        raise NotAllowed("This needs the right “read the audit trail”", right=Right.AUDIT_VIEW)
    return desks


def page(
    wanted: trail.AuditFilter, *, desk_id: int | None = None, after: int | None = None, limit: int = 50, by: Actor
) -> list[dict[str, Any]]:
    """Return audit events, newest first, of what *by* may see: the desks where she may, or everything; see `desks_read`."""
    return trail.audit_page(wanted, desk_ids=desks_read(desk_id, by), after=after, limit=limit)


def export(
    stream: str, file: IO[bytes], *, form: Format = Format.JSON_LINES, first_id: int = 1, last_id: int = LAST_ID,
    by: Actor, now: datetime,
) -> Exported:  # fmt: skip
    """Write a stream to *file* as it is sealed: JSON lines byte for byte, or CSV for a spreadsheet.

    Memory does not grow with the rows. The export is itself written down in the audit log. Raises NotAllowed,
    InvalidFacts for an unknown stream, and Unavailable while another export or check runs.
    """
    require(by, Right.AUDIT_EXPORT, None)
    if stream not in STREAMS:
        raise InvalidFacts(f"There is no stream {stream!r}; there are {', '.join(STREAMS)}", field="stream")
    digest = hashlib.sha256()

    def write(data: bytes) -> None:
        digest.update(data)
        file.write(data)

    lines = (line for _, line in STREAMS[stream].lines(first_id, last_id))
    with _one_reader():
        if form is Format.CSV:
            rows = _write_csv(lines, STREAMS[stream].columns, write)
        else:
            rows = _write_lines(lines, write)
        audit_add(
            "audit_exported", object_kind="audit", object_ref=stream,
            after={"rows": rows, "form": form, "sha256": digest.hexdigest()}, by=by, now=now,
        )  # fmt: skip
    return Exported(stream=stream, rows=rows, sha256=digest.hexdigest())


def seals_of(stream: str, *, by: Actor) -> Iterator[dict[str, object]]:
    """Give the seals of a stream, oldest first: what an export is checked against."""
    require(by, Right.AUDIT_EXPORT, None)
    return seals.seals_list(stream)


def _write_lines(lines: Iterable[str], write: Callable[[bytes], None]) -> int:
    rows = 0
    for rows, line in enumerate(lines, start=1):  # noqa: B007 - counted
        write(line.encode() + b"\n")
    return rows


class _Utf8:
    """A text file for the csv module that hands bytes on."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def write(self, text: str) -> int:
        self._write(text.encode())
        return len(text)


def _write_csv(lines: Iterable[str], columns: Sequence[str], write: Callable[[bytes], None]) -> int:
    writer = csv.writer(_Utf8(write), lineterminator="\r\n")
    writer.writerow(columns)
    rows = 0
    for rows, line in enumerate(lines, start=1):  # noqa: B007 - counted
        row = json.loads(line)
        writer.writerow([cell(row[column]) for column in columns])
    return rows


def cell(value: object) -> str | int | float:
    """Return *value* for a spreadsheet's cell: text that would be a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return value
    return text_cell(str(value))
