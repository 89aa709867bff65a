"""What tests of flows share."""

from __future__ import annotations

import pytest

from tests.flows.assign.small_desk import make_small_desk


@pytest.fixture
def desk(db):
    """The small desk: see `make_small_desk`."""
    return make_small_desk()
