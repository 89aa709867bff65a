"""`watchbill next`: what a person does next, and why this one; or picking it."""

from __future__ import annotations

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, spoken


@click.command("next")
@click.option("--person", metavar="PERSON", help="PER-12 or whole name; else the person of --as.")
@desk_option
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="Lines at most.")
@click.option("--take", "is_taking", is_flag=True, help="Take the first that may be picked, as the user of --as.")
@click.option("--item", "reference", metavar="ITEM", default="", help="With --take: this one, if it is still there.")
@spoken
def next_items(
    call: Call, person: str | None, desk: str | None, limit: int, reference: str, *, is_taking: bool
) -> None:
    """Say what a person does next, and why this one before the next: her own work, and what she may pick from queues."""
    from watchbill.apps.people.queries import person_key
    from watchbill.engine.base.errors import InvalidFacts
    from watchbill.flows.assign.picking import next_of, next_pick

    if is_taking:
        picked = next_pick(reference=reference, by=call.by, now=call.now)
        faster = f" ({picked.instead_of} is gone)" if picked.instead_of else ""
        call.tell(picked.as_json(), f"{picked.reference} is yours{faster}: {picked.title}", picked.why)
        return
    if person is None and call.by.person_id is None:
        raise InvalidFacts("Say whose: --person NAME, or --as a user who owns work")
    found = next_of(
        call.by.person_id or 0 if person is None else person_key(call.desk(desk).id, person, by=call.by),
        most=limit, by=call.by, now=call.now,
    )  # fmt: skip
    call.tell(
        found.as_json(),
        f"{found.name}: {len(found.lines) or 'nothing is'} next"
        + (f"; {found.waiting} wait to be picked" if found.waiting else ""),
        *(
            line
            for at, one in enumerate(found.lines, 1)
            for line in (
                f"{at}. {one.reference} P{int(one.priority)} {'her own' if one.is_own else 'to pick'}: {one.title}",
                f"   {one.why}" + (f". Before the next: {one.before}" if one.before else ""),
            )
        ),
        *((f"Not for her now: {found.left_out}",) if found.left_out else ()),
    )
