"""The assignment policy: every number that an owner of the desk may change, with its range and its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import cast

from watchbill.engine.base.errors import InvalidFacts

JsonValue = int | float | bool | Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One line of the policy page. minimum and maximum bound the number, or each number of a table."""

    name: str
    title: str
    unit: str
    sentence: str
    minimum: float = 0
    maximum: float = 1000


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        name="look_ahead", title="Look-ahead (K)", unit="mean touches", minimum=0.1, maximum=100,
        sentence="How early a promise starts to count: its urgency falls to 37 % when this many mean touches of spare time are left.",
    ),
    Parameter(
        name="late_residual", title="Weight of a lost promise (lambda 0)", unit="share", maximum=1,
        sentence="The share of its urgency that a promise keeps when it can no longer be met, or an item has when no clock runs.",
    ),
    Parameter(
        name="late_growth", title="Growth of a lost promise (lambda 1)", unit="share per target", maximum=1,
        sentence="How much urgency a lost promise wins back for each further target time that passes, up to three, so that late work does not starve.",
    ),
    Parameter(
        name="priority_weights", title="Weight by priority", unit="weight", minimum=0.01, maximum=100,
        sentence="What a promise of each priority weighs against the others.",
    ),
    Parameter(
        name="tier_factors", title="Factor by customer tier", unit="factor", minimum=0.01, maximum=100,
        sentence="What the weight is multiplied by for customers of each tier; a tier that is not listed counts 1.",
    ),
    Parameter(
        name="commitment_weights", title="Weight by kind of promise", unit="factor", maximum=100,
        sentence="What first response, next update and resolution weigh against each other.",
    ),
    Parameter(
        name="speed_per_level", title="Speed by skill level", unit="share per level", maximum=1,
        sentence="How much faster a person works for each skill level above the one that is required, counted up to three levels.",
    ),
    Parameter(
        name="handover_min", title="Handover", unit="min", maximum=480,
        sentence="The extra minutes that a person needs who takes over an item on which somebody else has worked.",
    ),
    Parameter(
        name="load_weight", title="Load above the knee (beta)", unit="points",
        sentence="How strongly load above the knee counts against a person: points times the square of the load ratio above it.",
    ),
    Parameter(
        name="load_knee", title="Knee of the load", unit="load ratio", maximum=10,
        sentence="The load ratio (effort owned, divided by staffed time in the next 16 hours) above which load starts to hurt.",
    ),
    Parameter(
        name="spread_weight", title="Even spread", unit="points",
        sentence="A gentle pull towards the less loaded of two people, also below the knee: points times the square of the load ratio.",
    ),
    Parameter(
        name="breadth_weight", title="Protect generalists (eta)", unit="points", maximum=100,
        sentence="Points against a person for each other scarce skill she has, so that generalists are kept for what only they can do.",
    ),
    Parameter(
        name="breadth_limit", title="Most skills that protect", unit="skills", maximum=20,
        sentence="The largest number of other scarce skills that counts against a person.",
    ),
    Parameter(
        name="continuity_item", title="Worked on it before", unit="points", maximum=100,
        sentence="Points for a person who has worked on this very item.",
    ),
    Parameter(
        name="continuity_customer", title="Knows the customer", unit="points", maximum=100,
        sentence="Points for a person who lately worked for the same customer.",
    ),
    Parameter(
        name="shift_weight", title="Time left in the shift", unit="points", maximum=100,
        sentence="Points for a person in whose shift all of the remaining effort still fits; in proportion when only a part does.",
    ),
    Parameter(
        name="shift_grace_min", title="Grace at the end of the shift", unit="min", maximum=480,
        sentence="How many minutes the next touch may run past the end of a shift before a person is left out.",
    ),
    Parameter(
        name="churn_min", title="Margin for a move (delta)", unit="min", maximum=480,
        sentence="The effort that a move to another owner must save beyond the handover itself before it is proposed.",
    ),
    Parameter(
        name="churn_points_per_hour", title="Price of disturbance", unit="points per hour",
        sentence="What one hour of handover and margin costs in points when an owned item is moved.",
    ),
    Parameter(
        name="move_rest_h", title="Rest after a move", unit="h", maximum=720,
        sentence="How many hours an item stays with its owner after Watchbill has moved it.",
    ),
    Parameter(
        name="is_rebalancing", title="Move owned items", unit="yes or no",
        sentence="Whether owned items compete again and may be proposed to another owner.",
    ),
    Parameter(
        name="needs_shift", title="Only people on shift", unit="yes or no",
        sentence="Whether only people who are available and on shift may be given work.",
    ),
    Parameter(
        name="needs_shift_time", title="Only when the touch fits", unit="yes or no",
        sentence="Whether the next touch must fit into what is left of the person's shift, plus the grace.",
    ),
    Parameter(
        name="needs_team", title="Only the item's team", unit="yes or no",
        sentence="Whether an item of a team may only go to members of that team.",
    ),
    Parameter(
        name="needs_skill", title="Only the required skill", unit="yes or no",
        sentence="Whether the required skill and level are a must; if not, a missing skill only means no gain in speed.",
    ),
    Parameter(
        name="needs_language", title="Only the item's language", unit="yes or no",
        sentence="Whether a person must speak the item's language.",
    ),
)  # fmt: skip
"""Every parameter, in the order of the page. The version is not among them: the store counts it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the rules. Each field is explained in PARAMETERS; the defaults are those of docs/algorithms/assign.md.

    Raises InvalidFacts, naming key, value and expectation, when a number is out of its range.
    """

    version: int = 1
    look_ahead: float = 1.0
    late_residual: float = 0.05
    late_growth: float = 0.05
    priority_weights: Mapping[str, float] = field(default_factory=lambda: {"1": 8.0, "2": 4.0, "3": 2.0, "4": 1.0})
    tier_factors: Mapping[str, float] = field(default_factory=lambda: {"standard": 1.0, "plus": 1.25, "premier": 1.5})
    commitment_weights: Mapping[str, float] = field(
        default_factory=lambda: {"response": 1.0, "update": 0.5, "resolution": 1.0}
    )
    speed_per_level: float = 0.1
    handover_min: int = 15
    load_weight: float = 100.0
    load_knee: float = 0.7
    spread_weight: float = 10.0
    breadth_weight: float = 3.0
    breadth_limit: float = 3.0
    continuity_item: float = 12.0
    continuity_customer: float = 6.0
    shift_weight: float = 6.0
    shift_grace_min: int = 15
    churn_min: int = 15
    churn_points_per_hour: float = 40.0
    move_rest_h: float = 24.0
    is_rebalancing: bool = False
    needs_shift: bool = True
    needs_shift_time: bool = True
    needs_team: bool = True
    needs_skill: bool = True
    needs_language: bool = True

    def __post_init__(self) -> None:
        for parameter in PARAMETERS:
            _check(parameter, getattr(self, parameter.name))
        for name, keys in _TABLE_KEYS.items():
            if set(getattr(self, name)) != keys:
                raise InvalidFacts(
                    f"{name} has the keys {sorted(getattr(self, name))}; expected exactly {sorted(keys)}", key=name
                )

    def as_json(self) -> dict[str, JsonValue]:
        """The policy as plain JSON values: what from_json reads back to an equal policy."""
        body: dict[str, JsonValue] = {"version": self.version}
        for parameter in PARAMETERS:
            value = getattr(self, parameter.name)
            body[parameter.name] = dict(value) if isinstance(value, Mapping) else value
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, object]) -> Policy:
        """Read a stored or edited policy. Missing keys take their default.

        Raises InvalidFacts, naming key, value and expectation, for an unknown key, a wrong type or a number out of range.
        """
        known = {f.name for f in fields(cls)}
        values: dict[str, object] = {}
        for key, value in body.items():
            if key not in known:
                raise InvalidFacts(f"{key} = {value!r} is not a parameter; expected one of {sorted(known)}", key=key)
            values[key] = _typed(key, value)
        return cls(**values)  # type: ignore[arg-type]


