"""A desk of which everything is known: its people, effort, order and routing; and the log that it leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from watchbill.engine.backtest.desk import Worked
from watchbill.engine.backtest.facts import Agent, Case, Leg, Model, Span
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.backtest.outcome import Run
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.history import History, Told, history_of
from watchbill.engine.backtest.twin.promise import Promise
from watchbill.engine.base.calendar import Calendar, WallInterval
from watchbill.engine.base.ids import ItemId, PersonId, SkillId
from watchbill.engine.base.intervals import instant_of, micros_of
from watchbill.engine.base.work import Priority, State

ZONE = ZoneInfo("Europe/Berlin")
FRONT, BACK = 1, 2
TEAMS = {FRONT: "front", BACK: "back"}
CATEGORIES = {"access": 20.0, "mail": 45.0, "network": 90.0, "server": 180.0}
"""Mean effort of a piece of work, in minutes."""
SHARES = (0.35, 0.30, 0.25, 0.10)
PRIORITIES = (0.10, 0.20, 0.40, 0.30)
TARGETS_MIN = {Priority.P1: 180, Priority.P2: 480, Priority.P3: 960, Priority.P4: 1800}
OFFICE = Calendar(zone="Europe/Berlin", weekly=((WallInterval(480, 1440),),) * 5 + ((), ()))
PROMISE = Promise(
    targets_min=TARGETS_MIN, hours=dict.fromkeys(Priority, OFFICE), paused=frozenset({State.WAITING_CUSTOMER})
)
MINUTE_US = 60_000_000
MONDAY = date(2026, 4, 13)
"""Neither zone changes its clocks for the 20 weeks after it."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the desk is. load: cases opened an office day; sigma: of the logarithm of effort; delay_min: mean delay of every piece."""

    seed: int = 7
    weeks: int = 16
    per_day: float = 21.0
    order: str = "fifo"
    sigma: float = 0.6
    delay_min: float = 0.0
    routed: bool = True
    is_leave: bool = True
    begins_on: date = MONDAY
    threads: int = 1


