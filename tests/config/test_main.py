"""The command line: quick help, one sentence for each error, exit codes by family."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import click
import psycopg
import pytest

from tests.config.conftest import settings_for
from watchbill.config.database import database_ensure
from watchbill.config.doctor import LOOKS
from watchbill.config.main import EXIT_CODES, _guarded, cli
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound, Unavailable


def watchbill(*words: str, environment: dict[str, str], **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "watchbill.config.main", *words],
        env=environment | more,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidFacts("no"), 2),
        (NotFound("no"), 3),
        (NotAllowed("no"), 4),
        (Conflict("no"), 5),
        (Unavailable("no"), 6),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_family_has_its_exit_code(error, code):
    """Scripts can tell the families apart."""

    def fail():
        raise error

    assert _guarded(fail) == code


def test_an_error_is_one_sentence(capsys):
    """No traceback for what a person can mend."""

    def fail():
        raise Conflict("Somebody was faster.")

    _guarded(fail)
    assert capsys.readouterr().err == "watchbill: Somebody was faster.\n"


def test_a_lost_database_is_one_sentence(capsys):
    """A connection that breaks in the middle of a command is told, not dumped."""

    def fail():
        raise psycopg.OperationalError("server closed the connection unexpectedly\nand more")

    assert _guarded(fail) == EXIT_CODES[Unavailable]
    assert "stopped answering: server closed the connection unexpectedly (" in capsys.readouterr().err


def test_a_closed_desk_is_no_lost_database(capsys):
    """What a trigger says of a closed desk is told as what it is, with the code of a conflict."""

    def fail():
        raise psycopg.errors.RaiseException("desk is closed\nCONTEXT: a function")

    assert _guarded(fail) == EXIT_CODES[Conflict]
    assert capsys.readouterr().err == "watchbill: This desk is closed; it takes no new work\n"


def test_a_bug_is_not_hidden():
    """What nobody can mend at the terminal keeps its traceback."""

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _guarded(fail)


def test_help_loads_nothing_heavy(environment):
    """`watchbill --help` needs neither Django nor a database."""
    program = (
        "import sys; from watchbill.config.main import cli; "
        "cli.main(['--help'], prog_name='watchbill', standalone_mode=False); "
        "heavy = {'django', 'psycopg', 'ortools', 'numpy', 'granian'} & set(sys.modules); print('HEAVY', sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("HEAVY []")
    assert "serve" in done.stdout


def test_the_help_of_every_command_loads_nothing_heavy(environment):
    """Also of those below a command that does something by itself, such as `watchbill balance shares --help`."""
    program = (
        "import sys, click; from watchbill.config.main import cli\n"
        "def walk(command, *words):\n"
        "    cli.main([*words, '--help'], prog_name='watchbill', standalone_mode=False)\n"
        "    if isinstance(command, click.Group):\n"
        "        for name in command.list_commands(context): walk(command.get_command(context, name), *words, name)\n"
        "context = click.Context(cli); walk(cli)\n"
        "print('HEAVY', sorted({'django', 'psycopg', 'ortools', 'numpy', 'granian'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "Usage: watchbill balance shares" in done.stdout
    assert done.stdout.rstrip().endswith("HEAVY []")


def test_clocks_by_hand_touch_no_database(environment, tmp_path):
    """`watchbill clocks try` answers where no database is, makes none, and loads no Django."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "clocks-by-hand.md").read_text(encoding="utf-8")
    file, data = tmp_path / "clock.json", tmp_path / "data"
    file.write_text(page.split("```json\n")[1].split("```")[0], encoding="utf-8")
    nowhere = {"WATCHBILL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    for more in ({}, nowhere):
        done = watchbill("clocks", "try", str(file), environment=environment, WATCHBILL_DATA=str(data), **more)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.strip() in page
    done = watchbill("clocks", "try", str(file), "--now", environment=environment, WATCHBILL_DATA=str(data))
    assert done.returncode == 2
    assert not data.exists()
    program = (
        "import sys; from watchbill.config.main import cli; "
        f"cli.main(['clocks', 'try', {str(file)!r}], prog_name='watchbill', standalone_mode=False); "
        "print('HEAVY', sorted({'django', 'psycopg', 'ortools', 'granian'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.rstrip().endswith("HEAVY []"), done.stdout + done.stderr


def test_guessing_touches_no_database(environment, tmp_path):
    """`watchbill import --guess` drafts a profile where no database is, and makes none; the import itself wants one."""
    file, data = tmp_path / "tickets.csv", tmp_path / "data"
    lines = [f"T{day},Done,{day}/03/2024 10:00,{day}/03/2024 12:00,Ann" for day in range(20, 30)]
    file.write_text("\n".join(["Ticket,Status,Created,Resolved,Assignee", *lines]), encoding="utf-8")
    nowhere = {"WATCHBILL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "WATCHBILL_DATA": str(data)}
    done = watchbill("import", str(file), "--answer", "zone=UTC", "--guess", environment=environment, **nowhere)
    assert done.returncode == 0, done.stderr
    assert tmp_path.joinpath("tickets.toml").exists()
    assert not data.exists()
    done = watchbill(
        "import", str(file), "--profile", str(tmp_path / "tickets.toml"), environment=environment, **nowhere
    )
    assert done.returncode == 6
    assert "does not answer" in done.stderr


def test_every_command_says_what_it_does():
    """The list of commands has a sentence for each."""
    context = click.Context(cli)
    silent = [name for name in cli.list_commands(context) if not cli.get_command(context, name).get_short_help_str()]
    assert silent == []


WALK = """
import contextlib, io
import click
from django.conf import settings
from watchbill.config.main import HELP_WORDS, cli

def walk(command, words, context):
    yield words, []
    yield from ((words, [option.opts[0]]) for option in command.params if option.param_type_name == "option" and not option.is_flag)
    for name in command.list_commands(context) if isinstance(command, click.Group) else ():
        yield from walk(command.get_command(context, name), [*words, name], context)

looked_at = 0
for words, before in [*walk(cli, [], click.Context(cli))]:
    for asked in sorted(HELP_WORDS):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = cli.main(args=[*words, *before, asked], prog_name="watchbill", standalone_mode=False)
        head = " ".join(["Usage: watchbill", *words])
        assert not code and said.getvalue().startswith(head), (words, before, asked, said.getvalue())
        looked_at += 1
assert not settings.configured
print(looked_at)
"""


def test_every_command_says_how_it_is_used_without_a_house(environment):
    """Groups that can be run by themselves, and options that still wait for their value, too; nothing is made ready."""
    done = subprocess.run(
        [sys.executable, "-c", WALK], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 500


def test_a_help_word_after_two_dashes_is_a_word(environment, home):
    """It is what is asked about, not a question about the command."""
    done = watchbill("assign", "explain", "--", "--help", environment=environment)
    assert (done.returncode, done.stdout) == (EXIT_CODES[NotFound], "")


def test_a_setting_without_sense_ends_with_its_name(environment):
    """A wrong setting stops every command with exit code 2."""
    done = watchbill("migrate", environment=environment, WATCHBILL_PORT="many")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("watchbill: WATCHBILL_PORT is 'many'")


@pytest.mark.usefixtures("used")
def test_doctor_tells_a_program_what_is_wrong(environment, home):
    """With --json every finding has a name, a verdict, a text and a way to mend it."""
    url = database_ensure(settings_for(home), durable=False)
    done = watchbill("doctor", "--json", environment=environment, WATCHBILL_DATA=str(home), WATCHBILL_DATABASE_URL=url)
    answer = json.loads(done.stdout)
    assert done.returncode == 1, "the tables are missing"
    assert answer["ok"] is False
    found = {finding["name"]: finding for finding in answer["findings"]}
    assert set(found) == {name for name, _, _ in LOOKS}
    assert found["database"]["ok"]
    assert not found["tables"]["ok"]
    assert "watchbill migrate" in found["tables"]["mend"]


def test_a_new_installation_is_well(environment, home):
    """Before the first start, with nothing set, doctor finds nothing to mend."""
    done = watchbill("doctor", environment=environment, WATCHBILL_DATA=str(home), WATCHBILL_PORT="8899")
    assert "problem" not in done.stdout, done.stdout
    assert done.returncode == 0
    assert "the next start makes them" in done.stdout


def test_doctor_looks_no_further_than_the_cause(environment):
    """What rests on a database that does not answer is not reported as a second problem."""
    done = watchbill("doctor", "--json", environment=environment, WATCHBILL_DATABASE_URL="postgresql://a@127.0.0.1:1/b")
    problems = [finding["name"] for finding in json.loads(done.stdout)["findings"] if not finding["ok"]]
    assert problems == ["database"]


@pytest.mark.usefixtures("used")
def test_a_command_makes_the_house_ready_by_itself(environment, home):
    """On a database whose tables are up to date, or that is told to be brought so, a command of the desks just works."""
    where = {"WATCHBILL_DATABASE_URL": database_ensure(settings_for(home), durable=False), "WATCHBILL_DATA": str(home)}
    refused = watchbill("desks", "--json", environment=environment, **where)
    assert (refused.returncode, "then run: watchbill migrate" in refused.stderr) == (6, True)
    assert watchbill("migrate", environment=environment, **where).returncode == 0
    done = watchbill("desks", "--json", environment=environment, **where)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"desks": []}), done.stderr


def test_the_demo_looks_for_its_ports_first(home, environment):
    """A port that is taken is said before a history is loaded, not after it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = watchbill("demo", "--port", port, environment=environment, WATCHBILL_DATA=str(home))
    assert done.returncode == 6
    assert done.stderr.startswith(f"watchbill: Port {port} on 127.0.0.1 cannot be used")
    assert not (home / "demo").exists()


def test_a_right_that_the_database_refuses_is_one_sentence(capsys):
    """Tables of another role: told, not dumped."""

    def fail():
        raise psycopg.errors.InsufficientPrivilege("permission denied for table core_installation")

    assert _guarded(fail) == 6
    assert capsys.readouterr().err.startswith("watchbill: Permission denied for table core_installation. The user in ")
