"""Draft a profile for an unknown file: what each column is, how sure that is and why, and what only a person can say."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Kind, State
from watchbill.engine.intake.draft import Draft
from watchbill.engine.intake.guess_asked import answers_named, names_asked, nothing_after, resolved_asked
from watchbill.engine.intake.guess_columns import (
    ITEMS_TO,
    Picked,
    Picker,
    foreseen,
    is_few,
    is_text,
    like,
    missing_in,
    not_dates,
    place_named,
    reference_guess,
    reference_why,
)  # fmt: skip
from watchbill.engine.intake.guess_dates import dates_decide, is_when, zone_asked
from watchbill.engine.intake.guess_names import is_plain, names_guess, nobody_noted
from watchbill.engine.intake.guess_preview import as_it_stands, understood
from watchbill.engine.intake.guess_words import levels_guess, ranks_guess, robots_guess, states_guess
from watchbill.engine.intake.guessed import Choice, Confidence, FileForm, Grain, Guess, Question
from watchbill.engine.intake.headwords import state_of
from watchbill.engine.intake.survey import Column, Survey

__all__ = ["answers_told", "foreseen", "guess"]

UPDATES_FROM = 1.2
"""Rows per item from which a row is an update; between this and `ITEMS_TO` it is asked."""

VARIES_FROM = 0.3
"""Share of items with several rows in which a column changes, from which it tells of rows and not of items."""

LEAST_ITEMS = 30
"""Items with several rows from which it says something that a column never changes."""

MOMENTS = {"in_progress": State.IN_PROGRESS, "resolved": State.RESOLVED, "closed": State.CLOSED}
KINDS = {
    "inc": Kind.INCIDENT,
    "chg": Kind.CHANGE,
    "cs": Kind.CASE,
    "case": Kind.CASE,
    "task": Kind.TASK,
    "rma": Kind.RMA,
}
KEPT = ("location", "channel", "subcategory")
KEPT_LATE = ("resolved_by", "close_code")
"""Attributes that hold their final value on every row, and so are read of ended items only."""


def answers_told(
    survey: Survey, form: FileForm, answers: Mapping[str, str], *, needs: Collection[str] = ()
) -> dict[str, str]:
    """Return the answers with what is meant in the place of the numbers of choices. As `guess` raises."""
    names = {column.name for column in survey.columns}
    return answers_named(answers, names, lambda told: _Guessing(survey, form, told, needs).result().questions)


def guess(survey: Survey, form: FileForm, answers: Mapping[str, str], *, needs: Collection[str] = ()) -> Guess:
    """Draft a profile of what one pass over a file has found.

    Parameters
    ----------
    survey: from the `Surveyor` that `foreseen` returned, with all rows of the file.
    form: how the file is written.
    answers: to the questions of an earlier guess, by their keys; a role (``owner``) may be answered with a column or
        ``none`` even where it was not asked. The number of a choice is an answer, too.
    needs: roles that whoever asks cannot do without (a backtest: ``owner``).

    Returns
    -------
    Guess
        With questions, or with the profile as TOML. Same survey and answers, same guess.

    Raises InvalidFacts for a file of which no profile can be made (naming what it lacks, or the rows that contradict each
    other), and for an answer that is none. Why each thing is decided as it is: docs/algorithms/intake.md, "Guessing".
    """
    return _Guessing(survey, form, answers_told(survey, form, answers, needs=needs), needs).result()


class _Guessing:
    """One guess, step by step: each step takes columns, asks, and writes into the draft."""

    def __init__(self, survey: Survey, form: FileForm, answers: Mapping[str, str], needs: Collection[str]) -> None:
        if len(survey.columns) < 2:
            raise InvalidFacts(
                f"{form.called} has one column ({survey.columns[0].name}); an item needs a number and an instant"
            )
        if not survey.rows:
            raise InvalidFacts(f"{form.called} has a header and no rows")
        self.survey, self.form, self.answers, self.needs = survey, form, answers, needs
        self.picker = Picker(survey, answers)
        self.notes = [f"{survey.rows:,} rows, {form.why}"]
        if survey.uneven:
            lines = ", ".join(map(str, survey.uneven))
            self.notes.append(
                f"some rows have more or fewer values than the header and will be rejected (lines {lines})"
            )
        stem = re.sub(r"[^a-z0-9]+", "-", form.name.lower()).strip("-") or "history"
        name = self.picker.told("name") or stem
        self.draft = Draft(
            name=name, title=f"Drafted from {form.name}", kind=Kind.INCIDENT, delimiter=form.delimiter,
            encoding=form.encoding, sheet=form.sheet, missing=missing_in(survey),
            multiline=[column.name for column in survey.columns if column.has_breaks],
        )  # fmt: skip

    def result(self) -> Guess:
        """Take the steps in order and return what came out."""
        self.reference = self._reference()
        self._kind()
        grain = self.grain = self._grain()
        self._title()
        state = self._state_columns()
        whens = self._whens(state) if self.reference else []
        self.notes += names_guess(self.picker, self.draft, noun=self.noun)
        self._states(state)
        self._levels()
        self._actor(state)
        self._attributes()
        if self.reference:
            names_asked(self.picker, self.draft, needs=self.needs, is_rank=lambda c: not self._may_look_ahead(c))
        if whens:
            self._dates(whens)
        self.draft.zone = zone_asked(self.picker, self.draft.dates)
        self._check_answers()
        if not self.draft.moments and not self.picker.questions:
            self._key(state)
        toml = "" if self.picker.questions else self.draft.toml()
        columns = self.picker.columns()
        return Guess(
            name=self.draft.name, rows=self.survey.rows, grain=grain, encoding=self.form.encoding,
            delimiter=self.form.delimiter, sheet=self.form.sheet, columns=columns,
            notes=tuple(self.notes), questions=tuple(self.picker.questions),
            preview=tuple(understood(self.survey, toml) if toml else as_it_stands(self.survey, columns)), toml=toml,
        )  # fmt: skip

    def _reference(self) -> Column | None:
        found = reference_guess(self.picker, self.form.name)
        if found is not None:
            self.draft.reference = found.name
            self.draft.comments["reference"] = reference_why(found)
        return found

    def _kind(self) -> None:
        said = self.picker.told("kind")
        if said is not None:
            if said not in list(Kind):
                raise InvalidFacts(f"kind: expected one of {', '.join(Kind)}, got “{said}”", key="kind", field="answer")
            self.draft.kind = Kind(said)
        elif self.reference is not None:
            prefix = re.match(r"[a-z]*", self.reference.examples[0].lower())
            self.draft.kind = KINDS.get(prefix[0] if prefix else "", Kind.INCIDENT)
        self.notes.append(f"items are taken for the kind “{self.draft.kind.value}” (--answer kind=... says otherwise)")

    def _grain(self) -> Grain:
        column = self.reference
        said = self.picker.told("grain")
        if said is not None:
            if said not in list(Grain):
                raise InvalidFacts(f"grain: expected update or item, got “{said}”", key="grain", field="answer")
            return Grain(said)
        if column is None or column.each_on <= ITEMS_TO:
            if column is not None:
                self.notes.append(f"one row per item: {column.name} hardly ever repeats")
            return Grain.ITEM
        if column.each_on >= UPDATES_FROM:
            lines = next((item for item in self.survey.items if len(item) > 1), ())
            seen = f", for example on lines {', '.join(str(line) for line, _ in lines[:3])}" if lines else ""
            self.notes.append(f"one row per update: each {column.name} stands on {column.each_on:.1f} rows{seen}")
            return Grain.UPDATE
        self.picker.asked(
            Question(
                key="grain",
                text=f"Is a row an update or an item? {column.name} stands on {column.each_on:.2f} rows on average",
                choices=(
                    Choice(value="update", meaning="each row is one update of an item"),
                    Choice(value="item", meaning="each row is one item, and some stand there twice"),
                ),
                rows=tuple(
                    f"lines {', '.join(str(line) for line, _ in item[:3])}: the same {column.name}"
                    for item in self.survey.items if len(item) > 1
                )[:3],
            )
        )  # fmt: skip
        return Grain.ITEM

    def _title(self) -> None:
        noun = self.draft.kind.value.replace("_", " ").capitalize()
        found = self.picker.pick("title", lambda c: is_text(c) and is_plain(c), like)
        self.draft.item_title = f"{{{found.name}|{noun}}}" if found else noun
        self.noun = noun

    def _state_columns(self) -> list[Column]:
        def why(column: Column) -> str:
            known = sum(n for word, n in column.counts.items() if state_of(word, column.counts))
            return f"{column.distinct} different words, known ones on {known:,} of {column.told:,} rows"

        found = self.picker.pick("state", is_few, why)
        if found is None and self.answers.get("state") != "none":
            known = [
                column
                for column in self.picker.free(is_few)
                if sum(n for word, n in column.counts.items() if state_of(word, column.counts)) > 0.6 * column.told
                and column.distinct > 1
            ]
            if len(known) == 1:
                found = self.picker.take("state", Picked(known[0], Confidence.LIKELY, why(known[0])))
            elif self.grain is Grain.UPDATE:
                found = self.picker.ask_column(
                    "state", "Which column says where an item stands?", known or self.picker.free(is_few)
                )
        if found is None:
            if self.grain is Grain.UPDATE and "state" in self.answers:
                raise InvalidFacts("state: expected a column, for each row is an update", key="state", field="answer")
            return []
        beside = self.picker.pick("substate", lambda c: is_few(c) and bool(self.survey.pair(found, c)), like)
        return [found, beside] if beside else [found]

    def _states(self, columns: list[Column]) -> None:
        if columns:
            self.draft.state_columns = [column.name for column in columns]
            self.draft.states, self.draft.unknown = states_guess(self.picker, columns, self.draft.kind)
            blank = self.survey.rows - columns[0].told
            if blank:
                self.notes.append(f"{blank:,} rows say nothing in {columns[0].name}; they will be rejected")

    def _whens(self, state: list[Column]) -> list[Column]:
        """Take the columns of instants; the first of those returned is the one that must be there."""
        if self.grain is Grain.UPDATE:
            return self._whens_of_updates()
        opened = self._when("opened", "opens the item") or self.picker.ask_column(
            "opened", "Which column says when the item was opened?", self._free_whens()
        )
        found = {role: self._when(role, f"the instant at which it was {role.replace('_', ' ')}") for role in MOMENTS}
        at = self._when("at", "the last update: the item then stood as its state says") if state else None
        if opened is None:
            if len(free := self._free_whens()) == 1 and not at and not any(found.values()):
                raise nothing_after(self.form.called, free[0])
            return []
        if not (at or found["resolved"] or found["closed"]):
            found["resolved"] = resolved_asked(self.picker, has_start=bool(found["in_progress"]))
        self.draft.opened_at = opened.name
        self.draft.at = at.name if at else ""
        self.draft.moments = {MOMENTS[role]: column.name for role, column in found.items() if column}
        return [column for column in (opened, *found.values(), at) if column]

    def _when(self, role: str, meaning: str) -> Column | None:
        return self.picker.pick(role, is_when, lambda column: f"{like(column)}: {meaning}")

    def _free_whens(self) -> list[Column]:
        found = self.picker.free(is_when)
        if not found:
            raise InvalidFacts(
                f"{self.form.called}: no column holds dates as they are known here, so nothing says when anything happened"
                + "".join(f"; {each}" for each in not_dates(self.survey))
            )
        return found

    def _whens_of_updates(self) -> list[Column]:
        changing = {column.place for column in self.survey.columns if is_when(column) and self._varies(column)}
        at = self.picker.pick(
            "at", lambda c: c.place in changing, lambda c: f"{like(c)}; it changes from row to row of an item"
        )
        others = [column for column in self._free_whens() if column.place in changing] if at is None else []
        if len(others) == 1:
            reason = f"{like(others[0])}: the only instant that changes from row to row of an item"
            at = self.picker.take("at", Picked(others[0], Confidence.LIKELY, reason))
        elif at is None:
            choices = others or self._free_whens()
            at = self.picker.ask_column("at", "Which column is the instant of the row?", choices)
        opened = self.picker.pick(
            "opened",
            lambda c: is_when(c) and c.place not in changing,
            lambda c: f"{like(c)}; the same on all rows of an item",
        )
        for role in ("resolved", "closed"):
            late = self.picker.pick(role, lambda c: is_when(c) and c.place not in changing, like)
            if late is not None:
                self.picker.drop(late, "the same on all rows of an item: its last value, which nobody knew before")
        if at is None:
            return []
        self.draft.at = at.name
        self.draft.opened_at = opened.name if opened else ""
        return [at, *([opened] if opened else [])]

    def _varies(self, column: Column) -> bool:
        several = [item for item in self.survey.items if len(item) > 1]
        changes = sum(len({row[column.place] for _, row in item}) > 1 for item in several)
        return bool(several) and changes >= VARIES_FROM * len(several)

    def _levels(self) -> None:
        found = self.picker.pick("priority", lambda c: is_few(c) and not self._may_look_ahead(c), like)
        if found is None:
            found = self._priority_asked()
        if found is None:
            self.draft.levels["priority"] = ("", {}, 3)
            self.notes.append("no column tells the priority: all items count as P3")
        else:
            ranks = ranks_guess(self.picker, found)
            otherwise = 3 if found.told < found.rows else None
            if otherwise:
                self.notes.append(f"{found.rows - found.told:,} rows tell no {found.name}: they count as P3")
            self.draft.levels["priority"] = (found.name, ranks or {}, otherwise)
        for role in ("impact", "urgency"):
            column = self.picker.pick(
                role, lambda c: is_few(c) and levels_guess(c) is not None and not self._may_look_ahead(c), like
            )
            if column is not None:
                values = levels_guess(column) or {}
                self.draft.levels[role] = (column.name, values, 2 if column.told < column.rows else None)

    def _priority_asked(self) -> Column | None:
        """A column that is called a priority's and never changes within an item is asked about."""
        place = place_named("priority", [column.name for column in self.survey.columns])
        column = self.survey.columns[place[0]] if place else None
        if column is None or not is_few(column) or not column.told or "priority" in self.answers:
            return None
        text = (
            f"Did the priority never change, or does {column.name} hold its last value on every row? It is the same on all rows"
            " of an item; reading a last value earlier would be looking ahead"
        )
        return self.picker.ask_column("priority", text, [column], may_be_none=True)

    def _may_look_ahead(self, column: Column) -> bool:
        """Whether the column could hold its last value on every row: it never changes within an item."""
        several = [item for item in self.survey.items if len(item) > 1]
        return (
            self.grain is Grain.UPDATE
            and column.distinct > 1
            and len(several) >= LEAST_ITEMS
            and all(len({row[column.place] for _, row in item}) == 1 for item in several)
        )

    def _actor(self, state: list[Column]) -> None:
        found = self.picker.pick("actor", is_text, like) if self.grain is Grain.UPDATE else None
        owner = self.draft.fields.get("owner", ())
        if found is not None:
            self.draft.actor = [found.name]
            self.notes += nobody_noted(self.draft, [found])
        elif self.grain is Grain.UPDATE and owner:
            found = self.picker.named("owner", owner[0])
            if self._varies(found):
                self.draft.actor = owner
                self.notes.append(
                    f"no column says who wrote a row: {found.name} is taken for it, as it changes within items"
                )
            else:
                found = None
        if found is not None and state:
            self.draft.robots = robots_guess(self.picker, found, state[0], self.draft.states)

    def _attributes(self) -> None:
        for role in (*KEPT, *KEPT_LATE):
            found = self.picker.pick(role, is_text, like)
            if found is not None:
                self.draft.attributes[role] = found.name, role in KEPT_LATE

    def _dates(self, whens: list[Column]) -> None:
        decided = dates_decide(self.picker, whens, is_sheet=bool(self.form.sheet))
        for column, reason in decided.others:
            self.picker.drop(column, reason)
            self.draft.moments = {s: name for s, name in self.draft.moments.items() if name != column.name}
            self.draft.at = "" if self.draft.at == column.name else self.draft.at
            self.draft.opened_at = "" if self.draft.opened_at == column.name else self.draft.opened_at
        self.notes += [f"dates: {decided.reason}", *decided.warnings]
        for column in whens if decided.format is None else ():
            self.picker.doubt(column, "", f"{like(column)}; which number is the day is asked")
        self.draft.dates = decided.format or ""
        self.draft.comments["dates"] = decided.reason
        is_asked = any(question.key == "resolved" for question in self.picker.questions)
        if self.grain is Grain.ITEM and not (self.draft.moments or self.draft.at or is_asked):
            raise nothing_after(self.form.called, whens[0], decided.others)

    def _key(self, state: list[Column]) -> None:
        found = self.picker.pick("version", lambda c: is_text(c) and self._varies(c), like)
        names = [column.name for column in state]
        names += [name for role in ("queue", "owner") for name in self.draft.fields.get(role, ())]
        self.draft.key = [found.name] if found else list(dict.fromkeys(names))

    def _check_answers(self) -> None:
        strange = sorted(set(self.answers) - self.picker.keys - {"version", "sheet", "encoding", "delimiter"})
        if strange and not self.picker.questions:
            known = ", ".join(sorted(self.picker.keys))
            raise InvalidFacts(f"Nothing asks for “{strange[0]}”; answers are {known}", key=strange[0], field="answer")
