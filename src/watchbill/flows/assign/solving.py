"""The solver with a limit of time: small networks are solved here, large ones in a process of their own that can be ended.

That process begins by importing this module, before Django is ready: nothing here may load it.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection

from watchbill.engine.assign.classes import Ints
from watchbill.engine.assign.network import Arcs, Run, flows_here
from watchbill.engine.base.errors import Unavailable

SOLVER_S = 30.0
"""Wall seconds that the solver of a live desk has, before the index rule decides."""
LARGE = 400_000
"""Arcs of a network that is worth a process of its own: smaller ones take less than a second, and cannot be ended."""


def flows_within(seconds: float, *, large: int = LARGE, run: Run = flows_here) -> Run:
    """Return *run* with a limit of wall time for networks of at least *large* arcs; it raises Unavailable when it is over."""

    def limited(arcs: Arcs) -> tuple[Ints, int]:
        return run(arcs) if len(arcs.tail) < large else _apart(run, arcs, seconds)

    return limited


def _apart(run: Run, arcs: Arcs, seconds: float) -> tuple[Ints, int]:
    """Run in a new process, which is ended when it takes too long. The solver holds the interpreter: a thread would not do."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_answer, args=(theirs, run, arcs), daemon=True)
    child.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise Unavailable(f"the solver took longer than {seconds:g} s")
        answer = ours.recv()
    except (EOFError, ConnectionResetError):
        raise Unavailable("the process of the solver ended early") from None
    finally:
        ours.close()
        child.kill()
        child.join()
    if isinstance(answer, str):
        raise Unavailable(answer)
    flows, cost = answer
    return flows, cost


def _answer(pipe: Connection, run: Callable[[Arcs], tuple[Ints, int]], arcs: Arcs) -> None:
    try:
        answer: tuple[Ints, int] | str = run(arcs)
    except Unavailable as error:
        answer = error.message
    pipe.send(answer)
