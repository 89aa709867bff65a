"""`--guess`: drafting a profile for an unknown file, in a talk at a terminal or with answers given beforehand."""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.speaking import table, tell

if TYPE_CHECKING:
    from watchbill.engine.intake.guessed import Guess, Question
    from watchbill.flows.intake.guessing import FileSurvey

GUESS = "--guess"
COLUMNS_SHOWN = 8
"""Columns of the preview."""


class GuessAlone(click.Command):
    """A command that asks nothing of the installation when it guesses."""

    def is_alone_with(self, words: Sequence[str]) -> bool:
        """Looked at by `config.main`, as `Alone.is_alone`."""
        return GUESS in itertools.takewhile(lambda word: word != "--", words)


def guess_options(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of guessing, and guess instead of it where that is asked."""

    @functools.wraps(view)
    def run(
        *words: Any,
        is_guess: bool,
        answers: tuple[str, ...],
        sheet: str,
        out: Path | None,
        is_forced: bool,
        **named: Any,
    ) -> Any:
        if not is_guess:
            return view(*words, **named)
        return _told(named["file"], answers, sheet=sheet, out=out, is_forced=is_forced, as_json=named["as_json"])

    for option in reversed((
        click.option(GUESS, "is_guess", is_flag=True, help="Draft a profile for FILE, asking what the file leaves open."),
        click.option("--answer", "answers", multiple=True, metavar="KEY=VALUE", help="Answer a question of --guess, by a value or the number of a choice; may be repeated."),
        click.option("--sheet", metavar="NAME", default="", help="With --guess: the sheet of a workbook; else the first one with rows."),
        click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="With --guess: where the profile is written; else beside FILE."),
        click.option("--force", "is_forced", is_flag=True, help="With --guess: write over a profile that is there."),
    )):  # fmt: skip
        run = option(run)
    return run


def _told(
    file: Path, answers: tuple[str, ...], *, sheet: str, out: Path | None, is_forced: bool, as_json: bool
) -> None:
    """Draft a profile, ask what is open (at a terminal), and write it when nothing is; exit 2 while something is."""
    from watchbill.engine.base.errors import Conflict

    where = out or beside(file)
    if where.exists() and not is_forced:
        raise Conflict(f"{where} is there already; --out names another file, --force writes over it")
    guessed = guessed_of(file, answers, sheet=sheet, may_ask=not as_json)
    follows = f"watchbill import {quote(str(file))} --profile {quote(str(where))}"
    if guessed.is_complete:
        where.write_text(guessed.toml, encoding="utf-8")
    lines = _lines(guessed)
    lines += [f"Written: {where}", f"Next: {follows}"] if guessed.is_complete else _asked_lines(guessed)
    written = str(where) if guessed.is_complete else None
    tell({**asdict(guessed), "written": written, "next": follows if written else None}, *lines, as_json=as_json)
    if not guessed.is_complete:
        sys.exit(2)


def beside(file: Path) -> Path:
    """Where the profile of a file is written, if nobody says otherwise."""
    return file.with_name(f"{file.name.split('.')[0]}.toml")


def profile_kept(guessed: Guess, file: Path, *, is_forced: bool, may_ask: bool) -> None:
    """Write the profile that was drafted beside *file*, and say so on standard error.

    One of another text that is there already is written over only with *is_forced*, or when somebody at the terminal agrees, who may
    also leave it alone; else, and where it cannot be read, Conflict. Where nothing can be written, that is said, and no reason to end.
    """
    from watchbill.engine.base.errors import Conflict

    where, text = beside(file), guessed.toml
    if not is_forced and _is_other(where, text):
        if not (may_ask and is_terminal()):
            raise Conflict(
                f"{where} is there already, and says something else than --guess: read by it with --profile {quote(str(where))}, or write"
                " over it with --force"
            )
        if not click.confirm(f"{where} is there already, and says something else. Write over it?", err=True):
            click.echo(f"{where} was left as it is; the file is read by what was drafted.", err=True)
            return
    try:
        where.write_text(text, encoding="utf-8")
    except OSError as error:
        click.echo(f"The profile could not be written to {where}: {error.strerror}", err=True)
        return
    click.echo(f"Profile written: {where}. Next time: --profile {quote(str(where))}", err=True)


def _is_other(where: Path, text: str) -> bool:
    """Whether something else than *text* is there already. Raises Conflict where that cannot be told: also a folder."""
    from watchbill.engine.base.errors import Conflict

    try:
        return where.exists() and where.read_bytes() != text.encode()
    except OSError as error:
        raise Conflict(
            f"{where} is there already, and cannot be read: {error.strerror}. Move it away; --force writes over it where that can be done"
        ) from None


@contextmanager
def guess_pointed(command: str, file: Path) -> Iterator[None]:
    """Where a file has other columns than its profile is for, say by which command one that fits is drafted."""
    from watchbill.flows.intake.layout import OtherColumns

    try:
        yield
    except OtherColumns as error:
        drafts = f"watchbill {command} {quote(str(file))} --guess"
        error.args = (f"{error.message} This profile is for other files; one for this file is drafted by: {drafts}",)
        raise


def guessed_of(
    file: Path, answers: tuple[str, ...], *, sheet: str = "", may_ask: bool = True, needs: Collection[str] = ()
) -> Guess:
    """Guess with the answers given as KEY=VALUE; at a terminal, if it may, ask until nothing is open. *needs*: roles that may not be left out."""
    from watchbill.flows.intake.guessing import file_survey, file_understood, guess_again
    from watchbill.interfaces.cli.imports import Progress

    found, told = file_understood(file, dict(map(_answer, answers)), sheet=sheet, needs=needs, tell=Progress())
    guessed = guess_again(found, told, needs=needs)
    if may_ask and guessed.questions and is_terminal():
        for line in _lines(guessed):
            click.echo(line)
    while may_ask and guessed.questions and is_terminal():
        question = guessed.questions[0]
        guessed = _asked(found, question, told, needs)
        if question.key == "reference":
            found = file_survey(file, told, sheet=sheet, tell=Progress())
            guessed = guess_again(found, told, needs=needs)
    return guessed


def is_terminal() -> bool:
    """Whether somebody sits there who can answer."""
    return sys.stdin.isatty()


def _answer(text: str) -> tuple[str, str]:
    from watchbill.engine.base.errors import InvalidFacts

    key, is_there, value = text.rpartition("=") if text.startswith(("state.", "priority.")) else text.partition("=")
    if not is_there:
        raise InvalidFacts(f"--answer takes KEY=VALUE, got “{text}”", field="answer")
    return key.strip(), value.strip()


def _asked(found: FileSurvey, question: Question, told: dict[str, str], needs: Collection[str]) -> Guess:
    """Ask one question until its answer makes sense; keep the answer in *told* and return the guess with it.

    Raises InvalidFacts, the last refusal, when every choice was refused: then no answer helps.
    """
    from watchbill.engine.base.errors import InvalidFacts
    from watchbill.flows.intake.guessing import guess_again

    for line in ("", *_question_lines(question)):
        click.echo(line)
    values = [choice.value for choice in question.choices]
    text = "Number or value" if values else "Answer"
    refused: set[str] = set()
    while True:
        if question.may_be_none:
            said = str(click.prompt(f"{text} (Enter: none)", type=str, default="none", show_default=False)).strip()
        else:
            said = str(click.prompt(text, type=str)).strip()
        if said not in values and said.isdecimal() and 0 < int(said) <= len(values):
            said = values[int(said) - 1]
        try:
            guessed = guess_again(found, {**told, question.key: said}, needs=needs)
        except InvalidFacts as error:
            refused.add(said)
            if values and refused.issuperset(values):
                raise
            click.echo(error.message)
            continue
        told[question.key] = said
        return guessed


def _lines(guessed: Guess) -> list[str]:
    from watchbill.engine.intake.guessed import NOTHING

    left = [each.column for each in guessed.columns if each.reason.startswith(NOTHING)]
    told = [each for each in guessed.columns if each.column not in left]
    lines = [f"- {note}" for note in guessed.notes]
    lines += ["", *(f"{each.column}: {each.role} ({each.confidence.value}): {each.reason}" for each in told)]
    lines += [f"{NOTHING}: {', '.join(left)}"] if left else []
    lines.append("")
    if guessed.preview:
        heads = list(dict.fromkeys(head for row in guessed.preview for head in row))[:COLUMNS_SHOWN]
        lines += [
            "The first rows:",
            *table(heads, [[row.get(head, "") for head in heads] for row in guessed.preview]),
            "",
        ]
    return lines


def _question_lines(question: Question) -> list[str]:
    lines = [f"{question.key}: {question.text}", *(f"    {row}" for row in question.rows)]
    return lines + [f"  {place}  {c.value}: {c.meaning}" for place, c in enumerate(question.choices, start=1)]


def guessed_lines(guessed: Guess) -> list[str]:
    """All that there is to say of a guess that is not complete."""
    return [*_lines(guessed), *_asked_lines(guessed)]


def _asked_lines(guessed: Guess) -> list[str]:
    lines = [f"{len(guessed.questions)} open, so no profile was written:"]
    for question in guessed.questions:
        lines += ["", *_question_lines(question), f"  --answer {quote(f'{question.key}=...')}"]
    return lines
