"""A page fits its window and can be used by everybody, by day and by night."""

from __future__ import annotations

import json

from axe_core_python.base import AXE_SCRIPT

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""WCAG 2.2 A and AA, in axe's words."""


def broken_rules(page, rules=WCAG):
    """Return each rule of accessibility that axe finds broken on the page, with the first place that breaks it."""
    # What passes is not told: a page has hundreds of such places, and each takes time to write down.
    options = json.dumps({"runOnly": rules, "reporter": "no-passes"})
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run({options}).then(found => found.violations)")
    return [(one["id"], one["nodes"][0]["html"][:160]) for one in found]


def require_fit(page, width):
    """Nothing scrolls sideways, and no rule of accessibility is broken, in the light and in the dark. The page is left in the light."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours change at once
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert broken_rules(page) == []
