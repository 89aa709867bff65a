"""The one format of a file's dates: decided where rows prove it, asked where none does, refused where they contradict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from watchbill.engine.base.calendar import zone_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.intake.dates import SERIAL, DateFormat, Misread
from watchbill.engine.intake.datings import ROWS_NAMED, Place, Shape
from watchbill.engine.intake.guess_columns import Picker
from watchbill.engine.intake.guessed import Choice, Question
from watchbill.engine.intake.survey import Column

KEY = "dates"
AGAINST_NAMED = 3
"""Rows named in the sentence that rules a reading out."""

SERIAL_FROM, SERIAL_TO = 20_000, 80_000
"""Day numbers of a spreadsheet from 1954 to 2119."""

_NUMBER = re.compile(r"\d{5}(\.\d+)?")
_UTC = ZoneInfo("UTC")
_NAMES = {"%d": "day", "%m": "month", "%y": "year", "%Y": "year"}


@dataclass(frozen=True, slots=True)
class Decided:
    """The format (None: asked), why, and the columns that are written in another one, with why they cannot be read."""

    format: str | None
    reason: str
    others: tuple[tuple[Column, str], ...]
    warnings: tuple[str, ...]


def is_serial(column: Column) -> bool:
    """Whether the values could be a spreadsheet's day numbers."""
    return bool(column.counts) and all(
        _NUMBER.fullmatch(value) and SERIAL_FROM <= float(value) <= SERIAL_TO for value in column.counts
    )


def is_when(column: Column) -> bool:
    """Whether the values could be instants."""
    return column.dating is not None or is_serial(column)


def dates_decide(picker: Picker, used: Sequence[Column], *, is_sheet: bool = False) -> Decided:
    """Decide on the format of the columns *used*, the most important one first; it sets how the others must be written.

    Evidence is taken from all columns of the file that are written alike, whether they are used or not. Raises
    InvalidFacts, naming the rows, when some rows disprove each reading, when an answer is disproved, or when a column of a
    sheet holds instants beside texts.
    """
    if is_sheet:
        for column in used:
            _require_unturned(column)
    first = used[0]
    if first.dating is None or not first.dating.shapes:
        if is_serial(first):
            picker.told(KEY)
            others = [(each, "its dates are no day numbers") for each in used[1:] if not is_serial(each)]
            return Decided(
                SERIAL, f"values like {first.examples[0]} are a spreadsheet's day numbers", tuple(others), ()
            )
        raise InvalidFacts(f"The values of {first.name} are no dates, for example {', '.join(first.examples)}", key=KEY)
    shape = first.dating.shapes[0]
    others = []
    for column in used[1:]:
        if column.dating is None or not column.dating.shapes:
            others.append((column, "it holds no dates"))
        elif column.dating.shapes[0].formats != shape.formats:
            written = column.dating.shapes[0].example
            others.append((column, f"its dates are written otherwise than those of {first.name} ({written})"))
    left = {column.name for column, _ in others}
    kept = [column for column in used if column.name not in left]
    alike = [
        each
        for column in picker.survey.columns
        if column.dating
        for each in column.dating.shapes
        if _alike(each, shape)
    ]
    return Decided(*_format(picker, shape, alike), tuple(others), tuple(_warnings(kept, shape)))


def _require_unturned(column: Column) -> None:
    """Refuse a column of a sheet in which some dates are texts: of the others the spreadsheet may have swapped day and month.

    It makes instants of those texts that are dates as *it* reads them, and leaves the rest: 4/3/2024 becomes the 3rd of April, 25/3/2024
    stays a text.
    """
    shapes = column.dating.shapes if column.dating else ()
    texts = [shape for shape in shapes if len(shape.readings) > 1]
    instants = [shape for shape in shapes if shape.formats[0].startswith("%Y")]
    if texts and instants:
        raise InvalidFacts(
            f"In {column.name} some dates are instants ({instants[0].example}) and {texts[0].values:,} are texts"
            f" ({texts[0].example}): the spreadsheet has turned some of them, perhaps with day and month swapped, and left the"
            " others. Import the file that the sheet was made of", key=KEY,
            lines=sorted((instants[0].example.line, texts[0].example.line)),
        )  # fmt: skip


