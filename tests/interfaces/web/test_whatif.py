"""What-if in the pages: asked for, on the way, done with its report, cancelled, side by side, taken away as a file."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.backtest.report.answers import answer, hostile
from tests.interfaces.office import BY, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.people.bulk import team_ensure_many
from watchbill.apps.reports.backtests import BACKTESTS, backtest_page
from watchbill.apps.work.queues import queue_save
from watchbill.engine.backtest.answer import Grade
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.backtest import asking
from watchbill.flows.backtest.asking import backtest_ask, backtests_run

pytestmark = pytest.mark.django_db
LIST = "/whatif/?desk=north"
DAY = f"{NOW - timedelta(days=2):%Y-%m-%d}"
"""On which something was opened."""


@pytest.fixture
def history(office):
    """One item of a team that somebody owns."""
    team = team_ensure_many(office.desks["north"], ["Post"])["Post"]
    queue_save(
        office.desks["north"], queue_id=office.queues["Mail"], name="Mail", team_id=team, version=1, by=BY, now=NOW
    )
    reference = office.item(now=NOW - timedelta(days=2))
    item_assign(reference, office.people["Ann North"], version=1, by=BY, now=NOW - timedelta(days=1))
    return office


@pytest.fixture
def done(history, monkeypatch):
    """Let comparisons come to an answer at once; make one and return its key."""

    def make(found=None, **how):
        monkeypatch.setattr(asking, "backtest", lambda *_, **__: found or answer())
        run_id = backtest_ask(history.desks["north"], ["fifo"], is_waking=False, by=BY, now=NOW, **how)
        backtests_run()
        return run_id

    return make


def test_without_a_history_it_says_what_is_needed(office, enter):
    """No items; then items that nobody ever had: each with what to do, and no form."""
    html = html_of(enter("chief"), LIST)
    assert "There is no history to compare policies on" in html
    assert "New comparison" not in html
    office.item()
    assert "does not say who worked on what" in html_of(enter("chief"), LIST)


def test_a_comparison_is_asked_for(history, enter):
    """Ticked policies, how thoroughly; then its page on the way, and its line in the list; who may only look gets no form."""
    client = enter("chief")
    html = html_of(client, LIST)
    for said in ("New comparison", 'value="round robin" checked', "What-if", 'data-go="w"'):
        assert said in html
    assert problems(html) == []
    refused = html_of(client, "/whatif/new/?desk=north", 422, depth="full")
    assert "Choose at least one policy" in refused
    assert 'value="full" checked' in refused
    sent = client.post("/whatif/new/?desk=north", {"policies": ["fifo", "watchbill"], "depth": "full"})
    assert sent.status_code == 302
    html = html_of(client, sent.headers["Location"])
    for said in ("Waiting for the worker", "Full, 2 policies", 'hx-trigger="every 1s"', "Cancel"):
        assert said in html
    assert "every 2s" in html_of(client, LIST)
    html = html_of(enter("ann"), sent.headers["Location"])
    assert "Cancel" not in html
    assert "New comparison" not in html_of(enter("ann"), LIST)


def test_the_report_stands_on_its_page(done, enter):
    """Verdict, grade, policies, sweep, what was learned; with files to take away; and nothing of a customer's file is markup."""
    run_id = done()
    html = html_of(enter("ann"), f"/whatif/{run_id}/")
    for said in (
        "Can the twin be trusted?",
        "Under other assumptions",
        "Assumptions",
        "Before you trust it",
        "Report (HTML)",
    ):
        assert said in html
    assert "Illustrative" not in html
    assert problems(html) == []
    assert f"BKT-{run_id}" in html_of(enter("ann"), LIST)
    odd = html_of(enter("ann"), f"/whatif/{done(hostile(), depth='full')}/")
    assert "<script>alert(1)" not in odd


def test_grade_c_is_illustrative(done, enter):
    """A banner on the page, and a word in the list, that nobody can miss."""
    run_id = done(answer(Grade.C))
    assert "Illustrative only" in html_of(enter("ann"), f"/whatif/{run_id}/")
    assert "C, illustrative" in html_of(enter("ann"), LIST)


