"""The two public logs, whole: counts, traps and people as their descriptions say.

They are not part of the repository. WATCHBILL_TEST_DATA names the folder that holds them, each under its own name;
docs/howto/import-a-history.md says where they come from.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories import BOSS, NOW
from tests.flows.intake import read
from watchbill.apps.work.services import projection_rebuild
from watchbill.flows.intake.infer import infer

FOLDER = os.environ.get("WATCHBILL_TEST_DATA", "")
UCI = Path(FOLDER, "incidents_uci_servicenow", "incident_event_log_dev.csv.gz")
VOLVO = Path(FOLDER, "incidents_bpi2013_volvo", "bpi2013_incidents.csv.gz")


def needs(path):
    reason = f"{path.name} is not here: set WATCHBILL_TEST_DATA to the folder of the public logs"
    return pytest.mark.skipif(not FOLDER or not path.exists(), reason=reason)


def number(sql):
    return read.fetch(f"select (select {sql}) as n")[0]["n"]


@needs(UCI)
@pytest.mark.slow
def test_servicenow_log(bring, desk):
    """121,213 rows and 21,016 incidents; nothing rejected, nothing of the future read, rows are their events' sum."""
    summary = bring(path=UCI)
    assert (summary.rows_read, summary.rows_accepted, summary.rows_rejected) == (121_213, 121_213, 0)
    assert (summary.items, summary.people) == (21_016, 208)
    assert summary.first_at == datetime(2016, 2, 29, 4, 23, tzinfo=UTC)
    late = number("count(*) from work_event where kind = 'opened' and source_key = 'opening'")
    assert summary.events == 121_213 + late
    # No event before its item was opened, and the five rows that say so keep their own instant.
    assert number("count(*) from work_event as e join work_item as i on i.id = e.item_id where e.at < i.opened_at") == 0
    early = "(data ->> 'log_at')::timestamptz < at"
    assert number(f"count(*) from work_event where {early}") == 5
    # Values of the future appear with their state and not before.
    looked_ahead = "data -> 'set' -> 'attributes' ?| array['resolved_by', 'closed_code', 'resolved_at_in_log']"
    assert number(f"count(*) from work_event where state not in ('resolved', 'closed') and {looked_ahead}") == 0
    closed_early = "data -> 'set' -> 'attributes' ? 'closed_at_in_log'"
    assert number(f"count(*) from work_event where state <> 'closed' and {closed_early}") == 0
    # The robot closes; everybody else is a person; owners are the resolvers and nobody from another number space.
    assert number("count(*) from work_event where actor_kind = 'robot'") >= 30_006
    assert number("count(*) from work_event where actor_kind = 'robot' and actor_name <> 'Updated by 908'") == 0
    assert number("count(*) from people_person where name not like 'Resolver %%'") == 0
    assert number("count(*) from work_item where state <> 'closed'") == 0
    assert number("count(*) from clocks_clock") == 2 * 21_016
    before = number("md5(string_agg(i::text, '' order by id)) from work_item as i")
    assert projection_rebuild() == 21_016
    assert number("md5(string_agg(i::text, '' order by id)) from work_item as i") == before
    assert bring(path=UCI).is_repeat
    found = infer(desk, by=BOSS, now=NOW)
    assert found.people_own_hours > 80  # the others have fewer than fifty acts in it
    assert found.people_own_hours + found.people_team_hours == 208
    office = "opens_min >= 420 and closes_min <= 1200 and weekday < 5"
    assert number(f"avg(({office})::int) from shifts_usualhours") > 0.8


@needs(VOLVO)
@pytest.mark.slow
def test_bpi2013_log(bring, desk):
    """65,533 rows and 7,554 cases; the robot owns nothing, a first name alone is nobody, instants are right."""
    summary = bring(path=VOLVO, profile="bpi2013-incidents")
    assert (summary.rows_read, summary.rows_rejected, summary.items, summary.events) == (65_533, 0, 7_554, 65_533)
    assert summary.first_at == datetime(2010, 3, 31, 14, 59, 42, tzinfo=UTC)
    assert number("count(*) from people_person where name like 'Siebel%%'") == 0
    assert number("count(*) from people_person where name not like '%% · %%'") == 0
    assert number("count(*) from work_event where actor_kind = 'robot'") == 6_162
    assert number("count(*) from work_event where state = 'new' and owner_id is not null") == 0
    assert number("count(*) from customers_customer where name <> upper(name)") == 0
    ahead = "data -> 'set' -> 'attributes' ? 'latest_impact' and state not in ('resolved', 'closed', 'cancelled')"
    assert number(f"count(*) from work_event where {ahead}") == 0
    assert number("count(distinct attributes ->> 'support_level') from work_item") == 4
    before = number("md5(string_agg(i::text, '' order by id)) from work_item as i")
    assert projection_rebuild() == 7_554
    assert number("md5(string_agg(i::text, '' order by id)) from work_item as i") == before
