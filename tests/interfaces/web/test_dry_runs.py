"""Dry runs in the pages: asked for from the form, shown on their way and done, and published from there."""

import pytest

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from tests.interfaces.web.test_policies import form_of
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.decisions.dryruns import dry_run_list
from watchbill.apps.decisions.services import policy_publish
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.dryrun import dry_run_ask, dry_runs_run

pytestmark = pytest.mark.django_db
PAGE = "/policies/assign/dry-runs/{}/"


def test_a_draft_is_run_dry_and_published_from_its_page(office, enter):
    """Waiting, then done: who would have been chosen, loads, examples, limits; then published with a reason."""
    north = office.desks["north"]
    for name in ("Ann North", "Bo North"):
        item_assign(office.item(), office.people[name], by=BY, now=NOW)
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/assign/?desk=north"))
    wrong = {**sent, "rules": "when always then aks"}
    assert "did you mean ask?" in html_of(client, "/policies/assign/dry-run/?desk=north", 422, **wrong)
    filled = {**sent, "rules": 'when always then never "Ann North"'}
    answer = client.post("/policies/assign/dry-run/?desk=north", filled)
    assert answer.status_code == 302, answer.content.decode()[:1500]
    here = answer.headers["Location"]
    assert "waiting for the worker" in html_of(client, here)
    assert dry_runs_run() == 1
    html = html_of(client, here)
    assert "What this cannot say" in html
    assert "choices looked at" in html
    assert "Bo North" in html
    assert "Rule 1" in html
    (row,) = dry_run_list(north)
    assert f"DRY-{row.id}" in html_of(client, "/policies/assign/?desk=north")
    assert "Say why" in html_of(client, f"/policies/assign/dry-runs/{row.id}/publish/", 422, reason="")
    assert client.post(f"/policies/assign/dry-runs/{row.id}/publish/", {"reason": "spare Ann"}).status_code == 302
    assert decisions.policy_in_force(north, NOW).number == 1


def test_a_dry_run_that_does_not_count_any_more_is_asked_for_again(office, enter):
    """Another version came: no form to publish, and a button that asks anew, for those who may."""
    north, body = office.desks["north"], {"rules": ['when always then never "Ann North"']}
    client, old = enter("chief"), dry_run_ask(office.desks["north"], body, days=3, by=office.actor("chief"), now=NOW)
    dry_runs_run()
    policy_publish(north, {"look_ahead": 3.0}, holds_from=NOW, reason="meanwhile", by=office.actor("chief"), now=NOW)
    html = html_of(client, PAGE.format(old))
    assert "Version 1 of the assignment policy was published since" in html
    assert "Publish this draft" not in html
    assert "Ask for another dry run" not in html_of(enter("ann"), PAGE.format(old))
    assert client.post(PAGE.format(old) + "again/").status_code == 302
    new = dry_run_list(north)[0]
    assert (new.id > old, new.against, new.days, new.policy["rules"]) == (True, 1, 3, body["rules"])
    html = html_of(client, PAGE.format(new.id))
    assert "waiting for the worker" in html
    assert ", wall time" in html_of(client, "/policies/assign/?desk=north")