def test_files_are_taken_away(done, enter):
    """Data and report, named after the comparison; no other kind; nothing of one that has not ended."""
    run_id = done()
    client = enter("ann")
    found = client.get(f"/whatif/{run_id}/file/json/")
    assert found["Content-Disposition"] == f'attachment; filename="backtest-BKT-{run_id}.json"'
    assert found.json()["schema"].startswith("watchbill.backtest/")
    assert client.get(f"/whatif/{run_id}/file/html/").content.startswith(b"<!doctype html>")
    assert client.get(f"/whatif/{run_id}/file/pdf/").content.startswith(b"%PDF")
    assert client.get(f"/whatif/{run_id}/file/zip/").status_code == 404
    assert client.get(f"/whatif/{run_id + 1}/file/json/").status_code == 404


def test_one_is_cancelled_from_its_page(history, enter):
    """It stands as cancelled, by whom; who may only look cannot."""
    client = enter("chief")
    here = client.post("/whatif/new/?desk=north", {"policies": ["fifo"], "depth": "quick"}).headers["Location"]
    run_id = backtest_page(history.desks["north"], by=BY)[0].id
    assert enter("ann").post(f"/whatif/{run_id}/cancel/").status_code == 403
    for _ in (1, 2):
        assert client.post(f"/whatif/{run_id}/cancel/").status_code == 302
    html = html_of(client, here)
    assert "Cancelled by" in html
    assert "every 1s" not in html
    assert BACKTESTS.waiting() == []


def test_two_stand_side_by_side(done, enter):
    """The same policies in both with their difference; what they rest on; not with one that has no result."""
    first, second = done(), done(answer(Grade.C), depth="full")
    client = enter("ann")
    assert f'<option value="{first}"' in html_of(client, f"/whatif/{second}/")
    html = html_of(client, f"/whatif/{second}/?against={first}")
    for said in ("The same policies in both", f"Kept, BKT-{first}", f"Kept, BKT-{second}", "What they rest on"):
        assert said in html
    assert "Illustrative" in html
    assert problems(html) == []
    assert client.get(f"/whatif/{second}/?against=999999").status_code == 404
    waiting = backtest_ask(BACKTESTS.row(first).desk_id, ["priority"], is_waking=False, by=BY, now=NOW)
    assert client.get(f"/whatif/{second}/?against={waiting}").status_code == 404


def test_the_list_takes_the_same_queries_for_any_number(history, enter, django_assert_max_num_queries):
    """Comparisons add no query; more than a page go on by key."""
    client = enter("chief")
    html_of(client, LIST)
    with django_assert_max_num_queries(40) as few:
        html_of(client, LIST)
    for n in range(35):
        backtest_ask(history.desks["north"], ["fifo"], is_waking=False, by=BY, now=NOW)
        BACKTESTS.end(BACKTESTS.waiting()[0], state="stopped", message=f"number {n}")
    with django_assert_max_num_queries(len(few)):
        html = html_of(client, LIST)
    assert 'rel="next"' in html
    keys = [line.id for line in backtest_page(history.desks["north"], by=BY)]
    assert f"BKT-{keys[-1]}<" in html_of(client, f"/whatif/?desk=north&after={keys[29]}")


def test_others_learn_nothing_of_it(done, enter):
    """Of another desk: not there."""
    run_id = done()
    assert enter("stranger").get(f"/whatif/{run_id}/").status_code == 404


def test_a_what_if_is_filled_in_without_a_syntax(history, enter):
    """Rows of changes become those of the command; they head the run, and what is wrong stands at its field, with all that was typed."""
    client = enter("chief")
    sent = {"policies": ["fifo"], "depth": "quick", "kind-0": "arrivals", "factor-0": "1.2", "kind-1": "train", "person-1": "Ann North", "train-1": "Nobodies"}  # fmt: skip
    html = html_of(client, "/whatif/new/?desk=north", 422, **sent)
    assert "The history knows no team “Nobodies”" in html
    assert 'href="#whatif-train-1"' in html
    assert 'href="#whatif-person-1"' not in html
    assert 'value="1.2"' in html
    assert problems(html) == []
    html = html_of(client, "/whatif/new/?desk=north", 422, **{**sent, "kind-1": "", "factor-0": "many"})
    assert "“many” must be a number from 0.1 to 10" in html
    assert 'href="#whatif-factor-0"' in html
    assert "arrivals=" not in html
    html = html_of(
        client,
        "/whatif/new/?desk=north",
        422,
        **{**sent, "kind-0": "surge", "more-0": "", "kind-1": "closed", "day-1": "soon"},
    )
    assert 'href="#whatif-more-0"' in html
    assert 'href="#whatif-day-1"' in html
    good = {**sent, "kind-1": "closed", "day-1": DAY, "kind-2": "targets", "p1-2": "1", "p2-2": "2", "p3-2": "3", "p4-2": "4"}  # fmt: skip
    found = client.post("/whatif/new/?desk=north", good)
    assert found.status_code == 302
    row = BACKTESTS.row(BACKTESTS.waiting()[0])
    assert [one["text"] for one in row.changes] == ["arrivals=1.2", f"closed={DAY}", "targets=1/2/3/4"]
    html = html_of(client, found.headers["Location"])
    assert f"What if: 1.2 times as much comes in; everybody off on {DAY}; targets of 1, 2, 3, 4 h" in html
    assert "what if 1.2 times as much comes in" in html_of(client, LIST)


