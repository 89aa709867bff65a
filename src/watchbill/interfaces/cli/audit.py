"""`watchbill audit` and `rebuild`: what happened, whether it is still as it was written, and items made anew from it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from watchbill.interfaces.cli.speaking import Call, limit_option, plain, spoken, table

STREAMS = ("audit", "work")
WAIT_S = 0.2
SEAL_TRIES = 150


@click.group()
def audit() -> None:
    """Read, export, seal and verify the audit trail."""


@audit.command("list")
@click.option("--desk", metavar="SLUG", help="Only this desk.")
@click.option("--action", default="", help="Only this act, such as policy_published.")
@click.option("--object", "object_kind", default="", metavar="KIND", help="Only this kind of thing, such as user.")
@click.option("--after", type=click.IntRange(min=1), metavar="ID", help="Older than this id.")
@limit_option
@spoken
def audit_list(call: Call, desk: str | None, action: str, object_kind: str, after: int | None, limit: int) -> None:
    """List what happened to anything but work items, the latest first."""
    from watchbill.apps.core.trail import AuditFilter
    from watchbill.flows.audit import page

    wanted = AuditFilter(action=action, object_kind=object_kind)
    rows = page(wanted, desk_id=call.desk(desk).id if desk else None, after=after, limit=limit, by=call.by)
    heads = ("id", "at", "actor_name", "action", "object_kind", "object_ref", "reason")
    call.tell({"events": rows}, *table(heads, [[row[name] for name in heads] for row in rows]))


@audit.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--stream", type=click.Choice(STREAMS), default="audit", show_default=True, help="Audit log or work events."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="JSON lines or CSV.",
)
@click.option("--seals", type=click.Path(path_type=Path, dir_okay=False), help="Write the seals of the stream here.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@spoken
def audit_export(call: Call, file: Path, stream: str, form: str, seals: Path | None, *, overwrite: bool) -> None:
    """Write a whole stream into FILE, and its SHA-256 into FILE.sha256."""
    from watchbill.engine.base.errors import Conflict
    from watchbill.flows.audit import Format, export, seals_of

    if file.exists() and not overwrite:
        raise Conflict(f"{file} exists already; name another file, or add --overwrite")
    draft = file.with_name(f"{file.name}.part")
    with draft.open("wb") as out:
        done = export(stream, out, form=Format(form), by=call.by, now=call.now)
    if seals is not None:
        lines = (json.dumps(seal, default=plain) + "\n" for seal in seals_of(stream, by=call.by))
        with seals.open("w", encoding="utf-8") as out:
            out.writelines(lines)
    draft.replace(file)
    file.with_name(f"{file.name}.sha256").write_text(f"{done.sha256}  {file.name}\n", encoding="utf-8")
    call.tell(
        {"file": str(file), "stream": stream, "rows": done.rows, "sha256": done.sha256},
        f"{done.rows:,} rows of {stream} written to {file}; SHA-256 {done.sha256}",
    )


@audit.command("verify")
@click.option("--anchor", multiple=True, help="An anchor that an earlier verify printed; may be given several times.")
@spoken
def audit_verify(call: Call, anchor: tuple[str, ...]) -> None:
    """Compute every seal again; exit code 1 names the first range that is not as it was sealed."""
    from watchbill.flows.audit import verify

    found = verify(anchors=anchor, by=call.by, now=call.now)
    answer = [
        {
            "stream": each.stream, "ok": each.is_good, "seals": each.seals, "rows": each.rows, "last_id": each.last_id,
            "anchor": each.anchor, "unsealed": each.unsealed,
            "bad": {"first_id": each.bad.first_id, "last_id": each.bad.last_id, "why": each.bad.why}
            if each.bad else None,
        }
        for each in found
    ]  # fmt: skip
    lines = [
        f"{each.stream}: ids {each.bad.first_id} to {each.bad.last_id}: {each.bad.why}"
        if each.bad
        else f"{each.stream}: {each.rows:,} rows under {each.seals:,} seals are as they were written. Anchor: {each.anchor or '-'}"
        for each in found
    ]
    newer = [
        f"{each.stream}: {each.unsealed:,} newer {'row is' if each.unsealed == 1 else 'rows are'} under no seal yet: watchbill audit seal"
        for each in found
        if each.unsealed
    ]
    is_good = all(each.is_good for each in found)
    call.tell({"ok": is_good, "streams": answer}, *lines, *newer)
    if not is_good:
        sys.exit(1)


@audit.command("seal")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a line.")
def audit_seal(*, as_json: bool) -> None:
    """Seal everything that is settled now, as the ticker does every minute. Watchbill itself signs it."""
    from watchbill.flows.audit import seal_all

    rows = 0
    for _ in range(SEAL_TRIES):
        sealed, is_done = seal_all()
        rows += sealed
        if is_done:
            break
        time.sleep(WAIT_S)
    click.echo(json.dumps({"rows": rows, "is_done": is_done}) if as_json else f"{rows:,} rows sealed")
    if not is_done:
        click.echo("A write that began before is still running; run this again when it is over", err=True)
        sys.exit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a line.")
def rebuild(*, as_json: bool) -> None:
    """Make all item rows anew from their events. Nothing changes unless rows were damaged."""
    from watchbill.apps.work.services import projection_rebuild

    rows = projection_rebuild()
    click.echo(json.dumps({"items": rows}) if as_json else f"{rows:,} items made anew from their events")
