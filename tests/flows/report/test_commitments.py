"""From events to attainment, breaches with reasons, and exclusions that need two people."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from tests.apps.reports.three_cases import LATER, attained, three_cases
from tests.factories import BOSS, NOW, actor, make_desk, make_extra, make_item, make_person, minutes
from watchbill.apps.clocks.queries import forget_compiled
from watchbill.apps.clocks.replays import replay_row
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.apps.people.rights import Role
from watchbill.apps.reports import queries
from watchbill.apps.reports.attainment import commitment_page, summed
from watchbill.apps.reports.choices import By, ExclusionStatus, Result
from watchbill.apps.reports.models import Breach, BreachAnswer
from watchbill.apps.reports.slices import Slice
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.work import Priority, State
from watchbill.engine.clocks import default_policy
from watchbill.engine.report import Proportion
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_priority, item_state
from watchbill.flows.act.merging import item_merge
from watchbill.flows.act.undoing import item_undo
from watchbill.flows.replay.drafts import replay_ask
from watchbill.flows.replay.run import replay_run
from watchbill.flows.report import answering
from watchbill.flows.report.answering import breaches_confirm
from watchbill.flows.report.excluding import exclusion_approve, exclusion_ask, exclusion_refuse, exclusion_withdraw
from watchbill.flows.report.reading import read_anew, read_timelines

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    forget_compiled()
    return make_desk()


@pytest.fixture
def cases(desk):
    return three_cases(desk)


def breach_of(desk, reference, **wanted):
    return next(
        row for row in queries.breach_page(Slice(desk_id=desk, **wanted), by=BOSS)
        if row.reference == reference and row.name == "response"
    )  # fmt: skip


def by(name, role=Role.MANAGER, desk=None, user=None):
    return Actor(name=name, user_id=user, roles={desk: frozenset({role.value})})


def call_off(desk, reference, at):
    item_state(reference, State.CANCELLED, by=BOSS, now=at)


def merge(desk, reference, at):
    other = make_item(desk, now=at)
    item_merge(reference, other, version=work_get(reference, by=BOSS).version, into_version=1, by=BOSS, now=at)


@pytest.mark.parametrize("act", [call_off, merge])
def test_a_broken_promise_stays_broken_when_its_item_is_called_off(desk, cases, act):
    """It counts as missed from the instant at which it was called off; breach, reason, and a replay's count all stay."""
    wanted = Slice(desk_id=desk, commitment="response")
    reasons, at = queries.reason_counts(wanted, by=BOSS), NOW + minutes(90)
    act(desk, cases["never"], at)
    read_timelines(LATER)
    found = attained(desk, commitment="response", until=LATER)["response"]
    assert (found.all, found.broken) == (Proportion(hits=1, total=3), int(act is merge))
    missed = commitment_page(wanted, Result.MISSED, by=BOSS, now=LATER)
    assert {(row.reference, row.at) for row in missed} >= {(cases["never"], at)}
    assert breach_of(desk, cases["never"]).breach_at == NOW + minutes(30)
    assert queries.reason_counts(wanted, by=BOSS)[0].suggested == reasons[0].suggested + int(act is merge)
    replay = replay_ask(desk, default_policy(calendar="office").as_json(), is_waking=False, by=BOSS, now=LATER)
    assert replay_run(replay, processes=1)
    breaches = queries.breach_page(Slice(desk_id=desk), by=BOSS)
    assert replay_row(replay).result["total"]["breaches_before"] == len(breaches)


def test_a_promise_called_off_before_its_breach_is_in_neither(desk, cases):
    """Cancelled after ten of thirty minutes: neither kept nor broken."""
    early = make_item(desk, priority=Priority.P2)
    before = attained(desk)["response"]
    call_off(desk, early, NOW + minutes(10))
    read_timelines(LATER)
    assert attained(desk)["response"] == before
    assert early not in {row.reference for row in queries.breach_page(Slice(desk_id=desk), by=BOSS)}


def test_a_breach_has_a_suggested_reason_with_its_shares(desk, cases):
    """Nobody owned it for the whole half hour."""
    row = breach_of(desk, cases["late"])
    assert row.suggested == "unassigned"
    assert row.evidence == {"shares": {"unassigned": 1.0}, "counted_s": 1800, "handovers": 0}
    counts = queries.reason_counts(Slice(desk_id=desk, commitment="response"), by=BOSS)
    assert [(one.code, one.confirmed, one.suggested) for one in counts] == [("unassigned", 0, 2)]


