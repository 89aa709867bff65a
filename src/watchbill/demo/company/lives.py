"""Lives of cases: taken, worked on in the hours that people have, waiting, handed over with the sun, bounced, reopened.

Each case is a coroutine that says when it goes on; people are calendars that fill. So load makes queues by itself: in a
region with more work than hours cases wait longer, without anybody having said so.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Generator, Mapping, Sequence
from datetime import date
from math import log
from random import Random

from watchbill.demo.company.arrivals import Arrival
from watchbill.demo.company.cases import Case
from watchbill.demo.company.chance import stream
from watchbill.demo.company.facts import NEXT_REGION, PRODUCTS, Product
from watchbill.demo.company.hours import Hours
from watchbill.demo.company.staff import Staff
from watchbill.engine.base.work import State

CUSTOMER, VENDOR, CLOSER = "Customer portal", "Vendor portal", "Automatic closure"
"""Robots that write to the log by themselves."""
DAY_MIN = 24 * 60

TRIAGE_MIN = {1: 6.0, 2: 12.0, 3: 45.0, 4: 80.0}
"""Median minutes until somebody on shift takes a case."""
PATIENCE_MIN = {1: 120, 2: 360}
"""How long a case may lie before it is handed to a region that is awake, P2 when its own goes home; lower priorities stay."""
STAYS_MIN = 7 * 60
"""For how long whoever was handed a case keeps it at least: regions hand over once a watch."""
TOUCH_MIN = (90, 120, 180, 240)
LEAST_MIN = 10
AFTER_TOUCH = (
    ("update", 0.28), ("customer", 0.42), ("vendor", 0.13), ("other", 0.02), ("colleague", 0.05), ("bounce", 0.06),
    ("raise", 0.04),
)  # fmt: skip
ANSWER_MIN, LATE_ANSWER_MIN, LATE_SHARE, SILENT_SHARE = 640.0, 3200.0, 0.22, 0.03
"""Median working minutes until customers answer: most, some; and the share that never does."""
SILENCE_MIN = 5 * 8 * 60
VENDOR_MIN, OTHER_MIN = 5400.0, 9000.0
HURRY = {1: 0.1, 2: 0.4, 3: 1.0, 4: 1.2}
"""How long others let a case of each priority wait, against the usual."""
CANCELLED_SHARE, REOPENED_SHARE, REOPENED_EFFORT = 0.02, 0.06, 0.25
REOPENED_MIN = 500.0
CLOSES_MIN = 5 * DAY_MIN
BOUNCES_MOST = 2
HELPS_AGAIN = 0.25
"""How often a case goes to whom the customer knows already, if she is there."""

Life = Generator[int, None, None]
"""Gives the minute at which it goes on."""


class Worker:
    """One person with her calendar, filled up to some staffed minute."""

    __slots__ = ("_full", "hours", "who")

    def __init__(self, who: Staff, hours: Hours) -> None:
        self.who, self.hours, self._full = who, hours, 0

    def next_start(self, now: int, *, is_urgent: bool) -> int:
        """When she can begin with something new; what is urgent goes before all else."""
        done = self.hours.worked(now)
        return self.hours.start(done if is_urgent else max(done, self._full))

    def book(self, start: int, minutes: int) -> int:
        """Fill so many minutes from *start* on, and return when they are done."""
        done = self.hours.worked(start)
        self._full = max(self._full, done) + minutes
        return self.hours.end(done + minutes)

    def last_minute(self, now: int) -> int:
        """The latest minute up to *now* that she has worked."""
        return self.hours.end(self.hours.worked(now))

    def after(self, now: int, *, minutes: int) -> int:
        """When she has worked so many minutes more."""
        return self.hours.end(self.hours.worked(now) + minutes)

    def waiting_min(self, now: int) -> int:
        """How much she has before her."""
        return max(0, self._full - self.hours.worked(now))


class World:
    """Everybody of the company, and the cases whose lives go on side by side."""

    def __init__(
        self, staff: Sequence[Staff], *, holidays: Mapping[str, Collection[date]], first: date, last: date, seed: int
    ) -> None:
        made: dict[object, Hours] = {}
        self._seed = seed
        self._workers = {who.name: Worker(who, self._hours(made, who, holidays, first, last)) for who in staff}
        self._customers: dict[str, Hours] = {}
        self._office = tuple(((9 * 60, 17 * 60),) if weekday < 5 else () for weekday in range(7))
        self._span = (holidays, first, last)
        self._able: dict[tuple[str, str, str], list[Worker]] = {}
        self._known: dict[str, str] = {}
        self.now = 0

    @staticmethod
    def _hours(
        made: dict[object, Hours], who: Staff, holidays: Mapping[str, Collection[date]], first: date, last: date
    ) -> Hours:
        key = (who.place.zone, who.week, who.place.country)
        if key not in made:
            made[key] = Hours(who.place.zone, who.week, closed_on=holidays[who.place.country], first=first, last=last)
        return made[key]

    def worker(self, name: str) -> Worker:
        """Somebody by her name."""
        return self._workers[name]

    def run(self, arrivals: Sequence[Arrival], *, until: int) -> list[Case]:
        """Let all cases live side by side up to the minute *until*; return them in the order of their numbers."""
        cases = list[Case]()
        waiting: list[tuple[int, int, Life | None]] = [(each.at, each.number, None) for each in arrivals]
        heapq.heapify(waiting)
        while waiting and waiting[0][0] <= until:
            self.now, number, life = heapq.heappop(waiting)
            if life is None:
                arrival = arrivals[number - 1]
                cases.append(Case.of(arrival, region=arrival.client.region))
                life = self._life(cases[-1], stream(self._seed, f"case:{number}"))
            at = next(life, None)
            if at is not None:
                heapq.heappush(waiting, (max(at, self.now), number, life))
        return sorted(cases, key=lambda case: case.arrival.number)

    def _life(self, case: Case, rng: Random) -> Life:
        case.region = self._awake(case) if _may_move(case) else case.region
        case.tell(self.now, by=CUSTOMER)
        yield from self._taken(case, rng)
        if rng.random() < CANCELLED_SHARE:
            yield self.now + 15
            yield from self._by_owner(case, State.CANCELLED)
            return
        while True:
            yield from self._worked(case, rng)
            if case.state is not State.RESOLVED:
                yield from self._by_owner(case, State.RESOLVED)
            if rng.random() >= REOPENED_SHARE:
                break
            yield self._customer_answers(case, _about(rng, REOPENED_MIN))
            case.state, case.left_min = (
                State.IN_PROGRESS,
                max(LEAST_MIN, round(case.arrival.work_min * REOPENED_EFFORT)),
            )
            case.tell(self.now, by=CUSTOMER)
        yield self.now + CLOSES_MIN
        case.state = State.CLOSED
        case.tell(self.now, by=CLOSER)

    def _taken(self, case: Case, rng: Random) -> Life:
        """Wait until somebody who may own it is there and takes it."""
        yield self._first_open(case) + round(_about(rng, TRIAGE_MIN[case.priority]))
        while not (there := [each for each in self._who_can(case) if each.hours.is_open(self.now)]):
            yield self._first_open(case) + LEAST_MIN
        known = self._known.get(case.arrival.client.name)
        again = [each for each in there if each.who.name == known and rng.random() < HELPS_AGAIN]
        chosen = again or [min(there, key=lambda each: (each.waiting_min(self.now), each.who.number))]
        case.owner = self._known[case.arrival.client.name] = chosen[0].who.name
        case.tell(self.now, by=case.owner)

    def _worked(self, case: Case, rng: Random) -> Life:
        """Work until nothing is left, with all that comes between; a customer who never answers ends it, too."""
        while case.left_min > 0 and case.state is not State.RESOLVED:
            owner, is_urgent = self._workers[case.owner], case.priority == 1
            start = owner.next_start(self.now, is_urgent=is_urgent)
            is_long = start - self.now > PATIENCE_MIN.get(case.priority, start) and self._may_go(case)
            if is_long and not is_urgent and (ends := self._at_work_until(case)) > self.now:
                yield ends
                continue
            if is_long and (region := self._sooner(case, start)):
                yield from self._handed_over(case, region, rng)
                continue
            minutes = min(case.left_min, rng.choice(TOUCH_MIN))
            end = owner.book(start, minutes)
            yield start
            if case.state is not State.IN_PROGRESS:
                case.state = State.IN_PROGRESS
                case.tell(self.now, by=case.owner)
            yield end
            case.left_min -= minutes
            if case.left_min > 0:
                yield from self._between(case, rng)

    def _handed_over(self, case: Case, region: str, rng: Random) -> Life:
        """Pass it with the sun, to a team that is awake: what is not urgent, when its own region goes home."""
        owner = self._workers[case.owner]
        by = case.owner if owner.hours.is_open(self.now) else CUSTOMER
        case.handed_over = f"{case.region} to {region}"
        case.region, case.owner, case.state, case.arrived_at = region, "", State.IN_PROGRESS, self.now
        case.tell(self.now, by=by if by != CUSTOMER else self._someone(case))
        yield from self._taken(case, rng)

    def _between(self, case: Case, rng: Random) -> Life:
        what = rng.choices([name for name, _ in AFTER_TOUCH], [share for _, share in AFTER_TOUCH])[0]
        if what == "customer":
            yield from self._waits_for_customer(case, rng)
        elif what == "vendor":
            yield from self._waits(
                case, State.WAITING_VENDOR, _about(rng, VENDOR_MIN) * HURRY[case.priority], by=VENDOR
            )
        elif what == "other":
            yield from self._waits(case, State.WAITING_OTHER, _about(rng, OTHER_MIN) * HURRY[case.priority], by="")
        elif what == "bounce" and case.bounces < BOUNCES_MOST:
            yield from self._bounced(case, rng)
        elif what == "colleague":
            yield from self._passed_on(case)
        elif what == "raise" and case.priority > 1:
            case.priority -= 1
            case.tell(self.now, by=case.owner)
        elif what == "update":
            case.updates += 1
            case.tell(self.now, by=case.owner)

    def _waits_for_customer(self, case: Case, rng: Random) -> Life:
        case.state, case.updates = State.WAITING_CUSTOMER, case.updates + 1
        case.tell(self.now, by=case.owner)
        if rng.random() < SILENT_SHARE:
            yield self._customer_answers(case, SILENCE_MIN)
            yield from self._by_owner(case, State.RESOLVED)
            return
        median = LATE_ANSWER_MIN if rng.random() < LATE_SHARE else ANSWER_MIN
        yield self._customer_answers(case, _about(rng, median) * HURRY[case.priority])
        case.state = State.IN_PROGRESS
        case.tell(self.now, by=CUSTOMER)

    def _waits(self, case: Case, state: State, minutes: float, *, by: str) -> Life:
        """Wait for somebody else for so long; without a robot that tells of it, until the owner sees it."""
        case.state = state
        case.tell(self.now, by=case.owner)
        yield self.now + round(minutes)
        if by:
            case.state = State.IN_PROGRESS
            case.tell(self.now, by=by)
        else:
            yield from self._by_owner(case, State.IN_PROGRESS)

    def _bounced(self, case: Case, rng: Random) -> Life:
        """It was another product's all along: to that queue, where nobody owns it yet."""
        others = [each for each in PRODUCTS if each is not case.product and self._can_any(case, each)]
        by, case.bounces = case.owner, case.bounces + 1
        case.product, case.owner = rng.choice(others), ""
        case.tell(self.now, by=by)
        yield from self._taken(case, rng)

    def _passed_on(self, case: Case) -> Life:
        """To a colleague who is there; when nobody else is, it stays."""
        there = [each for each in self._who_can(case) if each.who.name != case.owner and each.hours.is_open(self.now)]
        if there:
            by, case.owner = (
                case.owner,
                min(there, key=lambda each: (each.waiting_min(self.now), each.who.number)).who.name,
            )
            case.tell(self.now, by=by)
        return
        yield

    def _by_owner(self, case: Case, state: State) -> Life:
        """Set a state when the owner is at work."""
        yield self._workers[case.owner].hours.opens(self.now)
        case.state = state
        case.tell(self.now, by=case.owner)

    def _customer_answers(self, case: Case, minutes: float) -> int:
        """When so many of the customer's working minutes have passed; with P1 somebody is awake there, too."""
        if case.priority == 1:
            return self.now + round(minutes)
        place = case.arrival.client.place
        if place.city not in self._customers:
            holidays, first, last = self._span
            self._customers[place.city] = Hours(
                place.zone, self._office, closed_on=holidays[place.country], first=first, last=last
            )
        hours = self._customers[place.city]
        return hours.start(hours.worked(self.now) + round(minutes))

    def _who_can(self, case: Case) -> list[Worker]:
        return self._who(case.region, case.product, case.arrival.language)

    def _can_any(self, case: Case, product: Product) -> bool:
        return bool(self._who(case.region, product, case.arrival.language))

    def _who(self, region: str, product: Product, language: str) -> list[Worker]:
        """Those of a region's team whose skill, level and language fit."""
        key = (region, product.name, language)
        if key not in self._able:
            self._able[key] = [
                worker for worker in self._workers.values()
                if worker.who.team == f"{region} {product.team}" and worker.who.can(product.skill, product.level, language)
            ]  # fmt: skip
        return self._able[key]

    def _someone(self, case: Case) -> str:
        """Whoever of the case's team is at work and passes it on."""
        return next(each.who.name for each in self._who_can(case) if each.hours.is_open(self.now))

    def _first_open(self, case: Case) -> int:
        return min(each.hours.opens(self.now) for each in self._who_can(case))

    def _awake(self, case: Case) -> str:
        """The case's region when somebody who may own it is there, else the next one with the sun where somebody is."""
        for region in (case.region, *NEXT_REGION[case.region]):
            if any(each.hours.is_open(self.now) for each in self._who(region, case.product, case.arrival.language)):
                return region
        return case.region

    def _may_go(self, case: Case) -> bool:
        """Whether it may be handed to another region by now: it may move, and has not just been handed over."""
        return _may_move(case) and self.now - case.arrived_at >= STAYS_MIN

    def _at_work_until(self, case: Case) -> int:
        """When the last of its region who are at work and may own it go home; now, when nobody is there."""
        return max(each.hours.closes(self.now) for each in self._who_can(case))

    def _sooner(self, case: Case, start: int) -> str:
        """The next region with the sun where somebody is at work who can begin before *start*; "" for none."""
        is_urgent = case.priority == 1
        for region in NEXT_REGION[case.region]:
            able = self._who(region, case.product, case.arrival.language)
            there = [each for each in able if each.hours.is_open(self.now)]
            if any(each.next_start(self.now, is_urgent=is_urgent) < start for each in there):
                return region
        return ""


def _may_move(case: Case) -> bool:
    """Whether another region may have it: it is urgent, and its customer's data may leave the region."""
    return case.priority in PATIENCE_MIN and not case.arrival.client.is_sensitive


def _about(rng: Random, median: float) -> float:
    """A duration around its median: half as long or twice as long is nothing unusual."""
    return rng.lognormvariate(log(median), 0.7)
