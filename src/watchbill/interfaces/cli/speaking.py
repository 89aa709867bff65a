"""How commands listen and answer: who acts, on which desk, and lines for people or one JSON object for programs."""

from __future__ import annotations

import functools
import getpass
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from watchbill.apps.core.actor import Actor
    from watchbill.apps.people.desks import DeskRow
    from watchbill.engine.base.errors import Conflict, WatchbillError

WIDEST = 48
"""Characters of a cell of a table at a terminal; longer text is cut with an ellipsis. What goes into a file or another program is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a command: the actor, desk time, and how to answer."""

    by: Actor
    now: datetime
    as_json: bool

    def tell(self, answer: Any, *lines: str) -> None:
        """Answer with *answer* as one JSON object, or with *lines* for people."""
        tell(answer, *lines, as_json=self.as_json)

    def desk(self, slug: str | None) -> DeskRow:
        """Return the desk named, or the only one. Raises NotFound, and InvalidFacts when there is a choice."""
        from watchbill.apps.people.queries import desk_get, desk_list
        from watchbill.engine.base.errors import InvalidFacts, NotFound

        if slug is not None:
            return desk_get(slug, by=self.by)
        desks = desk_list(by=self.by)
        if not desks:
            raise NotFound("There is no desk yet, or you may see none; an import makes one: watchbill import")
        if len(desks) > 1:
            raise InvalidFacts(f"Say which desk: --desk {' or '.join(desk.slug for desk in desks)}")
        return desks[0]


class Alone(click.Command):
    """A command that asks nothing of the installation: neither its database nor Django, so it answers on any machine."""

    is_alone = True
    """Looked at by `config.main`, which makes the house ready for all others."""


def tell(answer: Any, *lines: str, as_json: bool) -> None:
    """Answer with *answer* as one JSON object, or with *lines* for people."""
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, default=plain))
    else:
        for line in lines:
            click.echo(line)


def plain(value: object) -> str:
    """Return what JSON has no form for as text: instants as ISO 8601."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")


def spoken(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --json and --as, and a `Call` as its first argument. One of those below it speaks for itself."""

    @json_option
    @click.option("--as", "acting_as", metavar="USER", help="Act as this user, with her rights; else as the console.")
    @functools.wraps(view)
    def run(*words: Any, as_json: bool, acting_as: str | None, **named: Any) -> Any:
        if click.get_current_context().invoked_subcommand is not None:
            return None
        from watchbill.apps.core.actor import console
        from watchbill.apps.core.queries import now
        from watchbill.apps.people.queries import actor_of_username
        from watchbill.engine.base.errors import Conflict

        by = console(getpass.getuser()) if acting_as is None else actor_of_username(acting_as)
        try:
            return view(Call(by=by, now=now(), as_json=as_json), *words, **named)
        except Conflict as error:
            raise _to_come(error, named.get("version")) from None

    return run


def _to_come(error: Conflict, asked: int | None) -> WatchbillError:
    """Return what to say of a version that does not exist yet: nobody was faster, it was mistyped."""
    from watchbill.engine.base.errors import InvalidFacts

    current = error.details.get("version")
    if asked is None or not isinstance(current, int) or asked <= current:
        return error
    return InvalidFacts(
        f"There is no version {asked} yet: the current version is {current}. --version takes the one you saw",
        field="version", version=current,
    )  # fmt: skip


class PriorityType(click.ParamType[int]):
    """A priority as people write it: 2, or P2."""

    name = "P1|P2|P3|P4"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip().upper().removeprefix("P")
        if text not in {"1", "2", "3", "4"}:
            self.fail(f"{value!r} is no priority: expected 1 to 4, or P1 to P4", param, ctx)
        return int(text)


PRIORITY = PriorityType()
desk_option = click.option("--desk", metavar="SLUG", help="The desk; may be left out when there is only one.")
limit_option = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Rows at most."
)
version_option = click.option(
    "--version", type=click.IntRange(min=1), help="The version you saw: a conflict if somebody was faster."
)


def instant(text: str, what: str) -> datetime:
    """Return the instant that was given for *what*. Raises InvalidFacts, with an example."""
    from watchbill.engine.base.errors import InvalidFacts
    from watchbill.engine.base.time import require_instant

    try:
        return require_instant(datetime.fromisoformat(text), what)
    except ValueError:
        field = what.removeprefix("--")
        raise InvalidFacts(f"{what} takes an instant such as 2026-03-02T17:00+01:00", field=field) from None


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return lines of a table, columns aligned; an empty one says so."""
    widest = WIDEST if sys.stdout.isatty() else None
    cells = [[_cell(value, widest) for value in row] for row in rows]
    if not cells:
        return ["Nothing."]
    widths = [max(len(row[index]) for row in [list(heads), *cells]) for index in range(len(heads))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in [list(heads), *cells]
    ]


def _cell(value: object, widest: int | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    text = "".join(each if each.isprintable() else " " for each in str(value))
    return text if widest is None or len(text) <= widest else f"{text[: widest - 1]}…"
