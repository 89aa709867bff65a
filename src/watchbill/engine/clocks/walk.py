"""The walk over the events of an item: where a clock changes its phase or its promise, and where it begins anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import micros_of
from watchbill.engine.base.work import ActorKind, EventKind
from watchbill.engine.clocks.expressions import ExpressionFailed
from watchbill.engine.clocks.facts import Choice, Since, Situation
from watchbill.engine.clocks.fields import Value
from watchbill.engine.clocks.groups import Group, Node, Regime
from watchbill.engine.clocks.log import Log
from watchbill.engine.clocks.outcome import Cause, Phase
from watchbill.engine.clocks.rules import HALTED, LIVE, RESET, START, STOP, changes_between, next_phase


class Why(NamedTuple):
    """Why a clock changes where the phases do not tell it.

    rule: the key of the definition, or of the policy, that says so; "" for that of the cause. since: the event with which
    the one that changes it is compared, -1 for the one before.
    """

    cause: Cause
    rule: str = ""
    since: int = -1


RETARGETED, STARTED, WITHDRAWN = Why(Cause.RETARGETED), Why(Cause.STARTED), Why(Cause.WITHDRAWN)

Mark = tuple[int, int, Phase, Regime | None, Why | None]
"""A change: its instant in microseconds, index of the event, phase and regime from there on, and why where the phases
do not tell it."""


class Life(NamedTuple):
    """A cycle of a clock: its marks, since when its target has been promised, and whether it ended to begin anew.

    ``told``: where time was counted again, the marks as they were before; `recounted` is the event that did it last.
    """

    marks: list[Mark]
    promised: int
    has_restarted: bool = False
    told: Sequence[Mark] = ()
    recounted: int = 0


class Ruling(NamedTuple):
    """The definitions from the event at *place* on, and what becomes of the time before."""

    place: int
    group: Group | None
    choice: Choice


def walk(group: Group, log: Log, later: Sequence[Ruling] = ()) -> list[Life]:
    """Every cycle of a commitment over the events of *log*, the present one last; *later* rulings take over in turn.

    One look-up an event where nothing changes. Counting again from the beginning goes over the events once more.
    """
    if group.is_plain and not later and (life := _plain(group, log)) is not None:
        return [life]
    walker = _Walker(group, log)
    ends = [*(ruling.place for ruling in later), len(log.situations)]
    walker.go(0, ends[0])
    for ruling, end in zip(later, ends[1:], strict=True):
        walker.take_over(ruling)
        walker.go(ruling.place + 1, end)
    return [*walker.ended, walker.life()]


def _plain(group: Group, log: Log) -> Life | None:
    """The walk of a clock under which nothing changes but its phase and its target: nearly all. None: it is another."""
    micros, node = log.micros, group.first
    marks: list[Mark] = []
    promised = micros[0]
    for index, situation in enumerate(log.situations):
        after = node[situation]
        if after is node:
            continue
        regime, was = after.regime, node.regime
        if regime is not was:
            if index and (regime is None or was is None or regime.is_other_measure(was) or node.phase in HALTED):
                return None
            promised = micros[index]
        elif node.phase is Phase.WAITING:
            promised = micros[index]
        if after.phase is not Phase.WAITING:
            why = RETARGETED if node.phase is after.phase else None
            marks.append((micros[index], index, after.phase, regime, why))
        node = after
    return Life(marks, promised)


class _Walker:
    """Where a walk stands: the node, the marks of the cycle, since when its target is promised, and ended cycles."""

    __slots__ = ("ended", "group", "log", "marks", "merged", "node", "promised", "recounted", "told", "undone")

    def __init__(self, group: Group, log: Log) -> None:
        self.group: Group | None = group
        self.log = log
        self.node: Node = group.first
        self.marks: list[Mark] = []
        self.promised = log.micros[0]
        self.ended: list[Life] = []
        self.merged: int | None = None  # where a merge has moved the beginning of the cycle to
        self.undone: list[range] = []  # the events at which a stop of this cycle no longer counts
        self.told: list[Mark] = []  # the marks of this cycle as they were up to the event `recounted`
        self.recounted = 0

    def life(self, *, has_restarted: bool = False) -> Life:
        """The cycle as it stands."""
        return Life(self.marks, self.promised, has_restarted, self.told, self.recounted)

    def go(self, begin: int, end: int) -> None:
        """Take the events from *begin* up to *end*."""
        if self.group is None:
            return
        node, heard, situations = self.node, self.node.regime, self.log.situations
        # A halted clock listens to the definition that it was halted under, also when another version has taken over.
        is_watched = self.group.is_watched or (heard is not None and heard.group.is_watched)
        for index in range(begin, end):
            after = node[situations[index]]
            if after is not node or is_watched:
                self._step(index, node, after, is_watched=is_watched)
                node = self.node

    def _step(self, index: int, before: Node, after: Node, *, is_watched: bool) -> None:
        """Take an event after which something may be different."""
        self.node = after
        was, now = before.regime, after.regime
        if is_watched and self._begins_anew(index, before, after):
            return
        if was is now:
            if before.phase is not after.phase:
                self._phase(index, before.phase, after)
        elif before.phase is Phase.WAITING and index == 0:
            self._phase(index, before.phase, after)
        else:
            self._regime(index, before, after, self._choice(index, before, now), "")

    def _phase(self, index: int, before: Phase, after: Node) -> None:
        """The phase changes; when it starts, from the instant that the definition names."""
        if before is not Phase.WAITING:
            self._mark(index, after.phase, after.regime)
            return
        regime = after.regime
        if after.phase is Phase.WAITING or regime is None:
            return
        self.marks = self._started(index, regime)
        self.promised = min(self.log.micros[index], self.marks[0][0])
        self.node = regime.group.node(self.marks[-1][2], regime)

    def _regime(self, index: int, before: Node, after: Node, choice: Choice, rule: str) -> None:
        """Another promise answers: keep the time, begin anew, or count again from the beginning.

        *rule*: the key that says so, "" for that of what changed.
        """
        was, now = before.regime, after.regime
        if now is None:
            if self.marks:
                self._mark(index, Phase.ABSENT, None, WITHDRAWN)
            return
        is_late = was is None  # nothing was promised so far
        is_recounted = choice is Choice.RETROACTIVE and (was is None or now.is_other_measure(was))
        since = self._since(index, before)
        again = self._from_the_beginning(index, now) if is_late or is_recounted else []
        if is_late and again and again[-1][2] in HALTED and again[-1][1] < index:
            self.node = now.group.node(before.phase, None)  # nobody promises anything about what is done
            return
        if was is None or was.target != now.target:
            self.promised = self.log.micros[index]
        phase = again[-1][2] if again else after.phase
        if is_recounted:
            if again and self.marks and phase in LIVE:
                why = Why(Cause.RECOUNTED, rule or self._rule(index, since, now, choice), since)
                again.append((self.log.micros[index], index, phase, now, why))
            self._keep_told(index)
            self.marks = again
            phase = phase if again else Phase.WAITING
        elif before.phase is Phase.WAITING and after.phase is not Phase.WAITING:
            self._phase(index, before.phase, after)
            return
        elif phase is not Phase.WAITING:
            is_same = phase is before.phase or (is_late and self.marks)
            self._mark(index, phase, now, Why(Cause.RETARGETED, rule, since) if is_same else None)
        self.node = now.group.node(phase, now)

    def take_over(self, ruling: Ruling) -> None:
        """Go on under another version of the policy, at the event that says so."""
        before, self.group, index = self.node, ruling.group, ruling.place
        if ruling.group is None:
            if self.marks and before.phase in LIVE:
                self._mark(index, Phase.ABSENT, None, WITHDRAWN)
            return
        if before.phase in HALTED:  # what is decided stays decided
            self.node = ruling.group.node(before.phase, before.regime)
            return
        phase, regime = ruling.group.after(before.phase, before.regime, self.log.situations[index])
        self.node = after = ruling.group.node(phase, regime)
        if ruling.choice is Choice.RESTART and before.phase in LIVE and regime is not None:
            self._anew(index, regime, after.phase if after.phase in LIVE else Phase.RUNNING, "takes_over")
        elif before.regime is not None or regime is not None:
            self._regime(index, before, after, ruling.choice, "takes_over")

    def _choice(self, index: int, before: Node, regime: Regime | None) -> Choice:
        """What the definition that answers now makes of the change at an event, or since it was halted."""
        since = self._since(index, before)
        if regime is None or since < 0:
            return Choice.KEEP
        return regime.group.choice(regime.definition, self.log.situations[since], self.log.situations[index])

    def _since(self, index: int, before: Node) -> int:
        """The event with which one is compared: that which halted the clock, or the one before."""
        return self.marks[-1][1] if self.marks and before.phase in HALTED else index - 1

    def _rule(self, index: int, since: int, regime: Regime, choice: Choice) -> str:
        """Which of the definition's choices made that of the changes at an event."""
        group, situations = regime.group, self.log.situations
        changes = changes_between(group.values(situations[since]), group.values(situations[index]))
        return next(change.value for change in changes if regime.definition.choice(change) is choice)

    def _begins_anew(self, index: int, before: Node, after: Node) -> bool:
        """Whether the event ends this cycle and begins the next, or lengthens it backwards; if so, do it.

        A new cycle is promised by what answers now, also after one that was halted under another definition.
        """
        situation = self.log.situations[index]
        heard, regime = before.regime if before.phase in HALTED else after.regime, after.regime
        if heard is None or regime is None or before.phase is Phase.WAITING or before.phase is Phase.ABSENT:
            return False
        told, answer = (
            heard.group.told(heard.definition, situation),
            self.group.answer(situation) if self.group else None,
        )
        is_live = before.phase in LIVE
        is_repeated = regime.definition.repeats and is_live and after.phase is Phase.STOPPED and bool(told & START)
        if answer is not None and (is_repeated or (told & RESET and after.phase is not Phase.CANCELLED)):
            fresh = next_phase(Phase.RUNNING, answer.group.told(answer.definition, situation) & ~STOP)
            if fresh is not Phase.CANCELLED:
                self._anew(index, answer, fresh, "repeats" if is_repeated else "reset", is_decided=is_repeated)
                return True
        if after.phase not in LIVE:
            return False
        if self._choice(index, before, regime) is Choice.RESTART:
            since = self._since(index, before)
            self._anew(index, regime, after.phase, self._rule(index, since, regime, Choice.RESTART), since=since)
            return True
        return self._merged(index, before, after) if is_live else self._reopened(index, regime, before, after)

    def _reopened(self, index: int, regime: Regime, before: Node, after: Node) -> bool:
        """A halted clock lives again: as a new cycle, or as if it had not been stopped; else False."""
        choice = regime.definition.on_reopen if before.phase is Phase.STOPPED else Choice.KEEP
        if choice is Choice.RESTART or regime.definition.repeats:
            rule = "on_reopen" if choice is Choice.RESTART else "repeats"
            self._anew(index, regime, after.phase, rule, is_decided=True)
            return True
        if choice is Choice.RETROACTIVE:
            if before.regime is not None and before.regime.target != regime.target:
                self.promised = self.log.micros[index]
            self._never_stopped(index, regime)
            return True
        return False

    def _merged(self, index: int, before: Node, after: Node) -> bool:
        """An older item was merged into this one and counts from its opening; True when nothing else has changed."""
        merged, regime = self.log.merged.get(index), after.regime
        if merged is None or regime is None or merged >= self.marks[0][0]:
            return False
        if regime.definition.on_merge is not Choice.RETROACTIVE:
            return False
        self.merged = merged
        self._move(self.marks)
        if before.regime is not regime:
            return False
        self._mark(index, after.phase, regime, Why(Cause.RECOUNTED, "on_merge"))
        return True

    def _move(self, marks: list[Mark]) -> None:
        """Put the beginning of the cycle where a merge has moved it to."""
        if self.merged is not None and marks:
            marks[0] = (min(self.merged, marks[0][0]), *marks[0][1:])

    def _anew(
        self, index: int, regime: Regime, phase: Phase, rule: str, *, since: int = -1, is_decided: bool = False
    ) -> None:
        """End the cycle, kept or missed if it is decided, and begin the next one at the event, as *rule* says."""
        why = Why(Cause.RESTARTED, rule, since)
        at, has_ended = self.log.micros[index], self.marks[-1][2] in HALTED
        if not has_ended:
            end = Phase.STOPPED if is_decided else Phase.CANCELLED
            self.marks.append((at, index, end, self.marks[-1][3], None if is_decided else why))
        self.ended.append(self.life(has_restarted=not (is_decided or has_ended)))
        self.marks = [(at, index, phase, regime, why)]
        self.promised, self.merged, self.undone, self.told, self.recounted = at, None, [], [], 0
        self.node = regime.group.node(phase, regime)

    def _mark(self, index: int, phase: Phase, regime: Regime | None, why: Why | None = None) -> None:
        self.marks.append((self.log.micros[index], index, phase, regime, why))

    def _keep_told(self, index: int) -> None:
        """Remember the marks as they are, before time is counted again at an event."""
        self.told += [mark for mark in self.marks if mark[1] >= self.recounted]
        self.recounted = index

    def _from_the_beginning(self, last: int, regime: Regime) -> list[Mark]:
        """The marks of the cycle as if *regime* had held all along: from its first event up to *last*."""
        marks: list[Mark] = []
        first = self.marks[0][1] if self.ended else -1
        phase = Phase.RUNNING if self.ended else Phase.WAITING
        for index in range(max(first, 0), last + 1):
            told = regime.group.told(regime.definition, self.log.situations[index])
            if index == first or any(index in events for events in self.undone):
                told &= ~STOP
            after = next_phase(phase, told)
            if phase is Phase.WAITING and after is not phase:
                marks = self._started(index, regime)
                after = marks[-1][2]
            elif after is not phase or index == first:
                marks.append((self.log.micros[index], index, after, regime, None))
            phase = after
        self._move(marks)
        return marks

    def _never_stopped(self, index: int, regime: Regime) -> None:
        """Reopened, and counted as if it had not been stopped in between."""
        self._keep_told(index)
        begin = self.marks.pop()[1]
        self.undone.append(range(begin, index + 1))
        phase = self.marks[-1][2] if self.marks else None
        for at in range(begin, index + 1):
            told = regime.group.told(regime.definition, self.log.situations[at]) & ~STOP
            after = next_phase(phase or Phase.RUNNING, told)
            if after is not phase or at == index:
                self._mark(at, after, regime, Why(Cause.RECOUNTED, "on_reopen") if at == index else None)
                phase = after
        self._move(self.marks)
        self.node = regime.group.node(self.marks[-1][2], regime)

    def _started(self, index: int, regime: Regime) -> list[Mark]:
        """The marks of a clock that starts at an event, and counts from there or from an earlier instant."""
        since = regime.definition.since
        if since not in tuple(Since):
            return self._since_attribute(index, regime, since)
        begin = 0 if since == Since.OPENED else index
        while begin and since != Since.EVENT and not _is_instant(since, self.log.situations[begin]):
            begin -= 1
        marks: list[Mark] = []
        phase = None
        for at in range(begin, index + 1):
            told = regime.group.told(regime.definition, self.log.situations[at])
            after = next_phase(phase or Phase.RUNNING, told)
            if after is not phase:
                why = None if marks or since == Since.EVENT else STARTED
                marks.append((self.log.micros[at], at, after, regime, why))
                phase = after
        return marks

    def _since_attribute(self, index: int, regime: Regime, name: str) -> list[Mark]:
        """Count from the instant that a field of the item holds; one after the start counts from the start."""
        value = regime.group.values(self.log.situations[index]).get(name)
        at = instant_held(value)
        if at is None and regime.group.policy.is_strict:
            raise ExpressionFailed(
                f"{regime.definition.name} counts since {name}, and that is"
                f" {'empty' if value is None else repr(value)}: expected an instant such as 2026-03-02T17:00+01:00",
                field=name,
            )
        told = regime.group.told(regime.definition, self.log.situations[index])
        here = self.log.micros[index]
        at = here if at is None else at
        phase = next_phase(Phase.RUNNING, told)
        first: Mark = (min(at, here), index, Phase.RUNNING if at < here else phase, regime, STARTED)
        return [first] if first[2] is phase else [first, (here, index, phase, regime, None)]


def _is_instant(since: str, situation: Situation) -> bool:
    """Whether an event is the one that *since* names."""
    kind, actor = situation[0], situation[3]
    if kind is EventKind.OPENED:
        return True
    return (
        (since == Since.CUSTOMER_MESSAGE and kind is EventKind.REPLY and actor is ActorKind.CUSTOMER)
        or (since == Since.ASSIGNED and kind is EventKind.ASSIGNED)
        or (since == Since.STATE and kind is EventKind.STATE)
    )


def instant_held(value: Value) -> int | None:
    """Microseconds since 1970 of an instant that a field holds; None when it holds none."""
    try:
        return micros_of(datetime.fromisoformat(str(value)))
    except (ValueError, InvalidFacts):
        return None