def _alike(one: Shape, other: Shape) -> bool:
    """Whether two shapes have their days, months and years in the same places; the times may differ."""
    return tuple(map(_day_part, one.formats)) == tuple(map(_day_part, other.formats))


def _day_part(text: str) -> str:
    return text[: max(text.rfind(f"%{part}") for part in "dmbYy") + 2]


def _format(picker: Picker, shape: Shape, alike: Sequence[Shape]) -> tuple[str | None, str]:
    against = {
        text: [place for each in alike for place in each.readings[index].rows]
        for index, text in enumerate(shape.formats)
    }
    counts = {text: sum(each.readings[index].disproofs for each in alike) for index, text in enumerate(shape.formats)}
    alive = [text for text in shape.formats if not counts[text]]
    if not alive:
        raise InvalidFacts(
            f"Dates of this file contradict each other: {'; '.join(_against(text, counts, against) for text in shape.formats)}."
            " Correct the file so that all dates are written one way", key=KEY,
            lines=sorted({place.line for places in against.values() for place in places}),
        )  # fmt: skip
    said = picker.told(KEY)
    if said is not None and said not in alive:
        why = _against(said, counts, against) if said in counts else f"no date of this file is written as {said}"
        raise InvalidFacts(f"dates: expected {' or '.join(alive)}; {why}", key=KEY, field="answer")
    if len(alive) == 1:
        disproved = [text for text in shape.formats if counts[text]]
        if not disproved:
            return alive[0], f"written as {alive[0]}, which can be read in one way only ({shape.example})"
        why = "; ".join(_against(text, counts, against) for text in disproved)
        return alive[0], f"{_order(alive[0])}: {why}"
    question = Question(
        key=KEY,
        text="How are the dates written? No row proves it: wherever they could be told apart, day and month are 12 or less",
        choices=tuple(Choice(value=text, meaning=_order(text)) for text in alive),
        rows=tuple(_both(each, [shape.formats.index(text) for text in alive]) for each in alike[:ROWS_NAMED]),
    )
    answer = picker.asked(question)
    return answer, f"{_order(answer)}: you said so" if answer else "asked"


def _order(text: str) -> str:
    """Say in words which part comes first: “day first”."""
    parts = [_NAMES[part] for part in re.findall(r"%[dmyY]", text) if part in _NAMES]
    return f"{parts[0]} first, then {parts[1]}" if len(parts) > 1 else text


def _against(text: str, counts: dict[str, int], rows: dict[str, list[Place]]) -> str:
    named = ", ".join(map(str, sorted(rows[text], key=lambda place: place.line)[:AGAINST_NAMED]))
    return f"{counts[text]:,} values cannot be read {_order(text)} ({named})"


def _both(shape: Shape, alive: Sequence[int]) -> str:
    """Say what a shape's example means in each reading that is left."""
    return f"{shape.example}, so {' or '.join(_day(shape.example.value, shape.formats[index]) for index in alive)}"


def _day(value: str, text: str) -> str:
    try:
        day = DateFormat.parse(text).read(value, _UTC)[1]
    except Misread:
        return "no day"
    return f"{day.day} {day:%B %Y}"


def _warnings(kept: Iterable[Column], shape: Shape) -> Iterable[str]:
    for column in kept:
        assert column.dating is not None
        otherwise = [each for each in column.dating.shapes if each.formats != shape.formats]
        count = column.dating.misfits + sum(each.values for each in otherwise)
        if count:
            places = sorted([*column.dating.misfit_rows, *(each.example for each in otherwise)], key=lambda p: p.line)
            named = ", ".join(map(str, places[:ROWS_NAMED]))
            yield f"{count:,} values of {column.name} are not such dates; their rows will be rejected ({named})"


def zone_asked(picker: Picker, dates: str) -> str:
    """Return the zone that was answered, empty while it is asked: no file says it, and none is ever supposed."""
    if "%z" in dates:
        text = "In which zone do these people work? The dates carry their offset, so the instants are certain; the zone says"
        text += " when their day begins. An IANA name, such as Europe/Stockholm"
    else:
        text = "In which zone were these dates written? They carry no offset, and nothing in the file says it."
        text += " An IANA name, such as America/Sao_Paulo"
    said = picker.asked(Question(key="zone", text=text))
    return "" if said is None else zone_of(said).key
