"""Partners are named, changed and retired; by who may, once each, and told in the audit trail. What makes no sense is refused."""

from __future__ import annotations

from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import BOSS, NOW, actor, make_desk
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.people.models import Partner
from watchbill.apps.people.partnerfacts import AT_ONCE, FACTS, LEAD_MIN, MOST, UNSAID, checked, price_of
from watchbill.apps.people.partners import (
    PartnerRow,
    partner_add,
    partner_change,
    partner_get,
    partner_list,
    partner_named,
    partner_restore,
    partner_retire,
    partner_seen,
    partners_shown,
)
from watchbill.apps.people.rights import Role
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.engine.base.slips import slips_of

HOW = {"by": BOSS, "now": NOW}
LEAST = {"name": "Nightferry", "at_once": 2, "most": 8, "lead_min": 30}
"""The least that is said of a partner."""


@pytest.fixture
def desk_id(db):
    return make_desk()


@pytest.fixture
def ferry(desk_id):
    return partner_add(desk_id, **LEAST, **HOW)


def lines():
    return list(AuditEvent.objects.filter(object_kind="partner").order_by("id"))


def test_the_least_that_is_said_of_a_partner(desk_id, ferry):
    """It takes P2 and what is less urgent, of every category; what nobody said of it is not known."""
    assert partner_get(ferry) == PartnerRow(
        id=ferry, desk_id=desk_id, name="Nightferry", email="", categories=(), least_priority=2, at_once=2, most=8,
        lead_min=30, price=None, currency="", note="", is_active=True, version=1,
    )  # fmt: skip
    (line,) = lines()
    assert (line.action, line.object_ref, line.desk_id, line.actor_name) == (
        "partner_added", "Nightferry", desk_id, BOSS.name
    )  # fmt: skip
    assert (line.after["most"], line.after["price"]) == (8, None)


def test_all_that_can_be_said_of_a_partner(desk_id):
    """Space around words goes, categories are sorted, each once, the currency is in capitals; the price stays exact."""
    key = partner_add(
        desk_id, name="  Halden \n Field ", email=" dispatch@halden.example ", categories=["Router", "", " Disk ", "Disk"],
        least_priority=3, at_once=4, most=4, lead_min=0, price=Decimal("0.1"), currency=" eur ", note=" Ask for Io. ", **HOW,
    )  # fmt: skip
    row = partner_get(key)
    assert (row.name, row.email, row.categories) == ("Halden Field", "dispatch@halden.example", ("Disk", "Router"))
    assert (row.least_priority, str(row.price), row.currency, row.note) == (3, "0.10", "EUR", "Ask for Io.")
    assert lines()[-1].after["price"] == "0.10"


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"name": "  "}, "name", "1 to 200 characters"),
        ({"name": "x" * 201}, "name", "1 to 200 characters"),
        ({"email": "dispatch"}, "email", "looks like dispatch@partner.example"),
        ({"email": "a@b c"}, "email", "looks like"),
        ({"email": "a@b, c@d"}, "email", "looks like"),
        ({"email": "a\x07b@c.example"}, "email", "looks like"),
        ({"email": "a\u202eb@c.example"}, "email", "looks like"),
        ({"email": "a@c.exam\x00ple"}, "email", "looks like"),
        ({"name": "Night\x00ferry"}, "name", "that can be read"),
        ({"categories": [f"c{n}" for n in range(51)]}, "categories", "At most 50 categories"),
        ({"categories": ["x" * 501]}, "categories", "500 characters"),
        ({"least_priority": 0}, "least_priority", "from 1 to 4"),
        ({"least_priority": 5}, "least_priority", "from 1 to 4"),
        ({"at_once": 0}, "at_once", "from 1 to 1,000"),
        ({"at_once": 9}, "at_once", "cannot work on 9 at once when it takes 8 at most"),
        ({"most": 0}, "most", "from 1 to 10,000"),
        ({"most": MOST + 1}, "most", "from 1 to 10,000"),
        ({"lead_min": -1}, "lead_min", "from 0 to 43,200"),
        ({"price": Decimal(-1), "currency": "EUR"}, "price", "0 or more"),
        ({"price": Decimal("1.005"), "currency": "EUR"}, "price", "two decimals"),
        ({"price": Decimal(10) ** 10, "currency": "EUR"}, "price", "0 or more"),
        ({"price": Decimal("1E+999999"), "currency": "EUR"}, "price", "0 or more"),
        ({"price": Decimal("1E-999999"), "currency": "EUR"}, "price", "two decimals"),
        ({"price": Decimal("NaN"), "currency": "EUR"}, "price", "0 or more"),
        ({"price": Decimal(85)}, "currency", "in which currency"),
        ({"price": Decimal(85), "currency": "€"}, "currency", "three letters"),
        ({"currency": "EUR"}, "price", "leave the currency empty too"),
        ({"note": "x" * 2001}, "note", "2000 characters"),
        ({"note": "Ask\x00Io"}, "note", "without the character of code 0"),
    ],
)
def test_what_makes_no_sense_is_refused(desk_id, said, field, words):
    """With the field that it is about; nothing is kept."""
    with pytest.raises(InvalidFacts, match=words) as refused:
        partner_add(desk_id, **{**LEAST, **said}, **HOW)
    assert refused.value.details["field"] == field
    assert partner_list(desk_id, include_retired=True) == []


