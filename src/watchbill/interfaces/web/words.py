"""The words of states, priorities, levels and rules as pages say them: one place, so that they are the same on each."""

from __future__ import annotations

from watchbill.engine.base.work import Kind, Level, State
from watchbill.engine.clocks import Agreement

STATE: dict[str, str] = {
    State.NEW: "New",
    State.IN_PROGRESS: "In progress",
    State.WAITING_CUSTOMER: "Waiting for the customer",
    State.WAITING_VENDOR: "Waiting for a vendor",
    State.WAITING_OTHER: "Waiting for others",
    State.SCHEDULED: "Scheduled",
    State.RESOLVED: "Resolved",
    State.CLOSED: "Closed",
    State.CANCELLED: "Cancelled",
}

STATE_SHORT: dict[str, str] = {
    **STATE,
    State.WAITING_CUSTOMER: "Waits: customer",
    State.WAITING_VENDOR: "Waits: vendor",
    State.WAITING_OTHER: "Waits: others",
}
"""For columns of lists."""

KIND: dict[str, str] = {
    Kind.CASE: "Case",
    Kind.INCIDENT: "Incident",
    Kind.CHANGE: "Change",
    Kind.TASK: "Task",
    Kind.WORK_ORDER: "Work order",
    Kind.RMA: "RMA",
    Kind.PROJECT_TASK: "Project task",
}

LEVEL: dict[int, str] = {Level.HIGH: "High", Level.MEDIUM: "Medium", Level.LOW: "Low"}

PRIORITY: dict[int, str] = {1: "P1", 2: "P2", 3: "P3", 4: "P4"}

AGREEMENT: dict[str, str] = {Agreement.SLA: "SLA", Agreement.OLA: "OLA", Agreement.UC: "UC"}

RULE: dict[str, str] = {
    "urgency": "Urgency",
    "skill_speed": "Skill",
    "handover": "Handover",
    "time_left_in_shift": "Working hours left",
    "continuity": "Knows it",
    "spares_generalists": "Keeps generalists free",
    "spares_rare": "Keeps rare skills free",
    "same_region": "Same region",
    "stands_in": "Stands in",
    "preferred_by_rule": "Preferred by a rule",
    "stays_with_owner": "Leaves its owner",
    "even_load": "Load",
}
"""What the assignment engine weighs, as the heading of a reason."""

MUSTS = (
    "active, present and on shift, team, skill and level, language, clearance, customer tier, rules of the policy, time left in the"
    " shift, room in the class of work, free slot, not declined"
)
"""What nobody may fail, in the order in which it is checked."""


def capital(text: str) -> str:
    """Return *text* with its first letter large, and the rest as it is."""
    return text[:1].upper() + text[1:]


def clock(name: str) -> str:
    """Return a commitment's name as a heading: "next-update" is "Next update"."""
    return capital(name.replace("_", " ").replace("-", " "))
