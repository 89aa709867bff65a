"""The panels of a backtest's report inside the pages' own environment."""

from __future__ import annotations

import re

from django.template import engines

from tests.flows.backtest.report.answers import answer, hostile
from watchbill.flows.backtest.report.page import html_of
from watchbill.flows.backtest.report.view import report_of

PANELS = (
    "banner",
    "verdict",
    "warnings",
    "policies",
    "priorities",
    "sweep",
    "twin",
    "basis",
    "out",
    "learned",
    "notes",
    "read",
)


def test_pages_show_the_panels_of_the_report():
    """Each panel of the file is the same, letter by letter, on a page of ours; and what a file holds is text there too."""
    environment = engines.all()[0].env
    parts = environment.get_template("backtest/parts.html").module
    for made in (answer().as_json(), hostile().as_json()):
        whole, report = html_of(made), report_of(made)
        for panel in PANELS:
            drawn = str(getattr(parts, panel)(report))
            assert drawn.strip() in whole
            assert not re.search(r"<script|style=", drawn)
