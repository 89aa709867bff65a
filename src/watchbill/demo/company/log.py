"""The company's log: everything put together for one beginning of the story, and written as the file that is imported."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TextIO

from watchbill.demo.company.arrivals import Arrival, arrivals_make
from watchbill.demo.company.cases import Case, Row
from watchbill.demo.company.customers import Client, clients_make
from watchbill.demo.company.facts import LEVELS, LOAD_WEEKS, OPEN_ITEMS, PRODUCTS, REGIONS, SEED, WEEKS_BEFORE
from watchbill.demo.company.hours import instant_of, minute_of
from watchbill.demo.company.lives import CLOSER, CLOSES_MIN, LEAST_MIN, PATIENCE_MIN, World
from watchbill.demo.company.staff import Staff, staff_make
from watchbill.engine.base.work import State

COLUMNS = (
    "number", "update", "at", "opened_at", "state", "priority", "impact", "urgency", "title", "product", "language",
    "team", "owner", "customer", "actor", "region", "site", "updates", "handed_over",
)  # fmt: skip
COUNTRIES = tuple(
    sorted(
        {region.country for region in REGIONS}
        | {place.country for region in REGIONS for place in (*dict(region.people_at), *region.customers_at)}
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The people, the customers and the cases with their lives."""

    staff: tuple[Staff, ...]
    clients: tuple[Client, ...]
    cases: tuple[Case, ...]
    begins_at: datetime

    @property
    def begins_min(self) -> int:
        return minute_of(self.begins_at)

    def open_at(self, at: datetime) -> list[Case]:
        """The cases that are open at an instant."""
        return [case for case in self.cases if case.is_open(minute_of(at))]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Each update of each case, as `COLUMNS` names it."""
        for case in self.cases:
            opened_at = instant_of(case.arrival.at).isoformat()
            title = f"{case.arrival.symptom} at {case.arrival.site}"
            for update, row in enumerate(case.rows, 1):
                impact, urgency = LEVELS[row.priority]
                yield (
                    case.reference, update, instant_of(row.at).isoformat(), opened_at, row.state.value, row.priority, impact,
                    urgency, title, row.product, case.arrival.language, row.team, row.owner, case.arrival.client.name,
                    row.actor, case.arrival.client.region, case.arrival.site, row.updates, row.handed_over,
                )  # fmt: skip

    def write(self, out: TextIO) -> None:
        """Write the log as CSV."""
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(self.rows())

    def digest(self) -> str:
        """A fingerprint of the people, the customers and every update."""
        told = hashlib.sha256(repr((self.staff, self.clients)).encode())
        for row in self.rows():
            told.update(repr(row).encode())
        return told.hexdigest()


def company_make(
    *,
    begins_at: datetime,
    ends_at: datetime,
    holidays: Mapping[str, Collection[date]],
    weeks: int = WEEKS_BEFORE,
    open_items: int = OPEN_ITEMS,
    seed: int = SEED,
) -> Company:
    """Make the company as it is when the story begins, and as it goes on until *ends_at*: pure, from the seed.

    Parameters
    ----------
    holidays: the closed days of each country of `COUNTRIES`.
    weeks: of history before the story's Monday.
    open_items: how many are open at *begins_at*, to the item.

    Weekdays and hours are those of people's own walls, so the same seed on another day gives the same company with
    another year behind it. Costs about as many steps as there are updates.
    """
    monday = begins_at.date() - timedelta(days=begins_at.weekday())
    staff, clients = staff_make(seed=seed), clients_make(seed=seed)
    arrivals = [
        each
        for each in arrivals_make(
            clients, monday=monday, weeks=weeks, holidays=holidays, speaks=speaks(staff), seed=seed
        )
        if each.at < minute_of(ends_at)
    ]
    first, last = monday - timedelta(weeks=weeks + 1), ends_at.date() + timedelta(weeks=13)
    world = World(staff, holidays=holidays, first=first, last=last, seed=seed)
    cases = world.run(_weighed(arrivals, staff, world, monday, weeks=weeks), until=minute_of(ends_at))
    _open_exactly(cases, world, open_items, now=minute_of(begins_at), until=minute_of(ends_at))
    return Company(staff=staff, clients=clients, cases=tuple(cases), begins_at=begins_at)


def _weighed(
    arrivals: Sequence[Arrival], staff: Sequence[Staff], world: World, monday: date, *, weeks: int
) -> list[Arrival]:
    """Let the effort that came to each region lately be to its staffed time as `Region.load_ratio` says, holidays counted."""
    since, until = (_midnight(monday - timedelta(weeks=back)) for back in (min(weeks, LOAD_WEEKS), 0))
    factor = {}
    for region in REGIONS:
        staffed = sum(world.worker(who.name).hours.between(since, until) for who in staff if who.region == region.name)
        effort = sum(
            each.work_min for each in arrivals if each.client.region == region.name and since <= each.at < until
        )
        factor[region.name] = region.load_ratio * staffed / effort
    return [
        replace(each, work_min=max(LEAST_MIN, round(each.work_min * factor[each.client.region]))) for each in arrivals
    ]


def _midnight(day: date) -> int:
    return minute_of(datetime.combine(day, time(0), tzinfo=UTC))


def speaks(staff: Sequence[Staff]) -> dict[tuple[str, str], frozenset[str]]:
    """What can be spoken about a product in a region: languages that two people or more have who may own its cases."""
    found = {}
    for region in REGIONS:
        for product in PRODUCTS:
            able = [
                who.languages for who in staff
                if who.team == f"{region.name} {product.team}" and who.can(product.skill, product.level, who.languages[0])
            ]  # fmt: skip
            told = [language for languages in able for language in languages]
            found[region.name, product.name] = frozenset(each for each in told if told.count(each) > 1)
    return found


def _open_exactly(cases: Sequence[Case], world: World, wanted: int, *, now: int, until: int) -> None:
    """Let so many be open at *now*: some customers never answered, or what was just resolved takes a while longer."""
    surplus = sum(case.is_open(now) for case in cases) - wanted
    for case in sorted(cases, key=lambda each: (-each.priority, each.arrival.number)):
        row = case.at(now)
        if surplus > 0 and row is not None and row.state is State.WAITING_CUSTOMER:
            at = world.worker(row.owner).last_minute(now)
            if at > row.at:
                _end(case, row, at=at, until=until)
                surplus -= 1
    resolved = [(row.at, case, row) for case in cases if (row := case.at(now)) is not None and _may_linger(row)]
    latest = sorted(resolved, key=lambda each: (-each[0], each[1].arrival.number))
    for _, case, row in latest[: max(0, -surplus)]:
        before = case.rows[case.rows.index(row) - 1]
        at = world.worker(row.owner).after(now, minutes=60 + case.arrival.number % 900)
        _end(case, before._replace(state=State.IN_PROGRESS), at=at, until=until)


def _may_linger(row: Row) -> bool:
    """Whether nobody would wonder that it is not resolved yet: nothing urgent."""
    return row.state is State.RESOLVED and row.priority not in PATIENCE_MIN


def _end(case: Case, row: Row, *, at: int, until: int) -> None:
    """Let nothing come after *row* but that its owner resolves it at *at*, and that it closes."""
    place = next(place for place, each in enumerate(case.rows) if each.at == row.at and each.actor == row.actor)
    case.rows[place + 1 :] = []
    ends = row._replace(at=at, state=State.RESOLVED, actor=row.owner)
    closes = ends._replace(at=at + CLOSES_MIN, state=State.CLOSED, actor=CLOSER)
    case.rows += [each for each in (ends, closes) if each.at <= until]
