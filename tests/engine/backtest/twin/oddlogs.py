"""Logs as nobody would wish for them: each small, made from a seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from watchbill.engine.backtest.answer import Source
from watchbill.engine.backtest.asked import Asked, asked_for
from watchbill.engine.backtest.decide import backtest
from watchbill.engine.backtest.twin.history import History, Told, history_of
from watchbill.engine.backtest.twin.promise import Promise
from watchbill.engine.base.calendar import ALL_DAY, Calendar
from watchbill.engine.base.work import Priority

ZONE = ZoneInfo("Europe/Berlin")
ROUND_THE_CLOCK = Calendar(zone="UTC", weekly=((ALL_DAY,),) * 7)
PROMISE = Promise(
    targets_min={Priority.P1: 240, Priority.P2: 480, Priority.P3: 1440, Priority.P4: 2880},
    hours=dict.fromkeys(Priority, ROUND_THE_CLOCK),
)
ASKED = Asked(contenders=asked_for(("fifo", "least active")), replications=2, trials=2)


@dataclass(frozen=True, kw_only=True)
class Odd:
    """items: opened over days, in office hours. people, teams, categories, priorities: how many; 0 teams: none is told.

    unknown: share of owners not told; waits: share of items that wait outside; passed: share that go to another team.
    """

    seed: int = 1
    items: int = 300
    days: float = 28.0
    people: int = 4
    teams: int = 2
    categories: int = 3
    priorities: int = 4
    unknown: float = 0.0
    waits: float = 0.3
    passed: float = 0.3
    opened: float = 0.05
    begins_at: datetime = datetime(2026, 9, 7, 6, tzinfo=UTC)


def lines_of(odd: Odd) -> list[Told]:
    """Opened, begun, perhaps waiting or passed on, resolved."""
    rng = np.random.default_rng(odd.seed)
    lines: list[Told] = []
    for number, offset in enumerate(np.sort(rng.random(odd.items)) * odd.days):
        day = int(offset)
        opened = odd.begins_at + timedelta(days=day, minutes=int((offset - day) * 540))
        team = f"T{rng.integers(odd.teams)}" if odd.teams else None
        name, priority, category = (
            f"C{number}",
            int(rng.integers(odd.priorities)) + 1,
            f"K{rng.integers(odd.categories)}",
        )

        at = opened
        fixed = (opened.isoformat(), priority, category)

        lines.append(_line(name, at, "new", team, None, *fixed))
        if rng.random() < odd.opened:
            continue
        who = _owner(odd, rng)
        at += timedelta(minutes=1 + int(rng.exponential(120)))
        lines.append(_line(name, at, "in_progress", team, who, *fixed))
        if rng.random() < odd.waits:
            at += timedelta(minutes=1 + int(rng.exponential(60)))
            lines.append(_line(name, at, "waiting_customer", team, who, *fixed))
            at += timedelta(minutes=1 + int(rng.exponential(600)))
            lines.append(_line(name, at, "in_progress", team, who, *fixed))
        if odd.teams and rng.random() < odd.passed:
            at += timedelta(minutes=1 + int(rng.exponential(60)))
            team = f"T{rng.integers(odd.teams)}"
            who = _owner(odd, rng)
            lines.append(_line(name, at, "in_progress", team, who, *fixed))
        at += timedelta(minutes=1 + int(rng.exponential(60)))
        lines.append(_line(name, at, "resolved", team, who, *fixed))
    return lines


def _owner(odd: Odd, rng: np.random.Generator) -> str | None:
    return None if rng.random() < odd.unknown else f"P{rng.integers(odd.people)}"


def _line(
    name: str, at: datetime, state: str, team: str | None, who: str | None, opened: str, priority: int, category: str
) -> Told:
    return Told(name, at.isoformat(), opened, state, priority, category, team, who, False)


def told(odd: Odd) -> History:
    return history_of(lines_of(odd), zone=ZONE)


def source_of(history: History) -> Source:
    return Source(
        name="odd.csv", profile="odd", sha256="0" * 64, rows=int(history.at_us.size), rejected=0, items=history.size,
        events=int(history.at_us.size), people=len(history.people), teams=len(history.teams),
        begins_at=history.begins_at.isoformat(), ends_at=history.ends_at.isoformat(), zone=str(history.zone),
    )  # fmt: skip


def answer(lines: Iterable[Told], *, promise: Promise = PROMISE, asked: Asked = ASKED):
    history = history_of(lines, zone=ZONE)
    return replace(backtest(history, source_of(history), promise, asked), seconds={})


@cache
def plain_answer(asked: Asked = ASKED):
    """The answer for the plain log, reckoned once: for tests that read it, or hold another one against it."""
    return answer(lines_of(Odd()), asked=asked)
