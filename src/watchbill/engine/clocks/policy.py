"""The policy of a desk: all that it promises, in one version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.jsonform import read_choice, read_list, read_parts, read_whole
from watchbill.engine.base.slips import Slips
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks.definition import DEFAULT_CONDITIONS, ClockDefinition
from watchbill.engine.clocks.expressions import NEVER
from watchbill.engine.clocks.facts import Change, Choice, ClockKind, Target
from watchbill.engine.clocks.policyform import clock_as_json, read_clock
from watchbill.engine.clocks.sense import require_reach, require_sense

MOST_DEFINITIONS = 200
_OF_THE_EVENT = frozenset({"event", "state", "owned", "actor", "priority"})


@dataclass(frozen=True, kw_only=True)
class ClockPolicy:
    """Every commitment of a desk, in one version; a version never changes, an edit makes the next one.

    A commitment may be defined more than once, for example P1 on a calendar that is always open and P2 to P4 on office
    hours, or one for premier customers before that for all: the first definition whose ``when`` holds and that has a
    target at the item's priority answers. Two that cannot be told apart are refused (InvalidFacts).

    takes_over: what becomes of items that are open when the version comes into force. None: they keep the version that
    they started under.
    is_strict: whether a condition that cannot be answered for an item (a number asked of what is none) raises
    ExpressionFailed, as a draft's does; else it does not hold, so that a promise in force keeps nobody from his work.
    """

    version: int
    clocks: tuple[ClockDefinition, ...]
    takes_over: Choice | None = None
    is_strict: bool = field(default=True, compare=False)

    def __post_init__(self) -> None:
        if len(self.clocks) > MOST_DEFINITIONS:
            raise InvalidFacts(f"the policy has {len(self.clocks)} definitions; {MOST_DEFINITIONS} are the most")
        promised = [(clock.name, target.priority, clock.when) for clock in self.clocks for target in clock.targets]
        for name, priority, when in promised:
            if promised.count((name, priority, when)) > 1:
                raise InvalidFacts(f"the policy promises {name} at P{priority} twice")
        for clock in self.clocks:
            other = next(one for one in self.clocks if one.name == clock.name)
            if (other.kind, other.agreement) != (clock.kind, clock.agreement):
                raise InvalidFacts(
                    f"the commitment {clock.name} is {other.kind} ({other.agreement}) in one definition and"
                    f" {clock.kind} ({clock.agreement}) in another"
                )

    def __reduce__(self) -> tuple[Callable[..., ClockPolicy], tuple[()]]:
        """Copies and pickles carry the policy; what is made for speed is made again."""
        return partial(
            ClockPolicy, version=self.version, clocks=self.clocks, takes_over=self.takes_over, is_strict=self.is_strict
        ), ()

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields, beyond state, priority, owner and event, that its expressions look at; sorted."""
        named = {name for clock in self.clocks for name in clock.fields()}
        return tuple(sorted(named - _OF_THE_EVENT))

    @cached_property
    def has_cycles(self) -> bool:
        """Whether any of its clocks can end one cycle and begin another."""
        return self.takes_over is Choice.RESTART or any(
            clock.repeats or clock.reset != NEVER or any(clock.choice(each) is Choice.RESTART for each in Change)
            for clock in self.clocks
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its commitments in order."""
        return tuple(dict.fromkeys(clock.name for clock in self.clocks))

    def as_json(self) -> dict[str, object]:
        """A plain dict that `from_json` reads back to an equal policy."""
        body: dict[str, object] = {"version": self.version, "clocks": [clock_as_json(clock) for clock in self.clocks]}
        return body if self.takes_over is None else body | {"takes_over": self.takes_over.value}

    @classmethod
    def from_json(cls, body: object, key: str = "policy", *, is_stored: bool = False) -> ClockPolicy:
        """Read the shape that `as_json` writes.

        Of a clock only ``kind``, ``calendar`` and ``targets_min`` must be there; conditions that are left out are those
        of `DEFAULT_CONDITIONS`. ``version`` is 1 when left out. Raises InvalidFacts naming the key, its value, and what
        was expected, of all slips together; also for a clock that can never start, never count or never be met, and for a
        target that never counts. Not so if it *is_stored*: a version in force is read when what may be entered has become
        narrower, and is not strict.
        """
        slips = Slips()
        parts = read_parts(body, key, keys=("version", "clocks", "takes_over"), slips=slips)
        taking = parts.get("takes_over")
        clocks = slips.of(
            read_list, parts.get("clocks"), f"{key}.clocks", _read_stored if is_stored else _read_sensible
        )
        version = slips.of(read_whole, parts.get("version", 1), f"{key}.version", low=1, high=2**31 - 1)
        takes_over = None if taking is None else slips.of(read_choice, taking, f"{key}.takes_over", Choice)
        slips.end()
        policy = cls(version=version, clocks=clocks, takes_over=takes_over, is_strict=not is_stored)
        if not is_stored:
            require_reach(clocks, f"{key}.clocks")
        return policy


_read_stored = partial(read_clock, is_stored=True)


def _read_sensible(body: object, key: str) -> ClockDefinition:
    """Read a clock that is entered: it makes sense, too."""
    clock = read_clock(body, key)
    require_sense(clock, key)
    return clock


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
                **DEFAULT_CONDITIONS[kind],  # type: ignore[arg-type]
            )
            for kind, targets in DEFAULT_TARGETS_MIN.items()
            for name, share in (shares if urgent_calendar else ((calendar, frozenset(Priority)),))
        ),
    )
