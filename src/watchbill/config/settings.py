"""Django's settings, made from `env`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from watchbill.config import address
from watchbill.config.env import env, secret_key
from watchbill.config.logs import log_settings

PACKAGE = Path(__file__).resolve().parents[1]
WEB = PACKAGE / "interfaces" / "web"

SECRET_KEY = secret_key(env())
DEBUG = env().debug
ALLOWED_HOSTS = list(env().hosts)

APPS = ["core", "people", "customers", "notices", "work", "inbox", "shifts", "clocks", "decisions", "reports"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "axes",
    "csp",
    *(f"watchbill.apps.{name}" for name in APPS),
]
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

ROOT_URLCONF = "watchbill.config.urls"
WSGI_APPLICATION = "watchbill.config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "watchbill.interfaces.web.middleware.AccessMiddleware",
    "axes.middleware.AxesMiddleware",  # must stay last
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [WEB / "templates", PACKAGE / "flows" / "backtest" / "report" / "templates"],
        "OPTIONS": {"environment": "watchbill.interfaces.web.jinja.environment"},
    },
    # For the pages that libraries bring along.
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

# Where people and their browsers find us. An empty LIVE_URL means: the host of the page, on LIVE_PORT.
PUBLIC_URL = env().public_url
LIVE_URL = env().live_url
LIVE_PORT = env().live_port

# The database. A thread of a web process keeps its connection; a dead one is replaced before the next request.
DATABASES = {"default": address.django_settings(address.database_url(env()))}

# Sign-in.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/board/"
LOGOUT_REDIRECT_URL = "/sign-in/"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "watchbill.config.client.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "watchbill.interfaces.web.pages.signin.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # the audit log keeps sign-ins

# Cookies and headers.
SESSION_COOKIE_NAME = "watchbill_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = env().is_tls
CSRF_COOKIE_NAME = "watchbill_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = env().is_tls
CSRF_FAILURE_VIEW = "watchbill.interfaces.web.errors.form_expired"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if env().is_tls else 0
X_FRAME_OPTIONS = "DENY"
if env().behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True


def _live_origins() -> list[str]:
    """The origins from which a page may take server-sent events."""
    if LIVE_URL:
        parts = urlsplit(LIVE_URL)
        return [f"{parts.scheme}://{parts.netloc}"]
    scheme = "https" if env().is_tls else "http"
    # A policy cannot name an IPv6 address; there the page asks every few seconds instead.
    named = [host.replace("*", "").lstrip(".") for host in ALLOWED_HOSTS if "[" not in host]
    return [f"{scheme}://{host}:{LIVE_PORT}" for host in named if host]


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *_live_origins()],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Static files: names with a hash, compressed, collected into the data folder when the web process starts.
STATIC_URL = "/static/"
STATIC_ROOT = env().data_folder / "static"
STATICFILES_DIRS = [WEB / "static"] if (WEB / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# The form of a clock policy has 26 fields a commitment: two hundred of them, and some to spare.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000

# Files in forms: who may send them and how large they may be is looked at before a byte is kept.
UPLOAD_MB = env().upload_mb
FILE_UPLOAD_HANDLERS = [
    "watchbill.interfaces.web.uploads.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

PROCRASTINATE_IMPORT_PATHS = ["watchbill.interfaces.jobs"]

# Where simulations run, if not on the cores of this machine.
RAY_ADDRESS = env().ray_address

# The ways out of the outbox, each a function without arguments that returns the channel, or None when it is not set up.
SMTP_URL, MAIL_FROM, WEBHOOK_OPEN = env().smtp_url, env().mail_from, env().webhook_open
NOTICE_CHANNELS = {
    "mail": "watchbill.adapters.mail.from_settings",
    "webhook": "watchbill.adapters.webhook.from_settings",
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = log_settings(env().log_level)
DATA_FOLDER = env().data_folder
