"""What is guessed of an unknown table: decided where rows prove it, asked where they do not, refused where they contradict."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.intake.guess import foreseen, guess
from watchbill.engine.intake.guessed import Confidence, FileForm, Grain

FORM = FileForm(name="history", encoding="utf-8", delimiter=",", sheet="", why="made up")
HEADER = ["Number", "State", "Opened", "Resolved", "Assigned to"]
DAYS = st.dates(date(2001, 1, 1), date(2030, 12, 31))
FEW_DAYS = DAYS.filter(lambda day: day.day <= 12 and day.day != day.month)
MANY_DAYS = DAYS.filter(lambda day: day.day > 12)


def guessed(header, rows, *, needs=(), **answers):
    surveyor = foreseen(header, rows, answers)
    surveyor.add([(line, row) for line, row in enumerate(rows, start=2)])
    return guess(surveyor.result(), FORM, answers, needs=needs)


def table(days, form):
    """One row per item, opened and resolved on the same day."""
    return [
        [f"INC{n:04d}", "Resolved", f"{day.strftime(form)} 08:00", f"{day.strftime(form)} 10:00", f"Ann {n % 2}"]
        for n, day in enumerate(days)
    ]


def asked(found):
    return [question.key for question in found.questions]


def formats(mark, year):
    return f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}"


marks = st.sampled_from("/.-")


@given(few=st.lists(FEW_DAYS, max_size=8), proof=MANY_DAYS, mark=marks, at=st.integers(0, 8))
def test_one_day_after_the_twelfth_proves_day_first(few, proof, mark, at):
    """However many other rows fit both readings, the guess is day-first, names that row, and is never month-first."""
    days = [*few[:at], proof, *few[at:]]
    day_first, month_first = formats(mark, "%Y")
    found = guessed(HEADER, table(days, day_first), zone="UTC")
    assert found.is_complete
    assert f'dates = "{day_first} %H:%M"' in found.toml
    assert month_first not in found.toml
    line = 2 + days.index(proof)
    assert any(f"line {line}: Opened" in note for note in found.notes)


@given(few=st.lists(FEW_DAYS, max_size=8), proof=MANY_DAYS, mark=marks)
def test_one_day_after_the_twelfth_proves_month_first(few, proof, mark):
    """The same the other way round."""
    _, month_first = formats(mark, "%Y")
    found = guessed(HEADER, table([*few, proof], month_first), zone="UTC")
    assert f'dates = "{month_first} %H:%M"' in found.toml


@given(few=st.lists(FEW_DAYS, min_size=1, max_size=8), mark=marks, day_first=st.booleans())
def test_days_up_to_the_twelfth_are_asked_about(few, mark, day_first):
    """No profile comes out, both readings are offered, the rows are named, and the answer decides."""
    both = formats(mark, "%Y")
    rows = table(few, both[0] if day_first else both[1])
    found = guessed(HEADER, rows, zone="UTC")
    assert asked(found) == ["dates"]
    assert not found.toml
    question = found.questions[0]
    assert [choice.value for choice in question.choices] == [f"{form} %H:%M" for form in both]
    assert "line 2" in question.rows[0]
    answer = f"{both[0] if day_first else both[1]} %H:%M"
    assert f'dates = "{answer}"' in guessed(HEADER, rows, zone="UTC", dates=answer).toml


@given(one=MANY_DAYS, other=MANY_DAYS, few=st.lists(FEW_DAYS, max_size=4), mark=marks)
def test_proofs_of_both_are_refused_with_both_rows(one, other, few, mark):
    """Some rows cannot be month-first and others cannot be day-first: no answer helps."""
    day_first, month_first = formats(mark, "%Y")
    rows = [*table([one], day_first), *table(few, day_first), *table([other], month_first)]
    rows = [[f"INC{n:04d}", *row[1:]] for n, row in enumerate(rows)]
    with pytest.raises(InvalidFacts) as caught:
        guessed(HEADER, rows, zone="UTC", dates=f"{day_first} %H:%M")
    assert "line 2: Opened" in caught.value.message
    assert f"line {1 + len(rows)}: Opened" in caught.value.message
    assert caught.value.details["lines"] == [2, 1 + len(rows)]


@given(days=st.lists(FEW_DAYS, min_size=1, max_size=6))
def test_two_digit_years_leave_three_readings(days):
    """01/02/03 may begin with the year: it stays a question unless a row rules it out."""
    found = guessed(HEADER, table(days, "%d/%m/%y"), zone="UTC")
    years = {day.year % 100 for day in days}
    expected = ["%d/%m/%y", "%m/%d/%y"] + ["%y/%m/%d"] * all(1 <= day.year % 100 <= 31 for day in days)
    if max(years) <= 31 or all(day.day <= 12 for day in days):
        assert asked(found) == ["dates"]
        offered = [choice.value.removesuffix(" %H:%M") for choice in found.questions[0].choices]
        assert set(offered) <= {*expected, "%y/%m/%d"}
        assert set(offered) >= {"%d/%m/%y", "%m/%d/%y"}


def test_an_answer_that_rows_disprove_is_refused():
    """What a row proves, nobody can talk away."""
    rows = table([date(2024, 2, 13)], "%d/%m/%Y")
    with pytest.raises(InvalidFacts, match="line 2: Opened is 13/02/2024"):
        guessed(HEADER, rows, zone="UTC", dates="%m/%d/%Y %H:%M")


def test_another_column_written_alike_is_evidence_too():
    """The due date proves how the others are written, though nobody reads it, and its row is named."""
    rows = [[*row, "25.03.2024"] for row in table([date(2024, 3, 4)], "%d.%m.%Y")]
    found = guessed([*HEADER, "Due"], rows, zone="UTC")
    assert 'dates = "%d.%m.%Y %H:%M"' in found.toml
    assert "line 2: Due is 25.03.2024" in " ".join(found.notes)


def test_the_zone_is_always_asked():
    """Neither a zone nor UTC is supposed; an offset makes instants certain and says nothing of office hours."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        found = guessed(HEADER, table([date(2024, 2, 13)], form))
        assert asked(found) == ["zone"]
        assert not found.toml
    with pytest.raises(InvalidFacts, match="Europe/Nowhere"):
        guessed(HEADER, table([date(2024, 2, 13)], "%Y-%m-%d"), zone="Europe/Nowhere")


