"""The technical log: one line per event on stderr, with fields, without personal data."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# What a library hangs on its records but no reader of the log needs: requests, sockets, call contexts.
UNWANTED_FIELDS = frozenset({"request", "server_time", "status_code", "call_id"})


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
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return " ".join([at, *(f"{name}={_value(value)}" for name, value in fields.items())])


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
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "fields"}},
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
