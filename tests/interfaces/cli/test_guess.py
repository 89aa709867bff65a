"""`watchbill import --guess`: a talk at a terminal, answers given beforehand, and never a profile with something left open."""

import json
import tomllib

import pytest
from click.testing import CliRunner
from django.db import connection

from tests.flows.intake import exports
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.interfaces.cli.imports import import_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path, settings):
    """Ten tickets, all of the first days of months: day and month could change places."""
    settings.DATA_FOLDER = tmp_path / "data"
    rows = [[f"T{n}", "Done", f"0{n + 1}/02/2024 10:00", f"0{n + 1}/02/2024 12:00", "Ann"] for n in range(9)]
    path = tmp_path / "my tickets.csv"
    path.write_text(exports.text(["Ticket", "Status", "Created", "Resolved", "Assignee"], rows), encoding="utf-8")
    return path


def run(*words, told=None):
    return CliRunner().invoke(import_file, [str(word) for word in words], input=told, catch_exceptions=False)


@pytest.fixture
def terminal(monkeypatch):
    """Standard input is one, as far as the command can tell."""
    monkeypatch.setattr("watchbill.interfaces.cli.guess.is_terminal", lambda: True)


def test_without_a_terminal_what_is_open_is_told_and_nothing_is_written(path):
    """Exit code 2, the questions with their rows, and how each is answered; no profile."""
    result = run(path, "--guess")
    assert result.exit_code == 2
    assert "2 open, so no profile was written" in result.stdout
    assert "line 2: Created is 01/02/2024 10:00, so 1 February 2024 or 2 January 2024" in result.stdout
    assert "--answer dates=..." in result.stdout
    assert "--answer zone=..." in result.stdout
    assert not path.with_name("my tickets.toml").exists()


def test_with_all_answers_the_profile_is_written_and_the_next_command_told(path, monkeypatch):
    """The file beside the history reads it; the command that is told imports it."""
    monkeypatch.setattr("watchbill.flows.intake.load.WORKERS", 1)
    result = run(path, "--guess", "--answer", "dates=%d/%m/%Y %H:%M", "--answer", "zone=Europe/Madrid")
    assert result.exit_code == 0
    written = path.with_name("my tickets.toml")
    assert tomllib.loads(written.read_text(encoding="utf-8"))["moments"] == {"resolved": "Resolved"}
    assert f"Next: watchbill import '{path}' --profile '{written}'" in result.stdout
    imported = json.loads(run(path, "--profile", written, "--json").stdout)
    assert (imported["rows_accepted"], imported["items"], imported["events"]) == (9, 9, 18)


def test_a_profile_that_is_there_is_left_alone(path):
    """Only --force writes over it; --out names another one."""
    answers = ("--answer", "dates=%d/%m/%Y %H:%M", "--answer", "zone=UTC")
    written = path.with_name("my tickets.toml")
    written.write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict, match="--force writes over it"):
        run(path, "--guess", *answers)
    assert written.read_text(encoding="utf-8") == "mine"
    other = path.with_name("other.toml")
    assert run(path, "--guess", *answers, "--out", other).exit_code == 0
    assert run(path, "--guess", *answers, "--force").exit_code == 0
    assert other.read_text(encoding="utf-8") == written.read_text(encoding="utf-8") != "mine"


def test_at_a_terminal_it_asks_one_by_one(path, terminal):
    """A number or a value; what makes no sense is asked again; nothing is chosen beforehand."""
    result = run(path, "--guess", told="\n7\n2\nMadrid\nEurope/Madrid\n")
    assert result.exit_code == 0, result.output
    profile = tomllib.loads(path.with_name("my tickets.toml").read_text(encoding="utf-8"))
    assert (profile["dates"], profile["zone"]) == ("%m/%d/%Y %H:%M", "Europe/Madrid")
    assert "no date of this file is written as 7" in result.output
    assert "[" not in result.output.split("Number or value")[1].split(":")[0]


def test_json_is_one_object_and_asks_nobody(path, terminal):
    """The questions with their choices, for programs; exit code 2 as long as there are any."""
    result = run(path, "--guess", "--json")
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    assert [question["key"] for question in answer["questions"]] == ["dates", "zone"]
    assert (answer["written"], answer["next"], answer["toml"]) == (None, None, "")
    sure = {column["column"]: column["confidence"] for column in answer["columns"]}
    assert sure == {"Ticket": "sure", "Status": "sure", "Created": "unsure", "Resolved": "unsure", "Assignee": "sure"}