def test_dates_that_are_none_are_named():
    """The rows will be rejected at the import, and the guess says so before."""
    rows = table([date(2024, 2, day) for day in range(10, 20)], "%Y-%m-%d")
    rows[4][3] = "soon"
    found = guessed(HEADER, rows, zone="UTC")
    assert (
        "1 values of Resolved are not such dates; their rows will be rejected (line 6: Resolved is soon)" in found.notes
    )


def log(items=40, **kwargs):
    """One row per update: new, in progress, resolved, and closed by one account that does little else."""
    rows, start = [], datetime(2024, 1, 20, 8)
    for n in range(items):
        for k, (state, who) in enumerate((("New", "Eve"), ("Work in Progress", f"Ann {n % 5}"), ("Resolved", f"Ann {n % 5}"), ("Closed", "Sweeper"))):  # fmt: skip
            at = start + timedelta(hours=7 * n, minutes=61 * k)
            rows.append([f"T{n:04d}", f"{at:%d/%m/%Y %H:%M}", f"{start + timedelta(hours=7 * n):%d/%m/%Y %H:%M}", state, ("High", "Low")[(n + k) % 2], who, f"Team {n % 3}", str(k)])  # fmt: skip
    return ["Ticket", "Updated", "Created", "Status", "Priority", "Updated by", "Group", "Version"], rows


def test_a_number_that_comes_back_means_one_row_per_update():
    """Each role with its reason; the machine is asked about; the key is the column that counts up."""
    header, rows = log(200)
    found = guessed(header, rows)
    assert found.grain is Grain.UPDATE
    assert asked(found) == ["robots", "zone"]
    assert found.questions[0].choices[0].value == "Sweeper"
    assert "Sweeper wrote 200 of the 400 rows" in found.questions[0].rows[0]
    roles = {each.column: (each.role, each.confidence) for each in found.columns}
    assert roles["Ticket"] == ("reference", Confidence.SURE)
    assert (roles["Updated"][0], roles["Created"][0], roles["Version"][0]) == ("at", "opened", "not read")
    assert "each on 4.0 rows" in found.columns[0].reason
    done = guessed(header, rows, robots="Sweeper", zone="UTC")
    assert 'key = ["Version"]' in done.toml
    assert 'robots = ["Sweeper"]' in done.toml
    assert "robots" not in guessed(header, rows, robots="none", zone="UTC").toml  # fmt: skip


