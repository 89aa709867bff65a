"""Dry runs in the pages: asked for from the form, shown on their way and done, and published from there."""

import pytest

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from tests.interfaces.web.test_policies import form_of
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.decisions.dryruns import dry_run_list
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.dryrun import dry_runs_run

pytestmark = pytest.mark.django_db


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
