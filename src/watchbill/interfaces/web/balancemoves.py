"""The panel of suggested moves, those that wait for the other side, and the ledger of fair shares."""

from __future__ import annotations

from collections.abc import Collection

from watchbill.apps.people.rights import Right
from watchbill.engine.assign.moves import Move
from watchbill.engine.sense.shares import Middle
from watchbill.flows.balance.answering import Asked, moves_asked
from watchbill.flows.balance.loads import Loads
from watchbill.flows.balance.shares import Line, shares_get
from watchbill.flows.balance.suggesting import Suggested, suggest_moves
from watchbill.flows.balance.telling import reasons_of
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.balancecharts import hours_text, strip_chart
from watchbill.interfaces.web.balancepage import NO_REGION
from watchbill.interfaces.web.formats import moment, percent, plural
from watchbill.interfaces.web.frame import person_hrefs
from watchbill.interfaces.web.viewmodels.balance import AskedLine, MoveLine, MovesPanel, ShareLine, SharesPanel
from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Pager

SHARES, FIRST = 50, 12
"""People of the ledger on a page of its own, and as a part of Balance."""
NUMBERS = ("No moves", "One move", "Two moves", "Three moves", "Four moves", "Five moves", "Six moves", "Seven moves", "Eight moves")  # fmt: skip


def moves_panel(visit: Visit, loads: Loads, *, kept: Collection[str] | None) -> MovesPanel:
    """Return the moves that help, with what the *kept* ones (None: all) lead to on both sides."""
    found = suggest_moves(loads, kept=kept, by=visit.actor)
    may = visit.may(Right.WORK_BULK) and visit.may(Right.WORK_ASSIGN)
    chosen = len(found.chosen)
    number = len(found.moves)
    return MovesPanel(
        title=f"{NUMBERS[number]} that help{'s' if number == 1 else ''}",
        policy=f"Policy {found.weighed.gathered.policy_number}",
        policy_href=visit.href("policies") if visit.may(Right.POLICY_VIEW) else "",
        lines=[_move_line(visit, found, move) for move in found.moves],
        strip=strip_chart(found.outlook.before, found.outlook.after, moves=chosen) if found.outlook.before else None,
        sides=_sides(visit, found),
        button=f"Make {plural(chosen, 'move')}" if chosen else "Choose a move",
        make_href=visit.href("balance-make") if may else "",
        redraw_href=visit.href("balance-moves"),
        horizon=str(loads.workload.horizon_h),
        back=visit.href("balance", hours=loads.workload.horizon_h),
        late_note=_late_note(visit, found),
        asked=[_asked_line(visit, one) for one in moves_asked(visit.desk.id, by=visit.actor)],
        empty=None if found.moves else _no_moves(visit, found),
    )


def _move_line(visit: Visit, found: Suggested, move: Move) -> MoveLine:
    weighed = found.weighed
    names, item = weighed.gathered.names, weighed.item(move.item)
    region = weighed.asks(move, by=visit.actor)
    second = f"Next best: {names[move.second[0]]}. " if move.second is not None else ""
    return MoveLine(
        key=found.key(move),
        is_chosen=move in found.chosen,
        giver=names[move.giver],
        taker=names[move.taker],
        when="now" if region is None else "when agreed",
        reference=item.reference,
        href=visit.href("case", item.reference),
        title=item.title,
        late_before=percent(move.late_before),
        late_after=percent(move.late_after),
        why="; ".join(reasons_of(move)),
        asks=weighed.loads.regions.get(region, NO_REGION) if region is not None else "",
        details=[
            (
                f"{names[move.giver]}: load {_share(move.giving.load_before)} to {_share(move.giving.load_after)}, promises"
                f" expected late {move.giving.late_before:.1f} to {move.giving.late_after:.1f}."
            ),
            (
                f"{names[move.taker]}: load {_share(move.taking.load_before)} to {_share(move.taking.load_after)}, promises"
                f" expected late {move.taking.late_before:.1f} to {move.taking.late_after:.1f}."
            ),
            f"{second}{move.considered} fulfil every must, {move.left_out} do not.",
        ],
    )


def _share(load: float | None) -> str:
    return "no hours" if load is None else percent(load)


def _sides(visit: Visit, found: Suggested) -> list[str]:
    """What the chosen moves do to each region's promises, among the people looked at."""
    outlook, loads = found.outlook, found.weighed.loads
    before: dict[int | None, float] = {}
    after: dict[int | None, float] = {}
    for person in outlook.late_before:
        region = loads.region_of(person)
        before[region] = before.get(region, 0.0) + outlook.late_before[person]
        after[region] = after.get(region, 0.0) + outlook.late_after[person]
    touched = {loads.region_of(person) for move in found.chosen for person in (move.giver, move.taker)}
    return [
        f"{loads.regions.get(region, visit.desk.name) if region is not None else visit.desk.name}: promises expected late"
        f" {before[region]:.1f} to {after[region]:.1f}"
        for region in sorted(touched, key=lambda one: one or 0)
    ]


