"""A file of history as columns, without a database: the same profiles and the same reading as an import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from watchbill.engine.backtest.twin.history import History, Told, history_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import ActorKind
from watchbill.engine.intake.rows import Refusal, RowReader, StagedRow
from watchbill.flows.intake.profiles import LoadedProfile
from watchbill.flows.intake.source import BrokenFile, file_digest, source_open

BLOCK_ROWS = 500
REFUSED_KEPT = 20
DISPROOFS = 5

Tell = Callable[[str, float], None]


@dataclass(slots=True)
class Read:
    """What a file came to. refused: the first rows that were not taken; rejected: how many in all."""

    history: History
    sha256: str
    rows: int = 0
    rejected: int = 0
    refused: list[Refusal] = field(default_factory=list)


def history_read(path: Path, loaded: LoadedProfile, *, tell: Tell) -> Read:
    """Read the whole file at *path* by a profile.

    Rows that cannot be read are counted and left out, as at an import. Raises BrokenFile when the file makes no sense, when its
    dates are not written as the profile says, or when no row can be read.
    """
    size, sha256 = file_digest(path)
    counted = _Counted()
    with source_open(path, loaded.profile, size=size) as source:
        reader = RowReader(loaded.profile, source.header)
        rows = source.rows()

        def lines() -> Iterator[Told]:
            while block := list(islice(rows, BLOCK_ROWS)):
                counted.rows += len(block)
                tell("reading", source.share)
                yield from counted.accepted(reader.read_many(*zip(*block, strict=True)))
                _require_format(path, loaded, counted)

        try:
            history = history_of(lines(), zone=loaded.profile.zone)
        except InvalidFacts:
            _require_rows(path, counted)
            raise
    return Read(history, sha256, counted.rows, counted.rejected, counted.refused)


class _Counted:
    def __init__(self) -> None:
        self.rows = self.rejected = 0
        self.refused: list[Refusal] = []
        self.disproofs: list[Refusal] = []

    def accepted(self, found: list[StagedRow | Refusal]) -> Iterator[Told]:
        for row in found:
            if isinstance(row, Refusal):
                self.rejected += 1
                if len(self.refused) < REFUSED_KEPT:
                    self.refused.append(row)
                if row.is_disproof:
                    self.disproofs.append(row)
            else:
                yield Told(
                    row.item, row.at, row.opened_at, row.state, int(row.priority), row.category, row.team, row.owner,
                    row.actor_kind == ActorKind.ROBOT,
                )  # fmt: skip


def _require_format(path: Path, loaded: LoadedProfile, counted: _Counted) -> None:
    if len(counted.disproofs) < DISPROOFS:
        return
    first = counted.disproofs[0]
    named = "; ".join(f"line {one.line}: {one.column} is {one.value}" for one in counted.disproofs[:DISPROOFS])
    raise BrokenFile(
        path, f"Rows show that dates are not written as the profile “{loaded.profile.name}” says: {named}.",
        line=first.line, column=first.column, value=first.value, expected=loaded.profile.dates.expected,
    )  # fmt: skip


def _require_rows(path: Path, counted: _Counted) -> None:
    if not counted.refused:
        if not counted.rows:
            raise BrokenFile(path, "The file has a header and no rows.", expected="at least one row")
        return
    first = counted.refused[0]
    raise BrokenFile(
        path, f"None of its {counted.rows:,} rows could be read. The first:", line=first.line, column=first.column,
        value=first.value, expected=first.expected,
    )  # fmt: skip
