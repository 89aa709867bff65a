"""The palette's list: acts, places and records for whoever asks."""

from __future__ import annotations


def entries(client, query=""):
    return client.get(f"/palette/?desk=north{query}", headers={"HX-Request": "true"}).content.decode()


def test_places_teach_their_keys(enter):
    """Each page that the visitor may open, and no other."""
    html = entries(enter("agent"))
    assert "<kbd>G</kbd><kbd>B</kbd>" in html
    assert "Audit trail" not in html
    assert "Audit trail" in entries(enter("auditor"))


def test_acts_on_the_selected_case_come_first(enter, office):
    """With the key that each has; only those that the visitor may do."""
    item = office.item()
    html = entries(enter("coordinator"), f"&case={item}")
    assert html.index("Accept the suggestion") < html.index("Go to")
    assert 'data-press="a"' in html
    assert "Accept the suggestion" not in entries(enter("agent"), f"&case={item}")


def test_records_are_found_by_reference_words_and_name(enter, office):
    """Cases of the desk, finished ones too, and its people."""
    item = office.item(title="Login loop")
    client = enter("agent")
    assert f"/cases/{item}/" in entries(client, f"&q={item}")
    assert f"/cases/{item}/" in entries(client, "&q=login")
    assert "Ann North" in entries(client, "&q=ann")
    assert "Nothing matches" in entries(client, "&q=zebra")


def test_queues_views_and_bare_numbers_are_found(enter, office):
    """What a list prints is what one types: a number without letters, parts of words, a queue, a view."""
    item = office.item(title="Login loop")
    client = enter("agent")
    assert f"/cases/{item}/" in entries(client, f"&q={item.partition('-')[2]}")
    assert f"queue={office.queues['Mail']}" in entries(client, "&q=mai")
    assert "view=unassigned" in entries(client, "&q=unassig")
    assert "Ann North" in entries(client, "&q=nor+an")


def test_other_desks_are_not_searched(enter, office):
    """What lies elsewhere does not show."""
    item = office.item(desk="south", title="Secret outage")
    assert item not in entries(enter("chief"), "&q=secret")


def test_without_scripts_it_is_a_page(enter, office):
    """The same list in the frame."""
    office.item(title="Login loop")
    html = enter("agent").get("/palette/?desk=north&q=login").content.decode()
    assert 'aria-label="Primary"' in html
    assert "Login loop" in html
