"""Shadow runs of drafts of the assignment policy: begun, kept beside what is decided, stopped, over, adopted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.core.references import SHADOW, shown
from watchbill.apps.core.services import audit_add, lock_take
from watchbill.apps.core.versions import require_reason
from watchbill.apps.decisions import models, queries
from watchbill.apps.decisions.drafts import draft_read
from watchbill.apps.decisions.dryruns import draft_digest
from watchbill.apps.decisions.services import policy_version_add
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.shadow import URGENT, Shadowed, StopRule, Sums
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound

DAYS, MOST_DAYS = 7, 90
LEAST = 20
"""Of fewer choices compared nothing can be said, so nothing is adopted on them."""
LISTED = 50
RUNNING, STOPPED = "running", "stopped"


class Phase(StrEnum):
    """Where a shadow run stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    OVER = "over"
    ADOPTED = "adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRow:
    """One shadow run as it is kept; see `models.Shadow`."""

    id: int
    desk_id: int
    name: str
    says: str
    backtest: str
    policy: Mapping[str, Any]
    digest: str
    against: int
    days: int
    rule: Mapping[str, Any]
    by_name: str
    asked_at: datetime
    ends_at: datetime
    recorded_at: datetime
    state: str
    message: str
    ended_at: datetime | None
    turns: int
    seconds: float
    published: int | None

    @property
    def reference(self) -> str:
        return shown(SHADOW, self.id) or ""

    @property
    def stop_rule(self) -> StopRule:
        return StopRule(**self.rule)

    def draft(self) -> Policy:
        """The whole policy that would be in force."""
        return Policy.from_json(self.policy, is_stored=True)

    def phase(self, now: datetime) -> Phase:
        """Where it stands: one that runs is over when its time has come, whoever looks."""
        if self.published is not None:
            return Phase.ADOPTED
        if self.state == STOPPED:
            return Phase.STOPPED
        return Phase.OVER if now >= self.ends_at else Phase.RUNNING

    def days_done(self, now: datetime) -> float:
        """Of its days, those that have gone by, in whole tenths: all only when all are."""
        until = min(now, self.ends_at, self.ended_at or self.ends_at)
        return max(0, (until - self.asked_at) // timedelta(days=0.1)) / 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowSums:
    """What a run has come to. agree: the draft makes no difference; all_of, urgent: differences where they are known."""

    compared: int
    agree: int
    nobody: int
    all_of: Sums
    urgent: Sums

    @property
    def share_agreed(self) -> float | None:
        return self.agree / self.compared if self.compared else None

    def as_json(self) -> dict[str, Any]:
        low, high = self.all_of.interval()
        urgent_low, urgent_high = self.urgent.interval()
        return {
            "compared": self.compared, "agree": self.agree, "nobody": self.nobody, "scored": self.all_of.count,
            "expected_misses": round(self.all_of.total, 3), "low": round(low, 3), "high": round(high, 3),
            "urgent_scored": self.urgent.count, "urgent_expected_misses": round(self.urgent.total, 3),
            "urgent_low": round(urgent_low, 3), "urgent_high": round(urgent_high, 3),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowDiffers:
    """One choice on which a draft differs."""

    reference: str
    priority: int
    at: datetime
    done_id: int | None
    draft_id: int | None
    difference: float | None
    reason: str


# -- reads ----------------------------------------------------------------------------------------------------------------------


def shadow_get(shadow_id: int, *, by: Actor) -> ShadowRow:
    """Return one shadow run. Raises NotFound, also for those who may not read the desk's policies."""
    found = _rows(models.Shadow.objects.filter(id=shadow_id))
    if not found or not may(by, Right.POLICY_VIEW, found[0].desk_id):
        raise NotFound("There is no such shadow run")
    return found[0]


def shadow_page(
    desk_id: int, *, before: int | None = None, digests: Sequence[str] | None = None, limit: int = LISTED, by: Actor
) -> list[ShadowRow]:
    """Return shadow runs of a desk, the latest first; those with smaller keys than *before*, or of these drafts only."""
    require(by, Right.POLICY_VIEW, desk_id)
    rows = models.Shadow.objects.filter(desk_id=desk_id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    if digests is not None:
        rows = rows.filter(digest__in=list(digests))
    return _rows(rows[:limit])


def shadow_running(desk_id: int, now: datetime) -> ShadowRow | None:
    """Return the shadow run under way on a desk at *now*, if there is one: one query."""
    found = _rows(
        models.Shadow.objects.filter(desk_id=desk_id, state=RUNNING, asked_at__lte=now, ends_at__gt=now).order_by(
            "-id"
        )[:1]
    )
    return found[0] if found else None


def shadow_sums(shadow_id: int) -> ShadowSums:
    """Add up what is kept of a run: one query."""
    rows = models.ShadowChoice.objects.filter(shadow_id=shadow_id)
    known, urgent = Q(difference__isnull=False), Q(difference__isnull=False, priority__lte=URGENT)
    square = F("difference") * F("difference")
    found = rows.aggregate(
        compared=Count("id"), agree=Count("id", filter=Q(agrees=True)), nobody=Count("id", filter=Q(draft_id=None)),
        count=Count("id", filter=known), total=Coalesce(Sum("difference", filter=known), 0.0), squares=Coalesce(Sum(square, filter=known), 0.0),
        u_count=Count("id", filter=urgent), u_total=Coalesce(Sum("difference", filter=urgent), 0.0),
        u_squares=Coalesce(Sum(square, filter=urgent), 0.0),
    )  # fmt: skip
    return ShadowSums(
        compared=found["compared"], agree=found["agree"], nobody=found["nobody"],
        all_of=Sums(count=found["count"], total=found["total"], squares=found["squares"]),
        urgent=Sums(count=found["u_count"], total=found["u_total"], squares=found["u_squares"]),
    )  # fmt: skip


def shadow_differs(shadow_id: int, *, limit: int = LISTED) -> list[ShadowDiffers]:
    """Return the latest choices on which the draft differs: one query."""
    rows = models.ShadowChoice.objects.filter(shadow_id=shadow_id, agrees=False).order_by("-at", "-id")[:limit]
    names = ("priority", "at", "done_id", "draft_id", "difference", "reason")
    return [
        ShadowDiffers(reference=row.pop("item__reference"), **row) for row in rows.values("item__reference", *names)
    ]


def adopt_refused(row: ShadowRow, sums: ShadowSums, *, now: datetime) -> str:
    """Return why a draft cannot be adopted yet, in a sentence; empty when it can."""
    phase = row.phase(now)
    if phase is Phase.ADOPTED:
        return f"It was adopted as version {row.published}"
    if phase is Phase.STOPPED:
        return f"Its shadow run was stopped. {row.message}"
    if phase is Phase.RUNNING:
        return f"Its shadow run is under way: {row.days_done(now):.1f} of {row.days} days"
    newest = next(iter(queries.policy_versions(row.desk_id)), None)
    if (newest["number"] if newest else 0) != row.against:
        return "Another version of the policy was published since the shadow run began; shadow the draft again"
    if sums.compared < LEAST:
        return f"Its shadow run compared {sums.compared} decisions; at least {LEAST} are needed to say anything"
    return ""


def _rows(rows: Any) -> list[ShadowRow]:
    return [ShadowRow(**row) for row in rows.values(*(one.name for one in fields(ShadowRow)))]


# -- writes ---------------------------------------------------------------------------------------------------------------------


def shadow_begin(
    desk_id: int, policy: Policy, *, name: str, says: str, backtest: str = "", days: int = DAYS, rule: StopRule | None = None,
    by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Begin to hold a draft beside what is decided, for so many days; return the key.

    Raises NotAllowed, InvalidFacts for days out of range or a draft that is in force already, and Conflict while another runs: one
    a desk, so that the ticker's turns stay short.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidFacts(f"A shadow run takes 1 to {MOST_DAYS} days, got {days}", field="days")
    digest, force = draft_digest(policy), queries.policy_in_force(desk_id, now)
    if digest == draft_digest(force.policy):
        raise InvalidFacts(
            "This draft is what is in force already, so there is nothing to hold it beside", field="draft"
        )
    newest = next(iter(queries.policy_versions(desk_id)), None)
    if newest is not None and newest["number"] != force.number:
        raise Conflict(f"Version {newest['number']} of the policy is to take over; begin when it holds")
    with transaction.atomic():
        lock_take(f"shadows:{desk_id}")
        other = shadow_running(desk_id, now)
        if other is not None:
            raise Conflict(
                f"{other.reference} ({other.name}) is under way on this desk until {other.ends_at:%Y-%m-%d %H:%M} UTC; stop it first"
            )
        row = models.Shadow.objects.create(
            desk_id=desk_id, name=name, says=says, backtest=backtest, policy=policy.as_json(), digest=digest, against=force.number,
            days=days, rule=asdict(rule or StopRule()), by_name=by.name, by_user_id=by.user_id, asked_at=now,
            ends_at=now + timedelta(days=days),
        )  # fmt: skip
        _audit("shadow_begun", row.id, desk_id, after={"draft": name, "days": days}, by=by, now=now)
    return int(row.id)


def shadow_stop(shadow_id: int, *, by: Actor, now: datetime) -> None:
    """Stop a run that is under way. Raises NotFound, NotAllowed, and Conflict when it has ended."""
    row = shadow_get(shadow_id, by=by)
    require(by, Right.POLICY_EDIT, row.desk_id)
    if row.phase(now) is not Phase.RUNNING or not _end(row, f"Stopped by {by.name}", by=by, now=now):
        raise Conflict("This shadow run has ended, so there is nothing to stop")


def shadow_keep(row: ShadowRow, choices: Sequence[tuple[Shadowed, str]], *, seconds: float, now: datetime) -> str:
    """Keep the choices of one turn, each item's latest; end the run when its stop rule is broken, and return why.

    A difference stays though both agree on the item later: had the draft decided, there would have been no later.
    """
    with transaction.atomic():
        kept = models.ShadowChoice.objects.filter(
            shadow_id=row.id, agrees=False, item_id__in=[one.item for one, _ in choices if one.agrees]
        )
        differed = set(kept.values_list("item_id", flat=True))
        models.ShadowChoice.objects.bulk_create(
            [
                models.ShadowChoice(
                    shadow_id=row.id, item_id=one.item, at=now, priority=int(one.priority), done_id=one.done,
                    in_force_id=one.in_force, draft_id=one.draft, p_done=one.p_done, p_draft=one.p_draft, agrees=one.agrees,
                    difference=one.difference, reason="" if one.agrees else reason,
                )
                for one, reason in choices
                if not one.agrees or one.item not in differed
            ],
            update_conflicts=True, unique_fields=["shadow", "item"],
            update_fields=["at", "priority", "done_id", "in_force_id", "draft_id", "p_done", "p_draft", "agrees", "difference", "reason"],
        )  # fmt: skip
        models.Shadow.objects.filter(id=row.id).update(turns=F("turns") + 1, seconds=F("seconds") + seconds)
        said = row.stop_rule.broken_by(shadow_sums(row.id).urgent)
        if said:
            _end(row, said, by=WATCHBILL, now=now)
    return said


def shadow_outdated(row: ShadowRow, *, number: int, now: datetime) -> None:
    """End a run beside which another version has come into force."""
    _end(row, f"Version {number} of the policy came into force, which it was not held beside", by=WATCHBILL, now=now)


def shadow_adopt(shadow_id: int, *, reason: str, by: Actor, now: datetime) -> int:
    """Publish the draft of a run that is over and was not stopped, at once; return the version's number.

    The shadow run stands for the dry run. Undone by `services.policy_take_back` to the version before. Raises NotFound, NotAllowed,
    InvalidFacts without a reason or for a draft that names what the desk no longer has, and Conflict saying why it cannot be adopted, or that another version came meanwhile.
    """
    row = shadow_get(shadow_id, by=by)
    require(by, Right.POLICY_EDIT, row.desk_id)
    require_reason(reason)
    with transaction.atomic():
        models.Shadow.objects.select_for_update().get(id=shadow_id)
        row = shadow_get(shadow_id, by=by)
        refused = adopt_refused(row, shadow_sums(shadow_id), now=now)
        if refused:
            raise Conflict(refused)
        draft_read(row.desk_id, {key: value for key, value in row.policy.items() if key != "version"}, now=now)
        said = f"{row.name} adopted after shadow run {row.reference}: {reason.strip()}"
        number = policy_version_add(
            row.desk_id, lambda new: replace(row.draft(), version=new).as_json(), holds_from=now, reason=said,
            seen_number=row.against, by=by, now=now,
        )  # fmt: skip
        models.Shadow.objects.filter(id=shadow_id).update(published=number, ended_at=now)
        _audit(
            "shadow_adopted", row.id, row.desk_id, after={"version": number, "reason": reason.strip()}, by=by, now=now
        )
    return number


def _end(row: ShadowRow, message: str, *, by: Actor, now: datetime) -> bool:
    ended = models.Shadow.objects.filter(id=row.id, state=RUNNING, published=None).update(
        state=STOPPED, message=message, ended_at=now
    )
    if ended:
        _audit("shadow_stopped", row.id, row.desk_id, after={"why": message}, by=by, now=now)
    return bool(ended)


def _audit(action: str, shadow_id: int, desk_id: int, *, after: Mapping[str, Any], by: Actor, now: datetime) -> None:
    audit_add(
        action,
        object_kind="shadow",
        object_ref=shown(SHADOW, shadow_id) or "",
        desk_id=desk_id,
        after=dict(after),
        by=by,
        now=now,
    )
