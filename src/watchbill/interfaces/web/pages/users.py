"""Users and roles: who may sign in, what each role allows, and every API key; for those who may edit users."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people import users as accounts
from watchbill.apps.people.queries import person_key, token_list, user_list
from watchbill.apps.people.rights import GRANTS, RIGHT_SENTENCE, Right, Role
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import day_and_year, moment
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import ROLE_WORDS, page, toast_add
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels.parts import Field, Option
from watchbill.interfaces.web.viewmodels.people import Form
from watchbill.interfaces.web.viewmodels.users import KeyLine, RoleHeld, UserLine, UsersPage

EVERYWHERE = "every desk"


@never_cache
@require_safe
@requires(Right.USER_EDIT)
def users(request: HttpRequest) -> HttpResponse:
    """List the users."""
    return _show(request)


def _show(request: HttpRequest, *, sent: Sent | None = None, link: str = "", link_for: str = "") -> HttpResponse:
    shown = users_page(visit_of(request), sent=sent, link=link, link_for=link_for)
    return page(
        request, "pages/users.html", "Users and roles", current="users", status=422 if sent else 200,
        has_errors=sent is not None, page=shown,
    )  # fmt: skip


def users_page(visit: Visit, *, sent: Sent | None = None, link: str = "", link_for: str = "") -> UsersPage:
    """Return the page; the number of queries does not depend on users."""
    rows = user_list(by=visit.actor)
    names = {desk.slug: desk.label for desk in visit.desks}
    return UsersPage(
        back_href=visit.href("policies"),
        users=[_user(visit, row, names) for row in rows],
        keys=_keys(visit),
        roles=[
            (words, [RIGHT_SENTENCE[right] for right in RIGHT_SENTENCE if right in GRANTS[role]])
            for role, words in ROLE_WORDS.items()
        ],
        new_form=_new_form(sent),
        grant_form=_grant_form(visit, [row["username"] for row in rows], sent),
        act_href=reverse("user-act"),
        role_href=reverse("user-role"),
        link=link,
        link_for=link_for,
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else "",
    )


def _user(visit: Visit, row: dict[str, object], names: dict[str, str]) -> UserLine:
    held: list[tuple[str, str | None]] = row["roles"]  # type: ignore[assignment]
    username = str(row["username"])
    return UserLine(
        username=username,
        name=str(row["name"]),
        person=str(row["person__name"] or ""),
        person_href=visit.href("person", row["person_id"]) if row["person_id"] else "",
        seen=moment(row["last_login"], visit.wall_now) + " UTC" if row["last_login"] else "never",  # type: ignore[arg-type]
        roles=[
            RoleHeld(
                label=f"{ROLE_WORDS[Role(role)]}, {names.get(slug, slug) if slug else EVERYWHERE}",
                drop=(("username", username), ("role", role), ("on", slug or ""), ("act", "take")),
            )
            for role, slug in held
        ],
        is_active=bool(row["is_active"]),
        is_me=row["id"] == visit.actor.user_id,
    )


def _keys(visit: Visit) -> list[KeyLine]:
    return [
        KeyLine(
            label=row["label"],
            username=row["user__username"],
            made=day_and_year(row["created_at"]),
            ends=day_and_year(row["expires_at"]) if row["expires_at"] else "never",
            revoke_href=reverse("user-key-revoke", args=[row["id"]]),
        )
        for row in token_list(by=visit.actor)
        if row["revoked_at"] is None and (row["expires_at"] is None or row["expires_at"] > visit.wall_now)
    ]


def _new_form(sent: Sent | None) -> Form:
    def field(name: str, label: str, hint: str = "", kind: str = "text", *, is_required: bool = False) -> Field:
        return Field(
            name=name, label=label, hint=hint, kind=kind, value=value_of(sent, "new", name), is_required=is_required,
            error=message_of(sent, "new", name),
        )  # fmt: skip

    return Form(
        name="new",
        title="Make a user",
        action_href=reverse("user-new"),
        submit="Make the user",
        is_open=sent is not None and sent.form == "new",
        hint="A one-time link is shown afterwards: with it the user chooses a password.",
        fields=[
            field("username", "Signs in as", "1 to 150 characters without spaces", is_required=True),
            field("name", "Name", is_required=True),
            field("email", "Mail", kind="email"),
            field("person", "Is this person of the desk", "Whole name, or empty"),
        ],
    )


def _grant_form(visit: Visit, usernames: list[str], sent: Sent | None) -> Form:
    def choice(name: str, label: str, options: list[tuple[str, str]]) -> Field:
        chosen = value_of(sent, "grant", name)
        shown = [Option(value=value, label=said, is_chosen=value == chosen) for value, said in options]
        return Field(name=name, label=label, kind="select", options=shown, error=message_of(sent, "grant", name))

    return Form(
        name="grant",
        title="Give a role",
        action_href=reverse("user-role"),
        submit="Give it",
        is_open=sent is not None and sent.form == "grant",
        hidden=(("act", "give"),),
        fields=[
            choice("username", "To", [(name, name) for name in usernames]),
            choice("role", "Role", [(role.value, words) for role, words in ROLE_WORDS.items()]),
            choice("on", "On", [*((desk.slug, desk.label) for desk in visit.desks), ("", EVERYWHERE)]),
        ],
    )


def _do(request: HttpRequest, form: str, act: Callable[[Visit], str]) -> HttpResponse:
    """Do what a form asks; refused, show the page with its input and what is wrong."""
    try:
        said = act(visit_of(request))
    except (InvalidFacts, Conflict, NotFound) as error:
        field = str(error.details.get("field") or ("username" if isinstance(error, Conflict) else ""))
        return _show(request, sent=Sent.refused(form, request.POST, InvalidFacts(error.message, field=field)))
    toast_add(request, said)
    return HttpResponseRedirect(reverse("users"))


@never_cache
@require_POST
@requires(Right.USER_EDIT)
def user_new(request: HttpRequest) -> HttpResponse:
    """Make a user and show her one-time link."""
    visit = visit_of(request)
    username = text_of(request.POST, "username")
    try:
        person = text_of(request.POST, "person")
        person_id = person_key(visit.desk.id, person, by=visit.actor) if person else None
        accounts.user_create(
            username, name=text_of(request.POST, "name"), email=text_of(request.POST, "email"), person_id=person_id,
            by=visit.actor, now=visit.now,
        )  # fmt: skip
    except (InvalidFacts, Conflict, NotFound) as error:
        field = str(error.details.get("field") or "username")
        return _show(request, sent=Sent.refused("new", request.POST, InvalidFacts(error.message, field=field)))
    return _link(request, visit, username)


def _link(request: HttpRequest, visit: Visit, username: str) -> HttpResponse:
    secret = accounts.link_issue(username=username, label=f"made by {visit.actor.name}", by=visit.actor, now=visit.now)
    return _show(request, link=request.build_absolute_uri(reverse("link", args=[secret])), link_for=username)


@never_cache
@require_POST
@requires(Right.USER_EDIT)
def user_act(request: HttpRequest) -> HttpResponse:
    """Take a user's access away, give it back, or make a one-time link to choose a new password."""
    visit = visit_of(request)
    username, act = text_of(request.POST, "username"), request.POST.get("act", "")
    if act == "link":
        return _link(request, visit, username)

    def do(visit: Visit) -> str:
        if act not in {"off", "on"}:
            raise InvalidFacts("There is nothing like that to do")
        accounts.user_activity_set(username, is_active=act == "on", by=visit.actor, now=visit.now)
        return f"{username} may sign in again" if act == "on" else f"{username} may no longer sign in"

    return _do(request, "act", do)


