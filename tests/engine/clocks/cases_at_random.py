"""Policies and lives of items at random, each read off a tape of bytes: an empty tape is the simplest case there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from tests.engine.clocks.clerk import ALWAYS, NEVER, Condition, Said

T = TypeVar("T")
CHOICES = ("keep", "retroactive", "restart")
STATES = (
    "new", "in_progress", "waiting_customer", "resolved", "in_progress", "waiting_vendor", "waiting_other", "closed",
    "cancelled",
)  # fmt: skip
KINDS = (
    "note", "state", "reply", "priority", "assigned", "merged", "queue", "updated", "fields",
)  # fmt: skip
GROUPS = {
    "open": {"new", "in_progress", "waiting_customer", "waiting_vendor", "waiting_other"},
    "waiting": {"waiting_customer", "waiting_vendor", "waiting_other"},
    "done": {"resolved", "closed", "cancelled"},
}
ZONES = ("Europe/Dublin", "Asia/Kathmandu", "America/New_York", "Asia/Kolkata")


class Tape:
    """Choices from bytes, one after the other; past the end always the first."""

    def __init__(self, tape: bytes) -> None:
        self.rest = iter(tape)

    def below(self, end: int) -> int:
        return next(self.rest, 0) % end

    def pick(self, among: Sequence[T]) -> T:
        return among[self.below(len(among))]


def claim(name: str, word: str) -> Condition:
    return Condition(f"{name} is {word}", lambda event: str(event[name]).casefold() == word.casefold())


def states(*words: str) -> Condition:
    meant = set().union(*(GROUPS.get(word, {word}) for word in words))
    return Condition(f"state in ({', '.join(words)})", lambda event: event["state"] in meant)


OWNED = Condition("owned", lambda event: bool(event["owned"]))


def both(one: Condition, other: Condition) -> Condition:
    return Condition(f"({one.text}) and ({other.text})", lambda event: one.holds(event) and other.holds(event))


def either(one: Condition, other: Condition) -> Condition:
    return Condition(f"({one.text}) or ({other.text})", lambda event: one.holds(event) or other.holds(event))


def negated(one: Condition) -> Condition:
    return Condition(f"not ({one.text})", lambda event: not one.holds(event))


OPENED = claim("event", "opened")
ANSWERED = both(claim("event", "reply"), claim("actor", "person"))
ATOMS = (
    OPENED, states("open"), states("waiting"), states("resolved", "closed"), OWNED, ANSWERED, claim("tier", "gold"),
    claim("queue", "network"), claim("priority", "P3"), claim("event", "state"), claim("actor", "customer"),
    Condition("customer in (acme, none)", lambda event: event["customer"] in (None, "acme")),
    Condition("attributes.n > 2", lambda event: event["attributes.n"] > 2),
    states("cancelled"), claim("event", "merged"), states("in_progress"), claim("event", "assigned"), ALWAYS,
)  # fmt: skip


def condition(tape: Tape, *usual: Condition) -> Condition:
    """One of the *usual* ones more often than not."""
    shape = tape.below(10)
    if shape < 6:
        return tape.pick(usual)
    one = tape.pick(ATOMS)
    if shape == 6:
        return negated(one)
    return one if shape == 7 else (both if shape == 8 else either)(one, tape.pick(ATOMS))


def definition(tape: Tape) -> Said:
    targets = {f"P{each}": 4 * (1 + tape.below(120)) for each in (2, 3, 4) if tape.below(4) < 3}
    since = tape.pick(("event",) * 4 + ("opened", "customer_message", "assigned", "state", "attributes.since"))
    return Said(
        targets=targets or {"P3": 60},
        start=condition(tape, OPENED, OPENED, states("open")),
        stop=condition(tape, states("resolved", "closed"), ANSWERED),
        pause=condition(tape, NEVER, states("waiting"), states("waiting_customer", "waiting_vendor")),
        resume=condition(tape, NEVER, NEVER, states("in_progress")) if tape.below(4) == 1 else NEVER,
        cancel=condition(tape, NEVER, states("cancelled")),
        reopen=condition(tape, NEVER, states("open")),
        reset=condition(tape, NEVER) if tape.below(4) == 1 else NEVER,
        when=condition(tape, ALWAYS, ALWAYS, claim("tier", "gold")),
        calendar=tape.pick(("first", "second")),
        zone_of=tape.pick(("fixed", "fixed", "customer", "site", "team")),
        since=since,
        repeats=tape.below(4) == 1,
        limit=1 + tape.below(200) if tape.below(4) == 1 else None,
        ratios=tape.pick(((0.75,), (0.25, 0.5), (0.25, 0.5, 0.75), ())),
        choices={
            "on_priority": tape.pick(("retroactive", "keep", "restart")),
            **{name: tape.pick(CHOICES) for name in ("on_customer", "on_reopen", "on_transfer", "on_merge")},
        },
    )


STEADY = (
    states("open"), states("waiting"), states("resolved", "closed"), OWNED, claim("tier", "gold"), claim("queue", "network"),
    claim("priority", "P3"), states("cancelled"), states("in_progress"), ALWAYS, NEVER,
)  # fmt: skip


def steady(tape: Tape) -> Said:
    """A definition that looks at the item only, never at what happened: saying something twice changes nothing for it."""
    said = definition(tape)
    said.start, said.pause, said.stop = tape.pick(STEADY[:1] + STEADY), tape.pick(STEADY), tape.pick(STEADY[2:])
    said.cancel, said.reopen, said.when = tape.pick(STEADY[7:]), tape.pick(STEADY), tape.pick((ALWAYS, *STEADY))
    said.reset, said.resume, said.repeats = NEVER, tape.pick((*STEADY[4:], NEVER)), False
    return said


def definitions(tapes: Sequence[bytes]) -> list[Said]:
    """Several of one promise; none promises at a priority what one with the same ``when`` has promised before."""
    listed: list[Said] = []
    for tape in tapes:
        said = definition(Tape(tape))
        taken = {name for one in listed if one.when.text == said.when.text for name in one.targets}
        said.targets = {name: target for name, target in said.targets.items() if name not in taken}
        if said.targets:
            listed.append(said)
    return listed


def life(tapes: Sequence[bytes], begin: int) -> list[dict[str, Any]]:
    """An opening and an event for each tape, on whole minutes, some at the same one."""
    now: dict[str, Any] = {
        "at": begin, "event": "opened", "state": "new", "owned": False, "actor": "person", "priority": "P3",
        "queue": "desk", "team": None, "customer": None, "tier": None, "contract": None, "site": None,
        "customer_zone": None, "site_zone": None, "team_zone": None, "attributes.n": 0, "attributes.since": begin,
        "merged": None,
    }  # fmt: skip
    events = []
    for number, bytes_ in enumerate(tapes):
        tape = Tape(bytes_)
        gap = tape.pick((0, 1, 7, 30, 60, 200, 0, 450)) + tape.below(30)
        now = {**now, "at": now["at"] + gap if number else begin, "merged": None}
        kind = tape.pick(KINDS) if number else "opened"
        now["event"], now["actor"] = kind, tape.pick(("person", "customer", "person", "robot"))
        if kind == "state" or tape.below(4) == 1:
            now["state"] = tape.pick(STATES)
        if kind == "priority" or (not number and tape.below(2)):
            now["priority"] = tape.pick(("P2", "P3", "P4", "P1"))
        if kind == "assigned":
            now["owned"] = tape.below(3) < 2
        if kind == "merged":
            now["merged"] = begin - tape.below(200) + 60
        now |= around(tape, kind, begin)
        events.append(now)
    return events


def around(tape: Tape, kind: str, begin: int) -> dict[str, Any]:
    """What an event changes about the customer, the team, the site, or an attribute; mostly nothing."""
    what = tape.below(12)
    found: dict[str, Any] = {}
    if what == 1 or kind == "fields":
        found["customer"], found["tier"] = tape.pick((("acme", "gold"), (None, None), ("zen", None), ("acme", None)))
        found["customer_zone"] = tape.pick((None, *ZONES))
    if what == 2 or kind == "queue":
        found["queue"], found["team"], found["team_zone"] = tape.pick(
            (
                ("network", "north", None),
                ("desk", "south", ZONES[1]),
                ("desk", None, None),
                ("Network", "west", ZONES[0]),
            )
        )
    if what == 3:
        found["site"], found["site_zone"] = tape.pick((("s1", ZONES[2]), ("s2", ZONES[3]), (None, None)))
    if what == 4:
        found["attributes.n"] = tape.below(6)
    if what == 5:
        found["attributes.since"] = begin + tape.below(250) - 150
    return found
