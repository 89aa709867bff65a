"""One commitment of a policy: which of its definitions answers after an event, and how its clock steps on.

Everything that depends on a situation only is worked out when that is first met, and remembered: a walk over events is
then one look-up an event.
"""

from __future__ import annotations

from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.expressions import NEVER
from watchbill.engine.clocks.facts import Change, Choice, Since, Situation, ZoneOf
from watchbill.engine.clocks.fields import Values
from watchbill.engine.clocks.outcome import Phase
from watchbill.engine.clocks.policy import ClockPolicy
from watchbill.engine.clocks.rules import HALTED, changes_between, holds_if_told, next_phase, told_by, values_of

MOST_REMEMBERED = 20_000
"""Situations remembered per step: a policy that looks at free text could meet any number of them."""


class Regime:
    """What holds for an item under a definition: its target in microseconds, and the zone its calendar is read in."""

    __slots__ = ("definition", "group", "target", "zone")

    def __init__(self, group: Group, definition: ClockDefinition, target: int, zone: str) -> None:
        self.group = group
        self.definition = definition
        self.target = target
        self.zone = zone

    def is_other_measure(self, other: Regime) -> bool:
        """Whether time counts otherwise than under *other*: another definition, or another zone."""
        return self.definition is not other.definition or self.zone != other.zone


class Node(dict[Situation, "Node"]):
    """A clock in one phase under one regime (None: nothing is promised): where it is after each situation."""

    __slots__ = ("_group", "phase", "regime")

    def __init__(self, group: Group, phase: Phase, regime: Regime | None) -> None:
        super().__init__()
        self._group = group
        self.phase = phase
        self.regime = regime

    def __missing__(self, situation: Situation) -> Node:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        node = self._group.node(*self._group.after(self.phase, self.regime, situation))
        self[situation] = node
        return node


class Group:
    """The definitions of one commitment, in order."""

    def __init__(
        self, name: str, definitions: tuple[ClockDefinition, ...], fields: tuple[str, ...], policy: ClockPolicy
    ) -> None:
        self.policy = policy
        self.name = name
        self.definitions = definitions
        self.fields = fields
        self.is_watched = any(
            clock.repeats
            or clock.reset != NEVER
            or clock.on_reopen is not Choice.KEEP
            or any(clock.choice(each) is Choice.RESTART for each in Change)
            or clock.on_merge is not Choice.KEEP
            for clock in definitions
        )
        self.has_limits = any(clock.pause_limit_min for clock in definitions)
        self.is_plain = not self.is_watched and all(clock.since == Since.EVENT for clock in definitions)
        self._nodes: dict[tuple[Phase, Regime | None], Node] = {}
        self._regimes: dict[tuple[int, int, str], Regime] = {}
        self._answers: dict[Situation, Regime | None] = {}
        self._choices: dict[tuple[int, Situation, Situation], Choice] = {}
        self._told: dict[tuple[int, Situation], int] = {}
        self.first = self.node(Phase.WAITING, None)

    def node(self, phase: Phase, regime: Regime | None) -> Node:
        found = self._nodes.get((phase, regime))
        if found is None:
            found = self._nodes[phase, regime] = Node(self, phase, regime)
        return found

    def values(self, situation: Situation) -> Values:
        return values_of(situation, self.fields)

    def told(self, definition: ClockDefinition, situation: Situation) -> int:
        """Which of the definition's conditions hold."""
        key = (id(definition), situation)
        found = self._told.get(key)
        if found is None:
            if len(self._told) >= MOST_REMEMBERED:
                self._told.clear()
            found = self._told[key] = told_by(definition, self.values(situation), is_strict=self.policy.is_strict)
        return found

    def choice(self, definition: ClockDefinition, before: Situation, after: Situation) -> Choice:
        """What the definition makes of all that changed: where several things did, the strongest of its choices."""
        key = (id(definition), before, after)
        found = self._choices.get(key)
        if found is None:
            if len(self._choices) >= MOST_REMEMBERED:
                self._choices.clear()
            changes = changes_between(self.values(before), self.values(after))
            chosen = [definition.choice(change) for change in changes]
            found = next((each for each in (Choice.RESTART, Choice.RETROACTIVE) if each in chosen), Choice.KEEP)
            self._choices[key] = found
        return found

    def answer(self, situation: Situation) -> Regime | None:
        """The first definition that applies and has a target at the priority, and what it promises."""
        if situation in self._answers:
            return self._answers[situation]
        if len(self._answers) >= MOST_REMEMBERED:
            self._answers.clear()
        values, priority = self.values(situation), situation[4]
        found = None
        for clock in self.definitions:
            target = clock.target_by_priority.get(priority)
            if target is not None and self._applies(clock, values):
                zone = "" if clock.zone_of is ZoneOf.FIXED else str(values.get(f"{clock.zone_of.value}_zone") or "")
                key = (id(clock), target, zone)
                found = self._regimes.get(key)
                if found is None:
                    found = self._regimes[key] = Regime(self, clock, target, zone)
                break
        self._answers[situation] = found
        return found

    def _applies(self, clock: ClockDefinition, values: Values) -> bool:
        return clock.when.holds(values) if self.policy.is_strict else holds_if_told(clock.when, values)

    def after(self, phase: Phase, regime: Regime | None, situation: Situation) -> tuple[Phase, Regime | None]:
        """Phase and regime after *situation*. A halted clock listens only to the definition that halted it."""
        answer = self.answer(situation)
        if phase in HALTED and regime is not None:
            after = next_phase(phase, self.told(regime.definition, situation))
            if after is phase:
                return phase, regime
            phase = after if after in HALTED else Phase.RUNNING
            if after in HALTED and answer is not None:
                return after, answer
        if answer is None:
            return (Phase.WAITING if phase is Phase.WAITING else Phase.ABSENT), None
        phase = Phase.RUNNING if phase is Phase.ABSENT else phase
        return next_phase(phase, self.told(answer.definition, situation)), answer


def groups_of(policy: ClockPolicy) -> tuple[Group, ...]:
    """The commitments of a policy, in order; made once, and kept with it."""
    found: tuple[Group, ...] | None = policy.__dict__.get("_groups")
    if found is None:
        found = tuple(
            Group(name, tuple(clock for clock in policy.clocks if clock.name == name), policy.fields, policy)
            for name in policy.names
        )
        object.__setattr__(policy, "_groups", found)
    return found
