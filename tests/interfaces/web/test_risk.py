"""Risk on pages: the list by danger, the Board's order and tile, amber by chance, and what the forecasts are worth."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.apps.decisions import riskwrites
from watchbill.apps.decisions.queries import decision_open_for
from watchbill.apps.decisions.riskwrites import Score
from watchbill.apps.work.queries import work_get
from watchbill.flows.assign.tick import tick as assign_tick
from watchbill.interfaces.web.tiles import tiles_forget

BINS = [
    {"number": 40, "forecast": 0.2, "missed": 0.12, "low": 0.06, "high": 0.25},
    {"number": 40, "forecast": 0.7, "missed": 0.3, "low": 0.2, "high": 0.45},
]
ONE = {
    "number": 80, "missed": 17, "auc": 0.81, "brier": 0.1, "skill": 0.33, "skill_hindsight": 0.3, "skill_baseline": 0.2,
    "ece": 0.021, "ece_if_perfect": 0.02, "precision": 0.71, "lead_h": 6.5, "bins": BINS,
}  # fmt: skip
FIGURES = {
    "items": 900, "items_left_out": 0, "commitments": ["response", "resolution"], "seed": 1,
    "counts": {"train": 500, "calibrate": 80, "test": 80}, "since": [NOW.isoformat()] * 3 + [None],
    "reliability": {"all": ONE, "25%": ONE, "baseline": {**ONE, "auc": 0.62, "skill_baseline": 0.0}},
    "by_commitment": {"resolution": ONE},
}  # fmt: skip


@pytest.fixture
def page(enter):
    """Fetch a page as a coordinator of every desk."""
    client = enter("coordinator")

    def _page(address):
        tiles_forget()
        answer = client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    _page.client = client
    return _page


def learned(office, source="model"):
    """Put a model into use on the desk north."""
    desk = office.desks["north"]
    riskwrites.model_keep(
        desk, source=source, digest="ab" * 32 if source else "", words="The model beats the share of the target.",
        figures=FIGURES if source else {**FIGURES, "reliability": {}, "by_commitment": {}, "counts": {}}, body=None, now=NOW,
    )  # fmt: skip
    none = {"number": 0, "missed": 0, "ece": None, "bins": [], "since": None}
    riskwrites.counts_keep(desk, codes={"names": []}, packed=b"", lately=none, now=NOW)


def scored(office, *rows, source="model", person=None):
    """Keep scores: (reference, commitment, p, gain, rank)."""
    action = {"code": "assign", "words": "Give it to Ada now", "p_after": 0.25, "person_id": person}
    body = json.dumps({"reasons": [["time", "half of it is gone"], ["owner", "nobody owns it"]], "action": action})
    plain = json.dumps({"reasons": [["time", "half of it is gone"], ["owner", "nobody owns it"]], "action": None})
    riskwrites.scores_keep(
        office.desks["north"],
        [
            Score(
                work_get(ref, by=BY).id,
                name,
                p,
                gain,
                rank,
                True,
                source,
                1 if source == "model" else 0,
                body if gain else plain,
            )
            for ref, name, p, gain, rank in rows
        ],
        now=NOW,
    )


def rows_of(html):
    return re.findall(r'data-row="([^"]+)"', html)


def test_a_desk_without_history_says_what_to_do(office, page):
    """Nothing learned: it is said, the list goes by the share of the target, and no chance is claimed."""
    item = office.item(priority=1)
    scored(office, (item, "resolution", 0.4, 0, 0.1), source="share")
    html = page("/risk/?desk=north")
    assert "No model of this desk yet" in html
    assert rows_of(html) == [item]
    assert "Breach likely" not in page("/board/?desk=north")
    learned(office, source="")
    assert "No model of this desk yet" in page("/risk/?desk=north")


def test_a_thin_desk_says_what_was_rolled_out_and_what_was_not(office, page):
    """Chances of roll-outs count as likely and are named by their number; what waits goes by the share, and that is said."""
    late, waiting = office.item(), office.item()
    person = office.people["Ann North"]
    action = {"code": "next", "words": "Let Ann take it up next", "p_after": 0.1, "person_id": person,
              "safe_at": (NOW + timedelta(hours=2)).isoformat(), "p_safe": 0.3}  # fmt: skip
    told = [
        Score(work_get(late, by=BY).id, "resolution", 0.8, 0.7, 5.0, True, "rollout", 200,
              json.dumps({"reasons": [["time", "2 h at work"]], "action": action})),
        Score(work_get(waiting, by=BY).id, "resolution", 0.4, 0, 0.1, True, "share", 0,
              json.dumps({"reasons": [["time", "half of it is gone"]], "action": None})),
    ]  # fmt: skip
    riskwrites.scores_keep(office.desks["north"], told, now=NOW)
    html = page("/risk/?desk=north")
    assert "rolled out 200 times" in html
    assert "1 promise that cannot be rolled out" in html
    assert "Let Ann take it up next" in html
    assert "30% if it waits until" in html
    assert rows_of(page("/risk/?desk=north&likely=1")) == [late]
    assert "Breach likely" in page("/board/?desk=north")
    assert "200 roll-outs" in page(f"/cases/{late}/?desk=north")


def test_the_list_is_by_danger_and_pages_by_key(office, page, monkeypatch):
    """The greatest rank first; a page goes on where the one before ended, nothing twice, nothing left out."""
    monkeypatch.setattr("watchbill.interfaces.web.pages.risk.ROWS", 2)
    items = [office.item() for _ in range(5)]
    learned(office)
    scored(office, *((ref, "resolution", 0.6, 0.1, rank) for ref, rank in zip(items, (1, 5, 3, 3, 2), strict=True)))
    seen, address = [], "/risk/?desk=north"
    while address:
        html = page(address)
        seen += rows_of(html)
        found = re.search(r'rel="next" href="([^"]+)"', html)
        address = found and found[1].replace("&amp;", "&") + "&desk=north"
    assert seen == [items[at] for at in (1, 3, 2, 4, 0)]
    assert page.client.get("/risk/?desk=north&after=nowhere").status_code == 422
    assert page.client.get("/risk/?desk=north&after=nan_3").status_code == 422


def test_likely_and_commitment_narrow_it_and_the_tile_says_the_same(office, page):
    """The tile counts what the list holds that it opens."""
    a, b, c = (office.item() for _ in range(3))
    learned(office)
    scored(office, (a, "resolution", 0.6, 0.1, 1), (b, "response", 0.9, 0, 2), (c, "resolution", 0.2, 0.1, 3))
    assert rows_of(page("/risk/?desk=north&likely=1")) == [b, a]
    assert rows_of(page("/risk/?desk=north&commitment=resolution")) == [c, a]
    board = page("/board/?desk=north&view=open")
    assert re.search(r"<b>2</b><span>Breach likely", board)
    assert re.search(r'href="[^"]*/risk/\?[^"]*likely=1', board)


def test_the_board_by_danger(office, page):
    """Danger is an order of its own: what has no score is not in it, and a view narrows it."""
    a, b, _ = (office.item() for _ in range(3))
    learned(office)
    scored(office, (a, "resolution", 0.6, 0.1, 1), (b, "response", 0.9, 0, 2))
    html = page("/board/?desk=north&order=danger")
    assert rows_of(html) == [b, a]
    assert re.search(r'aria-current="true">Danger', html)
    assert rows_of(page("/board/?desk=north&order=danger&view=waiting")) == []
    assert "Nothing here can still be saved" in page("/board/?desk=north&order=danger&view=waiting")
    assert page.client.get("/board/?desk=north&order=danger&after=x").status_code == 422


def test_amber_is_by_chance_where_it_is_known(office, page):
    """Unowned with little time left is amber without a forecast; with one, only if a miss is likely."""
    item = office.item(priority=1, now=NOW - timedelta(minutes=10))
    row = lambda html: html[html.index(f'id="row-{item}"') :].split("</tr>")[0]  # noqa: E731 - one row of the table
    assert "clock risk" in row(page("/board/?desk=north"))
    scored(office, (item, "response", 0.2, 0, 1))
    assert "clock soon" in row(page("/board/?desk=north"))
    scored(office, (item, "response", 0.8, 0, 1))
    html = row(page("/board/?desk=north"))
    assert "clock risk" in html
    assert "80% likely to miss its response" in html


def test_a_case_says_each_promise_with_reasons_and_what_helps(office, page):
    """Chance, two reasons, the act and what it leads to; nothing while nothing is scored."""
    item = office.item()
    assert "Risk of a miss" not in page(f"/cases/{item}/")
    learned(office)
    scored(office, (item, "resolution", 0.62, 0.37, 1))
    html = page(f"/cases/{item}/")
    assert "Risk of a miss" in html
    for said in ("62%", "Half of it is gone", "Nobody owns it", "Give it to Ada now: 25%"):
        assert said in html


def test_the_card_says_on_time_as_is_and_if_accepted(office, page):
    """With the interval of forecasts like the one after; the same act stands on the Risk page, one key away."""
    item = office.item()
    assign_tick(NOW)
    key = work_get(item, by=BY).id
    learned(office)
    scored(office, (item, "resolution", 0.62, 0.37, 1), person=decision_open_for([key])[key].chosen_id)
    assert "Resolution on time: 38% as is, 75% if accepted (75% to 94% of such forecasts came in on time)" in page(
        f"/cases/{item}/"
    )
    html = page("/risk/?desk=north")
    assert re.search(r"/accept/[^>]*>.*?<button[^>]*data-key=\"y\">Give it to Ada now", html, re.DOTALL)
    scored(office, (item, "resolution", 0.62, 0.37, 1), person=None)
    riskwrites.scores_keep(office.desks["north"], [], now=NOW)
    assert "on time:" not in page(f"/cases/{item}/")


def test_the_figures_and_the_diagram_are_shown(office, page):
    """AUC, skills, gap and lead beside the plain share; every group of forecasts with its interval, also as a table."""
    learned(office)
    html = page("/risk/?desk=north")
    for said in (
        "0.81",
        "0.33",
        "2.1",
        "71%",
        "6.5 h",
        "Share of target used, alone",
        "Model 1",
        "500",
        "abababababab",
    ):
        assert said in html
    assert html.count('class="c-off"') == 2  # the group off the line, and the key
    assert "20% to 45%" in html
    assert "No promise that was forecast live has been decided yet" in html
