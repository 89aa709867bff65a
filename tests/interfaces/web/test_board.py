"""The Board through a browser without scripts: counts, queue, card, answers."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.decisions.queries import decision_list
from watchbill.apps.people.models import Region
from watchbill.apps.people.services import person_create
from watchbill.apps.shifts.services import presence_set
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.work import State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note, item_state
from watchbill.interfaces.web.tiles import tiles_forget


def rows_of(html):
    return re.findall(r'data-row="([^"]+)"', html)


def tile(html, label):
    """The number that a tile shows."""
    found = re.search(r"<b>([\d,]+)</b><span>" + re.escape(label), html)
    return int(found[1].replace(",", ""))


@pytest.fixture
def board(enter):
    """Fetch the Board as a coordinator of every desk."""
    client = enter("coordinator")

    def _board(query="", **more):
        answer = client.get(f"/board/?desk=north{query}", **more)
        assert answer.status_code == 200
        return answer.content.decode()

    _board.client = client
    return _board


def test_order_is_by_due_unless_start_by_is_asked_for(office, board):
    """P4 is due after P1, whichever is to be begun first; a switch says which order holds, and keeps the view."""
    low, top = office.item(priority=4, title="Low"), office.item(priority=1, title="Top")
    WorkItem.objects.filter(reference=low).update(act_by_at=NOW - timedelta(minutes=5))
    html = board("&view=unassigned&order=act_by")
    assert rows_of(html) == [low, top]
    assert f"start by {NOW - timedelta(minutes=5):%H:%M}" in html
    assert re.search(r'view=unassigned&amp;order=act_by[^"]*" aria-current="true">Start by', html)
    by_due = board("&view=unassigned")
    assert rows_of(by_due) == [top, low]
    assert re.search(r'order=due[^"]*" aria-current="true">Due', by_due)
    assert board.client.get("/board/?desk=north&order=size").status_code == 422


def test_long_past_start_is_now_and_begun_work_says_nothing(office, board):
    """Of another day only that it has gone; what somebody is at needs no telling."""
    reference = office.item(priority=4, title="Low")
    WorkItem.objects.filter(reference=reference).update(act_by_at=NOW - timedelta(days=2))
    assert "start now" in board()
    item_assign(reference, office.people["Ann North"], by=BY, now=NOW)
    item_state(reference, State.IN_PROGRESS, by=BY, now=NOW)
    assert "start now" not in board()


def test_the_queue_is_sorted_by_time_to_breach(office, board):
    """A P1 opened last stands above a P4 opened first."""
    low, top = office.item(priority=4, title="Low"), office.item(priority=1, title="Top")
    assert rows_of(board()) == [top, low]


def test_what_is_long_lost_does_not_hide_what_can_still_be_saved(office, board):
    """Overdue by weeks: counted and a link away, not the first page; alone, they are shown as they are."""
    old = office.item(priority=1, title="Old", now=NOW - timedelta(days=30))
    assert rows_of(board()) == [old]
    new = office.item(priority=4, title="New")
    html = board()
    assert rows_of(html) == [new]
    assert "1 overdue by more than an hour: show the oldest first" in html
    assert rows_of(board("&oldest=1")) == [old, new]
    assert rows_of(board("&view=breached")) == [old]


def test_each_tile_opens_exactly_its_rows(office, board):
    """The number on a tile is the number of rows behind it."""
    ann = office.people["Ann North"]
    items = [office.item(priority=p) for p in (1, 2, 3, 3, 4)]
    item_assign(items[2], ann, by=BY, now=NOW)
    item_state(items[3], State.WAITING_CUSTOMER, by=BY, now=NOW)
    for label, view, count in (
        ("Unassigned", "unassigned", 4), ("P1 and P2", "p1-p2", 2), ("Waiting", "waiting", 1),
        ("No next step", "no-next-step", 1), ("Due within 60 min", "due-soon", 1), ("Breached", "breached", 0),
    ):  # fmt: skip
        html = board(f"&view={view}")
        assert (tile(html, label), len(rows_of(html))) == (count, count), label


def test_views_show_what_they_say(office, board, enter):
    """Actionable leaves out what waits; mine is there for those who own work, and theirs alone."""
    mine, waits = office.item(), office.item()
    item_assign(mine, office.people["Ann North"], by=BY, now=NOW)
    item_state(waits, State.WAITING_VENDOR, by=BY, now=NOW)
    assert rows_of(board()) == [mine]
    assert set(rows_of(board("&view=open"))) == {mine, waits}
    assert "view=mine" not in board()
    html = enter("ann").get("/board/?view=mine").content.decode()
    assert rows_of(html) == [mine]


def test_a_view_that_does_not_exist_is_named(enter):
    """422 in words."""
    answer = enter("agent").get("/board/?view=bogus")
    assert answer.status_code == 422
    assert "There is no view “bogus”" in answer.content.decode()


def test_the_card_says_why_and_offers_three_answers(office, board, propose):
    """Who, for which reasons, what was checked, and the forms."""
    item = office.item(priority=1)
    propose()
    html = board()
    assert re.search(rf"Assign {item} to (Ann|Bo) North", html)
    assert "Hard rules checked" in html
    assert "points and load as of" not in html
    for act in ("accept", "change", "refuse"):
        assert f"/{act}/" in html
    assert "not the right skill" in html.lower()


def test_a_card_that_is_older_than_a_look_says_of_when_it_is(office, board, propose):
    """Made ten minutes ago: points and load are of then."""
    office.item(priority=1, now=NOW - timedelta(minutes=20))
    propose(NOW - timedelta(minutes=10))
    assert "points and load as of Mon 2 Mar 08:50:00 UTC" in board()


def test_without_the_right_the_answers_are_absent(office, enter, propose):
    """An agent reads the reasons and has no buttons, no keys."""
    office.item(priority=1)
    propose()
    html = enter("agent").get("/board/?desk=north").content.decode()
    assert "Hard rules checked" in html
    assert "/accept/" not in html
    assert 'data-key="y"' not in html


def answer_href(html, act):
    return re.search(rf'action="(/decisions/\d+/{act}/[^"]*)"', html)[1].replace("&amp;", "&")


def back_in(html):
    return re.search(r'name="back" value="([^"]*case=[^"]*|/board/[^"]*)"', html)[1].replace("&amp;", "&")


def test_accepting_gives_the_item_selects_the_next_and_offers_undo(office, board, propose):
    """One press: owner, note, next row, and half a minute to take it back; undone, everything is as before."""
    first, second = office.item(priority=1), office.item(priority=2)
    propose()
    html = board("&view=unassigned")
    back = f"/board/?desk=north&view=unassigned&case={second}"
    answer = board.client.post(answer_href(html, "accept"), {"back": back})
    assert answer["Location"] == back
    owner = work_get(first, by=BY).owner
    assert owner in {"Ann North", "Bo North"}
    html = board.client.get(back).content.decode()
    assert f"{first} given to {owner}" in html
    assert re.search(r'data-seconds="(30|29|28)"', html)
    assert rows_of(html) == [second]
    board.client.post(answer_href(html, "undo"), {"back": "/board/"})
    assert work_get(first, by=BY).owner is None
    assert f"Undone: {first}" in board()


def test_the_card_leads_to_the_row_after_it(office, board, propose):
    """The address behind an answer keeps the view and selects the next row."""
    office.item(priority=1)
    second = office.item(priority=2)
    propose()
    card = board("&view=unassigned").split('id="card"')[1]
    assert f"case={second}" in re.search(r'name="back" value="([^"]*)"', card)[1]


def test_another_person_may_be_chosen(office, board, propose):
    """The one proposed second gets it."""
    item = office.item(priority=1)
    propose()
    html = board()
    other = re.search(r'class="pick" [^>]*value="(\d+)"><b>(Ann|Bo) North', html)
    board.client.post(answer_href(html, "change"), {"person": other[1]})
    assert work_get(item, by=BY).owner == f"{other[2]} North"


def test_anybody_may_be_looked_for_with_the_reason_why_not(office, board, propose):
    """Those who may take it come first; against a rule it needs words, and a leaver is only named."""
    item = office.item(priority=1)
    propose()
    card = board()
    chosen = re.search(rf"Assign {item} to (Ann|Bo) North", card)[1]
    other = "Bo" if chosen == "Ann" else "Ann"
    href = re.search(r'hx-get="(/decisions/\d+/others/[^"]*)"', card)[1].replace("&amp;", "&")
    found = board.client.get(href).content.decode()
    assert f"<b>{other} North</b><span>" in found
    assert f"{chosen} North" not in found
    assert 'name="back" value="/board/' in found
    ids = {"desk_id": office.desks["north"], "by": BY, "now": NOW}
    presence_set(office.people[f"{other} North"], state="off", **ids)
    found = board.client.get(href, {"q": other.lower()}).content.decode()
    assert "Only against a rule" in found
    assert re.search(rf"<b>{other} North</b>\s+is away or off shift", found)
    sent = {"person": office.people[f"{other} North"], "against": "1"}
    assert board.client.post(answer_href(found, "change"), sent).status_code == 422
    board.client.post(answer_href(found, "change"), {**sent, "text": "she asked for it"})
    assert work_get(item, by=BY).owner == f"{other} North"
    assert "Nobody else fits" in board.client.get(href, {"q": "zzz"}).content.decode()


def test_who_may_not_answer_cannot_look_for_somebody_either(office, board, propose, enter):
    """The list is part of the answer."""
    office.item(priority=1)
    propose()
    href = re.search(r'hx-get="(/decisions/\d+/others/)', board())[1]
    assert enter("agent").get(href).status_code == 403


def test_a_refusal_has_a_reason_and_is_not_asked_again(office, board, propose):
    """Kept with its reason; "another reason" needs words, and says so with 422."""
    office.item(priority=1)
    propose()
    href = answer_href(board(), "refuse")
    assert board.client.post(href, {"reason": "other", "text": ""}).status_code == 422
    assert board.client.post(href, {"reason": "wrong_time", "text": "at lunch"}).status_code == 302
    (row,) = decision_list(office.desks["north"], by=BY)
    assert (row.status, row.refusal, row.reason) == ("refused", "wrong_time", "at lunch")


def test_the_second_of_two_answers_meets_a_conflict(office, board, propose):
    """409: who did what and when, how the case stands, and the ways on: the next suggestion, or this case again."""
    first, second = office.item(priority=1), office.item(priority=2)
    propose()
    href = answer_href(board(), "accept")
    board.client.post(href)
    back = f"/board/?desk=north&view=unassigned&case={second}"
    answer = board.client.post(href, {"back": back})
    assert answer.status_code == 409
    html = answer.content.decode().split('id="main"')[1]
    owner = work_get(first, by=BY).owner
    assert f"has answered this proposal for {first} already: accepted, and it went to {owner}." in html
    assert "Accepted by Coordinator, 09:00 UTC" in html
    assert f"Now: new, {owner} owns it. Your answer changed nothing." in html
    assert f'href="{escape(back)}" data-key="j">Next suggestion' in html
    assert escape(f"view=unassigned&case={first}") in html
    assert "Proposal accepted: given to" in html


def test_the_second_answer_on_a_case_leads_back_to_the_case(office, board, propose):
    """A no that came second; the proposal made since stands beside, with its own answers."""
    item = office.item(priority=1)
    propose()
    href = answer_href(board(), "refuse")
    board.client.post(href, {"reason": "wrong_time"})
    propose()
    answer = board.client.post(href, {"reason": "wrong_time", "back": f"/cases/{item}/"})
    html = answer.content.decode().split('id="main"')[1]
    assert answer.status_code == 409
    assert "Declined by Coordinator" in html
    assert re.search(rf'href="/cases/{item}/[^"]*" data-key="k"', html)
    assert "Next suggestion" not in html
    assert f"Assign {item} to" in html
    assert "/accept/" in html


def test_an_answer_that_does_not_exist_is_404(office, board, propose):
    """Only the four acts are addresses."""
    office.item()
    propose()
    assert board.client.post(answer_href(board(), "accept").replace("accept", "explode")).status_code == 404


def test_paging_goes_on_by_key(office, board):
    """Fifty rows, then the rest, none twice, and back to the first page."""
    made = [office.item(priority=3) for _ in range(53)]
    first = board("&view=open")
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = board.client.get(following).content.decode()
    assert rows_of(first) + rows_of(second) == made
    assert "First 50 of 53" in first
    assert 'rel="first"' in second


@pytest.mark.parametrize("after", ["x", "2026-01-01_1", "2026-01-01T00:00:00+00:00_99999999999999999999"])
def test_a_broken_place_in_the_list_is_refused(enter, after):
    """422, not a fault."""
    assert enter("agent").get("/board/", {"after": after, "desk": "north"}).status_code == 422


def test_live_updates_bring_the_region_and_the_clock(office, board):
    """The fragment alone, with the desk's clock beside it."""
    item = office.item()
    html = board.client.get(f"/board/live/?desk=north&case={item}", headers={"HX-Request": "true"}).content.decode()
    assert html.lstrip().startswith("<div")
    assert 'id="desk-clock"' in html
    assert "<html" not in html
    assert item in html


