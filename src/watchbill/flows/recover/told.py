"""Recovery options as they are kept and answered: plain values, with the words that belong beside every figure."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from watchbill.apps.core.references import PERSON, shown
from watchbill.engine.backtest.compare import Interval
from watchbill.engine.backtest.recovery.outcome import Dropped, Expected, Option, Passed, Plan, PlanCode, Recovery
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.flows.recover.gather import EXACT, FOLLOW, MOST_OPEN, Look
from watchbill.flows.recover.partners import has_currencies

NAMES = {
    PlanCode.NOTHING: "Go on as now",
    PlanCode.REBALANCE: "Rebalance",
    PlanCode.HOURS: "Extra hours",
    PlanCode.DEFER: "Put off",
    PlanCode.PARTNER: "Pass to a partner",
}
FEW_WEEKS = 4


def result_of(look: Look, found: Recovery, *, seconds: float) -> dict[str, Any]:
    """Return what is kept of options: docs/reference/recover.md tells each key."""
    now, situation = look.now, look.situation
    until = now + timedelta(minutes=situation.horizon_min)
    return {
        "made_at": now.isoformat(),
        "until": until.isoformat(),
        "follow_until": (until + FOLLOW).isoformat(),
        "futures": found.replications,
        "seconds": round(seconds, 2),
        "best": found.best.value,
        "desk": {
            "open": len(situation.open), "people": len(situation.workers), "coming": round(found.coming, 1),
            "weeks": situation.weeks, "lost": found.lost, "unpromised": found.unpromised, "unable": found.unable,
        },
        "options": [_option(look, one) for one in found.options],
        "dropped": [_dropped(one) for one in found.dropped],
        "assumptions": _assumptions(look, found),
    }  # fmt: skip


def _dropped(one: Dropped) -> dict[str, str]:
    return {"code": one.code.value, "name": NAMES[one.code], "why": one.why}


def _option(look: Look, one: Option) -> dict[str, Any]:
    plan, names = one.plan, look.gathered.names
    moved = [
        {
            "item": look.gathered.items[move.item].reference, "item_id": int(move.item),
            "version": look.gathered.items[move.item].version, "from": names[move.giver], "to": names[move.taker],
            "to_id": int(move.taker),
        }
        for move in plan.moves
    ]  # fmt: skip
    extra = [
        {
            "person": names[each.person], "person_id": int(each.person), "person_ref": shown(PERSON, each.person),
            "from_at": _at(look.now, each.span[0]), "until_at": _at(look.now, each.span[1]),
            "is_overtime": each.is_overtime,
        }
        for each in plan.extra
    ]  # fmt: skip
    return {
        "code": plan.code.value,
        "name": NAMES[plan.code],
        "what": _what(look, one),
        "why": _why(look, one),
        "misses": _interval(one.misses),
        "change": _interval(one.change),
        "weight": _interval(one.weight),
        "weight_change": _interval(one.weight_change),
        "later": _interval(one.later),
        "later_change": _interval(one.later_change),
        "deferred_misses": _interval(one.deferred),
        "by_priority": [_expected(each) for each in one.by_priority],
        "cost": {
            "extra_h": round(plan.extra_min / 60, 2),
            "people_moved": len({move.taker for move in plan.moves} | {move.giver for move in plan.moves}),
            "people_asked": len(plan.extra),
            "items_moved": len(plan.moves),
            "handovers": one.handovers,
            "items_deferred": len(plan.deferred),
            "items_passed": len(plan.passed),
            "money": _money(look, plan),
        },
        "moves": moved,
        "extra": extra,
        "deferred": [_item(look, item) for item in plan.deferred],
        "passed": [_passed(look, one) for one in plan.passed],
        "partners": _partners(look, plan),
        "until": _at(look.now, plan.until_min) if plan.until_min else None,
    }


def _item(look: Look, item: ItemId) -> dict[str, Any]:
    """One item as the plan saw it, so that applying can tell whether it still is."""
    row = look.gathered.items[item]
    return {
        "item": row.reference,
        "item_id": row.id,
        "priority": row.priority,
        "owner_id": row.owner_id,
        "state": row.state,
    }


def _passed(look: Look, one: Passed) -> dict[str, Any]:
    name, by = look.partners[one.partner].name, _at(look.now, one.done_min)
    return {**_item(look, one.item), "partner_id": one.partner, "partner": name, "done_by": by}


def _partners(look: Look, plan: Plan) -> list[dict[str, Any]]:
    """Who is asked, for how much, and at what price."""
    counts = Counter(one.partner for one in plan.passed)
    found = []
    for key, count in counts.items():
        row = look.partners[key]
        money = None if row.price is None else {"amount": str(row.price * count), "currency": row.currency}
        found.append({
            "partner_id": key, "partner": row.name, "email": row.email, "version": row.version, "items": count,
            "price": None if row.price is None else str(row.price), "money": money,
        })  # fmt: skip
    return found


def _money(look: Look, plan: Plan) -> list[dict[str, str]]:
    """What the partners ask for in all, by currency; those without a price add nothing."""
    sums: dict[str, Decimal] = {}
    for one in plan.passed:
        row = look.partners[one.partner]
        if row.price is not None:
            sums[row.currency] = sums.get(row.currency, Decimal()) + row.price
    return [{"amount": str(amount), "currency": currency} for currency, amount in sorted(sums.items())]


def _at(now: datetime, minutes: int) -> str:
    return (now + timedelta(minutes=minutes)).isoformat()


def _interval(one: Interval) -> dict[str, float]:
    return {"mean": round(one.mean, 2), "low": round(one.low, 2), "high": round(one.high, 2)}


def _expected(one: Expected) -> dict[str, Any]:
    told = {name: _interval(getattr(one, name)) for name in ("open", "coming", "both", "change")}
    return {"priority": int(one.priority), **told}


def _what(look: Look, one: Option) -> str:
    plan = one.plan
    if plan.code is PlanCode.NOTHING:
        return "Nobody does anything beside what is done anyway"
    if plan.code is PlanCode.REBALANCE:
        return f"{_count(len(plan.moves), 'item')} {'goes' if len(plan.moves) == 1 else 'go'} to {_count(len({m.taker for m in plan.moves}), 'other person', 'other people')} now"
    if plan.code is PlanCode.DEFER:
        until = look.now + timedelta(minutes=plan.until_min)
        levels = sorted({look.gathered.items[item].priority for item in plan.deferred}, reverse=True)
        which = " and ".join(f"P{level}" for level in levels)
        return f"Nobody begins {_count(len(plan.deferred), f'{which} item')} before {until:%H:%M} UTC"
    if plan.code is PlanCode.PARTNER:
        asked = [f"{_count(one['items'], 'item')} to {one['partner']}" for one in _partners(look, plan)]
        return f"{' and '.join(asked)}, instead of own people"
    stay = [each.person for each in plan.extra if each.is_overtime]
    called = [each.person for each in plan.extra if not each.is_overtime]
    said = []
    if stay:
        said.append(f"{_names(look, stay)} {'works' if len(stay) == 1 else 'work'} on after the shift")
    if called:
        said.append(f"{_names(look, called)} {'is' if len(called) == 1 else 'are'} called in")
    return "; ".join(said)


def _names(look: Look, people: list[PersonId]) -> str:
    names = [look.gathered.names[person] for person in people]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _why(look: Look, one: Option) -> str:
    """What it saves, by priority, and what it costs, in one sentence."""
    if one.plan.code is PlanCode.NOTHING:
        return f"{one.misses.mean:.1f} promises are expected to be missed of what is open or comes in"
    saved = [f"{-each.change.mean:.1f} P{each.priority}" for each in one.by_priority if each.change.mean <= -0.05]
    worse = [f"{each.change.mean:.1f} P{each.priority}" for each in one.by_priority if each.change.mean >= 0.05]
    said = f"Saves {', '.join(saved)}" if saved else "Saves less than 0.1 of any priority"
    said += f"; misses {', '.join(worse)} more" if worse else ""
    if one.plan.extra_min:
        said += f"; {one.plan.extra_min / 60:.1f} person-hours more"
    if one.plan.passed:
        money = [f"{Decimal(each['amount']):,} {each['currency']}" for each in _money(look, one.plan)]
        free = sum(look.partners[each.partner].price is None for each in one.plan.passed)
        said += f"; costs {' and '.join(money)}" if money else ""
        said += f"; no price is known of {_count(free, 'item')}" if free else ""
    if one.handovers:
        said += f"; {_count(one.handovers, 'handover')} of begun work"
    if one.later_change.mean >= 0.05:
        said += f"; the hours after miss {one.later_change.mean:.1f} more"
    is_sure = one.weight_change.high < 0
    return said + ("" if is_sure else "; luck alone could explain it")


def _count(number: int, word: str, words: str = "") -> str:
    return f"{number} {word if number == 1 else words or word + 's'}"


def _assumptions(look: Look, found: Recovery) -> list[str]:
    situation, rules = look.situation, look.situation.rules
    until = look.now + timedelta(minutes=situation.follow_min)
    said = [
        "How long work takes is assumed: the desk's table of effort with a spread around it, and half of it for what is begun.",
        f"What comes in is drawn from the same hours of the last {_count(situation.weeks, 'week')}; holidays are not told apart.",
        f"Counted is each item's promise to resolve, or its last, when it falls due by {until:%a %d %b %H:%M} UTC: {FOLLOW // timedelta(hours=1)} hours beyond those asked for, so that what is only pushed out of them is seen.",
        "Items that wait for a customer, a vendor or a date are left out, and so is what they may ask for when they come back.",
        _policy_words(look),
        (f"Extra hours: at most {rules.most_extra_min // 60} each, no day longer than {rules.longest_day_min // 60}, at least {rules.rest_min // 60} of rest,"
        f" a called person is there after {rules.notice_min} min; nobody who is away now or within a day. Their cost is in hours: no rate is set."),
        f"Intervals hold the mean of {found.replications} futures 19 times in 20; all plans meet the same futures.",
    ]  # fmt: skip
    if situation.partners:
        said.append(
            "A partner begins after its lead time and what it has of this desk already, round the clock, takes as long as own people, is handed what is begun, and does so many items at once as is named of it."
            " Promises run on, unless the clock's policy pauses while a vendor has the item."
        )
        if has_currencies(look.partners.values()):
            said.append(
                "Partners ask prices of several currencies, which are not compared: who begins soonest is asked first."
            )
    if situation.weeks < FEW_WEEKS:
        said.insert(2, f"With {_count(situation.weeks, 'week')} of history what comes in is known roughly.")
    if look.has_more:
        said.append(f"Of all open items the {MOST_OPEN:,} due first are simulated.")
    facts = look.weighed.facts
    if facts.speaks_for is not None and len(set(facts.sides) - facts.speaks_for) > 1:
        said.append(
            "Moves between people of other regions, for whom only their managers speak, are left out for who asked."
        )
    if look.unknown_hours:
        said.append(f"{_count(look.unknown_hours, 'person', 'people')} without known hours can do nothing here.")
    if found.lost:
        said.append(f"{_count(found.lost, 'open promise')} missed already: work to do, no miss to come.")
    return said


def _policy_words(look: Look) -> str:
    if look.situation.is_on_autopilot:
        return "Work is given out by Watchbill's own policy as it runs live, proposals being accepted at once."
    why = f"as always above {EXACT} items" if look.is_large else "as queues are picked from"
    return (
        f"Whoever is free takes what the index of the live policy puts first ({why}); each person has one item in hand."
    )
