"""A page fits its window and can be used by everybody, by day and by night."""

from __future__ import annotations

from axe_core_python.sync_playwright import Axe

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def require_fit(page, width):
    """Nothing scrolls sideways, and no rule of accessibility is broken, in the light and in the dark. The page is left in the light."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours change at once
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options=RULES)["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found] == []
