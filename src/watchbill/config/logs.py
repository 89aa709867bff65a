"""The technical log: one line per event on stderr, with fields, without personal data."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# What a library hangs on its records but no reader of the log needs: requests, sockets, call contexts.
UNWANTED_FIELDS = frozenset({"request", "server_time", "status_code", "call_id"})


# Classes of SQLSTATE that mean that there is no connection, or none any more; without any, it never came about.
LOST = ("08", "57P")


class FieldFormatter(logging.Formatter):
    """`2026-11-22T03:00:00.000Z level=info logger=watchbill.x event="tick done" items=12`."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        fields: dict[str, Any] = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        fields |= {
            name: value
            for name, value in vars(record).items()
            if name not in STANDARD_FIELDS and name not in UNWANTED_FIELDS
        }
        lost = lost_database(record)
        if lost is not None:
            fields["reason"] = lost
        elif record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return " ".join([at, *(f"{name}={_value(value)}" for name, value in fields.items())])


class SaidOnce(logging.Filter):
    """Drops what is said a second time while the database is away.

    The queue's library reports its lost connection from each of its tasks before `parts` says "database lost, trying
    again"; Django reports every 503 after the door has said why.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] == "procrastinate":
            return lost_database(record) is None
        return not getattr(getattr(record, "request", None), "is_logged", False)


def lost_database(record: logging.LogRecord) -> str | None:
    """Return the first line of why the database does not answer, when that is what a record reports; else None.

    Where our code was when the connection broke is of no use to anybody; a deadlock or a bad statement keeps its traceback.
    """
    psycopg = sys.modules.get("psycopg")
    error = record.exc_info[1] if record.exc_info else None
    while psycopg is not None and error is not None:
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            if error.sqlstate and not error.sqlstate.startswith(LOST):
                return None
            return (str(error).strip() or type(error).__name__).splitlines()[0]
        error = error.__cause__ or error.__context__
    return None


def _value(value: object) -> str:
    """A field's value: plain where it is one word, else as a JSON string."""
    text = str(value)
    return text if text and not any(mark in text for mark in ' "=\n\\') else json.dumps(text, ensure_ascii=False)


def log_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything from *level* up to stderr, as fields."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"fields": {"()": "watchbill.config.logs.FieldFormatter"}},
        "filters": {"said_once": {"()": "watchbill.config.logs.SaidOnce"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "fields", "filters": ["said_once"]},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "procrastinate": {"level": "WARNING"},
            "procrastinate.utils": {"level": "CRITICAL"},  # repeats, with a traceback, what `parts` says in a line
            "psycopg.pool": {"level": "ERROR"},
            "axes": {"level": "WARNING"},
        },
    }
