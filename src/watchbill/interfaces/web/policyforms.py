"""The forms in which the next version of a policy is written: fields filled with the latest one, or with what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.engine.assign.policy import PARAMETERS, Parameter, Policy
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.sent import Sent, message_of, value_of
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Field

RULES_HINT = (
    "After “then”: ask team, skill (at level), language, clearance or tier; only or never these people; prefer team, skill,"
    " language, region or person by points; hold for region. Several names in parentheses: any of them is enough."
)
FORM = "policy"
"""The name of the form, and the prefix of its fields."""


def last_fields(sent: Sent | None, *, holds_from: str = "", has_reason: bool = True) -> list[Field]:
    """Return what every publication asks: from when, and why; the reason of what is replayed first is asked after that."""
    return [
        form_field(
            sent, "holds_from", "Holds from", holds_from, hint="Empty: from now on. Or tomorrow 9:00, or 1 Dec 8:00"
        ),
        *(
            [form_field(sent, "reason", "Why", "", hint="Kept with the version", is_required=True)]
            if has_reason
            else []
        ),
    ]


def form_field(sent: Sent | None, name: str, label: str, default: object, **more: Any) -> Field:
    """Return a field of the form: what was sent, else *default*, with what is wrong about it."""
    return Field(
        name=name, label=label, value=value_of(sent, FORM, name, default), error=message_of(sent, FORM, name), **more
    )


def assign_groups(body: Mapping[str, Any], sent: Sent | None) -> list[model.FieldGroup]:
    """Return the fields of an assignment policy: hard rules, then weights."""
    whole = Policy.from_json(body, is_stored=True).as_json()
    musts = [_yes(sent, one, whole[one.name]) for one in PARAMETERS if isinstance(whole[one.name], bool)]
    weights: list[Field] = []
    for parameter in PARAMETERS:
        value = whole[parameter.name]
        if isinstance(value, Mapping):
            weights += [
                form_field(
                    sent, f"{parameter.name}.{key}", f"{parameter.title}: {key}", bodies.number_words(value[key])
                )
                for key in bodies.table_keys(parameter, value)
            ]
        elif not isinstance(value, bool):
            hint = f"{parameter.minimum:g} to {parameter.maximum:g} {parameter.unit}"
            weights.append(form_field(sent, parameter.name, parameter.title, bodies.number_words(value), hint=hint))
    weights.append(form_field(sent, bodies.NEW_TIER, "A further tier", "", hint="Name and factor, such as gold 1.3"))
    rules = form_field(
        sent, bodies.RULES, "Rules by condition", "\n".join(whole[bodies.RULES]), kind="textarea", rows=6,
        hint="One on each line, such as: when category is network and priority in (P1, P2) then ask skill network at level 3,"
        " prefer region EMEA by 10",
    )  # fmt: skip
    return [
        model.FieldGroup(title="Rules by condition", fields=[rules], hint=RULES_HINT),
        model.FieldGroup(title="Hard rules and moves", fields=musts),
        model.FieldGroup(title="Weights", fields=weights, hint="A tier whose factor is empty is taken away."),
    ]


def _yes(sent: Sent | None, parameter: Parameter, value: object) -> Field:
    return form_field(
        sent, parameter.name, parameter.title, "1" if value else "", kind="checkbox", hint=parameter.sentence
    )
