"""What a draft would have decided beside what was decided: choices compared one by one, and added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watchbill.engine.assign.outcome import Decision
from watchbill.engine.base.ids import ItemId, PersonId, QueueId
from watchbill.engine.base.work import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One choice of the past: who was given the item, and whom both policies would have chosen in the same situation.

    nobody_by: the musts that leave everybody out under the draft, when it chooses nobody; reason: the draft's, in words.
    """

    item: ItemId
    at: datetime
    priority: Priority
    queue: QueueId | None
    effort_min: int
    decided: PersonId
    in_force: PersonId | None
    draft: PersonId | None
    nobody_by: tuple[str, ...] = ()
    reason: str = ""

    @property
    def differs(self) -> bool:
        """Whether the draft chooses another than the policy in force."""
        return self.in_force != self.draft


def compared(past: Compared, in_force: Decision, draft: Decision) -> Compared:
    """*past* with what both policies say."""
    return replace(
        past,
        in_force=in_force.person,
        draft=draft.person,
        nobody_by=tuple(one.rule for one in draft.rejected if one.people) if draft.person is None else (),
        reason=draft.reason,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Choices of one group. agree: the draft chooses who was given it. nobody: the draft leaves it to nobody."""

    choices: int
    differs: int
    agree_in_force: int
    agree_draft: int
    nobody_in_force: int
    nobody_draft: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Effort minutes that one person was given, and would have been given under both policies."""

    person: PersonId
    decided_min: int
    in_force_min: int
    draft_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The sums. spread: most loaded person against the mean of those who were given anything, for each of the three."""

    total: Line
    by_priority: Mapping[Priority, Line]
    by_queue: Mapping[QueueId | None, Line]
    nobody_by: Mapping[str, int]
    people: Sequence[Share]
    spread: Mapping[str, float]


def summed(choices: Sequence[Compared]) -> DryRun:
    """Add up compared choices; order does not matter. O(choices)."""
    by_person: dict[PersonId, list[int]] = {}
    for one in choices:
        for at, person in enumerate((one.decided, one.in_force, one.draft)):
            if person is not None:
                by_person.setdefault(person, [0, 0, 0])[at] += one.effort_min
    people = [
        Share(person=person, decided_min=sums[0], in_force_min=sums[1], draft_min=sums[2])
        for person, sums in sorted(by_person.items(), key=lambda each: (-max(each[1]), each[0]))
    ]
    given = [[sums[at] for sums in by_person.values()] for at in range(3)]
    return DryRun(
        total=_line(choices),
        by_priority={p: _line([one for one in choices if one.priority is p]) for p in Priority},
        by_queue={
            queue: _line([one for one in choices if one.queue == queue])
            for queue in sorted({one.queue for one in choices}, key=lambda queue: queue or 0)
        },
        nobody_by=dict(sorted(Counter(rule for one in choices for rule in one.nobody_by).items())),
        people=people,
        spread=dict(zip(("decided", "in_force", "draft"), map(_spread, given), strict=True)),
    )


def _line(choices: Iterable[Compared]) -> Line:
    listed = list(choices)
    return Line(
        choices=len(listed),
        differs=sum(one.differs for one in listed),
        agree_in_force=sum(one.in_force == one.decided for one in listed),
        agree_draft=sum(one.draft == one.decided for one in listed),
        nobody_in_force=sum(one.in_force is None for one in listed),
        nobody_draft=sum(one.draft is None for one in listed),
    )


def _spread(given: Sequence[int]) -> float:
    """Most against the mean; 0 when nobody was given anything."""
    total = sum(given)
    return round(max(given) * len(given) / total, 3) if total else 0.0
