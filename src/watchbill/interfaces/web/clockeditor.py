"""The form of a clock policy: one part a commitment, each condition beside what it is read as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.engine.clocks import Agreement, Choice, ClockKind, Since, ZoneOf
from watchbill.interfaces.web import words
from watchbill.interfaces.web.clockdraft import (
    CHANGES,
    OPEN,
    TAKES_OVER,
    Commitment,
    check_of,
    commitments_in,
    commitments_of,
)
from watchbill.interfaces.web.policybodies import CONDITION_WORDS, RANKS
from watchbill.interfaces.web.policyforms import FORM
from watchbill.interfaces.web.sent import Sent, message_of, value_of
from watchbill.interfaces.web.viewmodels.clockpolicy import ClockDraft, CommitmentForm, ConditionField
from watchbill.interfaces.web.viewmodels.parts import Field, Option

KINDS = {
    ClockKind.RESPONSE: "Response", ClockKind.NEXT_UPDATE: "Next update", ClockKind.RESOLUTION: "Resolution",
    ClockKind.STAGE: "Any other stretch",
}  # fmt: skip
AGREEMENTS = {
    Agreement.SLA: "the customer (SLA)", Agreement.OLA: "another team (OLA)", Agreement.UC: "us, by a vendor (UC)",
}  # fmt: skip
ZONES = {
    ZoneOf.FIXED: "the calendar's own", ZoneOf.CUSTOMER: "the customer's", ZoneOf.SITE: "the site's", ZoneOf.TEAM: "the team's",
}  # fmt: skip
CHOICES = {
    Choice.KEEP: "keep the time on it", Choice.RESTART: "begin from nothing",
    Choice.RETROACTIVE: "count again as if it had held all along",
}  # fmt: skip
CHANGE_WORDS = {
    "on_priority": "When the priority changes", "on_customer": "When customer, tier, contract or site changes",
    "on_reopen": "When it is reopened", "on_transfer": "When queue or team changes", "on_merge": "When another is merged into it",
}  # fmt: skip
CONDITION_HINTS = {
    "when": "Which items it is for, looked at after every event", "start": "", "stop": "", "pause": "It stands still so long",
    "resume": "never: the pause ends as soon as the line above no longer holds", "cancel": "", "reset": "It begins anew, from nothing",
    "reopen": "What makes a stopped clock run on; never: stopped is final",
}  # fmt: skip
EXAMPLES = (
    ("Keep", "8 h on the clock", "40 h left: the office day of Monday counts, the night does not"),
    ("Begin from nothing", "0 h on the clock", "48 h left from Tuesday 09:00"),
    ("Count again", "24 h on the clock", "24 h left: for P1 the night would have counted"),
)
"""A P3 opened on Monday 09:00 in office hours (09:00 to 17:00) becomes a P1 on Tuesday 09:00, with 48 h round the clock."""


def clock_draft(
    body: Mapping[str, Any], sent: Sent | None, *, calendars: Sequence[str], draft_href: str, check_href: str
) -> ClockDraft:
    """Return the form, filled with the latest version, or with what was sent."""
    is_sent = sent is not None and sent.form == FORM
    listed = commitments_in(sent.data) if sent is not None and is_sent else commitments_of(body)
    return ClockDraft(
        commitments=[
            _commitment(one, number, sent if is_sent else None, calendars=calendars, many=len(listed))
            for number, one in enumerate(listed)
        ],
        takes_over=_select(
            sent, TAKES_OVER, "Items that are open when it comes into force",
            {"": "keep the version that they started under", **{str(c): f"come under it, and {said}" for c, said in CHOICES.items()}},
            value_of(sent, FORM, TAKES_OVER, body.get(TAKES_OVER) or ""),
        ),
        kinds=[Option(value=kind.value, label=said) for kind, said in KINDS.items()],
        calendars=[Option(value=name, label=name) for name in calendars],
        draft_href=draft_href,
        check_href=check_href,
        examples=EXAMPLES,
        reference=value_of(sent, FORM, "reference"),
    )  # fmt: skip


def _commitment(
    one: Commitment, number: int, sent: Sent | None, *, calendars: Sequence[str], many: int
) -> CommitmentForm:
    head = f"clock.{number}"

    def field(part: str, label: str, **more: Any) -> Field:
        name = f"{head}.{part}"
        return Field(name=name, label=label, value=one[part], error=message_of(sent, FORM, name), **more)

    def select(part: str, label: str, options: Mapping[str, str]) -> Field:
        return _select(sent, f"{head}.{part}", label, options, one[part])

    known = {name: name for name in calendars} | ({one["calendar"]: one["calendar"]} if one["calendar"] else {})
    conditions = [
        ConditionField(
            field=field(part, CONDITION_WORDS[part], kind="textarea", rows=2, width="code", hint=hint),
            check=check_of(one[part]),
        )
        for part, hint in CONDITION_HINTS.items()
    ]
    choices = [select(part, CHANGE_WORDS[part], {str(c): said for c, said in CHOICES.items()}) for part in CHANGES]
    return CommitmentForm(
        id=f"commitment-{number}",
        number=number,
        title=_title(one),
        plain=[
            field("name", "Name", hint="Empty: as what is promised"),
            select("kind", "What is promised", {str(kind): said for kind, said in KINDS.items()}),
            select("agreement", "To whom", {str(one): said for one, said in AGREEMENTS.items()}),
            select("calendar", "Calendar", known),
            select("zone_of", "Read in the zone", {str(zone): said for zone, said in ZONES.items()}),
            field("since", "Counts since", hint=", ".join(Since) + ", or attributes.…"),
            field("warn", "Warn after, % of the target", hint="Several are possible: 50, 75, 90"),
            field("pause_limit", "One pause lasts at most", hint="Business time; empty: no limit"),
            field("repeats", "Repeats: a new one begins as soon as it is met", kind="checkbox"),
        ],
        targets=[field(rank, f"Target {rank}", hint="Empty: none") for rank in RANKS],
        conditions=conditions,
        choices=choices,
        is_first=number == 0,
        is_last=number == many - 1,
        is_open=sent is not None
        and (
            sent.data.get(OPEN) == str(number)
            or any(slip.field.startswith(f"{head}.") for slip in sent.slips)
            or not all(c.check.is_good for c in conditions)
        ),
    )


def _title(one: Commitment) -> str:
    """Return what tells a commitment from its neighbours: "Response on office (SLA), when tier is premier"."""
    when = one["when"].strip()
    name = words.clock(one["name"] or one["kind"])
    about = f"{name} on {one['calendar'] or 'no calendar'} ({one['agreement'].upper()})"
    return about if when in {"", "always"} else f"{about}, when {when[:60]}"


def _select(sent: Sent | None, name: str, label: str, options: Mapping[str, str], chosen: str) -> Field:
    shown = [Option(value=value, label=said, is_chosen=value == chosen) for value, said in options.items()]
    return Field(name=name, label=label, kind="select", options=shown, value=chosen, error=message_of(sent, FORM, name))
