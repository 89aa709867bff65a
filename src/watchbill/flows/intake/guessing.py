"""Draft a profile for an unknown file: read it once, guess, and guess again with what a person has answered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.intake.guess import answers_told, foreseen, guess
from watchbill.engine.intake.guessed import FileForm, Guess
from watchbill.engine.intake.survey import HEAD_ROWS, Survey
from watchbill.flows.intake.layout import BrokenFile, Layout
from watchbill.flows.intake.profiles import LoadedProfile, profile_read
from watchbill.flows.intake.sniff import LEGACY, layout_sniff
from watchbill.flows.intake.source import layout_open

BLOCK_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSurvey:
    """What one pass over a file has found; questions are answered and asked again without another."""

    survey: Survey
    form: FileForm


def guess_file(path: Path, answers: Mapping[str, str] | None = None, *, sheet: str = "") -> Guess:
    """Draft a profile for the file at *path*: text or a workbook, packed or not. Needs no database.

    *answers* are to the questions of an earlier guess, by their keys; the guess has a profile as soon as nothing is asked
    any more, and `guess_load` makes it one to import or replay with. Raises NotFound, BrokenFile for a file that cannot be
    read, and InvalidFacts for one of which no profile can be made (naming the rows) and for an answer that is none.
    """
    found, told = file_understood(path, answers or {}, sheet=sheet)
    return guess_again(found, told)


def guess_again(found: FileSurvey, answers: Mapping[str, str], *, needs: Collection[str] = ()) -> Guess:
    """Guess from what a pass over the file has found, with these answers; *needs*: roles that may not be left out. As `guess_file` raises."""
    return guess(found.survey, found.form, answers, needs=needs)


def answers_spelled(found: FileSurvey, answers: Mapping[str, str], *, needs: Collection[str] = ()) -> dict[str, str]:
    """Return the answers with what is meant in the place of the numbers of choices. As `guess_file` raises."""
    return answers_told(found.survey, found.form, answers, needs=needs)


def guess_load(guessed: Guess) -> LoadedProfile:
    """Return the profile that was drafted. Raises InvalidFacts, naming what is asked, as long as anything is."""
    if guessed.questions:
        keys = ", ".join(question.key for question in guessed.questions)
        raise InvalidFacts(f"Of this file it must still be said: {keys}", keys=keys)
    return profile_read(guessed.toml.encode(), name=guessed.name)


def file_understood(
    path: Path,
    answers: Mapping[str, str],
    *,
    sheet: str = "",
    needs: Collection[str] = (),
    tell: Callable[[str, float], None] = lambda _what, _share: None,
) -> tuple[FileSurvey, dict[str, str]]:
    """Go over the file, and return what was found with the answers spelled out; twice where the reference was told by a number."""
    found = file_survey(path, answers, sheet=sheet, tell=tell)
    told = answers_spelled(found, answers, needs=needs)
    if told.get("reference") != answers.get("reference"):
        found = file_survey(path, told, sheet=sheet, tell=tell)
    return found, told


def file_survey(
    path: Path,
    answers: Mapping[str, str] | None = None,
    *,
    sheet: str = "",
    tell: Callable[[str, float], None] = lambda _what, _share: None,
) -> FileSurvey:
    """Go over the file once. Of the answers those count that say how it is written or which column is the reference."""
    answers = answers or {}
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}") from None
    encoding = answers.get("encoding", "")
    told = {"sheet": sheet, "encoding": encoding, "delimiter": answers.get("delimiter", "")}
    layout, why = layout_sniff(path, size=size, **told)
    try:
        return _surveyed(path, size, layout, why, answers, tell)
    except BrokenFile as error:
        if encoding or layout.encoding != "utf-8" or error.details["expected"] != "text in utf-8":
            raise
        # The first letter that is no UTF-8 came late: so the file is not UTF-8, and what came before it was plain ASCII.
        layout, why = layout_sniff(path, size=size, **{**told, "encoding": LEGACY})
        why += f" (line {error.details['line']} is no valid UTF-8)"
        return _surveyed(path, size, layout, why, answers, tell)


def _surveyed(
    path: Path, size: int, layout: Layout, why: str, answers: Mapping[str, str], tell: Callable[[str, float], None]
) -> FileSurvey:
    with layout_open(path, layout, size=size) as source:
        rows = source.rows()
        block = list(islice(rows, HEAD_ROWS))
        surveyor = foreseen(source.header, [row for _, row in block], answers)
        while block:
            surveyor.add(block)
            tell("reading", source.share)
            block = list(islice(rows, BLOCK_ROWS))
        sheet = getattr(source, "name", "")
        form = FileForm(
            name=path.name.split(".")[0], file=path.name, encoding=layout.encoding, delimiter=layout.delimiter, sheet=sheet,
            why=f"the sheet “{sheet}” of a workbook" if sheet else why,
        )  # fmt: skip
        return FileSurvey(survey=surveyor.result(), form=form)
