"""How promises that are alike fared, counted up to one instant: small enough to be kept beside a model.

Live scoring needs the log of the open items and of the last weeks, but the verdicts of years. Those are counted once a day
from the whole log, and looked up here in place of the ledgers of `Past`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.risk.facts import Floats, Ints
from watchbill.engine.sense.risk.features import RECENT_US, RECENTLY
from watchbill.engine.sense.risk.past import Past

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """Verdicts of one sort of likeness: groups in order, how many were decided, and how many of them were missed.

    ``lately``: the same of the last ten days; empty where nobody asks.
    """

    groups: Ints
    decided: Ints
    missed: Ints
    lately: Ints
    missed_lately: Ints

    def count(self, group: Ints, _at_us: Ints, since_us: Ints | None = None) -> Floats:
        """As `Ledger.count`, at the instant up to which was counted."""
        return self._of(self.decided if since_us is None else self.lately, group)

    def total(self, _name: str, group: Ints, _at_us: Ints, since_us: Ints | None = None) -> Floats:
        """As `Ledger.total` of what was missed."""
        return self._of(self.missed if since_us is None else self.missed_lately, group)

    def _of(self, numbers: Ints, group: Ints) -> Floats:
        if not len(numbers):
            return np.zeros(len(group))
        place = np.minimum(np.searchsorted(self.groups, group), len(self.groups) - 1)
        return np.where(self.groups[place] == group, numbers[place], 0).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likeness:
    """Verdicts by sort of likeness up to ``at_us``. ``queues``: how many codes a queue may have where it is one of a pair."""

    at_us: int
    queues: int
    sorts: Mapping[str, Counted]

    @classmethod
    def of(cls, past: Past, at_us: int) -> Likeness:
        """Count what a whole past knew at an instant."""
        sorts = {}
        for name, ledger in past.verdicts.items():
            if isinstance(ledger, Counted):
                raise InvalidFacts("what was counted before cannot be counted again: give the whole past")
            groups = ledger.groups()
            at = np.full(len(groups), at_us)
            since = at - RECENT_US
            is_recent = name in RECENTLY
            sorts[name] = Counted(
                groups=groups,
                decided=ledger.count(groups, at).astype(np.int64),
                missed=ledger.total("missed", groups, at).astype(np.int64),
                lately=(ledger.count(groups, at, since) if is_recent else np.empty(0)).astype(np.int64),
                missed_lately=(ledger.total("missed", groups, at, since) if is_recent else np.empty(0)).astype(
                    np.int64
                ),
            )
        return cls(at_us=at_us, queues=past.queues, sorts=sorts)

    def as_bytes(self) -> bytes:
        """Arrays of numbers, packed (NumPy's own form, without pickled objects)."""
        arrays: dict[str, Any] = {"about": np.array([VERSION, self.at_us, self.queues], dtype=np.int64)}
        for name, counted in self.sorts.items():
            for part in _PARTS:
                arrays[f"{name}/{part}"] = getattr(counted, part)
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        return packed.getvalue()

    @classmethod
    def from_bytes(cls, packed: bytes) -> Likeness:
        """Read what `as_bytes` wrote; raise InvalidFacts for anything else. Nothing in it can run: pickles are refused."""
        try:
            with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
                version, at_us, queues = map(int, arrays["about"])
                names = sorted({key.rpartition("/")[0] for key in arrays.files} - {""})
                sorts = {
                    name: Counted(**{part: arrays[f"{name}/{part}"].astype(np.int64) for part in _PARTS})
                    for name in names
                }
        except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise InvalidFacts(
                "what was counted of promises that are alike cannot be read; it is to be counted anew"
            ) from error
        if version != VERSION:
            raise InvalidFacts(f"what was counted of promises that are alike is of version {version}, not {VERSION}")
        return cls(at_us=at_us, queues=queues, sorts=sorts)


_PARTS = ("groups", "decided", "missed", "lately", "missed_lately")
