"""A fresh, migrated database for one benchmark: on the server that is configured, or on an embedded one of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fresh_database() -> Iterator[None]:
    """Start what is needed, make a database beside the configured one, and leave nothing behind."""
    folder = tempfile.mkdtemp(prefix="watchbill-bench-")
    os.environ["WATCHBILL_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchbill.config.settings")
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    from watchbill.config.database import database_ensure, database_stop
    from watchbill.config.env import env

    try:
        if env().is_embedded:
            database_ensure(env(), durable=False)
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
        try:
            yield
        finally:
            teardown_databases(made, verbosity=0)
    finally:
        if env().is_embedded:
            database_stop(env())
        shutil.rmtree(folder, ignore_errors=True)
