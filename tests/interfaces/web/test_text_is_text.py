"""HTML and formulas in whatever people and files may write: every page shows them as text, and no script of theirs runs."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest

from tests.flows.backtest.report.answers import hostile
from tests.flows.intake import log
from tests.interfaces.office import ALWAYS, BY, CLOCKS, NOW
from tests.interfaces.test_rights import pages
from tests.interfaces.web.conftest import WEB
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.customers.services import customer_ensure, site_add
from watchbill.apps.decisions import shadows
from watchbill.apps.decisions.queries import decision_open_for
from watchbill.apps.decisions.services import mode_set
from watchbill.apps.inbox.queries import import_list
from watchbill.apps.people import services as people
from watchbill.apps.people import users
from watchbill.apps.people.bulk import team_ensure_many
from watchbill.apps.people.models import Desk, Token, User
from watchbill.apps.people.partners import partner_add
from watchbill.apps.people.regions import region_save
from watchbill.apps.reports.backtests import backtest_row
from watchbill.apps.reports.models import Backtest
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.queues import queue_save
from watchbill.apps.work.saved import view_save
from watchbill.engine.assign.shadow import Shadowed
from watchbill.engine.base.work import Priority
from watchbill.flows.act.bulk import items_assign
from watchbill.flows.act.items import item_next_step, item_note
from watchbill.flows.assign.answers import decision_refuse
from watchbill.flows.assign.dryrun import dry_run_ask, dry_run_do
from watchbill.flows.assign.tick import tick_desk
from watchbill.flows.backtest import asking
from watchbill.flows.backtest.adopting import shadow_ask
from watchbill.flows.backtest.regretting import regret_ask, regret_do
from watchbill.flows.customers import customer_change
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.replay.drafts import replay_ask
from watchbill.flows.replay.run import replay_run

HOSTILE = "\"'><script>owned=1</script><img src=x onerror=owned=1><svg onload=owned=1>{{7*7}}"
FORMULA = '=HYPERLINK("http://x","y")'
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
HARM = """() => [
    ...(typeof owned === "undefined" ? [] : ["a script ran"]),
    ...[...document.querySelectorAll("[onerror], [onload], img[src=x], script:not([src])")].map((e) => e.outerHTML),
]"""
LEAST_SHOWN = 12
"""The least number of kinds of pages that show what somebody wrote; fewer, and this test looks at the wrong thing."""


@pytest.fixture
def written(office, propose, tmp_path, monkeypatch):
    """Hostile text in every field that people and files can write; returns the words that fill the addresses."""
    desk = office.desks["north"]
    by = office.actor("admin")
    queue = queue_save(desk, name=f"Queue {HOSTILE}", by=BY, now=NOW)
    person = people.person_create(desk, name=f"Person {HOSTILE}", by=BY, now=NOW)
    Desk.objects.filter(id=desk).update(note=f"Note {HOSTILE}")
    users.user_create("mallory", name=f"User {HOSTILE}", by=BY, now=NOW)
    users.token_issue("admin", label=f"Key {HOSTILE}", life=timedelta(days=1), by=by, now=NOW)
    customer = customer_ensure(desk, f"Customer {HOSTILE}", by=BY, now=NOW)
    customer_change(customer, contract=f"Contract {HOSTILE}"[:60], reason=f"Reason {HOSTILE}", by=BY, now=NOW)
    site = site_add(customer, f"Site {HOSTILE}", by=BY, now=NOW).site_id
    region = region_save(desk, name=f"Region {HOSTILE}"[:60], zone="UTC", by=BY, now=NOW)
    partner = partner_add(
        desk, name=f"Partner {HOSTILE}", categories=[f"Category {HOSTILE}"], note=f"Note {HOSTILE}",
        email=f"{HOSTILE[:2]}@partner.example", at_once=1, most=1, lead_min=0, by=BY, now=NOW,
    )  # fmt: skip
    calendar = {**ALWAYS, "closed_on": ["2026-12-25"]}
    calendar_publish(desk, "always", calendar, holds_from=NOW, reason=f"Reason {HOSTILE}", by=BY, now=NOW)
    policy_publish(desk, {"clocks": CLOCKS["clocks"][:1]}, holds_from=NOW, reason=f"Reason {HOSTILE}", by=BY, now=NOW)
    mode_set(queue, mode="advise", reason=f"Reason {HOSTILE}", by=BY, now=NOW)
    view_save(desk, name=f"View {HOSTILE}"[:80], query=f"q={quote(HOSTILE)}", is_shared=True, by=by)
    fields = {
        "title": f"Title {HOSTILE}", "description": f"About {HOSTILE}", "category": f"Category {HOSTILE}",
        "customer": f"Customer {HOSTILE}", "external_ref": f"Ref {HOSTILE}", "external_source": f"From {HOSTILE}",
        "priority": Priority.P1,
    }  # fmt: skip
    item = office.item(**fields)
    office.item(title=FORMULA, category="@SUM(1)", priority=Priority.P2)
    office.item(**{**fields, "external_ref": "", "external_source": "", "owner_id": person})
    team = team_ensure_many(desk, [f"Team {HOSTILE}"])[f"Team {HOSTILE}"]
    office.queues["Mail"] = queue_save(desk, name="Theirs", team_id=team, by=BY, now=NOW)
    office.item(owner_id=person)
    item_note(item, f"Said {HOSTILE}", by=by, now=NOW)
    item_next_step(item, what=f"Next {HOSTILE}", who=person, due_at=NOW + timedelta(hours=1), by=by, now=NOW)
    propose()
    decision = decision_open_for([WorkItem.objects.get(reference=item).id]).popitem()[1]
    decision_refuse(decision.id, "other", text=f"Because {HOSTILE}", by=by, now=NOW)
    tick_desk(desk, NOW + timedelta(minutes=10))
    act = items_assign(desk, [office.item()], person, text=f"For {HOSTILE}", by=by, now=NOW).act
    rows = [
        *log.ROWS,
        log.row("INC8", 0, f"No date {HOSTILE}", category=HOSTILE),
        log.row("INC9", 0, FORMULA),
        log.row("INC10", 0, "1/3/2016 10:00", category=f"Category {HOSTILE}", assignment_group=f"Group {HOSTILE}"),
    ]
    path = log.write(tmp_path / f"{HOSTILE.replace('/', '')}.csv", rows)
    import_run(path, profile_load("servicenow-incidents"), desk_id=desk, workers=1, by=BY, now=NOW)
    promises = [{**CLOCKS["clocks"][0], "name": f"Promise {HOSTILE}"[:60], "when": f'contract is "{HOSTILE[1:]}"'}]
    replay = replay_ask(desk, {"clocks": [*CLOCKS["clocks"], *promises]}, is_waking=False, by=BY, now=NOW)
    replay_run(replay)
    away = absence_add(person, from_at=NOW, until_at=NOW + timedelta(days=1), note=f"Away {HOSTILE}", by=BY, now=NOW)
    hostile_rule = f'when category is "{HOSTILE[2:].split("{", maxsplit=1)[0]}" then prefer person "Ann North" by 3'
    dry_run = dry_run_ask(desk, {"rules": [hostile_rule]}, is_waking=False, by=BY, now=NOW)
    dry_run_do(dry_run)
    office.item(title=f"Yesterday {HOSTILE}", priority=Priority.P1, now=NOW - timedelta(hours=20))
    regret_do(regret_ask(desk, NOW.date() - timedelta(days=1), is_waking=False, by=BY, now=NOW))
    runs, shadow = _compared(desk, person, f"watchbill DRY-{dry_run}", monkeypatch)
    return {
        "customer_id": customer, "site_id": site, "region_id": region, "partner_id": partner, "replay_id": replay, "exclusion_id": 1,
        "reference": item, "person_id": person, "queue_id": queue, "import_id": import_list(desk, by=BY)[0].id,
        "name": "always", "field": "owner", "username": "mallory", "secret": "x", "act": "accept", "decision_id": 1,
        "token_id": Token.objects.latest("id").id, "view_id": 1, "slug": "north",
        "act_id": key_of(ACT, act), "absence_id": away.id, "move_id": 1, "word": "accept", "run_id": dry_run, "number": 1,
        "kind": "json", "day": (NOW.date() - timedelta(days=1)).isoformat(),
        "backtest_ids": runs, "shadow_id": shadow,
    }  # fmt: skip


def _compared(desk, person, draft, monkeypatch):
    """Two finished comparisons and a shadow run in which every name is hostile: of policies, drafts, teams, people and files."""
    monkeypatch.setattr(asking, "backtest", lambda *_, **__: hostile())
    what_if = [f"train=Person {HOSTILE}@Team {HOSTILE}", f"staff=Team {HOSTILE}+2"]
    runs = [
        asking.backtest_ask(desk, ["fifo", draft], depth=depth, what_if=what_if, is_waking=False, by=BY, now=NOW)
        for depth in ("quick", "full")
    ]
    asking.backtests_run()
    for row in Backtest.objects.filter(id__in=runs):
        drafts = [{**one, "name": f"Draft {HOSTILE}", "says": f"Says {HOSTILE}"} for one in row.policy["drafts"]]
        Backtest.objects.filter(id=row.id).update(policy={**row.policy, "drafts": drafts})
    run = backtest_row(runs[0])
    shadow = shadow_ask(desk, f"Draft {HOSTILE}", run=run, by=BY, now=NOW)
    item = WorkItem.objects.filter(desk_id=desk).earliest("id").id
    differs = Shadowed(item=item, priority=Priority.P1, done=person, in_force=person, draft=None, p_done=0.1)
    (row,) = shadows.shadow_page(desk, by=BY)
    shadows.shadow_keep(row, [(differs, f"Reason {HOSTILE}")], seconds=0.1, now=NOW)
    return runs, shadow


QUERIES = ({"desk": "north"}, {"desk": "north", "q": HOSTILE, "view": "any", "case": HOSTILE, "next": HOSTILE})
"""How each address is asked: plainly, and with hostile words in what it reads from its address."""


def answers_of(client, written, *, queries=QUERIES, only=""):
    """Every page, fragment and file that a GET gives, as (address, answer): the addresses are those of the route list."""
    for where, _, _ in pages():
        if where.startswith("api/") or not where.endswith(only):
            continue
        run_id = written["backtest_ids"][0] if where.startswith("whatif/") else written["run_id"]
        words = {**written, "run_id": run_id}
        address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found, words=words: str(words[found[1]]), where)
        beside = [{"desk": "north", "against": written["backtest_ids"][1]}] if where == "whatif/<int:run_id>/" else []
        for query in (*queries, *beside):
            for headers in ({}, {"HX-Request": "true"}):
                answer = client.get(address, query, headers=headers)
                if answer.status_code not in {302, 405}:
                    yield address, answer


@pytest.mark.slow
def test_hostile_text_is_shown_as_text_on_every_page(written, enter, chromium):
    """No page holds the markup; a Chromium without our security policy, so that escaping alone protects, runs none of it."""
    shown, documents = set(), {}
    for address, answer in answers_of(enter("admin"), written):
        assert answer.status_code < 500, address
        if not answer["Content-Type"].startswith("text/html"):
            continue
        text = answer.content.decode()
        for dangerous in ("<script>owned", "<img src=x", "<svg onload", ">49"):
            assert dangerous not in text, address
        if HOSTILE in html.unescape(text):
            shown.add(address)
            if "<html" in text:
                documents[f"/{len(documents)}/"] = (address, text)
    assert len(shown) >= LEAST_SHOWN, sorted(shown)
    run, shadow = written["backtest_ids"][0], written["shadow_id"]
    assert {"/partners/", "/whatif/", f"/whatif/{run}/", f"/whatif/shadows/{shadow}/"} <= shown

    context = chromium.new_context()
    try:
        page = context.new_page()
        page.route("**/*", lambda route: _serve(route, documents))
        for path, (address, _) in documents.items():
            page.goto(f"http://watchbill.test{path}", wait_until="domcontentloaded")
            assert page.evaluate(HARM) == [], address
    finally:
        context.close()


def _serve(route, documents):
    path = urlsplit(route.request.url).path
    if path in documents:
        route.fulfill(body=documents[path][1], content_type="text/html; charset=utf-8")
    elif path.endswith(".js") and (file := WEB / "static" / path.removeprefix("/static/")).is_file():
        route.fulfill(path=file)
    else:
        route.fulfill(status=204)


def test_formulas_are_text_in_every_file_for_spreadsheets(written, enter):
    """In each CSV that can be loaded no cell begins as a formula does, and those that would are there, as text."""
    files = [
        (address, b"".join(answer).decode("utf-8-sig") if answer.streaming else answer.content.decode("utf-8-sig"))
        for address, answer in answers_of(
            enter("admin"), written, queries=[{"desk": "north", "view": "any"}], only=".csv"
        )
    ]
    assert {address.rsplit("/", 1)[1] for address, _ in files} >= {"export.csv", "rejects.csv"}
    found = {}
    for address, text in files:
        found[address] = {cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row}
        assert not [cell for cell in found[address] if cell.startswith(FORMULA_STARTS)], address
    for name in ("export.csv", "rejects.csv"):
        assert any(f"'{FORMULA}" in cells for address, cells in found.items() if address.endswith(name)), name


def test_nobody_is_asked_to_sign_in_by_somebody_elses_words(written, client):
    """The pages before the door show nothing of what is written behind it, and hostile addresses come back as text."""
    assert User.objects.filter(username="mallory").exists()
    for address in ("/sign-in/", "/start/", f"/link/{quote(HOSTILE, safe='')}/", f"/{quote(HOSTILE, safe='')}"):
        page = client.get(address, {"next": HOSTILE}).content.decode()
        assert "<img src=x" not in page
        assert "<script>owned" not in page
