"""The folder of the embedded PostgreSQL server: made, checked, and its configuration written."""

from __future__ import annotations

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from watchbill.config import programs as tools
from watchbill.config.address import PORT, SUPERUSER, socket_folder
from watchbill.config.programs import Programs
from watchbill.engine.base.errors import Unavailable

FREE_BYTES_NEW = 300 * 1024**2  # a new folder takes about 60 MB, its first log of writes as much again
FREE_BYTES_START = 64 * 1024**2
LOG_BYTES = 10 * 1024**2

CONFIGURATION = """\
# Written by Watchbill at each start. Put settings of your own into {local}
# (readable by the user who runs the server), and start it again.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = '256MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
effective_cache_size = '1GB'
random_page_cost = 1.1
max_wal_size = '2GB'
max_parallel_workers_per_gather = 0
jit = off
synchronous_commit = {on}
fsync = {on}
full_page_writes = {on}
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_connections = ''
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One server's folder, with what runs it."""

    home: Path  # Watchbill's data folder
    programs: Programs
    user: pwd.struct_passwd | None  # who runs the server when we are root

    @property
    def folder(self) -> Path:
        """PostgreSQL's own folder."""
        return folder_of(self.home)

    @property
    def socket(self) -> Path:
        return socket_folder(self.home)

    @property
    def log(self) -> Path:
        return self.home / "postgresql.log"


def folder_of(home: Path) -> Path:
    """PostgreSQL's folder inside the data folder *home*."""
    return home / "postgresql"


def cluster_prepare(home: Path, *, durable: bool) -> Cluster:
    """Check the data folder and make what is missing in it, up to a server that can be started.

    *durable* false trades safety after a crash for speed; only tests may. Raises Unavailable with how to mend.
    """
    home_prepare(home)
    user = tools.server_user(folder_of(home))
    if user and (closed := tools.closed_parent(home / "x", user)):
        raise Unavailable(
            f"The folder {closed} is closed to the user {user.pw_name}, who runs the database because PostgreSQL "
            f"refuses to run as root. Name another folder in WATCHBILL_DATA, or open it: chmod o+x {closed}"
        )
    programs = tools.programs_for(_programs_matching(folder_of(home)), user, store=home)
    cluster = Cluster(home=home, programs=programs, user=user)
    _check_space(cluster)
    _check_owner(cluster)
    try:
        if not cluster.folder.exists():
            _initialise(cluster)
        _socket_prepare(cluster)
        _configure(cluster, durable=durable)
    except OSError as error:
        raise _unusable(home, error) from error
    return cluster


def home_prepare(home: Path) -> None:
    """Make the data folder, private unless root's server user has to pass through it, and see that it is writable."""
    is_root = os.geteuid() == 0
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o711 if is_root else 0o700)
        if is_root and home.stat().st_uid == 0:
            home.chmod(home.stat().st_mode | 0o111)
        probe = home / f".writable.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unusable(home, error) from error


def _unusable(home: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"The data folder {home} cannot be used: {error.strerror or error}. "
        "Make it writable for this user, or name another one in WATCHBILL_DATA."
    )


def _programs_matching(folder: Path) -> Programs:
    """The wheel's programs for the folder's version, or the newest for a new folder."""
    try:
        found = int((folder / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        if folder.exists():
            raise Unavailable(
                f"{folder} is not a folder of PostgreSQL (it has no PG_VERSION). Move it away, "
                "or name another data folder in WATCHBILL_DATA."
            ) from None
        return tools.programs_newest()
    except (OSError, ValueError) as error:
        raise Unavailable(f"{folder / 'PG_VERSION'} cannot be read: {error}. Check the folder's owner.") from error
    ours = tools.programs_all()
    if found in ours:
        return ours[found]
    word = "newer" if found > max(ours) else "older"
    raise Unavailable(
        f"The database in {folder} was made by PostgreSQL {found}, which is {word} than the versions that this "
        f"Watchbill brings ({', '.join(map(str, sorted(ours)))}). Start it with the Watchbill that made it, "
        "write a backup (watchbill backup FILE), move the folder away, and restore the backup here."
    )


def _check_space(cluster: Cluster) -> None:
    needed = FREE_BYTES_START if cluster.folder.exists() else FREE_BYTES_NEW
    free = shutil.disk_usage(cluster.home).free
    if free < needed:
        raise Unavailable(
            f"The disk of {cluster.home} is full: {free // 1024**2} MB are free, {needed // 1024**2} MB are needed. "
            "Free some space, or name a folder on another disk in WATCHBILL_DATA."
        )


def _check_owner(cluster: Cluster) -> None:
    """PostgreSQL runs only as the owner of its folder."""
    if cluster.user or not cluster.folder.exists():
        return
    owner = cluster.folder.stat().st_uid
    if owner != os.geteuid():
        raise Unavailable(
            f"The database in {cluster.folder} belongs to the user number {owner}, but Watchbill runs as number "
            f"{os.geteuid()}. Start Watchbill as that user, or name another folder in WATCHBILL_DATA."
        )


def _own(cluster: Cluster, path: Path) -> None:
    if cluster.user:
        os.chown(path, cluster.user.pw_uid, cluster.user.pw_gid)


def _initialise(cluster: Cluster) -> None:
    """Make a new cluster beside its final place and move it there, so that a crash leaves no half of one."""
    draft = cluster.folder.with_name("postgresql.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    _own(cluster, draft)
    done = tools.run(
        [
            cluster.programs.path("initdb"),
            f"--pgdata={draft}",
            f"--username={SUPERUSER}",
            "--auth=trust",  # the socket's folder is private, and there is no other way in
            "--encoding=UTF8",
            *_locale(cluster.programs.major),
            "--no-instructions",
        ],
        user=cluster.user,
    )
    if done.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise Unavailable(f"The database could not be made in {cluster.home}: {_last_line(done.stderr)}")
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude = 'watchbill.conf'\n")
    draft.rename(cluster.folder)


def _locale(major: int) -> list[str]:
    """The same order of words on every system: PostgreSQL's own rules rather than the system's."""
    if major >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C"]


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "initdb gave no reason"


def _socket_prepare(cluster: Cluster) -> None:
    """The private folder of the socket; refuses one that somebody else put in its place."""
    folder = cluster.socket
    owner = cluster.user.pw_uid if cluster.user else os.geteuid()
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid not in {owner, os.geteuid()}:
        raise Unavailable(
            f"{folder}, the folder of the database's socket, belongs to somebody else. Remove it, "
            "or name a data folder with a shorter path in WATCHBILL_DATA."
        )
    folder.chmod(0o700)
    _own(cluster, folder)


def _configure(cluster: Cluster, *, durable: bool) -> None:
    """Write this start's settings, and keep the server's log from growing without end."""
    local = cluster.home / "postgresql.local.conf"
    text = CONFIGURATION.format(
        local=_quoted(local), socket=_quoted(cluster.socket), port=PORT, on="on" if durable else "off"
    )
    if local.exists():
        text += f"include = '{_quoted(local)}'\n"
    path = cluster.folder / "watchbill.conf"
    path.write_text(text, encoding="utf-8")
    _own(cluster, path)
    if cluster.log.exists() and cluster.log.stat().st_size > LOG_BYTES:
        cluster.log.replace(cluster.log.with_name("postgresql.log.1"))
    cluster.log.touch(mode=0o600)
    _own(cluster, cluster.log)


def _quoted(path: Path) -> str:
    """*path* inside the single quotes of PostgreSQL's configuration."""
    return str(path).replace("'", "''")
