"""Who may open which page: every view declares its right; who visits, on which desk, and at what time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode

from django.http import HttpRequest
from django.urls import reverse

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import DeskClock, clock_get, wall_now
from watchbill.apps.inbox.queries import desks_in_making
from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.queries import actor_of_user, desk_list
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import NotAllowed, NotFound

PUBLIC = "public"
"""What `watchbill_right` says of the few addresses that ask for nobody's name."""

SIGNED_IN = "signed_in"
"""What `watchbill_right` says of a signed-in user's own account."""

DESK_KEY = "desk"
"""Under which name address and session hold the slug of the desk."""

View = TypeVar("View", bound=Callable[..., Any])


def requires(right: Right) -> Callable[[View], View]:
    """Open a view to signed-in users who hold *right*; on which desk is asked by `Visit.desk`, or by what it calls."""

    def declare(view: View) -> View:
        return _declared(view, right)

    return declare


def public(view: View) -> View:
    """Open a view to everybody."""
    return _declared(view, PUBLIC)


def own(view: View) -> View:
    """Open a view to every signed-in user: it shows and changes nothing but her own account."""
    return _declared(view, SIGNED_IN)


def _declared(view: View, right: Right | str) -> View:
    view.watchbill_right = right  # type: ignore[attr-defined]
    return view


class Visit:
    """One request by a signed-in user: read lazily, each thing once.

    ``right`` is what the view declared. ``now`` is desk time and ``wall_now`` the machine's, both fixed for the
    whole request.
    """

    def __init__(self, request: HttpRequest, actor: Actor, right: Right | str) -> None:
        self.request = request
        self.actor = actor
        self.right = right
        self.wall_now: datetime = wall_now()

    @cached_property
    def clock(self) -> DeskClock:
        return clock_get()

    @cached_property
    def now(self) -> datetime:
        return self.clock.at(self.wall_now)

    @cached_property
    def desks(self) -> list[DeskRow]:
        """The desks whose work the actor may see, by name."""
        return desk_list(by=self.actor)

    @cached_property
    def making(self) -> dict[int, float]:
        """How far each desk is that a demo is still making, from 0 to 1; the others are left out."""
        generated = [desk.id for desk in self.desks if desk.is_generated] if self.clock.is_moved else []
        return desks_in_making(generated)

    @cached_property
    def desk(self) -> DeskRow:
        """The desk of this page: the one named in the address, else the last one visited, else the first.

        Raises NotFound for a desk that is not to be seen, NotAllowed when the view's right is missing on it.
        """
        named = self.request.GET.get(DESK_KEY) or self.request.POST.get(DESK_KEY)
        if named:
            desk = self._named(named)
            if self.request.session.get(DESK_KEY) != desk.slug:
                self.request.session[DESK_KEY] = desk.slug
            return desk
        remembered = self.request.session.get(DESK_KEY)
        open_desks = [desk for desk in self.desks if self._is_open(desk)]
        for desk in open_desks:
            if desk.slug == remembered:
                return desk
        if not self.desks and may(self.actor, Right.DESK_EDIT, None):
            raise NotFound("There is no desk yet. Make the first one on the page Desks")
        if not open_desks:
            raise NotAllowed("No desk with this page is open to you. Ask somebody who may give roles")
        return open_desks[0]

    def _named(self, slug: str) -> DeskRow:
        desk = next((desk for desk in self.desks if desk.slug == slug), None)
        if desk is None:
            raise NotFound("There is no such desk, or you may not see it")
        if isinstance(self.right, Right):
            require(self.actor, self.right, desk.id)
        return desk

    def _is_open(self, desk: DeskRow) -> bool:
        return not isinstance(self.right, Right) or may(self.actor, self.right, desk.id)

    def be_on(self, desk_id: int) -> DeskRow:
        """Make the desk of the thing that the page shows the desk of this page. Raises NotFound, NotAllowed."""
        desk = next((desk for desk in self.desks if desk.id == desk_id), None)
        if desk is None:
            raise NotFound("There is no such thing, or you may not see it")
        if isinstance(self.right, Right):
            require(self.actor, self.right, desk_id)
        self.desk = desk
        return desk

    def may(self, right: Right) -> bool:
        """Say whether the actor has *right* on the desk of this page: for showing a control."""
        return may(self.actor, right, self.desk.id)

    def may_open_work(self) -> bool:
        """Say whether the actor may open an item on the desk of this page; nobody does while it is closed."""
        return self.desk.closed_at is None and self.may(Right.WORK_CREATE)

    def href(self, name: str, *args: object, **query: object) -> str:
        """Return the address of a page on this desk; empty values of the query string are left out."""
        wanted = {key: value for key, value in query.items() if value not in ("", None)}
        if len(self.desks) > 1 and DESK_KEY not in wanted:
            wanted[DESK_KEY] = self.desk.slug
        text = urlencode(wanted, doseq=True)
        return reverse(name, args=args or None) + (f"?{text}" if text else "")

    def hrefs(self, name: str, example: object, **query: object) -> Callable[[object], str]:
        """Return a function from a page's one argument to its address: for lists, which have many of them.

        *example* is any argument that the route takes and that stands nowhere else in the address.
        """
        before, _, after = self.href(name, example, **query).partition(str(example))
        return lambda argument: f"{before}{quote(str(argument), safe='')}{after}"


def visit_make(request: HttpRequest, right: Right | str) -> Visit | None:
    """Return the visit of a signed-in user, or None when nobody is signed in or the user is no longer active."""
    user = getattr(request, "user", None)  # none yet when a request is refused before sign-in was looked at
    if user is None or not user.is_authenticated:
        return None
    actor = actor_of_user(int(user.pk))
    return None if actor is None else Visit(request, actor, right)


def visit_of(request: HttpRequest) -> Visit:
    """Return the visit that the middleware made; views that are public have none."""
    return cast("Visit", request.visit)  # type: ignore[attr-defined]
