"""The report as one HTML file: no request goes out of it, and whatever stands in a customer's file is text."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from watchbill.flows.backtest.report.view import report_of

TEMPLATES = Path(__file__).parent / "templates"
LOOK = Path(__file__).parents[3] / "interfaces" / "web" / "static"
"""The pages' own styles: read as files, because a report has to look like the product and there is one place for that."""
CHART_RULES = re.compile(r"/\* charts \*/(.*?)/\* end of charts \*/", re.DOTALL)


def html_of(answer_json: Mapping[str, Any]) -> str:
    """Return the report of an answer as one HTML file. Raises InvalidFacts for what is not an answer of this version."""
    return environment().get_template("backtest/page.html").render(report=report_of(answer_json), style=style())


@cache
def environment() -> Environment:
    """Escaping always on; a name that a template misspells is an error."""
    return Environment(
        autoescape=True,
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """Tokens, their dark values where a reader's system asks for them, and the rules of the report; with the font inside."""
    font = b64encode((LOOK / "vendor/inter/inter-latin.woff2").read_bytes()).decode()
    face = (
        f'@font-face{{font-family:"Inter";font-weight:400 700;src:url(data:font/woff2;base64,{font}) format("woff2")}}'
    )
    dark = (LOOK / "dark.css").read_text(encoding="utf-8")
    return "\n".join((
        face,
        (LOOK / "tokens.css").read_text(encoding="utf-8"),
        f"@media screen and (prefers-color-scheme: dark) {{ {dark} }}",
        (LOOK / "backtest.css").read_text(encoding="utf-8"),
    ))  # fmt: skip


@cache
def chart_style() -> str:
    """The rules of charts with the light values of the tokens in place: for drawings that stand outside of a page."""
    tokens = dict(
        re.findall(r"(--[\w-]+):\s*([^;]+);", (LOOK / "tokens.css").read_text(encoding="utf-8").split("@media")[0])
    )
    rules = "".join(CHART_RULES.findall((LOOK / "backtest.css").read_text(encoding="utf-8")))
    return re.sub(r"var\((--[\w-]+)\)", lambda found: tokens[found[1]], rules)


def svg_of(macro: str, *args: object) -> str:
    """Return what a macro of the charts draws, as a file of its own."""
    module = environment().get_template("backtest/charts.html").module
    drawn = str(getattr(module, macro)(*args)).strip()
    return re.sub(r"(<svg[^>]*>)", lambda found: f"{found[1]}<style>{chart_style()}</style>", drawn, count=1)
