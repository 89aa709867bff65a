"""Who may call what, walked from the list of all addresses: a new one is covered by itself."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.interfaces.conftest import Api
from tests.interfaces.office import NOW
from watchbill.apps.people.rights import GRANTS, Right, Role
from watchbill.flows.assign.tick import tick_desk
from watchbill.interfaces.api.access import PUBLIC
from watchbill.interfaces.api.urls import api as ninja

OPEN_BY_NAME = {"healthz", "api-root"}
"""Signs of life and the API's bare root (a 404): the only addresses that need no word about their right."""

SIGNED_IN = "signed_in"
"""What pages say that anybody who is signed in may use for herself (signing out, preferences)."""


def api_operations():
    """Every operation of the API as (method, path, operation)."""
    for router in ninja._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method, f"{router.prefix.removeprefix('/v1')}{path}", operation


def pages(patterns=None, before=""):
    """Every other address as (pattern, view, name)."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        where = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield where, pattern.callback, pattern.name
        elif getattr(pattern, "app_name", None) == "ninja":
            for each in pattern.url_patterns:
                if each.name in {"openapi-json", "openapi-view", "api-root"}:
                    yield where + str(each.pattern), each.callback, each.name
        else:
            yield from pages(pattern.url_patterns, where)


def right_of_page(view, name):
    return PUBLIC if name in OPEN_BY_NAME else getattr(view, "watchbill_right", None)


SECRETS = ("Only the north may read this", "Ann North", "Bo North")
"""Words of the desk north that no page may show to others; an address may come back as it was typed."""


@pytest.fixture
def world(office):
    """One item, proposal and person of the desk north, by the names that addresses use for them."""
    item = office.item(title=SECRETS[0])
    tick_desk(office.desks["north"], NOW)
    from watchbill.apps.decisions.queries import decision_list

    (proposal,) = decision_list(office.desks["north"], by=office.actor("admin"))
    person = office.people["Ann North"]
    return {
        "items": item, "decisions": f"DEC-{proposal.id}", "people": f"PER-{person}", "imports": "IMP-1",
        "person_id": person, "desk": "north", "item": item, "queue_id": office.queues["Mail"],
    }  # fmt: skip


def filled(path, world):
    """The address of an object of the desk north."""
    room = path.strip("/").split("/")[0]
    return re.sub(r"{[^}]*}", str(world.get(room, "x")), path)


def smallest(schema, world, document, name=""):
    """The smallest body of a schema that is accepted as a body, with the names of things of the desk north."""
    if "$ref" in schema:
        return smallest(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], world, document, name)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return None if {"type": "null"} in schema["anyOf"] else smallest(schema["anyOf"][0], world, document, name)
    if schema.get("type") == "object":
        wanted = schema.get("required", [])
        return {key: smallest(schema["properties"][key], world, document, key) for key in wanted}
    if schema.get("type") == "array":
        return []
    if schema.get("type") in {"integer", "number"}:
        return schema.get("minimum", 1)
    return {"desk": "north", "queue": "Mail", "item": world["item"], "person": "Bo North"}.get(name, "x")


def call(caller, method, path, operation, world, *, document):
    """Call an operation on things of the desk north with the smallest body that fits its shape."""
    described = document["paths"][f"/api/v1{path}"][method.lower()]
    body = None
    if "requestBody" in described:
        (content,) = described["requestBody"]["content"].values()
        body = smallest(content["schema"], world, document)
    asked = [p["name"] for p in described["parameters"] if p["in"] == "query" and p["name"] == "desk"]
    address = filled(path, world) + ("?desk=north" if asked else "")
    return caller.call(method, address, body)


@pytest.fixture
def document():
    return ninja.get_openapi_schema(path_prefix="/api/")


OPERATIONS = list(api_operations())


def test_every_operation_names_its_right():
    """An operation of the API without a right fails here, and is closed to everybody."""
    assert len(OPERATIONS) > 20
    for method, path, operation in OPERATIONS:
        rights = {getattr(each, "right", None) for each in operation.auth_callbacks}
        assert rights == {operation.view_func.watchbill_right}, f"{method} {path}"
        assert rights <= set(Right)


def test_every_page_names_its_right():
    """An address without a right, and which is not marked as public, fails here."""
    unnamed = [
        f"{where} ({name})"
        for where, view, name in pages()
        if right_of_page(view, name) not in {*Right, PUBLIC, SIGNED_IN}
    ]
    assert unnamed == []


@pytest.mark.django_db
def test_an_operation_without_a_right_is_closed(office):
    """The API itself lets nobody pass where no right is named: even an admin gets 401."""
    from ninja import Router

    from watchbill.interfaces.api.access import Closed

    assert isinstance(ninja.auth[0], Closed)
    assert ninja.auth[0](None) is None
    assert all(isinstance(router.template, Router) for router in ninja._get_bound_routers())


def test_strangers_get_nowhere_in_the_api(office, world, document):
    """Without a key every operation answers 401, whatever is sent."""
    for method, path, operation in OPERATIONS:
        status, body = call(Api(), method, path, operation, world, document=document)
        assert (status, body["code"]) == (401, "not_signed_in"), f"{method} {path}"


def test_a_user_without_roles_gets_nowhere_in_the_api(api, world, document):
    """Somebody who may sign in but has no role gets 403 everywhere, before anything is looked at."""
    for method, path, operation in OPERATIONS:
        status, body = call(api("nobody"), method, path, operation, world, document=document)
        assert (status, body["code"]) == (403, "not_allowed"), f"{method} {path}"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_its_rights_open_and_no_more(api, world, document, role):
    """For every role and operation: 403 exactly where the role lacks the right."""
    for method, path, operation in OPERATIONS:
        right = operation.view_func.watchbill_right
        status, body = call(api(role.value), method, path, operation, world, document=document)
        if right in GRANTS[role]:
            assert status not in {401, 403, 500}, f"{role}: {method} {path}: {body}"
        else:
            assert status == 403, f"{role}: {method} {path}"


def test_another_desks_things_do_not_exist(api, world, document):
    """The admin of one desk finds nothing of another: 404 wherever an address or a body names a thing of it."""
    anywhere = {"desk_list", "audit_list"}
    for method, path, operation in OPERATIONS:
        if operation.operation_id in anywhere:
            continue
        status, body = call(api("stranger"), method, path, operation, world, document=document)
        assert (status, body["code"]) == (404, "not_found"), f"{method} {path}: {body}"


def test_lists_without_a_desk_hold_ones_own_desks_alone(api, world):
    """What is listed without naming a desk is what one may see."""
    assert [desk["slug"] for desk in api("stranger").get("/desks")[1]["desks"]] == ["south"]
    assert {event["desk"] for event in api("stranger").get("/audit?limit=200")[1]["events"]} == {"south"}


def page_addresses(world):
    """Every page that is not the API's as (address, right), filled with things of the desk north."""

    def value(found):
        kind, name = found[1], found[2]
        return str(world.get(name, 1 if kind == "int:" else world["item"]))

    for where, view, name in pages():
        if not where.startswith("api/"):
            yield "/" + re.sub(r"<(\w+:)?(\w+)>", value, where), right_of_page(view, name)


@pytest.mark.django_db
def test_strangers_are_sent_to_the_door(office, world):
    """Without signing in every page that is not public leads to the sign-in page or says no."""
    client = Client(raise_request_exception=False)
    for address, right in page_addresses(world):
        if right == PUBLIC:
            continue
        for answer in (client.get(address), client.post(address)):
            door = answer.status_code == 302 and answer["Location"].startswith(settings.LOGIN_URL)
            assert door or answer.status_code in {401, 403, 404, 405}, address


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["nobody", "stranger"])
def test_pages_are_closed_to_whoever_lacks_the_right(office, world, username):
    """No role at all: 403 or 404 everywhere. A role on another desk: never anything of this one."""
    from watchbill.apps.people.models import User

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    for address, right in page_addresses(world):
        if right in {PUBLIC, SIGNED_IN}:
            continue
        for answer in (client.get(address, {"desk": "north"}), client.post(f"{address}?desk=north")):
            if username == "nobody":
                assert answer.status_code in {403, 404, 405}, address
            else:
                assert answer.status_code != 500, address
                page = answer.content.decode(errors="replace")
                assert not [secret for secret in SECRETS if secret in page], address
