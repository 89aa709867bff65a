"""The `watchbill` command: its own commands, those of `interfaces.cli`, and the demo's; loaded only when used."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import Any

import click

from watchbill.config.env import env
from watchbill.config.house import House
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound, Unavailable, WatchbillError

# Exit codes by family; 1 is left for "it ran, and the answer is no".
EXIT_CODES: dict[type[WatchbillError], int] = {
    InvalidFacts: 2,
    NotFound: 3,
    NotAllowed: 4,
    Conflict: 5,
    Unavailable: 6,
}
# Where the commands of lower floors are.
CLI_MODULE = "watchbill.interfaces.cli"
DEMO_MODULE = "watchbill.demo.command"
DEMO_NAME = "demo"
HELP_WORDS = frozenset({"-h", "--help"})


class Commands(click.Group):
    """Our own commands, then those of the lower floors, imported when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_borrowed()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _borrowed().get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Make the house ready before a command of `interfaces.cli` runs, unless it is one that asks nothing of it.

        The demo's command does so itself. A help word anywhere before ``--`` asks how the command is used, and runs nothing.
        """
        name, command, rest = super().resolve_command(ctx, args)
        if name is None or command is None or ctx.resilient_parsing:
            return name, command, rest
        leaf = _leaf(click.Context(command, ctx, name, **command.context_settings), rest)
        if HELP_WORDS & {*takewhile(lambda word: word != "--", rest)}:
            click.echo(leaf.get_help(), color=ctx.color)
            ctx.exit()
        if not (name == DEMO_NAME or name in self.commands or _is_alone(leaf.command, rest)):
            ctx.ensure_object(House).prepare()  # the group's own function has not run yet
        return name, command, rest


def _leaf(context: click.Context, words: list[str]) -> click.Context:
    """That of the command that is run, the names of those below the command of *context* being the first of *words*."""
    command = context.command
    if isinstance(command, click.Group) and words and (below := command.commands.get(words[0])):
        return _leaf(click.Context(below, context, words[0], **below.context_settings), words[1:])
    return context


def _is_alone(command: click.Command, words: list[str]) -> bool:
    """Whether the command asks nothing of the installation, ever or when called with these words."""
    alone_with: Callable[[list[str]], bool] = getattr(command, "is_alone_with", lambda _words: False)
    return getattr(command, "is_alone", False) or alone_with(words)


def _borrowed() -> dict[str, click.Command]:
    """The commands of the lower floors; their modules load neither Django nor anything heavy."""
    commands: list[click.Command] = import_module(CLI_MODULE).COMMANDS
    return {DEMO_NAME: import_module(DEMO_MODULE).demo, **{each.name: each for each in commands if each.name}}


@click.group(cls=Commands, context_settings={"help_option_names": sorted(HELP_WORDS), "max_content_width": 100})
@click.pass_context
def cli(context: click.Context) -> None:
    """Watchbill: the control room for service operations that never close."""
    context.ensure_object(House)


def _part(name: str, text: str) -> click.Command:
    """The command of one part, run apart from the others."""

    @click.option("--supervised", is_flag=True, hidden=True, help="The supervisor has made everything ready.")
    @click.pass_obj
    def run(house: House, *, supervised: bool) -> None:
        _run_part(house, name, supervised=supervised)

    return click.command(name, help=text)(run)


def _run_part(house: House, name: str, *, supervised: bool) -> None:
    import threading

    from watchbill.config import parts
    from watchbill.config.supervisor import FURTHER, database_keep, port_check

    ports = {"web": ("WATCHBILL_PORT", env().port), "live": ("WATCHBILL_LIVE_PORT", env().live_port)}
    if supervised:
        parts.follow_parent()
        house.load()
    else:
        if name in ports:
            setting, port = ports[name]
            port_check(env().listen, port, other=f"{setting}={port + FURTHER}")
        house.prepare()
        threading.Thread(target=database_keep, args=(env(), threading.Event(), house.say), daemon=True).start()
        house.say(f"{name}: started (process {os.getpid()})")
    parts.PARTS[name](env())


for _name, _text in (
    ("web", "Run the pages and the API alone."),
    ("live", "Run the process for live updates (server-sent events) alone."),
    ("worker", "Run the background worker alone."),
    ("tick", "Run the ticker alone."),
):
    cli.add_command(_part(_name, _text))


@cli.command()
@click.pass_obj
def serve(house: House) -> None:
    """Run everything: web, live updates, background worker and ticker, with the database if it is ours."""
    house.ports_check()
    house.prepare(migrate=True)
    link = house.first_admin_link()

    def opened() -> None:
        first = (
            f". There is no administrator yet; the first one opens this link, once, within 24 hours:\n  {link}"
            if link
            else ""
        )
        house.say(f"Watchbill opens at {house.address}{first}")

    sys.exit(house.serve(opened=opened))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_obj
def migrate(house: House, *, as_json: bool) -> None:
    """Bring the tables of the database up to date with this version."""
    from watchbill.config.database import database_ensure

    database_ensure(house.settings, say=house.say)
    house.load()
    applied = house.migrate()
    click.echo(json.dumps({"applied": applied}) if as_json else f"{applied} updates applied.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_obj
def doctor(house: House, *, as_json: bool) -> None:
    """Say what is wrong with this installation, and how to mend it."""
    from watchbill.config.doctor import examine, report

    findings = examine(house)
    click.echo(report(findings, as_json=as_json))
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a sentence.")
@click.pass_obj
def backup(house: House, file: Path, *, overwrite: bool, as_json: bool) -> None:
    """Write the whole database into FILE, while Watchbill runs."""
    from watchbill.config.backup import backup_write

    done = backup_write(house.settings, file, overwrite=overwrite, say=house.say)
    click.echo(json.dumps(done) if as_json else f"Backup written: {file} ({done['bytes']:,} bytes)")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace what the database holds now.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a sentence.")
@click.pass_obj
def restore(house: House, file: Path, *, replace: bool, as_json: bool) -> None:
    """Fill the database from a backup FILE: wholly, or not at all."""
    from watchbill.config.backup import backup_restore

    done = backup_restore(house.settings, file, replace=replace, say=house.say)
    click.echo(json.dumps(done) if as_json else f"Restored {done['tables']} tables from {file}.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a line.")
def version(*, as_json: bool) -> None:
    """Print the version."""
    from importlib.metadata import version as version_of

    found = {"watchbill": version_of("watchbill"), "python": sys.version.split()[0], "django": version_of("django")}
    click.echo(json.dumps(found) if as_json else f"Watchbill {found['watchbill']}")


def exit_code(error: WatchbillError) -> int:
    """The exit code of the error's family."""
    return next((code for family, code in EXIT_CODES.items() if isinstance(error, family)), 1)