def test_a_level_that_never_changes_is_not_read_in_a_log():
    """It may be its last value, written on every row: reading it would be looking ahead, so it is asked."""
    header, rows = log()
    rows = [[*row[:4], ("High", "Low")[int(row[0][1:]) % 2], *row[5:]] for row in rows]
    found = guessed(header, rows, robots="none", zone="UTC")
    assert asked(found) == ["priority"]
    assert "looking ahead" in found.questions[0].text
    assert 'columns = ["Priority"]' in guessed(header, rows, robots="none", zone="UTC", priority="Priority").toml
    assert "otherwise = 3" in guessed(header, rows, robots="none", zone="UTC", priority="none").toml


def test_a_last_value_on_all_rows_is_not_an_instant_of_a_log():
    """The resolution that stands on the first row already is left out, and the reason told."""
    header, rows = log()
    found = guessed([*header, "Resolved at"], [[*row, row[2]] for row in rows])
    reason = {each.column: each.reason for each in found.columns}["Resolved at"]
    assert "nobody knew before" in reason


def test_words_that_are_not_clear_are_asked_with_their_rows():
    """A state and a priority that no table knows; the first row that has each is named."""
    rows = table([date(2024, 2, day) for day in range(10, 20)], "%Y-%m-%d")
    rows = [[*row, "Zippy" if n == 3 else "High"] for n, row in enumerate(rows)]
    rows[6][1] = "Parked"
    found = guessed([*HEADER, "Priority"], rows, zone="UTC")
    assert asked(found) == ["state.Parked", "priority.Zippy"]
    assert [question.rows for question in found.questions] == [("first on line 8",), ("first on line 5",)]
    answers = {"zone": "UTC", "state.Parked": "waiting_other", "priority.Zippy": "2"}
    found = guessed([*HEADER, "Priority"], rows, **answers)
    assert '"Parked" = "waiting_other"' in found.toml
    assert '"Zippy" = 2' in found.toml
    with pytest.raises(InvalidFacts, match="expected one of new"):
        guessed([*HEADER, "Priority"], rows, **{**answers, "state.Parked": "parked"})


def test_bare_numbers_of_priority_are_asked_which_way_they_count():
    """1 is the most urgent in most tools and the least in some."""
    rows = [
        [*row, str(1 + n % 5)] for n, row in enumerate(table([date(2024, 2, day) for day in range(10, 20)], "%Y-%m-%d"))
    ]
    found = guessed([*HEADER, "Priority"], rows, zone="UTC")
    assert asked(found) == ["priority.scale"]
    found = guessed([*HEADER, "Priority"], rows, zone="UTC", **{"priority.scale": "highest-first"})
    assert 'values = { "1" = 4, "2" = 4, "3" = 3, "4" = 2, "5" = 1 }' in found.toml


def test_open_is_new_unless_there_is_a_word_for_new():
    """Freshdesk's Open is nobody's yet; Zendesk's Open is being worked on."""
    rows = table([date(2024, 2, 13), date(2024, 2, 14)], "%Y-%m-%d")
    rows[0][1] = "Open"
    rows[0][3] = ""
    assert '"Open" = "new"' in guessed(HEADER, rows, zone="UTC").toml
    rows[1][1], rows[1][3] = "New", ""
    rows.append(["INC0009", "Resolved", "2024-02-14 08:00", "2024-02-14 09:00", "Ann"])
    assert '"Open" = "in_progress"' in guessed(HEADER, rows, zone="UTC").toml


def test_nearly_every_number_once_is_asked():
    """Some items stand there twice: a row may be an update or a repeated item."""
    rows = table([date(2024, 2, 10 + n % 15) for n in range(50)], "%Y-%m-%d")
    for n in range(5):
        rows[n + 20][0] = rows[n][0]
    found = guessed(HEADER, rows, zone="UTC")
    assert asked(found) == ["grain"]
    assert "lines 2, 22" in " ".join(found.questions[0].rows)
    assert guessed(HEADER, rows, zone="UTC", grain="item").grain is Grain.ITEM


def test_answers_name_columns_that_names_do_not_tell():
    """A column called anything may be the owner's, and one that is told may be left out."""
    rows = [[*row, f"Bob {n}"] for n, row in enumerate(table([date(2024, 2, 13), date(2024, 2, 14)], "%Y-%m-%d"))]
    header = [*HEADER, "Whatever"]
    assert 'owner = "Whatever"' in guessed(header, rows, zone="UTC", owner="Whatever").toml
    assert "owner" not in guessed(header, rows, zone="UTC", owner="none").toml
    with pytest.raises(InvalidFacts, match="no column “Whichever”"):
        guessed(header, rows, zone="UTC", owner="Whichever")
    with pytest.raises(InvalidFacts, match="Nothing asks for “ownr”"):
        guessed(header, rows, zone="UTC", ownr="Whatever")


