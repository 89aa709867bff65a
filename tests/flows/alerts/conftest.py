"""The small desk, with a queue manager by day and one by night."""

from __future__ import annotations

import pytest

from tests.flows.alerts.history import manager
from tests.flows.assign.small_desk import make_small_desk


@pytest.fixture
def desk(db):
    made = make_small_desk()
    manager(made, "Dana", person="Ana", email="dana@desk.example")
    manager(made, "Nils", person="Nora")
    return made
