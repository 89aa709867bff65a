"""The commands: what they do, how they answer, and that the docs name each."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import click
import pytest

from tests.interfaces.cli.conftest import ROOT
from tests.interfaces.office import BY, NOW
from watchbill.apps.clocks.models import PolicyVersion
from watchbill.apps.people.models import User
from watchbill.apps.shifts.queries import hours_of
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.flows.assign.tick import tick_desk

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference" / "commands.md"
UNSIGNED = {"audit seal", "rebuild"}
"""Commands that Watchbill itself signs, so that nobody can be named with --as."""
ALONE = {"backtest", "clocks try"}
"""Commands that touch no database, and so know no user."""


def leaves(group, before=""):
    """Every command that does something, as (words, command); not by the names that only go on working."""
    for name, command in group.commands.items():
        words = f"{before} {name}".strip()
        if command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from leaves(command, words)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield words, command


LEAVES = dict(leaves(ROOT))


@pytest.mark.parametrize("words", sorted(LEAVES))
def test_every_command_answers_programs_and_acts_for_users(words):
    """Each has --json and, unless Watchbill itself signs it or it is alone, --as; each says in a sentence what it does."""
    command = LEAVES[words]
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options
    assert ("--as" in options) == (words not in UNSIGNED | ALONE)
    assert command.get_short_help_str()


def test_the_docs_name_every_command_and_no_other():
    """docs/reference/commands.md lists the commands of this floor exactly as the program has them."""
    text = DOCS.read_text(encoding="utf-8").split("## Of the house")[0]
    named = {found.strip() for found in re.findall(r"^### `watchbill ([a-z -]+?)`", text, re.MULTILINE)}
    groups = {name for name, command in ROOT.commands.items() if isinstance(command, click.Group)}
    assert named == set(LEAVES), (named ^ set(LEAVES), groups)


def test_the_docs_name_every_option():
    """Each option stands in the section of its command."""
    sections = re.split(r"^### `watchbill ", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    by_words = {section.split("`")[0]: section for section in sections}
    missing = [
        f"{words} {option}"
        for words, command in LEAVES.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option not in {"--json", "--as"} and option not in by_words[words]
    ]
    assert missing == []


def test_items_are_opened_changed_and_shown(run, office):
    """The same acts as on the pages, with the same references and versions."""
    made = run("items", "create", "No mail", "--desk", "north", "--queue", "Mail", "--priority", "P2", "--json")
    reference = made["reference"]
    run("items", "assign", reference, "Ann North", "--text", "knows mail")
    run("items", "note", reference, "Looked at it")
    run("items", "next-step", reference, "Call back", "--who", "Ann North", "--due", "2030-01-01T09:00+00:00")
    run("items", "state", reference, "waiting_customer", "--version", 4)
    shown = run("items", "show", reference, "--json")
    assert (shown["owner"], shown["state"], shown["next_step"]) == ("Ann North", "waiting_customer", "Call back")
    assert [event["kind"] for event in shown["events"]] == ["state", "next_step", "note", "assigned", "opened"]
    assert [(c["name"], c["kind"], c["agreement"], c["cycle"]) for c in shown["clocks"]] == [
        ("response", "response", "sla", 1), ("resolution", "resolution", "sla", 1)
    ]  # fmt: skip
    assert reference in run("items", "show", reference)
    listed = run("items", "list", "--desk", "north", "--view", "waiting", "--json")
    assert [item["reference"] for item in listed["items"]] == [reference]
    run("items", "assign", reference)
    assert work_get(reference, by=BY).owner is None


def test_many_items_are_changed_at_once(run, office):
    """What was refused is listed with its reason and makes exit code 1; the rest is done."""
    one, two, desk = office.item(), office.item(), ("--desk", "north")
    said = run("items", "bulk", "assign", one, two, "--person", "Ann North", *desk)
    assert re.fullmatch(r"2 given to Ann North, 0 refused\nTo undo: watchbill items bulk undo ACT-\d+\n", said)
    assert run("items", "bulk", "priority", 1, one, two, "--text", "outage", *desk, "--json")["done"] == 2
    told = run("items", "bulk", "state", "waiting_vendor", one, "CASE-1", *desk, "--json", code=1)
    assert [(each["reference"], each["is_done"]) for each in told["items"]] == [(one, True), ("CASE-1", False)]
    assert "This desk has no such item" in run("items", "bulk", "assign", "CASE-1", *desk, code=1)
    item = work_get(one, by=BY)
    assert (item.owner, item.priority, item.state) == ("Ann North", 1, "waiting_vendor")
    with pytest.raises(NotAllowed):
        run("items", "bulk", "state", "resolved", two, *desk, "--as", "ann")


def test_an_act_on_many_items_is_undone_and_so_is_one_on_one(run, office):
    """By the reference that the act answered, or that the list names; by the number of its event for one item."""
    one, two, desk = office.item(), office.item(), ("--desk", "north")
    act = run("items", "bulk", "state", "closed", one, two, *desk, "--json")["act"]
    run("items", "state", two, "waiting_vendor", "--as", "ann")
    undone = run("items", "bulk", "undo", act, "--json", code=1)
    assert [(each["reference"], each["is_done"], each["reason"]) for each in undone["items"]] == [
        (one, True, ""), (two, False, "Ann changed it since: state"),
    ]  # fmt: skip
    (listed,) = run("items", "bulk", "list", *desk, "--json")["acts"]
    assert (listed["reference"], listed["what"], listed["items"]) == (act, "closed", 2)
    assert act in run("items", "bulk", "list", *desk)
    with pytest.raises(Conflict, match="undone this already"):
        run("items", "bulk", "undo", act)
    assert run("items", "undo", two, 3) == f"{two}: as it was before (version 4)\n"
    assert [work_get(each, by=BY).state for each in (one, two)] == ["new", "closed"]


def test_a_page_that_has_more_says_how_to_go_on(run, office):
    """The list ends with the key of the next page."""
    items = [office.item() for _ in range(3)]
    first = run("items", "list", "--desk", "north", "--limit", 2, "--json")
    second = run("items", "list", "--desk", "north", "--limit", 2, "--after", first["next"], "--json")
    assert [item["reference"] for item in first["items"] + second["items"]] == items
    assert "More: --after" in run("items", "list", "--desk", "north", "--limit", 2)


def test_with_as_the_rights_of_that_user_count(run, office):
    """--as USER acts with her rights and her name; an old version is a conflict that names who was faster."""
    reference = office.item()
    with pytest.raises(NotAllowed):
        run("items", "assign", reference, "Bo North", "--as", "ann")
    run("items", "state", reference, "in_progress", "--as", "ann")
    with pytest.raises(Conflict, match="Ann"):
        run("items", "state", reference, "resolved", "--version", 1)
    with pytest.raises(InvalidFacts, match="There is no version 99 yet: the current version is"):
        run("items", "state", reference, "resolved", "--version", 99)
    with pytest.raises(NotFound):
        run("items", "show", reference, "--as", "stranger")
    with pytest.raises(NotFound):
        run("items", "show", reference, "--as", "whoever")


def test_with_several_desks_one_has_to_be_named(run):
    """Without --desk the error lists the choice; a user with one desk need not say it."""
    with pytest.raises(InvalidFacts, match="north or south"):
        run("items", "list")
    assert run("items", "list", "--as", "chief", "--json") == {"items": [], "next": None}


def test_text_in_tables_cannot_move_the_cursor(run, office):
    """Control characters in a title do not reach the terminal; JSON keeps them escaped."""
    office.item(title="bell \x07 and \x1b[31mred")
    assert "\x1b" not in run("items", "list", "--desk", "north")
    assert run("items", "list", "--desk", "north", "--json")["items"][0]["title"] == "bell \x07 and \x1b[31mred"


def test_decisions_are_read_and_answered(run, office):
    """Show tells the reasons; accept gives the item away; undo takes it back; a refusal keeps its reason."""
    item = office.item()
    tick_desk(office.desks["north"], NOW)
    (decision,) = run("decisions", "list", "--desk", "north", "--status", "proposed", "--json")["decisions"]
    assert decision["chosen"] in run("decisions", "show", decision["reference"])
    assert run("decisions", "accept", decision["reference"], "--json")["decision"]["status"] == "accepted"
    assert work_get(item, by=BY).owner == decision["chosen"]
    assert run("decisions", "undo", decision["reference"], "--json")["decision"]["undone_by"] == BY.name.replace(
        "tester", __import__("getpass").getuser()
    )
    assert work_get(item, by=BY).owner is None
    with pytest.raises(Conflict):
        run("decisions", "refuse", decision["reference"], "wrong_time")


def test_a_decision_is_changed_or_refused(run, office):
    """Somebody else gets the item; or nobody, for a reason."""
    first, second = office.item(), office.item()
    tick_desk(office.desks["north"], NOW)
    found = {row["item"]: row for row in run("decisions", "list", "--desk", "north", "--json")["decisions"]}
    other = next(name for name in ("Ann North", "Bo North") if name != found[first]["chosen"])
    run("decisions", "change", found[first]["reference"], other, "--reason", "knows them")
    assert work_get(first, by=BY).owner == other
    refused = run("decisions", "refuse", found[second]["reference"], "other", "--text", "on leave", "--json")
    assert refused["decision"]["status"] == "refused"


def test_modes_and_people(run, office):
    """A queue is switched with guard-rails that stay when not given; a person who leaves has her work listed."""
    run("mode", "set", "Mail", "autopilot", "--desk", "north", "--per-hour", 7, "--person", "Ann North")
    run("mode", "set", "Mail", "advise", "--desk", "north", "--version", 1)
    (queue,) = run("mode", "list", "--desk", "north", "--json")["queues"]
    person = f"PER-{office.people['Ann North']}"
    assert (queue["mode"], queue["per_hour"], queue["people"], queue["version"]) == ("advise", 7, [person], 2)
    assert [row["slug"] for row in run("desks", "--json")["desks"]] == ["north", "south"]
    reference = office.item()
    run("items", "assign", reference, person)
    with pytest.raises(Conflict, match="changed Ann North"):
        run("people", "deactivate", person, "--reason", "left", "--version", 0)
    left = run("people", "deactivate", person, "--reason", "left", "--version", 1, "--json")
    assert left["open_items"] == [reference]
    names = {row["name"]: row["is_active"] for row in run("people", "list", "--desk", "north", "--json")["people"]}
    assert names == {"Ann North": False, "Bo North": True}


def test_the_off_switch_is_one_command(run):
    """Every queue of the desk goes from autopilot back to advise."""
    run("mode", "set", "Mail", "autopilot", "--desk", "north")
    with pytest.raises(NotAllowed):
        run("mode", "stop", "--desk", "north", "--as", "ann")
    assert run("mode", "stop", "--desk", "north", "--reason", "storm", "--json") == {"queues": 1}
    assert run("mode", "list", "--desk", "north", "--json")["queues"][0]["mode"] == "advise"
    assert "0" in run("mode", "stop", "--desk", "north")


def test_users_keys_and_links(run):
    """A user is made with a link that opens once, gets a role, a key, and loses access."""
    made = run("users", "create", "kim", "--name", "Kim", "--json")
    assert made["link"].startswith("http://desk.test/link/")
    run("users", "grant", "kim", "agent", "--desk", "north")
    key = run("token", "issue", "kim", "--days", 3).strip()
    assert key.startswith("wb_")
    (kept,) = [row for row in run("token", "list", "--json")["tokens"] if row["username"] == "kim"]
    assert key not in json.dumps(kept)
    run("token", "revoke", kept["id"])
    run("users", "grant", "kim", "agent", "--desk", "north", "--take")
    run("users", "deactivate", "kim")
    (kim,) = [row for row in run("users", "list", "--json")["users"] if row["username"] == "kim"]
    assert (kim["is_active"], kim["roles"]) == (False, [])
    assert run("link", "chief").startswith("http://desk.test/link/")
    with pytest.raises(NotAllowed, match="administrator exists"):
        run("link")


def test_the_first_admin_gets_a_link(run):
    """On an installation without users `watchbill link` prints the way in."""
    User.objects.all().delete()
    assert run("link", "--json")["link"].startswith("http://desk.test/link/")


def test_a_policy_of_objects_is_shown_in_sentences(run):
    """A version published when conditions were objects is printed as now; what is kept does not change."""
    first = PolicyVersion.objects.get(desk__slug="north")
    old = [{"events": ["reply"], "owned": True}]
    body = {**first.body, "version": 2, "clocks": [{**clock, "stop": old} for clock in first.body["clocks"]]}
    kept = PolicyVersion.objects.create(
        desk_id=first.desk_id, number=2, holds_from=NOW, by_name="test", reason="before", body=body
    )
    shown = run("policies", "show", "clocks", "--desk", "north", "--json")
    assert (shown["version"], shown["clocks"][0]["stop"]) == (2, "event is reply and owned")
    kept.refresh_from_db()
    assert kept.body["clocks"][0]["stop"] == old


def test_policies_are_shown_and_published(run, tmp_path):
    """What is shown can be edited and published; a wrong one names its key; an old edit is a conflict."""
    body = run("policies", "show", "clocks", "--desk", "north", "--json")
    with pytest.raises(InvalidFacts, match="Nothing has changed"):
        run("policies", "publish", "clocks", "-", "--desk", "north", "--reason", "x", text=json.dumps(body))
    body["clocks"][0]["targets_min"]["P1"] = 50
    file = tmp_path / "clocks.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    publish = ("policies", "publish", "clocks", file, "--desk", "north", "--reason", "tighter")
    assert run(*publish, "--seen", 1, "--json") == {"kind": "clocks", "number": 2}
    with pytest.raises(Conflict):
        run(*publish, "--seen", 1)
    calendars = run("policies", "show", "calendar", "--desk", "north", "--json")
    told = run(
        "policies", "publish", "calendar", "-", "--name", "always", "--desk", "north", "--reason", "x", "--json",
        text=json.dumps({**calendars["always"], "closed_on": ["2026-12-25"]}),
    )  # fmt: skip
    assert (told["kind"], told["number"]) == ("calendar", 2)
    assert told["notes"][0].startswith("It counts for “response” and “resolution” of version 2 of the clock policy")
    make = ("policies", "publish", "calendar", "-", "--desk", "north", "--reason", "x", "--name")
    lost = {**calendars["always"], "zone": "Europe/Dublin", "special_on": {"2026-03-29": ["01:15-01:45"]}}
    assert "clocks in Europe/Dublin skip 01:15-01:45" in run(*make, "EMEA", text=json.dumps(lost))
    assert run(*make, "both", "--json", text='{"union": ["EMEA", "always"]}')["number"] == 1
    with pytest.raises(InvalidFacts, match="union: expected each key once, got it 2 times"):
        run(*make, "both", text='{"union": ["EMEA", "always"], "union": []}')
    with pytest.raises(InvalidFacts, match="cannot hold from before now"):
        run(*publish, "--holds-from", "2026-01-01T00:00+00:00")
    assert run(*publish, "--holds-from", "2026-01-01T00:00+00:00", "--for-history", "--json")["number"] == 3
    assign = run("policies", "show", "assign", "--desk", "north", "--json")
    publish_assign = ("policies", "publish", "assign", "-", "--desk", "north", "--reason", "x")
    run(*publish_assign, text=json.dumps({**assign, "continuity_item": 20}))
    with pytest.raises(InvalidFacts, match="not JSON"):
        run(*publish_assign, text="{")
    versions = run("policies", "show", "--desk", "north", "--json")
    assert [row["number"] for row in versions["clocks"]] == [3, 2, 1]


def test_a_version_is_taken_back_and_everything_that_changes_is_told(run, api):
    """By command and by API: published again under the next number, with what changes beside what held."""
    for body in ({"load_knee": 1.5, "needs_skill": False}, {"load_weight": 20}):
        told = run(
            "policy", "publish", "assign", "-", "--desk", "north", "--reason", "try", "--json", text=json.dumps(body)
        )
    assert told["changes"] == [{"key": "load_weight", "before": 100.0, "after": 20.0}]
    said = run("policy", "take-back", 1, "--desk", "north", "--reason", "too much", "--seen", 2)
    assert said.splitlines() == ["Published: assign 3", "Changes load_weight: 20 -> 100"]
    with pytest.raises(Conflict):
        run("policy", "take-back", 1, "--desk", "north", "--reason", "too much", "--seen", 2)
    body = {"desk": "north", "number": 0, "reason": "anew", "seen_number": 3}
    status, answer = api("chief").post("/policies/assign/take-back", body)
    assert status == 201
    assert answer["changes"] == [
        {"key": "load_knee", "before": 1.5, "after": 0.7}, {"key": "needs_skill", "before": False, "after": True},
    ]  # fmt: skip


def test_the_trail_is_sealed_verified_and_exported(run, office, tmp_path):
    """Everything is sealed; verifying gives an anchor that holds; the export has its checksum beside it."""
    office.item()
    bare = run("audit", "verify", "--json")["streams"]
    assert [(each["stream"], each["rows"], each["unsealed"] > 0) for each in bare] == [
        ("audit", 0, True),
        ("work", 0, True),
    ]
    assert "work: 1 newer row is under no seal yet: watchbill audit seal" in run("audit", "verify")
    assert run("audit", "seal", "--json")["is_done"] is True
    found = run("audit", "verify", "--json")
    assert found["ok"] is True
    assert [each["unsealed"] for each in found["streams"]] == [0, 0]
    assert "under no seal" in run("audit", "verify")  # the line that says that somebody verified
    anchors = {each["stream"]: each["anchor"] for each in found["streams"]}
    assert all(anchors.values())
    run("audit", "verify", "--anchor", anchors["work"], "--anchor", anchors["audit"])
    file = tmp_path / "work.jsonl"
    told = run("audit", "export", file, "--stream", "work", "--seals", tmp_path / "seals.jsonl", "--json")
    assert told["rows"] == len(file.read_text(encoding="utf-8").splitlines()) == 1
    checksum = (tmp_path / "work.jsonl.sha256").read_text(encoding="utf-8")
    assert checksum == f"{hashlib.sha256(file.read_bytes()).hexdigest()}  work.jsonl\n"
    with pytest.raises(Conflict, match="exists already"):
        run("audit", "export", file)
    run("audit", "export", file, "--format", "csv", "--overwrite")
    assert file.read_text(encoding="utf-8").startswith("id,at,")
    assert run("audit", "list", "--action", "audit_exported", "--json")["events"][0]["object_ref"] == "audit"


def test_a_broken_seal_is_exit_code_one(run, office):
    """Verify names the range and ends with 1 when a row is not as it was sealed."""
    from django.db import connection

    office.item()
    run("audit", "seal")
    with connection.cursor() as cursor:
        cursor.execute("set local watchbill.retention = 'on'")
        cursor.execute("""update work_event set data = '{"set": {"title": "nothing happened"}}'""")
    assert "changed after sealing" in run("audit", "verify", code=1)


def test_rebuild_makes_the_same_rows(run, office):
    """Items made anew from their events are as they were, even after somebody damaged a row."""
    reference = office.item(title="The true one")
    before = WorkItem.objects.values().get(reference=reference)
    WorkItem.objects.filter(reference=reference).update(title="The false one")
    assert run("rebuild", "--json") == {"items": 1}
    assert WorkItem.objects.values().get(reference=reference) == before


def test_the_docs_name_every_command_of_the_house():
    """What config and demo add to the command line has its section, too."""
    from watchbill.config.main import cli

    text = DOCS.read_text(encoding="utf-8").split("## Of the house")[1]
    named = set(re.findall(r"^### `watchbill ([a-z -]+?)`", text, re.MULTILINE))
    assert named == {*cli.commands, "demo"}


def test_a_person_is_added_from_the_console(run, office):
    """With teams, skills and hours in one line; a skill without its level is asked for again."""
    words = (
        "people",
        "add",
        "Zoe Nova",
        "--desk",
        "north",
        "--team",
        "Field",
        "--hours",
        "mon-fri 09:00-17:30; sun 10:00-11:00",
    )
    made = run(*words, "--skill", "network=4", "--language", "pt", "--json")
    assert (made["teams"], made["skills"], made["languages"]) == (["Field"], {"network": 4}, ["pt"])
    key = int(made["reference"].removeprefix("PER-"))
    assert len(hours_of([key])[key]) == 6
    run("people", "add", "Yan", "--desk", "north", "--skill", "network", code=2)
    with pytest.raises(InvalidFacts, match="mon-fri"):
        run("people", "add", "Yan", "--desk", "north", "--hours", "someday 9-5")
    with pytest.raises(Conflict):
        run("people", "add", "Zoe Nova", "--desk", "north")


def test_customers_are_listed_and_set(run, office):
    """Their tier and whether they are sensitive, with the version that was seen."""
    office.item(customer="Acme Ltd")
    (row,) = run("customers", "list", "--desk", "north", "--search", "acme", "--json")["customers"]
    assert (
        run("customers", "set", row["reference"], "--tier", "plus", "--sensitive", "--version", 1, "--json")["version"]
        == 2
    )
    with pytest.raises(Conflict, match="changed Acme Ltd"):
        run("customers", "set", row["reference"], "--not-sensitive", "--version", 1)
    run("customers", "set", row["reference"], "--not-sensitive")
    (row,) = run("customers", "list", "--desk", "north", "--json")["customers"]
    assert (row["tier"], row["is_sensitive"], row["version"]) == ("plus", False, 3)


def test_what_was_not_different_is_not_said_to_be_kept(run, api, office):
    """A customer and a site set to what they are: the version stays, and it is said that nothing was different."""
    office.item(customer="Acme")
    (row,) = run("customers", "list", "--desk", "north", "--json")["customers"]
    acme = row["reference"]
    assert run("customers", "set", acme, "--tier", row["tier"]) == f"{acme}: nothing was different (version 1)\n"
    assert run("customers", "set", acme, "--json") == {"reference": acme, "version": 1, "changed": []}
    assert run("customers", "set", acme, "--tier", "plus") == f"{acme} is kept (version 2)\n"
    site = run("customers", "site-add", acme, "Dublin", "--json")["site"]
    assert (
        run("customers", "site-set", site, "--name", "Dublin")
        == f"{site} of {acme}: nothing was different (version 3)\n"
    )
    assert api("ann").get(f"/customers/{acme}")[1] == run("customers", "show", acme, "--json")


def test_a_customers_terms_and_sites(run, office):
    """Set with a reason, shown with what held before; items are placed at a site."""
    item = office.item(customer="Acme Ltd")
    (row,) = run("customers", "list", "--desk", "north", "--json")["customers"]
    acme = row["reference"]
    run("customers", "set", acme, "--contract", "Gold", "--zone", "Asia/Kolkata", "--reason", "signed")
    site = run("customers", "site-add", acme, "Dublin", "--zone", "Europe/Dublin", "--version", 2, "--json")
    assert (site["reference"], site["version"]) == (acme, 3)
    whole = run("customers", "show", acme, "--json")
    assert [one["name"] for one in whole["sites"]] == ["Dublin"]
    assert [(one["since"] is None, one["contract"], one["reason"]) for one in whole["terms"]] == [
        (False, "Gold", "signed"), (True, "", ""),
    ]  # fmt: skip
    run("customers", "site-set", site["site"], "--zone", "Europe/London", "--reason", "moved")
    lines = run("customers", "show", acme)
    assert "ever" in lines
    assert [" ".join(line.split()[2:]) for line in lines.splitlines() if line.startswith(site["site"])][1].endswith(
        "moved"
    )
    assert "Europe/Dublin" in lines
    run("items", "place", item, "--site", "Dublin", "--version", 1)
    other = run("items", "create", "No heat", "--desk", "north", "--customer", "Acme Ltd", "--site", "Dublin", "--json")
    assert {run("items", "show", one, "--json")["site"] for one in (item, other["reference"])} == {"Dublin"}
    run("customers", "site-set", site["site"], "--name", "Dublin 2", "--out-of-use")
    with pytest.raises(InvalidFacts, match="out of use"):
        run("items", "place", office.item(customer="Acme Ltd"), "--site", "Dublin 2")
    run("items", "place", item, "--customer", "Bolt")
    assert "Customer: Bolt   Site: -" in run("items", "show", item)


def test_items_are_merged(run, office):
    """The one that is gone names the other, and the other names it; undone, neither does."""
    one, two = office.item(), office.item()
    told = run("items", "merge", one, two, "--text", "the same", "--version", 1, "--into-version", 1, "--json")
    assert told == {"reference": one, "version": 2, "into": {"reference": two, "version": 2}}
    assert f"Merged into {two}" in run("items", "show", one)
    assert f"Merged in: {one}" in run("items", "show", two)
    run("items", "undo", one, 2)
    assert (run("items", "show", one, "--json")["state"], run("items", "show", two, "--json")["merged"]) == ("new", [])
