"""Whose an item is: its owner, team, category and customer, and what a file writes where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.engine.intake.draft import Draft
from watchbill.engine.intake.guess_columns import Picked, Picker, is_name, is_text, like
from watchbill.engine.intake.guessed import Confidence
from watchbill.engine.intake.headwords import NOBODY, plain
from watchbill.engine.intake.survey import Column


def names_guess(picker: Picker, draft: Draft, *, noun: str) -> list[str]:
    """Write into the draft which columns name whom, and return what is to be noted. *noun*: the title of items without one."""
    notes: list[str] = []
    for role in ("owner", "queue", "category", "customer"):
        found = picker.pick(role, is_name, like)
        if found is None:
            notes.append(f"no column tells the {role}")
            continue
        columns = [found]
        if role == "owner" and {"first", "name"} <= set(plain(found.name).split()):
            columns += _rest_of_name(picker, found)
        draft.fields[role] = [column.name for column in columns]
        notes += nobody_noted(draft, columns)
        if role == "category" and draft.item_title == noun and is_plain(found):
            draft.item_title = f"{{{found.name}|{noun}}}"
    for role, of in (("team", "queue"), ("skill", "category")):
        if of in draft.fields:
            draft.fields[role] = draft.fields[of]
    return notes


def _rest_of_name(picker: Picker, first: Column) -> list[Column]:
    """A first name is no identity: the column that begins with the same word makes one with it."""
    word = plain(first.name).split()[0]
    found = picker.free(lambda c: is_text(c) and plain(c.name).split()[:1] == [word])[:1]
    for column in found:
        reason = f"{like(column)}: a first name is no identity, both together are"
        picker.take("owner", Picked(column, Confidence.LIKELY, reason))
    return found


def nobody_noted(draft: Draft, columns: Sequence[Column]) -> list[str]:
    """Write into the draft which values of a name mean that there is none; return what is to be noted."""
    values = {value for column in columns for value in column.counts}
    found = sorted(value for value in values if plain(value) in NOBODY)
    if "0" in values and sum(value.isdigit() for value in values) < 0.1 * len(values):
        found.append("0")
    if not found:
        return []
    draft.nobody = {**draft.nobody, columns[0].name: found}
    return [f"{', '.join(found)} in {columns[0].name} means that nobody is told"]


def is_plain(column: Column) -> bool:
    """Whether a title may name the column: nothing in its name means something there."""
    return not set(column.name) & set("{}|:!")