@pytest.mark.parametrize(("header", "rows", "told"), [
    (["Number"], [["INC1"], ["INC2"]], "one column"),
    (HEADER, [], "a header and no rows"),
    (["a", "b"], [["x", "x"], ["x", "x"]], "no column tells the items apart"),
    (["Number", "State"], [["INC1", "New"], ["INC2", "Closed"]], "no column holds dates"),
    (["Number", "Opened"], [["INC1", "soon"], ["INC2", "soon"]], "Opened is soon on line 2"),
    (["Number", "Opened"], [["INC1", "2024-02-01 10:00"], ["INC2", "2024-02-01 11:00"]], "nothing of what came then"),
])  # fmt: skip
def test_tables_of_which_nothing_can_be_made(header, rows, told):
    """Each is refused with what it lacks."""
    with pytest.raises(InvalidFacts, match=told):
        guessed(header, rows)


def test_a_list_that_says_only_when_it_was_last_updated():
    """Opened, and at the last update in its state: two instants of each item, and a key for the next export."""
    rows = [[f"T{n}", "Solved", f"2024-02-{n + 10} 08:00", f"2024-02-{n + 10} 09:00", "Ann", "Desk"] for n in range(9)]
    found = guessed(["Ticket", "Status", "Created", "Updated", "Assignee", "Group"], rows, zone="UTC")
    assert 'key = ["Status", "Group", "Assignee"]' in found.toml
    assert "[moments]" not in found.toml
    assert found.preview[0]["state"] == "resolved"


def test_a_number_that_only_sounds_like_the_items_is_asked():
    """A phone number is a number, and so is the row's: which of them is the item's, a person says."""
    rows = [
        [f"0{n}55", f"K-{n}", *row[1:]]
        for n, row in enumerate(table([date(2024, 2, 10 + n) for n in range(9)], "%Y-%m-%d"))
    ]
    header = ["Phone number", "Whatever", *HEADER[1:]]
    found = guessed(header, rows, zone="UTC")
    assert asked(found)[0] == "reference"
    assert {each.column for each in found.columns if each.confidence is Confidence.UNSURE} >= {
        "Phone number",
        "Whatever",
    }
    assert 'reference = "Whatever"' in guessed(header, rows, zone="UTC", reference="Whatever").toml


def test_counts_are_no_names():
    """“Agent interactions” sounds like an agent and holds numbers."""
    rows = [[*row, str(n)] for n, row in enumerate(table([date(2024, 2, 10 + n) for n in range(9)], "%Y-%m-%d"))]
    found = guessed([*HEADER[:4], "Somebody", "Agent interactions"], rows, zone="UTC")
    assert offered(found, "owner") == ["Somebody", "none"]
    found = guessed(
        [*HEADER[:4], "Somebody", "Agent interactions"], rows, zone="UTC", owner="none", queue="none", priority="none"
    )
    assert found.is_complete
    assert "owner" not in found.toml


def test_a_log_without_a_state_is_refused():
    """An update says where the item stands; nothing can be learned from one that does not."""
    header, rows = log()
    with pytest.raises(InvalidFacts, match="state: expected a column"):
        guessed(header, rows, state="none")


def test_same_table_same_guess():
    """Nothing depends on the order of sets or on a clock."""
    header, rows = log()
    assert guessed(header, rows, zone="UTC", robots="none") == guessed(header, rows, zone="UTC", robots="none")


ODD = ["Zettel Nr", "Came in @", "Was sorted", "How bad?", "Gang", "Chap", "Moan"]


def odd(items=60):
    """A list of which no column is called anything that is known."""
    start = datetime(2024, 1, 20, 8)
    return [
        [f"Z-{n}", f"{start + timedelta(hours=n):%Y-%m-%d %H:%M}", f"{start + timedelta(hours=n + 5):%Y-%m-%d %H:%M}", ("Ouch", "Meh")[n % 2], f"Gang {n % 3}", f"Chap {n % 7}", f"It broke {n}"]
        for n in range(items)
    ]  # fmt: skip


def offered(found, key):
    return [choice.value for question in found.questions if question.key == key for choice in question.choices]


