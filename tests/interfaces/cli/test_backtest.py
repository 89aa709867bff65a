"""`watchbill backtest`: from a file to the answer, with policies of all kinds; what is wrong is said before any work."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from pathlib import Path

import pytest

import watchbill.demo
from watchbill.engine.base.errors import InvalidFacts, NotFound, Unavailable

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
    assert "highest capacity" in run("backtest", "--policies", "list")
    assert {"name": "fifo", "says": "Whoever is free takes the oldest"} in run(
        "backtest", "--policies", "list", "--json"
    )["policies"]


def test_a_folder_is_named(run, tmp_path, monkeypatch):
    """Also where it is called by a dot."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidFacts, match=r"^\.: The file cannot be read"):
        run("backtest", ".", "--profile", "servicenow-incidents")
