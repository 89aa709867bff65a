"""Backup and restore: a round trip, and everything that must be refused."""

import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.config.conftest import settings_for
from watchbill.config import backup
from watchbill.config.backup import backup_restore, backup_write
from watchbill.config.database import database_ensure
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound, Unavailable

TEXT = "<b>bold</b>\t=1+1\n\\N SET transaction_timeout = 0;\nÜ 🛰"


def fill(url: str, text: str = TEXT) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS note")
        connection.execute("CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)")
        connection.execute("INSERT INTO note (text) SELECT %s FROM generate_series(1, 500)", [text])


def texts(url: str) -> tuple[int, set[str]]:
    with psycopg.connect(url) as connection:
        rows = [row[0] for row in connection.execute("SELECT text FROM note")]
    return len(rows), set(rows)


@pytest.fixture
def filled(home, used):
    """A running embedded server with one table."""
    settings = settings_for(home)
    fill(database_ensure(settings, durable=False))
    return settings


def back_up(settings, file, *, overwrite=False):
    return backup_write(settings, file, overwrite=overwrite, say=print)


def put_back(settings, file, *, replace=False):
    return backup_restore(settings, file, replace=replace, say=print)


def test_a_backup_comes_back_as_it_was(filled, tmp_path):
    """Every row returns, odd characters included, and what came later is gone."""
    url = database_ensure(filled)
    done = back_up(filled, tmp_path / "desk.backup")
    assert done["tables"] == 1
    assert done["bytes"] == (tmp_path / "desk.backup").stat().st_size > 0
    fill(url, "later")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE later (id int)")
    assert put_back(filled, tmp_path / "desk.backup", replace=True)["tables"] == 1
    assert texts(url) == (500, {TEXT})


def test_a_backup_is_private_and_not_overwritten(filled, tmp_path):
    """Nobody else may read the file, and a second backup needs a word to replace it."""
    file = tmp_path / "desk.backup"
    back_up(filled, file)
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(Conflict, match="--overwrite"):
        back_up(filled, file)
    back_up(filled, file, overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == ["desk.backup"]


def test_no_secret_stands_in_the_arguments_of_a_program(filled, tmp_path, monkeypatch):
    """Every user of the machine can read them; the password goes by a way that only our own user can."""
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, command, **options):
            started.append(list(map(str, command)))
            super().__init__(command, **options)

    url = make_conninfo(database_ensure(filled), password="top secret'99")
    monkeypatch.setattr(backup, "database_ensure", lambda *_args, **_named: url)
    monkeypatch.setattr(subprocess, "Popen", Watched)
    back_up(filled, tmp_path / "desk.backup")
    put_back(filled, tmp_path / "desk.backup", replace=True)
    assert {Path(command[0]).name for command in started} >= {"pg_dump", "pg_restore", "psql"}
    assert not [word for command in started for word in command if "top secret" in word]
    assert texts(database_ensure(filled)) == (500, {TEXT})


def test_a_full_database_is_not_replaced_by_accident(filled, tmp_path):
    """Without --replace nothing changes."""
    back_up(filled, tmp_path / "desk.backup")
    with pytest.raises(Conflict, match="--replace"):
        put_back(filled, tmp_path / "desk.backup")
    assert texts(database_ensure(filled)) == (500, {TEXT})


def test_nobody_may_be_connected_during_a_restore(filled, tmp_path):
    """A running Watchbill would write into the middle of it."""
    back_up(filled, tmp_path / "desk.backup")
    with psycopg.connect(database_ensure(filled)), pytest.raises(Conflict, match="1 connections"):
        put_back(filled, tmp_path / "desk.backup", replace=True)


def test_a_truncated_backup_changes_nothing(filled, tmp_path):
    """Half a file is an error, and the database stays as it was."""
    file = tmp_path / "desk.backup"
    back_up(filled, file)
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(Unavailable, match="changed nothing"):
        put_back(filled, file, replace=True)
    assert texts(database_ensure(filled)) == (500, {TEXT})


def test_a_restore_that_is_killed_changes_nothing(filled, tmp_path, monkeypatch):
    """Killed in the middle, the statements just stop coming: what was run of them is not kept."""

    def stop_in_the_middle(reader, writer):
        statements = reader.stdout.read()
        writer.stdin.write(statements[: len(statements) // 2])
        writer.stdin.close()
        writer.wait()
        return True

    url = database_ensure(filled)
    back_up(filled, tmp_path / "desk.backup")
    fill(url, "later")
    monkeypatch.setattr(backup, "_pump", stop_in_the_middle)
    put_back(filled, tmp_path / "desk.backup", replace=True)
    assert texts(url) == (500, {"later"})


def test_other_files_are_refused(filled, tmp_path):
    """A file that is no backup, or is not there, is said before anything is touched."""
    (tmp_path / "letter").write_text("dear sir")
    with pytest.raises(InvalidFacts, match="not a backup"):
        put_back(filled, tmp_path / "letter", replace=True)
    with pytest.raises(NotFound, match="No such file"):
        put_back(filled, tmp_path / "nowhere", replace=True)


@pytest.mark.usefixtures("used")
def test_an_empty_database_is_not_backed_up(home, tmp_path):
    """A backup of nothing would be taken for a real one."""
    settings = settings_for(home)
    database_ensure(settings, durable=False)
    with pytest.raises(NotFound, match="empty"):
        back_up(settings, tmp_path / "desk.backup")
