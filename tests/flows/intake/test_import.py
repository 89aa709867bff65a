"""What a log becomes: events that say only what was known by then, and items that are their sum."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import BOSS, NOW, actor
from tests.flows.intake import log, read
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.decisions.alerts import watch_get
from watchbill.apps.people.rights import Role
from watchbill.apps.work.services import projection_rebuild
from watchbill.engine.base.errors import NotAllowed
from watchbill.flows.alerts.learning import limits_learn
from watchbill.flows.clocks import recompute
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load


def sao_paulo(*parts):
    """An instant by the wall clock of the log, three hours behind UTC."""
    return datetime(*parts, tzinfo=UTC) + timedelta(hours=3)


def test_summary_reconciles(bring):
    """Rows read are accepted or rejected; items, events and people are counted, with the first and last true instant."""
    summary = bring([*log.ROWS, log.row("INC9", 0, "30/2/2016 10:00")])
    assert (summary.rows_read, summary.rows_accepted, summary.rows_rejected) == (11, 10, 1)
    assert summary.reconciles
    assert (summary.items, summary.people) == (3, 1)
    assert summary.events == 11  # one a row, and the opening of INC2
    assert summary.first_at == sao_paulo(2016, 2, 29, 1, 23)
    assert summary.last_at == sao_paulo(2016, 3, 5, 12)


def test_what_is_usual_is_learned_anew_after_an_import(bring, desk):
    """Its history has changed, also where the clock of the desk stands still."""
    limits_learn(NOW)
    assert watch_get(desk).learned_at == NOW
    bring()
    assert watch_get(desk).learned_at is None
    assert limits_learn(NOW) == 1


def test_first_row_opens_the_item_at_its_opening(bring):
    """The opening comes at opened_at; the instant at which the row was written is kept beside it."""
    bring()
    opening = read.events("INC1")[0]
    assert (opening["kind"], opening["at"]) == ("opened", sao_paulo(2016, 2, 29, 1, 16))
    assert datetime.fromisoformat(opening["data"]["log_at"]) == sao_paulo(2016, 2, 29, 1, 23)
    assert (opening["state"], opening["owner"], opening["queue"]) == ("new", None, "Group 56")


def test_later_rows_set_only_what_changed(bring):
    """A row that changes the owner and the state sets these two, and one that changes nothing sets nothing."""
    bring([*log.ROWS[:3], log.row("INC1", 9, "29/2/2016 08:59", "Active", **log.OWNED)])
    taken, same = read.events("INC1")[1:]
    assert taken["kind"] == "state"
    assert set(taken["data"]["set"]) == {"state", "state_since", "resolved_at", "closed_at", "owner_id", "owner_since",
                                         "team_id", "queue_id"}  # fmt: skip
    assert (same["kind"], same["data"], same["owner"]) == ("updated", {}, "Resolver 89")


def test_nothing_is_known_before_its_row_was_written(bring):
    """An item whose first row, 14 minutes later, has an owner opens as new and without one."""
    bring()
    opening, row = read.events("INC2")[:2]
    assert (opening["kind"], opening["state"], opening["owner"]) == ("opened", "new", None)
    assert opening["at"] == sao_paulo(2016, 2, 29, 9, 0)
    assert (row["kind"], row["state"], row["owner"], row["at"]) == (
        "state", "in_progress", "Resolver 89", sao_paulo(2016, 2, 29, 9, 14),
    )  # fmt: skip


def test_final_values_are_not_read_before_their_state(bring):
    """resolved_by, closed_code and the final instants stand on every row; they appear with resolving and closing."""
    bring()
    seen = [event["data"].get("set", {}).get("attributes", {}) for event in read.events("INC1")]
    final = {"resolved_by", "closed_code", "resolved_at_in_log", "closed_at_in_log"}
    assert all(not final & set(attributes) for attributes in seen[:4])
    assert seen[4]["resolved_by"] == "Resolved by 149"
    assert "closed_at_in_log" not in seen[4]
    assert seen[5]["closed_at_in_log"] == "5/3/2016 12:00"


def test_opening_of_an_item_first_seen_resolved_knows_nothing_of_its_end(bring):
    """The first row comes half an hour late and is resolved: the opening before it holds no final value."""
    bring([log.row("INC5", 0, "29/2/2016 01:46", "Resolved", **log.OWNED)])
    opening, resolving = (event["data"]["set"] for event in read.events("INC5"))
    assert opening["state"] == "new"
    assert "resolved_by" not in opening["attributes"]
    assert resolving["attributes"]["resolved_by"] == "Resolved by 149"


def test_update_before_the_opening_counts_from_the_opening(bring):
    """The event comes at opened_at, and its true instant is kept."""
    bring()
    (opening,) = read.events("INC3")
    assert opening["at"] == sao_paulo(2016, 3, 1, 10)
    assert datetime.fromisoformat(opening["data"]["log_at"]) == sao_paulo(2016, 3, 1, 7, 30)


def test_unknown_state_keeps_the_one_before(bring):
    """The state -100 is a slip of the source."""
    bring()
    assert [event["state"] for event in read.events("INC2")] == ["new", "in_progress", "in_progress", "in_progress"]


def test_robot_is_told_from_people(bring):
    """Closing by itself is signed by a robot, and the log's names for people make no person."""
    bring()
    closing = read.events("INC1")[-1]
    assert (closing["actor_kind"], closing["actor_name"], closing["actor_person_id"]) == (
        "robot",
        "Updated by 908",
        None,
    )
    assert read.fetch("select name from people_person") == [{"name": "Resolver 89"}]


