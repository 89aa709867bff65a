"""The Board: what needs somebody now, the queue by time to breach, and the decision about the selected item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.apps.decisions.queries import chosen_for, decision_open_for, running_of
from watchbill.apps.decisions.risks import Place, danger_count
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.absences import away_ahead, away_at
from watchbill.apps.work.queries import ItemRow, Key, Order, Tiles, View, WorkFilter, work_count, work_page, work_rows
from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web import frame
from watchbill.interfaces.web.access import DESK_KEY, Visit, requires, visit_of
from watchbill.interfaces.web.boardempty import board_empty
from watchbill.interfaces.web.cards import decision_card
from watchbill.interfaces.web.caselist import ORDER_WORDS
from watchbill.interfaces.web.danger import DANGER, by_danger
from watchbill.interfaces.web.filters import order_of
from watchbill.interfaces.web.formats import count, duration, moment, plural
from watchbill.interfaces.web.rows import queue_rows, rows_left
from watchbill.interfaces.web.tiles import LIKELY_MOST, likely_get, tiles_get
from watchbill.interfaces.web.viewmodels.board import BoardPage
from watchbill.interfaces.web.viewmodels.parts import Alarm, Chip, Decision, Empty, Link, Pager, Tile

ROWS = 50
VIEWS: dict[View, str] = {
    View.ACTIONABLE: "Actionable",
    View.UNASSIGNED: "Unassigned",
    View.WAITING: "Waiting",
    View.MINE: "Mine",
    View.OPEN: "All",
}
"""The named views of the Board; the tiles open the others."""

LIVE_VIEWS = frozenset({View.ACTIONABLE, View.UNASSIGNED, View.MINE, View.OPEN})
"""Views that begin where the fuse does, an hour ago: what can still be saved comes before what is long lost."""

LONG_OVERDUE = timedelta(hours=1)
MANY = 1000
PLACE = ("view", "order", "after", "oldest")
"""What an address says of the place in the queue."""


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def board(request: HttpRequest) -> HttpResponse:
    """Show the whole Board."""
    visit = visit_of(request)
    return frame.page(request, "pages/board.html", "Board", current="board", page=board_page(visit))


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def board_live(request: HttpRequest) -> HttpResponse:
    """Answer what a live update replaces, and the desk's clock."""
    visit = visit_of(request)
    page, here = board_page(visit), _here(visit)
    left = rows_left(visit, page.rows, list_href=here, most=2 * ROWS)
    context = {"page": page, "left": left, "frame": frame.clocks_of(visit, here=here)}
    return render(request, "pages/board_update.html", context)


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def board_card(request: HttpRequest) -> HttpResponse:
    """Answer the decision about one item, for whoever moves through the rows."""
    visit = visit_of(request)
    selected = request.GET.get("case", "")
    found = work_rows(visit.desk.id, [selected], by=visit.actor)
    decision, nothing = _decision(visit, found[0] if found else None, back=_here(visit, case=selected))
    return render(request, "pages/board_card.html", {"decision": decision, "no_decision": nothing})


def _view_of(visit: Visit) -> View:
    name = visit.request.GET.get("view", "")
    if not name:
        return View.ACTIONABLE
    try:
        return View(name)
    except ValueError:
        raise InvalidFacts(f"There is no view “{name[:40]}”", field="view") from None


def _here(visit: Visit, **more: str) -> str:
    """Return the address of this Board: its view and place, without the selection unless given."""
    asked = {name: visit.request.GET.get(name, "") for name in PLACE}
    return visit.href("board", **{**asked, **more})


