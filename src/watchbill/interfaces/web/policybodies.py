"""Bodies of policies: as words, as lines that can be compared, and out of the fields of a form. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite, nan
from typing import Any

from django.http import QueryDict

from watchbill.engine.assign.policy import PARAMETERS, Parameter, Policy
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import Slips
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks import Change, ClockPolicy
from watchbill.engine.clocks.durations import minutes_meant, minutes_words, minutes_written
from watchbill.engine.clocks.facts import MAX_TARGET_MIN
from watchbill.interfaces.web import words

CONDITIONS = ("when", "start", "stop", "pause", "resume", "cancel", "reset", "reopen")
CONDITION_WORDS = {
    "when": "Is for items of which", "start": "Starts when", "stop": "Stops when", "pause": "Pauses while",
    "resume": "Resumes when", "cancel": "Is called off when", "reset": "Begins anew when", "reopen": "Runs on when",
}  # fmt: skip

RANKS = tuple(f"P{priority.value}" for priority in Priority)
TIERS = "tier_factors"
NEW_TIER = "tier_factors.new"
RULES = "rules"


def number_words(value: float) -> str:
    """Write a number as people do: no trailing zeros, and no digit lost, for forms are filled with it."""
    return f"{value:.15g}"


def minutes_read(text: str, field: str) -> int | None:
    """Read what `minutes_words` writes, or a bare number of minutes; "" is None. Raises InvalidFacts."""
    if not text.strip():
        return None
    minutes = minutes_written(text)
    if minutes is None:
        meant = minutes_meant(text)
        hint = f"; did you mean {minutes_words(meant)}?" if meant else ""
        raise InvalidFacts(
            f"Write a time such as 45 min, 4 h or 1 h 30 min; got “{text.strip()[:40]}”{hint}", field=field
        )
    if not 1 <= minutes <= MAX_TARGET_MIN:
        raise InvalidFacts(
            f"Write a time from 1 min to {minutes_words(MAX_TARGET_MIN)}, such as 4 h; got “{text.strip()}”",
            field=field,
        )
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
    whole = Policy.from_json(body, is_stored=True).as_json()
    lines = {f"Rule {number}": said for number, said in enumerate(whole[RULES], 1)}
    return lines | {parameter.title: value_words(parameter, whole[parameter.name]) for parameter in PARAMETERS}


def assign_field(key: str) -> str:
    """Turn the key of a policy's body into the name of its field: all rules stand in one."""
    return RULES if key.startswith(f"{RULES}[") else key


def assign_body(data: QueryDict, base: Mapping[str, Any]) -> dict[str, Any]:
    """Read the form of an assignment policy. Raises InvalidFacts naming the fields of all that is wrong, in the order of the page."""
    slips = Slips()
    body: dict[str, Any] = {
        RULES: [line.strip() for line in data.get(RULES, "\n".join(base[RULES])).splitlines() if line.strip()]
    }
    for parameter in PARAMETERS:
        present = base[parameter.name]
        if isinstance(present, bool):
            body[parameter.name] = data.get(parameter.name) == "1"
        elif isinstance(present, Mapping):
            body[parameter.name] = slips.of(_table, data, parameter, present)
        else:
            body[parameter.name] = slips.of(_number, data.get(parameter.name, ""), parameter.name, parameter.title)
    if slips.found:
        slips.of(Policy.from_json, {key: value for key, value in body.items() if value is not None})
    slips.end()
    return body


def _table(data: QueryDict, parameter: Parameter, present: Mapping[str, float]) -> dict[str, float]:
    table, slips = {}, Slips()
    for key in present:
        text = data.get(f"{parameter.name}.{key}", "").strip()
        if not text and parameter.name == TIERS:
            continue
        table[key] = slips.of(_number, text, f"{parameter.name}.{key}", f"{parameter.title}, {key}")
    slips.end()
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


def percent_read(text: str, field: str) -> float:
    """Read a per cent of the target as a share of it. Raises InvalidFacts in per cent."""
    percent = _number(text, field, "The warning")
    if not 0 < percent < 100:
        raise InvalidFacts(
            f"Write a per cent of the target above 0 and below 100, such as 75; got {percent:g}", field=field
        )
    return percent / 100


def clock_lines(body: Mapping[str, Any]) -> dict[str, str]:
    """Return a clock policy as label -> value."""
    policy = ClockPolicy.from_json(body, is_stored=True)
    lines: dict[str, str] = {}
    heads: Counter[str] = Counter()
    for clock in policy.clocks:
        name = words.clock(clock.name)
        heads[name] += 1
        head = name if heads[name] == 1 else f"{name} ({heads[name]})"
        lines[f"{head}, promised"] = f"{clock.kind.replace('_', ' ')}, {clock.agreement.upper()}"
        lines[f"{head}, calendar"] = clock.calendar + (
            "" if clock.zone_of == "fixed" else f" in the zone of the {clock.zone_of}"
        )
        for target in clock.targets:
            lines[f"{head}, P{target.priority.value}"] = minutes_words(target.target_min)
        lines[f"{head}, warning"] = warning_words(clock.warn_ratios)
        for part, said in CONDITION_WORDS.items():
            condition = clock.when if part == "when" else clock.conditions[part]
            lines[f"{head}, {said.lower()}"] = str(condition).replace("_", " ")
        lines[f"{head}, counts since"] = clock.since.replace("_", " ")
        lines[f"{head}, repeats"] = "yes" if clock.repeats else "no"
        lines[f"{head}, longest pause"] = minutes_words(clock.pause_limit_min) if clock.pause_limit_min else "no limit"
        for change in Change:
            lines[f"{head}, {change.value.replace('on_', 'on change of ')}"] = clock.choice(change).value
    lines["Open items come under it"] = policy.takes_over.value if policy.takes_over else "no"
    return lines


def warning_words(ratios: Sequence[float]) -> str:
    """Say when a clock warns."""
    return f"after {', '.join(f'{ratio * 100:g}%' for ratio in ratios)} of the target" if ratios else "none"


USUAL = frozenset({"never", "always", "no", "none", "no limit", "event", "keep", "retroactive"})
"""What most commitments say in one line or another."""


def is_usual(_label: str, before: str, after: str) -> bool:
    """Say whether a difference is no news: of a commitment that is new or gone, what most of them say."""
    return (not before and after in USUAL) or (not after and before in USUAL)


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return (label, before, after) of what differs, in the order of a page; "" stands for not there."""
    labels = dict.fromkeys([*before, *after])
    pairs = [(label, before.get(label, ""), after.get(label, "")) for label in labels]
    return [(label, one, other) for label, one, other in pairs if one != other]
