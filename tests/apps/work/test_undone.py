"""What was undone never was: the events that clocks read, whatever was done and taken back in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watchbill.apps.work.timeline import as_if_never

KINDS = ("state", "assigned", "priority", "decided")
STANDS = st.tuples(st.sampled_from(["new", "in_progress", "closed"]), st.integers(1, 4), st.none() | st.integers(1, 3))


@st.composite
def lives(draw, *, depth=2):
    """A life of acts and replies as (what clocks read of it, its rows with acts besides that were undone)."""
    rows, plain = [], []
    stands = draw(STANDS)

    def add(kind, now, undoes=None):
        rows.append((1, len(rows) + 1, undoes, len(rows), kind, *now, "person"))
        return len(rows)

    def told(kind):
        seq = add(kind, stands)
        plain.append((seq - 1, kind, *stands, "person"))

    def undone(level):
        kind = draw(st.sampled_from(KINDS))
        wrong = draw(STANDS)
        seq = add(kind, wrong)
        for _ in range(draw(st.integers(0, 2))):
            if level and draw(st.booleans()):
                inner = draw(STANDS)
                nested = add("priority", inner)
                add("priority", wrong, nested)
            else:
                reply = add("reply", wrong)
                plain.append((reply - 1, "reply", *stands, "person"))
        add(kind, stands, seq)

    told("opened")
    for _ in range(draw(st.integers(0, 6))):
        if draw(st.booleans()):
            undone(depth)
        else:
            stands = draw(STANDS)
            told(draw(st.sampled_from([*KINDS, "reply"])))
    return plain, rows


@given(lives())
def test_clocks_read_a_life_as_if_what_was_undone_had_never_happened(life):
    """Acts and their undoings fall away; a reply in between finds the item as it stood before."""
    plain, rows = life
    assert as_if_never(rows) == plain


@given(lives(), STANDS)
def test_what_is_about_to_be_undone_has_never_happened_either(life, wrong):
    """The same as if its undoing were written already."""
    plain, rows = life
    seq = len(rows) + 1
    act = (1, seq, None, len(rows), "state", *wrong, "person")
    reply = (1, seq + 1, None, len(rows) + 1, "reply", *wrong, "person")
    kept = (len(rows) + 1, "reply", *plain[-1][2:5], "person")
    assert as_if_never([*rows, act, reply], undoing=seq) == [*plain, kept]
