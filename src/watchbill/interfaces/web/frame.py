"""The frame of every page, built in one place: clocks, navigation, desks, demo time, account, keys, toast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from watchbill.apps.core.queries import wall_now
from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.rights import GRANTS, Right, Role, may, may_somewhere
from watchbill.engine.base.errors import WatchbillError
from watchbill.flows.assign.answers import UNDO_S
from watchbill.interfaces.web.access import SIGNED_IN, Visit, visit_make, visit_of
from watchbill.interfaces.web.demoband import demo_time
from watchbill.interfaces.web.formats import day_and_year, percent
from watchbill.interfaces.web.viewmodels import frame as model
from watchbill.interfaces.web.viewmodels.parts import Link, Toast

UNDO_TAG = "undo:"
"""How a message says what it can take back: ``undo:<wall instant of the act>:<address>``."""

REGION_CLOCKS = 4
"""Clocks of regions beside UTC: what the top of a page has room for."""
EXAMPLE_ID = 987654321
"""Any key: it stands in an address until the real one takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page of the navigation: shown to those who hold its right."""

    name: str
    label: str
    icon: str
    key: str
    right: Right
    group: str
    is_of_desk: bool = True


PLACES: tuple[Place, ...] = (
    Place(name="board", label="Board", icon="board", key="b", right=Right.WORK_VIEW, group="Now"),
    Place(name="cases", label="Cases", icon="cases", key="c", right=Right.WORK_VIEW, group="Now"),
    Place(name="balance", label="Balance", icon="balance", key="l", right=Right.PEOPLE_VIEW, group="Now"),
    Place(name="me", label="My work", icon="me", key="m", right=Right.WORK_VIEW, group="Now"),
    Place(name="risk", label="Risk", icon="risk", key="k", right=Right.WORK_VIEW, group="Now"),
    Place(name="alerts", label="Alerts", icon="alerts", key="e", right=Right.WORK_VIEW, group="Now"),
    Place(name="people", label="People", icon="people", key="p", right=Right.PEOPLE_VIEW, group="People & work"),
    Place(name="queues", label="Queues", icon="queues", key="u", right=Right.WORK_VIEW, group="People & work"),
    Place(name="customers", label="Customers", icon="customers", key="t", right=Right.WORK_VIEW, group="People & work"),
    Place(name="attainment", label="Attainment", icon="attainment", key="n", right=Right.WORK_VIEW, group="Learn"),
    Place(name="whatif", label="What-if", icon="whatif", key="w", right=Right.POLICY_VIEW, group="Learn"),
    Place(name="imports", label="Imports", icon="imports", key="i", right=Right.IMPORT_VIEW, group="System"),
    Place(name="policies", label="Policies", icon="policies", key="o", right=Right.POLICY_VIEW, group="System"),
    Place(name="audit", label="Audit trail", icon="audit", key="a", right=Right.AUDIT_VIEW, group="System"),
    Place(name="desks", label="Desks", icon="board", key="d", right=Right.DESK_EDIT, group="System", is_of_desk=False),
    Place(name="users", label="Users", icon="users", key="r", right=Right.USER_EDIT, group="System", is_of_desk=False),
)

OF_DESK = frozenset(place.name for place in PLACES if place.is_of_desk)

ROLE_WORDS: dict[Role, str] = {
    Role.ADMIN: "Administrator",
    Role.MANAGER: "Manager",
    Role.QUEUE_MANAGER: "Queue manager",
    Role.COORDINATOR: "Coordinator",
    Role.AGENT: "Agent",
    Role.AUDITOR: "Auditor",
}
"""Roles as people call them, the widest first: an account shows the first that it holds."""


def roles_with(right: Right) -> str:
    """Name the roles that give a right: "administrator or manager"."""
    *others, last = [name.lower() for role, name in ROLE_WORDS.items() if right in GRANTS[role]]
    return f"{', '.join(others)} or {last}" if others else last


LANDING: dict[Role, str] = {
    Role.ADMIN: "policies",
    Role.MANAGER: "balance",
    Role.QUEUE_MANAGER: "board",
    Role.COORDINATOR: "board",
    Role.AGENT: "me",
    Role.AUDITOR: "audit",
}
"""Where each role starts its day."""

KEYS = (
    model.KeyGroup(
        title="Anywhere",
        rows=(
            (("Ctrl", "K"), "command palette"),
            (("/",), "search"),
            (("G", "B"), "go to Board; G and a letter for each page"),
            (("U",), "undo"),
            (("Esc",), "close"),
            (("?",), "these keys"),
        ),
    ),
    model.KeyGroup(
        title="Lists",
        rows=(
            (("J", "K"), "move"),
            (("Enter",), "open"),
            (("Space",), "peek: read it beside the list"),
            (("X",), "select"),
            (("Shift", "X"), "select a range"),
            (("F",), "filter"),
            ((".",), "why"),
        ),
    ),
    model.KeyGroup(
        title="Suggestions",
        rows=((("Y",), "accept"), (("A",), "somebody else"), (("N",), "decline")),
    ),
    model.KeyGroup(
        title="Case",
        rows=(
            (("A",), "assign"),
            (("T",), "take it"),
            (("S",), "state"),
            (("P",), "priority"),
            (("Q",), "queue"),
            (("M",), "merge it into another"),
            (("W",), "work note"),
            (("N",), "next step"),
            (("J", "K"), "next and previous case"),
        ),
    ),
)


def places_of(visit: Visit) -> list[Place]:
    """Return the pages that the visitor may open, in the order of the navigation; none of a desk while there is none."""
    is_anybody, has_desk = visit.actor.person_id is not None, bool(visit.desks)
    return [
        place
        for place in PLACES
        if may_somewhere(visit.actor, place.right)
        and (place.name != "me" or is_anybody)
        and (has_desk or not place.is_of_desk)
    ]


def roles_held(visit: Visit) -> set[Role]:
    """Return the roles that the visitor holds on any desk."""
    return {Role(name) for names in visit.actor.roles.values() for name in names}


def landing_href(visit: Visit) -> str:
    """Return where the visitor's day starts, by the widest of her roles; her account when she has none, or no desk.

    Who may make a desk where there is none starts there.
    """
    if not visit.desks:
        return reverse("desks" if may(visit.actor, Right.DESK_EDIT, None) else "account")
    held = roles_held(visit)
    for role in ROLE_WORDS:
        if role not in held:
            continue
        is_nobody = LANDING[role] == "me" and visit.actor.person_id is None
        return reverse("board" if is_nobody else LANDING[role])
    return reverse("account")


def page(
    request: HttpRequest,
    template: str,
    title: str,
    *,
    current: str = "",
    status: int = 200,
    has_errors: bool = False,
    **context: Any,
) -> HttpResponse:
    """Render a whole page of a signed-in user with its frame. *current* names its place in the navigation."""
    around = frame_of(visit_of(request), title, current=current, has_errors=has_errors)
    return render(request, template, {"frame": around, **context}, status=status)


def frame_of(visit: Visit, title: str, *, current: str = "", has_errors: bool = False) -> model.Frame:
    """Return everything around a page of a signed-in user. Takes the waiting toast, so build it once a page."""
    user: Any = visit.request.user
    theme = "" if user.theme == "system" else user.theme
    desk_is_open = bool(visit.desks)
    return model.Frame(
        title=title,
        home_href=landing_href(visit),
        clock=desk_clock(visit),
        regions=_regions(visit),
        nav=_nav(visit, current),
        account=model.Account(
            name=visit.actor.name,
            role=role_words(visit),
            href=reverse("account"),
            theme=theme,
            has_keys=user.has_single_keys,
            preferences_href=reverse("preferences"),
            sign_out_href=reverse("sign-out"),
        ),
        bell=_bell(visit),
        bell_href=reverse("notices-count"),
        keys=KEYS,
        palette_href=visit.href("palette") if desk_is_open else reverse("palette"),
        here=visit.request.get_full_path() if visit.request.method == "GET" else "",
        desks=_desks(visit, current),
        demo=demo_time(visit) if visit.clock.is_moved else None,
        live_href=live_href(visit) if desk_is_open and may_somewhere(visit.actor, Right.WORK_VIEW) else "",
        toast=_toast(visit),
        theme=theme,
        has_errors=has_errors,
        closed=_closed(visit, current) if desk_is_open else None,
        generated=_generated(visit, current) if desk_is_open else None,
    )


def _bell(visit: Visit) -> Link:
    """Return the way to what was told the visitor; how much of it is new is asked for when the page stands (`notices-count`)."""
    href = visit.href("notices") if visit.desks else reverse("notices")
    return Link(label="Told me", href=href, icon="alerts")


def _closed(visit: Visit, current: str) -> model.Closed | None:
    """Say on every page of a closed desk that it is; only those see it who may open it again."""
    since = visit.desk.closed_at
    if since is None or current not in OF_DESK:
        return None
    text = f"This desk is closed since {day_and_year(since)}; it takes no new work."
    return model.Closed(text=text, href=visit.href("desks"))


def _generated(visit: Visit, current: str) -> model.Generated | None:
    """Say on every page of a generated desk that nothing of it is real, and how far it is while it is being made."""
    if not visit.desk.is_generated or current not in OF_DESK:
        return None
    share = visit.making.get(visit.desk.id)
    return model.Generated(
        text="No person, customer or case of this desk exists",
        progress="" if share is None else f"It is still being made: {percent(share)}. Cases appear as they are loaded.",
    )


def frame_if_any(request: HttpRequest, title: str) -> model.Frame | None:
    """Return the frame for an error page of a signed-in user; None for others, or when it cannot be built."""
    visit = visit_make(request, SIGNED_IN)
    if visit is None:
        return None
    try:
        return frame_of(visit, title)
    except WatchbillError:  # the desk in the address is none: any other will do
        if visit.desks:
            visit.desk = visit.desks[0]
        return frame_of(visit, title)


def now_of(request: HttpRequest) -> datetime:
    """Return desk time of a signed-in user's request, else the machine's."""
    visit: Visit | None = getattr(request, "visit", None)
    return wall_now() if visit is None else visit.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The part of the frame that live updates bring along."""

    clock: model.DeskClock
    regions: Sequence[model.RegionClock]
    demo: model.DemoTime | None
    here: str


