"""Who may call what, walked from the list of all addresses: a new one is covered by itself."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from types import ModuleType

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls import path as django_path
from ninja import NinjaAPI

from tests.interfaces.conftest import Api
from tests.interfaces.office import BY, NOW
from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.customers.queries import customer_list
from watchbill.apps.customers.services import site_add
from watchbill.apps.decisions.moves import NewMove, move_add_many, move_list
from watchbill.apps.decisions.queries import decision_list
from watchbill.apps.people.bulk import skill_ensure_many, team_ensure_many
from watchbill.apps.people.models import User
from watchbill.apps.people.partners import partner_add
from watchbill.apps.people.regions import region_save
from watchbill.apps.people.rights import GRANTS, Right, Role
from watchbill.apps.reports.queries import breach_page
from watchbill.apps.reports.slices import Slice
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.work.models import SavedView, WorkItem
from watchbill.engine.base.work import State
from watchbill.flows.act.bulk import items_state
from watchbill.flows.assign.tick import tick_desk
from watchbill.flows.report.excluding import exclusion_ask
from watchbill.flows.report.reading import read_timelines
from watchbill.interfaces.api import errors
from watchbill.interfaces.api.access import PUBLIC
from watchbill.interfaces.api.urls import api as ninja

BACKEND = "django.contrib.auth.backends.ModelBackend"
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


SECRETS = (
    "Only the north may read this", "Ann North", "Bo North", "Only north serves them", "Only north goes there",
    "Only north asks them",
)  # fmt: skip
"""Words of the desk north that no page may show to others; an address may come back as it was typed."""


@pytest.fixture
def world(office):
    """One item, proposal and person of the desk north, by the names that addresses use for them."""
    item = office.item(title=SECRETS[0], customer="Only north serves them")
    (customer,) = customer_list(office.desks["north"], by=BY)
    site = site_add(customer.id, "Only north goes there", by=BY, now=NOW)
    partner = partner_add(office.desks["north"], name=SECRETS[5], at_once=1, most=1, lead_min=0, by=BY, now=NOW)
    tick_desk(office.desks["north"], NOW)
    (proposal,) = decision_list(office.desks["north"], by=office.actor("admin"))
    person = office.people["Ann North"]
    away = absence_add(
        person, from_at=NOW + timedelta(days=1), until_at=NOW + timedelta(days=2), note=SECRETS[0], by=BY, now=NOW
    )
    old = office.item(title=SECRETS[0], now=NOW - timedelta(days=3))
    read_timelines(NOW)
    breach = breach_page(Slice(desk_id=office.desks["north"]), by=BY)[0]
    exclusion = exclusion_ask(old, breach.name, code="test", text="A drill", by=BY, now=NOW)
    act = items_state(office.desks["north"], [office.item()], State.CLOSED, by=BY, now=NOW).act
    move = move_of(office, old)
    return {
        "items": item, "decisions": f"DEC-{proposal.id}", "people": f"PER-{person}", "imports": "IMP-1",
        "absences": away.reference, "absence_id": away.id,
        "breaches": f"BRE-{breach.id}", "exclusions": f"EXC-{exclusion.id}", "exclusion_id": exclusion.id,
        "customers": f"CUS-{customer.id}", "customer_id": customer.id, "sites": f"SITE-{site.site_id}", "site_id": site.site_id, "partners": f"PTN-{partner}", "partner_id": partner, "acts": act, "act_id": key_of(ACT, act), "moves": f"MOV-{move}", "move_id": move, "person_id": person, "desk": "north", "item": item, "queue_id": office.queues["Mail"],
    }  # fmt: skip


def move_of(office, reference):
    """A move of an item of the desk north that was asked for, by its key."""
    item = WorkItem.objects.get(reference=reference)
    new = NewMove(
        desk_id=item.desk_id, item_id=item.id, item_version=item.version, giver_id=office.people["Ann North"],
        taker_id=office.people["Bo North"], from_region_id=None, to_region_id=None,
        body={"late_before": 0.5, "late_after": 0.1}, policy_number=0, side="gives", answer_by_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    move_add_many([new], by=BY, now=NOW)
    return move_list(item.desk_id)[0].id


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
    if schema.get("format") == "date-time":
        return (NOW + timedelta(days=5 if name.startswith("until") else 4)).isoformat()
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
    if "multipart/form-data" in described.get("requestBody", {}).get("content", {}):
        return caller.send(address, {**body, "file": SimpleUploadedFile("a.csv", b"x")})
    return caller.call(method, address, body)


@pytest.fixture
def document():
    return ninja.get_openapi_schema(path_prefix="/api/")


OPERATIONS = list(api_operations())
OF_ONESELF = {("POST", "/people/{reference}/presence"), ("POST", "/absences"), ("POST", "/absences/{reference}/cancel")}
"""What everybody may do for herself, who sees people at all; for others it takes a right that the service asks for."""


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


def test_an_operation_without_a_right_is_closed(office, settings):
    """The API itself lets nobody pass where no right is named: even an admin gets 401, by key and by cookie."""
    bare = NinjaAPI(auth=ninja.auth, urls_namespace="bare")
    errors.install(bare)
    bare.get("/secret")(lambda request: "let in")
    settings.ROOT_URLCONF = ModuleType("bare")
    settings.ROOT_URLCONF.urlpatterns = [django_path("api/v1/", bare.urls)]
    caller = Api(office.keys["admin"])
    assert caller.get("/secret") == (401, {**caller.get("/secret")[1], "code": "not_signed_in"})
    caller = Api()
    caller.client.force_login(User.objects.get(username="admin"), backend=BACKEND)
    assert caller.get("/secret")[0] == 401


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
        if right in GRANTS[role] and (method, path) not in OF_ONESELF:
            assert status not in {401, 403, 500}, f"{role}: {method} {path}: {body}"
        elif right not in GRANTS[role]:
            assert status == 403, f"{role}: {method} {path}"


def test_another_desks_things_do_not_exist(api, world, document):
    """The admin of one desk finds nothing of another: 404 wherever an address or a body names a thing of it."""
    anywhere = {"desk_list", "notice_list", "audit_list", "desk_make", "clocks_try"}
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
            door = answer.status_code == 302 and answer["Location"].startswith(django_settings.LOGIN_URL)
            assert door or answer.status_code in {401, 403, 404, 405}, address


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["nobody", "stranger"])
def test_pages_are_closed_to_whoever_lacks_the_right(office, world, username):
    """No role at all: 403 or 404 everywhere. A role on another desk: never anything of this one."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=username), backend=BACKEND)
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


