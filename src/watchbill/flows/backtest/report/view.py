"""From an answer to what is shown of it: words and places, the same for the page, the document and the What-if page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from watchbill.engine.backtest.answer import Answer, Compared, Fidelity, Grade, Measure, Sort
from watchbill.flows.backtest.report.charts import backlog_chart, bullet, cycle_chart, learned_chart
from watchbill.flows.backtest.report.compared import policies_shown, priorities_shown, sweep_shown
from watchbill.flows.backtest.report.figures import NONE, count, day, fitting, number, percent, plural
from watchbill.flows.backtest.report.paired import demand_chart, weekly_chart
from watchbill.flows.backtest.report.saved import answer_from_json, cleaned_all
from watchbill.flows.backtest.report.shown import GateRow, MeasureRow, Part, Report, Twin

GRADES = {
    Grade.A: "Grade A: the twin behaves like the real operation in all that was measured, and it reproduces a change that really happened.",
    Grade.B: "Grade B: the twin behaves like the real operation in what was measured. No past change was there to try it on.",
    Grade.C: "Grade C: the twin differs from the real operation in at least one measure that matters.",
}
BANNER = (
    "The twin is of grade C: it does not behave enough like your operation. "
    "Do not decide anything on the figures of the policies; see what differs, and mend the history or the assumptions first."
)
CAPTION = "Illustrative: the twin is of grade C"
STATES = {True: ("passed", "Passed"), False: ("failed", "Not passed"), None: ("unknown", "Not looked at")}
UNITS = (("_min", "minutes"), ("_h", "hours"))
OUR_WORD = re.compile(r"[a-z]+(_[a-z]+)+")
"""A constant of ours, such as `waiting_customer`; names of zones and calendars are left as they are."""
NOTES = (
    ("Same arrivals for all.", "Every policy meets the same cases, the same people and the same chance; differences are taken in pairs, replication by replication."),
    ("Intervals are of 95 %.", "They tell of chance in the replications, not of a wrong assumption. That is what the other assumptions are tried for."),
    ("Effort is assumed.", "A ticket log does not say for how long hands were on a case. All is said under the assumptions of this report."),
    ("The ceiling is out of reach.", "It is computed with all of the future known. No policy can keep more; none is expected to keep as much."),
    ("What it leaves out.", "Delays and paths stay as learned, also where fewer people wait for each other; people do not learn, leave, or behave otherwise because work is given otherwise. A shadow run says what a draft does beside live work."),
    ("Nothing was tuned on the period it is judged on.", "The twin learned from the earlier part of the history and was graded on the later one."),
)  # fmt: skip


def report_of(answer_json: Mapping[str, Any]) -> Report:
    """Return what to show of an answer as `Answer.as_json` gives it. Raises InvalidFacts for what is not one."""
    return _shown(answer_from_json(cleaned_all(answer_json)))


def _shown(answer: Answer) -> Report:
    is_illustrative = answer.verdict.is_illustrative or answer.twin.grade == Grade.C
    note = CAPTION if is_illustrative else ""
    reference = reference_of(answer)
    return Report(
        title=f"Backtest of {answer.source.name}",
        file=answer.source.name,
        grade=answer.twin.grade.value,
        banner=BANNER if is_illustrative else "",
        prefix="" if not is_illustrative or answer.verdict.sentence.startswith("Illustrative") else "Illustrative:",
        sentence=answer.verdict.sentence,
        detail=answer.verdict.detail,
        read=_read(answer),
        what_if=answer.what_if,
        promise=tuple((_words(name), _value(value)) for name, value in answer.promise.items()),
        twin=_twin(answer.twin, note),
        policies=policies_shown(answer, reference),
        weekly=weekly_chart(answer, note=note),
        demand=demand_chart(answer, reference, note=note),
        priorities=priorities_shown(answer, reference, note=note),
        bound=_bound(answer),
        bound_says="" if answer.bound is None else answer.bound.says,
        sweep=sweep_shown(answer, reference, note=note),
        learned=tuple(
            Part(name=one.part, says=one.says, evidence=_evidence(one.evidence), chart=learned_chart(one, note=note))
            for one in answer.learned
        ),
        assumptions=tuple((one.name, one.value, one.basis, one.why) for one in answer.assumptions),
        left_out=_left_out(answer),
        warnings=answer.warnings,
        notes=NOTES,
        made=_made(answer),
    )


def reference_of(answer: Answer) -> str:
    """The policy that the others are held against: as is, else as was; the first one when neither is there."""
    for sort in (Sort.AS_IS, Sort.AS_WAS):
        for one in answer.policies:
            if one.sort == sort:
                return one.name
    return answer.policies[0].name if answer.policies else ""


def best_of(answer: Answer) -> Compared | None:
    """The policy that the verdict names."""
    return next((one for one in answer.policies if one.name == answer.verdict.best), None)


def _read(answer: Answer) -> tuple[tuple[str, str], ...]:
    source, zone = answer.source, answer.source.zone
    return (
        ("File", source.name),
        ("Profile", source.profile),
        ("Rows", f"{count(source.rows)}, of which {count(source.rejected)} could not be read"),
        ("Items", f"{count(source.items)}, with {plural(source.events, 'event')}"),
        ("People", f"{count(source.people)} in {plural(source.teams, 'team')}"),
        ("Opened", f"{day(source.begins_at, zone)} to {day(source.ends_at, zone)} ({zone})"),
        ("SHA-256", source.sha256),
    )


def _twin(twin: Fidelity, note: str) -> Twin:
    begins, ends = twin.tested
    return Twin(
        grade=twin.grade.value,
        says=GRADES[twin.grade],
        why=tuple(line for line in twin.why if line not in {one.says for one in twin.gates}),
        sub=f"Learned from {day(twin.trained[0])} to {day(twin.trained[1])}, held against {day(begins)} to {day(ends)},"
        f" {plural(twin.replications, 'replication')}",
        gates=tuple(GateRow(key=one.key, says=one.says, state=STATES[one.is_passed][0], word=STATES[one.is_passed][1]) for one in twin.gates),
        measures=tuple(_measure(one) for one in twin.measures),
        backlog=backlog_chart(twin.backlog, note=note),
        cycle=cycle_chart(twin.cycle, note=note),
    )  # fmt: skip


def _measure(one: Measure) -> MeasureRow:
    state, word = STATES[one.is_passed] if one.is_passed is not None else ("unknown", "No limit")
    unit = f" {one.unit}" if one.unit else ""
    of_value = " %" if one.unit == "points" else unit
    return MeasureRow(
        name=one.name,
        real="" if one.real is None else f"{fitting(one.real)}{of_value}",
        simulated="" if one.simulated is None else f"{fitting(one.simulated)}{of_value}",
        spread="" if one.low is None or one.high is None else f"{fitting(one.low)} to {fitting(one.high)}",
        distance=f"{fitting(one.distance)}{unit}",
        floor=fitting(one.floor),
        limit=fitting(one.limit),
        state=state,
        word=word,
        bullet=bullet(one),
    )


def _bound(answer: Answer) -> tuple[tuple[str, str], ...]:
    if answer.bound is None:
        return ()
    bound = answer.bound
    return (
        ("Nobody could have kept more than", percent(bound.attainment)),
        ("Counting only whether there was time at all", percent(bound.by_window)),
        *((f"If effort is {scale}", percent(kept)) for scale, kept in bound.at_effort.items()),
    )


def _left_out(answer: Answer) -> tuple[tuple[str, str], ...]:
    measured, source, zone = answer.measured, answer.source, answer.source.zone
    span = f"{day(measured.begins_at, zone)} to {day(measured.ends_at, zone)} ({number(measured.weeks)} weeks)"
    return (
        ("Measured", f"{plural(measured.items, 'item')} opened {span}, {plural(measured.replications, 'replication')}"),
        ("Warm-up", f"{plural(measured.warm_up, 'item')} at the beginning: worked on, not counted"),
        ("Stragglers", f"{plural(measured.stragglers, 'item')} at the end, whose promise runs out after it: worked on, not counted"),
        ("Backlog", f"{plural(measured.backlog, 'item')} open when the span begins: worked on, not counted"),
        ("Rejected rows", f"{plural(source.rejected, 'row')} of {count(source.rows)} that could not be read"),
    )  # fmt: skip


def _evidence(amount: int) -> str:
    return f"{plural(amount, 'observation')}" + (", few" if amount < 30 else "")


def _made(answer: Answer) -> str:
    seconds = sum(answer.seconds.values())
    took = f", computed in {number(seconds, 0)} s" if seconds else ""
    return f"Seed {answer.seed}{took}. The same file, profile, assumptions and seed give the same figures."


def _words(name: str) -> str:
    """A name of the file for people: `targets_h` is "Targets, hours"."""
    said, unit = name, ""
    for end, word in UNITS:
        if name.endswith(end):
            said, unit = name.removesuffix(end), f", {word}"
    said = said.replace("_", " ")
    return f"{said[:1].upper()}{said[1:]}{unit}"


def _value(value: Any) -> str:
    """Any plain value in a line; what is the same under every name is said once."""
    if isinstance(value, Mapping):
        every = {_value(each) for each in value.values()}
        if len(every) == 1 and len(value) > 1:
            return f"{every.pop()} ({', '.join(value)})"
        return ", ".join(f"{name} {_value(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(each) for each in value)
    return _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,g}"
    if value is None:
        return NONE
    return str(value).replace("_", " ") if OUR_WORD.fullmatch(str(value)) else str(value)
