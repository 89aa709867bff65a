"""The first page: in a demo the door with one click a role, elsewhere the page where each visitor's day starts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.inbox.queries import desks_in_making
from watchbill.apps.people.queries import desk_by_id, desk_ids
from watchbill.apps.people.rights import Role
from watchbill.flows import clockwork
from watchbill.interfaces.web.access import SIGNED_IN, public, visit_make
from watchbill.interfaces.web.formats import percent
from watchbill.interfaces.web.forms import back_of
from watchbill.interfaces.web.frame import ROLE_WORDS, landing_href
from watchbill.interfaces.web.pages.signin import enter
from watchbill.interfaces.web.viewmodels.start import DeskDoors, Door, StartPage

SEES: dict[Role, str] = {
    Role.AGENT: "Works on cases: own queue, notes, states, next steps",
    Role.COORDINATOR: "Gives work to people and answers Watchbill's suggestions",
    Role.QUEUE_MANAGER: "Watches the whole queue, changes many at once, sets autopilot",
    Role.MANAGER: "Corrects people, hours and skills, publishes policies",
    Role.ADMIN: "Everything, users and their roles included",
    Role.AUDITOR: "Reads everything, changes nothing, verifies the audit trail",
}
FIRST = Role.QUEUE_MANAGER
"""Who sees most of what the demo shows: offered first."""


@never_cache
@require_safe
@public
def home(request: HttpRequest) -> HttpResponse:
    """Lead a signed-in visitor to the page of her role, and everybody else to the door."""
    visit = visit_make(request, SIGNED_IN)
    return HttpResponseRedirect(reverse("start") if visit is None else landing_href(visit))


@never_cache
@require_safe
@public
def start(request: HttpRequest) -> HttpResponse:
    """Offer the roles of a demo; a real installation has none to offer and leads to the sign-in page."""
    users = clockwork.demo_users_list()
    if not users:
        visit = visit_make(request, SIGNED_IN)
        return HttpResponseRedirect(reverse("sign-in") if visit is None else landing_href(visit))
    doors = [
        Door(
            label=user.name if user.desk else ROLE_WORDS[user.role], text=SEES[user.role], href=reverse("start-enter", args=[user.username]),
            note=f"as {user.person}" if user.person else "", is_first=user.role is FIRST, desk=user.desk,
        )
        for user in sorted(users, key=lambda user: user.role is not FIRST)
    ]  # fmt: skip
    desks = [desk_by_id(desk_id) for desk_id in desk_ids()]
    making = desks_in_making([desk.id for desk in desks if desk.is_generated])
    page = StartPage(
        doors=[door for door in doors if not door.desk],
        second=[
            DeskDoors(
                title=desk.label,
                doors=[door for door in doors if door.desk == desk.name],
                progress=f"Being made: {percent(making[desk.id])}" if desk.id in making else "",
            )
            for desk in desks
            if desk.is_generated
        ],
        notes=[desk.note for desk in desks if desk.note],
        back=back_of(request, ""),
    )
    return render(request, "pages/start.html", {"title": "The demo", "has_errors": False, "page": page})


@never_cache
@require_POST
@public
def start_enter(request: HttpRequest, username: str) -> HttpResponse:
    """Sign in as one of the demo's users; everywhere else, and for everybody else, the answer is no."""
    return enter(request, clockwork.demo_user_id(username), way="demo")


urls = [
    path("", home, name="home"),
    path("start/", start, name="start"),
    path("start/<str:username>/", start_enter, name="start-enter"),
]
