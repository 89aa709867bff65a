"""Answers as JSON, with the least work: plain dicts in, one dump out."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse

JSON = "application/json; charset=utf-8"


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain, check_circular=False).encode


def dumps(value: Any) -> str:
    """Return *value* as JSON text; instants as ISO 8601 with their offset."""
    return _encode(value)


def json_response(value: Any, *, status: int = 200) -> HttpResponse:
    """Return *value* as an answer."""
    return text_response(_encode(value), status=status)


def text_response(text: str, *, status: int = 200) -> HttpResponse:
    """Return JSON text as an answer that no cache keeps."""
    response = HttpResponse(text, status=status, content_type=JSON)
    response["Cache-Control"] = "no-store"
    return response
