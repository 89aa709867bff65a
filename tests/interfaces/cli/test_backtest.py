"""`watchbill backtest`: from a file to the answer, with policies of all kinds; what is wrong is said before any work."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

import watchbill.demo
from tests.flows.backtest.report.answers import answer
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound, Unavailable

LOG = Path(watchbill.demo.__file__).parent / "data" / "incident_event_log.zip"
MINE = '''
class LongestWaiting:
    """Whoever is free takes what has waited the longest."""

    name = "longest waiting"

    def start(self, desk):
        pass

    def give(self, desk):
        free = [person for person in desk.on_shift.values() if person.is_free]
        for job in sorted(desk.waiting.values(), key=lambda job: job.arrived_min):
            able = [person for person in free if person.agent.may(job)]
            if able:
                free.remove(able[0])
                yield job, able[0]

    def choose(self, desk, person):
        return person.held[0]

    def interrupt(self, desk):
        return ()


class Half:
    def start(self, desk):
        pass
'''


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """One in twenty of the public log's incidents."""
    file = tmp_path_factory.mktemp("log") / "tickets.csv"
    with zipfile.ZipFile(LOG) as packed, packed.open(packed.namelist()[0]) as body:
        rows = csv.reader(io.TextIOWrapper(body, encoding="utf-8"))
        head = next(rows)
        place = head.index("number")
        kept = [row for row in rows if int(row[place].removeprefix("INC")) % 20 == 0]
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([head, *kept])
    return file


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    file = tmp_path_factory.mktemp("mine") / "mine.py"
    file.write_text(MINE, encoding="utf-8")
    return file


def test_a_file_becomes_an_answer_whatever_the_workers(run, log, mine, tmp_path):
    """The usual policies, a draft and one's own stand beside each other; one process and two say the same."""
    draft = tmp_path / "bold.toml"
    draft.write_text("look_ahead = 4.0\n", encoding="utf-8")
    call = ["backtest", log, "--profile", "servicenow-incidents", "--policies", "fifo", "--draft", draft, "--plugin",
            f"{mine}:LongestWaiting", "--replications", "2"]  # fmt: skip
    one, two = (run(*call, "--workers", count, "--json") for count in ("1", "2"))
    assert {**one, "seconds": {}} == {**two, "seconds": {}}
    names = [row["name"] for row in one["policies"]]
    assert names == ["as was", "as is", "fifo", "watchbill: bold", "longest waiting"]
    assert one["twin"]["grade"] in {"A", "B", "C"}
    assert all(row["regret"] >= 0 for row in one["policies"][1:])
    assert one["promise"]["targets_h"] == {"P1": 4, "P2": 8, "P3": 16, "P4": 40}