def main() -> None:
    """Run the command line; an error that a user can act on is one sentence, never a traceback."""
    sys.exit(_guarded(lambda: cli.main(prog_name="watchbill", standalone_mode=False)))


def _guarded(call: Callable[[], Any]) -> int:
    """Call and translate every family of errors into its exit code."""
    try:
        result = call()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except WatchbillError as error:
        click.echo(f"watchbill: {error.message}", err=True)
        return exit_code(error)
    except Exception as error:
        said = _said_by_database(error)
        if said is None:
            raise
        click.echo(f"watchbill: {said.message[0].upper()}{said.message[1:]}", err=True)
        return exit_code(said)
    return result if isinstance(result, int) else 0


def _said_by_database(error: Exception) -> WatchbillError | None:
    """What an error of the database means, if it is not a fault of ours."""
    reason = str(error).strip().partition("\n")[0]
    if reason == "desk is closed":  # said by a trigger, because only the database sees who opens work at this moment
        return Conflict("This desk is closed; it takes no new work")
    if _is_database_error(error, "DataError"):
        return InvalidFacts("A text or a number is too large to be kept")
    if _is_database_error(error, "OperationalError"):
        return Unavailable(f"The database stopped answering: {reason} (watchbill doctor says more)")
    if any(_is_database_error(each, "InsufficientPrivilege") for each in (error, error.__cause__)):
        return Unavailable(f"{reason}. The user in WATCHBILL_DATABASE_URL must own the database and every table in it.")
    return None


def _is_database_error(error: BaseException | None, name: str) -> bool:
    """Whether the database's library raised an error of that name; looked up by names, so that nothing is imported."""
    return any(
        kind.__name__ == name and kind.__module__.startswith(("psycopg", "django.db")) for kind in type(error).__mro__
    )


if __name__ == "__main__":
    main()
