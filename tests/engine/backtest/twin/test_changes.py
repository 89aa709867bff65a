"""What a what-if says, part by part: taken apart and put together again, and all that is wrong with it told at once, by its part."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.engine.backtest.twin import knowndesk
from tests.engine.backtest.twin.oddlogs import ASKED, PROMISE, Odd, lines_of, source_of
from watchbill.engine.backtest.decide import backtest
from watchbill.engine.backtest.twin import history as twin_history
from watchbill.engine.backtest.twin.changes import PARTS, Names, parts_of, require_read, text_of
from watchbill.engine.backtest.twin.history import Told, history_of
from watchbill.engine.backtest.twin.legs import legs_of
from watchbill.engine.backtest.twin.staff import staff_of
from watchbill.engine.backtest.twin.whatif import change_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import slips_of

TEAMS, PEOPLE = ("front", "A+1", "x@y", "l/l", "2nd - night"), ("Ann", "bo@x", "Cy+2")
KNOWN = Names(
    zone=ZoneInfo("Europe/Lisbon"), teams=TEAMS, people=PEOPLE, begins_at=datetime(2026, 1, 5, 9, tzinfo=UTC),
    ends_at=datetime(2026, 4, 30, 17, tzinfo=UTC), count=lambda team: {"front": 3, "A+1": 1, "x@y": 40, "l/l": 9}.get(team, 0),
)  # fmt: skip
SAID = {
    "arrivals": {"factor": "1.2"}, "surge": {"more": "40", "at": "2026-02-02T10:00"}, "staff": {"team": "front", "people": "-2"},
    "shift": {"team": "front", "minutes": "90"}, "closed": {"team": "", "day": "2026-04-30"}, "train": {"person": "Ann", "team": "front"},
    "targets": {"p1": "1", "p2": "2.5", "p3": "3", "p4": "4"},
}  # fmt: skip


def wrong(kind, **other):
    """What is said of each part."""
    with pytest.raises(InvalidFacts) as refused:
        require_read(kind, SAID[kind] | other, KNOWN)
    return {one.details["part"]: one.message for one in slips_of(refused.value)}


@pytest.mark.parametrize("kind", PARTS)
def test_parts_that_make_sense_are_taken(kind):
    """Each kind, by itself and as a line."""
    require_read(kind, SAID[kind], KNOWN)
    assert change_of(text_of(kind, SAID[kind]), KNOWN).says


@given(st.sampled_from(TEAMS), st.sampled_from(PEOPLE), st.integers(-9_999, 9_999).filter(bool))
def test_a_line_says_what_its_parts_say(team, person, many):
    """Whatever signs a name holds."""
    for kind, said in (
        ("staff", {"team": team, "people": f"{many:+d}"}), ("shift", {"team": team, "minutes": f"{many:+d}"}),
        ("closed", {"team": team, "day": "2026-02-02"}), ("train", {"person": person, "team": team}),
    ):  # fmt: skip
        assert parts_of(text_of(kind, said), KNOWN) == (kind, said)


def test_all_parts_are_told_at_once_in_plain_words():
    """Each by its name; no line of text, no syntax."""
    assert wrong("surge", more="many", at="2027-01-01T00:00") == {
        "more": "“many” must be a whole number from 1 to 100,000",
        "at": "2027-01-01 00:00 lies outside of the history, which goes from 2026-01-05 to 2026-04-30",
    }
    assert wrong("train", person="An", team="fronts") == {
        "person": "The history knows no person “An”; did you mean “Ann”?",
        "team": "The history knows no team “fronts”; did you mean “front”?",
    }
    assert wrong("targets", p1="0", p3="x") == {
        "p1": "“0” must be a number from 1/60 to 10,000", "p3": "“x” must be a number from 1/60 to 10,000",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "other", "said"),
    [
        ("staff", {"people": "-3"}, {"people": "front has at most 3 people, and one of them must stay; 3 cannot be taken from it"}),
        ("staff", {"people": "-99"}, {"people": "front has at most 3 people, and one of them must stay; 99 cannot be taken from it"}),
        ("staff", {"team": "A+1", "people": "-1"}, {"people": "A+1 has at most one person, who must stay; 1 cannot be taken from it"}),
        ("staff", {"people": "0"}, {"people": "0 people more or fewer change nothing"}),
        ("staff", {"people": "1.5"}, {"people": "“1.5” must be a whole number from -9,999 to 9,999"}),
        ("staff", {"team": "2nd - night"}, {"team": "Nobody is known to have worked for 2nd - night"}),
        ("shift", {"minutes": "+0"}, {"minutes": "Hours that are moved by 0 minutes stay where they are"}),
        ("closed", {"day": "2026-05-01"}, {"day": "2026-05-01 lies outside of the history, which goes from 2026-01-05 to 2026-04-30"}),
        ("closed", {"day": "2026-01-04"}, {"day": "2026-01-04 lies outside of the history, which goes from 2026-01-05 to 2026-04-30"}),
        ("closed", {"team": "nobody"}, {"team": "The history knows no team “nobody”"}),
        ("surge", {"at": "2026-01-05T08:59"}, {"at": "2026-01-05 08:59 lies outside of the history, which goes from 2026-01-05 to 2026-04-30"}),
        ("surge", {"at": "2026-W05"}, {"at": "“2026-W05” is no time on the desk's wall such as 2026-04-20T10:00"}),
        ("surge", {"at": "2026-02-02"}, {"at": "“2026-02-02” is no time on the desk's wall such as 2026-04-20T10:00"}),
        ("surge", {"at": "20260202T100000"}, {"at": "“20260202T100000” is no time on the desk's wall such as 2026-04-20T10:00"}),
        ("surge", {"at": "2026-02-30T10:00"}, {"at": "“2026-02-30T10:00” is no time on the desk's wall such as 2026-04-20T10:00"}),
        ("surge", {"at": "2026-02-02T10:00Z"}, {"at": "“2026-02-02T10:00Z”: times are those on the wall of Europe/Lisbon, without an offset"}),
        ("surge", {"at": "2026-03-29T01:30"}, {"at": "There is no 2026-03-29 01:30 on the wall of Europe/Lisbon: its clock is put forward over it, to 2026-03-29 02:00"}),
        ("arrivals", {"factor": "nan"}, {"factor": "“nan” must be a number from 0.1 to 10"}),
        ("arrivals", {"factor": "inf"}, {"factor": "“inf” must be a number from 0.1 to 10"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_part(kind, other, said):
    """Also what makes sense in itself, and not of this desk."""
    assert wrong(kind, **other) == said


def test_nobody_is_counted_as_long_as_no_team_is_named():
    """Asking who worked where takes a query over all events; each team is asked for once."""
    asked = []
    known = replace(KNOWN, count=lambda team: asked.append(team) or 3)
    for kind in ("arrivals", "surge", "train", "targets", "closed"):
        require_read(kind, SAID[kind], known)
    assert asked == []
    for _ in range(2):
        require_read("staff", SAID["staff"], known)
        require_read("shift", SAID["shift"] | {"team": "x@y"}, known)
    assert asked == ["front", "x@y"]


HANDS = [
    (7, "front", None),
    (7, None, "Ann"),
    (8, "front", "Bo"),
    (8, "back", "Ann"),
    (9, "front", "Bo"),
    (9, "idle", None),
    (10, None, "Cy"),
]


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from([None, *TEAMS]), st.sampled_from([None, *PEOPLE])), min_size=1
    )
)
@example(HANDS)
def test_who_had_a_hand_in_a_team_is_counted_once(hands):
    """Whoever had an item that the team had, be it at another time: pair by pair, as somebody would count them by hand."""
    history = history_of(
        (
            Told(f"X{item}", f"2026-01-05T09:{place % 60:02}+00:00", "2026-01-05T09:00+00:00", None, 3, "", team, owner, False)
            for place, (item, team, owner) in enumerate(hands)
        ),
        zone=ZoneInfo("UTC"),
    )  # fmt: skip
    worked = {(team, owner) for item, team, _ in hands for other, _, owner in hands if item == other and team and owner}
    assert history.people_of == Counter(team for team, _ in worked)
    assert history.people_in("nobody") == 0


def test_a_history_counts_at_most_once(monkeypatch):
    """Not before it is asked, and not again for another change."""
    counted = []
    pairs, history = twin_history._pairs, knowndesk.history(knowndesk.Known(weeks=3))
    monkeypatch.setattr(twin_history, "_pairs", lambda *columns: counted.append(1) or pairs(*columns))
    assert not counted
    change_of("staff=front+1", history)
    once = len(counted)
    change_of("staff=back-1", history)
    assert 0 < once == len(counted)


@pytest.mark.parametrize(
    "odd", [Odd(), Odd(seed=2, passed=0.9, unknown=0.4), Odd(teams=1), Odd(teams=0), Odd(people=1)]
)
def test_no_team_has_more_members_than_had_it_in_hand(odd):
    """So no change is refused that the twin could make."""
    history = history_of(lines_of(odd), zone=ZoneInfo("Europe/Berlin"))
    most = history.people_of
    for team, members in staff_of(history, legs_of(history)).teams.items():
        if team >= 0:
            assert len(members) <= most[history.teams[team]]
    assert all(0 < count <= len(history.people) for count in most.values())


def test_what_only_the_twin_can_tell_is_refused_before_anything_is_simulated():
    """Who passed through a team is no member of it: known after learning, and nothing was played by then."""
    passing = [
        Told(f"X{n}", line.at, line.opened_at, line.state, 3, "c0", "T0", f"passer {n}", False)
        for n, line in enumerate(lines_of(Odd(people=6, teams=3))[:3])
    ]
    history = history_of([*lines_of(Odd(people=6, teams=3, passed=0.6)), *passing], zone=ZoneInfo("Europe/Berlin"))
    members = staff_of(history, legs_of(history)).teams[history.teams.index("T0")]
    assert len(members) < history.people_of["T0"]

    def play(*_):
        raise AssertionError("something was simulated")

    asked = replace(ASKED, what_if=(f"staff=T0-{len(members)}",), changed="2026-09-28:staff=T1-1")
    with pytest.raises(InvalidFacts, match="cannot be taken from it"):
        backtest(history, source_of(history), PROMISE, asked, mapper=play)


def test_the_past_reads_by_the_same_rules():
    """A history and what is known of a desk answer to the same protocol."""
    history = knowndesk.history(knowndesk.Known(weeks=3))
    assert set(history.people_of) == {"front", "back"}
    with pytest.raises(InvalidFacts, match=r"staff=front-99: front has at most \d people"):
        change_of("staff=front-99", history)