def test_what_is_selected_stays_selected_when_its_time_runs_on(office, board):
    """A case that became long overdue while it was read keeps its row and its card; the next is not slipped under it."""
    read, new = office.item(priority=1, title="Read", now=NOW - timedelta(days=2)), office.item(title="New")
    assert rows_of(board()) == [new]
    html = board(f"&case={read}")
    assert rows_of(html) == [read, new]
    assert f"No proposal for {read}" in html


def test_what_is_selected_stays_selected_when_somebody_else_acts_on_it(office, board):
    """It leaves the view, and the card says why instead of showing another case."""
    mine, other = office.item(priority=1), office.item()
    item_assign(mine, office.people["Ann North"], by=BY, now=NOW)
    html = board(f"&view=unassigned&case={mine}")
    assert rows_of(html) == [other]
    assert "Ann North owns it" in html
    assert f'value="{mine}"' in html


def test_the_card_of_another_row_can_be_fetched(office, board):
    """Moving through rows asks for one card each."""
    item = office.item()
    html = board.client.get(f"/board/card/?desk=north&case={item}").content.decode()
    assert f"No proposal for {item}" in html
    assert "Nothing is selected" in board.client.get("/board/card/?desk=north&case=CASE-1").content.decode()


def test_text_from_outside_stands_as_text(office, board):
    """Markup and formulas in subjects and customers are shown, never run."""
    office.item(title="<script>alert(1)</script>", customer='=cmd|"/c calc"!A1')
    html = board()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_an_empty_desk_says_what_normal_looks_like(board):
    """No blank panel."""
    assert "No case is open on this desk" in board()