def test_a_desk_is_read_once_for_a_what_if(history, enter):
    """Its names for the form and for the lines that come of it; the people of a team once, and of those that are named only."""
    sent = {"policies": ["fifo"], "depth": "quick", "kind-0": "staff", "staff-0": "Post", "people-0": "1", "kind-1": "shift", "shift-1": "Post", "minutes-1": "60"}  # fmt: skip
    client = enter("chief")
    with CaptureQueriesContext(connection) as asked:
        assert client.post("/whatif/new/?desk=north", sent).status_code == 302
    said = [one["sql"] for one in asked]
    assert len([sql for sql in said if "select 0, name from people_team" in sql]) == 1
    (counted,) = [sql for sql in said if "count(distinct owner_id)" in sql]
    assert "'Post'" in counted
    with CaptureQueriesContext(connection) as asked:
        assert (
            client.post(
                "/whatif/new/?desk=north", {**sent, "kind-0": "arrivals", "factor-0": "1.2", "kind-1": ""}
            ).status_code
            == 302
        )
    assert not [one for one in asked if "count(distinct owner_id)" in one["sql"]]


def test_all_that_is_wrong_is_said_beside_its_field(history, enter):
    """In the words of the form, at once: policies, and every field of every change; no line of the command."""
    sent = {"depth": "full", "kind-0": "surge", "more-0": "", "at-0": "2030-01-01T10:00", "kind-1": "staff", "staff-1": "Post", "people-1": "-99",
            "kind-2": "closed", "closed-2": "", "day-2": "", "kind-3": "targets", "p1-3": "0", "p2-3": "2", "p3-3": "", "p4-3": "4"}  # fmt: skip
    html = html_of(enter("chief"), "/whatif/new/?desk=north", 422, **sent)
    found = dict(re.findall(r'<li><a href="#whatif-([^"]+)">([^<]+)</a>', html))
    assert list(found) == ["policies", "more-0", "at-0", "people-1", "day-2", "p1-3", "p3-3"]
    assert found["more-0"] == "Say how many more cases come in, such as 40"
    assert found["at-0"].startswith("2030-01-01 10:00 lies outside of the history, which goes from")
    assert found["people-1"] == "Post has at most one person, who must stay; 99 cannot be taken from it"
    assert found["day-2"] == "Choose a day"
    assert found["p3-3"] == "Say in how many hours a P3 is to be resolved"
    for field in list(found)[1:]:
        assert f'aria-describedby="whatif-{field}-error"' in html
    assert not re.search(r"(surge|staff|closed|targets)=", html)
    assert problems(html) == []


def test_one_that_was_broken_off_says_so(history, enter):
    """Waiting, it is at its beginning; running again, since when."""
    client = enter("chief")
    run_id = backtest_ask(history.desks["north"], ["fifo"], is_waking=False, by=BY, now=NOW)
    assert "begun" not in html_of(client, f"/whatif/{run_id}/")
    BACKTESTS.begin(run_id)
    BACKTESTS.step(run_id, items=1000, items_done=900, doing="ceiling")
    assert "90%: Looking for the most that anybody could have kept; begun " in html_of(client, f"/whatif/{run_id}/")
    BACKTESTS.put_back(run_id)
    html = html_of(client, f"/whatif/{run_id}/")
    assert "and broken off, so it begins anew" in html
    assert "Waiting for the worker" in html
    assert 'value="0.0"' in html
