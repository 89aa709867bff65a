"""Bodies of policies: as words, as lines that can be compared, and out of the fields of a form. Pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import isfinite, nan
from typing import Any

from django.http import QueryDict

from watchbill.engine.assign.policy import PARAMETERS, Parameter, Policy
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority, State
from watchbill.engine.clocks import ClockDefinition, ClockPolicy
from watchbill.engine.clocks.facts import MAX_TARGET_MIN
from watchbill.interfaces.web import words

CONDITIONS = ("start", "stop", "pause", "resume", "cancel", "reopen")
CONDITION_WORDS = {
    "start": "Starts when", "stop": "Stops when", "pause": "Pauses while", "resume": "Resumes when",
    "cancel": "Is called off when", "reopen": "Runs on when",
}  # fmt: skip
BOXED = ("start", "pause", "stop")
"""Conditions of which the states can be ticked; all six can be written as JSON."""

BEFORE = "{}.conditions_before"
"""The field that carries the conditions as the form was filled with them."""

RANKS = tuple(f"P{priority.value}" for priority in Priority)
TIERS = "tier_factors"
NEW_TIER = "tier_factors.new"
HOUR_MIN = 60

_DURATION = re.compile(r"(?:(\d{1,6})\s*h)?\s*(?:(\d{1,7})\s*(?:min|m)?)?", re.IGNORECASE)


def number_words(value: float) -> str:
    """Write a number as people do: no trailing zeros, and no digit lost, for forms are filled with it."""
    return f"{value:.15g}"


def minutes_words(minutes: int) -> str:
    """Write business minutes: "45 min", "4 h", "1 h 30 min"; days would be ambiguous."""
    hours, rest = divmod(minutes, HOUR_MIN)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def minutes_read(text: str, field: str) -> int | None:
    """Read what `minutes_words` writes, or a bare number of minutes; "" is None. Raises InvalidFacts."""
    if not text.strip():
        return None
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise InvalidFacts("Write a time such as 45 min, 4 h or 1 h 30 min", field=field)
    minutes = HOUR_MIN * int(found[1] or 0) + int(found[2] or 0)
    if not 1 <= minutes <= MAX_TARGET_MIN:
        raise InvalidFacts(f"Write a time from 1 min to {minutes_words(MAX_TARGET_MIN)}", field=field)
    return minutes


# Assignment


def value_words(parameter: Parameter, value: Any) -> str:
    """Write one value of an assignment policy."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        mark = "P" if parameter.name == "priority_weights" else ""
        return ", ".join(f"{mark}{key} {number_words(value[key])}" for key in table_keys(parameter, value))
    return f"{number_words(value)} {parameter.unit}"


def table_keys(parameter: Parameter, table: Mapping[str, float]) -> list[str]:
    """Return the keys of a table in the order in which Watchbill comes with them, others by name after them."""
    usual = list(getattr(Policy(), parameter.name))
    return [key for key in usual if key in table] + sorted(key for key in table if key not in usual)


def assign_lines(body: Mapping[str, Any]) -> dict[str, str]:
    """Return an assignment policy as label -> value."""
    whole = Policy.from_json(body).as_json()
    return {parameter.title: value_words(parameter, whole[parameter.name]) for parameter in PARAMETERS}


def assign_body(data: QueryDict, base: Mapping[str, Any]) -> dict[str, Any]:
    """Read the form of an assignment policy. Raises InvalidFacts naming the field."""
    body: dict[str, Any] = {}
    for parameter in PARAMETERS:
        present = base[parameter.name]
        if isinstance(present, bool):
            body[parameter.name] = data.get(parameter.name) == "1"
        elif isinstance(present, Mapping):
            body[parameter.name] = _table(data, parameter, present)
        else:
            body[parameter.name] = _number(data.get(parameter.name, ""), parameter.name, parameter.title)
    return body


def _table(data: QueryDict, parameter: Parameter, present: Mapping[str, float]) -> dict[str, float]:
    table = {}
    for key in present:
        text = data.get(f"{parameter.name}.{key}", "").strip()
        if not text and parameter.name == TIERS:
            continue
        table[key] = _number(text, f"{parameter.name}.{key}", f"{parameter.title}, {key}")
    if parameter.name == TIERS and (added := data.get(NEW_TIER, "").strip()):
        name, _, number = added.rpartition(" ")
        if not name:
            raise InvalidFacts("Write a tier and its factor, such as gold 1.3", field=NEW_TIER)
        table[name.strip()] = _number(number, NEW_TIER, "The factor")
    return table


def _number(text: str, field: str, label: str) -> float | int:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = nan
    if not isfinite(number):
        raise InvalidFacts(f"{label}: write a number", field=field)
    return int(number) if number == int(number) else number


# Clocks


def condition_words(clock: ClockDefinition, name: str) -> str:
    """Return a condition of a clock as it is written."""
    return str(clock.conditions[name])


def warn_words(clock: ClockDefinition) -> str:
    """Return after which shares of the target a clock warns."""
    return f"{' and '.join(f'{ratio * 100:g}' for ratio in clock.warn_ratios)}% of the target"


