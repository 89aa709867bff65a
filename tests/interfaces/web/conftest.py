"""A renderer without a request, and a Chromium for the pictures."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.backends import ModelBackend
from django.test import Client
from jinja2 import FileSystemLoader

from tests.interfaces.office import NOW
from watchbill.flows.assign.tick import tick_desk
from watchbill.flows.backtest.report.page import TEMPLATES
from watchbill.interfaces import web
from watchbill.interfaces.web.jinja import environment
from watchbill.interfaces.web.tiles import tiles_forget

WEB = Path(web.__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def templates():
    """The pages' own environment over their own folder and that of reports; static files keep their plain names."""
    made = environment(loader=FileSystemLoader([WEB / "templates", TEMPLATES]))
    made.globals["static"] = lambda name: f"/static/{name}"
    return made


@pytest.fixture(scope="session")
def render(templates):
    def _render(name, **context):
        return templates.get_template(name).render(csrf_input="", **context)

    return _render


def browser_path():
    """The Chromium to use: WATCHBILL_BROWSER, else one on the path, else None for the one that playwright brings."""
    return os.environ.get("WATCHBILL_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def chromium():
    """One browser for the run; the test is skipped where there is none."""
    from playwright.sync_api import Error, sync_playwright

    # Playwright's loop stays in this thread until the end of the run; Django would take it for its own and refuse the
    # database to every test that comes after.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        except Error as problem:
            pytest.skip(f"no Chromium here: {problem.message.splitlines()[0]}")
        yield browser
        browser.close()


CSP = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


@pytest.fixture
def show(chromium):
    """Show made-up HTML under the product's own static files and security policy; gives the page and its complaints."""
    contexts = []

    def _show(html, *, width=1440, height=900, answers=None, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        complaints = []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def answer(route):
            path = urlsplit(route.request.url).path
            if path.startswith("/static/"):
                route.fulfill(path=WEB / "static" / path.removeprefix("/static/"))
            elif path == "/page/":
                route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": CSP})
            else:
                body = (answers or {}).get(path, "")
                route.fulfill(status=200 if body else 204, body=body, content_type="text/html")

        page.route("**/*", answer)
        page.goto("http://watchbill.test/page/")
        page.evaluate("document.fonts.ready")
        return page, complaints

    yield _show
    for context in contexts:
        context.close()


BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _fresh_tiles():
    """Counts kept for two seconds must not reach from one test into the next, whose desks have the same keys."""
    tiles_forget()


@pytest.fixture
def enter(office):
    """Make a browser without scripts that is signed in as one of the office's users."""

    def _enter(username):
        client = Client()
        client.force_login(ModelBackend().get_user(office.actor(username).user_id), backend=BACKEND)
        return client

    return _enter


@pytest.fixture
def propose(office):
    """Let Watchbill look at the desk north, so that its proposals stand."""
    return lambda now=NOW: tick_desk(office.desks["north"], now)
