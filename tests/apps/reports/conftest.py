"""What tests of reports share."""

from __future__ import annotations

import pytest

from tests.apps.reports.three_cases import three_cases
from tests.factories import make_desk
from watchbill.apps.clocks.queries import forget_compiled


@pytest.fixture
def desk(db):
    forget_compiled()
    return make_desk()


@pytest.fixture
def cases(desk):
    return three_cases(desk)
