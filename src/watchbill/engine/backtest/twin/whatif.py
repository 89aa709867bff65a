"""What if: a stretch with other people, other hours, other work or other promises, everything else as it was.

docs/algorithms/backtest.md, "What if".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from watchbill.engine.backtest.days import wall_instant
from watchbill.engine.backtest.facts import Agent, Span
from watchbill.engine.backtest.twin.draw import Stretch
from watchbill.engine.backtest.twin.models import MINUTE_US, skill_of
from watchbill.engine.base.calendar import first_instant
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import outside
from watchbill.engine.base.work import Priority

DAY_MIN = 1440
SURGE_MIN = 120
"""A surge comes evenly in so many minutes."""
MOST = 10.0
"""Arrivals multiplied at most by this."""
KINDS = {
    "arrivals": "arrivals=1.2",
    "surge": "surge=40@2026-04-20T10:00",
    "staff": "staff=TEAM+2 or staff=TEAM-1",
    "shift": "shift=TEAM+2h or shift=TEAM-30min",
    "closed": "closed=2026-04-20 or closed=TEAM@2026-04-20",
    "train": "train=PERSON@TEAM",
    "targets": "targets=2/8/16/40 (hours of P1 to P4)",
}
"""What can be asked, with an example each."""


class Known(Protocol):
    """What a change names must be in there: a history, or its names alone."""

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def teams(self) -> Sequence[str]: ...

    @property
    def people(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of a history without all else: enough to say whether a change can be read."""

    zone: ZoneInfo
    teams: Sequence[str]
    people: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """says: in a sentence. apply: makes the stretch that would be."""

    says: str
    apply: Callable[[Stretch], Stretch]


def change_of(text: str, history: Known) -> Change:
    """Read one change, such as those of KINDS.

    Raises InvalidFacts naming what is wrong: the kind, a team or person that the history does not have (with a near one), a number.
    """
    kind, is_there, value = text.partition("=")
    if kind not in KINDS or not is_there or not value.strip():
        raise InvalidFacts(f"“{text}” is no what-if; expected one of: {'; '.join(KINDS.values())}", field="what_if")
    reader = {
        "arrivals": _arrivals, "surge": _surge, "staff": _staff, "shift": _shift, "closed": _closed, "train": _train,
        "targets": _targets,
    }[kind]  # fmt: skip
    return reader(value.strip(), history)


def changed(stretch: Stretch, changes: Sequence[Change]) -> Stretch:
    """The stretch after all of them, in their order. The luck of what was in it before stays the same."""
    for one in changes:
        stretch = one.apply(stretch)
    return stretch


# -- work -----------------------------------------------------------------------------------------------------------------------


def _arrivals(value: str, _: Known) -> Change:
    factor = _number(value, "arrivals", low=0.1, high=MOST)

    def apply(stretch: Stretch) -> Stretch:
        """Each arrival as often as the factor says, on average; copies come within the hour, and after all others in the list."""
        luck = np.random.Generator(np.random.Philox(key=97)).random((len(stretch.come), 2))
        times = np.floor(factor + luck[:, 0]).astype(int).tolist()
        dropped = {place for place, often in enumerate(times) if not often and stretch.come[place].opened_min >= 0}
        more = [
            replace(one, opened_min=one.opened_min + int(luck[place, 1] * 60) * (copy + 1) % 60)
            for place, (one, often) in enumerate(zip(stretch.come, times, strict=True))
            for copy in range(often - 1)
            if one.opened_min >= 0
        ]
        return replace(stretch, come=[*stretch.come, *more], dropped=stretch.dropped | dropped)

    return Change(says=f"{factor:g} times as much comes in", apply=apply)


