"""`watchbill import` and its neighbours, as a person and as a program sees them."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from tests.flows.intake import log
from watchbill.apps.clocks.models import Clock
from watchbill.apps.core.actor import console
from watchbill.apps.inbox.models import Import
from watchbill.apps.inbox.services import desk_key
from watchbill.apps.people.queries import desk_list
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.interfaces.cli.desks import make_desk
from watchbill.interfaces.cli.imports import import_file, imports, infer, profiles
from watchbill.interfaces.cli.policies import policies

PROMISED = (
    "rows_read", "rows_accepted", "rows_rejected", "rejects_file", "items", "events", "people", "first_at", "last_at",
    "seconds", "peak_rss_mb",
)  # fmt: skip


def run(command, *words):
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def path(tmp_path, settings):
    settings.DATA_FOLDER = tmp_path / "data"
    return log.write(tmp_path / "log.csv", [*log.ROWS, log.row("INC9", 0, "soon")])


@pytest.fixture
def one_connection(monkeypatch):
    """A test's database is seen by its own connection alone."""
    monkeypatch.setattr("watchbill.flows.intake.load.WORKERS", 1)


@pytest.mark.django_db
def test_json_ends_with_one_object(path, one_connection):
    """Standard output holds one object with the promised names; progress goes to standard error."""
    result = run(import_file, path, "--profile", "servicenow-incidents", "--json")
    answer = json.loads(result.stdout)
    assert tuple(name for name in answer if name in PROMISED) == PROMISED
    assert (answer["rows_read"], answer["rows_accepted"], answer["rows_rejected"]) == (11, 10, 1)
    assert answer["first_at"] == "2016-02-29T04:23:00+00:00"
    assert answer["peak_rss_mb"] > 1
    assert "applying" in result.stderr
    assert "Made the desk “main” in America/Sao_Paulo" in result.stderr


@pytest.mark.django_db
def test_lines_for_people(path, one_connection):
    """The summary reconciles in words, and says where the rejected rows are."""
    result = run(import_file, path, "--profile", "servicenow-incidents")
    assert "11 rows read = 10 accepted + 1 rejected" in result.stdout
    assert "3 items, 11 events" in result.stdout
    assert "log.csv.rejects.csv" in result.stdout
    assert "Next: watchbill infer main" in result.stdout
    again = run(import_file, path, "--profile", "servicenow-incidents")
    assert "imported before" in again.stdout


@pytest.mark.django_db
def test_targets_of_the_past_are_published_before_the_history_comes(path, one_connection, tmp_path):
    """The desk is made, what held then is published, and the items imported go by it."""
    run(make_desk, "it", "--zone", "America/Sao_Paulo")
    with pytest.raises(Conflict, match="There is a desk"):
        run(make_desk, "it", "--zone", "UTC")
    with pytest.raises(InvalidFacts, match="slug"):
        run(make_desk, "i/t", "--zone", "UTC")
    body = run(policies, "show", "clocks", "--desk", "it", "--json").stdout
    promised = json.loads(body)
    promised["clocks"][0]["targets_min"]["P1"] = 7
    (tmp_path / "promised.json").write_text(json.dumps(promised), encoding="utf-8")
    publish = ("publish", "clocks", tmp_path / "promised.json", "--desk", "it", "--reason", "contract of 2016")
    reach = ("--holds-from", "2016-01-01T00:00+00:00", "--for-history")
    assert json.loads(run(policies, *publish, *reach, "--json").stdout)["number"] == 2
    run(import_file, path, "--profile", "servicenow-incidents", "--desk", "it")
    assert set(Clock.objects.values_list("policy__number", flat=True)) == {2}
    with pytest.raises(InvalidFacts, match="was opened since then"):
        run(policies, *publish, *reach)


@pytest.mark.django_db
def test_imports_and_rejects_are_listed(path, one_connection, tmp_path):
    """What was imported, and which rows were not taken."""
    rejects = tmp_path / "mine.csv"
    run(import_file, path, "--profile", "servicenow-incidents", "--rejects", rejects, "--desk", "lab")
    assert rejects.read_text(encoding="utf-8").count("\n") == 2
    (row,) = json.loads(run(imports, "list", "--json").stdout)["imports"]
    assert (row["file_name"], row["status"], row["rows_rejected"]) == ("log.csv", "done", 1)
    (reject,) = json.loads(run(imports, "rejects", row["reference"], "--json").stdout)["rejects"]
    assert (reject["line"], reject["column"], reject["value"]) == (12, "sys_updated_at", "soon")
    assert "soon" in run(imports, "rejects", row["reference"].lower()).stdout
    with pytest.raises(NotFound):
        run(imports, "rejects", f"IMP-{row['id'] + 1}")