@pytest.fixture
def both(office, world):
    """The addresses of things of the desk south, and by name of a field: a thing of north, and one that is nowhere.

    Whoever works on south alone names things of north in what she sends; she must hear what she would hear of nothing.
    """
    desk = office.desks["north"]
    team, skill = team_ensure_many(desk, ["Nightwatch"]), skill_ensure_many(desk, ["Sonar"])
    region = region_save(desk, name="Far north", zone="UTC", by=BY, now=NOW)
    view = SavedView.objects.create(
        desk_id=desk, user_id=office.actor("chief").user_id, name="Shared", query="", is_shared=True
    )
    item, person = office.item("south", title="Ours"), office.people["Bo South"]
    tick_desk(office.desks["south"], NOW)
    (proposal,) = decision_list(office.desks["south"], by=BY)
    here = {
        "items": item, "decisions": f"DEC-{proposal.id}", "people": f"PER-{person}", "imports": "IMP-1",
        "customers": "CUS-999999", "partners": "PTN-999999", "partner_id": 999999, "sites": "SITE-999999", "customer_id": 999999, "site_id": 999999, "acts": "ACT-999999", "person_id": person, "desk": "south", "item": item, "reference": item, "queue_id": office.queues["Network"],
        "version": 1,
    }  # fmt: skip
    theirs = {
        "person": [world["people"], "Ann North", str(office.people["Ann North"])],
        "team": [str(team["Nightwatch"]), "Nightwatch"],
        "region": [str(region), "Far north"],
        "skill": [str(skill["Sonar"]), "Sonar"],
        "queue": [str(office.queues["Mail"]), "Mail"],
        "breach": [world["breaches"], world["breaches"].removeprefix("BRE-")],
        "item": [world["item"], f"{world['item']}:1"],
        "move": [f"{world['item']}:1>{world['people']}"],
        "site": [SECRETS[4]],
        "view": [str(view.id)],
    }
    return here, theirs


