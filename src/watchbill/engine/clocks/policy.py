"""The policy of a desk: when each clock runs, what it promises, and its form as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import partial
from typing import TypeVar

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import MICROS_PER_S
from watchbill.engine.base.jsonform import read_choice, read_list, read_object, read_text, read_whole, refuse
from watchbill.engine.base.work import OPEN, ActorKind, EventKind, Priority, State
from watchbill.engine.clocks.facts import MAX_TARGET_MIN, ClockKind, Condition, Conditions, Target
from watchbill.engine.clocks.rules import Step, first_step

E = TypeVar("E", bound=StrEnum)

DEFAULT_WARN_RATIO = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDefinition:
    """When one kind of clock starts, pauses, resumes, stops, is cancelled and reopens, and what it promises.

    Parameters
    ----------
    kind: what is promised.
    calendar: name of the calendar that its time is counted on.
    targets: at most one per priority; a priority without one has no such clock.
    start, stop, cancel: see docs/algorithms/clocks.md, "The six conditions".
    pause: the clock stands still while one of these holds.
    resume: what ends a pause; none: the pause ends as soon as no pause condition holds.
    reopen: what makes a stopped clock run on with its elapsed time kept; none: stopped is final.
    warn_ratio: share of the target after which the warning is due, above 0 and below 1.

    Raises InvalidFacts for a ratio outside its range or two targets for one priority. The last two fields are made
    from the others for speed: targets in microseconds, and the conditions as steps from phase to phase.
    """

    kind: ClockKind
    calendar: str
    targets: tuple[Target, ...]
    start: Conditions
    stop: Conditions
    pause: Conditions = ()
    resume: Conditions = ()
    cancel: Conditions = ()
    reopen: Conditions = ()
    warn_ratio: float = DEFAULT_WARN_RATIO
    target_by_priority: dict[Priority, int] = field(init=False, repr=False, compare=False)
    first_step: Step = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 < self.warn_ratio < 1:
            raise InvalidFacts(f"warn_ratio of {self.kind} must lie between 0 and 1, got {self.warn_ratio}")
        if len({target.priority for target in self.targets}) < len(self.targets):
            raise InvalidFacts(f"the clock {self.kind} has two targets for one priority")
        micros = {target.priority: target.target_min * 60 * MICROS_PER_S for target in self.targets}
        object.__setattr__(self, "target_by_priority", micros)
        object.__setattr__(self, "first_step", first_step(self))

    def __reduce__(self) -> tuple[Callable[[], ClockDefinition], tuple[()]]:
        """Copies and pickles carry the definition; what is made for speed is made again."""
        return partial(
            ClockDefinition, **{part.name: getattr(self, part.name) for part in fields(self) if part.init}
        ), ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPolicy:
    """Every clock of a desk, in one version; a version never changes, an edit makes the next one.

    A kind may be defined more than once, for example P1 on a calendar that is always open and P2 to P4 on office
    hours, as long as no priority has two targets of that kind. Raises InvalidFacts otherwise.
    """

    version: int
    clocks: tuple[ClockDefinition, ...]

    def __post_init__(self) -> None:
        promised = [(clock.kind, target.priority) for clock in self.clocks for target in clock.targets]
        for kind, priority in promised:
            if promised.count((kind, priority)) > 1:
                raise InvalidFacts(f"the policy promises {kind} at P{priority} twice")

    def as_json(self) -> dict[str, object]:
        """A plain dict that `from_json` reads back to an equal policy."""
        return {"version": self.version, "clocks": [_clock_as_json(clock) for clock in self.clocks]}

    @classmethod
    def from_json(cls, body: object, key: str = "policy") -> ClockPolicy:
        """Read the shape that `as_json` writes.

        Of a clock only ``kind``, ``calendar`` and ``targets_min`` must be there; conditions that are left out are
        those of `DEFAULT_CONDITIONS`, and an empty list means never. ``version`` is 1 when left out. Raises
        InvalidFacts naming the key, its value, and what was expected.
        """
        parts = read_object(body, key, keys=("version", "clocks"))
        return cls(
            version=read_whole(parts.get("version", 1), f"{key}.version", low=1, high=2**31 - 1),
            clocks=read_list(parts.get("clocks"), f"{key}.clocks", _read_clock),
        )


_TAKEN_UP = frozenset(OPEN - {State.NEW})
_OPENED = (Condition(events=frozenset({EventKind.OPENED})),)
_ANSWERED = frozenset({State.RESOLVED, State.CLOSED})
_CALLED_OFF = (Condition(states=frozenset({State.CANCELLED})),)

DEFAULT_CONDITIONS: Mapping[ClockKind, Mapping[str, Conditions]] = {
    ClockKind.RESPONSE: {
        "start": _OPENED,
        "stop": (
            Condition(states=_TAKEN_UP, owned=True),
            Condition(events=frozenset({EventKind.REPLY}), actors=frozenset({ActorKind.PERSON})),
            Condition(states=_ANSWERED),
        ),
        "pause": (),
        "resume": (),
        "cancel": _CALLED_OFF,
        "reopen": (),
    },
    ClockKind.RESOLUTION: {
        "start": _OPENED,
        "stop": (Condition(states=_ANSWERED),),
        "pause": (Condition(states=frozenset({State.WAITING_CUSTOMER, State.WAITING_VENDOR})),),
        "resume": (),
        "cancel": _CALLED_OFF,
        "reopen": (Condition(states=frozenset(OPEN)),),
    },
}
"""When clocks run unless a policy says otherwise; each is explained with a worked number in docs/algorithms/clocks.md."""

DEFAULT_TARGETS_MIN: Mapping[ClockKind, Mapping[Priority, int]] = {
    ClockKind.RESPONSE: {Priority.P1: 15, Priority.P2: 30, Priority.P3: 120, Priority.P4: 240},
    ClockKind.RESOLUTION: {Priority.P1: 240, Priority.P2: 480, Priority.P3: 960, Priority.P4: 2400},
}
"""Business minutes that a new desk begins with: assumed, nobody's contract; every desk sets its own."""


