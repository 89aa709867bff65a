"""The page of one replay, and the list of items that it says stand otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks.replays import REPLAYS, Asked, ReplayRow, items_are_kept
from watchbill.flows.replay.shown import EFFECTS, items_shown
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import count, day_and_year, plural, time_of_day
from watchbill.interfaces.web.forms import number_of
from watchbill.interfaces.web.policyforms import FORM
from watchbill.interfaces.web.replaycharts import STATES, flow_chart, pairs_chart
from watchbill.interfaces.web.runpage import RunPages, asked_by, run_shown, time_said
from watchbill.interfaces.web.sent import Sent, values_of
from watchbill.interfaces.web.viewmodels import replays as model
from watchbill.interfaces.web.viewmodels.parts import Chip, Link, Pager

ROWS = 50
LINES = 20
"""Queues and customers in a table; the API has up to 200."""

EFFECT_CHIPS = {
    "added": Chip(label="Breach added", look="warn"), "removed": Chip(label="Breach removed", look="accent"),
    "moved": Chip(label="Due moved", look="line"), "other": Chip(label="Otherwise", look="line"),
}  # fmt: skip
KINDS = {"": "All", "added": "Added", "removed": "Removed", "moved": "Moved", "other": "Otherwise"}


def _outcome(result: Mapping[str, Any]) -> str:
    total = result["total"]
    return f"{count(total['added'])} breaches added, {count(total['removed'])} removed"


REPLAY_PAGES = RunPages(
    runs=REPLAYS,
    name="policy-replay",
    policy="policy-clocks",
    counted="items",
    lines=bodies.clock_lines,
    outcome=_outcome,
)


def replay_page(visit: Visit, row: ReplayRow, sent: Sent | None) -> model.ReplayPage:
    """Return one replay: how far it is; once it has ended, what it comes to and how the draft is published."""
    result = row.result
    said = values_of(sent, FORM, "leaves", [])
    run = run_shown(
        visit, REPLAY_PAGES, row, clocks.policy_versions(visit.desk.id),
        sub=f"a draft of the clock policy over the whole history of {visit.desk.label}",
        headline=_headline(result) if result else "",
        under=_under(row, result) if result else "",
        holds_from="" if row.holds_from is None else row.holds_from.isoformat(),
        leaves=[(finding.key, finding.sentence, finding.key in said) for finding in row.findings],
        sent=sent,
    )  # fmt: skip
    calendars = row.drafted if not (run.diff or run.usual) else ()
    return model.ReplayPage(
        run=replace(run, publish=None) if calendars else run,
        numbers=_numbers(visit, row, result) if result else (),
        pairs=pairs_chart(result["by_priority"]) if result and result["by_priority"] else None,
        flows=[flow_chart(words.clock(each["name"]), each["flows"]) for each in result["commitments"]]
        if result
        else (),
        tables=_tables(visit, row, result) if result else (),
        facts=_facts(visit, row),
        calendars=[Link(label=one, href=visit.href("policy-calendar", one)) for one in calendars],
    )


def _headline(result: Mapping[str, Any]) -> str:
    added, removed = result["total"]["added"], result["total"]["removed"]
    if not result["items_changed"]:
        return "Nothing would have been otherwise: no clock of the history stands differently."
    if not added and not removed:
        return "The same promises would have been kept and broken; clocks would have been due at other instants."
    parts = [
        f"breaks {plural(added, 'promise')} more" if added else "",
        f"keeps {plural(removed, 'promise')} that {'was' if removed == 1 else 'were'} broken" if removed else "",
    ]
    return f"The draft {' and '.join(part for part in parts if part)}."


def _under(row: ReplayRow, result: Mapping[str, Any]) -> str:
    total = result["total"]
    return (
        f"{count(total['breaches_before'])} breaches as things were promised, {count(total['breaches_after'])} under the"
        f" draft; {count(result['items'])} items, judged as of {day_and_year(row.asked_at)} {time_of_day(row.asked_at)} UTC."
    )


def _numbers(visit: Visit, row: ReplayRow, result: Mapping[str, Any]) -> list[model.Number]:
    total = result["total"]
    return [
        *_opened(visit, row, total),
        model.Number(
            label="items stand otherwise", value=count(result["items_changed"]),
            href=visit.href("policy-replay-items", row.id) if result["items_changed"] else "",
        ),
        model.Number(label="items replayed", value=count(result["items"])),
        model.Number(label="seconds", value=f"{result['seconds']:g}"),
    ]  # fmt: skip


def _opened(visit: Visit, row: ReplayRow, line: Mapping[str, Any], **asked: object) -> list[model.Number]:
    """Return the counts of a line of sums, each with the list that it opens."""
    counts = (("added", "added", "breaches added", "worse"), ("removed", "removed", "breaches removed", "better"),
              ("moved", "dues_moved", "dues moved", ""))  # fmt: skip
    return [
        model.Number(
            label=label, value=count(line[name]), look=look if line[name] else "",
            href=visit.href("policy-replay-items", row.id, effect=effect, **asked) if line[name] else "",
        )
        for effect, name, label, look in counts
    ]  # fmt: skip


def _tables(visit: Visit, row: ReplayRow, result: Mapping[str, Any]) -> list[model.SumTable]:
    def lines(found: list[Mapping[str, Any]], asked: str, key: str, none: str) -> list[model.SumLine]:
        shown_lines = []
        for each in found[:LINES]:
            wanted = {asked: each[key] if each[key] is not None else 0}
            label = _label(each, asked, none)
            shown_lines.append(
                model.SumLine(
                    label=label, before=each["breaches_before"], after=each["breaches_after"],
                    numbers=_opened(visit, row, each, **wanted),
                )
            )  # fmt: skip
        return shown_lines

    customers = result["customers"]
    return [
        model.SumTable(title="By commitment", head="Commitment", lines=lines(result["commitments"], "commitment", "name", "")),
        model.SumTable(title="By priority", head="Priority", lines=lines(result["by_priority"], "priority", "priority", "")),
        model.SumTable(
            title="By queue", head="Queue", lines=lines(result["by_queue"], "queue", "key", "in no queue"),
            note=_note(len(result["by_queue"]), "queue"),
        ),
        model.SumTable(
            title="By customer", head="Customer", lines=lines(result["by_customer"], "customer", "key", "no customer"),
            note=_note(customers, "customer"),
        ),
    ]  # fmt: skip


def _label(line: Mapping[str, Any], asked: str, none: str) -> str:
    """Return what a line of sums is about."""
    if asked == "priority":
        return f"P{line['priority']}"
    name = line.get("name")
    return words.clock(name) if name and asked == "commitment" else words.capital(name or none)


def _note(number: int, what: str) -> str:
    return f"The {LINES} with most changes of {plural(number, what)}" if number > LINES else ""


def _facts(visit: Visit, row: ReplayRow) -> list[tuple[str, str]]:
    facts = [
        ("Asked by", asked_by(visit, row)),
        ("As of", f"{day_and_year(row.asked_at)} {time_of_day(row.asked_at)} UTC{time_said(visit, 'desk')}"),
        ("Beside", f"what each item was promised when it was opened; the newest version then was {row.against}"),
        ("Calendars", ", ".join(
            f"{name} (draft)" if name in row.drafted else name for name in sorted(row.calendars)) or "none"),
        ("Digest", row.digest[:16]),
    ]  # fmt: skip
    if row.leaves:
        facts.append(("Left so", "; ".join(row.leaves)))
    return facts


# The items


def changed_page(visit: Visit, row: ReplayRow) -> model.ChangedPage:
    """Return the items whose result the draft changes: those that the address asks for."""
    asked = visit.request.GET
    effect = asked.get("effect", "")
    effect = effect if effect in EFFECTS else ""
    wanted = {name: number_of(asked, name, "The key") for name in ("priority", "queue", "customer")}
    name, after = asked.get("commitment", ""), number_of(asked, "after", "The key") or 0
    items, following = items_shown(
        row.id,
        Asked(effects=EFFECTS.get(effect), priority=wanted["priority"], queue_id=wanted["queue"],
              customer_id=wanted["customer"], name=name or None),
        after=after, limit=ROWS, by=visit.actor,
    )  # fmt: skip
    query = {**wanted, "commitment": name}

    def here(**more: object) -> str:
        return visit.href("policy-replay-items", row.id, **{**query, "effect": effect, **more})

    return model.ChangedPage(
        name=row.reference,
        back_href=visit.href("policy-replay", row.id),
        asked=_asked_words(wanted, name, items),
        kinds=[Link(label=label, href=here(effect=kind), is_current=kind == effect) for kind, label in KINDS.items()],
        items=[_item(visit, each) for each in items],
        pager=Pager(
            shown=f"{plural(len(items), 'item')} on this page", first_href=here() if after else "",
            next_href=here(after=following) if following else "",
        ),
        is_kept=bool(items) or items_are_kept(row.id) or not (row.result or {}).get("items_changed"),
    )  # fmt: skip


def _asked_words(wanted: Mapping[str, int | None], name: str, items: list[dict[str, Any]]) -> str:
    parts = [words.clock(name)] if name else []
    if wanted["priority"] is not None:
        parts.append(f"P{wanted['priority']}")
    parts += [
        str((items[0][what] if items else None) or f"{what} {wanted[what]}")
        for what in ("queue", "customer")
        if wanted[what] is not None
    ]
    return ", ".join(parts)


def _item(visit: Visit, each: Mapping[str, Any]) -> model.ChangedItem:
    return model.ChangedItem(
        reference=each["item"],
        href=visit.href("case", each["item"]),
        title=each["title"],
        priority=each["priority"],
        place=", ".join(part for part in (each["queue"], each["customer"]) if part),
        changes=[
            model.ChangeLine(
                name=words.clock(change["name"]),
                effect=EFFECT_CHIPS[change["effect"]],
                before=STATES[change["before"]["state"]],
                before_due=change["before"]["due_at"],
                after=STATES[change["after"]["state"]],
                after_due=change["after"]["due_at"],
            )
            for change in each["changes"]
        ],
    )
