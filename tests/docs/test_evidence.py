"""The page about the public incident log says what the run beside it came to, and whose data it is."""

from __future__ import annotations

import importlib.util
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/evidence"
ANSWER = json.loads((FOLDER / "uci-incidents.json").read_text(encoding="utf-8"))
PAGE = (FOLDER / "uci-incidents.md").read_text(encoding="utf-8")
REPORT = (FOLDER / "uci-incidents.html").read_text(encoding="utf-8")
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
OF_THE_WORDS = {"95"}
"""The share of an interval, which is no figure of the run."""


def written():
    spec = importlib.util.spec_from_file_location("evidence_write", FOLDER / "write.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def values(part):
    """All numbers of the answer, and all that stand in its sentences."""
    if isinstance(part, dict):
        for key, each in part.items():
            yield from values(key)
            yield from values(each)
    elif isinstance(part, list):
        yield float(len(part))
        for each in part:
            yield from values(each)
    elif isinstance(part, str):
        yield from (float(found.replace(",", "")) for found in NUMBER.findall(part))
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield abs(float(part))


def strange(text):
    """Figures of *text* that no value of the answer comes to when it is rounded as they are."""
    known = tuple(values(ANSWER))
    found = {each.rstrip(",") for each in NUMBER.findall(text)} - OF_THE_WORDS
    return sorted(each for each in found if not any(comes_to(one, each) for one in known))


def comes_to(value, text):
    """Whether *value*, rounded as *text* is, is what the text says."""
    digits = len(text.partition(".")[2])
    return f"{value:.{digits}f}" == f"{float(text.replace(',', '')):.{digits}f}"


def test_the_page_is_what_is_written_from_the_answer():
    """Nobody has changed a figure by hand: written anew from the answer it is the same, letter by letter."""
    assert written().page(ANSWER) == PAGE


def test_every_figure_of_the_page_is_of_the_run():
    """Also whoever writes the page's words keeps to the answer."""
    assert strange(PAGE.split("## Whose data")[0]) == []


@pytest.mark.parametrize("changed", ["kept 12.34 %", "98,765 incidents"])
def test_a_figure_that_is_not_of_the_run_is_found(changed):
    """The test above can fail."""
    assert strange(changed) == [NUMBER.search(changed).group()]


def test_the_report_is_of_the_same_run():
    """The HTML shows the sentence, the grade and each policy's share; and it is small enough to be kept."""
    assert ANSWER["verdict"]["detail"] in REPORT
    missing = [one["name"] for one in ANSWER["policies"] if f"{one['attainment']:.1f}" not in REPORT]
    assert missing == []
    assert len(REPORT.encode()) <= 1_000_000


def test_the_log_is_the_one_that_is_shipped():
    """The answer names the digest of what it read."""
    log = (ROOT / "src/watchbill/demo/data/incident_event_log.zip").read_bytes()
    assert ANSWER["source"]["sha256"] == sha256(log).hexdigest()


def test_whose_data_it_is_is_said():
    """CC BY asks for the authors, the source, the licence, and what was changed."""
    for asked in (
        "Claudio Aparecido Lira do Amaral",
        "Marcelo Fantinato",
        "Sarajane Marques Peres",
        "UCI Machine Learning Repository",
        "data set 498",
        "creativecommons.org/licenses/by/4.0",
        "ATTRIBUTION.md",
    ):
        assert asked in PAGE


def test_the_command_of_the_page_is_a_command():
    """What the page says to type is understood by the command that is shipped."""
    from watchbill.interfaces.cli.backtest import backtest

    words = next(line for line in PAGE.splitlines() if line.startswith("    watchbill backtest")).split()[2:]
    context = backtest.make_context("backtest", list(words), resilient_parsing=True)
    assert context.params["profile"] == ANSWER["source"]["profile"]
    assert context.params["is_full"] == bool(ANSWER["sweep"])
