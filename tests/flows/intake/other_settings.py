"""Settings of a process that a test starts beside itself: the same, on the test's own database."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["INTAKE_TEST_DATABASE"]
