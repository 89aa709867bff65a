"""The report as one file."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser

import pytest

from tests.flows.backtest.report.answers import HOSTILE, answer, hostile
from watchbill.engine.backtest.answer import Grade
from watchbill.flows.backtest.report.page import html_of

KINDS = {
    "A": lambda: answer(Grade.A),
    "B": answer,
    "C": lambda: answer(Grade.C),
    "single": lambda: answer(is_single=True),
    "bare": lambda: answer(has_bound=False, has_sweep=False, policies=1),
    "twenty": lambda: answer(policies=20),
    "without P1": lambda: answer(without_p1=True),
    "hostile": hostile,
}
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would find: tags in balance, texts, headings."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts, self.headings, self.wrong = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, text):
        if "style" not in self.open:
            self.texts.append(text)
        if self.open and re.fullmatch(r"h[1-6]", self.open[-1]):
            self.headings.append((int(self.open[-1][1]), text))


def page(made) -> Page:
    return Page(html_of(json.loads(json.dumps(made.as_json()))))


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_one_well_formed_file(kind):
    """Tags are in balance, nothing is fetched, nothing runs, and headings leave out no level."""
    found = page(KINDS[kind]())
    assert found.wrong == []
    assert found.open == []
    assert not {"script", "link", "iframe", "img", "object", "form", "foreignobject"} & {tag for tag, _ in found.tags}
    assert [name for _, held in found.tags for name in held if name.startswith("on") or name in {"src", "style"}] == []
    assert [held["href"] for _, held in found.tags if "href" in held and not held["href"].startswith("#")] == []
    levels = [level for level, _ in found.headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_chart_says_what_it_shows_and_has_its_numbers():
    """A drawing is either named and followed by a table, or an ornament of words beside it."""
    found = page(answer())
    drawings = [held for tag, held in found.tags if tag == "svg"]
    named = [held for held in drawings if held.get("role") == "img"]
    assert len(named) == 8
    assert all(len(held["aria-label"]) > 30 for held in named)
    assert all(held.get("aria-hidden") == "true" for held in drawings if held not in named)
    assert sum(tag == "details" for tag, _ in found.tags) == len(named)


@pytest.mark.parametrize("grade", Grade)
def test_grade_c_cannot_be_missed(grade):
    """The banner, the verdict, the title and each chart say so; a better grade says nothing of the sort."""
    text = " ".join(page(answer(grade)).texts).lower()
    said = text.count("illustrative")
    assert said >= 3 + 6 if grade == Grade.C else said == 0


def test_what_stands_in_a_file_is_text():
    """Names of a customer's file, its teams and policies are shown letter by letter."""
    made = html_of(hostile().as_json())
    assert "<script" not in made
    assert "\x1b" not in made
    assert "\u202e" not in made
    assert "49" not in re.findall(r"alert\(1\).{0,80}", made)[0]
    shown = HOSTILE.replace("\n", " ").replace("\x1b", "\ufffd").replace("\u202e", "\ufffd")
    assert any(shown in text for text in page(hostile()).texts)


def test_better_is_said_only_where_the_paired_interval_says_so():
    """One whose interval holds zero is neither better nor worse, and with one replication nobody is."""
    rows = re.findall(r"<tr class=\"(?:best)?\"><th scope=\"row\">(.*?)</tr>", html_of(answer().as_json()), re.DOTALL)
    marks = {re.split(r"[<\n]", row)[0].strip(): set(re.findall(r"Clearly (\w+):", row)) for row in rows}
    assert marks["Watchbill"] == {"better"}
    assert marks["round robin"] == {"worse"}
    assert marks["most available"] == marks["as it was"] == marks["as is (fifo)"] == set()
    assert "Clearly better:" not in html_of(answer(is_single=True).as_json())


def test_what_was_not_done_is_said():
    """No ceiling and no other assumptions are told, not passed over; a priority without cases has no figure."""
    text = " ".join(page(answer(has_bound=False, has_sweep=False)).texts)
    assert "The ceiling was not computed" in text
    assert "No other assumptions were tried" in text
    assert "None" not in " ".join(page(answer(without_p1=True)).texts)