NAMES = {
    "person": "person", "deputy": "person", "who": "person", "people": "person", "owner": "person", "to": "person",
    "region": "region", "team": "team", "teams": "team", "join": "team", "leave": "team", "skill": "skill", "skills": "skill", "queue": "queue",
    "item": "item", "into": "item", "site": "site", "references": "item", "case": "item", "view": "view",
    "breach": "breach", "breaches": "breach", "one": "breach", "moves": "move", "move": "move",
}  # fmt: skip
"""Fields of bodies and forms that name a thing, and what sort of thing."""

NOWHERE = {"PER-": "PER-999999", "BRE-": "BRE-999999", "CASE-": "CASE-999999"}


def nowhere(thing):
    """The name of something that does not exist, in the form of *thing*."""
    if thing.isdecimal():
        return "999999"
    if ">" in thing:
        return "CASE-999999:1>PER-999999"
    found = next((other for prefix, other in NOWHERE.items() if thing.startswith(prefix)), "Nobody Nowhere")
    return found + (":1" if thing.endswith(":1") else "")


def test_a_field_of_a_body_that_names_a_thing_is_known(document):
    """A field of the API that could name a thing of a desk is in the list above, or here with the reason why not."""
    plain = {
        "plan", "code", "note", "commitment", "cycle", "sort", "label", "is_active", "is_pinned",
        "name", "title", "text", "what", "reason", "category", "language", "description", "customer", "kind", "state",
        "priority", "impact", "urgency", "version", "event", "seen_number", "holds_from", "due_at", "calendar", "mode", "desk",
        "tier", "is_sensitive", "email", "zone", "languages", "slug", "hours", "days", "weeks", "wip_limit", "week",
        "is_to_customer", "is_for_history", "skill_level", "external_source", "external_ref", "guard_rails",
        "per_hour", "priorities", "policy", "calendars", "events", "later", "now", "profile", "shift_weeks", "file",
        "country", "subdivision", "years", "into_version", "contract", "leaves",
        "from_at", "until_at", "key", "clearances", "tiers", "class_limits",
        "per_week", "risk_items", "load_percent", "off", "url", "kinds", "is_new_secret", "makes_new", "number",
        "at_once", "most", "lead_min", "least_priority", "price", "currency",
        "categories",  # words that the desk's own items have or not: tests/flows/test_partners.py
        "what_if",  # teams and people by their names in the desk's own history: tests/flows/backtest/test_asking.py
        "day", "depth", "demand", "policies", "draft",  # by names that the desk's own drafts have: tests/flows/backtest/test_asking.py
    }  # fmt: skip
    wanted = [each for path in document["paths"].values() for each in path.values() if "requestBody" in each]
    assert {name for each in wanted for name in fields_of(each["requestBody"], document)} - plain - set(NAMES) == set()


def fields_of(shape, document):
    """Every key that something of *shape* may hold, those of objects within it too."""
    if isinstance(shape, list):
        return {name for each in shape for name in fields_of(each, document)}
    if not isinstance(shape, dict):
        return set()
    if "$ref" in shape:
        target = document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
        return fields_of(target, document)
    return set(shape.get("properties", ())) | {n for each in shape.values() for n in fields_of(each, document)}


def bodies(schema, here, document):
    """Yield (sort of thing, body of it) for each field of a schema that names a thing; the rest fits the desk south."""
    schemas = document["components"]["schemas"]
    whole = schemas[schema["$ref"].rsplit("/", 1)[1]]
    rest = smallest(whole, {**here, "item": here["item"]}, document)
    rest |= {"desk": "south"} if "desk" in whole["properties"] else {}
    rest |= {"due_at": (NOW + timedelta(days=1)).isoformat()} if "due_at" in whole["properties"] else {}
    rest |= {"references": [here["item"]]} if "references" in whole["properties"] else {}
    rest |= {"queue": "Network"} if "queue" in whole.get("required", ()) else {}
    rest |= {"person": "Bo South"} if "person" in whole.get("required", ()) else {}
    rest |= {"priorities": [3]} if "priorities" in whole["properties"] else {}
    for key, shape in whole["properties"].items():
        if key in NAMES:
            many = shape.get("type") == "array"
            one = shape.get("type") == "object"
            yield (
                NAMES[key],
                lambda thing, key=key, many=many, one=one: {
                    **rest, key: [thing] if many else {thing: 3} if one else thing,
                },
            )  # fmt: skip
        elif key == "guard_rails":
            rails = {"mode": "autopilot", "queue": "Network"}
            yield "person", lambda thing, rails=rails: {**rest, **rails, "guard_rails": {"people": [thing]}}


