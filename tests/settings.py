"""Watchbill's settings for tests: a data folder of this run alone, plain static files, cheap passwords."""

from __future__ import annotations

import os
import tempfile

# Set before the settings are read, so that no test ever touches the data folder of an installation.
# The workers of a parallel run inherit it from the process that started them, and so share one database server.
if "WATCHBILL_TEST_FOLDER" not in os.environ:
    os.environ["WATCHBILL_TEST_FOLDER"] = tempfile.mkdtemp(prefix="watchbill-test-")
os.environ["WATCHBILL_DATA"] = os.environ["WATCHBILL_TEST_FOLDER"]
for name in ("WATCHBILL_SMTP_URL", "WATCHBILL_PUBLIC_URL", "WATCHBILL_LIVE_URL", "WATCHBILL_HOSTS", "WATCHBILL_DEBUG"):
    os.environ.pop(name, None)

# Test processes share the cores: a library that spreads over all of them waits for whoever has the others, and turns while it waits.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from watchbill.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
