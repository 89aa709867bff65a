"""The report as a PDF, set by typst from data alone: nothing of a customer's file is ever read as markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from watchbill.engine.base.errors import Unavailable
from watchbill.flows.backtest.report.page import svg_of
from watchbill.flows.backtest.report.shown import Plot, Report
from watchbill.flows.backtest.report.view import report_of

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
DOCUMENT = HERE / "templates" / "backtest" / "document.typ"


def pdf_of(answer_json: Mapping[str, Any]) -> bytes:
    """Return the report of an answer as a PDF, tagged for those who listen to it.

    Raises InvalidFacts for what is not an answer of this version, Unavailable where typst is not installed.
    """
    typst = typst_require()
    data = json.dumps(_drawn(report_of(answer_json)), ensure_ascii=False)
    files = {"main.typ": DOCUMENT.read_bytes(), "report.json": data.encode()}
    try:
        made = typst.compile(files, font_paths=[FONTS], pdf_standards=["ua-1"])
    except typst.TypstError:
        # A letter for which no font of this machine has a shape is a box; such a document may not call itself PDF/UA.
        made = typst.compile(files, font_paths=[FONTS])
    return bytes(made)


def typst_require() -> Any:
    """Return the package that sets the PDF; what it takes is more than its types say. Raises Unavailable where it is not installed."""
    try:
        import typst
    except ImportError:
        raise Unavailable(
            "A PDF needs the package typst: pip install 'watchbill[pdf]'. The HTML report prints as well"
        ) from None
    return typst


def _drawn(report: Report) -> dict[str, Any]:
    """The report as plain values, each chart and whisker as a drawing."""
    found = asdict(report)
    twin = found["twin"]
    for row, shown in zip(twin["measures"], report.twin.measures, strict=True):
        row["drawing"] = svg_of("bullet_svg", shown.bullet, shown.state, "120") if shown.bullet else ""
    for row, policy in zip(found["policies"]["rows"], report.policies.rows, strict=True):
        for cell, figure in zip(row["cells"], policy.cells, strict=True):
            cell["drawing"] = svg_of("whisker_svg", figure.whisker, figure.mark, "120") if figure.whisker else ""
    for chart, place in (
        (report.twin.backlog, twin["backlog"]),
        (report.twin.cycle, twin["cycle"]),
        (report.weekly, found["weekly"]),
        (report.demand, found["demand"]),
        (report.priorities and report.priorities.chart, report.priorities and found["priorities"]["chart"]),
        (report.sweep and report.sweep.chart, report.sweep and found["sweep"]["chart"]),
        *((one.chart, part["chart"]) for one, part in zip(report.learned, found["learned"], strict=True)),
    ):
        if isinstance(chart, Plot):
            place["drawing"] = svg_of("chart_svg", chart)
    found["keys"] = {
        kind: svg_of("key_svg", kind)
        for kind in (
            "real",
            "sim",
            "band",
            "out",
            "bar",
            "learn",
            "best",
            "asis",
            "dot",
            "bound",
            "ref",
            "w",
            "bestline",
            "asisline",
            "otherline",
        )
    }
    return found
