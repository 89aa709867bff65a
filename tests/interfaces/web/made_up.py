"""Made-up pages for tests of templates and pictures: nothing here reaches the product."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watchbill.engine.base.calendar import Calendar
from watchbill.interfaces.web.clockchart import Line, Stroke, clock_chart
from watchbill.interfaces.web.clockface import clock_pill, fuse
from watchbill.interfaces.web.viewmodels import board, case, clocks, frame, parts

NOW = datetime(2026, 11, 17, 14, 48, 2, tzinfo=UTC)
CSRF = ""


def link(label, href="/made-up/", **more):
    return parts.Link(label=label, href=href, **more)


def a_frame(title="Board", *, theme="", demo=True, toast=None, current="Board"):
    def nav(label, icon, key, **more):
        return link(label, f"/{icon}/", icon=icon, key=key, is_current=label == current, **more)

    return frame.Frame(
        title=title,
        home_href="/board/",
        theme=theme,
        clock=frame.DeskClock(now=NOW, wall_now=NOW, rate=0.0),
        regions=(frame.RegionClock(label="São Paulo", zone="America/Sao_Paulo"),
                 frame.RegionClock(label="Dublin", zone="Europe/Dublin")),
        nav=(
            frame.NavGroup(title="Now", links=(nav("Board", "board", "b", count=23),)),
            frame.NavGroup(title="People & work", links=(nav("People", "people", "p"), nav("Queues", "queues", "u"))),
            frame.NavGroup(title="System", links=(
                nav("Imports", "imports", "i", count=2, alarm=parts.Alarm.WARN),
                nav("Policies", "policies", "o"), nav("Audit trail", "audit", "a"))),
        ),
        account=frame.Account(name="Aoife Brennan", role="Queue manager", href="/people/aoife/", theme=theme,
                              has_keys=True, preferences_href="/preferences/", sign_out_href="/signout/"),
        keys=(frame.KeyGroup(title="Anywhere", rows=((("Ctrl", "K"), "palette"), (("G", "B"), "Board"), (("?",), "this list"))),
              frame.KeyGroup(title="Any list", rows=((("J", "K"), "move"), (("Enter",), "open"), (("Space",), "peek")))),
        palette_href="/palette/",
        desks=(link("IT incidents", is_current=True), link("Field service")),
        toast=toast,
        demo=frame.DemoTime(
            text="IT incidents of a ServiceNow log, moved to today; resolution times remain those of history",
            brief="5% told", share=0.05, is_playing=True, is_over=False, reached="",
            rates=tuple(parts.Option(value=str(m), label=str(m), is_chosen=m == 1) for m in (1, 5, 15, 30)),
            jumps=(parts.Option(value="60", label="1 h"), parts.Option(value="480", label="8 h")),
            action_href="/demo/clock/", restart_href="/demo/restart/") if demo else None,
    )  # fmt: skip


def a_clock(minutes, **more):
    """Pill and fuse of a clock due in *minutes*; None means no target."""
    due_at = None if minutes is None else NOW + timedelta(minutes=minutes)
    return clock_pill(now=NOW, due_at=due_at, **more), fuse(
        now=NOW, due_at=due_at, is_paused=more.get("is_paused", False), left_s=(minutes or 0) * 60,
        amber_below_s=more.get("amber_below_s", 0),
    )  # fmt: skip


def a_row(number, priority, subject, customer, owner, minutes, suggestion="", *, chips=(), selected=False, **clock):
    pill, bar = a_clock(minutes, **clock)
    reference = f"CASE-{number}"
    return board.QueueRow(
        reference=reference, href=f"/cases/{reference}/", select_href=f"/board/?case={reference}#card",
        peek_href=f"/cases/{reference}/peek/",
        priority=priority, subject=subject, customer=customer, owner=owner, owner_href="/people/x/",
        fuse=bar, clock=pill, suggestion=suggestion, chips=chips, is_selected=selected, external=f"INC00{number}",
        state="In progress", version=3,
    )  # fmt: skip


UNOWNED = {"amber_below_s": 3600}
ROWS = (
    a_row(10213, 1, "Payments API 503 after certificate rotation", "Halden Bank", "", -7, "Lena F."),
    a_row(10377, 1, "Login loop for all users", "Orrin Health", "", 9, "Tomasz N.", selected=True,
          chips=(parts.Chip(label="taken over", look="accent"),), **UNOWNED),
    a_row(10381, 2, "Login loop after 7.2.1", "Castellan", "", 13, "Tomasz N.", **UNOWNED),
    a_row(10340, 2, "Nightly export stuck at 82%", "Vantor Freight", "Chiara R.", 21),
    a_row(10298, 2, "Partner rejects webhook signatures", "Bluefern", "Ola A.", 34),
    a_row(10385, 3, "Login loop, EU tenant only, <b>not bold</b> & a very long subject that has to be cut off somewhere",
          "Ostrava Steel", "", 38, "Piotr Z.", **UNOWNED),
    a_row(10361, 2, "Replica lag over 40 s", "Kestrel Air", "Tomasz N.", 47),
    a_row(10355, 3, "Wrong currency on invoices", "Tidewater Port", "", 58, "Ana S.", **UNOWNED),
    a_row(10302, 3, "Mobile push 20 min late", "Meridian Grid", "Lena F.", 84),
    a_row(10366, 3, "Report scheduler ignores zone", "Corvid Labs", "", 126, "Mei T."),
    a_row(10291, 2, "Storage disk predicted to fail", "Pale Harbor", "Piotr Z.", 171),
    a_row(10317, 3, "Permission change not applied", "Larkspur", "Ana S.", 232),
    a_row(10244, 4, "Audit log extract, October", "Halden Bank", "Ola A.", 640),
    a_row(10186, 3, "Awaiting packet capture", "Orrin Health", "Chiara R.", 300, is_paused=True,
          pause_reason="waiting for the customer"),
)  # fmt: skip

REASONS = (
    parts.Reason(label="Skill: identity", points=34, detail="level 4 of 5"),
    parts.Reason(label="Free capacity now", points=22, detail="2 h 10 of 6 h held"),
    parts.Reason(label="Working hours left", points=14, detail="until 18:00"),
    parts.Reason(label="Knows the customer", points=9, detail="CASE-10381 last week"),
    parts.Reason(label="Two P1s today", points=-11, detail="fair load"),
)


def a_decision(*, on_case=False, no_one=""):
    return parts.Decision(
        title="Why Tomasz Nowak" if on_case else "Assign CASE-10377 to Tomasz Nowak",
        policy="Policy 14", policy_href="/policies/14/", at=NOW - timedelta(seconds=10), is_old=False, facts="86 cases, 11 people",
        reasons=() if no_one else REASONS,
        considered=(
            parts.Considered(name="Tomasz Nowak", href="/people/t/", score=68, note="free now", is_chosen=True),
            parts.Considered(name="Lena Fischer", href="/people/l/", score=61, note="holds two P1s"),
            parts.Considered(name="Ana Sousa", href="/people/a/", score=39, note="skill 2 of 5"),
            parts.Considered(name="Dana Whitfield", href="/people/d/", score=32, note="on from 15:00"),
        ),
        hard_rules="skill, language, presence, working hours",
        excluded=((4, "off shift"), (3, "without the skill")), excluded_href="/decisions/9/",
        case_reference="CASE-10377", case_href="/cases/CASE-10377/",
        accept_href="/a/", decline_href="/d/", hidden=(("version", "3"),),
        others=parts.Others(
            action_href="/decisions/1/change/", search_href="/decisions/1/others/",
            able=(parts.Candidate(value="1", name="Lena Fischer", note="61 points"), parts.Candidate(value="2", name="Ana Sousa", note="39 points")),
        ),
        refusals=tuple(parts.Option(value=str(i), label=label, is_chosen=i == 0) for i, label in enumerate(
            ("Someone else knows it better", "Busy with something not shown", "The case is wrong or a duplicate",
             "Wait for the next shift", "Another reason"))),
        no_one=no_one, way_out="Cheapest way out: let Ana Sousa take P1s until 18:00." if no_one else "",
        is_on_case=on_case,
    )  # fmt: skip


def a_load(label, actionable, waiting, ratio):
    unit = 80 / 100
    held = min(actionable, 100) * unit
    return board.TeamLoad(label=label, href="/people/", bar=parts.LoadBar(
        actionable=held, inbound=0, waiting=min(waiting, 100 - min(actionable, 100)) * unit,
        over=max(ratio - 1, 0) * 80, capacity=80, ratio=ratio,
        title=f"{label}: {actionable}% of capacity can be worked on, {waiting}% waits"))  # fmt: skip


def a_board(**more):
    def tile(number, label, note, alarm=parts.Alarm.NONE):
        return parts.Tile(number=number, label=label, note=note, href="/cases/?q=x", alarm=alarm)

    page = board.BoardPage(
        desk="IT incidents",
        views=(link("Needs action", is_current=True), link("Unassigned"), link("Waiting"), link("Mine"), link("All", count=86)),
        orders=(link("Safe", is_current=True), link("Due")),
        notices=(parts.Chip(label="Autopilot: 2 of 5 queues", look="accent", href="/queues/"),),
        tiles=(tile(1, "Breached", "oldest 7 min", parts.Alarm.CRIT), tile(4, "Due within 60 min", "next 14:57", parts.Alarm.WARN),
               tile(7, "Unassigned", "6 with a suggestion"), tile(6, "P1 and P2", "2 are P1"), tile(14, "Waiting", "oldest 3 d"),
               tile(3, "No next step", "P1 and P2 only", parts.Alarm.WARN)),
        rows=ROWS, clock_heading="Next target", pager=parts.Pager(shown="1 to 14 of 86", next_href="/board/?after=x"),
        live_href="/board/live/", card_href="/board/card/", selected="CASE-10377", decision=a_decision(),
        loads=(a_load("Identity", 71, 12, 0.83), a_load("Payments", 60, 9, 0.69), a_load("Storage", 110, 0, 1.1)),
    )  # fmt: skip
    return replace(page, **more)


def an_event(number, minute, actor, act, text, **more):
    return case.Event(
        id=str(number), at=NOW.replace(minute=minute, second=0), actor=actor, actor_href="", act=act, text=text, **more
    )


EVENTS = (
    an_event(6, 47, "Watchbill", "suggested an owner", "Assign to Tomasz Nowak, score 68.", is_system=True, is_hot=True,
             link=link("See why", "#card")),
    an_event(5, 44, "Watchbill", "warned", "Response is due in 15 min and nobody owns the case.", is_system=True,
             detail="Rule: warn at 75% of the target, policy 14"),
    an_event(4, 41, "Aoife Brennan", "work note", "Called the duty desk. All 3,200 staff are locked out of the portal.\n"
             "They have a paper fallback until 17:00. <script>alert(1)</script>"),
    an_event(3, 39, "Orrin Health", "customer comment", "Upgraded to 7.2.1 at 14:10. Login returns to the sign-in page."),
    an_event(2, 37, "Watchbill", "raised the priority to P1", "Impact high, urgency high. Response target is now 20 min.",
             is_system=True, code="=HYPERLINK(1)"),
    an_event(1, 37, "Orrin Health", "opened the case", "Login loop for all users."),
)  # fmt: skip


def at(minutes):
    return NOW + timedelta(minutes=minutes)


OFFICE = Calendar.working_week("UTC", "08:00-17:00")


def a_line(label, *strokes, agreement="SLA", depth=0, note="", marks=()):
    """A clock on the chart; each stroke is (look, from, to) in minutes from now, each mark (look, at)."""

    def stroke(look, begin, end):
        return Stroke(
            look=look,
            from_at=NOW + timedelta(minutes=begin),
            to_at=NOW + timedelta(minutes=end),
            said=f"{label}, {look} for {end - begin:g} min",
            href="/cases/CASE-10377/clocks/#clock-0-1",
        )

    made = [stroke(*one) for one in strokes]
    return Line(
        label=label, agreement=agreement, depth=depth, note=note, sentence=f"{label} {note}", calendar=OFFICE,
        stretches=[one for one in made if one.look in {"run", "pause", "stop"}],
        plain=[one for one in made if one.look in {"left", "risk", "late"}],
        marks=[stroke(look, at, at) for look, at in marks], cells=(label, agreement, note),
    )  # fmt: skip


def a_chart():
    lines = (
        a_line("Response", ("run", -11, 0), ("risk", 0, 9.2), note="due 14:57", marks=(("warn", 4), ("due", 9.2))),
        a_line("Resolution", ("run", -11, -7), ("pause", -7, -4), ("run", -4, 0), ("left", 0, 232), note="due 18:40",
               marks=(("warn", 170), ("safe", 120), ("due", 232))),
        a_line("Vendor repair", ("run", -11, 0), ("late", -3, 0), agreement="UC", depth=2, note="breached 14:45",
               marks=(("due", -3), ("breach", -3))),
    )  # fmt: skip
    return clock_chart(lines, now=NOW, heads=("Clock", "Promise to", "How it stands"))


def a_stretch(number, look, phase, since, until, business):
    return clocks.Stretch(
        id=f"clock-0-{number}", look=look, phase=phase, since=since, until=until, business=business,
        shown="11 min of 4 h", event="Orrin Health opened it", event_href="/cases/CASE-10377/?before=2#event-1",
        rule="it starts when event is opened",
    )  # fmt: skip


A_LIFE = clocks.Life(
    id="clock-0", title="Resolution", about="Business time on the calendar “office”, Europe/Dublin. Instants are in UTC.",
    instants=(("Started", "14:37"), ("Due", "18:40")), left_out=2, teams=None,
    stretches=(a_stretch(3, "run", "Running", "14:37", "14:41", "4 min"), a_stretch(4, "pause", "Paused", "14:41", "", "3 min")),
    holders=clocks.Held(title="Resolution", whole="11 min", href="/cases/CASE-10377/clocks/", bars=(
        clocks.HeldBar(name="Nobody, in Identity", share="64%", running="7 min", paused="", turns="1 turn", run_w=100, pause_w=0),
        clocks.HeldBar(name="Waiting for the customer", share="36%", running="", paused="4 min", turns="2 turns", run_w=0, pause_w=57),
    )),
)  # fmt: skip


def a_case(**more):
    response, _ = a_clock(9.2, **UNOWNED)
    restore, _ = a_clock(232)
    when = at(60).strftime("%H:%M")
    owners = tuple(
        parts.Option(value=str(i), label=name) for i, name in enumerate(("Tomasz Nowak", "Lena Fischer", "Ana Sousa"))
    )
    page = case.CasePage(
        reference="CASE-10377", external="INC0010377", priority=1, subject="Login loop for all users",
        about="Orrin Health, platinum support, INC0010377", version=3, back=link("Board", "/board/"), position="2 of 23",
        previous_href="/cases/CASE-10213/", next_href="/cases/CASE-10381/",
        chips=(parts.Chip(label="In progress"), parts.Chip(label="Taken over from the log", look="accent")),
        actions=(
            case.CaseAction(name="assign", label="Assign", key="A", action_href="/x/", submit="Assign", fields=(
                parts.Field(name="person", label="Assign to", kind="select", options=owners),
                parts.Field(name="text", label="Work note", kind="textarea", value="Assigned. "))),
            case.CaseAction(name="state", label="State", key="S", action_href="/x/", submit="Set state", fields=(
                parts.Field(name="state", label="State", kind="select", options=(parts.Option(value="w", label="Waiting for the customer"),)),)),
            case.CaseAction(name="priority", label="Priority", key="P", action_href="/x/", submit="Set priority", fields=(
                parts.Field(name="impact", label="Impact", kind="select", options=(parts.Option(value="1", label="High"),)),)),
        ),
        clocks=(
            case.BigClock(label="Response", pill=response, value="9:12", note="At risk, due 14:57"),
            case.BigClock(label="Resolution", pill=restore, value="3 h 52", note="due 18:40, 3 min paused"),
        ),
        chart=a_chart(), lives=(A_LIFE,), clocks_href="/cases/CASE-10377/clocks/", held=A_LIFE.holders,
        filters=(link("All", is_current=True), link("Notes"), link("Customer"), link("Clock")),
        days=(case.EventDay(label="Tue 17 Nov", events=EVENTS),),
        facts=(("Queue", "Identity", "/queues/identity/"), ("Owner", "Unassigned", ""), ("Team", "Identity, EMEA", ""),
               ("Impact", "High", ""), ("Urgency", "High", ""), ("Opened", "14:37", ""), ("Channel", "Portal", "")),
        next_step=case.NextStep(who="", what="", by="", is_late=False, action_href="/n/", fields=(
            parts.Field(name="what", label="What"), parts.Field(name="who", label="Who", kind="select", options=owners),
            parts.Field(name="by", label="By when, UTC", hint="16:30, or 18 Nov 16:30", value=when))),
        live_href="/cases/CASE-10377/", older_href="/cases/CASE-10377/?before=1",
        composer=case.Composer(action_href="/w/", text="Paged Tomasz. HAR file requested from the duty desk, "),
        decision=a_decision(on_case=True),
    )  # fmt: skip
    return replace(page, **more)
