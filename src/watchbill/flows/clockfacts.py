"""What the policies of a desk look at beyond state, priority and owner: queue, customer, terms, site, attributes, as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from watchbill.apps.clocks.queries import Rulebook, policy_of
from watchbill.apps.customers.queries import CustomerRow, SiteTerms, Terms, customers_of, site_terms_of, terms_of
from watchbill.apps.people.teams import NOWHERE, Place, TeamPlaces, team_places
from watchbill.apps.work import timeline
from watchbill.apps.work.queues import queues_of
from watchbill.apps.work.timeline import ClockRow
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent
from watchbill.engine.clocks.fields import ATTRIBUTE, Value

_TERM_FIELDS = frozenset({"tier", "contract", "sensitive", "customer_zone"})
_AnyTerms = TypeVar("_AnyTerms", Terms, SiteTerms, Place)
_PLAIN = ("kind", "category", "language")


@dataclass(slots=True)
class FactBook:
    """The names and terms behind the keys in events, for the fields that are asked for; filled by `about`."""

    fields: tuple[str, ...]
    queues: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, TeamPlaces] = field(default_factory=dict)
    customers: Mapping[int, CustomerRow] = field(default_factory=dict)
    terms: Mapping[int, Sequence[Terms]] = field(default_factory=dict)
    sites: Mapping[int, Sequence[SiteTerms]] = field(default_factory=dict)

    def facts(self, known: Mapping[str, Any], at: datetime) -> Mapping[str, Value]:
        """Return what the fields hold for an item of which *known* has been set, at an instant."""
        customer, site = known.get("customer_id") or 0, known.get("site_id") or 0
        team = self.teams.get(known.get("team_id") or 0, NOWHERE)
        base = _held(team.places, at)
        found: dict[str, Value] = {name: known.get(name) or None for name in _PLAIN}
        found |= {
            "queue": self.queues.get(known.get("queue_id") or 0),
            "team": team.name or None,
            "team_zone": (base.zone or None) if base is not None else None,
            "customer": self.customers[customer].name if customer in self.customers else None,
        }
        place = _held(self.sites.get(site, ()), at)
        if place is not None:
            found |= {"site": place.name, "site_zone": place.zone}
        last = _held(self.terms.get(customer, ()), at)
        if last is not None:
            found |= {
                "tier": last.tier, "contract": last.contract or None, "sensitive": last.is_sensitive,
                "customer_zone": last.zone or None,
            }  # fmt: skip
        attributes = known.get("attributes") or {}
        for name in self.fields:
            if name.startswith(ATTRIBUTE):
                found[name] = _plain(attributes.get(name.removeprefix(ATTRIBUTE)))
        return MappingProxyType({name: found.get(name) for name in self.fields})

    def changes(self, known: Mapping[str, Any], begin: datetime, end: datetime) -> list[datetime]:
        """Return when the terms of the customer or of the site, or the place of the team, that *known* names changed after *begin*, up to *end*."""
        changed = {one.at for one in self.terms.get(known.get("customer_id") or 0, ())}
        changed |= {one.at for one in self.sites.get(known.get("site_id") or 0, ())}
        changed |= {one.at for one in self.teams.get(known.get("team_id") or 0, NOWHERE).places}
        return sorted(at for at in changed if begin < at <= end)


def _held(terms: Sequence[_AnyTerms], at: datetime) -> _AnyTerms | None:
    """Return those of *terms* that held at an instant."""
    return next((one for one in reversed(terms) if one.at <= at), None)


def _plain(value: Any) -> Value:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def about(desk_id: int, fields: tuple[str, ...], sets: Iterable[Mapping[str, Any]]) -> FactBook:
    """Return the names and terms of whatever occurs in *sets*, as far as *fields* ask: at most five queries."""
    book = FactBook(fields)
    asked = frozenset(fields)
    listed = list(sets)
    if asked & {"queue"}:
        book.queues = queues_of(desk_id)
    if asked & {"team", "team_zone"}:
        book.teams = team_places(desk_id)
    customers = {each["customer_id"] for each in listed if each.get("customer_id")}
    if customers and asked & {"customer"}:
        book.customers = customers_of(sorted(customers))
    if customers and asked & _TERM_FIELDS:
        book.terms = terms_of(sorted(customers))
    sites = {each["site_id"] for each in listed if each.get("site_id")}
    if sites and asked & {"site", "site_zone"}:
        book.sites = site_terms_of(sorted(sites))
    return book


def fields_of(rules: Rulebook) -> tuple[str, ...]:
    """Return the fields that any version of a desk's clock policy looks at."""
    return tuple(sorted({name for version in rules.policies for name in policy_of(version.id).fields}))


