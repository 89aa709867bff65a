"""A desk's service partners as the plans see them: what each may be passed, and how much more it takes."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from watchbill.apps.people.partners import PartnerRow, partner_list
from watchbill.apps.work.competing import Competing
from watchbill.apps.work.passed import passed_open
from watchbill.engine.backtest.recovery.facts import Partner
from watchbill.engine.base.ids import ItemId


def partners_of(desk_id: int, rows: Collection[Competing]) -> tuple[list[Partner], dict[int, PartnerRow]]:
    """Return the partners that take more, whom to ask first (`in_turn`), and all by key: two queries."""
    known = {one.id: one for one in partner_list(desk_id)}
    passed = passed_open(desk_id) if known else {}
    found = [
        Partner(
            id=one.id,
            may=frozenset(ItemId(row.id) for row in rows if takes(one, row)),
            lead_min=one.lead_min,
            at_once=one.at_once,
            most=max(0, one.most - passed.get(one.id, 0)),
            held=passed.get(one.id, 0),
        )
        for one in in_turn(known.values())
    ]
    return [one for one in found if one.most], known


def in_turn(partners: Collection[PartnerRow]) -> list[PartnerRow]:
    """Return who is asked first: the cheapest, then who has no price; where prices are of several currencies, who begins soonest."""
    is_comparable = not has_currencies(partners)
    price = {one.id: one.price if one.price is not None and is_comparable else Decimal() for one in partners}
    return sorted(partners, key=lambda one: (one.price is None, price[one.id], one.lead_min, one.name))


def has_currencies(partners: Collection[PartnerRow]) -> bool:
    """Whether prices are of more than one currency, so that they cannot be compared."""
    return len({one.currency for one in partners if one.price is not None}) > 1


def takes(partner: PartnerRow, row: Competing) -> bool:
    """Whether an item may be passed: of a priority and category that the partner takes, and asking for no clearance, since firms have none."""
    is_wanted = row.priority >= partner.least_priority and (
        not partner.categories or row.category in partner.categories
    )
    return is_wanted and not row.clearances
