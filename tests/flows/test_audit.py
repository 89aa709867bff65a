"""The audit trail: sealed, checked, exported."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from watchbill.apps.core import models, seals
from watchbill.apps.core.actor import Actor, console
from watchbill.apps.core.services import audit_add
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, Unavailable
from watchbill.flows import audit

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY = console("tester")


def add(n, **fields):
    for number in range(n):
        audit_add(
            "tested", object_kind="thing", object_ref=f"T{number}", reason=fields.get("reason", ""), by=BY, now=NOW
        )


@pytest.fixture
def small_seals(monkeypatch):
    """Three rows under a seal, and no waiting between two."""
    monkeypatch.setattr(seals, "SEAL_ROWS", 3)
    monkeypatch.setattr(seals, "SEAL_EVERY", seals.timedelta(0))


@pytest.fixture(autouse=True)
def no_marks():
    audit._marks.clear()
    yield
    audit._marks.clear()


def audit_stream():
    return seals.seals_verify(audit.STREAMS["audit"])


def tamper(sql, *values):
    """Do what only somebody with the database's own password can."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local watchbill.retention = 'on'")
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_what_is_sealed_verifies(small_seals):
    """Rows are sealed a few at a time, every one of them once, and the chain holds."""
    add(7)
    assert audit.tick() == 7
    found = audit_stream()
    assert (found.is_good, found.seals, found.rows) == (True, 3, 7)
    assert audit.tick() == 0


@pytest.mark.django_db
def test_a_seal_that_is_not_full_waits_a_minute():
    """One seal a minute is enough: the second waits until the first is a minute old by the wall."""
    add(1)
    assert audit.tick() == 1
    add(1)
    assert audit.tick() == 0
    tamper("update core_seal set sealed_at = sealed_at - interval '61 seconds'")
    assert audit.tick() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("update core_auditevent set reason = 'nothing happened' where object_ref = 'T4'", "changed"),
        ("delete from core_auditevent where object_ref = 'T4'", "1 of 3 rows are missing"),
        (
            "update core_auditevent set id = id + 100 where object_ref = 'T4'",
            "1 of 3 rows are missing",
        ),
        ("delete from core_seal where first_id = (select min(id) + 3 from core_auditevent)", "a seal is missing"),
        ("update core_seal set digest = sha256(digest) where first_id > 1", "not made with this installation's key"),
    ],
)
def test_a_change_after_sealing_shows(small_seals, sql, why):
    """Whatever is changed behind our back, the first range that it touches is named."""
    add(9)
    audit.tick()
    first = models.AuditEvent.objects.order_by("id").first().id
    tamper(sql)
    found = audit_stream()
    assert found.bad is not None
    assert why in found.bad.why
    assert found.bad.first_id <= first + 4 <= found.bad.last_id
    assert found.seals == 1


@pytest.mark.django_db
def test_a_row_slipped_in_shows(small_seals):
    """A row put into a gap of ids inside a sealed range shows, too."""
    add(3)
    last = models.AuditEvent.objects.order_by("-id").first().id
    tamper("update core_auditevent set id = id + 5 where id = %s", last)
    audit.tick()
    tamper(
        "insert into core_auditevent (id, at, actor_kind, actor_name, action, object_kind, object_ref, reason)"
        " values (%s, now(), 'person', 'x', 'x', 'x', '', '')", last + 1,
    )  # fmt: skip
    assert audit_stream().bad.why == "1 rows were added after sealing"


@pytest.mark.django_db
def test_an_anchor_kept_elsewhere_shows_a_chain_that_was_cut_or_made_anew(small_seals):
    """Who holds the key can make a new chain that verifies by itself; an old anchor tells."""
    add(6)
    audit.tick()
    anchor = audit_stream().anchor
    stream = audit.STREAMS["audit"]
    assert seals.seals_verify(stream, anchors=[anchor]).is_good
    tamper("delete from core_seal where first_id = (select max(first_id) from core_seal)")
    assert audit_stream().is_good
    assert "cut short" in seals.seals_verify(stream, anchors=[anchor]).bad.why
    tamper("update core_auditevent set reason = 'changed' where object_ref = 'T5'")
    audit.tick()
    assert audit_stream().is_good
    assert "made anew" in seals.seals_verify(stream, anchors=[anchor]).bad.why


@pytest.mark.django_db
def test_seals_cannot_be_changed_by_accident(small_seals):
    """The database itself refuses to change or remove a seal."""
    add(1)
    audit.tick()
    with pytest.raises(Exception, match="only ever added"), transaction.atomic():
        models.Seal.objects.update(rows=5)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_commits_late_is_waited_for():
    """An id drawn early but committed late is never left out: sealing waits until its transaction is over."""
    drawn, commit = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                add(1, reason="late")
                drawn.set()
                assert commit.wait(10)
        finally:
            connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    assert drawn.wait(10)
    add(1, reason="early")
    assert audit.tick() == 0
    commit.set()
    writer.join(10)
    assert audit.tick() == 2
    assert audit_stream().is_good


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_do_not_fork_the_chain():
    """While one process seals, another that tries does nothing."""
    add(1)
    answers = []
    with audit.lock_try(audit.LOCK) as is_mine:
        assert is_mine

        def other():
            try:
                answers.append(audit.tick())
            finally:
                connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
    assert answers == [0]


