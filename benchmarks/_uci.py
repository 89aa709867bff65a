"""The public incident log as risk sees it, for the one fixed task by which figures compare.

Incidents as the shipped file tells them. The first row of an incident opens it with what it was opened with; an owner or a
state that this row tells at a later instant comes as an event of its own, as the product's import has it. `resolved_at` is
read for verdicts alone; the counters, `made_sla`, `closed_*` and `resolved_by` are never read.
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from watchbill.engine.base.calendar import BusinessTime, Calendar
from watchbill.engine.base.intervals import instant_of, micros_of
from watchbill.engine.sense.risk import NEVER, RATIOS, Log, Promises
from watchbill.engine.sense.risk.facts import HOUR_US

LOG = Path(__file__).parents[1] / "src" / "watchbill" / "demo" / "data" / "incident_event_log.zip"
ZONE = ZoneInfo("America/Sao_Paulo")
CALENDAR = Calendar.working_week("America/Sao_Paulo", "08:00-18:00", closed_on=[date(2016, 3, 25), date(2016, 4, 21)])
TARGET_H = {1: 4, 2: 8, 3: 16, 4: 40}
TRAITS = (
    "caller_id",
    "opened_by",
    "contact_type",
    "location",
    "category",
    "subcategory",
    "u_symptom",
    "impact",
    "urgency",
)
SINCE, CALIBRATE, TEST = (micros_of(datetime(2016, *day, tzinfo=ZONE)) for day in ((3, 14), (4, 20), (4, 30)))


class _Codes(dict[str, int]):
    def __missing__(self, word: str) -> int:
        return self.setdefault(word, -1 if word in {"", "?"} else len(self))


def _us(text: str) -> int:
    day, clock = text.split()
    day_of, month, year = map(int, day.split("/"))
    hour, minute = map(int, clock.split(":"))
    return micros_of(datetime(year, month, day_of, hour, minute, tzinfo=ZONE))


def rows() -> list[dict[str, str]]:
    """The rows of the shipped log, in its order."""
    with zipfile.ZipFile(LOG) as packed, packed.open(packed.namelist()[0]) as body:
        return list(csv.DictReader(io.TextIOWrapper(body, encoding="utf-8")))


def task() -> tuple[Log, Promises]:
    """The log and the promises of the fixed task; censored incidents and those opened before are looked back upon only."""
    codes = {
        name: _Codes() for name in (*TRAITS, "incident_state", "assignment_group", "assigned_to", "sys_updated_by")
    }
    items: dict[str, int] = {}
    opened, traits, resolved, priority = [], [], [], []
    events: list[tuple[int, int, int, int, int, int, int, int]] = []
    new = codes["incident_state"]["New"]
    for place, row in enumerate(rows()):
        item = items.setdefault(row["number"], len(items))
        state, owner = codes["incident_state"][row["incident_state"]], codes["assigned_to"][row["assigned_to"]]
        queue, rank = codes["assignment_group"][row["assignment_group"]], int(row["priority"][0])
        at = _us(row["sys_updated_at"])
        if item == len(opened):
            start = _us(row["opened_at"])
            opened.append(start)
            traits.append([codes[name][row[name]] for name in TRAITS])
            resolved.append(NEVER if row["resolved_at"] == "?" else _us(row["resolved_at"]))
            priority.append(rank)
            is_late = at > start and (state != new or owner >= 0)
            events.append(
                (item, start, place, *((new, rank, queue, -1) if is_late else (state, rank, queue, owner)), -1)
            )
            if not is_late:
                continue
        actor = codes["sys_updated_by"][row["sys_updated_by"]]
        events.append((item, max(at, opened[item]), place, state, rank, queue, owner, actor))
    events.sort(key=lambda event: event[:3])
    item, at_us, _, state, rank, queue, owner, actor = np.array(events, dtype=np.int64).T
    log = Log(
        opened_us=np.array(opened, dtype=np.int64), traits=dict(zip(TRAITS, np.array(traits, dtype=np.int64).T, strict=True)),
        item=item, at_us=at_us, state=state, priority=rank, queue=queue, owner=owner, actor=actor, new=new,
        done=frozenset({codes["incident_state"]["Resolved"], codes["incident_state"]["Closed"]}), zone_us=-3 * HOUR_US,
    )  # fmt: skip
    return log, _promises(log, resolved, priority, end_us=int(at_us.max()))


def _promises(log: Log, resolved: list[int], priority: list[int], *, end_us: int) -> Promises:
    size = len(resolved)
    at_us = np.full((size, len(RATIOS)), NEVER, dtype=np.int64)
    due = np.empty(size, dtype=np.int64)
    left_s = np.empty((size, len(RATIOS)))
    for row in range(size):
        start, target = instant_of(int(log.opened_us[row])), timedelta(hours=TARGET_H[priority[row]])
        for column, ratio in enumerate(RATIOS):
            reached = micros_of(CALENDAR.add_business(start, BusinessTime(ratio * target)) or start)
            at_us[row, column] = reached if reached < resolved[row] else NEVER
            left_s[row, column] = target.total_seconds() * (1 - ratio)
        due[row] = micros_of(CALENDAR.add_business(start, BusinessTime(target)) or start)
    over = np.array(resolved, dtype=np.int64)
    missed = np.where(over != NEVER, over > due, np.where(due < end_us, 1, -1)).astype(np.int64)
    return Promises(
        item=np.arange(size), name=np.zeros(size, dtype=np.int64), at_us=at_us,
        due_us=np.repeat(due[:, None], len(RATIOS), axis=1), left_s=left_s, missed=missed,
        known_us=np.where(missed >= 0, due, NEVER),
    )  # fmt: skip