def clocks_of(visit: Visit, *, here: str) -> Clocks:
    """Return the desk's clock, and a demo's band, for a live update of the page *here*."""
    demo = demo_time(visit) if visit.clock.is_moved else None
    return Clocks(clock=desk_clock(visit), regions=_regions(visit), demo=demo, here=here)


def desk_clock(visit: Visit) -> model.DeskClock:
    """Return desk time as it is now, and how it goes on."""
    return model.DeskClock(
        now=visit.now,
        wall_now=visit.wall_now,
        rate=visit.clock.rate if visit.clock.is_moved else 1.0,
        limit_at=visit.clock.limit_at if visit.clock.is_moved else None,
    )


def role_words(visit: Visit) -> str:
    """Return the widest role that the visitor holds, in words."""
    held = roles_held(visit)
    return next((words for role, words in ROLE_WORDS.items() if role in held), "No role yet")


def live_href(visit: Visit) -> str:
    """Return where the page's browser takes live updates from: the address set, else this host's live port."""
    query = urlencode({"desk": visit.desk.slug})
    if settings.LIVE_URL:
        return f"{settings.LIVE_URL}/events?{query}"
    host = urlsplit(f"//{visit.request.get_host()}").hostname or "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return f"{visit.request.scheme}://{shown}:{settings.LIVE_PORT}/events?{query}"


