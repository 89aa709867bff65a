"""A second opinion on clocks that shares nothing with the engine: a clerk with a diary, who then counts minutes.

The clerk reads the rules of docs/algorithms/clocks.md as they stand there. After each event the diary says what each
promise does from then on (a *stroke*); what is on the clock, when it is due and when it was broken is found by going
through the strokes minute by minute. Conditions are pairs of a text and a function, so none is parsed here. Nothing of
Watchbill is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Event = Mapping[str, Any]
"""What is known after an event, by field; ``at`` is its minute, ``merged`` that of a merged item's opening or None."""
HALTED, LIVE = ("stopped", "cancelled"), ("running", "paused")
PARTY = ("customer", "tier", "contract", "site", "sensitive", "customer_zone", "site_zone")
PLACE = ("queue", "team", "team_zone")


class Condition(NamedTuple):
    text: str
    holds: Callable[[Event], bool]


NEVER, ALWAYS = Condition("never", lambda _: False), Condition("always", lambda _: True)


@dataclass(eq=False)
class Said:
    """One definition of the promise."""

    targets: dict[str, int]
    start: Condition
    stop: Condition
    when: Condition = ALWAYS
    pause: Condition = NEVER
    resume: Condition = NEVER
    cancel: Condition = NEVER
    reopen: Condition = NEVER
    reset: Condition = NEVER
    calendar: str = "first"
    zone_of: str = "fixed"
    since: str = "event"
    repeats: bool = False
    limit: int | None = None
    ratios: tuple[float, ...] = (0.75,)
    choices: dict[str, str] = field(default_factory=dict)

    def told(self, event: Event) -> set[str]:
        """The conditions that hold."""
        names = ("start", "pause", "stop", "cancel", "reopen", "reset")
        told = {name for name in names if getattr(self, name).holds(event)}
        if self.resume is NEVER or self.resume.holds(event):
            told.add("resume")
        if self.repeats and "start" in told:
            told.add("reopen")
        return told


class Promise(NamedTuple):
    said: Said
    target: int
    zone: str


class Stroke(NamedTuple):
    """From minute ``at``, with event ``index``, a clock is in ``phase`` under ``promise``."""

    index: int
    at: int
    phase: str
    promise: Promise | None


@dataclass
class Life:
    """One cycle: its strokes, the minute at which its target was set, and whether it was begun anew undecided."""

    strokes: list[Stroke]
    set_at: int
    is_restarted: bool = False


def step(phase: str, told: set[str]) -> str:
    """What a clock does after an event, by the numbered list in the docs."""
    if (phase == "waiting" and "start" not in told) or (phase == "stopped" and "reopen" not in told):
        return phase
    if "cancel" in told:
        return "cancelled"
    if "stop" in told:
        return "stopped"
    if "pause" in told or (phase == "paused" and "resume" not in told):
        return "paused"
    return "running"


def changes_of(before: Event, after: Event) -> list[str]:
    """The changes that a policy has a choice about."""

    def differ(*names: str) -> bool:
        return any(before.get(name) != after.get(name) for name in names)

    changes = ["on_priority"] * differ("priority") + ["on_merge"] * (after["event"] == "merged")
    return changes + ["on_customer"] * differ(*PARTY) + ["on_transfer"] * differ(*PLACE)


