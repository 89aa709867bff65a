"""One commitment: when its clock runs, what it promises, and what a change makes of its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import partial

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import MICROS_PER_S
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks.asking import fields_of
from watchbill.engine.clocks.expressions import ALWAYS, NEVER, Expression, parse
from watchbill.engine.clocks.facts import (
    PARTY_FIELDS,
    TRANSFER_FIELDS,
    Agreement,
    Change,
    Choice,
    ClockKind,
    Since,
    Target,
    ZoneOf,
)  # fmt: skip

DEFAULT_WARN_RATIO = 0.75
MOST_WARNINGS = 9
NAME_LIMIT = 60
"""Characters of a commitment's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDefinition:
    """When one commitment starts, pauses, resumes, stops, is cancelled, reset and reopened, and what it promises.

    Parameters
    ----------
    kind: what is promised.
    name: the desk's word for it, by which it is one clock of the item; the kind's unless given.
    agreement: with whom.
    when: to which items it applies, looked at after every event.
    calendar: name of the calendar that its time is counted on.
    zone_of: in whose time zone that calendar is read.
    targets: at most one per priority; a priority without one has no such clock.
    start, stop, pause, cancel: see docs/algorithms/clocks.md, "The seven conditions".
    resume: what ends a pause; `NEVER`: the pause ends as soon as *pause* no longer holds.
    reopen: what makes a stopped clock run on; `NEVER`: stopped is final.
    reset: what makes it begin anew, from nothing.
    since: from which instant it counts once it starts; an attribute's name (``attributes.…``) that holds an instant, too.
    repeats: a new cycle begins when it stops and *start* still holds.
    pause_limit_min: the longest that one pause lasts, in business minutes; None: no limit.
    warn_ratios: shares of the target after which warnings are due, above 0 and below 1, rising.
    choices: what a change makes of time already on the clock.

    Raises InvalidFacts for anything outside its range, and two targets for one priority.
    """

    kind: ClockKind
    calendar: str
    targets: tuple[Target, ...]
    start: Expression
    stop: Expression
    pause: Expression = NEVER
    resume: Expression = NEVER
    cancel: Expression = NEVER
    reopen: Expression = NEVER
    reset: Expression = NEVER
    name: str = ""
    agreement: Agreement = Agreement.SLA
    when: Expression = ALWAYS
    zone_of: ZoneOf = ZoneOf.FIXED
    since: str = Since.EVENT
    repeats: bool = False
    pause_limit_min: int | None = None
    warn_ratios: tuple[float, ...] = (DEFAULT_WARN_RATIO,)
    on_priority: Choice = Choice.RETROACTIVE
    on_customer: Choice = Choice.KEEP
    on_reopen: Choice = Choice.KEEP
    on_transfer: Choice = Choice.KEEP
    on_merge: Choice = Choice.KEEP
    target_by_priority: dict[Priority, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.kind.value)
        if len(self.name) > NAME_LIMIT or not self.name.isprintable() or self.name != self.name.strip():
            raise InvalidFacts(f"a commitment's name has 1 to {NAME_LIMIT} characters, got {self.name!r}")
        ratios = self.warn_ratios
        if (
            len(ratios) > MOST_WARNINGS
            or sorted(set(ratios)) != list(ratios)
            or not all(0 < each < 1 for each in ratios)
        ):
            raise InvalidFacts(
                f"warn_ratios of {self.name} must be at most {MOST_WARNINGS} rising numbers between 0 and 1, got"
                f" {', '.join(map(str, ratios))}"
            )
        if len({target.priority for target in self.targets}) < len(self.targets):
            raise InvalidFacts(f"the clock {self.name} has two targets for one priority")
        micros = {target.priority: target.target_min * 60 * MICROS_PER_S for target in self.targets}
        object.__setattr__(self, "target_by_priority", micros)

    def __reduce__(self) -> tuple[Callable[[], ClockDefinition], tuple[()]]:
        """Copies and pickles carry the definition; what is made for speed is made again."""
        return partial(
            ClockDefinition, **{part.name: getattr(self, part.name) for part in fields(self) if part.init}
        ), ()

    def choice(self, change: Change) -> Choice:
        """What *change* makes of time already on the clock."""
        found: Choice = getattr(self, change.value)
        return found

    @property
    def conditions(self) -> Mapping[str, Expression]:
        """All that decides about its phases, by name."""
        return {name: getattr(self, name) for name in CONDITION_NAMES}

    def fields(self) -> Iterator[str]:
        """The fields of an item that it looks at."""
        yield from fields_of(self.when)
        for condition in self.conditions.values():
            yield from fields_of(condition)
        if self.zone_of is not ZoneOf.FIXED:
            yield f"{self.zone_of.value}_zone"
        if self.since not in tuple(Since):
            yield self.since
        if self.on_customer is not Choice.KEEP:
            yield from PARTY_FIELDS
        if self.on_transfer is not Choice.KEEP:
            yield from TRANSFER_FIELDS


CONDITION_NAMES = ("start", "pause", "resume", "stop", "cancel", "reset", "reopen")

DEFAULT_CONDITIONS: Mapping[ClockKind, Mapping[str, Expression]] = {
    kind: {name: parse(conditions.get(name, "never")) for name in CONDITION_NAMES}
    for kind, conditions in {
        ClockKind.RESPONSE: {
            "start": "event is opened",
            "stop": (
                "owned and state in (in_progress, waiting) or event is reply and actor is person"
                " or state in (resolved, closed)"
            ),
            "cancel": "state is cancelled",
        },
        ClockKind.NEXT_UPDATE: {
            "start": "state is open",
            "stop": "event is reply and actor is person",
            "cancel": "state is done",
        },
        ClockKind.RESOLUTION: {
            "start": "event is opened",
            "stop": "state in (resolved, closed)",
            "pause": "state in (waiting_customer, waiting_vendor)",
            "cancel": "state is cancelled",
            "reopen": "state is open",
        },
        ClockKind.STAGE: {"cancel": "state is cancelled"},
    }.items()
}
"""When clocks run unless a policy says otherwise; each is explained with a worked number in docs/algorithms/clocks.md."""
