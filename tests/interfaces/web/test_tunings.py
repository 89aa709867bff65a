"""Tunings in the pages: asked for from the policy, shown on their way and done, and their numbers run dry."""

from datetime import timedelta

import pytest

from tests.interfaces.office import NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.decisions.dryruns import dry_run_list
from watchbill.apps.decisions.models import Tuning
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.decisions.tunings import tuning_list
from watchbill.flows.assign.tuning import tunings_run

pytestmark = pytest.mark.django_db
PAGE = "/policies/assign/tunings/{}/"


@pytest.fixture
def weeks(office):
    """Some work in each of the last two weeks."""
    for back in (2, 9):
        for minute in range(3):
            office.item(now=NOW - timedelta(days=back, minutes=minute))
    return office


def test_a_policy_is_tuned_from_its_page(weeks, enter):
    """Waiting, then done: the settings tried, the weeks, and what it cannot say; nobody is offered what is not suggested."""
    client, north = enter("chief"), weeks.desks["north"]
    assert "Tune it" in html_of(client, "/policies/assign/?desk=north")
    assert "Tune it" not in html_of(enter("ann"), "/policies/assign/?desk=north")
    answer = client.post("/policies/assign/tune/?desk=north")
    assert answer.status_code == 302
    here = answer.headers["Location"]
    assert "waiting for the worker" in html_of(client, here)
    assert tunings_run() == 1
    html = html_of(client, here)
    for said in (
        "Settings tried",
        "in force",
        "The weeks they were tried on",
        "What this cannot say",
        "nothing to change",
    ):
        assert said in html
    assert "Run these numbers dry" not in html
    (row,) = tuning_list(north)
    assert f"TUN-{row.id}" in html_of(client, "/policies/assign/?desk=north")
    refused = client.post(f"/policies/assign/tunings/{row.id}/dry-run/")
    assert refused.status_code == 422
    assert "suggests no change" in refused.content.decode()


def test_what_is_suggested_is_run_dry_and_goes_stale(weeks, enter):
    """The numbers become a draft of the policy, shown beside it; once another version is published, it is asked for anew."""
    client, north = enter("chief"), weeks.desks["north"]
    client.post("/policies/assign/tune/?desk=north")
    tunings_run()
    (row,) = tuning_list(north)
    result = {
        **row.result,
        "is_change": True,
        "why": "Look-ahead 2 is better.",
        "suggested": {"look_ahead": 2.0, "late_growth": 0.05},
    }
    Tuning.objects.filter(id=row.id).update(result=result)
    html = html_of(client, PAGE.format(row.id))
    assert "Look-ahead 2 is better." in html
    assert "Run these numbers dry" in html
    assert "Look-ahead (K)" in html
    assert "Run these numbers dry" not in html_of(enter("ann"), PAGE.format(row.id))
    assert client.post(f"/policies/assign/tunings/{row.id}/dry-run/").status_code == 302
    (dry,) = dry_run_list(north)
    assert dry.policy["look_ahead"] == 2.0
    policy_publish(north, {"look_ahead": 3.0}, holds_from=NOW, reason="meanwhile", by=weeks.actor("chief"), now=NOW)
    html = html_of(client, PAGE.format(row.id))
    assert "Version 1 of the assignment policy was published since" in html
    assert "Run these numbers dry" not in html
    assert client.post(f"/policies/assign/tunings/{row.id}/again/").status_code == 302
    assert (tuning_list(north)[0].against, tuning_list(north)[0].policy["look_ahead"]) == (1, 3.0)
