"""What the words of a file mean: its states, its priorities, and who is a machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from watchbill.engine.base.work import STATES_OF, Kind, State
from watchbill.engine.intake.guess_columns import NONE, Picker
from watchbill.engine.intake.guessed import Choice, Question
from watchbill.engine.intake.headwords import PENDING, plain, rank_of, state_of
from watchbill.engine.intake.moments import ENDS, STATE_JOINT
from watchbill.engine.intake.survey import MISSING, Column

UNKNOWN = "unknown"
ROBOT_LEAST_ROWS = 50
ROBOT_LEAST_SHARE = 0.05
"""Share of all rows that end an item which a robot has written: nobody closes so many by hand in a large team."""

ROBOT_ENDS, ROBOT_TIMES = 0.4, 20
"""Share of its own rows that end an item, and how many times as many such rows as the median of all who write any."""

ROBOT_MOSTLY_ENDS, ROBOT_MOST_SHARE = 0.9, 0.25
"""In a small team, where a median says little: hardly any other rows, and a quarter of all that end an item."""

_MEANINGS = {
    State.NEW: "nobody has begun",
    State.IN_PROGRESS: "somebody works on it",
    State.WAITING_CUSTOMER: "it waits for the customer; clocks of the resolution may pause",
    State.WAITING_VENDOR: "it waits for a vendor",
    State.WAITING_OTHER: "it waits for something else",
    State.SCHEDULED: "a time is agreed",
    State.RESOLVED: "done, may be opened again",
    State.CLOSED: "done for good",
    State.CANCELLED: "ended without a result",
}


def words_of(picker: Picker, columns: Sequence[Column]) -> Counter[str]:
    """How often each word of the state's columns stands there, those of several columns joined."""
    if len(columns) == 1:
        return Counter(columns[0].counts)
    joined: Counter[str] = Counter()
    for words, count in picker.survey.pair(columns[0], columns[1]).items():
        joined[STATE_JOINT.join(word.strip() for word in words)] += count
    return joined


def states_guess(picker: Picker, columns: Sequence[Column], kind: Kind) -> tuple[dict[str, State], list[str]]:
    """Return what each word of the state's columns means, and the words that mean nothing; ask for those that are unclear."""
    words = words_of(picker, columns)
    states: dict[str, State] = {}
    unknown: list[str] = []
    for word in sorted(words, key=lambda word: (-words[word], word)):
        key = f"state.{word}"
        said = picker.told(key)
        found = state_of(word, words) if said is None else None
        if found is not None and found in STATES_OF[kind]:
            states[word] = found
            continue
        allowed = [Choice(value=each.value, meaning=_MEANINGS[each]) for each in State if each in STATES_OF[kind]]
        allowed.append(Choice(value=UNKNOWN, meaning="it says nothing: the item keeps the state it had"))
        waits = " (that it waits is clear, for whom is not)" if plain(word) in PENDING else ""
        answer = picker.asked(
            Question(
                key=key,
                text=f"Which state is “{word}”{waits}? It stands on {words[word]:,} rows",
                choices=tuple(allowed),
                rows=_rows_with(picker, columns, word),
            )
        )
        if answer == UNKNOWN:
            unknown.append(word)
        elif answer is not None:
            states[word] = State(answer)
    return states, unknown


def _rows_with(picker: Picker, columns: Sequence[Column], word: str) -> tuple[str, ...]:
    """The first row on which the columns hold *word*."""
    if len(columns) == 1:
        line = columns[0].first_lines.get(word)
    else:
        lines = picker.survey.pair_lines.get((columns[0].place, columns[1].place), {})
        line = next((at for words, at in lines.items() if STATE_JOINT.join(map(str.strip, words)) == word), None)
    return () if line is None else (f"first on line {line}",)


def ranks_guess(picker: Picker, column: Column, *, key: str = "priority") -> dict[str, int] | None:
    """Return the priority, 1 to 4, of each value of a column; None while something is asked."""
    values = sorted(column.counts)
    digits = [value for value in values if value.isdigit()]
    if len(digits) == len(values) > 1:
        return _scale(picker, column, [int(value) for value in digits], key)
    ranks: dict[str, int] = {}
    for value in values:
        said = picker.told(f"{key}.{value}")
        found = rank_of(value, values) if said is None else None
        if found is None:
            answer = picker.asked(
                Question(
                    key=f"{key}.{value}",
                    text=f"Which priority is “{value}”? It stands on {column.counts[value]:,} rows",
                    choices=tuple(Choice(value=str(rank), meaning=f"P{rank}") for rank in (1, 2, 3, 4)),
                    rows=_rows_with(picker, [column], value),
                )
            )
            found = int(answer) if answer else None
        if found is not None:
            ranks[value] = found
    return ranks if len(ranks) == len(values) else None


def _scale(picker: Picker, column: Column, digits: Sequence[int], key: str) -> dict[str, int] | None:
    low, high = min(digits), max(digits)
    choices = (
        Choice(value="lowest-first", meaning=f"{low} is the most urgent"),
        Choice(value="highest-first", meaning=f"{high} is the most urgent"),
    )
    text = f"Which number of {column.name} is the most urgent? Its values are {', '.join(map(str, sorted(digits)))}"
    answer = picker.asked(Question(key=f"{key}.scale", text=text, choices=choices))
    if answer is None:
        return None
    step = {value: place for place, value in enumerate(sorted(digits, reverse=answer == "highest-first"), start=1)}
    return {str(digit): min(4, step[digit]) for digit in digits}


def levels_guess(column: Column) -> dict[str, int] | None:
    """Return impact or urgency, 1 to 3, of each value; None where some value is unclear."""
    ranks = {value: rank_of(value, column.counts) for value in column.counts}
    if None in ranks.values():
        return None
    return {value: min(3, max(1, rank - 1)) for value, rank in sorted(ranks.items()) if rank is not None}


def robots_guess(picker: Picker, actor: Column, state: Column, states: Mapping[str, State]) -> tuple[str, ...]:
    """Return the actors that are machines; asked where somebody writes far more of the rows that end items than others."""
    said = picker.told("robots")
    if said is not None:
        return () if said == NONE else tuple(name.strip() for name in said.split(",") if name.strip())
    ended = {word for word, meant in states.items() if meant.value in ENDS}
    ends: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for (word, raw), count in picker.survey.pair(state, actor).items():
        name = raw.strip()
        if name not in MISSING:
            rows[name] += count
            if any(each == word.strip() or each.startswith(f"{word.strip()}{STATE_JOINT}") for each in ended):
                ends[name] += count
    total = sum(ends.values())
    median = sorted(ends.values())[len(ends) // 2] if ends else 0
    found = [
        name
        for name, count in ends.most_common(10)
        if rows[name] >= ROBOT_LEAST_ROWS
        and count >= ROBOT_LEAST_SHARE * total
        and (
            (count >= ROBOT_ENDS * rows[name] and count >= ROBOT_TIMES * median)
            or (count >= ROBOT_MOSTLY_ENDS * rows[name] and count >= ROBOT_MOST_SHARE * total)
        )
    ]
    if not found:
        return ()
    names = ",".join(found)
    answer = picker.asked(
        Question(
            key="robots",
            text=f"Is {' or '.join(found)} a machine? A robot's acts are signed as a robot's, and it owns nothing",
            choices=(Choice(value=names, meaning="yes"), Choice(value=NONE, meaning="no, a person")),
            rows=tuple(
                f"{name} wrote {ends[name]:,} of the {total:,} rows on which an item has ended, and {rows[name]:,} in all"
                for name in found
            ),
        )
    )
    return tuple(found) if answer == names else ()
