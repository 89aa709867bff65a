"""Policies: read in words, compared, tried, published; conflicts, refusals, and the tables beside them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.interfaces.office import ALWAYS, BY, CLOCKS, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.services import calendar_publish
from watchbill.apps.clocks.services import policy_publish as clock_publish
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.decisions.models import Decision
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.work.weighing import effort_list, matrix_get
from watchbill.engine.assign.policy import PARAMETERS
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks.durations import minutes_words
from watchbill.engine.intake.priority import DEFAULT_MATRIX
from watchbill.interfaces.web.calendarbodies import calendar_field
from watchbill.interfaces.web.clockdraft import clock_field
from watchbill.interfaces.web.policybodies import minutes_read


def form_of(html, form="draft"):
    """What a form of the page would send as it stands."""
    part = html.split(f'id="{form}"')[1].split("</form>")[0]
    sent = dict(re.findall(r'<input class="[^"]*" type="[a-z]+" id="[^"]*" name="([^"]+)" value="([^"]*)"', part))
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', part)
    sent |= {name: unescape(value) for name, value in hidden if name != "csrfmiddlewaretoken"}
    sent |= dict.fromkeys(re.findall(r'type="checkbox" id="[^"]*" name="([^"]+)" value="1" checked', part), "1")
    for name, value in re.findall(r'type="checkbox" id="[^"]*" name="([^"]+)" value="([a-z_]+)" checked', part):
        sent[name] = [*sent.get(name, ()), value]
    for name, body in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', part, re.DOTALL):
        sent[name] = (re.findall(r'value="([^"]*)" selected', body) or re.findall(r'value="([^"]*)"', body))[0]
    for name, body in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', part, re.DOTALL):
        sent[name] = body.replace("&#34;", '"')
    return sent


@pytest.fixture
def north(office):
    return office.desks["north"]


def test_the_overview_shows_each_policy_and_calendar_with_its_version(enter):
    """Everybody who may read sees them; users and roles are for who may edit users."""
    html = html_of(enter("agent"), "/policies/?desk=north")
    assert "Assignment policy" in html
    assert "Mon to Sun 00:00-24:00" in html
    assert "Users and roles" not in html
    assert "New calendar" not in html
    assert "Users and roles" in html_of(enter("admin"), "/policies/?desk=north")


def test_every_parameter_is_shown_with_its_sentence(enter):
    """The page explains each number."""
    html = html_of(enter("agent"), "/policies/assign/?desk=north").replace("&#39;", "'")
    assert all(parameter.title in html and parameter.sentence in html for parameter in PARAMETERS)


def test_the_form_as_it_stands_publishes_the_same_policy(enter, north):
    """Opening and sending the form says what holds already: no version is made, and the page says so."""
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/assign/?desk=north"))
    html = html_of(client, "/policies/assign/publish/?desk=north", 422, **{**sent, "reason": "again"})
    assert "Nothing has changed: the assignment policy as delivered says just this already" in html
    assert decisions.policy_versions(north) == []


def test_a_form_keeps_every_digit_of_what_it_does_not_change(enter, api, north):
    """A weight published with many digits stays what it is when the form changes another one."""
    body = {"priority_weights": {"1": 33.3333333, "2": 4, "3": 2, "4": 1}, "tier_factors": {"gold": 1.23456789}}
    assert api("chief").post("/policies/assign", {"desk": "north", "reason": "exact", "policy": body})[0] == 201
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/assign/?desk=north"))
    client.post("/policies/assign/publish/?desk=north", {**sent, "continuity_item": "20", "reason": "knows it best"})
    latest = decisions.policy_versions(north)[0]["body"]
    assert latest["priority_weights"]["1"] == 33.3333333
    assert latest["tier_factors"] == {"gold": 1.23456789}


def test_a_changed_number_is_published_and_shown_beside_what_was_before(enter, north):
    """A new version with its reason; the two side by side show what differs alone."""
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/assign/?desk=north"))
    client.post("/policies/assign/publish/?desk=north", {**sent, "continuity_item": "20", "reason": "knows it best"})
    html = html_of(client, "/policies/assign/?desk=north&v=1&against=0")
    assert re.findall(r"<del>(.*?)</del></td><td><ins>(.*?)</ins>", html) == [("12 points", "20 points")]
    assert "knows it best" in html


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("continuity_item", "500", ": Expected 0 to 100 (points)"), ("load_knee", "much", "write a number"),
     ("load_knee", "inf", "write a number"), ("load_knee", "nan", "write a number"),
     ("priority_weights.1", "0", "Expected 0.01 to 100 (weight)"), ("reason", "", "Say why"),
     ("holds_from", "2020-01-01 9:00", "cannot hold from before now"), ("tier_factors.new", "gold", "a tier and its factor")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_at_its_field(enter, north, field, value, said):
    """422; the message stands at the field, and what else was written is kept."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/assign/?desk=north")), "reason": "try", "spread_weight": "11"}
    html = html_of(client, "/policies/assign/publish/?desk=north", 422, **{**sent, field: value})
    assert said in html
    assert f'href="#policy-{field}"' in html
    assert re.search(r'name="spread_weight" value="11"', html)
    assert decisions.policy_versions(north) == []