def clock_lines(body: Mapping[str, Any]) -> dict[str, str]:
    """Return a clock policy as label -> value."""
    lines: dict[str, str] = {}
    for number, clock in enumerate(ClockPolicy.from_json(body).clocks, start=1):
        head = f"{number}. {words.CLOCK.get(clock.kind, clock.kind)}"
        lines[f"{head}, calendar"] = clock.calendar
        for target in clock.targets:
            lines[f"{head}, P{target.priority.value}"] = minutes_words(target.target_min)
        lines[f"{head}, warning"] = warn_words(clock)
        for name in CONDITIONS:
            lines[f"{head}, {CONDITION_WORDS[name].lower()}"] = condition_words(clock, name)
    return lines


def clocks_body(data: QueryDict) -> dict[str, Any]:
    """Read the form of a clock policy. Raises InvalidFacts naming the field."""
    clocks = []
    number = 0
    while f"clock.{number}.kind" in data:
        if data.get(f"clock.{number}.kind"):
            clocks.append(_clock(data, f"clock.{number}"))
        number += 1
    return {"clocks": clocks}


def _clock(data: QueryDict, head: str) -> dict[str, Any]:
    targets = {rank: minutes_read(data.get(f"{head}.{rank}", ""), f"{head}.{rank}") for rank in RANKS}
    clock: dict[str, Any] = {
        "kind": data.get(f"{head}.kind", ""),
        "calendar": data.get(f"{head}.calendar", ""),
        "targets_min": {rank: minutes for rank, minutes in targets.items() if minutes is not None},
        "warn_ratio": _share(data.get(f"{head}.warn", ""), f"{head}.warn"),
    }
    return clock | _conditions_sent(data, head)


def _share(text: str, field: str) -> float:
    """Read a per cent of the target as a share of it. Raises InvalidFacts in per cent."""
    percent = _number(text, field, "The warning")
    if not 0 < percent < 100:
        raise InvalidFacts(
            f"Write a per cent of the target above 0 and below 100, such as 75; got {percent:g}", field=field
        )
    return percent / 100


def _conditions_sent(data: QueryDict, head: str) -> dict[str, Any]:
    """Read the conditions: from the boxes of states when those were changed, else from the JSON beside them."""
    field = f"{head}.conditions"
    text = data.get(field, "").strip()
    written = _conditions(text, field) if text else {}
    if BEFORE.format(head) not in data:
        return written
    before = _conditions(data.get(BEFORE.format(head), ""), field)
    ticked = {part: _ticked(data, f"{head}.{part}") for part in BOXED}
    changed = {part: states for part, states in ticked.items() if states != states_ticked(before.get(part, ()))}
    if not changed:
        return written
    if written != before:
        raise InvalidFacts("The boxes and the JSON were both changed; change one of them", field=field)
    return before | {part: _with_states(before.get(part, ()), states) for part, states in changed.items()}


def _ticked(data: QueryDict, field: str) -> list[str]:
    states = data.getlist(field)
    if not set(states) <= set(State):
        raise InvalidFacts("Choose states from the list", field=field)
    return sorted(states)


def is_state_alone(condition: Mapping[str, Any]) -> bool:
    """Whether a condition asks for states and nothing else, so that boxes can say it."""
    return set(condition) == {"states"}


def states_ticked(conditions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the states that by themselves fulfil one of a clock's conditions: the boxes that are ticked."""
    return sorted({state for condition in conditions if is_state_alone(condition) for state in condition["states"]})


def _with_states(conditions: Sequence[Mapping[str, Any]], states: Sequence[str]) -> list[Mapping[str, Any]]:
    others = [condition for condition in conditions if not is_state_alone(condition)]
    return [*others, {"states": list(states)}] if states else others


def _conditions(text: str, field: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise InvalidFacts(f"The conditions are not JSON: {error}", field=field) from None
    if not isinstance(body, dict) or set(body) - set(CONDITIONS):
        raise InvalidFacts(f"The conditions are an object with keys of {', '.join(CONDITIONS)}", field=field)
    return body


def conditions_text(clock: Mapping[str, Any]) -> str:
    """Write the conditions of a clock's body for the form."""
    return json.dumps({name: clock[name] for name in CONDITIONS if name in clock}, indent=1, ensure_ascii=False)


def clock_field(key: str) -> str:
    """Turn the key of a clock policy's body into the name of its field."""
    found = re.match(r"policy\.clocks\[(\d+)\]\.(\w+)(?:\.(\w+))?", key)
    if found is None:
        return "" if key in {"calendar", "policy"} else key
    head, part = f"clock.{found[1]}", found[2]
    if part == "targets_min":
        return f"{head}.{found[3] or 'P1'}"
    return f"{head}.{ {'warn_ratio': 'warn', 'calendar': 'calendar', 'kind': 'kind'}.get(part, 'conditions') }"


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return (label, before, after) of what differs, in the order of a page; "" stands for not there."""
    labels = dict.fromkeys([*before, *after])
    pairs = [(label, before.get(label, ""), after.get(label, "")) for label in labels]
    return [(label, one, other) for label, one, other in pairs if one != other]
