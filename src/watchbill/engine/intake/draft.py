"""A drafted profile as the TOML that it is kept as, each part with the reason for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from watchbill.engine.base.work import Kind, State
from watchbill.engine.clocks.facts import ClockKind
from watchbill.engine.clocks.policy import DEFAULT_TARGETS_MIN
from watchbill.engine.intake.promise import duration_of

PROMISE = (
    "",
    "# What this desk promises, for a backtest to judge by: the time to resolve of each priority, and the hours of Monday to",
    '# Friday in which it runs ("24x7": day and night). No file tells it. As long as it stands here as a comment, a backtest',
    "# assumes these very targets, which are nobody's.",
    "# [promise]",
    *(f'# {p.name} = "{duration_of(minutes)}"' for p, minutes in DEFAULT_TARGETS_MIN[ClockKind.RESOLUTION].items()),
    '# hours = "08:00-18:00"',
)


@dataclass(slots=True)
class Draft:
    """What is known of a profile while it is put together; empty texts and None say "not there"."""

    name: str
    title: str
    kind: Kind
    delimiter: str
    encoding: str
    sheet: str
    missing: Sequence[str]
    multiline: Sequence[str]
    zone: str = ""
    dates: str = ""
    reference: str = ""
    at: str = ""
    opened_at: str = ""
    key: Sequence[str] = ()
    item_title: str = ""
    moments: dict[State, str] = field(default_factory=dict)
    state_columns: Sequence[str] = ()
    states: Mapping[str, State] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    fields: dict[str, Sequence[str]] = field(default_factory=dict)
    nobody: Mapping[str, Sequence[str]] = field(default_factory=dict)
    actor: Sequence[str] = ()
    robots: Sequence[str] = ()
    levels: dict[str, tuple[str, Mapping[str, int], int | None]] = field(default_factory=dict)
    attributes: dict[str, tuple[str, bool]] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    def toml(self) -> str:
        """The profile as text; `Profile.from_toml` reads it."""
        lines = ["# Drafted by watchbill import --guess. Every key is explained in docs/reference/profiles.md.", ""]
        lines += [f"{key} = {_text(value)}" for key, value in (("name", self.name), ("title", self.title))]
        lines += [f"kind = {_text(self.kind.value)}", f"source = {_text(self.name)}"]
        lines += [f"delimiter = {_text(self.delimiter)}", f"encoding = {_text(self.encoding)}"]
        lines += [f"sheet = {_text(self.sheet)}"] if self.sheet else []
        lines += [f"missing = {_list(self.missing)}", self._said("zone", f"zone = {_text(self.zone)}")]
        lines += [self._said("dates", f"dates = {_text(self.dates)}")]
        lines += [f"multiline = {_list(self.multiline)}"] if self.multiline else []
        lines += ["", "[item]", self._said("reference", f"reference = {_text(self.reference)}")]
        lines += [self._said("at", f"at = {_text(self.at)}")] if self.at else []
        lines += [self._said("opened_at", f"opened_at = {_text(self.opened_at)}")] if self.opened_at else []
        lines += [f"key = {_list(self.key)}"] if self.key else []
        lines += [f"title = {_text(self.item_title)}"]
        if self.moments:
            lines += ["", "[moments]", *(f"{state.value} = {_text(column)}" for state, column in self.moments.items())]
        lines += [*self._state_lines(), *self._field_lines(), *self._level_lines()]
        if self.attributes:
            lines += ["", "[attributes]"]
            for name, (column, is_late) in self.attributes.items():
                late = f'{{ column = {_text(column)}, states = ["resolved", "closed"] }}'
                lines.append(f"{name} = {late if is_late else _text(column)}")
        return "\n".join([*lines, *PROMISE]) + "\n"

    def _state_lines(self) -> list[str]:
        if not self.state_columns:
            return []
        lines = ["", "[state]", f"columns = {_list(self.state_columns)}"]
        lines += [f"unknown = {_list(self.unknown)}"] if self.unknown else []
        return [
            *lines,
            "",
            "[state.map]",
            *(f"{_text(word)} = {_text(state.value)}" for word, state in self.states.items()),
        ]

    def _field_lines(self) -> list[str]:
        lines = ["", "[fields]"] if self.fields else []
        for name, columns in self.fields.items():
            lines.append(self._said(name, f"{name} = {self._name(columns, self.nobody.get(columns[0], ()))}"))
        if "queue" in self.fields:
            lines.append('queue_absent = "No team"')
        if self.actor:
            lines += ["", "[actor]", f"columns = {_list(self.actor)}"]
            missing = self.nobody.get(self.actor[0], ())
            lines += [f"missing = {_list(missing)}"] if missing else []
            lines += ['absent = "not told"'] if len(self.actor) > 1 else []
            lines += [f"robots = {_list(self.robots)}"] if self.robots else []
        return lines

    def _name(self, columns: Sequence[str], missing: Sequence[str]) -> str:
        if len(columns) == 1 and not missing:
            return _text(columns[0])
        parts = [f"columns = {_list(columns)}"]
        parts += [f"missing = {_list(missing)}"] if missing else []
        parts += ['absent = "not told"'] if len(columns) > 1 else []
        return "{ " + ", ".join(parts) + " }"

    def _level_lines(self) -> list[str]:
        lines: list[str] = []
        for name in ("priority", "impact", "urgency"):
            if name in self.levels:
                column, values, otherwise = self.levels[name]
                lines += ["", f"[levels.{name}]"]
                lines += [f"columns = {_list([column])}"] if column else []
                told = ", ".join(f"{_text(value)} = {rank}" for value, rank in values.items())
                lines += [f"values = {{ {told} }}"] if values else []
                lines += [self._said(f"{name}.otherwise", f"otherwise = {otherwise}")] if otherwise else []
        return lines

    def _said(self, key: str, line: str) -> str:
        """The line with the reason for it behind, if there is one."""
        comment = " ".join(self.comments.get(key, "").split())
        return f"{line}  # {comment}" if comment and comment.isprintable() else line


def _text(value: str) -> str:
    """A text as TOML writes it: as JSON does, but for one character that JSON leaves as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
