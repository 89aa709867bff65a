"""Files that are refused as a whole, because of what their rows show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from watchbill.engine.intake.profile import Profile
from watchbill.engine.intake.rows import Refusal
from watchbill.flows.intake.layout import BrokenFile

DISPROOFS_NAMED = 5
"""Rows named when a file disproves the stated date format; no more than these are waited for."""

Place = tuple[int, str, str, str]
"""Line, column, value, what was expected."""


def dates_disproved(path: Path, profile: Profile, disproofs: Sequence[Refusal], seen: int) -> BrokenFile:
    """Of *seen* rows, *disproofs* can only be read otherwise than the profile says."""
    first = disproofs[0]
    named = "; ".join(f"line {d.line}: {d.column} is {d.value}" for d in disproofs[:DISPROOFS_NAMED])
    more = f" and {len(disproofs) - DISPROOFS_NAMED:,} more" if len(disproofs) > DISPROOFS_NAMED else ""
    return BrokenFile(
        path, f"{len(disproofs):,} of the {seen:,} rows read show that dates are not written as the profile"
        f" “{profile.name}” says: {named}{more}. Nothing was applied, because other rows would be misread without a word.",
        line=first.line, column=first.column, value=first.value, expected=profile.dates.expected,
    )  # fmt: skip


def nothing_accepted(path: Path, first: Place | None, seen: int) -> BrokenFile:
    """None of *seen* rows could be taken; *first* is why the first could not."""
    if first is None:
        return BrokenFile(path, "The file has a header and no rows.", expected="at least one row")
    line, column, value, expected = first
    return BrokenFile(
        path, f"None of its {seen:,} rows could be read. The first:", line=line, column=column, value=value,
        expected=expected,
    )  # fmt: skip