def test_all_that_does_not_fit_is_told_at_once(enter, north):
    """Each at its field, and together above the form: what is no number, what is out of range, and rules."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/assign/?desk=north")), "reason": "try", "rules": "always"}
    sent |= {"load_knee": "much", "look_ahead": "0", "priority_weights.2": "x", "priority_weights.3": "0"}
    html = html_of(client, "/policies/assign/publish/?desk=north", 422, **sent)
    for field in ("load_knee", "look_ahead", "priority_weights.2", "rules"):
        assert f'href="#policy-{field}"' in html
    assert "Expected 0.1 to 100" in html
    sent |= {"load_knee": "1", "priority_weights.2": "2"}
    html = html_of(client, "/policies/assign/publish/?desk=north", 422, **sent)
    for field in ("look_ahead", "priority_weights.3", "rules"):
        assert f'href="#policy-{field}"' in html


def test_rules_are_written_one_on_a_line_and_read_as_sentences(enter, north):
    """The textarea makes the rules; the page shows each taken apart; versions side by side show the rule that differs."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/assign/?desk=north")), "reason": "rules"}
    rules = 'when category is invoice then ask language pt\n\nwhen priority is P1 then prefer person "Ann North" by 10'
    wrong = html_of(
        client, "/policies/assign/publish/?desk=north", 422, **{**sent, "rules": "when category is x then aks team Y"}
    )
    assert "did you mean ask?" in wrong
    assert 'href="#policy-rules"' in wrong
    client.post("/policies/assign/publish/?desk=north", {**sent, "rules": rules})
    assert len(decisions.policy_in_force(north, NOW).policy.rules) == 2
    html = html_of(client, "/policies/assign/?desk=north&against=0")
    assert "<b>Category is invoice</b>" in html
    assert "Prefer person &#34;Ann North&#34; by 10" in html
    assert "Rule 1" in html


def test_a_tier_is_added_and_taken_away(enter, north):
    """A further tier by name and factor; an empty factor takes it away."""
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/assign/?desk=north"))
    client.post("/policies/assign/publish/?desk=north", {**sent, "tier_factors.new": "gold 1.3", "reason": "gold"})
    assert decisions.policy_in_force(north, NOW).policy.tier_factors["gold"] == 1.3
    sent = form_of(html_of(client, "/policies/assign/?desk=north"))
    client.post("/policies/assign/publish/?desk=north", {**sent, "tier_factors.gold": "", "reason": "no gold"})
    assert "gold" not in decisions.policy_in_force(north, NOW).policy.tier_factors


