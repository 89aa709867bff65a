"""The second desk of the demo: the generated company, loaded through the import while the first desk is already told.

Killed anywhere it goes on: the desk is made in one transaction, the import remembers what it has applied (the same
seed and beginning give the same file), and the users of the desk come last, all at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from zlib import crc32

from django.db import transaction

from watchbill.apps.clocks.holidays import holidays_of
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.customers.bulk import NewCustomer, customer_load_many
from watchbill.apps.decisions import services as decisions
from watchbill.apps.people import services as people
from watchbill.apps.people.demo_users import Seat, demo_seats_make, has_demo_seats
from watchbill.apps.people.partners import partner_add
from watchbill.apps.people.queries import desk_list, person_search, skill_list
from watchbill.apps.people.rights import Role
from watchbill.apps.people.staffing import NewPerson, staff_load
from watchbill.apps.shifts.bulk import usual_hours_load
from watchbill.apps.work import weighing
from watchbill.apps.work.queries import View, WorkFilter, work_page
from watchbill.apps.work.queues import queue_list, queue_save
from watchbill.apps.work.services import Change, work_change_many
from watchbill.demo.company.customers import clients_make
from watchbill.demo.company.facts import PRODUCTS, REGIONS, SEED, WEEKS_BEFORE
from watchbill.demo.company.log import COUNTRIES, Company, company_make
from watchbill.demo.company.partners import PARTNERS
from watchbill.demo.company.promises import ASSIGNMENT, calendars, clock_policy, efforts
from watchbill.demo.company.staff import Staff, staff_make
from watchbill.demo.promised import promises_publish
from watchbill.engine.assign.rails import Mode
from watchbill.engine.base.work import EventKind, State
from watchbill.flows.intake.load import Summary, import_run
from watchbill.flows.intake.profiles import profile_load

SLUG = "meridian"
NAME = "Meridian Systems"
ZONE = "UTC"
PROFILE = "generated-cases.toml"
REASON = "Part of the demo's generated company"
AUTOPILOT = "Identity gateway"
"""The one queue in which Watchbill acts by itself from the start."""
NOTE = (
    "Meridian Systems is made up: a generated company of three regions, its 60 people, 150 customers, contracts, cases and "
    f"all that happens to them come from a random generator (seed {SEED}). No person, customer or case of it exists. Its "
    "weeks, holidays and daylight saving are those of the real calendar; its cases go on as the demo's time moves."
)

ASKED = {
    State.WAITING_CUSTOMER: "Ask the customer again",
    State.WAITING_VENDOR: "Ask the vendor how far it is",
    State.WAITING_OTHER: "Ask how far it is",
}
"""What is the next step where somebody else is to act."""
MOST_OPEN = 1000

Tell = Callable[[str, float], None]


def is_complete() -> bool:
    """Whether the second desk is there with all that belongs to it."""
    return any(desk.slug == SLUG and has_demo_seats(desk.id) for desk in desk_list(by=WATCHBILL))


def company_load(
    *, begins_at: datetime, ends_at: datetime, weeks: int = WEEKS_BEFORE, workers: int | None = None, tell: Tell
) -> Summary:
    """Make the second desk as it is at *begins_at*, or go on with it; what comes later is held until its time.

    Told how far it is by *tell*, which may raise to end it. Called again after that, or after a kill, it goes on.
    """
    years = range(begins_at.year - 2, ends_at.year + 1)
    closed = {country: frozenset(holidays_of(country, years)) for country in COUNTRIES}
    desk_id = _desk_ensure(begins_at, weeks=weeks, closed=closed)
    tell("generating", 0.0)
    company = company_make(begins_at=begins_at, ends_at=ends_at, holidays=closed, weeks=weeks)
    summary = _imported(company, desk_id, workers=workers, tell=tell)
    _desk_open(desk_id, company, now=begins_at)
    return summary


def _imported(company: Company, desk_id: int, *, workers: int | None, tell: Tell) -> Summary:
    with (
        tempfile.TemporaryDirectory(prefix="watchbill-generated-") as folder,
        as_file(files("watchbill.demo.data") / PROFILE) as profile,
    ):
        path = Path(folder) / f"{SLUG}.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            company.write(out)
        return import_run(
            path, profile_load(str(profile)), desk_id=desk_id, hold_after=company.begins_at, workers=workers,
            tell=tell, by=WATCHBILL, now=company.begins_at,
        )  # fmt: skip


def _desk_ensure(now: datetime, *, weeks: int, closed: dict[str, frozenset[date]]) -> int:
    """Return the desk with its people, customers, promises and queues; made in one transaction when it is not there."""
    known = [desk.id for desk in desk_list(by=WATCHBILL) if desk.slug == SLUG]
    if known:
        return known[0]
    with transaction.atomic():
        desk_id = people.desk_ensure(SLUG, name=NAME, zone=ZONE, note=NOTE, is_generated=True, by=WATCHBILL, now=now)
        _promises_make(desk_id, since=now - timedelta(weeks=weeks + 1), closed=closed, now=now)
        _staff_make(desk_id, staff_make(), now=now)
        customer_load_many(
            desk_id,
            [
                NewCustomer(
                    name=each.name, tier=each.tier, contract=each.contract, zone=each.place.zone,
                    is_sensitive=each.is_sensitive, sites=each.sites, clearances=each.clearances,
                )
                for each in clients_make()
            ],
            by_name=WATCHBILL.name, reason=REASON,
        )  # fmt: skip
        _queues_make(desk_id, now=now)
        for partner in PARTNERS:
            partner_add(desk_id, **partner, by=WATCHBILL, now=now)
    return desk_id


def _promises_make(desk_id: int, *, since: datetime, closed: dict[str, frozenset[date]], now: datetime) -> None:
    promises_publish(desk_id, calendars(closed), clock_policy(), since=since, reason=REASON, now=now)
    decisions.policy_publish(
        desk_id, ASSIGNMENT, holds_from=since, is_for_history=True, reason=REASON, by=WATCHBILL, now=now
    )
    for (category, priority), minutes in efforts().items():
        weighing.effort_set(desk_id, category=category, priority=priority, minutes=minutes, by=WATCHBILL, now=now)


def _staff_make(desk_id: int, staff: tuple[Staff, ...], *, now: datetime) -> None:
    ids = staff_load(
        desk_id,
        regions={region.name: region.zone for region in REGIONS},
        people=[
            NewPerson(
                name=who.name, email=who.email, region=who.region, team=who.team, zone=who.place.zone,
                languages=who.languages, skills=dict(who.skills), wip_limit=who.wip_limit,
                clearances=(who.clearance,),
            )
            for who in staff
        ],
        reason=REASON, by=WATCHBILL, now=now,
    )  # fmt: skip
    usual_hours_load({ids[who.name]: who.week for who in staff}, by_name=WATCHBILL.name)


def _queues_make(desk_id: int, *, now: datetime) -> None:
    """A queue a product; Watchbill looks at none of them until everything is there."""
    skills = {row["name"]: row["id"] for row in skill_list(desk_id, by=WATCHBILL)}
    for product in PRODUCTS:
        queue_id = queue_save(
            desk_id, name=product.name, skill_id=skills[product.skill], skill_level=product.level, by=WATCHBILL, now=now
        )
        decisions.mode_set(queue_id, mode=Mode.OFF, reason=REASON, by=WATCHBILL, now=now)


def _desk_open(desk_id: int, company: Company, *, now: datetime) -> None:
    """Let Watchbill look at the queues, and visitors in: once, in one transaction."""
    if has_demo_seats(desk_id):
        return
    with transaction.atomic():
        _next_steps_say(desk_id, now=now)
        for queue in queue_list(desk_id, by=WATCHBILL):
            mode = Mode.AUTOPILOT if queue["name"] == AUTOPILOT else Mode.ADVISE
            decisions.mode_set(queue["id"], mode=mode, reason=REASON, by=WATCHBILL, now=now)
        demo_seats_make(desk_id, _seats(desk_id, company), by=WATCHBILL, now=now)


def _next_steps_say(desk_id: int, *, now: datetime) -> None:
    """Let owners say when they ask again for what they wait for; one in ten has not, as everywhere."""
    wanted = WorkFilter(desk_id=desk_id, view=View.NO_NEXT_STEP)
    changes = []
    for row in work_page(wanted, limit=MOST_OPEN, by=WATCHBILL, now=now):
        number = crc32(f"{row.title} {row.opened_at.isoformat()}".encode())
        step = ASKED.get(State(row.state))
        if step is None or row.owner_id is None or number % 10 == 0:
            continue
        due_at = (now + timedelta(days=1 + number % 3)).replace(hour=7 + number % 12, minute=15 * (number % 4))
        patch = {"next_step": step, "next_step_owner_id": row.owner_id, "next_step_due_at": due_at}
        data = {"who": row.owner, "text": REASON}
        changes.append(Change(item_id=row.id, kind=EventKind.NEXT_STEP, version=row.version, patch=patch, data=data))
    work_change_many(changes, by=WATCHBILL, now=now)


def _seats(desk_id: int, company: Company) -> list[Seat]:
    """One manager a region, and an agent: whoever owns the most open cases."""
    ids = {row["name"]: row["id"] for row in person_search(desk_id, "", limit=len(company.staff), by=WATCHBILL)}
    first = {region.name: next(who for who in company.staff if who.region == region.name) for region in REGIONS}
    owned = [row.owner for case in company.cases if (row := case.at(company.begins_min)) and row.is_open and row.owner]
    busiest = max(company.staff, key=lambda who: (owned.count(who.name), -who.number))
    return [
        *(
            Seat(
                slug=f"manager-{name.lower()}",
                name=f"Regional manager {name}",
                role=Role.MANAGER,
                person_id=ids[who.name],
            )
            for name, who in first.items()
        ),
        Seat(slug="agent-second", name=f"Agent {busiest.region}", role=Role.AGENT, person_id=ids[busiest.name]),
    ]
