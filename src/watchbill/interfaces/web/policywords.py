"""Policies in words and pictures: rules with their sentences, targets on one axis, a week of opening hours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from watchbill.engine.assign.policy import PARAMETERS, Policy
from watchbill.engine.clocks import Change, ClockDefinition, ClockPolicy
from watchbill.engine.clocks.durations import minutes_words
from watchbill.engine.clocks.expressions import ALWAYS, NEVER
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.viewmodels import policies as model

LONGEST_TARGET_MIN = 100_000
"""Where the logarithmic axis of targets ends, about seventy days of business time."""


def routing_lines(body: Mapping[str, Any]) -> list[model.RoutingLine]:
    """Return the rules by condition of an assignment policy, each taken apart into when and what then."""
    return [
        model.RoutingLine(when=words.capital(str(rule.when)), demands=[words.capital(str(one)) for one in rule.demands])
        for rule in Policy.from_json(body, is_stored=True).rules
    ]


def rule_lines(body: Mapping[str, Any]) -> tuple[list[model.RuleLine], list[model.RuleLine]]:
    """Return an assignment policy as its hard rules and its weights, each with its sentence."""
    whole, usual = Policy.from_json(body, is_stored=True).as_json(), Policy().as_json()
    musts: list[model.RuleLine] = []
    weights: list[model.RuleLine] = []
    for parameter in PARAMETERS:
        value = whole[parameter.name]
        line = model.RuleLine(
            title=parameter.title,
            sentence=parameter.sentence,
            value=bodies.value_words(parameter, value),
            is_off=value is False,
            delivered="" if value == usual[parameter.name] else bodies.value_words(parameter, usual[parameter.name]),
        )
        (musts if isinstance(value, bool) else weights).append(line)
    return musts, weights


def clock_cards(visit: Visit, body: Mapping[str, Any]) -> list[model.ClockCard]:
    """Return each clock of a policy with its targets drawn on one logarithmic axis."""
    return [
        model.ClockCard(
            title=card_title(clock),
            calendar=clock.calendar,
            calendar_href=visit.href("policy-calendar", clock.calendar),
            warn=("warns " if clock.warn_ratios else "warnings: ") + bodies.warning_words(clock.warn_ratios),
            targets=[
                model.TargetLine(
                    label=f"P{target.priority.value}",
                    text=minutes_words(target.target_min),
                    width=round(min(math.log(target.target_min + 1) / math.log(LONGEST_TARGET_MIN), 1) * 100, 1),
                )
                for target in clock.targets
            ],
            conditions=[*_conditions(clock), *_more(clock)],
        )
        for clock in ClockPolicy.from_json(body, is_stored=True).clocks
    ]


def card_title(clock: ClockDefinition) -> str:
    """Return what a commitment is called, and to whom it promises."""
    name = words.clock(clock.name)
    return f"{name}, {clock.agreement.upper()}"


def _conditions(clock: ClockDefinition) -> list[tuple[str, str]]:
    """Return its conditions, but for those that never hold, or that hold for every item."""
    held = {"when": clock.when, **clock.conditions}
    return [
        (said, str(held[name]).replace("_", " "))
        for name, said in bodies.CONDITION_WORDS.items()
        if held[name] != (ALWAYS if name == "when" else NEVER)
    ]


def _more(clock: ClockDefinition) -> list[tuple[str, str]]:
    """Return what else a commitment says, where it is not the usual."""
    choices = [f"{change.value.removeprefix('on_')}: {clock.choice(change)}" for change in Change]
    known = [
        ("Read in the zone", "" if clock.zone_of == "fixed" else f"of the {clock.zone_of}"),
        ("Counts since", "" if clock.since == "event" else clock.since.replace("_", " ")),
        ("Repeats", "a new one begins as soon as it is met" if clock.repeats else ""),
        ("One pause lasts", f"at most {minutes_words(clock.pause_limit_min)}" if clock.pause_limit_min else ""),
        ("On change of", ", ".join(choices)),
    ]
    return [(label, said) for label, said in known if said]
