"""A server of the user's: a role that owns one database and nothing else, and everything that will not do."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.clusters import NEW
from tests.config.conftest import settings_for
from watchbill.config import database
from watchbill.config.address import PORT, embedded_url, socket_folder, url_parts
from watchbill.config.backup import backup_restore, backup_write
from watchbill.config.database import database_ensure, database_stop, server_check
from watchbill.config.way import answer_pass, client_way, relay
from watchbill.engine.base.errors import Conflict, InvalidFacts, Unavailable


class Server:
    """An embedded server in the role of somebody else's; `base` is a database of this version's tables."""

    def __init__(self, home):
        self.home = home
        self.admin = psycopg.connect(database_ensure(settings_for(home), durable=False), autocommit=True)
        self.admin.execute("CREATE ROLE owner LOGIN PASSWORD 'secret'")

    def make(self, name: str, *, owner: str = "owner", more: str = "") -> str:
        """The URL by which our role reaches the new database *name* of *owner*."""
        statement = sql.SQL("CREATE DATABASE {} OWNER {} " + more)
        self.admin.execute(statement.format(sql.Identifier(name), sql.Identifier(owner)))
        return self.url(name)

    def url(self, name: str) -> str:
        return embedded_url(self.home, database=name).replace("postgres@", "owner:secret@")

    def execute(self, name: str, statement: str) -> None:
        """Run a statement as the server's own superuser."""
        with psycopg.connect(embedded_url(self.home, database=name), autocommit=True) as connection:
            connection.execute(statement.encode())

    def settings(self, name: str):
        return settings_for(self.home, WATCHBILL_DATABASE_URL=self.url(name))


@pytest.fixture(scope="module")
def server(clusters):
    home = Path(tempfile.mkdtemp(prefix="wb-", dir="/tmp"))
    clusters.put(home, NEW)
    made = Server(home)
    made.make("base")
    done = run(made, "base", "migrate")
    assert done.returncode == 0, done.stderr
    yield made
    made.admin.close()
    database_stop(settings_for(home))
    shutil.rmtree(home, ignore_errors=True)


def run(server, name, *arguments):
    """The command in a process of its own, as the role that owns the database."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("WATCHBILL_", "DJANGO_"))}
    more = {"WATCHBILL_DATABASE_URL": server.url(name), "WATCHBILL_DATA": str(server.home), "WATCHBILL_SECRET_KEY": "k"}
    return subprocess.run(
        [sys.executable, "-m", "watchbill.config.main", *arguments],
        env=plain | more,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_role_that_owns_its_database_is_enough(server, tmp_path):
    """Tables are made, looked at, saved and put back without any right beyond the database's own."""
    assert "tables       up to date" in run(server, "base", "doctor").stdout
    server.make("other")
    written = backup_write(server.settings("base"), tmp_path / "desk.backup", overwrite=False, say=print)
    for replace in (False, True):
        put_back = backup_restore(server.settings("other"), tmp_path / "desk.backup", replace=replace, say=print)
        assert put_back["tables"] == written["tables"] >= 50
    assert run(server, "other", "migrate").stdout == "0 updates applied.\n"


def test_a_restore_waits_a_moment_for_who_is_leaving(server, tmp_path):
    """The server sees a little later that a client has gone; whoever stays is still in the way."""
    file = tmp_path / "desk.backup"
    backup_write(server.settings("base"), file, overwrite=False, say=print)
    url = server.make("left")
    leaving = psycopg.connect(url)
    timer = threading.Timer(0.3, leaving.close)
    timer.start()
    assert backup_restore(server.settings("left"), file, replace=False, say=print)["tables"] >= 50
    timer.join()
    with psycopg.connect(url), pytest.raises(Conflict, match="connections use the database"):
        backup_restore(server.settings("left"), file, replace=True, say=print)