def test_the_second_of_two_who_publish_chooses(enter, north):
    """409 with what the other changed; "use mine" publishes on top of it."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/assign/?desk=north")), "handover_min": "30", "reason": "mine"}
    policy_publish(north, {"spread_weight": 25}, holds_from=NOW, reason="theirs", by=BY, now=NOW)
    clash = html_of(client, "/policies/assign/publish/?desk=north", 409, **sent)
    assert f"{BY.name} published version 1 of the assignment policy since you opened version 0" in clash
    assert re.search(r"Even spread</th><td>25 points</td><td>10 points", clash)
    mine = {**sent, "seen": re.search(r'name="seen" value="(\d+)"><button class="btn sm">Use mine', clash)[1]}
    assert client.post("/policies/assign/publish/?desk=north", mine).status_code == 302
    assert [row["reason"] for row in decisions.policy_versions(north)] == ["mine", "theirs"]


def test_an_earlier_version_is_taken_back_from_the_list(enter, north):
    """A form at each version that has held, but for the one in force, for those who may; refused at its field, or as second."""
    client = enter("chief")
    for handover in (20, 25):
        policy_publish(north, {"handover_min": handover}, holds_from=NOW, reason="more", by=BY, now=NOW)
    html = html_of(client, "/policies/assign/?desk=north")
    assert "Take version 1 back" in html
    assert "Take what is delivered back" in html
    assert "Take version 2 back" not in html
    assert "Take version" not in html_of(enter("agent"), "/policies/assign/?desk=north")
    back = "/policies/assign/1/take-back/?desk=north"
    assert 'href="#take-back-1-reason"' in html_of(client, back, 422, seen=2, reason=" ")
    clash = html_of(client, back, 409, seen=1, reason="too much")
    assert re.search(r"Handover</th><td>25 min</td><td>20 min", clash)
    done = client.post(back, {"seen": 2, "reason": "too much"})
    assert done["Location"].endswith("v=3")
    assert decisions.policy_in_force(north, NOW).policy.handover_min == 20


def test_a_draft_is_tried_on_a_case_and_nothing_is_written(office, enter):
    """The decision under the draft stands beside the one in force; the draft is kept in the form."""
    item = office.item()
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/assign/?desk=north"))
    html = html_of(client, "/policies/assign/try/?desk=north", **{**sent, "shift_weight": "50", "reference": item})
    assert f'Tried on <a href="/cases/{item}/">' in html
    assert "The draft" in html
    assert 'name="shift_weight" value="50"' in html
    assert not Decision.objects.exists()


def test_whoever_reads_may_try_the_version_shown(office, enter):
    """No form, but the panel; a case that is not there, or finished, is said at the field."""
    item = office.item()
    client = enter("agent")
    assert 'id="draft"' not in html_of(client, "/policies/assign/?desk=north")
    assert "The version shown" in html_of(client, "/policies/assign/try/?desk=north", v=0, reference=item)
    assert "There is no item" in html_of(
        client, "/policies/assign/try/?desk=north", 422, v=0, reference="CASE-99999999"
    )
    assert client.post("/policies/assign/publish/?desk=north", {"reason": "x"}).status_code == 403


def test_clocks_are_told_in_words_and_republished_as_they_stand(enter, north):
    """Targets, calendar and conditions; the form as it stands says the same policy again."""
    client = enter("chief")
    html = html_of(client, "/policies/clocks/?desk=north")
    assert "Pauses while" in html
    assert "state in (waiting customer, waiting vendor)" in html
    sent = form_of(html)
    html = html_of(client, "/policies/clocks/publish/?desk=north", 422, **{**sent, "reason": "again"})
    assert "Nothing has changed: version 1 of the clock policy says just this already" in html
    assert len(clocks.policy_versions(north)) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("clock.0.P1", "soon", "Write a time such as"), ("clock.1.warn", "120", "above 0 and below 100, such as 75; got 120"),
     ("clock.0.start", "state is asleep", "At character 10 expected one of new"), ("clock.1.stop", "never", "could never be met"),
     ("clock.0.pause_limit", "long", "Write a time such as"), ("clock.0.on_merge", "forget", "Expected one of"), ("takes_over", "x", "Expected one of")],
)  # fmt: skip
def test_a_clock_that_does_not_fit_is_refused_at_its_field(enter, north, field, value, said):
    """422 with the field named, whether the form or the engine refuses."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/clocks/?desk=north")), "reason": "try", field: value}
    html = html_of(client, "/policies/clocks/publish/?desk=north", 422, **sent)
    assert said in html
    assert f'href="#policy-{field}"' in html


