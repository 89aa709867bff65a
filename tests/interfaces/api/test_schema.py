"""The OpenAPI document is true: made-up calls of every operation are answered in the shapes that it tells."""

from __future__ import annotations

import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from tests.interfaces.office import NOW
from watchbill.apps.decisions.queries import decision_list
from watchbill.config.wsgi import application
from watchbill.flows.assign.tick import tick_desk
from watchbill.interfaces.api.urls import api as ninja

document = json.loads(json.dumps(ninja.get_openapi_schema(path_prefix="/api/")))
schema = schemathesis.openapi.from_dict(
    document, config=schemathesis.Config.from_dict({"phases": {"coverage": {"enabled": False}}, "seed": 1})
)
schema.app = application

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def _connection_kept():
    """Requests leave the test's connection alone, as Django's own test client sees to."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def things(office, _connection_kept):
    """An item, its proposal and a person of the desk north, by the room of their address; and an admin's key."""
    item = office.item()
    tick_desk(office.desks["north"], NOW)
    (proposal,) = decision_list(office.desks["north"], by=office.actor("admin"))
    rooms = {"items": item, "decisions": f"DEC-{proposal.id}", "people": f"PER-{office.people['Ann North']}"}
    return rooms, {"Authorization": f"Bearer {office.keys['admin']}"}


@schema.parametrize()
@settings(
    max_examples=3, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_answers_have_the_shape_that_the_document_tells(case, things):
    """Whatever is sent, on things made up and on things that exist: no fault, and status and body as documented."""
    rooms, headers = things
    case.call_and_validate(checks=CHECKS, headers=headers)
    room = case.path.removeprefix("/api/v1/").split("/")[0]
    if "reference" in case.path_parameters and room in rooms:
        case.path_parameters["reference"] = rooms[room]
    if "desk" in (case.query or {}):
        case.query["desk"] = "north"
    if isinstance(case.body, dict) and "desk" in case.body:
        case.body["desk"] = "north"
    case.call_and_validate(checks=CHECKS, headers=headers)
