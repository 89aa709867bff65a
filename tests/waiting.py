"""Waiting for what another process or thread does, and letting the machine's time pass without waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from watchbill.apps.core.queries import clock_get, wall_now

LIMIT_S = 90.0


def wait_for(
    claim: Callable[[], Any], what: str | Callable[[], str] = "it did not happen in time", *, limit_s: float = LIMIT_S
) -> Any:
    """Poll until *claim* holds, and return what it says; else fail with *what*."""
    give_up_at = time.monotonic() + limit_s
    while not (answer := claim()):
        assert time.monotonic() < give_up_at, what() if callable(what) else what
        time.sleep(0.02)
    return answer


def desk_now():
    """Desk time, as an interface would read it."""
    return clock_get().at(wall_now())


def wall_passes(seconds):
    """Let the machine's time pass for a moved clock: put its anchor back by so much."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update core_installation set wall_anchor_at = wall_anchor_at - make_interval(secs => %s)", [seconds]
        )
