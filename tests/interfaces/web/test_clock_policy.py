"""The editor of a clock policy through a browser without scripts: arranged, checked, compared, tried, published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from tests.engine.clocks.days import events, hours, instant
from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from tests.interfaces.web.test_policies import form_of
from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.queries import forget_compiled
from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.work import Priority, State
from watchbill.engine.clocks import Choice, ClockPolicy, Target, default_policy, run_clocks
from watchbill.flows.act.items import item_note, item_state
from watchbill.interfaces.web.clockeditor import EXAMPLES

PAGE, DRAFT, PUBLISH = (f"/policies/clocks/{part}?desk=north" for part in ("", "draft/", "publish/"))


@pytest.fixture
def chief(enter):
    return enter("chief")


@pytest.fixture
def sent(chief):
    return form_of(html_of(chief, PAGE))


def act(chief, sent, name, status=200, **more):
    """The form after one of its buttons, and the page."""
    html = html_of(chief, DRAFT, status, **{**sent, "act": name, **more})
    return form_of(html), unescape(html)


def names_in(sent):
    return [sent[f"clock.{number}.name"] for number in range(20) if f"clock.{number}.name" in sent]


def test_commitments_are_added_copied_moved_and_removed(chief, sent):
    """Each act is one button, keeps what was typed, and writes nothing."""
    sent["clock.0.P1"] = "7 min"
    sent, html = act(chief, sent, "add", add_kind="next_update", add_calendar="always")
    assert names_in(sent) == ["response", "resolution", "next-update"]
    assert '<details class="commitment" id="commitment-2" open>' in html
    assert (sent["clock.2.repeats"], sent["clock.2.start"]) == ("1", "state is open")
    sent, _ = act(chief, sent, "copy:0")
    sent, _ = act(chief, sent, "up:3")
    sent, _ = act(chief, sent, "down:0")
    assert names_in(sent) == ["response", "response", "next-update", "resolution"]
    sent, _ = act(chief, sent, "remove:0")
    assert (names_in(sent), sent["clock.0.P1"]) == (["response", "next-update", "resolution"], "7 min")
    for nothing in ("up:0", "down:2", "remove:9", "copy:x", "dance"):
        assert names_in(act(chief, sent, nothing)[0]) == names_in(sent)
    assert "Choose what is promised" in act(chief, sent, "add", 422, add_kind="fame")[1]


def test_a_whole_commitment_is_published(chief, sent, office):
    """Another agreement, several warnings, a limit to pauses, choices and a condition over the customer's tier."""
    sent, _ = act(chief, sent, "add", add_kind="stage", add_calendar="always")
    sent |= {
        "clock.2.name": "vendor repair", "clock.2.agreement": "uc", "clock.2.when": 'tier is premier and queue is "Mail"',
        "clock.2.start": "state is waiting_vendor", "clock.2.stop": "not state is waiting_vendor", "clock.2.P1": "4 h",
        "clock.2.P2": "8 h", "clock.2.warn": "50, 75; 90", "clock.2.pause_limit": "1 h 30 min", "clock.2.zone_of": "site",
        "clock.2.on_priority": "restart", "takes_over": "keep", "reason": "a vendor",
    }  # fmt: skip
    assert chief.post(PUBLISH, sent).status_code == 302
    body = clocks.policy_versions(office.desks["north"])[0]["body"]
    clock = ClockPolicy.from_json(body).clocks[2]
    assert (clock.name, clock.agreement, str(clock.when)) == (
        "vendor repair",
        "uc",
        "tier is premier and queue is Mail",
    )
    assert (clock.warn_ratios, clock.pause_limit_min, clock.on_priority) == ((0.5, 0.75, 0.9), 90, "restart")
    html = html_of(chief, PAGE)
    assert "Vendor repair, UC" in html
    assert "of the site" in html
    assert form_of(html)["takes_over"] == "keep"


def test_two_hundred_commitments_are_one_form(chief, sent, office):
    """Each has its 26 fields, and all of them arrive."""
    one = {key.removeprefix("clock.0."): value for key, value in sent.items() if key.startswith("clock.0.")}
    whole = {key: value for key, value in sent.items() if not key.startswith("clock.")} | {"reason": "many"}
    for number in range(200):
        whole |= {f"clock.{number}.{part}": value for part, value in one.items()} | {
            f"clock.{number}.name": f"no {number}"
        }
    assert chief.post(PUBLISH, whole).status_code == 302
    assert len(clocks.policy_versions(office.desks["north"])[0]["body"]["clocks"]) == 200


