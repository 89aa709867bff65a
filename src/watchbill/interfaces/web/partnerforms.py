"""The forms of partners: a new one, changes of one, and its retirement; and what a form says of one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from watchbill.apps.people.partnerfacts import MOST, checked, price_of
from watchbill.apps.people.partners import PartnerRow
from watchbill.engine.base.slips import Slips
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.forms import lines_of, required_number, text_of
from watchbill.interfaces.web.sent import Sent, message_of, value_of
from watchbill.interfaces.web.viewmodels.parts import Field, Option
from watchbill.interfaces.web.viewmodels.people import Form

NEW = "new"
TAKES = {1: "P1 and everything less urgent", 2: "P2, P3 and P4", 3: "P3 and P4", 4: "P4 alone"}
"""What may be passed to a partner, by the most urgent priority of it."""
LABELS = {
    "name": "Name",
    "least_priority": "What may be passed to it",
    "categories": "Categories",
    "at_once": "Items it works on at once",
    "most": "Open items at most",
    "lead_min": "Minutes until it begins",
    "price": "Price of one item",
    "currency": "Currency",
    "email": "Mail address",
    "note": "Note",
}

IN_PLACE = {"least_priority": 1, "at_once": 1, "most": MOST, "lead_min": 0, "price": Decimal()}
"""What stands for a field that cannot be read while the others are checked."""


def edit_name(partner_id: int) -> str:
    """Return the name of the form that changes a partner."""
    return f"edit-{partner_id}"


def activity_name(partner_id: int) -> str:
    """Return the name of the form that retires a partner, or takes it into use again."""
    return f"activity-{partner_id}"


def partner_sent(data: QueryDict) -> dict[str, Any]:
    """Return what a form says of a partner. Raises InvalidFacts of all that cannot be read, each with its field."""
    slips = Slips()
    numbers = {
        name: slips.of(required_number, data, name, LABELS[name])
        for name in ("least_priority", "at_once", "most", "lead_min")
    }
    price = slips.of(price_of, text_of(data, "price"))
    texts = {name: text_of(data, name) for name in ("name", "email", "currency", "note")}
    said = {**texts, **numbers, "categories": lines_of(data, "categories"), "price": price}
    if slips.found:  # what is wrong with the rest is told with it
        wrong = {str(one.details["field"]) for one in slips.found}
        slips.of(checked, said | {name: value for name, value in IN_PLACE.items() if name in wrong})
    order = list(LABELS)
    slips.found.sort(key=lambda one: order.index(str(one.details["field"])))
    slips.end()
    return said


def new_form(visit: Visit, sent: Sent | None, *, is_first: bool) -> Form:
    """Return the form of a new partner; it stands open where there is none yet."""
    return Form(
        name=NEW, title="Name a partner", action_href=visit.href("partner-new"), submit="Name it",
        fields=_fields(sent, NEW, None), is_open=is_first or (sent is not None and sent.form == NEW),
    )  # fmt: skip


def edit_form(visit: Visit, row: PartnerRow, sent: Sent | None) -> Form:
    """Return the form that changes what is said of a partner."""
    form = edit_name(row.id)
    return Form(
        name=form, title=f"Change {row.name}", action_href=visit.href("partner-edit", row.id), submit="Keep",
        fields=_fields(sent, form, row), hidden=[("version", str(row.version))],
        is_open=sent is not None and sent.form == form,
    )  # fmt: skip


def activity_form(visit: Visit, row: PartnerRow, sent: Sent | None) -> Form:
    """Return the form that retires a partner, or takes it into use again."""
    form = activity_name(row.id)
    why = Field(
        name="reason", label="Why", value=value_of(sent, form, "reason"), is_required=True,
        error=message_of(sent, form, "reason"), hint="Kept in the audit trail",
    )  # fmt: skip
    return Form(
        name=form,
        title=f"Retire {row.name}" if row.is_active else f"Use {row.name} again",
        action_href=visit.href("partner-activity", row.id),
        submit="Retire it" if row.is_active else "Use it again",
        hint="Nothing more is passed to it. What was passed to it keeps its name." if row.is_active else "",
        fields=[why],
        hidden=[("version", str(row.version)), ("is_active", "0" if row.is_active else "1")],
        is_open=sent is not None and sent.form == form,
    )


def _fields(sent: Sent | None, form: str, row: PartnerRow | None) -> list[Field]:
    """Return the fields of a partner, as they were sent or as it stands; of a new one the numbers are empty, for nobody knows them."""
    held = {
        "name": row.name if row else "", "categories": "\n".join(row.categories) if row else "",
        "at_once": row.at_once if row else "", "most": row.most if row else "",
        "lead_min": row.lead_min if row else "", "price": "" if row is None or row.price is None else row.price,
        "currency": row.currency if row else "", "email": row.email if row else "", "note": row.note if row else "",
    }  # fmt: skip
    chosen = value_of(sent, form, "least_priority", row.least_priority if row else 2)
    takes = [Option(value=str(key), label=text, is_chosen=str(key) == chosen) for key, text in TAKES.items()]
    shape = {
        "name": Field(name="name", label="", is_required=True, autocomplete="off"),
        "least_priority": Field(name="least_priority", label="", kind="select", options=takes),
        "categories": Field(
            name="categories", label="", kind="textarea", rows=3, hint="One a line, as cases have them; none: all"
        ),
        "at_once": Field(name="at_once", label="", kind="number", is_required=True),
        "most": Field(name="most", label="", kind="number", is_required=True, hint="Of ours, at the same time"),
        "lead_min": Field(
            name="lead_min", label="", kind="number", is_required=True, hint="From being asked; 240 is four hours"
        ),
        "price": Field(name="price", label="", hint="Such as 85.50; empty: not known"),
        "currency": Field(name="currency", label="", hint="Three letters, such as EUR", autocomplete="off"),
        "email": Field(name="email", label="", hint="Where it is asked", autocomplete="off"),
        "note": Field(name="note", label="", kind="textarea", rows=3, hint="A contract, or whom to ask for"),
    }
    return [
        replace(
            shape[name], label=label, value=value_of(sent, form, name, held.get(name, "")),
            error=message_of(sent, form, name),
        )
        for name, label in LABELS.items()
    ]  # fmt: skip
