"""What a process keeps at hand to score a desk: its model, what was counted, and what open items were opened with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchbill.apps.decisions import risks
from watchbill.apps.work import livelog
from watchbill.engine.sense.risk import Likeness, Model

Ints = NDArray[np.int64]


class Coded:
    """Texts that have codes, found by PostgreSQL's hash of them."""

    def __init__(self, texts: Sequence[str]) -> None:
        hashes = livelog.codes_of(texts) if texts else np.empty(0, dtype=np.int64)
        self._codes = np.argsort(hashes, kind="stable").astype(np.int64)
        self._hashes = hashes[self._codes]

    def of(self, hashes: Ints, *, others: bool = False) -> Ints:
        """Return the code of each hash; of an unknown one -1, or with *others* a code of its own. -1 stays -1."""
        if not len(self._hashes):
            found = np.full(len(hashes), -1, dtype=np.int64)
        else:
            place = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
            found = np.where(self._hashes[place] == hashes, self._codes[place], -1)
        if others:
            is_new = (found < 0) & (hashes >= 0)
            _, number = np.unique(hashes[is_new], return_inverse=True)
            found[is_new] = len(self._codes) + number
        return found


@dataclass(slots=True, kw_only=True)
class Mind:
    """A desk's model in use, number and all; ``opened`` are the traits of items that were read already."""

    number: int
    counted_at: datetime | None
    model: Model
    likeness: Likeness
    names: tuple[str, ...]
    actors: Coded
    traits: Mapping[str, Coded]
    opened: Ints = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))

    def traits_of(self, item_ids: Ints) -> dict[str, Ints]:
        """Return a code per trait for items, in their order (by key); only what is new is read."""
        names = sorted(self.traits)
        if self.opened.shape[1:] != (len(names) + 1,):
            self.opened = np.empty((0, len(names) + 1), dtype=np.int64)
        self.opened = self.opened[np.isin(self.opened[:, 0], item_ids)]
        new = np.setdiff1d(item_ids, self.opened[:, 0])
        if len(new):
            read = livelog.opening_codes(new.tolist(), names)
            columns = [read["item"], *(self.traits[name].of(read[name]) for name in names)]
            self.opened = np.concatenate([self.opened, np.column_stack(columns)])
            self.opened = self.opened[np.argsort(self.opened[:, 0], kind="stable")]
        place = np.minimum(np.searchsorted(self.opened[:, 0], item_ids), max(len(self.opened) - 1, 0))
        if not len(self.opened):
            return {name: np.full(len(item_ids), -1, dtype=np.int64) for name in names}
        is_there = self.opened[place, 0] == item_ids
        return {name: np.where(is_there, self.opened[place, at], -1) for at, name in enumerate(names, start=1)}


_minds: dict[int, Mind] = {}


def mind_of(desk_id: int) -> Mind | None:
    """Return what a desk is scored with; None while nothing was learned. One small query where nothing is new."""
    number, counted_at = risks.marks(desk_id)
    kept = _minds.get(desk_id)
    if kept is not None and (kept.number, kept.counted_at) == (number, counted_at):
        return kept
    _minds.pop(desk_id, None)
    body, counted = risks.model_body(desk_id, number), risks.counts_body(desk_id)
    if body is None or counted is None:
        return None
    codes: Mapping[str, Any] = counted[0]
    _minds[desk_id] = Mind(
        number=number, counted_at=counted_at, model=Model.from_json(body), likeness=Likeness.from_bytes(counted[1]),
        names=tuple(codes["names"]), actors=Coded(codes["actors"]),
        traits={name: Coded(texts) for name, texts in codes["traits"].items()},
    )  # fmt: skip
    return _minds[desk_id]


def minds_forget() -> None:
    """Forget all that is kept: for tests, whose databases use the same keys again."""
    _minds.clear()
