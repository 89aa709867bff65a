"""A draft of a clock policy as the fields of its form: read, arranged, checked, and turned into a body. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import Slips
from watchbill.engine.clocks import Change, ClockKind, ClockPolicy
from watchbill.engine.clocks.definition import CONDITION_NAMES, DEFAULT_CONDITIONS
from watchbill.engine.clocks.durations import minutes_words
from watchbill.engine.clocks.expressions import parse
from watchbill.interfaces.web.policybodies import RANKS, minutes_read, number_words, percent_read
from watchbill.interfaces.web.viewmodels.clockpolicy import Check

CONDITIONS = ("when", *CONDITION_NAMES)
"""The fields of a commitment that hold an expression."""
CHANGES = tuple(change.value for change in Change)
PLAIN = ("name", "agreement", "kind", "calendar", "zone_of", "since")
PARTS = (*PLAIN, *RANKS, "warn", "pause_limit", "repeats", *CONDITIONS, *CHANGES)
TAKES_OVER = "takes_over"
OPEN = "open"
"""The field that says which commitment was just added."""

Commitment = dict[str, str]
"""What the fields of one commitment say, by the part of their names after ``clock.<number>.``."""


def commitments_of(body: Mapping[str, Any]) -> list[Commitment]:
    """Return a stored policy as it fills the form."""
    whole: Sequence[Mapping[str, Any]] = ClockPolicy.from_json(body, is_stored=True).as_json()["clocks"]  # type: ignore[assignment]
    return [_filled(clock) for clock in whole]


def _filled(clock: Mapping[str, Any]) -> Commitment:
    targets, limit = clock["targets_min"], clock["pause_limit_min"]
    return {
        **{part: str(clock[part]) for part in (*PLAIN, *CONDITIONS, *CHANGES)},
        **{rank: minutes_words(targets[rank]) if rank in targets else "" for rank in RANKS},
        "warn": ", ".join(number_words(ratio * 100) for ratio in clock["warn_ratios"]),
        "pause_limit": minutes_words(limit) if limit else "",
        "repeats": "1" if clock["repeats"] else "",
    }


def new_commitment(kind: str, calendar: str) -> Commitment:
    """Return an empty promise of a kind, with the usual conditions. Raises InvalidFacts for an unknown kind."""
    if kind not in set(ClockKind):
        raise InvalidFacts("Choose what is promised", field="add_kind")
    usual = {name: str(condition) for name, condition in DEFAULT_CONDITIONS[ClockKind(kind)].items()}
    return dict.fromkeys(PARTS, "") | usual | {
        "name": kind.replace("_", "-"), "kind": kind, "agreement": "sla", "calendar": calendar, "zone_of": "fixed",
        "since": "event", "when": "always", "warn": "75", "repeats": "1" if kind == ClockKind.NEXT_UPDATE else "",
        **dict.fromkeys(CHANGES, "keep"), "on_priority": "retroactive",
    }  # fmt: skip


def commitments_in(data: QueryDict) -> list[Commitment]:
    """Return what a sent form says, in its order."""
    found: list[Commitment] = []
    while f"clock.{len(found)}.kind" in data:
        head = f"clock.{len(found)}"
        found.append({part: data.get(f"{head}.{part}", "") for part in PARTS})
    return found


def arranged(listed: Sequence[Commitment], act: str, data: QueryDict) -> list[Commitment]:
    """Return the commitments after one act: "add", "copy:2", "up:2", "down:2", "remove:2"; any other changes nothing."""
    found = list(listed)
    name, _, place = act.partition(":")
    if name == "add":
        return [*found, new_commitment(data.get("add_kind", ""), data.get("add_calendar", ""))]
    at = int(place) if place.isdecimal() and len(place) < 4 else len(found)
    if at >= len(found):
        return found
    if name == "copy":
        found.insert(at + 1, dict(found[at]))
    elif name == "remove":
        del found[at]
    elif name in {"up", "down"}:
        other = at - 1 if name == "up" else at + 1
        if 0 <= other < len(found):
            found[at], found[other] = found[other], found[at]
    return found


def rearranged(data: QueryDict, act: str) -> QueryDict:
    """Return the form after one act, with the commitment open that the act was about."""
    before = commitments_in(data)
    after = arranged(before, act, data)
    again = sent_again(data, after)
    name, _, place = act.partition(":")
    at = int(place) if place.isdecimal() else len(before)
    again[OPEN] = {"add": str(len(before)), "copy": str(at + 1)}.get(name, "")
    return again


def sent_again(data: QueryDict, listed: Sequence[Commitment]) -> QueryDict:
    """Return the form with *listed* in place of its commitments."""
    again = QueryDict(mutable=True)
    for name in data:
        if not name.startswith("clock."):
            again.setlist(name, data.getlist(name))
    for number, one in enumerate(listed):
        for part, value in one.items():
            again[f"clock.{number}.{part}"] = value
    return again


def body_of(data: QueryDict) -> dict[str, Any]:
    """Read the form as the body of a policy; what the engine refuses it refuses later.

    Raises InvalidFacts naming the field; then with all that the engine, too, finds wrong with the rest.
    """
    slips = Slips()
    body: dict[str, Any] = {
        "clocks": [_clock(one, f"clock.{number}", slips) for number, one in enumerate(commitments_in(data))]
    }
    if taking := data.get(TAKES_OVER, ""):
        body[TAKES_OVER] = taking
    if slips.found:
        slips.of(ClockPolicy.from_json, body)
    slips.end()
    return body


def _clock(one: Commitment, head: str, slips: Slips) -> dict[str, Any]:
    targets = {rank: _minutes(one[rank], f"{head}.{rank}", slips) for rank in RANKS}
    clock: dict[str, Any] = {part: one[part].strip() for part in PLAIN if one[part].strip()}
    clock |= {name: one[name].strip() for name in CONDITIONS if one[name].strip()}
    clock |= {change: one[change] for change in CHANGES if one[change]}
    return clock | {
        "targets_min": {rank: minutes for rank, minutes in targets.items() if minutes is not None},
        "warn_ratios": slips.of(_ratios, one["warn"], f"{head}.warn") or [],
        "pause_limit_min": _minutes(one["pause_limit"], f"{head}.pause_limit", slips),
        "repeats": one["repeats"] == "1",
    }


def _minutes(text: str, field: str, slips: Slips) -> int | None:
    """Read business minutes; what cannot be read is one of *slips*, and some time stands in its place."""
    before = len(slips.found)
    minutes = slips.of(minutes_read, text, field)
    return minutes if len(slips.found) == before else 1


def _ratios(text: str, field: str) -> list[float]:
    return [percent_read(part, field) for part in re.split(r"[,;\s]+", text.strip()) if part]


def clock_field(key: str) -> str:
    """Turn the key of a clock policy's body into the name of its field."""
    found = re.match(r"policy\.clocks\[(\d+)\]\.(\w+)(?:\.(\w+))?", key)
    if found is None:
        return TAKES_OVER if key == "policy.takes_over" else "" if key in {"calendar", "policy"} else key
    head, part = f"clock.{found[1]}", found[2]
    if part == "targets_min":
        return f"{head}.{found[3] or RANKS[0]}"
    renamed = {"warn_ratios": "warn", "warn_ratio": "warn", "pause_limit_min": "pause_limit"}
    return f"{head}.{renamed.get(part, part)}"


def check_of(text: str) -> Check:
    """Say how an expression is read; or what is wrong with it, and at which word."""
    if not text.strip():
        return Check(said="Empty: as is usual for this promise", is_good=True)
    try:
        return Check(said=f"Read as: {parse(text, 'condition')}".replace("_", " "), is_good=True)
    except InvalidFacts as error:
        at = int(str(error.details.get("at", len(text))))
        word = re.match(r"\"[^\"]*\"?|[\w.\-]+|\S", text[at:])
        end = at + (word.end() if word else 0)
        return Check(
            said=f"At character {at + 1} expected {error.details.get('expected', error.message)}",
            before=text[:at], word=text[at:end], after=text[end:],
        )  # fmt: skip
