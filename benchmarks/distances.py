"""How far the twin is from what really happened, beside two real periods, and beside public simulators learned from the same log.

The twin learns from what was known at the cut, and is held against what was opened after it (`engine/backtest/twin/fidelity.py`).
The cut is at three quarters of the time, or with --by-items where three quarters of the items had been opened; with --whole all that
became of the items opened before the cut is learned, also after it, for a log that holds nothing else. Two floors: the whole weeks
before that are as long, and the items of the period itself, every other one against the rest.

With --folder the log up to the cut is written there as a public simulator reads it (`learned.csv`: items done by the cut, one line
for each piece, after one for the opening), and each NAME.simulated.csv found there is held against reality as well
(benchmarks/simulators/README.md). The distances themselves are held against those of log-distance-measures on the same files, where
`reference.json` has them.

Run: python -m benchmarks.distances [FILE --profile NAME] [--by-items --whole] [--replications 10] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks._report import report
from benchmarks._uci import LOG
from watchbill.engine.backtest.twin.distances import MEASURES, Log, arrivals
from watchbill.engine.backtest.twin.fidelity import Held, cut_of, held_back, replica
from watchbill.engine.backtest.twin.history import History, Ints, local_minutes
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.models import MINUTE_US
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.backtest.reading import history_read
from watchbill.flows.backtest.running import default_promise
from watchbill.flows.intake.profiles import profile_load

ALL = (*((key, unit, measure) for key, _, unit, measure in MEASURES), ("arrivals", "h", arrivals))
TOLD = ("cycle", "circadian", "relative", "absolute", "workforce", "ngram", "by_team", "arrivals")
OPENED = "opened"
"""The piece of no length with which every item begins, for simulators that know only pieces."""
HEADS = ("case_id", "activity", "resource", "start_time", "end_time")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BY_ITEMS = 0.75


def main(arguments: Sequence[str]) -> int:
    asked = _arguments(arguments)
    loaded = profile_load(asked.profile)
    history = history_read(asked.file, loaded, tell=lambda _what, _share: None).history
    cut = int(np.quantile(history.opened_us, BY_ITEMS)) if asked.by_items else cut_of(history)
    promise = default_promise(history.zone.key)
    known = items_until(history, cut) if asked.whole else history.until(cut)
    if asked.folder is not None:
        asked.folder.mkdir(parents=True, exist_ok=True)
    try:
        held = held_back(history, promise, cut_us=cut, known=known)
    except InvalidFacts as refused:
        print(json.dumps({"name": "distances.twin", "case": asked.profile, "refused": refused.message}))
        return 1
    real = held.trial.real
    told = Told(asked.profile, held, real)
    before = held.before()
    if before is not None:
        told.tell("floor: the weeks before", [before])
    told.tell("floor: every other item against the rest", [part(real, 1)], real=part(real, 0))
    told.twin(asked.replications)
    if asked.folder is not None:
        write(asked.folder / "learned.csv", learned_rows(known, held))
        write(asked.folder / "real.csv", log_rows(done_only(real), cut, history))
        if before is not None:
            write(asked.folder / "before.csv", log_rows(done_only(before), cut, history))
            told.check(done_only(real), done_only(before), asked.folder)
        for file in sorted(asked.folder.glob("*.simulated.csv")):
            told.tell(f"{file.name.split('.')[0]}, {file.name}", [read(file, held, cut)])
    return 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distances")
    parser.add_argument("file", type=Path, nargs="?", default=LOG)
    parser.add_argument("--profile", default="servicenow-incidents")
    parser.add_argument("--by-items", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--replications", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    return parser.parse_args(arguments)


@dataclass(frozen=True, slots=True)
class Told:
    """Prints a line for each measure."""

    profile: str
    held: Held
    real: Log

    def tell(self, what: str, logs: Sequence[Log], *, real: Log | None = None) -> None:
        """Distances of *logs* from reality, on average."""
        mine = self.real if real is None else real
        self.lines(what, np.array([[measure(mine, log) for *_, measure in ALL] for log in logs]))

    def twin(self, replications: int) -> None:
        """Those of the twin, as a backtest grades it; its arrivals are drawn apart, since a comparison replays the real ones."""
        found = [replica(self.held.trial, seed).distances for seed in range(1, replications + 1)]
        self.lines("Watchbill's twin", np.array(found))

    def lines(self, what: str, rows: np.ndarray) -> None:
        by_key = {key: (unit, rows[:, place].mean(), rows[:, place].std()) for place, (key, unit, _) in enumerate(ALL)}
        for key in TOLD:
            unit, mean, spread = by_key[key]
            report(
                name=f"distances.{key}", case=f"{self.profile}: {what}", value=float(mean), unit=unit, target=None,
                against={"replications": len(rows), "spread": round(float(spread), 4), "items": int(self.real.opened_min.size)},
            )  # fmt: skip

    def check(self, real: Log, before: Log, folder: Path) -> None:
        """Our distances of two real periods beside those of the reference implementation, of the same lines."""
        file = folder / "reference.json"
        theirs = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        for key, unit, measure in ALL:
            if key in theirs:
                report(
                    name=f"distances.check.{key}", case=f"{self.profile}: real.csv and before.csv", value=measure(real, before), unit=unit,
                    target=None, against={"log-distance-measures": theirs[key]},
                )  # fmt: skip


def part(log: Log, which: int) -> Log:
    """Every other item of *log*, as many kept apart from the rest."""
    return kept(log, np.arange(log.opened_min.size) % 2 == which)


def items_until(history: History, cut: int) -> History:
    """All that became of the items opened before the cut, also after it: as published comparisons of simulators split a log."""
    known, keep = history.until(cut), history.item < int(np.searchsorted(history.opened_us, cut, side="left"))
    return replace(
        known, item=history.item[keep], at_us=history.at_us[keep], state=history.state[keep], team=history.team[keep],
        owner=history.owner[keep], is_robot=history.is_robot[keep],
    )  # fmt: skip


def done_only(log: Log) -> Log:
    """The items that were done and have pieces."""
    return kept(log, (log.done_min != NEVER) & (np.bincount(log.case, minlength=log.opened_min.size) > 0))


def kept(log: Log, items: np.ndarray) -> Log:
    number = np.cumsum(items) - 1
    pieces = items[log.case]
    return replace(
        log, opened_min=log.opened_min[items], done_min=log.done_min[items], case=number[log.case[pieces]],
        ended_min=log.ended_min[pieces], skill=log.skill[pieces], who=log.who[pieces],
    )  # fmt: skip


Row = tuple[str, str, str, str, str]


def learned_rows(known: History, held: Held) -> Iterator[Row]:
    """Pieces of the items done by the cut: begun at the latest of ready, marked as begun, and the last that the same person ended."""
    legs, floor = held.twin.legs, held.twin.floor(int(known.opened_us[0]), held.cut)
    ended = np.where(legs.ended_us == NEVER, known.at_us.max(), legs.ended_us)
    start = ended.copy()
    last: dict[int, int] = {}
    for row in np.argsort(ended, kind="stable").tolist():
        who = int(legs.worker[row])
        begun = max(int(legs.ready_us[row]), int(legs.stamp_us[row]), last.get(who, 0) if who >= 0 else 0)
        start[row] = min(begun, int(ended[row]))
        if who >= 0:
            last[who] = int(ended[row])
    at = [wall(column, known) for column in (known.opened_us, start, ended)]
    for item in np.flatnonzero(legs.done_us != NEVER).tolist():
        opened = (int(known.opened_us[item]) - floor.origin_us) // MINUTE_US
        yield f"case {item}", OPENED, "desk", at[0][item], at[0][item]
        for row in range(int(legs.first[item]), int(legs.first[item + 1])):
            skill = int(floor.skill(int(legs.team[row]), opened))
            yield f"case {item}", f"team {skill}", f"person {int(legs.worker[row]) + 1}", at[1][row], at[2][row]


def log_rows(log: Log, cut: int, history: History) -> Iterator[Row]:
    """The pieces of a log as they ended; each begins where the one before ended, the first at the opening."""
    base = EPOCH + timedelta(minutes=int(local_minutes(np.array([cut]), history.zone)[0]))
    start, number = log.opened_min.copy(), -1
    for case, ended, skill, who in zip(
        *(one.tolist() for one in (log.case, log.ended_min, log.skill, log.who)), strict=True
    ):
        number = case
        yield (
            f"case {number}", f"team {skill}", f"person {who}", (base + timedelta(minutes=int(start[case]))).isoformat(),
            (base + timedelta(minutes=ended)).isoformat(),
        )  # fmt: skip
        start[case] = ended


def wall(at_us: Ints, history: History) -> list[str]:
    """What the wall clock of the log's zone shows, written as if it were UTC: simulators learn hours of the day from that."""
    return [(EPOCH + timedelta(minutes=minute)).isoformat() for minute in local_minutes(at_us, history.zone).tolist()]