def default_targets() -> Mapping[ClockKind, Mapping[Priority, int]]:
    """The business minutes of `default_policy`, by kind and priority."""
    return DEFAULT_TARGETS_MIN


URGENT = frozenset({Priority.P1, Priority.P2})
"""Priorities that wait for no morning: on a new desk they have a calendar of their own."""


def default_policy(*, calendar: str, urgent_calendar: str = "") -> ClockPolicy:
    """What a new desk begins with: response and resolution by the default targets, version 1.

    All priorities count on *calendar*, or P1 and P2 on *urgent_calendar* where one is named.
    """
    shares = ((urgent_calendar, URGENT), (calendar, frozenset(Priority) - URGENT))
    return ClockPolicy(
        version=1,
        clocks=tuple(
            ClockDefinition(
                kind=kind,
                calendar=name,
                targets=tuple(Target(priority=each, target_min=of) for each, of in targets.items() if each in share),
                warn_ratio=DEFAULT_WARN_RATIO,
                **DEFAULT_CONDITIONS[kind],
            )
            for kind, targets in DEFAULT_TARGETS_MIN.items()
            for name, share in (shares if urgent_calendar else ((calendar, frozenset(Priority)),))
        ),
    )


_CONDITION_KEYS = ("start", "stop", "pause", "resume", "cancel", "reopen")
_WORDS: Mapping[str, type[State | EventKind | ActorKind]] = {"states": State, "events": EventKind, "actors": ActorKind}


def _clock_as_json(clock: ClockDefinition) -> dict[str, object]:
    return {
        "kind": clock.kind.value,
        "calendar": clock.calendar,
        "targets_min": {f"P{target.priority.value}": target.target_min for target in clock.targets},
        "warn_ratio": clock.warn_ratio,
        **{name: [_condition_as_json(condition) for condition in getattr(clock, name)] for name in _CONDITION_KEYS},
    }


def _condition_as_json(condition: Condition) -> dict[str, object]:
    body: dict[str, object] = {
        name: sorted(getattr(condition, name)) for name in _WORDS if getattr(condition, name) is not None
    }
    return body if condition.owned is None else body | {"owned": condition.owned}


def _read_clock(body: object, key: str) -> ClockDefinition:
    parts = read_object(body, key, keys=("kind", "calendar", "targets_min", "warn_ratio", *_CONDITION_KEYS))
    kind = read_choice(parts.get("kind"), f"{key}.kind", ClockKind)
    warn_ratio = parts.get("warn_ratio", DEFAULT_WARN_RATIO)
    if isinstance(warn_ratio, bool) or not isinstance(warn_ratio, int | float) or not 0 < warn_ratio < 1:
        raise refuse(f"{key}.warn_ratio", warn_ratio, "a number above 0 and below 1")
    conditions = {
        name: read_list(parts[name], f"{key}.{name}", _read_condition)
        if name in parts
        else DEFAULT_CONDITIONS[kind][name]
        for name in _CONDITION_KEYS
    }
    return ClockDefinition(
        kind=kind,
        calendar=read_text(parts.get("calendar"), f"{key}.calendar"),
        targets=_read_targets(parts.get("targets_min"), f"{key}.targets_min"),
        warn_ratio=warn_ratio,
        **conditions,
    )


def _read_targets(body: object, key: str) -> tuple[Target, ...]:
    parts = read_object(body, key, keys=[f"P{priority.value}" for priority in Priority])
    return tuple(
        Target(
            priority=priority,
            target_min=read_whole(parts[name], f"{key}.{name}", low=1, high=MAX_TARGET_MIN),
        )
        for priority in Priority
        if (name := f"P{priority.value}") in parts
    )


def _read_condition(body: object, key: str) -> Condition:
    parts = read_object(body, key, keys=(*_WORDS, "owned"))
    owned = parts.get("owned")
    if owned is not None and not isinstance(owned, bool):
        raise refuse(f"{key}.owned", owned, "true or false")
    return Condition(
        states=_read_words(parts, key, "states", State),
        events=_read_words(parts, key, "events", EventKind),
        actors=_read_words(parts, key, "actors", ActorKind),
        owned=owned,
    )


def _read_words(parts: Mapping[str, object], key: str, name: str, choices: type[E]) -> frozenset[E] | None:
    if parts.get(name) is None:
        return None
    words = frozenset(read_list(parts[name], f"{key}.{name}", lambda body, at: read_choice(body, at, choices)))
    if not words:
        raise refuse(f"{key}.{name}", parts[name], "at least one word; leave the key out when it does not matter")
    return words
