"""Shadow runs in the pages: begun from a comparison, followed, stopped; adopted with a reason when over, and taken back."""

from datetime import timedelta

import pytest

from tests.flows.backtest.report.answers import answer
from tests.interfaces.office import BY, NOW
from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.core.services import clock_move
from watchbill.apps.decisions import shadows
from watchbill.apps.decisions.queries import policy_in_force
from watchbill.apps.work.models import WorkItem
from watchbill.engine.assign.shadow import Shadowed
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.flows.assign.tick import tick_desk
from watchbill.flows.backtest import asking
from watchbill.flows.backtest.adopting import shadow_ask
from watchbill.flows.backtest.asking import backtest_ask, backtests_run

pytestmark = pytest.mark.django_db
RULES = ['when priority is P2 then never "Ann North"']


@pytest.fixture
def compared(office, monkeypatch):
    """A comparison that is done, in which a draft competed; its key, and the draft's name."""
    office.item()
    monkeypatch.setattr(asking, "backtest", lambda *_, **__: answer())
    dry = dry_run_ask(office.desks["north"], {"rules": RULES}, is_waking=False, by=BY, now=NOW)
    name = f"watchbill DRY-{dry}"
    run_id = backtest_ask(office.desks["north"], ["fifo", name], is_waking=False, by=BY, now=NOW)
    backtests_run()
    return run_id, name


def test_a_draft_goes_from_the_comparison_into_force(office, compared, enter, monkeypatch):
    """Adopt is closed with the reason as text until the shadow run is over; then it asks for a reason, and can be taken back."""
    monkeypatch.setattr(shadows, "LEAST", 2)
    client, (run_id, name) = enter("chief"), compared
    html = html_of(client, f"/whatif/{run_id}/")
    assert "It has not been in a shadow run yet." in html
    assert '<button class="btn" disabled aria-describedby="draft-0-why">Adopt' in html
    assert problems(html) == []
    begin = f"/whatif/{run_id}/shadow/"
    assert "A shadow run takes 1 to 90 days" in html_of(client, begin, 422, draft=name, days=91)
    assert "There is no draft “fifo”" in html_of(client, begin, 422, draft="fifo", days=7)
    sent = client.post(begin, {"draft": name, "days": 7})
    assert sent.status_code == 302
    for _ in range(3):
        office.item(priority=2)
    tick_desk(office.desks["north"], NOW + timedelta(minutes=1))
    (row,) = shadows.shadow_page(office.desks["north"], by=BY)
    ann, bo = (PersonId(office.people[name]) for name in ("Ann North", "Bo North"))
    last = WorkItem.objects.latest("id").id
    differs = Shadowed(
        item=ItemId(last), priority=Priority.P2, done=ann, in_force=ann, draft=bo, p_done=0.2, p_draft=0.5
    )
    shadows.shadow_keep(row, [(differs, "Bo knows <b>it</b>")], seconds=0.01, now=NOW + timedelta(minutes=2))
    here = sent.headers["Location"]
    html = html_of(client, here)
    for said in (
        "In the shadow",
        "0.0 of 7 days",
        "Decisions compared",
        "under way",
        "CASE-",
        "+0.30",
        "Bo knows &lt;b&gt;it",
        "disabled",
        "It ends by itself",
    ):
        assert said in html, said
    assert problems(html) == []
    assert "In the shadow" in html_of(client, f"/whatif/{run_id}/")
    assert "is under way on this desk" in html_of(client, begin, 422, draft=name, days=3)
    shadow_id = shadows.shadow_page(office.desks["north"], by=BY)[0].id
    adopt = f"/whatif/shadows/{shadow_id}/adopt/"
    assert "under way" in html_of(client, adopt, 422, reason="now")
    assert enter("ann").post(adopt, {"reason": "mine"}).status_code == 403
    assert "Stop</button>" not in html_of(enter("ann"), here)
    clock_move(desk_at=NOW + timedelta(days=8), rate=0, limit_at=None, by=BY, now=NOW)
    assert "Over" in html_of(client, f"/whatif/{run_id}/")
    assert "Say why" in html_of(client, adopt, 422, reason=" ")
    assert client.post(adopt, {"reason": "fewer handovers"}).status_code == 302
    assert policy_in_force(office.desks["north"], NOW + timedelta(days=8)).number == 1
    html = html_of(client, here)
    assert "Adopted" in html
    assert "Back to what is delivered" in html
    assert problems(html) == []
    back = client.post("/policies/assign/0/take-back/?desk=north", {"reason": "worse after all", "seen": 1})
    assert back.status_code == 302
    assert policy_in_force(office.desks["north"], NOW + timedelta(days=8)).number == 2
    assert "Back to what is delivered" not in html_of(client, here)


def test_one_is_stopped_from_its_page(office, compared, enter):
    """It stands as stopped, by whom, and its draft cannot be adopted."""
    client, (run_id, name) = enter("chief"), compared
    here = client.post(f"/whatif/{run_id}/shadow/", {"draft": name, "days": 2}).headers["Location"]
    shadow_id = shadows.shadow_page(office.desks["north"], by=BY)[0].id
    assert enter("ann").post(f"/whatif/shadows/{shadow_id}/stop/").status_code == 403
    for _ in (1, 2):
        assert client.post(f"/whatif/shadows/{shadow_id}/stop/").status_code == 302
    html = html_of(client, here)
    assert "Stopped by" in html
    assert "Its shadow run was stopped" in html
    assert enter("stranger").get(f"/whatif/shadows/{shadow_id}/").status_code == 404


def test_one_that_a_command_began_is_listed(office, enter, django_assert_max_num_queries):
    """On What-if, though nothing was ever compared; the latest first, for everybody who may look; one query however many."""
    office.item()
    client = enter("ann")
    assert "Shadow runs" not in html_of(client, "/whatif/?desk=north")
    with django_assert_max_num_queries(60) as before:
        html_of(client, "/whatif/?desk=north")
    keys = []
    for look_ahead in (2.0, 3.0):
        dry = dry_run_ask(office.desks["north"], {"look_ahead": look_ahead}, is_waking=False, by=BY, now=NOW)
        keys.append(shadow_ask(office.desks["north"], f"watchbill DRY-{dry}", by=BY, now=NOW))
        if len(keys) == 1:
            shadows.shadow_stop(keys[0], by=BY, now=NOW)
    with django_assert_max_num_queries(len(before)):
        html = html_of(client, "/whatif/?desk=north")
    first, second = (html.index(f"/whatif/shadows/{key}/") for key in keys)
    assert second < first
    for said in (
        f"SHD-{keys[1]}",
        "In the shadow",
        f"How far SHD-{keys[1]} is",
        "Stopped",
        "0.0 of 7 days",
        f"watchbill DRY-{dry}",
    ):
        assert said in html
    assert problems(html) == []
    assert html_of(client, f"/whatif/shadows/{keys[1]}/")