def test_all_that_is_wrong_is_told_at_once(desk_id):
    """Whoever fills the form mends it in one go; what follows from a number that is wrong is not told beside it."""
    with pytest.raises(InvalidFacts) as refused:
        partner_add(desk_id, name="", at_once=0, most=0, lead_min=-5, currency="Euro", **HOW)
    told = [slip.details["field"] for slip in slips_of(refused.value)]
    assert told == ["name", "at_once", "most", "lead_min", "currency"]


@pytest.mark.parametrize(
    ("text", "price"), [("85", "85"), ("85.5", "85.5"), (" 85,50 ", "85.50"), ("0", "0"), ("", None), ("  ", None)]
)
def test_a_price_is_read(text, price):
    """With a point or a comma; no text is no price."""
    assert price_of(text) == (None if price is None else Decimal(price))


@pytest.mark.parametrize("text", ["-1", "1e3", "1.234", "1,234.00", "EUR 85", "٣", "12345678901", "NaN"])
def test_what_is_no_price_is_refused(text):
    """With an example; thousands with a comma would else be read as something else."""
    with pytest.raises(InvalidFacts, match="such as 85 or 85.50"):
        price_of(text)


SAID = st.fixed_dictionaries(
    {
        "name": st.text(min_size=1, max_size=220), "email": st.sampled_from(["", "a@b.example", "nobody", "a\x00@b.example"]),
        "categories": st.lists(st.text(max_size=20), max_size=4), "least_priority": st.integers(-1, 6),
        "at_once": st.integers(-1, AT_ONCE + 1), "most": st.integers(-1, MOST + 1),
        "lead_min": st.integers(-1, LEAD_MIN + 1),
        "price": st.none() | st.decimals(-1, 10**11, places=3) | st.decimals(0, 10**9, places=2),
        "currency": st.sampled_from(["", "EUR", "usd", "€"]), "note": st.text(max_size=20),
    }
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=SAID)
def test_what_is_accepted_is_kept_as_it_is_and_says_the_same_again(desk_id, said):
    """Whatever the checks let through the database keeps, and checked once more it is no different."""
    try:
        values = checked(said)
    except InvalidFacts as error:
        values, told = None, {slip.details["field"] for slip in slips_of(error)}
    if values is None:
        assert told <= set(FACTS)
        return
    assert checked(values) == values
    with transaction.atomic():
        row = partner_get(Partner.objects.create(desk_id=desk_id, **values).id)
        assert {name: getattr(row, name) for name in FACTS} == {**values, "categories": tuple(values["categories"])}
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"least_priority": 0}, {"least_priority": 5}, {"at_once": 0}, {"most": 0}, {"lead_min": -1},
        {"price": Decimal(-1), "currency": "EUR"}, {"price": Decimal(1), "currency": ""},
        {"price": Decimal(1), "currency": "eur"}, {"price": None, "currency": "EUR"},
    ],
)  # fmt: skip
def test_the_database_refuses_what_no_service_lets_through(desk_id, wrong):
    """Its constraints hold whoever writes."""
    values = {**UNSAID, **LEAST, "categories": [], **wrong}
    with pytest.raises(IntegrityError, match="people_partner_"), transaction.atomic():
        Partner.objects.create(desk_id=desk_id, **values)


def test_a_change_leaves_the_rest_and_is_told(desk_id, ferry):
    """The trail holds what was different alone; of nothing that changes, nothing is kept."""
    assert partner_change(ferry, most=20, price=Decimal(310), currency="EUR", version=1, reason="new year", **HOW)
    row = partner_get(ferry)
    assert (row.most, row.at_once, str(row.price), row.version) == (20, 2, "310.00", 2)
    line = lines()[-1]
    assert (line.action, line.object_ref, line.reason) == ("partner_changed", "Nightferry", "new year")
    assert line.before == {"most": 8, "price": None, "currency": ""}
    assert line.after == {"most": 20, "price": "310.00", "currency": "EUR"}
    assert not partner_change(ferry, most=20, price=Decimal("310.0"), **HOW)
    assert (len(lines()), partner_get(ferry).version) == (2, 2)
    with pytest.raises(InvalidFacts, match="cannot work on 2 at once when it takes 1"):
        partner_change(ferry, most=1, **HOW)


def test_without_a_price_there_is_no_currency(desk_id, ferry):
    """It goes with the price that is not known any more; said on purpose it is refused."""
    partner_change(ferry, price=Decimal(310), currency="EUR", **HOW)
    with pytest.raises(InvalidFacts, match="leave the currency empty"):
        partner_change(ferry, price=None, currency="EUR", **HOW)
    assert partner_change(ferry, price=None, **HOW)
    assert (partner_get(ferry).price, partner_get(ferry).currency) == (None, "")


