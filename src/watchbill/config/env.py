"""Settings from the environment, read once into one typed object; docs/reference/settings.md documents each."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from watchbill.engine.base.errors import InvalidFacts, Unavailable
from watchbill.flows.backtest.cluster import address_of

ROOT_DATA_FOLDER = Path("/var/lib/watchbill")
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """What the environment says; every default runs on a laptop."""

    database_url: str
    data_folder: Path
    secret_key: str
    debug: bool
    listen: str
    port: int
    live_port: int
    hosts: tuple[str, ...]
    public_url: str
    live_url: str
    behind_proxy: bool
    web_workers: int
    web_threads: int
    upload_mb: int
    log_level: str
    smtp_url: str
    mail_from: str
    webhook_open: bool
    ray_address: str

    @property
    def is_embedded(self) -> bool:
        """Whether Watchbill runs its own PostgreSQL server."""
        return not self.database_url

    @property
    def is_tls(self) -> bool:
        """Whether people reach the pages by https."""
        return self.public_url.startswith("https://")


@cache
def env() -> Env:
    """Read the environment of this process, once."""
    return env_read(os.environ)


def env_read(source: Mapping[str, str]) -> Env:
    """Make the typed settings from *source*; raises InvalidFacts naming the setting that makes no sense."""
    public_url = _url(source, "WATCHBILL_PUBLIC_URL")
    return Env(
        database_url=source.get("WATCHBILL_DATABASE_URL", "").strip(),
        data_folder=_data_folder(source),
        secret_key=source.get("WATCHBILL_SECRET_KEY", ""),
        debug=_flag(source, "WATCHBILL_DEBUG"),
        listen=source.get("WATCHBILL_LISTEN", "") or "127.0.0.1",
        port=_number(source, "WATCHBILL_PORT", default=8000, least=1, most=65535),
        live_port=_number(source, "WATCHBILL_LIVE_PORT", default=8001, least=1, most=65535),
        hosts=_hosts(source, public_url),
        public_url=public_url,
        live_url=_url(source, "WATCHBILL_LIVE_URL"),
        behind_proxy=_flag(source, "WATCHBILL_BEHIND_PROXY"),
        web_workers=_number(source, "WATCHBILL_WEB_WORKERS", default=2, least=1, most=64),
        web_threads=_number(source, "WATCHBILL_WEB_THREADS", default=4, least=1, most=64),
        upload_mb=_number(source, "WATCHBILL_UPLOAD_MB", default=256, least=1, most=100_000),
        log_level=_choice(source, "WATCHBILL_LOG_LEVEL", default="INFO", choices=LOG_LEVELS),
        smtp_url=_smtp(source),
        mail_from=source.get("WATCHBILL_MAIL_FROM", "").strip() or "watchbill@localhost",
        webhook_open=_flag(source, "WATCHBILL_WEBHOOK_OPEN"),
        ray_address=address_of(source.get("WATCHBILL_RAY_ADDRESS", "")),
    )


def secret_key(settings: Env) -> str:
    """The key that signs sessions: the one set, else one made once and kept (0600) in the data folder.

    Raises Unavailable when the data folder cannot be written.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_folder / "secret-key"
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(50))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Unavailable(
            f"The secret key {path} cannot be read or written ({error.strerror}). "
            "Make the folder writable, name another one in WATCHBILL_DATA, or set WATCHBILL_SECRET_KEY."
        ) from error


def _write_once(path: Path, text: str) -> None:
    """Write a private file that appears whole or not at all; of two writers the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _data_folder(source: Mapping[str, str]) -> Path:
    named = source.get("WATCHBILL_DATA", "").strip()
    if named:
        return Path(named).expanduser().absolute()
    # Root's server runs as an unprivileged user, so its folder must be one that this user can reach.
    return ROOT_DATA_FOLDER if os.geteuid() == 0 else Path(platformdirs.user_data_dir("watchbill"))


def _flag(source: Mapping[str, str], name: str) -> bool:
    word = source.get(name, "").strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise InvalidFacts(f"{name} is '{word}', but must be 1 or 0.")
    return word in TRUE_WORDS


def _number(source: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    word = source.get(name, "").strip()
    if not word:
        return default
    if not word.isdecimal() or not least <= int(word) <= most:
        raise InvalidFacts(f"{name} is '{word}', but must be a whole number from {least} to {most}.")
    return int(word)


def _choice(source: Mapping[str, str], name: str, *, default: str, choices: tuple[str, ...]) -> str:
    word = source.get(name, "").strip().upper() or default
    if word not in choices:
        raise InvalidFacts(f"{name} is '{word}', but must be one of {', '.join(choices)}.")
    return word


def _url(source: Mapping[str, str], name: str) -> str:
    word = source.get(name, "").strip().rstrip("/")
    if word and (urlsplit(word).scheme not in {"http", "https"} or not urlsplit(word).hostname):
        raise InvalidFacts(f"{name} is '{word}', but must look like https://desk.example.org.")
    return word


def _smtp(source: Mapping[str, str]) -> str:
    word = source.get("WATCHBILL_SMTP_URL", "").strip()
    try:
        parts = urlsplit(word)
        is_known = not word or (parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0)
    except ValueError:
        is_known = False
    if not is_known:  # the word itself may hold a password
        raise InvalidFacts("WATCHBILL_SMTP_URL must look like smtp://user:password@mail.example.org:587.")
    return word


def _hosts(source: Mapping[str, str], public_url: str) -> tuple[str, ...]:
    named = source.get("WATCHBILL_HOSTS", "") or "127.0.0.1,localhost,[::1]"
    hosts = [host.strip() for host in named.split(",") if host.strip()]
    public = urlsplit(public_url).hostname
    return tuple(dict.fromkeys([*hosts, *([public] if public else [])]))
