"""Absences on a person's page."""

from __future__ import annotations

import re

from tests.interfaces.web.html5checks import problems
from tests.interfaces.web.pages import html_of
from watchbill.apps.shifts.models import Absence


def test_an_absence_is_said_on_the_persons_page_and_taken_back(enter, office):
    """Words for instants, as elsewhere; refused in its place; shown, with the button that takes it back."""
    client, ann = enter("manager"), office.people["Ann North"]
    page = html_of(client, f"/people/{ann}/?desk=north")
    assert "No absence is known." in page
    sent = {"version": "1", "from": "tomorrow 9:00", "until": "yesterday", "kind": "leave", "deputy": "", "note": ""}
    refused = client.post(f"/people/{ann}/absence/?desk=north", sent)
    assert refused.status_code == 422
    assert problems(refused.content.decode()) == []
    assert client.post(f"/people/{ann}/absence/?desk=north", {**sent, "until": "in 3 d"}).status_code == 302
    page = html_of(client, f"/people/{ann}/?desk=north")
    assert problems(page) == []
    assert "Take back" in page
    found = page.split('action="/people/')[1:]
    action = next("/people/" + part.split('"')[0] for part in found if "/cancel/" in part.split('"')[0])
    assert client.post(action.replace("&amp;", "&")).status_code == 302
    assert "No absence is known." in html_of(client, f"/people/{ann}/?desk=north")


def test_who_is_away_already_is_told_so_at_the_field(enter, office):
    """It is no clash of two writers: nobody is asked whose words are to hold."""
    client, ann = enter("chief"), office.people["Ann North"]
    sent = {"version": "1", "from": "now", "until": "in 3 d", "kind": "leave", "deputy": ""}
    assert client.post(f"/people/{ann}/absence/?desk=north", sent).status_code == 302
    page = html_of(client, f"/people/{ann}/absence/?desk=north", 422, **sent)
    assert re.search(r'id="absence-from-error">.*Ann North is away already in a part of this time', page)
    assert "Use mine" not in page
    assert "changed this" not in page


def test_an_absence_of_somebody_else_is_not_taken_back_here(enter, office):
    """An address that names Bo and Ann's absence is not there; hers stays."""
    client, ann, bo = enter("manager"), office.people["Ann North"], office.people["Bo North"]
    sent = {"version": "1", "from": "tomorrow 9:00", "until": "in 3 d", "kind": "leave", "deputy": "", "note": ""}
    assert client.post(f"/people/{ann}/absence/?desk=north", sent).status_code == 302
    (row,) = Absence.objects.all()
    assert client.post(f"/people/{bo}/absence/{row.id}/cancel/?desk=north").status_code == 404
    row.refresh_from_db()
    assert row.cancelled_at is None
