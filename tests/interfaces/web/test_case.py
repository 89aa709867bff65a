"""One case through a browser without scripts: its page, its acts, conflicts and errors."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.office import BY, NOW
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.work import beside
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.services import Change, work_change
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.work import EventKind, State
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_next_step, item_note, item_state
from watchbill.flows.firing import tick as clocks_tick
from watchbill.interfaces.web import casepage


@pytest.fixture
def case(office, enter):
    """A P2 of a customer, and a coordinator who may change it."""

    class Case:
        client = enter("chief")
        reference = office.item(priority=2, title="Login loop", customer="Orrin Health", description="Since 14:10")

        def page(self, query="", status=200):
            answer = self.client.get(f"/cases/{self.reference}/{query}")
            assert answer.status_code == status
            return answer.content.decode()

        def act(self, name, **form):
            form = {"version": self.item.version, **form}
            return self.client.post(f"/cases/{self.reference}/{name}/", form)

        @property
        def item(self):
            return work_get(self.reference, by=BY)

        @property
        def events(self):
            return work_events(self.item.id)

    return Case()


def test_every_part_that_lives_is_there_to_be_replaced(case):
    """What a live update names stands on the page, the place of a suggestion too while there is none."""
    html = case.page()
    named = re.search(r'hx-select-oob="([^"]+)"', html).group(1)
    assert [html.count(f'id="{part.split(":")[0][1:]}"') for part in named.split(",")] == [1, 1, 1, 1, 1]


def test_the_page_shows_what_is_known(case):
    """Subject, clocks with their chart, facts, timeline, the missing next step, the composer."""
    html = case.page()
    for words in ("Login loop", "Orrin Health", "Response", "Resolution", "Show as table", "Since 14:10", "opened it",
                  "Missing", "Add note", "To customer", "Open for"):  # fmt: skip
        assert words in html, words


def test_whoever_may_only_look_has_nothing_to_press(case, enter):
    """An auditor's page has no form but her own account's."""
    html = enter("auditor").get(f"/cases/{case.reference}/").content.decode()
    main = html.split('id="main"')[1].split("</main>")[0]
    assert "<form" not in main


def test_a_case_of_another_desk_does_not_exist(case, enter):
    """404, whether one looks or acts."""
    stranger = enter("stranger")
    assert stranger.get(f"/cases/{case.reference}/").status_code == 404
    for act in ("assign", "take", "state", "priority", "queue", "edit", "note", "next-step"):
        assert stranger.post(f"/cases/{case.reference}/{act}/", {"version": 1}).status_code == 404, act
    assert stranger.get(f"/cases/{case.reference}/everyone/").status_code == 404


def test_assigning_by_a_part_of_the_name(case):
    """A part that only one name has is enough; the note goes with it and the page says so."""
    answer = case.act("assign", person="ann", text="You know this customer")
    assert answer.status_code == 302
    assert (case.item.owner, case.item.state) == ("Ann North", "new")
    assert case.events[0].data["text"] == "You know this customer"
    html = case.page()
    assert f"{case.reference} given to ann" in html
    assert "gave it to Ann North" in html


def test_a_name_that_fits_two_is_asked_again_with_the_input_kept(case):
    """422, the form open, both names told, the note still there."""
    answer = case.act("assign", person="north", text="A long note")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "could be Ann North, Bo North" in html
    assert "A long note" in html
    assert re.search(r'data-act="assign" open', html)
    assert "<title>Error:" in html
    assert case.act("assign", person="Zed").status_code == 422
    assert case.item.owner is None


def test_an_owned_case_can_go_back_to_its_queue(case):
    """An empty name gives it back."""
    case.act("assign", person="Bo North")
    assert case.act("assign", person="").status_code == 302
    assert case.item.owner is None
    assert case.act("assign", person="").status_code == 422


def test_somebody_who_owns_work_can_take_it(case, enter):
    """One press for the agent; a manager without a person has no such button."""
    assert 'data-act="take"' not in case.page()
    ann = enter("ann")
    assert 'data-act="take"' in ann.get(f"/cases/{case.reference}/").content.decode()
    ann.post(f"/cases/{case.reference}/take/", {"version": 1})
    assert case.item.owner == "Ann North"


def test_states_pause_and_end_clocks(case):
    """Waiting pauses, resolved ends; a state that the kind does not know is refused."""
    case.act("state", state="waiting_customer", text="Asked for a log")
    assert "set the state to waiting for the customer" in case.page()
    case.act("state", state="resolved")
    assert "Took" in case.page()
    assert case.act("state", state="nonsense").status_code == 422
    assert case.act("state", state="scheduled").status_code == 422


def test_a_priority_follows_from_impact_and_urgency_or_needs_a_reason(case):
    """By the matrix, or by hand with words."""
    case.act("priority", impact="1", urgency="1")
    assert case.item.priority == 1
    assert case.act("priority", priority="4", impact="1", urgency="1").status_code == 422
    case.act("priority", priority="4", text="It is a test system")
    assert case.item.priority == 4
    assert case.act("priority", priority="9", text="x").status_code == 422


def test_queue_and_details_can_be_changed(case, office):
    """To a queue of the desk; to one of another desk never."""
    from watchbill.apps.work.queues import queue_save

    phones = queue_save(office.desks["north"], name="Phones", by=BY, now=NOW)
    case.act("queue", queue=phones)
    assert case.item.queue == "Phones"
    assert case.act("queue", queue=office.queues["Network"]).status_code == 404
    case.act("edit", title="Login loop for all", category="Portal", description="Since 14:10 UTC")
    assert (case.item.title, case.item.category) == ("Login loop for all", "Portal")
    assert case.act("edit", title=" ", category="Portal", description="x").status_code == 422


def test_notes_and_replies_stand_in_the_timeline(case):
    """Each as what it is; an empty one is refused with the page kept."""
    case.act("note", text="Found it:\n<b>cache</b> & co")
    case.act("note", text="We are on it", to="customer")
    html = case.page()
    assert "Found it:\n&lt;b&gt;cache&lt;/b&gt; &amp; co" in html
    assert "wrote to the customer" in html
    answer = case.act("note", text="  ")
    assert answer.status_code == 422
    assert "A note needs some text" in answer.content.decode()
    assert "We are on it" in case.page("?show=customer")
    assert "Found it" not in case.page("?show=customer")
    assert "Found it" in case.page("?show=notes")


def test_a_next_step_says_who_what_and_when(case):
    """Set in the desk's zone; late once its time has passed; done takes it away."""
    case.act("next-step", what="Call them", who="Ann", due_at="16:30")
    assert (case.item.next_step, case.item.next_step_owner) == ("Call them", "Ann North")
    assert case.item.next_step_due_at == NOW.replace(hour=16, minute=30)
    assert "by 16:30 UTC" in case.page()
    case.act("next-step/done")
    assert case.item.next_step == ""
    assert "did the next step: Call them" in case.page()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"what": "", "who": "Ann", "due_at": "16:30"}, "Say what is to be done"),
        ({"what": "Call", "who": "", "due_at": "16:30"}, "needs somebody"),
        ({"what": "Call", "who": "Ann", "due_at": ""}, "needs a time"),
        ({"what": "Call", "who": "Ann", "due_at": "soon"}, "Write a time such as"),
        ({"what": "Call", "who": "Ann", "due_at": "2026-03-01 10:00"}, "lies ahead"),
    ],
)
def test_a_next_step_with_a_part_missing_is_asked_again(case, form, said):
    """422, the field named, what was typed still there."""
    answer = case.act("next-step", **form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert 'aria-invalid="true"' in html
    if form["what"]:
        assert f'value="{form["what"]}"' in html


def test_a_late_next_step_is_amber(case, office):
    """Its time has passed and nobody said that it was done."""
    ann = office.people["Ann North"]
    before = NOW - timedelta(hours=2)
    item_next_step(case.reference, what="Call", who=ann, due_at=before + timedelta(hours=1), by=BY, now=before)
    assert '<span class="chip warn push">Late</span>' in case.page()


def test_the_second_writer_chooses_between_hers_and_theirs(case, office):
    """409: who changed what, beside what this form says; "use mine" sends it again on the present version."""
    item_assign(case.reference, office.people["Bo North"], by=office.actor("coordinator"), now=NOW)
    answer = case.act("assign", person="Ann North", text="mine", version=1)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "changed by Coordinator since you opened it" in html
    assert case.item.owner == "Bo North"
    form = html.split('class="conflict"')[1].split("</form>")[0]
    mine = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    mine.pop("csrfmiddlewaretoken")
    assert mine == {"person": "Ann North", "text": "mine", "version": "2"}
    case.client.post(f"/cases/{case.reference}/assign/", mine)
    assert case.item.owner == "Ann North"


def test_a_form_without_its_version_is_refused(case):
    """Nobody overwrites what she has not seen."""
    answer = case.client.post(f"/cases/{case.reference}/state/", {"state": "in_progress"})
    assert answer.status_code == 422


def test_clock_events_are_told_apart(case):
    """A missed target is a hot event of Watchbill's own."""
    clocks_tick(NOW + timedelta(hours=3))
    html = case.page("?show=clock")
    assert "told of a missed target" in html
    assert 'class="ev sys hot"' in html


def test_previous_and_next_follow_the_list(case, office):
    """From the list of unassigned ones, sorted as there; without a list there are none."""
    first, last = office.item(priority=1), office.item(priority=4)
    html = case.page("?from=/board/?view=unassigned")
    assert f"/cases/{first}/?from=" in html
    assert f"/cases/{last}/?from=" in html
    assert 'href="/board/?view=unassigned" data-key="escape"' in html
    assert 'aria-label="Next case"' not in case.page()
    assert 'aria-label="Next case"' not in case.page("?from=https://evil.example/board/?view=open")
    assert 'aria-label="Next case"' not in case.page("?from=/board/?view=bogus")


def test_the_place_in_the_list_is_said(case, office, monkeypatch):
    """As “2 of 3” in the order of the list; nothing when the case is not in it, or too far down to count."""
    office.item(priority=1)
    office.item(priority=4)
    assert ">2 of 3<" in case.page("?from=/board/?view=unassigned")
    assert ">3 of 3<" in case.page("?from=/cases/?view=any")
    for elsewhere in ("", "?from=/board/?view=waiting", "?from=/nowhere/"):
        assert " of 3<" not in case.page(elsewhere)
    monkeypatch.setattr(beside, "COUNTED", 1)
    monkeypatch.setattr(casepage, "COUNTED", 1)
    html = case.page("?from=/board/?view=unassigned")
    assert "2 of" not in html
    assert 'aria-label="Next case"' in html
    first = html.split('aria-label="Previous case"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert ">1 of more than 1<" in case.client.get(first).content.decode()


def test_a_peek_says_how_a_case_stands_and_changes_nothing(case, enter):
    """Clocks, next step, latest notes and facts as a fragment; the link opens the case on the way back to the list."""
    item_note(case.reference, "Looked <b>at</b> it", by=BY, now=NOW)
    html = case.client.get(f"/cases/{case.reference}/peek/?from=/board/?view=open").content.decode()
    assert "<html" not in html
    assert "<form" not in html
    for words in (
        "Looked &lt;b&gt;at&lt;/b&gt; it",
        "Next step",
        "Response",
        f"/cases/{case.reference}/?from=",
        "Facts",
    ):
        assert words in html
    assert enter("stranger").get(f"/cases/{case.reference}/peek/").status_code == 404


def test_earlier_events_are_a_page_away(case):
    """Sixty at a time, by key."""
    for number in range(70):
        item_note(case.reference, f"note {number}", by=BY, now=NOW)
    html = case.page()
    older = re.search(r'class="older"><a href="([^"]+)"', html)[1].replace("&amp;", "&")
    assert "note 69" in html
    assert "note 5<" not in html
    assert "note 5<" in case.client.get(older).content.decode()


def test_the_proposal_is_answered_on_the_case_too(case, propose):
    """The why card has reasons with their detail, and the same three answers."""
    propose()
    html = case.page()
    assert "Why " in html
    assert "/accept/" in html
    accept = re.search(r'action="(/decisions/\d+/accept/)', html)[1]
    assert case.client.post(accept, {"back": f"/cases/{case.reference}/"})["Location"] == f"/cases/{case.reference}/"
    html = case.page()
    assert "answered the proposal" in html
    assert "Accepted by Chief" in html
    undo = re.search(r'action="(/decisions/\d+/undo/)', html)[1]
    case.client.post(undo, {"back": f"/cases/{case.reference}/"})
    html = case.page()
    assert case.item.owner is None
    assert "undone by Chief" in html
    assert "undid the decision" in html
    assert "/undo/" not in html.split('id="card"')[1]


def test_many_proposals_are_one_note(case):
    """The latest stands for all of them, and leads to the others; among the notes there is none."""
    for number in range(4):
        data = {"text": f"proposed {number}", "decision": {}}
        work_change(Change(item_id=case.item.id, kind=EventKind.SUGGESTED, data=data), by=WATCHBILL, now=NOW)
        item_note(case.reference, f"note {number}", by=BY, now=NOW)
    html = case.page()
    assert "proposed 3" in html
    assert "proposed 2" not in html
    assert "note 0<" in html
    href = re.search(r'href="([^"]+)">The latest of 4 proposals', html)[1].replace("&amp;", "&")
    assert [f"proposed {n}" in case.client.get(href).content.decode() for n in range(4)] == [True] * 4
    notes = case.page("?show=notes")
    assert "note 0<" in notes
    assert "proposed" not in notes


def test_a_proposal_that_somebody_decided_over_is_no_reason(case, propose, office):
    """Given to somebody else by hand: nothing says any more why another one should have it."""
    propose()
    assert 'data-keep aria-label="Reasons for the suggestion"' in case.page()
    chosen = re.search(r"Why ([A-Za-z ]+)<", case.page())[1]
    other = next(name for name in ("Ann North", "Bo North") if name != chosen)
    case.act("assign", person=other)
    assert case.item.owner == other
    assert "Reasons for the suggestion" not in case.page()


def test_a_no_without_words_is_asked_again_in_its_form(case, propose):
    """422 with the form open, the reason chosen; answered at last, it leads to where the first try would have led."""
    propose()
    refuse = re.search(r'action="(/decisions/\d+/refuse/)', case.page())[1]
    answer = case.client.post(refuse, {"reason": "other", "text": " ", "back": "/board/?view=top"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert '<details class="menu" open><summary class="btn sm quiet"' in html
    assert 'value="other" checked' in html
    assert "Say in a few words" in re.search(r'id="why-error".*?</p>', html)[0]
    assert re.findall(r'name="back" value="([^"]*)"', html.split('id="card"')[1])[0] == "/board/?view=top"


def test_undoing_what_moved_on_offers_no_way_to_force_it(case, propose):
    """The conflict says who changed what; there is no form that would lead to the same conflict again."""
    propose()
    accept = re.search(r'action="(/decisions/\d+/accept/)', case.page())[1]
    case.client.post(accept)
    case.act("state", state="waiting_customer")
    answer = case.client.post(accept.replace("accept", "undo"))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "cannot be undone as a whole" in html
    assert "Use mine" not in html


def undo_of(html, place):
    """Where an act is taken back: of the toast, or of its entry in the timeline."""
    return re.search(rf'{place}.*?action="(/cases/[^"]+/undo/[^"]+)"', html, re.DOTALL)[1].replace("&amp;", "&")


@pytest.mark.parametrize("place", ['class="toast"', '<div id="timeline">'])
@pytest.mark.parametrize(
    ("act", "form"),
    [("assign", {"person": "Ann North"}), ("state", {"state": "closed"}), ("priority", {"priority": "1", "text": "x"})],
)
def test_an_act_is_taken_back_where_it_is_told(case, act, form, place):
    """For half a minute beside what it says, and as long as nothing came after it on its entry in the timeline."""
    before = (case.item.owner, case.item.state, case.item.priority)
    case.act(act, **form)
    assert (case.item.owner, case.item.state, case.item.priority) != before
    case.client.post(undo_of(case.page(), place))
    assert (case.item.owner, case.item.state, case.item.priority) == before
    html = case.page()
    assert f"Undone: {case.reference} is as it was before" in html
    assert "undid the change of" in html
    assert "/undo/" not in html


def test_the_latest_act_that_stands_can_be_taken_back(case):
    """After an undoing the act before it; not through a filter, and not what one has no right to."""
    case.act("assign", person="Ann North")
    case.act("state", state="waiting_customer")
    case.client.post(undo_of(case.page(), '<div id="timeline">'))
    assert case.item.state == "new"
    case.client.post(undo_of(case.page(), '<div id="timeline">'))
    assert case.item.owner is None
    case.act("state", state="waiting_customer")
    assert "/undo/" in case.page()
    assert "/undo/" not in case.page("?show=clock")


def test_what_others_did_is_theirs_to_take_back(case, enter):
    """A coordinator has no button for it, and is refused; who may change many at once may."""
    case.act("state", state="waiting_customer")
    other = enter("coordinator")
    address = f"/cases/{case.reference}/"
    assert "/undo/" not in other.get(address).content.decode()
    assert other.post(f"{address}undo/?event=2").status_code == 403
    assert "/undo/" in enter("queue_manager").get(address).content.decode()


def test_undoing_an_act_that_moved_on_offers_no_way_to_force_it(case):
    """The page says who changed it since; there is nothing to send again."""
    case.act("state", state="waiting_customer")
    back = undo_of(case.page(), 'class="toast"')
    case.act("queue", queue="")
    case.act("edit", title="Another")
    answer = case.client.post(back)
    assert answer.status_code == 409
    assert "was changed by Chief since this was done" in answer.content.decode()
    assert "Use mine" not in answer.content.decode()
    assert case.client.post(f"/cases/{case.reference}/undo/").status_code == 422


def test_everybody_is_listed_with_score_or_reason(case, office):
    """The full list on demand: those who may, best first, and what the others lack."""
    from watchbill.apps.shifts.services import presence_set

    presence_set(office.people["Bo North"], state="away", desk_id=office.desks["north"], by=BY, now=NOW)
    html = case.client.get(f"/cases/{case.reference}/everyone/").content.decode()
    assert "1 person may take it" in html
    assert "is away or off shift" in html
    item_state(case.reference, State.RESOLVED, by=BY, now=NOW)
    assert case.client.get(f"/cases/{case.reference}/everyone/").status_code == 422


def test_a_new_case_is_opened_by_a_form(enter):
    """Priority by the matrix; without a subject it is asked again with everything kept."""
    client = enter("agent")
    form = {
        "title": "",
        "description": "It broke",
        "impact": "1",
        "urgency": "1",
        "kind": "incident",
        "customer": "Halden",
    }
    answer = client.post("/cases/new/?desk=north", form)
    assert answer.status_code == 422
    assert "It broke" in answer.content.decode()
    answer = client.post("/cases/new/?desk=north", {**form, "title": "Printer on fire"})
    item = work_get(answer["Location"].split("/")[2], by=BY)
    assert (item.title, item.priority, item.customer, item.kind) == ("Printer on fire", 1, "Halden", "incident")


@pytest.mark.parametrize("wrong", [{"kind": "spell"}, {"impact": "7"}, {"urgency": "x"}, {"queue": "nope"}])
def test_a_new_case_with_a_choice_that_is_none_is_refused(enter, wrong):
    """Nothing but what the form offers."""
    assert enter("agent").post("/cases/new/?desk=north", {"title": "x", **wrong}).status_code == 422


def test_the_number_of_queries_does_not_grow_with_the_events(case):
    """Three events or sixty."""

    def asked():
        with CaptureQueriesContext(connection) as seen:
            case.page()
        return len(seen)

    case.page()
    item_note(case.reference, "one", by=BY, now=NOW)
    few = asked()
    for number in range(50):
        item_note(case.reference, str(number), by=BY, now=NOW)
    assert asked() == few


def test_a_customers_tier_is_set_on_its_case(office, enter):
    """By who may edit people; the second of two chooses, on top of what the first wrote."""
    item = office.item(customer="Acme & Sons")
    assert "Tier of" not in enter("ann").get(f"/cases/{item}/").content.decode()
    client, sent = enter("chief"), {"tier": "premier", "is_sensitive": "1", "version": "1", "reason": "contract"}
    assert "Tier of Acme &amp; Sons" in client.get(f"/cases/{item}/").content.decode()
    assert client.post(f"/cases/{item}/customer/", sent).status_code == 302
    page = client.get(f"/cases/{item}/").content.decode()
    assert "premier support" in page
    assert "Sensitive customer" in page
    clash = client.post(f"/cases/{item}/customer/", {**sent, "tier": "plus"})
    assert clash.status_code == 409
    assert "Use mine" in clash.content.decode()
    assert client.post(f"/cases/{item}/customer/", {**sent, "tier": "plus", "version": "2"}).status_code == 302
    assert "plus support" in client.get(f"/cases/{item}/").content.decode()
    assert client.post(f"/cases/{item}/customer/", {**sent, "tier": "gold", "version": "3"}).status_code == 422
    assert enter("ann").post(f"/cases/{item}/customer/", sent).status_code == 403
