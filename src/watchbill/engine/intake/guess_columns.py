"""Which column plays which role: by its name first, by its values where names say nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.intake.guessed import NOT_READ, NOTHING, Choice, ColumnGuess, Confidence, Question
from watchbill.engine.intake.headwords import HEADS, plain
from watchbill.engine.intake.survey import FEW, MISSING, Column, Survey, Surveyor

NONE = "none"
ITEMS_TO = 1.05
"""Rows per item up to which a row is an item."""

LEAST_LETTERS = 5
"""Letters of a name that is looked for inside a longer one."""

DATES = ("at", "opened", "in_progress", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class Picked:
    """A column with how sure its role is, and why."""

    column: Column
    confidence: Confidence
    reason: str


def place_named(
    role: str, names: Sequence[str], fits: Callable[[int], bool] = lambda _: True
) -> tuple[int, bool] | None:
    """Return the place of the column whose name tells *role* best, and whether it is one of the names known for it."""
    texts = [plain(name) for name in names]
    known = {text: place for place, text in reversed(list(enumerate(texts))) if fits(place)}
    for head in HEADS[role]:
        if head in known:
            return known[head], True
    for head in HEADS[role]:
        if len(head) >= LEAST_LETTERS:
            for text, place in sorted(known.items(), key=lambda pair: pair[1]):
                if f" {head} " in f" {text} ":
                    return place, False
    return None


def foreseen(header: Sequence[str], head: Sequence[Sequence[str]], answers: Mapping[str, str]) -> Surveyor:
    """Return the surveyor for a file, given its first rows: whole items are kept by what seems to be their reference."""

    def place_of(role: str) -> int | None:
        if answers.get(role) in header:
            return list(header).index(answers[role])
        found = place_named(role, header)
        return found[0] if found else None

    columns = Surveyor(header, reference=None)
    columns.add([(0, row) for row in head])
    survey = columns.result()
    reference = place_of("reference") if answers.get("reference") in header else None
    if reference is None:
        found = place_named("reference", header, lambda place: is_reference(survey.columns[place]))
        others = [each.place for each in survey.columns if is_reference(each)]
        reference = found[0] if found else next(iter(others), None)
    state = place_of("state")
    beside = [place_of("substate"), place_of("actor"), place_of("owner")]
    pairs = [(state, place) for place in beside if state is not None and place not in (None, state)]
    return Surveyor(header, reference=reference, pairs=[(one, other) for one, other in pairs if other is not None])


def is_reference(column: Column) -> bool:
    """Whether the values could tell items apart: nearly always there, many, short, with digits, and no dates."""
    return (
        column.dating is None
        and column.told >= 0.95 * column.rows
        and column.distinct >= max(min(2, column.rows), column.rows / 500)
        and column.longest <= 40
        and sum(any(sign.isdigit() for sign in value) for value in column.examples) >= len(column.examples) / 2
    )


def reference_why(column: Column) -> str:
    """Say how the values look like an item's number."""
    if column.each_on < ITEMS_TO:
        return f"{like(column)}: a number of its own on each row"
    about = "" if column.is_exact else "about "
    return f"values like {column.examples[0]}, each on {about}{column.each_on:.1f} rows: the item's number"


def reference_guess(picker: Picker, name: str) -> Column | None:
    """The column with the item's number: by its name; asked where a name only sounds like it and others could be it."""
    others = picker.free(is_reference)
    fits = {column.place for column in others}.__contains__
    named = place_named("reference", [column.name for column in picker.survey.columns], fits)
    found = None
    if "reference" in picker.answers or (named is not None and (named[1] or len(others) == 1)):
        found = picker.pick("reference", is_reference, reference_why)
    if found is None:
        if not others:
            raise InvalidFacts(
                f"{name}: no column tells the items apart; expected one with a number or key on every row"
            )
        found = picker.ask_column("reference", "Which column is the item's number?", others)
    return found