def test_a_calendar_is_drawn_and_published_with_holidays(enter, north):
    """A version with a holiday and a short day; what cannot be read is named at its day."""
    client = enter("chief")
    html = html_of(client, "/policies/calendars/always/?desk=north")
    assert "Opening hours of always" in html
    sent = {**form_of(html), "mon": "09:00-12:00", "closed_on": "2026-12-25", "special_on": "2026-12-24: 09:00-11:00",
            "reason": "winter"}  # fmt: skip
    assert "Expected opening hours" in html_of(
        client, "/policies/calendars/always/publish/?desk=north", 422, **{**sent, "tue": "nine"}
    )
    assert client.post("/policies/calendars/always/publish/?desk=north", sent).status_code == 302
    body = clocks.calendar_versions(north)[0]["body"]
    assert body["weekly"]["mon"] == ["09:00-12:00"]
    assert (body["closed_on"], body["special_on"]) == (["2026-12-25"], {"2026-12-24": ["09:00-11:00"]})


def test_a_new_calendar_is_made_once(enter, north):
    """Published under its name; the name of another is refused."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/new-calendar/?desk=north")), "name": "winter", "reason": "new"}
    assert client.post("/policies/new-calendar/make/?desk=north", sent).status_code == 302
    assert "Mon to Fri 09:00-17:00" in html_of(client, "/policies/?desk=north")
    assert "has a calendar of this name" in html_of(client, "/policies/new-calendar/make/?desk=north", 422, **sent)


def test_the_matrix_is_set_with_a_reason_and_stays_in_order(enter, north):
    """More impact or urgency never ranks lower."""
    client = enter("chief")
    cells = {f"{i},{u}": min(i + u - 1, 4) for i in (1, 2, 3) for u in (1, 2, 3)}
    same = html_of(client, "/policies/matrix/set/?desk=north", 422, **DEFAULT_MATRIX, reason="looked", version=0)
    assert "Nothing has changed: the priority matrix as delivered says just this already" in same
    assert matrix_get(north) is None
    assert (
        client.post(
            "/policies/matrix/set/?desk=north", {**cells, "1,2": 1, "reason": "faster", "version": 0}
        ).status_code
        == 302
    )
    assert matrix_get(north)["1,2"] == 1
    late = html_of(client, "/policies/matrix/set/?desk=north", 409, **{**cells, "reason": "late", "version": 0})
    assert "Chief set the priority matrix since you opened the page" in late
    assert "Impact high, urgency medium</th><td>P1</td><td>P2" in late
    assert 'name="version" value="1"><button class="btn sm">Use mine' in late
    html = html_of(
        client, "/policies/matrix/set/?desk=north", 422, **{**cells, "1,1": 4, "reason": "odd", "version": 1}
    )
    assert "There is a problem" in html
    assert "Say why" in html_of(client, "/policies/matrix/set/?desk=north", 422, **cells, reason="", version=1)


def test_effort_is_labelled_as_assumed_and_set_line_by_line(enter, north):
    """A line is set, and taken away by an empty number."""
    client = enter("chief")
    line = {"category": "Mail", "priority": "1", "minutes": "45", "version": 0}
    client.post("/policies/effort/set/?desk=north", line)
    assert [(row["category"], row["minutes"], row["basis"]) for row in effort_list(north)] == [("Mail", 45, "assumed")]
    assert "assumed" in html_of(enter("agent"), "/policies/effort/?desk=north")
    assert "Effort is from 1" in html_of(client, "/policies/effort/set/?desk=north", 422, **{**line, "minutes": "0"})
    client.post("/policies/effort/set/?desk=north", {**line, "minutes": "", "version": 1})
    assert effort_list(north) == []


def test_two_who_set_one_line_of_effort_the_second_chooses(enter, north):
    """409 with the minutes of both, also when the first took the line away; another line is nobody's conflict."""
    chief, manager = enter("chief"), enter("manager")
    line = {"category": "Mail", "priority": "1", "minutes": "45", "version": 0}
    page = html_of(chief, "/policies/effort/?desk=north")
    assert 'name="version" value="0"' in page
    assert chief.post("/policies/effort/set/?desk=north", line).status_code == 302
    clash = html_of(manager, "/policies/effort/set/?desk=north", 409, **{**line, "minutes": "60"})
    assert "Chief set the assumed effort of Mail P1 since you opened the page" in clash
    assert "Minutes</th><td>45</td><td>60" in clash
    assert manager.post("/policies/effort/set/?desk=north", {**line, "priority": "2"}).status_code == 302
    chief.post("/policies/effort/set/?desk=north", {**line, "minutes": "", "version": 2})
    html_of(manager, "/policies/effort/set/?desk=north", 409, **{**line, "minutes": "60", "version": 2})
    assert manager.post("/policies/effort/set/?desk=north", {**line, "minutes": "60", "version": 3}).status_code == 302
    assert [(row["priority"], row["minutes"]) for row in effort_list(north)] == [(1, 60), (2, 45)]