def test_counts_are_kept_for_two_seconds_and_forgotten_by_who_acts(office, board):
    """Somebody else's new item may wait two seconds; what one has done oneself shows at once."""
    office.item(priority=1)
    assert tile(board(), "Unassigned") == 1
    office.item(priority=1)
    assert tile(board(), "Unassigned") == 1
    tiles_forget()
    assert tile(board(), "Unassigned") == 2


QUERIES = 16
"""Session, user, actor, desks, clock, queue, counts, in danger, clocks that stand still, risks, suggestions, proposal and its
risk, what acts and plans, story."""


def test_the_number_of_queries_depends_on_nothing(office, board, propose):
    """Three items or sixty, two people or twenty: the Board asks the same questions."""
    board()  # the desk is remembered once

    def asked():
        tiles_forget()
        with CaptureQueriesContext(connection) as seen:
            board("&view=open")
        return len(seen)

    waiting = [office.item() for _ in range(3)]
    item_state(waiting[0], State.WAITING_CUSTOMER, by=BY, now=NOW)
    propose()
    few = asked()
    for number in range(20):
        person_create(office.desks["north"], name=f"Person {number}", by=BY, now=NOW)
    for number in range(60):
        reference = office.item(priority=1 + number % 4)
        if number % 5 == 0:
            item_state(reference, State.WAITING_CUSTOMER, by=BY, now=NOW)
    propose()
    assert asked() == few
    assert few == QUERIES


