"""Several at the same moment: threads with connections of their own, let go together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

LIMIT_S = 30.0


def all_at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do every act in a thread of its own, all connected before the first begins; return answers, or what was raised."""
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            together.wait(LIMIT_S)
            return act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(LIMIT_S) for done in [pool.submit(run, act) for act in acts]]


def raised(answers: Sequence[Any], kind: type[Exception]) -> list[Any]:
    """Return the answers that are errors of *kind*."""
    return [answer for answer in answers if isinstance(answer, kind)]
