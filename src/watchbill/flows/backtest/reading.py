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
from watchbill.flows.intake.refused import DISPROOFS_NAMED, dates_disproved, nothing_accepted
from watchbill.flows.intake.source import file_digest, source_open

BLOCK_ROWS = 500
REFUSED_KEPT = 20

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
                if len(counted.disproofs) >= DISPROOFS_NAMED:
                    break
            if counted.disproofs:
                raise dates_disproved(path, loaded.profile, counted.disproofs, counted.rows)

        try:
            history = history_of(lines(), zone=loaded.profile.zone)
        except InvalidFacts:
            if counted.rows > counted.rejected:
                raise
            first = next(iter(counted.refused), None)
            place = (first.line, first.column, first.value, first.expected) if first else None
            raise nothing_accepted(path, place, counted.rows) from None
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
