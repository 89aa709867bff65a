"""The rows of a what-if as a form has them: one change each, chosen from a list, with the fields that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchbill.engine.backtest.twin.changes import PARTS, Known, Names, require_read, text_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import slips_of
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
EMPTY = {
    "factor": "Say how many times as many cases come in, such as 1.2",
    "more": "Say how many more cases come in, such as 40",
    "at": "Choose the day and the time at which the surge begins",
    "people": "Say how many people more, such as 2, or fewer, such as -1",
    "minutes": "Say by how many minutes: 60 is an hour later, -60 an hour earlier",
    "day": "Choose a day",
    "person": "Choose who learns the work",
    "team": "Choose a team",
    **{p.name.lower(): f"Say in how many hours a {p.name} is to be resolved" for p in Priority},
}
"""What is said of a field that is empty, though it may not be."""


def changes_of(data: Mapping[str, str], known: Known) -> tuple[list[str], list[InvalidFacts]]:
    """Return the changes that a form says, as they are kept, and all that is wrong with it, each by the name of its field.

    A row without a kind says nothing.
    """
    texts, wrong = list[str](), list[InvalidFacts]()
    for row in range(ROWS):
        kind = data.get(f"kind-{row}", "")
        if kind not in KINDS:
            continue
        said = {part: _spelt(data.get(f"{end}-{row}", ""), part, known) for part, end in _ends(kind)}
        slips = _wrong(kind, said, known)
        wrong += [InvalidFacts(slips[part], field=f"{end}-{row}") for part, end in _ends(kind) if part in slips]
        texts += [] if slips else [text_of(kind, said)]
    return texts, wrong


def _spelt(sent: str, part: str, known: Known) -> str:
    """What a field says without what a browser makes of spaces; of a name, as the history spells it."""
    value = _squeezed(sent)
    names = {"team": known.teams, "person": known.people}.get(part, ())
    return next((name for name in names if _squeezed(name) == value), value)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _ends(kind: str) -> Sequence[tuple[str, str]]:
    """The parts of a kind of change, each with the end of the name of its field: that of a team is the kind itself."""
    return [(part, kind if part == "team" else part) for part in PARTS[kind]]


def _wrong(kind: str, said: Mapping[str, str], known: Known) -> dict[str, str]:
    """What is wrong with each part."""
    may_lack = {end for end, _, sort in FIELDS[kind] if sort == "any"}
    found = {part: EMPTY[part] for part, end in _ends(kind) if not said[part] and end not in may_lack}
    try:
        require_read(kind, said, known)
    except InvalidFacts as error:
        for slip in slips_of(error):
            found.setdefault(str(slip.details["part"]), slip.message)
    return found


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
    options = [Option(value=team, label=team, is_chosen=_squeezed(team) == _squeezed(value)) for team in names.teams]
    if sort == "any":
        options = [Option(value="", label="Everybody", is_chosen=not value), *options]
    return model.ChangeField(
        name=name,
        label=label,
        sort="select" if sort in ("team", "any") else sort,
        value=value,
        options=options if sort in ("team", "any") else [],
        error=message_of(sent, form, name),
    )
