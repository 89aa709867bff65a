"""How well misses can be foreseen on the public incident log, whether anything looks ahead, and how fast scoring is.

One fixed task, so that figures compare: incidents opened from 14 March 2016; Mon-Fri 08:00-18:00 America/Sao_Paulo without
25 March and 21 April; resolution targets P1 4, P2 8, P3 16, P4 40 business hours by the priority at opening; trained before
20 April, calibrated 20 to 29 April, tested from 30 April; snapshots at 0, 25, 50 and 75 % of the target among the still
unresolved. Skill is beside the share missed in training at the same share of the target; beside the test's own share (which
nobody can know), and beside the share-of-target-used baseline, in `against`. Then scoring, features and reasons included, of
open promises on histories of growing size.

Run: python -m benchmarks.risk
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from benchmarks._report import report
from benchmarks._uci import CALIBRATE, SINCE, TEST, task
from watchbill.engine.sense.risk import Asked, Log, Model, Past, Promises, as_asked, features, learn, score
from watchbill.engine.sense.risk.facts import HOUR_US
from watchbill.engine.sense.risk.learning import Split
from watchbill.engine.sense.risk.outcome import Lesson

AUC = {"0%": 0.82, "25%": 0.78, "50%": 0.75, "75%": 0.68}
SKILL = {"0%": 0.35, "25%": 0.20, "50%": 0.12, "75%": 0.04}
ECE, SCORE_S = 0.03, 5.0
CUTS = 25
SIZES = (1_000, 10_000, 100_000, 1_000_000)
SEED = 1


def main() -> int:
    """The fixed task, the proof by deletion, and the speed; the exit code says whether the targets were met."""
    log, promises = task()
    past = Past(log, promises)
    started = time.perf_counter()
    lesson = learn(past, seed=SEED, split=Split(train_us=SINCE, calibrate_us=CALIBRATE, test_us=TEST))
    report(
        name="risk", case="learning", value=time.perf_counter() - started, unit="s", target=None, against=lesson.counts
    )
    if lesson.model is None:
        raise AssertionError(lesson.words)
    return 0 if all([*figures(lesson), leaks(log, promises, past), *speed(lesson.model, log, promises)]) else 1


def figures(lesson: Lesson) -> list[bool]:
    """What came of the forecasts, at each share of the target and of all."""
    done = []
    for name, one in lesson.reliability.items():
        told = {"snapshots": one.number, "missed": one.missed, "brier": one.brier, "precision_at_recall_0.7": one.precision,
                "lead_h_at_precision_0.6": one.lead_h, "skill_over_baseline": one.skill_baseline,
                "skill_over_test_share": one.skill_hindsight, "ece_if_perfect": one.ece_if_perfect}  # fmt: skip
        for what, value, target in (("AUC", one.auc, AUC.get(name)), ("skill", one.skill, SKILL.get(name))):
            done.append(report(name="risk", case=f"{what}, {name}", value=value or 0.0, unit="", target=target, better="higher",
                               against=told if what == "AUC" else None))  # fmt: skip
        done.append(report(name="risk", case=f"ECE, {name}", value=one.ece or 0.0, unit="",
                           target=ECE if name in AUC else None))  # fmt: skip
    return done


def leaks(log: Log, promises: Promises, past: Past) -> bool:
    """At instants over the whole log: delete all that comes later, and count the numbers that change."""
    asked, *_ = as_asked(promises)
    drawn = np.random.default_rng(SEED).choice(len(asked), CUTS, replace=False)
    changed = 0
    for row in drawn:
        at = int(asked.at_us[row])
        one = asked.at(np.array([row]))
        before = features(Past(log.until(at), promises.until(at)), one).values
        changed += int((before != features(past, one).values).sum())
    return report(
        name="risk", case=f"numbers that change without the future, {CUTS} instants", value=changed, unit="", target=0
    )


def speed(model: Model, log: Log, promises: Promises) -> list[bool]:
    """Score promises of that many items at one instant, the log copied as often as it takes; ledgers told beside."""
    done = []
    size = len(log.opened_us)
    for wanted in SIZES:
        copies = -(-wanted // size)
        grown, promised = _grown(log, promises, copies)
        started = time.perf_counter()
        past = Past(grown, promised)
        ledgers = time.perf_counter() - started
        rows = np.arange(wanted)
        now = np.full(wanted, int(log.at_us[len(log.at_us) // 2]))
        opened = grown.opened_us[rows]
        asked = Asked(
            item=rows, name=np.zeros(wanted, dtype=np.int64), at_us=np.maximum(now, opened), used=np.full(wanted, 0.3),
            left_s=np.full(wanted, 36_000.0), due_us=np.maximum(now, opened) + 20 * HOUR_US,
        )  # fmt: skip
        started, cpu = time.perf_counter(), time.process_time()
        scores = score(model, past, asked)
        took, cpu_s = time.perf_counter() - started, time.process_time() - cpu
        if len(scores.p_miss) != wanted:
            raise AssertionError(f"{wanted:,} scores expected, got {len(scores.p_miss):,}")
        done.append(report(name="risk", case=f"score {wanted:,} items", value=took, unit="s",
                           target=SCORE_S if wanted == 100_000 else None,
                           against={"cpu_s": round(cpu_s, 2), "ledgers_s": round(ledgers, 2), "events": len(grown.item)}))  # fmt: skip
    return done


def _grown(log: Log, promises: Promises, copies: int) -> tuple[Log, Promises]:
    """The log several times over, each copy with items of its own."""
    size = len(log.opened_us)
    moved = np.repeat(np.arange(copies), len(log.item)) * size

    def tiled(column: np.ndarray) -> np.ndarray:
        return np.concatenate([column] * copies)

    columns = {
        name: tiled(getattr(log, name))
        for name in ("opened_us", "at_us", "state", "priority", "queue", "owner", "actor")
    }
    grown = replace(
        log, traits={name: tiled(codes) for name, codes in log.traits.items()}, item=tiled(log.item) + moved, **columns
    )
    told = {
        name: tiled(getattr(promises, name)) for name in ("name", "at_us", "due_us", "left_s", "missed", "known_us")
    }
    return grown, Promises(item=tiled(promises.item) + np.repeat(np.arange(copies), size) * size, **told)


if __name__ == "__main__":
    sys.exit(main())