@pytest.mark.django_db
def test_an_export_can_be_checked_without_watchbill(small_seals):
    """The sealed links are SHA-256 over the exported lines: anybody can compute them from the file alone."""
    add(5)
    audit.tick()
    file = io.BytesIO()
    told = audit.export("audit", file, by=BY, now=NOW)
    assert told.rows == 5
    assert told.sha256 == hashlib.sha256(file.getvalue()).hexdigest()
    lines = {json.loads(line)["id"]: line for line in file.getvalue().splitlines()}
    link = b""
    for seal in audit.seals_of("audit", by=BY):
        rows = [line for id_, line in sorted(lines.items()) if seal["first_id"] <= id_ <= seal["last_id"]]
        head = f"watchbill-seal-1\naudit\n{seal['first_id']}\n{seal['last_id']}\n{len(rows)}\n".encode()
        body = hashlib.sha256(b"".join(row + b"\n" for row in rows)).digest()
        link = hashlib.sha256(link + head + body).digest()
        assert link.hex() == seal["link"]
    assert models.AuditEvent.objects.filter(action="audit_exported").count() == 1


@pytest.mark.django_db
def test_a_spreadsheet_runs_nothing_of_an_export():
    """Text that a spreadsheet would take for a formula gets an apostrophe before it in CSV."""
    add(1, reason='=HYPERLINK("http://evil")')
    file = io.BytesIO()
    audit.export("audit", file, form=audit.Format.CSV, by=BY, now=NOW)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    assert rows[0]["reason"] == '\'=HYPERLINK("http://evil")'


@pytest.mark.django_db
def test_only_who_may_can_check_and_export():
    """Checking and exporting need their right; an agent has neither it nor the trail."""
    agent = Actor(name="Ann", user_id=1, roles={None: frozenset({"agent"})})
    for attempt in (
        lambda: audit.verify(by=agent, now=NOW),
        lambda: audit.export("audit", io.BytesIO(), by=agent, now=NOW),
        lambda: audit.page(audit.trail.AuditFilter(), by=agent),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.django_db
def test_an_auditor_of_one_desk_sees_that_desk_alone():
    """Events of another desk, and of none, are not shown to who may read the trail of one desk."""
    for desk_id in (1, 2, None):
        audit_add("tested", object_kind="thing", desk_id=desk_id, by=BY, now=NOW)
    auditor = Actor(name="Ann", user_id=1, roles={1: frozenset({"auditor"})})
    everywhere = Actor(name="Bo", user_id=2, roles={None: frozenset({"auditor"})})
    wanted = audit.trail.AuditFilter()
    assert [row["desk_id"] for row in audit.page(wanted, by=auditor)] == [1]
    assert {row["desk_id"] for row in audit.page(wanted, by=everywhere)} == {1, 2, None}


@pytest.mark.django_db
def test_pages_of_the_trail_follow_each_other():
    """The next page begins after the last id of the one before."""
    add(5)
    wanted = audit.trail.AuditFilter(action="tested")
    first = audit.page(wanted, limit=2, by=BY)
    second = audit.page(wanted, limit=2, after=first[-1]["id"], by=BY)
    assert [row["object_ref"] for row in first + second] == ["T4", "T3", "T2", "T1"]


@pytest.mark.django_db
def test_an_anchor_that_cannot_be_read_is_refused():
    """An anchor of no stream, or without its parts, is an error that shows what one looks like."""
    for text in ("elsewhere:1:ab", "audit:x", "audit:x:y"):
        with pytest.raises(InvalidFacts):
            audit.verify(anchors=[text], by=BY, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_one_export_or_check_runs_at_a_time():
    """Whoever comes second is told to wait at once; nothing of hers is half-written, and afterwards she may."""
    add(2)
    answers = []

    def second():
        for attempt in (
            lambda: audit.verify(by=BY, now=NOW),
            lambda: audit.export("audit", io.BytesIO(), by=BY, now=NOW),
        ):
            try:
                attempt()
            except Unavailable as error:
                answers.append(error.message)
        connection.close()

    class Slow(io.BytesIO):
        def write(self, data):
            if not answers:
                thread = threading.Thread(target=second)
                thread.start()
                thread.join(10)
            return super().write(data)

    assert audit.export("audit", Slow(), by=BY, now=NOW).rows == 2
    assert len(answers) == 2
    assert "try again when that is done" in answers[0]
    assert audit.verify(by=BY, now=NOW)
