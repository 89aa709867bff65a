"""The first rows of a file, as a drafted profile understands them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

from watchbill.engine.intake.guessed import NOT_READ, ColumnGuess
from watchbill.engine.intake.profile import Profile
from watchbill.engine.intake.rows import Refusal, RowReader
from watchbill.engine.intake.survey import Survey

SHOWN_ROWS = 5


def as_it_stands(survey: Survey, columns: Sequence[ColumnGuess]) -> list[dict[str, str]]:
    """The first rows by role and column, as long as something is asked."""
    read = [(place, each) for place, each in enumerate(columns) if each.role != NOT_READ]
    return [
        {"line": str(line)} | {f"{each.role} ({each.column})": row[place] for place, each in read}
        for line, row in survey.head[:SHOWN_ROWS]
    ]


def understood(survey: Survey, toml: str) -> list[dict[str, str]]:
    """The first rows as the profile reads them, one for each event."""
    reader = RowReader(Profile.from_toml(tomllib.loads(toml)), [column.name for column in survey.columns])
    shown: list[dict[str, str]] = []
    for line, row in survey.head[:SHOWN_ROWS]:
        for read in reader.read_many([line], [row]):
            if isinstance(read, Refusal):
                why = f"{read.column} is {read.value}; expected {read.expected}"
                shown.append({"line": str(line), "rejected": why})
            else:
                shown.append({
                    "line": read.line, "item": read.item, "at": read.true_at, "state": read.state or "as before",
                    "priority": f"P{read.priority}", "owner": read.owner or "", "queue": read.queue or "", "title": read.title,
                })  # fmt: skip
    return shown
