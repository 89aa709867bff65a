"""What every operation of the API has: names, errors, keys, safety."""

from __future__ import annotations

import json
import re

import psycopg
import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.test import Client

from tests.interfaces.conftest import Api
from tests.interfaces.office import BY, CLOCKS, NOW
from watchbill.apps.core.sql import meant
from watchbill.apps.people.users import token_revoke, user_activity_set
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.errors import InvalidFacts, Unavailable, WatchbillError
from watchbill.interfaces.api import errors
from watchbill.interfaces.api.urls import api as ninja

ITEM = {"desk": "north", "title": "No mail"}


def test_every_family_of_errors_has_its_status():
    """No family falls through to a fault of ours, and no two code words are the same."""
    families = WatchbillError.__subclasses__()
    assert {family: errors.status_of(family()) for family in families} == {
        family: errors.STATUS[family] for family in families
    }
    assert len({family.code for family in families}) == len(families)


def test_a_method_that_is_not_there_has_the_shape_of_every_error(office, api):
    """405 with code, message and details, and the methods that there are."""
    caller = api("chief")
    caller.call("DELETE", "/items")
    assert caller.last.status_code == 405
    body = caller.last.json()
    assert (set(body), body["code"]) == ({"code", "message", "details"}, "method_not_allowed")
    assert caller.last["Allow"] == ", ".join(body["details"]["allowed"]) == "GET, POST"


def test_whoever_does_not_say_who_is_told_how(office):
    """Without a key, with a wrong key, or with a revoked one: 401 with the way in."""
    for caller in (Api(), Api("wb_wrong")):
        status, body = caller.get("/items?desk=north")
        assert (status, body["code"]) == (401, "not_signed_in")
        assert caller.last["WWW-Authenticate"].startswith("Bearer")


def test_access_ends_with_the_key_and_with_the_user(office, api):
    """A revoked key and a deactivated user are out with the next request."""
    assert api("ann").get("/items?desk=north")[0] == 200
    user_activity_set("ann", is_active=False, by=BY, now=NOW)
    assert api("ann").get("/items?desk=north")[0] == 401
    from watchbill.apps.people.queries import token_list

    chief = next(token for token in token_list(by=BY) if token["user__username"] == "chief")
    token_revoke(chief["id"], by=BY, now=NOW)
    assert api("chief").get("/items?desk=north")[0] == 401


def test_a_key_is_kept_only_as_a_digest(office):
    """The secret of a key is nowhere in the database."""
    from watchbill.apps.people.models import Token

    kept = json.dumps(list(Token.objects.values_list("digest", "label")))
    assert not any(secret in kept for secret in office.keys.values())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"desk": "north"}, "title"),
        ({**ITEM, "priority": 9}, "priority"),
        ({**ITEM, "kind": "riddle"}, "kind"),
        ({**ITEM, "titel": "x"}, "titel"),
        ({**ITEM, "description": "x" * 200_001}, "description"),
    ],
)
def test_a_body_that_does_not_fit_names_its_field(api, body, field):
    """Missing, wrong, unknown and too long fields are errors of the one shape that name the field."""
    status, answer = api("ann").post("/items", body)
    assert status == 422
    assert answer["code"] == "invalid"
    assert field in answer["details"]["fields"]
    assert answer["message"].startswith(f"{field}: ")


def test_what_the_database_cannot_keep_is_an_error_of_the_sender(office, api):
    """A NUL character in a text, an address or a search is 422, not a fault of ours."""
    caller = api("ann")
    assert caller.post("/items", {**ITEM, "title": "a\x00b"})[0] == 422
    assert caller.get("/items/CASE%00")[0] in {404, 422}
    assert caller.get("/items?desk=north&owner=a%00b")[0] == 422
    assert caller.post("/items", {**ITEM, "external_source": "源" * 500, "external_ref": "号" * 500})[0] == 422
    assert WorkItem.objects.count() == 0


def test_an_instant_that_nobody_means_is_an_error_of_the_sender(office, api):
    """Instants that have no local time in some zone, or do not fit the database, are 422 at every door."""
    item = office.item()
    step = {"what": "Call", "who": "Ann North", "due_at": "9999-12-31T23:59:59-10:00"}
    assert api("ann").post(f"/items/{item}/next-step", step)[0] == 422
    policy = {"desk": "north", "policy": CLOCKS, "reason": "x", "holds_from": "0001-01-01T00:00:00+10:00"}
    for history in (False, True):
        assert api("chief").post("/policies/clocks", {**policy, "is_for_history": history})[0] == 422


def test_what_the_database_means_is_told_apart():
    """Data that does not fit is the sender's, a lost connection passes, anything else is a fault of ours."""
    too_large = OperationalError("index row size 3016 exceeds btree version 4 maximum 2704")
    too_large.__cause__ = psycopg.errors.ProgramLimitExceeded()
    assert isinstance(meant(too_large), InvalidFacts)
    assert isinstance(meant(DataError()), InvalidFacts)
    assert isinstance(meant(OperationalError("server closed the connection")), Unavailable)
    assert isinstance(meant(InterfaceError()), Unavailable)
    assert meant(IntegrityError()) is None