def _regions(visit: Visit) -> Sequence[model.RegionClock]:
    """Return the clocks of the desk's regions, of the desk itself where it has none; UTC has its own beside them."""
    zones = dict.fromkeys(visit.desk.region_zones or (visit.desk.zone,)) if visit.desks else {}
    clocks = [
        model.RegionClock(label=zone.rpartition("/")[2].replace("_", " "), zone=zone) for zone in zones if zone != "UTC"
    ]
    return clocks[:REGION_CLOCKS]


def _nav(visit: Visit, current: str) -> list[model.NavGroup]:
    groups: dict[str, list[Link]] = {}
    for place in places_of(visit):
        href = visit.href(place.name) if visit.desks else reverse(place.name)
        link = Link(label=place.label, href=href, icon=place.icon, key=place.key, is_current=place.name == current)
        groups.setdefault(place.group, []).append(link)
    return [model.NavGroup(title=title, links=links) for title, links in groups.items()]


def _desks(visit: Visit, current: str) -> list[Link]:
    """Return the desks to choose from: the same page of another desk, where it has one."""
    if len(visit.desks) < 2:
        return []
    same = reverse(current or "home")
    return [
        Link(
            label=_desk_label(visit, desk),
            href=f"{same}?{urlencode({'desk': desk.slug})}",
            is_current=desk.id == visit.desk.id,
        )
        for desk in visit.desks
    ]


def _desk_label(visit: Visit, desk: DeskRow) -> str:
    """Return the desk's name; of one that is still being made, how far it is."""
    share = visit.making.get(desk.id)
    return desk.label if share is None else f"{desk.label}, {percent(share)} made"


def toast_add(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """Leave one line for the next page; with *undo*, the address at which what it tells is taken back."""
    tag = f"{UNDO_TAG}{wall_now().timestamp():.0f}:{undo}" if undo else ""
    messages.info(request, text, extra_tags=tag)


def _toast(visit: Visit) -> Toast | None:
    """Return the latest line that was left; an undo is offered for what is left of its wall time."""
    waiting = list(messages.get_messages(visit.request))
    if not waiting:
        return None
    last = waiting[-1]
    tag = last.extra_tags or ""
    if not tag.startswith(UNDO_TAG):
        return Toast(text=str(last.message))
    made, _, undo_href = tag.removeprefix(UNDO_TAG).partition(":")
    left = int(int(made) + UNDO_S - visit.wall_now.timestamp())
    if left <= 0:
        return Toast(text=str(last.message))
    back = (("back", visit.request.get_full_path()),) if visit.request.method == "GET" else ()
    return Toast(text=str(last.message), undo_href=undo_href, seconds=left, hidden=back)


def person_hrefs(visit: Visit) -> Callable[[object], str]:
    """Return a function from a person's key to the address of her page."""
    return visit.hrefs("person", EXAMPLE_ID)
