"""Blocks of work handed to processes of our own, one at a time each; what comes back is added up as it comes.

A process begins by importing this module, before Django is ready: nothing here may load more than it must.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from watchbill.engine.base.errors import InvalidFacts

BEAT_S = 0.5
"""How often the parent looks up while no news come."""


def in_processes(
    make: str, task: Any, blocks: Iterator[Any], *, processes: int, database: str, beat: Callable[[], None]
) -> Iterator[tuple[Any, Any]]:
    """Give (block, result) of every block, as they are done, in no order; *beat* is called now and then, and may raise.

    *make* names the function, as ``module:name``, that is called with *task* once in each process and returns the one
    that is called with each block. A process whose parent is gone ends after its block. Closed early, all end.
    """
    busy = dict[Connection, Any]()
    with _pipes(processes, make, task, database) as pipes:
        for pipe in pipes:
            _hand_out(pipe, blocks, busy)
        while busy:
            for pipe in [pipe for pipe in wait(list(busy), timeout=BEAT_S) if isinstance(pipe, Connection)]:
                block, result = busy.pop(pipe), pipe.recv()
                if isinstance(result, BaseException):
                    raise result
                _hand_out(pipe, blocks, busy)
                yield block, result
            beat()


def _hand_out(pipe: Connection, blocks: Iterator[Any], busy: dict[Connection, Any]) -> None:
    block = next(blocks, None)
    if block is not None:
        pipe.send(block)
        busy[pipe] = block


@contextmanager
def _pipes(count: int, make: str, task: Any, database: str) -> Iterator[list[Connection]]:
    context = get_context("spawn")
    ours: list[Connection] = []
    children = []
    try:
        for _ in range(count):
            mine, theirs = context.Pipe()
            child = context.Process(target=_work, args=(theirs, make, database), daemon=True)
            child.start()
            mine.send(task)  # not with the process: it cannot read it before Django is ready
            theirs.close()  # theirs alone from now on, so that its end is heard
            ours.append(mine)
            children.append(child)
        yield ours
    finally:
        for pipe in ours:
            pipe.close()
        for child in children:
            child.join(10)
            if child.is_alive():
                child.kill()


def _work(pipe: Connection, make: str, database: str) -> None:
    """Do blocks as they come, until the other end is closed."""
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database  # the parent's, which need not be the one of the settings
    gc.disable()  # blocks leave no cycles behind, and their many small objects would be looked through again and again
    module, _, name = make.partition(":")
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            do = getattr(import_module(module), name)(pipe.recv())
            while True:
                pipe.send(do(pipe.recv()))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # noqa: BLE001 -- raised by the parent
            pipe.send(_portable(error))
        finally:
            connection.close()


def _portable(error: Exception) -> Exception:
    """Return an error that another process can read; what is wrong with the facts is said as it is."""
    if isinstance(error, InvalidFacts):
        return InvalidFacts(error.message)
    return RuntimeError(f"{type(error).__name__}: {error}")