def test_versions_that_hold_later_say_so(enter, north):
    """A version from tomorrow on is not in force today."""
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/assign/?desk=north"))
    client.post(
        "/policies/assign/publish/?desk=north",
        {**sent, "continuity_item": "20", "holds_from": "tomorrow 9:00", "reason": "later"},
    )
    assert decisions.policy_in_force(north, NOW).number == 0
    assert "Version 1, will hold from 3 Mar 2026 09:00 UTC" in html_of(client, "/policies/assign/?desk=north&v=1")
    assert client.get("/policies/assign/?desk=north&v=7").status_code == 404


@pytest.mark.parametrize(("minutes", "text"), [(15, "15 min"), (60, "1 h"), (90, "1 h 30 min"), (6000, "100 h")])
def test_targets_are_written_and_read_alike(minutes, text):
    """What the form shows is what it understands."""
    assert minutes_words(minutes) == text
    assert minutes_read(text, "x") == minutes
    assert minutes_read(str(minutes), "x") == minutes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4 hrs", "got “4 hrs”; did you mean 4 h?"), ("1.5 hours", "got “1.5 hours”; did you mean 1 h 30 min?"),
        ("-5", "such as 45 min, 4 h or 1 h 30 min; got “-5”"), ("2 days", "got “2 days”"),
        ("0", "from 1 min to 87600 h, such as 4 h; got “0”"), ("99999 h", "from 1 min to 87600 h, such as 4 h; got “99999 h”"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_read_is_answered_with_what_was_meant(text, said):
    """What is there, what is expected with an example, and what is near."""
    with pytest.raises(InvalidFacts, match=f"{re.escape(said)}$"):
        minutes_read(text, "clock.0.P1")


def test_keys_of_bodies_lead_to_fields():
    """The engine names keys, the page links to fields."""
    assert clock_field("policy.clocks[2].targets_min.P3") == "clock.2.P3"
    assert clock_field("policy.clocks[0].start") == "clock.0.start"
    assert clock_field("policy.clocks[0].warn_ratios[1]") == "clock.0.warn"
    assert clock_field("policy.takes_over") == "takes_over"
    assert calendar_field("calendar.weekly.mon[0]") == "mon"
    assert calendar_field("calendar.closed_on[3]") == "closed_on"


def test_a_clock_policy_of_another_version_conflicts_too(enter, north):
    """The same choice for clocks."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/clocks/?desk=north")), "clock.0.P1": "2 h", "reason": "mine"}
    other = {"clocks": CLOCKS["clocks"][:1]}
    clock_publish(north, other, holds_from=NOW, reason="theirs", by=BY, now=NOW)
    assert "Use mine" in html_of(client, "/policies/clocks/publish/?desk=north", 409, **sent)


@pytest.mark.parametrize("name", ["a/b", "a\\b", "..", " ", "x" * 81, "a\nb"])
def test_a_calendar_whose_page_could_not_be_addressed_is_refused_at_every_door(office, enter, api, name):
    """By the API, too: one such name would close the page of policies to everybody."""
    sent = {"desk": "north", "name": name, "calendar": ALWAYS, "reason": "x"}
    status, answer = api("chief").post("/policies/calendars", sent)
    assert (status, answer["code"]) == (422, "invalid")
    html_of(enter("chief"), "/policies/?desk=north")


@pytest.mark.parametrize("name", ["new", "Büro & Söhne, 24-7", "a?b#c%2F", "<b>"])
def test_a_calendar_of_any_other_name_has_its_page(office, enter, api, name):
    """What an address has to escape is escaped."""
    sent = {"desk": "north", "name": name, "calendar": ALWAYS, "reason": "x"}
    assert api("chief").post("/policies/calendars", sent)[0] == 201
    html = html_of(enter("chief"), "/policies/?desk=north")
    hrefs = [unescape(href) for href in re.findall(r'href="(/policies/calendars/[^"]+)"', html)]
    assert len(hrefs) == 2
    for href in hrefs:
        html_of(enter("chief"), href)


def test_a_calendar_is_retired_and_brought_back_from_its_page(office, enter, north):
    """Refused with the names of what uses it; afterwards no form offers it, and it stands apart."""
    client = enter("chief")
    html = html_of(client, "/policies/calendars/always/retire/?desk=north", 422, reason="moved")
    assert "is used by version 1 of the clock policy (in force: response, resolution)" in html
    calendar_publish(north, "spare", ALWAYS, holds_from=NOW, reason="x", by=BY, now=NOW)
    assert "/policies/calendars/spare/retire/" in html_of(client, "/policies/calendars/spare/?desk=north")
    assert client.post("/policies/calendars/spare/retire/?desk=north", {"reason": "moved"}).status_code == 302
    html = html_of(client, "/policies/calendars/spare/?desk=north")
    assert "; retired" in html
    assert "Next version" not in html
    assert "Retired calendars (1)" in html_of(client, "/policies/?desk=north")
    assert ">spare</option>" not in html_of(client, "/policies/clocks/?desk=north")
    assert client.post("/policies/calendars/spare/restore/?desk=north", {"reason": "back"}).status_code == 302
    assert ">spare</option>" in html_of(client, "/policies/clocks/?desk=north")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("clock.0.warn", "150", "Response on always (SLA), Warn after, % of the target: Write a per cent of the target above 0 and below 100, such as 75; got 150"),
     ("clock.1.P1", "0", "Resolution on always (SLA), Target P1: Write a time from 1 min to")],
)  # fmt: skip
def test_a_form_answers_in_its_own_units_and_names_the_field(enter, north, field, value, said):
    """Who writes per cent and hours is not told of shares and minutes."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/clocks/?desk=north")), "reason": "try"}
    html = unescape(html_of(client, "/policies/clocks/publish/?desk=north", 422, **{**sent, field: value}))
    assert said in html
    assert f'href="#policy-{field}"' in html
    assert "0 and 1" not in html


