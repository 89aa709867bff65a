"""Import one file: stage its rows, check what they say of the format, then apply them batch by batch.

Killed at any point, the same call goes on where it stopped: every chunk of staged rows and every batch of items is
one transaction with its mark. docs/algorithms/intake.md tells the steps.
"""

from __future__ import annotations

import csv
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from watchbill.apps.clocks import bulk as clock_bulk
from watchbill.apps.core.actor import Actor
from watchbill.apps.decisions.alerts import limits_outdated
from watchbill.apps.inbox import queries, services, staging
from watchbill.apps.inbox.services import Identity, Progress
from watchbill.apps.people.queries import desk_by_id
from watchbill.apps.people.rights import Right, require
from watchbill.apps.people.services import desk_require_open
from watchbill.apps.work import bulk as work_bulk
from watchbill.engine.base.cells import text_cell
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.time import require_instant
from watchbill.engine.intake.profile import Profile
from watchbill.engine.intake.rows import Refusal, RowReader, StagedRow
from watchbill.flows.intake.apply import Applying, batches_apply, eased, names_make, side_by_side
from watchbill.flows.intake.layout import BrokenFile
from watchbill.flows.intake.profiles import LoadedProfile
from watchbill.flows.intake.refused import DISPROOFS_NAMED, dates_disproved, nothing_accepted
from watchbill.flows.intake.source import Source, file_digest, source_open
from watchbill.flows.intake.workbook import Sheet

CHUNK_ROWS = 5_000
"""Rows staged in one transaction."""

BLOCK_ROWS = 100
"""Rows read at once."""

WORKERS = 2
"""Connections that apply batches side by side: while one computes clocks, the other's statements run."""

MB = 1 << 20

Tell = Callable[[str, float], None]
"""Told (what is being done, share of it between 0 and 1) now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What an import comes to. ``events`` are those that the file tells of; ``*_added`` of them were new to the desk.

    ``is_repeat``: the same file was imported before, by the same profile, so nothing was done.
    """

    import_id: int
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rejects_file: str | None
    items: int
    events: int
    people: int
    first_at: datetime | None
    last_at: datetime | None
    seconds: float
    peak_rss_mb: float
    items_added: int
    events_added: int
    events_held: int
    is_repeat: bool

    @property
    def reconciles(self) -> bool:
        """Every row that was read was accepted or rejected."""
        return self.rows_read == self.rows_accepted + self.rows_rejected


def quiet(_what: str, _share: float) -> None:
    """Tell nobody."""


