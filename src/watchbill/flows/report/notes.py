"""The work note that every word about a commitment leaves on its item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.work import services as work
from watchbill.apps.work.services import Change
from watchbill.engine.base.work import EventKind


def notes_write(notes: Mapping[int, Sequence[str]], *, by: Actor, now: datetime) -> None:
    """Write one work note on each item, in the caller's transaction; what was said of it stands line by line.

    The items are locked. A note changes no clock and answers no proposal, so it needs no version that was seen.
    """
    work.work_change_many(
        [
            Change(item_id=item_id, kind=EventKind.NOTE, data={"text": "\n".join(lines)})
            for item_id, lines in sorted(notes.items())
        ],
        by=by,
        now=now,
    )