@pytest.fixture
def regions(north):
    """Two regions of north."""
    for name, zone in (("EMEA day", "Europe/Dublin"), ("APJ", "Asia/Kolkata")):
        body = Calendar.working_week(zone, "09:00-18:00").as_json()
        calendar_publish(north, name, body, holds_from=NOW, reason="first", by=BY, now=NOW)
    return north


def test_a_calendar_is_made_of_others_with_the_week_that_results(enter, regions):
    """Chosen by boxes, drawn before it is published, shown with links to what it is made of."""
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/new-calendar/?desk=north"))
    sent |= {"name": "both", "made": "intersection", "parts": ["EMEA day", "APJ"], "reason": "two regions"}
    html = html_of(client, "/policies/new-calendar/week/?desk=north", **sent)
    assert "Week of the draft" in html
    assert "Opening hours of both: " in html
    assert "both" not in {row["name"] for row in clocks.calendar_versions(regions)}
    assert client.post("/policies/new-calendar/make/?desk=north", sent).status_code == 302
    html = html_of(client, "/policies/calendars/both/?desk=north")
    assert "open while APJ and EMEA day are" in html
    assert re.search(r'href="/policies/calendars/EMEA%20day/[^"]*">EMEA day</a>', html)
    assert "Add public holidays" not in html
    assert "Open while APJ and EMEA day are" in html_of(client, "/policies/?desk=north")
    more = {**form_of(html), "made": "union", "parts": ["EMEA day", "APJ"], "reason": "either"}
    assert "Opening hours of both" in html_of(client, "/policies/calendars/both/week/?desk=north", **more)
    assert client.post("/policies/calendars/both/publish/?desk=north", more).status_code == 302
    assert clocks.calendar_versions(regions, "both")[0]["body"] == {"union": ["EMEA day", "APJ"]}
    assert "Intersection of others" in html_of(client, "/policies/calendars/both/?desk=north&against=1&v=2")


