"""Who may do what: the one place where rights are decided, and denied by default."""

from __future__ import annotations

from enum import StrEnum

from watchbill.apps.core.actor import Actor
from watchbill.engine.base.errors import NotAllowed


class Role(StrEnum):
    AGENT = "agent"
    COORDINATOR = "coordinator"
    QUEUE_MANAGER = "queue_manager"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Right(StrEnum):
    """One thing that a role may allow. The sentence beside each is shown on the page of roles."""

    WORK_VIEW = "work_view"
    WORK_NOTE = "work_note"
    WORK_CREATE = "work_create"
    WORK_EDIT = "work_edit"
    WORK_TAKE = "work_take"
    WORK_ASSIGN = "work_assign"
    WORK_BULK = "work_bulk"
    DECISION_ANSWER = "decision_answer"
    ALERT_ANSWER = "alert_answer"
    CHANNEL_EDIT = "channel_edit"
    BREACH_CONFIRM = "breach_confirm"
    EXCLUSION_ASK = "exclusion_ask"
    EXCLUSION_APPROVE = "exclusion_approve"
    PEOPLE_VIEW = "people_view"
    PEOPLE_EDIT = "people_edit"
    QUEUE_EDIT = "queue_edit"
    POLICY_VIEW = "policy_view"
    POLICY_EDIT = "policy_edit"
    AUTOPILOT_SET = "autopilot_set"
    IMPORT_VIEW = "import_view"
    IMPORT_RUN = "import_run"
    AUDIT_VIEW = "audit_view"
    AUDIT_EXPORT = "audit_export"
    DESK_EDIT = "desk_edit"
    USER_EDIT = "user_edit"
    CLOCK_MOVE = "clock_move"


RIGHT_SENTENCE: dict[Right, str] = {
    Right.WORK_VIEW: "See the desk's work",
    Right.WORK_NOTE: "Add work notes and next steps",
    Right.WORK_CREATE: "Open new items",
    Right.WORK_EDIT: "Change state, priority, queue and fields of items",
    Right.WORK_TAKE: "Take an item oneself",
    Right.WORK_ASSIGN: "Give items to others, or take them away",
    Right.WORK_BULK: "Change many items at once; undo what others set",
    Right.DECISION_ANSWER: "Accept, change, refuse and undo proposals",
    Right.ALERT_ANSWER: "Be told of alerts, acknowledge them, and see what was sent",
    Right.CHANNEL_EDIT: "Set what raises an alert, and where webhooks are sent",
    Right.BREACH_CONFIRM: "Confirm why commitments were broken",
    Right.EXCLUSION_ASK: "Ask to leave a commitment out of the figures",
    Right.EXCLUSION_APPROVE: "Approve or refuse what somebody else asks to leave out",
    Right.PEOPLE_VIEW: "See people, skills and hours",
    Right.PEOPLE_EDIT: "Add and correct people, skills, hours, regions, partners and customers; deactivate people",
    Right.QUEUE_EDIT: "Change queues",
    Right.POLICY_VIEW: "Read policies and calendars",
    Right.POLICY_EDIT: "Publish policies and calendars",
    Right.AUTOPILOT_SET: "Switch queues between off, advise, autopilot and pull",
    Right.IMPORT_VIEW: "See imports and rejected rows",
    Right.IMPORT_RUN: "Run imports",
    Right.AUDIT_VIEW: "Read the audit trail",
    Right.AUDIT_EXPORT: "Export the audit trail and verify its seals",
    Right.DESK_EDIT: "Make desks, rename and close them",
    Right.USER_EDIT: "Make users, give roles, make and revoke API keys",
    Right.CLOCK_MOVE: "Move the clock of a demo",
}


def sentence_of(right: Right) -> str:
    """Return what a right allows as part of a sentence: its first letter is small, names keep theirs."""
    return RIGHT_SENTENCE[right][0].lower() + RIGHT_SENTENCE[right][1:]


_AGENT = frozenset(
    {
        Right.WORK_VIEW,
        Right.WORK_NOTE,
        Right.WORK_CREATE,
        Right.WORK_EDIT,
        Right.WORK_TAKE,
        Right.PEOPLE_VIEW,
        Right.POLICY_VIEW,
        Right.CLOCK_MOVE,
    }
)
_COORDINATOR = _AGENT | {
    Right.WORK_ASSIGN,
    Right.DECISION_ANSWER,
    Right.BREACH_CONFIRM,
    Right.EXCLUSION_ASK,
    Right.IMPORT_VIEW,
}
_QUEUE_MANAGER = _COORDINATOR | {
    Right.ALERT_ANSWER,
    Right.WORK_BULK,
    Right.AUTOPILOT_SET,
    Right.QUEUE_EDIT,
    Right.AUDIT_VIEW,
}
_MANAGER = _QUEUE_MANAGER | {Right.CHANNEL_EDIT, Right.EXCLUSION_APPROVE, Right.PEOPLE_EDIT, Right.POLICY_EDIT}

GRANTS: dict[Role, frozenset[Right]] = {
    Role.AGENT: _AGENT,
    Role.COORDINATOR: _COORDINATOR,
    Role.QUEUE_MANAGER: _QUEUE_MANAGER,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: frozenset(Right),
    Role.AUDITOR: frozenset(
        {
            Right.WORK_VIEW,
            Right.PEOPLE_VIEW,
            Right.POLICY_VIEW,
            Right.IMPORT_VIEW,
            Right.AUDIT_VIEW,
            Right.AUDIT_EXPORT,
            Right.CLOCK_MOVE,
        }
    ),
}


def may(actor: Actor, right: Right, desk_id: int | None) -> bool:
    """Say whether *actor* has *right* on the desk; with no desk, whether a role on every desk gives it."""
    if actor.is_trusted:
        return True
    held = actor.roles.get(None, frozenset()) | (actor.roles.get(desk_id, frozenset()) if desk_id else frozenset())
    return any(right in GRANTS[Role(role)] for role in held)


def may_somewhere(actor: Actor, right: Right) -> bool:
    """Say whether *actor* has *right* on any desk at all: the first question of every page and address."""
    return actor.is_trusted or any(right in GRANTS[Role(role)] for held in actor.roles.values() for role in held)


def require(actor: Actor, right: Right, desk_id: int | None) -> None:
    """Raise NotAllowed, saying what is missing, unless *actor* has *right* on the desk."""
    if not may(actor, right, desk_id):
        raise NotAllowed(f"This needs the right “{sentence_of(right)}” on this desk", right=right)


def desks_of(actor: Actor) -> frozenset[int] | None:
    """Return the ids of the desks whose work *actor* may see; None means every desk."""
    if actor.is_trusted or any(Right.WORK_VIEW in GRANTS[Role(role)] for role in actor.roles.get(None, ())):
        return None
    return frozenset(desk for desk in actor.roles if desk is not None and may(actor, Right.WORK_VIEW, desk))