def clock_event(row: ClockRow, facts: Mapping[str, Value] | None = None) -> ClockEvent:
    """Read one row of `work.timeline.clock_events`."""
    at, kind, state, priority, owner_id, actor_kind, merged_at, _ = row
    return ClockEvent(
        at=at,
        kind=EventKind(kind),
        state=State(state),
        priority=Priority(priority),
        owner=None if owner_id is None else PersonId(owner_id),
        actor=ActorKind(actor_kind),
        facts=facts,
        merged_at=merged_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """An event that is about to be written: as clocks will see it, and the fields that it sets."""

    event: ClockEvent
    patch: Mapping[str, Any]


def clock_events(
    desk_id: int,
    rules: Rulebook,
    item_ids: Sequence[int],
    *,
    now: datetime,
    undoing: Mapping[int, int] = MappingProxyType({}),
    ahead: Mapping[int, Ahead] = MappingProxyType({}),
    also: Sequence[str] = (),
) -> dict[int, list[ClockEvent]]:
    """Return the events of items as clocks see them, each with what the desk's policies look at, up to *now*.

    *undoing*, see `work.timeline.clock_events`; *ahead* are events that come after those that are stored; *also* are fields
    that somebody else looks at. One query, and up to five for names where a policy looks at fields.
    """
    fields = tuple(sorted({*fields_of(rules), *also}))
    stored = [item_id for item_id in item_ids if item_id]
    rows = timeline.clock_events(stored, undoing=undoing, has_fields=bool(fields)) if stored else {}
    if not fields:
        return {
            item_id: [
                *(clock_event(row) for row in rows.get(item_id, ())),
                *([ahead[item_id].event] if item_id in ahead else []),
            ]
            for item_id in item_ids
        }
    sets = [row[7] or {} for each in rows.values() for row in each]
    book = about(desk_id, fields, [*sets, *(each.patch for each in ahead.values())])
    return {item_id: _with_facts(book, rows.get(item_id, ()), ahead.get(item_id), now=now) for item_id in item_ids}


def _with_facts(book: FactBook, rows: Sequence[ClockRow], ahead: Ahead | None, *, now: datetime) -> list[ClockEvent]:
    """Return the events of one item with facts; where the terms of its customer or site, or the place of its team, change under it, that is an event, too."""
    known: dict[str, Any] = {}
    made: list[ClockEvent] = []
    steps = [(clock_event(row), row[7] or {}) for row in rows]
    steps += [(ahead.event, ahead.patch)] if ahead is not None else []
    for event, patch in steps:
        if made:
            made += _terms_between(book, known, made[-1], event.at)
        known |= patch
        made.append(replace(event, facts=book.facts(known, event.at)))
    return [*made, *(_terms_between(book, known, made[-1], now) if made else [])]


def _terms_between(book: FactBook, known: Mapping[str, Any], last: ClockEvent, until: datetime) -> list[ClockEvent]:
    return [
        replace(last, at=at, kind=EventKind.TERMS, actor=ActorKind.SYSTEM, merged_at=None, facts=book.facts(known, at))
        for at in book.changes(known, last.at, until)
    ]