@require_POST
@requires(Right.USER_EDIT)
def user_role(request: HttpRequest) -> HttpResponse:
    """Give a role on one desk or on every desk, or take it away."""

    def do(visit: Visit) -> str:
        is_granted = request.POST.get("act") != "take"
        role = text_of(request.POST, "role")
        if role not in set(Role):
            raise InvalidFacts("Choose a role", field="role")
        slug = request.POST.get("on", "")
        desk = next((desk for desk in visit.desks if desk.slug == slug), None)
        if slug and desk is None:
            raise NotFound("There is no such desk", field="on")
        username = text_of(request.POST, "username")
        accounts.role_grant(
            username,
            Role(role),
            desk_id=desk.id if desk else None,
            is_granted=is_granted,
            by=visit.actor,
            now=visit.now,
        )
        where = desk.label if desk else EVERYWHERE
        return f"{username}: {ROLE_WORDS[Role(role)].lower()} on {where} {'given' if is_granted else 'taken away'}"

    return _do(request, "grant", do)


@require_POST
@requires(Right.USER_EDIT)
def key_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End anybody's API key at once."""

    def do(visit: Visit) -> str:
        accounts.token_revoke(token_id, by=visit.actor, now=visit.now)
        return "Key revoked"

    return _do(request, "key", do)


urls = [
    path("users/", users, name="users"),
    path("users/new/", user_new, name="user-new"),
    path("users/act/", user_act, name="user-act"),
    path("users/role/", user_role, name="user-role"),
    path("users/keys/<int:token_id>/revoke/", key_revoke, name="user-key-revoke"),
]