@pytest.mark.parametrize(("is_called", "reason"), [(False, "no_staff"), (True, "unassigned")])
def test_who_works_extra_hours_is_there(desk, is_called, reason):
    """Ann comes at two in the afternoon; a P2 of nine in the morning is nobody's fault, unless she was called in for it."""
    ann = make_person(desk, "Ann")
    usual_hours_set(ann, desk_id=desk, week=[["14:00-17:00"]] * 7, by=BOSS, now=NOW)
    if is_called:
        make_extra(desk, ann, NOW - minutes(60), NOW + minutes(120))
    late = make_item(desk, priority=Priority.P2)
    read_timelines(LATER)
    assert breach_of(desk, late).suggested == reason


def test_what_was_undone_says_nothing_of_a_breach(desk):
    """Handed to somebody by mistake and back at once: for the reason, as for the clock, it never was."""
    ann, bob = make_person(desk), make_person(desk)
    slip, plain = (make_item(desk, priority=Priority.P2) for _ in range(2))
    for reference in (slip, plain):
        item_assign(reference, ann, by=BOSS, now=NOW + minutes(1))
    item_assign(slip, bob, by=BOSS, now=NOW + minutes(20))
    item_undo(slip, work_events(work_get(slip, by=BOSS).id, limit=1)[0].seq, by=BOSS, now=NOW + minutes(20.1))
    read_timelines(LATER)
    rows = {row.reference: row for row in queries.breach_page(Slice(desk_id=desk, commitment="resolution"), by=BOSS)}
    assert rows[slip].evidence["handovers"] == 0
    assert (rows[slip].suggested, rows[slip].evidence) == (rows[plain].suggested, rows[plain].evidence)


def test_confirming_takes_the_suggestion_writes_a_note_and_keeps_what_was_said(desk, cases):
    """First as suggested, then otherwise: both answers stay, the note is in the item, the act in the trail."""
    row = breach_of(desk, cases["late"])
    breaches_confirm(desk, [row.id], by=by("Mia", desk=desk), now=LATER)
    breaches_confirm(desk, [row.id], code="vendor", note="The line was down", by=by("Jo", desk=desk), now=LATER)
    now = breach_of(desk, cases["late"])
    assert (now.confirmed, now.note, now.confirmed_by_name) == ("vendor", "The line was down", "Jo")
    assert [(one["code"], one["by_name"]) for one in queries.breach_answers(row.id)] == [
        ("vendor", "Jo"), ("unassigned", "Mia")
    ]  # fmt: skip
    notes = [event.data["text"] for event in work_events(row.item_id, kinds=["note"])]
    assert notes == [
        "Why response was missed: Waited for a vendor. The line was down",
        "Why response was missed: Waited unassigned",
    ]
    assert [one["object_kind"] for one in audit_page(AuditFilter(action="breach_confirmed"), desk_ids=[desk])] == [
        "breach"
    ] * 2


def test_reading_again_changes_nothing_that_was_confirmed(desk, cases):
    """What a person said stays; a reading from the beginning finds the same."""
    row = breach_of(desk, cases["late"])
    breaches_confirm(desk, [row.id], code="customer", by=BOSS, now=LATER)
    before = breach_of(desk, cases["late"])
    assert read_anew(LATER) == 3
    assert breach_of(desk, cases["late"]) == before
    assert read_timelines(LATER) == 0


def test_many_are_confirmed_at_once_and_what_has_no_suggestion_is_left(desk, cases):
    """Bulk confirm as suggested; notes of two commitments of one item are one note."""
    rows = queries.breach_page(Slice(desk_id=desk), by=BOSS)
    done = breaches_confirm(desk, [row.id for row in rows], by=BOSS, now=LATER)
    assert len(done.done) == len(rows)
    assert done.left == ()
    both = [row for row in rows if row.reference == cases["never"]]
    assert len(work_events(both[0].item_id, kinds=["note"])) == 1


def test_an_answer_cannot_be_changed_in_the_database(desk, cases):
    """The table refuses."""
    breaches_confirm(desk, [breach_of(desk, cases["late"]).id], by=BOSS, now=LATER)
    for act in (lambda: BreachAnswer.objects.update(code="x"), lambda: BreachAnswer.objects.all().delete()):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("more", "error"),
    [({"code": "nonsense"}, InvalidFacts), ({"code": "other"}, InvalidFacts), ({"note": "x" * 2001}, InvalidFacts)],
)
def test_codes_that_a_desk_does_not_use_are_refused(desk, cases, more, error):
    """A code from nowhere, another reason without words, and a novel."""
    with pytest.raises(error):
        breaches_confirm(desk, [breach_of(desk, cases["late"]).id], by=BOSS, now=LATER, **more)


