"""Files sent by a page or by the API: kept in the database at once, imported by the worker as a file on its disk is.

Web and worker may run on different machines, so the database is the one place that both can reach; and a file stands there
in the same transaction as the import that it belongs to. docs/algorithms/intake.md says more.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from procrastinate.exceptions import JobAborted

from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.inbox import services, uploads
from watchbill.apps.inbox.services import Identity
from watchbill.apps.inbox.uploads import Waiting
from watchbill.apps.people.queries import actor_of_user
from watchbill.apps.people.rights import Right, require
from watchbill.apps.people.services import desk_require_open
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, WatchbillError
from watchbill.flows.apart import each_done
from watchbill.flows.intake.load import Tell, import_run, quiet
from watchbill.flows.intake.profiles import LoadedProfile, profile_read
from watchbill.flows.waking import wake

JOB = "import_uploads"
"""The worker's job that imports what waits."""

PIECE = 4 << 20
"""Bytes of a file in one row."""

TRIES = 10
"""How often a worker begins with a file; then the import is stopped, because it ends no worker well."""

NAME_BYTES = 120
WEEKS_MOST = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The import that a sent file belongs to. ``is_repeat``: it was done before, so nothing is."""

    import_id: int
    is_repeat: bool


def upload_take(
    file: BinaryIO,
    *,
    name: str,
    size: int,
    loaded: LoadedProfile,
    desk_id: int,
    shift_weeks: int = 0,
    by: Actor,
    now: datetime,
) -> Taken:
    """Keep a file that was sent, with its import, and wake the worker; return what it became.

    The same file with the same profile is the same import: it goes on if it was stopped or interrupted, and nothing
    is done if it had ended well. Raises NotAllowed, and InvalidFacts naming the field for an empty file.
    """
    require(by, Right.IMPORT_RUN, desk_id)
    desk_require_open(desk_id)
    if by.user_id is None:
        raise NotAllowed("A file is sent by a user who has signed in or holds an API key")
    if not size:
        raise InvalidFacts("The file is empty", field="file")
    if abs(shift_weeks) > WEEKS_MOST:
        raise InvalidFacts(f"Instants are moved by at most {WEEKS_MOST:,} weeks", field="shift_weeks")
    digest = hashlib.sha256()
    for piece in _pieces(file):
        digest.update(piece)
    identity = Identity(
        desk_id=desk_id,
        sha256=digest.hexdigest(),
        profile_digest=loaded.digest,
        shift_weeks=shift_weeks,
        hold_after=None,
    )
    with transaction.atomic():
        progress = services.import_begin(
            identity, profile=loaded.profile.name, file_name=name_plain(name), file_size=size, by=by, now=now
        )
        is_repeat = progress.status == services.DONE
        if not is_repeat:
            uploads.upload_keep(
                progress.id, profile_text=loaded.text, pieces=_pieces(file), is_new=progress.is_new, user_id=by.user_id
            )
            wake(JOB)
    return Taken(import_id=progress.id, is_repeat=is_repeat)


def name_plain(name: str) -> str:
    """Return what a file may be called on any disk: no folder, nothing unprintable, not too long; its ending stays."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(letter for letter in last if letter.isprintable()).strip(" .") or "upload"
    stem, dot, ending = clean.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
    room = NAME_BYTES - len(ending.encode())
    return clean.removesuffix(ending).encode()[:room].decode(errors="ignore") + ending


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def uploads_import(folder: Path, *, workers: int | None = None, tell: Tell = quiet, now: datetime) -> int:
    """Import the files that wait, the first first, each laid into *folder* meanwhile; return how many have ended.

    One whose desk is busy with another import stays for the next call; so does one that was interrupted, which then
    goes on where it stopped. One that cannot be imported is stopped, and its import says why. One that fails in a way
    nobody thought of is tried again later, and keeps none of the others waiting; its failure is raised after them.
    """
    waiting = uploads.uploads_waiting()
    _sweep(folder, {each.import_id for each in waiting})
    return each_done(partial(_import, each, folder, workers=workers, tell=tell, now=now) for each in waiting)


def _import(waiting: Waiting, folder: Path, *, workers: int | None, tell: Tell, now: datetime) -> bool:
    """Import one file; say whether it has come to its end. The desk's lock keeps other workers away from it."""
    try:
        with services.desk_lock(waiting.desk_id, tries=1):
            return uploads.upload_waits(waiting.id) and _import_locked(
                waiting, folder, workers=workers, tell=tell, now=now
            )
    except Conflict:
        return False


def _import_locked(waiting: Waiting, folder: Path, *, workers: int | None, tell: Tell, now: datetime) -> bool:
    by = actor_of_user(waiting.user_id)
    if by is None:
        return _stop(waiting, "Whoever sent this file may not sign in any more", by=WATCHBILL, now=now)
    if waiting.tries >= TRIES:
        return _stop(waiting, f"A worker began with this file {TRIES} times and never came to its end", by=by, now=now)
    uploads.upload_begin(waiting.id)
    place = folder / _place(waiting.import_id)
    try:
        place.mkdir(parents=True, exist_ok=True)
        path = place / waiting.file_name
        with path.open("wb") as stream:
            stream.writelines(uploads.upload_pieces(waiting.id))
        loaded = profile_read(waiting.profile_text.encode(), name=waiting.profile)
        import_run(
            path, loaded, desk_id=waiting.desk_id, shift_weeks=waiting.shift_weeks, workers=workers, tell=tell, by=by,
            now=now,
        )  # fmt: skip
    except JobAborted:
        uploads.upload_put_back(waiting.id)
        raise
    except WatchbillError as error:
        return _stop(waiting, error.message, by=by, now=now)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    uploads.upload_drop(waiting.id)
    return True


def _stop(waiting: Waiting, message: str, *, by: Actor, now: datetime) -> bool:
    """End the import of a file that cannot be imported, unless the importer has said why already; forget the file."""
    with transaction.atomic():
        if uploads.import_is_open(waiting.import_id):
            services.import_stop(waiting.import_id, message=message, details={}, by=by, now=now)
        uploads.upload_drop(waiting.id)
    return True


def _place(import_id: int) -> str:
    return f"upload-{import_id}"


def _sweep(folder: Path, waiting: set[int]) -> None:
    """Remove what a killed worker left behind of files that do not wait any more."""
    kept = {_place(import_id) for import_id in waiting}
    for left in folder.glob("upload-*") if folder.is_dir() else ():
        if left.name not in kept:
            shutil.rmtree(left, ignore_errors=True)
