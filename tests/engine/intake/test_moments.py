"""A row that tells of a whole item becomes the events of its life, and nothing is known before its instant."""

import json

import pytest

from tests.engine.intake.test_profile import SMALL, changed
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import State
from watchbill.engine.intake.profile import Profile
from watchbill.engine.intake.rows import Refusal, RowReader

HEADER = ["id", "opened", "begun", "resolved", "closed", "seen", "state", "who", "what", "where", "code"]
BODY = {
    **{key: SMALL[key] for key in ("name", "title", "kind", "source", "levels")},
    "zone": "UTC", "dates": "%Y-%m-%d %H:%M",
    "item": {"reference": "id", "at": "seen", "opened_at": "opened", "title": "{what}"},
    "moments": {"closed": "closed", "in_progress": "begun", "resolved": "resolved"},
    "state": {"columns": ["state"], "map": {"New": "new", "Open": "in_progress", "Done": "resolved", "Shut": "closed", "Void": "cancelled"}, "unowned": ["New"]},
    "fields": {"owner": "who"},
    "attributes": {"code": {"column": "code", "states": ["resolved", "closed"]}},
}  # fmt: skip


def at(hour: int) -> str:
    return f"2024-02-01 {hour:02d}:00"


def read(body=BODY, **columns):
    """The rows that one row of the file becomes."""
    first = dict.fromkeys(HEADER, "") | {"id": "A-1", "opened": at(8), "what": "Noise", "who": "Ann", "state": "Shut"}
    return RowReader(Profile.from_toml(body), HEADER).read_many([7], [list((first | columns).values())])


def told(rows):
    return [(row.at[11:13], row.state, row.owner, row.part) for row in rows]


def without(*path):
    """The profile without one key."""
    body = {**BODY, path[0]: {**BODY[path[0]]}} if len(path) > 1 else {**BODY}
    del (body[path[0]] if len(path) > 1 else body)[path[-1]]
    return body


def test_each_moment_is_an_event_and_the_owner_comes_after_the_opening():
    """Opened by nobody, begun, resolved and closed in the order of the instants, all rows of one line."""
    rows = read(begun=at(9), resolved=at(12), closed=at(15), seen=at(16), code="fixed")
    assert told(rows) == [
        ("08", "new", None, "0"), ("09", "in_progress", "Ann", "1"), ("12", "resolved", "Ann", "2"), ("15", "closed", "Ann", "3"),
    ]  # fmt: skip
    assert {row.line for row in rows} == {"7"}
    assert {row.opened_at for row in rows} == {"2024-02-01T08:00:00+00:00"}
    assert len({row.key for row in rows}) == 4
    assert [json.loads(row.attributes) for row in rows] == [{}, {}, {"code": "fixed"}, {"code": "fixed"}]


def test_the_order_is_that_of_the_instants_not_of_the_columns():
    """Begun after the resolution is what the row says, and so it is open; not where its state says that it has ended."""
    assert [state for _, state, *_ in told(read(begun=at(12), resolved=at(9), state="Open"))] == [
        "new",
        "resolved",
        "in_progress",
    ]
    assert [state for _, state, *_ in told(read(begun=at(12), closed=at(9)))] == ["new", "closed"]


def test_the_instant_of_the_row_adds_what_its_state_says():
    """An item that was opened again after its resolution is in progress since it was last seen."""
    assert told(read(resolved=at(12), seen=at(14), state="Open")) == [
        ("08", "new", None, "0"), ("12", "resolved", "Ann", "1"), ("14", "in_progress", "Ann", "2"),
    ]  # fmt: skip


def test_what_the_last_moment_says_is_not_said_again():
    """The row is written a minute after the closing and says closed: no event more."""
    assert len(read(closed=at(12), seen=at(13))) == 2


def test_a_cancelled_item_is_cancelled_where_the_file_says_closed():
    """The column of the closing tells when, the state tells how."""
    assert told(read(closed=at(12), state="Void"))[-1][:2] == ("12", "cancelled")


def test_an_item_that_nobody_has_begun_stays_new():
    """Seen later as new: nobody owns it, for its state says so."""
    assert told(read(seen=at(9), state="New")) == [("08", "new", None, "0"), ("09", "new", None, "1")]


def test_without_an_instant_of_the_row_an_open_item_stands_from_its_opening_on_as_it_says():
    """Nothing later is told, so there is no later instant to put it at."""
    assert told(read(without("item", "at"), state="Open")) == [("08", "in_progress", "Ann", "0")]


def test_an_end_without_an_instant_is_refused():
    """It would be open for ever, or resolved in no time."""
    (refused,) = read(without("item", "at"), state="Done")
    assert isinstance(refused, Refusal)
    assert (refused.column, refused.value) == ("state", "Done")
    assert "resolved or closed" in refused.expected


def test_an_end_that_was_only_seen_counts_from_then():
    """No column of the resolution is filled, but the row says when it was written."""
    assert told(read(state="Done", seen=at(11)))[-1] == ("11", "resolved", "Ann", "1")


def test_state_may_be_left_out():
    """The moments alone make a life."""
    body = {key: value for key, value in without("item", "at").items() if key != "state"}
    assert [state for _, state, *_ in told(read(body, resolved=at(9)))] == ["new", "resolved"]


def test_a_bad_instant_refuses_the_row_whole():
    """No event of it is taken, and the column is named."""
    (refused,) = read(begun=at(9), resolved="soon")
    assert (refused.column, refused.value) == ("resolved", "soon")


def test_blocks_of_rows_keep_their_lines():
    """Of several rows each event has the line of its own."""
    rows = [["A-1", at(8), at(9), *[""] * 3, "Open", *[""] * 4], ["A-2", at(8), *[""] * 4, "New", *[""] * 4]]
    found = RowReader(Profile.from_toml(BODY), HEADER).read_many([2, 3], rows)
    assert [(row.line, row.item, row.state) for row in found] == [("2", "A-1", "new"), ("2", "A-1", "in_progress"), ("3", "A-2", "new")]  # fmt: skip


@pytest.mark.parametrize(("body", "named"), [
    (without("item", "opened_at"), "item.opened_at"), ({**BODY, "moments": {}}, "moments"),
    ({**BODY, "moments": {"new": "opened"}}, "new"), ({**BODY, "moments": {"done": "closed"}}, "done"),
    (without("state"), "state"), (changed("item.at", None), "item.at"),
])  # fmt: skip
def test_a_profile_of_moments_says_what_it_lacks(body, named):
    """An opening and a moment are needed; a state column where the row's instant is named; an instant where there are no moments."""
    with pytest.raises(InvalidFacts, match=named):
        Profile.from_toml(body)


def test_moments_stand_in_the_order_of_a_life():
    """However the table is written."""
    assert [state for state, _ in Profile.from_toml(BODY).moments] == [State.IN_PROGRESS, State.RESOLVED, State.CLOSED]
