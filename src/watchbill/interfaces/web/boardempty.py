"""What the Board says where a view holds nothing: what normal looks like, and what to do next."""

from __future__ import annotations

from watchbill.apps.people.queries import person_search
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import Tiles, View
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.viewmodels.parts import Empty, Link


def board_empty(visit: Visit, view: View, tiles: Tiles, *, is_by_danger: bool) -> Empty:
    """Return what normal looks like when a view holds nothing."""
    all_href = visit.href("board", view=View.OPEN.value)
    if view is View.MINE:
        return Empty(
            title="You own nothing that is open",
            text=f"{plural(tiles.unassigned, 'case')} wait for an owner.",
            actions=[Link(label="Unassigned cases", href=visit.href("board", view=View.UNASSIGNED.value))],
        )
    if not tiles.open and _is_without_people(visit):
        return Empty(
            title="Nobody is on this desk yet",
            text="A case can be opened, but nobody could be given it. People come with an import, or are added by hand.",
            actions=[Link(label="People", href=visit.href("people")), *_opening(visit)],
        )
    if not tiles.open:
        return Empty(
            title="No case is open on this desk",
            text="Cases appear here as they are opened, imported or sent by another system."
            if visit.desk.closed_at is None
            else "It takes none while it is closed.",
            actions=_opening(visit),
        )
    if is_by_danger:
        return Empty(
            title="Nothing here can still be saved",
            text="In this order are cases with a target that runs and is not missed; they are scored every few minutes.",
            actions=[Link(label="All open cases", href=all_href)],
        )
    words = {View.BREACHED: "No target is missed", View.DUE_SOON: "Nothing is due within an hour"}
    return Empty(
        title=words.get(view, "Nothing here"),
        text=f"{plural(tiles.open, 'case is', 'cases are')} open on this desk.",
        actions=[Link(label="All open cases", href=all_href)],
    )


def _is_without_people(visit: Visit) -> bool:
    may_see = visit.desk.closed_at is None and visit.may(Right.PEOPLE_VIEW)
    return may_see and not person_search(visit.desk.id, "", by=visit.actor, limit=1)


def _opening(visit: Visit) -> list[Link]:
    if not visit.may_open_work():
        return []
    return [Link(label="Open a case", href=visit.href("case-new"))]
