"""The report of a backtest in a real Chromium: as a file from a disk, in both lights, on a desk, on a phone and on paper."""

from __future__ import annotations

import pytest

from tests.flows.backtest.report.answers import answer, hostile
from tests.interfaces.web.fitting import WCAG, broken_rules
from watchbill.engine.backtest.answer import Grade
from watchbill.flows.backtest.report.page import html_of

pytestmark = pytest.mark.browser
KINDS = {"B": answer, "C": lambda: answer(Grade.C), "twenty": lambda: answer(policies=20), "hostile": hostile}
RULES = (*WCAG, "best-practice")


@pytest.fixture
def opened(chromium, tmp_path):
    """Open a report as somebody does who was sent it; gives the page, and all that it asked for or complained of."""
    contexts = []

    def _opened(made, *, width=1440, light="light"):
        file = tmp_path / "report.html"
        file.write_text(html_of(made.as_json()), encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=light, bypass_csp=light == "dark"
        )
        contexts.append(context)
        page, said = context.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: said.append(request.url) if request.url.startswith("http") else None)
        page.goto(file.as_uri())
        return page, said

    yield _opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [1440, 390])
def test_it_asks_for_nothing_and_fits(opened, kind, width):
    """No request, no complaint of its own security policy, its own font in use, and nothing scrolls sideways."""
    page, said = opened(KINDS[kind](), width=width)
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert page.evaluate("document.querySelectorAll('script').length") == 0


@pytest.mark.parametrize("kind", ["B", "C"])
def test_it_passes_the_accessibility_rules(opened, kind):
    """With all tables opened, in the dark as well; the dark page's policy is set aside so that the rules can run."""
    page, _ = opened(KINDS[kind](), light="dark")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    for light in ("dark", "light"):
        page.emulate_media(color_scheme=light)
        assert broken_rules(page, RULES) == []


def test_paper_is_white(opened):
    """Printed from a dark screen it is dark ink on white, with nothing cut off at the edge of a sheet."""
    page, _ = opened(answer(), width=718, light="dark")
    page.emulate_media(media="print", color_scheme="dark")
    ground, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
