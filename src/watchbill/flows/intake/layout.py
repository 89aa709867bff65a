"""How a file of history is laid out, what its header must have, and the error for one that is not so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.intake.profile import Profile
from watchbill.engine.intake.rows import shown

DELIMITERS = (",", ";", "\t", "|")


class BrokenFile(InvalidFacts):
    """The file cannot be read as the profile says; nothing of it was applied."""

    code = "broken_file"

    def __init__(
        self,
        path: Path,
        what: str,
        *,
        sheet: str = "",
        line: int = 0,
        column: str = "",
        value: str = "",
        expected: str = "",
    ) -> None:
        name = path.name or str(path)
        place = f"{name}, sheet “{sheet}”" if sheet else name
        place += f", {'row' if sheet else 'line'} {line}" if line else ""
        place += f", column “{column}”" if column else ""
        message = f"{place}: {what}" + (f" Expected: {expected}." if expected else "")
        super().__init__(
            message,
            file=name,
            sheet=sheet,
            line=line or None,
            column=column,
            value=shown(value),
            expected=expected,
        )


class OtherColumns(BrokenFile):
    """The header is not the one that the profile is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What must be known of a file to split it into values. ``multiline`` None: any value may hold line breaks.

    ``columns`` must be in the header, each once; ``name`` is that of the profile which wants them.
    """

    delimiter: str
    encoding: str
    sheet: str = ""
    multiline: frozenset[str] | None = None
    columns: tuple[str, ...] = ()
    name: str = ""

    @classmethod
    def of(cls, profile: Profile) -> Layout:
        return cls(
            delimiter=profile.delimiter, encoding=profile.encoding, sheet=profile.sheet, multiline=profile.multiline,
            columns=profile.columns, name=profile.name,
        )  # fmt: skip


def header_checked(path: Path, layout: Layout, names: list[str], *, sheet: str = "", line: int = 1) -> list[str]:
    """Return the names of the columns, those that come more than once numbered; raise OtherColumns when one is lacking.

    Three columns called Labels are Labels (1), Labels (2) and Labels (3): which of them is meant, a profile must say.
    """
    wanted, told = layout.columns, layout.delimiter
    value = (", " if sheet else told).join(names)
    others = [other for other in DELIMITERS if other != told and value.count(other) >= max(1, len(wanted) // 2)]
    if len(names) < len(wanted) and others and not sheet:
        raise OtherColumns(
            path, f"The header splits into {len(names)} column(s) at {told!r}; it looks as if {others[0]!r}"
            " stands between the values.", line=line, value=value, expected=f"columns separated by {told!r}",
        )  # fmt: skip
    counts, seen, header = Counter(names), Counter[str](), []
    for name in names:
        seen[name] += 1
        header.append(f"{name} ({seen[name]})" if counts[name] > 1 else name)
    twice = sorted(name for name in counts if counts[name] > 1 and name in wanted)
    if twice:
        raise BrokenFile(
            path, f"The header names {', '.join(twice)} more than once.", sheet=sheet, line=line, column=twice[0],
            value=value, expected=f"each column once, or in the profile “{twice[0]} (1)” for the first of them",
        )  # fmt: skip
    lacking = [name for name in wanted if name not in header]
    if lacking:
        raise OtherColumns(
            path, f"The header lacks {', '.join(lacking)}.", sheet=sheet, line=line, column=lacking[0], value=value,
            expected=f"the columns of the profile “{layout.name}”: {', '.join(wanted)}",
        )  # fmt: skip
    return header
