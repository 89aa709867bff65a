"""What a person may take, on her page: as facts, and the form that sets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from watchbill.apps.people.abilities import Limits, class_limit_read
from watchbill.apps.people.queries import PersonRow
from watchbill.engine.base.work import TIERS
from watchbill.interfaces.web.forms import lines_of, number_of
from watchbill.interfaces.web.sent import Sent, message_of, value_of, values_of
from watchbill.interfaces.web.viewmodels.parts import Field, Option

LIMITS = "limits"
"""The form's name on the page."""


def limit_facts(found: PersonRow) -> list[tuple[str, str, str]]:
    """Return what is out of the ordinary in what a person may take, and who stands in for her."""
    facts = [
        ("Clearances", ", ".join(found.clearances)),
        ("Serves only", ", ".join(tier.capitalize() for tier in found.tiers)),
        ("At most", ", ".join(f"{most} of {name}" for name, most in found.class_limits.items())),
        ("Stands in", found.deputy),
    ]
    return [(label, value, "") for label, value in facts if value]


def limit_fields(found: PersonRow, others: Sequence[Mapping[str, Any]], sent: Sent | None) -> Sequence[Field]:
    """Return the fields of what a person may take; any of the *others* may stand in."""
    limits = [f"{name} = {most}" for name, most in found.class_limits.items()]
    tiers = values_of(sent, LIMITS, "tiers", list(found.tiers))
    deputy = value_of(sent, LIMITS, "deputy", found.deputy_id)
    return [
        _lines(sent, "clearances", "Clearances", found.clearances, "One a line; work that asks for another is not hers"),
        Field(name="tiers", label="Serves only", kind="choices", hint="None chosen: every tier",
              error=message_of(sent, LIMITS, "tiers"),
              options=[Option(value=tier, label=tier.capitalize(), is_chosen=tier in tiers) for tier in TIERS]),
        _lines(sent, "class_limits", "Open items of a class at most", limits,
               "One a line: kind:change = 2, or category:Network = 4"),
        Field(name="deputy", label="Stands in while she is absent", kind="select",
              error=message_of(sent, LIMITS, "deputy"),
              options=[Option(value="", label="nobody"), *(
                  Option(value=str(one["id"]), label=one["name"], is_chosen=str(one["id"]) == deputy)
                  for one in others
              )]),
        Field(name="reason", label="Why", value=value_of(sent, LIMITS, "reason"), hint="Kept in the audit trail"),
    ]  # fmt: skip


def _lines(sent: Sent | None, name: str, label: str, value: Sequence[str], hint: str) -> Field:
    return Field(
        name=name, label=label, kind="textarea", rows=2, value=value_of(sent, LIMITS, name, "\n".join(value)), hint=hint,
        error=message_of(sent, LIMITS, name),
    )  # fmt: skip


def limits_sent(data: QueryDict) -> Limits:
    """Return what the form says. Raises InvalidFacts naming the field."""
    return Limits(
        clearances=lines_of(data, "clearances"), tiers=data.getlist("tiers"),
        class_limits=dict(map(class_limit_read, lines_of(data, "class_limits"))),
        deputy_id=number_of(data, "deputy", "The deputy"),
    )  # fmt: skip