def test_a_name_is_that_of_one_partner(desk_id, ferry):
    """Of this desk alone; a retired one keeps its own, and the writer's transaction goes on after the conflict."""
    partner_retire(ferry, reason="ended", **HOW)
    with pytest.raises(Conflict, match="a partner called Nightferry already; a retired one keeps its name"):
        partner_add(desk_id, **LEAST, **HOW)
    other = partner_add(desk_id, **{**LEAST, "name": "Halden"}, **HOW)
    with pytest.raises(Conflict, match="called Nightferry"):
        partner_change(other, name=" Nightferry ", **HOW)
    assert partner_add(make_desk(), **LEAST, **HOW)
    assert partner_named(desk_id, "Halden", by=BOSS).version == 1


def test_who_comes_second_is_told_who_was_first(desk_id, ferry):
    """Of two who change or retire one at once: what it is now stands in the error."""
    partner_change(ferry, name="Nightboat", version=1, **HOW)
    with pytest.raises(Conflict, match=r"test \(console\) changed the partner Nightboat since") as told:
        partner_change(ferry, most=9, version=1, **HOW)
    assert (told.value.details["version"], told.value.details["changes"][0]["set"]) == (2, {"name": "Nightboat"})
    with pytest.raises(Conflict):
        partner_retire(ferry, reason="ended", version=1, **HOW)


def test_a_partner_is_retired_and_used_again(desk_id, ferry):
    """With a reason; it is listed no more unless asked for, and comes back as it was. Twice is nothing."""
    with pytest.raises(InvalidFacts, match="Say why"):
        partner_retire(ferry, reason=" ", **HOW)
    partner_retire(ferry, reason="ended", version=1, **HOW)
    assert partner_list(desk_id) == []
    assert [(row.name, row.is_active) for row in partner_list(desk_id, include_retired=True)] == [("Nightferry", False)]
    partner_retire(ferry, reason="ended", **HOW)
    partner_restore(ferry, reason="a new contract", version=2, **HOW)
    assert partner_list(desk_id) == [partner_get(ferry)]
    told = [(line.action, line.reason) for line in lines()]
    assert told == [
        ("partner_added", ""), ("partner_retired", "ended"), ("partner_restored", "a new contract")
    ]  # fmt: skip
    assert partner_get(ferry).version == 3


def test_partners_are_listed_by_name_with_one_query(desk_id, ferry, django_assert_num_queries):
    """Numbers by their size, retired ones last, and those of no other desk."""
    for name in ("Firm 10", "Firm 9", "Aged"):
        partner_add(desk_id, **{**LEAST, "name": name}, **HOW)
    partner_retire(partner_named(desk_id, "Aged", by=BOSS).id, reason="ended", **HOW)
    partner_add(make_desk(), **LEAST, **HOW)
    with django_assert_num_queries(1):
        assert [row.name for row in partner_list(desk_id)] == ["Firm 9", "Firm 10", "Nightferry"]
    with django_assert_num_queries(1):
        assert [row.name for row in partners_shown(desk_id, by=BOSS)][-1] == "Aged"


def test_only_who_may_edit_people_edits_partners(desk_id, ferry):
    """An agent reads them; somebody of another desk is told that there is none."""
    agent, stranger = actor(Role.AGENT, desk_id), actor(Role.MANAGER, make_desk())
    assert partner_seen(ferry, by=agent).name == "Nightferry"
    assert partner_named(desk_id, " Nightferry ", by=agent).id == ferry
    writes = (
        lambda by: partner_change(ferry, most=9, by=by, now=NOW),
        lambda by: partner_retire(ferry, reason="x", by=by, now=NOW),
        lambda by: partner_restore(ferry, reason="x", by=by, now=NOW),
    )
    for write in writes:
        with pytest.raises(NotAllowed):
            write(agent)
        with pytest.raises(NotFound):
            write(stranger)
    for by in (agent, stranger):
        with pytest.raises(NotAllowed):
            partner_add(desk_id, **{**LEAST, "name": "Mine"}, by=by, now=NOW)
    with pytest.raises(NotFound):
        partner_seen(ferry, by=stranger)
    with pytest.raises(NotAllowed):
        partners_shown(desk_id, by=stranger)
    with pytest.raises(NotFound, match="no partner “Halden”; there are Nightferry"):
        partner_named(desk_id, "Halden", by=agent)
    with pytest.raises(NotFound):
        partner_get(ferry + 1)
    assert (partner_get(ferry).version, len(lines())) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_name_the_same_partner_one_is_told():
    """However close: one partner stands, and the other hears that it does."""
    desk_id, ready, told = make_desk(), Barrier(2), []

    def name_it():
        ready.wait(5)
        try:
            told.append(partner_add(desk_id, **LEAST, **HOW) > 0)
        except Conflict as error:
            told.append(error.message)
        finally:
            connection.close()

    both = [Thread(target=name_it) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(10)
    said = "This desk has a partner called Nightferry already; a retired one keeps its name"
    assert sorted(told, key=str) == [True, said] or sorted(told, key=str) == [said, True]
    assert len(partner_list(desk_id)) == 1
