"""`watchbill shadow`: drafts of the assignment policy held beside what is decided, and adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.flows.assign.shadowtold import ShadowTold


@click.group()
def shadow() -> None:
    """Hold a draft of the assignment policy beside what is decided, without acting on it; then adopt it, or not."""


@shadow.command("start")
@click.argument("draft")
@desk_option
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="For how long.")
@spoken
def shadow_start(call: Call, draft: str, desk: str | None, days: int) -> None:
    """Begin for DRAFT, as watchbill backtests ask --policies list names it."""
    from watchbill.flows.assign.shadowtold import shadow_told
    from watchbill.flows.backtest.adopting import shadow_ask

    key = shadow_ask(call.desk(desk).id, draft, days=days, by=call.by, now=call.now)
    _tell(call, shadow_told(key, by=call.by, now=call.now))


@shadow.command("list")
@desk_option
@click.option("--after", default="", metavar="SHD-7", help="Shadow runs behind this one.")
@limit_option
@spoken
def shadow_list(call: Call, desk: str | None, after: str, limit: int) -> None:
    """List the shadow runs of a desk, the latest first."""
    from watchbill.apps.core.references import SHADOW, key_of
    from watchbill.apps.decisions.shadows import shadow_page
    from watchbill.flows.assign.shadowtold import line_of

    before = key_of(SHADOW, after) if after else None
    found = shadow_page(call.desk(desk).id, before=before, limit=limit + 1, by=call.by)
    rows = [line_of(row, call.now) for row in found[:limit]]
    more = rows[-1]["reference"] if len(found) > limit else None
    names = ("reference", "draft", "state", "days", "days_done", "by", "asked_at")
    call.tell(
        {"shadows": rows, "next": more}, *table(names, [[row[name] for name in names] for row in rows]),
        *([f"More: --after {more}"] if more else []),
    )  # fmt: skip


@shadow.command("show")
@click.argument("reference")
@spoken
def shadow_show(call: Call, reference: str) -> None:
    """Show the shadow run REFERENCE: how far it is, what it has come to, and where the draft differs."""
    from watchbill.apps.core.references import SHADOW, key_of
    from watchbill.flows.assign.shadowtold import shadow_told

    _tell(call, shadow_told(key_of(SHADOW, reference), by=call.by, now=call.now))


@shadow.command("stop")
@click.argument("reference")
@spoken
def shadow_end(call: Call, reference: str) -> None:
    """Stop the shadow run REFERENCE, which is under way."""
    from watchbill.apps.core.references import SHADOW, key_of
    from watchbill.apps.decisions.shadows import shadow_stop
    from watchbill.flows.assign.shadowtold import shadow_told

    key = key_of(SHADOW, reference)
    shadow_stop(key, by=call.by, now=call.now)
    _tell(call, shadow_told(key, by=call.by, now=call.now))


@shadow.command("adopt")
@click.argument("reference")
@click.option("--reason", required=True, help="Why; kept with the version and in the audit trail.")
@spoken
def shadow_publish(call: Call, reference: str, reason: str) -> None:
    """Publish the draft of the shadow run REFERENCE, which is over and was not stopped. Undone by watchbill policy take-back."""
    from watchbill.apps.core.references import SHADOW, key_of
    from watchbill.apps.decisions.shadows import shadow_adopt
    from watchbill.flows.assign.shadowtold import shadow_told

    key = key_of(SHADOW, reference)
    shadow_adopt(key, reason=reason, by=call.by, now=call.now)
    _tell(call, shadow_told(key, by=call.by, now=call.now))


def _tell(call: Call, told: ShadowTold) -> None:
    found, row = told.as_json(), told.row
    lines = [
        f"{row.reference}: {row.name}, {found['state']}, {found['days_done']:g} of {row.days} days",
        *([row.message] if row.message else []),
        f"{found['compared']:,} decisions compared, the draft agrees in {found['agree']:,}; {row.turns:,} turns, {row.seconds:.2f} s in all",
        (
            f"Expected misses with the draft, more than with what was done: {found['expected_misses']:+.1f} ({found['low']:+.1f} to"
            f" {found['high']:+.1f}); P1 and P2: {found['urgent_expected_misses']:+.1f} ({found['urgent_low']:+.1f} to {found['urgent_high']:+.1f})"
        ),
        f"Adopt: {told.refused or f'watchbill shadow adopt {row.reference} --reason WHY'}",
    ]
    if found["differs"]:
        names = ("item", "priority", "done", "draft", "reason")
        lines += ["", *table(names, [[one[name] or "nobody" for name in names] for one in found["differs"]])]
    call.tell(found, *lines)