def write(file: Path, rows: Iterator[Row]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADS)
        writer.writerows(rows)


def read(file: Path, held: Held, cut: int) -> Log:
    """A simulated log, with reality's instants of first and last sight."""
    base = int(local_minutes(np.array([cut]), held.history.zone)[0])
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    cases: dict[str, int] = {}
    opened_min: list[int] = []
    done: list[int] = []
    pieces: list[tuple[int, int, int, int]] = []
    for row in sorted(rows, key=lambda one: one["end_time"]):
        ended = _minute(row["end_time"]) - base
        case = cases.setdefault(row["case_id"], len(cases))
        if case == len(opened_min):
            opened_min.append(ended)
            done.append(ended)
        begins = _minute(row.get("enable_time") or row["start_time"]) - base
        opened_min[case] = min(opened_min[case], begins)
        done[case] = max(done[case], ended)
        if row["activity"].startswith("team "):
            who = row.get("resource", "").split()
            number = who[1].split("_")[0] if len(who) > 1 and who[0] == "person" else "0"
            pieces.append((case, ended, int(row["activity"].split()[1]), int(number) if number.isdigit() else 0))
    seen = held.trial.seen_min
    table = np.array(sorted(one for one in pieces if one[1] <= seen), dtype=np.int64).reshape(-1, 4)
    return Log(
        opened_min=np.array(opened_min, dtype=np.int64),
        done_min=np.array([NEVER if at > seen else at for at in done], dtype=np.int64),
        case=table[:, 0], ended_min=table[:, 1], skill=table[:, 2], who=table[:, 3], wall_min=held.trial.real.wall_min,
    )  # fmt: skip


def _minute(text: str) -> int:
    at = datetime.fromisoformat(text)
    return int((at.replace(tzinfo=UTC) if at.tzinfo is None else at).timestamp() // 60)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
