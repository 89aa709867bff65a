"""The assignment policy: every number that an owner of the desk may change, with its range and its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from typing import Any, TypeVar, cast

from watchbill.engine.assign.routing import RoutingRule
from watchbill.engine.assign.routingform import read_rules
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.jsonform import near, read_list, read_one
from watchbill.engine.base.slips import Slips
from watchbill.engine.base.work import require_class

WORD = 64
"""Bits of a whole number; no parameter is anywhere near one that has more."""
MOST_SHOWN = 60
"""Characters of a wrong value that are shown."""
RULES, CLASS_LIMITS = "rules", "class_limits"
JsonValue = int | float | bool | Mapping[str, float]
Value = TypeVar("Value", bound=JsonValue)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One line of the policy page. minimum and maximum bound the number, or each number of a table.

    is_count: a whole number is expected on entry, though versions from before that may hold a fraction.
    """

    name: str
    title: str
    unit: str
    sentence: str
    minimum: float = 0
    maximum: float = 1000
    is_count: bool = False


def _parameter(
    default: Value,
    title: str,
    unit: str,
    *,
    sentence: str,
    minimum: float = 0,
    maximum: float = 1000,
    is_count: bool = False,
) -> Value:
    """Declare a field of `Policy` with its line of the policy page; a table starts as a copy of *default*."""
    line = {
        "title": title,
        "unit": unit,
        "sentence": sentence,
        "minimum": minimum,
        "maximum": maximum,
        "is_count": is_count,
    }
    if isinstance(default, Mapping):
        return field(default_factory=lambda: cast("Value", dict(default)), metadata=line)
    return field(default=default, metadata=line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the rules. Each field stands with its default, range and meaning; the defaults are those of docs/algorithms/assign.md.

    rules: what is asked or preferred of people by condition, beside what holds for all items.

    Raises InvalidFacts, naming key, value and expectation, when a number is out of its range.
    """

    version: int = 1
    rules: tuple[RoutingRule, ...] = ()
    # fmt: off
    look_ahead: float = _parameter(
        4.0, "Look-ahead (K)", "mean touches", minimum=0.1, maximum=100,
        sentence="How early a promise starts to count: its urgency falls to 37 % when this many mean touches of spare time are left.")
    late_residual: float = _parameter(
        0.05, "Weight of a lost promise (lambda 0)", "share", maximum=1,
        sentence="The share of its urgency that a promise keeps when it can no longer be met, or an item has when no clock runs or all its promises are far ahead.")
    late_growth: float = _parameter(
        0.05, "Growth of a lost promise (lambda 1)", "share per target", maximum=1,
        sentence="How much urgency a lost promise wins back for each further target time that passes, up to three, so that late work does not starve.")
    priority_weights: Mapping[str, float] = _parameter(
        {"1": 8.0, "2": 4.0, "3": 2.0, "4": 1.0}, "Weight by priority", "weight", minimum=0.01, maximum=100,
        sentence="What a promise of each priority weighs against the others.")
    tier_factors: Mapping[str, float] = _parameter(
        {"standard": 1.0, "plus": 1.25, "premier": 1.5}, "Factor by customer tier", "factor", minimum=0.01, maximum=100,
        sentence="What the weight is multiplied by for customers of each tier; a tier that is not listed counts 1.")
    commitment_weights: Mapping[str, float] = _parameter(
        {"response": 1.0, "update": 0.5, "stage": 0.5, "resolution": 1.0}, "Weight by kind of promise", "factor", maximum=100,
        sentence="What first response, next update, a stage such as the pick-up, and resolution weigh against each other.")
    speed_per_level: float = _parameter(
        0.1, "Speed by skill level", "share per level", maximum=1,
        sentence="How much faster a person works for each skill level above the one that is required, counted up to three levels.")
    handover_min: int = _parameter(
        15, "Handover", "min", maximum=480,
        sentence="The extra minutes that a person needs who takes over an item on which somebody else has worked.")
    load_weight: float = _parameter(
        100.0, "Load above the knee (beta)", "points",
        sentence="How strongly load above the knee counts against a person: points times the square of the load ratio above it.")
    load_knee: float = _parameter(
        0.7, "Knee of the load", "load ratio", maximum=10,
        sentence="The load ratio (effort owned, divided by staffed time in the next seven days) above which load starts to hurt.")
    spread_weight: float = _parameter(
        10.0, "Even spread", "points",
        sentence="A gentle pull towards the less loaded of two people, also below the knee: points times the square of the load ratio.")
    breadth_weight: float = _parameter(
        3.0, "Protect generalists (eta)", "points", maximum=100,
        sentence="Points against a person for each other scarce skill she has, so that generalists are kept for what only they can do.")
    breadth_limit: float = _parameter(
        3.0, "Most skills that protect", "skills", maximum=20, is_count=True,
        sentence="The largest number of other scarce skills that counts against a person.")
    continuity_item: float = _parameter(
        12.0, "Worked on it before", "points", maximum=100,
        sentence="Points for a person who has worked on this very item.")
    continuity_customer: float = _parameter(
        6.0, "Knows the customer", "points", maximum=100,
        sentence="Points for a person who lately worked for the same customer.")
    shift_weight: float = _parameter(
        6.0, "Time left in the shift", "points", maximum=100,
        sentence="Points for a person in whose shift all of the remaining effort still fits; in proportion when only a part does.")
    shift_grace_min: int = _parameter(
        15, "Grace at the end of the shift", "min", maximum=480,
        sentence="How many minutes the next touch may run past the end of a shift before a person is left out.")
    churn_min: int = _parameter(
        15, "Margin for a move (delta)", "min", maximum=480,
        sentence="The effort that a move to another owner must save beyond the handover itself before it is proposed.")
    churn_points_per_hour: float = _parameter(
        40.0, "Price of disturbance", "points per hour",
        sentence="What one hour of handover and margin costs in points when an owned item is moved.")
    move_rest_h: float = _parameter(
        24.0, "Rest after a move", "h", maximum=720,
        sentence="How many hours an item stays with whom Watchbill has given it, at first or by a move.")
    watch_margin_min: int = _parameter(
        30, "Quiet around a change of watch", "min", maximum=480,
        sentence="An owned item is not moved within so many minutes of the moment at which its owner's shift begins or ends.")
    rarity_weight: float = _parameter(
        6.0, "Protect rare abilities", "points", maximum=100,
        sentence="Points against a person for work that does not need what only she can do among those at work: a skill at a level, a language, or both at once.")
    region_weight: float = _parameter(
        3.0, "Same region", "points", maximum=100,
        sentence="Points for a person of the region to which the item belongs.")
    deputy_weight: float = _parameter(
        20.0, "Deputy of an absent owner", "points", maximum=100,
        sentence="Points for the deputy of an owner who is absent or has left.")
    class_limits: Mapping[str, float] = _parameter(
        {}, "Most items of a class", "items per person", maximum=1000,
        sentence="How many open items of a class of work one person may own at most, such as kind:change or category:Network; what is not listed has no limit of its own.")
    preempts_p1: bool = _parameter(
        True, "Interrupt for a P1", "yes or no",
        sentence="Whether a P1 for which nobody is free takes the place of the item that can best wait.")
    preempts_p2: bool = _parameter(
        False, "Interrupt for a P2", "yes or no",
        sentence="Whether a P2 for which nobody is free takes the place of the item that can best wait.")
    moves_per_hour: int = _parameter(
        12, "Most moves in an hour", "moves", maximum=1000,
        sentence="How many owned items may be moved between people within an hour to even out work.")
    move_answer_min: int = _parameter(
        60, "Time to answer a move", "min", minimum=1, maximum=1440,
        sentence="How long the manager of the other region has to answer a move, before it falls away.")
    accept_min: Mapping[str, float] = _parameter(
        {"1": 30.0, "2": 60.0, "3": 240.0, "4": 480.0}, "Accepted by", "min of the owner's working time", maximum=10080,
        sentence="Within how many minutes of her own working time an owner is to act on what she was given, by priority; 0 for no limit.")
    accept_moves: bool = _parameter(
        False, "Move what is not acted on", "yes or no",
        sentence="Whether an item that its owner has not acted on in time is proposed for, or given to, somebody else; if not, managers are told.")
    off_shift_moves: bool = _parameter(
        False, "Move what waits too long", "yes or no",
        sentence="Whether an item whose owner is off shift, and back only after a promise is due, is proposed for, or given to, somebody else.")
    bounce_moves: int = _parameter(
        4, "Passed around", "owners or queues", minimum=2, maximum=100,
        sentence="From how many different owners, or queues, within the days below an item counts as passed around.")
    bounce_days: int = _parameter(
        7, "Passed around within", "days", minimum=1, maximum=90,
        sentence="How many days back changes of owner and queue are counted.")
    quiet_days: int = _parameter(
        3, "Quiet", "days", minimum=1, maximum=365,
        sentence="An item that is older than nine in ten of its class counts as ageing when nobody has acted on it for so many days.")
    sun_moves: bool = _parameter(
        True, "Pass with the sun", "yes or no",
        sentence="Whether work is handed on to the next region when its owner's region goes home and a promise would be lost by waiting.")
    sun_always: int = _parameter(
        0, "Around the clock up to", "priority", maximum=4,
        sentence="Items up to this priority (2 for P1 and P2) are handed on at every change of region if somebody able is done sooner there, also when no promise would be lost by waiting; 0 for none.")
    sun_lead_min: int = _parameter(
        120, "Look before a change of region", "min", minimum=15, maximum=720,
        sentence="How many minutes before a region goes home it is decided what is kept, passed on or parked.")
    sun_load_limit: float = _parameter(
        1.0, "Most load of the next region", "load ratio", minimum=0.1, maximum=10,
        sentence="Above this load the next region is passed only what would otherwise miss its promise.")
    is_rebalancing: bool = _parameter(
        False, "Move owned items", "yes or no",
        sentence="Whether owned items compete again and may be proposed to another owner.")
    needs_shift: bool = _parameter(
        True, "Only people on shift", "yes or no",
        sentence="Whether only people who are available and on shift may be given work.")
    needs_shift_time: bool = _parameter(
        True, "Only when the touch fits", "yes or no",
        sentence="Whether the next touch must fit into what is left of the person's shift, plus the grace.")
    needs_team: bool = _parameter(
        True, "Only the item's team", "yes or no",
        sentence="Whether an item of a team may only go to members of that team.")
    needs_skill: bool = _parameter(
        True, "Only the required skill", "yes or no",
        sentence="Whether the required skill and level are a must; if not, a missing skill only means no gain in speed.")
    needs_language: bool = _parameter(
        True, "Only the item's language", "yes or no",
        sentence="Whether a person must speak the item's language.")
    needs_clearance: bool = _parameter(
        True, "Only with clearance", "yes or no",
        sentence="Whether a person must have every clearance that the item or its customer asks for.")
    # fmt: on

    def __post_init__(self) -> None:
        slips = Slips()
        for parameter in PARAMETERS:
            slips.found += _faults(parameter, getattr(self, parameter.name))
        slips.end()

    def as_json(self) -> dict[str, Any]:
        """The policy as plain JSON values: what from_json reads back to an equal policy."""
        body: dict[str, Any] = {"version": self.version, "rules": list(map(str, self.rules))}
        for parameter in PARAMETERS:
            value = getattr(self, parameter.name)
            body[parameter.name] = dict(value) if isinstance(value, Mapping) else value
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, object], *, base: Policy | None = None, is_stored: bool = False) -> Policy:
        """Read a stored or edited policy. Missing keys are as in *base*, else as delivered.

        Raises InvalidFacts, naming key, value and expectation, for all unknown keys, wrong types and numbers out of range at once.
        Of a version that *is_stored*, keys that are no more (or not yet) known are passed over: it was checked when it was
        published, and stays in force.
        """
        slips = Slips()
        values = read_values(body, slips, is_stored=is_stored)
        slips.end()
        return replace(base or cls(), **values)


PARAMETERS: tuple[Parameter, ...] = tuple(Parameter(name=f.name, **f.metadata) for f in fields(Policy) if f.metadata)
"""Every parameter, in the order of the page. The version is not among them: the store counts it up; nor are the rules."""
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
KEYS = tuple(f.name for f in fields(Policy))
"""What a body may name: the version first, then the rules."""
_TABLE_KEYS = {
    "priority_weights": {"1", "2", "3", "4"},
    "commitment_weights": {"response", "update", "stage", "resolution"},
    "accept_min": {"1", "2", "3", "4"},
}


DELIVERED, ALL = "delivered", "all"
"""The key of a draft that lists what is to be as Watchbill comes, and the word for all that it does not name."""


def read_values(body: Mapping[str, object], slips: Slips, *, is_stored: bool = False) -> dict[str, Any]:
    """Read the keys that a body names, as fields of `Policy`. What cannot be read is one of *slips*; of rules, it leaves None."""
    values: dict[str, Any] = {}
    for key, value in body.items():
        if key in KEYS:
            values[key] = slips.of(_read, key, value, slips, is_stored=is_stored)
        elif key == DELIVERED and not is_stored:
            for name in slips.of(_read_delivered, value, body) or ():
                values.setdefault(name, getattr(Policy(), name))
        elif not is_stored:
            meant = near(key, KEYS)
            hint = f" – did you mean {meant}?" if meant else f"; expected one of {', '.join(KEYS)}"
            slips.found.append(
                InvalidFacts(f"{key} = {_shown(value)} is not one of the keys of a policy{hint}", key=key)
            )
    return values


def _read_delivered(value: object, body: Mapping[str, object]) -> Sequence[str]:
    """Read which keys are to be as delivered. Raises InvalidFacts for one that is none, and for one that has a value as well."""
    names = read_list(value, DELIVERED, lambda name, key: read_one(name, key, (*KEYS[1:], ALL)))
    for at, name in enumerate(names):
        if name in body:
            raise InvalidFacts(
                f"{name} has a value, and is in “{DELIVERED}” as well; expected one of the two",
                key=f"{DELIVERED}[{at}]",
            )
    return KEYS[1:] if ALL in names else names


def _read(key: str, value: object, slips: Slips, *, is_stored: bool) -> object:
    """Read one value, its range included; of what *is_stored*, `Policy` looks at that."""
    if key == RULES:
        return read_rules(value, key, None if is_stored else slips)
    if is_stored and key in _TABLE_KEYS and isinstance(value, Mapping):
        value = {**_DEFAULTS[key], **value}  # published before one of its keys was known
    read = _typed(key, value)
    if not is_stored and key in _BY_NAME:
        parts = Slips()
        parts.found += _faults(_BY_NAME[key], read)
        if key == CLASS_LIMITS:
            parts.found += _class_faults(cast("Mapping[str, float]", read))
        if _BY_NAME[key].is_count and not parts.found and read != int(cast("float", read)):
            parts.found.append(
                InvalidFacts(f"{key} = {value!r}; expected a whole number of {_BY_NAME[key].unit}", key=key)
            )
        parts.end()
    return read


def _typed(key: str, value: object) -> JsonValue:
    """Check the type of one JSON value against the default's; whole numbers may be written for fractions."""
    default = _DEFAULTS[key]
    if isinstance(default, bool):
        if not isinstance(value, bool):
            meant = _YES_OR_NO.get(str(value).strip().casefold())
            hint = f" – did you mean {meant}?" if meant else ""
            raise InvalidFacts(f"{key} = {_shown(value)}; expected true or false{hint}", key=key)
        return value
    if isinstance(default, Mapping):
        if not isinstance(value, Mapping):
            raise InvalidFacts(f"{key} = {_shown(value)}; expected a table of numbers", key=key)
        slips = Slips()
        table = {str(name): slips.of(_number, f"{key}.{name}", number) for name, number in value.items()}
        slips.end()
        return {name: float(number) for name, number in table.items()}
    number = _number(key, value)
    if isinstance(default, int):
        if not isfinite(number) or number != int(number):
            raise InvalidFacts(f"{key} = {_shown(value)}; expected a whole number", key=key)
        return int(number)
    return float(number)


def _class_faults(limits: Mapping[str, float]) -> Iterator[InvalidFacts]:
    """Limits of something that is no class of work: they would be without effect."""
    for name in limits:
        try:
            require_class(name)
        except InvalidFacts as error:
            yield InvalidFacts(f"class_limits: {error.message}", key=f"class_limits.{name}")


_YES_OR_NO = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= MOST_SHOWN else f"{shown[: MOST_SHOWN - 3]}..."


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        is_meant = isinstance(value, str) and re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", value.strip())
        hint = f" – did you mean {str(value).strip()}, without quotes?" if is_meant else ""
        raise InvalidFacts(f"{key} = {_shown(value)}; expected a number{hint}", key=key)
    if isinstance(value, int) and value.bit_length() > WORD:
        raise InvalidFacts(f"{key} has {len(str(value))} digits; expected a number", key=key)
    return value


def _faults(parameter: Parameter, value: JsonValue) -> list[InvalidFacts]:
    """What is wrong with a value: a number, or one of a table, out of its range (NaN always is), or keys that do not fit."""
    if isinstance(value, bool):
        return []
    name, found = parameter.name, list[InvalidFacts]()
    table = value if isinstance(value, Mapping) else {"": value}
    for part, number in table.items():
        key = f"{name}.{part}" if part else name
        if not parameter.minimum <= number <= parameter.maximum:
            said = f"{key} = {number}; expected {parameter.minimum:g} to {parameter.maximum:g} ({parameter.unit})"
            found.append(InvalidFacts(said, key=key))
        elif name == CLASS_LIMITS and number != int(number):
            found.append(InvalidFacts(f"{key} = {number:g}; expected a whole number of items", key=key))
    keys = _TABLE_KEYS.get(name)
    if keys is not None and set(table) != keys:
        found.append(InvalidFacts(f"{name} has the keys {sorted(table)}; expected exactly {sorted(keys)}", key=name))
    return found


_DEFAULTS: dict[str, Any] = Policy().as_json()
