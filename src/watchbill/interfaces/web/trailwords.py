"""The words of the audit trail: acts, objects and fields as a reader calls them; values short enough for a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.trail import ITEM, Part, TrailRow
from watchbill.interfaces.web import calendarbodies, words
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.charts import DAYS
from watchbill.interfaces.web.timeline import PLAIN_ACTS
from watchbill.interfaces.web.viewmodels.audit import TrailChange

SHOWN = 6
"""Fields shown of one event; the others are counted."""

LONGEST = 120
"""Characters of a value that are shown."""

SETTINGS_ACTS: dict[str, str] = {
    "absence_added": "said who is away",
    "absence_ended": "ended an absence",
    "alert_acknowledged": "acknowledged an alert",
    "alert_settings_set": "set what raises an alert",
    "assign_policy_published": "published an assignment policy",
    "audit_exported": "exported the audit trail",
    "audit_verified": "verified the seals",
    "autopilot_stopped": "stopped autopilot",
    "backtest_asked": "asked for a comparison of policies",
    "backtest_cancelled": "cancelled a comparison of policies",
    "breach_confirmed": "confirmed why a commitment was broken",
    "calendar_published": "published a calendar",
    "calendar_restored": "brought a calendar back",
    "calendar_retired": "retired a calendar",
    "clock_jumped": "moved the clock ahead",
    "clock_moved": "moved the clock",
    "clock_policy_published": "published a clock policy",
    "code_saved": "changed a code",
    "customer_changed": "changed a customer",
    "customer_made": "added a customer",
    "demo_restarted": "began the demo anew",
    "desk_closed": "closed the desk",
    "desk_made": "made the desk",
    "desk_renamed": "renamed the desk",
    "desk_reopened": "opened the desk again",
    "extra_hours_added": "gave people extra hours",
    "extra_hours_ended": "took extra hours back",
    "effort_set": "set assumed effort",
    "exclusion_approved": "approved an exclusion",
    "exclusion_asked": "asked for an exclusion",
    "exclusion_refused": "refused an exclusion",
    "exclusion_withdrawn": "withdrew an exclusion",
    "finding_brought_back": "showed a finding again",
    "finding_set_aside": "set a finding aside",
    "shadow_adopted": "adopted a draft after its shadow run",
    "shadow_begun": "began a shadow run",
    "shadow_stopped": "stopped a shadow run",
    "import_begun": "began an import",
    "import_done": "finished an import",
    "import_stopped": "stopped an import",
    "key_issued": "made an API key",
    "key_revoked": "revoked an API key",
    "link_issued": "made a sign-in link",
    "managers_alerted": "alerted the managers",
    "matrix_set": "set the priority matrix",
    "membership_set": "changed a team",
    "endpoint_saved": "changed where webhooks go",
    "message_sent_again": "had a message sent again",
    "notice_wish_set": "changed how she is told",
    "partner_added": "named a partner",
    "partner_changed": "changed a partner",
    "partner_restored": "took a partner into use again",
    "partner_retired": "retired a partner",
    "password_set": "set a password",
    "people_inferred": "inferred people from history",
    "person_added": "added a person",
    "person_corrected": "corrected a person",
    "person_deactivated": "deactivated a person",
    "person_reactivated": "took a person back",
    "presence_set": "set presence",
    "queue_mode_set": "set what Watchbill may do",
    "queue_saved": "saved a queue",
    "recovery_applied": "applied a plan of recovery options",
    "recovery_asked": "asked for recovery options",
    "recovery_undone": "took a plan of recovery options back",
    "region_restored": "took a region into use again",
    "region_retired": "retired a region",
    "region_saved": "saved a region",
    "regret_asked": "had a past day held against the best possible",
    "role_granted": "gave a role",
    "role_taken": "took a role away",
    "site_added": "added a site",
    "site_changed": "changed a site",
    "sign_in_failed": "failed to sign in",
    "signed_in": "signed in",
    "skill_set": "corrected a skill",
    "staff_made": "made people and teams",
    "team_region_set": "set the region of a team",
    "user_deactivated": "took access away",
    "user_made": "made a user",
    "user_reactivated": "gave access back",
    "usual_hours_set": "set usual hours",
    "view_removed": "removed a shared view",
}

WORK_ACTS: dict[str, str] = {
    **PLAIN_ACTS,
    "state": "changed the state",
    "assigned": "changed the owner",
    "priority": "changed the priority",
    "queue": "changed the queue",
    "next_step": "set the next step",
}

OBJECTS: dict[str, str] = {
    ITEM: "Case",
    "alert": "Alert",
    "assign_policy": "Assignment policy",
    "audit": "Audit trail",
    "backtest": "Backtest",
    "breach": "Breach",
    "calendar": "Calendar",
    "clock_policy": "Clock policy",
    "code": "Code",
    "customer": "Customer",
    "desk": "Desk",
    "effort": "Effort",
    "endpoint": "Webhook",
    "exclusion": "Exclusion",
    "finding": "Finding",
    "import": "Import",
    "installation": "Installation",
    "message": "Message",
    "partner": "Partner",
    "person": "Person",
    "priority_matrix": "Priority matrix",
    "queue": "Queue",
    "queue_mode": "Queue mode",
    "recovery": "Recovery options",
    "region": "Region",
    "regret": "Day in hindsight",
    "shadow": "Shadow run",
    "team": "Team",
    "user": "User",
    "view": "Saved view",
}

_LABELS = {
    "owner_id": "Owner", "queue_id": "Queue", "team_id": "Team", "skill_id": "Skill", "customer_id": "Customer",
    "site_id": "Site",
    "next_step_owner_id": "Next step by", "next_step_due_at": "Next step due", "is_taken_over": "Taken over",
    "least_priority": "Most urgent priority", "at_once": "At once", "most": "At most", "lead_min": "Minutes until it begins",
    "is_member": "In the team", "wip_limit": "Limit", "per_hour": "Acts an hour",
    "load_percent": "Load at most, per cent",
}  # fmt: skip


LINES: dict[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "assign_policy": bodies.assign_lines,
    "clock_policy": bodies.clock_lines,
    "calendar": calendarbodies.calendar_lines,
}
"""What is published in versions, as the lines that its page shows."""


class Names:
    """The names of what events speak of by key."""

    def __init__(self, **by_field: Mapping[int, str]) -> None:
        self.by_field = by_field

    def of(self, field: str, value: object) -> str | None:
        """Return the name of a key, or None for a field that holds none."""
        known = self.by_field.get("person_id" if is_person(field) else field)
        if known is None or not isinstance(value, int):
            return None
        return known.get(value, f"number {value}")


def is_person(field: str) -> bool:
    """Say whether a field holds a person's key, or several."""
    return field.endswith("owner_id") or field.rpartition(".")[2] == "people"


