"""What the settings make of every answer: headers, cookies, addresses."""

import json
import subprocess
import sys

import pytest
from django.test import Client, RequestFactory

from watchbill.config import client
from watchbill.config.env import env_read

SHOWN = """
import json
from watchbill.config import settings as s
print(json.dumps({name: getattr(s, name, None) for name in (
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS", "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER", "ALLOWED_HOSTS", "CONTENT_SECURITY_POLICY", "DEBUG")}))
"""


def settings_under(environment, tmp_path, **more):
    """The settings of a process with that environment."""
    done = subprocess.run(
        [sys.executable, "-c", SHOWN],
        env=environment | {"WATCHBILL_DATA": str(tmp_path)} | more,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.mark.django_db
def test_the_sign_of_life_is_guarded_like_every_answer():
    """Every answer carries the strict policy and the headers that keep browsers from guessing."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert not any("unsafe" in value for value in policy.values())
    assert "http://127.0.0.1:8001" in policy["connect-src"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_refused():
    """A request for another host name gets no page."""
    assert Client().get("/healthz", HTTP_HOST="elsewhere.example.org").status_code == 400


def test_without_a_database_the_sign_of_life_says_so(monkeypatch):
    """503 and no traceback while the database is away."""
    from django.db import OperationalError

    from watchbill.config import urls

    class Gone:
        def cursor(self):
            raise OperationalError("gone")

    monkeypatch.setattr(urls, "connection", Gone())
    answer = urls.healthz(RequestFactory().get("/healthz"))
    assert answer.status_code == 503


def test_behind_tls_cookies_and_policy_follow(environment, tmp_path):
    """The public address turns on what TLS allows, and names where live updates come from."""
    found = settings_under(
        environment,
        tmp_path,
        WATCHBILL_PUBLIC_URL="https://desk.example.org",
        WATCHBILL_LIVE_URL="https://desk.example.org/live",
        WATCHBILL_BEHIND_PROXY="1",
    )
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://desk.example.org"]
    assert found["SECURE_HSTS_SECONDS"] > 0
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert "desk.example.org" in found["ALLOWED_HOSTS"]
    assert found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["connect-src"] == ["'self'", "https://desk.example.org"]


def test_without_a_proxy_nobody_is_believed(environment, tmp_path):
    """By default a header cannot claim TLS, and cookies work over plain HTTP on a laptop."""
    found = settings_under(environment, tmp_path)
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert found["SESSION_COOKIE_SECURE"] is False
    assert found["SECURE_HSTS_SECONDS"] == 0
    assert found["DEBUG"] is False


@pytest.mark.parametrize(
    ("proxy", "forwarded", "address"),
    [("0", "1.2.3.4", "127.0.0.1"), ("1", "6.6.6.6, 1.2.3.4", "1.2.3.4"), ("1", "", "127.0.0.1")],
)
def test_only_our_own_proxy_tells_the_address(monkeypatch, proxy, forwarded, address):
    """A forwarded address counts behind a proxy only, and only the one that the proxy itself wrote."""
    monkeypatch.setattr(client, "env", lambda: env_read({"WATCHBILL_BEHIND_PROXY": proxy}))
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client.client_address(RequestFactory().get("/", headers=headers)) == address
