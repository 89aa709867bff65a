"""Two cases made one, through a browser without scripts."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_note, item_state


@pytest.fixture
def pair(office):
    return office.item(title="No mail", customer="Acme"), office.item(title="No mail at all", customer="Acme")


def merge(client, one, two, *, version=1, text="the same"):
    return client.post(f"/cases/{one}/merge/", {"into": two, "text": text, "version": version})


def test_each_case_leads_to_the_other(enter, pair):
    """The one that is gone says where replies are; the other lists what came into it, and its notes are a link away."""
    one, two = pair
    item_note(one, "It began on Friday", by=BY, now=NOW)
    client = enter("ann")
    assert 'data-key="m"' in html_of(client, f"/cases/{one}/")
    assert merge(client, one, two.lower(), version=2)["Location"] == f"/cases/{one}/"
    gone, kept = html_of(client, f"/cases/{one}/"), html_of(client, f"/cases/{two}/")
    assert f"{one} merged into {two}" in gone
    assert f'Merged into <a href="/cases/{two}/">{two}</a>' in gone
    assert f"merged it into {two}" in gone
    assert 'value="customer"' not in gone
    assert 'data-key="m"' not in gone
    assert f"merged {one} into it" in kept
    assert f'<dt>Merged in</dt><dd><a href="/cases/{one}/">{one}</a></dd>' in kept
    assert f"Open {one}" in kept


@pytest.mark.parametrize("side", [0, 1])
def test_it_is_undone_from_either_page(enter, pair, side):
    """The button stands on both timelines, and takes both back."""
    client = enter("ann")
    merge(client, *pair)
    assert f"/cases/{pair[side]}/undo/?event=2" in html_of(client, f"/cases/{pair[side]}/")
    assert client.post(f"/cases/{pair[side]}/undo/?event=2").status_code == 302
    assert [work_get(one, by=BY).state for one in pair] == ["new", "new"]
    html = html_of(client, f"/cases/{pair[1]}/")
    assert "undid the merge" in html
    assert "Merged in" not in html


def test_what_cannot_be_merged_stands_in_the_form_again(office, enter, pair):
    """Nothing said, itself, one that is done; one that does not exist is not found; a case that moved on asks first."""
    one, two = pair
    client = enter("ann")
    item_state(two, State.CLOSED, by=BY, now=NOW)
    for into, why in (("", "Say into which case"), (one, "into itself"), (two, f"{two} is closed")):
        answer = merge(client, one, into)
        assert answer.status_code == 422
        assert why in answer.content.decode()
    assert merge(client, one, "CASE-999999").status_code == 404
    item_state(one, State.WAITING_VENDOR, by=BY, now=NOW)
    third = office.item()
    clash = merge(client, one, third)
    assert clash.status_code == 409
    assert "Use mine" in clash.content.decode()
    assert enter("auditor").post(f"/cases/{one}/merge/", {"into": third, "version": 2}).status_code == 403
