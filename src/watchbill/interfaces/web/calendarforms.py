"""The form in which the next version of a calendar is written: hours of its own, or which others it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.apps.clocks.queries import rulebook
from watchbill.engine.base.calendar import WEEKDAYS
from watchbill.engine.base.combined import Combination, is_combination
from watchbill.interfaces.web import calendarbodies as bodies
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.charts import DAYS
from watchbill.interfaces.web.policyforms import FORM, form_field
from watchbill.interfaces.web.sent import Sent, message_of, value_of, values_of
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Field, Option
from watchbill.interfaces.web.viewmodels.people import Form

HOLIDAYS = "holidays"
"""The name of the form that adds a country's holidays, and the prefix of its fields."""


def others_offered(visit: Visit, name: str) -> list[str]:
    """Return the calendars of the desk of which *name* may be made."""
    book = rulebook(visit.desk.id)
    return sorted({version.name for version in book.calendars} - book.retired.keys() - {name})


def calendar_groups(body: Mapping[str, Any], sent: Sent | None, *, others: Sequence[str]) -> list[model.FieldGroup]:
    """Return the fields of a calendar. Those of the way that is not chosen are hidden by the style sheet."""
    is_made = is_combination(body)
    own = {} if is_made else body
    weekly = own.get("weekly", {})
    days = [
        form_field(sent, name, label, ", ".join(weekly.get(name, ())))
        for name, label in zip(WEEKDAYS, DAYS, strict=True)
    ]
    made = [] if len(others) < 2 and not is_made else _made_groups(body, sent, others)
    return [
        *made,
        model.FieldGroup(
            title="Week", fields=[form_field(sent, "zone", "Time zone", own.get("zone", "")), *days], look="of-own",
            hint="09:00-12:00, 13:00-17:30; a night is 22:00-06:00; empty: closed",
        ),
        model.FieldGroup(
            title="Dates of their own", look="of-own",
            fields=[
                form_field(sent, "closed_on", "Closed on", "\n".join(own.get("closed_on", ())), kind="textarea", rows=5,
                           hint="One date a line: 2026-12-25"),
                form_field(sent, "special_on", "Other hours on", bodies.special_text(own.get("special_on", {})),
                           kind="textarea", rows=5, hint="2026-12-24: 09:00-12:00"),
                form_field(sent, "holidays", "Holidays that these list", bodies.holidays_text(own.get("holidays", ())),
                           kind="textarea", rows=2, hint="Country and last year: BR-SP 2028. Half a year before its end, a word to add more"),
            ],
        ),
    ]  # fmt: skip


def _made_groups(body: Mapping[str, Any], sent: Sent | None, others: Sequence[str]) -> list[model.FieldGroup]:
    made = Combination.from_json(body) if is_combination(body) else None
    way = value_of(sent, FORM, "made", made.way.value if made else bodies.OWN)
    names = values_of(sent, FORM, "parts", sorted(made.names) if made else [])
    ways = [Option(value=value, label=label, is_chosen=value == way) for value, label in bodies.WAYS.items()]
    parts = Field(
        name="parts", label="Calendars", kind="choices", error=message_of(sent, FORM, "parts"),
        hint="At least two. Their holidays and changes of hours count here, too",
        options=[Option(value=name, label=name, is_chosen=name in names) for name in others],
    )  # fmt: skip
    return [
        model.FieldGroup(
            title="How", fields=[form_field(sent, "made", "Its hours", way, kind="select", options=ways)],
            hint="A union is open while one of the others is, an intersection while all of them are.",
        ),
        model.FieldGroup(title="Made of", fields=[parts], look="of-others"),
    ]  # fmt: skip


def holidays_form(visit: Visit, href: str, seen: int, sent: Sent | None) -> Form:
    """Return the form that closes a calendar on the public holidays of a country."""

    def field(name: str, label: str, hint: str = "", *, is_required: bool = False) -> Field:
        return Field(
            name=name, label=label, value=value_of(sent, HOLIDAYS, name), error=message_of(sent, HOLIDAYS, name),
            hint=hint, is_required=is_required,
        )  # fmt: skip

    return Form(
        name=HOLIDAYS,
        title="Add public holidays",
        action_href=href,
        submit="Publish with the holidays",
        fields=[
            field("country", "Country", "Its code, such as BR", is_required=True),
            field("subdivision", "State or province", "Its code, such as SP; empty: none"),
            field("years", "Years", f"Such as 2026 2027; empty: from {visit.now.year} on, three years"),
            field("reason", "Why", "Kept with the version", is_required=True),
        ],
        hidden=(("seen", str(seen)),),
        is_open=sent is not None and sent.form == HOLIDAYS,
        hint="Makes the next version of this calendar.",
    )
