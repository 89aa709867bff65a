"""What docs/algorithms/clocks.md says of other libraries is what they say."""

from __future__ import annotations

from pathlib import Path

from benchmarks._libraries import business_duration_wrong, pandas_wrong

PAGE = (Path(__file__).parents[2] / "docs/algorithms/clocks.md").read_text(encoding="utf-8")


def test_where_other_libraries_are_wrong_is_told_case_by_case():
    """Each worked example holds (ours right, theirs not), and the page has a row for each."""
    found = {"business-duration": business_duration_wrong(), "pandas": pandas_wrong()}
    for name, cases in found.items():
        assert sum(line.startswith(f"| {name} ") for line in PAGE.splitlines()) == len(cases) == 3
