"""From shadow runs as they are kept to their pages."""

from __future__ import annotations

from watchbill.apps.decisions.dryruns import draft_digest
from watchbill.apps.decisions.queries import policy_versions
from watchbill.apps.decisions.shadows import (
    DAYS,
    MOST_DAYS,
    Phase,
    ShadowRow,
    adopt_refused,
    shadow_page,
    shadow_sums,
)
from watchbill.apps.people.rights import Right
from watchbill.apps.reports.backtests import BacktestRow
from watchbill.engine.assign.policy import Policy
from watchbill.flows.assign.shadowtold import LIMITS, ShadowTold
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import count, moment, plural
from watchbill.interfaces.web.runpage import time_said
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels import shadows as model
from watchbill.interfaces.web.viewmodels.parts import Chip, Link

FORM, BEGIN = "shadow", "begin"
LISTED = 10
"""Of a desk, on What-if; the command lists them all."""
STATES = {
    Phase.RUNNING: Chip(label="In the shadow", look="accent"), Phase.STOPPED: Chip(label="Stopped", look="crit"),
    Phase.OVER: Chip(label="Over"), Phase.ADOPTED: Chip(label="Adopted"),
}  # fmt: skip


def shadow_lines(visit: Visit) -> list[model.ShadowLine]:
    """Return the latest shadow runs of the desk, those that a command or a program has begun too: one query."""
    return [_line(visit, row) for row in shadow_page(visit.desk.id, limit=LISTED, by=visit.actor)]


def _line(visit: Visit, row: ShadowRow) -> model.ShadowLine:
    phase, done = row.phase(visit.now), row.days_done(visit.now)
    is_running = phase is Phase.RUNNING
    return model.ShadowLine(
        name=row.reference,
        href=visit.href("whatif-shadow", row.id),
        draft=row.name,
        state=STATES[phase],
        share=done / row.days if is_running else None,
        says=row.message or f"{done:.1f} of {plural(row.days, 'day')}",
        asked=f"{row.by_name}, {moment(row.asked_at, visit.now)} UTC{time_said(visit, 'desk')}",
    )


def adopting(visit: Visit, row: BacktestRow, sent: Sent | None = None) -> model.Adopting | None:
    """Return the drafts that competed, each with its latest shadow run; None where there is none, or nobody may publish."""
    drafts = row.policy["drafts"]
    if row.result is None or not drafts or not visit.may(Right.POLICY_EDIT):
        return None
    digests = [draft_digest(Policy.from_json(draft["body"], is_stored=True)) for draft in drafts]
    runs = shadow_page(visit.desk.id, digests=digests, by=visit.actor)
    lines = []
    for number, (draft, digest) in enumerate(zip(drafts, digests, strict=True)):
        found = next((one for one in runs if one.digest == digest), None)
        phase = None if found is None else found.phase(visit.now)
        why = "It has not been in a shadow run yet"
        if found is not None:
            why = adopt_refused(found, shadow_sums(found.id), now=visit.now)
        lines.append(
            model.DraftLine(
                id=f"draft-{number}",
                name=draft["name"],
                says=draft["says"],
                shadow=None if found is None else Link(label=found.reference, href=visit.href("whatif-shadow", found.id)),
                state=None if phase is None else STATES[phase],
                begin_href="" if phase is Phase.RUNNING else visit.href("whatif-shadow-begin", row.id),
                adopt_href="" if found is None or why else visit.href("whatif-shadow", found.id) + "#adopt",
                why_not=why,
            )
        )  # fmt: skip
    error = "" if sent is None else "; ".join(slip.message for slip in sent.slips)
    return model.Adopting(drafts=lines, days=value_of(sent, BEGIN, "days", DAYS), most_days=MOST_DAYS, error=error)


