"""What values mean, remembered by value: a file says the same thing over and over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

CACHE_LIMIT = 30_000
"""Distinct values remembered per column; then it starts anew, so that memory stays flat."""

LONG = 1_000
"""Characters from which a value is not remembered: long texts hardly come twice, and would fill the memory."""

Texts = tuple[str, ...]
V = TypeVar("V")
K = TypeVar("K", bound=str | Texts)


class Refused(ValueError):
    """A value does not fit its column."""

    def __init__(self, column: str, value: str, expected: str, *, is_disproof: bool = False) -> None:
        super().__init__(column)
        self.column, self.value, self.expected, self.is_disproof = column, value, expected, is_disproof


def _longest(raw: str | Texts) -> int:
    return len(raw) if isinstance(raw, str) else max(map(len, raw))


class Known(dict[K, V], Generic[K, V]):
    """Remembers what a function returned for the values of a column; one that is refused, or long, is asked anew."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, raw: K) -> V:
        made = self._make(raw)
        if _longest(raw) >= LONG:
            return made
        if len(self) >= CACHE_LIMIT:
            self.clear()
        self[raw] = made
        return made

    def of(self, values: Iterable[K]) -> Iterable[V]:
        return map(self.__getitem__, values)


class Cell(Generic[V]):
    """What the values of one or more columns mean together."""

    def __init__(self, places: Sequence[int], make: Callable[[Texts], V]) -> None:
        self._places = places
        self._known: Known[Any, V] = Known(make) if len(places) > 1 else Known(lambda raw: make((raw,)))

    def of(self, told: Sequence[Texts]) -> Iterable[V]:
        """Return what each row says, given all columns of them."""
        columns = [told[place] for place in self._places]
        return self._known.of(zip(*columns, strict=True) if len(columns) > 1 else columns[0])