def test_a_note_changes_no_row(office, board):
    """Notes do not reorder the queue."""
    a, b = office.item(), office.item()
    item_note(b, "hello", by=BY, now=NOW)
    assert rows_of(board()) == [a, b]


def test_the_clocks_of_a_desks_regions_stand_at_the_top(enter, office):
    """Each zone once, by its city; a desk without regions shows its own, and UTC stands there anyhow."""
    before = html_of(enter("chief"), "/board/?desk=north")
    assert re.findall(r'class="region">(\S+) <b data-zone', before) == []
    for name, zone in (
        ("EMEA", "Europe/Dublin"),
        ("AMS", "America/Chicago"),
        ("UKI", "Europe/Dublin"),
        ("Core", "UTC"),
    ):
        Region.objects.create(desk_id=office.desks["north"], name=name, zone=zone)
    html = html_of(enter("chief"), "/board/?desk=north")
    assert re.findall(r'class="region">(\S+) <b data-zone="([^"]+)">([\d:]+)<', html) == [
        ("Dublin", "Europe/Dublin", "09:00"), ("Chicago", "America/Chicago", "03:00")
    ]  # fmt: skip


def test_what_has_left_the_list_is_told_as_it_is_now(office, board):
    """A live update hears which rows are shown: what was given away meanwhile comes with its new owner, beside the list."""
    given, stays = office.item(), office.item()
    shown = f"/board/live/?desk=north&view=unassigned&shown={given},{stays},CASE-0"
    assert "data-left" not in board.client.get(shown, headers={"HX-Request": "true"}).content.decode()
    item_assign(given, office.people["Ann North"], by=BY, now=NOW)
    html = board.client.get(shown, headers={"HX-Request": "true"}).content.decode()
    listed, left = html.split("<template data-left>")
    assert (rows_of(listed), rows_of(left.split("</template>")[0])) == ([stays], [given])
    assert "Ann North" in left.split("</template>")[0]
