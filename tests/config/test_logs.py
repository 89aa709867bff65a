"""The technical log: one line per event, with fields."""

import logging

from watchbill.config.logs import FieldFormatter


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