def test_a_condition_is_checked_while_it_is_written(chief):
    """How it is read, or the word that it fails at, with what was expected; the text is text."""
    check = "/policies/clocks/check/?desk=north&clock.0.start="
    assert "Read as: state is waiting customer" in html_of(chief, check + "state+is+waiting_customer")
    html = html_of(chief, check + "state+is+opem+and+owned")
    assert "did you mean open?" in html
    assert "state is <mark>opem</mark> and owned" in html
    assert "<mark>…</mark>" in html_of(chief, check + "state+is")
    assert "<script>" not in html_of(chief, check + "<script>")
    assert "as is usual" in html_of(chief, check)


def test_a_broken_condition_is_shown_at_its_word_when_publishing_is_refused(chief, sent):
    """The commitment is open, the field says where, and nothing typed is lost."""
    html = unescape(html_of(chief, PUBLISH, 422, **{**sent, "clock.1.pause": "state is waitin", "reason": "x"}))
    assert '<details class="commitment" id="commitment-1" open>' in html
    assert "At character 10 expected" in html
    assert "state is <mark>waitin</mark>" in html
    assert 'href="#policy-clock.1.pause"' in html


def test_all_slips_of_a_draft_are_shown_at_once(chief, sent):
    """Each in the summary with its place, and at its field: what the form cannot read, and what the engine refuses."""
    wrong = {
        "clock.1.P2": "soon", "clock.0.P1": "30 mins", "clock.0.when": "tier is premium", "clock.1.pause": "state is waitin",
        "clock.1.warn": "120", "takes_over": "perhaps",
    }  # fmt: skip
    for name in (DRAFT, PUBLISH):
        html = unescape(html_of(chief, name, 422, **{**sent, **wrong, "act": "check", "reason": "x"}))
        summary = html.split('class="errors"')[1].split("</div>")[0]
        assert [part.split('"')[0] for part in summary.split('href="#policy-')[1:]] == [
            "clock.0.P1", "clock.0.when", "clock.1.warn", "clock.1.P2", "clock.1.pause", "takes_over",
        ]  # fmt: skip
        for said in ("did you mean 30 min?", "did you mean premier?", "Write a time such as", "above 0 and below 100"):
            assert said in summary
        assert html.count('id="policy-clock.0.when-error"') == 1
        assert html.count('class="commitment" id="commitment-') == html.count('" open><summary><b>')


def test_the_draft_is_compared_with_what_holds(chief, sent):
    """Each value that differs, in words; the form stays filled."""
    sent |= {"clock.0.P1": "20 min", "clock.1.on_reopen": "restart"}
    again, html = act(chief, sent, "check")
    assert again["clock.0.P1"] == "20 min"
    assert "Version 1, in force" in html
    assert "<del>1 h</del>" in html
    assert "<ins>20 min</ins>" in html
    assert "Resolution, on change of reopen" in html
    assert "Nothing differs." in act(chief, form_of(html_of(chief, PAGE)), "check")[1]
    assert "never be met" in act(chief, {**sent, "clock.0.stop": "never"}, "check", 422)[1]


def test_the_draft_stays_open_where_there_are_items_to_replay(chief, office):
    """Also where the form asks for no reason: arranged, checked or tried, it is open and says what was typed."""
    reference = office.item(now=NOW - timedelta(hours=2))
    sent = form_of(html_of(chief, PAGE)) | {"clock.0.P1": "20 min"}
    assert "reason" not in sent
    for name in ("copy:1", "check", "try"):
        again, html = act(chief, sent, name, reference=reference)
        assert (name, again["clock.0.P1"]) == (name, "20 min")
        assert '<details class="more" open><summary class="btn">Edit</summary>' in html


def test_a_draft_is_tried_on_an_item(chief, sent, office):
    """Its clocks as they stand beside those under the draft; nothing is written; what cannot be seen is not found."""
    reference = office.item(now=NOW - timedelta(hours=2), priority=1)
    _, html = act(chief, {**sent, "clock.0.P1": "3 h"}, "try", reference=reference)
    assert f">{reference}</a> under the draft" in html
    assert "1 h on always: breached 08:00" in html
    assert "3 h on always: due 10:00" in html
    assert "data-clock-chart" in html
    assert "other than now" in html
    assert len(clocks.policy_versions(office.desks["north"])) == 1
    assert "Paste the reference" in act(chief, sent, "try", 422)[1]
    assert act(chief, sent, "try", 422, reference="CASE-99999999")