def answer_of(caller, method, address, body, thing):
    """What a call says, the name that was sent taken out of it; nothing stays of what it did."""
    with transaction.atomic():
        status, said = caller.call(method, address, body)
        transaction.set_rollback(True)
    told = re.sub(rf"\b{re.escape(thing.partition(':')[0])}\b(:1)?", "?", str(said))
    return status, re.sub(r"\b[A-Z]+-\d+", "new", told)


def test_things_of_another_desk_in_a_body_are_things_that_do_not_exist(api, both, document):
    """Every field of every body that names a thing: north's is answered as nobody's, and nothing of north is told."""
    here, theirs = both
    tried, caller = 0, api("stranger")
    for method, path, _operation in OPERATIONS:
        described = document["paths"][f"/api/v1{path}"][method.lower()]
        if "application/json" not in described.get("requestBody", {}).get("content", {}) or path.startswith(
            "/policies"
        ):
            continue
        (content,) = described["requestBody"]["content"].values()
        address = filled(path, here)
        for sort, body in bodies(content["schema"], here, document):
            for thing in (name for name in theirs[sort] if not name.isdecimal()):  # the API knows no bare keys
                other = nowhere(thing)
                told = answer_of(caller, method, address, body(thing), thing)
                assert told == answer_of(caller, method, address, body(other), other), f"{method} {path}: {thing}"
                assert told[0] != 500, f"{method} {path}: {thing}"
                assert not [secret for secret in SECRETS if secret in told[1]], f"{method} {path}: {told}"
                tried += 1
    assert tried > 15


class Forms(HTMLParser):
    """The forms of a page as (address, fields with what they hold)."""

    def __init__(self, page):
        super().__init__()
        self.found, self.select = [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form" and at.get("method", "").lower() == "post":
            self.found.append((at.get("action", ""), {}))
        elif tag in {"input", "textarea", "select", "button"} and at.get("name") and self.found:
            self.found[-1][1].setdefault(at["name"], at.get("value") or "x")
            self.select = at["name"] if tag == "select" else None
        elif tag == "option" and self.select and ("selected" in at or at.get("value")):
            held = self.found[-1][1]
            if "selected" in at or held[self.select] == "x":
                held[self.select] = at.get("value") or ""


@pytest.mark.django_db
def test_things_of_another_desk_in_a_form_are_things_that_do_not_exist(both, document):
    """The same for every form of every page of the desk south, as its pages show them to the desk's admin."""
    here, theirs = both
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="stranger"), backend=BACKEND)
    forms = {}
    for address, right in page_addresses(here):
        if right == PUBLIC or "stream" in address:
            continue
        page = client.get(f"{address}?desk=south")
        if page.status_code == 200 and "html" in page.get("Content-Type", ""):
            for action, fields in Forms(page.content.decode()).found:
                forms.setdefault(action or address, {}).update(fields)
    tried = 0
    for action, fields in forms.items():
        for name in set(fields) & set(NAMES):
            for thing in theirs[NAMES[name]]:
                answers = []
                for sent in (thing, nowhere(thing)):
                    with transaction.atomic():
                        said = client.post(action, {**fields, name: sent, "desk": "south"})
                        transaction.set_rollback(True)
                    page = said.content.decode(errors="replace")
                    answers.append((said.status_code, sent in page))
                    assert not [word for word in SECRETS if word != sent and word in page], f"{action}: {name}={sent}"
                assert answers[0] == answers[1], f"{action}: {name}={thing}"
                tried += 1
    assert tried > 10
