"""A draft of the clock policy replayed and published by commands; files in JSON and TOML, and what is said of broken ones."""

from __future__ import annotations

import json

import pytest

from tests.interfaces.office import BY, CLOCKS, NOW
from watchbill.apps.clocks.queries import policy_versions
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state
from watchbill.flows.replay import run as replay_flow
from watchbill.flows.replay.run import replay_run
from watchbill.interfaces.cli import runs

TOML = """
[[clocks]]
kind = "response"
calendar = "always"
targets_min = { P1 = 5, P2 = 5, P3 = 5, P4 = 5 }

[[clocks]]
kind = "resolution"
calendar = "always"
targets_min = { P1 = 1, P2 = 1, P3 = 1, P4 = 1 }
"""
NORTH = ("--desk", "north")


@pytest.fixture
def history(office):
    """Two items that were taken up and resolved at once."""
    made = [office.item(), office.item()]
    for reference in made:
        item_state(reference, State.RESOLVED, by=BY, now=NOW)
    return made


def test_a_draft_in_toml_is_replayed_and_published(run, office, history, tmp_path):
    """Nothing would have been broken, so exit code 0; the replay is what publishing asks for."""
    file = tmp_path / "draft.toml"
    file.write_text(TOML)
    with pytest.raises(InvalidFacts, match="has not been replayed"):
        run("policy", "publish", "clocks", file, *NORTH, "--reason", "tighter")
    found = run("policy", "replay", file, *NORTH, "--json")
    assert (found["state"], found["items"], found["result"]["items"], found["result"]["findings"]) == ("done", 2, 2, [])
    assert found["result"]["total"]["added"] == 0
    assert found["reference"] in run("policy", "replays", *NORTH)
    assert run("policy", "replays", found["reference"], "--json")["digest"] == found["digest"]
    changed = run("policy", "changed", found["reference"], "--json")
    assert {each["item"] for each in changed["items"]} == set(history)
    assert run("policy", "publish", "clocks", file, *NORTH, "--reason", "tighter", "--json")["number"] == 2
    assert policy_versions(office.desks["north"])[0]["reason"] == "tighter"
    assert run("policy", "replays", found["reference"], "--json")["published"] == 2


def test_a_draft_that_leaves_something_undone_ends_with_1(run, office, history):
    """Which is said, with the option that publishes it all the same; the old name of the group goes on working."""
    assert history
    body = {"clocks": [{"kind": "resolution", "calendar": "always", "targets_min": {"P1": 60, "P2": 60}}]}
    told = run("policies", "replay", "-", *NORTH, code=1, text=json.dumps(body))
    assert "--leave “resolution P3 without target”" in told
    publish = ("policy", "publish", "clocks", "-", *NORTH, "--reason", "P3 is not promised")
    with pytest.raises(InvalidFacts, match="leave “resolution P3 without target”"):
        run(*publish, text=json.dumps(body))
    assert run(*publish, "--leave", "resolution P3 without target", text=json.dumps(body)) == "Published: clocks 2\n"
    assert office.desks


def test_a_replay_that_is_left_is_taken_up(run, office, history, monkeypatch):
    """The worker was faster and is told to stop: the command that waited for it runs the replay itself."""
    tries, waits = [], []

    def others_first(*args, **more):
        tries.append(args)
        return len(tries) > 1 and replay_run(*args, **more)

    def waited(_s):
        waits.append(1)
        assert len(waits) < 9, "it waits for ever"

    monkeypatch.setattr(replay_flow, "replay_run", others_first)
    monkeypatch.setattr(runs.time, "sleep", waited)
    found = run("policy", "replay", "-", *NORTH, "--json", text=json.dumps(CLOCKS))
    assert (found["state"], len(tries)) == ("done", 2)
    assert history
    assert office.desks


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("draft.json", '{"clocks": [\n  {"kind": "response",,}]}', "draft.json is not JSON: .* at line 2, column 2"),
        ("draft.toml", '[[clocks]]\nkind = "response\n', "draft.toml is not TOML: .* at line 2, column 17"),
        ("draft", '[[clocks]]\nkind == "response"\n', "draft is not TOML: .* at line 2, column"),
        ("draft.json", "[1]", r"draft.json must hold one object, and holds \[1\]"),
        ("draft.json", '{"clocks": 1', "expected ',' delimiter, found the end of the file at line 1, column 13"),
        ("draft.toml", "clocks 1\n", "draft.toml is not TOML: expected '=' .*, found “1” at line 1, column 8"),
        ("draft.json", " \n", "draft.json is empty: expected one object, in JSON or TOML"),
        ("draft.toml", "", "draft.toml is empty: expected one object, in JSON or TOML"),
        (
            "draft.toml",
            '{"clocks": []}',
            "draft.toml is not TOML: .* at line 1, column 1. It is JSON: call it draft.json",
        ),
        (
            "draft.json",
            TOML,
            "draft.json is not JSON: expected value, found “clocks” at line 2, column 3. It is TOML: call it draft.toml",
        ),
        ("draft.json", b"PNG\n\x89\x00", "draft.json is no text in UTF-8: byte 0x89 at line 2, column 1; expected one"),
        ("draft.json", b"\x00\x00", "draft.json is no text: it holds a NUL; expected one object"),
        ("draft.json", b'\xef\xbb\xbf{"clocks": 3}', r"policy.clocks: expected a list, got 3"),
        ("draft.toml", '[[clocks]]\nkind = "respons"\n', r"policy.clocks\[0\].kind: expected one of"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(run, tmp_path, name, text, said):
    """Line and column of what cannot be read; the key of what makes no sense."""
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidFacts, match=said):
        run("policy", "replay", file, *NORTH)


@pytest.mark.parametrize(
    "words",
    [("policy", "replay"), ("policy", "publish", "clocks"), ("policy", "publish", "calendar"), ("clocks", "try")],
    ids=" ".join,
)
def test_a_folder_and_no_file_are_said(run, tmp_path, words):
    """Whatever is to be read: the folder by its name, and what it is; a file that is not there, too."""
    folder = tmp_path / "drafts"
    folder.mkdir()
    last = () if words == ("clocks", "try") else (*NORTH,)
    reason = ("--reason", "x") if "publish" in words else ()
    assert f"'{folder}': Is a directory" in run(*words, folder, *last, *reason, code=2, stream="output")
    assert "'nowhere.toml': No such file" in run(*words, "nowhere.toml", *last, *reason, code=2, stream="output")


def test_toml_has_dates_of_its_own(run, tmp_path):
    """A holiday written as a date of TOML is the same as one in quotes."""
    file = tmp_path / "office.toml"
    file.write_text('zone = "UTC"\nclosed_on = [2026-12-25]\n[weekly]\nmon = ["09:00-17:00"]\n')
    run("policy", "publish", "calendar", file, "--name", "office", *NORTH, "--reason", "new")
    assert run("policy", "show", "calendar", *NORTH, "--json")["office"]["closed_on"] == ["2026-12-25"]
    assert CLOCKS
