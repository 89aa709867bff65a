"""Database folders that are made once for a run of the tests, and copied: a new one, and one whose tables are set up."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from watchbill.config.address import url_parts
from watchbill.config.cluster import folder_of
from watchbill.config.database import database_ensure, database_stop
from watchbill.config.env import env_read

NEW, READY = "new", "ready"
"""As a first start leaves the folder of the embedded server, and as it is once all tables have been made, too."""


class Clusters:
    """What is made once; all processes of a run share it."""

    def __init__(self, unblock) -> None:
        self._folder = Path(os.environ["WATCHBILL_TEST_FOLDER"]) / "clusters"
        self._unblock = unblock  # lets this process use a database

    def put(self, home: Path, kind: str) -> None:
        """Put a server's folder into the data folder *home*, unless there is one; it is not started."""
        with self._only_one():
            if folder_of(home).exists():
                return
            if not (self._folder / READY).exists():
                self._make()
            _copy(self._folder / kind, folder_of(home))

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        self._folder.mkdir(exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make(self) -> None:
        home = Path(tempfile.mkdtemp(prefix="wb-", dir="/tmp"))
        settings = env_read({"WATCHBILL_DATA": str(home)})
        try:
            database_ensure(settings, durable=False)
            database_stop(settings)
            if not (self._folder / NEW).exists():  # else the one who made it could not go on
                _copy(folder_of(home), self._folder / NEW)
            url = database_ensure(settings, durable=False)
            with self._unblock(), here(url):
                call_command("migrate", interactive=False, verbosity=0)
            database_stop(settings)
            _copy(folder_of(home), self._folder / READY)
        finally:
            database_stop(settings)
            shutil.rmtree(home, ignore_errors=True)


def _copy(folder: Path, to: Path) -> None:
    """Copy a folder with its owner, who is not us when we are root; half a copy has another name, and is made anew."""
    draft = to.with_name(f"{to.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    subprocess.run(["cp", "-Rp", str(folder), str(draft)], check=True)
    draft.rename(to)


@contextmanager
def here(url: str) -> Iterator[None]:
    """Let this process's Django work on the database at *url*, on a socket; outside, it works on the one it had."""
    parts = url_parts(url)
    before = {name: connection.settings_dict[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    connection.close()
    connection.settings_dict.update(NAME=parts["dbname"], USER=parts["user"], PASSWORD="", HOST=parts["host"], PORT="")
    what_was_read_forget()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
        what_was_read_forget()


def what_was_read_forget() -> None:
    """Forget all that this process keeps by the keys of a database: in another one they are those of other rows."""
    from watchbill.flows.sense.minds import minds_forget
    from watchbill.flows.sense.scoring import ticks_forget

    minds_forget()
    ticks_forget()
    for name, module in list(sys.modules.items()):
        if name.startswith(("watchbill.apps.", "watchbill.flows.")):
            for value in list(vars(module).values()):
                if callable(forget := getattr(value, "cache_clear", None)):
                    forget()