def test_other_targets_are_other_promises(run, log):
    """Hours by priority, and the hours in which they run; a priority without one promises nothing."""
    call = [
        "backtest",
        log,
        "--profile",
        "servicenow-incidents",
        "--policies",
        "fifo",
        "--replications",
        "1",
        "--no-bound",
    ]
    found = run(*call, "--targets", "P3=400", "--hours", "24x7", "--json")
    assert found["promise"]["targets_h"] == {"P3": 400}
    assert found["policies"][0]["by_priority"]["P3"] > 80
    assert found["bound"] is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--policies", "fastest"], "There is no policy “fastest”; there are: fifo"),
        (["--targets", "P1=4;P2=8"], "--targets takes hours by priority"),
        (["--targets", "P1=0"], "--targets takes hours by priority"),
        (["--targets", "P1=0.4min"], "--targets takes hours by priority"),
        (["--plugin", "mine.py"], "names no policy"),
        (["--html", "nowhere/r.html"], "There is no folder nowhere"),
        (["--hours", "8 to 18"], "8 to 18"),
        (["--ray", "ray://there:10001"], "WATCHBILL_RAY_ADDRESS is 'ray://there:10001', but must be HOST:PORT"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(run, log, options, said):
    """Each names the part, and what was expected."""
    with pytest.raises(InvalidFacts, match=said):
        run("backtest", log, "--profile", "servicenow-incidents", *options)


def test_a_profile_says_by_which_targets_is_judged(run, log, tmp_path):
    """Those of its [promise], with their hours; --targets goes before it; the answer says which, and warns when nobody's are used."""
    text = (files("watchbill.flows.intake.profiles") / "servicenow-incidents.toml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(f'{text}\n[promise]\nP1 = "30min"\nP3 = "400h"\nhours = "24x7"\n', encoding="utf-8")
    call = ["backtest", log, "--policies", "fifo", "--replications", "1", "--no-bound", "--json"]
    judged, given, nobodys = (
        run(*call, "--profile", *more)
        for more in ([mine], [mine, "--targets", "P2=90min,3=8"], ["servicenow-incidents"])
    )
    assert judged["promise"]["targets_h"] == {"P1": 0.5, "P3": 400}
    assert given["promise"]["targets_h"] == {"P2": 1.5, "P3": 8}
    assert set(judged["promise"]["hours"].values()) == {"day and night"} == set(given["promise"]["hours"].values())
    told = [
        next(one for one in each["assumptions"] if one["name"] == "Targets to resolve")
        for each in (judged, given, nobodys)
    ]
    assert [one["basis"] for one in told] == ["told", "told", "assumed"]
    assert told[0]["value"] == "P1 0.5 h, P3 400 h; day and night"
    for one, words in zip(
        told, ("under [promise]", "given for this comparison", "Nobody said what this desk promises"), strict=True
    ):
        assert words in one["why"]
    assert told[1]["why"].endswith("The hours in which they run: of the profile.")
    warned = [
        any("The targets are not this desk's" in said for said in each["warnings"]) for each in (judged, given, nobodys)
    ]
    assert warned == [False, False, True]
    assert [each["promise"]["targets_from"] for each in (judged, given, nobodys)] == ["profile", "option", "default"]


def test_a_profile_for_other_columns_points_to_the_guess(run, log):
    """With the command that drafts one for this very file."""
    with pytest.raises(
        InvalidFacts, match=r"The header lacks .*drafted by: watchbill backtest \S+tickets.csv --guess$"
    ):
        run("backtest", log, "--profile", "bpi2013-incidents")


def test_what_cannot_be_is_refused_before_anything_is_learned(run, log, monkeypatch):
    """All of it at once: an unknown team, person, time and day, and more people than a team ever had."""
    monkeypatch.setattr("watchbill.flows.backtest.running.backtest", lambda *_, **__: pytest.fail("it was learned"))
    changes = [
        "staff=Nobodies-1",
        "staff=Group 70-99",
        "train=Nobody@Group 70",
        "surge=40@2030-01-01T10:00",
        "closed=2030-01-01",
        "arrivals=lots",
    ]
    with pytest.raises(InvalidFacts) as refused:
        run(
            "backtest",
            log,
            "--profile",
            "servicenow-incidents",
            *(word for one in changes for word in ("--what-if", one)),
        )
    lines = refused.value.message.splitlines()
    assert [line.partition(": ")[0] for line in lines] == changes
    for line, said in zip(
        lines,
        (
            "no team",
            "cannot be taken",
            "no person",
            "outside of the history",
            "outside of the history",
            "a number from",
        ),
        strict=True,
    ):
        assert said in line


@pytest.fixture
def unknown(tmp_path):
    """A file that no profile fits and of which nothing is open but the zone."""
    rows = [
        [f"T{n}", "Done", f"2024-02-{n % 27 + 1:02} 10:00", f"2024-02-{n % 27 + 1:02} 12:00", "Ann"] for n in range(60)
    ]
    file = tmp_path / "my tickets.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["Ticket", "Status", "Created", "Resolved", "Assignee"], *rows])
    return file


@pytest.fixture
def guess(run, unknown, monkeypatch):
    """Guess with the open answer; what a backtest comes to is of no interest here."""
    monkeypatch.setattr("watchbill.flows.backtest.running.backtest", lambda *_, **__: answer())

    def _guess(*words, **how):
        return run("backtest", unknown, "--guess", "--answer", "zone=Europe/Madrid", *words, **how)

    return _guess


def test_a_guessed_profile_is_kept(run, guess, unknown):
    """Beside the file, said on standard error; it reads the file the next time, and a second guess leaves it as it is."""
    written = unknown.with_name("my tickets.toml")
    assert f"Profile written: {written}" in guess(stream="stderr")
    text = written.read_text(encoding="utf-8")
    assert "# [promise]" in text
    assert run("backtest", unknown, "--profile", written, "--json")["schema"]
    assert guess("--json")["schema"]
    assert written.read_text(encoding="utf-8") == text


def test_another_profile_is_not_written_over_without_asking(guess, unknown, monkeypatch):
    """Without a terminal it is refused; at one it is asked, and no leaves it alone; --force is an answer, too."""
    written = unknown.with_name("my tickets.toml")
    written.write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict, match="--force"):
        guess("--json")
    with pytest.raises(Conflict, match="--profile"):
        guess()
    monkeypatch.setattr("watchbill.interfaces.cli.guess.is_terminal", lambda: True)
    assert "was left as it is" in guess(text="n\n", stream="stderr")
    assert written.read_text(encoding="utf-8") == "mine"
    assert "Profile written" in guess(text="y\n", stream="stderr")
    assert written.read_text(encoding="utf-8") != "mine"
    written.write_text("mine", encoding="utf-8")
    assert "Profile written" in guess("--force", stream="stderr")


def test_a_profile_that_cannot_be_read_is_said(guess, unknown, monkeypatch):
    """A folder of its name, a file of somebody else: nobody knows what it says, so it is not written over unasked."""
    written = unknown.with_name("my tickets.toml")
    written.mkdir()
    with pytest.raises(Conflict, match=r"my tickets\.toml is there already, and cannot be read: Is a directory"):
        guess()
    assert "could not be written" in guess("--force", stream="stderr")
    written.rmdir()
    written.write_text("mine", encoding="utf-8")

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(Conflict, match="cannot be read: Permission denied"):
        guess("--json")
    assert written.read_text(encoding="utf-8") == "mine"


def test_who_did_the_work_is_asked_before_a_profile_is_written(run, unknown, monkeypatch):
    """By a name that nobody knows it is asked, with its key and its choices, and cannot be left out: a backtest learns from it."""
    monkeypatch.setattr("watchbill.flows.backtest.running.backtest", lambda *_, **__: answer())
    text = unknown.read_text(encoding="utf-8").replace("Assignee", "Chap").replace("11 12:00,Ann", "11 12:00,Bob")
    unknown.write_text(text, encoding="utf-8")
    written = unknown.with_name("my tickets.toml")
    call = ("backtest", unknown, "--guess", "--answer", "zone=Europe/Madrid")
    with pytest.raises(InvalidFacts, match="must still be said: owner"):
        run(*call, "--json")
    with pytest.raises(InvalidFacts, match="a backtest learns from who did the work"):
        run(*call, "--answer", "owner=none", "--json")
    assert not written.exists()
    assert run(*call, "--answer", "owner=1", "--json")["schema"]
    assert 'owner = "Chap"' in written.read_text(encoding="utf-8")


def test_a_folder_that_takes_no_profile_is_no_reason_to_end(guess, monkeypatch):
    """It is said, and the backtest goes on."""

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refused)
    assert "could not be written" in guess(stream="stderr")