def test_a_trial_says_when_the_calendar_is_why_a_due_differs(chief, sent, office):
    """The item keeps the calendar that held when it was opened; a due of another day has its date."""
    reference = office.item(now=NOW - timedelta(hours=2), priority=1)
    half = Calendar.working_week("UTC", "08:00-08:30").as_json()
    calendar_publish(office.desks["north"], "always", half, holds_from=NOW, reason="x", by=BY, now=NOW)
    forget_compiled()
    _, html = act(chief, {**sent, "clock.1.warn": "50"}, "try", reference=reference)
    assert "1 h on always: due Tue 3 Mar 08:30" in html
    assert "Not for the draft: the calendar “always” was changed after the item was opened" in html
    _, html = act(chief, {**sent, "clock.0.P1": "3 h", "clock.1.P1": "9 h"}, "try", reference=reference)
    assert "Not for the draft" not in html
    assert "Also for the calendar “always”, which was changed after the item was opened" in html


def test_who_may_only_read_sees_no_editor(enter):
    """The list in words is for everybody with the right to see policies; the form and its acts are not."""
    agent = enter("agent")
    assert "commitment-0" not in html_of(agent, PAGE)
    assert agent.post(DRAFT, {"act": "check"}).status_code == 403
    assert agent.get("/policies/clocks/check/?desk=north").status_code == 403


@pytest.mark.parametrize(("choice", "elapsed", "said"), [("keep", 8, EXAMPLES[0]), ("restart", 0, EXAMPLES[1]),
                                                        ("retroactive", 24, EXAMPLES[2])])  # fmt: skip
def test_the_example_of_the_choices_is_what_the_engine_says(choice, elapsed, said):
    """P3 in office hours on Monday, P1 round the clock with 48 h from Tuesday 09:00."""
    resolution = default_policy(calendar="office").clocks[1]
    policy = ClockPolicy(
        version=1,
        clocks=(
            replace(
                resolution,
                calendar="always",
                targets=(Target(priority=Priority.P1, target_min=48 * 60),),
                on_priority=Choice(choice),
            ),
            replace(
                resolution, targets=(Target(priority=Priority.P3, target_min=48 * 60),), on_priority=Choice(choice)
            ),
        ),
    )
    calendars = {"always": Calendar.always(), "office": Calendar.working_week("UTC", "09:00-17:00")}
    log = events("2016-03-07", "09:00 opened in_progress P3 @7", "+1 09:00 priority in_progress P1 @7")
    (outcome,) = run_clocks(policy, calendars, log)
    assert outcome.elapsed == hours(elapsed)
    assert outcome.due_at == instant("2016-03-08", "09:00") + hours(48 - elapsed)
    assert said[1] == f"{elapsed} h on the clock"
    assert said[2].startswith(f"{48 - elapsed} h left")


def test_a_case_tells_every_cycle_and_every_agreement(enter, office):
    """A next update that repeats and a vendor's promise: one row each on the chart, cycles in words, queues by name."""
    north = office.desks["north"]
    every = {"kind": "next_update", "name": "next-update", "calendar": "always", "targets_min": {"P1": 60}}
    vendor = {
        "kind": "stage", "name": "vendor repair", "agreement": "uc", "calendar": "always", "targets_min": {"P1": 240},
        "start": "state is waiting_vendor", "stop": "not state is waiting_vendor",
    }  # fmt: skip
    policy_publish(
        north,
        {"clocks": [every, vendor]},
        holds_from=NOW - timedelta(days=30),
        is_for_history=True,
        reason="x",
        by=BY,
        now=NOW,
    )
    forget_compiled()
    reference = office.item(now=NOW - timedelta(hours=5), priority=1, customer="Orrin Health")
    item_note(reference, "We look into it", is_to_customer=True, by=BY, now=NOW - timedelta(hours=4, minutes=30))
    item_state(reference, State.WAITING_VENDOR, by=BY, now=NOW - timedelta(hours=3))
    html = unescape(html_of(enter("chief"), f"/cases/{reference}/clocks/"))
    assert "Running, cycle 1" in html
    assert "Running, cycle 2" in html
    assert "Vendor repair, UC" in html
    assert "Nobody, in Mail" in html
    assert html.count("data-clock-chart") == 1
    assert html.index(">Next update<") < html.index(">Vendor repair<")
    assert "Waiting for a vendor" in html_of(enter("chief"), f"/cases/{reference}/")
