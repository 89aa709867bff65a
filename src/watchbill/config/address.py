"""Where the database is: the URL that was set, or the socket of the embedded server. Starts nothing."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from watchbill.config.env import Env
from watchbill.engine.base.errors import InvalidFacts

DATABASE_NAME = "watchbill"
SUPERUSER = "postgres"
PREPARE_AFTER = 3  # runs of a statement on one connection before the server keeps its plan
PORT = 5432  # names the socket file; nothing listens on the network
# The kernel's limit for a socket's whole path, less "/.s.PGSQL.5432" and the closing zero byte.
SOCKET_FOLDER_BYTES = (104 if sys.platform == "darwin" else 108) - len("/.s.PGSQL.5432") - 1
SHORT_FOLDERS = Path("/tmp")  # noqa: S108 - a private folder is made in it, see `server.py`


def socket_folder(data_folder: Path) -> Path:
    """The folder of the embedded server's socket: in the data folder, or a short one named after it.

    The same data folder gives the same answer in every process.
    """
    inside = data_folder / "socket"
    if len(bytes(inside)) <= SOCKET_FOLDER_BYTES:
        return inside
    digest = hashlib.sha256(bytes(data_folder)).hexdigest()[:16]
    return SHORT_FOLDERS / f"watchbill-{digest}"


def database_url(settings: Env) -> str:
    """The URL that was set, or that of the embedded server."""
    return settings.database_url or embedded_url(settings.data_folder)


def embedded_url(data_folder: Path, *, database: str = DATABASE_NAME) -> str:
    """The embedded server's URL."""
    return f"postgresql://{SUPERUSER}@:{PORT}/{database}?host={quote(str(socket_folder(data_folder)), safe='/')}"


def url_parts(url: str) -> dict[str, Any]:
    """The parts of a PostgreSQL URL by libpq's names; raises InvalidFacts for anything else."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise InvalidFacts(
            "WATCHBILL_DATABASE_URL must look like postgresql://user:password@host:5432/watchbill; "
            "PostgreSQL is the only database Watchbill works with."
        )
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(url))
    except psycopg.Error as error:
        raise InvalidFacts(f"WATCHBILL_DATABASE_URL cannot be read: {str(error).strip()}.") from error
    if not parts.get("dbname"):
        raise InvalidFacts("WATCHBILL_DATABASE_URL names no database: add /watchbill after the host.")
    if "@" in parts.get("host", "").removeprefix("@"):
        raise InvalidFacts(
            "WATCHBILL_DATABASE_URL has more than one @. Write the one in the password as %40 (and / as %2F, # as %23)."
        )
    return parts


def url_with_database(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{quote(name)}{f'?{parts.query}' if parts.query else ''}"


def django_settings(url: str) -> dict[str, Any]:
    """Django's settings for *url*; options that Django has no name for (sslmode, ...) are handed to libpq."""
    parts = url_parts(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "") or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Statements that repeat are prepared: the server parses and plans them once a connection. Halves its CPU a write.
        "OPTIONS": {
            "connect_timeout": 10,
            "application_name": "watchbill",
            "server_side_binding": True,
            "prepare_threshold": PREPARE_AFTER,
            **parts,
        },
    }
