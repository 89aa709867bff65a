"""The page of a replay: asked for by the form, on its way, its numbers and what they open, and publishing from there."""

from __future__ import annotations

import copy
import re

import pytest

from tests.interfaces.office import BY, CLOCKS, NOW
from tests.interfaces.web.pages import html_of
from tests.interfaces.web.test_policies import form_of
from watchbill.apps.clocks.models import ReplayItem
from watchbill.apps.clocks.queries import policy_versions
from watchbill.apps.clocks.replays import replay_list
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state
from watchbill.flows.replay.drafts import replay_ask
from watchbill.flows.replay.run import replays_run
from watchbill.interfaces.web.replaycharts import flow_chart, pairs_chart

PAGE = "/policies/clocks/replays/{}/"


@pytest.fixture
def north(office):
    """The desk, with one item that was resolved at once, and one that is open."""
    item_state(office.item(customer="<b>Acme"), State.RESOLVED, by=BY, now=NOW)
    office.item(customer="<b>Acme")
    return office.desks["north"]


def draft(minutes=7, ranks=("P1", "P2", "P3", "P4")):
    body = copy.deepcopy(CLOCKS)
    for clock in body["clocks"]:
        clock["targets_min"] = dict.fromkeys(ranks, minutes)
    return body


def ask(desk, body, office):
    return replay_ask(desk, body, is_waking=False, by=office.actor("chief"), now=NOW)


def test_the_form_of_the_policy_asks_for_a_replay(office, enter, north):
    """On a desk with items the draft is replayed, not published; its page says that it waits, and asks again by itself."""
    client = enter("chief")
    html = html_of(client, "/policies/clocks/?desk=north")
    form = html.split('id="draft"')[1].split("</form>")[0]
    assert "Replay this draft" in form
    assert "Publish this version" not in form
    sent = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    answer = client.post("/policies/clocks/replay/?desk=north", sent)
    (row,) = replay_list(north)
    assert (answer.status_code, row.state) == (302, "waiting"), answer.content.decode()[:500]
    html = html_of(client, PAGE.format(row.id))
    assert "waiting for the worker" in html
    assert 'hx-trigger="every 1s"' in html
    assert office.desks


def test_a_result_opens_its_items_and_is_published(office, enter, north):
    """Numbers link to the list; what is left undone must be ticked; then a version stands with its reason."""
    replay_id = ask(north, draft(ranks=("P1",)), office)
    replays_run()
    client = enter("chief")
    html = html_of(client, PAGE.format(replay_id))
    assert "hx-trigger" not in html.split('id="run-now"')[1][:200]
    assert "“response” promises nothing at P3" in html
    assert "&lt;b&gt;Acme" in html
    listed = html_of(client, PAGE.format(replay_id) + "items/?effect=other&priority=3")
    assert "not promised" in listed
    assert "<b>Acme" not in listed
    refused = html_of(client, PAGE.format(replay_id) + "publish/", 422, reason="only P1")
    assert "Mend the draft, or say that it is meant so" in refused
    leaves = [finding.key for finding in replay_list(north)[0].findings]
    answer = client.post(PAGE.format(replay_id) + "publish/", {"reason": "only P1", "leaves": leaves})
    assert (answer.status_code, policy_versions(north)[0]["reason"]) == (302, "only P1")
    assert "was published on the strength of this replay" in html_of(client, PAGE.format(replay_id))


def test_an_empty_list_says_why(office, enter, north):
    """Nothing of the kind that is asked for; or the lists of an old replay, which are gone."""
    replay_id = ask(north, draft(ranks=("P1",)), office)
    replays_run()
    client, empty = enter("chief"), PAGE.format(replay_id) + "items/?effect=removed&priority=1"
    assert "No item stands otherwise in this way." in html_of(client, empty)
    ReplayItem.objects.all().delete()
    assert "The lists of older replays are not kept" in html_of(client, empty)


def test_a_replay_that_does_not_count_any_more_is_asked_for_again(office, enter, north):
    """Another version came: no form to publish, and a button that asks anew."""
    old, new = ask(north, draft(9), office), ask(north, draft(8), office)
    replays_run()
    client = enter("chief")
    leaves = [finding.key for finding in replay_list(north)[0].findings]
    client.post(PAGE.format(new) + "publish/", {"reason": "first", "leaves": leaves})
    html = html_of(client, PAGE.format(old))
    assert "Version 2 of the clock policy was published since" in html
    assert "Publish this draft" not in html
    answer = client.post(PAGE.format(old) + "again/")
    assert (answer.status_code, replay_list(north)[0].against) == (302, 2)
    assert "Ask for another replay" not in html_of(enter("ann"), PAGE.format(old))


def test_charts_say_in_words_what_they_draw():
    """The sentence for those who listen has the numbers; ribbons are as thick as their share."""
    pairs = pairs_chart([{"priority": 1, "breaches_before": 10, "breaches_after": 5}])
    assert pairs.summary == "Breaches by priority: P1 10 before, 5 after"
    assert pairs.pairs[0].before_width == 2 * pairs.pairs[0].after_width
    assert pairs.pairs[0].look == "better"
    flow = flow_chart("Resolution", [
        {"before": "met", "after": "met", "clocks": 90}, {"before": "met", "after": "missed", "clocks": 10},
    ])  # fmt: skip
    assert flow.summary == "Resolution: 10 from met to missed; 100 clocks in all"
    assert [band.look for band in flow.bands] == ["same", "worse"]


def test_a_draft_of_a_calendar_is_replayed_with_the_policy_in_force(enter, north):
    """From the calendar's own form; a slip is told there, and the result is published there, not as a policy."""
    client = enter("chief")
    html = html_of(client, "/policies/calendars/always/?desk=north")
    assert "Counted on by “response” and “resolution” of version 1 of the clock policy (in force)" in html
    sent = form_of(html) | {"mon": "09:00-12:00"}
    address = "/policies/calendars/always/replay/?desk=north"
    assert 'href="#policy-tue"' in html_of(client, address, 422, **{**sent, "tue": "nine"})
    assert client.post(address, sent).status_code == 302
    (row,) = replay_list(north)
    assert (row.drafted, row.policy["clocks"]) == (["always"], policy_versions(north)[0]["body"]["clocks"])
    replays_run()
    html = html_of(client, PAGE.format(row.id))
    assert "is published on its own page" in html
    assert "Publish this draft" not in html
    assert enter("agent").post(address, sent).status_code == 403


def test_what_a_new_commitment_leaves_as_usual_is_folded(enter, office, north):
    """One line with a count, opened on demand; its name is written as people do; which time is meant is said."""
    body = copy.deepcopy(CLOCKS)
    body["clocks"].append(
        {"kind": "next_update", "calendar": "always", "targets_min": {"P1": 60, "P2": 60, "P3": 60, "P4": 60}}
    )
    replay = ask(north, body, office)
    replays_run()
    html = html_of(enter("chief"), PAGE.format(replay))
    told, usual = html.split("What the draft changes")[1].split('<details class="more" id="usual">')
    usual = usual.split("</details>")[0]
    assert "Next update, P1" in told
    assert "<ins>never</ins>" not in told
    assert "<ins>never</ins>" in usual
    assert f"{usual.count('<dt>')} more, as usual" in usual
    assert "Next_update" not in html
    assert ", wall time" in html
    assert "UTC, desk time" in html