def test_wrong_answers_are_refused(path):
    """Without a key, without sense, for nothing that is asked."""
    for words, told in (("dates", "KEY=VALUE"), ("dates=%Y", "expected %d/%m/%Y"), ("zone=Moon", "Moon")):
        with pytest.raises(InvalidFacts, match=told):
            run(path, "--guess", "--answer", words)


def test_a_profile_or_guess_must_be_named(path):
    """A real import needs a profile; the message says what drafts one."""
    result = run(path)
    assert result.exit_code == 2
    assert "--guess drafts one" in result.output


def test_a_sheet_is_named(tmp_path):
    """Of a workbook with several sheets the one that --sheet names is read, and the profile keeps its name."""
    path = exports.workbook(tmp_path / "list.xlsx", exports.servicenow_csv(), sheet="All")
    assert run(path, "--guess", "--sheet", "All", "--answer", "zone=UTC").exit_code == 0
    assert tomllib.loads((tmp_path / "list.toml").read_text(encoding="utf-8"))["sheet"] == "All"
    with pytest.raises(InvalidFacts, match="no sheet “Some”"):
        run(path, "--guess", "--sheet", "Some", "--force")


def test_guessing_reads_the_file_and_no_table(path, django_assert_max_num_queries):
    """Nothing of the installation is asked."""
    with django_assert_max_num_queries(0, connection=connection):
        run(path, "--guess")


@pytest.fixture
def odd(path):
    """A list of which no column is called anything that is known."""
    rows = [
        [f"Z-{n}", f"2024-01-{n + 1:02d} 10:00", f"2024-01-{n + 1:02d} 12:00", ("Ouch", "Meh")[n % 2], f"Gang {n % 3}", f"Chap {n % 5}"]
        for n in range(30)
    ]  # fmt: skip
    path = path.with_name("odd.csv")
    header = ["Zettel Nr", "Came in @", "Was sorted", "How bad?", "Gang", "Chap"]
    path.write_text(exports.text(header, rows), encoding="utf-8")
    return path


def test_a_list_with_odd_names_is_understood_by_numbers_alone(odd, terminal):
    """When it was resolved is asked after when it was opened; then who, the team and how urgent, which Enter leaves out."""
    result = run(odd, "--guess", told="1\n1\n1\n3\n2\n\nEurope/Madrid\n")
    assert result.exit_code == 0, result.output
    profile = tomllib.loads(odd.with_name("odd.toml").read_text(encoding="utf-8"))
    assert profile["item"]["opened_at"] == "Came in @"
    assert profile["moments"] == {"resolved": "Was sorted"}
    assert (profile["fields"]["owner"], profile["fields"]["queue"]) == ("Chap", "Gang")
    assert profile["levels"]["priority"] == {"otherwise": 3}
    asked = [line.partition(":")[0] for line in result.output.splitlines() if ": Which column" in line]
    assert asked == ["reference", "opened", "resolved", "owner", "queue", "priority"]
    assert "Number or value (Enter: none):" in result.output


def test_a_level_with_words_that_are_not_known_has_its_words_asked(odd, terminal):
    """Right after its column was named."""
    result = run(odd, "--guess", told="1\n1\n1\n3\n2\n1\n4\n1\nEurope/Madrid\n")
    assert result.exit_code == 0, result.output
    profile = tomllib.loads(odd.with_name("odd.toml").read_text(encoding="utf-8"))
    assert profile["levels"]["priority"]["values"] == {"Meh": 4, "Ouch": 1}


def test_numbers_of_choices_are_answers_as_options_too(odd):
    """As they were listed; what is still open is listed with its key."""
    words = [word for each in ("reference=1", "opened=1", "zone=UTC") for word in ("--answer", each)]
    result = run(odd, "--guess", *words)
    assert result.exit_code == 2
    assert "--answer resolved=..." in result.stdout
    assert "--answer owner=..." in result.stdout
    words += [word for each in ("resolved=1", "owner=3", "queue=none", "priority=none") for word in ("--answer", each)]
    assert run(odd, "--guess", *words).exit_code == 0
    assert tomllib.loads(odd.with_name("odd.toml").read_text(encoding="utf-8"))["fields"]["owner"] == "Chap"


def test_what_no_answer_helps_ends(path, terminal):
    """One column of dates that could be the end, and it is written otherwise: it is told why, once, and not asked for ever."""
    rows = [[f"Z-{n}", f"2024-01-{n + 1:02d} 10:00", f"{n + 1:02d}.01.2024 12:00", f"Ann {n % 3}"] for n in range(30)]
    file = path.with_name("two.csv")
    file.write_text(exports.text(["Ticket", "Created", "Was sorted", "Assignee"], rows), encoding="utf-8")
    with pytest.raises(InvalidFacts, match="written otherwise"):
        run(file, "--guess", told="1\n1\n1\n")
