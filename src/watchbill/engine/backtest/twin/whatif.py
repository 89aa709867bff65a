"""What if: a stretch with other people, other hours, other work or other promises, everything else as it was.

What can be said is read by `changes.py`. docs/algorithms/backtest.md, "What if".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from watchbill.engine.backtest.facts import Agent, Span
from watchbill.engine.backtest.twin.changes import (
    PARTS,
    Known,
    Said,
    day_of,
    micros_at,
    parts_of,
    require_read,
)
from watchbill.engine.backtest.twin.draw import Stretch
from watchbill.engine.backtest.twin.models import MINUTE_US, skill_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import outside
from watchbill.engine.base.slips import slips_of, together

SURGE_MIN = 120
"""A surge comes evenly in so many minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """says: in a sentence. apply: makes the stretch that would be."""

    says: str
    apply: Callable[[Stretch], Stretch]


def change_of(text: str, history: Known) -> Change:
    """Read one change, such as those of KINDS.

    Raises InvalidFacts naming all that is wrong: the kind, a team or person that the history does not have (with a near one), a
    number, a time outside of the history, more people taken from a team than it ever had. Who of a team is there is learned later:
    what only that can tell is refused by `apply`.
    """
    kind, said = parts_of(text, history)
    try:
        require_read(kind, said, history)
    except InvalidFacts as error:
        raise together(InvalidFacts(f"{text}: {one.message}", **one.details) for one in slips_of(error)) from None
    makers = {
        "arrivals": _arrivals, "surge": _surge, "staff": _staff, "shift": _shift, "closed": _closed, "train": _train,
        "targets": _targets,
    }  # fmt: skip
    return makers[kind](said, history)


def changed(stretch: Stretch, changes: Sequence[Change]) -> Stretch:
    """The stretch after all of them, in their order. The luck of what was in it before stays the same."""
    for one in changes:
        stretch = one.apply(stretch)
    return stretch


# -- work -----------------------------------------------------------------------------------------------------------------------


def _arrivals(said: Said, _: Known) -> Change:
    factor = float(said["factor"])

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


def _surge(said: Said, history: Known) -> Change:
    more, when, at = int(said["more"]), said["at"], micros_at(said["at"], history)

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


def _staff(said: Said, history: Known) -> Change:
    name, team, many = said["team"], _team(said, history), int(said["people"])

    def apply(stretch: Stretch) -> Stretch:
        """More: as those of the team with the most hours, in turn. Fewer: without those of it with the fewest."""
        mine = sorted(_members(stretch, team), key=lambda one: (-one.staffed_min(stretch.horizon_min), one.id))
        if many > 0:
            free = max(agent.id for agent in stretch.floor.agents) + 1
            new = [replace(mine[number % len(mine)], id=PersonId(free + number)) for number in range(many)]
            return _with_agents(stretch, (*stretch.floor.agents, *new))
        if len(mine) <= -many:
            raise InvalidFacts(
                f"{name} has {len(mine)} people at work, and one of them must stay; {-many} cannot be taken from it",
                field="what_if",
            )
        gone = {agent.id for agent in mine[many:]}
        return _with_agents(stretch, tuple(agent for agent in stretch.floor.agents if agent.id not in gone))

    return Change(says=f"{abs(many)} {'more' if many > 0 else 'fewer'} in {name}", apply=apply)


def _shift(said: Said, history: Known) -> Change:
    name, team, minutes = said["team"], _team(said, history), int(said["minutes"])

    def apply(stretch: Stretch) -> Stretch:
        far = max(end for agent in stretch.floor.agents for _, end in agent.shifts)
        mine = {agent.id for agent in _members(stretch, team)}
        moved = (
            replace(agent, shifts=_moved(agent.shifts, minutes, far)) if agent.id in mine else agent
            for agent in stretch.floor.agents
        )
        return _with_agents(stretch, tuple(agent for agent in moved if agent.shifts))

    return Change(says=f"hours of {name} {abs(minutes) / 60:g} h {'later' if minutes > 0 else 'earlier'}", apply=apply)


def _closed(said: Said, history: Known) -> Change:
    name, day = said["team"], said["day"]
    team = _team(said, history) if name else None
    start, end = day_of(day, history)

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


def _train(said: Said, history: Known) -> Change:
    person, name, team = said["person"], said["team"], _team(said, history)
    who = PersonId(list(history.people).index(person) + 1)

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


def _targets(said: Said, _: Known) -> Change:
    hours = [float(said[part]) for part in PARTS["targets"]]

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


def _team(said: Said, history: Known) -> int:
    return list(history.teams).index(said["team"])