_DEFAULTS: dict[str, JsonValue] = {}
_TABLE_KEYS = {
    "priority_weights": {"1", "2", "3", "4"},
    "commitment_weights": {"response", "update", "resolution"},
}


def _typed(key: str, value: object) -> JsonValue:
    """Check the type of one JSON value against the default's; whole numbers may be written for fractions."""
    default = _DEFAULTS[key]
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise InvalidFacts(f"{key} = {value!r}; expected true or false", key=key)
        return value
    if isinstance(default, Mapping):
        if not isinstance(value, Mapping):
            raise InvalidFacts(f"{key} = {value!r}; expected a table of numbers", key=key)
        return {str(name): float(_number(f"{key}.{name}", number)) for name, number in value.items()}
    number = _number(key, value)
    if isinstance(default, int):
        if number != int(number):
            raise InvalidFacts(f"{key} = {value!r}; expected a whole number", key=key)
        return int(number)
    return float(number)


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidFacts(f"{key} = {value!r}; expected a number", key=key)
    return value


def _check(parameter: Parameter, value: JsonValue) -> None:
    """Raise InvalidFacts when a number, or one number of a table, is out of its range (NaN always is)."""
    if isinstance(value, bool):
        return
    table = value if isinstance(value, Mapping) else {"": cast("float", value)}
    for name, number in table.items():
        if not parameter.minimum <= number <= parameter.maximum:
            key = f"{parameter.name}.{name}" if name else parameter.name
            raise InvalidFacts(
                f"{key} = {number}; expected {parameter.minimum:g} to {parameter.maximum:g} ({parameter.unit})", key=key
            )


_DEFAULTS.update(Policy().as_json())