def act_words(row: TrailRow) -> str:
    """Return what somebody did."""
    acts = WORK_ACTS if row.part is Part.WORK else SETTINGS_ACTS
    return acts.get(row.action, row.action.replace("_", " "))


def object_words(row: TrailRow) -> str:
    """Return what it was done to."""
    if row.object_kind == ITEM:
        return row.object_ref
    kind = OBJECTS.get(row.object_kind, row.object_kind.replace("_", " ").capitalize())
    return f"{kind} {row.object_ref}".strip()


def changes_of(row: TrailRow, names: Names) -> tuple[list[TrailChange], int]:
    """Return the fields that changed, as many as fit on the page, and how many more there are."""
    before, after = _said(row, row.before), _said(row, row.after)
    if row.part is Part.WORK:
        before = {name: value for name, value in before.items() if name in after}
    keys = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    changes = [
        TrailChange(
            label=_label(name),
            before=_value(name, before[name], names) if name in before else "",
            after=_value(name, after[name], names) if name in after else "taken away",
        )
        for name in keys
        if before.get(name) or after.get(name) not in (None, "", [], {})
    ]
    return changes[:SHOWN], max(len(changes) - SHOWN, 0)


def raw_of(row: TrailRow) -> str:
    """Return the bodies of an event as they are kept, when they hold more than single values; else nothing."""
    bodies_kept = {"before": row.before, "after": row.after}
    held = [value for body in bodies_kept.values() for value in (body or {}).values()]
    if not any(isinstance(value, list | dict) and value for value in held):
        return ""
    return json.dumps({name: body for name, body in bodies_kept.items() if body}, indent=1, ensure_ascii=False)


def _said(row: TrailRow, body: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a body by the names of its fields: of a policy or calendar, the lines that its page shows."""
    if body and (lines := LINES.get(row.object_kind)) is not None:
        try:
            return dict(lines(body))
        except InvalidFacts:  # of a version that wrote other bodies
            return _flat(body)
    return _flat(body)


def _flat(body: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a body as one level of names: tables inside it are opened, lists are not."""
    found: dict[str, Any] = {}
    for name, value in (body or {}).items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": one for inner, one in _flat(value).items()}
        else:
            found[name] = value
    return found


def _label(name: str) -> str:
    if " " in name:  # the line of a policy, in words already
        return name
    return _LABELS.get(name) or words.capital(name.replace("_", " ").replace(".", ", "))


def _value(name: str, value: Any, names: Names) -> str:
    if (named := names.of(name, value)) is not None:
        return named
    if value in (None, ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "state":
        return words.STATE.get(value, str(value)).lower()
    if not isinstance(value, list) and (name in {"priority", "least_priority"} or name.endswith(".priorities")):
        return f"P{value}"
    text = _text(name, value, names)
    if name.endswith("_at") and isinstance(value, str):
        text = _instant(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(name: str, value: Any, names: Names) -> str:
    """Return a value in words: a week as its days, a list with commas, a table as "field value"."""
    if isinstance(value, list):
        if len(value) == len(DAYS) and all(isinstance(day, list) for day in value):
            opened = [f"{day} {', '.join(map(str, hours))}" for day, hours in zip(DAYS, value, strict=True) if hours]
            return "; ".join(opened) or "never"
        joint = "; " if any(isinstance(one, list | dict) for one in value) else ", "
        return joint.join(_value(name, one, names) for one in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{_label(key).lower()} {_value(key, one, names)}" for key, one in value.items()) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _instant(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
    except ValueError:
        return text
