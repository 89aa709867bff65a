"""One's own account: theme, keys, password, API keys, and what one may do where."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people import users
from watchbill.apps.people.queries import token_list
from watchbill.apps.people.rights import GRANTS, RIGHT_SENTENCE, Role
from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web.access import own, visit_of
from watchbill.interfaces.web.errors import message_for, summary_of
from watchbill.interfaces.web.formats import day_and_year
from watchbill.interfaces.web.forms import back_of, text_of
from watchbill.interfaces.web.frame import ROLE_WORDS, page, toast_add
from watchbill.interfaces.web.viewmodels.account import AccountPage, KeyRow, RoleRow
from watchbill.interfaces.web.viewmodels.parts import Field, Option

LIVES = {"30": "30 days", "90": "90 days", "365": "One year"}


@never_cache
@require_safe
@own
def account(request: HttpRequest) -> HttpResponse:
    """Show the account."""
    return _account(request)


def _account(request: HttpRequest, *, error: InvalidFacts | None = None, secret: str = "") -> HttpResponse:
    visit = visit_of(request)
    names = {desk.id: desk.label for desk in visit.desks}
    roles = [
        RoleRow(
            role=ROLE_WORDS[Role(role)],
            desk="every desk" if desk_id is None else names.get(desk_id, "a desk"),
            may=[RIGHT_SENTENCE[right] for right in RIGHT_SENTENCE if right in GRANTS[Role(role)]],
        )
        for desk_id, held in visit.actor.roles.items()
        for role in sorted(held)
    ]
    username = request.user.get_username()
    keys = [
        KeyRow(
            label=row["label"],
            made=day_and_year(row["created_at"]),
            ends=day_and_year(row["expires_at"]) if row["expires_at"] else "never",
            revoke_href=reverse("account-key-revoke", args=[row["id"]]),
        )
        for row in token_list(by=visit.actor)
        if row["user__username"] == username
        and row["revoked_at"] is None
        and (row["expires_at"] is None or row["expires_at"] > visit.wall_now)
    ]
    shown = AccountPage(
        name=visit.actor.name, username=username, roles=roles, keys=keys, secret=secret,
        errors=summary_of(error) if error else None,
        password_href=reverse("account-password"), password_fields=_password_fields(error),
        key_href=reverse("account-key"), key_fields=_key_fields(error),
        password_is_open=error is not None and error.details.get("field") in {"old", "new"},
    )  # fmt: skip
    return page(
        request, "pages/account.html", "Your account", status=422 if error else 200, has_errors=error is not None,
        page=shown,
    )  # fmt: skip


def _password_fields(error: InvalidFacts | None) -> list[Field]:
    return [
        Field(name="old", label="Present password", kind="password", autocomplete="current-password", width="mid",
              error=message_for(error, "old"), is_required=True),
        Field(name="new", label="New password", kind="password", autocomplete="new-password", width="mid",
              hint="At least 8 characters, not only a common word", error=message_for(error, "new"), is_required=True),
    ]  # fmt: skip


def _key_fields(error: InvalidFacts | None) -> list[Field]:
    return [
        Field(name="label", label="What is it for?", width="mid", hint="For example: nightly report", is_required=True,
              error=message_for(error, "label")),
        Field(name="life", label="Ends after", kind="select", width="mid", error=message_for(error, "life"),
              options=[Option(value=value, label=label, is_chosen=value == "90") for value, label in LIVES.items()]),
    ]  # fmt: skip


@require_POST
@own
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep theme and single keys, and go back to the page that they were changed on."""
    theme = text_of(request.POST, "theme") or "system"
    users.preferences_set(int(request.user.pk or 0), theme=theme, has_single_keys="keys" in request.POST)
    return HttpResponseRedirect(back_of(request, reverse("account")))


@sensitive_post_parameters("old", "new")
@require_POST
@own
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; this session goes on, all others end."""
    visit = visit_of(request)
    user_id = int(request.user.pk or 0)
    try:
        users.password_change(
            user_id, old=request.POST.get("old", ""), new=request.POST.get("new", ""), by=visit.actor, now=visit.now
        )
    except InvalidFacts as error:
        return _account(request, error=error)
    user = ModelBackend().get_user(user_id)
    if user is not None:
        update_session_auth_hash(request, user)
    toast_add(request, "Password changed; your other sessions have ended")
    return HttpResponseRedirect(reverse("account"))


@never_cache
@require_POST
@own
def key_issue(request: HttpRequest) -> HttpResponse:
    """Make an API key and show its secret this once."""
    visit = visit_of(request)
    label, life = text_of(request.POST, "label"), text_of(request.POST, "life")
    if not label:
        return _account(request, error=InvalidFacts("Say what the key is for", field="label"))
    if life not in LIVES:
        return _account(request, error=InvalidFacts("Choose how long the key lives", field="life"))
    secret = users.token_issue(
        request.user.get_username(), label=label, life=timedelta(days=int(life)), by=visit.actor, now=visit.now
    )
    return _account(request, secret=secret)


@require_POST
@own
def key_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own API keys at once."""
    visit = visit_of(request)
    users.token_revoke(token_id, by=visit.actor, now=visit.now)
    toast_add(request, "Key revoked")
    return HttpResponseRedirect(reverse("account"))


urls = [
    path("account/", account, name="account"),
    path("account/preferences/", preferences, name="preferences"),
    path("account/password/", password, name="account-password"),
    path("account/keys/", key_issue, name="account-key"),
    path("account/keys/<int:token_id>/revoke/", key_revoke, name="account-key-revoke"),
]
