"""The page of the API in a real browser, under the product's own security policy."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.django_db(transaction=True)
def test_the_page_of_the_api_lists_the_operations_without_a_complaint(chromium, live_server):
    """Swagger UI draws every operation from files of our own, and the browser refuses nothing."""
    page = chromium.new_page()
    complaints, asked = [], []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(f"{live_server.url}/api/docs")
    page.wait_for_selector("#operations-items-item_list", timeout=15_000)
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert page.locator(".opblock").count() > 20
    assert complaints == []
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)
    page.close()
