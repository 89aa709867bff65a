"""Files that were sent and wait for the worker: kept in the database in pieces, gone when their import has ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F

from watchbill.apps.inbox import models, services

WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file that waits: its import, who sent it, how it is read, and how often a worker has begun with it."""

    id: int
    import_id: int
    desk_id: int
    user_id: int
    file_name: str
    profile: str
    profile_text: str
    shift_weeks: int
    tries: int


_COLUMNS = {
    "id": "id", "import_id": "imported_id", "desk_id": "imported__desk_id", "user_id": "user_id",
    "file_name": "imported__file_name", "profile": "imported__profile", "profile_text": "profile_text",
    "shift_weeks": "imported__shift_weeks", "tries": "tries",
}  # fmt: skip


def upload_keep(import_id: int, *, profile_text: str, pieces: Iterable[bytes], is_new: bool, user_id: int) -> None:
    """Keep the file of an import that has not ended well, in the caller's transaction; one that is kept already stays.

    A new import, and one that was stopped, waits. The pieces come one by one: a large file is never whole in memory.
    """
    begun = models.Import.objects.filter(id=import_id)
    (begun if is_new else begun.filter(status=services.STOPPED)).update(
        status=WAITING, message="", finished_recorded_at=None
    )
    upload, is_first = models.Upload.objects.get_or_create(
        imported_id=import_id, defaults={"user_id": user_id, "profile_text": profile_text}
    )
    if is_first:
        for number, piece in enumerate(pieces):
            models.UploadPart.objects.create(upload=upload, number=number, data=piece)


def uploads_waiting() -> list[Waiting]:
    """Return the files that wait, the first that came first; those that a worker is busy with are among them."""
    rows = models.Upload.objects.order_by("id").values_list(*_COLUMNS.values())
    return [Waiting(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def upload_waits(upload_id: int) -> bool:
    """Say whether a file is still there: another worker may have ended its import meanwhile."""
    return models.Upload.objects.filter(id=upload_id).exists()


def import_is_open(import_id: int) -> bool:
    """Say whether an import has neither been done nor been stopped."""
    return models.Import.objects.filter(id=import_id).exclude(status__in=[services.DONE, services.STOPPED]).exists()


def upload_pieces(upload_id: int) -> Iterator[bytes]:
    """Give the pieces of a file in order, one at a time."""
    numbers = list(
        models.UploadPart.objects.filter(upload_id=upload_id).order_by("number").values_list("number", flat=True)
    )
    for number in numbers:
        yield bytes(models.UploadPart.objects.values_list("data", flat=True).get(upload_id=upload_id, number=number))


def upload_begin(upload_id: int) -> None:
    """Count that a worker begins with a file."""
    models.Upload.objects.filter(id=upload_id).update(tries=F("tries") + 1)


def upload_put_back(upload_id: int) -> None:
    """Do not count the last beginning: the worker was told to stop, which is no fault of the file."""
    models.Upload.objects.filter(id=upload_id).update(tries=F("tries") - 1)


def upload_drop(upload_id: int) -> None:
    """Forget a file whose import has ended, well or not."""
    models.UploadPart.objects.filter(upload_id=upload_id).delete()
    models.Upload.objects.filter(id=upload_id).delete()
