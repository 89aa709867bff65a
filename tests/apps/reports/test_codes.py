"""A desk's own codes for breaches and exclusions."""

from __future__ import annotations

import pytest

from tests.apps.reports.three_cases import LATER
from tests.factories import BOSS, actor
from watchbill.apps.people.rights import Role
from watchbill.apps.reports.choices import Sort
from watchbill.apps.reports.codes import code_list, code_save
from watchbill.apps.reports.queries import breach_page
from watchbill.apps.reports.slices import Slice
from watchbill.engine.base.errors import InvalidFacts, NotAllowed
from watchbill.flows.report.answering import breaches_confirm

pytestmark = pytest.mark.django_db


def test_a_desk_has_codes_of_its_own(desk, cases):
    """Added, renamed, out of use; a standard one cannot be taken away, only put out of use."""
    code_save(desk, Sort.BREACH, "parts_late", label="Parts came late", by=BOSS, now=LATER)
    code_save(desk, Sort.BREACH, "vendor", label="Waited for the carrier", by=BOSS, now=LATER)
    code_save(desk, Sort.BREACH, "customer", label="Waited for the customer", is_active=False, by=BOSS, now=LATER)
    rows = {row.code: row for row in code_list(desk, Sort.BREACH)}
    assert rows["vendor"].label == "Waited for the carrier"
    assert not rows["customer"].is_active
    assert not rows["parts_late"].is_standard
    row = next(each for each in breach_page(Slice(desk_id=desk), by=BOSS) if each.reference == cases["late"])
    breaches_confirm(desk, [row.id], code="parts_late", by=BOSS, now=LATER)
    with pytest.raises(InvalidFacts):
        breaches_confirm(desk, [row.id], code="customer", by=BOSS, now=LATER)
    with pytest.raises(NotAllowed):
        code_save(desk, Sort.BREACH, "x", label="X", by=actor(Role.QUEUE_MANAGER, desk), now=LATER)
