"""Commands run in this process, against the test's database."""

from __future__ import annotations

import json
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from watchbill.engine.base.errors import WatchbillError
from watchbill.interfaces.cli import COMMANDS

ROOT = click.Group("watchbill", commands={command.name: command for command in COMMANDS})
HOUSE = SimpleNamespace(address="http://desk.test")


@pytest.fixture
def run(office):
    """Run one command; with --json its object comes back, else its lines. Errors of the family are raised.

    *stream*: "output" for what it says on both streams, as it does of words that it does not understand.
    """

    def _run(*words, code=0, text=None, stream="stdout"):
        result = CliRunner().invoke(ROOT, [str(word) for word in words], obj=HOUSE, input=text)
        if isinstance(result.exception, WatchbillError):
            raise result.exception
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if "--json" in words else getattr(result, stream)

    return _run