def _surge(value: str, history: Known) -> Change:
    count, is_there, when = value.partition("@")
    if not is_there:
        raise InvalidFacts(f"A surge says how many and when, such as {KINDS['surge']}", field="what_if")
    more = int(_number(count, "surge", low=1, high=100_000))
    at = _instant(when, history)

    def apply(stretch: Stretch) -> Stretch:
        """Cases like those that came in nearest in time, one after the other, in SURGE_MIN minutes."""
        begins = (at - stretch.floor.origin_us) // MINUTE_US
        known = [one for one in stretch.come if one.opened_min >= 0]
        if not known or not 0 <= begins < stretch.horizon_min:
            raise InvalidFacts(f"The surge of {when} lies outside of what is compared", field="what_if")
        like = sorted(known, key=lambda one: (abs(one.opened_min - begins), one.item))[:more]
        come = [
            replace(like[number % len(like)], opened_min=int(begins + SURGE_MIN * number / more))
            for number in range(more)
        ]
        return replace(stretch, come=[*stretch.come, *come])

    return Change(says=f"{more:,} more come in within two hours from {when}", apply=apply)


# -- people ---------------------------------------------------------------------------------------------------------------------


def _staff(value: str, history: Known) -> Change:
    match = re.fullmatch(r"(.+?)\s*([+-]\d{1,4})", value)
    if match is None or not int(match[2]):
        raise InvalidFacts(f"Staffing says a team and how many, such as {KINDS['staff']}", field="what_if")
    team, many = _team(match[1], history), int(match[2])

    def apply(stretch: Stretch) -> Stretch:
        """More: as those of the team with the most hours, in turn. Fewer: without those of it with the fewest."""
        mine = sorted(_members(stretch, team), key=lambda one: (-one.staffed_min(stretch.horizon_min), one.id))
        if many > 0:
            free = max(agent.id for agent in stretch.floor.agents) + 1
            new = [replace(mine[number % len(mine)], id=PersonId(free + number)) for number in range(many)]
            return _with_agents(stretch, (*stretch.floor.agents, *new))
        if len(mine) <= -many:
            raise InvalidFacts(f"{match[1]} has {len(mine)} people; {-many} cannot be taken from it", field="what_if")
        gone = {agent.id for agent in mine[many:]}
        return _with_agents(stretch, tuple(agent for agent in stretch.floor.agents if agent.id not in gone))

    return Change(says=f"{abs(many)} {'more' if many > 0 else 'fewer'} in {match[1]}", apply=apply)


def _shift(value: str, history: Known) -> Change:
    match = re.fullmatch(r"(.+?)\s*([+-](?:\d{1,2}(?:\.\d)?(?=h)|\d{1,4}(?=min)))(h|min)", value)
    if match is None or not float(match[2]):
        raise InvalidFacts(f"Moved hours say a team and hours, such as {KINDS['shift']}", field="what_if")
    team, minutes = _team(match[1], history), round(float(match[2]) * (60 if match[3] == "h" else 1))

    def apply(stretch: Stretch) -> Stretch:
        far = max(end for agent in stretch.floor.agents for _, end in agent.shifts)
        mine = {agent.id for agent in _members(stretch, team)}
        moved = (
            replace(agent, shifts=_moved(agent.shifts, minutes, far)) if agent.id in mine else agent
            for agent in stretch.floor.agents
        )
        return _with_agents(stretch, tuple(agent for agent in moved if agent.shifts))

    return Change(
        says=f"hours of {match[1]} {abs(minutes) / 60:g} h {'later' if minutes > 0 else 'earlier'}", apply=apply
    )


def _closed(value: str, history: Known) -> Change:
    name, is_team, day = value.rpartition("@")
    team = _team(name, history) if is_team else None
    start, end = (_midnight(day, history, after) for after in (0, 1))

    def apply(stretch: Stretch) -> Stretch:
        """Nobody of the team, or nobody at all, works between two midnights; nor does its clock run."""
        floor = stretch.floor
        off = (start - floor.origin_us) // MINUTE_US, (end - floor.origin_us) // MINUTE_US
        mine = {agent.id for agent in (floor.agents if team is None else _members(stretch, team))}
        agents = tuple(
            replace(agent, shifts=tuple(outside(agent.shifts, [off]))) if agent.id in mine else agent
            for agent in floor.agents
        )
        worked = {
            skill: hours.without(*off) if team is None or skill == skill_of(team) else hours
            for skill, hours in floor.worked.items()
        }
        return replace(stretch, floor=replace(floor, agents=tuple(a for a in agents if a.shifts), worked=worked))

    return Change(says=f"{name or 'everybody'} off on {day}", apply=apply)


