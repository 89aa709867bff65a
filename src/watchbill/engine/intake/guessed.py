"""What was guessed of an unknown file: the columns and why, what is still asked, and the drafted profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Confidence(StrEnum):
    """How sure a guess is. What is unsure is asked."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


class Grain(StrEnum):
    """What one row of the file is."""

    UPDATE = "update"
    ITEM = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """How the file itself is written; ``why`` says how that was seen; ``file`` is its whole name, ``name`` what stands before the dot."""

    name: str
    encoding: str
    delimiter: str
    sheet: str
    why: str
    file: str = ""

    @property
    def called(self) -> str:
        """What the file is called in messages."""
        return self.file or self.name


NOT_READ = "not read"
NOTHING = "nothing that an import needs is told by its name"
"""Why most columns are not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """What one column of the file is taken for (``role``), and why, in a sentence with its evidence."""

    column: str
    role: str
    confidence: Confidence
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to a question, and what it means."""

    value: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that the file leaves open. ``choices``: all answers, or none when any text may be one; ``rows``: the rows that bear on it;
    ``may_be_none``: whether it can be passed over, which is the choice ``none``.
    """

    key: str
    text: str
    choices: tuple[Choice, ...] = ()
    rows: tuple[str, ...] = ()
    may_be_none: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A profile drafted for one file: ``toml`` is empty as long as there are ``questions``.

    ``columns`` stand in the order of the file; ``notes`` say what was decided about the file as a whole, and why;
    ``preview`` has the first rows as they were understood, each as (what, text).
    """

    name: str
    rows: int
    grain: Grain
    encoding: str
    delimiter: str
    sheet: str
    columns: tuple[ColumnGuess, ...]
    notes: tuple[str, ...]
    questions: tuple[Question, ...]
    preview: tuple[Mapping[str, str], ...]
    toml: str

    @property
    def is_complete(self) -> bool:
        """Whether nothing is asked any more."""
        return not self.questions
