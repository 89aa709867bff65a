"""What next on one's own page and on a person's: the order with its reasons, and picking by one button."""

import re

import pytest

from tests.interfaces.office import BY, NOW
from tests.interfaces.web.pages import html_of
from watchbill.apps.decisions.services import mode_set
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.work import Priority

pytestmark = pytest.mark.django_db


@pytest.fixture
def pulled(office):
    """The queue of the desk north is one to pick from."""
    mode_set(office.queues["Mail"], mode="pull", reason="test", by=BY, now=NOW)
    return office


def test_an_agent_picks_what_is_next(pulled, enter):
    """The button names the first that she may pick; pressed, it is hers, with an undo; the list goes on."""
    low, high = pulled.item(title="Slow printer"), pulled.item(title="All is down", priority=Priority.P1)
    client = enter("ann")
    html = html_of(client, "/me/")
    assert re.search(rf'data-key="t">Take {high} <kbd>T</kbd>', html)
    assert html.index(f">{high}</a>") < html.index(f">{low}</a>")
    assert "response due in" in html
    assert "Before the next one:" in html
    answer = client.post("/me/pick/", {"reference": high}, follow=True)
    assert f"{high} is yours" in answer.content.decode()
    assert work_get(high, by=BY).owner_id is not None
    again = client.post("/me/pick/", {"reference": high}, follow=True).content.decode()
    assert f"{low} is yours; {high} was taken before you" in again
    assert "Nothing waits that you can take now" in client.post("/me/pick/", follow=True).content.decode()


def test_a_persons_page_shows_the_list_without_the_button(pulled, enter):
    """Who looks at somebody else sees what she does next, and picks nothing for her."""
    reference = pulled.item()
    html = html_of(enter("chief"), f"/people/{pulled.people['Ann North']}/?desk=north")
    assert "What next" in html
    assert reference in html
    assert "/me/pick/" not in html
