"""The rows of a what-if as a form has them: one change each, chosen from a list, with the fields that it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from watchbill.engine.backtest.twin.changes import Names
from watchbill.engine.base.work import Priority
from watchbill.interfaces.web.sent import Sent, message_of, value_of
from watchbill.interfaces.web.viewmodels import whatif as model
from watchbill.interfaces.web.viewmodels.parts import Option

ROWS = 6
KINDS = {
    "arrivals": "More or fewer cases come in",
    "surge": "A surge within two hours",
    "staff": "More or fewer people in a team",
    "shift": "A team works earlier or later",
    "closed": "A day off",
    "train": "Somebody learns a team's work",
    "targets": "Other targets to resolve",
}
FIELDS: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "arrivals": (("factor", "Times as many, such as 1.2", "number"),),
    "surge": (("more", "How many more cases", "number"), ("at", "From", "datetime-local")),
    "staff": (("staff", "Team", "team"), ("people", "People, such as 2 or -1", "number")),
    "shift": (("shift", "Team", "team"), ("minutes", "Minutes later; earlier is below 0", "number")),
    "closed": (("closed", "Team", "any"), ("day", "Day", "date")),
    "train": (("person", "Person", "person"), ("train", "Team", "team")),
    "targets": tuple((p.name.lower(), f"{p.name}, hours", "number") for p in Priority),
}
"""What each kind of change asks: the end of the field's name, its label, and what it is filled by."""
WRONG = {"arrivals": "factor", "surge": "more", "staff": "people", "shift": "minutes", "closed": "day", "train": "person", "targets": "p1"}  # fmt: skip
"""The field at which it stands what is wrong with a change."""


def texts_of(data: Mapping[str, str]) -> tuple[list[str], list[int]]:
    """Return the changes that a form says, as the command takes them too, and the row of each; a row without a kind says nothing."""
    texts, rows = [], []
    for row in range(ROWS):
        kind = data.get(f"kind-{row}", "")
        if kind not in KINDS:
            continue
        said = {end: " ".join(data.get(f"{end}-{row}", "").split()) for end, _, _ in FIELDS[kind]}
        texts.append(f"{kind}={_value(kind, said)}")
        rows.append(row)
    return texts, rows


def _value(kind: str, said: Mapping[str, str]) -> str:
    if kind == "surge":
        return f"{said['more']}@{said['at']}"
    if kind == "staff":
        return said["staff"] + _signed(said["people"])
    if kind == "shift":
        return f"{said['shift']}{_signed(said['minutes'])}min"
    if kind == "closed":
        return f"{said['closed']}@{said['day']}" if said["closed"] else said["day"]
    if kind == "train":
        return f"{said['person']}@{said['train']}"
    return "/".join(said.values())


def _signed(number: str) -> str:
    return number if number.startswith(("+", "-")) else f"+{number}"


def field_of(data: Mapping[str, str]) -> Mapping[str, str]:
    """Return at which field of the form it stands what is wrong with each change."""
    _, rows = texts_of(data)
    return {f"what_if[{place}]": f"{_wrong(data, row)}-{row}" for place, row in enumerate(rows)}


def _wrong(data: Mapping[str, str], row: int) -> str:
    """The first field of a row that is empty, though it may not be; else the one that is wrong as a rule."""
    kind = data[f"kind-{row}"]
    for end, _, sort in FIELDS[kind]:
        if sort != "any" and not data.get(f"{end}-{row}", "").strip():
            return end
    return WRONG[kind]


def rows_of(sent: Sent | None, form: str, names: Names) -> list[model.ChangeRow]:
    """Return the rows of the form: as they were sent, or empty."""
    return [_row(sent, form, row, names) for row in range(ROWS)]


def _row(sent: Sent | None, form: str, row: int, names: Names) -> model.ChangeRow:
    chosen = value_of(sent, form, f"kind-{row}")
    return model.ChangeRow(
        number=row,
        kinds=[Option(value=kind, label=label, is_chosen=kind == chosen) for kind, label in KINDS.items()],
        parts=[
            model.ChangePart(kind=kind, fields=[_field(sent, form, end, label, sort, row, names) for end, label, sort in fields])
            for kind, fields in FIELDS.items()
        ],
    )  # fmt: skip


def _field(sent: Sent | None, form: str, end: str, label: str, sort: str, row: int, names: Names) -> model.ChangeField:
    name = f"{end}-{row}"
    value = value_of(sent, form, name)
    options = [Option(value=team, label=team, is_chosen=" ".join(team.split()) == value) for team in names.teams]
    if sort == "any":
        options = [Option(value="", label="Everybody", is_chosen=not value), *options]
    return model.ChangeField(
        name=name,
        label=label,
        sort="select" if sort in ("team", "any") else sort,
        value=value,
        options=options if sort in ("team", "any") else [],
        error=re.sub(r"^[“].*?” is no what-if; ", "", message_of(sent, form, name)),
    )