class Clerk:
    """Keeps the diary of one promise (several definitions of it) on one item."""

    def __init__(self, listed: Sequence[Said], events: Sequence[Event]) -> None:
        self.listed, self.events = list(listed), events
        self.phase, self.promise = "waiting", None
        self.strokes: list[Stroke] = []
        self.set_at = events[0]["at"]
        self.ended: list[Life] = []
        self.moved_to: int | None = None  # where a merge has put the beginning of the cycle
        self.undone: list[range] = []  # the events at which a stop no longer counts

    def lives(self) -> list[Life]:
        return [*self.ended, Life(self.strokes, self.set_at)]

    def answer(self, event: Event) -> Promise | None:
        for said in self.listed:
            if event["priority"] in said.targets and said.when.holds(event):
                zone = "" if said.zone_of == "fixed" else event.get(f"{said.zone_of}_zone") or ""
                return Promise(said, said.targets[event["priority"]], zone)
        return None

    def hear(self, index: int) -> None:
        """Take one event."""
        event = self.events[index]
        answer = self.answer(event)
        heard_by = self.promise if self.phase in HALTED else answer
        told = heard_by.said.told(event) if heard_by else set()
        after = self.goes_to(answer, told, event)
        if answer and self.phase in (*LIVE, *HALTED) and self.begins_anew(index, answer, told, after):
            return
        if self.phase in HALTED and step(self.phase, told) == self.phase:
            return  # what has halted it holds
        self.turn(index, answer, after, self.choice(index, answer))

    def goes_to(self, answer: Promise | None, told: set[str], event: Event) -> str:
        phase = self.phase
        if phase in HALTED:
            after = step(phase, told)
            if after == phase or (after in HALTED and answer):
                return after
            phase = "running"
        if answer is None:
            return "waiting" if phase == "waiting" else "absent"
        return step("running" if phase == "absent" else phase, answer.said.told(event))

    def choice(self, index: int, answer: Promise | None) -> str:
        """What becomes of the time, by what changed at this event, or since the clock was halted."""
        since = self.strokes[-1].index if self.strokes and self.phase in HALTED else index - 1
        if answer is None or since < 0:
            return "keep"
        changes = changes_of(self.events[since], self.events[index])
        chosen = {answer.said.choices[change] for change in changes}
        return next((one for one in ("restart", "retroactive") if one in chosen), "keep")

    def begins_anew(self, index: int, answer: Promise, told: set[str], after: str) -> bool:
        event = self.events[index]
        fresh = step("running", answer.said.told(event) - {"stop"})
        if answer.said.repeats and self.phase in LIVE and after == "stopped" and "start" in told:
            self.anew(index, answer, fresh, is_decided=True)
        elif "reset" in told and fresh != "cancelled" and after != "cancelled":
            self.anew(index, answer, fresh, is_decided=False)
        elif after not in LIVE:
            return False
        elif self.choice(index, answer) == "restart":
            self.anew(index, answer, after, is_decided=False)
        elif self.phase in HALTED:
            return self.reopens(index, answer, after)
        else:
            self.merges(index, answer)
            return False
        return True

    def reopens(self, index: int, answer: Promise, after: str) -> bool:
        choice = answer.said.choices["on_reopen"] if self.phase == "stopped" else "keep"
        if answer.said.repeats or choice == "restart":
            self.anew(index, answer, after, is_decided=True)
            return True
        if choice == "keep":
            return False
        self.undone.append(range(self.strokes[-1].index, index + 1))
        self.reckon(index, answer, self.strokes.pop().index)
        return True

    def merges(self, index: int, answer: Promise) -> None:
        """An older item was merged into this one: perhaps it counts from that opening."""
        merged, first = self.events[index].get("merged"), self.strokes[0]
        if merged is not None and merged < first.at and answer.said.choices["on_merge"] == "retroactive":
            self.moved_to = merged
            self.strokes[0] = first._replace(at=merged)

    def reckon(self, index: int, answer: Promise, begin: int) -> None:
        """Go on from the stroke before event *begin* as if nothing had stopped it up to *index*."""
        if self.promise.target != answer.target:
            self.set_at = self.events[index]["at"]
        phase = self.strokes[-1].phase if self.strokes else "running"
        for at in range(begin, index + 1):
            after = step(phase, answer.said.told(self.events[at]) - {"stop"})
            if after != phase or at == index or not self.strokes:
                self.strokes.append(Stroke(at, self.events[at]["at"], after, answer))
            phase = after
        if self.moved_to is not None:
            self.strokes[0] = self.strokes[0]._replace(at=min(self.moved_to, self.strokes[0].at))
        self.phase, self.promise = phase, answer

    def anew(self, index: int, answer: Promise, phase: str, *, is_decided: bool) -> None:
        at = self.events[index]["at"]
        if self.phase in LIVE:
            end = "stopped" if is_decided else "cancelled"
            self.strokes.append(Stroke(index, at, end, self.strokes[-1].promise))
        else:
            is_decided = True
        self.ended.append(Life(self.strokes, self.set_at, not is_decided))
        self.strokes, self.set_at = [Stroke(index, at, phase, answer)], at
        self.phase, self.promise, self.moved_to, self.undone = phase, answer, None, []

    def turn(self, index: int, answer: Promise | None, after: str, choice: str) -> None:
        """Another phase, or another promise."""
        at = self.events[index]["at"]
        if answer is None:
            if self.strokes and self.phase != "absent":
                self.strokes.append(Stroke(index, at, "absent", None))
            self.phase, self.promise = after, None
            return
        is_late = self.promise is None and index > 0
        has_changed = index > 0 and self.promise != answer
        is_recounted = has_changed and choice == "retroactive" and (is_late or self.measures_otherwise(answer))
        again = self.again(index, answer) if is_late or is_recounted else []
        if is_late and again and again[-1].phase in HALTED and again[-1].index < index:
            return  # nobody promises anything about what is done
        if has_changed and (is_late or self.promise.target != answer.target):
            self.set_at = at
        if is_recounted:
            self.strokes = again
            self.phase = again[-1].phase if again else "waiting"
            if self.phase in LIVE:
                self.strokes.append(Stroke(index, at, self.phase, answer))
        elif self.phase == "waiting":
            if again and after == "waiting":
                self.strokes, self.phase = [Stroke(index, at, again[-1].phase, answer)], again[-1].phase
            else:
                self.begin(index, answer, after)
        else:
            self.phase = again[-1].phase if again else after
            self.strokes.append(Stroke(index, at, self.phase, answer))
        self.promise = answer

    def measures_otherwise(self, answer: Promise) -> bool:
        return self.promise.said is not answer.said or self.promise.zone != answer.zone

    def begin(self, index: int, answer: Promise, after: str) -> None:
        if after != "waiting":
            self.strokes = self.started(index, answer)
            self.set_at = min(self.events[index]["at"], self.strokes[0].at)
            after = self.strokes[-1].phase
        self.phase = after

    def again(self, index: int, answer: Promise) -> list[Stroke]:
        """The strokes of the cycle as if *answer* had been promised all along."""
        strokes: list[Stroke] = []
        phase, begin = "waiting", 0
        if self.ended:
            phase, begin = "running", self.strokes[0].index
        for at in range(begin, index + 1):
            told = answer.said.told(self.events[at])
            if (self.ended and at == begin) or any(at in events for events in self.undone):
                told -= {"stop"}
            after = step(phase, told)
            if phase == "waiting" and after != "waiting":
                strokes = self.started(at, answer)
                after = strokes[-1].phase
            elif after != "waiting" and (after != phase or not strokes):
                strokes.append(Stroke(at, self.events[at]["at"], after, answer))
            phase = after
        if self.moved_to is not None and strokes:
            strokes[0] = strokes[0]._replace(at=min(self.moved_to, strokes[0].at))
        return strokes

    def started(self, index: int, answer: Promise) -> list[Stroke]:
        """It starts at an event, and counts from the instant that the definition names."""
        said, here = answer.said, self.events[index]["at"]
        if said.since.startswith("attributes."):
            at = self.events[index][said.since]
            phase = step("running", said.told(self.events[index]))
            first = [Stroke(index, at, "running", answer)] if at < here else []
            return [*first, Stroke(index, here, phase, answer)]
        begin = index
        while begin and said.since != "event" and not self.is_named(begin, said.since):
            begin -= 1
        strokes: list[Stroke] = []
        phase = "running"
        for at in range(begin, index + 1):
            after = step(phase, said.told(self.events[at]))
            if after != phase or not strokes:
                strokes.append(Stroke(at, self.events[at]["at"], after, answer))
            phase = after
        return strokes

    def is_named(self, index: int, since: str) -> bool:
        event = self.events[index]
        return {
            "opened": event["event"] == "opened",
            "customer_message": event["event"] == "reply" and event["actor"] == "customer",
            "assigned": event["event"] == "assigned",
            "state": event["event"] == "state",
        }[since]

    def take_over(self, index: int, listed: Sequence[Said], choice: str) -> None:
        """A later version of the policy comes into force, at an event of its own."""
        self.listed = list(listed)
        event = self.events[index]
        if self.phase in HALTED:
            return
        answer = self.answer(event)
        after = self.goes_to(answer, set(), event)
        if choice == "restart" and self.phase in LIVE and answer:
            self.anew(index, answer, after if after in LIVE else "running", is_decided=False)
        else:
            self.turn(index, answer, after, choice)
