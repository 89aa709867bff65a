"""The way of PostgreSQL's client programs to a server. The wheel's cannot speak TLS, so it is spoken for them here."""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from watchbill.config.address import PORT, SHORT_FOLDERS
from watchbill.config.programs import clean_environment

PLEASE_TLS = (8).to_bytes(4) + (80877103).to_bytes(4)  # PostgreSQL's request for TLS, sent before anything else
SIGN_IN = (b"R", b"E")  # the kinds of message that ask to sign in, or refuse it
SASL = (10).to_bytes(4)
BLOCK_BYTES = 1 << 16
LIMIT_S = 10.0
LOOK_S = 0.2
HOME = Path("~/.postgresql")  # where libpq looks for certificates that nobody named


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What to tell a client program: where the server is, and an environment with the password, which is no argument."""

    server: str
    environment: Mapping[str, str]


@contextlib.contextmanager
def client_way(url: str) -> Iterator[Way]:
    """The way to the server of *url*, as Watchbill itself just went: that host, password and encryption."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        said = {option.keyword.decode(): (option.val or b"").decode() for option in connection.pgconn.info}
        info, is_tls = connection.info, bool(connection.pgconn.ssl_in_use)
        host, address, port = info.host, info.hostaddr or info.host, info.port
        who = {"user": info.user, "dbname": info.dbname, "options": said.get("options", "")}
        environment = clean_environment() | ({"PGPASSWORD": info.password} if info.password else {})
    if not is_tls:
        yield Way(server=make_conninfo(host=host, port=str(port), **who), environment=environment)
        return
    with _tunnel(host, address, port, said) as folder:
        yield Way(server=make_conninfo(host=folder, port=str(PORT), **who), environment=environment)


@contextlib.contextmanager
def _tunnel(host: str, address: str, port: int, said: Mapping[str, str]) -> Iterator[str]:
    """A private folder with a socket; whoever connects to it is connected to the server by TLS."""
    context = _context(said)
    is_direct = said.get("sslnegotiation") == "direct"
    folder = tempfile.mkdtemp(prefix="watchbill-", dir=SHORT_FOLDERS)
    listener = socket.socket(socket.AF_UNIX)
    listener.settimeout(LOOK_S)
    stop = threading.Event()
    guests: list[threading.Thread] = []

    def serve() -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                guests.append(threading.Thread(target=connect, args=(listener.accept()[0],), daemon=True))
                guests[-1].start()

    def connect(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:  # the program itself says that its connection broke
            plain = socket.create_connection((address, port), timeout=LIMIT_S)
            if not is_direct:
                plain.sendall(PLEASE_TLS)
                plain.recv(1)  # "S": Watchbill itself has just come this way; anything else is no TLS, and fails
            with context.wrap_socket(plain, server_hostname=host) as server:
                server.sendall(client.recv(BLOCK_BYTES))
                answer_pass(server, client)
                relay(client, server)

    porter = threading.Thread(target=serve, daemon=True)
    try:
        listener.bind(f"{folder}/.s.PGSQL.{PORT}")
        listener.listen()
        porter.start()
        yield folder
    finally:
        stop.set()
        for thread in (porter, *guests):
            if thread.ident:
                thread.join(LIMIT_S)
        listener.close()
        shutil.rmtree(folder, ignore_errors=True)


def _context(said: Mapping[str, str]) -> ssl.SSLContext:
    """The rules of libpq: what is verified, by which certificates, and which one is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["postgresql"])
    mode, roots = said.get("sslmode", ""), said.get("sslrootcert") or _own("root.crt")
    context.check_hostname = mode == "verify-full"
    if roots == "system":
        context.load_default_certs()
    elif roots and mode in {"require", "verify-ca", "verify-full"}:
        context.load_verify_locations(roots)
    else:
        context.verify_mode = ssl.CERT_NONE
    if shown := said.get("sslcert") or _own("postgresql.crt"):
        key = said.get("sslkey") or _own("postgresql.key")
        context.load_cert_chain(shown, key or None, password=said.get("sslpassword") or None)
    return context


def _own(name: str) -> str:
    path = (HOME / name).expanduser()
    return str(path) if path.exists() else ""


def answer_pass(server: socket.socket, client: socket.socket) -> None:
    """Pass on the server's first answer, less the ways to sign in that are bound to TLS: the client sees none."""
    kind = b""
    while kind not in SIGN_IN:
        head = _exactly(server, 5)
        kind, length = head[:1], int.from_bytes(head[1:])
        body = _exactly(server, length - 4)
        if kind == b"R" and body[:4] == SASL:
            names = [name for name in body[4:].split(b"\0") if name and not name.endswith(b"-PLUS")]
            body = SASL + b"".join(name + b"\0" for name in names) + b"\0"
        client.sendall(kind + (len(body) + 4).to_bytes(4) + body)


def _exactly(server: socket.socket, wanted: int) -> bytes:
    found = b""
    while len(found) < wanted:
        block = server.recv(wanted - len(found))
        if not block:
            raise ConnectionError
        found += block
    return found


def relay(client: socket.socket, server: ssl.SSLSocket) -> None:
    """Hand on what either side says until one of them ends. One thread: a TLS connection must not be used by two."""
    while True:
        ready = select.select([client, server], [], [])[0] if not server.pending() else [server]
        if server in ready:
            server.setblocking(False)  # what arrived may be for TLS alone
            try:
                block = server.recv(BLOCK_BYTES)
            except ssl.SSLWantReadError:
                block = None
            if block is not None:
                if not block:
                    return
                client.sendall(block)
        if client in ready:
            block = client.recv(BLOCK_BYTES)
            if not block:
                return
            server.setblocking(True)
            server.sendall(block)
