"""What tests of assignment share."""

from __future__ import annotations

import pytest

from tests.flows.assign.small_desk import make_small_desk


@pytest.fixture
def desk(db):
    return make_small_desk()
