"""Nobody may do anything unless a role says so; access ends at once; keys and links open as stated."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, NOW, actor, make_desk, make_person
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.people import models, services, users
from watchbill.apps.people import queries as people
from watchbill.apps.people.rights import GRANTS, RIGHT_SENTENCE, Right, Role, desks_of, may, require
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound

pytestmark = pytest.mark.django_db

GOOD_PASSWORD = "tidal-watch-seven"


def test_without_a_role_nothing_is_allowed():
    """Denied by default: every right, on every desk and on none."""
    nobody = Actor(name="Nobody")
    assert not any(may(nobody, right, desk) for right in Right for desk in (None, 1))
    with pytest.raises(NotAllowed, match="see the desk's work"):
        require(nobody, Right.WORK_VIEW, 1)


def test_a_role_on_one_desk_says_nothing_about_another():
    """An admin of desk 1 is a stranger on desk 2, and has no right that needs every desk."""
    admin = actor(Role.ADMIN, 1)
    assert may(admin, Right.USER_EDIT, 1)
    assert not may(admin, Right.USER_EDIT, 2)
    assert not may(admin, Right.USER_EDIT, None)
    assert desks_of(admin) == frozenset({1})
    assert desks_of(actor(Role.AUDITOR, None)) is None


def test_every_right_has_its_sentence_and_somebody_who_holds_it():
    """The page of roles can name each right, and none is out of reach."""
    assert set(RIGHT_SENTENCE) == set(Right)
    assert frozenset().union(*GRANTS.values()) == frozenset(Right)


def test_a_missing_right_is_named_as_it_is_written():
    """A name inside the sentence keeps its capitals."""
    with pytest.raises(NotAllowed, match="make users, give roles, make and revoke API keys"):
        require(Actor(name="Nobody"), Right.USER_EDIT, None)


def test_an_auditor_reads_and_changes_nothing():
    """Of what changes work, people or policies, an auditor holds no right."""
    assert all(
        right.value.endswith(("_view", "_export")) or right is Right.CLOCK_MOVE for right in GRANTS[Role.AUDITOR]
    )


def test_who_may_make_users():
    """The right to edit users is needed, on every desk."""
    with pytest.raises(NotAllowed):
        users.user_create("eve", name="Eve", by=actor(Role.MANAGER, None), now=NOW)
    users.user_create("ann", name="Ann", password=GOOD_PASSWORD, by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="ann"):
        users.user_create("ann", name="Ann", by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="too short"):
        users.user_create("bob", name="Bob", password="a1", by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="no spaces"):
        users.user_create("b ob", name="Bob", by=BOSS, now=NOW)


def test_a_key_opens_until_it_is_revoked_and_its_secret_is_not_kept():
    """The database holds a digest only; a revoked key is nobody."""
    users.user_create("ann", name="Ann", by=BOSS, now=NOW)
    users.role_grant("ann", Role.AGENT, by=BOSS, now=NOW)
    secret = users.token_issue("ann", label="script", by=BOSS, now=NOW)
    assert people.actor_of_token(secret).roles == {None: frozenset({"agent"})}
    assert not models.Token.objects.filter(digest__contains=secret[3:]).exists()
    users.token_revoke(people.token_list(by=BOSS)[0]["id"], by=BOSS, now=NOW)
    assert people.actor_of_token(secret) is None
    assert people.actor_of_token("wb_guess") is None


def test_deactivating_a_person_ends_her_access_at_once():
    """Her user, her sessions' actor and her keys are gone with the act, and the audit log says why."""
    desk = make_desk(has_clocks=False)
    person = make_person(desk, "Ann")
    user = users.user_create("ann", name="Ann", person_id=person, by=BOSS, now=NOW)
    secret = users.token_issue("ann", label="script", by=BOSS, now=NOW)
    services.person_activity_set(person, is_active=False, reason="left the company", by=BOSS, now=NOW)
    assert people.actor_of_user(user) is None
    assert people.actor_of_token(secret) is None
    assert AuditEvent.objects.get(action="person_deactivated").reason == "left the company"
    with pytest.raises(InvalidFacts, match="Say why"):
        services.person_activity_set(person, is_active=True, reason=" ", by=BOSS, now=NOW)


def test_the_first_admin_comes_in_by_a_link_that_opens_once():
    """The link makes one admin; a second use, and a second first admin, are refused."""
    secret = users.link_issue(label="first admin", by=BOSS, now=NOW)
    assert people.link_get(secret) is not None
    user = users.link_use(secret, username="root", password=GOOD_PASSWORD, by=BOSS, now=NOW)
    assert may(people.actor_of_user(user), Right.USER_EDIT, None)
    assert people.link_get(secret) is None
    with pytest.raises(NotFound, match="was used"):
        users.link_use(secret, username="eve", password=GOOD_PASSWORD, by=BOSS, now=NOW)
    with pytest.raises(NotAllowed, match="exists already"):
        users.link_issue(label="first admin", by=BOSS, now=NOW)