def test_when_it_was_resolved_is_asked_once_it_is_known_when_it_was_opened():
    """The columns of dates that are left are the choice; what is asked twice does not change its numbers."""
    rows = odd()
    answers = {"zone": "UTC", "reference": "Zettel Nr"}
    assert asked(guessed(ODD, rows, **answers)) == ["opened", "owner"]
    found = guessed(ODD, rows, **answers, opened="Came in @")
    assert asked(found) == ["resolved", "owner"]
    assert offered(found, "resolved") == ["Was sorted"]
    answers |= {"opened": "Came in @", "resolved": "Was sorted", "owner": "none", "queue": "none", "priority": "none"}
    assert 'resolved = "Was sorted"' in guessed(ODD, rows, **answers).toml
    with pytest.raises(InvalidFacts, match="nothing of what came then"):
        guessed(ODD, rows, **{**answers, "resolved": "none"})


def test_a_start_of_work_is_no_end():
    """A column of when work began is known by its name; that no other says when it ended is a person's to say."""
    rows = [[*row, "2024-03-01 10:00"] for row in table([date(2024, 2, 10 + n) for n in range(9)], "%Y-%m-%d")]
    header = ["Number", "State", "Opened", "Started at", "Assigned to", "Was sorted"]
    found = guessed(header, rows, zone="UTC")
    assert asked(found) == ["resolved"]
    assert offered(found, "resolved") == ["Was sorted", "none"]
    assert 'in_progress = "Started at"' in guessed(header, rows, zone="UTC", resolved="none").toml


def test_of_one_column_of_dates_it_is_said_at_once_that_it_is_too_few():
    """No answer to when an item was opened could help, so it is not asked."""
    with pytest.raises(InvalidFacts, match=r"opened \(Came in @\) and nothing of what came then"):
        guessed(ODD, [[*row[:2], "soon", *row[3:]] for row in odd()], reference="Zettel Nr")


def test_who_did_the_work_for_which_team_and_how_urgent_it_was_are_asked_one_by_one():
    """Among the columns whose values come back; each may be left out, and a title is none of them."""
    rows = odd()
    answers = {"zone": "UTC", "reference": "Zettel Nr", "opened": "Came in @", "resolved": "Was sorted"}
    found = guessed(ODD, rows, **answers)
    assert asked(found) == ["owner"]
    assert found.questions[0].may_be_none
    assert offered(found, "owner") == ["How bad?", "Gang", "Chap", "none"]
    found = guessed(ODD, rows, **answers, owner="Chap")
    assert (asked(found), offered(found, "queue")) == (["queue"], ["How bad?", "Gang", "none"])
    found = guessed(ODD, rows, **answers, owner="Chap", queue="Gang")
    assert (asked(found), offered(found, "priority")) == (["priority"], ["How bad?", "none"])
    found = guessed(ODD, rows, **answers, owner="Chap", queue="Gang", priority="How bad?")
    assert asked(found) == ["priority.Meh", "priority.Ouch"]
    ranks = {"priority.Meh": "4", "priority.Ouch": "1"}
    found = guessed(ODD, rows, **answers, owner="Chap", queue="Gang", priority="How bad?", **ranks)
    assert 'owner = "Chap"' in found.toml
    assert 'team = "Gang"' in found.toml
    assert '"Ouch" = 1' in found.toml


def test_what_is_needed_cannot_be_left_out():
    """A backtest cannot do without those who did the work: there is no such choice, and no such answer."""
    answers = {"zone": "UTC", "reference": "Zettel Nr", "opened": "Came in @", "resolved": "Was sorted"}
    found = guessed(ODD, odd(), needs=("owner",), **answers)
    assert offered(found, "owner") == ["How bad?", "Gang", "Chap"]
    assert not found.questions[0].may_be_none
    with pytest.raises(InvalidFacts, match="owner: expected a column"):
        guessed(ODD, odd(), needs=("owner",), owner="none", **answers)


def test_the_number_of_a_choice_is_an_answer():
    """As it was listed; a column of that very name wins, and a number that is not listed is none."""
    rows = odd()
    numbers = {"zone": "UTC", "reference": "1", "opened": "1", "resolved": "1", "owner": "3", "queue": "2"}
    found = guessed(ODD, rows, **numbers, priority="2")
    assert found.is_complete
    assert 'opened_at = "Came in @"' in found.toml
    assert ('owner = "Chap"' in found.toml, 'queue = "Gang"' in found.toml) == (True, True)
    assert 'owner = "3"' in guessed([*ODD[:3], "3", *ODD[4:]], rows, **numbers, priority="none").toml
    with pytest.raises(InvalidFacts, match="no column “9”"):
        guessed(ODD, rows, **{**numbers, "owner": "9"})
    with pytest.raises(InvalidFacts, match="no column “1”"):
        guessed(HEADER, table([date(2024, 2, 13)], "%Y-%m-%d"), zone="UTC", owner="1")