def test_who_may_not_confirm_does_not(desk, cases):
    """An agent reads; a stranger finds nothing."""
    row = breach_of(desk, cases["late"])
    with pytest.raises(NotAllowed):
        breaches_confirm(desk, [row.id], by=actor(Role.AGENT, desk), now=LATER)
    other = make_desk()
    with pytest.raises(NotFound):
        breaches_confirm(other, [row.id], by=actor(Role.MANAGER, other), now=LATER)


def test_an_exclusion_needs_a_second_person(desk, cases):
    """Asked for: it still counts. Approved by somebody else: with and without it stand side by side."""
    mia, jo = by("Mia", desk=desk, user=1), by("Jo", desk=desk, user=2)
    asked = exclusion_ask(cases["late"], "response", code="outage", text="The line was down", by=mia, now=LATER)
    assert attained(desk)["response"].excluded == 0
    with pytest.raises(NotAllowed, match="second person"):
        exclusion_approve(asked.id, by=mia, now=LATER)
    assert exclusion_approve(asked.id, by=jo, now=LATER).status is ExclusionStatus.APPROVED
    found = attained(desk)["response"]
    assert (found.all, found.counted, found.excluded) == (Proportion(hits=1, total=2), Proportion(hits=1, total=1), 1)
    (behind,) = commitment_page(Slice(desk_id=desk, commitment="response"), Result.EXCLUDED, by=BOSS, now=LATER)
    assert (behind.reference, behind.exclusion) == (cases["late"], "approved")
    exclusion_withdraw(asked.id, by=mia, now=LATER)
    assert attained(desk)["response"].excluded == 0
    notes = [event.data["text"] for event in work_events(work_get(cases["late"], by=BOSS).id, kinds=["note"])]
    assert [note.split()[0] for note in notes] == ["Withdrew", "Approved", "Asked"]


def test_the_console_is_one_person_too(desk, cases):
    """Who has no account is known by name: the same name cannot approve what it asked for."""
    asked = exclusion_ask(cases["late"], "response", code="test", text="A drill", by=BOSS, now=LATER)
    with pytest.raises(NotAllowed):
        exclusion_approve(asked.id, by=BOSS, now=LATER)


def test_an_exclusion_is_asked_for_once_and_answered_once(desk, cases):
    """A second one, and a second answer, are conflicts; after a refusal it may be asked for again."""
    mia, jo = by("Mia", desk=desk, user=1), by("Jo", desk=desk, user=2)
    ask = {"code": "outage", "text": "Down", "by": mia, "now": LATER}
    asked = exclusion_ask(cases["late"], "response", **ask)
    with pytest.raises(Conflict):
        exclusion_ask(cases["late"], "response", **ask)
    with pytest.raises(InvalidFacts):
        exclusion_refuse(asked.id, text=" ", by=jo, now=LATER)
    exclusion_refuse(asked.id, text="It was ours", by=jo, now=LATER)
    with pytest.raises(Conflict):
        exclusion_approve(asked.id, by=jo, now=LATER)
    exclusion_ask(cases["late"], "response", **ask)
    assert queries.exclusions_waiting(desk) == 1


def test_whatever_is_said_of_an_exclusion_has_a_limit(desk, cases):
    """What is asked, approved, refused and withdrawn alike; approving and withdrawing needs no words."""
    mia, jo = by("Mia", desk=desk, user=1), by("Jo", desk=desk, user=2)
    ask = {"code": "outage", "by": mia, "now": LATER}
    long, short = "x" * 2001, "x" * 2000
    with pytest.raises(InvalidFacts, match="at most 2000"):
        exclusion_ask(cases["late"], "response", text=long, **ask)
    asked = exclusion_ask(cases["late"], "response", text=short, **ask)
    for answer, who in ((exclusion_approve, jo), (exclusion_refuse, jo), (exclusion_withdraw, mia)):
        with pytest.raises(InvalidFacts, match="at most 2000"):
            answer(asked.id, text=long, by=who, now=LATER)
    assert exclusion_approve(asked.id, by=jo, now=LATER).status is ExclusionStatus.APPROVED
    assert exclusion_withdraw(asked.id, text=short, by=mia, now=LATER).status is ExclusionStatus.WITHDRAWN


@pytest.mark.parametrize("dividing", list(By))
def test_an_exclusion_of_what_is_open_and_broken_is_counted_too(desk, cases, dividing):
    """It changes no share until it is decided, and yet is no secret: one under excluded, in the number and in its list."""
    mia, jo = by("Mia", desk=desk, user=1), by("Jo", desk=desk, user=2)
    before = summed(list(attained(desk, dividing).values()))
    asked = exclusion_ask(cases["never"], "response", code="outage", text="The line was down", by=mia, now=LATER)
    exclusion_approve(asked.id, by=jo, now=LATER)
    found = summed(list(attained(desk, dividing).values()))
    assert (found.all, found.counted, found.broken) == (before.all, before.counted, before.broken)
    assert (before.excluded, found.excluded) == (0, 1)
    rows = commitment_page(Slice(desk_id=desk), Result.EXCLUDED, by=BOSS, now=LATER)
    assert [(row.reference, row.status) for row in rows] == [(cases["never"], "running")]


