"""Take the README's pictures from a running demo: python docs/pictures/take.py [ADDRESS OF THE DEMO [CASE WITH CLOCKS]]."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SETTLED_MS = 700


def take(page: Page, name: str) -> None:
    """Save the page in both themes and both sizes."""
    for size, suffix in ((DESK, ""), (PHONE, "-phone")):
        page.set_viewport_size(size)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.wait_for_timeout(SETTLED_MS)
            page.screenshot(path=HERE / f"{name}{suffix}-{theme}.png")


def main(address: str, reference: str) -> None:
    """Enter as queue manager, stop the clock, and take Board, Case, and the clocks of the case called *reference*."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=os.environ.get("WATCHBILL_BROWSER"), args=options)
        page = browser.new_page(viewport=DESK)
        page.goto(f"{address}/start/")
        page.get_by_role("button", name="Queue manager").click()
        page.wait_for_url("**/board/**")
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Play").wait_for()
        page.goto(f"{address}/board/")
        take(page, "board")
        page.set_viewport_size(DESK)
        page.goto(address + str(page.locator("tr[aria-selected=true] a[href*='/cases/']").first.get_attribute("href")))
        take(page, "case")
        page.set_viewport_size(DESK)
        page.goto(f"{address}/cases/{reference}/clocks/")
        take(page, "clocks")
        page.set_viewport_size(DESK)
        page.get_by_role("button", name="Play").first.click()
        browser.close()


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(given.get(0, "http://127.0.0.1:8000"), given.get(1, "CASE-18587"))
