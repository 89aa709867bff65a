"""The solver's limit of time. The process apart imports this module, so nothing here loads Django."""

from __future__ import annotations

import os
import time

import pytest

from tests.engine.assign.smalldesk import desk, due, item, person
from watchbill.engine.assign.decide import plan
from watchbill.engine.assign.network import flows_here
from watchbill.engine.base.errors import Unavailable
from watchbill.flows.assign.solving import flows_within

SNAPSHOT = desk(
    [item(n, commitments=due(60 * n)) for n in range(1, 5)], [person(1, wip_limit=2), person(2, wip_limit=1)]
)


def sleeps(arcs):
    time.sleep(60)
    return flows_here(arcs)


def fails(_arcs):
    raise Unavailable("the solver stopped with status 2")


def dies(_arcs):
    os._exit(1)


@pytest.mark.parametrize(
    ("run", "seconds", "said"),
    [
        (flows_here, 60, ""),
        (sleeps, 1, "the solver took longer than 1 s"),
        (fails, 60, "the solver stopped with status 2"),
        (dies, 60, "the process of the solver ended early"),
    ],
)
def test_a_large_network_is_solved_in_a_process_that_can_be_ended(run, seconds, said):
    """In time it gives the same plan as this process; out of time, or dead, the index rule answers and says why."""
    found = plan(SNAPSHOT, run=flows_within(seconds, large=0, run=run))
    assert found.fallback == said
    assert sum(person is not None for person in found.choices.values()) == 3
    if not said:
        assert found.choices == plan(SNAPSHOT).choices