def test_what_an_item_never_promised_cannot_be_excluded(desk, cases):
    """Nor without a reason in words, nor by who may not ask."""
    with pytest.raises(NotFound):
        exclusion_ask(cases["late"], "delivery", code="outage", text="Down", by=BOSS, now=LATER)
    with pytest.raises(InvalidFacts):
        exclusion_ask(cases["late"], "response", code="outage", text="", by=BOSS, now=LATER)
    with pytest.raises(NotAllowed):
        exclusion_ask(cases["late"], "response", code="outage", text="Down", by=actor(Role.AGENT, desk), now=LATER)
    asked = exclusion_ask(cases["late"], "response", code="outage", text="Down", by=BOSS, now=LATER)
    with pytest.raises(NotAllowed):
        exclusion_approve(asked.id, by=actor(Role.COORDINATOR, desk), now=LATER)


def test_a_breach_that_goes_while_it_is_answered_is_said(desk, cases, monkeypatch):
    """Void between being found and being taken: it is left, with the reason; the others are answered."""
    late, never = (breach_of(desk, cases[which]) for which in ("late", "never"))

    def void(_item_ids):
        Breach.objects.filter(id=late.id).update(is_void=True)

    monkeypatch.setattr(answering, "items_lock", void)
    found = breaches_confirm(desk, [late.id, never.id], by=BOSS, now=LATER)
    assert [row.id for row in found.done] == [never.id]
    assert found.left == ((late.reference, "It is no breach any more"),)


def test_a_breach_that_is_none_any_more_is_void(desk):
    """A change of priority broke the promise and was undone: the list shows it no more, what was said of it stays."""
    reference = make_item(desk, priority=Priority.P3)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW + minutes(1))
    item_priority(reference, priority=Priority.P1, text="VIP", by=BOSS, now=NOW + minutes(300))
    read_timelines(NOW + minutes(301))
    wanted = Slice(desk_id=desk, commitment="resolution")
    (row,) = queries.breach_page(wanted, by=BOSS)
    assert row.suggested == "shortened"
    breaches_confirm(desk, [row.id], by=BOSS, now=NOW + minutes(302))
    item_undo(reference, 3, by=BOSS, now=NOW + minutes(303))
    read_timelines(NOW + minutes(304))
    assert queries.breach_page(wanted, by=BOSS) == []
    assert len(queries.breach_answers(row.id)) == 1


def test_each_cycle_of_a_commitment_that_repeats_counts_for_itself():
    """Two updates promised within the hour: the first in time, the second late; the third is called off."""
    forget_compiled()
    desk = make_desk(has_clocks=False)
    how = {"holds_from": NOW - minutes(60), "reason": "test", "by": BOSS, "now": NOW - minutes(60)}
    calendar_publish(desk, "always", Calendar.always().as_json(), **how)
    targets = {"P1": 60, "P2": 60, "P3": 60, "P4": 60}
    clock = {"kind": "next_update", "name": "next update", "calendar": "always", "targets_min": targets}
    policy_publish(desk, {"clocks": [clock]}, **how)
    reference = make_item(desk, priority=Priority.P3)
    for at in (20, 100):
        item_note(reference, "We are on it", is_to_customer=True, by=BOSS, now=NOW + minutes(at))
    item_state(reference, State.RESOLVED, by=BOSS, now=NOW + minutes(110))
    read_timelines(LATER)
    wanted = Slice(desk_id=desk, commitment="next update")
    rows = commitment_page(wanted, Result.DECIDED, by=BOSS, now=LATER)
    assert [(row.cycle, row.status) for row in rows] == [(2, "missed"), (1, "met")]
    (row,) = queries.breach_page(wanted, by=BOSS)
    assert (row.cycle, row.breach_at, row.suggested) == (2, NOW + minutes(80), "unassigned")
    asked = exclusion_ask(reference, "next update", cycle=2, code="outage", text="Down", by=by("Mia", desk=desk, user=1), now=LATER)  # fmt: skip
    exclusion_approve(asked.id, by=by("Jo", desk=desk, user=2), now=LATER)
    found = attained(desk)["next update"]
    assert (found.all, found.counted) == (Proportion(hits=1, total=2), Proportion(hits=1, total=1))
