"""What names of columns do not tell and a history is poorer without: when items ended, who did the work, for whom, how urgent it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.intake.draft import Draft
from watchbill.engine.intake.guess_columns import NONE, Picker, is_few, is_name
from watchbill.engine.intake.guess_dates import is_when
from watchbill.engine.intake.guessed import Question
from watchbill.engine.intake.headwords import HEADS, plain
from watchbill.engine.intake.survey import Column

RANKS_MOST = 10
"""Different values up to which a column may be one of priorities where its name does not say so."""

NAME_LONGEST = 60
YES_NO = frozenset(("true", "false", "yes", "no", "y", "n", "ja", "nein", "oui", "non", "sim", "nao", "si"))
RESOLVED = "Which column says when it was resolved? If none does, when it was closed or otherwise done"
OWNER = "Which column says who did the work?"
QUEUE = "Which column says which team or queue an item lies with?"
PRIORITY = "Which column says how urgent an item is? Without one all items count as P3"


def resolved_asked(picker: Picker, *, has_start: bool) -> Column | None:
    """Ask when items were resolved, where dates are left that could say it; it may be left out where work that began says something."""
    columns = [] if picker.answers.get("resolved") == NONE else picker.free(is_when)
    return picker.ask_column("resolved", RESOLVED, columns, may_be_none=has_start) if columns else None


def nothing_after(called: str, opened: Column, others: Sequence[tuple[Column, str]] = ()) -> InvalidFacts:
    """The refusal of a file that tells of items' first instant only; *others*: columns of dates that cannot be read, and why."""
    return InvalidFacts(
        f"{called} says when items were opened ({opened.name}) and nothing of what came then; expected a column"
        " with the instant of the resolution, the closing or the last update"
        + "".join(f"; {column.name}: {reason}" for column, reason in others)
    )


def names_asked(picker: Picker, draft: Draft, *, needs: Collection[str], is_rank: Callable[[Column], bool]) -> None:
    """Ask for the owner, then the team, then the priority, where names do not tell the owner: one once the other is known.

    So the choices of a question, and their numbers, are always the same. *is_rank*: whether a column may be one of priorities.
    """
    answers = picker.answers
    if "owner" in needs and answers.get("owner") == NONE:
        raise InvalidFacts(
            "owner: expected a column; a backtest learns from who did the work, and cannot do without",
            key="owner", field="answer",
        )  # fmt: skip
    if "owner" in draft.fields and "owner" not in answers:
        return
    told = {"owner": draft.fields, "queue": draft.fields, "priority": [r for r, (c, *_) in draft.levels.items() if c]}
    fits = {"owner": _is_crowd, "queue": _is_crowd, "priority": lambda c: _is_scale(c) and is_rank(c)}
    for role, text in (("owner", OWNER), ("queue", QUEUE), ("priority", PRIORITY)):
        columns = [column for column in picker.free(fits[role]) if not _is_called_otherwise(column, role)]
        if columns and role not in told[role] and role not in answers:
            if not any(question.key.partition(".")[0] == role for question in picker.questions):
                picker.ask_column(role, text, columns, may_be_none=role not in needs)
            return


def answers_named(
    answers: Mapping[str, str], names: Collection[str], questions: Callable[[Mapping[str, str]], Sequence[Question]]
) -> dict[str, str]:
    """Return the answers with the value in the place of each that is the number of a choice.

    *names*: of the file's columns, which win over numbers. *questions*: what is asked with some answers; each number is looked up
    where its question is put, and one of which none is put is left as it is.
    """
    numbers = {key: said for key, said in answers.items() if said.isdecimal() and said not in names}
    named = {key: said for key, said in answers.items() if key not in numbers}
    while numbers:
        put = {question.key: question.choices for question in questions(named) if question.key in numbers}
        for key, choices in put.items():
            said = numbers.pop(key)
            values = [choice.value for choice in choices]
            is_number = said not in values and 0 < int(said) <= len(values)
            named[key] = values[int(said) - 1] if is_number else said
        if not put:
            break
    return {**named, **numbers}


def _is_crowd(column: Column) -> bool:
    """Whether the values could be those of people or teams: they come back, and are short."""
    return is_name(column) and column.longest <= NAME_LONGEST and _comes_back(column)


def _is_scale(column: Column) -> bool:
    return is_few(column) and column.distinct <= RANKS_MOST and _comes_back(column)


def _comes_back(column: Column) -> bool:
    return column.distinct > 1 and column.each_on >= 2 and not {plain(value) for value in column.counts} <= YES_NO


def _is_called_otherwise(column: Column, role: str) -> bool:
    """Whether the name is one that is known for another role."""
    name = plain(column.name)
    return any(name in heads for other, heads in HEADS.items() if other != role)
