"""`watchbill doctor`: look at everything an installation stands on; say what is wrong and how to mend it."""

from __future__ import annotations

import json
import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from watchbill.config import programs as tools
from watchbill.config.address import database_url
from watchbill.config.cluster import FREE_BYTES_NEW, home_prepare
from watchbill.config.database import database_ensure
from watchbill.config.house import House, migrations_pending
from watchbill.config.supervisor import ports_check
from watchbill.engine.base.errors import Unavailable, WatchbillError

LEAST_PYTHON = (3, 11)
CLOCK_LIMIT_S = 2.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    text: str  # what was found
    mend: str = ""  # how to mend it, when not ok
    note: bool = False  # worth knowing, but nothing that keeps Watchbill from working


Look = Callable[[House], Finding]


def examine(house: House) -> list[Finding]:
    """Look at everything, in an order in which causes come first; what rests on a problem is not looked at."""
    findings: list[Finding] = []
    for name, needs, look in LOOKS:
        cause = next((each.name for each in findings if each.name in needs and (not each.ok or each.note)), None)
        findings.append(_looked(name, look, house) if cause is None else _not_looked(name, cause))
    return findings


def _looked(name: str, look: Look, house: House) -> Finding:
    """One look; what it cannot do is a finding too."""
    try:
        return look(house)
    except WatchbillError as error:
        text, _, mend = error.message.partition(". ")
        return Finding(name=name, ok=False, text=text.removesuffix("."), mend=mend)
    except (psycopg.Error, OSError) as error:
        return Finding(name=name, ok=False, text=str(error).strip().splitlines()[0], mend="Try again in a moment.")


def _not_looked(name: str, cause: str) -> Finding:
    return Finding(name=name, ok=True, note=True, text=f"not looked at: mend the {cause} first")


def report(findings: Sequence[Finding], *, as_json: bool) -> str:
    """The findings as lines for people or as one JSON object."""
    is_ok = all(finding.ok for finding in findings)
    if as_json:
        return json.dumps({"ok": is_ok, "findings": [asdict(finding) for finding in findings]}, indent=2)
    lines = []
    for finding in findings:
        word = "problem" if not finding.ok else "note" if finding.note else "ok"
        lines.append(f"{word:<8} {finding.name:<12} {finding.text}")
        if finding.mend:
            lines.append(f"{'':<21} -> {finding.mend}")
    lines.append("All is well." if is_ok else "Mend the problems above, from the top.")
    return "\n".join(lines)


def look_at_python(_house: House) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        name="python",
        ok=sys.version_info >= LEAST_PYTHON,
        text=f"Python {found}",
        mend="" if sys.version_info >= LEAST_PYTHON else "Install Python 3.11 or newer, then run make setup.",
    )


def look_at_encoding(_house: House) -> Finding:
    found = locale.getpreferredencoding(do_setlocale=False).lower().replace("-", "")
    is_ok = found == "utf8" and sys.getfilesystemencoding().lower() == "utf-8"
    return Finding(
        name="encoding",
        ok=is_ok,
        text=f"text is read and written as {found}",
        mend="" if is_ok else "Set a UTF-8 locale: export LC_ALL=C.UTF-8 (or PYTHONUTF8=1).",
    )


def look_at_settings(house: House) -> Finding:
    where = "an embedded server" if house.settings.is_embedded else "the server in WATCHBILL_DATABASE_URL"
    proxy = f", reached as {house.settings.public_url}" if house.settings.public_url else ""
    return Finding(name="settings", ok=True, text=f"database: {where}; data: {house.settings.data_folder}{proxy}")


def look_at_folder(house: House) -> Finding:
    home_prepare(house.settings.data_folder)
    key = house.settings.data_folder / "secret-key"
    is_private = not key.exists() or key.stat().st_mode & 0o077 == 0
    return Finding(
        name="data folder",
        ok=is_private,
        text=f"{house.settings.data_folder} is writable" if is_private else f"others may read {key}",
        mend="" if is_private else f"chmod 600 {key}",
    )


def look_at_disk(house: House) -> Finding:
    free = shutil.disk_usage(house.settings.data_folder).free
    is_ok = free >= FREE_BYTES_NEW
    return Finding(
        name="disk",
        ok=is_ok,
        text=f"{free / 1024**3:.1f} GB free in {house.settings.data_folder}",
        mend="" if is_ok else "Free some space, or name a folder on another disk in WATCHBILL_DATA.",
    )


