"""One pass over a file: exact while values are few, an unbiased share of them when they are many, and never more memory."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.engine.intake import survey
from watchbill.engine.intake.survey import MISSING, Distinct, Surveyor

VALUES = st.lists(st.sampled_from(["a", "b", "?", "", "c", "d", "e", "f", "g"]), max_size=60)


@given(blocks=st.lists(VALUES, max_size=6))
def test_few_values_are_counted_exactly(blocks):
    """However the rows are cut into blocks."""
    found = Distinct(MISSING)
    for block in blocks:
        found.add(block)
    assert found.counts == Counter(value for block in blocks for value in block)
    assert found.level == 0


@settings(max_examples=20)
@given(blocks=st.lists(st.lists(st.integers(0, 400).map(str), max_size=200), min_size=1, max_size=8))
def test_kept_values_are_counted_on_all_of_their_rows(blocks):
    """A share of the values stays, chosen by what they are; of each every row is counted; markers always stay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(survey, "DISTINCT_LIMIT", 40)
        found = Distinct(frozenset(("?",)))
        for block in blocks:
            found.add([*block, "?"])
    exact = Counter(value for block in blocks for value in block)
    assert len(found.counts) <= 40
    assert found.counts["?"] == len(blocks)
    assert all(found.counts[value] == exact[value] for value in found.counts if value != "?")


def test_the_estimate_of_many_values_is_near():
    """20,000 numbers, each on three rows: three rows each, and their number within a twentieth."""
    surveyor = Surveyor(["id"], reference=0)
    for first in range(0, 60_000, 1_000):
        surveyor.add([(n + 2, [f"INC{n // 3:07d}"]) for n in range(first, first + 1_000)])
    column = surveyor.result().columns[0]
    assert not column.is_exact
    assert column.each_on == pytest.approx(3.0, rel=0.001)
    assert column.distinct == pytest.approx(20_000, rel=0.05)


def test_items_are_kept_whole():
    """All rows of some items, wherever in the file they stand, and no more rows than there is room for."""
    surveyor = Surveyor(["id", "n"], reference=0)
    rows = [(line, [f"T{line % 3_000}", str(line)]) for line in range(30_000)]
    for first in range(0, len(rows), 700):
        surveyor.add(rows[first : first + 700])
    items = surveyor.result().items
    assert sum(map(len, items)) <= survey.SAMPLE_ROWS
    assert len(items) > 100
    assert {len(item) for item in items} == {10}


@given(first=st.integers(1, 40), size=st.integers(1, 17))
def test_blocks_do_not_matter(first, size):
    """The same rows in other blocks give the same survey."""
    rows = [(n + 2, [f"T{n % 7}", f"{n % 28 + 1:02d}.02.2024 10:00", ("New", "", "Closed")[n % 3]]) for n in range(60)]
    header = ["id", "at", "state"]

    def taken(cuts):
        surveyor = Surveyor(header, reference=0, pairs=[(2, 0)])
        for start, end in zip(cuts, [*cuts[1:], len(rows)], strict=True):
            surveyor.add(rows[start:end])
        return surveyor.result()

    assert taken([0]) == taken([0, *range(first, len(rows), size)])


def test_what_a_column_tells():
    """Missing markers, the first line of each value, line breaks, and rows of another width."""
    surveyor = Surveyor(["a", "b"], reference=None)
    surveyor.add([(2, ["x", "?"]), (3, ["x", "one\ntwo"]), (4, ["y"]), (5, ["z", "-"])])
    found = surveyor.result()
    a, b = found.columns
    assert (found.rows, found.uneven) == (3, (4,))
    assert (a.told, a.first_lines, a.has_breaks) == (3, {"x": 2, "z": 5}, False)
    assert (b.told, b.missing, b.has_breaks, b.examples) == (1, ("-", "?"), True, ("one two",))
