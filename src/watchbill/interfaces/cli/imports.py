"""`watchbill import`, `imports`, `profiles` and `infer`: history in, and what it says about people."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.guess import GuessAlone, guess_options, guess_pointed
from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.flows.intake.load import Summary

BETWEEN_LINES_S = 2.0
"""Seconds between two lines of progress, where nobody sits at the terminal."""


class Progress:
    """Tells on standard error how far an import has come: one line rewritten at a terminal, a line now and then else."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._told = ("", 0.0)

    def __call__(self, what: str, share: float) -> None:
        before, at = self._told
        now = perf_counter()
        if what == before and share < 1 and now - at < (0.1 if self._is_terminal else BETWEEN_LINES_S):
            return
        self._told = (what, now)
        end = "\r" if self._is_terminal and share < 1 else "\n"
        click.echo(f"{what:<9} {share:4.0%}", err=True, nl=False)
        click.echo(end, err=True, nl=False)


@click.command("import", cls=GuessAlone)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--profile", metavar="NAME", help="Name of a profile, or a path to a .toml file; or --guess.")
@guess_options
@click.option("--desk", metavar="SLUG", help="The desk; may be left out when there is only one, or none yet.")
@click.option("--new-desk", is_flag=True, help="Make the desk named if it is not there yet.")
@click.option("--shift-weeks", type=int, default=0, help="Move all instants by whole weeks; the true ones are kept.")
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Where rejected rows are written.")
@spoken
def import_file(
    call: Call,
    file: Path,
    profile: str | None,
    desk: str | None,
    shift_weeks: int,
    rejects: Path | None,
    *,
    new_desk: bool,
) -> None:
    """Import a history from FILE: CSV, plain or in gzip or zip, or a workbook (.xlsx).

    Run it again after an interruption and it goes on; run it on the same file and nothing changes. With --guess nothing is
    imported: a profile for FILE is drafted, which needs neither database nor server.
    """
    if profile is None:
        raise click.UsageError("Missing option '--profile'; of an unknown file, --guess drafts one.")
    from django.conf import settings

    from watchbill.apps.shifts.queries import hours_known
    from watchbill.flows.intake.desk import desk_for
    from watchbill.flows.intake.load import import_run
    from watchbill.flows.intake.profiles import profile_load

    loaded = profile_load(profile)
    target, is_new = desk_for(desk, loaded, file, may_be_new=new_desk, by=call.by, now=call.now)
    if is_new:
        click.echo(
            f"Made the desk “{target.slug}” in {target.zone}, with office hours, P1 and P2 round the clock, and default targets.",
            err=True,
        )
    with guess_pointed("import", file):
        summary = import_run(
            file,
            loaded,
            desk_id=target.id,
            shift_weeks=shift_weeks,
            rejects_path=rejects or Path(settings.DATA_FOLDER) / "imports" / f"{file.name}.rejects.csv",
            tell=Progress(),
            by=call.by,
            now=call.now,
        )
    next_step = f"Nobody's hours are known yet, so nobody can be proposed. Next: watchbill infer {target.slug}"
    call.tell(_answer(summary), *_lines(summary), *([] if any(hours_known(target.id).values()) else [next_step]))


def _answer(summary: Summary) -> dict[str, Any]:
    """The summary under the names that programs know; the import's id last."""
    return {("import" if name == "import_id" else name): value for name, value in asdict(summary).items()}


def _lines(summary: Summary) -> list[str]:
    repeat = "This file was imported before, by the same profile: nothing changed." if summary.is_repeat else ""
    rows = f"{summary.rows_read:,} rows read = {summary.rows_accepted:,} accepted + {summary.rows_rejected:,} rejected"
    span = f"{summary.first_at:%Y-%m-%d %H:%M} to {summary.last_at:%Y-%m-%d %H:%M} UTC" if summary.first_at else "-"
    added = f"{summary.events_added:,} new, {summary.events_held:,} held back"
    events = f"{summary.items:,} items, {summary.events:,} events ({added}), {summary.people:,} people"
    rate = summary.rows_read / max(summary.seconds, 0.001)
    speed = f"{summary.seconds:.1f} s, {rate:,.0f} rows/s, {summary.peak_rss_mb:.0f} MB at most"
    return [
        *([repeat] if repeat else []),
        rows,
        events,
        f"from {span} (true instants)",
        *([] if repeat else [speed]),
        *([f"Rejected rows: {summary.rejects_file}"] if summary.rows_rejected and summary.rejects_file else []),
    ]


@click.group("imports")
def imports() -> None:
    """List imports, and look at the rows that one of them rejected."""


@imports.command("list")
@desk_option
@spoken
def imports_list(call: Call, desk: str | None) -> None:
    """List the imports into a desk, the latest first."""
    from watchbill.apps.core.references import IMPORT, shown
    from watchbill.apps.inbox.queries import import_list

    found = import_list(call.desk(desk).id, by=call.by)
    heads = ("status", "file_name", "profile", "rows_read", "rows_rejected", "items", "events", "recorded_at")
    shown_rows = [replace(row, status="interrupted") if row.is_interrupted else row for row in found]
    call.tell(
        {"imports": [{"reference": shown(IMPORT, row.id), **asdict(row)} for row in found]},
        *table(
            ("reference", *heads),
            [[shown(IMPORT, row.id), *(getattr(row, head) for head in heads)] for row in shown_rows],
        ),
        *[f"{shown(IMPORT, row.id)}: {row.message}" for row in found if row.message],
    )


@imports.command("rejects")
@click.argument("reference")
@click.option("--after", type=int, default=0, metavar="LINE", help="Lines after this one.")
@limit_option
@spoken
def imports_rejects(call: Call, reference: str, after: int, limit: int) -> None:
    """List the rejected rows of an import (IMP-3): line, column, value, and what was expected."""
    from watchbill.apps.core.references import IMPORT, key_of
    from watchbill.apps.inbox.queries import rejects_page

    rows = rejects_page(key_of(IMPORT, reference), after_line=after, limit=limit, by=call.by)
    heads = ("line", "column", "value", "expected")
    call.tell({"rejects": rows}, *table(heads, [[row[head] for head in heads] for row in rows]))


@click.command("profiles")
@click.argument("name", required=False)
@spoken
def profiles(call: Call, name: str | None) -> None:
    """List the profiles, or show one as the TOML that it is."""
    from watchbill.flows.intake.profiles import profile_load, profile_names

    if name is not None:
        loaded = profile_load(name)
        call.tell({"name": loaded.profile.name, "digest": loaded.digest, "text": loaded.text}, loaded.text.rstrip())
        return
    rows = [(each, profile_load(each).profile.title) for each in profile_names()]
    call.tell({"profiles": [{"name": n, "title": t} for n, t in rows]}, *table(("name", "title"), rows))


@click.command("infer")
@click.argument("desk", required=False)
@spoken
def infer(call: Call, desk: str | None) -> None:
    """Infer teams, skills and usual hours of people from a desk's history.

    What was confirmed by hand stays; every inferred fact shows its evidence on the person's page.
    """
    from watchbill.flows.intake.infer import infer as infer_people

    found = infer_people(call.desk(desk).id, by=call.by, now=call.now)
    call.tell(
        asdict(found),
        f"{found.memberships:,} memberships, {found.skills:,} skills, {found.hours:,} intervals of usual hours",
        f"Hours of {found.people_own_hours:,} people by their own activity, of {found.people_team_hours:,} by their team's or the desk's",
        f"{found.likenesses:,} people are probably known under another name, too: see their evidence",
    )