class Picker:
    """Gives each role the column that fits it best, each column at most once; answers come before guesses."""

    def __init__(self, survey: Survey, answers: Mapping[str, str]) -> None:
        self.survey = survey
        self.answers = answers
        self.questions: list[Question] = []
        self.keys: set[str] = set()
        self._taken: dict[str, ColumnGuess] = {}
        self._doubtful: dict[str, ColumnGuess] = {}

    def asked(self, question: Question) -> str | None:
        """Return the answer to a question, checked against its choices; None puts the question."""
        self.keys.add(question.key)
        answer = self.answers.get(question.key)
        if answer is None:
            self.questions.append(question)
            return None
        values = [choice.value for choice in question.choices]
        if values and answer not in values:
            raise InvalidFacts(
                f"{question.key}: expected one of {', '.join(values)}, got “{answer}”", key=question.key, field="answer"
            )
        return answer

    def told(self, key: str) -> str | None:
        """Return the answer to something that was not asked, if it is given all the same."""
        self.keys.add(key)
        return self.answers.get(key)

    def take(self, role: str, picked: Picked) -> Column:
        """Note that a column plays a role."""
        name = picked.column.name
        self._taken[name] = ColumnGuess(column=name, role=role, confidence=picked.confidence, reason=picked.reason)
        return picked.column

    def drop(self, column: Column, reason: str) -> None:
        """Note that a column cannot play the role that it was taken for."""
        self._taken[column.name] = ColumnGuess(
            column=column.name, role=NOT_READ, confidence=Confidence.LIKELY, reason=reason
        )

    def doubt(self, column: Column, role: str, reason: str) -> None:
        """Note that a column may play a role (none: the one that it has), which is asked; it stays free for others."""
        self._doubtful[column.name] = ColumnGuess(
            column=column.name, role=role or self._taken[column.name].role, confidence=Confidence.UNSURE, reason=reason
        )

    def free(self, fits: Callable[[Column], bool]) -> list[Column]:
        """The columns without a role that fit."""
        return [
            column for column in self.survey.columns if column.name not in self._taken and column.told and fits(column)
        ]

    def pick(
        self, role: str, fits: Callable[[Column], bool], why: Callable[[Column], str], *, key: str = ""
    ) -> Column | None:
        """Return the column of a role: the one that the answer names, else the one whose name tells it; or None."""
        said = self.told(key or role)
        if said is not None:
            return (
                None
                if said == NONE
                else self.take(role, Picked(self.named(key or role, said), Confidence.SURE, "you said so"))
            )
        places = {column.place: column for column in self.free(fits)}
        found = place_named(role, [column.name for column in self.survey.columns], places.__contains__)
        if found is None:
            return None
        column = places[found[0]]
        kind = Confidence.SURE if found[1] else Confidence.LIKELY
        return self.take(role, Picked(column, kind, why(column)))

    def named(self, key: str, name: str) -> Column:
        """Return the column of that name. Raises InvalidFacts."""
        for column in self.survey.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.survey.columns)
        raise InvalidFacts(f"{key}: the file has no column “{name}”; it has {names}", key=key, field="answer")

    def ask_column(
        self, role: str, text: str, columns: Sequence[Column], *, key: str = "", may_be_none: bool = False
    ) -> Column | None:
        """Ask which column plays a role. Raises InvalidFacts when none could."""
        if not columns and not may_be_none:
            raise InvalidFacts(f"No column of the file could answer this: {text}", key=key or role)
        choices = [Choice(value=column.name, meaning=like(column)) for column in columns]
        if may_be_none:
            choices.append(Choice(value=NONE, meaning="no column says it"))
        said = self.asked(Question(key=key or role, text=text, choices=tuple(choices), may_be_none=may_be_none))
        if said is None:
            for column in columns:
                self.doubt(column, f"perhaps {role}", f"{like(column)}; asked")
        if said is None or said == NONE:
            return None
        return self.take(role, Picked(self.named(key or role, said), Confidence.SURE, "you said so"))

    def columns(self) -> tuple[ColumnGuess, ...]:
        """Every column of the file with its role, or why it has none."""
        known = {**self._taken, **self._doubtful}
        return tuple(known.get(column.name) or _unread(column) for column in self.survey.columns)


def _unread(column: Column) -> ColumnGuess:
    if not column.told:
        reason = "it says nothing on any row"
    elif column.distinct == 1:
        reason = f"it says {column.examples[0]} on every row that says anything"
    else:
        reason = f"{NOTHING}; {like(column)}"
    return ColumnGuess(column=column.name, role=NOT_READ, confidence=Confidence.LIKELY, reason=reason)


def like(column: Column) -> str:
    """Say what stands in a column: “values like A, B; 3 different ones”."""
    many = f"{column.distinct:,}" if column.is_exact else f"about {column.distinct:,}"
    gap = column.rows - column.told
    missing = f"; not told on {gap:,} rows" if gap else ""
    return f"values like {', '.join(column.examples[:2]) or 'none'}; {many} different{missing}"


def is_few(column: Column) -> bool:
    return column.dating is None and column.is_exact and column.distinct <= FEW


def is_text(column: Column) -> bool:
    return column.dating is None


def is_name(column: Column) -> bool:
    """Whether the values could be names of people, teams or kinds: short numbers are counts."""
    return column.dating is None and not all(value.isdigit() and len(value) < 5 for value in column.counts)


def missing_in(survey: Survey) -> list[str]:
    """The markers for "not told" that the file uses; an empty cell is always one."""
    return ["", *sorted({marker for column in survey.columns for marker in column.missing} & MISSING - {""})]


def not_dates(survey: Survey) -> list[str]:
    """The first values of columns that are called like instants."""
    places = {found[0] for role in DATES if (found := place_named(role, [column.name for column in survey.columns]))}
    return [
        f"{column.name} is {value} on line {line}"
        for column in survey.columns
        for value, line in list(column.first_lines.items())[:1]
        if column.place in places
    ]