@dataclass(frozen=True)
class Desk:
    """The model that was run, its run, and who began what when."""

    known: Known
    model: Model
    run: Run
    begun: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Minute, case, piece, person."""

    @property
    def origin_us(self) -> int:
        return origin_of(self.known)

    @property
    def kept(self) -> float:
        """Percent of promises kept."""
        return 100 * sum(one.is_kept for one in self.run.cases) / len(self.run.cases)


KEYS = {
    "fifo": lambda job: job.case.opened_min,
    "priority": lambda job: job.case.priority,
    "earliest due": lambda job: job.due_min,
    "newest first": lambda job: -job.case.opened_min,
    "weight per effort": lambda job: -job.case.weight / job.expected_min,
}


@dataclass
class Keeps:
    """Whoever is free goes on with what she has begun, else takes the first by *order* of what nobody has; told is who began what when."""

    name: str
    begun: list[tuple[int, int, int, int]] = field(default_factory=list)

    def start(self, _desk):
        self.begun = []

    def give(self, desk):
        free = [one for one in desk.on_shift.values() if one.is_free]
        for person in sorted(free, key=lambda one: (one.idle_since_min, one.agent.id)):
            fresh = [
                job
                for job in desk.waiting.values()
                if person.agent.may(job) and (job.leg_begun_min is None or job.workers[-1] == person.agent.id)
            ]
            job = min(
                fresh, key=lambda job: (job.leg_begun_min is None, KEYS[self.name](job), job.case.id), default=None
            )
            if job is not None:
                if job.leg_begun_min is None:
                    self.begun.append((desk.now_min, job.case.id, job.legs, person.agent.id))
                yield job, person

    def choose(self, _desk, person):
        return person.held[0]

    def interrupt(self, _desk):
        return ()


def origin_of(known: Known) -> int:
    return micros_of(datetime(known.begins_on.year, known.begins_on.month, known.begins_on.day, tzinfo=UTC))


PEOPLE = {
    1: ("Europe/Berlin", FRONT, range(5), 8, 16),
    2: ("Europe/Berlin", FRONT, range(5), 8, 16),
    3: ("Europe/Berlin", FRONT, range(5), 8, 16),
    4: ("Europe/Berlin", FRONT, range(5), 8, 16),
    5: ("Europe/Berlin", FRONT, range(3), 8, 12),
    6: ("America/New_York", BACK, range(5), 9, 17),
    7: ("America/New_York", BACK, range(5), 9, 17),
}
"""Zone, team, weekdays, and hours of the day; the fifth works part of the week."""
ON_LEAVE, LEAVE_DAYS = 2, range(42, 56)
HOLIDAY = 30
"""Wednesday of the fifth week: nobody works, hardly anything comes in."""


def shifts_of(known: Known, person: int) -> tuple[Span, ...]:
    """In minutes since the origin."""
    zone, _, weekdays, opens, closes = PEOPLE[person]
    found = []
    for day in range(7 * (known.weeks + 8)):
        is_away = known.is_leave and (day == HOLIDAY or (person == ON_LEAVE and day in LEAVE_DAYS))
        if day % 7 in weekdays and not is_away:
            wall = datetime.combine(known.begins_on + timedelta(days=day), datetime.min.time(), tzinfo=ZoneInfo(zone))
            at = [micros_of(wall.replace(hour=hour)) for hour in (opens, closes)]
            found.append(tuple((us - origin_of(known)) // MINUTE_US for us in at))
    return tuple(found)


def team_hours(known: Known) -> dict[int, Hours]:
    """When anybody of a team is there."""
    return {
        team: Hours(span for who, facts in PEOPLE.items() if facts[1] == team for span in shifts_of(known, who))
        for team in TEAMS
    }


def model_of(known: Known) -> tuple[Model, dict[int, str]]:
    """The desk as a model, and the category of each case."""
    rng = np.random.default_rng(known.seed)
    cases, category_of = [], {}
    hours = PROMISE.open_minutes(origin_of(known), origin_of(known) + 7 * (known.weeks + 8) * 1440 * MINUTE_US)
    openings: list[int] = []
    for day in range(7 * known.weeks):
        if day % 7 < 5:
            mean = known.per_day * (0.1 if known.is_leave and day == HOLIDAY else 1.0)
            openings += (day * 1440 + np.sort(rng.integers(5 * 60, 18 * 60, rng.poisson(mean)))).tolist()
    names = list(CATEGORIES)
    for number, opened in enumerate(openings, start=1):
        category = names[rng.choice(len(names), p=SHARES)]
        category_of[number] = category
        priority = Priority(int(rng.choice(4, p=PRIORITIES)) + 1)
        first, *later = _legs(known, rng, category)
        cases.append(
            Case(
                id=ItemId(number), opened_min=int(opened), priority=priority,
                due_min=hours[priority].after(int(opened), TARGETS_MIN[priority]), skill=first.skill,
                mean_min=first.mean_min, effort_min=first.effort_min, delay_min=first.delay_min, later=tuple(later),
            )
        )  # fmt: skip
    agents = [
        Agent(id=PersonId(100 * thread + who), region="", skills={SkillId(team): 1}, shifts=shifts_of(known, who))
        for who, (_, team, *_) in PEOPLE.items()
        for thread in range(known.threads)
    ]
    model = Model(
        cases=tuple(cases), agents=tuple(agents), handover_min=15, switch_min=0, step_min=1,
        horizon_min=openings[-1], promised=hours, worked=team_hours(known),
    )  # fmt: skip
    return model, category_of


def _legs(known: Known, rng: np.random.Generator, category: str) -> list[Leg]:
    """To the front; then perhaps back to the customer or a vendor, and perhaps on to the others."""
    found = [_leg(known, rng, FRONT, category)]
    if known.routed:
        luck = rng.random(3)
        if luck[0] < 0.25:
            wait = int(rng.exponential(600)) + 30
            found.append(_leg(known, rng, FRONT, category, wait_min=wait, is_paused=True))
        elif luck[0] < 0.35:
            wait = int(rng.exponential(300)) + 30
            found.append(_leg(known, rng, FRONT, category, wait_min=wait, is_paused=False))
        if luck[1] < 0.45:
            found.append(_leg(known, rng, BACK, category))
    return found


def _leg(known: Known, rng: np.random.Generator, team: int, category: str, **facts: object) -> Leg:
    mean = CATEGORIES[category]
    effort = rng.lognormal(np.log(mean) - known.sigma**2 / 2, known.sigma)
    delay = int(rng.exponential(known.delay_min)) if known.delay_min else 0
    return Leg(skill=SkillId(team), mean_min=round(mean), effort_min=max(1, round(effort)), delay_min=delay, **facts)


@cache
def desk_of(known: Known) -> Desk:
    """Run the desk in its own order."""
    model, _ = model_of(known)
    keeps = Keeps(known.order)
    return Desk(known, model, simulate(model, keeps), keeps.begun)


@dataclass
class _Teller:
    """Writes the lines of one case."""

    desk: Desk
    case: Case
    category: str
    lines: list[Told]

    def __call__(self, at: int, state: str | None, team: int, who: int | None = None) -> None:
        owner = None if who is None else f"P{who % 100}"
        name, opened = f"C{self.case.id:05}", _iso(self.desk, self.case.opened_min)
        priority = int(self.case.priority)
        at_text = _iso(self.desk, at)
        self.lines.append(Told(name, at_text, opened, state, priority, self.category, TEAMS[team], owner, False))

    def over(self, done: Worked, leg: Leg | None, stamps: str) -> None:
        """A piece is done, and *leg* follows."""
        if leg is None:
            self(done.done_min, "resolved", done.skill, done.who)
        elif leg.wait_min:
            self(done.done_min, "waiting_customer" if leg.is_paused else "waiting_vendor", done.skill, done.who)
        elif stamps == "never":
            self(done.done_min, None, done.skill, done.who)


def told_of(desk: Desk, *, stamps: str = "begun") -> list[Told]:
    """The log. stamps: when an item is marked as in progress and gets its owner: when it is "begun", when it was "ready", or
    "never" before it is ended.
    """
    _, category_of = model_of(desk.known)
    begun = {(number, piece): (at, who) for at, number, piece, who in desk.begun}
    lines: list[Told] = []
    for one in desk.run.cases:
        tell = _Teller(desk, one.case, category_of[one.case.id], lines)
        came, following = one.case.opened_min, one.case.later
        for piece, done in enumerate(one.log):
            tell(came, "new", done.skill)
            if stamps == "begun":
                at, who = begun[one.case.id, piece]
                tell(at, "in_progress", done.skill, who)
            elif stamps == "ready":
                tell(done.ready_min + 1, "in_progress", done.skill, done.who)
            leg = following[piece] if piece < len(following) else None
            tell.over(done, leg, stamps)
            came = done.done_min + (leg.wait_min if leg else 0)
    return lines


def history(known: Known, *, stamps: str = "begun", lines: Iterable[Told] | None = None) -> History:
    """The columns of the log."""
    return history_of(told_of(desk_of(known), stamps=stamps) if lines is None else lines, zone=ZONE)


def true_kept(known: Known, order: str) -> float:
    """Percent kept of the same cases in another order."""
    return replace(desk_of(known), run=simulate(desk_of(known).model, Keeps(order))).kept


def _iso(desk: Desk, at_min: int) -> str:
    return instant_of(desk.origin_us + at_min * MINUTE_US).isoformat()