@pytest.mark.django_db
def test_an_interrupted_import_is_listed_as_such(path, one_connection):
    """As a killed importer leaves it: nobody holds the lock of the desk's imports; while somebody does, it is running."""
    run(import_file, path, "--profile", "servicenow-incidents", "--desk", "lab")
    Import.objects.update(status="applying")
    listed = run(imports, "list").stdout
    assert "interrupted" in listed
    assert "Interrupted: send or import the same file again and it goes on" in listed
    (row,) = json.loads(run(imports, "list", "--json").stdout)["imports"]
    assert (row["status"], row["is_interrupted"]) == ("applying", True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [desk_key(row["desk_id"])])
    assert "nterrupted" not in run(imports, "list").stdout


@pytest.mark.django_db
def test_a_mistyped_desk_is_not_made(path, one_connection):
    """The first desk is made as it is named; from then on a new one has to be asked for."""
    run(import_file, path, "--profile", "servicenow-incidents", "--desk", "it")
    with pytest.raises(NotFound, match="There is no desk “ti”; there is it. To import into a new one, add --new-desk"):
        run(import_file, path, "--profile", "servicenow-incidents", "--desk", "ti")
    assert [desk.slug for desk in desk_list(by=console("test"))] == ["it"]
    made = run(import_file, path, "--profile", "servicenow-incidents", "--desk", "ti", "--new-desk")
    assert "Made the desk “ti”" in made.stderr
    with pytest.raises(InvalidFacts, match="up to 50 letters"):
        run(import_file, path, "--profile", "servicenow-incidents", "--desk", "Bad Desk!", "--new-desk")


@pytest.mark.django_db
def test_a_file_that_is_none_leaves_no_desk_behind(path, one_connection):
    """Empty, or with another header: the desk that would have been new is not there; on a known one it is listed."""
    empty = path.with_name("empty.csv")
    empty.touch()
    for _ in range(2):
        with pytest.raises(InvalidFacts, match="empty"):
            run(import_file, empty, "--profile", "servicenow-incidents", "--desk", "it")
    assert desk_list(by=console("test")) == []
    run(import_file, path, "--profile", "servicenow-incidents", "--desk", "it")
    with pytest.raises(InvalidFacts, match="empty"):
        run(import_file, empty, "--profile", "servicenow-incidents", "--desk", "it")
    listed = run(imports, "list").stdout
    assert "stopped" in listed
    assert "IMP-" in listed


@pytest.mark.django_db
def test_profiles_are_listed_and_shown():
    """Two come with Watchbill; each can be read as the file that it is."""
    names = [each["name"] for each in json.loads(run(profiles, "--json").stdout)["profiles"]]
    assert names == ["bpi2013-incidents", "servicenow-incidents"]
    assert 'dates = "%d/%m/%Y %H:%M"' in run(profiles, "servicenow-incidents").stdout
    with pytest.raises(NotFound, match="bpi2013-incidents, servicenow-incidents"):
        run(profiles, "other")


@pytest.mark.django_db
def test_profile_of_ones_own(path, one_connection, tmp_path):
    """A path to a TOML file is a profile, and a mistake in it is named."""
    mine = tmp_path / "mine.toml"
    mine.write_text(run(profiles, "servicenow-incidents").stdout, encoding="utf-8")
    assert "10 accepted" in run(import_file, path, "--profile", mine).stdout
    mine.write_text(mine.read_text(encoding="utf-8").replace('Closed = "closed"', 'Closed = "shut"'), encoding="utf-8")
    with pytest.raises(InvalidFacts, match="state.map.Closed: expected one of new"):
        run(import_file, path, "--profile", mine)


@pytest.mark.django_db
def test_inference_says_what_it_found(path, one_connection):
    """A step of its own, visible."""
    run(import_file, path, "--profile", "servicenow-incidents")
    assert "1 memberships" in run(infer).stdout
    assert json.loads(run(infer, "--json").stdout)["memberships"] == 1
