"""One row after the other: typed, checked, and read no further into the future than it stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.intake.test_profile import SMALL, changed
from watchbill.engine.intake.known import LONG, Known
from watchbill.engine.intake.profile import Profile
from watchbill.engine.intake.rows import Refusal, RowReader, StagedRow

HEADER = ["id", "at", "what", "where", "state", "owner", "country", "final"]
BODY = {
    **SMALL,
    "missing": ["", "-"],
    "fields": {"owner": {"columns": ["owner", "country"], "missing": ["0"], "absent": "no country", "fold": "upper"}},
    "actor": {"columns": ["owner"], "robots": ["Robo"]},
    "attributes": {
        "final": {"column": "final", "states": ["closed"]}, "place": "where",
        "level": {"column": "where", "endings": {" 2nd 3rd": "both", " 3rd": "third"}, "otherwise": "first"},
    },
}  # fmt: skip


def read(*values, body=None, shift_weeks=0):
    return RowReader(Profile.from_toml(body or BODY), HEADER, shift_weeks=shift_weeks).read(2, values)


def row(**columns):
    first = dict(zip(HEADER, ("A-1", "1/2/2016 10:00", "Noise", "Hall", "Open", "Ann", "se", "code 5"), strict=True))
    return list((first | columns).values())


def test_row_becomes_typed_text():
    """Instants in UTC, the state mapped, the title made, names joined."""
    found = read(*row())
    assert isinstance(found, StagedRow)
    assert (found.line, found.item, found.at, found.opened_at) == ("2", "A-1", "2016-02-01T09:00:00+00:00", found.at)
    assert (found.state, found.title, found.owner, found.priority) == ("new", "Noise in Hall", "ANN · SE", "3")
    assert (found.actor, found.actor_kind, found.queue, found.impact) == ("Ann", "person", None, None)
    assert found.key == "2016-02-01T09:00:00+00:00|1/2/2016 10:00"


def test_missing_parts_have_a_stand_in():
    """Markers for "not told" are those of the profile and of the column."""
    found = read(*row(what="-", country="0"))
    assert (found.title, found.owner) == ("Something in Hall", "ANN · NO COUNTRY")
    assert read(*row(owner="-")).owner is None


def test_robot_acts_and_owns_nothing():
    """Its name signs the event; the item has no owner."""
    found = read(*row(owner="Robo"))
    assert (found.actor, found.actor_kind, found.owner) == ("Robo", "robot", None)


def test_value_of_the_future_is_left_out_until_its_state():
    """The final value stands on every row and is read on the closing one."""
    assert "final" not in json.loads(read(*row()).attributes)
    assert json.loads(read(*row(state="Done")).attributes)["final"] == "code 5"


def test_long_texts_are_not_remembered():
    """They hardly come twice, and thirty thousand of them would fill the memory; what they mean is the same."""
    known = Known(str.upper)
    assert (known["a"], known["b" * LONG], len(known)) == ("A", "B" * LONG, 1)
    cells = Known(" ".join)
    assert (cells["a", "b"], cells["a", "b" * LONG], len(cells)) == ("a b", "a " + "b" * LONG, 1)


def test_same_values_in_another_state_are_read_anew():
    """One reader, rows that differ in the state alone: what may be read depends on each row's own state."""
    reader = RowReader(Profile.from_toml(BODY), HEADER)
    seen = [json.loads(reader.read(2, row(state=state)).attributes) for state in ("Open", "Done", "Open")]
    assert ["final" in attributes for attributes in seen] == [False, True, False]


@pytest.mark.parametrize(("where", "level"), [("V5 3rd", "third"), ("V13 2nd 3rd", "both"), ("V30", "first")])
def test_ending_of_a_value_stands_for_something(where, level):
    """The longest ending that fits is meant."""
    assert json.loads(read(*row(where=where)).attributes)["level"] == level


def test_owner_on_a_queued_row_is_not_its_owner():
    """Where the profile says that nobody owns an item in a state, the name there is who put it there."""
    body = {**BODY, "state": {**BODY["state"], "unowned": ["Open"]}}
    assert read(*row(), body=body).owner is None
    assert read(*row(state="Done"), body=body).owner == "ANN · SE"


@pytest.mark.parametrize(("columns", "told"), [
    ({"id": " "}, ("id", "")), ({"at": "2016-02-01"}, ("at", "2016-02-01")), ({"state": "Shut"}, ("state", "Shut")),
    ({"what": "x" * 600}, ("what", "x" * 200 + "…")), ({"owner": "A\x00b"}, ("owner", "A␀B")),
])  # fmt: skip
def test_refusal_names_column_and_value(columns, told):
    """And what was expected, in words."""
    refused = read(*row(**columns))
    assert isinstance(refused, Refusal)
    assert (refused.column, refused.value.upper()) == (told[0], told[1].upper())
    assert refused.expected


def test_row_of_another_width():
    """A row too short is refused as a row."""
    assert read(*row()[:-1]).expected == "8 values, as many as the header has"


def test_date_that_disproves_the_format_is_marked():
    """So that the file can be stopped."""
    assert read(*row(at="2/13/2016 10:00")).is_disproof
    assert not read(*row(at="31/2/2016 10:00")).is_disproof


def test_missing_choice_without_a_stand_in_is_refused():
    """A priority that is not told is not made up."""
    body = changed("levels.priority", {"columns": ["final"], "values": {"code 5": 2}})
    assert read(*row(), body=body).priority == "2"
    assert read(*row(final="code 6"), body=body).expected == "one of code 5"


@given(st.lists(st.text(max_size=30), min_size=8, max_size=8))
def test_any_text_is_accepted_or_refused(values):
    """No row of text ends in an error of the program, and what is accepted holds no NUL."""
    found = read(*values)
    assert isinstance(found, StagedRow | Refusal)


@given(st.permutations(HEADER))
def test_order_of_columns_makes_no_difference(header):
    """The header says where a value stands."""
    values = dict(zip(HEADER, row(), strict=True))
    reader = RowReader(Profile.from_toml(BODY), header)
    assert reader.read(2, [values[name] for name in header]) == read(*row())


ROWS = st.lists(
    st.one_of(
        st.builds(row, state=st.sampled_from(["Open", "Done", "Shut"]), owner=st.sampled_from(["Ann", "-", "Robo", "A\x00b"])),
        st.builds(row, at=st.sampled_from(["1/2/2016 10:00", "2016-02-01", "31/12/2016 23:59", "2/13/2016 10:00"])),
        st.lists(st.just("x"), max_size=3),
    ),
    max_size=20,
)  # fmt: skip


@given(rows=ROWS)
def test_many_rows_at_once_are_read_as_one_by_one(rows):
    """A refused row among them, or one that is too short, changes nothing about the others."""
    lines = list(range(2, 2 + len(rows)))
    one_by_one = [
        RowReader(Profile.from_toml(BODY), HEADER).read(line, told) for line, told in zip(lines, rows, strict=True)
    ]
    assert RowReader(Profile.from_toml(BODY), HEADER).read_many(lines, rows) == one_by_one
