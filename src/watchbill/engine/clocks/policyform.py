"""A commitment as JSON: what is stored, printed, edited and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from watchbill.engine.base.jsonform import near, read_choice, read_list, read_object, read_parts, read_text, refuse
from watchbill.engine.base.slips import Slips
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import expressions
from watchbill.engine.clocks.asking import names_of
from watchbill.engine.clocks.definition import CONDITION_NAMES, DEFAULT_CONDITIONS, DEFAULT_WARN_RATIO, ClockDefinition
from watchbill.engine.clocks.durations import minutes_meant, minutes_words
from watchbill.engine.clocks.expressions import ALWAYS, Expression, one_of, parse
from watchbill.engine.clocks.facts import MAX_TARGET_MIN, Agreement, Change, Choice, ClockKind, Since, Target, ZoneOf
from watchbill.engine.clocks.fields import ATTRIBUTE, CLOSED

_KEYS = (
    "name", "kind", "agreement", "when", "calendar", "zone_of", "targets_min", "warn_ratios", "since", "repeats",
    "pause_limit_min", *CONDITION_NAMES, *Change, "warn_ratio",
)  # fmt: skip


def clock_as_json(clock: ClockDefinition) -> dict[str, object]:
    """A plain dict that `read_clock` reads back to an equal definition."""
    return {
        "name": clock.name,
        "kind": clock.kind.value,
        "agreement": clock.agreement.value,
        "when": str(clock.when),
        "calendar": clock.calendar,
        "zone_of": clock.zone_of.value,
        "targets_min": {f"P{target.priority.value}": target.target_min for target in clock.targets},
        "warn_ratios": list(clock.warn_ratios),
        **{name: str(condition) for name, condition in clock.conditions.items()},
        "since": str(clock.since),
        "repeats": clock.repeats,
        "pause_limit_min": clock.pause_limit_min,
        **{change.value: clock.choice(change).value for change in Change},
    }


def read_clock(body: object, key: str, *, is_stored: bool = False) -> ClockDefinition:
    """Read the shape that `clock_as_json` writes; what may be left out, and *is_stored*: `ClockPolicy.from_json`."""
    slips = Slips()
    read = _read_condition if is_stored else _read_entered
    parts = read_parts(body, key, keys=_KEYS, slips=slips)
    kind = slips.of(read_choice, parts.get("kind"), f"{key}.kind", ClockKind)
    limit = parts.get("pause_limit_min")
    found: dict[str, Any] = {
        "kind": kind,
        "name": slips.of(read_text, parts["name"], f"{key}.name") if "name" in parts else "",
        "agreement": slips.of(read_choice, parts.get("agreement", Agreement.SLA), f"{key}.agreement", Agreement),
        "when": slips.of(read, parts["when"], f"{key}.when") if "when" in parts else ALWAYS,
        "calendar": slips.of(read_text, parts.get("calendar"), f"{key}.calendar"),
        "zone_of": slips.of(read_choice, parts.get("zone_of", ZoneOf.FIXED), f"{key}.zone_of", ZoneOf),
        "targets": slips.of(_read_targets, parts.get("targets_min"), f"{key}.targets_min"),
        "warn_ratios": slips.of(_read_ratios, parts, key),
        "since": slips.of(_read_since, parts.get("since", Since.EVENT), f"{key}.since"),
        "repeats": slips.of(_read_flag, parts.get("repeats", kind is ClockKind.NEXT_UPDATE), f"{key}.repeats"),
        "pause_limit_min": None if limit is None else slips.of(_read_minutes, limit, f"{key}.pause_limit_min"),
        **_read_conditions(parts, key, kind, read, slips),
        **{
            change.value: slips.of(read_choice, parts[change.value], f"{key}.{change.value}", Choice)
            for change in Change
            if change.value in parts
        },
    }
    slips.end()
    return ClockDefinition(**found)


def _read_conditions(
    parts: Mapping[str, object],
    key: str,
    kind: ClockKind,
    read: Callable[[object, str], Expression],
    slips: Slips,
) -> dict[str, Any]:
    """Read the conditions by their names; those that are left out are the usual ones of the kind."""
    return {
        name: slips.of(read, parts[name], f"{key}.{name}")
        if name in parts
        else DEFAULT_CONDITIONS.get(kind, {}).get(name)
        for name in CONDITION_NAMES
    }


def _read_targets(body: object, key: str) -> tuple[Target, ...]:
    slips = Slips()
    parts = read_parts(body, key, keys=[f"P{priority.value}" for priority in Priority], slips=slips)
    minutes = {
        priority: slips.of(_read_minutes, parts[name], f"{key}.{name}")
        for priority in Priority
        if (name := f"P{priority.value}") in parts
    }
    slips.end()
    return tuple(Target(priority=priority, target_min=target_min) for priority, target_min in minutes.items())


def _read_minutes(body: object, key: str) -> int:
    """Read business minutes: a whole number. What is nearly one, or a time in words, is answered with the number meant."""
    if isinstance(body, bool) or not isinstance(body, int) or not 1 <= body <= MAX_TARGET_MIN:
        meant = minutes_meant(body)
        expected = f"a whole number from 1 to {MAX_TARGET_MIN:,} of business minutes, such as 240 for 4 h"
        raise refuse(key, body, expected, meant=meant and f"{meant} for {minutes_words(meant)}")
    return body


def _read_ratios(parts: Mapping[str, object], key: str) -> tuple[float, ...]:
    """Read ``warn_ratios``, or the one ``warn_ratio`` of older versions."""
    if "warn_ratio" in parts:
        return (_read_ratio(parts["warn_ratio"], f"{key}.warn_ratio"),)
    ratios = read_list(parts.get("warn_ratios", (DEFAULT_WARN_RATIO,)), f"{key}.warn_ratios", _read_ratio)
    if sorted(set(ratios)) != list(ratios):
        raise refuse(f"{key}.warn_ratios", parts["warn_ratios"], "numbers that rise")
    return ratios


def _read_ratio(body: object, key: str) -> float:
    if isinstance(body, bool) or not isinstance(body, int | float) or not 0 < body < 1:
        raise refuse(key, body, "a number above 0 and below 1")
    return float(body)


def _read_since(body: object, key: str) -> str:
    if isinstance(body, str) and body.startswith(ATTRIBUTE) and len(body) > len(ATTRIBUTE):
        return body
    try:
        return Since(body)  # type: ignore[arg-type]
    except ValueError:
        raise refuse(key, body, f"one of {', '.join(Since)}, or an attribute such as attributes.reported_at") from None


def _read_flag(body: object, key: str) -> bool:
    if not isinstance(body, bool):
        raise refuse(key, body, "true or false")
    return body


_WORDS: Mapping[str, tuple[str, type[State | EventKind | ActorKind]]] = {
    "states": ("state", State), "events": ("event", EventKind), "actors": ("actor", ActorKind),
}  # fmt: skip


def _read_condition(body: object, key: str) -> Expression:
    """Read an expression; or, as versions before had it, a list of objects of which any must hold."""
    if isinstance(body, str):
        return parse(read_text(body, key), key)
    if isinstance(body, list | tuple):
        return expressions.any_of(read_list(body, key, _read_alternative))
    raise refuse(key, body, "a condition such as “state is resolved”")


def _read_entered(body: object, key: str) -> Expression:
    """Read a condition that is entered: of a field that holds one of a few words it asks for one of them."""
    condition = _read_condition(body, key)
    for field, word in names_of(condition):
        if field in CLOSED and word.casefold() not in CLOSED[field]:
            expected = f"{field} to be one of {', '.join(CLOSED[field])}"
            raise refuse(key, str(condition), expected, meant=near(word, CLOSED[field]))
    return condition


def _read_word(body: object, key: str, *, words: type[State | EventKind | ActorKind]) -> str:
    return read_choice(body, key, words).value


def _read_alternative(body: object, key: str) -> Expression:
    parts = read_object(body, key, keys=(*_WORDS, "owned"))
    claims: list[Any] = []
    for name, (field, words) in _WORDS.items():
        if parts.get(name) is not None:
            listed = read_list(parts[name], f"{key}.{name}", partial(_read_word, words=words))
            if not listed:
                raise refuse(
                    f"{key}.{name}", parts[name], "at least one word; leave the key out when it does not matter"
                )
            claims.append(one_of(field, sorted(set(listed))))
    owned = parts.get("owned")
    if owned is not None:
        flag = expressions.Flag("owned")
        claims.append(flag if _read_flag(owned, f"{key}.owned") else expressions.Not(flag))
    if not claims:
        return ALWAYS
    return claims[0] if len(claims) == 1 else expressions.All(tuple(claims))
