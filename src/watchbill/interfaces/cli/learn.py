"""`watchbill learn`: what people's answers to proposals teach about the assignment policy."""

from __future__ import annotations

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, spoken


@click.group()
def learn() -> None:
    """What people decide otherwise, again and again, and which change of the policy it would mean."""


days_option = click.option(
    "--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="Answers of so many days."
)


@learn.command("show")
@desk_option
@days_option
@spoken
def learn_show(call: Call, desk: str | None, days: int) -> None:
    """Show what stands out in people's answers. Nothing is ever changed by it."""
    from watchbill.flows.learn import lessons, lessons_shown

    found = lessons(call.desk(desk).id, days=days, by=call.by, now=call.now)
    said = found.learned.overridden
    head = f"{said.total} answers in {days} days, {said.hits} of them otherwise than proposed"
    lines = [
        f"{head}; {found.learned.tested} patterns looked at.",
        *(f"  in {queue}: {count}" for queue, count in found.by_queue.items()),
        *(f"  refused: {code.replace('_', ' ')}, {count}" for code, count in found.learned.by_refusal.items()),
    ]
    for lesson in found.open:
        lines += [f"{lesson.finding.key}: {lesson.title}", f"  {lesson.sentence}"]
        lines.append(f"  {', '.join(item for _, item in lesson.decisions)}")
    lines += [
        f"Set aside by {lesson.set_aside['by_name']}: {lesson.title} ({lesson.set_aside['reason']})"
        for lesson in found.set_aside
        if lesson.set_aside
    ]
    call.tell(lessons_shown(found), *lines, *(() if found.open else ("Nothing stands out.",)))


@learn.command("aside")
@click.argument("key")
@desk_option
@days_option
@click.option("--reason", required=True, help="Why it is not followed.")
@spoken
def learn_aside(call: Call, key: str, desk: str | None, days: int, reason: str) -> None:
    """Set a finding aside until it rests on half as many answers more."""
    from watchbill.flows.learn import lesson_set_aside

    lesson_set_aside(call.desk(desk).id, key, days=days, reason=reason, by=call.by, now=call.now)
    call.tell({"key": key, "is_set_aside": True}, f"{key}: set aside")


@learn.command("back")
@click.argument("key")
@desk_option
@spoken
def learn_back(call: Call, key: str, desk: str | None) -> None:
    """Show a finding again that was set aside."""
    from watchbill.apps.decisions.learning import finding_bring_back

    finding_bring_back(call.desk(desk).id, key, by=call.by, now=call.now)
    call.tell({"key": key, "is_set_aside": False}, f"{key}: shown again")
