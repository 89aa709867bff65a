"""What tests of every interface share."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from tests.interfaces.office import BY, NOW, office_open
from watchbill.apps.customers.services import customer_ensure
from watchbill.flows.act.assigning import item_assign


@pytest.fixture
def office(db):
    return office_open()


@pytest.fixture
def ann(office):
    return office.people["Ann North"]


@pytest.fixture
def acme(office):
    return customer_ensure(office.desks["north"], "Acme", by=BY, now=NOW)


@pytest.fixture
def busy(office, ann):
    """Ann owns forty cases of an hour, Bo none."""
    since = NOW - timedelta(hours=1)
    for _ in range(40):
        item_assign(office.item(now=since), ann, by=BY, now=since)
    return office


class Api:
    """Calls of the API by one user's key; answers are (status, parsed body)."""

    def __init__(self, key=None):
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.last = None

    def call(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = "" if body is None else json.dumps(body)
        self.last = self.client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers={**self.headers, **named}
        )
        return self.last.status_code, json.loads(self.last.content)

    def send(self, path, form):
        """Send a form with files."""
        self.last = self.client.post(f"/api/v1{path}", form, headers=self.headers)
        return self.last.status_code, json.loads(self.last.content)

    def get(self, path, **headers):
        return self.call("GET", path, **headers)

    def post(self, path, body, **headers):
        return self.call("POST", path, body, **headers)

    def patch(self, path, body, **headers):
        return self.call("PATCH", path, body, **headers)


@pytest.fixture
def api(office):
    """Make a caller for one of the office's users."""
    return lambda username: Api(office.keys[username])
