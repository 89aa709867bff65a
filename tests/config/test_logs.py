"""The technical log: one line per event, with fields."""

import logging

import psycopg
import pytest
from django.db import OperationalError

from watchbill.config.logs import FieldFormatter, SaidOnce


def line(message, **fields):
    record = logging.makeLogRecord(
        {"name": "watchbill.flows.assign", "levelname": "INFO", "msg": message, "created": 0.0} | fields
    )
    return FieldFormatter().format(record)


def test_an_event_is_one_line_with_its_fields():
    """Time, level, logger, event, then what was given, in order."""
    assert line("tick done", items=12, took_s=0.5) == (
        '1970-01-01T00:00:00.000Z level=info logger=watchbill.flows.assign event="tick done" items=12 took_s=0.5'
    )


def test_text_cannot_forge_a_second_line():
    """Line ends and quotes inside a value are escaped."""
    assert "\n" not in line("x", reason='a\nlevel=error "b"')
    assert r'reason="a\nlevel=error \"b\""' in line("x", reason='a\nlevel=error "b"')


def test_an_exception_stays_on_the_line():
    """A traceback is a field like the others."""
    try:
        raise ValueError("no")
    except ValueError as error:
        found = line("failed", exc_info=(type(error), error, error.__traceback__))
    assert "\n" not in found
    assert "ValueError: no" in found


def raised(error, cause=None):
    """What a handler is given for an exception."""
    try:
        raise error from cause
    except type(error) as caught:
        return type(caught), caught, caught.__traceback__


@pytest.mark.parametrize(
    "cause",
    [
        psycopg.OperationalError("connection refused\nIs the server running?"),
        psycopg.errors.AdminShutdown("connection refused"),
    ],
    ids=["never came about", "ended by the server"],
)
def test_a_lost_database_is_one_reason_without_a_traceback(cause):
    """Nobody needs to know where our code was when the connection broke."""
    found = line("database_lost", exc_info=raised(OperationalError("wrapped"), cause), path="/board/")
    assert 'event=database_lost path=/board/ reason="connection refused"' in found
    assert "Traceback" not in found


def test_what_else_a_database_says_keeps_its_traceback():
    """A deadlock is a fault of ours that has to be found."""
    found = line("failed", exc_info=raised(OperationalError("x"), psycopg.errors.DeadlockDetected("deadlock")))
    assert "Traceback" in found
    assert "reason=" not in found


def test_a_lost_database_is_said_once():
    """The queue's library and Django repeat what the worker and the door have said; other reports of theirs pass."""
    lost, fault = psycopg.OperationalError("gone"), ValueError("no")
    told = type("Request", (), {"is_logged": True})()

    def passes(name, **fields):
        return SaidOnce().filter(logging.makeLogRecord({"name": name, **fields}))

    assert not passes("procrastinate.worker", exc_info=raised(RuntimeError("side task"), lost))
    assert passes("procrastinate.worker", exc_info=raised(fault))
    assert passes("watchbill.config.parts", exc_info=raised(lost))
    assert not passes("django.request", request=told)
    assert passes("django.request", request=object())
