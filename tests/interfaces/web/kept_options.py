"""Recovery options as if they had been worked out: each kind of plan, with the figures that a test asks for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.interfaces.office import BY
from watchbill.apps.core.runs import DONE
from watchbill.apps.decisions.recoveries import RECOVERIES
from watchbill.apps.people.partners import partner_add, partner_get
from watchbill.apps.work.models import WorkItem
from watchbill.flows.recover.asking import recovery_ask

NAMES = {"nothing": "Go on as now", "rebalance": "Rebalance", "hours": "Extra hours", "defer": "Put off", "partner": "Pass to a partner"}  # fmt: skip
DOES = {
    "nothing": "Nobody does anything beside what is done anyway", "rebalance": "6 items go to 2 other people now",
    "hours": "Ann North works on after the shift", "defer": "Nobody begins 40 P3 and P4 items before 17:00 UTC",
    "partner": "9 items go to Fixers Ltd",
}  # fmt: skip


def interval(mean, width):
    return {"mean": mean, "low": mean - width, "high": mean + width}


def plan(code, misses=8.4, change=-2.1, width=0.8, *, now, many=0):
    """One plan; *width*: of the interval on each side; *many*: what it puts off."""
    share = {1: 0.05, 2: 0.25, 3: 0.4, 4: 0.3}
    extra = {
        "person": "Ann North", "person_id": 1, "person_ref": "PER-1", "from_at": now.isoformat(),
        "until_at": (now + timedelta(hours=4)).isoformat(), "is_overtime": True,
    }  # fmt: skip
    return {
        "code": code, "name": NAMES[code], "what": DOES[code],
        "why": f"Saves {-change:.1f} promises" if change else f"{misses:.1f} promises are expected to be missed of what is open or comes in",
        "misses": interval(misses, 1.3), "change": interval(change, width), "weight": interval(3 * misses, 4), "weight_change": interval(3 * change, 3 * width),
        "later": interval(0, 0), "later_change": interval(0, 0), "deferred_misses": interval(0, 0),
        "by_priority": [
            {"priority": level, **{name: interval(misses * part, 0.2) for name in ("open", "coming", "both")}, "change": interval(change * part, 0.1)}
            for level, part in share.items()
        ],
        "cost": {
            "extra_h": 4.0 if code == "hours" else 0, "people_moved": 3 if code == "rebalance" else 0, "people_asked": int(code == "hours"),
            "items_moved": 6 if code == "rebalance" else 0, "handovers": 0, "items_deferred": many, "items_passed": 0, "money": [],
        },
        "moves": [], "extra": [extra] if code == "hours" else [], "passed": [], "partners": [],
        "deferred": [{"item": f"CASE-{10_000 + n}", "item_id": n, "priority": 4, "owner_id": None, "state": "new"} for n in range(many)],
        "until": None,
    }  # fmt: skip


def partner_plan(row, items, *, now):
    """A plan that passes *items* (references) to the partner *row*, at its price, each done four hours later."""
    one, by_reference = plan("partner", 6.2, -4.3, now=now), WorkItem.objects.in_bulk(items, field_name="reference")
    price = None if row.price is None else str(row.price)
    money = None if row.price is None else {"amount": str(row.price * len(items)), "currency": row.currency}
    one["what"] = f"{len(items)} items to {row.name}, instead of own people"
    one["cost"] |= {"items_passed": len(items), "money": [money] if money else []}
    one["partners"] = [
        {
            "partner_id": row.id,
            "partner": row.name,
            "email": row.email,
            "version": row.version,
            "items": len(items),
            "price": price,
            "money": money,
        }
    ]
    one["passed"] = [
        {
            "item": name, "item_id": item.id, "priority": item.priority, "owner_id": item.owner_id, "state": item.state,
            "partner_id": row.id, "partner": row.name, "done_by": (now + timedelta(hours=4)).isoformat(),
        }
        for name, item in by_reference.items()
    ]  # fmt: skip
    return one


def office_passes(office, *, now):
    """Keep a plan that passes three cases of the desk north to Fixers Ltd at 85.50 EUR each; return the run's key, and the cases."""
    key = partner_add(
        office.desks["north"], name="Fixers Ltd", email="dispatch@fixers.example", at_once=2, most=8, lead_min=30,
        price=Decimal("85.50"), currency="EUR", by=BY, now=now,
    )  # fmt: skip
    items = [office.item(now=now) for _ in range(3)]
    passing = partner_plan(partner_get(key), items, now=now)
    return options_keep(office.desks["north"], passing, best="partner", now=now), items


def options_keep(desk_id, *plans, best="nothing", now):
    """Keep *plans* beside going on as now, worked out at *now*; return the key of the run."""
    run_id = recovery_ask(desk_id, is_waking=False, by=BY, now=now)
    nothing = plan("nothing", 10.5, 0, 0, now=now)
    result = {
        "made_at": now.isoformat(), "until": (now + timedelta(hours=8)).isoformat(), "follow_until": (now + timedelta(hours=32)).isoformat(),
        "futures": 60, "seconds": 12.3, "best": best, "desk": {"open": 812, "people": 96, "coming": 140.2, "weeks": 8, "lost": 3, "unpromised": 0, "unable": 1},
        "options": [nothing, *plans], "dropped": [{"code": "partner", "name": "Partner", "why": "No service partner is named that takes work of this desk"}],
        "assumptions": ["How long work takes is assumed: the desk's table of effort with a spread around it, and half of it for what is begun."],
    }  # fmt: skip
    RECOVERIES.begin(run_id)
    RECOVERIES.end(run_id, state=DONE, result=result)
    return run_id
