"""Replications on the cores of this machine. Same arguments, same results, however many workers."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from watchbill.engine.backtest.twin.fidelity import in_turn

Tell = Callable[[str, float], None]
_context: Any = None
_function: Any = None


class Workers:
    """Calls a function with a context and each of some arguments, in as many processes as wanted; results in their order.

    A context goes to each process once. one: here, and nowhere else.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or os.cpu_count() or 1

    def __call__(
        self, function: Callable[[Any, Any], Any], context: Any, arguments: Sequence[Any], tell: Tell
    ) -> list[Any]:
        if self.count == 1 or len(arguments) == 1:
            return in_turn(function, context, arguments, tell)
        found: list[Any] = [None] * len(arguments)
        with ProcessPoolExecutor(
            min(self.count, len(arguments)), mp_context=multiprocessing.get_context("spawn"), initializer=_begin,
            initargs=(function, context),
        ) as pool:  # fmt: skip
            asked = {pool.submit(_call, each): place for place, each in enumerate(arguments)}
            try:
                for done, future in enumerate(as_completed(asked), 1):
                    found[asked[future]] = future.result()
                    tell("replications", done / len(arguments))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return found


def _begin(function: Any, context: Any) -> None:
    global _context, _function
    _context, _function = context, function


def _call(argument: Any) -> Any:
    return _function(_context, argument)