def _late_note(visit: Visit, found: Suggested) -> str:
    """What the chances are: those of the page Risk as things stand, where it has any, and what a move changes of them."""
    if found.weighed.scored_at is None:
        return "Late: the chance that the case’s worst promise is missed, if each works her own cases in the order of their urgency."
    at = moment(found.weighed.scored_at, visit.now, visit.desk.zone)
    return (
        f"Late: the chance that the case’s worst promise is missed, first as Risk has scored it (the oldest at {at}), then changed"
        " by as much as the move does if each works her own cases in the order of their urgency."
    )


def _no_moves(visit: Visit, found: Suggested) -> Empty:
    if not found.left_in_hour:
        return Empty(
            title="Enough moved for this hour",
            text=f"The policy lets {found.weighed.policy.moves_per_hour} moves be made within an hour, so that work comes to"
            " rest.",
        )
    if not any(row.is_on_shift for row in found.weighed.loads.shifts.values()):
        return Empty(title="Nobody is on shift", text="Moves are suggested to people at work, as soon as somebody is.")
    return Empty(
        title="No move would help",
        text="Work lies with those who can do it, or nobody free fulfils every must for what the busiest own.",
        actions=[Link(label="Board", href=visit.href("board"))],
    )


def _asked_line(visit: Visit, one: Asked) -> AskedLine:
    row = one.row
    body = row.body
    region = (row.to_region if row.side == "gives" else row.from_region) or NO_REGION
    until = moment(row.answer_by_at, visit.now, visit.desk.zone) if row.answer_by_at else ""
    return AskedLine(
        text=f"{row.giver} → {row.taker}: {row.title}",
        effect=f"Late {percent(body['late_before'])} to {percent(body['late_after'])}. Asked by {row.asked_by_name}",
        until=f"{region} answers by {until}",
        href=visit.href("case", row.reference),
        reference=row.reference,
        accept_href=visit.href("balance-answer", row.id, "accept") if one.may_answer else "",
        refuse_href=visit.href("balance-answer", row.id, "refuse") if one.may_answer else "",
    )


def shares_panel(visit: Visit, *, most: int = SHARES) -> SharesPanel:
    """Return the ledger of the desk, by key: effort per hour present, then person."""
    lines = shares_get(visit.desk.id, by=visit.actor, now=visit.now)
    after = visit.request.GET.get("after", "")
    start = next((at for at, line in enumerate(lines, start=1) if str(line.share.person) == after), 0)
    shown = lines[start : start + most]
    href_of = person_hrefs(visit)
    more = len(lines) > start + most
    return SharesPanel(
        lines=[share_line(line, href=href_of(line.share.person)) for line in shown],
        until=moment(visit.now.replace(minute=0, second=0, microsecond=0), visit.now, visit.desk.zone),
        pager=Pager(
            shown=f"{len(shown)} of {plural(len(lines), 'person', 'people')}",
            first_href=visit.href("balance-shares") if start else "",
            next_href=visit.href("balance-shares", after=shown[-1].share.person) if more else "",
        ),
        empty=None if lines else Empty(
            title="Nobody has received work or has hours known",
            text="The ledger fills as cases are given to people, or as usual hours become known.",
        ),
    )  # fmt: skip


def share_line(line: Line, *, href: str = "") -> ShareLine:
    """Return one person's share in words."""
    share = line.share
    why = [
        f"{number} {word}"
        for number, word in (
            (line.top, "P1 or P2"), (line.reopened, "reopened"), (line.bounced, "bounced"), (line.long, "long"))
        if number
    ]  # fmt: skip
    middle = share.team_per_hour
    is_outside = (
        middle is not None and middle.high is not None and share.per_hour is not None and share.per_hour > middle.high
    )
    return ShareLine(
        name=line.name,
        href=href,
        team=line.team,
        received=f"{hours_text(share.received.effort_min)} in {hours_text(share.received.present_min)}",
        per_hour="" if share.per_hour is None else f"{share.per_hour:.2f}",
        team_per_hour=_middle(middle, is_share=False),
        hard="" if share.hard is None else percent(share.hard),
        hard_why=", ".join(why),
        team_hard=_middle(share.team_hard, is_share=True),
        unpopular="" if share.unpopular is None else percent(share.unpopular),
        team_unpopular=_middle(share.team_unpopular, is_share=True),
        is_outside=is_outside,
    )


def _middle(one: Middle | None, *, is_share: bool) -> str:
    if one is None:
        return ""

    def said(figure: float) -> str:
        return percent(figure) if is_share else f"{figure:.2f}"

    band = f" ({said(one.low)} to {said(one.high)})" if one.low is not None and one.high is not None else ""
    return f"{said(one.median)}{band}"
