"""The forms in which the next version of a policy is written: fields filled with the latest one, or with what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.engine.assign.policy import PARAMETERS, Parameter, Policy
from watchbill.engine.base.work import State
from watchbill.engine.clocks import ClockPolicy
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web import words
from watchbill.interfaces.web.sent import Sent, message_of, value_of, values_of
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Field, Option

FORM = "policy"
"""The name of the form, and the prefix of its fields."""


def last_fields(sent: Sent | None, *, has_reason: bool = True) -> list[Field]:
    """Return what every publication asks: from when, and why; the reason of what is replayed first is asked after that."""
    return [
        form_field(sent, "holds_from", "Holds from", "", hint="Empty: from now on. Or tomorrow 9:00, or 1 Dec 8:00"),
        *([form_field(sent, "reason", "Why", "", hint="Kept with the version", is_required=True)] if has_reason else []),
    ]


def form_field(sent: Sent | None, name: str, label: str, default: object, **more: Any) -> Field:
    """Return a field of the form: what was sent, else *default*, with what is wrong about it."""
    return Field(
        name=name, label=label, value=value_of(sent, FORM, name, default), error=message_of(sent, FORM, name), **more
    )


def assign_groups(body: Mapping[str, Any], sent: Sent | None) -> list[model.FieldGroup]:
    """Return the fields of an assignment policy: hard rules, then weights."""
    whole = Policy.from_json(body).as_json()
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
    return [
        model.FieldGroup(title="Hard rules and moves", fields=musts),
        model.FieldGroup(title="Weights", fields=weights, hint="A tier whose factor is empty is taken away."),
    ]


def _yes(sent: Sent | None, parameter: Parameter, value: object) -> Field:
    return form_field(
        sent, parameter.name, parameter.title, "1" if value else "", kind="checkbox", hint=parameter.sentence
    )


def clock_groups(body: Mapping[str, Any], sent: Sent | None, *, calendars: Sequence[str]) -> list[model.FieldGroup]:
    """Return the fields of a clock policy: a group for each clock, and an empty one for a further clock."""
    whole: list[Mapping[str, Any]] = ClockPolicy.from_json(body).as_json()["clocks"]  # type: ignore[assignment]
    groups = [_clock_group(sent, f"clock.{number}", clock, calendars) for number, clock in enumerate(whole)]
    new: Mapping[str, Any] = {"kind": "", "calendar": "", "targets_min": {}, "warn_ratios": [0.75]}
    return [*groups, _clock_group(sent, f"clock.{len(whole)}", new, calendars)]


def _clock_group(sent: Sent | None, head: str, clock: Mapping[str, Any], calendars: Sequence[str]) -> model.FieldGroup:
    def choice(name: str, label: str, options: Mapping[str, str], present: str) -> Field:
        chosen = value_of(sent, FORM, f"{head}.{name}", present)
        shown = [Option(value=value, label=said, is_chosen=value == chosen) for value, said in options.items()]
        return form_field(sent, f"{head}.{name}", label, present, kind="select", options=shown)

    kinds = {"": "No clock", **words.CLOCK}
    known = {name: name for name in calendars}

    def boxes(part: str) -> Field:
        """The states that start, pause or stop the clock by themselves; what else does so is said beside them."""
        name, present = f"{head}.{part}", clock[part]
        ticked = values_of(sent, FORM, name, bodies.states_ticked(present))
        return Field(
            name=name, label=f"{bodies.CONDITION_WORDS[part]} the state is", kind="choices",
            error=message_of(sent, FORM, name),
            options=[Option(value=s.value, label=words.STATE[s], is_chosen=s.value in ticked) for s in State],
        )  # fmt: skip

    is_new = not clock["kind"]
    fields = [
        choice("kind", "Promise", kinds, clock["kind"]),
        choice("calendar", "Calendar", known, clock["calendar"]),
        *(
            form_field(sent, f"{head}.{rank}", f"Target {rank}", _target(clock, rank), hint="Empty: no such clock")
            for rank in bodies.RANKS
        ),
        form_field(
            sent, f"{head}.warn", "Warn after, % of the target", bodies.number_words(clock["warn_ratios"][0] * 100)
        ),
        *([] if is_new else [boxes(part) for part in bodies.BOXED]),
    ]
    conditions = "" if is_new else bodies.conditions_text(clock)
    as_json = form_field(
        sent, f"{head}.conditions", "Conditions, as JSON", conditions, kind="textarea", rows=12, width="code",
        hint="All six of them: also what ends a pause, calls the clock off, and lets it run on. Empty: the usual ones of this promise",
    )  # fmt: skip
    title = f"{words.CLOCK[clock['kind']]} on {clock['calendar']}" if clock["kind"] else "A further clock"
    before = (
        () if is_new else ((bodies.BEFORE.format(head), value_of(sent, FORM, bodies.BEFORE.format(head), conditions)),)
    )
    return model.FieldGroup(title=title, fields=fields, aside=(as_json,), aside_title="As JSON", hidden=before)


def _target(clock: Mapping[str, Any], rank: str) -> str:
    return bodies.minutes_words(clock["targets_min"][rank]) if rank in clock["targets_min"] else ""