def shadow_shown(visit: Visit, told: ShadowTold, sent: Sent | None = None) -> model.ShadowPage:
    """Return one shadow run, keyed by what may be done with it."""
    row, phase = told.row, told.row.phase(told.now)
    may_edit, done = visit.may(Right.POLICY_EDIT), row.days_done(told.now)
    newest = next(iter(policy_versions(row.desk_id)), None)
    is_newest = row.published is not None and newest is not None and newest["number"] == row.published
    back = Link(label="What-if", href=visit.href("whatif"))
    if row.backtest:
        back = Link(
            label=f"Comparison {row.backtest}", href=visit.href("whatif-run", int(row.backtest.partition("-")[2]))
        )
    return model.ShadowPage(
        title=f"Shadow run {row.reference}",
        back=back,
        state=STATES[phase],
        sub=f"{row.name}; {row.by_name}, {moment(row.asked_at, told.now)} UTC{time_said(visit, 'desk')}",
        message=row.message,
        live_href=visit.href("whatif-shadow", row.id) if phase is Phase.RUNNING else "",
        share=min(1.0, done / row.days),
        progress=f"{done:.1f} of {plural(row.days, 'day')}; until {moment(row.ends_at, told.now)} UTC{time_said(visit, 'desk')}",
        facts=_facts(told),
        rule=f"It ends by itself when, of at least {row.stop_rule.least} decisions on P1 and P2, the draft is expected to miss more than"
        f" {row.stop_rule.margin:g} more than what was done, {row.stop_rule.deviations:g} standard deviations taken off.",
        differs=[
            model.DifferLine(
                reference=one.reference, href=visit.href("case", one.reference), priority=one.priority, at=moment(one.at, told.now),
                done=told.names.get(one.done_id or 0, "Nobody"), draft=told.names.get(one.draft_id or 0, "Nobody"),
                difference="not known" if one.difference is None else f"{one.difference:+.2f}", reason=one.reason,
            )
            for one in told.differs
        ],
        limits=LIMITS,
        stop_href=visit.href("whatif-shadow-stop", row.id) if phase is Phase.RUNNING and may_edit else "",
        adopt_href=visit.href("whatif-shadow-adopt", row.id) if may_edit and phase is not Phase.ADOPTED else "",
        is_adoptable=not told.refused,
        why_not=told.refused,
        undo_href=visit.href("policy-assign-take-back", row.against) if may_edit and is_newest else "",
        undo_label=f"Back to version {row.against}" if row.against else "Back to what is delivered",
        published=None if row.published is None else Link(
            label=f"Version {row.published}", href=visit.href("policy-assign", v=row.published)
        ),
        seen=row.published or 0,
        reason=value_of(sent, FORM, "reason"),
        error=message_of(sent, FORM, "reason"),
        errors=summary_of(sent, FORM),
    )  # fmt: skip


def _facts(told: ShadowTold) -> list[tuple[str, str]]:
    row, sums = told.row, told.sums
    share = "" if sums.share_agreed is None else f", {sums.share_agreed:.0%}"
    each = f", {1000 * row.seconds / row.turns:.0f} ms each" if row.turns else ""
    low, high = sums.all_of.interval()
    urgent_low, urgent_high = sums.urgent.interval()
    return [
        ("Decisions compared", count(sums.compared)),
        ("The draft agrees in", f"{count(sums.agree)}{share}"),
        ("The draft leaves to nobody", count(sums.nobody)),
        ("Expected misses, more with the draft", f"{sums.all_of.total:+.1f} ({low:+.1f} to {high:+.1f}), of {plural(sums.all_of.count, 'decision')}"),
        ("Of P1 and P2", f"{sums.urgent.total:+.1f} ({urgent_low:+.1f} to {urgent_high:+.1f}), of {plural(sums.urgent.count, 'decision')}"),
        ("Held beside", f"version {row.against}" if row.against else "what is delivered"),
        ("Cost", f"{plural(row.turns, 'turn')} of the ticker{each}"),
    ]  # fmt: skip