def look_at_programs(house: House) -> Finding:
    newest = tools.programs_newest()
    said = tools.run([newest.path("postgres"), "--version"])
    is_ok = said.returncode == 0 or not house.settings.is_embedded
    return Finding(
        name="programs",
        ok=is_ok,
        text=said.stdout.strip() or said.stderr.strip().splitlines()[-1],
        mend="" if is_ok else "The wheel does not fit this system; set WATCHBILL_DATABASE_URL to a server of your own.",
    )


def look_at_database(house: House) -> Finding:
    url = database_ensure(house.settings, say=house.say)
    with psycopg.connect(url, connect_timeout=10) as connection:
        size = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
        version = connection.info.server_version // 10000
    return Finding(name="database", ok=True, text=f"PostgreSQL {version} answers; {size[0] if size else '?'} in use")


def look_at_tables(house: House) -> Finding:
    house.load()
    pending = migrations_pending()
    if pending and house.settings.is_embedded:
        text = f"{len(pending)} updates of this version are missing; the next start makes them"
        return Finding(name="tables", ok=True, note=True, text=text)
    return Finding(
        name="tables",
        ok=not pending,
        text=f"{len(pending)} updates of this version are missing" if pending else "up to date",
        mend="watchbill migrate (write a backup first: watchbill backup FILE)" if pending else "",
    )


def look_at_clock(house: House) -> Finding:
    with psycopg.connect(database_url(house.settings), connect_timeout=10) as connection:
        before = datetime.now(UTC)
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        after = datetime.now(UTC)
    off_s = 0.0 if row is None else max((before - row[0]).total_seconds(), (row[0] - after).total_seconds(), 0.0)
    is_ok = off_s <= CLOCK_LIMIT_S
    return Finding(
        name="clock",
        ok=is_ok,
        text="this machine and the database agree"
        if is_ok
        else f"this machine and the database differ by {off_s:.0f} s",
        mend="" if is_ok else "Set both clocks by a time server (timedatectl set-ntp true).",
    )


def look_at_holidays(house: House) -> Finding:
    """Calendars whose listed holidays end soon, after which their clocks would run on holidays."""
    house.load()
    from watchbill.apps.clocks.checking import holidays_ending
    from watchbill.apps.core.queries import now

    ending = holidays_ending(now())
    return Finding(
        name="holidays",
        ok=True,
        note=bool(ending),
        text="; ".join(ending) if ending else "every calendar with holidays lists those of the coming half year",
        mend="Add the next years: watchbill policy holidays CALENDAR --desk DESK --country CODE" if ending else "",
    )


def look_at_ports(house: House) -> Finding:
    """Free ports are as they should be, and so are those that Watchbill itself holds."""
    settings = house.settings
    try:
        ports_check(settings)
    except Unavailable:
        if not _answers(house):
            raise
        return Finding(name="ports", ok=True, text=f"Watchbill runs on {settings.listen}:{settings.port}")
    return Finding(
        name="ports", ok=True, text=f"{settings.port} and {settings.live_port} are free on {settings.listen}"
    )


def _answers(house: House) -> bool:
    """Whether a Watchbill answers on our port."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(house.settings.listen, house.settings.port, timeout=3)
    try:
        connection.request("GET", "/healthz", headers={"Host": house.settings.hosts[0]})
        return b'"ok"' in connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def look_at_browser(_house: House) -> Finding:
    """Only the tests of the pages need one, so that its absence is no problem."""
    named = os.environ.get("WATCHBILL_BROWSER", "")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), "")
    is_there = bool(found) and Path(found).exists() and _starts(found)
    return Finding(
        name="browser",
        ok=True,
        note=not is_there,
        text=f"{found} (for the tests)" if is_there else "no browser for the tests of the pages",
        mend="" if is_there else "Only make test needs one, and installs it if it can: bin/browser says more.",
    )


def _starts(browser: str) -> bool:
    try:
        return subprocess.run([browser, "--version"], capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


# What is looked at, and on which others it rests.
LOOKS: tuple[tuple[str, tuple[str, ...], Look], ...] = (
    ("python", (), look_at_python),
    ("encoding", (), look_at_encoding),
    ("settings", (), look_at_settings),
    ("data folder", ("settings",), look_at_folder),
    ("disk", ("settings", "data folder"), look_at_disk),
    ("programs", ("settings",), look_at_programs),
    ("database", ("settings", "data folder", "disk", "programs"), look_at_database),
    ("tables", ("database",), look_at_tables),
    ("clock", ("database",), look_at_clock),
    ("holidays", ("tables",), look_at_holidays),
    ("ports", ("settings",), look_at_ports),
    ("browser", (), look_at_browser),
)
