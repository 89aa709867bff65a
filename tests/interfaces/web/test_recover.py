"""Kept recovery options in the page: what each button says, to whom, and when; and what the page costs."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.kept_options import office_passes, options_keep, plan
from tests.interfaces.web.pages import html_of
from watchbill.apps.core.queries import Story
from watchbill.apps.core.services import clock_move, story_set
from watchbill.apps.decisions.models import Recovery
from watchbill.apps.work.models import WorkItem

pytestmark = pytest.mark.django_db
PAGE = "/recover/?desk=north"
DOUBT = "Luck alone could explain what it saves"


def keep(office, *plans, **how):
    return options_keep(office.desks["north"], *plans, now=NOW, **how)


def test_a_plan_that_luck_could_explain_says_so_at_its_button(office, enter):
    """Of a certain one and one that may be luck, the first is applied, the second all the same; going on as now has no button."""
    keep(office, plan("rebalance", now=NOW), plan("defer", 10.2, -0.3, 0.9, now=NOW, many=40), best="rebalance")
    html = html_of(enter("chief"), PAGE)
    assert html.count(DOUBT) == 1
    assert html.count("Apply all the same") == 1
    assert '<button class="btn sm primary">Apply<span' in html
    assert '<button class="btn sm quiet">Apply all the same<span class="vh"> Put off' in html
    assert problems(html) == []


def test_a_plan_whose_saving_is_not_in_these_hours_says_so(office, enter):
    """As many promises are missed, of less weight: it is certain, and still not one among equals."""
    traded = plan("rebalance", 10.5, 0.0, 0.0, now=NOW)
    traded["weight_change"] = {"mean": -4.0, "low": -5.0, "high": -3.0}
    keep(office, traded)
    html = html_of(enter("chief"), PAGE)
    assert "As many promises are missed; they weigh less, or come later" in html
    assert DOUBT not in html


def test_who_may_not_apply_a_plan_reads_why(office, enter):
    """A queue manager cannot edit people, and sees who could; whoever may not even ask is told once, and has no buttons."""
    keep(office, plan("rebalance", now=NOW), plan("hours", 6.0, -4.5, now=NOW), best="hours")
    html = html_of(enter("queue_manager"), PAGE)
    assert html.count('class="btn sm">Apply<span') == 1
    assert "For those who may add and correct people, skills, hours" in html
    html = html_of(enter("auditor"), PAGE)
    assert "Plans are worked out and applied by those who may change many items at once" in html
    assert "<form" not in html.partition('id="recover-now"')[2].partition("</main>")[0]
    assert "For those who may" not in html


def test_in_a_demo_the_page_says_to_pause_time(office, enter):
    """At two desk minutes a second an hour is over in thirty; paused, nothing is said. Whoever may pause has the button."""
    keep(office, plan("rebalance", now=NOW))
    story_set(Story(desk="north", starts_at=NOW, ends_at=NOW + timedelta(days=10), weeks=553))
    assert "Demo time runs" not in html_of(enter("admin"), PAGE)
    clock_move(desk_at=NOW, rate=120, limit_at=None, by=BY, now=NOW)
    html = html_of(enter("admin"), PAGE)
    assert "Demo time runs 120 times as fast as yours" in html
    assert "is over in 30 seconds" in html
    assert "Pause demo time" in html
    assert "Demo time runs" not in html_of(enter("auditor"), PAGE)


def test_plans_that_stand_cost_no_queries_of_their_own(office, enter):
    """Five plans applied before are named with one query, which does not read what was worked out beside them."""
    client = enter("chief")
    latest = keep(office, plan("rebalance", now=NOW))

    def queries():
        html_of(client, PAGE)
        with CaptureQueriesContext(connection) as found:
            html = html_of(client, PAGE)
        return len(found), html

    without, _ = queries()
    for _ in range(5):
        before = keep(office, plan("defer", now=NOW, many=40))
        Recovery.objects.filter(id=before).update(applied_plan="defer", applied_at=NOW, applied_by_name="Ann North")
    Recovery.objects.filter(id=latest).update(id=before + 1)
    count, html = queries()
    assert count == without
    assert html.count("“Put off” was applied by Ann North") == 5
    assert f"REC-{before}: " in html


def test_work_is_passed_to_a_partner_and_taken_back(office, enter):
    """Before: who, how many and at what price, confirmed by name; after, and once undone: a letter that names each case."""
    run, items = office_passes(office, now=NOW)
    client = enter("chief")
    html = html_of(client, PAGE)
    assert "Fixers Ltd: 3 items, 256.50 EUR" in html
    assert "Pass on" in html
    assert "mailto:" not in html
    assert problems(html) == []
    assert client.post(f"/recover/{run}/apply/?desk=north", {"plan": "partner"}).status_code == 302
    assert {*WorkItem.objects.values_list("state", flat=True)} == {"waiting_vendor"}
    html = html_of(client, PAGE)
    letter = unquote(html.partition('href="mailto:')[2].partition('"')[0])
    assert letter.startswith("dispatch@fixers.example?subject=")
    assert all(f"{item}, P" in letter for item in items)
    assert "Pass on" not in html
    assert problems(html) == []
    assert client.post(f"/recover/{run}/undo/?desk=north").status_code == 302
    assert {*WorkItem.objects.values_list("state", flat=True)} == {"new"}
    html = html_of(client, PAGE)
    assert "undone by Chief" in html
    withdrawal = unquote(html.partition('href="mailto:')[2].partition('"')[0])
    assert withdrawal.startswith("dispatch@fixers.example?subject=")
    assert withdrawal != letter
    assert all(item in withdrawal for item in items)