def test_what_belongs_to_an_extension_is_let_be(server, tmp_path):
    """A host's own extension in our schema is neither saved nor dropped, nor counted."""
    url = server.make("extended")
    server.execute("extended", "CREATE TABLE theirs (id int)")
    server.execute("extended", "CREATE FUNCTION theirs_too() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    for kind, name in (("pg_class", "'theirs'::regclass"), ("pg_proc", "'theirs_too()'::regprocedure")):
        server.execute(
            "extended",
            "INSERT INTO pg_depend SELECT "  # as CREATE EXTENSION notes it; the wheel brings no extension to try with
            f"'{kind}'::regclass, {name}, 0, 'pg_extension'::regclass, oid, 0, 'e' FROM pg_extension",
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('good')")
        connection.execute("CREATE TABLE ours (id int GENERATED ALWAYS AS IDENTITY, mood mood)")
        connection.execute("CREATE SEQUENCE loose")
        connection.execute("CREATE VIEW seen AS SELECT * FROM ours")
        connection.execute("CREATE FUNCTION said(mood) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    file = tmp_path / "desk.backup"
    assert backup_write(server.settings("extended"), file, overwrite=False, say=print)["tables"] == 1
    assert backup_restore(server.settings("extended"), file, replace=True, say=print)["tables"] == 1
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('theirs'), to_regproc('theirs_too')").fetchone() == (
            "theirs",
            "theirs_too",
        )


def test_a_backup_may_be_put_back_where_the_schema_is_not_ours(server, tmp_path):
    """In a database that came from PostgreSQL 14 the schema belongs to the server's owner, and everybody may use it."""
    url = server.make("upgraded")
    server.execute("upgraded", "ALTER SCHEMA public OWNER TO postgres")
    server.execute("upgraded", "GRANT ALL ON SCHEMA public TO PUBLIC")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE ours AS SELECT 1 AS n")
    backup_write(server.settings("upgraded"), tmp_path / "desk.backup", overwrite=False, say=print)
    assert backup_restore(server.settings("upgraded"), tmp_path / "desk.backup", replace=True, say=print)["tables"] == 1


def test_a_user_without_the_right_to_make_tables_is_told(server):
    """Before anything is tried, with the statement that mends it."""
    server.make("closed", owner="postgres")
    with pytest.raises(Unavailable, match='\'owner\' may not make tables.*ALTER DATABASE "closed" OWNER TO "owner"'):
        server_check(server.url("closed"))
    done = run(server, "closed", "migrate")
    assert (done.returncode, len(done.stderr.splitlines())) == (6, 1)


def test_tables_of_somebody_else_are_a_sentence(server):
    """When another role made the tables, the answer names the table and the way out."""
    server.make("foreign", more="TEMPLATE base")
    server.execute("foreign", "ALTER TABLE django_migrations OWNER TO postgres")
    done = run(server, "foreign", "migrate")
    assert done.returncode == 6
    assert done.stderr.startswith("watchbill: Permission denied for table django_migrations. The user in ")


def test_text_that_is_not_utf8_is_refused(server):
    """A database in another encoding would lose letters."""
    url = server.make("latin", more="ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    with pytest.raises(Unavailable, match=r"'latin' keeps text as LATIN1.*createdb --encoding=UTF8"):
        server_check(url)


def test_a_copy_that_can_only_be_read_is_refused(server):
    """A standby, or a database that was set to be read only, is not what Watchbill can work on."""
    url = server.make("copy")
    server.execute("copy", "ALTER DATABASE copy SET default_transaction_read_only = on")
    with pytest.raises(Unavailable, match="'copy' can only be read"):
        server_check(url)


def test_a_server_that_is_too_old_is_refused(server, monkeypatch):
    """The version is looked at before anything else."""
    url = server.make("old")
    monkeypatch.setattr(database, "LEAST_VERSION", 99)
    with pytest.raises(Unavailable, match=r"is PostgreSQL \d+; Watchbill needs 99 or newer"):
        server_check(url)


def test_tables_of_a_newer_watchbill_are_let_be(server):
    """A database that another version brought further is not worked on: it is said instead."""
    server.make("newer", more="TEMPLATE base")
    server.execute("newer", "INSERT INTO django_migrations (app, name, applied) VALUES ('work', '9999_later', now())")
    for command in ("serve", "doctor"):
        done = run(server, "newer", command)
        assert "another version of Watchbill, which knows work.9999_later" in done.stderr + done.stdout, command
        assert "Traceback" not in done.stderr
        assert done.returncode == (1 if command == "doctor" else 6)


def test_the_password_is_no_argument(server):
    """Arguments of programs can be listed by every user of the machine."""
    with client_way(server.url("base")) as way:
        assert "secret" not in way.server
        assert way.environment["PGPASSWORD"] == "secret"


@pytest.fixture
def tls_port(server, tmp_path):
    """A port by which the server is reached with TLS, as hosts offer it, and the certificate beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    made = ["-keyout", tmp_path / "key", "-out", tmp_path / "root.crt", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [openssl, "req", "-x509", "-nodes", "-newkey", "rsa:2048", *made, *names], check=True, stderr=subprocess.DEVNULL
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "root.crt", tmp_path / "key")
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(plain):
        with plain, contextlib.suppress(OSError):
            plain.recv(8)
            plain.sendall(b"S")
            with context.wrap_socket(plain, server_side=True) as client, socket.socket(socket.AF_UNIX) as inside:
                inside.connect(str(socket_folder(server.home) / f".s.PGSQL.{PORT}"))
                relay(inside, client)

    def serve():
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    stop, porter = threading.Event(), threading.Thread(target=serve, daemon=True)
    listener.settimeout(0.2)
    porter.start()
    yield listener.getsockname()[1]
    stop.set()
    porter.join()
    listener.close()


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_a_server_behind_tls_is_saved_and_put_back(server, tls_port, tmp_path, mode):
    """Hosts ask for TLS, which the wheel's programs do not speak."""
    name = f"tls_{mode.replace('-', '_')}"
    server.make(name)
    more = f"sslmode={mode}&sslrootcert={tmp_path / 'root.crt'}"
    base, other = (f"postgresql://owner:secret@localhost:{tls_port}/{each}?{more}" for each in ("base", name))
    file = tmp_path / "desk.backup"
    settings = [settings_for(server.home, WATCHBILL_DATABASE_URL=url) for url in (base, other)]
    written = backup_write(settings[0], file, overwrite=False, say=print)
    assert backup_restore(settings[1], file, replace=False, say=print)["tables"] == written["tables"] >= 50


def test_signing_in_does_not_depend_on_the_encryption():
    """A client that sees no TLS would take an offer which is bound to it for an attack."""
    server, near_server = socket.socketpair()
    client, near_client = socket.socketpair()
    with server, near_server, client, near_client:
        notice = b"N" + (8).to_bytes(4) + b"word"
        server.sendall(notice + b"R" + (42).to_bytes(4) + (10).to_bytes(4) + b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
        answer_pass(near_server, near_client)
        assert client.recv(1000) == notice + b"R" + (23).to_bytes(4) + (10).to_bytes(4) + b"SCRAM-SHA-256\0\0"


def test_an_at_sign_in_the_password_is_named():
    """Unescaped, half of the password would be taken for the server's name, and shown."""
    with pytest.raises(InvalidFacts, match="%40"):
        url_parts("postgresql://me:p@ss@db.example.org/desk")


@pytest.mark.usefixtures("used")
def test_the_embedded_server_is_found_whatever_port_is_set(home, monkeypatch):
    """PGPORT is for a server of the user's."""
    monkeypatch.setenv("PGPORT", "6999")
    with psycopg.connect(database_ensure(settings_for(home), durable=False)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
