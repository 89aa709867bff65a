"""The audit trail: two streams as one, filters, before and after, seals, export."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import watchbill
from tests.interfaces.office import BY, CLOCKS, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.clocks.services import policy_publish
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.decisions.services import mode_set
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.apps.work import events
from watchbill.engine.base.errors import NotAllowed
from watchbill.engine.base.work import Priority
from watchbill.flows import audit as flow
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_priority
from watchbill.flows.trail import Part, TrailFilter, TrailKey, trail_page
from watchbill.interfaces.web.trailwords import OBJECTS, SETTINGS_ACTS

QUERIES_LIST = 16


def walked(wanted, *, limit, by=BY):
    """Every row of the trail, page by page."""
    key, rows = TrailKey(), []
    while key is not None:
        page = trail_page(wanted, key=key, limit=limit, by=by)
        rows += page.rows
        key = page.next_key
    return rows


@pytest.mark.parametrize("limit", [1, 3, 7, 500])
def test_pages_hold_every_event_of_both_streams_once(office, limit):
    """Whatever the size of a page: nothing lost, nothing doubled, newest first."""
    for _ in range(4):
        item = office.item()
        item_note(item, "Looked at it", by=BY, now=NOW)
    wanted = TrailFilter(desk_id=office.desks["north"])
    rows = walked(wanted, limit=limit)
    assert len({(row.part, row.id) for row in rows}) == len(rows)
    assert rows == list(trail_page(wanted, key=TrailKey(), limit=500, by=BY).rows)
    assert {row.part for row in rows} == {Part.WORK, Part.SETTINGS}
    assert [row.recorded_at for row in rows] == sorted((row.recorded_at for row in rows), reverse=True)


def test_a_work_event_tells_what_was_there_before(office, enter):
    """Owner and priority with the value before, people by name."""
    item = office.item()
    item_assign(item, office.people["Ann North"], by=BY, now=NOW)
    item_assign(item, office.people["Bo North"], by=BY, now=NOW)
    item_priority(item, priority=Priority.P1, text="All are down", by=BY, now=NOW)
    html = html_of(enter("auditor"), f"/audit/?desk=north&ref={item}")
    assert re.search(r"<dt>Owner</dt><dd><del>Ann North</del> to Bo North", html)
    assert re.search(r"<dt>Priority</dt><dd><del>P3</del> to P1", html)
    assert "All are down" in html


def test_filters_narrow_by_part_actor_act_and_object(office, enter):
    """Each alone, and a filter without rows says so."""
    item = office.item()
    client = enter("auditor")
    assert item not in html_of(client, "/audit/?desk=north&part=settings")
    assert "published a calendar" not in html_of(client, "/audit/?desk=north&part=work")
    only = html_of(client, "/audit/?desk=north&action=calendar_published")
    assert "published a calendar" in only
    assert item not in only
    assert "Nothing matches" in html_of(client, "/audit/?desk=north&actor=Nobody+at+all")
    assert item in html_of(client, f"/audit/?desk=north&kind=item&ref={item}")


def test_a_desk_s_trail_holds_nothing_of_another_desk(office, enter):
    """One desk alone unless more is asked for; and never more than one may audit."""
    far, near = office.item("south"), office.item("north")
    auditor = enter("auditor")
    assert far not in html_of(auditor, "/audit/?desk=north")
    both = html_of(auditor, "/audit/?desk=north&scope=all")
    assert far in both
    assert near in both
    chief = html_of(enter("chief"), "/audit/?scope=all")
    assert near in chief
    assert far not in chief
    assert "User admin" not in chief  # her roles are of no desk


def test_the_trail_is_closed_to_who_may_not_read_it(office, enter):
    """An agent gets 403 from the page and NotAllowed from the flow."""
    assert enter("agent").get("/audit/").status_code == 403
    with pytest.raises(NotAllowed):
        trail_page(TrailFilter(), key=TrailKey(), by=Actor(name="Nobody"))


def test_the_page_takes_the_same_queries_for_any_number_of_events(office, enter):
    """Names are looked up for the whole page."""
    client = enter("auditor")
    client.get("/audit/?desk=north")
    counts = []
    for _ in range(2):
        item = office.item()
        item_assign(item, office.people["Ann North"], by=BY, now=NOW)
        with CaptureQueriesContext(connection) as queries:
            html_of(client, "/audit/?desk=north")
        counts.append(len(queries))
        for _ in range(5):
            office.item()
    assert counts == [QUERIES_LIST, QUERIES_LIST]


def test_text_of_events_is_text(office, enter):
    """Notes are shown, not run."""
    item = office.item()
    item_note(item, "<img src=x onerror=alert(1)>", by=BY, now=NOW)
    html = html_of(enter("auditor"), f"/audit/?desk=north&ref={item}")
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_seals_are_verified_and_a_changed_row_is_named(office, enter):
    """Good seals give an anchor to keep; a row changed behind our back shows as the range that is bad."""
    office.item()
    flow.tick()
    client = enter("auditor")
    good = html_of(client, "/audit/verify/", anchors="")
    assert "are as they were sealed" in good
    assert re.search(r"<code class=\"anchor\">audit:\d+:[0-9a-f]{64}</code>", good)
    with connection.cursor() as cursor:  # somebody who may do anything to the database
        cursor.execute("alter table core_auditevent disable trigger user")
        cursor.execute(
            "update core_auditevent set actor_name = 'Somebody else' where id = (select min(id) from core_auditevent)"
        )
        cursor.execute("alter table core_auditevent enable trigger user")
    assert "are not as they were sealed" in html_of(client, "/audit/verify/", anchors="")


def test_an_export_carries_rows_seals_and_checksums(office, enter):
    """The ZIP's rows have the checksum beside them, and the export itself stands in the trail with it."""
    office.item()
    flow.tick()
    answer = enter("auditor").post("/audit/export/", {"stream": "work", "form": "jsonl"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    rows = archive.read("work.jsonl")
    sums = archive.read("SHA256SUMS").decode().split()
    assert sums == [hashlib.sha256(rows).hexdigest(), "work.jsonl"]
    assert json.loads(rows.splitlines()[0])["kind"] == "opened"
    assert json.loads(archive.read("seals.jsonl").splitlines()[0])["stream"] == "work"
    assert AuditEvent.objects.get(action="audit_exported").after["sha256"] == sums[0]


def test_only_who_may_verifies_and_exports(office, enter):
    """A manager of one desk reads its trail; the forms are absent and their addresses closed."""
    client = enter("chief")
    html = html_of(client, "/audit/?desk=north")
    assert "Verify all seals" not in html
    assert "SHA256SUMS" not in html
    assert client.post("/audit/verify/").status_code == 403
    assert client.post("/audit/export/", {"stream": "work", "form": "csv"}).status_code == 403


def test_bodies_are_read_as_people_read_them_with_the_raw_form_beside(office, enter):
    """A policy by the lines of its page, a week by its days, people by name; what was recorded stands in a disclosure."""
    north, ann = office.desks["north"], office.people["Ann North"]
    other = {"clocks": [{**CLOCKS["clocks"][0], "targets_min": {"P1": 90, "P2": 120, "P3": 480, "P4": 1440}}]}
    policy_publish(north, other, holds_from=NOW, reason="calmer", by=BY, now=NOW)
    usual_hours_set(ann, desk_id=north, week=[["09:00-17:00"], [], [], [], [], [], []], by=BY, now=NOW)
    mode_set(
        office.queues["Mail"], mode="autopilot", guard_rails={"per_hour": 5, "priorities": [3, 4], "people": [ann]},
        version=0, reason="try", by=BY, now=NOW,
    )  # fmt: skip
    html = re.sub(r"<pre.*?</pre>", "", html_of(enter("chief"), "/audit/?desk=north&part=settings"), flags=re.DOTALL)
    assert "<dt>Response, P1</dt><dd><del>1 h</del> to 1 h 30 min</dd>" in html
    assert "Mon 09:00-17:00</dd>" in html
    assert "Ann North</dd>" in html
    assert "<dd>P3, P4</dd>" in html
    assert "[" not in "".join(re.findall(r"<dd>(.*?)</dd>", html))
    raw = re.findall(r"<pre.*?>(.*?)</pre>", html_of(enter("chief"), "/audit/?desk=north&part=settings"), re.DOTALL)
    assert any("targets_min" in one for one in raw)


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_search_by_actor_goes_back_window_by_window(office, enter, monkeypatch, limit):
    """Each page looks through so many work events; all pages together find what one look would, in the same order."""
    item = office.item()
    for number in range(6):
        item_note(item, f"note {number}", by=office.actor("agent" if number % 3 == 0 else "chief"), now=NOW)
    wanted = TrailFilter(desk_id=office.desks["north"], actor="Agent")
    at_once = trail_page(wanted, key=TrailKey(), limit=500, by=BY).rows
    assert len(at_once) >= 2
    monkeypatch.setattr(events, "REACH", 3)
    assert walked(wanted, limit=limit) == list(at_once)
    first = trail_page(TrailFilter(desk_id=office.desks["north"], actor="Nobody"), key=TrailKey(), limit=50, by=BY)
    assert (first.rows, first.next_key is None, first.looked_to is None) == ((), False, False)
    html = html_of(enter("chief"), "/audit/?desk=north&actor=Nobody")
    assert "No event fits these filters among those recorded since" in html
    assert "Look further back" in html


def test_a_search_that_begins_above_every_event_begins_at_the_newest(office):
    """A place that no page names loses nothing, and nobody pages through emptiness."""
    office.item()
    wanted = TrailFilter(desk_id=office.desks["north"], actor=BY.name)
    above = trail_page(wanted, key=TrailKey.parse("999999999999999999.0"), limit=500, by=BY)
    assert above == trail_page(wanted, key=TrailKey(), limit=500, by=BY)


def test_all_that_is_written_down_has_words():
    """Every act and kind of object that the sources put into the trail by name."""
    text = "\n".join(file.read_text() for file in Path(watchbill.__file__).parent.rglob("*.py"))
    acts = set(re.findall(r'\b_?audit(?:_add)?\(\s*"(\w+)"', text))
    kinds = set(re.findall(r'object_kind="(\w+)"', text))
    assert {"recovery_asked", "recovery_applied", "recovery_undone", "extra_hours_added", "extra_hours_ended"} <= acts
    assert acts - SETTINGS_ACTS.keys() == set()
    assert kinds - OBJECTS.keys() == set()