def _train(value: str, history: Known) -> Change:
    person, is_there, name = value.rpartition("@")
    if not is_there:
        raise InvalidFacts(f"Training says a person and a team, such as {KINDS['train']}", field="what_if")
    team, who = _team(name, history), PersonId(_named(person, history.people, "person") + 1)

    def apply(stretch: Stretch) -> Stretch:
        if all(agent.id != who for agent in stretch.floor.agents):
            raise InvalidFacts(f"{person} does not work in what is compared", field="what_if")
        agents = (
            replace(agent, skills={**agent.skills, skill_of(team): 1}) if agent.id == who else agent
            for agent in stretch.floor.agents
        )
        return _with_agents(stretch, tuple(agents))

    return Change(says=f"{person} can do the work of {name}", apply=apply)


# -- promises -------------------------------------------------------------------------------------------------------------------


def _targets(value: str, _: Known) -> Change:
    parts = value.split("/")
    if len(parts) != len(Priority):
        raise InvalidFacts(f"Targets are hours of P1 to P4, such as {KINDS['targets']}", field="what_if")
    hours = [_number(part, "targets", low=1 / 60, high=10_000) for part in parts]

    def apply(stretch: Stretch) -> Stretch:
        promise = stretch.twin.promise
        targets = {p: round(60 * hours[p - 1]) for p in promise.targets_min}
        return replace(stretch, twin=replace(stretch.twin, promise=replace(promise, targets_min=targets)))

    return Change(says=f"targets of {', '.join(f'{h:g}' for h in hours)} h", apply=apply)


# -- parts ----------------------------------------------------------------------------------------------------------------------


def _members(stretch: Stretch, team: int) -> list[Agent]:
    found = [agent for agent in stretch.floor.agents if skill_of(team) in agent.skills]
    if not found:
        raise InvalidFacts("Nobody of that team works in what is compared", field="what_if")
    return found


def _with_agents(stretch: Stretch, agents: tuple[Agent, ...]) -> Stretch:
    return replace(stretch, floor=replace(stretch.floor, agents=agents))


def _moved(shifts: Sequence[Span], minutes: int, far: int) -> tuple[Span, ...]:
    moved = ((max(0, start + minutes), min(far, end + minutes)) for start, end in shifts)
    return tuple(span for span in moved if span[0] < span[1])


def _number(text: str, kind: str, *, low: float, high: float) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not low <= found <= high:
        raise InvalidFacts(f"“{text}” of {kind} must be a number from {low:g} to {high:g}", field="what_if")
    return found


def _team(name: str, history: Known) -> int:
    return _named(name, history.teams, "team")


def _named(name: str, names: Sequence[str], what: str) -> int:
    if name in names:
        return list(names).index(name)
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean “{near[0]}”?" if near else ""
    raise InvalidFacts(f"The history knows no {what} “{name}”{hint}", field="what_if")


def _instant(text: str, history: Known) -> int:
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidFacts(
            f"“{text}” is no time on the desk's wall such as 2026-04-20T10:00", field="what_if"
        ) from None
    if wall.tzinfo is not None:
        raise InvalidFacts(
            f"“{text}”: times are those on the wall of {history.zone.key}, without an offset", field="what_if"
        )
    return wall_instant(wall, history.zone, field="what_if")


def _midnight(day: str, history: Known, after: int) -> int:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        raise InvalidFacts(f"“{day}” is no day such as 2026-04-20", field="what_if")
    try:
        wall = datetime.fromisoformat(day)
    except ValueError:
        raise InvalidFacts(f"There is no day {day}", field="what_if") from None
    wall_instant(wall, history.zone, field="what_if")
    return first_instant(wall + timedelta(days=after), history.zone)
