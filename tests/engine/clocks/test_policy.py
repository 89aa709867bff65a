"""The policy as JSON: what is written reads back, and a slip is told where it is."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import slips_of
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks import Change, Choice, ClockPolicy, Target, ZoneOf, default_policy
from watchbill.engine.clocks.expressions import NEVER, parse

POLICY = default_policy(calendar="office")
CLOCK = {"kind": "response", "calendar": "office", "targets_min": {"P1": 15}}


def test_policy_survives_json():
    """Through text and back, with every part of a condition in use."""
    every = parse(
        'state in (new, closed) and (event is reply or not actor is robot) and queue is "A b" or tier is none'
    )
    clocks = (
        replace(
            POLICY.clocks[0], name="Answer", when=parse("contract is gold"), pause=every, resume=parse("owned"),
            warn_ratios=(0.25, 0.5), zone_of=ZoneOf.SITE, since="attributes.reported", pause_limit_min=90,
            on_merge=Choice.RETROACTIVE,
        ),
        POLICY.clocks[1],
    )  # fmt: skip
    for policy in (POLICY, ClockPolicy(version=7, clocks=clocks, takes_over=Choice.KEEP)):
        assert ClockPolicy.from_json(json.loads(json.dumps(policy.as_json()))) == policy


def test_a_short_policy_takes_the_default_conditions():
    """Kind, calendar and targets are enough; never is not the default, nor is the empty list of older versions."""
    policy = ClockPolicy.from_json({"clocks": [CLOCK, {**CLOCK, "kind": "resolution", "pause": []}]})
    assert policy.version == 1
    assert policy.clocks[0] == replace(POLICY.clocks[0], targets=(Target(priority=Priority.P1, target_min=15),))
    assert policy.clocks[1].pause == NEVER
    assert policy.clocks[1].stop == POLICY.clocks[1].stop


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("P1", "^policy: expected an object, got 'P1'$"),
        ({}, "^policy.clocks: expected a list, got None$"),
        ({"version": 0, "clocks": []}, "^policy.version: expected a whole number from 1 to"),
        (
            {"clocks": [{**CLOCK, "kind": "reply"}]},
            r"^policy.clocks\[0\].kind: expected one of response, next_update, resolution, stage, got 'reply'$",
        ),
        ({"clocks": [{**CLOCK, "calendar": " "}]}, r"^policy.clocks\[0\].calendar: expected a text, got ' '$"),
        (
            {"clocks": [{**CLOCK, "targets_min": {"P5": 1}}]},
            r"^policy.clocks\[0\].targets_min.P5: expected one of the keys P1, P2",
        ),
        (
            {"clocks": [{**CLOCK, "targets_min": {"P1": 0}}]},
            r"targets_min.P1: expected a whole number from 1 to 5,256,000 of business minutes, such as 240 for 4 h, got 0$",
        ),
        *(
            ({"clocks": [{**CLOCK, "targets_min": {"P1": slip}}]}, rf"targets_min.P1: .* got {slip!r}{hint}$")
            for slip, hint in (
                ("4 hrs", r" – did you mean 240 for 4 h\?"),
                ("1.5 hours", r" – did you mean 90 for 1 h 30 min\?"),
                ("240", r" – did you mean 240 for 4 h\?"),
                (240.0, r" – did you mean 240 for 4 h\?"),
                ("2 days", ""),
                ("soon", ""),
            )
        ),
        ({"clocks": [{**CLOCK, "pause_limit_min": "30 mins"}]}, r"pause_limit_min: .* did you mean 30 for 30 min\?$"),
        ({"clocks": [{**CLOCK, "targets_min": {"P1": 1.5}}]}, r"targets_min.P1: expected a whole number"),
        ({"clocks": [{**CLOCK, "targets_min": {"P1": True}}]}, r"targets_min.P1: expected a whole number .* got True$"),
        ({"clocks": [{**CLOCK, "warn_ratio": 75}]}, r"warn_ratio: expected a number above 0 and below 1, got 75$"),
        (
            {"clocks": [{**CLOCK, "pause": [{"states": ["waiting"]}]}]},
            r"pause\[0\].states\[0\]: expected one of new, in_progress",
        ),
        ({"clocks": [{**CLOCK, "pause": [{"states": []}]}]}, r"pause\[0\].states: expected at least one word"),
        (
            {"clocks": [{**CLOCK, "pause": [{"state": ["new"]}]}]},
            r"pause\[0\].state: expected one of the keys actors, events, owned",
        ),
        ({"clocks": [{**CLOCK, "stop": [{"owned": "yes"}]}]}, r"stop\[0\].owned: expected true or false, got 'yes'$"),
        ({"clocks": [{**CLOCK, "stops": []}]}, r"^policy.clocks\[0\].stops: expected one of the keys"),
        ({"clocks": [CLOCK, CLOCK]}, "^the policy promises response at P1 twice$"),
        (
            {"clocks": [CLOCK, {**CLOCK, "when": "tier is premier"}]},
            (
                r"^policy.clocks\[1\].targets_min.P1: expected no target, for policy.clocks\[0\] always answers first, as with"
                r" any P1; put what is special before it, got 15$"
            ),
        ),
        ({"clocks": [{**CLOCK, "targets_min": {}}]}, r"targets_min: expected a target for at least one priority"),
        (
            {"clocks": [{**CLOCK, "targets_min": {"P1": -5}}]},
            r"targets_min.P1: expected a whole number from 1 to .* got -5$",
        ),
        (
            {"clocks": [{**CLOCK, "targets_min": {"P1": 10**9}}]},
            r"expected a whole number from 1 to 5,256,000 of business minutes, such as 240 for 4 h, got 1000000000$",
        ),
        (
            {"clocks": [{**CLOCK, "since": "yesterday"}]},
            r"clocks\[0\].since: expected one of event, .* got 'yesterday'$",
        ),
        ({"clocks": [{**CLOCK, "since": "attributes."}]}, r"since: expected one of event, .* got 'attributes.'$"),
        (
            {"clocks": [{**CLOCK, "zone_of": "moon"}]},
            r"zone_of: expected one of fixed, customer, site, team, got 'moon'$",
        ),
        ({"clocks": [{**CLOCK, "pause_limit_min": 0}]}, r"pause_limit_min: expected a whole number from 1 to"),
        ({"clocks": [{**CLOCK, "warn_ratios": [0.5, 0.25]}]}, r"warn_ratios: expected numbers that rise, got"),
        (
            {"clocks": [{**CLOCK, "warn_ratios": [float("nan")]}]},
            r"warn_ratios\[0\]: expected a number above 0 and below 1",
        ),
        (
            {"clocks": [CLOCK], "takes_over": "yes"},
            r"takes_over: expected one of keep, restart, retroactive, got 'yes'$",
        ),
        *(
            (
                {"clocks": [{**CLOCK, key: slip}]},
                rf"^policy.clocks\[0\].{key}: expected {said}, got '{re.escape(slip)}'{hint}$",
            )
            for key, slip, said, hint in (
                ("when", "tier is premium", "tier to be one of standard, plus, premier", r" – did you mean premier\?"),
                ("pause", "owned or tier in (plus, Gold)", "tier to be one of standard, plus, premier", ""),
                ("kind", "resolutoin", "one of response, .*", r" – did you mean resolution\?"),
                ("agreement", "OLAs", "one of sla, ola, uc", r" – did you mean ola\?"),
                (
                    "pause",
                    "always",
                    "a condition that does not hold as long as the clock runs: it never counts, .*",
                    "",
                ),
                ("pause", "event is opened or not event is opened", "a condition that does not hold as long as .*", ""),
                ("pause", "not owned and owned", "a condition that can hold; one that is not wanted is “never”", ""),
                ("reopen", "state is new and event is note", "a condition that can hold; .*", ""),
            )
        ),
        ({"clocks": [{**CLOCK, "pauses": "never"}]}, r"clocks\[0\].pauses: .* did you mean pause\?$"),
        (
            {"clocks": [{**CLOCK, "start": "never"}]},
            r"start: expected a condition that can hold: this clock would never start",
        ),
        (
            {"clocks": [{**CLOCK, "when": "priority is P2"}]},
            r"start: expected a condition that can hold: this clock would never start",
        ),
        (
            {"clocks": [{**CLOCK, "stop": "state is new and state is closed"}]},
            r"stop: expected a condition that can hold: this clock could never be met, got",
        ),
        (
            {"clocks": [{**CLOCK, "stop": "event is opened or owned"}]},
            (
                r"^policy.clocks\[0\].stop: expected a condition that does not hold whenever the clock starts, as with event"
                r" opened, state new, actor \w+, priority P1, got 'event is opened or owned'$"
            ),
        ),
        (
            {"clocks": [{**CLOCK, "cancel": "always"}]},
            r"cancel: expected a condition that does not hold whenever the clock starts, as with event opened",
        ),
    ],
)
def test_refusals_name_key_value_and_expectation(body, message):
    """Somebody who edits a policy on a page is told where, what is there, and what belongs there."""
    with pytest.raises(InvalidFacts, match=message):
        ClockPolicy.from_json(body)


@pytest.mark.parametrize(("condition", "key"), [("start", "never start"), ("stop", "never be met")])
def test_a_clock_that_hears_only_of_notes_is_refused(condition, key):
    """Notes are not read for clocks: one that starts or is met by nothing else would stand there for ever."""
    with pytest.raises(InvalidFacts, match=key):
        ClockPolicy.from_json({"clocks": [{**CLOCK, condition: "event in (note, next_step)"}]})
    ClockPolicy.from_json({"clocks": [{**CLOCK, condition: "event in (note, reply)"}]})


def test_construction_checks_what_it_is_given():
    """Facts made in code are checked like those that are read."""
    with pytest.raises(InvalidFacts, match="target of P1 must be 1 to"):
        Target(priority=Priority.P1, target_min=0)
    with pytest.raises(InvalidFacts, match="two targets for one priority"):
        replace(POLICY.clocks[0], targets=(Target(priority=Priority.P1, target_min=1),) * 2)
    with pytest.raises(InvalidFacts, match="warn_ratios of response must be at most 9 rising numbers between 0 and 1"):
        replace(POLICY.clocks[0], warn_ratios=(0.5, 1.0))


def test_conditions_of_older_versions_read_as_sentences():
    """Lists of objects, as policies had them before, are the same conditions as expressions."""
    old = [{"events": ["reply"], "owned": True}, {"states": ["closed", "new"], "actors": ["robot"], "owned": False}]
    policy = ClockPolicy.from_json(
        {"clocks": [{**CLOCK, "pause": old, "warn_ratio": 0.5, "resume": [{}], "reopen": []}]}
    )
    assert (
        str(policy.clocks[0].pause)
        == "event is reply and owned or state in (closed, new) and actor is robot and not owned"
    )
    assert str(policy.clocks[0].resume) == "always"
    assert policy.clocks[0].warn_ratios == (0.5,)
    assert set(Change) == {"on_priority", "on_customer", "on_reopen", "on_transfer", "on_merge"}


def test_all_slips_are_told_at_once():
    """Each with its key, over several clocks, whether it cannot be read or makes no sense; a line each in the message."""
    body = {
        "clocks": [
            {**CLOCK, "kind": "respons", "stops": "owned", "targets_min": {"P1": "4 hrs", "P9": 1}, "pause": "state is asleep"},
            {**CLOCK, "start": "never"},
            {**CLOCK, "when": "tier is premium", "stop": "state is"},
        ],
        "takes_over": "yes",
    }  # fmt: skip
    with pytest.raises(InvalidFacts) as refused:
        ClockPolicy.from_json(body)
    keys = [slip.details["key"] for slip in slips_of(refused.value)]
    assert keys == [
        "policy.clocks[0].stops", "policy.clocks[0].kind", "policy.clocks[0].targets_min.P9",
        "policy.clocks[0].targets_min.P1", "policy.clocks[0].pause", "policy.clocks[1].start", "policy.clocks[2].when",
        "policy.clocks[2].stop",
        "policy.takes_over",
    ]  # fmt: skip
    assert refused.value.details["key"] == keys[0]
    assert [line.split(": ")[0] for line in refused.value.message.split("\n")] == keys


def test_a_clock_that_is_paused_whenever_it_runs_counts_only_with_limited_pauses():
    """With a limit it runs on after it; and what another field decides may be otherwise."""
    for more in ({"pause": "always", "pause_limit_min": 5}, {"pause": "queue is Mail"}, {"pause": "not owned"}):
        ClockPolicy.from_json({"clocks": [{**CLOCK, **more}]})


def test_what_is_stored_is_read_whatever_it_names():
    """A tier that there is not any more stands in a version in force, and keeps nobody from his work."""
    body = {"clocks": [{**CLOCK, "when": "tier is gold", "pause": "always"}]}
    assert str(ClockPolicy.from_json(body, is_stored=True).clocks[0].when) == "tier is gold"
