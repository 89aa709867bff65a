"""Django's settings, made from `env`."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from watchbill.config.env import env

SECRET_KEY = env().secret_key
DEBUG = env().debug
ALLOWED_HOSTS = list(env().allowed_hosts)

APPS = ["core", "people", "customers", "notices", "work", "inbox", "shifts", "clocks", "decisions"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(f"watchbill.apps.{name}" for name in APPS),
]
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
    }


DATABASES = {"default": _database(env().database_url)}
