"""The reference pages say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from watchbill.apps.core.seals import _Link
from watchbill.apps.people.rights import GRANTS, RIGHT_SENTENCE, Right, Role
from watchbill.interfaces.api import errors
from watchbill.interfaces.api.urls import api as ninja

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference"


def rows(page):
    """The cells of every table row of a page."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]


def test_the_page_of_the_api_names_every_operation_with_its_right():
    """Operations and rights in docs/reference/api.md are those of the program."""
    told = {(row[0].strip("`"), row[1]) for row in rows("api.md") if re.match(r"`[A-Z]+ /", row[0])}
    real = {
        (f"{method} {router.prefix.removeprefix('/v1')}{path}", operation.view_func.watchbill_right.value)
        for router in ninja._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    assert told == real


def test_the_page_of_the_api_names_every_status():
    """The table of errors has a row for each family, with its status and code."""
    told = {(row[0], row[1].strip("`")) for row in rows("api.md") if row[0].isdecimal()}
    assert {(str(status), family.code) for family, status in errors.STATUS.items()} <= told


def test_the_page_of_rights_is_the_table_of_grants():
    """Each right has its row with its sentence, and a yes for exactly the roles that hold it."""
    told = {row[0].split(":")[0]: row for row in rows("rights.md") if row[0].split(":")[0] in set(Right)}
    assert set(told) == {right.value for right in Right}
    for right in Right:
        sentence, *marks = told[right.value]
        assert sentence.split(": ")[1].lower() == RIGHT_SENTENCE[right].lower()
        assert [mark == "yes" for mark in marks] == [right in GRANTS[role] for role in Role]


def test_the_worked_number_of_a_seal_is_true():
    """The link in docs/reference/rights.md is the one that the program computes."""
    link = _Link()
    link.add('{"id": 1}')
    text = (REFERENCE / "rights.md").read_text(encoding="utf-8")
    assert f"`{link.close(b'', stream='audit', first_id=1, last_id=1).hex()}`" in text