def board_page(visit: Visit) -> BoardPage:
    """Return everything that the Board shows. The number of queries depends neither on items nor on people."""
    view = _view_of(visit)
    listed = _listed_by_danger(visit, view) if _is_by_danger(visit) else _listed(visit, view)
    wanted, old, after, shown = listed.wanted, listed.old, listed.after, listed.rows
    tiles = tiles_get(visit)
    suggested = chosen_for([item.id for item in shown])
    selected = _selected(visit, shown, suggested)
    if selected and old and not after and _slipped(visit, wanted, selected):
        shown = [selected, *shown]
    here = _here(visit)
    decision, nothing = _decision(visit, selected, back=_after_answer(visit, shown, selected, suggested))
    total = listed.total if listed.total is not None else _total(visit, view, tiles, wanted)
    return BoardPage(
        desk=visit.desk.label,
        views=_views(visit, view),
        orders=_orders(visit, wanted),
        tiles=_tiles(visit, view, tiles),
        rows=queue_rows(
            visit, shown, list_href=here, selected=selected.reference if selected else "", suggested=suggested
        ),
        clock_heading="Next target",
        pager=_pager(visit, listed, total),
        earlier=None if after else _earlier(visit, old),
        live_href=_fragment(visit, "board-live"),
        card_href=_fragment(visit, "board-card"),
        recover_href=visit.href("recover") if visit.may(Right.WORK_BULK) else "",
        selected=selected.reference if selected else "",
        notices=_notices(visit),
        decision=decision,
        no_decision=nothing,
        empty=None if shown else board_empty(visit, view, tiles, is_by_danger=_is_by_danger(visit)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A page of the queue: its rows, where it began, where the next one begins, and what it begins after.

    *total*: how many there are in all, where that is not what the tiles count.
    """

    wanted: WorkFilter
    rows: list[ItemRow]
    after: str
    following: str
    old: int = 0
    total: int | None = None


def _is_by_danger(visit: Visit) -> bool:
    return visit.request.GET.get("order", "") == DANGER


def _listed(visit: Visit, view: View) -> _Listed:
    """Return a page by time: what can still be saved first."""
    asked = visit.request.GET.get("after", "")
    after = Key.parse(asked)
    wanted = WorkFilter(desk_id=visit.desk.id, view=view, order=order_of(visit.request.GET) or Order.DUE)
    old = _long_overdue(visit, wanted)
    live = replace(wanted, due_after=visit.now - LONG_OVERDUE) if old else wanted
    found = work_page(live, after=after, limit=ROWS + 1, by=visit.actor, now=visit.now)
    if old and not found:
        old, found = 0, work_page(wanted, after=after, limit=ROWS + 1, by=visit.actor, now=visit.now)
    following = str(wanted.key(found[ROWS - 1])) if len(found) > ROWS else ""
    return _Listed(wanted=wanted, rows=found[:ROWS], after=asked, following=following, old=old)


def _listed_by_danger(visit: Visit, view: View) -> _Listed:
    """Return a page by danger: of what runs and is not broken, weight x probability x gain first."""
    asked = visit.request.GET.get("after", "")
    wanted = WorkFilter(desk_id=visit.desk.id, view=view)
    found = by_danger(visit, wanted, after=Place.parse(asked), limit=ROWS + 1)
    return _Listed(
        wanted=wanted,
        rows=[item for item, _ in found[:ROWS]],
        after=asked,
        following=str(found[ROWS - 1][1]) if len(found) > ROWS else "",
        total=danger_count(wanted, by=visit.actor, now=visit.now),
    )


def _long_overdue(visit: Visit, wanted: WorkFilter) -> int:
    """Return how many items of the view the Board begins after, so that what can still be saved comes first."""
    if wanted.view not in LIVE_VIEWS or visit.request.GET.get("oldest"):
        return 0
    old = replace(wanted, due_by=visit.now - LONG_OVERDUE)
    return work_count(old, at_most=MANY, by=visit.actor, now=visit.now)


def _earlier(visit: Visit, old: int) -> Link | None:
    """Return the way to the long overdue items, which the Board begins after."""
    if not old:
        return None
    many = f"{count(old)} or more" if old >= MANY else count(old)
    label = f"{many} overdue by more than an hour: show the oldest first"
    return Link(label=label, href=visit.href("board", view=visit.request.GET.get("view", ""), order="due", oldest="1"))


def _fragment(visit: Visit, name: str) -> str:
    asked = {key: visit.request.GET.get(key, "") for key in PLACE}
    return visit.href(name, **{DESK_KEY: visit.desk.slug, **asked})


def _decision(visit: Visit, item: ItemRow | None, *, back: str) -> tuple[Decision | None, Empty | None]:
    """Return the card of the selected item, or what to say when nothing is proposed for it."""
    if item is None:
        return None, Empty(
            title="Nothing is selected", text="Choose a case in the queue to see what is proposed for it."
        )
    row = decision_open_for([item.id]).get(item.id)
    if row is not None:
        return decision_card(visit, row, back=back), None
    why = _owned(item, visit) if item.owner else "Nobody owns it, and no proposal has been made yet."
    links = [Link(label="Open the case", href=visit.href("case", item.reference))]
    return None, Empty(title=f"No proposal for {item.reference}", text=why, actions=links)


def _owned(item: ItemRow, visit: Visit) -> str:
    """Say who owns an item for which nothing is proposed, and that she is away if she is."""
    absences = away_ahead(item.desk_id, visit.now) if visit.may(Right.PEOPLE_VIEW) else {}
    away = away_at(absences.get(item.owner_id or 0, ()), visit.now)
    if away is None:
        return f"{item.owner} owns it."
    until = moment(away.until_at, visit.now)
    return f"{item.owner} owns it and is away until {until}. Open the case to see who could take it."


def _selected(visit: Visit, shown: list[ItemRow], suggested: Mapping[int, str]) -> ItemRow | None:
    """Return the item asked for, also when it has left the list, else the first for which somebody is proposed.

    What a person reads is not exchanged under her hands because its time ran on or somebody else acted on it.
    """
    asked = visit.request.GET.get("case", "")
    if asked:
        found = next((item for item in shown if item.reference == asked), None)
        for item in [found] if found else work_rows(visit.desk.id, [asked], by=visit.actor):
            return item
    return _first_proposed(shown, suggested)


def _slipped(visit: Visit, wanted: WorkFilter, selected: ItemRow) -> bool:
    """Say whether the selected item still is in the view and became long overdue while somebody looked at it."""
    if selected.due_sort_at > visit.now - LONG_OVERDUE:
        return False
    before = replace(wanted.key(selected), id=selected.id - 1)
    found = work_page(wanted, after=before, limit=1, by=visit.actor, now=visit.now)
    return [item.id for item in found] == [selected.id]


def _first_proposed(items: list[ItemRow], suggested: Mapping[int, str]) -> ItemRow | None:
    return next((item for item in items if item.id in suggested), items[0] if items else None)


def _after_answer(visit: Visit, shown: list[ItemRow], selected: ItemRow | None, suggested: Mapping[int, str]) -> str:
    """Return where an answer leads: the same list with the next row selected for which somebody is proposed."""
    if selected is None:
        return _here(visit)
    at = shown.index(selected) if selected in shown else -1
    following = _first_proposed(shown[at + 1 :] or shown[:at], suggested)
    return _here(visit, case=following.reference if following else "")


def _views(visit: Visit, view: View) -> list[Link]:
    offered = [each for each in VIEWS if each is not View.MINE or visit.actor.person_id is not None]
    return [
        Link(
            label=VIEWS[each],
            href=visit.href("board", view=each.value, order=visit.request.GET.get("order", "")),
            is_current=each is view,
        )
        for each in offered
    ]


def _orders(visit: Visit, wanted: WorkFilter) -> list[Link]:
    """Return the orders of open work: two of time, and danger."""
    view, is_by_danger = visit.request.GET.get("view", ""), _is_by_danger(visit)
    orders = [
        Link(
            label=ORDER_WORDS[each],
            href=visit.href("board", view=view, order=each.value),
            is_current=not is_by_danger and wanted.place == replace(wanted, order=each).place,
        )
        for each in Order
    ]
    return [*orders, Link(label="Danger", href=visit.href("board", view=view, order=DANGER), is_current=is_by_danger)]


def _tiles(visit: Visit, view: View, tiles: Tiles) -> list[Tile]:
    oldest = duration((visit.now - tiles.oldest_due_at).total_seconds()) if tiles.oldest_due_at else ""
    described = (
        (View.BREACHED, tiles.breached, "Breached", f"oldest {oldest}" if oldest else "none", Alarm.CRIT),
        (View.DUE_SOON, tiles.due_soon, "Due within 60 min", "not breached yet", Alarm.WARN),
        (View.UNASSIGNED, tiles.unassigned, "Unassigned", f"of {count(tiles.open)} open", Alarm.NONE),
        (View.TOP, tiles.top, "P1 and P2", "open", Alarm.NONE),
        (View.WAITING, tiles.waiting, "Waiting", "for others", Alarm.NONE),
        (View.NO_NEXT_STEP, tiles.no_next_step, "No next step", "owned, nothing said", Alarm.NONE),
    )
    likely = likely_get(visit)
    shown = [
        Tile(
            number=number, label=label, note=note, href=visit.href("board", view=each.value),
            alarm=alarm if number else Alarm.NONE, is_current=each is view,
        )
        for each, number, label, note, alarm in described
        if likely is None or each is not View.WAITING
    ]  # fmt: skip
    return shown if likely is None else [shown[0], _likely_tile(visit, likely), *shown[1:]]


def _likely_tile(visit: Visit, likely: int) -> Tile:
    """Return the count of what will more likely be missed than not, which a model of this desk says."""
    note = "or more, can be saved" if likely >= LIKELY_MOST else "can still be saved"
    return Tile(
        number=likely, label="Breach likely", note=note, href=visit.href("risk", likely="1"),
        alarm=Alarm.WARN if likely else Alarm.NONE,
    )  # fmt: skip


def _total(visit: Visit, view: View, tiles: Tiles, wanted: WorkFilter) -> int:
    """Return how many items the view holds: from the tiles where they know it, so that both say the same."""
    known = {
        View.OPEN: tiles.open,
        View.ACTIONABLE: tiles.open - tiles.waiting,
        View.UNASSIGNED: tiles.unassigned,
        View.WAITING: tiles.waiting,
        View.BREACHED: tiles.breached,
        View.DUE_SOON: tiles.due_soon,
        View.TOP: tiles.top,
        View.NO_NEXT_STEP: tiles.no_next_step,
    }
    return known[view] if view in known else work_count(wanted, by=visit.actor, now=visit.now)


def _pager(visit: Visit, listed: _Listed, total: int) -> Pager:
    asked = {name: visit.request.GET.get(name, "") for name in PLACE}
    after, shown = listed.after, len(listed.rows)
    lead = "Next" if after or listed.old else "First"
    is_whole = not after and not listed.following and not listed.old
    return Pager(
        shown=plural(shown, "case") if is_whole else f"{lead} {shown} of {count(total)}",
        first_href=visit.href("board", **{**asked, "after": ""}) if after else "",
        next_href=visit.href("board", **{**asked, "after": listed.following}) if listed.following else "",
    )


def _notices(visit: Visit) -> list[Chip]:
    """Return how many queues Watchbill acts in by itself, if any, and whether it plans without its solver."""
    running = running_of(visit.desk.id)
    why, flying = running.fallback, running.autopilots
    chips = [Chip(label=f"Planned by the index rule: {why}", look="warning")] if why else []
    if not flying:
        return chips
    return [*chips, Chip(label=f"Autopilot in {plural(flying, 'queue')}", look="accent", href=visit.href("queues"))]


urls = [
    path("board/", board, name="board"),
    path("board/live/", board_live, name="board-live"),
    path("board/card/", board_card, name="board-card"),
]