def test_a_body_that_is_not_json_is_refused(office):
    """Broken JSON is 400 in the one shape."""
    client = Client(raise_request_exception=False)
    answer = client.post(
        "/api/v1/items", "{", content_type="application/json", headers={"Authorization": f"Bearer {office.keys['ann']}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert re.search(r"^The body is not JSON: expected .*, found .* at line 1, column \d+$", answer.json()["message"])


def test_an_unknown_address_answers_in_the_same_shape(office):
    """What does not exist is 404 with code, message and details, for reads and for writes."""
    for method in ("GET", "POST"):
        status, body = Api().call(method, "/nonsense")
        assert (status, sorted(body)) == (404, ["code", "details", "message"])


def test_a_database_that_goes_away_is_503(api, monkeypatch):
    """While the database does not answer, callers are asked to try again."""
    from watchbill.interfaces.api import items

    def gone(*_args, **_named):
        raise OperationalError("server closed the connection unexpectedly")

    caller = api("ann")
    monkeypatch.setattr(items.work, "work_page", gone)
    status, body = caller.get("/items?desk=north")
    assert (status, body["code"]) == (503, "unavailable")
    assert caller.last["Retry-After"]


def test_a_fault_of_ours_says_nothing_of_the_inside(api, monkeypatch):
    """An unexpected error is 500 without its text; the log has it."""
    from watchbill.interfaces.api import items

    def fault(*_args, **_named):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(items.work, "work_page", fault)
    caller = api("ann")
    status, body = caller.get("/items?desk=north")
    assert (status, body["code"]) == (500, "fault")
    assert b"secret" not in caller.last.content


def test_the_same_key_opens_one_item(api):
    """A write that is sent twice with one key is done once and answered twice alike."""
    caller = api("ann")
    first = caller.post("/items", ITEM, Idempotency_Key="k-1")
    assert "Idempotency-Replayed" not in caller.last
    second = caller.post("/items", ITEM, Idempotency_Key="k-1")
    assert caller.last["Idempotency-Replayed"] == "true"
    assert first == second
    assert WorkItem.objects.count() == 1


def test_a_key_goes_with_one_body_and_one_user(api):
    """Another body under the same key is refused; another user's same key is another key."""
    caller = api("ann")
    caller.post("/items", ITEM, Idempotency_Key="k-1")
    status, body = caller.post("/items", {**ITEM, "title": "Other"}, Idempotency_Key="k-1")
    assert (status, body["details"]) == (422, {"field": "Idempotency-Key"})
    assert api("chief").post("/items", ITEM, Idempotency_Key="k-1")[0] == 201
    assert WorkItem.objects.count() == 2


def test_a_signed_in_page_may_call_with_its_csrf_token(office):
    """The session's cookie opens the API for reads; writes need the CSRF token, too."""
    from watchbill.apps.people.models import User

    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="ann"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/items?desk=north").status_code == 200
    refused = client.post("/api/v1/items", json.dumps(ITEM), content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    token = "a" * 32
    client.cookies["watchbill_csrf"] = token
    taken = client.post(
        "/api/v1/items", json.dumps(ITEM), content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert taken.status_code == 201


def test_text_is_told_as_text(office, api):
    """HTML and formulas in text come back as they were sent, in JSON that no browser takes for a page."""
    reference = office.item(title="<script>alert(1)</script>", description='=HYPERLINK("x")')
    caller = api("ann")
    _, item = caller.get(f"/items/{reference}")
    assert (item["title"], item["description"]) == ("<script>alert(1)</script>", '=HYPERLINK("x")')
    assert caller.last["Content-Type"] == "application/json; charset=utf-8"
    assert caller.last["X-Content-Type-Options"] == "nosniff"


def test_the_number_of_queries_of_a_list_does_not_grow_with_its_rows(office, api, django_assert_max_num_queries):
    """A list of ten items takes as many queries as a list of one."""
    caller = api("ann")
    office.item()
    with django_assert_max_num_queries(5):
        caller.get("/items?desk=north")
    for _ in range(9):
        office.item()
    with django_assert_max_num_queries(5):
        assert len(caller.get("/items?desk=north")[1]["items"]) == 10


def test_the_docs_page_runs_under_the_strict_policy(db):
    """No inline script, no inline style, nothing from elsewhere; and the files that it names are there."""
    client = Client()
    answer = client.get("/api/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "style=" not in page
    assert "<style" not in page
    assert "http:" not in page
    assert "https:" not in page
    import re

    for tag in re.findall(r"<script[^>]*>", page):
        assert "src=" in tag or 'type="application/json"' in tag
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        asset = client.get(address)
        assert asset.status_code == 200, address
        assert "immutable" in asset["Cache-Control"]
    assert client.get("/api/docs/other.js").status_code == 404


def test_the_document_names_every_operation_with_its_right(db):
    """/api/openapi.json can be read without signing in and says which right each operation needs."""
    document = Client().get("/api/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    registered = [
        op
        for router in ninja._get_bound_routers()
        for view in router.path_operations.values()
        for op in view.operations
    ]
    assert len(operations) == len(registered) > 5
    assert all(op["x-right"] and op["security"] and op["summary"] for op in operations)
    assert len({op["operationId"] for op in operations}) == len(operations)
