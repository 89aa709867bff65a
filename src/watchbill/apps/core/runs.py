"""Long reckonings about a draft of a policy: asked for, done by the worker, kept, and needed to publish the draft.

Waiting, running, ended; killed, they begin anew. Each app keeps its own in a table of its own, with at least the columns of
`Run`; what is done with such a row is the same for all: `Runs`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db import DatabaseError, connection, models
from django.db.models import F
from django.db.models.functions import Now

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import shown
from watchbill.apps.core.services import lock_take
from watchbill.engine.base.errors import InvalidFacts, NotFound

WAITING, RUNNING, DONE, REFUSED, STOPPED = "waiting", "running", "done", "refused", "stopped"
UNDER_WAY = (WAITING, RUNNING)

KEPT = 10
"""Runs of a desk that are listed, and looked through for the one that a draft needs."""


class RunTable(models.Model):
    """The columns that the tables of all kinds of runs have; see `Run`. Each adds its desk, its indexes and columns of its own.

    state: waiting -> running -> done, or refused (``message`` says on what and how), or stopped. ``begun_recorded_at``: when somebody
    began with it, the last time that somebody did; one that waits and was begun was broken off.
    """

    id = models.BigAutoField(primary_key=True)
    by_name = models.TextField()
    by_user_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    begun_recorded_at = models.DateTimeField(null=True)
    finished_recorded_at = models.DateTimeField(null=True)
    policy = models.JSONField()
    digest = models.TextField()
    against = models.IntegerField()
    state = models.TextField(default=WAITING)
    tries = models.SmallIntegerField(default=0)
    items = models.BigIntegerField(default=0)
    items_done = models.BigIntegerField(default=0)
    message = models.TextField(default="")
    result = models.JSONField(null=True)
    published = models.IntegerField(null=True)

    class Meta:
        abstract = True


def run_indexes(name: str) -> list[models.Index]:
    """Return the indexes of a table of runs called *name*: the latest of a desk, and those under way."""
    return [
        models.Index(fields=["desk", "-id"], name=f"{name}_desk"),
        models.Index(fields=["id"], condition=models.Q(state__in=list(UNDER_WAY)), name=f"{name}_open"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as it is kept.

    ``digest`` names the draft; ``against`` is the number of the newest policy version when it was asked for; ``published``
    that of the version which was published on the strength of it. ``prefix`` is that of its references, ``also`` are the
    columns of its own that API and commands answer.
    """

    prefix: ClassVar[str]
    also: ClassVar[Sequence[str]]

    id: int
    desk_id: int
    by_name: str
    by_user_id: int | None
    asked_at: datetime
    recorded_at: datetime
    begun_recorded_at: datetime | None
    finished_recorded_at: datetime | None
    policy: Mapping[str, Any]
    digest: str
    against: int
    state: str
    tries: int
    items: int
    items_done: int
    message: str
    result: Mapping[str, Any] | None
    published: int | None

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def reference(self) -> str:
        return shown(self.prefix, self.id) or ""

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer: how far it is, and once it has ended, its result."""
        names = (
            "reference", "state", "items", "items_done", "message", "asked_at", "recorded_at", "begun_recorded_at",
            "finished_recorded_at", "against", "digest", "published", "result",
        )  # fmt: skip
        return {name: getattr(self, name) for name in (*names, *self.also)} | {"by": self.by_name}


Row = TypeVar("Row", bound=Run)


@contextmanager
def run_lock(name: str) -> Iterator[bool]:
    """Hold a named lock on this connection, over as many transactions as it takes; False at once when another holds it."""
    key = zlib.crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has lost its locks, too
                cursor.execute("select pg_advisory_unlock(%s)", [key])


@dataclass(frozen=True, kw_only=True)
class Runs(Generic[Row]):
    """All runs of one kind, in a table of their own.

    name: what locks and fields are called by, and a sentence with a blank for the underscore. done, policy, draft, ask: the
    words for what was done to a draft, which policy it is one of, the draft itself, and how a run is asked for.
    same: the columns in which two runs agree that ask for the same. may_view: whether an actor may see those of a desk.
    """

    table: models.Manager[Any]
    row_type: type[Row]
    name: str
    done: str
    policy: str
    draft: str = "This very draft"
    ask: str
    same: Sequence[str] = ("digest", "against")
    may_view: Callable[[Actor, int], bool]

    def get(self, run_id: int, *, by: Actor) -> Row:
        """Return one run. Raises NotFound, also for those who may not see the desk's."""
        row = self.row(run_id)
        if not self.may_view(by, row.desk_id):
            raise self._missing()
        return row

    def row(self, run_id: int) -> Row:
        """Return one run for those who do it. Raises NotFound."""
        found = self._rows(self.table.filter(id=run_id))
        if not found:
            raise self._missing()
        return found[0]

    def latest(self, desk_id: int, *, limit: int = KEPT, **columns: Any) -> list[Row]:
        """Return the latest runs of a desk, of those with these values in *columns*, the latest first: one query."""
        return self._rows(self.table.filter(desk_id=desk_id, **columns).order_by("-id")[:limit])

    def waiting(self) -> list[int]:
        """Return the runs that wait or are under way, the first that was asked for first."""
        return list(self.table.filter(state__in=UNDER_WAY).order_by("id").values_list("id", flat=True))

    def add(self, desk_id: int, *, by: Actor, now: datetime, **columns: Any) -> int:
        """Keep a run that is to be done, and return its key; the same one that is under way is not begun twice.

        Two who ask at one moment wait for each other: it belongs into the caller's transaction.
        """
        lock_take(f"{self.name}s:{desk_id}")
        same = {name: columns[name] for name in self.same}
        row = self.table.filter(desk_id=desk_id, state__in=UNDER_WAY, **same).first()
        if row is None:
            row = self.table.create(desk_id=desk_id, by_name=by.name, by_user_id=by.user_id, asked_at=now, **columns)
        return int(row.pk)

    def lock(self, run_id: int) -> AbstractContextManager[bool]:
        """Hold the lock of one run on this connection, or yield False at once when another process is at it."""
        return run_lock(f"{self.name}:{run_id}")

    def begin(self, run_id: int) -> None:
        """Begin, or begin anew; the caller has forgotten what an earlier run that was killed has left."""
        self._going(run_id).update(
            state=RUNNING, tries=F("tries") + 1, begun_recorded_at=Now(), result=None, message="", **self._nothing_done
        )

    def step(self, run_id: int, *, items_done: int, items: int | None = None, **columns: Any) -> bool:
        """Note how far a run has come, and of how many items; False when somebody has stopped it meanwhile."""
        known = columns if items is None else {"items": items, **columns}
        return bool(self._going(run_id).update(items_done=items_done, **known))

    def put_back(self, run_id: int, *, is_tried: bool = False) -> None:
        """Let a run wait again, with nothing done; that the worker was told to stop is no fault of the draft, and counts as no try."""
        self._going(run_id).update(state=WAITING, tries=F("tries") - (0 if is_tried else 1), **self._nothing_done)

    def end(self, run_id: int, *, state: str, message: str = "", result: Mapping[str, Any] | None = None) -> None:
        """End a run: done with its result, or refused or stopped with a sentence; one that has ended stays as it is."""
        self._going(run_id).update(state=state, message=message, result=result, finished_recorded_at=Now())

    def required(self, desk_id: int, *, digest: str, against: int) -> Row:
        """Return the finished run of exactly this draft beside what holds now, on the strength of which it is published.

        Raises InvalidFacts that says what to do when there is none.
        """
        found = self._rows(self.table.filter(desk_id=desk_id, digest=digest).order_by("-id")[:KEPT])
        for row in found:
            if row.state == DONE and row.against == against:
                return row
        if any(row.is_under_way for row in found):
            said = f"The {self.said} of this draft is still under way; publish when it has ended"
        elif any(row.state == DONE for row in found):
            said = f"This draft was {self.done} before version {against} of the {self.policy} was published. {self.ask}"
        else:
            said = f"{self.draft} has not been {self.done}. {self.ask}"
        raise InvalidFacts(said, field=self.name)

    def published(self, run_id: int, *, number: int, **columns: Any) -> None:
        """Note which version was published on the strength of a run."""
        self.table.filter(id=run_id).update(published=number, **columns)

    @property
    def said(self) -> str:
        """What one is called in a sentence."""
        return self.name.replace("_", " ")

    @property
    def _nothing_done(self) -> dict[str, Any]:
        """The columns that say how far a run is, before it has begun."""
        doing = {"doing": ""} if any(column.name == "doing" for column in fields(self.row_type)) else {}
        return {"items": 0, "items_done": 0, **doing}

    def _going(self, run_id: int) -> models.QuerySet[Any]:
        return self.table.filter(id=run_id, state__in=UNDER_WAY)

    def _rows(self, rows: models.QuerySet[Any]) -> list[Row]:
        return [self.row_type(**row) for row in rows.values(*(column.name for column in fields(self.row_type)))]

    def _missing(self) -> NotFound:
        return NotFound(f"There is no such {self.said}")
