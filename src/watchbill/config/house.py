"""The running house, as commands see it: the database in place, Django ready, tables up to date.

Commands of lower floors (the demo's) get it as click's context object, because they may not import this floor.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from watchbill.config.env import Env, env
from watchbill.engine.base.errors import NotAllowed, Unavailable

if TYPE_CHECKING:
    from django.db.migrations import Migration
    from django.db.migrations.loader import MigrationLoader

SETTINGS_MODULE = "watchbill.config.settings"


class House:
    """What a command may ask of the installation."""

    @property
    def settings(self) -> Env:
        return env()

    def say(self, sentence: str) -> None:
        """Tell the person at the terminal; standard output is kept for answers."""
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - this is the terminal

    def prepare(self, *, migrate: bool | None = None) -> None:
        """Start the database if need be, load Django, and bring the tables up to date.

        *migrate* None updates the tables of the embedded database, and asks for `watchbill migrate` on a server
        that was named, whose owner may want to choose the hour.
        """
        from watchbill.config.database import database_ensure

        database_ensure(self.settings, say=self.say)
        self.load()
        pending = migrations_pending()
        if not pending:
            return
        if migrate is None and not self.settings.is_embedded:
            raise Unavailable(
                f"The database lacks {len(pending)} updates of this version. Write a backup (watchbill backup FILE), "
                "then run: watchbill migrate"
            )
        self.migrate()

    def load(self) -> None:
        """Load Django with Watchbill's settings; touches no database."""
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
        django.setup()

    def migrate(self) -> int:
        """Bring the tables up to date, one process at a time; returns how many migrations were applied."""
        from django.core.management import call_command
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('watchbill.migrate'))")
        try:
            pending = migrations_pending()
            if pending:
                self.say(f"Updating the tables ({len(pending)} steps) ...")
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('watchbill.migrate'))")
        return len(pending)

    @property
    def address(self) -> str:
        """Where people find the pages."""
        settings = self.settings
        host = "127.0.0.1" if settings.listen in {"0.0.0.0", "::"} else settings.listen  # noqa: S104 - compared only
        return settings.public_url or f"http://{host}:{settings.port}"

    def first_admin_link(self) -> str | None:
        """A link that opens once, for the first admin; None once there is one."""
        from django.urls import reverse

        from watchbill.apps.core.actor import console
        from watchbill.apps.core.queries import now
        from watchbill.apps.people.users import link_issue

        try:
            secret = link_issue(label="first admin", by=console("start"), now=now())
        except NotAllowed:
            return None
        return self.address + reverse("link", args=[secret])

    def ports_check(self, *, option: str = "") -> None:
        """Raise Unavailable when another program has one of our ports: before anything is made, or a secret shown.

        *option*: of the command that was called, by which the ports are chosen.
        """
        from watchbill.config.supervisor import ports_check

        ports_check(self.settings, option=option)

    def serve(self, *, opened: Callable[[], None]) -> int:
        """Run all parts under the supervisor until they are told to stop; returns the exit code.

        *opened* is called once, as soon as the pages answer.
        """
        from watchbill.config.supervisor import supervise

        return supervise(self.settings, say=self.say, opened=opened)

    @contextmanager
    def apart(self, name: str, **settings: str) -> Iterator[None]:
        """An installation of its own beside the real one, kept from run to run; enter it before `prepare` or `load`.

        It has a data folder inside the real one and, where a server was named, a database beside the one named, made
        when it is missing. *settings*: more of the environment, for this process and those that it starts.
        """
        changes = {"WATCHBILL_DATA": str(self.settings.data_folder / name), **settings}
        if not self.settings.is_embedded:
            changes["WATCHBILL_DATABASE_URL"] = self._database_beside(name)
        with _environment(**changes):
            yield

    def _database_beside(self, name: str) -> str:
        """The URL of the database named after ours and *name*, on the same server."""
        from psycopg import errors

        from watchbill.config.address import url_parts, url_with_database

        url = self.settings.database_url
        beside = f"{url_parts(url)['dbname']}_{name}"
        with suppress(errors.DuplicateDatabase):
            self._database_make(url, beside)
        return url_with_database(url, beside)

    @staticmethod
    def _database_make(url: str, name: str) -> None:
        import psycopg
        from psycopg import errors, sql
        from psycopg.conninfo import make_conninfo

        try:
            with psycopg.connect(make_conninfo(url), autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except errors.DuplicateDatabase:
            raise
        except psycopg.Error as error:
            raise Unavailable(
                f"No database can be made beside the one in WATCHBILL_DATABASE_URL: {str(error).strip()}. Give its "
                "user the right (ALTER ROLE ... CREATEDB), or leave the setting empty."
            ) from error

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """An empty database of this process alone, gone afterwards; enter it before `prepare` or `load`."""
        if self.settings.is_embedded:
            with self._scratch_folder():
                yield
        else:
            with self._scratch_database():
                yield

    @contextmanager
    def _scratch_folder(self) -> Iterator[None]:
        from watchbill.config.database import database_ensure, database_stop

        folder = Path(tempfile.mkdtemp(prefix="watchbill-scratch-"))
        try:
            with _environment(WATCHBILL_DATA=str(folder)):
                database_ensure(self.settings, durable=False, say=self.say)
                try:
                    yield
                finally:
                    database_stop(self.settings)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _scratch_database(self) -> Iterator[None]:
        import psycopg
        from psycopg import sql
        from psycopg.conninfo import make_conninfo

        from watchbill.config.address import url_with_database

        name = f"watchbill_scratch_{os.getpid()}"
        url = self.settings.database_url
        self._database_make(url, name)
        try:
            with _environment(WATCHBILL_DATABASE_URL=url_with_database(url, name)):
                yield
        finally:
            with psycopg.connect(make_conninfo(url), autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _environment(**changes: str) -> Iterator[None]:
    """Change settings for this process and those that it starts."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    env.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        env.cache_clear()


def migrations_pending() -> list[Migration]:
    """The migrations of this version that the database has not seen, in order; Django must be loaded.

    Raises Unavailable when the database has seen migrations that this version does not have.
    """
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if unknown := _migrations_unknown(executor.loader):
        raise Unavailable(
            f"The database was brought up to date by another version of Watchbill, which knows "
            f"{', '.join(unknown[:3])}{' and more' if len(unknown) > 3 else ''}. Start that version, or restore a "
            "backup which this one wrote (watchbill restore FILE --replace)."
        )
    return [step for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def _migrations_unknown(loader: MigrationLoader) -> list[str]:
    """What the database has seen of the apps in use, but this version neither has nor replaces."""
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update(migration.replaces)
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in loader.migrated_apps and (app, name) not in known
    )