def import_run(
    path: Path,
    loaded: LoadedProfile,
    *,
    desk_id: int,
    shift_weeks: int = 0,
    hold_after: datetime | None = None,
    rejects_path: Path | None = None,
    workers: int | None = None,
    tell: Tell = quiet,
    by: Actor,
    now: datetime,
) -> Summary:
    """Import the file at *path* into a desk and return what it came to.

    Parameters
    ----------
    path: a CSV file, plain, in gzip, or the only file in a zip; or a workbook (.xlsx).
    loaded: the profile that says how it is read.
    shift_weeks: whole weeks by which all instants are moved; the true ones stay in the events' data.
    hold_after: events after this (moved) instant wait for `release`.
    rejects_path: where rejected rows are written as CSV; None: written nowhere, they stay on record all the same.
    workers: connections that apply batches side by side (None: `WORKERS`); 1 uses the caller's own alone.

    Raises BrokenFile (nothing was applied), NotAllowed, and Conflict while another import into the desk runs, or when
    the desk is closed.
    """
    require(by, Right.IMPORT_RUN, desk_id)
    started = perf_counter()
    held = require_instant(hold_after, "hold_after") if hold_after else None
    size, sha256 = file_digest(path)
    identity = Identity(
        desk_id=desk_id, sha256=sha256, profile_digest=loaded.digest, shift_weeks=shift_weeks, hold_after=held
    )
    with services.desk_lock(desk_id):
        desk_require_open(desk_id)  # which stays so: nobody closes a desk while this lock is held
        progress = services.import_begin(
            identity, profile=loaded.profile.name, file_name=path.name, file_size=size, by=by, now=now
        )
        is_repeat = progress.status == services.DONE
        if not is_repeat:
            job = _Job(path=path, size=size, profile=loaded.profile, shift_weeks=shift_weeks, tell=tell, by=by, now=now)
            if progress.status != services.APPLYING or staging.rows_staged(progress.id) != progress.rows_accepted:
                _stage(job, progress)
            _apply(job, progress.id, desk_id=desk_id, hold_after=held, workers=workers or WORKERS)
        rejects_file = _rejects_write(progress.id, rejects_path)
        if not is_repeat:
            limits_outdated(desk_id)
            services.import_finish(
                progress.id, seconds=perf_counter() - started, peak_rss_mb=peak_rss_mb(), rejects_file=rejects_file or "",
                by=by, now=now,
            )  # fmt: skip
    return _summary(progress.id, rejects_file, perf_counter() - started, is_repeat=is_repeat, by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    path: Path
    size: int
    profile: Profile
    shift_weeks: int
    tell: Tell
    by: Actor
    now: datetime


def _stage(job: _Job, progress: Progress) -> None:
    """Read the file into the staging table, from where the last run stopped; stop it when it makes no sense."""
    seen = progress.rows_read
    is_whole = progress.status == services.STAGING and staging.rows_staged(progress.id) == progress.rows_accepted
    if progress.is_new or not is_whole or not seen:
        services.staging_restart(progress.id)
        seen = 0
    try:
        with source_open(job.path, job.profile, size=job.size) as source:
            _stage_rows(job, progress.id, source, seen)
    except BrokenFile as error:
        services.import_stop(progress.id, message=error.message, details=error.details, by=job.by, now=job.now)
        raise


def _stage_rows(job: _Job, import_id: int, source: Source | Sheet, seen: int) -> None:
    reader = RowReader(job.profile, source.header, shift_weeks=job.shift_weeks)
    disproofs: list[Refusal] = []
    rows = source.rows()
    skipped = sum(1 for _ in islice(rows, seen))
    if skipped < seen:
        raise BrokenFile(job.path, "The file is shorter than when its import began.", expected="the same file")
    if seen:  # what was read before the last run was killed may already disprove the format
        disproofs += queries.rejects_disproving(import_id)
    while True:
        refused: list[Refusal] = []
        accepted = _accepted(reader, islice(rows, CHUNK_ROWS), refused)
        before = seen
        with eased():
            seen = services.rows_stage(import_id, seen=seen, share=lambda: source.share, rows=accepted, refused=refused)
        if seen == before:
            break
        disproofs += [refusal for refusal in refused if refusal.is_disproof]
        job.tell("reading", source.share)
        if len(disproofs) >= DISPROOFS_NAMED:
            break
    if disproofs:
        raise dates_disproved(job.path, job.profile, disproofs, seen)
    if not staging.rows_staged(import_id):
        raise nothing_accepted(job.path, next(queries.rejects_all(import_id), None), seen)


def _accepted(
    reader: RowReader, rows: Iterator[tuple[int, list[str]]], refused: list[Refusal]
) -> Iterator[list[StagedRow]]:
    """Give the rows that are taken, block by block as they are read, and put the others into *refused*."""
    while block := list(islice(rows, BLOCK_ROWS)):
        found = reader.read_many(*zip(*block, strict=True))
        taken = [row for row in found if isinstance(row, StagedRow)]
        if len(taken) < len(found):
            refused += [row for row in found if isinstance(row, Refusal)]
        yield taken


def _apply(job: _Job, import_id: int, *, desk_id: int, hold_after: datetime | None, workers: int) -> None:
    job.tell("sorting", 0.0)
    (items, first_at, last_at, has_repeats), people = side_by_side(
        [partial(_sort, import_id), partial(_name, import_id, desk_id)], workers=workers
    )
    services.import_apply_begin(import_id, items=items, people=people, first_at=first_at, last_at=last_at)
    what = Applying(
        import_id=import_id, desk_id=desk_id, kind=job.profile.kind, source=job.profile.source,
        later=job.profile.attributes_later,
        has_repeats=has_repeats, items=items,
        hold_after=hold_after, told_at=hold_after or job.now,
    )  # fmt: skip
    batches_apply(what, workers=workers, tell=lambda share: job.tell("applying", share))
    side_by_side([eased()(work_bulk.statistics_renew), eased()(clock_bulk.statistics_renew)], workers=workers)


def _sort(import_id: int) -> tuple[int, datetime | None, datetime | None, bool]:
    """Number the staged items; return how many, the first and last instant, and whether two rows have one key."""
    with eased():
        return *staging.staging_close(import_id), staging.keys_repeat(import_id)


def _name(import_id: int, desk_id: int) -> int:
    """Make what the staged rows name; return how many people."""
    with eased():
        names_make(import_id, desk_id=desk_id, zone=desk_by_id(desk_id).zone)
        return queries.people_named(import_id)


def _rejects_write(import_id: int, path: Path | None) -> str | None:
    """Write rejected rows as CSV; a text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("line", "column", "value", "expected"))
            for line, *texts in queries.rejects_all(import_id):
                writer.writerow((line, *map(text_cell, texts)))
    except OSError as error:
        raise InvalidFacts(f"The rejected rows cannot be written to {path}: {error.strerror}") from None
    return str(path)


def _summary(import_id: int, rejects_file: str | None, seconds: float, *, is_repeat: bool, by: Actor) -> Summary:
    row: Any = queries.import_get(import_id, by=by)
    copied = ("rows_read", "rows_accepted", "rows_rejected", "items", "events", "people", "first_at", "last_at",
              "events_held")  # fmt: skip
    return Summary(
        import_id=import_id, rejects_file=rejects_file, seconds=round(seconds, 3), peak_rss_mb=peak_rss_mb(),
        items_added=0 if is_repeat else row.items_added, events_added=0 if is_repeat else row.events_added,
        is_repeat=is_repeat, **{name: getattr(row, name) for name in copied},
    )  # fmt: skip


def peak_rss_mb() -> float:
    """The most memory that this process has held, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / MB if sys.platform == "darwin" else most / 1024, 1)