def test_missing_group_waits_in_a_queue_of_its_own(bring):
    """An item without a group is not lost: it lies in a queue that says so, with no team."""
    bring()
    item = read.item("INC3")
    assert (item["queue"], item["team_id"], item["customer"], item["skill"]) == (
        "No group",
        None,
        "Caller 7",
        "Category 55",
    )


def test_items_are_the_sum_of_their_events(bring):
    """Rebuilding the projection from the events changes no row."""
    bring([*log.ROWS, *log.many(40)])
    before = read.rows_of_items()
    assert projection_rebuild() == len(before) == 43
    assert read.rows_of_items() == before


def test_typed_columns_say_how_the_item_stood_after_the_event(bring):
    """State, priority, owner, queue and team of each event are the fold of what was set up to it."""
    bring([*log.ROWS, *log.many(5)])
    for ref in ("INC1", "INC2", "INC3", "INC0000004"):
        stood = {}
        for event in read.events(ref):
            stood |= event["data"].get("set", {})
            for name in ("state", "priority", "owner_id", "queue_id", "team_id"):
                assert event[name] == stood.get(name), (ref, event["seq"], name)


def test_clocks_are_those_that_recomputing_gives(bring, desk):
    """The clocks that an import writes by the thousand are the ones that the events make one by one."""
    bring([*log.ROWS, *log.many(30)])
    ids = [row["id"] for row in read.rows_of_items()]
    before = clocks_of_items(ids), read.rows_of_items()
    assert len(before[0]) == 33
    recompute(desk, ids, now=NOW, told_at=NOW)
    assert (clocks_of_items(ids), read.rows_of_items()) == before


def test_waiting_pauses_the_clock_of_the_log(bring):
    """INC1 waits for nobody's time: its pause and its end are in its clock."""
    bring()
    clocks = {clock.kind: clock for clock in clocks_of_items([read.item("INC1")["id"]])[read.item("INC1")["id"]]}
    assert clocks["resolution"].stopped_at == sao_paulo(2016, 2, 29, 11, 29)
    assert clocks["resolution"].status == "met"


def test_shift_moves_instants_by_whole_weeks_and_keeps_the_true_ones(bring):
    """Nine o'clock stays nine o'clock, and the event's data tells when it truly was."""
    summary = bring(shift_weeks=500)
    opening, taken = read.events("INC1")[:2]
    assert opening["at"] == sao_paulo(2016, 2, 29, 1, 16) + timedelta(weeks=500)
    assert datetime.fromisoformat(opening["data"]["log_opened_at"]) == sao_paulo(2016, 2, 29, 1, 16)
    assert taken["at"] == sao_paulo(2016, 2, 29, 8, 53) + timedelta(weeks=500)
    assert datetime.fromisoformat(taken["data"]["log_at"]) == sao_paulo(2016, 2, 29, 8, 53)
    assert summary.first_at == sao_paulo(2016, 2, 29, 1, 23)


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz", "log.zip"])
def test_packing_makes_no_difference(bring, desk, name):
    """Plain, gzip and zip (LZMA inside) give the same events."""
    assert bring(name=name).events == 11


@pytest.mark.parametrize(
    "value", ["back\\slash", "tab\tinside", "unit\x1finside", "quote \" and 'quote'", "\\N", "\\.", "ünï → 日本"]
)
def test_any_character_survives(bring, value):
    """What the database's own file format would take for something else arrives as it stands in the log."""
    bring([log.row("INC5", 0, "29/2/2016 01:20", location=value, category=value)])
    item = read.item("INC5")
    assert json.loads(item["attributes"])["location"] == value
    assert item["category"] == " ".join(value.split())


def test_rejected_rows_are_written_with_line_column_value_and_what_was_expected(bring, tmp_path):
    """The file of rejects names each, and no spreadsheet runs what stands in it."""
    rejects = tmp_path / "out" / "rejects.csv"
    bad = [
        log.row("INC7", 0, "soon"),
        log.row("INC8", 0, "1/3/2016 10:00", '=cmd|" /C calc"!A0'),
        log.row("?", 0, "1/3/2016 10:00"),
    ]
    summary = bring([*log.ROWS, *bad], rejects_path=rejects)
    lines = rejects.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "line,column,value,expected"
    assert lines[1].startswith("12,sys_updated_at,soon,")
    assert "day/month/year hour:minute, for example 29/02/2016 13:05" in lines[1]
    assert lines[2].startswith("13,incident_state,\"'=cmd")
    assert lines[3].startswith("14,number,?,the reference of an item")
    assert summary.rows_rejected == len(lines) - 1 == 3


def test_import_needs_the_right(desk, tmp_path):
    """Who may not run imports is refused before the file is opened."""
    somebody = actor(Role.AGENT, desk)
    with pytest.raises(NotAllowed):
        import_run(
            tmp_path / "none.csv", profile_load("servicenow-incidents"), desk_id=desk, workers=1, by=somebody, now=NOW
        )


def test_import_is_in_the_audit_trail(bring):
    """Begun and done, by whom, and with what came of it."""
    bring()
    rows = read.fetch("select action, actor_name from core_auditevent where object_kind = 'import' order by id")
    assert [(row["action"], row["actor_name"]) for row in rows] == [
        ("import_begun", BOSS.name),
        ("import_done", BOSS.name),
    ]
