"""Settings from the environment, read once into one typed object. Each is documented in docs/reference/settings.md."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """What the environment says; every default runs on a laptop."""

    database_url: str
    data_folder: Path
    secret_key: str
    debug: bool
    allowed_hosts: tuple[str, ...]
    live_url: str


@cache
def env() -> Env:
    """Read the environment once."""
    return Env(
        database_url=os.environ.get("WATCHBILL_DATABASE_URL", ""),
        data_folder=Path(os.environ.get("WATCHBILL_DATA", platformdirs.user_data_dir("watchbill"))),
        secret_key=os.environ.get("WATCHBILL_SECRET_KEY", "insecure-until-the-data-folder-holds-one"),
        debug=os.environ.get("WATCHBILL_DEBUG", "") == "1",
        allowed_hosts=tuple(os.environ.get("WATCHBILL_HOSTS", "127.0.0.1,localhost").split(",")),
        live_url=os.environ.get("WATCHBILL_LIVE_URL", ""),
    )