def test_two_links_for_the_first_admin_make_one_admin():
    """Printed twice before anybody came: the second link is refused once there is an admin."""
    first, second = (users.link_issue(label="first admin", by=BOSS, now=NOW) for _ in range(2))
    users.link_use(first, username="root", password=GOOD_PASSWORD, by=BOSS, now=NOW)
    with pytest.raises(NotAllowed):
        users.link_use(second, username="eve", password=GOOD_PASSWORD, by=BOSS, now=NOW)
    assert models.User.objects.count() == 1


def test_a_used_link_ends_the_users_other_links():
    """Whoever lost one link and was sent another is not opened to by the first for a day."""
    users.user_create("kim", name="Kim", by=BOSS, now=NOW)
    lost, sent = (users.link_issue(username="kim", label="x", by=BOSS, now=NOW) for _ in range(2))
    users.link_use(sent, username="kim", password=GOOD_PASSWORD, by=BOSS, now=NOW)
    assert people.link_get(lost) is None
    with pytest.raises(NotFound):
        users.link_use(lost, username="kim", password="other-watch-seven", by=BOSS, now=NOW)


def test_a_deactivated_user_comes_back_without_her_keys_and_links():
    """Taking her back gives her name and roles back, not what may be in other hands by now."""
    users.user_create("kim", name="Kim", by=BOSS, now=NOW)
    key = users.token_issue("kim", label="script", by=BOSS, now=NOW)
    link = users.link_issue(username="kim", label="x", by=BOSS, now=NOW)
    users.user_activity_set("kim", is_active=False, by=BOSS, now=NOW)
    users.user_activity_set("kim", is_active=True, by=BOSS, now=NOW)
    assert people.actor_of_username("kim").name == "Kim"
    assert people.actor_of_token(key) is None
    assert people.link_get(link) is None


def test_users_made_at_the_console_do_not_stand_in_the_way_of_the_first_admin():
    """Until somebody is administrator of every desk, the link opens and a new one is made, whoever else there is."""
    secret = users.link_issue(label="first admin", by=BOSS, now=NOW)
    users.user_create("kim", name="Kim", by=BOSS, now=NOW)
    users.role_grant("kim", Role.MANAGER, by=BOSS, now=NOW)
    assert people.link_get(secret) is not None
    assert users.link_issue(label="first admin", by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="kim"):
        users.link_use(secret, username="kim", password=GOOD_PASSWORD, by=BOSS, now=NOW)
    user = users.link_use(secret, username="root", password=GOOD_PASSWORD, by=BOSS, now=NOW)
    assert may(people.actor_of_user(user), Right.USER_EDIT, None)


def test_a_link_for_the_first_admin_is_closed_once_there_is_one():
    """Nobody fills in a form that leads nowhere."""
    secret = users.link_issue(label="first admin", by=BOSS, now=NOW)
    users.user_create("kim", name="Kim", by=BOSS, now=NOW)
    users.role_grant("kim", Role.ADMIN, by=BOSS, now=NOW)
    assert people.link_get(secret) is None


def test_the_last_administrator_stays():
    """Taking her role, her access or her person away is refused; with a second one each is possible."""
    person = make_person(make_desk(has_clocks=False), "Ann")
    users.user_create("ann", name="Ann", person_id=person, by=BOSS, now=NOW)
    users.role_grant("ann", Role.ADMIN, by=BOSS, now=NOW)
    acts = (
        lambda: users.role_grant("ann", Role.ADMIN, is_granted=False, by=BOSS, now=NOW),
        lambda: users.user_activity_set("ann", is_active=False, by=BOSS, now=NOW),
        lambda: services.person_activity_set(person, is_active=False, reason="left", by=BOSS, now=NOW),
    )
    for act in acts:
        with pytest.raises(InvalidFacts, match="only administrator"):
            act()
    assert people.admin_is_any()
    users.user_create("bea", name="Bea", by=BOSS, now=NOW)
    users.role_grant("bea", Role.ADMIN, by=BOSS, now=NOW)
    for act in acts:
        act()


def test_a_correction_by_hand_conflicts_with_one_that_came_first():
    """Two managers open the same person; the second is told."""
    desk = make_desk(has_clocks=False)
    person = make_person(desk, "Ann")
    services.person_update(person, version=1, values={"wip_limit": 3}, by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="changed Ann since"):
        services.person_update(person, version=1, values={"wip_limit": 9}, by=BOSS, now=NOW)
    assert people.person_get(person, by=BOSS).wip_limit == 3


@pytest.mark.parametrize("values", [{"zone": "Mars/Olympus"}, {"wip_limit": -1}, {"is_active": False}])
def test_a_correction_that_does_not_fit_is_refused(values):
    """Zones that do not exist, limits below nothing, and fields that are acts of their own."""
    person = make_person(make_desk(has_clocks=False))
    with pytest.raises(InvalidFacts):
        services.person_update(person, version=1, values=values, by=BOSS, now=NOW)


def test_the_audit_log_cannot_be_rewritten():
    """The database refuses to change what was written down."""
    from django.db import DatabaseError, transaction

    make_desk(has_clocks=False)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        AuditEvent.objects.update(action="nothing")
