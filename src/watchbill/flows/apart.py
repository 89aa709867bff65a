"""One thing that cannot be handled must not end the watch over all the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction
from procrastinate.exceptions import JobAborted

log = logging.getLogger(__name__)

LOST = (OperationalError, InterfaceError)
"""The database is away, or asks to try again: no fault of one thing, so it ends the whole turn."""
ENDS = (*LOST, JobAborted)
"""So does a worker that is told to stop."""

_said: set[tuple[str, int]] = set()
"""What has been said once in this process: a fault that comes again at every turn fills no log."""

R = TypeVar("R")


def apart(things: Sequence[int], do: Callable[[Sequence[int]], R], *, what: str) -> tuple[list[R], list[int]]:
    """Do something for many things at once; where that fails, for each half by itself, down to the one that cannot be.

    In the caller's transaction, each part in a savepoint of its own. Returns the results of the parts that were done,
    and the things that were left out, which the log names once with the reason. One bad thing in n costs log n more.
    """
    if not things:
        return [], []
    try:
        with transaction.atomic():
            return [do(things)], []
    except LOST:
        raise
    except Exception as error:  # noqa: BLE001 -- said below, and the others go on
        if len(things) == 1:
            _say(what, things[0], error)
            return [], list(things)
    half = len(things) // 2
    done, left = apart(things[:half], do, what=what)
    more_done, more_left = apart(things[half:], do, what=what)
    return done + more_done, left + more_left


@contextmanager
def set_apart(what: str, thing: int) -> Iterator[None]:
    """Let what fails inside end here, said once in the log, unless the database itself is away or the worker is to stop."""
    try:
        yield
    except ENDS:
        raise
    except Exception as error:  # noqa: BLE001 -- said, and the others go on
        _say(what, thing, error)
    else:
        _said.discard((what, thing))


def each_done(steps: Iterable[Callable[[], int]]) -> int:
    """Do each step and return what they come to. One that breaks keeps none from being done; what broke is raised after all."""
    ended, broken = 0, list[Exception]()
    for step in steps:
        try:
            ended += step()
        except ENDS:
            raise
        except ExceptionGroup as error:
            broken.extend(error.exceptions)
        except Exception as error:  # noqa: BLE001 -- raised below
            broken.append(error)
    if broken:
        raise ExceptionGroup("Some broke, and wait for their next try", broken)
    return ended


def _say(what: str, thing: int, error: Exception) -> None:
    if (what, thing) not in _said:
        _said.add((what, thing))
        log.error("left out, the others go on", exc_info=error, extra={"what": what, "id": thing})
