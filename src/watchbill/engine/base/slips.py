"""All that is wrong with a body, told at once: whoever wrote it mends it in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar, cast

from watchbill.engine.base.errors import InvalidFacts

T = TypeVar("T")
P = ParamSpec("P")

MOST_SLIPS = 20
"""Slips that are told at once; more are a file of another kind."""


class Slips:
    """What readers refuse, kept while the others read on."""

    def __init__(self) -> None:
        self.found: list[InvalidFacts] = []

    def of(self, read: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Return what *read* does; what it refuses is kept, and nothing returned, which nobody sees after `end`."""
        try:
            return read(*args, **named)
        except InvalidFacts as error:
            self.found += slips_of(error)
            return cast("T", None)

    def end(self) -> None:
        """Raise InvalidFacts of all that was kept, if there is any."""
        if self.found:
            raise together(self.found)


def together(errors: Iterable[InvalidFacts]) -> InvalidFacts:
    """Return one error of several: a line each, and each by itself under ``slips``; the details are the first one's."""
    several = [slip for error in errors for slip in slips_of(error)][:MOST_SLIPS]
    if len(several) == 1:
        return several[0]
    listed = [{**error.details, "message": error.message} for error in several]
    return InvalidFacts("\n".join(error.message for error in several), **{**several[0].details, "slips": listed})


def slips_of(error: InvalidFacts) -> Sequence[InvalidFacts]:
    """Return what `together` has put together; any other error is its only slip."""
    listed = cast("Sequence[Mapping[str, Any]]", error.details.get("slips") or ())
    return [
        InvalidFacts(one["message"], **{name: value for name, value in one.items() if name != "message"})
        for one in listed
    ] or [error]