def test_a_file_without_rows_is_named_whole(run, tmp_path):
    """With its ending: there may be two that differ in nothing else."""
    file = tmp_path / "history.v2.csv"
    file.write_text("Ticket,Status,Created,Resolved,Assignee\n", encoding="utf-8")
    with pytest.raises(InvalidFacts, match=r"^history\.v2\.csv has a header and no rows"):
        run("backtest", file, "--guess", "--json")


def test_a_cluster_without_ray_says_what_to_install(run, log, monkeypatch):
    """The setting is enough, and nothing is read before it is said."""
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("WATCHBILL_RAY_ADDRESS", "127.0.0.1:6379")
    with pytest.raises(Unavailable, match=r"pip install 'watchbill\[ray\]'"):
        run("backtest", log, "--profile", "servicenow-incidents")


def test_a_policy_of_ones_own_is_looked_at_first(run, log, mine, tmp_path):
    """A file that is not there, a class that it lacks, one that is no policy, and one that cannot be loaded."""
    call = ["backtest", log, "--profile", "servicenow-incidents", "--plugin"]
    with pytest.raises(NotFound, match="There is no file"):
        run(*call, f"{tmp_path}/none.py:Mine")
    with pytest.raises(NotFound, match="has no Other"):
        run(*call, f"{mine}:Other")
    with pytest.raises(InvalidFacts, match="lacks give, choose, interrupt"):
        run(*call, f"{mine}:Half")
    broken = tmp_path / "broken.py"
    broken.write_text("import nothing_of_that_name\n", encoding="utf-8")
    with pytest.raises(InvalidFacts, match="cannot be loaded: ModuleNotFoundError"):
        run(*call, f"{broken}:Mine")


def test_profile_or_guess(run, log):
    """One of the two; and what a guess leaves open is named."""
    assert "either --profile NAME or --guess" in run("backtest", log, code=2, stream="stderr")
    with pytest.raises(InvalidFacts, match="must still be said"):
        run("backtest", log, "--guess", "--json")


def test_the_policies_are_listed_without_a_file(run):
    """By the names by which they are asked for."""
    lines = run("backtest", "--policies", "list")
    assert "To the largest share of spare capacity, as Zendesk describes it" in lines
    assert "…" not in lines
    assert {"name": "fifo", "says": "Whoever is free takes the oldest"} in run(
        "backtest", "--policies", "list", "--json"
    )["policies"]


def test_a_folder_is_named(run, tmp_path, monkeypatch):
    """Also where it is called by a dot."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidFacts, match=r"^\.: The file cannot be read"):
        run("backtest", ".", "--profile", "servicenow-incidents")