def test_what_a_combination_cannot_be_is_said_at_its_boxes(enter, regions):
    """Too few parts; a circle; a calendar that would never open."""
    client = enter("chief")
    sent = form_of(html_of(client, "/policies/calendars/always/?desk=north"))
    for parts, word in ((["APJ"], "the names of 2 to 50"), (["always", "APJ"], "in a circle")):
        more = {**sent, "made": "union", "parts": parts, "reason": "x"}
        html = html_of(client, "/policies/calendars/always/publish/?desk=north", 422, **more)
        assert word in html
        assert 'href="#policy-parts"' in html
    assert "in a circle" in html_of(client, "/policies/calendars/always/week/?desk=north", **{**more, "reason": ""})


def test_public_holidays_are_added_and_their_end_is_shown(enter, regions):
    """Three years ahead unless years are named; the next edit keeps until when they are listed; unknown places are said."""
    client = enter("chief")
    where = "/policies/calendars/APJ/holidays/?desk=north"
    sent = {"country": "in", "subdivision": "ka", "reason": "India", "seen": "1"}
    assert "not a country code" in html_of(client, where, 422, **{**sent, "country": "XX"})
    assert "Write years such as" in html_of(client, where, 422, **{**sent, "years": "next"})
    assert "since you opened version 7" in html_of(client, where, 422, **{**sent, "seen": "7"})
    assert client.post(where, sent).status_code == 302
    html = html_of(client, "/policies/calendars/APJ/?desk=north")
    assert f"Public holidays listed: IN-KA until {NOW.year + 2}" in html
    again = {**form_of(html), "mon": "10:00-18:00", "reason": "later"}
    assert client.post("/policies/calendars/APJ/publish/?desk=north", again).status_code == 302
    body = clocks.calendar_versions(regions, "APJ")[0]["body"]
    assert body["holidays"] == [{"country": "IN", "subdivision": "KA", "until": NOW.year + 2}]
    soon = {**again, "holidays": f"IN-KA {NOW.year}", "seen": "3", "mon": "", "reason": "less"}
    assert client.post("/policies/calendars/APJ/publish/?desk=north", soon).status_code == 302
    ends = html_of(client, "/policies/calendars/APJ/?desk=north")
    assert ("are listed until the end of" in ends) is (NOW.month > 6)


def test_a_date_written_twice_is_refused(enter, regions):
    """One of the two was meant for another day; the first would be without effect."""
    client = enter("chief")
    sent = {**form_of(html_of(client, "/policies/calendars/APJ/?desk=north")), "reason": "x"}
    for field in (
        {"closed_on": "2026-12-25\n2026-12-25"},
        {"special_on": "2026-12-24: 9:00-10:00\n2026-12-24: closed"},
    ):
        html = html_of(client, "/policies/calendars/APJ/publish/?desk=north", 422, **{**sent, **field})
        assert f'href="#policy-{next(iter(field))}"' in html


def test_the_way_to_edit_stands_at_the_top(enter):
    """A link opens the form; who may not edit is told which roles may; of two times, each is named."""
    client = enter("chief")
    html = html_of(client, "/policies/clocks/?desk=north")
    href = unescape(re.search(r'<a class="btn sm" href="([^"]+)">Edit</a>', html)[1])
    assert (href.partition("?")[0], href.partition("#")[2]) == ("/policies/clocks/", "edit")
    assert '<details class="more" open><summary class="btn">Edit' not in html
    assert '<details class="more" open><summary class="btn">Edit' in html_of(
        client, "/policies/clocks/?desk=north&edit=1"
    )
    assert "UTC, desk time" in html
    assert "UTC, wall time" in html
    html = html_of(enter("agent"), "/policies/clocks/?desk=north")
    assert "To change it needs the role administrator or manager" in html
    assert "edit=1" not in html
